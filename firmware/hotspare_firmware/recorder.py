"""The recorder: the board's own record of events, numbered, in a ring of fixed size in memory; imports nothing."""

EVENTS_MAX = 200
WIDTH = 4


class Recorder:
    """Events as (at_ms, kind, a, b) with rising numbers; the oldest make room, and the gap shows in the numbers."""

    def __init__(self, boot):
        self.boot = boot
        self.next = 0
        self._rows = [0] * (EVENTS_MAX * WIDTH)

    def add(self, at_ms, kind, a, b):
        """Record one event."""
        place = self.next % EVENTS_MAX * WIDTH
        self._rows[place] = at_ms
        self._rows[place + 1] = kind
        self._rows[place + 2] = a
        self._rows[place + 3] = b
        self.next += 1

    def first(self):
        """Return the number of the oldest event kept."""
        return max(0, self.next - EVENTS_MAX)

    def get(self, number):
        """Return (number, at_ms, kind, a, b) of an event or of the first one kept after it; None when there is none."""
        number = max(number, self.first())
        if number >= self.next:
            return None
        place = number % EVENTS_MAX * WIDTH
        return (number,) + tuple(self._rows[place : place + WIDTH])
