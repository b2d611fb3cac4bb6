"""What one board's loop costs on the MicroPython VM: time, allocation and heap, measured there and printed as JSON.

Run by `micropython` with `keyed` or `keyless` and the roots of the board packages as arguments; ports and pins are
stand-ins in memory.
"""

import gc
import json
import os
import sys
import time

sys.path[:] = sys.argv[2:]
gc.collect()
EMPTY = gc.mem_alloc()


gc.threshold(16384)  # as the firmware's main does while it imports

from hotspare_engine import settings  # noqa: E402
from hotspare_engine import words as w  # noqa: E402
from hotspare_firmware import assemble  # noqa: E402
from hotspare_firmware.bootrecord import BootRecord  # noqa: E402
from hotspare_firmware.store import Store  # noqa: E402
from hotspare_wire import configuration as c  # noqa: E402
from hotspare_wire import frame, trust  # noqa: E402
from hotspare_wire import messages as m  # noqa: E402
from hotspare_wire.link import Link  # noqa: E402

KEYS = (bytes(range(32)),) if sys.argv[1] == "keyed" else ()
BEATS = 1000
ROUNDS = 15
STEADY_STEPS = 10000
STEPS_PER_BEAT = 4
STEADY_BEATS = 20  # between two collections: a tag allocates


class Pin:
    """A pin in memory."""

    def __init__(self, level):
        self.level = level

    def value(self, level=None):
        """Read or write."""
        if level is None:
            return self.level
        self.level = level


class Uart:
    """A UART in memory: one frame in, whatever goes out is dropped."""

    def __init__(self):
        self.frame = None

    def any(self):
        """Say how much there is."""
        return len(self.frame) if self.frame is not None else 0

    def readinto(self, buffer, size):
        """Give the frame, once."""
        data = self.frame
        self.frame = None
        for i in range(size):
            buffer[i] = data[i]
        return size

    def write(self, data):
        """Take everything."""
        return len(data)


class NoHost:
    """A host's stream on which nobody speaks."""

    def readable(self):
        """Nothing waits."""
        return False


class Hardware:
    """Stand-ins by name."""

    kind = "pico"
    wired = True

    def __init__(self):
        self.uarts = (Uart(), Uart())

    def output(self, name, level=0):
        return Pin(level)

    def input(self, name):
        return Pin(1 if name in ("sense1_primary", "supply") else 0)

    def uart(self, number, baud):
        return self.uarts[number]

    def cause(self):
        return 0

    def unique_id(self):
        return b"benchmrk"

    def draw(self):
        return os.urandom(8)

    def flash(self):
        return None


def deliver(wire, board, port):
    """Give a frame to a port and step."""
    port.uart.frame = bytes(wire)
    board.step(0)


def pair_up(board, port, link):
    """Shake hands between a board's port and a link that stands for the neighbour."""
    heard = []
    port.uart.write = lambda data: heard.append(bytes(data)) or len(data)
    decoder = frame.Decoder()
    for _ in range(6):
        if link.greet or not link.established:
            deliver(link.hello(), board, port)
        board.step(0)
        for wire in heard:
            place = 0
            while place < len(wire):
                place = decoder.feed(wire, place, len(wire))
                if decoder.size:
                    link.judge(decoder.payload, decoder.size)
        heard.clear()
    port.uart.write = len
    assert link.established


def controller():
    """Return a paired controller, its crosslink's port, and the neighbour's link."""
    values = list(settings.defaults())
    values[settings.index("boot_grace_s")] = 1
    blob = c.pack(
        (2, 1, m.ROLE_CONTROLLER | m.ROLE_SPARE, 2, c.B_PULSE, c.AGENT_UART, 115200, 115200, 2000, bytes(16)),
        (bytes(16), 1, bytes(m.UNITS_MAX - 1)) + tuple(values),  # noqa: RUF005 - the VM knows no star here
    )
    folder = os.getenv("TMPDIR") + "/"
    Store(folder).slots.store(blob)
    store = Store(folder)
    if KEYS:
        store.save_keys(KEYS)
    words = {0: 0, 4: 0, 8: 0, 12: 0}
    board = assemble.board(Hardware(), store, NoHost(), BootRecord(words, 0, w.C_POWER))
    port = next(port for port in board.ports if board.engine.health.paths[port.path].kind == w.PATH_CROSSLINK_A)
    return board, port


board, port = controller()
gc.collect()
gc.threshold(-1)
heap_after_boot = gc.mem_alloc()
neighbour = Link(1, 2, lambda: os.urandom(8), keyring=trust.Keyring(KEYS))
pair_up(board, port, neighbour)
agent_port = next(other for other in board.ports if other is not port)
agent = Link(m.ADDRESS_AGENT_MIN + 1, 2, lambda: os.urandom(8), keyring=trust.Keyring(KEYS).of_agent(1))
pair_up(board, agent_port, agent)
uart = port.uart
step = board.step  # a bound method is allocated each time it is named


def beats(count):
    """Return the neighbour's next heartbeats: memory of the measurement, in one piece and not of the board."""
    gc.collect()
    return [bytes(neighbour.heartbeat(w.OK, 0, 1, 255, 0, 0, 0)) for _ in range(count)]


def loop(frames, beat_ms):
    """One received and one sent heartbeat in each step."""
    for data in frames:
        uart.frame = data
        step(beat_ms)


loop(beats(20), board.beat_ms)
times = []
for _ in range(ROUNDS):
    frames = beats(BEATS // 10)
    gc.collect()
    begin = time.ticks_us()
    loop(frames, board.beat_ms)
    times.append(time.ticks_diff(time.ticks_us(), begin) / len(frames))
    frames = None

# the same without the board around it: decode, judge, engine, encode
decoder, link, engine = port.decoder, port.link, board.engine
path = port.path
bare = []
for _ in range(ROUNDS):
    frames = beats(BEATS // 10)
    gc.collect()
    begin = time.ticks_us()
    for data in frames:
        place = 0
        while place < 32:
            place = decoder.feed(data, place, 32)
        link.judge(decoder.payload, decoder.size)
        engine.heard(path, w.OK, w.ECHOED)
        engine.elapsed(90)
        link.heartbeat(w.OK, 3, 0, 1, 0, 0, 0)
    bare.append(time.ticks_diff(time.ticks_us(), begin) / len(frames))
    engine.outbox.clear()
    frames = None


def steady(frames):
    """The steady loop: a beat in and out every few steps, nothing else."""
    for data in frames:
        uart.frame = data
        step(3)
        for _ in range(STEPS_PER_BEAT - 1):
            step(29)


allocated = 0
debt = 0
beats_before = board.beats
left = STEADY_STEPS
while left > 0:
    frames = beats(STEADY_BEATS)
    gc.collect()
    gc.disable()
    board.debt_bytes = 0
    before = gc.mem_alloc()
    steady(frames)
    allocated += gc.mem_alloc() - before
    debt += board.debt_bytes
    gc.enable()
    left -= len(frames) * STEPS_PER_BEAT
    frames = None

print(
    json.dumps(
        {
            "board_us": sorted(times),
            "bare_us": sorted(bare),
            "allocated_bytes": allocated,
            "counted_bytes": debt,
            "beats": board.beats - beats_before,
            "wire_bytes": len(beats(1)[0]),
            "steady_steps": STEADY_STEPS,
            "heap_bytes": heap_after_boot - EMPTY,
            "heap_with_vm_bytes": heap_after_boot,
        }
    )
)
