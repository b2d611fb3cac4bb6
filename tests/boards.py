"""Boards in memory: the unmodified firmware between stand-in pins, UARTs and relays, under virtual milliseconds."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_firmware import assemble
from hotspare_firmware.board import PARTS, Board
from hotspare_firmware.store import Store
from hotspare_wire import configuration as c
from hotspare_wire import frame, link
from hotspare_wire import messages as m

OPERATE_MS = 8
BOOT_MS = 30  # as quick as an emulated board; a chip takes longer
BEACON, CONTROLLER = 1, 2
WAIT_MAX_MS = 1000


class Pin:
    """A pin; `listen` is called with each level written."""

    def __init__(self, level: int = 0) -> None:
        self.level = level
        self.listen: Callable[[int], None] = lambda level: None

    def value(self, level: int | None = None) -> int | None:
        if level is None:
            return self.level
        self.level = level
        self.listen(level)
        return None


class Uart:
    """One end of a cable; `room` limits how much a write takes."""

    def __init__(self) -> None:
        self.inbox = bytearray()
        self.peer: Uart | None = None
        self.cut = False
        self.room = 1 << 30

    def any(self) -> int:
        return len(self.inbox)

    def readinto(self, buffer: bytearray, size: int) -> int | None:
        count = min(size, len(buffer), len(self.inbox))
        if not count:
            return None
        buffer[:count] = self.inbox[:count]
        del self.inbox[:count]
        return count

    def write(self, data: bytes) -> int | None:
        taken = bytes(data)[: self.room]
        if self.peer is not None and not self.cut:
            self.peer.inbox += taken
        return len(taken) or None


class HostStream:
    """The board's end of its host port."""

    def __init__(self) -> None:
        self.inbox = bytearray()
        self.outbox = bytearray()
        self.blocked = False
        self.listen: Callable[[bytes], None] = lambda data: None

    def readable(self) -> bool:
        return bool(self.inbox)

    def writable(self) -> bool:
        return not self.blocked

    def readinto(self, byte: bytearray) -> int:
        byte[0] = self.inbox.pop(0)
        return 1

    def write(self, data: bytes) -> None:
        self.outbox += bytes(data)
        self.listen(bytes(data))


class Hardware:
    """Stand-ins for what hardware.py makes, by name."""

    kind = "pico"
    wired = True

    def __init__(self, chance: random.Random) -> None:
        self.pins = {"supply": Pin(1), "sense1_primary": Pin(1), "sense1_spare": Pin(0)}
        self.uarts = (Uart(), Uart())
        self.reset_cause = 0
        self.draw = lambda: chance.randbytes(m.NONCE_SIZE)

    def output(self, name: str, level: int = 0) -> Pin:
        pin = self.pins.setdefault(name, Pin())
        pin.value(level)
        return pin

    def input(self, name: str) -> Pin:
        return self.pins.setdefault(name, Pin())

    def uart(self, number: int, baud: int) -> Uart:
        return self.uarts[number]

    def cause(self) -> int:
        return self.reset_cause

    def heap_free(self) -> int:
        return 100_000

    def unique_id(self) -> bytes:
        return b"stand-in"


class Speaker:
    """A stranger's or an agent's end of a UART, with a link of its own."""

    def __init__(self, uart: Uart, address: int, peer: int, chance: random.Random) -> None:
        self.uart = Uart()
        self.uart.peer, uart.peer = uart, self.uart
        self.link = link.Link(address, peer, lambda: chance.randbytes(m.NONCE_SIZE))
        self._decoder = frame.Decoder()
        self.report: int | None = w.OK

    def turn(self, beat: bool) -> None:
        """Hear what came, and speak when it is time."""
        data = bytes(self.uart.inbox)
        self.uart.inbox.clear()
        place = 0
        while place < len(data):
            place = self._decoder.feed(data, place, len(data))
            if self._decoder.size:
                self.link.judge(self._decoder.payload, self._decoder.size)
        if self.report is None:
            return
        if self.link.greet or (beat and not self.link.established):
            self.uart.write(self.link.hello())
        if beat and self.link.established:
            self.uart.write(self.link.report(self.report, 60 if self.report == w.LEAVING else 0))


