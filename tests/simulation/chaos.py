"""Chaos: seeded faults and asks on a bench, then repair, then what must be true; counts what it did."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from tests.simulation.bench import SILENT, Bench, pair

ROUNDS = 40
WAIT_MS_MAX = 400
LONG_WAIT_MS = 2500
REPAIR_MS = 4000
SWITCH_RUNS, SWITCH_TURNS = 0.3, 0.2
NOISES, LOSSES = (
    0.05,
    (0, 50, 300),
)  # how often a unit's cables get noisy or quiet, and how many of 1000 beats they lose
NOISE_BEATS, CUTS = 60, 0.5  # after which they are cut, and how often
QUIET_MS_MAX = 100_000
DEGRADES = 0.1  # how often a primary says that it is degraded, beside a spare that is well
RETURNS_MAX = 4  # movements that a person may have to approve until all is well
APPROVE_S = 5
PATIENCE = 0.6  # how often what is pending is let wait
AUTONOMIES = (w.AUTO, w.AUTO, w.AUTO, w.ASK, w.ASK_THEN_AUTO, w.MANUAL, w.SHADOW)
STANDBYS = (w.HOT, w.HOT, w.WARM, w.COLD)
UNIT_TURNS = 0.25  # how often something is done to what units make of their roles, or asked about the spare
ASKS = (w.MS, w.MS_P, w.FS, w.FX, w.OUT, w.LO, w.ARM, w.DISARM, w.CLEAR, w.CLEAR_RELAY)


class Chaos:
    """One run from a seed: everything that it does is drawn from it."""

    def __init__(
        self,
        seed: int,
        switch: int = w.CHANGEOVER,
        autonomies: tuple[int, ...] = AUTONOMIES,
        standbys: tuple[int, ...] = STANDBYS,
    ) -> None:
        self.draw = random.Random(seed)
        self.switch = switch
        # the lockout switch has a chance of its own: in most runs it is not there, and they are what they would be
        self.hand = random.Random(f"switch {seed}")
        self.has_switch = self.hand.random() < SWITCH_RUNS
        self.persons = random.Random(f"persons {seed}")  # of their own: what they say shifts no fault
        self.choice = random.Random(f"choice {seed}")  # of what came later
        self.noise = random.Random(f"noise {seed}")
        self.autonomies = autonomies
        self.roles = random.Random(f"roles {seed}")  # and of theirs what units make of their roles
        self.standbys = standbys
        self.did: Counter[str] = Counter()
        self.replacing = False  # whether the engine is replaced by one from its snapshot before each wait
        self.laws = Laws()
        self.bench = self.laws.attach(self._bench())
        self.bench.ask(w.ARM)

    def _bench(self) -> Bench:
        draw = self.draw
        primaries = draw.choice((1, 1, 1, 2))
        interval_ms = draw.choice((10, 20, 50))
        paths = pair(
            interval_ms=interval_ms,
            beats=draw.choice((3, 5)),
            direct=draw.random() < 0.3,
            pulse=draw.random() < 0.7,
            primaries=primaries,
        )
        return Bench(
            paths,
            primaries,
            interval_ms=interval_ms,
            hold_off_ms=draw.choice((0, 0, 70, 1000)),
            retention=draw.choice((w.FALLS, w.FALLS, w.LATCHING)) if self.switch == w.CHANGEOVER else w.FALLS,
            switch=self.switch,
            revertive=draw.randint(0, 1),
            wtr_s=draw.choice((0, 1, 3)),
            stay_min_s=draw.choice((0, 1)),
            attempts_max=draw.choice((1, 4)),
            attempts_window_s=5,
            on_altered=draw.randint(0, 1),
            on_silence=draw.choice((1, 1, 1, 0)),
            coil_min_ms=draw.choice((0, 100)),
            steady_ms=draw.choice((0, 5)),
            dead_time_ms=draw.choice((0, 50)),
            leaving_max_s=2,
            boot_grace_s=draw.choice((1, 2)),
            autonomy=self.persons.choice(self.autonomies),
            approve_s=APPROVE_S,
            standby=self.roles.choice(self.standbys),
            ready_limit_ms=500,
            start_limit_s=1,
            stop_delay_s=self.roles.choice((0, 1)),
            drain_s=self.roles.choice((0, 0, 1)),
            on_degraded=self.choice.randint(0, 1),
        )

    def run(self) -> None:
        """Do harm, then mend all of it, then see that the group is well or says by name why not."""
        for _ in range(ROUNDS):
            name, harm = self.draw.choice(self._harms())
            self.did[name] += 1
            harm()
            if self.has_switch and self.hand.random() < SWITCH_TURNS:
                self._switch()
            if self.bench.engine.settings.on_degraded and self.choice.random() < DEGRADES:
                self._degrade()
            if self.noise.random() < NOISES:
                self._noise()
            self._answer()
            if self.roles.random() < UNIT_TURNS:
                self._role()
            if self.replacing:
                self.bench.replace_engine()
            self.bench.run(self.draw.choice((1, 7, self.draw.randint(1, WAIT_MS_MAX), LONG_WAIT_MS)))
        self.repair()
        self.judge()

    def _harms(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("unit", self._unit), ("unit", self._unit), ("beacon", self._beacon), ("cable", self._cable),
            ("altered", self._altered), ("damage", self._damage), ("relay", self._relay), ("supply", self._supply),
            ("stall", self._stall), ("reset", self._reset), ("mend", self._mend), ("mend", self._mend),
            ("ask", self._ask), ("ask", self._ask), ("ask", self._ask),
        ]  # fmt: skip

    def _unit(self) -> None:
        unit = self.draw.randrange(self.bench.primaries + 1)
        said = self.draw.choice((SILENT, w.FAILED, w.LEAVING, w.OK, w.OK, w.UNKNOWN, w.IMPAIRED))
        self.bench.units[unit] = said
        if self.draw.random() < 0.3:
            self.bench.stop(unit)

    def _noise(self) -> None:
        self.did["noise"] += 1
        unit, loss = self.noise.randrange(self.bench.primaries + 1), self.noise.choice(LOSSES)
        for cable in self.bench.cables:
            if cable.unit == unit:
                cable.loss = loss
        if loss and self.noise.random() < CUTS:
            self.bench.run(NOISE_BEATS * self.bench.cables[0].beat_ms)
            for cable in self.bench.cables:
                cable.cut = cable.cut or int(cable.unit == unit)

    def _degrade(self) -> None:
        self.did["degrade"] += 1
        primaries = self.bench.primaries
        self.bench.units[self.choice.randrange(primaries)] = w.IMPAIRED
        self.bench.units[primaries] = w.OK

    def _beacon(self) -> None:
        self.bench.beacons[self.draw.randrange(self.bench.primaries)] ^= 1

    def _cable(self) -> None:
        cable = self.draw.choice(self.bench.cables)
        name = self.draw.choice(("cut", "cut", "one_way", "differs", "conflict"))
        setattr(cable, name, 1 - getattr(cable, name))

    def _altered(self) -> None:
        cable = self.draw.choice(self.bench.cables)
        cable.frozen = self.draw.randint(0, 1)
        cable.pace = self.draw.choice((1, 1, 4))

    def _damage(self) -> None:
        self.bench.engine.damaged(self.draw.randrange(len(self.bench.cables)), self.draw.randint(1, 5))

    def _relay(self) -> None:
        relay = self.draw.choice(self.bench.relays)
        fault = self.draw.choice(("welded", "coil_open", "shown"))
        if fault == "shown":
            relay.shown = self.draw.choice((w.NONE, w.BETWEEN, w.AT_BOTH, w.AT_PRIMARY, w.AT_SPARE))
        elif fault == "coil_open" or relay.contact != w.BETWEEN:
            setattr(relay, fault, 1)

    def _supply(self) -> None:
        self.bench.supply ^= 1

    def _switch(self) -> None:
        self.did["switch"] += 1
        self.bench.switch_on ^= 1

    def _role(self) -> None:
        bench, draw = self.bench, self.roles
        what = draw.choice(("slow", "fails", "mended", "exercise", "clear spare", "in haste"))
        self.did[f"role {what}"] += 1
        unit = draw.randrange(bench.primaries + 1)
        if what == "slow":
            bench.role_ms[unit] = draw.choice((-1, 30, 300, 2000))
        elif what == "fails":
            bench.role_failed[unit] = 1
        elif what == "mended":
            bench.role_ms[unit] = bench.role_failed[unit] = 0
        elif what == "in haste":
            bench.ask(draw.choice((w.MS, w.MS_P)), unit, 0, 0, w.NO_DRAIN)
        else:
            request = w.EXER if what == "exercise" else w.CLEAR_SPARE
            token = bench.ask(request, draw.choice((w.NONE, unit)), 0, 0, draw.choice((0, 0, w.DRY)))
            self.did[f"{what} {bench.verdicts(token)[0]}"] += 1

    def _stall(self) -> None:
        self.bench.stall(self.draw.choice((5, 30, 90, 600)))

    def _reset(self) -> None:
        self.bench.reset(self.draw.choice((0, 30, 400)))

    def _mend(self) -> None:
        for cable in self.bench.cables:
            cable.cut = cable.one_way = cable.differs = cable.conflict = cable.frozen = cable.loss = 0
            cable.pace = 1
        if self.draw.random() < 0.5:
            for unit in range(self.bench.primaries + 1):
                self.bench.start(unit)
        self.bench.switch_on = 0
        self._mend_relays()

    def _mend_relays(self) -> None:
        self.bench.supply = 1
        for relay in self.bench.relays:
            relay.welded = relay.coil_open = 0
            relay.shown = w.NONE

    def _ask(self) -> None:
        bench, draw = self.bench, self.draw
        request = draw.choice(ASKS if self.switch != w.FENCED_FEED else (*ASKS, w.UNFENCE))
        unit = draw.randint(-1, bench.primaries + 1)
        flags = draw.choice((0, 0, 0, w.DRY, w.DROP_SERVICE))
        number = draw.choice([0, *[slot_id for slot_id in bench.engine.standing.id if slot_id]])
        before = bench.engine.snapshot() if flags & w.DRY else None
        token = bench.ask(request, unit, number, draw.choice((0, 0, 1, 3)), flags)
        self.did[f"verdict {bench.verdicts(token)[0]}"] += 1
        if before is not None:
            assert bench.engine.snapshot() == before, "a dry run changes nothing"
        if draw.random() < 0.3:
            bench.again(token, request, unit, number, 0, flags)

    def _answer(self) -> None:
        """Let a person answer what is pending, or what was pending, or what will be."""
        pending = self.bench.engine.pending
        while pending.id and self.persons.random() > PATIENCE:
            request = self.persons.choice((w.APPROVE, w.APPROVE, w.REJECT))
            number = pending.id + self.persons.choice((0, 0, 0, 0, -1, 1))
            token = self.bench.ask(request, number=number, flags=self.persons.choice((0, 0, 0, w.DRY)))
            self.did[f"answer {self.bench.verdicts(token)[0]}"] += 1

    def repair(self) -> None:
        """Mend everything, clear everything, and wait until whatever was timed is over."""
        bench = self.bench
        for cable in bench.cables:
            cable.cut = cable.one_way = cable.differs = cable.conflict = cable.frozen = cable.loss = 0
            cable.pace = 1
        for unit in range(bench.primaries + 1):
            bench.start(unit)
        self._mend_relays()
        bench.role_ms = [0] * (bench.primaries + 1)
        bench.role_failed = [0] * (bench.primaries + 1)
        bench.switch_on = 0
        self._push_back()
        self._quieten()
        bench.run(REPAIR_MS)
        for number in [number for number in bench.engine.standing.id if number]:
            bench.ask(w.CLEAR, number=number)
        for unit in range(bench.primaries):
            bench.ask(w.UNFENCE, unit)
        bench.ask(w.ARM)
        bench.ask(w.CLEAR_SPARE)
        if bench.engine.guard.fault:
            bench.ask(w.CLEAR_RELAY)
        bench.run(REPAIR_MS * 3)
        for _ in range(RETURNS_MAX):
            if bench.engine.pending.id:
                bench.approve()
                bench.run(REPAIR_MS)

    def _quieten(self) -> None:
        end_ms = self.bench.now_ms + QUIET_MS_MAX
        while any(path.noisy for path in self.bench.engine.health.paths):
            assert self.bench.now_ms < end_ms, "every noise has an end"
            self.bench.run(REPAIR_MS)

    def _push_back(self) -> None:
        # faults that lied left two latching relays at the spare: hands put one back
        at_spare = [relay for relay in self.bench.relays if relay.latching and relay.goal == w.AT_SPARE]
        for relay in at_spare[1:]:
            relay.contact = relay.goal = w.AT_PRIMARY

    def judge(self) -> None:
        """See that nothing is left of the harm."""
        engine = self.bench.engine
        assert all(isinstance(value, int) for value in engine.snapshot()), "the state is integers and nothing else"
        assert engine.state in (w.NORMAL, w.ON_SPARE), "every hold has an exit"
        assert not engine.held_back, f"every inhibition has an exit: {engine.held_back}"
        assert not engine.standing.slots(), "every request has an end"
        left = engine.alarms & ~(w.A_STALLED | w.A_FELL)
        assert not left, f"every alarm has an end: {left:b}"
        carried = engine.selected
        for line, unit in enumerate(self.bench.connected()):
            assert unit == (self.bench.primaries if carried == line else line), "L4: each line has one healthy unit"
