"""The group: its state, its one decision, and the movements that follow from it; no clock, no I/O.

`_become` is the one place where the state changes, and it takes the reason. A decision is made afresh whenever anything
changed, and again before each switching step.
"""

from . import alarms, approval, timers
from . import words as w
from .desk import Desk
from .flapping import Flapping
from .guard import ASTRAY, FELL, KEPT, Guard
from .lines import Lines
from .listener import Listener
from .pending import Pending
from .resolver import BY_SWITCH, Situation, resolve
from .roles import Roles
from .standing import Standing
from .switching import FAULT, GOING, IDLE, Switching

ROUNDS_MAX = 4  # decisions in one step: each ends a request or begins a switch, so that a few suffice


class Group(Listener):
    """One group as its controller sees it; Engine, which tells it what happens, says what the arguments are."""

    FIELDS = (
        "state", "supply_present", "held_back", "wtr_left_ms", "returns", "resume_line", "cause", "switches",
        "switch_ms", "shown_winner", "shown_target", "fenced", "split_brain", "switch_on", "still",
    )  # fmt: skip

    def __init__(self, settings_values, primaries, unit, paths):
        super().__init__(settings_values, primaries + 1, paths)
        self.primaries = primaries
        self.unit = unit
        self.lines = Lines(primaries, self.settings.steady_ms, self.settings.switch)
        self.guard = Guard(self.lines, self.settings, self.outbox, self._drive)
        self.roles = Roles(self, self.settings)
        self.switching = Switching(self.lines, self.settings, self._drive, self.roles.is_ready)
        self.standing = Standing()
        self.situation = Situation(primaries)
        self.desk = Desk(self)
        self.pending = Pending(self)
        self.flapping = Flapping(self)
        self.together = None
        if primaries > 1:
            from .together import Together  # the heap of a pair's board is spared

            self.together = Together(self)
        self.held_back = self.wtr_left_ms = self.returns = self.switches = self.switch_ms = 0
        self.state = w.STARTING
        self.resume_line = self.shown_target = w.NONE
        self.cause = self.shown_winner = w.NR
        self.supply_present = 1
        self.fenced = 0  # units that were disconnected as failed, until a person says otherwise, a bit each
        self.split_brain = 0  # a person armed it though nothing keeps two units apart
        self.switch_on = 0  # the lockout switch at the place
        self.still = 0  # the board was reset too often: nothing moves by itself
        self._took_ms = 0  # of the switch that ended in this step
        self.timers.start(timers.STAY, self.settings.stay_min_s * 1000)

    # -- the decision -------------------------------------------------------------------------------------------

    def describe(self, s):
        """Write what the resolver is to see into a Situation."""
        for place in range(self.primaries + 1):
            s.health[place] = w.FENCED if self.fenced >> place & 1 else self.health.units[place].health
        s.selected = self.selected
        s.failed = self.health.believed() | self.fenced
        s.unconnected = 0 if self.lines.unconnected() == w.NONE else 1
        if self.resume_line != w.NONE and not self.timers.runs(timers.RESUME):
            s.failed |= 1 << self.resume_line  # the load fell from the spare in a reset, and its primary is not well
        if self.timers.runs(timers.UNREADY):
            s.health[self.primaries] = w.FAILED
            s.failed |= 1 << self.primaries
        s.wtr = 1 if self.wtr_left_ms or self.timers.runs(timers.WTR) else 0
        s.degraded = self.health.degraded() & ~self.fenced
        s.on_degraded = self.settings.on_degraded
        s.flapping = self.flapping.units
        s.noisy = self.health.noisy()
        s.revertive = self.settings.revertive
        s.latching = self.settings.retention
        s.inhibited = self._inhibited(s.failed)
        self.standing.describe(s)
        if self.switch_on:
            s.lockout |= BY_SWITCH
        self.pending.describe(s)

    def _inhibited(self, failed):
        bits = 0 if self.armed else w.I_DISARMED
        if self.differs:
            bits |= w.I_DIFFERS
        if self.timers.runs(timers.CONFLICT):
            bits |= w.I_CONFLICT
        if self.guard.fault or not self.lines.all_read():
            bits |= w.I_RELAY
        elif self.lines.opens and self.switching.step == IDLE and not self.lines.proven():
            bits |= w.I_ISOLATION
        if not self.supply_present:
            bits |= w.I_SUPPLY
        if self.switch_on:
            bits |= w.I_LOCAL
        if self.still:
            bits |= w.I_RESETS
        if self.timers.runs(timers.UNREADY):
            bits |= w.I_UNREADY
        if self.timers.runs(timers.UNDRAINED):
            bits |= w.I_UNDRAINED
        if self.returns >= self.settings.attempts_max:
            bits |= w.I_ATTEMPTS
        failed &= (1 << self.primaries) - 1
        failed = failed & ~self.health.noisy() or failed
        for place in range(self.primaries):
            if failed >> place & 1:
                return bits | self._reservations(place)
        return bits

    def _reservations(self, place):
        # of the primary whose failure decides: the first one
        unit = self.health.units[place]
        if place == self.resume_line:
            return 0  # it carried nothing before the reset: there is no start to wait for
        if self.timers.runs(timers.GRACE) and not unit.known:
            return w.I_BOOT_GRACE
        silent = unit.why == w.WHY_SILENT or unit.why == w.WHY_NEVER_HEARD
        if silent and not self.settings.on_silence:
            return w.I_POLICY
        return w.I_TOGETHER if self.together and self.together.left_ms(place) else 0

    def _decide(self):
        rounds = 0
        while (self.health.changed or self.dirty) and rounds < ROUNDS_MAX:
            self.health.changed = self.dirty = 0
            rounds += 1
            self._decide_once()
            self.roles.look()
        self._show(self.situation)

    def _decide_once(self):
        self._start()
        self._compare()
        if self.resume_line != w.NONE and self.state != w.STARTING and self.health.well(self.resume_line):
            self.resume_line = w.NONE  # the primary carries the load and is well: that is where it stays
            self.outbox.put(w.SAVE)
        s = self.situation
        self.flapping.look()
        if self.together:
            self.together.look()
        self.describe(s)
        resolve(s)
        self._wait_to_restore(s)
        self.desk.preempt(s)
        held = self.pending.judge(s, self._is_early(s), self._took_ms)
        if self.together and held & w.I_TOGETHER and not self.timers.runs(timers.TOGETHER):
            self.timers.start(timers.TOGETHER, self.together.left_ms(s.unit))
        if self.switching.step != IDLE:
            self._redirect(s)
        elif s.target != self.selected:
            held = self._move(s, held)
        elif s.unconnected:
            held = self._reconnect(s)
        self.held_back = held | (s.blocked if s.uncovered or s.winner < w.WTR or s.present >> w.SD & 1 else 0)
        if s.order == w.FX or (s.order == w.FS and s.order_line == w.NONE):
            self.held_back |= w.I_FORCED  # no failover while it stands
        if self.held_back & w.I_SPARE_NOT_WELL:
            self.held_back |= s.inhibited & w.I_UNREADY
        if self.switching.step == IDLE:
            self.desk.settle(s, held, self._took_ms)
        self.desk.settle_exercise(s)

    def _start(self):
        if self.state != w.STARTING or not self.lines.all_read():
            return
        self.selected = self.lines.carried()
        if self.selected != w.NONE:
            self._become(w.ON_SPARE, w.NONE)
            return
        ready = self.lines.rest == w.BETWEEN or self.standing.order() != w.NONE or self.standing.find(w.OUT) != w.NONE
        for line in range(self.primaries):
            ready = ready or self.health.units[line].health != w.UNKNOWN
        if self.resume_line != w.NONE:
            self.guard.fell = 1
            self.outbox.put(w.RECORD, w.E_FELL, self.resume_line, w.AT_PRIMARY)
        elif not ready and self.timers.runs(timers.GRACE):
            return
        self._become(w.NORMAL, w.NONE)

    def _wait_to_restore(self, s):
        if self.selected == w.NONE:
            self.wtr_left_ms = 0
            self.timers.stop(timers.WTR)
        elif self.settings.revertive and (s.present >> w.SF_W & 1 or self._is_degraded(s)):
            self._restart_wtr()
        elif self.health.well(self.selected) == self.timers.runs(timers.WTR):
            return
        elif self.wtr_left_ms:
            self.timers.start(timers.WTR, self.wtr_left_ms)
            self.wtr_left_ms = 0
        else:
            self.wtr_left_ms = self.timers.stop(timers.WTR)

    def _is_degraded(self, s):
        return s.present >> w.SD & s.degraded >> self.selected & 1

    def _restart_wtr(self):
        self.timers.stop(timers.WTR)
        self.wtr_left_ms = self.settings.wtr_s * 1000

    def _is_early(self, s):
        # nobody is asked yet for what has to wait all the same
        if self.state == w.STARTING or self.switching.step != IDLE:
            return True
        return s.winner == w.NR and self.timers.runs(timers.STAY)

    def _move(self, s, held):
        if self.state == w.STARTING:
            held |= w.I_BOOT_GRACE
        if held or self._is_early(s):
            return held
        if s.winner == w.NR:
            self.returns += 1
            if not self.timers.runs(timers.RETURNS):
                self.timers.start(timers.RETURNS, self.settings.attempts_window_s * 1000)
        self.cause = s.winner
        self._become(w.SWITCHING, s.winner)
        self.switching.begin(self.selected, s.target, self.roles.drains(s))
        return 0

    def _reconnect(self, s):
        line = self.lines.unconnected()
        if line == self.resume_line:
            return 0  # where it goes is decided once its primary had time to be heard
        held = approval.reconnecting(s, line)
        if not held:
            self.cause = s.winner
            self._become(w.SWITCHING, s.winner)
            self.switching.connect(line)
        return held

    def _redirect(self, s):
        # between two steps: what is no longer wanted, or may not go on, is left where nothing is connected yet
        if self.switching.connecting and self.selected != w.NONE:
            return False  # the line that rests on nobody first: the spare carries another one meanwhile
        held = s.target != self.selected and approval.inhibitors(s) & ~w.I_ATTEMPTS  # of which this may be the last
        if s.target == self.switching.target:
            # it was begun with leave, and what wants it now is only another reason
            held &= ~(approval.AUTONOMY | approval.OUTWEIGHED)
        # another line went there by itself: no isolation of the spare is proven
        strayed = self.lines.at_spare(self.switching.line)
        target = self.selected if held or strayed else s.target
        if strayed and target == self.switching.line and self.switching.has_opened():
            target = w.NONE  # it left the spare: it does not come back to one that another line may be at
        if target == self.switching.line and s.unusable(self.primaries) and self.switching.has_opened():
            # who may not be used is not given the line back: it goes where it is wanted, or rests on nobody for now
            if s.target != target:
                return False
            self.switching.step = IDLE
        elif not self.switching.redirect(target):
            return False
        self.selected = self.lines.carried()
        self.came_to_rest(s.winner)
        if self.guard.due:
            self._look()  # at what came to rest meanwhile
        return True

    def _show(self, s):
        if s.winner != self.shown_winner or s.target != self.shown_target:
            self.shown_winner = s.winner
            self.shown_target = s.target
            self.outbox.put(w.RECORD, w.E_WINNER, s.winner, self.held_back | (s.target + 1) << w.TARGET_SHIFT)
        self._alarm(alarms.found(self))

    def came_to_rest(self, reason):
        """No switch is under way any more and none ended: the state is what is selected; decide afresh."""
        self._become(w.NORMAL if self.selected == w.NONE else w.ON_SPARE, reason)
        self.dirty = 1

    def _become(self, state, reason):
        assert (self.state, state) in w.TRANSITIONS, (self.state, state)
        self.state = state
        self.outbox.put(w.RECORD, w.E_STATE, state, reason)

    # -- contacts -----------------------------------------------------------------------------------------------

    def _drive(self, line, position):
        self.lines.drive(line, position)
        self.outbox.put(w.DRIVE, line, position)
        self.outbox.put(w.RECORD, w.E_DRIVE, line, position)

    def _advance(self):
        outcome = GOING
        if not self._redirect(self.situation) and not self.roles.attend(self.situation):
            outcome = self.switching.advance()
            if outcome == GOING and not self._redirect(self.situation):
                self.roles.look()
                if self.health.changed or self.dirty:
                    self._decide()
                    return True
                return False
        if outcome == GOING:
            self._look()
            self._decide()
            return True
        self.switch_ms = self.switching.age_ms
        if outcome == FAULT:
            self._failed()
        else:
            self._switched(self.switching.target)
        self._look()
        self._took_ms = self.switch_ms
        self._decide()
        self._took_ms = 0
        return True

    def _switched(self, target):
        if self.lines.opens:
            target = self.lines.carried()  # another line may have been connected again meanwhile
        self.selected = target
        self.switches += 1
        if target != w.NONE and self.settings.switch == w.FENCED_FEED and not self.health.well(target):
            self.fenced |= 1 << target
            self.outbox.put(w.RECORD, w.E_FENCED, target, 1)
        self.guard.fell = 0
        self.resume_line = w.NONE
        if target != w.NONE:
            self.timers.stop(timers.UNREADY)  # by force
        self.timers.start(timers.STAY, self.settings.stay_min_s * 1000)
        if target != w.NONE and (self.cause == w.SF_W or self.cause == w.SD) and self.settings.revertive:
            self._restart_wtr()  # its primary may have recovered meanwhile: that recovery must persist too
        self.outbox.put(w.RECORD, w.E_SWITCHED, target, self.switch_ms)
        self.outbox.put(w.SAVE)
        self._become(w.NORMAL if target == w.NONE else w.ON_SPARE, self.cause)
        self.dirty = 1

    def _failed(self):
        line = self.switching.line
        self.outbox.put(w.RECORD, w.E_SWITCH_FAILED, self.switching.target, self.lines.position[line])
        self.guard.failed(line)
        self.selected = self.lines.carried()
        self._become(w.HELD, self.cause)
        self.desk.failed()
        self.pending.failed(self.switch_ms)
        self.dirty = 1

    def _look(self):
        found = self.guard.look(self.state == w.STARTING)
        if found == KEPT:
            return
        self.dirty = 1
        if found == FELL or found == ASTRAY or self.state == w.HELD:
            self.selected = self.lines.carried()
            self.outbox.put(w.SAVE)
        if found == FELL:
            self.desk.fell()
            if not self.timers.runs(timers.FALLS):
                self.timers.start(timers.FALLS, self.settings.attempts_window_s * 1000)
        if self.guard.fault and self.state != w.HELD:
            self.switching.step = IDLE
            self._become(w.HELD, w.NONE)
        elif found == FELL and self.state == w.ON_SPARE:
            self._become(w.NORMAL, w.NONE)

    # -- what a person changed ------------------------------------------------------------------------------------

    def changed_by_person(self):
        """Something that a person asked took effect: decide afresh and save it."""
        self.dirty = 1
        self.outbox.put(w.SAVE)

    def unfence(self, unit):
        """A person says that a fenced unit may be used again: its health is what its paths say."""
        self.fenced &= ~(1 << unit)
        self.outbox.put(w.RECORD, w.E_FENCED, unit, 0)
        self.changed_by_person()

    def clear_relay(self):
        """End the hold after a relay fault: what the contacts show is the selection."""
        self.guard.clear()
        self.selected = self.lines.carried()
        if self.state == w.HELD:
            self.came_to_rest(w.NONE)
        self.changed_by_person()
