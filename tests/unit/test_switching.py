"""Steps of a switch on changeover relays, their limits and their outcomes; every coil keeps its least time."""

import itertools
from typing import Any

import pytest

from hotspare import budget
from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_engine.lines import Lines
from hotspare_engine.settings import Settings
from hotspare_engine.switching import (
    CLOSING,
    COIL_REST,
    DEAD_TIME,
    DRAINING,
    FAULT,
    GOING,
    HOLDING,
    IDLE,
    OPENING,
    READYING,
    RETRY_REST,
    SEEN,
    UNSEEN,
    Switching,
)
from hotspare_engine.timers import FAR_MS
from tests import files

NONE = w.NONE
MOVE_MS = 8


class Relays:
    """Model relays that follow their coil after MOVE_MS, except those that are told not to."""

    def __init__(self, count: int = 1, **values: Any) -> None:
        chosen = list(settings.defaults())
        for name, value in values.items():
            chosen[settings.index(name)] = value
        checked = Settings(tuple(chosen))
        self.lines = Lines(count, checked.steady_ms, checked.switch)
        self.switching = Switching(self.lines, checked, self.drive)
        self.drives: list[tuple[int, int, int]] = []
        self.stuck: set[int] = set()
        self.shown: dict[int, int] = {}
        self.goal = [self.lines.rest] * count
        self.left = [0] * count
        self.now_ms = 0
        self.run(20)

    def drive(self, line: int, position: int) -> None:
        self.lines.drive(line, position)
        self.drives.append((self.now_ms, line, position))
        if line not in self.stuck and self.goal[line] != position:
            self.goal[line] = position
            self.left[line] = MOVE_MS

    def step(self) -> int:
        """Let a millisecond pass; return the outcome."""
        self.now_ms += 1
        for line, goal in enumerate(self.goal):
            self.left[line] = max(0, self.left[line] - 1)
            at = w.BETWEEN if self.left[line] else goal
            self.lines.contact(line, self.shown.get(line, at))
        self.lines.elapsed(1)
        if self.switching.step == IDLE:
            return GOING
        self.switching.elapsed(1)
        return self.switching.advance()

    def run(self, ms: int) -> int:
        """Let time pass until there is an outcome; return it."""
        for _ in range(ms):
            outcome = self.step()
            if outcome != GOING:
                return outcome
        return GOING


def test_a_line_is_connected_and_seen_once_its_contact_has_rested() -> None:
    relays = Relays(steady_ms=5)
    relays.switching.begin(NONE, 0)
    assert relays.run(100) == SEEN
    assert relays.drives == [(21, 0, w.AT_SPARE)]
    assert relays.switching.age_ms == 1 + MOVE_MS + 5
    relays.switching.begin(0, NONE)
    assert relays.run(200) == SEEN
    assert relays.drives[1][1:] == (0, w.AT_PRIMARY)


def test_a_bouncing_contact_is_not_seen_until_it_rests() -> None:
    relays = Relays(steady_ms=5)
    relays.switching.begin(NONE, 0)
    relays.run(MOVE_MS + 2)
    for bounce in (w.BETWEEN, w.AT_SPARE) * 4:
        relays.shown[0] = bounce
        assert relays.run(3) == GOING
    assert relays.run(10) == SEEN


def test_a_step_after_a_command_waits_for_the_least_time_of_the_coil() -> None:
    relays = Relays(coil_min_ms=100)
    relays.switching.begin(NONE, 0)
    relays.run(100)
    relays.switching.begin(0, NONE)
    assert relays.switching.step == COIL_REST
    assert relays.run(200) == SEEN
    assert relays.drives[1][0] - relays.drives[0][0] == 100


@pytest.mark.parametrize("position", [w.BETWEEN, w.AT_BOTH, w.NONE])
def test_F6_read_backs_that_say_nothing_let_a_changeover_go_on_unseen(position: int) -> None:
    relays = Relays(operate_limit_ms=60)
    relays.shown[0] = position
    relays.switching.begin(NONE, 0)
    assert relays.run(300) == UNSEEN
    assert len(relays.drives) == 1


