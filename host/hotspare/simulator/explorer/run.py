"""Exploring all setups on several processes, within a number of states and a time."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence

from hotspare.simulator.explorer.report import Report
from hotspare.simulator.explorer.search import Findings, explore
from hotspare.simulator.explorer.setups import SAFE, SETUPS, UNPROVEN

STATES, SECONDS, PROCESSES = 400_000, 170.0, 2
UNPROVEN_STATES = 60_000  # within which its counterexample is found


def _one(job: tuple[str, int, float]) -> Findings:
    name, states, seconds = job
    return explore(SETUPS[name], states, seconds)


def explore_all(
    states: int = STATES, seconds: float = SECONDS, processes: int = PROCESSES, names: Sequence[str] = ()
) -> Report:
    """Search every setup, or those named; `states` and `seconds` are for all of them together."""
    chosen = list(names) or [setup.name for setup in (*SAFE, UNPROVEN)]
    share = max(1, sum(name != UNPROVEN.name for name in chosen))
    each_s = seconds * min(processes, len(chosen)) / len(chosen)
    jobs = [(name, UNPROVEN_STATES if name == UNPROVEN.name else -(-states // share), each_s) for name in chosen]
    began = time.monotonic()
    if processes == 1 or len(jobs) == 1:
        found = [_one(job) for job in jobs]
    else:
        with multiprocessing.get_context("spawn").Pool(min(processes, len(jobs))) as pool:
            found = pool.map(_one, jobs, chunksize=1)
    return Report(found, time.monotonic() - began, min(processes, len(jobs)))
