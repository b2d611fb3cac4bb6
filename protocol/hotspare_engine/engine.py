"""The engine of a controller: everything that happens to a group is a method call here; no clock, pin, port or file.

Ages come in through `elapsed`, wishes go out through `outbox`. Nothing is decided but in `elapsed`, after everything
that arrived in the time that passed was told.
"""

from . import approval, saving, timers
from . import words as w
from .flapping import Flapping
from .group import ROUNDS_MAX, Group
from .guard import Guard
from .lines import Lines
from .listener import NEXT_MAX_MS
from .pending import Pending
from .resolver import Situation
from .roles import Roles
from .standing import EXPIRED, Recent, Standing
from .switching import DRAINING, IDLE, READYING, Switching

CHANGE_BYTES_MAX = 512  # what a step that changes something may allocate


class Engine(Group):
    """The decision of one group. `paths` is a tuple of (kind, unit, source, interval_ms, beats) in the board's order.

    `unit` is the unit at this board (the spare), or NONE for an arbiter between the units.
    """

    is_controller = True

    # -- what happens -------------------------------------------------------------------------------------------

    def contact(self, line, position):
        """The read-backs of a line say this position."""
        if self.lines.contact(line, position):
            self.outbox.put(w.RECORD, w.E_CONTACT, line, position)

    def supply(self, present):
        """The supply of the relay coils is sensed, or not."""
        if present != self.supply_present:
            self.supply_present = present
            self.dirty = 1
            self.outbox.put(w.RECORD, w.E_SUPPLY, present)

    def lockout(self, on):
        """The lockout switch at the place is on or off; no host ends what it says."""
        if on != self.switch_on:
            self.switch_on = on
            self.dirty = 1
            self.outbox.put(w.RECORD, w.E_LOCAL, on)
            if not on:
                self.health.doubt()

    def hold(self, on):
        """The board was reset too often and holds still, or a person ended that."""
        if on != self.still:
            self.still = on
            self.dirty = 1

    def elapsed(self, ms):
        """`ms` milliseconds have passed since the last call, after everything that arrived in them was told."""
        ended = self._hear(ms)
        if ended:
            self._ended(ended)
        rested = self.lines.elapsed(ms)
        if rested:
            self._rested(rested)
        if self.standing.timed:
            self._expire(ms)
        if self.pending.id and self.pending.elapsed(ms):
            self.dirty = 1
        if self.switching.step != IDLE:
            self.switching.elapsed(ms)
        if self.guard.due and self._rests():
            self._look()
        if self.health.changed or self.dirty:
            self._decide()
        rounds = 0
        while rounds < ROUNDS_MAX and self._goes_on():
            rounds += 1

    def asked(self, token, request, unit, number, seconds, flags):
        """A person asks; the answer goes to the outbox under `token`, a repeat is answered again and not done again.

        `unit` is an index or NONE, `number` the id for CLEAR, APPROVE and REJECT, and for the spare the line + 1 or 0,
        `seconds` the duration or 0, `flags` those of an ask.
        """
        self.desk.asked(token, request, unit, number, seconds, flags)

    def next_ms(self):
        """Return how long nothing will happen by time alone, in ms, at least 0."""
        if self.dirty or self.health.changed:
            return 0
        least = self.timers.next_ms(self.health.next_ms(NEXT_MAX_MS))
        least = self.lines.next_ms(least)
        if self.switching.step != IDLE:
            step = self.switching.step
            least = min(least, self.switching.next_ms())
            if step == DRAINING or step == READYING:
                least = min(least, self.roles.left_ms(step, self.switching.step_ms))
        if self.guard.due and self._rests():
            least = self.guard.next_ms(least)
        if self.standing.timed:
            least = min(least, self.standing.next_ms())
        if self.pending.asking:
            least = min(least, self.pending.left_ms)
        return max(0, least)

    # -- what is read -------------------------------------------------------------------------------------------

    def acts_alone(self):
        """Return whether a failure would be acted on with nobody's help."""
        inhibited = self.situation.inhibited & ~w.I_UNDRAINED
        return self.armed and not inhibited and approval.acts_alone(self.settings.autonomy)

    def rests(self):
        """Return whether nothing here needs this board at once: no switch, and no failure that is held back."""
        return self.state != w.SWITCHING and self.state != w.STARTING and self.health.is_calm()

    def own_health(self):
        """Return the health of the unit at this board."""
        return self.health.units[self.unit].health if self.unit != w.NONE else w.UNKNOWN

    def whys(self):
        """Return why each unit has the health that it has."""
        found = [unit.why for unit in self.health.units]
        if self.roles.power and self.health.units[self.primaries].health == w.OFF:
            found[-1] = w.WHY_STARTING
        if self.timers.runs(timers.UNREADY):
            found[-1] = w.WHY_NO_START if self.settings.standby == w.COLD else w.WHY_UNREADY
        return found

    def role_of(self, path):
        """Return what the unit of a path is told to be: what is said to whoever speaks on it."""
        return self.roles.told[self.health.paths[path].unit]

    def line_told(self, path):
        """Return the line + 1 that is told with a role: the spare hears before it is connected which one it gets."""
        switching = self.switching
        about_to = self.roles.told[self.primaries] == w.ACTIVE and switching.step != IDLE
        if about_to and switching.target != w.NONE and self.health.paths[path].unit == self.primaries:
            return switching.target + 1
        return self.selected + 1

    def role_bytes(self):
        """Return what each unit is told and acknowledges, as a status has it."""
        return [told | said << 4 for told, said in zip(self.roles.told, self.roles.heard)]

    def roles_told(self):
        """Return everything that is told of roles as one number: when it changes it is news."""
        return self.roles.word

    def saved(self):
        """Return what outlives a reset, as small integers."""
        return saving.saved(self)

    def resume(self, values):
        """After a reset: take up what `saved` returned; what does not fit is left alone and returns False."""
        return saving.resume(self, values)

    def _parts(self):
        parts = super()._parts() + [(self, self.FIELDS), (self.lines, Lines.FIELDS), (self.guard, Guard.FIELDS)]
        parts += [(self.switching, Switching.FIELDS), (self.roles, Roles.FIELDS), (self.desk.recent, Recent.FIELDS)]
        parts += [(self.standing, Standing.FIELDS), (self.standing, Standing.COUNTERS), (self.pending, Pending.FIELDS)]
        parts.append((self.flapping, Flapping.FIELDS))
        if self.together:
            parts.append((self.together, self.together.FIELDS))
        return parts + [(self.situation, Situation.FIELDS), (self.situation, Situation.FOUND)]

    # -- time ---------------------------------------------------------------------------------------------------

    def _goes_on(self):
        if self.guard.due and self._rests():  # a contact came to rest while another one moved
            self._look()
            if self.dirty:
                self._decide()
                return True
        step = self.switching.step
        return step != IDLE and (self._advance() or (self.guard.due and self.switching.step != step))

    def _rests(self):
        # a form-C contact that waits moves no more than one of an idle switch: all of them are guarded meanwhile
        return self.switching.step == IDLE or (not self.lines.opens and self.switching.waits())

    def _rested(self, lines):
        self.guard.due = self.dirty = 1
        for line in range(self.primaries):
            if lines >> line & 1:
                self.outbox.put(w.RECORD, w.E_CONTACT, line, self.lines.settled[line] | w.RESTS)

    def _ended(self, ended):
        if ended >> timers.RETURNS & 1:
            self.returns = 0
        if ended >> timers.FALLS & 1:
            self.guard.falls = 0
        if ended >> timers.STOPPING & 1:
            self.roles.ended_stopping()
        if ended >> timers.FLAPPING:
            self.flapping.ended(ended)

    def _expire(self, ms):
        slot = self.standing.elapsed(ms)
        while slot != w.NONE:
            expired = self.standing.left_s[slot] == EXPIRED
            kind = w.E_EXPIRED if expired else w.E_EXPIRING
            self.outbox.put(w.RECORD, kind, self.standing.request[slot], self.standing.id[slot])
            if expired:
                self.desk.answer(slot, w.ENDED)
                self.standing.remove(slot)
                self.health.doubt()
                self.changed_by_person()
            else:
                self.standing.expiring[slot] = 1
                self.dirty = 1
            slot = self.standing.elapsed(0)
