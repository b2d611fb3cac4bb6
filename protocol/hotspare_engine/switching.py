"""Switching: a target becomes ordered steps on changeover relays, each with a limit and a stated outcome; no pin.

Steps from line `a` to line `b`: release a, see it on its primary, dead time, drive b, see it on the spare. Break before
make comes from the form-C contact; read-backs prove it. Outcomes when a limit passes:

- read-backs still show the old position: one retry, then back to where it was (FAULT);
- read-backs show neither or both: a changeover goes on, for its contact is exclusive, with an alarm (UNSEEN).

A coil keeps each command for `coil_min_ms`, whatever happens: contacts weld when it is chopped.
"""

from . import words as w

IDLE, COIL_REST, RELEASING, DEAD_TIME, DRIVING, RETRY_REST = range(6)
STEP_NAMES = ("idle", "coil rest", "releasing", "dead time", "driving", "retry rest")
# outcomes of `advance`
GOING, SEEN, UNSEEN, FAULT = range(4)
TRIES_MAX = 2


class Switching:
    """One switch under way from one selection to another; `drive(line, position)` is called for each command."""

    FIELDS = ("step", "source", "target", "age_ms", "step_ms", "tries", "unseen", "line")

    def __init__(self, lines, settings, drive):
        self.lines = lines
        self.settings = settings
        self._drive = drive
        self._rest_ms = max(1, settings.coil_min_ms)
        self._fault_ms = max(settings.operate_limit_ms, settings.coil_min_ms)
        self.step = IDLE
        self.source = self.target = self.line = w.NONE
        self.age_ms = self.step_ms = self.tries = self.unseen = 0

    def begin(self, source, target):
        """Begin to move the spare from line `source` to line `target`; NONE is no line."""
        assert self.step == IDLE and source != target
        self.source = source
        self.target = target
        self.age_ms = self.tries = self.unseen = 0
        self.line = source if source != w.NONE else target
        self._enter(COIL_REST)

    def limit_ms(self, source, target):
        """Return what the settings give to the moves of a switch whose coils have rested."""
        settings = self.settings
        move_ms = settings.operate_limit_ms + settings.steady_ms
        return move_ms if source == w.NONE or target == w.NONE else 2 * move_ms + settings.dead_time_ms

    def redirect(self, target):
        """Between two steps the target has changed: follow it, so far as nothing is connected yet.

        Return whether the switch was given up for it: it had not begun, or its coil is at rest before the retry.
        """
        if target == self.target:
            return False
        if self.step == COIL_REST or self.step == RETRY_REST:
            self.step = IDLE
            return True
        if self.step == RELEASING or self.step == DEAD_TIME:
            self.target = target
            if target == self.source:  # what was released is connected by a new switch, and not released twice
                self.target = w.NONE
                self.tries = TRIES_MAX
        return False

    def elapsed(self, ms):
        """Time has passed for the step under way."""
        self.age_ms += ms
        self.step_ms += ms

    def advance(self):
        """Do what is due; return GOING, or the outcome, after which the switch is idle."""
        step = self.step
        if step == COIL_REST:
            if self.lines.coil_ms[self.line] >= self._rest_ms:
                if self.line == self.source:
                    self._command(RELEASING, w.AT_PRIMARY)
                else:
                    self._command(DRIVING, w.AT_SPARE)
        elif step == RETRY_REST:
            if self.lines.coil_ms[self.line] >= self._rest_ms:
                self._command(DRIVING, w.AT_SPARE)
        elif step == DEAD_TIME:
            if self.target == w.NONE:
                return self._end(SEEN)
            if self.step_ms >= self.settings.dead_time_ms:
                self.line = self.target
                self._enter(COIL_REST)
                return self.advance()
        return self._look() if self.step == RELEASING or self.step == DRIVING else GOING

    def next_ms(self):
        """Return the time until the step under way has something to do, in ms; contacts are looked at in between."""
        if self.step == COIL_REST or self.step == RETRY_REST:
            return self._rest_ms - self.lines.coil_ms[self.line]
        if self.step == DEAD_TIME:
            return self.settings.dead_time_ms - self.step_ms
        return 1

    def _enter(self, step):
        self.step = step
        self.step_ms = 0

    def _command(self, step, position):
        self._enter(step)
        self._drive(self.line, position)

    def _look(self):
        lines = self.lines
        wanted = w.AT_PRIMARY if self.step == RELEASING else w.AT_SPARE
        position = lines.position[self.line]
        if position == wanted:
            return self._arrived() if lines.settled[self.line] == wanted else GOING
        if position != w.AT_PRIMARY and position != w.AT_SPARE:
            if self.step_ms < self.settings.operate_limit_ms:
                return GOING
            self.unseen = 1
            return self._arrived()
        if self.step_ms < self._fault_ms:
            return GOING
        self.tries += 1
        if self.tries < TRIES_MAX:
            self._command(RETRY_REST if self.step == DRIVING else RELEASING, w.AT_PRIMARY)
            return GOING
        # stated outcome: the drive goes back to where the contacts are
        self._drive(self.line, position)
        return self._end(FAULT)

    def _arrived(self):
        if self.step == RELEASING and self.target != w.NONE:
            self.tries = 0
            self._enter(DEAD_TIME)
            return self.advance()
        return self._end(UNSEEN if self.unseen else SEEN)

    def _end(self, outcome):
        self.step = IDLE
        return outcome
