"""The small parts of the engine: timers, lines, the outbox, standing requests, recent answers, snapshots, settings."""

import pytest

from hotspare_engine import settings, snapshots, timers
from hotspare_engine import words as w
from hotspare_engine.lines import Lines
from hotspare_engine.outbox import DRIVES_MAX, RECORDS_MAX, REPLIES_MAX, ROWS_MAX, Outbox
from hotspare_engine.resolver import DROP_LOCKOUT, Situation
from hotspare_engine.standing import RECENT_MAX, SLOTS_MAX, Recent, Standing
from hotspare_engine.timers import GRACE, STAY, WTR, Timers

# -- timers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step_ms", [1, 3, 7, 100])
def test_timers_end_in_the_step_in_which_their_time_is_over(step_ms: int) -> None:
    timing = Timers()
    timing.start(GRACE, 100)
    timing.elapsed(30)
    timing.start(WTR, 50)
    ended = {}
    for now_ms in range(30 + step_ms, 300, step_ms):
        mask = timing.elapsed(step_ms)
        for timer in range(timers.TIMERS):
            if mask >> timer & 1:
                ended[timer] = now_ms
    assert set(ended) == {GRACE, WTR}
    assert 100 <= ended[GRACE] < 100 + step_ms
    assert 80 <= ended[WTR] < 80 + step_ms


def test_a_timer_that_is_started_again_runs_anew_and_one_that_is_stopped_never_ends() -> None:
    timing = Timers()
    timing.start(STAY, 10)
    timing.elapsed(9)
    timing.start(STAY, 10)
    timing.start(WTR, 5)
    assert timing.left(STAY) == 10
    timing.elapsed(2)
    assert timing.stop(WTR) == 3
    assert not timing.runs(WTR)
    assert timing.elapsed(7) == 0
    assert timing.next_ms(1000) == 1
    assert timing.elapsed(1) == 1 << STAY
    assert timing.next_ms(1000) == 1000


def test_a_timer_of_no_time_does_not_run() -> None:
    timing = Timers()
    timing.start(WTR, 0)
    assert not timing.runs(WTR)


