"""The stages of the campaign: each returns what it counted, and raises AssertionError for what it found."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from hotspare.rig.vm import find_micropython
from hotspare.simulator import twins
from hotspare.simulator.explorer import run
from hotspare.simulator.hunt import Bag, Quarry, hunt, shorten
from tests.campaign import catching, hits, rows
from tests.campaign.bugs import BUGS, Bug
from tests.campaign.sizes import Sizes

Counts = dict[str, Any]
SEED = 1
TAPE_BEATS, HOST_BEATS = 300, 300
KILL_TESTS = ("tests/unit/test_history_kills.py", "tests/simulation/test_power_cuts.py", "tests/unit/test_slots.py")


def faults(sizes: Sizes, jobs: int, say: Callable[[str], None]) -> Counts:
    """Every row of faults has a test that names it."""
    without = rows.unnamed(catching.REPOSITORY)
    assert not without, f"no test names {', '.join(f'F{row}' for row in without)}"
    found = rows.named(catching.REPOSITORY)
    say("tests by row: " + ", ".join(f"F{row} {len(found[row])}" for row in rows.ROWS))
    return {"rows": len(rows.ROWS), "tests": sum(len(found[row]) for row in rows.ROWS)}


def bugs(sizes: Sizes, jobs: int, say: Callable[[str], None]) -> Counts:
    """Every deliberate bug is caught."""
    with ThreadPoolExecutor(jobs) as pool:
        caught = list(pool.map(_caught, BUGS))
    for bug, by in zip(BUGS, caught, strict=True):
        say(f"{bug.name}: {by}")
    through = [bug.name for bug, by in zip(BUGS, caught, strict=True) if by.startswith("NOT")]
    assert not through, f"deliberate bugs went through: {', '.join(through)}"
    return {"bugs": len(BUGS), "by the simulator": sum(by.startswith("seed ") for by in caught)}


def _caught(bug: Bug) -> str:
    with tempfile.TemporaryDirectory() as folder:
        try:
            return catching.catch(bug, Path(folder))
        except (AssertionError, subprocess.TimeoutExpired) as error:
            return f"NOT CAUGHT: {error}"


def seeds(sizes: Sizes, jobs: int, say: Callable[[str], None]) -> Counts:
    """Drawn worlds with dense faults: no law is broken, and everything that can happen does."""
    quarry = Quarry()
    bag = hunt(quarry, range(sizes.seeds), jobs)
    for what, counts in hits.tables(bag):
        say(f"{what}: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    assert not bag.broken, told(quarry, bag)
    never = hits.missing(bag)
    assert not never, f"never touched in {bag.runs} runs: {', '.join(never)}"
    return {"runs": bag.runs, "hours": round(bag.span_us / 3.6e9, 1), "steps": bag.steps}


def told(quarry: Quarry, bag: Bag) -> str:
    """Return what was broken first, the shortest schedule that shows it, and how to see it again."""
    result = bag.broken[0]
    actions, said = shorten(quarry, result)
    lines = [f"seed {result.seed}: {said}", *(str(action) for action in actions)]
    others = [f"seed {other.seed}: {other.broken.splitlines()[0]}" for other in bag.broken[1:]]
    return "\n".join([*lines, f"hotspare simulate --seed {result.seed} --trace", *others])


def hosts(sizes: Sizes, jobs: int, say: Callable[[str], None]) -> Counts:
    """With hosts that ask all the time and without any, the same happens (L9)."""
    quarry = Quarry(beats=HOST_BEATS)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(partial(twins.differ, quarry=quarry), range(sizes.twins)))
    wrong = [f"seed {seed}: {what}" for seed, (what, _) in enumerate(found) if what]
    assert not wrong, "\n".join(wrong)
    return {"worlds": len(found), "questions": sum(count for _, count in found)}


def tapes(sizes: Sizes, jobs: int, say: Callable[[str], None]) -> Counts:
    """Boards of drawn worlds do the same on MicroPython, byte for byte."""
    from tests.simulation.same_tapes import compared

    counts, differences = compared(range(sizes.tapes), TAPE_BEATS, find_micropython())
    assert not differences, "\n".join(f"{where}: {what}" for where, what in differences.items())
    return {"worlds": sizes.tapes, "tapes": counts["tapes"], "lines": counts.total() - counts["tapes"]}


def explorer(sizes: Sizes, jobs: int, say: Callable[[str], None]) -> Counts:
    """All short schedules of both boards: no law is broken where that is claimed, and one is where it is not."""
    report = run.explore_all(sizes.states, sizes.explorer_s, jobs)
    for line in report.as_text().splitlines():
        say(line)
    assert not report.faults(), "\n".join(report.faults())
    return {"states": report.states, "transitions": sum(found.transitions for found in report.findings)}


def fuzz(sizes: Sizes, jobs: int, say: Callable[[str], None]) -> Counts:
    """Damaged frames and guided inputs to everything that parses."""
    from tests.fuzz import stage

    return stage.run(sizes.frames, sizes.frames_on_vm, sizes.guided, SEED, jobs=jobs)


def forged(sizes: Sizes, jobs: int, say: Callable[[str], None]) -> Counts:
    """Forged and replayed frames at whole boards change nothing."""
    from tests.fuzz import stage

    return stage.forged(sizes.forged, SEED)


def cuts(sizes: Sizes, jobs: int, say: Callable[[str], None]) -> Counts:
    """Power goes at every operation of the flash, and hosts are killed while they read; in CI with all other tests."""
    if not sizes.kills:
        say("with all other tests: " + " ".join(KILL_TESTS))
        return {}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", str(jobs), *KILL_TESTS],
        cwd=catching.REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return {"result": done.stdout.strip().splitlines()[-1]}


STAGES: dict[str, Callable[[Sizes, int, Callable[[str], None]], Counts]] = {
    "faults": faults,
    "bugs": bugs,
    "seeds": seeds,
    "hosts": hosts,
    "tapes": tapes,
    "explorer": explorer,
    "fuzz": fuzz,
    "forged": forged,
    "cuts": cuts,
}
