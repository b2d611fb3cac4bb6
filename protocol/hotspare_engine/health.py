"""Health: what the controller believes of each unit, from the paths on which its heartbeat arrives; no clock, no I/O.

1. A unit that was never heard is unknown, which is no failure until boot grace is over. A cold spare at rest is off,
   which is none at all.
2. An explicit bad report acts at once; silence counts when every path is silent past its dead time.
3. A direct `ok` of the unit's agent beats what a beacon infers.
4. Own stalls are blind time: after a gap longer than one interval a fresh dead time starts, and hold-off stands still.
5. A unit is known well while at least one live path says so, and at no other time.
6. Silence behind noisy paths alone is a failure that is doubted.
7. A board that announced that it may be silent once is waited for QUIET_MS longer, and so are those behind it.
"""

from . import words as w
from .path import (
    ALTERED_RUN,
    LOSS_ALL,
    LOST_MAX,
    QUIET_ANNOUNCED_MS_MAX,
    QUIET_MS,
    SEEN_ALIVE,
    SEEN_ALTERED,
    SEEN_BAD,
    SEEN_DEGRADED,
    SEEN_DIRECT_DEGRADED,
    SEEN_DIRECT_OK,
    SEEN_DOUBTED,
    SEEN_LEAVING,
    SEEN_NEVER,
    SEEN_OK,
    SEEN_SILENT,
)
from .unit import AGE_MAX_MS, Unit


