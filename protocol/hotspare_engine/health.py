"""Health: what the controller believes of each unit, from the paths on which its heartbeat arrives; no clock, no I/O.

1. A unit that was never heard is unknown, which is no failure until boot grace is over.
2. An explicit bad report acts at once; silence counts when every path is silent past its dead time.
3. A direct `ok` of the unit's agent beats what a beacon infers.
4. Own stalls are blind time: after a gap longer than one interval a fresh dead time starts.
5. Altered beats (frozen, out of order, wrong rate) never count as heard.
"""

from . import words as w

AGE_MAX_MS = 1 << 29  # ages stop here: a small integer on a 32-bit board
ALTERED_RUN = 12  # altered beats in a row that name a path altered; a drained buffer after a stall holds at most 8
TROUBLE_STEP = 8  # what one late or damaged beat adds; a good beat takes one away
TROUBLE_IMPAIRED = 24  # three troubles within about 20 beats
TROUBLE_MAX = 64


class Path:
    """One way on which a unit's heartbeat arrives. `unit` is its index, `source` the address of who speaks on it."""

    FIELDS = (
        "state", "age_ms", "report", "one_way", "flags", "good", "late", "altered_count", "altered_run", "altered",
        "fast_run", "trouble", "troubled", "fresh", "heard_report", "heard_s", "heard_flags", "leaving_s",
    )  # fmt: skip

    def __init__(self, kind, unit, source, interval_ms, beats):
        self.kind = kind
        self.unit = unit
        self.source = source
        self.interval_ms = interval_ms
        self.dead_ms = interval_ms * beats
        self.state = w.NEVER
        self.age_ms = 0
        self.report = w.UNKNOWN
        self.one_way = self.flags = self.leaving_s = 0
        self.good = self.late = 0
        self.altered_count = self.altered_run = self.altered = self.fast_run = 0
        self.trouble = self.troubled = 0
        self.fresh = self.heard_report = self.heard_s = self.heard_flags = 0  # what came since the last step

    def take(self, gap_ms):
        """Take the beats that came since the last step, `gap_ms` after the one before; return whether anything changed."""
        changed = self.state != w.ALIVE or self.report != self.heard_report or self.flags != self.heard_flags
        changed = changed or self.leaving_s != self.heard_s
        if self.state == w.ALIVE and gap_ms > 2 * self.interval_ms:
            self.late += 1
            self._troubled(1)
        elif self.trouble:
            self.trouble -= 1
            if self.troubled and not self.trouble:
                self.troubled = 0
                changed = True
        self._rate(gap_ms)
        if self.altered and not self.altered_run:
            self.altered = 0
            changed = True
        self.state = w.ALIVE
        self.age_ms = 0
        self.report = self.heard_report
        self.leaving_s = self.heard_s
        self.flags = self.heard_flags
        one_way = 0 if self.flags & w.ECHOED else 1
        if one_way != self.one_way:
            self.one_way = one_way
            changed = True
        self.good += self.fresh
        self.fresh = 0
        return changed or self.altered_run >= ALTERED_RUN

    def _rate(self, gap_ms):
        # an interval's quarter: beats on a change may come early now and then, a run of them is no heartbeat of ours
        if self.fresh > 1 or gap_ms * 4 < self.interval_ms:
            self.fast_run += self.fresh
            if self.fast_run >= ALTERED_RUN:
                self.altered_run = ALTERED_RUN
        else:
            self.fast_run = 0
            self.altered_run = 0

    def _troubled(self, count):
        self.trouble = min(TROUBLE_MAX, self.trouble + TROUBLE_STEP * count)
        if self.trouble >= TROUBLE_IMPAIRED:
            self.troubled = 1

    def complaint(self):
        """Return why this path, though alive, makes its unit impaired; WHY_NOTHING if it does not."""
        if self.one_way:
            return w.WHY_ONE_WAY
        if self.troubled:
            return w.WHY_TROUBLE
        if self.altered:
            return w.WHY_ALTERED
        return w.WHY_REPORTED if self.report == w.IMPAIRED else w.WHY_NOTHING

    def damaged(self, count):
        """Count damaged frames on this path; return whether the path became troubled by them."""
        before = self.troubled
        if self.state == w.ALIVE:
            self._troubled(min(count, TROUBLE_MAX))
        return self.troubled != before