def test_ages_stay_small_integers_however_long_nothing_is_timed() -> None:
    timing = Timers()
    for _ in range(4):
        timing.elapsed(timers.FAR_MS // 2)
        assert timing.past_ms < timers.FAR_MS


# -- lines --------------------------------------------------------------------------------------------------------


def test_a_read_back_settles_after_it_has_rested_and_the_step_in_which_it_moved_does_not_count() -> None:
    lines = Lines(1, 5)
    lines.contact(0, w.AT_PRIMARY)
    assert not lines.elapsed(50)
    assert not lines.elapsed(4)
    assert lines.next_ms(1000) == 1
    assert lines.elapsed(1)
    assert lines.settled == [w.AT_PRIMARY]
    assert lines.next_ms(1000) == 1000


def test_bounce_is_no_news_but_leaving_and_coming_to_rest_are() -> None:
    lines = Lines(1, 3)
    assert lines.contact(0, w.AT_PRIMARY)
    assert [lines.elapsed(1) for _ in range(4)] == [0, 0, 0, 1]
    said = [lines.contact(0, position) for position in (w.BETWEEN, w.AT_PRIMARY, w.BETWEEN, w.AT_SPARE, w.BETWEEN)]
    assert said == [True, False, False, False, False]
    assert not lines.contact(0, w.AT_PRIMARY)
    assert [lines.elapsed(1) for _ in range(4)] == [0, 0, 0, 1], "a glitch comes to rest where it began"
    assert lines.contact(0, w.AT_SPARE)


def test_what_the_spare_carries_is_read_and_where_nothing_can_be_read_it_is_driven() -> None:
    lines = Lines(2, 0)
    assert lines.carried() == w.NONE
    lines.drive(1, w.AT_SPARE)
    assert lines.carried() == 1
    lines.contact(1, w.AT_PRIMARY)
    lines.elapsed(1)
    assert lines.carried() == w.NONE
    assert not lines.all_read()


# -- outbox -------------------------------------------------------------------------------------------------------


def test_events_give_way_to_answers_and_answers_to_commands() -> None:
    outbox = Outbox()
    for number in range(ROWS_MAX):
        outbox.put(w.RECORD, number)
    assert (outbox.count, outbox.lost) == (RECORDS_MAX, ROWS_MAX - RECORDS_MAX)
    for number in range(REPLIES_MAX):
        outbox.put(w.REPLY, number)
    assert outbox.count == RECORDS_MAX + REPLIES_MAX
    outbox.put(w.REPLY, 99)
    for line in range(DRIVES_MAX):
        outbox.put(w.DRIVE, line, w.AT_SPARE)
    assert outbox.count == ROWS_MAX
    assert outbox.row(ROWS_MAX - 1)[:3] == (w.DRIVE, DRIVES_MAX - 1, w.AT_SPARE)
    outbox.clear()
    assert outbox.count == 0


def test_send_and_save_are_wanted_once() -> None:
    outbox = Outbox()
    for _ in range(3):
        outbox.put(w.SEND)
        outbox.put(w.SAVE)
    assert [outbox.row(place)[0] for place in range(outbox.count)] == [w.SEND, w.SAVE]
    outbox.clear()
    outbox.put(w.SAVE)
    assert outbox.count == 1


# -- standing requests --------------------------------------------------------------------------------------------


def test_requests_that_expire_together_are_told_one_after_the_other_at_once() -> None:
    standing = Standing()
    first = standing.add(w.OUT, 0, w.NONE, 2, 11, 0)
    second = standing.add(w.LO, 1, w.NONE, 2, 12, 0)
    kept = standing.add(w.OUT, 1, w.NONE, 0, 13, 0)
    alarmed = {standing.elapsed(1999)}
    standing.expiring[next(iter(alarmed))] = 1
    alarmed.add(standing.elapsed(0))
    assert alarmed == {first, second}
    standing.expiring[first] = standing.expiring[second] = 1
    assert standing.elapsed(0) == w.NONE
    expired = {standing.elapsed(1)}
    standing.remove(next(iter(expired)))
    expired.add(standing.elapsed(0))
    assert expired == {first, second}
    standing.remove(first if standing.request[first] else second)
    assert standing.elapsed(0) == w.NONE
    assert standing.slots() == [kept]
    assert standing.timed == 0


@pytest.mark.parametrize("step_ms", [1, 999, 1000, 2500, 60_000])
def test_a_request_does_not_expire_before_its_time_and_at_most_a_step_after_it(step_ms: int) -> None:
    standing = Standing()
    standing.part_ms = 700  # left over from an earlier one
    standing.add(w.OUT, 0, w.NONE, 3, 1, 0)
    passed_ms = 0
    standing.expiring[0] = 1
    while standing.elapsed(step_ms) == w.NONE:
        passed_ms += step_ms
    assert 3000 - step_ms <= passed_ms < 3000


def test_slots_are_bounded_and_ids_are_never_0() -> None:
    standing = Standing()
    standing.next_id = 65535
    slots = [standing.add(w.OUT, unit, w.NONE, 0, 1, 0) for unit in range(SLOTS_MAX)]
    assert sorted(slots) == list(range(SLOTS_MAX))
    assert standing.add(w.LO, 0, w.NONE, 0, 1, 0) == w.NONE
    assert standing.id[:2] == [65535, 1]


def test_dropping_the_service_is_remembered_for_each_request_by_itself() -> None:
    standing = Standing()
    s = Situation(2)
    standing.add(w.OUT, 1, w.NONE, 0, 1, w.DROP_SERVICE)
    standing.add(w.LO, 2, w.NONE, 0, 1, 0)
    standing.describe(s)
    assert (s.out, s.lockout, s.drop) == (2, 1, 2)
    standing.remove(standing.find(w.LO))
    standing.add(w.LO, 2, w.NONE, 0, 1, w.DROP_SERVICE)
    standing.describe(s)
    assert s.drop == 2 | DROP_LOCKOUT


def test_the_newest_answers_are_kept_and_a_later_one_takes_the_place_of_its_first() -> None:
    recent = Recent()
    assert recent.find(0) == w.NONE
    for token in range(RECENT_MAX + 1):
        recent.note((token, w.ACCEPTED, 1, 0, 0, 0))
    assert recent.find(0) == w.NONE
    recent.note((3, w.DONE, 1, 0, 15, 0))
    assert recent.answer(recent.find(3)) == (3, w.DONE, 1, 0, 15, 0)
    assert [recent.find(token) != w.NONE for token in range(1, RECENT_MAX + 1)] == [True] * RECENT_MAX


# -- snapshots and settings ---------------------------------------------------------------------------------------


class Part:
    FIELDS = ("number", "row")

    def __init__(self) -> None:
        self.number = 1
        self.row = [2, 3]


def test_a_snapshot_puts_numbers_and_lists_back_in_place() -> None:
    part = Part()
    row = part.row
    values = snapshots.take([(part, Part.FIELDS)])
    assert values == (1, 2, 3)
    part.number, part.row[0] = 9, 9
    snapshots.give([(part, Part.FIELDS)], values)
    assert (part.number, part.row) == (1, [2, 3])
    assert part.row is row


def test_every_setting_has_its_default_within_its_limits_and_stays_a_small_integer() -> None:
    assert settings.first_bad(settings.defaults()) == -1
    assert settings.first_bad(settings.defaults()[:-1]) == len(settings.SETTINGS)
    for place, (name, _, least, most) in enumerate(settings.SETTINGS):
        assert settings.index(name) == place
        assert name in settings.Settings.__annotations__
        assert most * (1000 if name.endswith("_s") else 1) < 1 << 29
        for bad in (least - 1, most + 1):
            values = list(settings.defaults())
            values[place] = bad
            assert settings.first_bad(values) == place
    with pytest.raises(ValueError, match="no_such"):
        settings.index("no_such")
