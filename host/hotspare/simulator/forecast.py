"""The forecast: what a file does when its units fail, its cables are noisy and bad things happen; one study a group.

Everything that is simulated is a task that follows from its seed, and tasks are independent of one another, so the
order in which workers end them changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from hotspare.configuration import Configuration, Group
from hotspare.simulator import advice, noisy, ordeals, trials, workers
from hotspare.simulator.advice import Figures, Neighbour, Tables
from hotspare.simulator.noisy import SPELL_MS, Tally
from hotspare.simulator.ordeals import Ordeal
from hotspare.simulator.site import NeverWell, alone
from hotspare.simulator.trials import Trial

TRIALS_A_TASK = 10
HOUR_MS = 3_600_000
NEIGHBOUR_TRIALS = 4  # of a neighbour: one trial for so many of the group itself


@dataclass(frozen=True)
class Wish:
    """What is to be simulated: `worlds` spells of `span_ms` at each bit error rate, and as many ordeals."""

    worlds: int
    span_ms: int
    bers: tuple[float, ...]
    profile: str
    trials: int
    seed: int
    jobs: int

    @property
    def hours(self) -> float:
        """The simulated time at each bit error rate, and of ordeals."""
        return self.worlds * self.span_ms / HOUR_MS


def for_hours(hours: float) -> tuple[int, int]:
    """Return how many worlds of how many ms so many hours are."""
    worlds = max(1, math.ceil(hours * HOUR_MS / SPELL_MS))
    return worlds, max(1, round(hours * HOUR_MS / worlds))


@dataclass
class Study:
    """What was found of one group, or of a neighbour of it."""

    group: Group
    trials: list[Trial] = field(default_factory=list)
    noise: dict[float, Tally] = field(default_factory=dict)  # by bit error rate
    ordeal: Ordeal = field(default_factory=Ordeal)
    never_well: str = ""  # what kept the site from coming up
    now: Figures = field(default_factory=lambda: Figures(0.0, 0.0))
    neighbours: list[Neighbour] = field(default_factory=list)
    tried: dict[str, Study] = field(default_factory=dict)  # neighbours that were simulated, by what they say


@dataclass(frozen=True)
class Task:
    """One piece of work for a worker; `place` and `neighbour` say whose it is."""

    place: int
    neighbour: str
    configuration: Configuration
    seed: int
    cause: trials.Cause | None = None
    ber: float | None = None
    profile: str = ""
    count: int = 0
    span_ms: int = 0


Found = list[Trial] | Tally | Ordeal | str


def advised_ber(wish: Wish) -> float:
    """Return the bit error rate at which neighbours are compared: the lowest that is simulated."""
    return min(wish.bers)


def studies(tables: Tables, configuration: Configuration, groups: list[Group], wish: Wish) -> list[Study]:
    """Return a study of each group with nothing found yet, and its neighbours."""
    found = []
    for group in groups:
        now, listed = advice.neighbours(tables, configuration, group, advised_ber(wish))
        study = Study(group, now=now, neighbours=listed)
        study.tried = {it.what: Study(it.configuration.groups[0]) for it in advice.to_try(listed)}
        found.append(study)
    return found


def tasks(configuration: Configuration, listed: list[Study], wish: Wish) -> list[Task]:
    """Return everything that is to be simulated for these studies."""
    found: list[Task] = []
    for place, study in enumerate(listed):
        own = alone(configuration, study.group)
        found += _trials(Task(place, "", own, wish.seed), wish.trials)
        for ber in wish.bers:
            found += _spells(Task(place, "", own, wish.seed, ber=ber), wish)
        if wish.profile != "none" and ordeals.is_possible(study.group):
            found += _spells(Task(place, "", own, wish.seed, profile=wish.profile), wish)
        for it in study.neighbours:
            if it.what in study.tried:
                own = it.configuration
                found += _trials(Task(place, it.what, own, wish.seed), max(1, wish.trials // NEIGHBOUR_TRIALS))
                found += _spells(Task(place, it.what, own, wish.seed, ber=advised_ber(wish)), wish)
    return found


def _trials(task: Task, count: int) -> Iterator[Task]:
    group = task.configuration.groups[0]
    if not trials.is_possible(group):
        return
    for number, cause in enumerate(trials.causes_of(group)):
        for begin in range(0, count, TRIALS_A_TASK):
            seed = task.seed + number * count + begin
            yield replace(task, cause=cause, seed=seed, count=min(TRIALS_A_TASK, count - begin))


def _spells(task: Task, wish: Wish) -> Iterator[Task]:
    for world in range(wish.worlds):
        yield replace(task, seed=task.seed + world, span_ms=wish.span_ms)


def work(task: Task) -> Found:
    """Do a task; what keeps its site from coming up is returned in words."""
    try:
        if task.cause is not None:
            cause = task.cause
            return [trials.run(task.configuration, cause, task.seed + number) for number in range(task.count)]
        if task.ber is not None:
            return noisy.run(task.configuration, task.ber, task.seed, task.span_ms)
        return ordeals.run(task.configuration, task.profile, task.seed, task.span_ms)
    except NeverWell as error:
        return str(error)


def simulate(listed: list[Study], todo: list[Task], jobs: int) -> Iterator[float]:
    """Do the tasks and enter what they find; give the share that is done after each."""
    kept: dict[int, Found] = {}
    for place, found in workers.share(work, todo, jobs):
        kept[place] = found
        yield len(kept) / len(todo)
    for place, task in enumerate(todo):  # in their order, whatever came first
        study = listed[task.place]
        enter(study.tried[task.neighbour] if task.neighbour else study, task, kept[place])


def enter(study: Study, task: Task, found: Found) -> None:
    """Note in a study what a task found."""
    if isinstance(found, str):
        study.never_well = found
    elif isinstance(found, list):
        study.trials += found
    elif isinstance(found, Ordeal):
        study.ordeal.add(found)
    elif task.ber is not None:
        study.noise.setdefault(task.ber, Tally()).add(found)
