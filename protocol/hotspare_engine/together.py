"""Together: moments in which several primaries fail or recover at once; the spare waits so that it moves once; pure.

What silences a board of a chain silences those behind it too, some a moment sooner than others; and when they are heard
again, some are heard a moment later. The spare waits no longer than half a dead time. A group of one primary has none.
"""

from . import timers
from . import words as w


class Together:
    """Finds for a Group how long the failure of one primary waits for what becomes of the others."""

    FIELDS = ("lost", "waiting")

    def __init__(self, group):
        self.group = group
        self.lost = 0  # whether the primary behind the spare was not well when it was last looked at
        self.waiting = 0  # lines that were uncovered when it was well again, a bit each

    def look(self):
        """Before a decision: note the moment in which the primary behind the spare is well again."""
        group = self.group
        line = group.selected
        if line == w.NONE:
            self.lost = 0
            return
        well = group.health.well(line)
        if well and self.lost:
            self.waiting = group.situation.uncovered
            group.timers.start(timers.RECOVERED, group.settings.interval_ms * group.settings.beats // 2)
        self.lost = 0 if well else 1

    def left_ms(self, place):
        """Return how long the failure of a primary waits now; 0: it does not."""
        group = self.group
        for before in range(place):
            left_ms = group.health.doubt_ms(before)
            if left_ms:
                return left_ms
        return group.timers.left(timers.RECOVERED) if self.waiting >> place & 1 else 0
