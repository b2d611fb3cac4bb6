"""Switching: a target becomes ordered steps on changeover relays, each with a limit and a stated outcome; no clock, no pin.

Steps from line `a` to line `b`: release a, see it on its primary, dead time, drive b, see it on the spare. Break before
make comes from the form-C contact; read-backs prove it. Outcomes when a limit passes:
- read-backs still show the old position: one retry, then back to where it was (FAULT).
- read-backs show neither or both: a changeover goes on (the contact is exclusive), with a read-back alarm (UNSEEN).
"""

from . import words as w

IDLE, COIL_REST, RELEASING, DEAD_TIME, DRIVING, RETRY_REST = range(6)
STEP_NAMES = ("idle", "coil rest", "releasing", "dead time", "driving", "retry rest")
# outcomes of `elapsed`
GOING, SEEN, UNSEEN, FAULT = range(4)
TRIES_MAX = 2
LONG_AGO_MS = 1 << 29


class Lines:
    """Read-backs and drives of every line, with how long each has been as it is, in ms."""

    FIELDS = ("position", "rest_ms", "driven", "coil_ms")

    def __init__(self, count):
        self.count = count
        self.position = [w.NONE] * count  # NONE: not read yet
        self.rest_ms = [0] * count
        self.driven = [w.AT_PRIMARY] * count
        self.coil_ms = [LONG_AGO_MS] * count

    def elapsed(self, ms):
        """Time has passed for every contact and coil."""
        for line in range(self.count):
            if self.rest_ms[line] < LONG_AGO_MS:
                self.rest_ms[line] += ms
            if self.coil_ms[line] < LONG_AGO_MS:
                self.coil_ms[line] += ms

    def contact(self, line, position):
        """A read-back changed; return whether it did."""
        if self.position[line] == position:
            return False
        self.position[line] = position
        self.rest_ms[line] = 0
        return True


class Switching:
    """One switch under way from one selection to another. `drive(line, position)` is called for each command to a relay."""

    FIELDS = ("step", "source", "target", "age_ms", "step_ms", "tries", "unseen", "line")

    def __init__(self, lines, settings, drive):
        self.lines = lines
        self.settings = settings
        self._drive = drive
        self.step = IDLE
        self.source = self.target = self.line = w.NONE
        self.age_ms = self.step_ms = self.tries = self.unseen = 0

    def begin(self, source, target):
        """Begin to move the spare from line `source` to line `target`; NONE is no line."""
        assert self.step == IDLE and source != target
        self.source = source
        self.target = target
        self.age_ms = 0
        self.tries = 0
        self.unseen = 0
        self.line = source if source != w.NONE else target
        self._enter(COIL_REST)
        self._rest()

    def retarget(self, target):
        """Between steps the resolver found another target: while nothing connects yet it is taken; return whether it was."""
        if self.source == w.NONE or target == self.source or self.step not in (RELEASING, DEAD_TIME):
            return False
        self.target = target
        return True

    def stop(self):
        """Forget the switch."""
        self.step = IDLE

    def elapsed(self, ms):
        """Time has passed; return GOING, or the outcome, after which the switch is idle."""
        self.age_ms += ms
        self.step_ms += ms
        if self.step == COIL_REST:
            self._rest()
        elif self.step == DEAD_TIME:
            if self.step_ms >= self.settings.dead_time_ms:
                self._command(DRIVING, w.AT_SPARE)
        elif self.step == RETRY_REST:
            if self.lines.coil_ms[self.line] >= self.settings.coil_min_ms:
                self._command(DRIVING, w.AT_SPARE)
        return self._look()

    def next_ms(self):
        """Return the time until the step under way has something to do, in ms; contacts are looked at in between."""
        settings = self.settings
        if self.step in (COIL_REST, RETRY_REST):
            return settings.coil_min_ms - self.lines.coil_ms[self.line]
        if self.step == DEAD_TIME:
            return settings.dead_time_ms - self.step_ms
        return 1

    def _enter(self, step):
        self.step = step
        self.step_ms = 0

    def _command(self, step, position):
        self._enter(step)
        self._drive(self.line, position)

    def _rest(self):
        # the minimum coil time is absolute: contacts weld when a coil is chopped
        if self.lines.coil_ms[self.line] >= self.settings.coil_min_ms:
            if self.line == self.source:
                self._command(RELEASING, w.AT_PRIMARY)
            else:
                self._command(DRIVING, w.AT_SPARE)

    def _look(self):
        if self.step not in (RELEASING, DRIVING):
            return GOING
        wanted = w.AT_PRIMARY if self.step == RELEASING else w.AT_SPARE
        position = self.lines.position[self.line]
        if position == wanted:
            if self.lines.rest_ms[self.line] >= self.settings.steady_ms:
                return self._arrived()
            return GOING
        limit_ms = self.settings.operate_limit_ms
        if self.step_ms < limit_ms:
            return GOING
        if position in (w.BETWEEN, w.AT_BOTH, w.NONE):
            self.unseen = 1
            return self._arrived()
        self.tries += 1
        if self.tries < TRIES_MAX:
            if self.step == DRIVING:
                self._command(RETRY_REST, w.AT_PRIMARY)
            else:
                self._command(RELEASING, w.AT_PRIMARY)
            return GOING
        # stated outcome: the drive goes back to where the contacts are
        self._drive(self.line, position)
        self.step = IDLE
        return FAULT

    def _arrived(self):
        if self.step == RELEASING and self.target != w.NONE:
            self.line = self.target
            self.tries = 0
            self._enter(DEAD_TIME)
            return GOING
        self.step = IDLE
        return UNSEEN if self.unseen else SEEN
