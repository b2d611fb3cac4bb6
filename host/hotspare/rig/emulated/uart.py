"""The UARTs of the emulated chip: buffers that overflow, writes that come back short, FIFOs while it stalls."""

import io
import os

import utime
from rig_end import OP_OVERRUN, OP_UART, chip, die, say

UART_FDS = (5, 6)
BUFFER_MIN, BUFFER_USUAL, BUFFER_MAX = 32, 256, 32766
PLAIN = (("bits", 8), ("parity", None), ("stop", 1), ("timeout", 0))
BAUD_MIN, BAUD_MAX = 300, 7812500
BITS_PER_BYTE = 10
READ_BYTES = 512
STREAM_GET_FILENO = 10

# (number, tx pad, rx pad) of each UART to which something on this rig is wired, in the order of their descriptors
_wired = [
    tuple([int(part) for part in row.split(":")]) for row in (os.getenv("HOTSPARE_UARTS") or "").split(",") if row
]
_uarts = []  # all that were made


def stall(us):
    """Let nothing run for so long, no interrupt either: as while the flash is busy."""
    for uart in _uarts:
        uart._begin_stall()
    utime.sleep_us(us)
    for uart in _uarts:
        uart._end_stall()


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
        self._port = port
        self._fd = UART_FDS[port]
        self._file = open(self._fd, "r+b", buffering=0)
        self._rxbuf = _bounded(options.get("rxbuf", chip.RXBUF_BYTES))
        self._keep = bytearray(self._rxbuf + chip.FIFO_BYTES)
        self._kept = 0
        _uarts.append(self)
        txbuf = 0 if chip.WRITE_WAITS_SENT else _bounded(options.get("txbuf", BUFFER_USUAL))
        self._room = chip.FIFO_BYTES + txbuf
        self._baud = baudrate
        self._free_us = utime.ticks_us()  # when all that was written has left
        say(OP_UART, port, self._rxbuf, baudrate)

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
            die()
        if sent is None:
            return None
        self._free_us = free_us + sent * BITS_PER_BYTE * 1000000 // self._baud
        if chip.WRITE_WAITS_SENT:
            utime.sleep_us(self._free_us - now_us)
        return sent

    def any(self):
        if not self._kept:
            self._kept = self._file.readinto(self._keep, self._rxbuf) or 0
        return self._kept

    def _take(self, most):
        # at most so many of the bytes that have come; return how many
        view = memoryview(self._keep)[self._kept : self._kept + most]
        count = self._file.readinto(view) or 0 if len(view) else 0
        self._kept += count
        return count

    def _begin_stall(self):
        # what has come is in the receive buffer: interrupts put it there
        self._take(self._rxbuf - self._kept)

    def _end_stall(self):
        # nothing emptied the FIFO: what came once it was full is lost
        self._take(chip.FIFO_BYTES)
        lost = 0
        while True:
            count = len(self._file.read(READ_BYTES) or b"")
            lost += count
            if count < READ_BYTES:
                break
        if lost:
            say(OP_OVERRUN, self._port, 0, lost)

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
        data = bytearray(len(self._keep) if size < 0 else size)
        count = self.readinto(data)
        return bytes(data[:count]) if count else None

    def ioctl(self, request, argument):
        return self._fd if request == STREAM_GET_FILENO else -1


def _number_of(pin):
    return None if pin is None else pin._number if hasattr(pin, "_number") else chip.pad(pin)


def _bounded(size):
    return min(max(size, BUFFER_MIN), BUFFER_MAX)