class Health:
    """The health of all units from all paths; `changed` has a bit for each unit whose health or paths changed.

    `paths` is a list of Path, `units` the count of units, `settings` a Settings, `outbox` takes the events.
    """

    FIELDS = ("changed", "grace_over", "expected", "quiet_ms", "excused")

    def __init__(self, paths, units, settings, outbox):
        self.paths = paths
        self.mute_max_ms = settings.agent_interval_ms * settings.agent_beats * 2
        self.units = [Unit(settings.hold_off_ms, self.mute_max_ms) for _ in range(units)]
        self.settings = settings
        self.outbox = outbox
        self.changed = 0
        self.grace_over = 0
        self.cold = w.NONE  # the unit that is off at rest, and whether it is expected to be heard now
        self.expected = 0
        self.quiet_ms = 0  # for how long a neighbour has announced it in a row
        self.excused = 0  # the next step comes late because this board's own flash was busy
        self.hold_off_ms = settings.hold_off_ms
        for path in paths:
            if path.kind != w.PATH_PULSE and path.kind != w.PATH_CONTACT:  # what has frames can be measured
                path.loss_max = settings.loss_max_permille * LOSS_ALL // 1000
        self.stall_ms = min([path.interval_ms for path in paths] or [settings.interval_ms])
        self.step_max_ms = max(1, self.stall_ms * 9 // 10)  # a step put off for longer could pass for a stall

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
        if path.count_altered():
            self._name_altered(index, path, how)
        elif path.state == w.ALIVE and path.disturb(1):
            # good beats come between: the unit lives, and is impaired by what comes with them
            self.changed |= 1 << path.unit
            self.outbox.put(w.RECORD, w.E_ALTERED, index, how)

    def damaged(self, index, count):
        """So many frames of a path arrived damaged."""
        path = self.paths[index]
        if path.state == w.ALIVE:
            path.damaged = min(LOST_MAX, path.damaged + count)
            if path.disturb(count):
                self.changed |= 1 << path.unit

    def missed(self, index, count):
        """The sequence of the beat that just came shows that so many before it were lost on the way."""
        path = self.paths[index]
        path.missed = min(LOST_MAX, path.missed + count)

    def elapsed(self, ms):
        """Time has passed, after everything that arrived in it was told; return whether it was an own stall."""
        excused = self.excused and ms <= QUIET_MS
        self.excused = 0
        blind = ms > self.stall_ms and not excused
        index = quiet = 0
        for path in self.paths:
            if path.fresh:
                was = path.state
                noisy = path.noisy
                if path.take(0 if blind or excused else path.age_ms + ms):
                    self._path_changed(index, path, was, noisy)
                if path.fast_run >= ALTERED_RUN and not path.altered:
                    self._name_altered(index, path, w.WRONG_RATE)
            elif path.state == w.ALIVE:
                if blind:
                    path.age_ms = 0
                else:
                    path.age_ms += ms
                    if path.age_ms >= path.wait_ms:
                        path.state = w.SILENT
                        noisy = path.noisy
                        if path.damaged:  # of the beats that were due, as many did come
                            path.lose(min(path.damaged, path.dead_ms // path.interval_ms))
                        self._path_changed(index, path, w.ALIVE, noisy)
            elif path.age_ms < AGE_MAX_MS:
                path.age_ms += ms
            if path.altered and not blind and path.calm(ms):
                self.changed |= 1 << path.unit
            if path.state == w.ALIVE:
                quiet |= path.flags & w.QUIET
            index += 1
        if quiet or self.quiet_ms:
            self._quieten(quiet, ms)
        place = 0
        for unit in self.units:
            if unit.elapsed(ms, blind or excused):
                self.changed |= 1 << place
            if self.changed >> place & 1:
                self._judge(place, unit)
            place += 1
        return blind

    def excuse(self):
        """This board's own flash is about to be busy, as announced: what it does not hear then is no silence."""
        self.excused = 1
        for path in self.paths:
            path.wait_ms = path.dead_ms + QUIET_MS

    def _quieten(self, quiet, ms):
        # all paths over boards: what goes past the one that is silent is not heard either, and pulses have no flags
        self.quiet_ms = min(self.quiet_ms + max(1, ms), AGE_MAX_MS) if quiet else 0
        if quiet and self.is_quiet_believed():
            for path in self.paths:
                if path.kind != w.PATH_AGENT and path.kind != w.PATH_CONTACT:
                    path.wait_ms = path.dead_ms + QUIET_MS

    def is_quiet_believed(self):
        """Return whether no neighbour has announced its silence for too long."""
        return self.quiet_ms <= QUIET_ANNOUNCED_MS_MAX

    def is_calm(self):
        """Return whether no failure is held back that will be believed soon."""
        for unit in self.units:
            if unit.health == w.FAILED and not unit.believed:
                return False
        return True

    def end_grace(self):
        """Boot grace is over: a unit that was never heard now counts as failed, a path never heard as lost."""
        if not self.grace_over:
            self.grace_over = 1
            for place in range(len(self.units)):
                self.changed |= 1 << place
                self._judge(place, self.units[place])

    def rests(self, place):
        """A unit is a cold spare: at rest until it is expected."""
        self.cold = place
        self.units[place].health = w.OFF
        self.units[place].why = w.WHY_AT_REST

    def expect(self, expected):
        """The cold spare is expected to be heard from now on, or is at rest."""
        self.expected = expected
        self.changed |= 1 << self.cold
        index = 0
        for path in self.paths:
            if path.unit == self.cold and not expected and path.noisy:  # nothing comes from it that could be measured
                path.loss = path.noisy = 0
                self.outbox.put(w.RECORD, w.E_NOISY, index)
            index += 1
        self._judge(self.cold, self.units[self.cold])

    def doubt(self):
        """Begin hold-off again for every failure: what was held back till now is believed afresh."""
        for place in range(len(self.units)):
            if self.units[place].doubt():
                self.changed |= 1 << place

    # -- what follows -------------------------------------------------------------------------------------------

    def next_ms(self, least):
        """Return the smaller of `least` and the time until health may change by time alone, in ms."""
        if self.step_max_ms < least:
            least = self.step_max_ms
        for path in self.paths:
            if path.state == w.ALIVE and path.wait_ms - path.age_ms < least:
                least = path.wait_ms - path.age_ms
            if path.altered and path.dead_ms - path.altered_ms < least:
                least = path.dead_ms - path.altered_ms
        for unit in self.units:
            least = unit.next_ms(least)
        return least

    def well(self, place):
        """Return whether a unit is known to be well: a live path says so."""
        health = self.units[place].health
        return health == w.OK or health == w.IMPAIRED

    def doubt_ms(self, place):
        """Return how soon a unit will be believed failed if nothing more is heard, 0 if not within half a dead time."""
        unit = self.units[place]
        left_ms = 0
        if unit.health == w.FAILED:
            left_ms = 0 if unit.believed else self.hold_off_ms - unit.failed_ms
        else:
            for path in self.paths:
                if path.unit == place and path.state == w.ALIVE:
                    if 2 * path.age_ms <= path.dead_ms:
                        return 0
                    left_ms = max(left_ms, path.wait_ms - path.age_ms)
            if left_ms:
                left_ms += self.hold_off_ms
        return left_ms if 2 * left_ms <= self.settings.interval_ms * self.settings.beats else 0

    def failed_for_ms(self, place):
        """Return how long ago a unit's failure began: with its newest beat or with its own word; 0 if it is well."""
        if self.well(place):
            return 0
        youngest_ms = AGE_MAX_MS
        for path in self.paths:
            if path.unit == place and path.age_ms < youngest_ms:
                youngest_ms = path.age_ms
        return max(self.units[place].failed_ms, youngest_ms)

    def believed(self):
        """Return the units that are believed failed, a bit each."""
        bits = 0
        for place in range(len(self.units)):
            bits |= self.units[place].believed << place
        return bits

    def degraded(self):
        """Return the units that are degraded by their own report and have been so for hold-off, a bit each."""
        bits = 0
        for place in range(len(self.units)):
            bits |= self.units[place].is_degraded() << place
        return bits

    def differs(self):
        """Return whether a neighbour's newest word on any path was that its configuration or firmware differs.

        It counts after the path fell silent: boards that differed when they last met have not become equal since.
        """
        for path in self.paths:
            if path.flags & w.DIFFERS:
                return 1
        return 0

    def noisy(self):
        """Return the units that are failed behind noisy paths alone, a bit each."""
        bits = 0
        for place in range(len(self.units)):
            bits |= self.units[place].noisy << place
        return bits

    def _path_changed(self, index, path, was, noisy):
        self.changed |= 1 << path.unit
        if path.noisy != noisy:
            self.outbox.put(w.RECORD, w.E_NOISY, index, path.noisy | path.loss_permille() << 1)
        if path.state != was:
            self.outbox.put(w.RECORD, w.E_PATH, index, path.state)

    def _name_altered(self, index, path, how):
        path.altered = 1
        self.changed |= 1 << path.unit
        self.outbox.put(w.RECORD, w.E_ALTERED, index, how)

    # -- the judgement ------------------------------------------------------------------------------------------

    def _judge(self, place, unit):
        seen = leaving_s = degraded = 0
        why = w.WHY_NOTHING
        for path in self.paths:
            if path.unit == place:
                bits = path.seen()
                seen |= bits
                why = path.complaint() or why
                if bits & SEEN_LEAVING:
                    leaving_s = max(leaving_s, path.leaving_s)
        if place == self.cold and not self.expected and not seen & SEEN_OK:
            unit.stays()
            self._believe(place, unit, w.OFF, w.WHY_AT_REST)
        elif seen & SEEN_ALTERED and self.settings.on_altered:
            unit.noisy = 0
            self._believe(place, unit, w.FAILED, w.WHY_ALTERED)
        elif seen & (SEEN_BAD | SEEN_DOUBTED) and not seen & SEEN_DIRECT_OK:
            unit.leaving_said = unit.leaving_ms = 0
            if seen & SEEN_BAD or unit.health != w.FAILED:
                unit.noisy = 0 if seen & SEEN_BAD else 1
            self._believe(place, unit, w.FAILED, w.WHY_REPORTED)
        elif not seen & SEEN_DIRECT_OK and (seen & SEEN_LEAVING or (unit.leaving_said and not seen & SEEN_OK)):
            self._leaves(place, unit, leaving_s)
        elif not seen & SEEN_ALIVE:
            self._silent(place, unit, seen)
        elif not seen & SEEN_OK:
            self._mute(place, unit)
        else:
            unit.stays()
            unit.known = 1
            degraded = seen & (SEEN_DIRECT_DEGRADED if seen & SEEN_DIRECT_OK else SEEN_DEGRADED)
            why = self._blemish(seen, w.WHY_REPORTED if why == w.WHY_DEGRADED and not degraded else why)
            self._believe(place, unit, w.IMPAIRED if why else w.OK, why)
        if not degraded or not unit.degraded_ms:
            unit.degraded_ms = 1 if degraded else 0

    def _blemish(self, seen, why):
        if seen & SEEN_ALTERED:
            return w.WHY_ALTERED
        if seen & SEEN_SILENT or (seen & SEEN_NEVER and self.grace_over):
            return w.WHY_PATH_LOST
        contradicts = seen & (SEEN_BAD | SEEN_DOUBTED | SEEN_LEAVING)  # its beacon, what the unit says itself
        return w.WHY_REPORTED if contradicts else why

    def _leaves(self, place, unit, seconds):
        if not unit.leaving_said:
            most_s = self.settings.leaving_max_s
            unit.leaving_said = 1
            # a beacon's heartbeat has no room for the duration: it times the unit's own word and then says failed
            unit.leaving_ms = (most_s if seconds == 0 or seconds > most_s else seconds) * 1000
        if unit.leaving_ms:
            self._believe(place, unit, w.LEAVING, w.WHY_REPORTED)
        else:
            self._believe(place, unit, w.FAILED, w.WHY_OVERSTAYED)

    def _silent(self, place, unit, seen):
        if place == self.cold and not unit.known:
            self._believe(place, unit, w.FAILED, w.WHY_NO_START)
        elif seen & SEEN_SILENT:
            if unit.health != w.FAILED:
                unit.noisy = self._fell_behind_noise(place)
            self._believe(place, unit, w.FAILED, w.WHY_SILENT)
        elif self.grace_over:
            self._believe(place, unit, w.FAILED, w.WHY_NEVER_HEARD)
        else:
            self._believe(place, unit, w.UNKNOWN, w.WHY_NOTHING)

    def _fell_behind_noise(self, place):
        # a path that was silent long before tells nothing of this silence
        longest_ms = 0
        for path in self.paths:
            if path.unit == place:
                longest_ms = max(longest_ms, path.dead_ms)
        noisy = 0
        for path in self.paths:
            if path.unit == place and path.state == w.SILENT and path.age_ms <= 2 * longest_ms:
                if not path.noisy:
                    return 0
                noisy = 1
        return noisy

    def _mute(self, place, unit):
        # a beacon that restarted does not know its unit yet: not a failure, and no longer known well
        if unit.health == w.FAILED:
            return
        if not unit.known:
            self._silent(place, unit, 0)
        elif unit.mute_ms > self.mute_max_ms:
            self._believe(place, unit, w.FAILED, w.WHY_SILENT)
        else:
            self._believe(place, unit, w.UNKNOWN, w.WHY_NOTHING)
            unit.mute_ms = unit.mute_ms or 1

    def _believe(self, place, unit, health, why):
        if health == unit.health and why == unit.why:
            return
        unit.believe(health, why)
        self.outbox.put(w.RECORD, w.E_HEALTH, place, health | why << 8)