def test_F7_a_coil_that_does_not_pull_is_tried_twice_and_then_left_released() -> None:
    relays = Relays(coil_min_ms=100, operate_limit_ms=60)
    relays.stuck.add(0)
    relays.switching.begin(NONE, 0)
    assert relays.run(1000) == FAULT
    assert [position for _, _, position in relays.drives] == [w.AT_SPARE, w.AT_PRIMARY] * 2
    times = [ms for ms, _, _ in relays.drives]
    assert all(later - sooner >= 100 for sooner, later in itertools.pairwise(times)), "no coil is chopped"


@pytest.mark.parametrize(("operate_limit_ms", "coil_min_ms"), [(60, 100), (300, 100), (100, 100), (60, 1), (60, 0)])
def test_F7_a_relay_is_at_fault_at_the_time_that_check_prints(operate_limit_ms: int, coil_min_ms: int) -> None:
    said = {"operate_limit_ms": operate_limit_ms, "coil_min_ms": coil_min_ms}
    fault_ms = budget.relay_fault_ms(files.pair({f"group.pair.{name}": ms for name, ms in said.items()}).groups[0])
    relays = Relays(**said)
    relays.stuck.add(0)
    relays.switching.begin(NONE, 0)
    assert relays.run(fault_ms * 2) == FAULT
    assert relays.now_ms - relays.drives[0][0] == fault_ms


def test_F5_a_contact_that_does_not_release_is_at_fault_no_later_than_check_prints() -> None:
    relays = Relays()
    relays.switching.begin(NONE, 0)
    assert relays.run(100) == SEEN
    relays.stuck.add(0)
    relays.switching.begin(0, NONE)
    assert relays.run(1000) == FAULT
    assert relays.now_ms - relays.drives[1][0] <= budget.relay_fault_ms(files.pair().groups[0])


def test_F5_a_welded_contact_is_released_twice_and_then_its_coil_follows_it() -> None:
    relays = Relays()
    relays.switching.begin(NONE, 0)
    assert relays.run(100) == SEEN
    relays.stuck.add(0)
    relays.switching.begin(0, NONE)
    assert relays.run(1000) == FAULT
    assert [position for _, _, position in relays.drives[1:]] == [w.AT_PRIMARY, w.AT_PRIMARY, w.AT_SPARE]


def test_from_line_to_line_one_is_seen_released_before_the_other_is_driven() -> None:
    relays = Relays(2, dead_time_ms=50, steady_ms=5)
    relays.switching.begin(NONE, 0)
    relays.run(200)
    relays.run(200)
    relays.switching.begin(0, 1)
    assert relays.run(500) == SEEN
    (released_ms, *first), (driven_ms, *second) = relays.drives[1:]
    assert (first, second) == ([0, w.AT_PRIMARY], [1, w.AT_SPARE])
    assert driven_ms - released_ms == MOVE_MS + 5 + 50


def test_F5_a_line_is_not_connected_while_the_other_is_welded_to_the_spare() -> None:
    relays = Relays(2)
    relays.switching.begin(NONE, 0)
    relays.run(200)
    relays.stuck.add(0)
    relays.switching.begin(0, 1)
    assert relays.run(1000) == FAULT
    assert all(line == 0 for _, line, _ in relays.drives)


# -- between steps ------------------------------------------------------------------------------------------------


def test_a_switch_that_has_not_begun_is_given_up() -> None:
    relays = Relays()
    relays.switching.begin(NONE, 0)
    assert relays.switching.redirect(NONE)
    assert relays.switching.step == IDLE
    assert relays.drives == []


def test_a_switch_is_given_up_before_its_retry() -> None:
    relays = Relays()
    relays.stuck.add(0)
    relays.switching.begin(NONE, 0)
    while relays.switching.step != RETRY_REST:
        relays.run(1)
    assert relays.switching.redirect(NONE)
    assert relays.run(500) == GOING
    assert [position for _, _, position in relays.drives] == [w.AT_SPARE, w.AT_PRIMARY]


