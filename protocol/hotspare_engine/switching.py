"""Switching: a target becomes ordered steps on the relays of each line, each with a limit and a stated outcome; no pin.

From line `a` to line `b`: bring a to its primary, see it there, dead time, bring b to the spare, see it there. A form-C
contact moves in one step: it breaks before it makes. Two contacts move in three: open both, see both open, hold, close
one. Before all that a unit that is released as planned may be asked to drain; before the spare is connected it is told
or started, and heard: what can be isolated is isolated by then. Outcomes when a limit passes:

- the contact stays where it was: one retry, then back to where it was (FAULT);
- two contacts are not seen open: nothing is connected, back to where they were or to rest (FAULT);
- the read-backs of a form-C contact say neither or both: its contact is exclusive, so it goes on, with an alarm
  (UNSEEN); poles of one line that disagree are torn, and are released to the primary (FAULT).

A coil keeps each command for `coil_min_ms`, whatever happens: contacts weld when it is chopped.
"""

from . import words as w
from .timers import FAR_MS

IDLE, COIL_REST, OPENING, HOLDING, CLOSING, DEAD_TIME, RETRY_REST, DRAINING, READYING = range(9)
# outcomes of `advance`
GOING, SEEN, UNSEEN, FAULT = range(4)
TRIES_MAX = 2


def _at_once():
    return True


