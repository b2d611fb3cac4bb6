"""The decision of a group at its edges: what inhibits is named together, pools are judged line by line."""

from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from hotspare_engine.resolver import UNITS_MAX
from tests.simulation.bench import SILENT, Bench

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


def test_the_winner_about_the_last_line_of_the_largest_pool_is_told_in_a_signed_number_of_32_bits() -> None:
    primaries = UNITS_MAX - 1
    bench = group(primaries=primaries)
    bench.stop(primaries - 1)
    bench.run(1000)
    winner, said = bench.events(w.E_WINNER)[-1]
    assert (winner, (said >> w.TARGET_SHIFT) - 1) == (w.SF_W, primaries - 1)
    assert 0 < said | (1 << w.TARGET_SHIFT) - 1 < 1 << 31


# -- what is recorded and counted ---------------------------------------------------------------------------------


def test_units_that_were_fenced_one_after_another_are_told_and_unfenced_one_by_one() -> None:
    bench = pool(switch=w.FENCED_FEED)
    for line in (SECOND, FIRST):
        bench.stop(line)
        bench.run(1000)
    assert bench.engine.fenced == 0b11
    assert bench.events(w.E_FENCED) == [(SECOND, 1), (FIRST, 1)]
    bench.start(FIRST)
    bench.start(SECOND)
    bench.run(500)
    bench.ask(w.UNFENCE, SECOND)
    assert bench.engine.fenced == 1 << FIRST
    bench.ask(w.UNFENCE, FIRST)
    assert bench.events(w.E_FENCED)[2:] == [(SECOND, 0), (FIRST, 0)]
    assert bench.engine.fenced == 0
    assert bench.kept == bench.engine.saved()


def test_switches_are_counted_one_by_one_and_told_with_how_long_they_took() -> None:
    bench = group()
    for count, target in ((1, 0), (2, w.NONE), (3, 0)):
        bench.ask(w.MS_P if target == w.NONE else w.MS, PRIMARY if target == w.NONE else SPARE)
        bench.run(500)
        assert bench.engine.switches == count
        assert bench.events(w.E_SWITCHED)[-1] == (target, bench.engine.switch_ms)
    assert 0 < bench.engine.switch_ms < 100


def test_what_becomes_of_the_state_is_told_with_the_reason() -> None:
    bench = group(retention=w.LATCHING)
    bench.ask(w.MS, SPARE)
    bench.run(500)
    assert bench.events(w.E_STATE)[-2:] == [(w.SWITCHING, w.MS), (w.ON_SPARE, w.MS)]
    bench.reset(10)
    bench.run(500)
    assert bench.events(w.E_STATE)[-1] == (w.ON_SPARE, w.NONE), "it was found so"
    bench.relays[0].contact = bench.relays[0].goal = w.AT_PRIMARY
    bench.run(500)
    assert bench.events(w.E_STATE)[-1] == (w.NORMAL, w.NONE), "it fell"
    bench.relays[0].shown = w.AT_SPARE
    bench.run(500)
    assert bench.events(w.E_STATE)[-1] == (w.HELD, w.NONE), "it strayed"


@pytest.mark.parametrize("line", [FIRST, SECOND])
def test_a_line_that_fell_in_a_reset_is_told_with_where_it_is(line: int) -> None:
    bench = pool()
    bench.stop(line)
    bench.run(1000)
    bench.rows.clear()
    bench.reset(30)
    bench.run(100)
    assert bench.events(w.E_FELL) == [(line, w.AT_PRIMARY)]


def returns(bench: Bench) -> list[int]:
    """Return when the load was given back to its primary, in ms."""
    return [ms for ms, _, position in bench.drives() if position == w.AT_PRIMARY]


def to_spare_and_back(bench: Bench, wait_ms: int) -> None:
    token = bench.ask(w.MS, SPARE)
    bench.run(500)
    assert bench.connected() == [SPARE]
    bench.ask(w.CLEAR, number=bench.replies(token)[0][2])
    bench.run(wait_ms)


def test_a_return_waits_for_the_least_stay_after_the_switch_to_the_millisecond() -> None:
    bench = group(revertive=1, wtr_s=0, stay_min_s=10)
    bench.run(10_000)
    to_spare_and_back(bench, 11_000)
    switched = [ms for ms, row in bench.rows if row[:3] == (w.RECORD, w.E_SWITCHED, 0)]
    assert returns(bench)[0] - switched[0] == 10_000


