"""Quiet moments: what a board says before it erases its flash, when it may, and what a neighbour makes of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_engine.health import Health
from hotspare_engine.outbox import Outbox
from hotspare_engine.path import Path
from hotspare_firmware.quiet import ANNOUNCE_MS_MAX, Quiet
from hotspare_wire import messages as m

INTERVAL_MS, BEATS = 20, 3
BEAT_MS = 18
DEAD_MS = INTERVAL_MS * BEATS
BEACON = 1


def paths(*kinds: int, sources: tuple[int, ...] = ()) -> list[Path]:
    made = [
        Path(kind, 0, sources[place] if sources else BEACON, INTERVAL_MS, BEATS) for place, kind in enumerate(kinds)
    ]
    for path in made:
        path.state = w.ALIVE
    return made


def health_of(made: list[Path]) -> Health:
    return Health(made, 1, settings.Settings(settings.defaults()), Outbox())


def beat(health: Health, index: int = 0, flags: int = w.ECHOED, ms: int = BEAT_MS) -> None:
    """A beat comes after `ms`, in steps that are no stall."""
    pass_ms(health, ms - 1)
    health.heard(index, w.OK, flags, 0)
    health.elapsed(1)


def granted(quiet: Quiet, wanted: bool) -> bool:
    """A beat goes out; return whether a moment is granted with it."""
    quiet.beat(BEAT_MS, wanted)
    return bool(quiet.granted)


def pass_ms(health: Health, ms: int) -> None:
    for _ in range(ms):
        health.elapsed(1)


# -- the board that erases -------------------------------------------------------------------------------------------


def test_a_moment_is_granted_once_every_live_path_has_echoed_and_a_beat_has_announced_it() -> None:
    quiet = Quiet(paths(w.PATH_CROSSLINK_A, w.PATH_CROSSLINK_B, w.PATH_AGENT))
    assert quiet.bits(0) == 0
    assert not granted(quiet, True)
    assert quiet.bits(0) == quiet.bits(1) == m.QUIET
    quiet.heard(0, m.QUIET_HEARD)
    assert not granted(quiet, True), "one path has not echoed"
    quiet.heard(1, m.QUIET_HEARD)
    assert granted(quiet, True)
    assert not granted(quiet, False)
    assert quiet.bits(0) == 0


def test_an_echo_of_nothing_grants_nothing() -> None:
    quiet = Quiet(paths(w.PATH_CROSSLINK_A))
    quiet.heard(0, m.QUIET_HEARD)
    assert not granted(quiet, True), "the beat that announces it goes out only now"


def test_a_path_that_is_dead_is_not_waited_for() -> None:
    made = paths(w.PATH_CROSSLINK_A, w.PATH_CROSSLINK_B)
    made[1].state = w.SILENT
    quiet = Quiet(made)
    quiet.beat(BEAT_MS, True)
    quiet.heard(0, m.QUIET_HEARD)
    assert granted(quiet, True)


def test_a_neighbour_that_never_echoes_is_waited_for_within_a_bound() -> None:
    for state in (w.ALIVE, w.SILENT):
        made = paths(w.PATH_CROSSLINK_A)
        made[0].state = state
        quiet = Quiet(made)
        beats = 0
        while not granted(quiet, True):
            beats += 1
            assert beats < 2 * ANNOUNCE_MS_MAX
        assert beats * BEAT_MS >= ANNOUNCE_MS_MAX - BEAT_MS
    assert ANNOUNCE_MS_MAX < w.QUIET_ANNOUNCED_MS_MAX, "the neighbour still believes it then"


def test_a_board_without_neighbours_asks_nobody() -> None:
    quiet = Quiet(paths(w.PATH_AGENT))
    assert not granted(quiet, True)
    assert granted(quiet, True)


def test_a_neighbour_that_is_late_is_watched_and_the_announcement_withdrawn() -> None:
    made = paths(w.PATH_CROSSLINK_A)
    quiet = Quiet(made)
    quiet.beat(BEAT_MS, True)
    quiet.heard(0, m.QUIET_HEARD)
    made[0].age_ms = 2 * INTERVAL_MS + 1
    assert not granted(quiet, True)
    assert quiet.bits(0) == 0


def test_what_a_neighbour_announces_is_echoed_to_it_and_told_along_the_chain() -> None:
    quiet = Quiet(paths(w.PATH_CROSSLINK_A, w.PATH_CROSSLINK_A, w.PATH_AGENT, sources=(1, 2, 100)))
    quiet.heard(1, m.QUIET)
    assert quiet.bits(1) == m.QUIET_HEARD
    assert quiet.bits(0) == m.QUIET, "its frames go through that one"
    assert quiet.bits(2) == 0
    quiet.heard(1, 0)
    assert [quiet.bits(index) for index in range(3)] == [0, 0, 0]


# -- the neighbour ----------------------------------------------------------------------------------------------------


def test_f16_a_silence_that_was_announced_is_no_failure_and_no_late_beat() -> None:
    for flags, silent in ((w.ECHOED | w.QUIET, False), (w.ECHOED, True)):
        health = health_of(paths(w.PATH_CROSSLINK_A))
        beat(health)
        beat(health, flags=flags)
        pass_ms(health, 400)
        assert (health.units[0].health == w.FAILED) is silent
        beat(health)
        assert health.paths[0].late == 0


def test_f16_a_unit_that_fails_in_a_quiet_moment_is_found_as_much_later_and_not_more() -> None:
    health = health_of(paths(w.PATH_CROSSLINK_A))
    beat(health, flags=w.ECHOED | w.QUIET)
    pass_ms(health, DEAD_MS + w.QUIET_MS - 1)
    assert health.units[0].health == w.OK
    pass_ms(health, 1)
    assert health.units[0].health == w.FAILED


def test_the_longer_limit_ends_with_the_next_beat_that_announces_nothing() -> None:
    health = health_of(paths(w.PATH_CROSSLINK_A))
    beat(health, flags=w.ECHOED | w.QUIET)
    beat(health)
    beat(health)
    pass_ms(health, DEAD_MS)
    assert health.units[0].health == w.FAILED


def test_a_neighbour_that_always_announces_is_not_believed() -> None:
    health = health_of(paths(w.PATH_CROSSLINK_A))
    for _ in range(w.QUIET_ANNOUNCED_MS_MAX // BEAT_MS + 2):
        beat(health, flags=w.ECHOED | w.QUIET)
    beat(health, flags=w.ECHOED | w.QUIET)
    pass_ms(health, DEAD_MS)
    assert health.units[0].health == w.FAILED


def test_who_erases_is_silent_on_its_pulse_too_and_on_what_it_forwards() -> None:
    health = health_of(paths(w.PATH_CROSSLINK_A, w.PATH_PULSE, w.PATH_CROSSLINK_A, sources=(1, 1, 2)))
    beat(health, flags=w.ECHOED | w.QUIET)
    assert [path.limit_ms for path in health.paths] == [DEAD_MS + w.QUIET_MS] * 3
    other = health_of(paths(w.PATH_CROSSLINK_A, w.PATH_AGENT, sources=(1, 100)))
    beat(other, flags=w.ECHOED | w.QUIET)
    assert other.paths[1].limit_ms == DEAD_MS, "the unit itself erases nothing"


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3 * DEAD_MS)), max_size=30))
def test_whatever_is_announced_a_path_is_silent_within_its_dead_time_and_the_longest_quiet_moment(
    story: list[tuple[bool, int]],
) -> None:
    health = health_of(paths(w.PATH_CROSSLINK_A, w.PATH_PULSE))
    for announced, ms in story:
        beat(health, flags=w.ECHOED | (w.QUIET if announced else 0), ms=ms)
    pass_ms(health, DEAD_MS + w.QUIET_MS)
    assert [path.state for path in health.paths] == [w.SILENT, w.SILENT]


def test_an_own_stall_that_was_announced_is_blind_time_and_no_trouble() -> None:
    from hotspare_engine.watch import Watch

    for excused, stalls in ((1, 0), (0, 1)):
        watch = Watch(settings.defaults(), ((w.PATH_CROSSLINK_A, 1, 2, INTERVAL_MS, BEATS),))
        watch.elapsed(1)
        watch.excused = excused
        watch.elapsed(400)
        assert watch.stalls == stalls
        assert watch.excused == 0, "for one step"
