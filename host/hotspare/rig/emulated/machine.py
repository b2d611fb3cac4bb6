"""The chip as firmware sees it on an emulated board: as strict as the real one; runs on MicroPython, talks to the rig.

What the firmware does to pads, UARTs and watchdog goes to the rig as messages of 8 bytes (struct "<BBHI": operation,
number, half, whole) over descriptor 3. Levels of inputs come in a page (descriptor 4), which also takes the time of the
last feed. Nothing here allocates in steady use. When the rig is gone the board dies: it must not outlive its world.
What differs between kinds of boards stands in the chip_*.py beside this file, of which one is loaded.
"""

import io
import os
import struct

import kept
import utime

CONTROL_FD, PAGE_FD, UART_FDS = 3, 4, (5, 6)
AT_DRIVEN, AT_LEVEL, AT_FEED = 0, 8, 16
OP_OUT, OP_IN, OP_UART, OP_WATCHDOG, OP_RESET, OP_SOFT_RESET, OP_CRASHED, OP_BEGUN, OP_REPL = range(1, 10)
MESSAGE = "<BBHI"

BUFFER_MIN, BUFFER_USUAL, BUFFER_MAX = 32, 256, 32766
PLAIN = (("bits", 8), ("parity", None), ("stop", 1), ("timeout", 0))
BAUD_MIN, BAUD_MAX = 300, 7812500
BITS_PER_BYTE = 10
KEEP_BYTES = 256
STREAM_GET_FILENO = 10
# seconds that the rig gets to end a board that reset itself
END_S = 1

chip = __import__("chip_" + (os.getenv("HOTSPARE_KIND") or "pico"))
globals().update(chip.RESETS)
# (number, tx pad, rx pad) of each UART to which something on this rig is wired, in the order of their descriptors
_wired = [
    tuple([int(part) for part in row.split(":")]) for row in (os.getenv("HOTSPARE_UARTS") or "").split(",") if row
]

_control = open(CONTROL_FD, "r+b", buffering=0)
_page = open(PAGE_FD, "r+b", buffering=0)


def _die():
    while True:
        try:
            os.system("kill -KILL $PPID")
        except BaseException:
            pass


def _tell(message):
    try:
        sent = _control.write(message)
    except OSError:
        sent = -1
    if sent != len(message):
        _die()


def _say(operation, number=0, half=0, whole=0):
    _tell(struct.pack(MESSAGE, operation, number, half, whole))


class Pin:
    IN, OUT, OPEN_DRAIN = chip.IN, chip.OUT, chip.OPEN_DRAIN
    PULL_UP, PULL_DOWN = chip.PULL_UP, chip.PULL_DOWN

    def __init__(self, id, mode=-1, pull=-1, *, value=None):
        number = chip.pad(id)
        self._number = number
        self._byte = number >> 3
        self._bit = 1 << (number & 7)
        self._view = bytearray(AT_FEED)
        self._messages = (
            struct.pack(MESSAGE, OP_OUT, number, 0, 0),
            struct.pack(MESSAGE, OP_OUT, number, 1, 0),
        )
        self._out = -1  # level driven; -1: not an output
        self._pull = 0
        if mode != -1 or pull != -1 or value is not None:
            self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None):
        if mode == -1:
            mode = _modes[self._number]
        if pull is not None and pull not in (-1, Pin.PULL_UP, Pin.PULL_DOWN):
            raise ValueError("invalid pull")
        if mode == Pin.OUT:
            chip.check_output(self._number)
            _modes[self._number] = mode
            level = _levels[self._number] if value is None else 1 if value else 0
            # level and direction change together, as when a level is given to the constructor on the chip
            self._out = _levels[self._number] = level
            _tell(self._messages[level])
        elif mode == Pin.IN:
            _modes[self._number] = mode
            self._out = -1
            self._pull = 0 if pull is None or pull == -1 or not chip.has_pulls(self._number) else pull
            _say(OP_IN, self._number, self._pull)
        else:
            raise ValueError("pin mode is IN or OUT on this rig")

    def value(self, level=None):
        if level is not None:
            level = 1 if level else 0
            if level != _levels[self._number]:
                _levels[self._number] = level
                if self._out >= 0:
                    self._out = level
                    _tell(self._messages[level])
            return None
        if self._out >= 0:
            return _levels[self._number]
        view = self._view
        _page.seek(0)
        _page.readinto(view)
        if view[AT_DRIVEN + self._byte] & self._bit:
            return 1 if view[AT_LEVEL + self._byte] & self._bit else 0
        return 1 if self._pull == Pin.PULL_UP else 0

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    high = on
    low = off

    def toggle(self):
        self.value(1 - _levels[self._number])


_modes = bytearray(chip.PADS)
_levels = bytearray(chip.PADS)  # output latches