def test_F39_a_torn_line_is_released_no_sooner_than_its_coil_may_be() -> None:
    relays = Relays(poles=2, operate_limit_ms=60, coil_min_ms=150)
    relays.shown[0] = w.AT_BOTH
    relays.switching.begin(NONE, 0)
    assert relays.run(500) == FAULT
    (driven_ms, *_), (released_ms, *_) = relays.drives
    assert released_ms - driven_ms == 150


@pytest.mark.parametrize("wait_ms", [2, 30])
def test_F44_a_line_that_is_no_longer_wanted_is_not_connected(wait_ms: int) -> None:
    relays = Relays(2)
    relays.switching.begin(NONE, 0)
    relays.run(200)
    relays.run(100)
    relays.switching.begin(0, 1)
    relays.run(wait_ms)
    assert not relays.switching.redirect(NONE)
    assert relays.run(500) == SEEN
    assert relays.switching.target == NONE
    assert all(line == 0 for _, line, _ in relays.drives)


@pytest.mark.parametrize("wait_ms", [2, 30])
def test_F44_between_steps_another_line_takes_the_place(wait_ms: int) -> None:
    relays = Relays(3)
    relays.switching.begin(NONE, 0)
    relays.run(200)
    relays.run(100)
    relays.switching.begin(0, 1)
    relays.run(wait_ms)
    relays.switching.redirect(2)
    assert relays.run(500) == SEEN
    assert relays.drives[-1][1:] == (2, w.AT_SPARE)
    assert all(line != 1 for _, line, _ in relays.drives)


def test_a_contact_that_does_not_leave_the_spare_is_not_released_again_when_the_spare_is_wanted() -> None:
    relays = Relays()
    relays.switching.begin(NONE, 0)
    relays.run(200)
    relays.stuck.add(0)
    relays.switching.begin(0, NONE)
    relays.run(120)
    relays.switching.redirect(0)
    assert relays.run(500) == FAULT
    assert [position for _, _, position in relays.drives].count(w.AT_PRIMARY) <= 2


# -- two contacts a line ------------------------------------------------------------------------------------------

KINDS = pytest.mark.parametrize("switch", [w.INTERLOCKED, w.FENCED_FEED])
PLAIN = {"coil_min_ms": 0, "steady_ms": 5, "dead_time_ms": 50, "operate_limit_ms": 60}


def on_primary(switch: int, **values: Any) -> Relays:
    """Return relays of a kind whose line is on its primary."""
    relays = Relays(switch=switch, **{**PLAIN, **values})
    if relays.lines.rest == w.BETWEEN:
        relays.switching.connect(0)
        assert relays.run(200) == SEEN
    relays.run(200)
    relays.drives.clear()
    return relays


@KINDS
def test_both_contacts_are_seen_open_and_held_open_before_one_is_closed(switch: int) -> None:
    relays = on_primary(switch)
    relays.switching.begin(NONE, 0)
    assert relays.run(500) == SEEN
    (open_ms, *opened), (close_ms, *closed) = relays.drives
    assert (opened, closed) == ([0, w.BETWEEN], [0, w.AT_SPARE])
    assert close_ms - open_ms == 1 + 5 + 50, "the model opens at once: seen, rested, held"
    relays.switching.begin(0, NONE)
    assert relays.run(500) == SEEN
    assert [position for _, _, position in relays.drives[2:]] == [w.BETWEEN, w.AT_PRIMARY]


@KINDS
@pytest.mark.parametrize("position", [w.AT_PRIMARY, w.AT_BOTH])
def test_F6_on_an_unproven_isolation_nothing_is_connected(switch: int, position: int) -> None:
    relays = on_primary(switch)
    relays.shown[0] = position
    relays.switching.begin(NONE, 0)
    assert relays.run(500) == FAULT
    assert w.AT_SPARE not in [driven for _, _, driven in relays.drives]
    back = w.AT_PRIMARY if position == w.AT_PRIMARY else relays.lines.rest
    assert relays.drives[-1][2] == back, "what still holds is held on, and otherwise nothing is energised"


