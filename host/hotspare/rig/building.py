"""A plan made into boards, units, cables and relays that are wired to one another; nothing runs when it is done."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from hotspare.rig.alteration import Alteration
from hotspare.rig.cabinet import Cabinet
from hotspare.rig.cable import CableModel, Wire
from hotspare.rig.circuits import Coil
from hotspare.rig.clients import Clients
from hotspare.rig.datagrams import Way
from hotspare.rig.direct import DirectPort
from hotspare.rig.errors import RigError
from hotspare.rig.levels import Keyswitch, Presence, Pulse
from hotspare.rig.loop import Timeline
from hotspare.rig.pads import Listener
from hotspare.rig.plan import BoardPlan, ContactCable, End, NetworkCable, PulseCable, RigPlan, SerialCable, UnitPlan
from hotspare.rig.relay import RelayModel
from hotspare.rig.trace import Exclusivity, Trace
from hotspare.rig.unit import Agent, Unit
from hotspare.roles import Roles

MakeAgent = Callable[[UnitPlan, random.Random, Roles], Agent]
Tell = Callable[[str, str], None]  # (event, detail) to the trace

UARTS = ("uart0", "uart1")
# pins that a board's wiring may have or not
LOCKOUT = "lockout"
HOST = "host"  # a board's host port, which its unit's agent may share
INVALID_PINS = {"uart0": "invalid_a", "uart1": "invalid_b"}


class PadsModel(Protocol):
    """The pads of a board."""

    @property
    def outputs(self) -> Mapping[int, int]: ...
    def show(self, pin: int, level: int) -> None:
        """Drive the input `pin` from outside."""

    def listen(self, pin: int, listener: Listener) -> None:
        """Tell `listener` what the board drives `pin` to: a level, or None while it does not drive it."""


class UartModel(Protocol):
    """One UART of a board; what the board sends goes to `wire`."""

    wire: Wire | None


class FlashModel(Protocol):
    """The flash of a board, as verbs reach it."""

    def stall(self, erase_ms: float) -> None:
        """Let an erase take so long from now on."""

    def cut(self, operation: int, how: str) -> None:
        """Let power go at an operation of which so much is done, counted from 0 for the next one."""


class BoardModel(Protocol):
    """A board as the rig knows it, whatever runs its firmware."""

    plan: BoardPlan
    powered: bool
    frozen: bool
    hears_power: list[Callable[[bool], None]]
    hears_host: Callable[[bytes], None] | None  # the unit's agent, where it shares the host port

    @property
    def pads(self) -> PadsModel: ...
    @property
    def uarts(self) -> Mapping[str, UartModel]: ...
    @property
    def flash(self) -> FlashModel: ...
    def power_on(self) -> None:
        """Power comes: the chip boots."""

    def power_off(self) -> None:
        """Power goes, and with it everything that is not in the flash."""

    def reset(self, cause: str) -> None:
        """The chip is reset."""

    def freeze(self) -> None:
        """The firmware stands still; pads and watchdog go on."""

    def thaw(self) -> None:
        """The firmware goes on where it stood still."""

    def received(self, port: str, data: bytes, baud: int) -> None:
        """Bytes arrive at a UART."""

    def host_received(self, data: bytes, baud: int) -> None:
        """Bytes of the unit's agent arrive at the host port."""

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the board."""

    def end(self) -> None:
        """End the firmware."""

    def close(self) -> None:
        """Leave nothing behind."""


class NetworkEnd(Protocol):
    """A board's end of a network: what it sends goes to `way`."""

    way: Way | None

    def send(self, data: bytes) -> None:
        """Hand a datagram to the board."""

    def close(self) -> None:
        """Leave nothing behind."""


class Maker(Protocol):
    """Makes the parts in which firmware runs."""

    def wiring(self, kind: str) -> Mapping[str, int]:
        """Return the pin numbers of a kind of board by name; raises RigError."""

    def board(self, plan: BoardPlan, pins: Mapping[str, int], chance: random.Random, tell: Tell) -> BoardModel:
        """Return a board with these pins."""

    def network(self, board: BoardModel, neighbour: str) -> NetworkEnd:
        """Return the network's end at a board that finds its neighbour at an address and port."""


@dataclass
class Parts:
    """What a rig is made of, by name."""

    boards: dict[str, BoardModel] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    alterations: dict[str, Alteration] = field(default_factory=dict)
    cables: dict[str, CableModel] = field(default_factory=dict)
    relays: dict[str, RelayModel] = field(default_factory=dict)
    alarms: dict[str, Coil] = field(default_factory=dict)
    supply_senses: list[Callable[[int], None]] = field(default_factory=list)  # at the boards that drive relays
    keyswitches: dict[str, Keyswitch] = field(default_factory=dict)  # by board
    sockets: list[NetworkEnd] = field(default_factory=list)
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
    """Builds the parts of one rig, once."""

    def __init__(
        self,
        plan: RigPlan,
        maker: Maker,
        loop: Timeline,
        tracer: Trace,
        exclusivity: Exclusivity,
        chance: random.Random,
    ) -> None:
        self._plan = plan
        self._maker = maker
        self._loop = loop
        self._tracer = tracer
        self._exclusivity = exclusivity
        self._chance = chance
        self._pins: dict[str, Mapping[str, int]] = {}
        self._parts = Parts()
        self._direct: dict[str, DirectPort] = {}  # of units with a second agent

    def build(self, make_agent: MakeAgent) -> Parts:
        """Return all parts; raises RigError and leaves no process and no descriptor."""
        try:
            self._build(make_agent)
        except BaseException:
            self._parts.close()
            raise
        return self._parts

    def _build(self, make_agent: MakeAgent) -> None:
        for board in self._plan.boards:
            pins = self._pins[board.name] = {**self._maker.wiring(board.kind), **board.pins}
            tell = partial(self._tracer.add, "board", board.name)
            self._parts.boards[board.name] = self._maker.board(board, pins, self._own_chance(), tell)
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
            source: BoardModel | Unit
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

    def _presence(self, source: BoardModel | Unit, wire: Wire, receiver: End) -> None:
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
        ends = ((cable.a, cable.b, cable.b_address), (cable.b, cable.a, cable.a_address))
        sockets = {it: self._maker.network(self._parts.boards[it], address) for it, _, address in ends}
        self._parts.sockets += sockets.values()
        ways: dict[str, Way] = {}
        for sender, receiver, _ in ends:
            ways[sender] = sockets[sender].way = Way(self._loop, sockets[receiver].send, self._own_chance())
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
