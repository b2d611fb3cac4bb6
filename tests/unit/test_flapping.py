"""F28: units that fail again and again: when they are flapping, what that holds back, and how it ends."""

from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import approval
from hotspare_engine import words as w
from tests.simulation.bench import Bench

PRIMARY, SPARE = 0, 1
SOON_MS = 300
WINDOW_S = 60


def group(**values: Any) -> Bench:
    """Return an armed group with a window of a minute, with the laws watching."""
    chosen = {"attempts_max": 3, "attempts_window_s": WINDOW_S, "stay_min_s": 0, "wtr_s": 0, **values}
    bench = Laws().attach(Bench(**chosen))
    bench.ask(w.ARM)
    bench.run(200)
    return bench


def fail(bench: Bench, every_ms: int, times: int = 1, unit: int = PRIMARY) -> None:
    """Let a unit fail and recover so often, a failure every so many milliseconds."""
    for _ in range(times):
        bench.units[unit] = w.FAILED
        bench.hurry()
        bench.run(SOON_MS)
        bench.units[unit] = w.OK
        bench.hurry()
        bench.run(every_ms - SOON_MS)


def flaps(bench: Bench) -> list[tuple[int, int]]:
    return bench.events(w.E_FLAPPING)


@pytest.mark.parametrize("times", [2, 3])
def test_F28_so_many_failures_within_the_window_are_flapping_one_fewer_is_not(times: int) -> None:
    bench = group()
    fail(bench, 10_000, times)
    assert flaps(bench) == ([(PRIMARY, 1)] if times == 3 else [])
    assert bool(bench.engine.alarms & w.A_FLAPPING) == (times == 3)
    assert bench.engine.flapping.units == (1 if times == 3 else 0)


@pytest.mark.parametrize(("every_ms", "flapping"), [(30_000, 1), (30_001, 0)])
def test_F28_the_window_is_from_the_first_of_them_to_the_last_and_slides(every_ms: int, flapping: int) -> None:
    bench = group()
    fail(bench, every_ms, 8)
    assert bool(flaps(bench)) == bool(flapping)


def test_F28_failures_in_two_windows_that_meet_are_as_near_as_in_one() -> None:
    bench = group()
    fail(bench, 55_000)
    fail(bench, 4000, 3)
    assert flaps(bench) == [(PRIMARY, 1)]


def test_F28_one_long_failure_is_one_failure() -> None:
    bench = group()
    for _ in range(4):
        bench.units[PRIMARY] = w.FAILED
        bench.run(WINDOW_S * 1000)
        bench.units[PRIMARY] = w.OK
        bench.run(500)
    assert flaps(bench) == []


def test_F28_what_is_not_believed_is_no_failure() -> None:
    bench = group(hold_off_ms=1000)
    fail(bench, 600, 10)
    assert flaps(bench) == []


def test_F28_a_failure_that_is_doubted_after_an_expiry_is_the_same_one() -> None:
    bench = group(hold_off_ms=100)
    bench.ask(w.LO)
    bench.units[PRIMARY] = w.FAILED
    for _ in range(6):
        bench.ask(w.OUT, SPARE, seconds=1)
        bench.run(1500)
    assert len(bench.events(w.E_EXPIRED)) == 6
    assert flaps(bench) == []


def test_F28_it_ends_when_the_unit_has_not_failed_for_a_whole_window_and_not_before() -> None:
    bench = group()
    fail(bench, 1000, 3)
    bench.run(WINDOW_S * 1000 - 2000)
    bench.units[PRIMARY] = w.FAILED
    bench.run(3 * WINDOW_S * 1000)
    assert bench.engine.alarms & w.A_FLAPPING, "a unit that is failed does not live through a window"
    bench.units[PRIMARY] = w.OK
    bench.hurry()
    bench.run(WINDOW_S * 1000 - 100)
    assert bench.engine.alarms & w.A_FLAPPING
    bench.run(200)
    assert not bench.engine.alarms & w.A_FLAPPING
    assert flaps(bench) == [(PRIMARY, 1), (PRIMARY, 0)]
    fail(bench, 1000, 2)
    assert len(flaps(bench)) == 2, "what was before is forgotten"
    fail(bench, 1000)
    assert flaps(bench)[-1] == (PRIMARY, 1)


def test_F28_the_units_are_counted_apart() -> None:
    bench = group(on_degraded=1)
    fail(bench, 1000, 2)
    fail(bench, 1000, 2, SPARE)
    assert flaps(bench) == []
    fail(bench, 1000, unit=SPARE)
    assert flaps(bench) == [(SPARE, 1)]


def test_F28_an_automatic_return_is_held_back_and_alarmed_and_a_person_may_approve_it() -> None:
    bench = group(revertive=1)
    fail(bench, 1000, 3)
    assert bench.connected() == [SPARE]
    assert bench.engine.held_back == w.I_FLAPPING | w.I_ASKING
    assert bench.engine.alarms == w.A_FLAPPING | w.A_INHIBITED | w.A_ASKING
    token = bench.approve()
    bench.run(SOON_MS)
    assert (bench.connected(), bench.verdicts(token)) == ([PRIMARY], [w.ACCEPTED, w.DONE])