class UART(io.IOBase):
    def __init__(self, id, baudrate=115200, **options):
        for name in options:
            if name not in chip.UART_OPTIONS:
                raise TypeError("extra keyword arguments given")
        tx, rx = chip.uart_pads(id, _number_of(options.get("tx")), _number_of(options.get("rx")))
        if not BAUD_MIN <= baudrate <= BAUD_MAX:
            raise ValueError("bad baudrate")
        if [options.get(name, usual) for name, usual in PLAIN] != [usual for _, usual in PLAIN]:
            raise ValueError("8 bits, no parity, 1 stop bit and no time-out on this rig")
        if (id, tx, rx) not in _wired:
            raise ValueError("nothing on this rig is wired to UART %s at pads %d and %d" % (id, tx, rx))
        port = _wired.index((id, tx, rx))
        self._fd = UART_FDS[port]
        self._file = open(self._fd, "r+b", buffering=0)
        self._keep = bytearray(KEEP_BYTES)
        self._kept = 0
        txbuf = 0 if chip.WRITE_WAITS_SENT else _bounded(options.get("txbuf", BUFFER_USUAL))
        self._room = chip.FIFO_BYTES + txbuf
        self._baud = baudrate
        self._free_us = utime.ticks_us()  # when all that was written has left
        _say(OP_UART, port, _bounded(options.get("rxbuf", chip.RXBUF_BYTES)), baudrate)

    def write(self, data):
        now_us = utime.ticks_us()
        free_us = self._free_us
        if free_us < now_us:
            free_us = now_us
        waiting = (free_us - now_us) * self._baud // (BITS_PER_BYTE * 1000000)
        size = len(data)
        room = self._room - waiting
        if chip.WRITE_WAITS_ROOM and size > room:
            utime.sleep_us((size - room) * BITS_PER_BYTE * 1000000 // self._baud)
        elif not chip.WRITE_WAITS_SENT and size > room:
            if room <= 0:
                return None
            data = memoryview(data)[:room]
            size = room
        try:
            sent = self._file.write(data)
        except OSError:
            _die()
        if sent is None:
            return None
        self._free_us = free_us + sent * BITS_PER_BYTE * 1000000 // self._baud
        if chip.WRITE_WAITS_SENT:
            utime.sleep_us(self._free_us - now_us)
        return sent

    def any(self):
        if not self._kept:
            self._kept = self._file.readinto(self._keep) or 0
        return self._kept

    def readinto(self, buffer, size=-1):
        if size < 0 or size > len(buffer):
            size = len(buffer)
        kept = self.any()
        if kept < size:
            utime.sleep_us(chip.CHARACTER_WAIT_US)  # the chip waits for one more character
        size = min(kept, size)
        keep = self._keep
        for i in range(size):  # by bytes: slices would be allocated
            buffer[i] = keep[i]
        for i in range(size, kept):
            keep[i - size] = keep[i]
        self._kept = kept - size
        return size or None

    def read(self, size=-1):
        data = bytearray(KEEP_BYTES if size < 0 else size)
        count = self.readinto(data)
        return bytes(data[:count]) if count else None

    def ioctl(self, request, argument):
        return self._fd if request == STREAM_GET_FILENO else -1


def _number_of(pin):
    return None if pin is None else pin._number if isinstance(pin, Pin) else chip.pad(pin)


def _bounded(size):
    return min(max(size, BUFFER_MIN), BUFFER_MAX)


class WDT:
    def __init__(self, id=0, timeout=5000):
        if id != 0:
            raise ValueError("WDT(%s) doesn't exist" % id)
        if timeout < 1:
            raise ValueError(chip.WATCHDOG_TOO_SHORT)
        if timeout > chip.WATCHDOG_MAX_MS:
            raise ValueError(chip.WATCHDOG_TOO_LONG)
        self._feed = bytearray(8)
        self.feed()
        _say(OP_WATCHDOG, 0, 0, timeout)

    def feed(self):
        struct.pack_into("<Q", self._feed, 0, utime.ticks_us())
        _page.seek(AT_FEED)
        _page.write(self._feed)


mem32 = kept.Words(_page, chip.KEPT)
if chip.KEPT is None:
    RTC = kept.rtc_of(_page)


def reset():
    _say(OP_RESET)
    _end()


def soft_reset():
    _say(OP_SOFT_RESET)
    _end()


def _end():
    end_us = utime.ticks_us() + END_S * 1000000
    while utime.ticks_us() < end_us:
        try:
            utime.sleep_us(100000)
        except BaseException:
            pass
    _die()


def reset_cause():
    return chip.CAUSES[os.getenv("HOTSPARE_CAUSE")]


def unique_id():
    uid = os.getenv("HOTSPARE_UID") * 2
    return bytes([int(uid[i : i + 2], 16) for i in range(0, chip.UID_BYTES * 2, 2)])


def freq():
    return 125000000


def idle():
    utime.sleep_us(100)


def begun():
    """Tell the rig that the VM runs; not part of a chip: called by the boot script only."""
    _say(OP_BEGUN)


def repl():
    """Tell the rig that main.py ended and the REPL begins; not part of a chip: called by the boot script only."""
    _say(OP_REPL)


def crashed(text):
    """Tell the rig with what the firmware ended; not part of a chip: called by the boot script only."""
    data = text.encode()
    _say(OP_CRASHED, 0, 0, len(data))
    _tell(data + bytes(-len(data) % struct.calcsize(MESSAGE)))
