"""The desk: where persons' asks come in and answers go out; no I/O.

1. A repeated token is answered again and not done again.
2. A dry run is answered, and changes and keeps nothing.
3. Nothing is queued: an order that can not be carried out ends and says so. OUT, LO and FS stand until cleared.
4. OUT or LO asked again for another time keeps its id and gets that time.
"""

from . import approval, asks, timers
from . import words as w
from .resolver import Situation, outranks, resolve
from .standing import ORDERS, SLOTS_MAX, Recent
from .switching import IDLE


class Desk:
    """Takes asks for an Engine and changes its standing requests; every answer goes to the engine's outbox."""

    def __init__(self, engine):
        self.engine = engine
        self.recent = Recent()
        self.trial = Situation(engine.primaries)  # what would be, for the verdict on an ask

    # -- asks ---------------------------------------------------------------------------------------------------

    def asked(self, token, request, unit, number, seconds, flags):
        """Take one ask; see Engine.asked."""
        engine = self.engine
        if self._repeated(token):
            return
        dry = flags & w.DRY
        if not dry:
            engine.outbox.put(w.RECORD, w.E_ASKED, request, (unit & 255) | number << 8)
        if request == w.ARM or request == w.DISARM:
            self._arm(token, request, flags)
        elif request == w.CLEAR:
            self._clear(token, number, dry)
        elif request == w.CLEAR_RELAY:
            self._clear_relay(token, dry)
        elif request == w.UNFENCE:
            self._unfence(token, unit, dry)
        elif request == w.APPROVE or request == w.REJECT:
            engine.pending.asked(token, request, number, dry)
        elif request == w.CLEAR_SPARE:
            self._clear_spare(token, dry)
        elif request == w.EXER:
            self._exercise(token, unit, dry)
        elif request in asks.REQUESTED:
            unit = engine.primaries if request == w.LO else unit
            self._request(token, request, unit, number, seconds, flags)
        else:
            self.refuse(dry, token, request, w.BAD_VALUE, request)

    def _repeated(self, token):
        engine = self.engine
        place = self.recent.find(token)
        if place != w.NONE:
            engine.outbox.put(w.REPLY, *self.recent.answer(place))
            return True
        standing = engine.standing
        slot = standing.find_token(token)
        if slot != w.NONE:
            engine.outbox.put(w.REPLY, token, w.ACCEPTED, standing.id[slot], standing.unit[slot])
        return slot != w.NONE

    def reply(self, dry, token, verdict, by=0, number=0, unit=w.NONE, took_ms=0, held=0):
        """Answer a token: verdict, the request that outranks it, id, unit, ms from decision to contact, inhibitors."""
        row = (token, verdict | by << 8, number, unit, took_ms, held)
        if not dry:  # a dry run takes no answer's place
            self.recent.note(row)
        self.engine.outbox.put(w.REPLY, *row)

    def refuse(self, dry, token, request, verdict, by=0, number=0, unit=w.NONE, held=0):
        """Answer a token that its request is not done, and record it."""
        if not dry:
            self.engine.outbox.put(w.RECORD, w.E_VERDICT, verdict, request | number << 8)
        self.reply(dry, token, verdict, by, number, unit, 0, held)

    def _request(self, token, request, unit, number, seconds, flags):
        engine = self.engine
        standing = engine.standing
        dry = flags & w.DRY
        t = self.trial
        engine.describe(t)
        resolve(t)
        verdict, by, about = asks.verdict(t, request, unit, seconds, flags, number)
        held = 0
        if verdict == w.ACCEPTED and request in ORDERS:
            t.waited = 1 << request
            held = approval.inhibitors(t) if t.target != t.selected else 0
            if held:
                verdict = w.HELD_BACK
            elif engine.switching.step != IDLE:
                verdict = w.BUSY
        if verdict == w.OUTRANKED:
            slot = standing.find(by)
            ident = standing.id[slot] if slot != w.NONE else 0
            held = engine.held_back | (t.locked() & w.I_LOCAL if by == w.LO else 0)
            self.refuse(dry, token, request, verdict, by, ident, about, held)
            return
        if verdict != w.ACCEPTED and verdict != w.NOTHING:
            self.refuse(dry, token, request, verdict, by, 0, about, held)
            return
        if verdict == w.NOTHING and (request == w.OUT or request == w.LO):
            self._extend(dry, token, request, unit, seconds)
            return
        if verdict == w.NOTHING or dry:
            self.reply(dry, token, verdict, by, 0, about)
            return
        slot = standing.order()
        if request in ORDERS and slot != w.NONE:
            self.end(slot, w.PREEMPTED, request)
        slot = standing.add(request, unit, t.order_line, seconds, token, flags)
        self.reply(0, token, w.ACCEPTED, 0, standing.id[slot], unit)
        engine.changed_by_person()

    def _extend(self, dry, token, request, unit, seconds):
        # it stands already: who asks again means the time that is asked for now, be it longer or shorter
        engine = self.engine
        slot = engine.standing.find(request, unit)
        number = engine.standing.id[slot]
        verdict = w.NOTHING if engine.standing.left_s[slot] == seconds else w.DONE
        if verdict == w.DONE and not dry:
            engine.standing.extend(slot, seconds)
            engine.outbox.put(w.RECORD, w.E_VERDICT, w.DONE, request | number << 8)
            engine.changed_by_person()
        self.reply(dry, token, verdict, 0, number, unit)

    def _arm(self, token, request, flags):
        engine = self.engine
        armed = 1 if request == w.ARM else 0
        dry = flags & w.DRY
        accepted = 1 if armed and flags & w.ACCEPT_SPLIT_BRAIN else 0
        if armed == engine.armed and accepted == engine.split_brain:
            self.reply(dry, token, w.NOTHING)
        elif armed and not accepted and not self._is_isolated():
            self.refuse(dry, token, request, w.NOT_ISOLATED)
        else:
            if not dry:
                engine.armed = armed
                engine.split_brain = accepted
                engine.outbox.put(w.RECORD, w.E_ARMED, armed, accepted)
                engine.changed_by_person()
            self.reply(dry, token, w.DONE)

    def _is_isolated(self):
        # a form-C contact isolates by itself; other kinds prove it by their read-backs, and one kind can not
        engine = self.engine
        if not engine.lines.opens:
            return True
        return engine.settings.switch != w.UNPROVEN and (engine.switching.step != IDLE or engine.lines.proven())

    def _unfence(self, token, unit, dry):
        engine = self.engine
        if unit < 0 or unit >= engine.primaries:
            self.refuse(dry, token, w.UNFENCE, w.UNKNOWN_UNIT, 0, 0, unit)
        elif not engine.fenced >> unit & 1:
            self.refuse(dry, token, w.UNFENCE, w.NOT_FENCED, 0, 0, unit)
        elif not engine.lines.readable(unit):
            self.refuse(dry, token, w.UNFENCE, w.NOT_ISOLATED, 0, 0, unit)
        else:
            if not dry:
                engine.unfence(unit)
            self.reply(dry, token, w.DONE, 0, 0, unit)

    def _clear(self, token, number, dry):
        slot = self.engine.standing.find_id(number)
        if slot == w.NONE:
            self.refuse(dry, token, w.CLEAR, w.NO_SUCH_ID, 0, number)
            return
        unit = self.engine.standing.unit[slot]
        if not dry:
            self.end(slot, w.ENDED, 0)
        self.reply(dry, token, w.DONE, 0, number, unit)

    def _clear_relay(self, token, dry):
        engine = self.engine
        guard = engine.guard
        if not guard.fault and not guard.fell:
            self.reply(dry, token, w.NOTHING)
        elif not guard.can_clear() or engine.switching.step != IDLE:
            self.refuse(dry, token, w.CLEAR_RELAY, w.HELD_BACK, 0, 0, w.NONE, w.I_RELAY)
        else:
            if not dry:
                engine.clear_relay()
            self.reply(dry, token, w.DONE)

    def _clear_spare(self, token, dry):
        engine = self.engine
        if not engine.timers.runs(timers.UNREADY) and not engine.timers.runs(timers.UNDRAINED):
            self.reply(dry, token, w.NOTHING)
            return
        if not dry:
            engine.roles.try_again()
        self.reply(dry, token, w.DONE)

    def _exercise(self, token, unit, dry):
        # the whole decision as it would be if the unit that carries a line failed now; no relay moves
        engine = self.engine
        t = self.trial
        engine.describe(t)
        resolve(t)
        verdict, by, about, held = asks.exercise(t, unit)
        if verdict == w.ACCEPTED and (engine.switching.step != IDLE or t.exercise):
            verdict = w.BUSY
        elif verdict == w.ACCEPTED and not engine.roles.acknowledges():
            verdict = w.NOT_READY
        if verdict != w.ACCEPTED:
            slot = engine.standing.find(by) if by else w.NONE
            self._exercised(dry, token, verdict, by, engine.standing.id[slot] if slot != w.NONE else 0, about, held)
        elif dry or engine.settings.standby != w.COLD or engine.selected != w.NONE:
            self._exercised(dry, token, w.DONE, 0, 0, about, held)
        else:
            slot = engine.standing.add(w.EXER, about, w.NONE, 0, token, 0)
            self.reply(0, token, w.ACCEPTED, 0, engine.standing.id[slot], about, 0, held)
            engine.dirty = 1

    def _exercised(self, dry, token, verdict, by, number, about, held):
        if not dry:
            self.engine.outbox.put(w.RECORD, w.E_EXERCISED, verdict)
        self.reply(dry, token, verdict, by, number, about, 0, held)

    # -- outcomes -----------------------------------------------------------------------------------------------

    def answer(self, slot, verdict, by=0, took_ms=0, held=0):
        """Tell the outcome of a standing request to whoever still waits for it."""
        standing = self.engine.standing
        if standing.pending[slot]:
            standing.pending[slot] = 0
            self.reply(0, standing.token[slot], verdict, by, standing.id[slot], standing.unit[slot], took_ms, held)

    def end(self, slot, verdict, by, held=0):
        """End a standing request and say so."""
        engine = self.engine
        standing = engine.standing
        engine.outbox.put(w.RECORD, w.E_VERDICT, verdict, standing.request[slot] | standing.id[slot] << 8)
        self.answer(slot, verdict, by, 0, held)
        standing.remove(slot)
        engine.changed_by_person()

    def preempt(self, s):
        """End the order that the winner of a resolved Situation outranks."""
        slot = self.engine.standing.order()
        if slot != w.NONE and outranks(s.winner, self.engine.standing.request[slot]):
            self.end(slot, w.PREEMPTED, s.winner)

    def settle(self, s, held, took_ms):
        """No switch is under way: tell what is done, and end what can not be done, for nothing is queued."""
        standing = self.engine.standing
        for slot in range(SLOTS_MAX):
            request = standing.request[slot]
            if request in ORDERS:
                self._settle_order(slot, request, s, held, took_ms)
            elif request and request != w.EXER and standing.pending[slot]:
                self.answer(slot, w.STANDS if held else w.DONE, 0, took_ms, held)

    def _settle_order(self, slot, request, s, held, took_ms):
        standing = self.engine.standing
        if s.selected == standing.line[slot]:
            self.answer(slot, w.DONE, 0, took_ms)
            if request == w.MS_P:
                standing.remove(slot)
                self.engine.dirty = 1
        elif standing.pending[slot] or request == w.MS or request == w.MS_P:
            self.end(slot, w.HELD_BACK if held else w.NOT_WELL, 0, held or s.blocked)

    def settle_exercise(self, s):
        """The start of a cold spare is exercised: tell the outcome once it is heard, does not come, or is outranked."""
        engine = self.engine
        standing = engine.standing
        slot = standing.find(w.EXER)
        if slot == w.NONE:
            return
        roles = engine.roles
        if s.winner != w.EXER:
            self.end(slot, w.PREEMPTED, s.winner)
        elif engine.health.expected:
            engine.outbox.put(w.RECORD, w.E_EXERCISED, w.DONE, roles.started_ms)
            self.answer(slot, w.DONE, 0, roles.started_ms)
            standing.remove(slot)
            engine.dirty = 1

    def gave_up(self, verdict):
        """A switch was given up because of a unit: what a person asked and waits for ends, nothing is tried again."""
        engine = self.engine
        for slot in range(SLOTS_MAX):
            request = engine.standing.request[slot]
            if request == w.EXER:
                engine.outbox.put(w.RECORD, w.E_EXERCISED, verdict)
                self.end(slot, verdict, 0)
            elif request and request != w.FX and engine.standing.pending[slot] and request == engine.cause:
                self.end(slot, verdict, 0)

    def failed(self):
        """A switch ended in a fault: whoever waits is told, and the order ends."""
        for slot in range(SLOTS_MAX):
            self.answer(slot, w.FELL_BACK, 0, self.engine.switch_ms)
        slot = self.engine.standing.order()
        if slot != w.NONE:
            self.end(slot, w.FELL_BACK, 0)

    def fell(self):
        """The relay fell by itself: an order that is no forced switch was done once and is not done again."""
        slot = self.engine.standing.order()
        if slot != w.NONE and self.engine.standing.request[slot] != w.FS:
            self.end(slot, w.ENDED, 0)
