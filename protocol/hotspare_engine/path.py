"""A path: one way on which a unit's heartbeat arrives, what it says and how trustworthy it is; no clock, no I/O.

Beats that are frozen or out of order never count as heard. Beats at a wrong rate do, and name the path altered.
"""

from . import words as w

ALTERED_RUN = 12  # altered beats in a row that name a path altered; a drained buffer after a stall holds at most 8
TROUBLE_STEP = 20  # what one late or damaged beat adds; a good beat takes one away
TROUBLE_IMPAIRED = 41  # three troubles, each within 19 beats of the one before
TROUBLE_MAX = 80
# the share of lost beats: a mean in which the newest of them weighs LOSS_ALL >> LOSS_SHIFT, and fades over 256 beats
LOSS_ALL, LOSS_SHIFT = 1 << 18, 8
LOST_MAX = 64  # lost beats that are counted at once
GAP_MAX = 2  # lost beats in a row that are noise; more are an interruption: a neighbour that starts again, a cable out
QUIET_MS = 500  # longest silence of a board that announced it: the worst erase of a flash, and a beat late
QUIET_ANNOUNCED_MS_MAX = 15000  # in a row; a board that announces one for longer is not believed
JUST_NOW = -1  # an age of something that came since the last step

# what the paths of a unit show, one bit each
SEEN_ALIVE, SEEN_SILENT, SEEN_NEVER, SEEN_OK, SEEN_DIRECT_OK, SEEN_BAD, SEEN_LEAVING, SEEN_ALTERED = (
    1 << bit for bit in range(8)
)
SEEN_DEGRADED, SEEN_DIRECT_DEGRADED = 256, 512  # by the unit's own report: through its beacon, without one
SEEN_DOUBTED = 1024  # a bad report of a beacon whose unit only fell silent behind noise


