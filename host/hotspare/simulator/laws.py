"""The laws of the engine, asserted at every step of a bench and quoted by number; runs on CPython and MicroPython.

What a law says of the world is checked against the bench's truth; what it says of belief against the engine's own.
"""

from hotspare_engine import alarms, approval
from hotspare_engine import words as w
from hotspare_engine.resolver import ORDERS
from hotspare_engine.roles import POWER_REST_MS
from hotspare_engine.switching import IDLE
from hotspare_engine.timers import GRACE, STALL

SILENT = -1  # what a unit says when it says nothing
NAMED_MS_MAX = 3  # within which an alarm names why a failover is not done
WELL = (w.OK, w.IMPAIRED)
# current in the coils by position: of a changeover, of two contactors (the spare's, the primary's), of spare and fence
COILS = (
    {w.AT_PRIMARY: (0,), w.AT_SPARE: (1,)},
    {w.AT_PRIMARY: (0, 1), w.BETWEEN: (0, 0), w.AT_SPARE: (1, 0)},
    {w.AT_PRIMARY: (0, 0), w.BETWEEN: (0, 1), w.AT_SPARE: (1, 1)},
    {w.AT_PRIMARY: (0, 1), w.BETWEEN: (0, 0), w.AT_SPARE: (1, 0)},
)
STOPS = (
    w.I_ISOLATION
    | w.I_CONFLICT
    | w.I_RELAY
    | w.I_SUPPLY
    | w.I_DISARMED
    | w.I_DIFFERS
    | w.I_POLICY
    | w.I_BOOT_GRACE
    | w.I_RESETS
)
STOPS |= w.I_RESETS | w.I_TOGETHER | w.I_UNREADY  # I_TOGETHER ends within half a dead time


class Broken(AssertionError):
    """A law is broken; the message quotes it."""


