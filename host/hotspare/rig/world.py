"""The emulated rig: builds what a plan says, wires it, and is asked as any rig is; physics live in the models."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from hotspare.agent import AgentCore
from hotspare.rig import flash, vm
from hotspare.rig.alteration import Alteration
from hotspare.rig.board import UARTS, Board
from hotspare.rig.cable import CableModel, Pulse, Wire
from hotspare.rig.errors import TimedOut
from hotspare.rig.interface import WAIT_MS, Rig
from hotspare.rig.loop import Loop
from hotspare.rig.orders import Order, checked
from hotspare.rig.place import Place
from hotspare.rig.plan import AlarmRelay, ChangeoverRelay, PulseCable, RigPlan, SerialCable, UnitPlan, verify
from hotspare.rig.relay import PRIMARY, SPARE, Changeover, Coil
from hotspare.rig.trace import PAGE_RECORDS, Exclusivity, Record, Trace
from hotspare.rig.unit import Agent, Unit
from hotspare.rig.verbs import Verbs

NONCE_BYTES = 8


class World(Rig):
    """One rig in one loop; everything that it does happens in `loop.run`.

    `firmware` is what stands on every new board, by path (None: the firmware of this package), `wiring` the pin numbers
    of a kind of board by name, `make_agent` the program on a unit.
    """

    def __init__(
        self,
        plan: RigPlan,
        directory: Path,
        *,
        loop: Loop | None = None,
        firmware: Mapping[str, bytes] | None = None,
        wiring: Callable[[str], Mapping[str, int]] = flash.wiring_of,
        make_agent: Callable[[UnitPlan, random.Random], Agent] | None = None,
        seed: int | None = None,
    ) -> None:
        verify(plan)
        micropython = vm.find_micropython()
        pins = {kind: wiring(kind) for kind in {board.kind for board in plan.boards}}
        files = flash.firmware_files() if firmware is None else dict(firmware)
        self.plan = plan
        self.seed = random.SystemRandom().getrandbits(32) if seed is None else seed
        self.chance = random.Random(self.seed)
        self.place = Place(directory, [board.name for board in plan.boards])
        self.loop = Loop() if loop is None else loop
        self.tracer = Trace(self.loop)
        self.exclusivity = Exclusivity(self.loop)
        self.make_agent = make_agent or agent_of
        self.supply_on = True
        self.boards: dict[str, Board] = {}
        self.units: dict[str, Unit] = {}
        self.cables: dict[str, CableModel] = {}
        self.relays: dict[str, Changeover] = {}
        self.alarms: dict[str, Coil] = {}
        self.alterations: dict[str, Alteration] = {}
        self.baud_of = {cable.name: cable.baud for cable in plan.cables if isinstance(cable, SerialCable)}
        self._closed = False
        for board in plan.boards:
            flash.install(self.place.flash(board.name), {**files, **board.flash})
            self._build_board(board.name, micropython)
        for unit in plan.units:
            self._build_unit(unit)
        for cable in plan.cables:
            if isinstance(cable, SerialCable):
                self._build_serial(cable)
            else:
                self._build_pulse(cable, pins)
        for relay in plan.relays:
            if isinstance(relay, ChangeoverRelay):
                self._build_changeover(relay, pins)
            else:
                self._build_alarm(relay, pins)
        self._supply_senses = [
            partial(self.boards[name].pads.show, pins[self.boards[name].plan.kind]["supply"])
            for name in dict.fromkeys(relay.plan.board for relay in self.relays.values())
        ]
        self._show_supply()
        self._verbs = Verbs(self)

    def begin(self, powered: bool = True) -> None:
        """Give every unit and every board power, or none; the trace begins with it."""
        self.tracer.add("rig", "rig", "begins", f"seed {self.seed}")
        if powered:
            for unit in self.units.values():
                unit.start()
            for board in self.boards.values():
                board.power_on()

    def close(self) -> None:
        """End the boards and leave nothing behind."""
        if not self._closed:
            self._closed = True
            self._verbs.close()
            for board in self.boards.values():
                board.end()
            for board in self.boards.values():
                board.close()
            self.place.close()
            self.loop.close()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # -- as any rig -------------------------------------------------------------------------------------------------

    @property
    def names(self) -> dict[str, list[str]]:
        """The names that verbs take, by what they name."""
        return {
            "cable": list(self.cables),
            "relay": list(self.relays),
            "unit": list(self.units),
            "board": list(self.boards),
        }

    def do(self, orders: Iterable[Order]) -> int:
        """Carry out orders at this moment."""
        names = self.names
        ready = [checked(order, names) for order in orders]
        for verb, arguments in ready:
            self._verbs.carry_out(verb, arguments)
        return self.loop.now_us()

    def state(self) -> dict[str, Any]:
        """Return what the rig is like now."""
        return {
            "us": self.loop.now_us(),
            "seed": self.seed,
            "cables": {name: cable.state() for name, cable in self.cables.items()},
            "relays": {
                **{name: relay.state() for name, relay in self.relays.items()},
                **{name: alarm_state(coil) for name, coil in self.alarms.items()},
            },
            "boards": {name: board.state() for name, board in self.boards.items()},
            "units": {
                name: {**unit.state(), "connected": self.exclusivity.lines_of(name)}
                for name, unit in self.units.items()
            },
            "supply": self.supply_on,
            "both_connected_us": self.exclusivity.both_connected_us,
            "trace_next": self.tracer.next_number,
            "late": {"most_us": self.loop.late_us_max, "counts": list(self.loop.late_counts)},
        }

    def page(self, since: int = 0, limit: int = PAGE_RECORDS) -> list[Record]:
        """Return at most `limit` records that follow number `since`."""
        return self.tracer.since(since, limit)

    def wait(self, match: Mapping[str, str], since: int = 0, limit_ms: int = WAIT_MS) -> Record:
        """Run the loop until a record matches."""
        found: list[Record] = []
        kept = self.tracer.find(match, since)
        if kept is not None:
            return kept
        forget = self.tracer.watch(match, since, found.append)
        try:
            self.loop.run(lambda: bool(found), limit_ms * 1000)
        finally:
            forget()
        if not found:
            raise TimedOut(f"nothing that matches {dict(match)} happened within {limit_ms} ms")
        return found[0]

    # -- building ---------------------------------------------------------------------------------------------------

    def _tell(self, kind: str, name: str) -> Callable[[str, str], None]:
        return partial(self.tracer.add, kind, name)

    def _build_board(self, name: str, micropython: str) -> None:
        plan = next(board for board in self.plan.boards if board.name == name)
        place = self.place
        around = vm.Surroundings(micropython, place.flash(name), place.log(name), place.process_group)
        chance = random.Random(self.chance.random())
        self.boards[name] = Board(self.loop, plan, around, place.link(name), chance, self._tell("board", name))

    def _build_unit(self, plan: UnitPlan) -> None:
        alteration = self.alterations[plan.name] = Alteration()
        chance = random.Random(self.chance.random())

        def make(plan: UnitPlan) -> Agent:
            return alteration.around(self.make_agent(plan, chance))

        self.units[plan.name] = Unit(self.loop, plan, make, self._tell("unit", plan.name), alteration.send)

    def _build_serial(self, cable: SerialCable) -> None:
        ways: dict[str, Wire] = {}
        for sender, receiver in ((cable.a, cable.b), (cable.b, cable.a)):
            wire = Wire(self.loop, self._sink(receiver, cable.baud), random.Random(self.chance.random()))
            ways[sender[0]] = wire
            if sender[1] in UARTS:
                self.boards[sender[0]].uarts[sender[1]].wire = wire
            else:
                self.alterations[sender[0]].connect(partial(_send, wire, cable.baud))
        self.cables[cable.name] = CableModel(cable.name, ways, noisy=True)

    def _sink(self, receiver: tuple[str, str], baud: int) -> Callable[[bytes, int], None]:
        name, port = receiver
        if port in UARTS:
            return partial(self.boards[name].received, port)
        return partial(self.units[name].received, expected_baud=baud)

    def _build_pulse(self, cable: PulseCable, pins: Mapping[str, Mapping[str, int]]) -> None:
        ways: dict[str, Pulse] = {}
        for sender, receiver in ((cable.a, cable.b), (cable.b, cable.a)):
            source, target = self.boards[sender], self.boards[receiver]
            pulse = Pulse(self.loop, partial(target.pads.show, pins[target.plan.kind]["pulse_in"]))
            pulse.set_cut(False)  # shows its level, low, where it arrives
            source.pads.listen(pins[source.plan.kind]["pulse_out"], partial(_level, pulse.set_level))
            ways[sender] = pulse
        self.cables[cable.name] = CableModel(cable.name, ways, noisy=False)

    def _build_changeover(self, plan: ChangeoverRelay, pins: Mapping[str, Mapping[str, int]]) -> None:
        board = self.boards[plan.board]
        named = pins[board.plan.kind]
        line = 1 + sum(relay.plan.board == plan.board for relay in self.relays.values())
        units = {PRIMARY: plan.primary, SPARE: plan.spare}

        def touched(contact: str, closed: bool) -> None:
            join = self.exclusivity.connect if closed else self.exclusivity.disconnect
            join(plan.line, units[contact])

        def tell(kind: str, event: str, detail: str) -> None:
            self.tracer.add(kind, plan.name, event, detail)

        relay = self.relays[plan.name] = Changeover(self.loop, plan, tell, touched)
        self.exclusivity.connect(plan.line, plan.primary)
        relay.attach({contact: partial(board.pads.show, named[f"sense{line}_{contact}"]) for contact in units})
        for coil, pin in zip(relay.coils, (f"relay{line}", f"relay{line}_reset"), strict=False):
            board.pads.listen(named[pin], coil.drive)

    def _build_alarm(self, plan: AlarmRelay, pins: Mapping[str, Mapping[str, int]]) -> None:
        def tell(kind: str, event: str, detail: str) -> None:
            if kind == "coil":
                self.tracer.add("alarm", plan.name, event, detail)

        coil = self.alarms[plan.name] = Coil("", tell, lambda: None)
        board = self.boards[plan.board]
        board.pads.listen(pins[board.plan.kind][plan.pin], coil.drive)

    def set_supply(self, on: bool) -> None:
        """Switch the supply of the relay coils, and what senses it."""
        self.supply_on = on
        self.tracer.add("supply", "coils", "on" if on else "off")
        self._show_supply()
        for relay in self.relays.values():
            for coil in relay.coils:
                coil.supply(on)

    def _show_supply(self) -> None:
        for show in self._supply_senses:
            show(int(self.supply_on))


def agent_of(plan: UnitPlan, chance: random.Random) -> AgentCore:
    """Return the agent that real units run, with nonces that the seed of the rig decides."""
    return AgentCore(plan.address, plan.agent_interval_ms, partial(chance.randbytes, NONCE_BYTES))


def alarm_state(coil: Coil) -> dict[str, Any]:
    """Return what is to be told of an alarm relay: released is an alarm."""
    return {"driven": coil.driven, "energised": coil.current, "contact": "well" if coil.current else "alarm"}


def _send(wire: Wire, baud: int, data: bytes) -> None:
    wire.send(data, baud)


def _level(show: Callable[[int], None], level: int | None) -> None:
    show(level or 0)
