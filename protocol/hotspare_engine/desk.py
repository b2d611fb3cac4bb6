"""The desk: where persons' asks come in and answers go out. A repeated token is answered again and not done again; no I/O."""

from . import approval, asks
from . import words as w
from .resolver import Situation, resolve
from .standing import ORDERS, Recent
from .switching import IDLE


class Desk:
    """Takes asks for an Engine and changes its standing requests; every answer goes to the engine's outbox."""

    def __init__(self, engine):
        self.engine = engine
        self.recent = Recent()
        self._trial = Situation(engine.primaries)

    def asked(self, token, request, unit, number, seconds, flags):
        """Take one ask; see Engine.asked."""
        engine = self.engine
        known = self.recent.find(token)
        if known:
            engine.outbox.put(w.REPLY, *known)
            return
        if not flags & w.DRY:
            engine.outbox.put(w.RECORD, w.E_ASKED, request, (unit & 255) | number << 8)
        if request == w.ARM or request == w.DISARM:
            self._arm(token, 1 if request == w.ARM else 0, flags)
        elif request == w.CLEAR:
            self._clear(token, number, flags)
        elif request == w.CLEAR_RELAY:
            self._clear_relay(token, flags)
        elif request in asks.REQUESTED:
            self._request(token, request, engine.primaries if request == w.LO else unit, seconds, flags)
        else:
            self.reply(token, w.BAD_VALUE, request)

    def reply(self, token, verdict, by=0, number=0, unit=w.NONE, took_ms=0, held=0):
        """Answer a token: verdict, the request that outranks it, id, unit, ms from decision to contact, inhibitors."""
        row = (token, verdict | by << 8, number, unit, took_ms, held)
        self.recent.note(row)
        self.engine.outbox.put(w.REPLY, *row)

    def answer(self, slot, verdict, by=0, took_ms=0):
        """Tell the outcome of a standing request to whoever still waits for it."""
        standing = self.engine.standing
        if standing.pending[slot]:
            standing.pending[slot] = 0
            self.reply(standing.token[slot], verdict, by, standing.id[slot], standing.unit[slot], took_ms)

    def end(self, slot, verdict, by):
        """End a standing request and say so."""
        engine = self.engine
        standing = engine.standing
        engine.outbox.put(w.RECORD, w.E_VERDICT, verdict, standing.request[slot] | standing.id[slot] << 8)
        self.answer(slot, verdict, by)
        standing.remove(slot)
        engine.changed_by_person()

    def _request(self, token, request, unit, seconds, flags):
        engine = self.engine
        t = self._trial
        engine.describe(t)
        resolve(t)
        verdict, by, about = asks.verdict(t, request, unit, seconds, flags)
        held = 0
        if verdict == w.ACCEPTED and request in ORDERS:
            held = approval.inhibitors(request, t.target == w.NONE, t.inhibited) if t.target != engine.selected else 0
            if held:
                verdict = w.HELD_BACK
            elif engine.switching.step != IDLE:
                verdict = w.BUSY
        if verdict != w.ACCEPTED or flags & w.DRY:
            slot = engine.standing.find(by) if verdict == w.OUTRANKED else w.NONE
            self.reply(token, verdict, by, engine.standing.id[slot] if slot != w.NONE else 0, about, 0, held)
            return
        slot = engine.standing.order()
        if request in ORDERS and slot != w.NONE:
            self.end(slot, w.PREEMPTED, request)
        slot = engine.standing.add(request, unit, t.order_line, seconds, token, 1 if flags & w.DROP_SERVICE else 0)
        self.reply(token, w.ACCEPTED, 0, engine.standing.id[slot], unit)
        engine.changed_by_person()

    def _arm(self, token, armed, flags):
        engine = self.engine
        if armed == engine.armed:
            self.reply(token, w.NOTHING)
            return
        if not flags & w.DRY:
            engine.armed = armed
            engine.outbox.put(w.RECORD, w.E_ARMED, armed)
            engine.changed_by_person()
        self.reply(token, w.DONE)

    def _clear(self, token, number, flags):
        slot = self.engine.standing.find_id(number)
        if slot == w.NONE:
            self.reply(token, w.NO_SUCH_ID, 0, number)
            return
        unit = self.engine.standing.unit[slot]
        if not flags & w.DRY:
            self.end(slot, w.ENDED, 0)
        self.reply(token, w.DONE, 0, number, unit)

    def _clear_relay(self, token, flags):
        engine = self.engine
        if not engine.fault and not engine.fell:
            self.reply(token, w.NOTHING)
        elif not engine.can_clear_relay():
            self.reply(token, w.HELD_BACK, 0, 0, w.NONE, 0, w.I_RELAY)
        else:
            if not flags & w.DRY:
                engine.clear_relay()
            self.reply(token, w.DONE)
