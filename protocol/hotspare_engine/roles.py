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
from .switching import CLOSING, DRAINING, IDLE, READYING, RETRY_REST

POWER_REST_MS = 2000  # a spare whose power was taken gets it back no sooner: it must notice


class Roles:
    """Roles for a Group. `told` and `heard` have a role for each unit, `word` packs what is told into one number.

    `power` says that a cold spare is given power, `started_ms` how long its newest start took, 0 if it still ran.
    """

    FIELDS = ("told", "heard", "word", "power", "started_ms")

    def __init__(self, group, settings):
        self.group = group
        self.spare = group.primaries
        self.standby = settings.standby
        self.told = [w.NOT_TOLD] * (self.spare + 1)
        self.heard = [w.NOT_TOLD] * (self.spare + 1)
        self.word = self.power = self.started_ms = 0
        self._start_ms = settings.start_limit_s * 1000
        self._stop_ms = settings.stop_delay_s * 1000
        self._ready_ms = settings.ready_limit_ms
        self._drain_ms = settings.drain_s * 1000
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
                if said == w.DRAIN | w.ROLE_FAILED:
                    return -1
                left |= said != w.DRAIN
        if left and waited_ms >= self._drain_ms:
            return -1
        return 0 if left else 1

    def left_ms(self, step, waited_ms):
        """Return how long the step of a switch that waits for units may still wait by itself."""
        if step == DRAINING:
            return self._drain_ms - waited_ms
        return timers.FAR_MS if self.standby == w.COLD else self._ready_ms - waited_ms

    def acknowledges(self):
        """Return whether the spare acknowledges the role that it is told, or need not."""
        return self.standby != w.WARM or self.heard[self.spare] == self.told[self.spare]

    # -- what follows from what happened --------------------------------------------------------------------------

    def look(self):
        """After a decision: tell what is new, note what was acknowledged, give a cold spare power or take it."""
        word = 0
        for unit in range(self.spare + 1):
            role = self._wanted(unit)
            if role != self.told[unit]:
                self.told[unit] = role
                self.group.outbox.put(w.RECORD, w.E_ROLE, unit, role)
                self.group.outbox.put(w.SEND)
            said = self._said(unit)
            if said != self.heard[unit]:
                self.heard[unit] = said
                if said:
                    self.group.outbox.put(w.RECORD, w.E_ACKNOWLEDGED, unit, said)
            word |= role << 2 * unit
        self.word = word
        if self.standby == w.COLD:
            self._supply()

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
        if switching.goal == w.AT_SPARE and (step == READYING or step == CLOSING or step == RETRY_REST):
            return w.ACTIVE
        return w.ACTIVE if w.AT_SPARE in driven else w.STANDBY

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
        elif self.power:
            if timing.runs(timers.STOPPING) and well:
                timing.stop(timers.STOPPING)  # it still runs; one that stops already has to stop first
            if well:
                self._expect(1)
            elif not group.health.expected and self.is_overdue(0):
                self._expect(1)
                group.not_ready(self._start_ms)
        elif not timing.runs(timers.STOPPING):
            self._switch(1)
            timing.start(timers.STARTING, self._start_ms)

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