class Path:
    """One way on which a unit's heartbeat arrives. `unit` is its index, `source` the address of who speaks on it."""

    FIELDS = (
        "state", "age_ms", "report", "one_way", "flags", "good", "late", "altered_count", "altered_run", "altered",
        "altered_ms", "fast_run", "trouble", "troubled", "fresh", "heard_report", "heard_s", "heard_flags", "leaving_s",
        "cable", "loss", "noisy", "missed", "damaged", "wait_ms", "refusals",
    )  # fmt: skip

    def __init__(self, kind, unit, source, interval_ms, beats):
        self.kind = kind
        self.unit = unit
        self.source = source
        self.interval_ms = interval_ms
        self.dead_ms = self.wait_ms = interval_ms * beats  # the second is longer around a silence that was announced
        self.state = w.NEVER
        self.age_ms = 0
        self.report = w.UNKNOWN
        self.one_way = self.flags = self.leaving_s = 0
        self.good = self.late = 0
        self.altered_count = self.altered_run = self.altered = self.altered_ms = self.fast_run = 0
        self.trouble = self.troubled = 0
        self.fresh = self.heard_report = self.heard_s = self.heard_flags = 0  # what came since the last step
        self.refusals = 0  # since the first refused frame of this minute
        self.cable = w.CABLE_NOT_SENSED
        self.loss_max = LOSS_ALL
        self.loss = self.noisy = 0
        self.missed = self.damaged = 0  # beats that a gap in the sequence shows; damaged frames since the newest beat

    def take(self, gap_ms):
        """Take the beats that came since the last step, `gap_ms` after the one before; 0: the gap is not known.

        Return whether anything changed that its unit's health may follow.
        """
        changed = self.state != w.ALIVE or self.report != self.heard_report or self.flags != self.heard_flags
        changed = changed or self.leaving_s != self.heard_s
        troubled = self.troubled
        noisy = self.noisy
        if gap_ms:
            if 0 < self.missed <= GAP_MAX and self.state == w.ALIVE:
                self.lose(self.missed)
            if self.loss:
                self._gain(self.fresh)
            if self.state == w.ALIVE and gap_ms > 2 * self.interval_ms + self.wait_ms - self.dead_ms:
                self.late += 1
                self.disturb(1)
            elif self.trouble:
                self.trouble -= 1
                if not self.trouble:
                    self.troubled = 0
            self._rate(gap_ms)
        if self.altered and not self.altered_run:
            self.altered = 0
            changed = True
        self.state = w.ALIVE
        self.age_ms = 0
        self.wait_ms = self.dead_ms
        self.report = self.heard_report
        self.leaving_s = self.heard_s
        self.flags = self.heard_flags
        self.one_way = 0 if self.flags & w.ECHOED else 1
        self.good += self.fresh
        self.fresh = self.missed = self.damaged = 0
        return changed or troubled != self.troubled or noisy != self.noisy

    def lose(self, count):
        """So many beats were lost on the way; return whether the path became noisy by them."""
        self.loss += min(count, LOST_MAX) * (LOSS_ALL - self.loss) >> LOSS_SHIFT
        if self.noisy or self.loss <= self.loss_max:
            return False
        self.noisy = 1
        return True

    def _gain(self, count):
        # rounded up, so that nothing is left one day
        self.loss = max(0, self.loss - count * (self.loss + (1 << LOSS_SHIFT) - 1 >> LOSS_SHIFT))
        if self.noisy and 2 * self.loss < self.loss_max:
            self.noisy = 0

    def loss_permille(self):
        """Return how many of a thousand beats are lost on the way, as measured over the last few hundred."""
        return self.loss * 1000 // LOSS_ALL

    def _rate(self, gap_ms):
        # half an interval: beats on a change may come early now and then, a run of them is no heartbeat of ours
        if self.fresh > 1 or gap_ms * 2 < self.interval_ms:
            self.fast_run += self.fresh
            if self.fast_run >= ALTERED_RUN:
                self.altered_run = ALTERED_RUN
                self.altered_ms = JUST_NOW
        else:
            self.fast_run = 0
            self.altered_run = 0

    def count_altered(self):
        """A frozen or out of order beat arrived; return whether the path has to be named altered now."""
        self.altered_count += 1
        self.altered_run += 1
        self.altered_ms = JUST_NOW
        return self.altered_run >= ALTERED_RUN and not self.altered

    def calm(self, ms):
        """Time has passed on an altered path; return whether altered beats have ended."""
        self.altered_ms = self.altered_ms + ms if self.altered_ms != JUST_NOW else 0
        if self.altered_ms < self.dead_ms:
            return False
        self.altered = self.altered_run = self.fast_run = 0
        return True

    def disturb(self, count):
        """So many beats were late or damaged; return whether the path became troubled by them."""
        before = self.troubled
        self.trouble = min(TROUBLE_MAX, self.trouble + TROUBLE_STEP * min(count, TROUBLE_MAX))
        if self.trouble >= TROUBLE_IMPAIRED:
            self.troubled = 1
        return self.troubled != before

    def seen(self):
        """Return what this path shows of its unit, as bits."""
        bits = SEEN_ALTERED if self.altered else 0
        if self.state != w.ALIVE:
            return bits | (SEEN_SILENT if self.state == w.SILENT else SEEN_NEVER)
        bits |= SEEN_ALIVE
        report = self.report
        if report == w.OK or report == w.IMPAIRED:
            bits |= SEEN_OK
            if self.kind == w.PATH_AGENT:
                bits |= SEEN_DIRECT_OK
            if self.is_degraded():
                bits |= SEEN_DIRECT_DEGRADED if self.kind == w.PATH_AGENT else SEEN_DEGRADED
        elif report == w.FAILED:
            bits |= SEEN_DOUBTED if self.flags & w.NOISY else SEEN_BAD
        elif report == w.LEAVING:
            bits |= SEEN_LEAVING
        return bits

    def complaint(self):
        """Return why this path, though alive, makes its unit impaired; WHY_NOTHING if it does not."""
        if self.state != w.ALIVE:
            return w.WHY_NOTHING
        if self.one_way:
            return w.WHY_ONE_WAY
        if self.noisy:
            return w.WHY_NOISY
        if self.troubled:
            return w.WHY_TROUBLE
        if self.report != w.IMPAIRED:
            return w.WHY_NOTHING
        return w.WHY_DEGRADED if self.is_degraded() else w.WHY_REPORTED

    def is_degraded(self):
        """Return whether the unit itself says here that it is impaired; a beacon says it of an agent's path too."""
        return self.report == w.IMPAIRED and (self.kind == w.PATH_AGENT or self.flags & w.DEGRADED)
