"""Exploring all setups on several processes, within a number of states and a time."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from hotspare.simulator.explorer.report import Report
from hotspare.simulator.explorer.search import Findings, explore
from hotspare.simulator.explorer.setups import SAFE, SETUPS, UNPROVEN

STATES, SECONDS, PROCESSES = 480_000, 175.0, 2
UNPROVEN_STATES, UNPROVEN_SHARE = 60_000, 0.08  # and of the time, within which its counterexample is found


def _one(job: tuple[str, int, float]) -> Findings:
    name, states, seconds = job
    return explore(SETUPS[name], states, seconds)


def explore_all(
    states: int = STATES, seconds: float = SECONDS, processes: int = PROCESSES, names: Sequence[str] = ()
) -> Report:
    """Search every setup, or those named; `states` and `seconds` are for all of them together."""
    chosen = list(names) or [setup.name for setup in (UNPROVEN, *SAFE)]
    safe = [name for name in chosen if name != UNPROVEN.name]
    count = min(processes, len(chosen))
    share_s = seconds * UNPROVEN_SHARE if safe and len(safe) < len(chosen) else 0.0
    turns = -(-len(safe) // count)  # that a process has
    each = -(-states // max(1, len(safe))), (seconds - share_s) / max(1, turns)
    jobs = [(name, UNPROVEN_STATES, share_s or seconds) if name == UNPROVEN.name else (name, *each) for name in chosen]
    began = time.monotonic()
    if count == 1:
        found = [_one(job) for job in jobs]
    else:
        with ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as pool:
            found = list(pool.map(_one, jobs))
    return Report(found, time.monotonic() - began, count)