class Switching:
    """One switch under way from one selection to another; `drive(line, position)` is called for each command.

    `is_ready()` says whether the spare may be connected. `draining` are the units that are asked to drain, a bit each.
    """

    FIELDS = (
        "step",
        "source",
        "target",
        "age_ms",
        "step_ms",
        "tries",
        "unseen",
        "line",
        "goal",
        "before",
        "connecting",
        "draining",
    )

    def __init__(self, lines, settings, drive, is_ready=None):
        self.lines = lines
        self.settings = settings
        self._drive = drive
        self._is_ready = is_ready or _at_once
        self._rest_ms = max(1, settings.coil_min_ms)
        self._fault_ms = max(settings.operate_limit_ms, settings.coil_min_ms)
        self.step = IDLE
        self.source = self.target = self.line = w.NONE
        self.goal = self.before = w.AT_PRIMARY  # where `line` is to be brought, and where it was driven before
        self.age_ms = self.step_ms = self.tries = self.unseen = self.connecting = self.draining = 0

    def begin(self, source, target, draining=0):
        """Begin to move the spare from line `source` to line `target`; NONE is no line."""
        assert self.step == IDLE and source != target
        self._begin(source, target, DRAINING if draining else COIL_REST)
        self.draining = draining

    def connect(self, line):
        """Begin to connect a line that rests on nobody to its primary."""
        assert self.step == IDLE
        self._begin(line, w.NONE, COIL_REST)
        self.connecting = 1

    def _begin(self, source, target, step):
        self.source = source
        self.target = target
        self.age_ms = self.tries = self.unseen = self.connecting = self.draining = 0
        if source != w.NONE:
            self._bring(source, w.AT_PRIMARY, step)
        else:
            self._bring(target, w.AT_SPARE, step)

    def _bring(self, line, goal, step):
        self.line = line
        self.goal = goal
        self.before = self.lines.driven[line]
        self._enter(step)

    def limit_ms(self, source, target):
        """Return what the settings give to a switch whose coils have rested: moves, and what units get before them."""
        settings = self.settings
        move_ms = settings.operate_limit_ms + settings.steady_ms
        if self.lines.opens:
            move_ms = 2 * move_ms + settings.dead_time_ms
        if target == w.NONE:
            return move_ms + settings.drain_s * 1000
        if source != w.NONE:
            move_ms = 2 * move_ms + settings.dead_time_ms
        return move_ms + (0, settings.ready_limit_ms, settings.start_limit_s * 1000)[settings.standby]

    def redirect(self, target):
        """Between two steps the target has changed: follow it, so far as nothing is connected yet.

        Return whether the switch was given up for it: it had not begun, or its coil is at rest before the retry.
        """
        if target == self.target:
            return False
        step = self.step
        if step == COIL_REST or step == RETRY_REST or step == DRAINING or (step == READYING and not self.lines.opens):
            self.step = IDLE
            return True
        if self.has_opened():
            if self.before == w.BETWEEN and target != self.line and not self.connecting:
                self.step = IDLE  # the line rested on nobody before: whether it is connected is another decision
                return True
            self._reaim(target)
        elif step == DEAD_TIME or (step == CLOSING and self.goal == w.AT_PRIMARY):
            self.target = target
            if target == self.source:  # what was released is connected by a new switch, and not released twice
                self.target = w.NONE
                self.tries = TRIES_MAX
        return False

    def waits(self):
        """Return whether no contact is on its way: a coil rests, or a unit is waited for."""
        step = self.step
        return step == COIL_REST or step == RETRY_REST or step == DRAINING or step == READYING

    def has_opened(self):
        """Return whether both contacts of the line are open, or on their way."""
        return self.step == OPENING or self.step == HOLDING or self.step == READYING

    def _reaim(self, target):
        # both contacts of the line are open, or on their way: either may be closed
        self.target = target
        self.goal = w.AT_SPARE if target == self.line else w.AT_PRIMARY
        if self.step == READYING and self.goal == w.AT_PRIMARY:
            self._enter(HOLDING)

    def drained(self):
        """What was asked to drain has done so, or need not any more: go on."""
        self._enter(COIL_REST)

    def elapsed(self, ms):
        """Time has passed for the step under way."""
        self.age_ms += ms
        self.step_ms += ms

    def advance(self):
        """Do what is due; return GOING, or the outcome, after which the switch is idle."""
        step = self.step
        if step == COIL_REST or step == RETRY_REST:
            if self.lines.coil_ms[self.line] >= self._rest_ms:
                self._move()
        elif step == HOLDING:
            if not self._is_open():
                self._enter(OPENING)  # what was proven open is so no more: it must be seen again
            elif self.step_ms >= self._hold_ms():
                self._close()
        elif step == READYING:
            if self.lines.opens and not self._is_open():
                self._enter(OPENING)
            elif self._is_ready():
                self._command(CLOSING, self.goal)
        elif step == DEAD_TIME:
            if self.target == w.NONE:
                return self._end(SEEN)
            if self.step_ms >= self.settings.dead_time_ms:
                self._bring(self.target, w.AT_SPARE, COIL_REST)
                return self.advance()
        if self.step == OPENING:
            return self._look_open()
        return self._look() if self.step == CLOSING else GOING

    def next_ms(self):
        """Return the time until the step under way has something to do, in ms; contacts are looked at in between."""
        rest_ms = self._rest_ms - self.lines.coil_ms[self.line]
        if self.step == COIL_REST or self.step == RETRY_REST:
            return rest_ms
        if self.step == HOLDING:
            return self._hold_ms() - self.step_ms
        if self.step == DRAINING or self.step == READYING:
            return FAR_MS  # whoever waits for units knows how long
        return self.settings.dead_time_ms - self.step_ms if self.step == DEAD_TIME else 1

    def _hold_ms(self):
        # the coil that was released last must rest before it pulls again; the other one has rested long enough
        if self.goal != self.before:
            return self.settings.dead_time_ms
        return max(self.settings.dead_time_ms, self.step_ms + self._rest_ms - self.lines.coil_ms[self.line])

    def _enter(self, step):
        self.step = step
        self.step_ms = 0

    def _command(self, step, position):
        self._enter(step)
        self._drive(self.line, position)

    def _move(self):
        lines = self.lines
        if not lines.opens:
            self._close()
        elif lines.driven[self.line] == w.BETWEEN:
            self._enter(OPENING)
        else:
            self._command(OPENING, w.BETWEEN)

    def _close(self):
        if self.goal == w.AT_SPARE and not self._is_ready():
            self._enter(READYING)
        else:
            self._command(CLOSING, self.goal)

    def _is_open(self):
        return self.lines.settled[self.line] == w.BETWEEN and self.lines.position[self.line] == w.BETWEEN

    def _look_open(self):
        if self._is_open():
            self._enter(HOLDING)
            return self.advance()
        if self.step_ms < self._fault_ms:
            return GOING
        # what does not open holds what it held; where nothing is proven, nothing is energised
        position = self.lines.position[self.line]
        self._drive(self.line, position if position == self.before else self.lines.rest)
        return self._end(FAULT)

    def _look(self):
        lines = self.lines
        wanted = self.goal
        position = lines.position[self.line]
        if position == wanted:
            return self._arrived() if lines.settled[self.line] == wanted else GOING
        if lines.opens:
            return self._not_closed()
        if position != w.AT_PRIMARY and position != w.AT_SPARE:
            if self.step_ms < self.settings.operate_limit_ms:
                return GOING
            if position == w.AT_BOTH and self.settings.poles > 1:
                if self.step_ms < self._fault_ms:  # a coil keeps its command for its least time, torn or not
                    return GOING
                self._drive(self.line, w.AT_PRIMARY)
                return self._end(FAULT)
            self.unseen = 1
            return self._arrived()
        if self.step_ms < self._fault_ms:
            return GOING
        self.tries += 1
        if self.tries < TRIES_MAX:
            self._command(RETRY_REST if wanted == w.AT_SPARE else CLOSING, w.AT_PRIMARY)
            return GOING
        # stated outcome: the drive goes back to where the contacts are
        self._drive(self.line, position)
        return self._end(FAULT)

    def _not_closed(self):
        settled = self.lines.settled[self.line]
        if settled != w.BETWEEN and settled != self.goal:
            if self.lines.coil_ms[self.line] < self._rest_ms:
                return GOING
            self._drive(self.line, self.lines.rest)  # more is closed than was asked for: everything rests
            return self._end(FAULT)
        if self.step_ms < self._fault_ms:
            return GOING
        self.tries += 1
        if self.tries < TRIES_MAX:
            self._command(RETRY_REST, w.BETWEEN)
            return GOING
        # both are seen open: the primary gets the line again if it had it
        again = self.goal == w.AT_SPARE and self.before == w.AT_PRIMARY
        self._drive(self.line, w.AT_PRIMARY if again else self.lines.rest)
        return self._end(FAULT)

    def _arrived(self):
        if self.goal == w.AT_PRIMARY and self.target != w.NONE:
            self.tries = 0
            self._enter(DEAD_TIME)
            return self.advance()
        return self._end(UNSEEN if self.unseen else SEEN)

    def _end(self, outcome):
        self.step = IDLE
        return outcome