@KINDS
def test_F7_a_contact_of_the_spare_that_does_not_close_gives_the_line_back(switch: int) -> None:
    relays = on_primary(switch)
    relays.switching.begin(NONE, 0)
    while not relays.drives or relays.drives[-1][2] != w.AT_SPARE:
        relays.run(1)
        relays.stuck = {0} if relays.goal[0] == w.BETWEEN and not relays.left[0] else set()
    assert relays.run(1000) == FAULT
    assert [position for _, _, position in relays.drives[-4:]] == [w.AT_SPARE, w.BETWEEN, w.AT_SPARE, w.AT_PRIMARY]


@KINDS
def test_a_line_whose_contacts_are_open_goes_where_it_is_wanted_by_then(switch: int) -> None:
    relays = on_primary(switch)
    relays.switching.begin(NONE, 0)
    relays.run(MOVE_MS + 10)
    assert not relays.switching.redirect(NONE)
    assert relays.run(500) == SEEN
    assert relays.switching.target == NONE
    assert [position for _, _, position in relays.drives] == [w.BETWEEN, w.AT_PRIMARY]


@KINDS
def test_more_closed_than_was_asked_for_puts_everything_to_rest(switch: int) -> None:
    relays = on_primary(switch)
    relays.switching.begin(NONE, 0)
    while relays.switching.step != CLOSING:
        relays.run(1)
    relays.shown[0] = w.AT_BOTH
    assert relays.run(100) == FAULT
    assert relays.drives[-1][2] == relays.lines.rest


def test_F39_poles_that_disagree_are_released_to_the_primary() -> None:
    relays = Relays(poles=2, operate_limit_ms=60)
    relays.shown[0] = w.AT_BOTH
    relays.switching.begin(NONE, 0)
    assert relays.run(300) == FAULT
    assert [position for _, _, position in relays.drives] == [w.AT_SPARE, w.AT_PRIMARY]


# -- limits to the millisecond ------------------------------------------------------------------------------------


@pytest.mark.parametrize("switch", [w.CHANGEOVER, w.INTERLOCKED])
def test_a_switch_is_given_the_time_of_its_moves_and_of_what_units_need_before_them(switch: int) -> None:
    values = {"operate_limit_ms": 60, "steady_ms": 5, "dead_time_ms": 50, "coil_min_ms": 0, "drain_s": 7}
    move_ms = 65 if switch == w.CHANGEOVER else 2 * 65 + 50
    for standby, ready_ms in ((w.HOT, 0), (w.WARM, 700), (w.COLD, 9000)):
        relays = Relays(2, switch=switch, standby=standby, ready_limit_ms=700, start_limit_s=9, **values)
        limit_ms = relays.switching.limit_ms
        assert limit_ms(NONE, 0) == move_ms + ready_ms
        assert limit_ms(0, 1) == 2 * move_ms + 50 + ready_ms
        assert limit_ms(0, NONE) == move_ms + 7000, "nobody is made ready for that"


def test_a_step_says_when_it_has_something_to_do_and_whether_it_waits() -> None:
    relays = Relays(coil_min_ms=100, dead_time_ms=50)
    switching, lines = relays.switching, relays.lines
    switching.begin(NONE, 0)
    lines.coil_ms[0], switching.step_ms = 30, 20
    expected = {COIL_REST: 70, RETRY_REST: 70, DRAINING: FAR_MS, READYING: FAR_MS, DEAD_TIME: 30, HOLDING: 30}
    for step in (COIL_REST, RETRY_REST, DRAINING, READYING, DEAD_TIME, HOLDING, OPENING, CLOSING):
        switching.step = step
        assert switching.next_ms() == expected.get(step, 1)
        assert switching.waits() == (step in (COIL_REST, RETRY_REST, DRAINING, READYING))
        assert switching.has_opened() == (step in (OPENING, HOLDING, READYING))


