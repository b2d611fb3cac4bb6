"""What health tells: which unit changed, what is recorded of it word for word, and when it has to be asked again."""

from typing import Any

import pytest

from hotspare_engine import words as w
from hotspare_engine.health import Health
from hotspare_engine.path import ALTERED_RUN, LOSS_ALL, QUIET_ANNOUNCED_MS_MAX, QUIET_MS, TROUBLE_MAX, Path
from hotspare_engine.settings import Settings, defaults, index
from tests.unit.test_health import AGENT, BEAT_MS, BEATS, DEAD_MS, DIRECT, INTERVAL_MS, PULSE, A, Listening

PRIMARY, SPARE = 0, 1
ALL = (A, PULSE, AGENT)


@pytest.fixture
def well() -> Listening:
    """Return a health to which all paths have said that all is well."""
    listening = Listening()
    listening.beat(*ALL)
    listening.beat(*ALL)
    assert [listening.unit(place) for place in (PRIMARY, SPARE)] == [(w.OK, w.WHY_NOTHING)] * 2
    return listening


def told(listening: Listening) -> list[tuple[int, ...]]:
    """Return what was recorded since the last time, without the zeros behind it."""
    outbox = listening.health.outbox
    rows = [outbox.row(place) for place in range(outbox.count)]
    assert all(row[0] == w.RECORD and not any(row[4:]) for row in rows)
    outbox.clear()
    return [row[1:4] for row in rows]


def step(listening: Listening, *paths: int, report: int = w.OK, flags: int = w.ECHOED, ms: int = BEAT_MS) -> int:
    """A beat on each path, then one step; return which units changed, a bit each."""
    for path in paths:
        listening.health.heard(path, report, flags, 0)
    listening.health.elapsed(ms)
    changed = listening.health.changed
    listening.health.changed = 0
    return changed


def with_paths(*rows: tuple[int, int, int, int, int], **values: Any) -> Health:
    """Return a health of two units with these paths."""
    chosen = list(defaults())
    for name, value in values.items():
        chosen[index(name)] = value
    return Health([Path(*row) for row in rows], 2, Settings(tuple(chosen)), Listening().health.outbox)


# -- what is recorded ---------------------------------------------------------------------------------------------


def test_the_first_beat_and_the_silence_of_a_path_are_told_with_the_path_and_of_the_unit_with_the_reason() -> None:
    listening = Listening()
    assert step(listening, A) == 1 << PRIMARY
    assert told(listening) == [(w.E_PATH, A, w.ALIVE), (w.E_HEALTH, PRIMARY, w.OK)]
    assert step(listening, A, AGENT) == 1 << SPARE
    assert told(listening) == [(w.E_PATH, AGENT, w.ALIVE), (w.E_HEALTH, SPARE, w.OK)]
    for _ in range(BEATS):
        step(listening, A)
    assert step(listening, A) == 1 << SPARE
    assert told(listening) == [(w.E_PATH, AGENT, w.SILENT), (w.E_HEALTH, SPARE, w.FAILED | w.WHY_SILENT << 8)]
    assert step(listening, A, AGENT) == 1 << SPARE
    assert told(listening) == [(w.E_PATH, AGENT, w.ALIVE), (w.E_HEALTH, SPARE, w.OK)]


@pytest.mark.parametrize(("path", "unit"), [(A, PRIMARY), (AGENT, SPARE)])
@pytest.mark.parametrize("how", [w.FROZEN, w.OUT_OF_ORDER])
def test_f27_a_path_that_is_altered_is_told_once_with_how(well: Listening, path: int, unit: int, how: int) -> None:
    for _ in range(ALTERED_RUN - 1):
        well.health.altered(path, how)
    assert (well.health.changed, told(well)[1:]) == (1 << unit, []), "but for the trouble"
    well.health.changed = 0
    well.health.altered(path, how)
    assert (well.health.changed, told(well)) == (1 << unit, [(w.E_ALTERED, path, how)])
    step(well, *[other for other in ALL if other != path])
    assert well.unit(unit) == (w.IMPAIRED, w.WHY_ALTERED)
    told(well)
    well.health.altered(path, how)
    assert told(well) == []


