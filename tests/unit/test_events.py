"""Events of many boards: placed in time, in order, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspare import memory, merge, wording
from hotspare_engine import names
from hotspare_engine import words as w
from tests import fakes, files

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
PLACE = wording.Place(("primary", "spare"), ("primary",), ("agent of spare", "crosslink-a", "pulse"))


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_a_clock_is_placed_in_the_middle_of_the_round_trip_with_half_of_it_as_error() -> None:
    offset = merge.Offset.between(1, 10_000, NOON, NOON + seconds(0.008))
    assert offset.at == NOON + seconds(0.004)
    assert offset.off_ms == 4 + merge.GRAIN_MS
    assert offset.time_of(9000) == NOON + seconds(0.004) - seconds(1)


def test_a_clock_that_wrapped_and_an_event_after_the_reading_are_placed() -> None:
    offset = merge.Offset.between(1, 500, NOON, NOON)
    assert offset.time_of(merge.CLOCK_SIZE - 500) == NOON - seconds(1)
    assert offset.time_of(1500) == NOON + seconds(1)


@given(st.integers(0, merge.CLOCK_SIZE - 1), st.integers(0, 10**8))
def test_an_event_is_as_old_as_the_clock_says_wherever_it_wraps(uptime_ms: int, ago_ms: int) -> None:
    offset = merge.Offset.between(1, uptime_ms, NOON, NOON)
    assert NOON - offset.time_of((uptime_ms - ago_ms) % merge.CLOCK_SIZE) == timedelta(milliseconds=ago_ms)


def event(board: str, number: int, boot: int, at_ms: int, offset: merge.Offset) -> merge.Event:
    fields = {"number": number, "boot": boot, "at_ms": at_ms, "kind": w.E_ARMED, "a": 1, "b": 0}
    return merge.placed(board, fields, offset, PLACE)


def test_events_of_two_boards_come_in_order_of_time_and_earlier_boots_first() -> None:
    young = merge.Offset.between(2, 1000, NOON, NOON)
    old = merge.Offset.between(7, 100_000, NOON, NOON)
    events = [event("a", 5, 2, 400, young), event("a", 4, 1, 9000, young), event("b", 9, 7, 99_300, old)]
    ordered = merge.in_order([*events, event("b", 10, 7, 99_500, old)])
    assert [(it.board, it.number) for it in ordered] == [("a", 4), ("b", 9), ("a", 5), ("b", 10)]
    assert ordered[0].as_plain()["time"] is None
    assert ordered[1].as_plain()["time"] == "2030-01-01T11:59:59.300+00:00"


def test_reading_goes_on_where_it_ended_and_counts_what_was_gone() -> None:
    group = files.pair().groups[0]
    fake = fakes.FakeBoard().configured(group)
    fake.events = [(number, number * 10, w.E_ARMED, 1, 0) for number in range(3)]
    board, _ = fakes.in_memory(fake)
    cursor = memory.Cursor()
    first = memory.read(group.boards[0], group, board, cursor, lambda: NOON)
    assert [it.number for it in first.events] == [0, 1, 2]
    assert memory.read(group.boards[0], group, board, cursor, lambda: NOON) == memory.Reading([], 0)
    fake.events = [(number, number * 10, w.E_ARMED, 1, 0) for number in range(7, 9)]
    later = memory.read(group.boards[0], group, board, cursor, lambda: NOON)
    assert [it.number for it in later.events] == [7, 8]
    assert later.missed == 4
    fake.restart()
    fake.events = [(0, 10, w.E_BOOT, 2, 2)]
    again = memory.read(group.boards[0], group, board, cursor, lambda: NOON)
    assert [it.text for it in again.events] == ["boot 2 after watchdog"]


@pytest.mark.parametrize(
    ("kind", "a", "b", "text"),
    [
        (w.E_BOOT, 0, 3, "boot 3 after power-on"),
        (w.E_STATE, w.SWITCHING, w.SF_W, "switching, by SF-W"),
        (w.E_STATE, w.NORMAL, w.NONE, "normal"),
        (w.E_HEALTH, 0, w.FAILED | w.WHY_SILENT << 8, "primary is failed: every path silent"),
        (w.E_PATH, 1, w.SILENT, "crosslink-a is silent"),
        (w.E_DRIVE, 0, w.AT_SPARE, "line primary to spare"),
        (w.E_WINNER, w.SF_W, w.I_DISARMED | 1 << 28, "SF-W, spare on line primary; held back by disarmed"),
        (
            w.E_WINNER,
            w.SF_W,
            (w.I_TOGETHER | 8 << 28) - (1 << 32),
            "SF-W, spare on line code 7; held back by other primaries may have failed or recovered at once",
        ),
        (w.E_WINNER, w.NR, 0, "NR, the line is the primary's"),
        (w.E_ASKED, w.MS, 1, "MS, unit spare"),
        (w.E_ASKED, w.CLEAR, 255 | 7 << 8, "clear, id 7"),
        (w.E_VERDICT, w.PREEMPTED, w.MS | 3 << 8, "MS, id 3: pre-empted"),
        (w.E_ALARMS, w.A_PATH | w.A_DISARMED, w.A_DISARMED | w.A_OUT, "raised: path lost; ended: out of use"),
        (w.E_TRIAL, w.T_BEGUN, 60, "begun, 60 s left"),
        (w.E_TRIAL, w.T_LAPSED, 0, "was not confirmed, the one before is back"),
        (w.E_MAINTENANCE, 1, 0, "the fall of a relay was accepted"),
        (w.E_CONFIGURED, 0x1234, 0x00AB, "hash 0x1234, was 0x00ab"),
        (w.E_TROUBLES, w.B_STATE, w.B_FILES, "raised: state not saved; ended: filesystem fails"),
        (w.E_SWITCHED, w.NONE, 14, "the line is the primary's, 14 ms from decision to contact"),
        (w.E_FLAPPING, 0, 1, "primary fails again and again"),
        (w.E_FLAPPING, 1, 0, "spare has not failed for attempts_window_s"),
        (w.E_NOISY, 1, 45 << 1 | 1, "crosslink-a loses 45 of 1000 beats"),
        (w.E_NOISY, 1, 14 << 1, "crosslink-a loses 14 of 1000 beats: quiet again"),
        (w.E_EXPIRING, w.LO, 3, "LO, id 3"),
        (w.E_LOCAL, 1, 0, "on: the spare is locked out"),
        (w.E_LINK, w.NONE, 4, "host, session 4"),
        (w.E_ALTERED, 2, w.WRONG_RATE, "pulse: wrong rate"),
        (99, 1, 2, "1, 2"),
    ],
)
def test_an_event_is_said_in_words(kind: int, a: int, b: int, text: str) -> None:
    assert wording.event_text(kind, a, b, PLACE) == text


@given(st.sampled_from(names.EVENTS), st.integers(-(2**31), 2**31 - 1), st.integers(-(2**31), 2**31 - 1))
def test_whatever_a_board_tells_can_be_said(row: tuple[int, str, str, str], a: int, b: int) -> None:
    assert wording.event_text(row[0], a, b, PLACE).isprintable()


def test_every_event_has_words() -> None:
    texts = {kind: wording.event_text(kind, 0, 0, PLACE) for kind, _, _, _ in names.EVENTS}
    assert "0, 0" not in texts.values()


def test_codes_of_a_newer_firmware_are_shown_as_they_are() -> None:
    assert wording.alarm_names(1 << 31) == ["bits 0x80000000"]
    assert wording.request_name(200) == "code 200"
    assert wording.verdict_name(200) == "code 200"
    assert wording.verdict_refuses(200)
    assert wording.pick(names.PATH_NAMES, 50) == "code 50"


def test_a_beacon_counts_its_own_unit_first_and_the_controller_second() -> None:
    group = files.pair().groups[0]
    beacon = next(board for board in group.boards if board.name == "beacon")
    place = memory.place_of(group, beacon, [(w.PATH_AGENT, 1), (w.PATH_CROSSLINK_A, 0)])
    assert place.units == ("primary", "controller")
    assert place.paths == ("agent of primary", "crosslink-a")
