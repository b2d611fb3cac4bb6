"""The outlook: what would keep a failover from being done if a unit failed just now, in the resolver's own words.

The controller's situation is copied, the unit that carries a line is taken to have fallen silent, and resolver and
approval say what they would do. Nothing is changed.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hotspare.rig.loop import Timeline
from hotspare.simulator.boards import SimulatedBoard
from hotspare_engine import approval, names
from hotspare_engine import words as w
from hotspare_engine.resolver import Situation, resolve

SAMPLE_US = 50_000
ABSENT = -1  # in place of inhibitors: no controller runs
PERSONS = w.I_ASKING | w.I_MANUAL  # a person is asked, which is no fault
NAMES = {bit: name for bit, name, _ in names.INHIBITORS}
NO_CONTROLLER = "the controller does not run, or starts"
DOUBTED = "silence behind noisy paths waits for a person"
UNNAMED = "nothing is named"


def held_back(engine: Any, line: int) -> int:
    """Return the inhibitors that would keep a line from being switched if the unit that carries it fell silent."""
    if engine.state == w.STARTING:
        return ABSENT
    if engine.state == w.SWITCHING:
        return 0
    situation = Situation(engine.primaries)
    situation.load(engine.situation.values())
    spare_carries = situation.selected == line
    unit = situation.primaries if spare_carries else line
    situation.failed |= 1 << unit
    situation.health[unit] = w.FAILED
    if _is_noisy(engine, unit):
        situation.noisy |= 1 << unit
    resolve(situation)
    if (situation.target == line) == spare_carries:  # the line would stay where it is
        return int(situation.blocked) or w.I_UNCOVERED
    return int(approval.inhibitors(situation))


def _is_noisy(engine: Any, unit: int) -> bool:
    alive = [path.noisy for path in engine.health.paths if path.unit == unit and path.state == w.ALIVE]
    return bool(alive) and all(alive)


def named(held: int) -> str:
    """Return inhibitors in words."""
    if held == ABSENT:
        return NO_CONTROLLER
    if held & w.I_NOISY and not held & ~(w.I_NOISY | PERSONS):
        return DOUBTED
    return ", ".join(NAMES[bit] for bit in NAMES if held & bit) or UNNAMED


class Outlook:
    """Looks at a controller again and again, and counts how long which inhibitors would have held a failover back."""

    def __init__(self, timeline: Timeline, controller: SimulatedBoard, lines: int, asks: bool) -> None:
        self.looks = 0
        self.held: Counter[int] = Counter()
        self._timeline = timeline
        self._controller = controller
        self._lines = lines
        self._ignored = PERSONS if asks else 0
        self._end_us = 0

    def begin(self, span_ms: float) -> None:
        """Look from now on, for so long."""
        self._end_us = self._timeline.now_us() + round(span_ms * 1000)
        self._timeline.after(SAMPLE_US, self._look)

    def now(self) -> list[int]:
        """Return what would hold each line back now; 0 for nothing but the person that its group asks anyway."""
        board = self._controller.board
        if board is None or self._controller.frozen:
            return [ABSENT] * self._lines
        found = [held_back(board.engine, line) for line in range(self._lines)]
        return [held & ~self._ignored if held > 0 and not held & w.I_NOISY else held for held in found]

    def _look(self) -> None:
        for held in self.now():
            self.looks += 1
            if held:
                self.held[held] += 1
        if self._timeline.now_us() < self._end_us:
            self._timeline.after(SAMPLE_US, self._look)
