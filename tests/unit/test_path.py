"""A path and the read-backs of lines by themselves, at their limits: rates, late beats, loss, trouble, bounce."""

from typing import Any

import pytest

from hotspare_engine import words as w
from hotspare_engine.lines import LONG_AGO_MS, Lines
from hotspare_engine.path import (
    ALTERED_RUN,
    GAP_MAX,
    LOSS_ALL,
    SEEN_ALIVE,
    SEEN_ALTERED,
    SEEN_BAD,
    SEEN_DOUBTED,
    SEEN_LEAVING,
    TROUBLE_IMPAIRED,
    TROUBLE_STEP,
    Path,
)

INTERVAL_MS, BEATS = 100, 5
DEAD_MS = INTERVAL_MS * BEATS
BEAT_MS = 90


def hear(path: Path, gap_ms: int, count: int = 1, report: int = w.OK, flags: int = w.ECHOED) -> bool:
    """Take so many beats that came in one step, so long after the one before."""
    path.fresh += count
    path.heard_report, path.heard_flags, path.heard_s = report, flags, 0
    return bool(path.take(gap_ms))


@pytest.fixture
def path() -> Path:
    """Return a path that was heard well."""
    made = Path(w.PATH_CROSSLINK_A, 0, 1, INTERVAL_MS, BEATS)
    hear(made, 0)
    assert not hear(made, BEAT_MS)
    return made


# -- beats --------------------------------------------------------------------------------------------------------


def test_good_late_and_altered_beats_are_counted_one_by_one(path: Path) -> None:
    assert (path.good, path.late, path.altered_count) == (2, 0, 0)
    hear(path, BEAT_MS, count=3)
    hear(path, 2 * INTERVAL_MS + 1)
    hear(path, 2 * INTERVAL_MS + 1)
    path.count_altered()
    path.count_altered()
    assert (path.good, path.late, path.altered_count) == (7, 2, 2)


def test_a_beat_is_late_after_more_than_two_intervals(path: Path) -> None:
    hear(path, 2 * INTERVAL_MS)
    assert path.late == 0
    hear(path, 2 * INTERVAL_MS + 1)
    assert path.late == 1
    path.wait_ms = path.dead_ms + 500
    hear(path, 2 * INTERVAL_MS + 500)
    assert path.late == 1, "a silence that was announced makes no beat late"


@pytest.mark.parametrize(("flags", "one_way"), [(w.ECHOED, 0), (0, 1), (w.ECHOED | w.NOISY, 0), (w.NOISY, 1)])
def test_who_does_not_echo_us_does_not_hear_us(path: Path, flags: int, one_way: int) -> None:
    hear(path, BEAT_MS, flags=flags)
    assert path.one_way == one_way


