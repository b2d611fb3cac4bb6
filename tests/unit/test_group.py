"""The decision of a group at its edges: what inhibits is named together, pools are judged line by line."""

from typing import Any

import pytest

from hotspare_engine import words as w
from tests.simulation.bench import Bench
from tests.simulation.laws import Laws

PRIMARY, SPARE = 0, 1
FIRST, SECOND, POOL_SPARE = range(3)
SETTLED_MS = 300


def group(**values: Any) -> Bench:
    """Return an armed pair at rest on its primary, under the laws."""
    bench = Laws().attach(Bench(**values))
    bench.run(SETTLED_MS)
    bench.ask(w.ARM)
    bench.run(SETTLED_MS)
    assert bench.engine.alarms == 0
    return bench


def pool(**values: Any) -> Bench:
    """Return an armed group of two primaries, each at rest on its line."""
    bench = group(primaries=2, **values)
    assert bench.connected() == [FIRST, SECOND]
    return bench


# -- what inhibits ------------------------------------------------------------------------------------------------


def test_everything_that_inhibits_is_named_beside_everything_else() -> None:
    bench = group(revertive=1, wtr_s=0, stay_min_s=0, attempts_max=1, standby=w.WARM, drain_s=1)
    token = bench.ask(w.MS, SPARE)
    bench.run(1500)
    assert bench.connected() == [SPARE]
    bench.ask(w.CLEAR, number=bench.replies(token)[0][2])
    bench.run(1500)
    assert bench.connected() == [PRIMARY]
    bench.role_ms = [-1, -1]
    bench.ask(w.MS, SPARE)
    bench.run(2000)
    assert bench.engine.situation.inhibited == w.I_ATTEMPTS | w.I_UNDRAINED
    bench.ask(w.MS, SPARE, flags=w.NO_DRAIN)
    bench.run(6000)
    assert bench.engine.situation.inhibited == w.I_ATTEMPTS | w.I_UNDRAINED | w.I_UNREADY
    bench.cables[0].differs = bench.cables[0].conflict = 1
    bench.relays[0].shown = w.AT_SPARE
    bench.supply, bench.switch_on = 0, 1
    bench.engine.hold(1)
    bench.ask(w.DISARM)
    bench.run(50)
    expected = w.I_DISARMED | w.I_DIFFERS | w.I_CONFLICT | w.I_RELAY | w.I_SUPPLY | w.I_LOCAL | w.I_RESETS
    assert bench.engine.situation.inhibited == expected | w.I_ATTEMPTS | w.I_UNDRAINED | w.I_UNREADY


@pytest.mark.parametrize("cause", [w.I_DISARMED, w.I_DIFFERS, w.I_CONFLICT])
def test_an_isolation_that_is_not_proven_is_named_beside_everything_else(cause: int) -> None:
    bench = group(switch=w.INTERLOCKED)
    if cause == w.I_DISARMED:
        bench.ask(w.DISARM)
    bench.cables[0].differs = int(cause == w.I_DIFFERS)
    bench.cables[0].conflict = int(cause == w.I_CONFLICT)
    bench.relays[0].shown = w.AT_BOTH
    bench.run(50)
    assert bench.engine.situation.inhibited == cause | w.I_ISOLATION


# -- pools --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [FIRST, SECOND])
def test_of_a_pool_the_unit_that_was_fenced_is_not_used_again_and_the_other_one_is(line: int) -> None:
    bench = pool(switch=w.FENCED_FEED, revertive=1, wtr_s=0, stay_min_s=0)
    bench.stop(line)
    bench.run(1000)
    bench.start(line)
    bench.run(1000)
    assert bench.engine.situation.health[line] == w.FENCED
    assert bench.engine.situation.health[1 - line] == w.OK
    assert bench.engine.selected == line, "it does not get its load back"
    bench.ask(w.UNFENCE, line)
    bench.run(1000)
    assert bench.connected() == [FIRST, SECOND]


@pytest.mark.parametrize("line", [FIRST, SECOND])
def test_F35_of_a_pool_the_line_that_fell_in_a_reset_goes_to_the_spare_again(line: int) -> None:
    bench = pool(boot_grace_s=60)
    bench.stop(line)
    bench.run(1000)
    assert bench.engine.selected == line
    bench.reset(30)
    assert bench.connected() == [FIRST, SECOND]
    bench.run(500)
    assert bench.engine.selected == line
    assert bench.connected()[1 - line] == 1 - line


def test_F35_a_spare_that_failed_in_the_reset_is_not_given_the_line_that_fell() -> None:
    bench = group(boot_grace_s=60)
    bench.stop(PRIMARY)
    bench.run(1000)
    bench.units[SPARE] = w.FAILED
    bench.reset(30)
    bench.run(2000)
    assert bench.engine.situation.failed == 1 << PRIMARY | 1 << SPARE
    assert bench.connected() == [PRIMARY]


def test_a_spare_that_did_not_get_ready_has_failed_until_it_is_tried_again() -> None:
    bench = group(standby=w.WARM, attempts_window_s=5)
    bench.role_ms[SPARE] = -1
    bench.ask(w.MS, SPARE)
    bench.run(5100)
    situation = bench.engine.situation
    assert (situation.health[SPARE], situation.failed) == (w.FAILED, 1 << SPARE)
    assert situation.winner == w.SF_P
    bench.run(5100)
    assert (situation.health[SPARE], situation.failed, situation.winner) == (w.OK, 0, w.NR)


def test_after_a_start_a_load_on_the_spare_stays_there_for_the_least_stay() -> None:
    bench = group(retention=w.LATCHING, revertive=1, wtr_s=0, stay_min_s=10)
    bench.ask(w.MS, SPARE)
    bench.run(500)
    assert bench.connected() == [SPARE]
    bench.reset()
    bench.run(10_400)
    assert bench.connected() == [PRIMARY]
    assert bench.drives()[-1][0] - bench.booted_ms == 10_000


@pytest.mark.parametrize("line", [FIRST, SECOND])
def test_where_silence_is_no_failover_the_line_of_a_pool_that_falls_silent_stays_and_the_reason_is_named(
    line: int,
) -> None:
    bench = pool(on_silence=0)
    bench.stop(line)
    bench.run(1000)
    assert bench.connected() == [FIRST, SECOND]
    assert bench.engine.situation.inhibited == bench.engine.held_back == w.I_POLICY
