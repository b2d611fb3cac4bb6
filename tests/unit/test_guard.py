"""The guard by itself: what a contact that does not do as it is told is taken for, line by line, and how that ends."""

from typing import Any

import pytest

from hotspare_engine import words as w
from hotspare_engine.guard import ASTRAY, FELL, KEPT, NOTED, Guard
from hotspare_engine.lines import Lines
from hotspare_engine.outbox import Outbox
from hotspare_engine.settings import Settings, defaults, index

STEADY_MS = 5
COIL_MS = 100
LINES = pytest.mark.parametrize("line", [0, 1])


class Guarded:
    """A guard of two lines, both at rest at their primaries and looked at."""

    def __init__(self, switch: int = w.CHANGEOVER, **values: Any) -> None:
        chosen = list(defaults())
        for name, value in {"coil_min_ms": COIL_MS, **values}.items():
            chosen[index(name)] = value
        self.lines = Lines(2, STEADY_MS, switch)
        self.outbox = Outbox()
        self.drives: list[tuple[int, int]] = []
        self.guard = Guard(self.lines, Settings(tuple(chosen)), self.outbox, self.drive)
        self.guard.due = 0
        for line in (0, 1):
            self.drive(line, w.AT_PRIMARY)
            self.move(line, w.AT_PRIMARY)
        self.drives.clear()
        assert self.look() == KEPT
        assert self.told() == []

    def drive(self, line: int, position: int) -> None:
        self.drives.append((line, position))
        self.lines.drive(line, position)

    def move(self, line: int, position: int) -> None:
        """A contact goes somewhere and rests there; by then every coil has rested too."""
        self.lines.contact(line, position)
        self.lines.elapsed(1)
        self.lines.elapsed(COIL_MS)
        assert self.lines.settled[line] == position

    def at_spare(self, line: int) -> None:
        self.drive(line, w.AT_SPARE)
        self.move(line, w.AT_SPARE)
        assert self.look() == KEPT
        self.drives.clear()

    def look(self, starting: bool = False) -> int:
        return self.guard.look(starting)

    def told(self) -> list[tuple[int, ...]]:
        """Return what was recorded since the last time."""
        rows = [self.outbox.row(place) for place in range(self.outbox.count)]
        assert all(row[0] == w.RECORD for row in rows)
        self.outbox.clear()
        return [row[1:4] for row in rows]

    def marks(self) -> tuple[int, int, int]:
        return self.guard.unread, self.guard.astray, self.guard.torn


# -- falls --------------------------------------------------------------------------------------------------------


@LINES
def test_f36_a_contact_that_left_the_spare_fell_and_its_drive_follows(line: int) -> None:
    it = Guarded()
    it.at_spare(line)
    it.move(line, w.AT_PRIMARY)
    assert it.look() == FELL
    assert it.told() == [(w.E_FELL, line, w.AT_PRIMARY)]
    assert it.drives == [(line, w.AT_PRIMARY)]
    assert (it.guard.fell, it.guard.fault, it.guard.falls) == (1, 0, 1)
    assert it.look() == KEPT


@LINES
def test_a_coil_that_was_just_commanded_is_followed_when_its_least_time_is_over_and_not_before(line: int) -> None:
    it = Guarded()
    it.drive(line, w.AT_SPARE)
    it.lines.elapsed(COIL_MS - 1)
    it.drives.clear()
    assert it.look() == KEPT
    assert (it.guard.due, it.guard.next_ms(1000)) == (1, 1), "the contact never left"
    it.lines.elapsed(1)
    assert it.guard.next_ms(1000) == 0
    assert it.look() == FELL
    assert (it.guard.due, it.drives) == (0, [(line, w.AT_PRIMARY)])


def test_what_does_as_it_is_told_or_is_at_fault_already_is_waited_for_by_nobody() -> None:
    it = Guarded()
    it.drive(0, w.AT_PRIMARY)
    assert it.guard.next_ms(1000) == 1000
    it.move(0, w.AT_SPARE)
    it.move(1, w.BETWEEN)
    it.look()
    assert it.marks() == (0b10, 0b01, 0)
    it.lines.drive(0, w.AT_PRIMARY)
    it.lines.drive(1, w.AT_PRIMARY)
    assert it.guard.next_ms(1000) == 1000
    it.drive(1, w.AT_SPARE)
    it.guard.unread = 0
    assert it.guard.next_ms(1000) == COIL_MS
    assert it.guard.next_ms(50) == 50


@LINES
def test_f36_a_relay_that_falls_as_often_as_it_may_is_at_fault_and_the_record_says_so(line: int) -> None:
    it = Guarded(attempts_max=2)
    for fall in (1, 2):
        it.at_spare(line)
        it.told()
        it.move(line, w.AT_PRIMARY)
        assert it.look() == FELL
        assert it.guard.falls == fall
    assert it.guard.fault == 1
    assert it.told() == [(w.E_FELL, line, w.AT_PRIMARY), (w.E_HELD, line, w.AT_PRIMARY)]


