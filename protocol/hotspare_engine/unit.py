"""A unit: what is believed of one, and what time makes of that; the judgement itself is Health's. No clock, no I/O."""

from . import words as w

AGE_MAX_MS = 1 << 29  # ages stop here: a small integer on a 32-bit board


class Unit:
    """What is believed of one unit. A failure or a degradation has to last for `hold_off_ms` to be acted on.

    `failed_ms` counts how long it has been failed; `believed` says that this has lasted for hold-off. `known` says that
    it was well at some time since boot. `degraded_ms` is 1 and how long it has said itself that it is degraded, or 0.
    `noisy` says that it is failed because it fell silent, and all of its paths that did so were noisy. `mute_ms` counts
    how long its paths have lived and not said how it is, which is a failure after `mute_max_ms`.
    """

    FIELDS = (
        "health", "why", "failed_ms", "believed", "known", "leaving_ms", "leaving_said", "mute_ms", "degraded_ms",
        "noisy",
    )  # fmt: skip

    def __init__(self, hold_off_ms, mute_max_ms):
        self.hold_off_ms = hold_off_ms
        self.mute_max_ms = mute_max_ms
        self.health = w.UNKNOWN
        self.why = w.WHY_NOTHING
        self.failed_ms = self.believed = self.known = self.leaving_ms = self.leaving_said = self.mute_ms = 0
        self.degraded_ms = self.noisy = 0

    def elapsed(self, ms, blind):
        """Time has passed, `blind` if it was an own stall; return whether it has to be judged afresh."""
        if self.health == w.FAILED:
            return not blind and self.failed_ms < AGE_MAX_MS and self._lasts(ms)
        if self.leaving_said or self.mute_ms:
            return self._waits(ms, blind)
        if not self.degraded_ms or blind or self.is_degraded():
            return False
        self.degraded_ms += ms
        return self.is_degraded()

    def _lasts(self, ms):
        self.failed_ms += ms
        if self.believed or self.failed_ms < self.hold_off_ms:
            return False
        self.believed = 1
        return True

    def _waits(self, ms, blind):
        ends = False
        if self.leaving_ms:
            self.leaving_ms = max(0, self.leaving_ms - ms)
            ends = not self.leaving_ms
        if self.mute_ms and not blind:
            self.mute_ms += ms
            ends = ends or self.mute_ms > self.mute_max_ms
        return ends

    def next_ms(self, least):
        """Return the smaller of `least` and the time until it may have to be judged afresh by time alone, in ms."""
        if self.health == w.FAILED:
            return least if self.believed else min(least, self.hold_off_ms - self.failed_ms)
        if self.leaving_ms:
            least = min(least, self.leaving_ms)
        if self.mute_ms:
            least = min(least, self.mute_max_ms - self.mute_ms + 1)
        if self.degraded_ms and not self.is_degraded():
            least = min(least, self.hold_off_ms - self.degraded_ms + 1)
        return least

    def is_degraded(self):
        """Return whether it is degraded by its own report, and has been for hold-off."""
        return self.degraded_ms > self.hold_off_ms

    def doubt(self):
        """Begin hold-off again; return whether it had begun."""
        if not self.hold_off_ms or not (self.believed or self.degraded_ms):
            return False
        self.believed = self.failed_ms = 0
        self.degraded_ms = 1 if self.degraded_ms else 0
        return True

    def stays(self):
        """It neither leaves nor is mute."""
        self.leaving_said = self.leaving_ms = self.mute_ms = 0

    def believe(self, health, why):
        """Take a judgement."""
        if health != self.health:  # another reason for the same failure does not begin hold-off again
            self.failed_ms = self.mute_ms = 0
            self.noisy = self.noisy if health == w.FAILED else 0
            self.believed = 1 if health == w.FAILED and not self.hold_off_ms else 0
        self.health = health
        self.why = why
