"""A plan made into boards, units, cables and relays that are wired to one another; nothing runs when it is done."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from hotspare.rig import flash, vm
from hotspare.rig.alteration import Alteration
from hotspare.rig.board import UARTS, Board
from hotspare.rig.cable import CableModel, Pulse, Wire
from hotspare.rig.errors import RigError
from hotspare.rig.loop import Loop
from hotspare.rig.place import Place
from hotspare.rig.plan import (
    AlarmRelay,
    BoardPlan,
    ChangeoverRelay,
    End,
    PulseCable,
    RigPlan,
    SerialCable,
    UnitPlan,
)
from hotspare.rig.relay import PRIMARY, SPARE, Changeover, Coil
from hotspare.rig.trace import Exclusivity, Trace
from hotspare.rig.unit import Agent, Unit

MakeAgent = Callable[[UnitPlan, random.Random], Agent]
Wiring = Callable[[str], Mapping[str, int]]


@dataclass
class Parts:
    """What a rig is made of, by name."""

    boards: dict[str, Board] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    alterations: dict[str, Alteration] = field(default_factory=dict)
    cables: dict[str, CableModel] = field(default_factory=dict)
    relays: dict[str, Changeover] = field(default_factory=dict)
    alarms: dict[str, Coil] = field(default_factory=dict)
    supply_senses: list[Callable[[int], None]] = field(default_factory=list)  # at the boards that drive relays

    def close(self) -> None:
        """End every board, then wait until all are gone."""
        for board in self.boards.values():
            board.end()
        for board in self.boards.values():
            board.close()


class Builder:
    """Builds the parts of one rig, once; `wiring` names the pins of a kind of board."""

    def __init__(
        self, plan: RigPlan, place: Place, loop: Loop, tracer: Trace, exclusivity: Exclusivity, chance: random.Random
    ) -> None:
        self._plan = plan
        self._place = place
        self._loop = loop
        self._tracer = tracer
        self._exclusivity = exclusivity
        self._chance = chance
        self._pins: dict[str, Mapping[str, int]] = {}
        self._parts = Parts()

    def build(self, files: Mapping[str, bytes], wiring: Wiring, make_agent: MakeAgent) -> Parts:
        """Return all parts; raises RigError and leaves no process and no descriptor."""
        try:
            self._build(files, wiring, make_agent)
        except BaseException:
            self._parts.close()
            raise
        return self._parts

    def _build(self, files: Mapping[str, bytes], wiring: Wiring, make_agent: MakeAgent) -> None:
        micropython = vm.find_micropython()
        for board in self._plan.boards:
            self._pins[board.name] = {**wiring(board.kind), **board.pins}
            flash.install(self._place.flash(board.name), {**files, **board.flash})
            self._board(board, micropython)
        for unit in self._plan.units:
            self._unit(unit, make_agent)
        for cable in self._plan.cables:
            if isinstance(cable, SerialCable):
                self._serial(cable)
            else:
                self._pulse(cable)
        for relay in self._plan.relays:
            if isinstance(relay, ChangeoverRelay):
                self._changeover(relay)
            else:
                self._alarm(relay)
        for name in dict.fromkeys(relay.plan.board for relay in self._parts.relays.values()):
            show = partial(self._parts.boards[name].pads.show, self._pin(name, "supply"))
            self._parts.supply_senses.append(show)

    def _pin(self, board: str, name: str) -> int:
        """Return the number of a board's pin; raises RigError for one that its wiring does not have."""
        if name not in self._pins[board]:
            raise RigError(f"board {board} has no pin {name}: it has {', '.join(self._pins[board])}")
        return self._pins[board][name]

    def _own_chance(self) -> random.Random:
        return random.Random(self._chance.random())

    def _board(self, plan: BoardPlan, micropython: str) -> None:
        place = self._place
        around = vm.Surroundings(micropython, place.flash(plan.name), place.log(plan.name), place.process_group)
        tell = partial(self._tracer.add, "board", plan.name)
        board = Board(self._loop, plan, around, place.link(plan.name), self._own_chance(), tell)
        self._parts.boards[plan.name] = board
        if "lockout" in self._pins[plan.name]:
            board.switch = partial(board.pads.show, self._pins[plan.name]["lockout"])

    def _unit(self, plan: UnitPlan, make_agent: MakeAgent) -> None:
        alteration = self._parts.alterations[plan.name] = Alteration()
        chance = self._own_chance()

        def make(plan: UnitPlan) -> Agent:
            return alteration.around(make_agent(plan, chance))

        tell = partial(self._tracer.add, "unit", plan.name)
        self._parts.units[plan.name] = Unit(self._loop, plan, make, tell, alteration.send)

    def _serial(self, cable: SerialCable) -> None:
        ways: dict[str, Wire] = {}
        for sender, receiver in ((cable.a, cable.b), (cable.b, cable.a)):
            wire = Wire(self._loop, self._sink(receiver, cable.baud), self._own_chance())
            ways[sender[0]] = wire
            if sender[1] in UARTS:
                self._parts.boards[sender[0]].uarts[sender[1]].wire = wire
            else:
                self._parts.alterations[sender[0]].connect(partial(_send, wire, cable.baud))
        self._parts.cables[cable.name] = CableModel(cable.name, ways, noisy=True)

    def _sink(self, receiver: End, baud: int) -> Callable[[bytes, int], None]:
        name, port = receiver
        if port in UARTS:
            return partial(self._parts.boards[name].received, port)
        return partial(self._parts.units[name].received, expected_baud=baud)

    def _pulse(self, cable: PulseCable) -> None:
        ways: dict[str, Pulse] = {}
        for sender, receiver in ((cable.a, cable.b), (cable.b, cable.a)):
            target = self._parts.boards[receiver].pads
            pulse = Pulse(self._loop, partial(target.show, self._pin(receiver, "pulse_in")))
            pulse.set_cut(False)  # shows its level, low, where it arrives
            source = self._parts.boards[sender].pads
            source.listen(self._pin(sender, "pulse_out"), partial(_level, pulse.set_level))
            ways[sender] = pulse
        self._parts.cables[cable.name] = CableModel(cable.name, ways, noisy=False)

    def _changeover(self, plan: ChangeoverRelay) -> None:
        pads = self._parts.boards[plan.board].pads
        line = 1 + sum(relay.plan.board == plan.board for relay in self._parts.relays.values())
        units = {PRIMARY: plan.primary, SPARE: plan.spare}

        def touched(contact: str, closed: bool) -> None:
            join = self._exclusivity.connect if closed else self._exclusivity.disconnect
            join(plan.line, units[contact])

        def tell(kind: str, event: str, detail: str) -> None:
            self._tracer.add(kind, plan.name, event, detail)

        relay = Changeover(self._loop, plan, tell, touched)
        self._exclusivity.connect(plan.line, plan.primary)
        relay.attach(
            {contact: partial(pads.show, self._pin(plan.board, f"sense{line}_{contact}")) for contact in units}
        )
        # the first coil of a latching relay moves it towards the spare
        names = (f"relay{line}", f"relay{line}_second")[: len(relay.coils)]
        for coil, name in zip(relay.coils, names, strict=True):
            pads.listen(self._pin(plan.board, name), coil.drive)
        self._parts.relays[plan.name] = relay

    def _alarm(self, plan: AlarmRelay) -> None:
        def tell(kind: str, event: str, detail: str) -> None:
            if kind == "coil":
                self._tracer.add("alarm", plan.name, event, detail)

        coil = self._parts.alarms[plan.name] = Coil("", tell, lambda: None)
        self._parts.boards[plan.board].pads.listen(self._pin(plan.board, plan.pin), coil.drive)


def _send(wire: Wire, baud: int, data: bytes) -> None:
    wire.send(data, baud)


def _level(show: Callable[[int], None], level: int | None) -> None:
    show(level or 0)
