"""What a board makes of what it hears besides health: refused frames, conflicts, stalls, differing boards, cables."""

from collections.abc import Callable

import pytest

from hotspare_engine import words as w
from hotspare_engine.engine import Engine
from hotspare_engine.listener import REFUSED_ALARM, Listener
from hotspare_engine.settings import defaults
from hotspare_engine.timers import CONFLICT_HOLD_MS, REFUSED_MS, STALL_ALARM_MS
from hotspare_engine.watch import CONTROLLER, OWN, Watch

INTERVAL_MS, BEATS = 100, 5
BEAT_MS = 90


def engine() -> Engine:
    paths = ((w.PATH_CROSSLINK_A, 0, 1, INTERVAL_MS, BEATS), (w.PATH_AGENT, 1, 101, INTERVAL_MS, BEATS))
    return Engine(defaults(), 1, 1, paths)


def watch() -> Watch:
    paths = ((w.PATH_CROSSLINK_A, CONTROLLER, 2, INTERVAL_MS, BEATS), (w.PATH_AGENT, OWN, 100, INTERVAL_MS, BEATS))
    return Watch(defaults(), paths)


BOTH = pytest.mark.parametrize("make", [engine, watch])


def let(it: Listener, ms: int, flags: int = w.ECHOED) -> None:
    """Let time pass in which every path is heard well."""
    while ms > 0:
        for path in range(len(it.health.paths)):
            it.heard(path, w.OK, flags)
        it.elapsed(min(ms, BEAT_MS))
        ms -= BEAT_MS


def told(it: Listener, *kinds: int) -> list[tuple[int, ...]]:
    """Return what was recorded of these kinds since the last time."""
    rows = [it.outbox.row(place) for place in range(it.outbox.count)]
    it.outbox.clear()
    assert all(len(row) == 7 and row[1] >= 0 for row in rows)
    return [row[1:4] for row in rows if row[0] == w.RECORD and row[1] in kinds]


def well(make: Callable[[], Listener]) -> Listener:
    it = make()
    let(it, 1000)
    told(it)
    assert not it.alarms & (w.A_REFUSED | w.A_CONFLICT | w.A_STALLED | w.A_DIFFERS)
    return it


# -- refused frames -----------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("path", [w.NONE, 0, 1])
def test_of_refused_frames_the_first_the_tenth_and_the_sum_of_a_minute_are_recorded(
    make: Callable[[], Listener], path: int
) -> None:
    it = well(make)
    rows = []
    for _ in range(REFUSED_ALARM + 5):
        it.refused(path)
        rows += told(it, w.E_REFUSED_FRAMES)
    assert rows == [(w.E_REFUSED_FRAMES, path, 1), (w.E_REFUSED_FRAMES, path, REFUSED_ALARM)]
    let(it, REFUSED_MS - BEAT_MS)
    assert told(it, w.E_REFUSED_FRAMES) == []
    let(it, 2 * BEAT_MS)
    assert told(it, w.E_REFUSED_FRAMES) == [(w.E_REFUSED_FRAMES, path, REFUSED_ALARM + 5)]
    let(it, 2 * REFUSED_MS)
    assert told(it, w.E_REFUSED_FRAMES) == [], "of a minute without any there is no word"
    it.refused(path)
    assert told(it, w.E_REFUSED_FRAMES) == [(w.E_REFUSED_FRAMES, path, 1)], "and it is counted anew"


@BOTH
@pytest.mark.parametrize("path", [w.NONE, 0, 1])
def test_ten_refused_frames_of_a_minute_on_one_path_are_an_alarm_until_a_quiet_minute_has_passed(
    make: Callable[[], Listener], path: int
) -> None:
    it = well(make)
    for _ in range(REFUSED_ALARM - 1):
        it.refused(path)
    let(it, BEAT_MS)
    assert not it.alarms & w.A_REFUSED
    it.refused(path)
    assert it.next_ms() == 0, "it is alarmed at once"
    let(it, BEAT_MS)
    assert it.alarms & w.A_REFUSED
    let(it, REFUSED_MS + BEAT_MS)
    assert it.alarms & w.A_REFUSED, "the minute in which there were so many is over, and none has passed without"
    let(it, REFUSED_MS)
    assert not it.alarms & w.A_REFUSED


def test_few_refused_frames_on_each_of_several_paths_are_no_alarm_and_told_of_each() -> None:
    it = well(engine)
    for _ in range(REFUSED_ALARM - 1):
        for path in (w.NONE, 0, 1):
            it.refused(path)
    told(it)
    let(it, BEAT_MS)
    assert not it.alarms & w.A_REFUSED
    let(it, REFUSED_MS)
    expected = [(w.E_REFUSED_FRAMES, path, REFUSED_ALARM - 1) for path in (w.NONE, 0, 1)]
    assert told(it, w.E_REFUSED_FRAMES) == expected


def test_one_refused_frame_in_a_minute_is_told_once() -> None:
    it = well(engine)
    it.refused(0)
    let(it, 2 * REFUSED_MS)
    assert told(it, w.E_REFUSED_FRAMES) == [(w.E_REFUSED_FRAMES, 0, 1)]


def test_two_refused_frames_in_a_minute_are_summed() -> None:
    it = well(engine)
    it.refused(0)
    it.refused(0)
    let(it, 2 * REFUSED_MS)
    assert told(it, w.E_REFUSED_FRAMES) == [(w.E_REFUSED_FRAMES, 0, 1), (w.E_REFUSED_FRAMES, 0, 2)]