def test_f27_the_third_altered_beat_among_good_ones_is_trouble_and_told(well: Listening) -> None:
    for _ in range(2):
        well.health.altered(AGENT, w.OUT_OF_ORDER)
        assert step(well, *ALL) == 0
        assert told(well) == []
    well.health.altered(AGENT, w.OUT_OF_ORDER)
    assert well.health.changed == 1 << SPARE
    assert told(well) == [(w.E_ALTERED, AGENT, w.OUT_OF_ORDER)]
    step(well, *ALL)
    assert told(well) == [(w.E_HEALTH, SPARE, w.IMPAIRED | w.WHY_TROUBLE << 8)]


def test_f27_a_wrong_rate_is_told_with_the_path_on_which_it_is(well: Listening) -> None:
    for _ in range(ALTERED_RUN + 1):
        step(well, AGENT, ms=20)
    assert (w.E_ALTERED, AGENT, w.WRONG_RATE) in told(well)
    assert well.unit(SPARE) == (w.IMPAIRED, w.WHY_ALTERED)


def test_f27_altered_beats_that_ended_are_told_by_the_units_health(well: Listening) -> None:
    for _ in range(ALTERED_RUN):
        well.health.altered(A, w.FROZEN)
        step(well, PULSE, AGENT)
    assert well.unit() == (w.IMPAIRED, w.WHY_ALTERED)
    while well.health.paths[A].altered:
        assert well.health.next_ms(1000) <= DEAD_MS
        step(well, PULSE, AGENT)
    assert well.unit() == (w.IMPAIRED, w.WHY_PATH_LOST)


def test_what_happens_to_two_units_before_one_step_is_told_of_both(well: Listening) -> None:
    well.health.damaged(A, 3)
    well.health.damaged(AGENT, 3)
    assert well.health.changed == 1 << PRIMARY | 1 << SPARE
    assert step(well, *ALL) == 1 << PRIMARY | 1 << SPARE
    for _ in range(TROUBLE_MAX):
        step(well, *ALL)
    told(well)
    for path in (A, AGENT):
        for _ in range(3):
            well.health.altered(path, w.FROZEN)
    assert well.health.changed == 1 << PRIMARY | 1 << SPARE
    well.health.changed = 0
    for path in (A, AGENT):
        for _ in range(ALTERED_RUN):
            well.health.altered(path, w.FROZEN)
    assert well.health.changed == 1 << PRIMARY | 1 << SPARE
    well.health.changed = 0
    assert step(well, A, AGENT, report=w.FAILED) == 1 << PRIMARY | 1 << SPARE
    well.health.end_grace()
    assert well.health.changed == 1 << PRIMARY | 1 << SPARE


def test_when_boot_grace_is_over_every_unit_that_was_never_heard_has_failed_and_is_told() -> None:
    listening = Listening()
    step(listening)
    assert told(listening) == []
    listening.health.end_grace()
    failed = w.FAILED | w.WHY_NEVER_HEARD << 8
    assert told(listening) == [(w.E_HEALTH, PRIMARY, failed), (w.E_HEALTH, SPARE, failed)]
    assert listening.health.changed == 1 << PRIMARY | 1 << SPARE
    listening.health.changed = 0
    listening.health.end_grace()
    assert (listening.health.changed, told(listening)) == (0, [])


def test_f3_noise_of_the_spares_path_is_told_of_the_spare(well: Listening) -> None:
    rows: list[tuple[int, ...]] = []
    changed = 0
    for beat in range(300):
        if beat % 10 == 0:
            well.health.missed(AGENT, 1)
        changed |= step(well, *ALL)
        rows += told(well)
    assert [row[:2] for row in rows] == [(w.E_NOISY, AGENT), (w.E_HEALTH, SPARE)]
    assert rows[1][2] == w.IMPAIRED | w.WHY_NOISY << 8
    assert changed == 1 << SPARE