@LINES
def test_a_contact_of_two_that_hangs_between_fell_if_it_was_driven_to_the_spare_and_strayed_if_not(line: int) -> None:
    it = Guarded(switch=w.FENCED_FEED)
    it.at_spare(line)
    it.move(line, w.BETWEEN)
    assert it.look() == FELL
    assert it.told() == [(w.E_FELL, line, w.BETWEEN)]
    other = Guarded(switch=w.FENCED_FEED)
    other.move(line, w.BETWEEN)
    assert other.look() == ASTRAY
    assert other.told() == [(w.E_FELL, line, w.BETWEEN), (w.E_HELD, line, w.BETWEEN)]


# -- strays -------------------------------------------------------------------------------------------------------


@LINES
def test_f8_a_contact_that_reached_the_spare_by_itself_is_at_fault_once(line: int) -> None:
    it = Guarded()
    it.move(line, w.AT_SPARE)
    assert it.look() == ASTRAY
    assert it.told() == [(w.E_FELL, line, w.AT_SPARE), (w.E_HELD, line, w.AT_SPARE)]
    assert (it.guard.fault, it.guard.fell, it.marks()) == (1, 1, (0, 1 << line, 0))
    assert (it.look(), it.told(), it.drives) == (KEPT, [], [])
    it.move(line, w.AT_PRIMARY)
    assert it.look() == NOTED, "it came back"
    assert (it.guard.fault, it.marks()) == (1, (0, 0, 0)), "a fault is cleared by a person"


def test_two_contacts_that_strayed_are_marked_each_and_come_back_each() -> None:
    it = Guarded()
    for line in (0, 1):
        it.move(line, w.AT_SPARE)
        assert it.look() == ASTRAY
    assert it.marks() == (0, 0b11, 0)
    it.move(0, w.AT_PRIMARY)
    assert it.look() == NOTED
    assert it.marks() == (0, 0b10, 0)


@LINES
def test_a_contact_that_strayed_and_then_falls_is_astray_no_more(line: int) -> None:
    it = Guarded(switch=w.FENCED_FEED)
    it.move(line, w.BETWEEN)
    assert it.look() == ASTRAY
    it.drive(line, w.AT_SPARE)
    it.lines.elapsed(COIL_MS)
    assert it.look() == FELL
    assert it.marks() == (0, 0, 0)


# -- read-backs that say nothing ----------------------------------------------------------------------------------


@LINES
@pytest.mark.parametrize("shown", [w.BETWEEN, w.AT_BOTH])
def test_f6_a_read_back_that_says_neither_or_both_is_noted_once_and_holds_nothing(line: int, shown: int) -> None:
    it = Guarded()
    it.move(line, shown)
    assert it.look() == NOTED
    assert (it.marks(), it.guard.fault) == ((1 << line, 0, 0), 0)
    assert it.look() == KEPT
    it.move(1 - line, shown)
    assert it.look() == NOTED
    assert it.marks() == (0b11, 0, 0)
    it.move(line, w.AT_PRIMARY)
    assert it.look() == NOTED
    assert it.marks() == (1 << 1 - line, 0, 0)
    assert (it.look(), it.told()) == (KEPT, [])


@LINES
def test_f6_a_read_back_that_speaks_again_and_shows_another_place_is_judged_by_that(line: int) -> None:
    it = Guarded()
    it.at_spare(line)
    it.move(line, w.AT_BOTH)
    it.move(1 - line, w.AT_BOTH)
    assert it.look() == NOTED
    it.move(line, w.AT_PRIMARY)
    assert it.look() == FELL
    assert it.marks() == (1 << 1 - line, 0, 0)


def test_the_gravest_of_what_is_found_counts_whichever_line_it_is() -> None:
    for first, second in ((w.AT_SPARE, w.BETWEEN), (w.BETWEEN, w.AT_SPARE)):
        it = Guarded()
        it.move(0, first)
        it.move(1, second)
        assert it.look() == ASTRAY


# -- torn poles ---------------------------------------------------------------------------------------------------


@LINES
@pytest.mark.parametrize(("at_spare", "drives"), [(True, 1), (False, 0)])
def test_f39_poles_that_disagree_are_torn_and_go_to_the_primary(line: int, at_spare: bool, drives: int) -> None:
    it = Guarded(poles=2)
    if at_spare:
        it.at_spare(line)
    it.move(line, w.AT_BOTH)
    assert it.look() == ASTRAY
    assert it.told() == [(w.E_TORN, line, 0)]
    assert it.drives == [(line, w.AT_PRIMARY)] * drives
    assert (it.guard.fault, it.marks()) == (1, (0, 0, 1 << line))
    it.lines.elapsed(COIL_MS)
    assert (it.look(), it.told()) == (KEPT, [])
    it.move(1 - line, w.AT_BOTH)
    assert it.look() == ASTRAY
    assert it.marks() == (0, 0, 0b11)