class Laws:
    """Watches a bench: `driven` before each command to a relay, `stepped` after each step."""

    def __init__(self):
        self.bench = None
        self.counts = {}
        self.rebooted()

    def attach(self, bench):
        """Watch `bench` from now on; return it."""
        self.bench = bench
        bench.watchers = (self,)
        return bench

    def rebooted(self):
        """The controller's board has booted: nothing has been driven yet."""
        self.commanded = {}
        self.rested = {}  # line: (read-back, how long it has been so)
        self.switches = 0
        self.unnamed_ms = 0
        self.failed_ms = self.degraded_ms = 0
        self.asked_of = None  # winner and target that a person is asked for, and for how long
        self.asked_ms = 0
        self.stepped_ms = self.bench.now_ms if self.bench else 0

    def _must(self, law, holds, what):
        self.counts[law] = self.counts.get(law, 0) + 1
        if not holds:
            raise Broken(f"{law} at {self.bench.now_ms} ms: {what}")

    # -- before a command ---------------------------------------------------------------------------------------

    def driven(self, line, position):
        """The engine commands a relay."""
        bench = self.bench
        engine = bench.engine
        self._coils(line, position)
        switching = engine.switching
        gives_back = engine.lines.opens and position in (switching.before, w.BETWEEN)
        # a line that rests on nobody goes to its primary without leave
        gives_back = gives_back or switching.connecting or (position == w.AT_PRIMARY and switching.before == w.BETWEEN)
        # poles that disagree have parted the line from both units: they return
        gives_back = gives_back or (engine.lines.settled[line] == w.AT_BOTH and position == w.AT_PRIMARY)
        if engine.lines.settled[line] != position and not gives_back:
            self._allowed()
        if engine.guard.fault or engine.guard.fell:
            return  # the drive follows the contact
        if position == w.AT_SPARE:
            self._connects(line)
        elif position == w.AT_PRIMARY:
            self._returns(line)

    def _coils(self, line, position):
        bench = self.bench
        engine = bench.engine
        for coil, level in enumerate(COILS[engine.settings.switch][position]):
            rest = COILS[engine.settings.switch][engine.lines.rest][coil]
            was, at_ms = self.commanded.get((line, coil), (rest, -1 << 29))
            if was == level and engine.lines.opens:
                continue
            lasted = bench.now_ms - at_ms >= engine.settings.coil_min_ms
            self._must("coil", lasted, "a coil keeps each command for its least time")
            self.commanded[line, coil] = (level, bench.now_ms)

    def _allowed(self):
        bench = self.bench
        engine = bench.engine
        s = engine.situation
        autonomy = engine.settings.autonomy
        if not approval.is_automatic(s):
            return  # a person asked for it and waits
        person = (engine.pending.id, s.winner, s.target) in bench.approved
        late = autonomy == w.ASK_THEN_AUTO and self._asked_ms() >= engine.settings.approve_s * 1000
        allowed = autonomy == w.AUTO or person or late or self._begun(s)
        if approval.flaps(s):
            # what was begun for a graver reason goes on: its line may be with nobody by now
            begun = engine.cause != s.winner and engine.switching.target == s.target
            what = "no load goes to a flapping unit but by a person, unless another one failed"
            self._must("flapping", person or begun, what)
        if approval.doubts(s) and engine.cause == s.winner:
            self._must("noise", person, "silence behind noisy paths alone moves nothing but by a person")
        self._must("L10", allowed, "no automatic action moves the load without the autonomy to do so")

    def _begun(self, s):
        # with leave for another reason, which has become a graver one since
        cause = self.bench.engine.cause
        left = cause in ORDERS or (cause, s.target) in [about[1:] for about in self.bench.approved]
        return cause != s.winner and left and self.bench.engine.switching.target == s.target

    def _asked_ms(self):
        # of what is done now: up to its last step, and the time that has passed since while it was asked for
        s = self.bench.engine.situation
        if self.asked_of is None or self.asked_of[:2] != (s.winner, s.target):
            return 0
        return self.asked_ms + (self.bench.now_ms - self.stepped_ms if self.asked_of[2] else 0)

    def _connects(self, line):
        bench = self.bench
        engine = bench.engine
        s = engine.situation
        switching = engine.switching
        if engine.lines.opens:
            relay = bench.relays[line]
            seen = engine.lines.settled[line] == w.BETWEEN
            self._must("L2", seen, "the spare is connected once the primary is seen disconnected")
            really = relay.contact == w.BETWEEN or relay.shown != w.NONE
            self._must("L2", really, "and it is, unless the read-backs lie")
        for other in range(bench.primaries):
            if other != line:
                away = engine.lines.readable(other) and engine.lines.settled[other] != w.AT_SPARE
                # a changeover goes on where its read-back is lost, alarmed or about to be
                lost = engine.guard.unread >> other & 1 or (switching.unseen and switching.source == other)
                proven = away or lost
                self._must("L2", proven, "nothing is energised on an unproven isolation")
        self._must("lockout", not bench.switch_on, "nothing connects the spare while the lockout switch is on")
        self._must("L8", engine.lines.all_read(), "no start energises a relay by itself: its contacts were not read")
        if s.order == w.FX:
            return
        spare = bench.primaries
        self._must("L3", not s.out >> spare & 1 and not s.lockout, "never onto a unit that is out")
        if engine.lines.opens and engine.switching.source == line:
            return  # both units failed while both contacts were open: the line gets back what it had
        self._must("L3", engine.health.units[spare].health in WELL, "never onto a unit known dead")
        if s.winner == w.SD:
            self._must("L10", engine.health.units[spare].health == w.OK, "only an ok spare relieves a degraded primary")
        self._must("L8", any_well(bench, spare), "no start energises a relay by itself: the spare was not heard")
        if approval.is_automatic(s):
            self._must("L10", bench.known_well(spare), "no automatic action moves the load to a unit not known well")
        fenced = engine.fenced >> line & 1  # it has failed before, and nobody has said that it is repaired
        if s.winner == w.SF_W and engine.resume_line == w.NONE and not fenced:
            self._persisted(line)

    def _persisted(self, line):
        bench = self.bench
        engine = bench.engine
        if engine.health.units[line].why != w.WHY_ALTERED:
            lasted_ms = bench.now_ms - bench.fine_ms[line]
            self._must("hold-off", lasted_ms >= engine.settings.hold_off_ms, "a failure must persist to be believed")

    def _returns(self, line):
        bench = self.bench
        engine = bench.engine
        s = engine.situation
        if engine.lines.settled[line] == w.AT_PRIMARY:
            return  # a coil that did not pull is released for its retry: nothing moves
        if engine.lines.opens and (engine.switching.connecting or engine.switching.source != line):
            return  # a line that rests on nobody gets back what it had
        if s.order == w.FX or s.drop or bench.primaries > 1:
            return  # in so many words; and with more lines, one is left for another by priority
        self._must("L3", not s.out >> line & 1, "never onto a unit that is out")
        self._must("L3", engine.health.units[line].health in WELL, "never onto a unit known dead")
        if approval.is_automatic(s):
            self._must("L10", bench.known_well(line), "no automatic action moves the load to a unit not known well")

    # -- after a step -------------------------------------------------------------------------------------------

    def stepped(self, past_ms):
        """The engine has taken a step."""
        bench = self.bench
        engine = bench.engine
        units = [unit for unit in bench.connected() if unit != w.NONE]
        self._must("L1", len(units) == len(set(units)), "a unit is on one line at most")
        both = [relay.contact == w.AT_BOTH for relay in bench.relays]
        self._must("L1", not any(both), "a line has one unit at most")
        driven = engine.lines.driven
        self._must("L1", driven.count(w.AT_SPARE) <= 1, "the spare is driven onto one line at most")
        self._must("outbox", engine.outbox.lost == 0, "nothing that the engine wants is lost")
        self._must("alarms", engine.alarms == alarms.found(engine), "the alarms that stand are those that are found")
        self._must("held", (engine.state == w.HELD) == bool(engine.guard.fault), "a hold has a fault, and so an exit")
        self._proven(past_ms)
        self._named(past_ms)
        self._acted(past_ms)
        self._relieved(past_ms)
        self._asks(past_ms)

    def _proven(self, past_ms):
        bench = self.bench
        engine = bench.engine
        for line in range(bench.primaries):
            position = bench.relays[line].position()
            kept = self.rested.get(line)
            if kept is None:
                kept = self.rested[line] = [position, 0]
            elif kept[0] == position:
                kept[1] += past_ms
            else:
                kept[0] = position
                kept[1] = 0
        if engine.switches != self.switches:
            self.switches = engine.switches
            line = engine.switching.line
            position, rested_ms = self.rested[line]
            proven = rested_ms >= engine.settings.steady_ms or position not in (w.AT_PRIMARY, w.AT_SPARE)
            self._must("L2", proven, "a contact is seen where it is once it has rested there")

    def _named(self, past_ms):
        bench = self.bench
        engine = bench.engine
        wanting = 0
        line = 0
        for unit in engine.health.units:
            if unit.believed:
                carries = engine.selected != w.NONE if line == bench.primaries else engine.selected != line
                wanting |= carries
            line += 1
        if not wanting or engine.switching.step != IDLE:
            self.unnamed_ms = 0
            return
        named = engine.held_back and engine.alarms & w.A_INHIBITED
        self.unnamed_ms = 0 if named else self.unnamed_ms + past_ms
        self._must(
            "L11", self.unnamed_ms <= NAMED_MS_MAX, "a failover that is wanted and not done is alarmed and named"
        )
        self._must("L4", engine.alarms, "a line on a failed unit is alarmed")

    def _asks(self, past_ms):
        bench = self.bench
        engine = bench.engine
        s = engine.situation
        asks = engine.held_back & w.I_ASKING
        if asks:
            self._must("L11", engine.alarms & w.A_ASKING, "while a movement waits for a person, an alarm says so")
            self._must("L11", engine.pending.id, "what a person is asked has an id by which it is answered")
        if engine.pending.id:
            about = (engine.pending.winner, engine.pending.target) == (s.winner, s.target) != (s.winner, s.selected)
            self._must("id", about, "an id stands for the winner and the target that are wanted now")
        if s.target == s.selected:
            self.asked_of = None
        elif self.asked_of is None or self.asked_of[:2] != (s.winner, s.target):
            self.asked_of = (s.winner, s.target, asks)
            self.asked_ms = 0
        else:
            self.asked_ms += past_ms if self.asked_of[2] else 0
            self.asked_of = (s.winner, s.target, asks)
        self.stepped_ms = bench.now_ms

    def _acted(self, past_ms):
        bench = self.bench
        engine = bench.engine
        if bench.primaries > 1:
            return
        units = bench.units
        bad = units[0] in (SILENT, w.FAILED) and engine.health.units[0].health != w.LEAVING
        bad = bad and units[1] == w.OK and self._quiet()
        if not bad:
            self.failed_ms = 0
            return
        self.failed_ms += past_ms
        self._must("L5", self.failed_ms <= budget_ms(bench) or engine.selected == 0, "a failure is acted on in time")

    def _relieved(self, past_ms):
        bench = self.bench
        engine = bench.engine
        if bench.primaries > 1 or not engine.settings.on_degraded:
            return
        units = bench.units
        degraded = units[0] == w.IMPAIRED and units[1] == w.OK and self._quiet()
        if not degraded or engine.health.units[1].health != w.OK or engine.situation.flapping >> 1 & 1:
            self.degraded_ms = 0
            return
        self.degraded_ms += past_ms
        acted = self.degraded_ms <= budget_ms(bench) or engine.selected == 0
        self._must("L5 SD", acted, "a primary that says that it is degraded is relieved in time")

    def _quiet(self):
        bench = self.bench
        engine = bench.engine
        s = engine.situation
        faults = s.inhibited & STOPS or s.out or s.lockout or s.order or engine.guard.fell
        faults = faults or not approval.acts_alone(s.autonomy) or s.pending_said == w.REJECTED
        faults = faults or engine.timers.runs(STALL) or (engine.timers.runs(GRACE) and not engine.health.units[0].known)
        for relay in bench.relays:
            faults = faults or relay.welded or relay.coil_open or relay.shown != w.NONE
        for cable in bench.cables:
            faults = faults or cable.cut or cable.frozen or cable.pace != 1 or cable.loss
        for path in engine.health.paths:
            faults = faults or path.noisy
        return not faults and not bench.disturbed


def any_well(bench, unit):
    """Return whether a unit was heard to be well since the controller's boot."""
    return any(cable.unit == unit and cable.heard_well for cable in bench.cables)


def budget_ms(bench):
    """Return within which time a failure that lasts is acted on: detection, hold-off, coil rest, switch, and a beat.

    Where a person is asked first, the time to answer comes on top.
    """
    values = bench.engine.settings
    longest_ms = max([cable.dead_ms for cable in bench.cables])
    switch_ms = values.coil_min_ms + 2 * values.operate_limit_ms + values.steady_ms
    if bench.engine.lines.opens:
        switch_ms += values.coil_min_ms + values.operate_limit_ms + values.steady_ms + values.dead_time_ms
    switch_ms += (0, values.ready_limit_ms, values.start_limit_s * 1000 + values.stop_delay_s * 1000 + POWER_REST_MS)[
        values.standby
    ]
    asked_ms = values.approve_s * 1000 if values.autonomy == w.ASK_THEN_AUTO else 0
    return asked_ms + longest_ms + bench.engine.health.mute_max_ms + values.hold_off_ms + switch_ms + values.interval_ms
