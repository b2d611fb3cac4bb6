"""The pads of a board as the rig sees them: what the firmware drives, what is driven from outside; no process in here.

The page is memory shared with the board: it reads the levels of its inputs there and leaves the time of its last feed,
so that neither costs a message. What the chip keeps over its resets is there too, what is to become of its flash, and
the backup SRAM of a pyboard.
"""

from __future__ import annotations

import os
import struct
import sys
import tempfile
from collections.abc import Callable

AT_FEED, AT_KEPT, AT_FLASH, AT_BACKUP = 16, 24, 48, 64
KEPT_BYTES = 16
PAGE_BYTES = AT_BACKUP + 4096
_LEVELS = struct.Struct("<QQ")
_FEED = struct.Struct("<Q")
_FLASH = struct.Struct("<IIII")

NO_CUT = 0xFFFFFFFF

Listener = Callable[[int | None], None]


class Page:
    """The shared page: levels from the rig, the time of the last feed from the board."""

    def __init__(self) -> None:
        if sys.platform == "linux":
            self.fd = os.memfd_create("hotspare-page")
        else:
            self.fd, path = tempfile.mkstemp()
            os.unlink(path)
        os.pwrite(self.fd, bytes(PAGE_BYTES), 0)
        os.pwrite(self.fd, _FLASH.pack(0, NO_CUT, 0, 0), AT_FLASH)

    def close(self) -> None:
        """Give the memory back."""
        os.close(self.fd)

    def write_levels(self, driven: int, level: int) -> None:
        """Let the board read these levels; both are bit masks by pin."""
        os.pwrite(self.fd, _LEVELS.pack(driven, level), 0)

    def forget(self, garbage: bytes) -> None:
        """Power was lost, or what else the memory that outlives a reset does not outlive: `garbage` is there now."""
        assert len(garbage) == KEPT_BYTES
        os.pwrite(self.fd, garbage + bytes((KEPT_BYTES,)), AT_KEPT)

    def feed_us(self) -> int:
        """Return when the board last fed its watchdog, on the machine's clock."""
        return int(_FEED.unpack(os.pread(self.fd, _FEED.size, AT_FEED))[0])

    def flash_operations(self) -> int:
        """Return how many programs and erases the board has done so far."""
        return int(_FLASH.unpack(os.pread(self.fd, _FLASH.size, AT_FLASH))[0])

    def cut_flash(self, operation: int, how: int) -> None:
        """Let power go at an operation, counted from the first one of all; NO_CUT: at none."""
        os.pwrite(self.fd, struct.pack("<II", operation, how), AT_FLASH + 4)

    def stall_flash(self, erase_us: int) -> None:
        """Let an erase take so long."""
        os.pwrite(self.fd, struct.pack("<I", erase_us), AT_FLASH + 12)


class Pads:
    """Outputs with their listeners, inputs with the levels that the rig drives them to."""

    def __init__(self, page: Page) -> None:
        self.outputs: dict[int, int] = {}
        self._page = page
        self._listeners: dict[int, Listener] = {}
        self._driven = 0
        self._level = 0

    def listen(self, pin: int, listener: Listener) -> None:
        """Tell `listener` what the board drives `pin` to: a level, or None while it does not drive it."""
        self._listeners[pin] = listener

    def show(self, pin: int, level: int) -> None:
        """Drive the input `pin` from outside."""
        bit = 1 << pin
        self._driven |= bit
        self._level = self._level | bit if level else self._level & ~bit
        self._page.write_levels(self._driven, self._level)

    def output(self, pin: int, level: int) -> None:
        """The firmware drives `pin` to `level`."""
        if self.outputs.get(pin) != level:
            self.outputs[pin] = level
            listener = self._listeners.get(pin)
            if listener is not None:
                listener(level)

    def release(self, pin: int) -> None:
        """The firmware makes `pin` an input."""
        if self.outputs.pop(pin, None) is not None:
            listener = self._listeners.get(pin)
            if listener is not None:
                listener(None)

    def fall(self) -> None:
        """Reset or power loss: every pad is an input again, in the order of the pins."""
        for pin in sorted(self.outputs):
            self.release(pin)
