"""Boards in memory: the unmodified firmware between stand-in pins, UARTs and relays, under virtual milliseconds."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_firmware import assemble
from hotspare_firmware.board import PARTS, Board
from hotspare_firmware.bootrecord import SIZE, BootRecord
from hotspare_firmware.store import Store
from hotspare_wire import configuration as c
from hotspare_wire import frame, link
from hotspare_wire import messages as m
from tests.flash import NorFlash

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
        self.pins = {"supply": Pin(1), **{f"sense{line}_primary": Pin(1) for line in range(1, m.UNITS_MAX)}}
        self.uarts = (Uart(), Uart())
        self.reset_cause = 0
        self.memory = dict.fromkeys(range(0, SIZE, 4), 0)  # what outlives a reset
        self.draw = lambda: chance.randbytes(m.NONCE_SIZE)
        self.nor = NorFlash()  # keeps what it has over every boot

    def output(self, name: str, level: int = 0) -> Pin:
        pin = self.pins.setdefault(name, Pin())
        pin.value(level)
        return pin

    def input(self, name: str) -> Pin:
        return self.pins.setdefault(name, Pin())

    def uart(self, number: int, baud: int) -> Uart:
        return self.uarts[number]

    def flash(self) -> NorFlash:
        return self.nor

    def cause(self) -> int:
        return self.reset_cause

    def heap_free(self) -> int:
        return 100_000

    def unique_id(self) -> bytes:
        return b"stand-in"

    def interpreter(self) -> str:
        return "1.28.0"


class HostEnd:
    """The unit's end of a board's host port, as a Speaker uses a UART; `stream_of` returns the stream as it is now."""

    def __init__(self, stream_of: Callable[[], HostStream]) -> None:
        self._stream_of = stream_of

    @property
    def inbox(self) -> bytearray:
        return self._stream_of().outbox

    def write(self, data: bytes) -> int:
        self._stream_of().inbox += bytes(data)
        return len(data)


class Speaker:
    """A stranger's or an agent's end of a UART or of a host port, with a link of its own."""

    def __init__(self, uart: Uart | HostEnd, address: int, peer: int, chance: random.Random) -> None:
        self.uart: Any = uart
        if isinstance(uart, Uart):
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
    """A pair of boards with their agents, cables and one changeover relay.

    With more `primaries` it is a chain: the beacons have the addresses 1, 2, ... and `controller` is the last one.
    """

    agent_port: ClassVar[dict[int, int]] = {}  # of boards whose agent does not use its own UART

    def __init__(self, folder: Path, seed: int = 1, inputs: int = 0, primaries: int = 1, **values: Any) -> None:
        self.primaries = primaries
        self.controller = primaries + 1
        self.chance = random.Random(seed)
        self.folder = folder
        self.inputs = inputs
        self.now_ms = 0
        chosen = list(settings.defaults())
        for name, value in {"boot_grace_s": 3, **values}.items():
            chosen[settings.index(name)] = value
        beacons = bytes(range(1, self.controller)) if primaries > 1 else b""
        self.group = (b"pair".ljust(16, b"\0"), primaries, beacons.ljust(m.UNITS_MAX - 1, b"\0"), *chosen)
        self.interval_ms = chosen[settings.index("interval_ms")]
        self.hardware: dict[int, Hardware] = {}
        self.boards: dict[int, Board] = {}
        self.hosts: dict[int, HostStream] = {}
        self.welded = False
        self._contact: list[tuple[int, int, int]] = []
        self.agents: list[Speaker] = []
        self.pulse_cut = False
        for address in range(1, self.controller + 1):
            self.hardware[address] = Hardware(self.chance)
            self.boot(address)
        above = self.hardware[self.controller].uarts[0]
        for address in range(1, self.controller):
            above.peer = self.hardware[address].uarts[0]
            above.peer.peer = above
            above = self.hardware[address].uarts[1]
        if primaries == 1:
            self._join_pulses()
        for line in range(1, self.controller):
            self.hardware[self.controller].pins[f"relay{line}"].listen = partial(self._drive, line)
        self.agents = [self._agent(address) for address in range(1, self.controller + 1)]

    def _join_pulses(self) -> None:
        beacon, controller = self.hardware[BEACON], self.hardware[CONTROLLER]
        beacon.pins["pulse_out"].listen = lambda level: self._pulse(controller, level)
        controller.pins["pulse_out"].listen = lambda level: self._pulse(beacon, level)

    def _agent(self, address: int) -> Speaker:
        where = HostEnd(lambda: self.hosts[address]) if self.has_down(address) else self.hardware[address].uarts[1]
        return Speaker(where, m.ADDRESS_AGENT_MIN + address - 1, address, self.chance)

    def has_down(self, address: int) -> bool:
        """Return whether a board is a beacon with another one behind it."""
        return address < self.primaries

    def blob(self, address: int) -> bytes:
        """Return the configuration of a board."""
        controller = address == self.controller
        role = m.ROLE_CONTROLLER | m.ROLE_SPARE if controller else 0
        name = (b"controller" if controller else b"beacon").ljust(16, b"\0")
        peer = BEACON if controller else self.controller
        crosslink_b = c.B_PULSE if self.primaries == 1 else c.B_NONE
        agent = self.agent_port.get(address, c.AGENT_HOST if self.has_down(address) else c.AGENT_UART)
        ports = (crosslink_b, agent, 115200, 115200, 2000)
        fixed = (address, peer, role, address, *ports, name, *self.extras(address))
        return c.pack(fixed, self.group)

    def extras(self, address: int) -> tuple[Any, ...]:
        """Return the last fields of a board's configuration, after its name: inputs, moved pins, contact, direct."""
        return (self.inputs,)

    def boot(self, address: int, cause: int = 0) -> Board:
        """Boot a board, from power-on or after a reset: its outputs fall first."""
        hardware = self.hardware[address]
        hardware.reset_cause = cause
        for name in hardware.pins:
            if name.startswith("relay") or name in ("alarm", "pulse_out"):
                hardware.pins[name].value(0)
        if self.boards:
            self.run(BOOT_MS, without=(address,))
        store = Store(f"{self.folder}/{address}-")
        if store.configuration() is None:
            assert store.slots.store(self.blob(address))
            store = Store(f"{self.folder}/{address}-")
        self.hosts[address] = HostStream()
        if cause == w.C_POWER:
            hardware.memory = {at: self.chance.getrandbits(32) for at in hardware.memory}
        boots = BootRecord(hardware.memory, 0, hardware.reset_cause)
        self.boards[address] = assemble.board(hardware, store, self.hosts[address], boots)
        return self.boards[address]

    @property
    def engine(self) -> Any:
        """The controller's engine."""
        return self.boards[self.controller].engine

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
                self._move(*self._contact.pop(0)[1:])
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

    def events(self, address: int = 0) -> list[tuple[int, ...]]:
        """Return the events that a board, the controller unless said, keeps of its boot: number, at_ms, kind, a, b."""
        recorder = self.boards[address or self.controller].recorder
        while recorder.is_behind():
            recorder.pump()
        rows = [recorder.get(number) for number in range(max(recorder.first(), recorder.begun), recorder.next)]
        return [(number, *rest) for number, _, *rest in rows]

    def _drive(self, line: int, level: int) -> None:
        self._contact.append((self.now_ms + OPERATE_MS, line, level))

    def _move(self, line: int, level: int) -> None:
        pins = self.hardware[self.controller].pins
        if not self.welded:
            pins[f"sense{line}_primary"].level = 1 - level
            pins[f"sense{line}_spare"].level = level

    def _pulse(self, target: Hardware, level: int) -> None:
        if not self.pulse_cut:
            target.pins["pulse_in"].level = level