# -- own stalls and quiet moments ---------------------------------------------------------------------------------


def test_a_step_of_one_interval_is_no_stall_and_one_millisecond_more_is(well: Listening) -> None:
    assert not well.health.elapsed(INTERVAL_MS)
    assert well.health.elapsed(INTERVAL_MS + 1)


def test_the_shortest_interval_of_all_paths_says_what_a_stall_is() -> None:
    health = with_paths((w.PATH_CROSSLINK_A, 0, 1, 300, 5), (w.PATH_AGENT, 1, 101, 40, 5))
    assert (health.stall_ms, health.step_max_ms) == (40, 36)
    assert (with_paths().stall_ms, with_paths(interval_ms=50).stall_ms) == (100, 50), "of none it is the group's"


def test_f16_a_silence_that_was_announced_is_waited_for_and_no_longer(well: Listening) -> None:
    step(well, *ALL, flags=w.ECHOED | w.QUIET)
    silent_ms = 0
    while well.unit()[0] != w.FAILED:
        step(well, AGENT, ms=10)
        silent_ms += 10
    assert silent_ms == DEAD_MS + QUIET_MS


def test_f16_the_agents_path_is_not_waited_for_longer_when_a_board_announces_a_silence(well: Listening) -> None:
    step(well, *ALL, flags=w.ECHOED | w.QUIET)
    silent_ms = 0
    while well.unit(SPARE)[0] != w.FAILED:
        step(well, ms=10)
        silent_ms += 10
    assert silent_ms == DEAD_MS


def test_f16_what_a_board_did_not_hear_while_its_own_flash_was_busy_is_no_silence(well: Listening) -> None:
    well.health.excuse()
    assert not well.health.elapsed(QUIET_MS), "a late step that was announced is no stall"
    assert well.health.elapsed(QUIET_MS), "and one only"
    well.health.excuse()
    assert well.health.elapsed(QUIET_MS + 1), "nor one that is longer than was said"
    step(well, *ALL)
    assert [well.unit(place) for place in (PRIMARY, SPARE)] == [(w.OK, w.WHY_NOTHING)] * 2


# -- how long -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hold_off_ms", [0, 100])
def test_how_soon_a_unit_will_be_believed_failed_is_known_in_the_second_half_of_its_dead_time(hold_off_ms: int) -> None:
    listening = Listening(hold_off_ms=hold_off_ms)
    listening.beat(*ALL)
    found = {}
    for silent_ms in range(10, DEAD_MS + hold_off_ms + 20, 10):
        step(listening, AGENT, ms=10)
        found[silent_ms] = listening.health.doubt_ms(PRIMARY)
    soon = DEAD_MS // 2 + hold_off_ms
    for silent_ms, left_ms in found.items():
        expected = max(0, DEAD_MS + hold_off_ms - silent_ms)
        assert left_ms == (expected if silent_ms > soon or (silent_ms == soon and hold_off_ms) else 0), silent_ms
    assert listening.health.doubt_ms(SPARE) == 0


def test_a_unit_of_which_one_path_is_heard_is_not_about_to_fail(well: Listening) -> None:
    for _ in range(BEATS):
        step(well, PULSE)
    assert well.health.doubt_ms(PRIMARY) == 0


def test_how_long_a_unit_has_failed_is_counted_from_its_newest_beat_or_its_own_word(well: Listening) -> None:
    assert well.health.failed_for_ms(PRIMARY) == 0
    for _ in range(7):
        step(well, AGENT, ms=100)
    assert well.health.failed_for_ms(PRIMARY) == 700
    assert well.health.failed_for_ms(SPARE) == 0


