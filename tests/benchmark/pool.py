"""A pool over a chain: detection of each primary beside what `check` states, and how soon a second failure is told."""

from __future__ import annotations

import time

from hil.pool import Pool
from hotspare import budget
from hotspare_engine import words as w
from tests.benchmark.report import Report
from tests.benchmark.takeover import MARGIN_MEDIAN_MS, MARGIN_WORST_MS, SENT_EVERY, profile

INTERVAL_MS, BEATS = 100, 5
LOOK_AGAIN_S = 0.001
SEEN_MS_MAX = 3000
CAUSES = ("stop", "hang", "fail")  # in the order of the budget's causes of each primary
MENDS = {"stop": "start", "hang": "start", "fail": "mend"}


def measure(report: Report, runs: int) -> None:
    """Measure the example pool."""
    with Pool(**profile(INTERVAL_MS, BEATS)) as pool:
        named = f"{INTERVAL_MS} ms x {BEATS}"
        report.note(f"pool of 3 and a spare over a chain, {named}: limits are those of check, forwarding included")
        causes = iter(budget.of(pool.group).causes)
        for unit in pool.group.primaries:
            for fault in CAUSES:
                _takeover(report, pool, unit, fault, next(causes), runs)
        for fault in CAUSES:
            _second(report, pool, fault, runs)
        report.figure(f"two units on a line, all of the above, pool {named}", _both_us(pool), "us", 0)


def _both_us(pool: Pool) -> int:
    both_us: int = pool.rig.state()["both_connected_us"]
    return both_us


def _phases(pool: Pool, runs: int) -> list[float]:
    # evenly spread over a beat, in a random order: independent ones would need ten times the runs
    shares = [(run + pool.chance.random()) / runs for run in range(runs)]
    pool.chance.shuffle(shares)
    return shares


def _wait_phase(pool: Pool, unit: str, fault: str, share: float) -> None:
    time.sleep(pool.group.setting("coil_min_ms") / 1000)
    number = pool.group.primaries.index(unit) + 1
    cable, end = (f"chain-beacon-{number}", f"beacon-{number}") if fault == "stop" else (f"agent-{unit}", unit)

    def sent() -> int:
        count: int = pool.rig.state()["cables"][cable]["from"][end]["sent"]
        return count

    before = sent()
    while sent() == before:
        time.sleep(LOOK_AGAIN_S)
    time.sleep(share * SENT_EVERY * INTERVAL_MS / 1000)


def _takeover(report: Report, pool: Pool, unit: str, fault: str, cause: budget.Cause, runs: int) -> None:
    took_ms = []
    for share in _phases(pool, runs):
        _wait_phase(pool, unit, fault, share)
        took_ms.append(pool.until_coil_of(unit, [(fault, {"unit": unit})]))
        pool.restore()
    limits = cause.median_ms + MARGIN_MEDIAN_MS, cause.worst_ms + MARGIN_WORST_MS
    report.times(f"{cause.name} -> spare's coil, pool", took_ms, "ms", *limits)


def _second(report: Report, pool: Pool, fault: str, runs: int) -> None:
    """The spare carries the first line and the last primary fails: from the cause until `uncovered` is told."""
    first, last = pool.group.primaries[0], pool.group.primaries[-1]
    cause = budget.of(pool.group).causes[-len(CAUSES) :][CAUSES.index(fault)]
    seen_ms, beat_ms = [], []
    for share in _phases(pool, runs):
        pool.rig.fail(first)
        pool.until_carried("spare", *pool.group.primaries[1:])
        _wait_phase(pool, last, fault, share)
        cause_us = pool.rig.do([(fault, {"unit": last})])
        failed_us, uncovered_us = _until_uncovered(pool)
        seen_ms.append((uncovered_us - cause_us) / 1000)
        beat_ms.append((uncovered_us - failed_us) / 1000)
        pool.restore()
    beat = SENT_EVERY * INTERVAL_MS
    report.times(f"second failure: {cause.name} -> uncovered told", seen_ms, "ms", None, cause.worst_ms + beat)
    report.times("believed failed -> uncovered told, in a beat", beat_ms, "ms", None, beat)


def _until_uncovered(pool: Pool) -> tuple[int, int]:
    """Ask the controller until it tells `uncovered`; return the rig's time of the last answer without it, and of it.

    What it believes and what it alarms come in one answer: it is believed failed no earlier than the last answer in
    which it was not.
    """
    end_s = time.monotonic() + SEEN_MS_MAX / 1000
    spare = len(pool.group.primaries)
    with pool.board(pool.group.controller) as reached:
        before_us = pool.rig.state()["us"]
        while time.monotonic() < end_s:
            status = reached.status()
            now_us: int = pool.rig.state()["us"]
            if status["alarms"] & w.A_UNCOVERED:
                return before_us, now_us
            if status["health"][spare - 1] in (w.OK, w.IMPAIRED):
                before_us = now_us
    raise TimeoutError(f"{w.A_UNCOVERED:#x} was not told within {SEEN_MS_MAX} ms")