def test_the_window_of_returns_begins_with_the_first_and_ends_to_the_millisecond() -> None:
    bench = group(revertive=1, wtr_s=0, stay_min_s=0, attempts_max=1, attempts_window_s=5)
    to_spare_and_back(bench, 500)
    to_spare_and_back(bench, 6000)
    first, second = returns(bench)
    assert second - first == 5000


def test_a_spare_that_did_not_get_ready_is_named_only_where_the_spare_is_what_is_missing() -> None:
    bench = group(standby=w.WARM, ready_limit_ms=500)
    bench.role_ms[SPARE] = -1
    bench.ask(w.MS, SPARE)
    bench.run(1000)
    assert bench.engine.situation.inhibited == w.I_UNREADY
    assert bench.engine.held_back == 0, "nothing is wanted"
    bench.ask(w.FX, PRIMARY)
    bench.run(100)
    assert bench.engine.held_back == w.I_FORCED
    bench.stop(PRIMARY)
    bench.run(500)
    assert bench.engine.held_back & w.I_FORCED


def test_while_a_forced_switch_stands_no_failover_is_possible_and_what_else_holds_it_is_named_too() -> None:
    bench = group()
    bench.ask(w.FX, PRIMARY)
    bench.cables[0].conflict = 1
    bench.units[PRIMARY] = w.FAILED
    bench.run(500)
    assert bench.engine.held_back & w.I_FORCED
    bench.units[PRIMARY] = w.OK
    bench.run(500)
    assert bench.engine.held_back == w.I_FORCED


# -- starts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "unit", "state"),
    [
        (0, 0, w.STARTING),
        (w.OUT, PRIMARY, w.NORMAL),
        (w.OUT, SPARE, w.NORMAL),
        (w.FX, PRIMARY, w.NORMAL),
        (w.LO, SPARE, w.STARTING),
    ],
)
def test_a_group_that_hears_nobody_yet_starts_where_somebody_wants_something(
    request_: int, unit: int, state: int
) -> None:
    bench = Laws().attach(Bench(boot_grace_s=60))
    bench.units, bench.beacons = [SILENT, SILENT], [0, 0]
    if request_:
        bench.ask(request_, unit, flags=w.DROP_SERVICE)
    bench.run(1000)
    assert bench.engine.state == state
    bench.run(60_000)
    assert bench.engine.state == w.NORMAL


def test_a_line_that_rests_on_nobody_is_connected_by_a_switch_that_names_what_wants_it() -> None:
    bench = Laws().attach(Bench(switch=w.INTERLOCKED))
    bench.run(300)
    bench.ask(w.ARM)
    bench.run(300)
    assert bench.connected() == [PRIMARY]
    assert bench.events(w.E_STATE)[-2:] == [(w.SWITCHING, w.NR), (w.NORMAL, w.NR)]
    assert bench.engine.cause == w.NR


def test_after_a_fall_what_is_kept_for_a_reset_is_where_the_load_is_now() -> None:
    bench = group()
    bench.ask(w.MS, SPARE)
    bench.run(500)
    assert bench.kept == bench.engine.saved()
    before = bench.kept
    bench.relays[0].coil_open = 1
    bench.run(100)
    assert bench.connected() == [PRIMARY]
    assert bench.kept == bench.engine.saved() != before


def test_a_failure_during_the_wait_to_restore_begins_it_anew_and_a_silence_that_is_none_does_not() -> None:
    bench = group(revertive=1, wtr_s=3, stay_min_s=0, hold_off_ms=0)
    bench.stop(PRIMARY)
    bench.run(500)
    assert bench.connected() == [SPARE]
    bench.start(PRIMARY)
    bench.run(2500)
    bench.units[PRIMARY] = w.FAILED
    bench.hurry()
    bench.run(300)
    bench.units[PRIMARY] = w.OK
    bench.hurry()
    bench.run(2900)
    assert bench.connected() == [SPARE]
    assert bench.engine.situation.winner == w.WTR
    bench.run(400)
    assert bench.connected() == [PRIMARY]