def test_a_coil_that_was_just_released_and_is_to_pull_again_rests_longer_than_the_dead_time() -> None:
    relays = Relays(coil_min_ms=100, dead_time_ms=50, switch=w.FENCED_FEED)
    switching, lines = relays.switching, relays.lines
    switching.begin(NONE, 0)
    switching.step, switching.step_ms, lines.coil_ms[0] = HOLDING, 20, 30
    assert switching.next_ms() == 30, "the other coil has rested"
    switching.goal = switching.before
    assert switching.next_ms() == 70
    lines.coil_ms[0] = 99
    assert switching.next_ms() == 30, "and no shorter than that"


@KINDS
def test_contacts_that_do_not_open_are_at_fault_at_their_limit(switch: int) -> None:
    relays = on_primary(switch)
    relays.stuck.add(0)
    relays.switching.begin(NONE, 0)
    assert relays.run(500) == FAULT
    assert relays.now_ms - relays.drives[0][0] == 60
    assert [position for _, _, position in relays.drives] == [w.BETWEEN, w.AT_PRIMARY]


@KINDS
def test_a_contact_that_does_not_close_is_tried_twice_and_each_time_to_its_limit(switch: int) -> None:
    relays = on_primary(switch)
    relays.switching.begin(NONE, 0)
    while relays.switching.step != CLOSING:
        relays.run(1)
        relays.stuck = {0} if relays.switching.step in (HOLDING, CLOSING) else set()
    assert relays.run(1000) == FAULT
    closing = [ms for ms, _, position in relays.drives if position == w.AT_SPARE]
    released = [ms for ms, _, position in relays.drives if position != w.AT_SPARE][1:]
    assert [there - here for here, there in zip(closing, released, strict=True)] == [60, 60]


def test_f6_a_changeover_is_taken_for_moved_at_its_limit_when_nothing_can_be_seen() -> None:
    relays = Relays(operate_limit_ms=60)
    relays.shown[0] = w.BETWEEN
    relays.switching.begin(NONE, 0)
    assert relays.run(300) == UNSEEN
    assert relays.now_ms - relays.drives[0][0] == 60
    relays.shown.clear()
    relays.run(200)
    relays.switching.begin(0, NONE)
    assert relays.run(300) == SEEN, "what was not seen before is forgotten"


def test_more_closed_than_was_asked_for_is_left_closed_for_the_least_time_of_its_coil() -> None:
    relays = on_primary(w.INTERLOCKED, coil_min_ms=40)
    relays.switching.begin(NONE, 0)
    while relays.switching.step != CLOSING:
        relays.run(1)
    relays.shown[0] = w.AT_BOTH
    assert relays.run(200) == FAULT
    (closed_ms, *_), (rested_ms, *last) = relays.drives[-2:]
    assert rested_ms - closed_ms == 40
    assert last == [0, w.BETWEEN]


@pytest.mark.parametrize("switch", [w.INTERLOCKED, w.FENCED_FEED])
def test_a_line_that_rested_on_nobody_and_is_not_wanted_by_then_rests_there_again(switch: int) -> None:
    relays = Relays(2, switch=switch, **PLAIN)
    relays.lines.drive(0, w.BETWEEN)
    relays.goal[0], relays.left[0] = w.BETWEEN, 0
    relays.run(50)
    relays.switching.begin(NONE, 0)
    relays.run(3)
    assert relays.switching.has_opened()
    assert relays.switching.before == w.BETWEEN
    assert relays.switching.redirect(1)
    assert relays.switching.step == IDLE


def test_a_switch_to_where_the_load_is_is_none_and_two_at_a_time_are_none() -> None:
    relays = Relays(2)
    with pytest.raises(AssertionError):
        relays.switching.begin(0, 0)
    relays.switching.begin(NONE, 0)
    with pytest.raises(AssertionError):
        relays.switching.begin(NONE, 1)