def test_a_flood_that_goes_on_stays_alarmed_and_is_summed_each_minute() -> None:
    it = well(engine)
    for _ in range(3):
        for _ in range(REFUSED_ALARM):
            it.refused(1)
        let(it, REFUSED_MS)
        assert it.alarms & w.A_REFUSED
    sums = [row for row in told(it, w.E_REFUSED_FRAMES) if row[2] == REFUSED_ALARM]
    assert len(sums) >= 5, "the tenth and the sum, each minute"


# -- conflicts ----------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("path", [0, 1])
def test_f22_a_conflict_is_told_with_its_path_and_ends_when_it_was_not_heard_for_its_time(
    make: Callable[[], Listener], path: int
) -> None:
    it = well(make)
    it.heard(path, w.OK, w.ECHOED | w.CONFLICT)
    it.elapsed(BEAT_MS)
    assert it.alarms & w.A_CONFLICT
    assert told(it, w.E_CONFLICT) == [(w.E_CONFLICT, 1, path)]
    it.heard(path, w.OK, w.ECHOED | w.CONFLICT)
    let(it, CONFLICT_HOLD_MS)
    assert it.alarms & w.A_CONFLICT
    assert told(it, w.E_CONFLICT) == [], "that it goes on is no news"
    let(it, 2 * BEAT_MS)
    assert not it.alarms & w.A_CONFLICT
    assert told(it, w.E_CONFLICT) == [(w.E_CONFLICT, 0, 0)]


# -- own stalls ---------------------------------------------------------------------------------------------------


@BOTH
def test_f17_an_own_stall_is_counted_told_and_alarmed_for_its_time(make: Callable[[], Listener]) -> None:
    it = well(make)
    it.elapsed(250)
    assert told(it, w.E_STALL) == [(w.E_STALL, 250, INTERVAL_MS)]
    assert it.stalls == 1
    assert it.alarms & w.A_STALLED
    let(it, STALL_ALARM_MS // 2)
    it.elapsed(300)
    assert (told(it, w.E_STALL), it.stalls) == ([(w.E_STALL, 300, INTERVAL_MS)], 2)
    let(it, STALL_ALARM_MS - BEAT_MS)
    assert it.alarms & w.A_STALLED
    let(it, 2 * BEAT_MS)
    assert not it.alarms & w.A_STALLED


def test_a_stall_and_a_conflict_in_one_step_are_both_told() -> None:
    it = well(engine)
    it.heard(0, w.OK, w.ECHOED | w.CONFLICT)
    it.elapsed(250)
    assert told(it, w.E_STALL, w.E_CONFLICT) == [(w.E_STALL, 250, INTERVAL_MS), (w.E_CONFLICT, 1, 0)]
    assert it.alarms & (w.A_STALLED | w.A_CONFLICT) == w.A_STALLED | w.A_CONFLICT


# -- differing boards, alarms, altered beats ----------------------------------------------------------------------


@BOTH
def test_f21_that_boards_differ_and_are_equal_again_is_told_once_each(make: Callable[[], Listener]) -> None:
    it = well(make)
    let(it, 500, w.ECHOED | w.DIFFERS)
    assert told(it, w.E_DIFFERS) == [(w.E_DIFFERS, 1, 0)]
    assert it.alarms & w.A_DIFFERS
    let(it, 500)
    assert told(it, w.E_DIFFERS) == [(w.E_DIFFERS, 0, 0)]
    assert not it.alarms & w.A_DIFFERS


@BOTH
def test_alarms_are_told_with_those_that_stood_before(make: Callable[[], Listener]) -> None:
    it = well(make)
    before = it.alarms
    it.elapsed(250)
    stalled = before | w.A_STALLED
    assert told(it, w.E_ALARMS) == [(w.E_ALARMS, stalled, before)]
    it.heard(0, w.OK, w.ECHOED | w.CONFLICT)
    it.elapsed(BEAT_MS)
    both = [row for row in told(it, w.E_ALARMS) if row[1] & w.A_CONFLICT]
    assert both == [(w.E_ALARMS, it.alarms, stalled)]


@BOTH
def test_f27_altered_beats_reach_the_record_with_how_they_were_altered(make: Callable[[], Listener]) -> None:
    it = well(make)
    for _ in range(20):
        it.altered(1, w.OUT_OF_ORDER)
    assert set(told(it, w.E_ALTERED)) == {(w.E_ALTERED, 1, w.OUT_OF_ORDER)}


@pytest.mark.parametrize("path", [0, 1])
def test_a_cable_that_goes_and_comes_is_told_and_one_that_is_there_from_the_start_is_not(path: int) -> None:
    it = well(engine)
    it.cable(path, 1)
    assert told(it, w.E_CABLE) == []
    it.cable(path, 0)
    it.cable(path, 0)
    it.cable(path, 1)
    assert told(it, w.E_CABLE) == [(w.E_CABLE, path, 0), (w.E_CABLE, path, 1)]
    other = well(engine)
    other.cable(path, 0)
    assert told(other, w.E_CABLE) == [(w.E_CABLE, path, 0)], "one that is missing from the start is news"


def test_when_boot_grace_ends_what_was_never_heard_has_failed() -> None:
    it = engine()
    grace_ms = it.settings.boot_grace_s * 1000
    for _ in range(grace_ms // BEAT_MS):
        it.elapsed(BEAT_MS)
    assert not it.health.grace_over
    it.elapsed(BEAT_MS)
    assert it.health.grace_over
    assert it.health.units[0].why == w.WHY_NEVER_HEARD


def test_a_planned_stop_of_no_duration_is_given_the_longest_one() -> None:
    it = well(engine)
    it.heard(0, w.LEAVING, w.ECHOED)
    it.elapsed(BEAT_MS)
    assert it.health.units[0].leaving_ms == it.settings.leaving_max_s * 1000
