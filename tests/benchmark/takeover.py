"""How long a failover takes, from cause to coil, beside its limits; cut crosslinks; switchover and failback."""

from __future__ import annotations

import time

from hil.pair import OUTCOME_MS_MAX, Pair
from hotspare import budget, wiretime
from hotspare_engine import words as w
from tests.benchmark.report import Report

MARGIN_MEDIAN_MS, MARGIN_WORST_MS = 3.0, 6.0
CUT_TRIALS = 100
LOOK_AGAIN_S = 0.001
COMMAND_MARGIN_MS = 30.0
PROFILES = ((10, 3), (20, 3), (100, 5))
# in the order of the budget's causes: what happens, the verb that does it, the verb that mends it, whose beats it ends
FAULTS = (
    ("primary and beacon lose power", "stop", "start", ("crosslink-a", "beacon")),
    ("primary hangs, its beacon lives", "hang", "start", ("agent-primary", "primary")),
    ("primary says that it fails", "fail", "mend", ("agent-primary", "primary")),
)
SENT_EVERY = wiretime.SENT_EVERY


def profile(interval_ms: int, beats: int) -> dict[str, int]:
    """Return the settings of a profile; the agents report at the same pace."""
    return {
        "interval_ms": interval_ms,
        "beats": beats,
        "agent_interval_ms": interval_ms,
        "agent_beats": beats,
        "hold_off_ms": 0,
        "boot_grace_s": 30,
    }


def measure(report: Report, runs: int) -> None:
    """Measure every profile."""
    for interval_ms, beats in PROFILES:
        with Pair(**profile(interval_ms, beats)) as pair:
            named = f"{interval_ms} ms x {beats}"
            report.note(f"{named}: changeover, hold-off 0, auto, 115,200 baud, crosslink A and pulse, agents the same")
            _faults(report, pair, named, runs)
            if interval_ms == PROFILES[1][0]:
                _commands(report, pair, runs)
                _cuts(report, pair)
            report.figure(f"two units on a line, all of the above, {named}", _both_us(pair), "us", 0)


def _both_us(pair: Pair) -> int:
    both_us: int = pair.rig.state()["both_connected_us"]
    return both_us


def _faults(report: Report, pair: Pair, named: str, runs: int) -> None:
    causes = budget.of(pair.group).causes
    for (what, fault, mend, beats_of), cause in zip(FAULTS, causes, strict=True):
        took_ms = []
        for share in _shares(pair, runs):
            _rest(pair)
            _wait_phase(pair, *beats_of, share)
            took_ms.append(pair.until_coil([(fault, {"unit": "primary"})]))
            pair.rig.do([(mend, {"unit": "primary"})])
            pair.fail_back()
        limits = cause.median_ms + MARGIN_MEDIAN_MS, cause.worst_ms + MARGIN_WORST_MS
        report.times(f"{what} -> spare's coil, {named}", took_ms, "ms", *limits)


def _shares(pair: Pair, runs: int) -> list[float]:
    # phases of the beat, random and evenly spread: independent ones would need 300 runs for a median within 3 ms
    shares = [(run + pair.chance.random()) / runs for run in range(runs)]
    pair.chance.shuffle(shares)
    return shares


def _wait_phase(pair: Pair, cable: str, end: str, share: float) -> None:
    def sent() -> int:
        count: int = pair.rig.state()["cables"][cable]["from"][end]["sent"]
        return count

    before = sent()
    while sent() == before:
        time.sleep(LOOK_AGAIN_S)
    time.sleep(share * SENT_EVERY * pair.group.setting("interval_ms") / 1000)


def _rest(pair: Pair) -> None:
    # a coil that has just moved must rest for its minimum time: that is the last trial's, not this one's
    time.sleep(pair.group.setting("coil_min_ms") / 1000)


def _commands(report: Report, pair: Pair, runs: int) -> None:
    over_ms, back_ms = [], []
    for _ in range(runs):
        _rest(pair)
        over_ms.append(_command_ms(pair, "spare", w.MS, 1))
        pair.settle(on_spare=True)
        _rest(pair)
        back_ms.append(_command_ms(pair, "primary", w.MS_P, 0))
        pair.settle()
    rig = pair.configuration.rig
    report.times("switchover by command -> contact", over_ms, "ms", None, rig.operate_us / 1000 + COMMAND_MARGIN_MS)
    report.times("failback by command -> contact", back_ms, "ms", None, rig.release_us / 1000 + COMMAND_MARGIN_MS)


def _command_ms(pair: Pair, unit: str, request: int, index: int) -> float:
    with pair.board(pair.group.controller) as reached:
        reached.status()  # so that the session stands: the time is the request's

        def ask() -> int:
            moment_us = pair.rig.do([])
            reached.request(request, index + 1, 0, 0, 0, OUTCOME_MS_MAX)
            return moment_us

        return pair.until_contact(unit, ask)


def _cuts(report: Report, pair: Pair) -> None:
    cables = ("crosslink-a", "crosslink-b")
    took_ms = []
    for _ in range(CUT_TRIALS):
        _rest(pair)
        pair.wait_random_phase()
        took_ms.append(pair.until_coil([("cut", {"cable": cable}) for cable in cables]))
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        pair.rig.do([("heal", {"cable": cable}) for cable in cables])
        pair.fail_back()
    report.times("every crosslink cut, both units alive -> spare's coil", took_ms, "ms")
    report.figure("two units on a line, in these trials", _both_us(pair), "us", 0, CUT_TRIALS)
