"""The recorder: the board's own record of events, numbered, in a ring of fixed size in memory; imports struct."""

import struct

EVENTS_MAX = 200
ROW = "<IBii"
ROW_SIZE = struct.calcsize(ROW)


class Recorder:
    """Events as (at_ms, kind, a, b) with rising numbers; the oldest make room, and the gap shows in the numbers."""

    def __init__(self, boot, ident=0):
        self.id = ident
        self.boot = boot
        self.next = 0
        self._rows = bytearray(EVENTS_MAX * ROW_SIZE)

    def add(self, at_ms, kind, a, b):
        """Record one event."""
        struct.pack_into(ROW, self._rows, self.next % EVENTS_MAX * ROW_SIZE, at_ms & 0xFFFFFFFF, kind, a, b)
        self.next += 1

    def first(self):
        """Return the number of the oldest event kept."""
        return max(0, self.next - EVENTS_MAX)

    def get(self, number):
        """Return (number, boot, at_ms, kind, a, b) of an event or of the first one kept after it, or None."""
        number = max(number, self.first())
        if number >= self.next:
            return None
        return (number, self.boot) + struct.unpack_from(ROW, self._rows, number % EVENTS_MAX * ROW_SIZE)

    def kept(self, number):
        """Take it that the host has committed every event below `number`: in memory that changes nothing."""
