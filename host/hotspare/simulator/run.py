"""A run: a world from a seed, what happens to it, its repair, and the judgement; the laws look on at every step.

Everything follows from the seed, so a run that breaks a law is told by its seed alone. No I/O.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hotspare.configuration import Configuration
from hotspare.rig.plan import RigPlan
from hotspare.simulator import schedule, worlds
from hotspare.simulator.boards import Chip, Sight, SimulatedBoard
from hotspare.simulator.laws import Broken, Laws
from hotspare.simulator.performer import Performer
from hotspare.simulator.schedule import Action
from hotspare.simulator.secrecy import Secrecy
from hotspare.simulator.witness import Witness
from hotspare.simulator.world import SimulatedRig, TapeOf, no_tape
from hotspare_engine import names
from hotspare_engine import words as w

BEATS = 600  # of a run, unless told
SCATTER_MS = 800  # within which a site's parts get their power
ARM_TRIES, ARM_AGAIN_MS = 40, 300
SOON_MS = 1_500
REPAIR_MS, REPAIR_STEP_MS = 6_000, 500  # beyond the longest time that the configuration gives anything
TIMED_S = ("wtr_s", "boot_grace_s", "stay_min_s", "attempts_window_s", "leaving_max_s", "start_limit_s", "stop_delay_s")
QUIET_MS_MAX = 120_000  # that a path may be noisy after its noise
ROUNDS_MAX = 12  # of clearing, approving and waiting until all is well
LEFT_ALONE = w.A_STALLED | w.A_FELL | w.A_REFUSED  # alarms that end with time, and do no harm
CLAIM = ("changeover", "interlocked", "fenced")  # switch kinds that claim that no two units are ever connected


@dataclass
class Result:
    """What came of a run; `broken` says what law was broken, how and when."""

    seed: int
    broken: str = ""
    span_us: int = 0
    beats: int = 0
    steps: int = 0
    laws: Counter[str] = field(default_factory=Counter)
    did: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[int] = field(default_factory=Counter)
    changes: Counter[tuple[int, int]] = field(default_factory=Counter)
    events: Counter[int] = field(default_factory=Counter)  # of the controller
    inhibited: Counter[int] = field(default_factory=Counter)
    alarmed: Counter[int] = field(default_factory=Counter)


class Run:
    """One run. Told a configuration or actions, it takes these in place of the seed's own; tapes as SimulatedRig.

    `armed(run)` hears that its group is armed and that its actions begin.
    """

    def __init__(
        self,
        seed: int,
        profile: str = "dense",
        *,
        switch: str | None = None,
        beats: int = BEATS,
        configuration: Configuration | None = None,
        actions: Iterable[Action] | None = None,
        keyed: bool | None = None,
        chip_of: Callable[[str], Chip] = lambda kind: Chip(),
        armed: Callable[[Run], None] = lambda run: None,
        tape_of: TapeOf = no_tape,
    ) -> None:
        self.seed = seed
        self.text = "" if configuration else worlds.draw_text(seed, switch)  # of a world that is drawn
        self.configuration = configuration or worlds.parse(self.text)
        self.group = self.configuration.groups[0]
        self.plan: RigPlan = worlds.plan_of(self.configuration, seed, keyed)
        self.keyed = any(unit.keys for unit in self.plan.units)
        self.span_ms = beats * self.group.setting("interval_ms") * 9 // 10
        drawn = schedule.draw(seed, self.plan, self.group, profile, self.span_ms) if actions is None else actions
        self.actions = list(drawn)
        self.result = Result(seed, beats=beats)
        sight = self._sight = Sight(self._stepped, self._booted, self._drives, self._raised)
        self.rig = SimulatedRig(self.plan, seed, sight, chip_of, tape_of)
        self.laws = Laws()
        self.witness = Witness(self.rig, self.group)
        self.laws.attach(self.witness)
        self.controller = self.witness.controller
        self.secrecy = Secrecy() if self.keyed else None
        keys = (worlds.key_of(seed),) if self.keyed else ()
        self.performer = Performer(self.rig, self.group, seed, keys, self._approving, self.witness.disturb)
        self.begun: dict[tuple[str, int], int] = {}  # when each boot of a board began, in us
        self._armed = armed
        self._repair_ms = REPAIR_MS + 1000 * max(self.group.setting(name) for name in TIMED_S)
        self._driving = False
        self._state = w.STARTING
        self._alarms = self._inhibitors = 0
        self._claims = self.group.switch in CLAIM

    def run(self) -> Result:
        """Do all of it; what was broken stands in the result."""
        try:
            self.begin()
            self._armed(self)
            self.performer.plan(self.actions, self.rig.timeline.now_us())
            self._pass(self.span_ms)
            self._repair()
            self._judge()
        except Broken as broken:
            self.result.broken = str(broken)
        self.result.span_us = self.rig.timeline.now_us()
        self.result.steps = sum(board.steps for board in self.rig.boards.values())
        self.result.laws.update(self.laws.counts)
        self.result.did += self.performer.did
        self.result.verdicts += self.performer.verdicts
        return self.result

    def close(self) -> None:
        """Nothing is judged any more: what follows is a host that asks the boards."""
        sight = self._sight
        sight.stepped = sight.booted = sight.drives = sight.raised = None
        if self.controller.board is not None:
            for relay in self.controller.board.relays:
                relay.__dict__.pop("drive", None)
                relay.__dict__.pop("elapsed", None)
            self.controller.board.__dict__.pop("record", None)

    # -- the course of it -------------------------------------------------------------------------------------------

    def _pass(self, ms: int) -> None:
        self.rig.run_for(ms * 1000)

    def begin(self) -> None:
        """The site starts cold, its parts in any order; then somebody arms it."""
        rig = self.rig
        rig.begin(powered=False)
        chance = random.Random(f"start {self.seed}")
        for unit in rig.units.values():
            rig.timeline.at(chance.randint(0, SCATTER_MS * 1000), unit.start)
        for board in rig.boards.values():
            if board.plan.fed_by is None:
                rig.timeline.at(chance.randint(0, SCATTER_MS * 1000), board.power_on)
        self._pass(SCATTER_MS)
        for _ in range(ARM_TRIES):
            self.performer.operators[self.group.controller].ask(w.ARM)
            self._pass(ARM_AGAIN_MS)
            if self.controller.board is not None and self.witness.engine.armed:
                return
        raise Broken(f"L11: a new site can not be armed: {self._told()}")

    def _repair(self) -> None:
        """Mend everything; clear, approve and wait until nothing is left to be done."""
        for _ in range(ROUNDS_MAX):
            self.performer.perform(Action(0, "mend all"))
            if self._becomes_well(SOON_MS):  # mostly somebody has to clear something: that is not waited out
                return
            self._quieten()
            self.performer.perform(Action(0, "clear all"))
            if self._becomes_well():
                return
            for _ in range(len(self.group.units)):
                if self._runs() and self.witness.engine.pending.id:
                    self.performer.perform(Action(0, "approve", {"request": w.APPROVE, "off": 0}))
                    if self._becomes_well():
                        return
            self._push_back()

    def _becomes_well(self, limit_ms: int = 0) -> bool:
        """Wait so long, or as long as anything that is timed may take; return whether nothing is left to be done."""
        for _ in range((limit_ms or self._repair_ms) // REPAIR_STEP_MS):
            self._pass(REPAIR_STEP_MS)
            if self._is_well():
                return True
        return False

    def _quieten(self) -> None:
        passed_ms = 0
        while self._runs() and self.witness.engine.alarms & w.A_NOISY:
            if passed_ms > QUIET_MS_MAX:
                raise Broken(f"L11: every noise has an end: {self._told()}")
            self._pass(REPAIR_STEP_MS)
            passed_ms += REPAIR_STEP_MS

    def _push_back(self) -> None:
        # faults that lied left two latching relays at the spare: hands put one back
        at_spare = [it for it in self.witness.relays if self.group.setting("retention") and it.contact == w.AT_SPARE]
        for relay in at_spare[1:]:
            for armature in getattr(relay.model, "armatures", ()):
                armature.force("back", 0)

    def _is_well(self) -> bool:
        if not self._runs() or any(board.board is None for board in self.rig.boards.values()):
            return False
        engine = self.witness.engine
        calm = engine.state in (w.NORMAL, w.ON_SPARE) and not engine.held_back and not engine.standing.slots()
        return bool(calm and not engine.alarms & ~LEFT_ALONE and not self._troubles() and self._carried())

    def _runs(self) -> bool:
        """Return whether the controller runs, and as one."""
        return self.controller.board is not None and bool(self.witness.engine.is_controller)

    def _carried(self) -> bool:
        """Return whether each line has the one unit that the engine says."""
        spare, carried = self.witness.primaries, self.witness.engine.selected
        return all(unit == (spare if carried == line else line) for line, unit in enumerate(self.witness.connected()))

    def _troubles(self) -> int:
        return int(self.controller.board.troubles)

    def _judge(self) -> None:
        """See that nothing is left of what was done (L4, L11)."""
        for name, board in self.rig.boards.items():
            if board.board is None:
                raise Broken(f"L4: {name} does not run though all is mended")
        if not self._is_well():
            raise Broken(f"L4: all is mended and cleared, and yet: {self._told()}")
        self.laws.counts["L4 at the end"] = self.laws.counts.get("L4 at the end", 0) + 1
        looked = sum(puller.looked for puller in self.performer.pullers.values())
        self.laws.counts["L7"] = self.laws.counts.get("L7", 0) + looked
        if self.secrecy is not None:
            self.laws.counts["L6"] = self.laws.counts.get("L6", 0) + self.secrecy.judged

    def _told(self) -> str:
        engine = self.witness.engine
        if engine is None:
            return "the controller never ran"
        return (
            f"state {names.STATE_NAMES[engine.state]}, alarms {_bits(engine.alarms, names.ALARMS)}, inhibitors "
            f"{_bits(engine.held_back, names.INHIBITORS)}, standing {engine.standing.slots()}, selected "
            f"{engine.selected}, connected {self.witness.connected()}, troubles {self._troubles()}, "
            f"fault {engine.guard.fault}"
        )

    # -- what the boards do -----------------------------------------------------------------------------------------

    def _approving(self, ident: int, winner: int, target: int) -> None:
        self.witness.approved.add((ident, winner, target))

    def _booted(self, board: SimulatedBoard) -> None:
        self.begun[board.plan.name, int(board.board.recorder.boot)] = board.begun_us
        if self.secrecy is not None:
            self.secrecy.watch(board.board, self.performer.stranger)
        if board is not self.controller:
            return
        self.witness.booted()
        self.laws.rebooted()
        self._state = w.STARTING
        board.board.record = partial(self._recorded, board.board.record)
        for line, relay in enumerate(board.board.relays):
            relay.drive = partial(self._drive, line, relay.drive)
            relay.elapsed = partial(self._pulse, relay.elapsed)

    def _recorded(self, record: Any, kind: int, a: int = 0, b: int = 0) -> None:
        record(kind, a, b)
        self.result.events[kind] += 1
        if kind == w.E_STATE:
            self.result.changes[self._state, a] += 1
            self._state = a

    def _drive(self, line: int, drive: Any, position: int) -> None:
        self.laws.driven(line, position)
        self._driving = True
        drive(position)
        self._driving = False

    def _pulse(self, elapsed: Any, ms: int) -> int:
        self._driving = True
        left_ms: int = elapsed(ms)
        self._driving = False
        return left_ms

    def _drives(self, board: SimulatedBoard, name: str, level: int) -> None:
        if level and name.startswith("relay"):
            self._must("L8", self._driving, f"{board.plan.name} energises {name} though its engine did not say so")

    def _raised(self, board: SimulatedBoard, text: str) -> None:
        raise Broken(f"firmware: {board.plan.name} raised at {self._at()}: {text}")

    def _stepped(self, board: SimulatedBoard, ms: int) -> None:
        if ms > board.board.engine.health.stall_ms:
            self.witness.stalled(board.plan.name, ms)
        if board is not self.controller or not board.board.engine.is_controller:
            return  # one that was reset again and again though it held still serves its host and does nothing else
        self.witness.stepped()
        self.laws.stepped(ms)
        engine = self.witness.engine
        if self._claims and self.rig.exclusivity.both_now:
            raise Broken(f"L1 at {self._at()}: {self.rig.exclusivity.both_now}")
        if engine.alarms != self._alarms or engine.held_back != self._inhibitors:
            self._count(engine)
        alarm = bool(engine.alarms or board.board.troubles)
        if alarm == self.rig.alarms[f"alarm-{board.plan.name}"].driven:
            self._must("L11", False, "the alarm relay says the contrary of what stands")

    def _count(self, engine: Any) -> None:
        for count, was, now in (
            (self.result.alarmed, self._alarms, engine.alarms),
            (self.result.inhibited, self._inhibitors, engine.held_back),
        ):
            new = now & ~was
            while new:
                bit = new & -new
                count[bit] += 1
                new ^= bit
        self._alarms, self._inhibitors = engine.alarms, engine.held_back

    def _must(self, law: str, holds: bool, what: str) -> None:
        self.laws.counts[law] = self.laws.counts.get(law, 0) + 1
        if not holds:
            raise Broken(f"{law} at {self._at()}: {what}")

    def _at(self) -> str:
        return f"{self.rig.timeline.now_us() / 1000:.3f} ms"


def _bits(value: int, table: Any) -> str:
    return ", ".join(row[1] for row in table if value & row[0]) or "none"
