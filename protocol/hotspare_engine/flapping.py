"""Flapping: units that fail again and again within the attempts window; no automatic return goes to one; pure.

A failure counts when it is believed, by its distance from the one before it. A flapping unit ends being one when it has
not been failed for a whole window.
"""

from . import words as w
from .timers import FLAPPING


class Flapping:
    """Finds for a Group its flapping units: `units` has a bit for each, `failed` one for each that is failed now.

    `gaps_ms` holds for each unit the distances of its newest failures; one that is too far is longer than the window.
    A timer of each unit runs for a window from its newest failure and, while it flaps, again from the end of that.
    """

    FIELDS = ("units", "failed", "gaps_ms")

    def __init__(self, group):
        self.group = group
        self.window_ms = group.settings.attempts_window_s * 1000
        self.gaps = group.settings.attempts_max - 1
        self.units = self.failed = 0
        self.gaps_ms = [self.window_ms + 1] * (self.gaps * len(group.health.units))

    def look(self):
        """Before a decision: note which units began to fail and which are failed no more."""
        place = 0
        for unit in self.group.health.units:
            bit = 1 << place
            if self.failed & bit:
                if unit.health != w.FAILED:
                    self.failed &= ~bit
                    if self.units & bit:
                        self.group.timers.start(FLAPPING + place, self.window_ms)
            elif unit.believed:
                self.failed |= bit
                self._note(place, bit)
            place += 1

    def ended(self, ended):
        """Timers ended, a bit each; a unit that is still failed begins another window."""
        for place in range(len(self.group.health.units)):
            bit = 1 << place
            if ended >> FLAPPING + place & 1 and self.units & bit:
                if self.failed & bit:
                    self.group.timers.start(FLAPPING + place, self.window_ms)
                else:
                    self._become(place, self.units & ~bit)

    def _note(self, place, bit):
        timers = self.group.timers
        left_ms = timers.left(FLAPPING + place)
        gap_ms = self.window_ms - left_ms if left_ms else self.window_ms + 1
        timers.start(FLAPPING + place, self.window_ms)
        within_ms = 0
        for at in range(place * self.gaps, (place + 1) * self.gaps):
            older_ms = self.gaps_ms[at]
            self.gaps_ms[at] = gap_ms
            within_ms = min(within_ms + gap_ms, self.window_ms + 1)
            gap_ms = older_ms
        if within_ms <= self.window_ms and not self.units & bit:
            self._become(place, self.units | bit)

    def _become(self, place, units):
        self.units = units
        self.group.outbox.put(w.RECORD, w.E_FLAPPING, place, units >> place & 1)
