"""Lines: what the read-backs and the drives of every line say, and for how long; no clock, no pin.

A read-back that changes is believed once it has rested for `steady_ms`: contacts bounce. It is then `settled`.
"""

from . import words as w

LONG_AGO_MS = 1 << 29


class Lines:
    """Read-backs (`position` as read, `settled` as believed) and drives of every line; NONE: not read yet."""

    FIELDS = ("position", "settled", "moved", "rest_ms", "driven", "coil_ms", "told")

    def __init__(self, count, steady_ms, switch=w.CHANGEOVER):
        self.count = count
        self.opens = switch != w.CHANGEOVER  # whether a line may be seen connected to nobody
        # where a line is while nothing is energised
        self.rest = w.BETWEEN if switch == w.INTERLOCKED or switch == w.UNPROVEN else w.AT_PRIMARY
        self.steady_ms = steady_ms
        self.position = [w.NONE] * count
        self.settled = [w.NONE] * count
        self.told = [w.NONE] * count  # what was last news
        self.moved = [0] * count  # whether the read-back changed since the last step
        self.rest_ms = [0] * count
        self.driven = [self.rest] * count
        self.coil_ms = [LONG_AGO_MS] * count  # since the last command to the coil

    def contact(self, line, position):
        """The read-backs of a line were read; return whether they left where they rested: bounce is not news."""
        if self.position[line] == position:
            return False
        self.position[line] = position
        self.moved[line] = 1
        if self.told[line] != self.settled[line]:
            return False
        self.told[line] = position
        return True

    def _rests(self, line):
        settled = self.settled[line]
        return self.position[line] == settled and self.told[line] == settled

    def elapsed(self, ms):
        """Time has passed for every contact and coil; return the lines whose read-backs came to rest, a bit each."""
        rested = 0
        for line in range(self.count):
            if self.coil_ms[line] < LONG_AGO_MS:
                self.coil_ms[line] += ms
            if self._rests(line):
                continue
            if self.moved[line]:  # it was read at the end of the time that has passed
                self.moved[line] = 0
                self.rest_ms[line] = 0
            else:
                self.rest_ms[line] += ms
            if self.rest_ms[line] >= self.steady_ms:
                self.settled[line] = self.told[line] = self.position[line]
                rested |= 1 << line
        return rested

    def next_ms(self, least):
        """Return the smaller of `least` and the time until a read-back may settle."""
        for line in range(self.count):
            if not self._rests(line):
                left_ms = 0 if self.moved[line] else self.steady_ms - self.rest_ms[line]
                if left_ms < least:
                    least = left_ms
        return least

    def drive(self, line, position):
        """A relay is commanded."""
        self.driven[line] = position
        self.coil_ms[line] = 0

    def all_read(self):
        """Return whether the read-backs of every line have settled at least once."""
        for line in range(self.count):
            if self.settled[line] == w.NONE:
                return False
        return True

    def readable(self, line):
        """Return whether the read-backs of a line say one position."""
        settled = self.settled[line]
        return settled == w.AT_PRIMARY or settled == w.AT_SPARE or (self.opens and settled == w.BETWEEN)

    def proven(self):
        """Return whether the read-backs of every line say what it is driven to."""
        return self.settled == self.driven

    def unconnected(self):
        """Return the first line that rests on nobody and is seen so, or NONE."""
        if self.opens:
            for line in range(self.count):
                if self.driven[line] == w.BETWEEN and self.settled[line] == w.BETWEEN:
                    return line
        return w.NONE

    def at_spare(self, but=w.NONE):
        """Return how many lines read the spare, one of them left out."""
        count = 0
        for line in range(self.count):
            if line != but and self.settled[line] == w.AT_SPARE:
                count += 1
        return count

    def carried(self):
        """Return the line that the spare carries, by read-backs, or by the drive where they say nothing; or NONE."""
        for line in range(self.count):
            at = self.settled[line] if self.readable(line) else self.driven[line]
            if at == w.AT_SPARE:
                return line
        return w.NONE
