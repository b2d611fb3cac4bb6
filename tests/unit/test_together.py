"""Moments in which several primaries recover: the line behind the spare is left after half a dead time, and once."""

from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from hotspare_engine.timers import RECOVERED
from tests.simulation.bench import Bench, pair

FIRST, SECOND, THIRD = range(3)
INTERVAL_MS, BEATS = 21, 5


def pool(**values: Any) -> Bench:
    """Return an armed group of three primaries of which two have failed: the spare carries the first of them."""
    values = {"interval_ms": INTERVAL_MS, "beats": BEATS, "stay_min_s": 0, **values}
    paths = pair(interval_ms=INTERVAL_MS, beats=BEATS, primaries=3, pulse=0)
    bench = Laws().attach(Bench(paths, primaries=3, **values))
    bench.run(300)
    bench.ask(w.ARM)
    bench.run(300)
    bench.stop(FIRST)
    bench.run(500)
    bench.stop(THIRD)
    bench.run(500)
    assert bench.engine.selected == FIRST
    assert bench.engine.situation.uncovered == 1 << THIRD
    return bench


def recovered(bench: Bench, unit: int) -> int:
    """Let a unit be well again; return when that was told."""
    bench.start(unit)
    bench.hurry()
    while bench.engine.health.units[unit].health != w.OK:
        bench.run(1)
    return bench.now_ms


def test_f44_the_spare_waits_half_a_dead_time_before_it_leaves_a_primary_that_is_well_again_for_another_line() -> None:
    bench = pool()
    well_ms = recovered(bench, FIRST)
    assert bench.engine.held_back & w.I_TOGETHER
    assert bench.engine.selected == FIRST
    bench.run(1000)
    assert bench.connected() == [FIRST, SECOND, 3]
    left_ms = [ms for ms, line, position in bench.drives() if (line, position) == (FIRST, w.AT_PRIMARY)]
    assert left_ms[0] - well_ms == INTERVAL_MS * BEATS // 2


def test_f44_the_line_that_recovers_meanwhile_is_not_gone_to() -> None:
    bench = pool()
    recovered(bench, FIRST)
    bench.run(10)
    recovered(bench, THIRD)
    drives = len(bench.drives())
    bench.run(1000)
    assert len(bench.drives()) == drives
    assert bench.engine.selected == FIRST
    assert not bench.engine.held_back


def test_a_line_that_fails_after_that_is_not_waited_for() -> None:
    bench = pool()
    recovered(bench, FIRST)
    recovered(bench, THIRD)
    bench.units[SECOND] = w.FAILED
    bench.hurry()
    bench.run(5)
    assert bench.engine.health.units[SECOND].health == w.FAILED
    assert bench.engine.state == w.SWITCHING
    assert not bench.engine.held_back & w.I_TOGETHER


@pytest.mark.parametrize("times", [1, 2])
def test_each_recovery_is_waited_for_anew(times: int) -> None:
    bench = pool()
    for _ in range(times):
        recovered(bench, FIRST)
        assert bench.engine.timers.left(RECOVERED) > 0
        bench.units[FIRST] = w.FAILED
        bench.hurry()
        bench.run(60)
        assert bench.engine.selected == FIRST
    assert bench.engine.together.lost == 1