class Unit:
    """What is believed of one unit. `failed_ms` is how long it has been failed, `direct` whether a direct path said ok."""

    FIELDS = ("health", "why", "failed_ms", "known", "leaving_ms", "leaving_said", "mute_ms")

    def __init__(self):
        self.health = w.UNKNOWN
        self.why = w.WHY_NOTHING
        self.failed_ms = self.known = self.leaving_ms = self.leaving_said = self.mute_ms = 0


class Health:
    """The health of all units from all paths; `changed` has a bit for each unit whose health or paths changed.

    `paths` is a list of Path, `units` the count of units, `settings` a Settings, `outbox` takes the events.
    """

    FIELDS = ("changed", "grace_over")

    def __init__(self, paths, units, settings, outbox):
        self.paths = paths
        self.units = [Unit() for _ in range(units)]
        self.settings = settings
        self.outbox = outbox
        self.changed = 0
        self.grace_over = 0
        self.mute_max_ms = settings.agent_interval_ms * settings.agent_beats * 2
        self.stall_ms = min([path.interval_ms for path in paths] or [settings.interval_ms])

    # -- what happens -------------------------------------------------------------------------------------------

    def heard(self, index, report, flags, seconds):
        """A beat in order arrived on a path: the health it reports, its flags, and for leaving how long."""
        path = self.paths[index]
        path.fresh += 1
        path.heard_report = report
        path.heard_flags = flags
        path.heard_s = seconds

    def altered(self, index, how):
        """A beat arrived that is frozen or out of order."""
        path = self.paths[index]
        path.altered_count += 1
        path.altered_run += 1
        if path.altered_run >= ALTERED_RUN and not path.altered:
            self._name_altered(index, path, how)

    def damaged(self, index, count):
        """So many frames of a path arrived damaged."""
        path = self.paths[index]
        if path.damaged(count):
            self.changed |= 1 << path.unit

    def elapsed(self, ms):
        """Time has passed, after everything that arrived in it was told; return whether it was an own stall."""
        blind = ms > self.stall_ms
        index = 0
        for path in self.paths:
            if path.fresh:
                if path.take(path.age_ms + ms if not blind else path.interval_ms):
                    self._path_changed(index, path)
            elif path.state == w.ALIVE:
                if blind:
                    path.age_ms = 0
                else:
                    path.age_ms += ms
                    if path.age_ms >= path.dead_ms:
                        path.state = w.SILENT
                        self._path_changed(index, path)
            elif path.age_ms < AGE_MAX_MS:
                path.age_ms += ms
            index += 1
        place = 0
        for unit in self.units:
            if unit.health == w.FAILED:
                if unit.failed_ms < AGE_MAX_MS:
                    unit.failed_ms += ms
            elif unit.leaving_said or unit.mute_ms:
                self._wait(place, unit, ms)
            if self.changed >> place & 1:
                self._judge(place, unit)
            place += 1
        return blind

    def end_grace(self):
        """Boot grace is over: a unit that was never heard now counts as failed, a path never heard as lost."""
        if not self.grace_over:
            self.grace_over = 1
            for place in range(len(self.units)):
                self.changed |= 1 << place
                self._judge(place, self.units[place])

    # -- what follows -------------------------------------------------------------------------------------------

    def next_ms(self, least):
        """Return the smaller of `least` and the time until a path would be silent, in ms."""
        for path in self.paths:
            if path.state == w.ALIVE and path.dead_ms - path.age_ms < least:
                least = path.dead_ms - path.age_ms
        return least

    def waiting(self):
        """Return whether a planned stop or a mute beacon is being timed."""
        for unit in self.units:
            if unit.leaving_said or unit.mute_ms:
                return True
        return False

    def well(self, place):
        """Return whether a unit is known to be well: a live path says so."""
        health = self.units[place].health
        return health == w.OK or health == w.IMPAIRED

    def _path_changed(self, index, path):
        self.changed |= 1 << path.unit
        if path.altered_run >= ALTERED_RUN and not path.altered:
            self._name_altered(index, path, w.WRONG_RATE)
        self.outbox.put(w.RECORD, w.E_PATH, index, path.state)

    def _name_altered(self, index, path, how):
        path.altered = 1
        self.changed |= 1 << path.unit
        self.outbox.put(w.RECORD, w.E_ALTERED, index, how)

    def _wait(self, place, unit, ms):
        if unit.leaving_said and unit.leaving_ms > 0:
            unit.leaving_ms -= ms
            if unit.leaving_ms <= 0:
                unit.leaving_ms = 0
                self.changed |= 1 << place
        if unit.mute_ms:
            unit.mute_ms += ms
            if unit.mute_ms > self.mute_max_ms:
                self.changed |= 1 << place

    def _judge(self, place, unit):
        alive = silent = never = ok = direct_ok = bad = leaving = altered = 0
        why = w.WHY_NOTHING
        for path in self.paths:
            if path.unit != place:
                continue
            if path.state != w.ALIVE:
                if path.state == w.SILENT:
                    silent += 1
                else:
                    never += 1
                continue
            alive += 1
            altered |= path.altered
            why = path.complaint() or why
            report = path.report
            if report == w.OK or report == w.IMPAIRED:
                ok += 1
                if path.kind == w.PATH_AGENT:
                    direct_ok = 1
            elif report == w.FAILED:
                bad = 1
            elif report == w.LEAVING:
                leaving = max(leaving, path.leaving_s, 1)
        if silent or (never and self.grace_over):
            why = w.WHY_PATH_LOST
        if altered and self.settings.on_altered:
            self._believe(place, unit, w.FAILED, w.WHY_ALTERED)
        elif bad and not direct_ok:
            unit.leaving_said = 0
            self._believe(place, unit, w.FAILED, w.WHY_REPORTED)
        elif (leaving or (unit.leaving_said and not ok)) and not direct_ok:
            self._leaves(place, unit, leaving)
        elif not alive:
            self._silent(place, unit, silent)
        elif not ok:
            self._mute(place, unit)
        else:
            unit.leaving_said = unit.leaving_ms = unit.mute_ms = 0
            unit.known = 1
            self._believe(place, unit, w.IMPAIRED if why else w.OK, why)

    def _leaves(self, place, unit, seconds):
        if not unit.leaving_said:
            unit.leaving_said = 1
            unit.leaving_ms = min(seconds, self.settings.leaving_max_s) * 1000
        if unit.leaving_ms:
            self._believe(place, unit, w.LEAVING, w.WHY_REPORTED)
        else:
            self._believe(place, unit, w.FAILED, w.WHY_OVERSTAYED)

    def _silent(self, place, unit, silent):
        if silent:
            self._believe(place, unit, w.FAILED, w.WHY_SILENT)
        elif self.grace_over:
            self._believe(place, unit, w.FAILED, w.WHY_NEVER_HEARD)
        else:
            self._believe(place, unit, w.UNKNOWN, w.WHY_NOTHING)

    def _mute(self, place, unit):
        # a beacon that restarted does not know its unit yet; one that was well is given the agent's dead time, twice
        if unit.health == w.FAILED:
            return
        if unit.known:
            if not unit.mute_ms:
                unit.mute_ms = 1
            if unit.mute_ms > self.mute_max_ms:
                self._believe(place, unit, w.FAILED, w.WHY_SILENT)
            return
        self._silent(place, unit, 0)

    def _believe(self, place, unit, health, why):
        if health != unit.health or why != unit.why:
            if health != unit.health:
                unit.failed_ms = 0  # another reason for the same failure does not begin hold-off again
                unit.mute_ms = 0
            unit.health = health
            unit.why = why
            self.outbox.put(w.RECORD, w.E_HEALTH, place, health | why << 8)