def test_f39_poles_are_torn_when_the_coil_had_its_least_time_and_not_before() -> None:
    it = Guarded(poles=2)
    it.move(0, w.AT_BOTH)
    it.drive(0, w.AT_SPARE)
    it.lines.elapsed(COIL_MS - 1)
    assert (it.look(), it.guard.due, it.told()) == (KEPT, 1, [])
    it.lines.elapsed(1)
    assert (it.look(), it.guard.due) == (ASTRAY, 0)


def test_one_pole_that_hangs_between_is_torn_by_nothing() -> None:
    it = Guarded(poles=2)
    it.move(0, w.BETWEEN)
    assert it.look() == NOTED
    assert it.marks() == (0b01, 0, 0)


# -- switches that failed -----------------------------------------------------------------------------------------


@LINES
@pytest.mark.parametrize(
    ("poles", "switch", "torn"), [(2, w.CHANGEOVER, True), (1, w.CHANGEOVER, False), (2, w.FENCED_FEED, False)]
)
def test_a_switch_that_failed_is_at_fault_and_its_poles_are_torn_if_they_disagree(
    line: int, poles: int, switch: int, torn: bool
) -> None:
    it = Guarded(poles=poles, switch=switch)
    it.lines.contact(line, w.AT_BOTH)
    it.guard.torn = 1 << 1 - line
    it.guard.failed(line)
    expected = [(w.E_TORN, line, 0)] if torn else []
    assert it.told() == [*expected, (w.E_HELD, line, w.AT_BOTH)]
    assert (it.guard.fault, it.guard.due) == (1, 1)
    assert it.guard.torn == (0b11 if torn else 1 << 1 - line)


def test_a_switch_whose_contact_stayed_has_torn_nothing() -> None:
    it = Guarded(poles=2)
    it.guard.failed(0)
    assert it.told() == [(w.E_HELD, 0, w.AT_PRIMARY)]
    assert it.guard.torn == 0


# -- clearing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("astray", "at_spare", "retention", "can"), [
    (0, 2, w.FALLS, True),
    (1, 0, w.FALLS, False),
    (1, 1, w.FALLS, False),
    (1, 1, w.LATCHING, True),
    (1, 0, w.LATCHING, True),
    (1, 2, w.LATCHING, False),
])  # fmt: skip
def test_a_person_may_clear_what_is_not_astray_or_latches_and_is_at_the_spare_once(
    astray: int, at_spare: int, retention: int, can: bool
) -> None:
    it = Guarded(retention=retention)
    for line in range(at_spare):
        it.move(line, w.AT_SPARE)
    it.guard.astray = astray
    assert it.guard.can_clear() == can


def test_what_was_cleared_is_no_fault_and_is_looked_at_afresh() -> None:
    it = Guarded()
    it.move(0, w.AT_SPARE)
    it.look()
    it.guard.torn = it.guard.falls = 1
    it.guard.clear()
    assert (it.guard.fault, it.guard.fell, it.guard.falls, it.marks(), it.guard.due) == (0, 0, 0, (0, 0, 0), 1)
    assert it.lines.driven == [w.AT_PRIMARY, w.AT_PRIMARY], "what falls is not where it strayed to"


@pytest.mark.parametrize(("at_spare", "driven"), [
    ([0], [w.AT_SPARE, w.AT_PRIMARY]), ([1], [w.AT_PRIMARY, w.AT_SPARE]), ([0, 1], [w.AT_PRIMARY, w.AT_PRIMARY])
])  # fmt: skip
def test_a_latching_relay_is_where_it_is_found_at_a_start_unless_two_are_at_the_spare(
    at_spare: list[int], driven: list[int]
) -> None:
    it = Guarded(retention=w.LATCHING)
    for line in at_spare:
        it.move(line, w.AT_SPARE)
    it.look(starting=True)
    assert it.lines.driven == driven


def test_of_a_latching_relay_that_says_nothing_nothing_is_taken_over() -> None:
    it = Guarded(retention=w.LATCHING)
    it.move(0, w.AT_BOTH)
    it.move(1, w.AT_SPARE)
    assert it.look(starting=True) == NOTED
    assert it.lines.driven == [w.AT_PRIMARY, w.AT_SPARE]


def test_a_falling_relay_is_not_taken_over_at_a_start() -> None:
    it = Guarded()
    it.move(1, w.AT_SPARE)
    assert it.look(starting=True) == ASTRAY
    assert it.lines.driven == [w.AT_PRIMARY, w.AT_PRIMARY]
