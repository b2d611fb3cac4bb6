"""A plan made into boards, units, cables and relays that are wired to one another; nothing runs when it is done."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from hotspare.rig import flash, vm
from hotspare.rig.alteration import Alteration
from hotspare.rig.board import UARTS, Board
from hotspare.rig.cabinet import Cabinet
from hotspare.rig.cable import CableModel, Wire
from hotspare.rig.circuits import Coil
from hotspare.rig.clients import Clients
from hotspare.rig.datagrams import Socket, Way
from hotspare.rig.direct import DirectPort
from hotspare.rig.errors import RigError
from hotspare.rig.levels import Keyswitch, Presence, Pulse
from hotspare.rig.loop import Loop
from hotspare.rig.pads import Listener
from hotspare.rig.place import Place
from hotspare.rig.plan import BoardPlan, ContactCable, End, NetworkCable, PulseCable, RigPlan, SerialCable, UnitPlan
from hotspare.rig.relay import RelayModel
from hotspare.rig.trace import Exclusivity, Trace
from hotspare.rig.unit import Agent, Unit
from hotspare.roles import Roles

MakeAgent = Callable[[UnitPlan, random.Random, Roles], Agent]
Wiring = Callable[[str], Mapping[str, int]]

# pins that a board's wiring may have or not
LOCKOUT = "lockout"
HOST = "host"  # a board's host port, which its unit's agent may share
INVALID_PINS = {"uart0": "invalid_a", "uart1": "invalid_b"}


@dataclass
class Parts:
    """What a rig is made of, by name."""

    boards: dict[str, Board] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    alterations: dict[str, Alteration] = field(default_factory=dict)
    cables: dict[str, CableModel] = field(default_factory=dict)
    relays: dict[str, RelayModel] = field(default_factory=dict)
    alarms: dict[str, Coil] = field(default_factory=dict)
    supply_senses: list[Callable[[int], None]] = field(default_factory=list)  # at the boards that drive relays
    keyswitches: dict[str, Keyswitch] = field(default_factory=dict)  # by board
    sockets: list[Socket] = field(default_factory=list)
    clients: dict[str, Clients] = field(default_factory=dict)  # by line

    def unit_power(self, unit: str, on: bool) -> None:
        """The power of a unit came or went: what it had not sent is lost, and the boards that it feeds go with it."""
        if not on:
            self.silence(unit)
        for board in self.boards.values():
            if board.plan.fed_by == unit and board.powered != on:
                (board.power_on if on else board.power_off)()

    def silence(self, unit: str) -> None:
        """What the unit had not sent yet is lost with it."""
        for cable in self.cables.values():
            way = cable.ways.get(unit)
            if isinstance(way, Wire):
                way.stop_sender()

    def close(self) -> None:
        """End every board, then wait until all are gone."""
        for board in self.boards.values():
            board.end()
        for board in self.boards.values():
            board.close()
        for opened in self.sockets:
            opened.close()


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
        self._direct: dict[str, DirectPort] = {}  # of units with a second agent

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
            self._panel(board.name)
        for unit in self._plan.units:
            self._unit(unit, make_agent)
        for cable in self._plan.cables:
            if isinstance(cable, SerialCable):
                self._serial(cable)
            elif isinstance(cable, PulseCable):
                self._pulse(cable)
            elif isinstance(cable, NetworkCable):
                self._network(cable)
            else:
                self._contact(cable)
        self._relays()

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

    def _unit(self, plan: UnitPlan, make_agent: MakeAgent) -> None:
        alteration = self._parts.alterations[plan.name] = Alteration()
        chance = self._own_chance()

        direct = any((plan.name, "direct") in (it.a, it.b) for it in self._plan.cables if isinstance(it, SerialCable))
        port = DirectPort(alteration) if direct else None

        def make(plan: UnitPlan, roles: Roles) -> Agent:
            agent = make_agent(plan, chance, roles)
            return alteration.around(agent if port is None else port.around(agent, make_agent(plan, chance, roles)))

        if port is not None:
            self._direct[plan.name] = port

        tell = partial(self._tracer.add, "unit", plan.name)
        unit = self._parts.units[plan.name] = Unit(self._loop, plan, make, tell, alteration.send)
        unit.hears_power.append(partial(self._parts.unit_power, plan.name))

    def _serial(self, cable: SerialCable) -> None:
        ways: dict[str, Wire] = {}
        for sender, receiver in ((cable.a, cable.b), (cable.b, cable.a)):
            wire = Wire(self._loop, self._sink(receiver, cable.baud), self._own_chance())
            ways[sender[0]] = wire
            source: Board | Unit
            if sender[1] in UARTS:
                source = self._parts.boards[sender[0]]
                source.uarts[sender[1]].wire = wire
            elif sender[1] == HOST:
                source = self._parts.boards[sender[0]]
                source.hears_host = partial(_send, wire, cable.baud)
            else:
                source = self._parts.units[sender[0]]
                agents: Alteration | DirectPort = self._parts.alterations[sender[0]]
                if sender[1] == "direct":
                    agents = self._direct[sender[0]]
                agents.connect(partial(_send, wire, cable.baud))
            self._presence(source, wire, receiver)
        self._parts.cables[cable.name] = CableModel(cable.name, ways, noisy=True)

    def _sink(self, receiver: End, baud: int) -> Callable[[bytes, int], None]:
        name, port = receiver
        if port in UARTS:
            return partial(self._parts.boards[name].received, port)
        if port == HOST:
            return self._parts.boards[name].host_received
        unit = self._parts.units[name]
        if port == "direct":
            return partial(self._direct[name].received, unit, baud)
        return partial(unit.received, expected_baud=baud)

    def _presence(self, source: Board | Unit, wire: Wire, receiver: End) -> None:
        """Wire the INVALID output of a receiver where its board's wiring has a pin for it."""
        name, port = receiver
        if port in INVALID_PINS and INVALID_PINS[port] in self._pins[name]:
            presence = Presence(self._loop, self._shows(name, INVALID_PINS[port]))
            wire.hears_cut.append(presence.set_cut)
            source.hears_power.append(presence.set_powered)

    def _pulse(self, cable: PulseCable) -> None:
        ways: dict[str, Pulse] = {}
        for sender, receiver in ((cable.a, cable.b), (cable.b, cable.a)):
            pulse = Pulse(self._loop, self._shows(receiver, "pulse_in"))
            pulse.set_cut(False)  # shows its level, low, where it arrives
            self._drives(sender, "pulse_out", partial(_level, pulse.set_level))
            ways[sender] = pulse
        self._parts.cables[cable.name] = CableModel(cable.name, ways, noisy=False)

    def _network(self, cable: NetworkCable) -> None:
        """Let the datagrams of two boards pass through the rig, each of which takes it for the other."""
        sockets = {name: Socket(self._loop) for name in (cable.a, cable.b)}
        self._parts.sockets += sockets.values()
        ways: dict[str, Way] = {}
        for sender, receiver, address in ((cable.a, cable.b, cable.b_address), (cable.b, cable.a, cable.a_address)):
            ways[sender] = sockets[sender].way = Way(self._loop, sockets[receiver].send, self._own_chance())
            self._parts.boards[sender].network = f"{address}={sockets[sender].port}"
        self._parts.cables[cable.name] = CableModel(cable.name, ways, noisy=True)

    def _contact(self, cable: ContactCable) -> None:
        """Wire a dry contact: the board reads high while the unit's service runs."""
        pulse = Pulse(self._loop, self._shows(cable.board, "contact"))
        pulse.set_cut(False)
        self._parts.units[cable.unit].hears_service.append(lambda running: pulse.set_level(int(running)))
        self._parts.cables[cable.name] = CableModel(cable.name, {cable.unit: pulse}, noisy=False)

    def _panel(self, board: str) -> None:
        """Put the lockout key where the board's wiring has a pin for it."""
        if LOCKOUT in self._pins[board]:
            self._parts.keyswitches[board] = Keyswitch(self._shows(board, LOCKOUT))

    def _relays(self) -> None:
        for plan in self._plan.clients:
            self._parts.clients[plan.line] = Clients(self._loop, plan)
        cabinet = Cabinet(
            self._loop,
            self._tracer,
            self._exclusivity,
            self._parts.units,
            drives=self._drives,
            shows=self._shows,
            clients=self._parts.clients,
        )
        for relay in self._plan.relays:
            cabinet.add(relay)
        self._parts.relays = cabinet.relays
        self._parts.alarms = cabinet.alarms
        self._parts.supply_senses = [self._shows(board, "supply") for board in cabinet.boards]

    def _shows(self, board: str, pin: str) -> Callable[[int], None]:
        """Return what drives an input of a board from outside."""
        return partial(self._parts.boards[board].pads.show, self._pin(board, pin))

    def _drives(self, board: str, pin: str, listener: Listener) -> None:
        """Let `listener` hear what a board drives an output to."""
        self._parts.boards[board].pads.listen(self._pin(board, pin), listener)


def _send(wire: Wire, baud: int, data: bytes) -> None:
    wire.send(data, baud)


def _level(show: Callable[[int], None], level: int | None) -> None:
    show(level or 0)
