"""The hardware: the one module that imports `machine`; pins, ports, watchdog and reset come from here.

What differs between the ports of MicroPython stands here, with numbers from wiring/, and nowhere else:
- the wiring file: os.uname() names the port and, after "with", the chip; both are said when an image is built;
- UARTs: rp2 and esp32 are told the pins and have a transmit buffer. On stm32 the number says the pins, and a write ends
  when its last byte has left;
- pads: those of an ESP32 outlive every reset but a loss of power, and some of its inputs have no pulls;
- causes of a reset: rp2 says watchdog after machine.reset() too, esp32 power-on after a brown-out; the names are alike;
- memory that outlives a reset: words at an address, or the RTC's on an ESP32, which is written whole;
- the chip's id: 8 bytes on rp2, 6 on esp32, 12 on stm32.
The host's stream is standard input and output on all of them (usb.py): USB, or UART0 of an ESP32, where a write waits
for the wire and never for a host.
"""

import gc
import hashlib
import os
import struct
import sys

import machine

from .bootrecord import SIZE as KEPT_BYTES

_CAUSES = ("PWRON_RESET", "HARD_RESET", "WDT_RESET", "DEEPSLEEP_RESET", "SOFT_RESET")
_ESP32 = ("ESP32", "ESP32D2WD", "ESP32PICOD4", "ESP32PICOV302", "ESP32UNICORE")  # not its S2, C3 and other kin
UART_BYTES = 256  # of each buffer: eight heartbeats
ID_BYTES = 8


def wiring_of(port, board):
    """Return the wiring for what os.uname() says; files of other kinds are not even read. ValueError: there is none."""
    chip = board.split(" with ")[-1].replace("-", "")
    if port == "rp2":
        from .wiring import pico

        return pico
    if port == "esp32" and chip.startswith("ESP32S3"):
        from .wiring import esp32s3

        return esp32s3
    if port == "esp32" and chip in _ESP32:
        from .wiring import esp32

        return esp32
    if board.startswith("PYBv1"):
        from .wiring import pyboard

        return pyboard
    raise ValueError("no wiring for %s" % board)


def forget(wiring):
    """Give back the memory of a wiring file: its texts are for people."""
    del sys.modules[wiring.__name__]
    delattr(sys.modules[__name__[: __name__.rfind(".")] + ".wiring"], wiring.KIND)


class RtcWords:
    """Words in the memory of an ESP32's RTC, by the places of their bytes, as machine.mem32 has them elsewhere."""

    def __init__(self):
        self._rtc = machine.RTC()
        kept = self._rtc.memory()
        self._data = bytearray(kept if len(kept) == KEPT_BYTES else KEPT_BYTES)

    def __getitem__(self, at):
        return struct.unpack_from("<I", self._data, at)[0]

    def __setitem__(self, at, value):
        struct.pack_into("<I", self._data, at, value)
        self._rtc.memory(self._data)


class Hardware:
    """Pins by the names of the wiring file; a pin is made once, outputs with their level before their direction."""

    def __init__(self):
        said = os.uname()
        self._wiring = wiring = wiring_of(said[0], said[4])
        self.kind = wiring.KIND
        self.wired = False
        self._pads: dict = {}
        self._uarts = wiring.UARTS
        self._uarts_fixed = wiring.UARTS_FIXED
        self._without_pulls = wiring.INPUT_ONLY
        self._keeps_pads = wiring.KEEPS_PADS
        self._watchdog_max_ms = wiring.WATCHDOG_MAX_MS
        self._kept = wiring.KEPT.get(said[4].split(" with ")[-1], 0) if wiring.KEPT else -1
        self._watchdog = None

    def wire(self, moved):
        """Take the pins by name, some of them moved: pairs of a pin's place in the wiring file, from 1, and a pad's.

        With a place that is not there the board is not `wired`, and so has no configuration that it can follow.
        """
        wiring = self._wiring
        self._wiring = None
        self._pads = {row[0]: row[1] for row in wiring.PINS}
        self.wired = True
        for at in range(0, len(moved), 2):
            place, pad = moved[at], moved[at + 1]
            if place > len(wiring.PINS) or pad >= len(wiring.PADS):
                self.wired = False
            elif place:
                self._pads[wiring.PINS[place - 1][0]] = wiring.PADS[pad]
        forget(wiring)

    def fall(self):
        """Let fall what a reset of this chip may have left energised; on others the reset itself did that."""
        if self._keeps_pads:
            for name in self._pads:
                if name.startswith("relay") or name == "alarm" or name == "start":
                    self.output(name)

    def output(self, name, level=0):
        """Return a pin that drives `level` from the moment it drives at all."""
        return machine.Pin(self._pads[name], machine.Pin.OUT, value=level)

    def input(self, name):
        """Return an input whose pull-down makes a lost wire read 0: the chip's, where it has one."""
        pad = self._pads[name]
        if pad in self._without_pulls:
            return machine.Pin(pad, machine.Pin.IN)
        return machine.Pin(pad, machine.Pin.IN, machine.Pin.PULL_DOWN)

    def uart(self, number, baud):
        """Return the UART of that place in the wiring at `baud`; a read of no more than any() says never waits."""
        ident, tx, rx = self._uarts[number]
        if self._uarts_fixed:
            return machine.UART(ident, baudrate=baud, rxbuf=UART_BYTES, timeout=0)
        return machine.UART(
            ident,
            baudrate=baud,
            tx=machine.Pin(self._pads[tx]),
            rx=machine.Pin(self._pads[rx]),
            txbuf=UART_BYTES,
            rxbuf=UART_BYTES,
            timeout=0,
        )

    def datagrams(self, port, peer, peer_port):
        """Return what sends and hears datagrams; boards that use no network do not even load it."""
        from .network import Datagrams

        return Datagrams(port, peer, peer_port)

    def flash(self):
        """Return the raw pages of the board's flash."""
        from . import flash

        return flash.of(self.kind)

    def start_watchdog(self, timeout_ms):
        """Start the watchdog; it can not be stopped again."""
        self._watchdog = machine.WDT(timeout=min(timeout_ms, self._watchdog_max_ms))

    def feed(self):
        """Feed the watchdog, once it is started."""
        if self._watchdog:
            self._watchdog.feed()

    def reset(self):
        """Reset the chip: every pad returns to its reset state, so an energised plain relay falls."""
        self.fall()
        machine.reset()

    def cause(self):
        """Return the cause of the last reset: 0 power-on, 1 hard, 2 watchdog, 3 deep sleep, 4 soft, 255 unknown."""
        cause = machine.reset_cause()
        for place, name in enumerate(_CAUSES):
            if getattr(machine, name, None) == cause:
                return place
        return 255

    def unique_id(self):
        """Return the chip's id as exactly eight bytes."""
        ident = bytes(machine.unique_id())
        if len(ident) > ID_BYTES:  # a cut one could be another chip's too
            ident = hashlib.sha256(ident).digest()
        return (ident + bytes(ID_BYTES))[:ID_BYTES]

    def interpreter(self):
        """Return the version of MicroPython."""
        return ".".join([str(part) for part in sys.implementation.version[:3]])

    def kept(self):
        """Return the words of the boot record and the place of the first: they outlive a reset, not a loss of power."""
        if self._kept > 0:
            return machine.mem32, self._kept
        if self._kept < 0:
            return RtcWords(), 0
        return {at: 0 for at in range(0, KEPT_BYTES, 4)}, 0  # a chip of which it is not known where

    def heap_free(self):
        """Return the free heap in bytes."""
        return gc.mem_free()

    def draw(self):
        """Return eight random bytes for a session's nonce."""
        return os.urandom(8)