def test_F28_a_failed_unit_is_left_for_a_flapping_one_that_is_ok() -> None:
    bench = group()
    fail(bench, 1000, 3)
    assert bench.connected() == [SPARE]
    bench.units[SPARE] = w.FAILED
    bench.run(SOON_MS)
    assert bench.connected() == [PRIMARY]
    bench.units[SPARE] = w.OK
    bench.run(SOON_MS)
    fail(bench, 1000)
    assert bench.connected() == [SPARE]
    assert not bench.engine.held_back


def test_F28_a_degraded_primary_is_not_relieved_by_a_flapping_spare_without_a_person() -> None:
    bench = group(on_degraded=1)
    fail(bench, 1000, 3, SPARE)
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(SOON_MS)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.held_back == w.I_FLAPPING | w.I_ASKING
    bench.approve()
    bench.run(SOON_MS)
    assert bench.connected() == [SPARE]


def test_F28_what_a_person_asks_is_not_held_back() -> None:
    bench = group()
    fail(bench, 1000, 3)
    token = bench.ask(w.MS_P, PRIMARY)
    bench.run(SOON_MS)
    assert bench.verdicts(token) == [w.ACCEPTED, w.DONE]


@pytest.mark.parametrize("attempts_max", [1, 100])
def test_F28_the_least_and_the_most_failures_that_can_be_set(attempts_max: int) -> None:
    bench = group(attempts_max=attempts_max, attempts_window_s=600)
    fail(bench, 1000, attempts_max - 1)
    assert flaps(bench) == []
    fail(bench, 1000)
    assert flaps(bench) == [(PRIMARY, 1)]


def test_F28_failures_are_remembered_in_a_snapshot() -> None:
    bench = group()
    fail(bench, 1000, 2)
    bench.replace_engine()
    fail(bench, 1000)
    assert flaps(bench) == [(PRIMARY, 1)]


def test_F28_a_flapping_unit_is_outweighed_by_approval_as_a_limit_of_attempts_is() -> None:
    assert approval.OUTWEIGHED & w.I_FLAPPING


def at(bench: Bench, unit: int, flapping: int) -> int:
    """Return when it was recorded last of a unit that it flaps, or does so no more."""
    rows = [ms for ms, row in bench.rows if row[:4] == (w.RECORD, w.E_FLAPPING, unit, flapping)]
    return rows[-1]


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_F28_each_unit_of_a_pool_flaps_and_ends_by_itself_to_the_millisecond(unit: int) -> None:
    bench = group(primaries=2, attempts_window_s=5)
    fail(bench, 1000, 3, unit)
    assert flaps(bench) == [(unit, 1)]
    assert bench.engine.flapping.units == 1 << unit
    healthy = [ms for ms, row in bench.rows if row[:4] == (w.RECORD, w.E_HEALTH, unit, w.OK)]
    bench.run(6000)
    assert flaps(bench) == [(unit, 1), (unit, 0)]
    assert at(bench, unit, 0) - healthy[-1] == 5000
    assert bench.engine.flapping.units == 0


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 2), (2, 0)])
def test_F28_a_unit_that_flaps_longer_keeps_no_other_one_flapping(first: int, second: int) -> None:
    bench = group(primaries=2, attempts_window_s=5)
    fail(bench, 1000, 3, first)
    fail(bench, 1000, 3, second)
    assert bench.engine.flapping.units == 1 << first | 1 << second
    bench.run(2500)
    assert flaps(bench) == [(first, 1), (second, 1), (first, 0)]
    assert bench.engine.flapping.units == 1 << second
    bench.units[second] = w.FAILED
    bench.hurry()
    bench.run(12_000)
    assert bench.engine.flapping.units == 1 << second, "it is failed: another window begins"
    bench.units[second] = w.OK
    bench.hurry()
    bench.run(5100)
    assert bench.engine.flapping.units == 0


def test_F28_two_units_that_are_failed_at_a_time_are_noted_once_each() -> None:
    bench = group(primaries=2, attempts_window_s=5)
    for _ in range(2):
        for unit in (0, 1):
            bench.units[unit] = w.FAILED
            bench.hurry()
            bench.run(SOON_MS)
        bench.units[:2] = [w.OK, w.OK]
        bench.hurry()
        bench.run(SOON_MS)
    assert flaps(bench) == []
    fail(bench, 600, unit=1)
    assert flaps(bench) == [(1, 1)]
    fail(bench, 600, unit=0)
    assert flaps(bench) == [(1, 1), (0, 1)]


@pytest.mark.parametrize(("last_ms", "flapping"), [(2000, 1), (2001, 0)])
def test_F28_three_failures_of_which_the_last_comes_at_the_end_of_the_window_are_flapping(
    last_ms: int, flapping: int
) -> None:
    bench = group(attempts_window_s=5)
    fail(bench, 3000)
    fail(bench, last_ms)
    fail(bench, 1000)
    assert bool(flaps(bench)) == bool(flapping)
