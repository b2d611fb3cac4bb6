"""The hunt: many runs, on as many processes as wanted; sums up what they showed, and shortens what broke a law."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context

from hotspare.simulator import shrink, worlds
from hotspare.simulator.run import BEATS, Result, Run
from hotspare.simulator.schedule import Action

CHUNK = 10  # runs that a process does before it tells
BROKEN_MAX = 5  # after so many a hunt ends


@dataclass(frozen=True)
class Quarry:
    """What is hunted: what each run is told besides its seed; `text` is a configuration in place of the seeds' own."""

    profile: str = "dense"
    beats: int = BEATS
    switch: str | None = None
    text: str = ""

    def run(self, seed: int, actions: Sequence[Action] | None = None) -> Run:
        """Return the run of a seed."""
        configuration = worlds.parse(self.text) if self.text else None
        return Run(
            seed, self.profile, switch=self.switch, beats=self.beats, configuration=configuration, actions=actions
        )

    def shortest(self, result: Result) -> list[Action]:
        """Return the shortest schedule that is found to break the law that a run broke."""
        return shorten(self, result)[0]

    def one(self, seed: int) -> Result:
        """Do the run of a seed."""
        return self.run(seed).run()


@dataclass
class Bag:
    """What runs showed together."""

    runs: int = 0
    span_us: int = 0
    steps: int = 0
    broken: list[Result] = field(default_factory=list)
    laws: Counter[str] = field(default_factory=Counter)
    did: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[int] = field(default_factory=Counter)
    changes: Counter[tuple[int, int]] = field(default_factory=Counter)
    events: Counter[int] = field(default_factory=Counter)
    inhibited: Counter[int] = field(default_factory=Counter)
    alarmed: Counter[int] = field(default_factory=Counter)

    def add(self, result: Result) -> None:
        """Take the result of one run."""
        self.runs += 1
        self.span_us += result.span_us
        self.steps += result.steps
        if result.broken:
            self.broken.append(result)
        for name in ("laws", "did", "verdicts", "changes", "events", "inhibited", "alarmed"):
            getattr(self, name).update(getattr(result, name))


def hunt(
    quarry: Quarry,
    seeds: range,
    jobs: int = 1,
    told: Callable[[int], None] = lambda count: None,
    enough: Callable[[], bool] = lambda: False,
) -> Bag:
    """Do the runs of these seeds; `told` hears after each chunk how many are done, `enough` may end it."""
    bag = Bag()
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    if jobs == 1:
        for chunk in chunks:
            _take(bag, _chunk(quarry, chunk), told)
            if len(bag.broken) >= BROKEN_MAX or enough():
                break
        return bag
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_chunk, quarry, chunk) for chunk in chunks}
        try:
            for done in as_completed(waiting):
                _take(bag, done.result(), told)
                if len(bag.broken) >= BROKEN_MAX or enough():
                    break
        finally:
            for one in waiting:
                one.cancel()
    bag.broken.sort(key=lambda result: result.seed)
    return bag


def shorten(quarry: Quarry, result: Result, runs_max: int = shrink.RUNS_MAX) -> tuple[list[Action], str]:
    """Return the shortest schedule that still breaks the law that a run broke, and what that run says."""

    def breaks(actions: list[Action]) -> str:
        return quarry.run(result.seed, actions).run().broken

    return shrink.shortest(quarry.run(result.seed).actions, result.broken, breaks, runs_max)


def _chunk(quarry: Quarry, seeds: range) -> list[Result]:
    collects = gc.isenabled()
    gc.disable()  # a world is one web of cycles: it is collected whole, when it is over
    try:
        results = []
        for seed in seeds:
            results.append(quarry.one(seed))
            gc.collect()
        return results
    finally:
        if collects:
            gc.enable()


def _take(bag: Bag, results: list[Result], told: Callable[[int], None]) -> None:
    for result in results:
        bag.add(result)
    told(len(results))
