"""A controller that its watchdog resets while the spare carries the line: the outage, beside what `check` prints."""

from __future__ import annotations

from hil.pair import RELAY, UNHURRIED, Pair
from hotspare import budget
from hotspare_engine import words as w
from tests.benchmark.report import Report

INTERVAL_MS = 100
WATCHDOG_MS = 1000
RUNS_MAX = 10  # each takes three seconds and more
AT_WORK = {"beats": 5, "agent_beats": 5, "attempts_window_s": 1, "stay_min_s": 0}
SPARE = {"kind": "contact", "name": RELAY, "detail": "spare"}
PULSE_MS = 200  # after so long no coil of a latching relay is driven any more


def measure(report: Report, runs: int) -> None:
    """Measure both retentions, with a dead primary; each reset is cleared before the next one."""
    for retention in ("falls", "latching"):
        _outages(report, retention, min(runs, RUNS_MAX))


def _outages(report: Report, retention: str, runs: int) -> None:
    values = {**UNHURRIED, **AT_WORK, "watchdog_ms": WATCHDOG_MS, "retention": retention}
    with Pair(**values, interval_ms=INTERVAL_MS, agent_interval_ms=INTERVAL_MS) as pair:
        printed = budget.of(pair.group)
        boot_ms = next((term.ms for term in printed.fall if term.name == "board boots"), 0)
        pair.rig.stop("primary")
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        hung_ms, open_ms = [], []
        for _ in range(runs):
            pair.pass_ms(PULSE_MS)
            pair.wait_random_phase()
            before = int(pair.rig.state()["trace_next"]) - 1
            frozen_us = pair.rig.freeze(pair.group.controller)
            reset = pair.rig.wait({"kind": "board", "name": pair.group.controller, "event": "reset"}, before)
            pair.until_status(lambda status: status["state"] == w.ON_SPARE)
            left = [it for it in pair.rig.trace(before) if it.matches({**SPARE, "event": "open"})]
            back = [it for it in pair.rig.trace(reset.number) if it.matches({**SPARE, "event": "closed"})]
            if retention == "falls" or left:
                open_ms.append((back[0].us - left[0].us) / 1000)
                hung_ms.append((back[0].us - frozen_us) / 1000)
            else:
                open_ms.append(0.0)
            with pair.board(pair.group.controller) as reached:
                reached.request(w.CLEAR_RESETS, 0, 0, 0, 0, 1000)
        if retention == "latching":
            report.times("watchdog reset on the spare, latching: line without the spare", open_ms, "ms", 0, 0)
            return
        report.note(f"check counts {boot_ms:.0f} ms for the boot of a chip; an emulated board is back sooner")
        report.times("watchdog reset on the spare, falls: hang -> spare again", hung_ms, "ms", None, printed.fall_ms)
        limit_ms = printed.fall_ms - WATCHDOG_MS
        report.times("the same: line without the spare, from reset to contact", open_ms, "ms", None, limit_ms)
