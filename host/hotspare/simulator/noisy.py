"""Spells of noise: bit errors on every cable that carries bits, and how often a unit that is well is believed failed.

Believing is what noise alone decides, so it is counted wherever the load is; a failover follows if the load was there,
unless the silence is doubted and waits for a person, whom nobody plays here. Who carries the spare's load back is an
operator who fails back as soon as the primary is heard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hotspare import noise, path_times
from hotspare.configuration import Configuration, Group
from hotspare.simulator.boards import Sight, SimulatedBoard
from hotspare.simulator.outlook import named
from hotspare.simulator.site import Site
from hotspare_engine import names
from hotspare_engine import words as w

SPELL_MS = 300_000
SETTLE_MS = 2_000  # of noise, before anything is counted
FAILBACK_US = 2_000_000  # from one look of the operator to the next
UNSIMULATED = (names.PATH_NAMES[w.PATH_PULSE], names.PATH_NAMES[w.PATH_CONTACT])  # they carry no bits to be damaged
ALONE, SILENT, REPORTED = "alone", "silent", "reported"  # how a row of the prediction shows itself


@dataclass
class Tally:
    """What came of spells at one bit error rate."""

    ms: int = 0
    believed: Counter[tuple[int, str]] = field(default_factory=Counter)  # by primary and SILENT or REPORTED
    alone: int = 0  # silences of the first path of the last primary, as long as a failover needs
    doubted: int = 0  # believed failed behind noisy paths alone: a person is asked
    moved: int = 0  # the spare took a line
    spare: int = 0  # the spare was believed failed
    both_connected_us: int = 0  # the longest time that a line had two units
    looks: int = 0
    held: Counter[int] = field(default_factory=Counter)  # looks, by what would have held a failover back

    def add(self, other: Tally) -> None:
        """Count what another spell found too."""
        self.ms += other.ms
        self.believed += other.believed
        self.alone += other.alone
        self.doubted += other.doubted
        self.moved += other.moved
        self.spare += other.spare
        self.both_connected_us = max(self.both_connected_us, other.both_connected_us)
        self.looks += other.looks
        self.held += other.held

    @property
    def hours(self) -> float:
        """The simulated time."""
        return self.ms / 3_600_000

    def count(self, shows: str, place: int) -> int:
        """Return how often a row of the prediction came true for the primary at `place`."""
        return self.alone if shows == ALONE else self.believed[place, shows]


@dataclass(frozen=True)
class Row:
    """A row of what `check` predicts: the paths that are silenced together, and how that shows itself."""

    name: str
    paths: tuple[path_times.Path, ...]
    shows: str
    simulated: bool  # whether noise reaches all of its paths here

    def a_year(self, ber: float, hold_off_ms: int) -> float:
        """Return how often a year that is predicted."""
        return noise.together_a_year(ber, self.paths, hold_off_ms)


def rows_of(group: Group, place: int = -1) -> list[Row]:
    """Return the rows of the prediction for a primary, the last one unless told."""
    place %= len(group.primaries)
    found = noise.rows_of(group, path_times.paths_of(group, place))
    return [
        Row(name, paths, _shows(found, at), not any(path.name in UNSIMULATED for path in paths))
        for at, (name, paths) in enumerate(found)
    ]


def _shows(rows: Sequence[Any], at: int) -> str:
    if at == len(rows) - 1:
        return REPORTED
    return ALONE if at == 0 and len(rows) > 2 else SILENT


def predicted_a_year(group: Group, ber: float) -> float:
    """Return how often a year some primary is believed failed for noise alone, as `check` predicts it."""
    hold_off_ms = group.setting("hold_off_ms")
    return sum(
        row.a_year(ber, hold_off_ms)
        for place in range(len(group.primaries))
        for row in rows_of(group, place)
        if row.shows != ALONE
    )


def run(configuration: Configuration, ber: float, seed: int, span_ms: int = SPELL_MS) -> Tally:
    """Let noise be on all cables of a site for a span; raises NeverWell."""
    watcher = _Watcher(configuration.groups[0])
    site = Site(configuration, seed, Sight(stepped=watcher.stepped))
    site.begin()
    for cable in site.rig.cables.values():
        if cable.noisy:
            site.rig.noise(cable.name, ber)
    site.pass_ms(SETTLE_MS)
    watcher.begin(site.controller)
    site.outlook.begin(span_ms)
    if not site.group.setting("revertive"):
        _fail_back(site)
    site.pass_ms(span_ms)
    tally = watcher.tally
    tally.ms = span_ms
    tally.both_connected_us = site.rig.exclusivity.both_connected_us
    tally.looks, tally.held = site.outlook.looks, site.outlook.held
    return tally


def _fail_back(site: Site) -> None:
    board = site.controller.board
    if board is not None:
        engine = board.engine
        if engine.state == w.ON_SPARE and engine.health.well(engine.selected):
            site.operator.ask(w.MS_P, engine.selected)
    site.rig.timeline.after(FAILBACK_US, _fail_back, site)


class _Watcher:
    """Counts what the controller believes, and what it does about it."""

    def __init__(self, group: Group) -> None:
        self.tally = Tally()
        self._primaries = len(group.primaries)
        self._kind = w.PATH_CROSSLINK_A
        self._hold_off_ms = group.setting("hold_off_ms")
        self._controller: SimulatedBoard | None = None
        self._believed: list[int] = []
        self._switches = 0
        self._path: Any = None
        self._age_ms = 0  # of its silence; 0 while it is heard, or counted already
        self._counted = False

    def begin(self, controller: SimulatedBoard) -> None:
        """Count from now on."""
        engine = controller.board.engine
        self._controller = controller
        self._believed = [unit.believed for unit in engine.health.units]
        self._switches = engine.switches
        last = self._primaries - 1
        self._path = next(it for it in engine.health.paths if it.unit == last and it.kind == self._kind)

    def stepped(self, board: SimulatedBoard, ms: int) -> None:
        if board is not self._controller:
            return
        engine = board.board.engine
        self._look_at_path(ms)
        for place, unit in enumerate(engine.health.units):
            if unit.believed != self._believed[place]:
                self._believed[place] = unit.believed
                if unit.believed:
                    self._count(place, unit)
        if engine.switches != self._switches:
            self._switches = engine.switches
            if engine.cause == w.SF_W:
                self.tally.moved += 1

    def _look_at_path(self, ms: int) -> None:
        path = self._path
        if path.state == w.SILENT:
            self._age_ms = path.age_ms
        elif self._age_ms:
            self._age_ms += ms
        if self._age_ms and not self._counted and self._age_ms >= path.dead_ms + self._hold_off_ms:
            self._counted = True
            self.tally.alone += 1
        if path.state != w.SILENT:
            self._age_ms = 0
            self._counted = False

    def _count(self, place: int, unit: Any) -> None:
        if place == self._primaries:
            self.tally.spare += 1
            return
        self.tally.believed[place, SILENT if unit.why == w.WHY_SILENT else REPORTED] += 1
        self.tally.doubted += unit.noisy


def causes(held: Counter[int], looks: int) -> dict[str, float]:
    """Return the share of time in which no failover was possible, by what kept it from being."""
    found: Counter[str] = Counter()
    for bits, count in held.items():
        found[named(bits)] += count
    return {name: count / looks for name, count in found.most_common()}
