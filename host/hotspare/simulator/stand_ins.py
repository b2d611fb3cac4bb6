"""What a simulated board has in place of a chip: pins, UARTs, host port, flash, files; runs on MicroPython too.

They have the methods of what hardware.py and usb.py give a board, and are as strict as chips are: a write takes only
what fits the buffer, bits of the flash only fall, a stalled chip hears no more than its FIFO holds. Time comes from the
`Clock` of the chip, which whoever steps the board sets before each step; nothing here waits.
"""

import hashlib

NONCE_BYTES = 8
ID_BYTES = 8
FIFO_BYTES = 32  # of a UART, which alone goes on while the flash is busy
BUFFER_BYTES = 256  # of a UART each way, as hardware.py asks for
HOST_BYTES_MAX = 256  # that wait at the host port for the board
BITS_PER_BYTE = 10
INTERPRETER = "simulated"

PAGES, PAGE_BYTES, PROGRAM_BYTES = 16, 4096, 256
PROGRAM_US = 700
ERASE_US = 45000  # typical of the flash of a Pico
WHOLE, NONE, PART_30, PART_70, GARBLED = range(5)  # what is done of an operation when the power goes in it
SHARES = (100, 0, 30, 70, 100)


class PowerCut(Exception):
    """The power of the board went in the middle of an operation of its flash."""


class Clock:
    """Now, and for how long the chip has stalled in this step: its flash is busy, or a write waits for the wire."""

    def __init__(self):
        self.now_us = 0
        self.stalled_us = 0


class Pin:
    """A pin: `level` is set from outside, `listen(level)` hears what the board drives it to."""

    def __init__(self, listen=None):
        self.level = 0
        self.listen = listen

    def value(self, level=None):
        """Return the level, or drive it."""
        if level is None:
            return self.level
        if level != self.level:
            self.level = level
            if self.listen:
                self.listen(level)


class Uart:
    """A UART: `inbox` is its receive buffer, `sink(data)` gets what leaves it."""

    def __init__(self, clock, sink=None):
        self.baud = 0  # 0: the firmware has not set it up
        self.inbox = bytearray()
        self.sink = sink
        self.lost = 0  # bytes that came while its buffer was full, or only its FIFO heard
        self._clock = clock
        self._free_us = 0  # when all that was written has left

    def open(self, baud):
        """The firmware sets it up; return it."""
        self.baud = baud
        return self

    def receive(self, data, stalled=False):
        """Bytes arrive; what does not fit is lost, newest first."""
        most = FIFO_BYTES if stalled else BUFFER_BYTES
        room = most - len(self.inbox)
        if len(data) > room:
            if room < 0:
                room = 0
            self.lost += len(data) - room
            data = data[:room]
        self.inbox += data

    def any(self):
        """Return how many bytes wait."""
        return len(self.inbox)

    def readinto(self, buffer, size):
        """Move at most `size` bytes to a buffer; return how many, None for none."""
        inbox = self.inbox
        count = len(inbox)
        if not count:
            return None
        if count > size:
            count = size
        buffer[:count] = inbox[:count]
        self.inbox = inbox[count:]
        return count

    def write(self, data):
        """Take what fits the transmit buffer; return how much, None for nothing."""
        now_us = self._clock.now_us
        free_us = self._free_us
        if free_us < now_us:
            free_us = now_us
        size = len(data)
        room = FIFO_BYTES + BUFFER_BYTES - (free_us - now_us) * self.baud // (BITS_PER_BYTE * 1000000)
        if size > room:
            if room <= 0:
                return None
            size = room
        self._free_us = free_us + size * BITS_PER_BYTE * 1000000 // self.baud
        if self.sink:
            self.sink(bytes(data[:size]))
        return size


class Datagrams:
    """The network: `inbox` holds datagrams, `sink(data)` gets what is sent."""

    def __init__(self, sink=None):
        self.stream = None
        self.inbox = []
        self.sink = sink

    def any(self):
        """Return how much may be read."""
        return 1 << 15 if self.inbox else 0

    def readinto(self, buffer, size):
        """Read one datagram."""
        if not self.inbox:
            return 0
        data = self.inbox.pop(0)[:size]
        buffer[: len(data)] = data
        return len(data)

    def receive(self, data):
        """A datagram arrives."""
        self.inbox.append(data)

    def write(self, data):
        """Send one datagram."""
        if self.sink:
            self.sink(bytes(data))
        return len(data)


class HostStream:
    """The board's end of its host port: `inbox` is what hosts said, `sink(data)` hears the board."""

    def __init__(self, sink=None):
        self.inbox = bytearray()
        self.sink = sink
        self.blocked = False  # the host does not read
        self._place = 0

    def receive(self, data):
        """A host says something; what the board does not take in time is lost."""
        self.inbox += data[: HOST_BYTES_MAX - len(self.inbox)]

    def readable(self):
        """Return whether a byte waits."""
        if self._place < len(self.inbox):
            return True
        if self._place:
            self.inbox = bytearray()
            self._place = 0
        return False

    def writable(self):
        """Return whether a write would not block."""
        return not self.blocked

    def readinto(self, byte):
        """Read one byte."""
        byte[0] = self.inbox[self._place]
        self._place += 1
        return 1

    def write(self, data):
        """Take a frame."""
        if self.sink:
            self.sink(bytes(data))
        return len(data)


