"""Roles: what each unit is told to be and acknowledges, and whether the spare is ready for a line; no clock, no I/O.

1. What a unit is told follows from the relays: who is driven onto a line is active, everybody else stands by; who is
   about to be released as planned is told to drain first, where the group gives time for it.
2. A hot spare is connected without waiting. A warm one has acknowledged before that it is active. A cold one was
   started and is heard to be well.
3. A cold spare has power while it is to be active, or exercised, and some time after that. At rest it is off, which is
   no failure.
4. What did not get ready in time is not used again before the window of attempts has passed, or a person says so.
"""

from . import timers
from . import words as w
from .approval import IN_A_HURRY
from .switching import CLOSING, DRAINING, IDLE, READYING, RETRY_REST

POWER_REST_MS = 2000  # a spare whose power was taken gets it back no sooner: it must notice


class Roles:
    """Roles for a Group. `told` and `heard` have a role for each unit, `word` packs what is told into one number.

    `stale` has a bit for each unit whose newest word may be about an earlier telling of the same role, `astray` for
    each that is not what it should be. `power` says that a cold spare is given power, `started_ms` how long its newest
    start took, 0 if it still ran.
    """

    FIELDS = ("told", "heard", "word", "power", "started_ms", "stale", "astray")

    def __init__(self, group, settings):
        self.group = group
        self.spare = group.primaries
        self.standby = settings.standby
        self.told = [w.NOT_TOLD] * (self.spare + 1)
        self.heard = [w.NOT_TOLD] * (self.spare + 1)
        self.word = self.power = self.started_ms = self.stale = self.astray = 0
        self._start_ms = settings.start_limit_s * 1000
        self._stop_ms = settings.stop_delay_s * 1000
        self._ready_ms = settings.ready_limit_ms
        self._drain_ms = settings.drain_s * 1000
        self._again_ms = settings.attempts_window_s * 1000
        if self.standby == w.COLD:
            group.health.rests(self.spare)

    # -- what is asked of it --------------------------------------------------------------------------------------

    def is_ready(self):
        """Return whether the spare may be connected."""
        if self.standby == w.HOT:
            return True
        group = self.group
        if self.standby == w.WARM:
            ready = self.told[self.spare] == w.ACTIVE and self._said(self.spare) == w.ACTIVE
            ready = ready and not self._is_stale(self.spare, group.switching.step_ms)
        else:
            ready = self.power and group.health.well(self.spare)
        forced = group.situation.winner == w.FX and group.switching.step == READYING
        return ready or (forced and self.is_overdue(group.switching.step_ms))

    def is_overdue(self, waited_ms):
        """Return whether the spare, for which a switch has waited so long, will not get ready."""
        if self.standby == w.COLD:
            timing = self.group.timers
            return self.power and not timing.runs(timers.STOPPING) and not timing.runs(timers.STARTING)
        return waited_ms >= self._ready_ms or self._said(self.spare) == w.ACTIVE | w.ROLE_FAILED

    def drained(self, units, waited_ms):
        """Return 1 when these units (a bit each) have drained, -1 when they will not in time, 0 while they may."""
        left = 0
        for unit in range(self.spare + 1):
            if units >> unit & 1:
                said = self._said(unit)
                stale = self._is_stale(unit, waited_ms)
                if said == w.DRAIN | w.ROLE_FAILED and not stale:
                    return -1
                left |= said != w.DRAIN or stale
        if left and waited_ms >= self._drain_ms:
            return -1
        return 0 if left else 1

    def left_ms(self, step, waited_ms):
        """Return how long the step of a switch that waits for units may still wait by itself."""
        left_ms = timers.FAR_MS
        if self.stale and waited_ms < self.group.health.mute_max_ms:
            left_ms = self.group.health.mute_max_ms - waited_ms
        if step == DRAINING:
            return min(left_ms, self._drain_ms - waited_ms)
        return left_ms if self.standby == w.COLD else min(left_ms, self._ready_ms - waited_ms)

    def acknowledges(self):
        """Return whether the spare acknowledges the role that it is told, and hears us, or need not."""
        if self.standby != w.WARM:
            return True
        hears = False
        for path in self.group.health.paths:
            hears = hears or (path.unit == self.spare and path.state == w.ALIVE and not path.one_way)
        return hears and self.heard[self.spare] == self.told[self.spare]

    # -- what a switch waits for ----------------------------------------------------------------------------------

    def drains(self, s):
        """Return who is released by the decision of a Situation that nobody is in a hurry for, a bit each."""
        group = self.group
        if not self._drain_ms or s.winner in IN_A_HURRY:
            return 0
        slot = group.standing.find(s.winner)
        if slot != w.NONE and group.standing.hasty[slot]:
            return 0
        units = 0
        if group.selected != w.NONE and group.health.well(self.spare):
            units = 1 << self.spare
        if s.target != w.NONE and group.health.well(s.target):
            units |= 1 << s.target
        return units

    def attend(self, s):
        """Look at what a switch waits for of units; return whether something came of it that is to be decided on."""
        switching = self.group.switching
        if switching.step == DRAINING:
            drained = self.drained(switching.draining & self.drains(s), switching.step_ms)
            if drained > 0:
                switching.drained()
            elif drained < 0:
                self._gave_up(w.E_UNDRAINED, switching.draining, switching.step_ms, timers.UNDRAINED, w.NOT_DRAINED)
                switching.step = IDLE
                self.group.came_to_rest(s.winner)
            return drained < 0
        if switching.step != READYING or self.is_ready() or not self.is_overdue(switching.step_ms):
            return False
        self._not_ready(switching.step_ms)
        return True

    def _not_ready(self, waited_ms):
        self._gave_up(w.E_UNREADY, self.spare, waited_ms, timers.UNREADY, w.NOT_READY)

    def _gave_up(self, event, units, waited_ms, timer, verdict):
        group = self.group
        group.outbox.put(w.RECORD, event, units, waited_ms)
        group.timers.start(timer, self._again_ms)
        group.desk.gave_up(verdict)
        group.dirty = 1

    def try_again(self):
        """A person says that the spare may be tried again, and that units may be asked to drain again."""
        self.group.timers.stop(timers.UNREADY)
        self.group.timers.stop(timers.UNDRAINED)
        self.group.changed_by_person()

    # -- what follows from what happened --------------------------------------------------------------------------

    def look(self):
        """After a decision: tell what is new, note what was acknowledged, give a cold spare power or take it."""
        word = astray = 0
        for unit in range(self.spare + 1):
            role = self._wanted(unit)
            bit = 1 << unit
            if role != self.told[unit]:
                self.told[unit] = role
                self.stale |= bit
                self.group.outbox.put(w.RECORD, w.E_ROLE, unit, role)
                self.group.outbox.put(w.SEND)
            said = self._said(unit)
            if said % w.ROLE_FAILED != role or said != self.heard[unit]:
                self.stale &= ~bit  # a word that it did not say before it was told
            if said == role | w.ROLE_FAILED:
                astray |= bit
            if said != self.heard[unit]:
                self.heard[unit] = said
                if said:
                    self.group.outbox.put(w.RECORD, w.E_ACKNOWLEDGED, unit, said)
            word |= role << 2 * unit
        self.word = word
        if self.standby == w.COLD:
            self._supply()
            if not self.power and not self.group.timers.runs(timers.STOPPING) and self.group.health.well(self.spare):
                astray |= 1 << self.spare
        if astray != self.astray:
            self.astray = astray
            self.group.dirty = 1  # an alarm follows

    def _wanted(self, unit):
        group = self.group
        if group.state == w.STARTING:
            return self.told[unit]  # the contacts are not known yet: a unit stays what it was told to be
        switching = group.switching
        step = switching.step
        driven = group.lines.driven
        drains = step != IDLE and switching.draining >> unit & 1  # until it is released
        if unit != self.spare:
            if driven[unit] != w.AT_PRIMARY:
                return w.STANDBY
            kept = switching.line == unit and switching.goal == w.AT_PRIMARY  # it gets its line back
            return w.DRAIN if drains and (not kept or step == DRAINING) else w.ACTIVE
        if drains and w.AT_SPARE in driven:
            return w.DRAIN
        if step != IDLE and switching.source != w.NONE and switching.target != w.NONE:
            return w.ACTIVE  # it goes from one line to another
        if switching.goal == w.AT_SPARE and (step == READYING or step == CLOSING or step == RETRY_REST):
            return w.ACTIVE
        return w.ACTIVE if w.AT_SPARE in driven else w.STANDBY

    def _is_stale(self, unit, waited_ms):
        # a report that was on its way when the role was told again: none is on its way for longer than this
        return self.stale >> unit & 1 and waited_ms < self.group.health.mute_max_ms

    def _said(self, unit):
        # of two paths one may be slower: the one that has understood what was told last
        found = w.NOT_TOLD
        for path in self.group.health.paths:
            if path.unit == unit and path.state == w.ALIVE:
                said = (path.flags & w.ROLE_BITS) >> w.ROLE_SHIFT
                if said % w.ROLE_FAILED == self.told[unit]:
                    return said
                found = said or found
        return found

    def _supply(self):
        group = self.group
        timing = group.timers
        well = group.health.well(self.spare)
        wants = self.told[self.spare] > w.STANDBY or group.standing.find(w.EXER) != w.NONE
        if not wants:
            if group.switching.step != IDLE:
                return  # what is under way ends first
            self._expect(0)
            if self.power and not timing.runs(timers.STOPPING):
                timing.start(timers.STOPPING, self._stop_ms)
                if not self._stop_ms:
                    self.ended_stopping()
            return
        if not self.power and not timing.runs(timers.STOPPING):
            if group.still and group.switching.step == IDLE:
                return  # only what a person forces is started
            self._switch(1)
            timing.start(timers.STARTING, self._start_ms)
        if self.power:
            if timing.runs(timers.STOPPING) and (well or timing.runs(timers.STARTING)):
                timing.stop(timers.STOPPING)  # it still runs, or boots; one that stops already has to stop first
            carries = w.AT_SPARE in group.lines.driven and group.switching.step == IDLE
            if well or carries:
                self._expect(1)
            elif not group.health.expected and self.is_overdue(0):
                self._expect(1)
                self._not_ready(self._start_ms)

    def _expect(self, expected):
        health = self.group.health
        if expected == health.expected:
            return
        if expected:
            left_ms = self.group.timers.stop(timers.STARTING)
            self.started_ms = self._start_ms - left_ms if left_ms else 0  # 0: it still ran
        health.expect(expected)

    def ended_stopping(self):
        """The time that a spare keeps its power is over, or that it has to rest without."""
        if self.power:
            self._switch(0)
            self.group.timers.stop(timers.STARTING)
            self.group.timers.start(timers.STOPPING, POWER_REST_MS)

    def _switch(self, on):
        self.power = on
        self.group.health.units[self.spare].known = 0
        self.group.outbox.put(w.START, on)
        self.group.outbox.put(w.RECORD, w.E_START, on)
