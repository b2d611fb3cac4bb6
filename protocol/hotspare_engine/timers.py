"""Timers: how long each thing still waits, counted down together, so that a step costs one comparison; pure."""

# what is timed; a watch uses the first three
GRACE, CONFLICT, STALL, RESUME, WTR, STAY, RETURNS, FALLS, TOGETHER, RECOVERED = range(10)
STARTING, STOPPING, UNREADY, UNDRAINED, REFUSED = range(10, 15)
FLAPPING = 15  # the first of one for each unit: they stay last
TIMERS = FLAPPING + 8

CONFLICT_HOLD_MS = 5000  # a conflict counts for so long after it was last heard
STALL_ALARM_MS = 10000  # an own stall is alarmed for so long
REFUSED_MS = 60000  # refused frames are counted for so long, then told
FAR_MS = 1 << 29  # further than any timer: a small integer on a 32-bit board


class Timers:
    """`left_ms` of each timer as it was `past_ms` ago, 0 when it does not run; `nearest_ms` is the least of them."""

    FIELDS = ("left_ms", "past_ms", "nearest_ms")

    def __init__(self):
        self.left_ms = [0] * TIMERS
        self.past_ms = 0
        self.nearest_ms = FAR_MS

    def start(self, timer, ms):
        """Let a timer run for `ms` from now, whatever it was; 0 stops it."""
        self.left_ms[timer] = ms + self.past_ms if ms else 0
        self._find_nearest()

    def stop(self, timer):
        """End a timer without a word; return how long it still had."""
        left_ms = self.left(timer)
        self.left_ms[timer] = 0
        self._find_nearest()
        return left_ms

    def runs(self, timer):
        """Return whether a timer runs."""
        return self.left_ms[timer] > 0

    def left(self, timer):
        """Return how long a timer still runs, 0 when it does not."""
        left_ms = self.left_ms[timer]
        return left_ms - self.past_ms if left_ms else 0

    def elapsed(self, ms):
        """Time has passed; return the timers that ended in it, a bit each."""
        self.past_ms += ms
        if self.past_ms < self.nearest_ms:
            return 0
        ended = 0
        for timer in range(TIMERS):
            left_ms = self.left_ms[timer]
            if left_ms:
                if left_ms <= self.past_ms:
                    left_ms = self.past_ms
                    ended |= 1 << timer
                self.left_ms[timer] = left_ms - self.past_ms
        self.past_ms = 0
        self._find_nearest()
        return ended

    def next_ms(self, least):
        """Return the smaller of `least` and the time until a timer ends."""
        left_ms = self.nearest_ms - self.past_ms
        return left_ms if left_ms < least else least

    def _find_nearest(self):
        nearest_ms = FAR_MS
        for left_ms in self.left_ms:
            if left_ms and left_ms < nearest_ms:
                nearest_ms = left_ms
        self.nearest_ms = nearest_ms