# -- rate ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gap_ms", "count", "altered"), [(49, 1, True), (50, 1, False), (BEAT_MS, 2, True)])
def test_beats_sooner_than_half_an_interval_or_several_at_once_are_a_wrong_rate_in_a_run(
    path: Path, gap_ms: int, count: int, altered: bool
) -> None:
    for _ in range(ALTERED_RUN // count - 1):
        hear(path, gap_ms, count)
        assert path.altered_run == 0
    hear(path, gap_ms, count)
    assert path.fast_run >= ALTERED_RUN or not altered
    assert (path.altered_run == ALTERED_RUN) == altered


def test_one_beat_in_time_ends_a_run_of_fast_ones_and_the_next_run_begins_at_nothing(path: Path) -> None:
    for _ in range(ALTERED_RUN - 1):
        hear(path, 20)
    hear(path, BEAT_MS)
    assert (path.fast_run, path.altered_run) == (0, 0)
    for _ in range(ALTERED_RUN - 1):
        hear(path, 20)
    assert path.altered_run == 0


def test_a_path_is_altered_no_more_when_a_dead_time_has_passed_since_the_last_altered_beat(path: Path) -> None:
    for _ in range(ALTERED_RUN):
        path.count_altered()
    path.altered = 1
    assert not path.calm(70), "in this step it came"
    assert path.altered_ms == 0
    assert not path.calm(DEAD_MS - 1)
    assert path.calm(1)
    assert (path.altered, path.altered_run, path.fast_run) == (0, 0, 0)


# -- trouble ------------------------------------------------------------------------------------------------------


def test_trouble_begins_at_its_limit_and_not_before_and_is_said_when_it_does(path: Path) -> None:
    steps = -(-TROUBLE_IMPAIRED // TROUBLE_STEP)
    for _ in range(steps - 1):
        assert not path.disturb(1)
    path.trouble = TROUBLE_IMPAIRED - 1 - TROUBLE_STEP
    assert not path.disturb(1)
    path.trouble = TROUBLE_IMPAIRED - TROUBLE_STEP
    assert path.disturb(1)
    assert path.troubled == 1
    assert not path.disturb(1), "it goes on"


def test_trouble_is_over_when_so_many_good_beats_came_as_it_weighs(path: Path) -> None:
    path.disturb(3)
    beats = path.trouble
    assert (beats, path.complaint()) == (3 * TROUBLE_STEP, w.WHY_TROUBLE)
    for _ in range(beats - 1):
        assert not hear(path, BEAT_MS)
    assert path.troubled
    assert hear(path, BEAT_MS), "that it is over is news"
    assert (path.troubled, path.complaint()) == (0, w.WHY_NOTHING)


# -- loss ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("missed", "counts"), [(0, False), (1, True), (GAP_MAX, True), (GAP_MAX + 1, False)])
def test_a_short_gap_in_the_sequence_of_a_live_path_is_loss_and_a_long_one_an_interruption(
    path: Path, missed: int, counts: bool
) -> None:
    path.missed = missed
    hear(path, BEAT_MS)
    assert bool(path.loss) == counts
    assert path.missed == 0


def test_what_is_missed_while_a_path_was_silent_is_no_loss(path: Path) -> None:
    path.state = w.SILENT
    path.missed = 1
    hear(path, BEAT_MS)
    assert path.loss == 0


def test_a_path_is_noisy_above_its_limit_and_quiet_below_half_of_it(path: Path) -> None:
    path.loss_max = path.loss + (LOSS_ALL - path.loss >> 8)
    assert not path.lose(1), "at the limit it is not"
    path.loss_max -= 1
    assert path.lose(1)
    assert not path.lose(1), "it is already"
    assert path.noisy == 1
    path.loss_max = 1000
    path.loss = 505
    hear(path, BEAT_MS)
    assert (path.loss, path.noisy) == (503, 1)
    path.loss = 502
    hear(path, BEAT_MS)
    assert (path.loss, path.noisy) == (500, 1), "half of it is not below half"
    path.loss = 501
    assert hear(path, BEAT_MS)
    assert (path.loss, path.noisy) == (499, 0)


def test_the_last_of_a_loss_goes_with_the_next_beat(path: Path) -> None:
    path.loss = 256
    hear(path, BEAT_MS)
    assert path.loss == 255
    path.loss = 1
    hear(path, BEAT_MS)
    assert path.loss == 0


# -- what a path shows --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("report", "flags", "bits"),
    [
        (w.LEAVING, w.ECHOED, SEEN_ALIVE | SEEN_LEAVING),
        (w.FAILED, w.ECHOED, SEEN_ALIVE | SEEN_BAD),
        (w.FAILED, w.ECHOED | w.NOISY, SEEN_ALIVE | SEEN_DOUBTED),
        (w.UNKNOWN, w.ECHOED, SEEN_ALIVE),
    ],
)
def test_a_bad_word_of_a_live_path_is_seen_beside_that_it_lives_and_is_altered(
    path: Path, report: int, flags: int, bits: int
) -> None:
    hear(path, BEAT_MS, report=report, flags=flags)
    assert path.seen() == bits
    path.altered = 1
    assert path.seen() == bits | SEEN_ALTERED


@pytest.mark.parametrize(
    ("kind", "flags", "why"),
    [
        (w.PATH_CROSSLINK_A, w.ECHOED, w.WHY_REPORTED),
        (w.PATH_CROSSLINK_A, w.ECHOED | w.DEGRADED, w.WHY_DEGRADED),
        (w.PATH_AGENT, w.ECHOED, w.WHY_DEGRADED),
    ],
)
def test_impaired_by_its_own_word_is_degraded_and_by_its_beacons_is_reported(kind: int, flags: int, why: int) -> None:
    path = Path(kind, 0, 1, INTERVAL_MS, BEATS)
    hear(path, 0, report=w.IMPAIRED, flags=flags)
    assert path.complaint() == why


# -- lines --------------------------------------------------------------------------------------------------------


def lines(count: int = 2, **values: Any) -> Lines:
    return Lines(count, 5, **values)


@pytest.mark.parametrize("line", [0, 1])
def test_a_read_back_is_believed_when_it_has_rested_for_its_time_after_the_step_in_which_it_was_read(line: int) -> None:
    it = lines()
    assert it.contact(line, w.AT_PRIMARY)
    assert it.next_ms(1000) == 0
    assert it.elapsed(50) == 0, "it was read at the end of that"
    assert it.next_ms(1000) == 5
    assert it.elapsed(4) == 0
    assert (it.next_ms(1000), it.settled[line]) == (1, w.NONE)
    assert it.elapsed(1) == 1 << line
    assert (it.next_ms(1000), it.settled[line]) == (1000, w.AT_PRIMARY)


def test_contacts_that_come_to_rest_in_one_step_are_told_each() -> None:
    it = lines()
    it.contact(0, w.AT_PRIMARY)
    it.contact(1, w.AT_SPARE)
    it.elapsed(1)
    assert it.elapsed(5) == 0b11
    assert it.all_read()


def test_a_contact_that_bounces_is_news_once_and_rests_when_it_has_done_so() -> None:
    it = lines(1)
    assert it.contact(0, w.AT_PRIMARY)
    it.elapsed(1)
    it.elapsed(5)
    assert not it.contact(0, w.AT_PRIMARY), "that it is where it was is no news"
    assert it.contact(0, w.BETWEEN)
    for position in (w.AT_SPARE, w.BETWEEN, w.AT_SPARE):
        it.elapsed(4)
        assert not it.contact(0, position), "it bounces"
    it.elapsed(4)
    assert it.elapsed(4) == 0
    assert it.elapsed(1) == 1
    assert it.told == it.settled == [w.AT_SPARE]
    assert it.contact(0, w.AT_PRIMARY), "the next one is news again"
    assert it.told == [w.AT_PRIMARY]


def test_lines_that_were_never_read_rest_nowhere_and_are_not_waited_for() -> None:
    it = lines()
    assert it.elapsed(100) == 0
    assert it.next_ms(1000) == 1000
    assert not it.all_read()


def test_the_time_since_a_coil_was_commanded_ends_at_long_ago() -> None:
    it = lines(1)
    assert it.coil_ms == [LONG_AGO_MS]
    it.elapsed(100)
    assert it.coil_ms == [LONG_AGO_MS], "it stays a small integer"
    it.drive(0, w.AT_SPARE)
    it.elapsed(7)
    assert it.coil_ms == [7]


def test_lines_at_the_spare_are_counted_one_left_out() -> None:
    it = lines(3)
    for line in range(3):
        it.contact(line, w.AT_SPARE)
    it.elapsed(1)
    it.elapsed(5)
    assert it.at_spare() == 3
    assert it.at_spare(1) == 2
    assert it.carried() == 0