class Bench:
    """A pair of boards with their agents, cables and one changeover relay."""

    agent_port: ClassVar[dict[int, int]] = {}  # of boards whose agent does not use its own UART

    def __init__(self, folder: Path, seed: int = 1, inputs: int = 0, **values: Any) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.inputs = inputs
        self.now_ms = 0
        chosen = list(settings.defaults())
        for name, value in {"boot_grace_s": 3, **values}.items():
            chosen[settings.index(name)] = value
        self.group = (b"pair".ljust(16, b"\0"), 1, *chosen)
        self.interval_ms = chosen[settings.index("interval_ms")]
        self.hardware: dict[int, Hardware] = {}
        self.boards: dict[int, Board] = {}
        self.hosts: dict[int, HostStream] = {}
        self.welded = False
        self._contact: list[tuple[int, int]] = []
        self.agents: list[Speaker] = []
        for address in (BEACON, CONTROLLER):
            self.hardware[address] = Hardware(self.chance)
            self.boot(address)
        beacon, controller = self.hardware[BEACON], self.hardware[CONTROLLER]
        beacon.uarts[0].peer, controller.uarts[0].peer = controller.uarts[0], beacon.uarts[0]
        self.pulse_cut = False
        beacon.pins["pulse_out"].listen = lambda level: self._pulse(controller, level)
        controller.pins["pulse_out"].listen = lambda level: self._pulse(beacon, level)
        controller.pins["relay1"].listen = lambda level: self._contact.append((self.now_ms + OPERATE_MS, level))
        self.agents = [
            Speaker(beacon.uarts[1], m.ADDRESS_AGENT_MIN, BEACON, self.chance),
            Speaker(controller.uarts[1], m.ADDRESS_AGENT_MIN + 1, CONTROLLER, self.chance),
        ]

    def blob(self, address: int) -> bytes:
        """Return the configuration of a board."""
        role = m.ROLE_CONTROLLER | m.ROLE_SPARE if address == CONTROLLER else 0
        name = (b"controller" if address == CONTROLLER else b"beacon").ljust(16, b"\0")
        agent = self.agent_port.get(address, c.AGENT_UART)
        fixed = (
            address,
            3 - address,
            role,
            address,
            c.B_PULSE,
            agent,
            115200,
            115200,
            2000,
            name,
            *self.extras(address),
        )
        return c.pack(fixed, self.group)

    def extras(self, address: int) -> tuple[Any, ...]:
        """Return the last fields of a board's configuration, after its name: inputs, moved pins, contact, direct."""
        return (self.inputs,)

    def boot(self, address: int, cause: int = 0) -> Board:
        """Boot a board, from power-on or after a reset: its outputs fall first."""
        hardware = self.hardware[address]
        hardware.reset_cause = cause
        for name in ("relay1", "alarm", "pulse_out"):
            if name in hardware.pins:
                hardware.pins[name].value(0)
        if self.boards:
            self.run(BOOT_MS, without=(address,))
        store = Store(f"{self.folder}/{address}-")
        if store.configuration() is None:
            store.save_configuration(self.blob(address))
        self.hosts[address] = HostStream()
        self.boards[address] = assemble.board(hardware, store, self.hosts[address])
        return self.boards[address]

    @property
    def engine(self) -> Any:
        """The controller's engine."""
        return self.boards[CONTROLLER].engine

    def arm(self) -> None:
        """Arm the group."""
        self.engine.asked(65000, w.ARM, w.NONE, 0, 0, 0)
        self.run(1)

    def run(self, ms: int, without: tuple[int, ...] = ()) -> None:
        """Let virtual time pass; boards in `without` have no power."""
        for _ in range(ms):
            self.now_ms += 1
            for agent in self.agents:
                agent.turn(self.now_ms % (self.interval_ms * 9 // 10) == 0)
            while self._contact and self._contact[0][0] <= self.now_ms:
                self._move(self._contact.pop(0)[1])
            for address, board in self.boards.items():
                if address not in without:
                    assert board.step(1) <= WAIT_MAX_MS
                    assert board.parts == PARTS

    def spares_at_host(self) -> Speaker:
        """Return the spare's agent, at the controller's host port."""
        uart = Uart()
        host = self.hosts[CONTROLLER]
        speaker = Speaker(uart, m.ADDRESS_AGENT_MIN + 1, CONTROLLER, self.chance)
        host.listen = speaker.uart.inbox.extend
        uart.inbox = host.inbox
        return speaker

    def cut(self) -> None:
        """Cut every crosslink."""
        for hardware in self.hardware.values():
            hardware.uarts[0].cut = True
        self.pulse_cut = True

    def heal(self) -> None:
        """Join them again."""
        for hardware in self.hardware.values():
            hardware.uarts[0].cut = False
        self.pulse_cut = False

    def events(self, address: int = CONTROLLER) -> list[tuple[int, ...]]:
        """Return the events that a board keeps, as (number, at_ms, kind, a, b)."""
        recorder = self.boards[address].recorder
        return [recorder.get(number) for number in range(recorder.first(), recorder.next)]

    def _move(self, level: int) -> None:
        pins = self.hardware[CONTROLLER].pins
        if not self.welded:
            pins["sense1_primary"].level = 1 - level
            pins["sense1_spare"].level = level

    def _pulse(self, target: Hardware, level: int) -> None:
        if not self.pulse_cut:
            target.pins["pulse_in"].level = level
