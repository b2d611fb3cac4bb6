"""Cold spares and drains: from the start command to the contact, and what planned and unplanned switches lose."""

from __future__ import annotations

import math

from hil.pair import RELAY, UNHURRIED, Pair
from hotspare import budget
from hotspare_engine import words as w
from tests.benchmark.report import Report
from tests.benchmark.takeover import SENT_EVERY

INTERVAL_MS = 100
BOOT_MS = 500
COLD_MARGIN_MS = 30
DRAIN_MS = 2000
DRAIN_RUNS_MAX = 10  # each takes four seconds and more
START = {"kind": "coil", "name": "start-spare", "event": "energised"}
TOUCH = {"kind": "contact", "name": RELAY, "event": "closed", "detail": "spare"}
AT_REST = {"attempts_window_s": 1, "stay_min_s": 0}


def measure(report: Report, runs: int) -> None:
    """Measure both."""
    for switch in ("changeover", "fenced"):
        _cold(report, switch, runs)
    _drain(report, min(runs, DRAIN_RUNS_MAX))


def _cold(report: Report, switch: str, runs: int) -> None:
    values = {**UNHURRIED, **AT_REST, "standby": "cold", "stop_delay_s": 0, "switch": switch}
    with Pair(**values, interval_ms=INTERVAL_MS, agent_interval_ms=INTERVAL_MS, unit_boot_ms=BOOT_MS) as pair:
        rig = pair.configuration.rig
        relays_ms = 2 * rig.operate_us / 1000  # that of the start, and that of the line
        limit_ms = BOOT_MS + SENT_EVERY * INTERVAL_MS + relays_ms + COLD_MARGIN_MS
        took_ms = []
        for _ in range(runs):
            pair.wait_random_phase()
            before = int(pair.rig.state()["trace_next"]) - 1
            pair.rig.fail("primary")
            started = pair.rig.wait(START, before, 10_000)
            touched = pair.rig.wait(TOUCH, before, 10_000)
            took_ms.append((touched.us - started.us) / 1000)
            pair.until_status(lambda status: status["state"] == w.ON_SPARE)
            pair.rig.mend("primary")
            pair.until_status(lambda status: status["health"][0] != w.FAILED)
            pair.ask(w.UNFENCE, 0)
            pair.fail_back()
        what = f"cold spare: start command -> contact, unit boots in {BOOT_MS} ms, {switch}"
        report.times(what, took_ms, "ms", limit_ms, limit_ms)
        report.figure(f"two units on a line, cold, {switch}", pair.rig.state()["both_connected_us"], "us", 0, runs)


def _drain(report: Report, runs: int) -> None:
    values = {**UNHURRIED, **AT_REST, "beats": 5, "agent_beats": 5, "drain_s": 4, "drain_ms": DRAIN_MS}
    with Pair(**values, interval_ms=INTERVAL_MS, agent_interval_ms=INTERVAL_MS) as pair:
        line = pair.group.lines[0]
        rig = pair.configuration.rig
        report.note(
            f"a transaction each {rig.transaction_us} us takes {rig.transaction_ms} ms; the drain hook {DRAIN_MS} ms"
        )
        planned = 0
        for _ in range(runs):
            before = _lost(pair, line)
            pair.ask(w.MS, 1)
            pair.settle(on_spare=True)
            pair.fail_back()
            pair.pass_ms(2 * rig.transaction_ms)
            planned += _lost(pair, line) - before
        report.figure("transactions lost by planned switchovers and failbacks with a drain", planned, "", 0, 2 * runs)
        lost, outage_ms = [], []
        for _ in range(runs):
            pair.wait_random_phase()
            before = _lost(pair, line)
            pair.rig.stop("primary")
            pair.until_status(lambda status: status["state"] == w.ON_SPARE)
            pair.pass_ms(2 * rig.transaction_ms)
            lost.append(float(_lost(pair, line) - before))
            outage_ms.append(pair.rig.state()["lines"][line]["delay_us_last"] / 1000)
            pair.rig.start("primary")
            pair.until_status(lambda status: status["health"][0] == w.OK)
            pair.fail_back()
        in_flight = math.ceil(rig.transaction_ms * 1000 / rig.transaction_us)
        report.times("transactions lost by a failover: what was under way", lost, "", None, in_flight)
        worst_ms = budget.of(pair.group).failover_worst_ms
        report.times("outage of a failover, beside check's budget", outage_ms, "ms", None, worst_ms)


def _lost(pair: Pair, line: str) -> int:
    return int(pair.rig.state()["lines"][line]["lost"])
