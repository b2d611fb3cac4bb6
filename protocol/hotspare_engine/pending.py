"""Pending requests: what a group may not do alone is put to a person, under an id, for a time; no I/O.

1. An id stands for one winner and one target, and for no other ones. A new one is drawn when either changes, and when
   nobody answered in time. No id comes again after a reset: the next one is saved.
2. Time counts only while nothing but the answer is missing.
3. Nothing is queued: an approval that can not be carried out at once ends and says why; the request stays pending.
4. What was rejected stays undone until winner or target changes, or it is approved after all.
"""

from . import approval
from . import words as w
from .resolver import resolve
from .switching import IDLE
from .unit import AGE_MAX_MS


class Pending:
    """The one request that waits for a person, of an Engine; `id` is 0 while there is none.

    `unit` gets the load once it is done, `asking` says that its time counts, `token` is that of whoever approved it and
    waits for the outcome, or 0.
    """

    FIELDS = ("id", "winner", "target", "unit", "said", "token", "age_ms", "left_ms", "asking")

    def __init__(self, engine):
        self.engine = engine
        self.autonomy = engine.settings.autonomy
        asks = self.autonomy != w.MANUAL and self.autonomy != w.SHADOW
        self.time_ms = engine.settings.approve_s * 1000 if asks else 0
        self.target = self.unit = w.NONE
        self.id = self.winner = self.said = self.token = self.age_ms = self.left_ms = self.asking = 0

    def describe(self, s):
        """Write what approval is to see into a Situation."""
        s.autonomy = self.autonomy
        s.pending_winner = self.winner
        s.pending_target = self.target
        s.pending_said = self.said

    def elapsed(self, ms):
        """Time has passed for a pending request; return whether nobody answered in time."""
        if self.age_ms < AGE_MAX_MS:
            self.age_ms += ms
        if not self.asking:
            return False
        self.left_ms = max(0, self.left_ms - ms)
        return not self.left_ms

    # -- the decision -------------------------------------------------------------------------------------------

    def judge(self, s, early, took_ms):
        """Return what holds back the movement of a resolved Situation; put it to a person where one is to decide.

        `early`: its time has not come or a switch is under way, and nobody is asked. `took_ms`: of the switch that
        ended in this step.
        """
        late = self._end(s, took_ms) if self.id and not self._is_about(s) else 0
        held = self._judge(s, early)
        if late:
            self.engine.desk.reply(0, late, w.NOT_PENDING, s.winner, self.id, self.unit)
        return held

    def _judge(self, s, early):
        held = approval.inhibitors(s) if s.target != s.selected else 0
        self.asking = 0
        if early:
            return held & ~approval.AUTONOMY
        if held and self.said == w.APPROVED:
            self._take_back(w.HELD_BACK, 0, held)
            self.describe(s)
        if not held & approval.AUTONOMY:
            return held
        if not self.id:
            self._raise(s, w.P_RAISED)
        if held & w.I_ASKING:
            self.asking = 1
            if not self.left_ms:
                return self._overdue(s, held)
        return held

    def failed(self, took_ms):
        """A switch ended in a fault: an approval is good for one."""
        if self.said == w.APPROVED:
            self._take_back(w.FELL_BACK, took_ms)

    def _is_about(self, s):
        same = s.winner == self.winner and s.target == self.target
        return same and s.target != s.selected and approval.is_automatic(s)

    def _raise(self, s, became):
        outbox = self.engine.outbox
        self.id = self.engine.standing.draw_id()
        self.winner = s.winner
        self.target = s.target
        self.unit = s.primaries if s.target != w.NONE else s.selected
        self.said = w.WAITING
        self.age_ms = 0
        self.left_ms = self.time_ms
        self.describe(s)
        self._record(became)
        outbox.put(w.SAVE)
        if self.autonomy == w.SHADOW:
            outbox.put(w.RECORD, w.E_WOULD, (self.target & 255) | self.id << 8, self._would_ms(s))

    def _would_ms(self, s):
        # from the failure to this decision, as far as a unit failed, and what the settings give to the switching
        failed_ms = self.engine.health.failed_for_ms(s.unit) if s.unit != w.NONE else 0
        return min(AGE_MAX_MS, failed_ms + self.engine.switching.limit_ms(s.selected, s.target))

    def _overdue(self, s, held):
        if self.autonomy != w.ASK_THEN_AUTO or held != w.I_ASKING:  # too many attempts are a person's to go on with
            self._raise(s, w.P_AGAIN)
            return held
        self.asking = 0
        self._say(w.APPROVED, w.P_TIMED_OUT)
        self.describe(s)
        return 0

    def _end(self, s, took_ms):
        if s.selected == self.target:
            self._answer(w.DONE, took_ms)
        else:
            self._record(w.P_WITHDRAWN)
        late = self.token  # of who approved it too late for it to be done
        if late:
            self._record_verdict(w.NOT_PENDING, w.APPROVE, self.id)
        self.target = self.unit = w.NONE
        self.id = self.winner = self.said = self.token = self.age_ms = self.left_ms = 0
        self.describe(s)
        return late

    def _take_back(self, verdict, took_ms, held=0):
        self.said = w.WAITING
        self.left_ms = self.time_ms
        self._answer(verdict, took_ms, held)

    def _say(self, said, became):
        self.said = said
        self._record(became)
        self.engine.dirty = 1

    def _record(self, became):
        self.engine.outbox.put(w.RECORD, w.E_PENDING, self.id, self.winner | (self.target & 255) << 8 | became << 16)

    def _record_verdict(self, verdict, request, number):
        self.engine.outbox.put(w.RECORD, w.E_VERDICT, verdict, request | number << 8)

    # -- what a person says -------------------------------------------------------------------------------------

    def asked(self, token, request, number, dry):
        """A person approves or rejects the request with an id; see Engine.asked."""
        desk = self.engine.desk
        t = desk.trial
        self.engine.describe(t)
        resolve(t)
        there = self.id and self._is_about(t)
        if not there or number != self.id:
            if not dry:
                self._record_verdict(w.NOT_PENDING, request, number)
            desk.reply(dry, token, w.NOT_PENDING, t.winner, self.id if there else 0, self.unit if there else w.NONE)
        elif self.said == (w.APPROVED if request == w.APPROVE else w.REJECTED):
            desk.reply(dry, token, w.NOTHING, 0, self.id, self.unit)
        elif self.engine.switching.step != IDLE:
            desk.refuse(dry, token, request, w.BUSY, 0, self.id, self.unit)
        elif request == w.APPROVE:
            self._approve(token, t, dry)
        else:
            self._reject(token, dry)

    def _approve(self, token, t, dry):
        desk = self.engine.desk
        t.pending_said = w.APPROVED
        held = approval.inhibitors(t)
        if held:
            desk.refuse(dry, token, w.APPROVE, w.HELD_BACK, 0, self.id, self.unit, held)
            return
        desk.reply(dry, token, w.ACCEPTED, 0, self.id, self.unit)
        if not dry:
            self.token = token
            self._say(w.APPROVED, w.P_APPROVED)

    def _reject(self, token, dry):
        if not dry:
            self._answer(w.ENDED)
            self.asking = self.left_ms = 0
            self._say(w.REJECTED, w.P_REJECTED)
        self.engine.desk.reply(dry, token, w.DONE, 0, self.id, self.unit)

    def _answer(self, verdict, took_ms=0, held=0):
        # the outcome, for whoever approved and still waits for it
        if not self.token:
            return
        if verdict != w.DONE:
            self._record_verdict(verdict, w.APPROVE, self.id)
        self.engine.desk.reply(0, self.token, verdict, 0, self.id, self.unit, took_ms, held)
        self.token = 0