class Flash:
    """Pages of NOR flash: bits only fall, an erase is the only way back; what they hold outlives all but an erase.

    An operation is the program of one piece of `program_size`, or the erase of one page. `cut(operation, how)` lets the
    power go in one, counted from 0 for the next; what is left then of GARBLED is drawn from `draw`.
    """

    program_size = PROGRAM_BYTES

    def __init__(self, clock, draw, pages=PAGES, page_size=PAGE_BYTES):
        self.pages = pages
        self.page_size = page_size
        self.contents = [bytearray(b"\xff" * page_size) for _ in range(pages)]
        self.operations = 0
        self.erases = 0
        self.erase_us = ERASE_US
        self.cut_at = -1
        self.cut_how = WHOLE
        self.draw = draw
        self._clock = clock

    def read(self, page, offset, buffer):
        """Fill the buffer from a page."""
        buffer[:] = self.contents[page][offset : offset + len(buffer)]

    def program(self, page, offset, data):
        """Let bits fall; nothing is erased."""
        assert not offset % PROGRAM_BYTES and not len(data) % PROGRAM_BYTES and offset + len(data) <= self.page_size
        content = self.contents[page]
        for start in range(offset, offset + len(data), PROGRAM_BYTES):
            cut = self._begin(PROGRAM_US)
            size = PROGRAM_BYTES * SHARES[self.cut_how] // 100 if cut else PROGRAM_BYTES
            wanted = _number(data[start - offset : start - offset + size])
            if cut and self.cut_how == GARBLED:
                wanted |= _number(self._garble(size))  # some bits do not fall
            content[start : start + size] = (_number(content[start : start + size]) & wanted).to_bytes(size, "little")
            self._end(cut)

    def erase(self, page):
        """Let all bits of a page rise."""
        cut = self._begin(self.erase_us)
        self.erases += 1
        size = self.page_size
        if cut and self.cut_how == GARBLED:
            self.contents[page][:] = self._garble(size)
        else:
            size = size * SHARES[self.cut_how] // 100 if cut else size
            self.contents[page][:size] = b"\xff" * size
        self._end(cut)

    def cut(self, operation, how):
        """Let the power go in an operation, of which so much is done; -1: in none."""
        self.cut_at = self.operations + operation if operation >= 0 else -1
        self.cut_how = how

    def _garble(self, size):
        piece = self.draw() + self.draw()
        return (piece * (size // len(piece) + 1))[:size]

    def _begin(self, stall_us):
        self._clock.stalled_us += stall_us
        return self.operations == self.cut_at

    def _end(self, cut):
        self.operations += 1
        if cut:
            self.cut_at = -1
            raise PowerCut


def _number(data):
    return int.from_bytes(data, "little")


class NoFlash:
    """A board without pages: events are in its memory only, its state in a file."""

    pages = 0
    page_size = 0
    program_size = PROGRAM_BYTES


class Files:
    """The files of a board's filesystem in memory, by name; as files.py has them."""

    def __init__(self, kept):
        self.kept = kept

    def stands(self, name):
        """Return whether there is a file of that name."""
        return name in self.kept

    def read(self, name):
        """Return what a file holds, None if there is none."""
        return self.kept.get(name)

    def replace(self, name, data):
        """Let a file hold `data`."""
        self.kept[name] = bytes(data)
        return True

    def remove(self, name):
        """Remove a file."""
        del self.kept[name]

    def open(self, name, mode):
        """Open a file to write it anew."""
        assert mode == "wb"
        return Writing(self.kept, name)


class Writing:
    """A file that is written."""

    def __init__(self, kept, name):
        self._kept = kept
        self._name = name
        kept[name] = b""

    def write(self, data):
        """Write on."""
        self._kept[self._name] += data

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


class Draw:
    """Eight bytes at a time, others in every boot of every board of every world, and in each of these the same."""

    def __init__(self, seed):
        self.seed = seed
        self._count = 0

    def __call__(self):
        self._count += 1
        return hashlib.sha256(self.seed + self._count.to_bytes(4, "little")).digest()[:NONCE_BYTES]


class Hardware:
    """A chip of that `kind`: pins by name, made when the firmware first names them; UARTs; what outlives a boot.

    `drives(name, level)` hears every output.
    """

    wired = True

    def __init__(self, kind, ident, draw, clock, flash, drives):
        self.kind = kind
        self.pins = {}
        self.clock = clock
        self.uarts = (Uart(clock), Uart(clock))
        self.network = Datagrams()
        self.reset_cause = 0
        self.levels = {}  # of inputs, by name: what drives them from outside outlives every boot
        self.draw = draw
        self._ident = ident
        self.drives = drives
        self._flash = flash

    def output(self, name, level=0):
        """Return a pin that drives `level` from the moment it drives at all."""
        pin = self.pins.get(name)
        if pin is None:
            drives = self.drives
            pin = self.pins[name] = Pin((lambda now: drives(name, now)) if drives else None)
        pin.value(level)
        return pin

    def input(self, name):
        """Return an input; a lost wire reads 0."""
        pin = self.pins.get(name)
        if pin is None:
            pin = self.pins[name] = Pin()
            pin.level = self.levels.get(name, 0)
        return pin

    def show(self, name, level):
        """Drive an input from outside."""
        self.levels[name] = level
        pin = self.pins.get(name)
        if pin is not None:
            pin.level = level

    def uart(self, number, baud):
        """Return the UART of that place in the wiring at `baud`."""
        return self.uarts[number].open(baud)

    def datagrams(self, port, peer, peer_port):
        """Return what sends and hears datagrams."""
        return self.network

    def flash(self):
        """Return the raw pages of the board's flash."""
        return self._flash

    def cause(self):
        """Return the cause of the last reset, as hardware.py names them."""
        return self.reset_cause

    def heap_free(self):
        """Return the free heap in bytes: of a stand-in it says nothing."""
        return 100000

    def unique_id(self):
        """Return the chip's id."""
        return self._ident

    def interpreter(self):
        """Return the same whatever runs the firmware: what a board says must not depend on it."""
        return INTERPRETER
