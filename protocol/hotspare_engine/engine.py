"""The engine of a controller: health, resolver, approval and switching joined, one method call for each thing that happens.

No clock, pin, port, file or chance: ages come in through `elapsed`, wishes go out through `outbox`. Decisions are made in
`elapsed` alone, after everything that arrived in the time that passed was told. `_become` is the one place where the
group's state changes, and it takes the reason.
"""

from . import alarms, approval, snapshots
from . import words as w
from .desk import Desk
from .health import Health, Path, Unit
from .outbox import Outbox
from .resolver import Situation, outranks, resolve
from .settings import Settings
from .standing import Standing
from .switching import FAULT, GOING, IDLE, UNSEEN, Lines, Switching

NEXT_MAX_MS = 1000  # the longest that a step is ever put off
CONFLICT_HOLD_MS = 5000  # a conflict counts for so long after it was last heard
STALL_ALARM_MS = 10000  # an own stall is alarmed for so long
SAVED_LAYOUT = 1


class Engine:
    """The decision of one group. `paths` is a tuple of (kind, unit, source, interval_ms, beats) in the board's order.

    `unit` is the unit at this board (the spare), or NONE for an arbiter between the units.
    """

    FIELDS = (
        "state", "selected", "armed", "alarms", "supply_present", "fault", "fell", "unread", "astray", "held_back",
        "grace_ms", "wtr_ms", "stay_ms", "returns", "returns_ms", "conflict_ms", "differs", "stall_alarm_ms", "believed",
        "resume_line", "resume_ms", "switches", "switch_ms", "stalls", "dirty", "shown_winner", "shown_target",
    )  # fmt: skip

    is_controller = True

    def __init__(self, settings_values, primaries, unit, paths):
        self.settings = Settings(settings_values)
        self.primaries = primaries
        self.unit = unit
        self.outbox = Outbox()
        made = [Path(*path) for path in paths]
        self.health = Health(made, primaries + 1, self.settings, self.outbox)
        self.lines = Lines(primaries)
        self.switching = Switching(self.lines, self.settings, self._drive)
        self.standing = Standing()
        self.situation = Situation(primaries)
        self.desk = Desk(self)
        self.armed = self.alarms = self.fault = self.fell = self.unread = self.astray = self.held_back = 0
        self.wtr_ms = self.returns = self.returns_ms = self.conflict_ms = self.differs = self.stall_alarm_ms = 0
        self.believed = self.resume_ms = self.switches = self.switch_ms = self.stalls = 0
        self.state = w.STARTING
        self.selected = self.resume_line = self.shown_target = w.NONE
        self.supply_present = 1
        self.grace_ms = self.settings.boot_grace_s * 1000
        self.stay_ms = self.settings.stay_min_s * 1000
        self.dirty = 1
        self.shown_winner = w.NR

    # -- what happens -------------------------------------------------------------------------------------------

    def heard(self, path, report, flags, seconds=0):
        """A beat in order arrived on a path: the health that it reports, ECHOED/DIFFERS/CONFLICT, planned stop in s."""
        self.health.heard(path, report, flags, seconds)
        if flags & w.CONFLICT:
            self.conflict(path)

    def altered(self, path, how):
        """A beat arrived frozen or out of order on a path."""
        self.health.altered(path, how)

    def damaged(self, path, count):
        """So many damaged frames arrived on a path."""
        self.health.damaged(path, count)

    def conflict(self, path):
        """Another board claims this board's address, unit or role."""
        if not self.conflict_ms:
            self.dirty = 1
            self.outbox.put(w.RECORD, w.E_CONFLICT, 1, path)
        self.conflict_ms = CONFLICT_HOLD_MS

    def contact(self, line, position):
        """The read-backs of a line say another position."""
        if self.lines.contact(line, position):
            self.outbox.put(w.RECORD, w.E_CONTACT, line, position)

    def supply(self, present):
        """The supply of the relay coils is sensed, or not."""
        if present != self.supply_present:
            self.supply_present = present
            self.dirty = 1
            self.outbox.put(w.RECORD, w.E_SUPPLY, present)

    def elapsed(self, ms):
        """`ms` milliseconds have passed since the last call, after everything that arrived in them was told."""
        if self.health.elapsed(ms):
            self._stalled(ms)
        self.lines.elapsed(ms)
        if self.switching.step != IDLE:
            self._switch(ms)
        else:
            self._watch_contacts()
        self._timers(ms)
        if self.health.changed:
            self.dirty = 1
            self.health.changed = 0
        if self.dirty:
            self._decide()

    def asked(self, token, request, unit, number, seconds, flags):
        """A person asks; the answer goes to the outbox under `token`, a repeated token is answered again and not done again.

        `unit` is an index or NONE, `number` the id for CLEAR, `seconds` the duration or 0, `flags` those of an ask.
        """
        self.desk.asked(token, request, unit, number, seconds, flags)

    def next_ms(self):
        """Return how long nothing will happen by time alone, in ms, at least 0."""
        least = self.health.next_ms(NEXT_MAX_MS)
        if self.switching.step != IDLE:
            least = min(least, self.switching.next_ms())
        if 0 < self.grace_ms < least:
            least = self.grace_ms
        if 0 < self.wtr_ms < least:
            least = self.wtr_ms
        if 0 < self.resume_ms < least:
            least = self.resume_ms
        for unit in self.health.units:
            if unit.health == w.FAILED and unit.failed_ms < self.settings.hold_off_ms:
                least = min(least, self.settings.hold_off_ms - unit.failed_ms)
        return max(0, least)

    # -- what is read -------------------------------------------------------------------------------------------

    def own_health(self):
        """Return the health of the unit at this board."""
        return self.health.units[self.unit].health if self.unit != w.NONE else w.UNKNOWN

    def resolved(self):
        """Return the situation with what the resolver found in it, for `explain`."""
        return self.situation

    def snapshot(self):
        """Return the whole state as a tuple of small integers."""
        return snapshots.take(self._parts())

    def restore(self, values):
        """Take back a snapshot of an engine with the same settings, units and paths."""
        snapshots.give(self._parts(), values)

    def _parts(self):
        parts = [(self, self.FIELDS), (self.health, Health.FIELDS), (self.lines, Lines.FIELDS)]
        parts += [(path, Path.FIELDS) for path in self.health.paths]
        parts += [(unit, Unit.FIELDS) for unit in self.health.units]
        parts += [
            (self.switching, Switching.FIELDS),
            (self.standing, Standing.FIELDS),
            (self.standing, Standing.COUNTERS),
        ]
        return parts + [(self.situation, Situation.FIELDS), (self.situation, Situation.FOUND)]

    def saved(self):
        """Return what outlives a reset: layout, armed, selection, next id, then request, id, unit, line, seconds, dropping."""
        values = [SAVED_LAYOUT, self.armed, self.selected, self.standing.next_id]
        for slot in self.standing.slots():
            if self.standing.request[slot] in (w.OUT, w.LO, w.FS):
                for name in ("request", "id", "unit", "line", "left_s", "dropping"):
                    values.append(getattr(self.standing, name)[slot])
        return tuple(values)

    def resume(self, values):
        """After a reset: take up what `saved` returned; what is not of this layout is left alone and returns False."""
        if len(values) < 4 or values[0] != SAVED_LAYOUT or (len(values) - 4) % 6:
            return False
        self.armed = values[1]
        selected = values[2]
        for place in range(4, len(values), 6):
            request, number, unit, line, seconds, dropping = values[place : place + 6]
            self.standing.next_id = number
            slot = self.standing.add(request, unit, line, seconds, 0, dropping)
            self.standing.pending[slot] = 0
        self.standing.next_id = values[3]
        if selected != w.NONE and selected < self.primaries:
            self.resume_line = selected
            self.resume_ms = 1 + max([path.dead_ms for path in self.health.paths if path.unit == selected] or [0])
        self.dirty = 1
        return True

    # -- time ---------------------------------------------------------------------------------------------------

    def _stalled(self, ms):
        self.stalls += 1
        if not self.stall_alarm_ms:
            self.dirty = 1
        self.stall_alarm_ms = STALL_ALARM_MS
        self.outbox.put(w.RECORD, w.E_STALL, ms, self.health.stall_ms)

    def _timers(self, ms):
        if self.grace_ms:
            self.grace_ms = self._down(self.grace_ms, ms)
            if not self.grace_ms:
                self.health.end_grace()
        if self.resume_ms:
            self.resume_ms = self._down(self.resume_ms, ms)
        if self.conflict_ms:
            self.conflict_ms = self._down(self.conflict_ms, ms)
            if not self.conflict_ms:
                self.outbox.put(w.RECORD, w.E_CONFLICT, 0)
        if self.stall_alarm_ms:
            self.stall_alarm_ms = self._down(self.stall_alarm_ms, ms)
        if self.stay_ms:
            self.stay_ms = self._down(self.stay_ms, ms)
        if self.returns_ms:
            self.returns_ms = self._down(self.returns_ms, ms)
            if not self.returns_ms:
                self.returns = 0
        if self.wtr_ms and self.selected != w.NONE and self.health.well(self.selected):
            self.wtr_ms = self._down(self.wtr_ms, ms)
        if self.standing.timed:
            self._expire(ms)
        place = 0
        for unit in self.health.units:
            believed = unit.health == w.FAILED and unit.failed_ms >= self.settings.hold_off_ms
            if believed != (self.believed >> place & 1):
                self.believed ^= 1 << place
                self.dirty = 1
            place += 1

    def _down(self, left_ms, ms):
        if left_ms > ms:
            return left_ms - ms
        self.dirty = 1
        return 0

    def _expire(self, ms):
        slot = self.standing.elapsed(ms)
        while slot != w.NONE:
            self.outbox.put(w.RECORD, w.E_EXPIRED, self.standing.request[slot], self.standing.id[slot])
            self.standing.remove(slot)
            for unit in self.health.units:  # what was held back by it is believed afresh
                unit.failed_ms = 0
            self.dirty = 1
            self.outbox.put(w.SAVE)
            slot = self.standing.elapsed(0)

    # -- the decision -------------------------------------------------------------------------------------------

    def describe(self, s):
        """Write what the resolver is to see into a Situation."""
        for place in range(self.primaries + 1):
            s.health[place] = self.health.units[place].health
        s.selected = self.selected
        s.failed = self.believed
        if self.resume_line != w.NONE and not self.resume_ms:
            s.failed |= 1 << self.resume_line  # the load fell from the spare in a reset, and its primary is not well
        s.wtr = 1 if self.wtr_ms else 0
        s.revertive = self.settings.revertive
        s.automatic = self.armed
        s.inhibited = self._inhibited()
        self.standing.describe(s)

    def _inhibited(self):
        bits = 0
        if not self.armed:
            bits |= w.I_DISARMED
        if self.differs:
            bits |= w.I_DIFFERS
        if self.conflict_ms:
            bits |= w.I_CONFLICT
        if self.fault:
            bits |= w.I_RELAY
        if not self.supply_present:
            bits |= w.I_SUPPLY
        if self.returns >= self.settings.attempts_max:
            bits |= w.I_ATTEMPTS
        if not self.settings.on_silence:
            for place in range(self.primaries):
                if self.believed >> place & 1 and self.health.units[place].why == w.WHY_SILENT:
                    bits |= w.I_POLICY
        return bits

    def _decide(self):
        self.dirty = 0
        self._start()
        self._differs()
        if self.resume_line != w.NONE and self.health.well(self.resume_line):
            self.resume_line = w.NONE  # the primary carries the load and is well: that is where it stays
        s = self.situation
        self.describe(s)
        resolve(s)
        if self.settings.revertive and s.present >> w.SF_W & 1 and self.selected != w.NONE:
            self.wtr_ms = self.settings.wtr_s * 1000
        self._end_preempted(s)
        self.held_back = 0
        if self.switching.step != IDLE:
            self.switching.retarget(s.target)
        elif self.state != w.STARTING and s.target != self.selected:
            self._move(s)
        elif s.blocked and s.present & (1 << w.SF_W | 1 << w.SF_P | 1 << w.OUT):
            self.held_back = s.blocked
        if self.switching.step == IDLE:
            self._finish_orders(s)
        self._show(s)

    def _start(self):
        if self.state != w.STARTING or w.NONE in self.lines.position:
            return
        for line in range(self.primaries):
            position = self.lines.position[line]
            if position == w.AT_SPARE and self.settings.retention == w.LATCHING:
                self.lines.driven[line] = w.AT_SPARE
                self.selected = line
                self.resume_line = w.NONE
                self._become(w.ON_SPARE, w.NONE)
                return
        for line in range(self.primaries):
            if self.health.units[line].health != w.UNKNOWN or not self.grace_ms or self.resume_line != w.NONE:
                self._become(w.NORMAL, w.NONE)
                return
        slot = self.standing.order()
        if slot != w.NONE or self.standing.find(w.OUT) != w.NONE:
            self._become(w.NORMAL, w.NONE)

    def _differs(self):
        differs = 0
        for path in self.health.paths:
            if path.state == w.ALIVE and path.flags & w.DIFFERS:
                differs = 1
        if differs != self.differs:
            self.differs = differs
            self.outbox.put(w.RECORD, w.E_DIFFERS, differs)

    def _move(self, s):
        returning = s.target == w.NONE and approval.is_automatic(s.winner)
        held = approval.inhibitors(s.winner, s.target == w.NONE, s.inhibited)
        if held:
            self.held_back = held | s.blocked
            return
        if returning and s.winner == w.NR:
            if self.stay_ms:
                return
            self.returns += 1
            if not self.returns_ms:
                self.returns_ms = self.settings.attempts_window_s * 1000
        self._become(w.SWITCHING, s.winner)
        self.switching.begin(self.selected, s.target)

    def _end_preempted(self, s):
        slot = self.standing.order()
        if slot == w.NONE:
            return
        request = self.standing.request[slot]
        if request != s.winner and outranks(s.winner, request):
            self.desk.end(slot, w.PREEMPTED, s.winner)

    def _finish_orders(self, s):
        for slot in self.standing.slots():
            if s.target != self.selected:
                continue
            self.desk.answer(slot, w.DONE)
            if self.standing.request[slot] == w.MS_P:
                self.standing.remove(slot)
                self.dirty = 1

    def _show(self, s):
        if s.winner != self.shown_winner or s.target != self.shown_target:
            self.shown_winner = s.winner
            self.shown_target = s.target
            self.outbox.put(w.RECORD, w.E_WINNER, s.winner, (s.target & 255) | (self.held_back | s.blocked) << 8)
        bits = alarms.found(self)
        if bits != self.alarms:
            self.outbox.put(w.RECORD, w.E_ALARMS, bits, self.alarms)
            self.alarms = bits
        self.outbox.put(w.SEND)

    def _become(self, state, reason):
        assert (self.state, state) in w.TRANSITIONS, (self.state, state)
        self.state = state
        self.outbox.put(w.RECORD, w.E_STATE, state, reason)

    # -- contacts -----------------------------------------------------------------------------------------------

    def _drive(self, line, position):
        self.lines.driven[line] = position
        self.lines.coil_ms[line] = 0
        self.outbox.put(w.DRIVE, line, position)
        self.outbox.put(w.RECORD, w.E_DRIVE, line, position)

    def _switch(self, ms):
        outcome = self.switching.elapsed(ms)
        if outcome == GOING:
            return
        self.dirty = 1
        self.switch_ms = self.switching.age_ms
        if outcome == FAULT:
            self._failed()
            return
        target = self.switching.target
        if outcome == UNSEEN:
            self.unread |= 1 << max(target, self.switching.source, 0)
        self.selected = target
        self.switches += 1
        self.fell = 0
        self.resume_line = w.NONE
        self.stay_ms = self.settings.stay_min_s * 1000
        self.outbox.put(w.RECORD, w.E_SWITCHED, target, self.switch_ms)
        self.outbox.put(w.SAVE)
        self._become(w.NORMAL if target == w.NONE else w.ON_SPARE, self.situation.winner)
        self._answer_moved(w.DONE)

    def _failed(self):
        self.fault = 1
        self.selected = self._carried()
        self.outbox.put(w.RECORD, w.E_SWITCH_FAILED, self.switching.target, self.lines.position[self.switching.line])
        self._become(w.HELD, self.situation.winner)
        self._answer_moved(w.FELL_BACK)
        slot = self.standing.order()
        if slot != w.NONE:
            self.desk.end(slot, w.FELL_BACK, 0)

    def _answer_moved(self, verdict):
        for slot in self.standing.slots():
            self.desk.answer(slot, verdict, 0, self.switch_ms)

    def _carried(self):
        for line in range(self.primaries):
            if self.lines.position[line] == w.AT_SPARE:
                return line
        return w.NONE

    def _watch_contacts(self):
        lines = self.lines
        line = 0
        while line < lines.count:
            bit = 1 << line
            position = lines.position[line]
            if position == lines.driven[line]:
                if (self.unread | self.astray) & bit:
                    self.unread &= ~bit
                    self.astray &= ~bit
                    self.dirty = 1
            elif position != w.NONE and lines.rest_ms[line] >= self.settings.steady_ms:
                self._astray(line, bit, position)
            line += 1

    def _astray(self, line, bit, position):
        if position == w.BETWEEN or position == w.AT_BOTH:
            if not self.unread & bit:
                self.unread |= bit
                self.dirty = 1
            return
        if self.astray & bit or self.unread & bit:
            return
        self.dirty = 1
        self.fell = 1
        self.outbox.put(w.RECORD, w.E_FELL, line, position)
        if position == w.AT_PRIMARY:
            # it must not come back by itself when the supply does: the drive follows the contact, then all is decided afresh
            self._drive(line, w.AT_PRIMARY)
            self.selected = w.NONE
            self.outbox.put(w.SAVE)
            if self.state == w.ON_SPARE:
                self._become(w.NORMAL, w.NONE)
        else:
            self.astray |= bit
            self.fault = 1
            self.selected = line
            self.outbox.put(w.RECORD, w.E_HELD, line, position)
            if self.state != w.HELD:
                self._become(w.HELD, w.NONE)

    # -- what a person changed ------------------------------------------------------------------------------------

    def changed_by_person(self):
        """Something that a person asked took effect: decide afresh and save it."""
        self.dirty = 1
        self.outbox.put(w.SAVE)

    def can_clear_relay(self):
        """Return whether the relays are where they are driven to, so far as a released falling relay must be."""
        carried = self._carried()
        return self.settings.retention != w.FALLS or carried == w.NONE or self.lines.driven[carried] == w.AT_SPARE

    def clear_relay(self):
        """End the hold after a relay fault: what the contacts show is the selection."""
        carried = self._carried()
        self.fault = self.fell = self.astray = 0
        self.selected = carried
        for line in range(self.primaries):
            self.lines.driven[line] = w.AT_SPARE if line == carried else w.AT_PRIMARY
        if self.state == w.HELD:
            self._become(w.NORMAL if carried == w.NONE else w.ON_SPARE, w.NONE)
        self.changed_by_person()