def test_a_failure_that_is_reported_counts_from_the_report() -> None:
    said = Listening(direct=True)
    said.beat(A, PULSE, AGENT, DIRECT)
    step(said, DIRECT, report=w.FAILED)
    for _ in range(4):
        step(said, DIRECT, report=w.FAILED)
    assert said.health.failed_for_ms(PRIMARY) == 4 * BEAT_MS


def test_a_health_that_waits_for_hold_off_is_not_calm() -> None:
    listening = Listening(hold_off_ms=300)
    listening.beat(*ALL)
    assert listening.health.is_calm()
    step(listening, AGENT, report=w.FAILED)
    assert not listening.health.is_calm()
    listening.let(300)
    assert listening.health.is_calm()


def test_the_limit_of_loss_is_a_whole_number_for_paths_with_frames_only() -> None:
    limits = [path.loss_max for path in Listening(loss_max_permille=30).health.paths]
    assert limits == [LOSS_ALL * 30 // 1000, LOSS_ALL, LOSS_ALL * 30 // 1000]
    assert all(isinstance(limit, int) for limit in limits)
    assert with_paths((w.PATH_CONTACT, 0, 0, 100, 5)).paths[0].loss_max == LOSS_ALL


def test_a_unit_of_which_nothing_is_said_is_failed_after_its_limit_of_time_that_was_looked_at(well: Listening) -> None:
    limit_ms = well.health.mute_max_ms
    for _ in range(BEATS + 1):
        step(well, A, AGENT, report=w.UNKNOWN)
    assert well.unit() == (w.UNKNOWN, w.WHY_NOTHING)
    assert well.health.elapsed(2 * limit_ms), "an own stall"
    step(well, A, AGENT, report=w.UNKNOWN)
    assert well.unit() == (w.UNKNOWN, w.WHY_NOTHING)
    mute_ms = 0
    while well.unit()[0] == w.UNKNOWN:
        step(well, A, AGENT, report=w.UNKNOWN)
        mute_ms += BEAT_MS
    assert limit_ms - 2 * BEAT_MS < mute_ms <= limit_ms + BEAT_MS


def test_f43_a_degradation_that_is_doubted_lasts_for_hold_off_again_to_the_millisecond() -> None:
    listening = Listening(hold_off_ms=300)
    listening.beat(*ALL)
    for _ in range(5):
        listening.beat(A, AGENT, report=w.IMPAIRED, flags=w.ECHOED | w.DEGRADED)
    assert listening.health.degraded() == 1 << PRIMARY | 1 << SPARE
    listening.health.doubt()
    assert listening.health.changed == 1 << PRIMARY | 1 << SPARE
    listening.let(299)
    assert listening.health.degraded() == 0
    listening.let(1)
    assert listening.health.degraded() == 1 << PRIMARY | 1 << SPARE


# -- a cold spare -------------------------------------------------------------------------------------------------


def test_a_cold_spare_is_off_until_it_is_expected_and_its_noise_ends_when_it_is_switched_off(well: Listening) -> None:
    health = well.health
    health.rests(SPARE)
    for path in (A, AGENT):
        health.paths[path].noisy = 1
        health.paths[path].loss = 5000
    health.expect(1)
    assert (health.changed, told(well)) == (1 << SPARE, [(w.E_HEALTH, SPARE, w.IMPAIRED | w.WHY_NOISY << 8)])
    assert health.paths[AGENT].noisy
    health.changed = 1 << PRIMARY
    health.expect(0)
    assert health.changed == 1 << PRIMARY | 1 << SPARE
    assert (w.E_NOISY, AGENT, 0) in told(well)
    assert (health.paths[AGENT].noisy, health.paths[AGENT].loss) == (0, 0)
    assert (health.paths[A].noisy, health.paths[A].loss) == (1, 5000), "the primary's path is as it was"


def test_f16_quiet_of_one_path_is_quiet_for_all_that_go_over_boards_and_ends_when_it_is_said_no_more() -> None:
    listening = Listening()
    listening.beat(*ALL)
    health = listening.health
    for _ in range(3):
        health.heard(A, w.OK, w.ECHOED | w.QUIET, 0)
        step(listening, PULSE, AGENT)
    assert health.quiet_ms == 3 * BEAT_MS
    assert [path.wait_ms for path in health.paths] == [DEAD_MS + QUIET_MS, DEAD_MS + QUIET_MS, DEAD_MS]
    step(listening, *ALL)
    assert health.quiet_ms == 0
    assert [path.wait_ms for path in health.paths] == [DEAD_MS] * 3


def test_f16_a_neighbour_that_announces_a_silence_for_too_long_is_not_believed() -> None:
    listening = Listening()
    listening.beat(*ALL)
    health = listening.health
    health.quiet_ms = QUIET_ANNOUNCED_MS_MAX - BEAT_MS
    step(listening, *ALL, flags=w.ECHOED | w.QUIET)
    assert health.quiet_ms == QUIET_ANNOUNCED_MS_MAX
    assert health.is_quiet_believed()
    step(listening, *ALL, flags=w.ECHOED | w.QUIET)
    assert not health.is_quiet_believed()
    assert [path.wait_ms for path in health.paths] == [DEAD_MS] * 3


def test_f3_a_path_that_was_silent_long_before_says_nothing_of_a_silence_behind_noise() -> None:
    for late_ms, doubted in ((2 * DEAD_MS, 0), (2 * DEAD_MS + 10, 1)):
        health = with_paths((w.PATH_CROSSLINK_A, 0, 1, 100, 5), (w.PATH_CROSSLINK_B, 0, 3, 100, 5))
        listening = Listening()
        listening.health = health
        step(listening, 0, 1)
        health.paths[0].noisy = 1
        silent_ms = 0
        while health.paths[0].state == w.ALIVE:
            beats = (0,) if silent_ms < late_ms - DEAD_MS else ()
            step(listening, *beats, ms=10)
            silent_ms += 10
        assert health.units[0].why == w.WHY_SILENT
        assert health.noisy() == doubted, late_ms


# -- every reason with its unit -----------------------------------------------------------------------------------


def judged(report: int, ms: int, **values: Any) -> list[tuple[int, ...]]:
    """Return what is told of a spare that is well and then says this, for so long in which it says nothing more."""
    listening = Listening(**values)
    listening.beat(*ALL)
    told(listening)
    step(listening, A, PULSE)
    step(listening, AGENT, report=report)
    for _ in range(ms // BEAT_MS + 1):
        step(listening, A, PULSE)
    return [row for row in told(listening) if row[0] == w.E_HEALTH]


def test_every_judgement_is_told_of_the_unit_that_it_is_about() -> None:
    def of(health: int, why: int) -> tuple[int, ...]:
        return w.E_HEALTH, SPARE, health | why << 8

    assert judged(w.LEAVING, 1100, leaving_max_s=1) == [of(w.LEAVING, w.WHY_REPORTED), of(w.FAILED, w.WHY_OVERSTAYED)]
    assert judged(w.UNKNOWN, 100) == [of(w.UNKNOWN, w.WHY_NOTHING)]
    assert judged(w.FAILED, 600) == [of(w.FAILED, w.WHY_REPORTED), of(w.FAILED, w.WHY_SILENT)]
    mute = Listening(agent_interval_ms=20, agent_beats=2)
    mute.beat(*ALL)
    told(mute)
    for _ in range(3):
        step(mute, AGENT, report=w.UNKNOWN)
    assert told(mute) == [of(w.UNKNOWN, w.WHY_NOTHING), of(w.FAILED, w.WHY_SILENT)]


def test_f27_where_altered_beats_are_a_failure_their_end_is_told_as_the_silence_that_is_left() -> None:
    listening = Listening(on_altered=1)
    listening.beat(*ALL)
    for _ in range(ALTERED_RUN):
        listening.health.altered(AGENT, w.FROZEN)
        step(listening, A, PULSE)
    assert listening.health.paths[AGENT].altered == 1
    assert told(listening)[-1] == (w.E_HEALTH, SPARE, w.FAILED | w.WHY_ALTERED << 8)
    changed = 0
    while listening.health.paths[AGENT].altered:
        changed = step(listening, A, PULSE)
    assert changed == 1 << SPARE
    assert told(listening) == [(w.E_HEALTH, SPARE, w.FAILED | w.WHY_SILENT << 8)]


def test_f27_two_paths_whose_altered_beats_end_in_one_step_are_told_both() -> None:
    listening = Listening(on_altered=1)
    listening.beat(*ALL)
    for _ in range(ALTERED_RUN):
        listening.health.altered(A, w.FROZEN)
        listening.health.altered(AGENT, w.FROZEN)
        step(listening, PULSE)
    changed = 0
    while listening.health.paths[AGENT].altered:
        changed = step(listening, PULSE, ms=10)
    assert changed == 1 << PRIMARY | 1 << SPARE


def test_f27_the_end_of_altered_beats_is_waited_for_to_the_millisecond(well: Listening) -> None:
    for _ in range(ALTERED_RUN):
        well.health.altered(A, w.FROZEN)
    step(well, PULSE, AGENT, ms=10)
    step(well, ms=DEAD_MS // 5)
    step(well, PULSE, AGENT, ms=DEAD_MS // 5)
    for _ in range(25):
        step(well, ms=10)
    assert well.health.next_ms(1000) == 40
    assert well.health.next_ms(30) == 30


def test_f27_so_many_fast_beats_and_no_fewer_are_a_wrong_rate(well: Listening) -> None:
    for _ in range(ALTERED_RUN - 1):
        step(well, AGENT, ms=20)
        assert told(well) == []
    step(well, AGENT, ms=20)
    assert told(well)[0] == (w.E_ALTERED, AGENT, w.WRONG_RATE)


def test_f3_what_was_damaged_before_a_silence_is_loss_in_whole_numbers(well: Listening) -> None:
    well.health.damaged(AGENT, 50)
    for _ in range(BEATS + 1):
        step(well, A, PULSE)
    assert well.health.paths[AGENT].state == w.SILENT
    assert well.health.paths[AGENT].loss == BEATS * LOSS_ALL >> 8


def test_marks_are_yes_or_no(well: Listening) -> None:
    health = well.health
    health.end_grace()
    assert (health.grace_over, [unit.known for unit in health.units]) == (1, [1, 1])
    step(well, AGENT, report=w.LEAVING)
    assert (health.units[SPARE].leaving_said, health.units[PRIMARY].leaving_said) == (1, 0)
    step(well, AGENT, report=w.FAILED)
    assert (health.units[SPARE].leaving_said, health.units[SPARE].leaving_ms) == (0, 0)


@pytest.mark.parametrize(("said_s", "given_s"), [(1, 1), (9, 9), (10, 10), (11, 10), (0, 10)])
def test_f42_a_stop_is_given_what_was_said_and_no_more_than_the_longest(said_s: int, given_s: int) -> None:
    listening = Listening(leaving_max_s=10)
    listening.beat(*ALL)
    listening.health.heard(AGENT, w.LEAVING, w.ECHOED, said_s)
    step(listening, A)
    assert listening.health.units[SPARE].leaving_ms == given_s * 1000


def test_f26_of_two_paths_the_longer_stop_counts_and_a_path_that_does_not_leave_says_none() -> None:
    listening = Listening(direct=True, leaving_max_s=100)
    listening.beat(A, PULSE, AGENT, DIRECT)
    listening.health.heard(PULSE, w.OK, w.ECHOED, 50)
    listening.health.heard(A, w.LEAVING, w.ECHOED, 3)
    listening.health.heard(DIRECT, w.LEAVING, w.ECHOED, 7)
    step(listening, AGENT)
    assert listening.health.units[PRIMARY].leaving_ms == 7000
