"""The chip as firmware sees it on an emulated board: as strict as the real one; runs on MicroPython, talks to the rig.

What the firmware does to pads, UARTs and watchdog goes to the rig as messages, levels of inputs come in the page that
both share (rig_end.py). Nothing here allocates in steady use. What differs between kinds of boards stands in the
chip_*.py beside this file, of which one is loaded.
"""

import os
import struct

import kept
import utime
from rig_end import (
    AT_DRIVEN,
    AT_FEED,
    AT_LEVEL,
    MESSAGE,
    OP_BEGUN,
    OP_CRASHED,
    OP_IN,
    OP_OUT,
    OP_REPL,
    OP_RESET,
    OP_SOFT_RESET,
    OP_WATCHDOG,
    chip,
    end,
    page,
    say,
    tell,
)
from uart import UART  # noqa: F401 - a name of this module, as on the chip

globals().update(chip.RESETS)


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
            tell(self._messages[level])
        elif mode == Pin.IN:
            _modes[self._number] = mode
            self._out = -1
            self._pull = 0 if pull is None or pull == -1 or not chip.has_pulls(self._number) else pull
            say(OP_IN, self._number, self._pull)
        else:
            raise ValueError("pin mode is IN or OUT on this rig")

    def value(self, level=None):
        if level is not None:
            level = 1 if level else 0
            if level != _levels[self._number]:
                _levels[self._number] = level
                if self._out >= 0:
                    self._out = level
                    tell(self._messages[level])
            return None
        if self._out >= 0:
            return _levels[self._number]
        view = self._view
        page.seek(0)
        page.readinto(view)
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
        say(OP_WATCHDOG, 0, 0, timeout)

    def feed(self):
        struct.pack_into("<Q", self._feed, 0, utime.ticks_us())
        page.seek(AT_FEED)
        page.write(self._feed)


mem32 = kept.Words(page, chip.KEPT)
if chip.KEPT is None:
    RTC = kept.rtc_of(page)


def reset():
    say(OP_RESET)
    end()


def soft_reset():
    say(OP_SOFT_RESET)
    end()


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
    say(OP_BEGUN)


def repl():
    """Tell the rig that main.py ended and the REPL begins; not part of a chip: called by the boot script only."""
    say(OP_REPL)


def crashed(text):
    """Tell the rig with what the firmware ended; not part of a chip: called by the boot script only."""
    data = text.encode()
    say(OP_CRASHED, 0, 0, len(data))
    tell(data + bytes(-len(data) % struct.calcsize(MESSAGE)))
