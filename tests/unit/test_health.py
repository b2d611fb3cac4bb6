"""What is believed of a unit from its paths: every rule of health, at its limits."""

from typing import Any

import pytest

from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_engine.health import Health
from hotspare_engine.outbox import Outbox
from hotspare_engine.path import ALTERED_RUN, TROUBLE_MAX, Path
from hotspare_engine.settings import Settings

A, PULSE, AGENT, DIRECT = range(4)
INTERVAL_MS, BEATS = 100, 5
DEAD_MS = INTERVAL_MS * BEATS
BEAT_MS = 90
BURST = 8  # beats that a port holds


class Listening:
    """A Health with a crosslink and a pulse from the primary's beacon, the spare's agent, and maybe a direct agent."""

    def __init__(self, direct: bool = False, **values: Any) -> None:
        chosen = list(settings.defaults())
        for name, value in values.items():
            chosen[settings.index(name)] = value
        paths = [
            Path(w.PATH_CROSSLINK_A, 0, 1, INTERVAL_MS, BEATS),
            Path(w.PATH_PULSE, 0, 1, INTERVAL_MS, BEATS),
            Path(w.PATH_AGENT, 1, 101, INTERVAL_MS, BEATS),
        ]
        if direct:
            paths.append(Path(w.PATH_AGENT, 0, 100, INTERVAL_MS, BEATS))
        self.health = Health(paths, 2, Settings(tuple(chosen)), Outbox())

    def beat(self, *paths: int, report: int = w.OK, flags: int = w.ECHOED, seconds: int = 0, ms: int = BEAT_MS) -> None:
        """A beat on each path; then time passes: the beats came at its end."""
        for path in paths:
            self.health.heard(path, report, flags, seconds)
        self.let(ms)

    def let(self, ms: int) -> None:
        """Let time pass in steps that are no stall."""
        while ms > 0:
            self.health.elapsed(min(ms, INTERVAL_MS))
            self.health.changed = 0
            self.health.outbox.clear()
            ms -= INTERVAL_MS

    def unit(self, place: int = 0) -> tuple[int, int]:
        unit = self.health.units[place]
        return unit.health, unit.why


@pytest.fixture
def two() -> Listening:
    listening = Listening()
    listening.beat(A, PULSE)
    return listening


def test_a_unit_that_was_never_heard_is_unknown_until_grace_is_over_and_then_failed() -> None:
    listening = Listening()
    listening.let(60_000)
    assert listening.unit() == (w.UNKNOWN, w.WHY_NOTHING)
    listening.health.end_grace()
    assert listening.unit() == (w.FAILED, w.WHY_NEVER_HEARD)


def test_F1_one_path_silent_leaves_the_unit_impaired(two: Listening) -> None:
    for _ in range(6):
        two.beat(PULSE)
    assert two.unit() == (w.IMPAIRED, w.WHY_PATH_LOST)
    assert two.health.well(0)


def test_silence_counts_at_the_dead_time_and_not_a_millisecond_before(two: Listening) -> None:
    two.let(DEAD_MS - INTERVAL_MS)
    two.let(99)
    assert two.unit() == (w.OK, w.WHY_NOTHING)
    two.let(1)
    assert two.unit() == (w.FAILED, w.WHY_SILENT)


def test_beats_lost_in_a_row_are_needed_one_fewer_is_not_enough(two: Listening) -> None:
    two.let(BEAT_MS * (BEATS - 1))
    two.beat(A, PULSE)
    assert two.unit() == (w.OK, w.WHY_NOTHING)


@pytest.mark.parametrize("report", [w.FAILED])
def test_a_bad_report_acts_at_once_though_the_other_path_is_alive(two: Listening, report: int) -> None:
    two.beat(A, report=report, ms=1)
    assert two.unit() == (w.FAILED, w.WHY_REPORTED)
    assert two.health.believed() == 1


def test_F33_a_direct_ok_beats_what_the_beacon_infers_and_the_contradiction_is_named() -> None:
    listening = Listening(direct=True)
    listening.beat(A, PULSE, DIRECT)
    listening.health.heard(A, w.FAILED, w.ECHOED, 0)
    listening.beat(DIRECT)
    assert listening.unit() == (w.IMPAIRED, w.WHY_REPORTED)


def test_F33_a_dead_beacon_is_no_failure_while_a_direct_path_says_ok() -> None:
    listening = Listening(direct=True)
    listening.beat(A, PULSE, DIRECT)
    for _ in range(8):
        listening.beat(DIRECT)
    assert listening.unit() == (w.IMPAIRED, w.WHY_PATH_LOST)


def test_a_direct_bad_report_is_a_failure_though_the_beacon_says_ok() -> None:
    listening = Listening(direct=True)
    listening.beat(A, PULSE, DIRECT)
    listening.health.heard(A, w.OK, w.ECHOED, 0)
    listening.beat(DIRECT, report=w.FAILED)
    assert listening.unit() == (w.FAILED, w.WHY_REPORTED)


def test_F4_a_path_that_does_not_echo_us_is_one_way_and_named() -> None:
    listening = Listening()
    listening.beat(A, PULSE)
    listening.health.heard(PULSE, w.OK, w.ECHOED, 0)
    listening.beat(A, flags=0)
    assert listening.unit() == (w.IMPAIRED, w.WHY_ONE_WAY)
    listening.beat(A, PULSE)
    assert listening.unit() == (w.OK, w.WHY_NOTHING)


# -- hold-off -----------------------------------------------------------------------------------------------------


def test_a_failure_is_believed_when_it_has_lasted_for_hold_off() -> None:
    listening = Listening(hold_off_ms=300)
    listening.beat(A, PULSE)
    listening.beat(A, report=w.FAILED, ms=1)
    assert listening.unit() == (w.FAILED, w.WHY_REPORTED)
    listening.let(299)
    assert listening.health.believed() == 0
    listening.let(1)
    assert listening.health.believed() == 1


def test_another_reason_for_the_same_failure_does_not_begin_hold_off_again() -> None:
    listening = Listening(hold_off_ms=700)
    listening.beat(A, PULSE)
    listening.beat(A, report=w.FAILED, ms=1)
    listening.let(DEAD_MS)
    assert listening.unit() == (w.FAILED, w.WHY_SILENT)
    listening.let(200)
    assert listening.health.believed() == 1


def test_a_recovery_ends_what_was_believed() -> None:
    listening = Listening(hold_off_ms=50)
    listening.beat(A, PULSE, report=w.FAILED)
    listening.let(60)
    assert listening.health.believed() == 1
    listening.beat(A, PULSE)
    assert listening.health.believed() == 0


def test_F43_doubt_begins_hold_off_again() -> None:
    listening = Listening(hold_off_ms=300)
    listening.beat(A, PULSE, report=w.FAILED)
    listening.let(300)
    listening.health.doubt()
    assert listening.health.believed() == 0
    listening.let(300)
    assert listening.health.believed() == 1


# -- own stalls ---------------------------------------------------------------------------------------------------


def test_F17_an_own_stall_is_blind_time_and_a_fresh_dead_time_starts(two: Listening) -> None:
    two.let(DEAD_MS - 1)
    assert two.health.elapsed(600)
    assert two.unit() == (w.OK, w.WHY_NOTHING)
    two.let(DEAD_MS - 1)
    assert two.unit() == (w.OK, w.WHY_NOTHING)
    two.let(1)
    assert two.unit() == (w.FAILED, w.WHY_SILENT)


def test_F17_hold_off_stands_still_while_the_board_does_not_look() -> None:
    listening = Listening(hold_off_ms=300)
    listening.beat(A, PULSE, report=w.FAILED, ms=1)
    listening.health.elapsed(5000)
    assert listening.health.believed() == 0


def test_F17_what_waited_in_the_ports_during_two_stalls_is_no_wrong_rate() -> None:
    listening = Listening(on_altered=1)
    listening.beat(A, PULSE)
    for _ in range(4):
        for _ in range(BURST):
            listening.health.heard(A, w.OK, w.ECHOED, 0)
            listening.health.heard(PULSE, w.OK, w.ECHOED, 0)
        listening.health.elapsed(BURST * BEAT_MS)
    assert listening.unit() == (w.OK, w.WHY_NOTHING)


# -- altered beats ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on_altered", "believed"), [(0, w.IMPAIRED), (1, w.FAILED)])
@pytest.mark.parametrize("how", [w.FROZEN, w.OUT_OF_ORDER])
def test_F27_a_frozen_or_disordered_path_is_named_and_judged_as_configured(
    on_altered: int, believed: int, how: int
) -> None:
    listening = Listening(on_altered=on_altered)
    listening.beat(A, PULSE)
    for _ in range(ALTERED_RUN):
        assert listening.unit()[1] != w.WHY_ALTERED
        listening.health.altered(A, how)
        listening.beat(PULSE)
    assert listening.unit() == (believed, w.WHY_ALTERED)


@pytest.mark.parametrize(("on_altered", "believed"), [(0, w.IMPAIRED), (1, w.FAILED)])
def test_F27_a_wrong_rate_is_named_and_judged_as_configured(on_altered: int, believed: int) -> None:
    listening = Listening(on_altered=on_altered)
    listening.beat(A, PULSE)
    for step in range(ALTERED_RUN + 1):
        if step % 5 == 0:
            listening.health.heard(PULSE, w.OK, w.ECHOED, 0)
        listening.beat(A, ms=20)
    assert listening.unit() == (believed, w.WHY_ALTERED)
    listening.beat(A, PULSE)
    assert listening.unit() == (w.OK, w.WHY_NOTHING)


def test_F27_a_wrong_rate_is_told_once_and_not_with_each_beat(two: Listening) -> None:
    for _ in range(ALTERED_RUN + 1):
        two.beat(A, ms=20)
    two.health.heard(A, w.OK, w.ECHOED, 0)
    two.health.elapsed(20)
    assert two.health.outbox.count == 0
    assert two.health.changed == 0


def test_F27_altered_beats_that_end_in_silence_are_silence(two: Listening) -> None:
    for _ in range(ALTERED_RUN):
        two.health.altered(A, w.FROZEN)
        two.beat(PULSE)
    for _ in range(6):
        two.beat(PULSE)
    assert two.unit() == (w.IMPAIRED, w.WHY_PATH_LOST)


def test_frozen_beats_do_not_keep_a_path_alive(two: Listening) -> None:
    for _ in range(6):
        two.health.altered(A, w.FROZEN)
        two.health.altered(PULSE, w.FROZEN)
        two.let(BEAT_MS)
    assert two.unit()[0] == w.FAILED


def test_f27_altered_beats_between_good_ones_impair_and_never_fail(two: Listening) -> None:
    for _ in range(3 * ALTERED_RUN):
        two.health.altered(A, w.FROZEN)
        two.beat(A, PULSE)
    assert two.unit() == (w.IMPAIRED, w.WHY_TROUBLE)
    for _ in range(TROUBLE_MAX):
        two.beat(A, PULSE)
    assert two.unit() == (w.OK, w.WHY_NOTHING)


# -- trouble ------------------------------------------------------------------------------------------------------


def test_two_late_beats_are_no_trouble_three_are_and_good_ones_end_it(two: Listening) -> None:
    for late in range(3):
        assert two.unit() == (w.OK, w.WHY_NOTHING), late
        for _ in range(5):
            two.beat(A, PULSE)
        two.health.heard(PULSE, w.OK, w.ECHOED, 0)
        two.let(90)
        two.health.heard(PULSE, w.OK, w.ECHOED, 0)
        two.let(90)
        two.beat(A, PULSE)
    assert two.unit() == (w.IMPAIRED, w.WHY_TROUBLE)
    for _ in range(TROUBLE_MAX):
        two.beat(A, PULSE)
    assert two.unit() == (w.OK, w.WHY_NOTHING)


def test_damaged_frames_are_trouble_on_a_live_path_only(two: Listening) -> None:
    two.health.damaged(A, 3)
    two.beat(A, PULSE)
    assert two.unit() == (w.IMPAIRED, w.WHY_TROUBLE)
    never = Listening()
    never.health.damaged(A, 50)
    never.let(10)
    assert never.unit() == (w.UNKNOWN, w.WHY_NOTHING)


# -- leaving ------------------------------------------------------------------------------------------------------


def test_F26_a_planned_stop_is_no_failure_though_the_unit_falls_silent() -> None:
    listening = Listening(direct=True)
    listening.beat(A, PULSE, DIRECT)
    listening.beat(DIRECT, report=w.LEAVING, seconds=10)
    listening.let(9_000)
    assert listening.unit() == (w.LEAVING, w.WHY_REPORTED)


def test_F42_a_stop_that_lasts_longer_than_was_said_is_a_failure() -> None:
    listening = Listening(direct=True)
    listening.beat(A, PULSE, DIRECT)
    listening.beat(DIRECT, report=w.LEAVING, seconds=2)
    listening.let(2_100)
    assert listening.unit() == (w.FAILED, w.WHY_OVERSTAYED)


def test_F42_a_unit_may_not_announce_more_than_the_longest_stop() -> None:
    listening = Listening(direct=True, leaving_max_s=1)
    listening.beat(A, PULSE, DIRECT)
    listening.beat(DIRECT, report=w.LEAVING, seconds=60_000)
    listening.let(1_100)
    assert listening.unit() == (w.FAILED, w.WHY_OVERSTAYED)


def test_F26_a_beacon_that_says_leaving_without_a_duration_is_given_the_longest_stop(two: Listening) -> None:
    for _ in range(60):
        two.beat(A, report=w.LEAVING)
    assert two.unit() == (w.LEAVING, w.WHY_REPORTED)
    two.beat(A, report=w.FAILED)
    assert two.unit() == (w.FAILED, w.WHY_REPORTED)


def test_a_unit_that_is_back_may_leave_again(two: Listening) -> None:
    for _ in range(2):
        two.beat(A, report=w.LEAVING, seconds=5)
        assert two.unit()[0] == w.LEAVING
        for _ in range(BEATS + 2):
            two.beat(A, PULSE)
        assert two.unit() == (w.OK, w.WHY_NOTHING)


# -- a beacon that knows nothing ----------------------------------------------------------------------------------


def test_a_beacon_that_restarted_makes_a_well_unit_unknown_and_not_failed(two: Listening) -> None:
    two.let(DEAD_MS - 100)
    two.beat(A, report=w.UNKNOWN)
    for _ in range(6):
        two.beat(A, report=w.UNKNOWN)
    assert two.unit() == (w.UNKNOWN, w.WHY_NOTHING)
    assert not two.health.well(0), "L10: no live path says that it is well"
    two.beat(A)
    assert two.unit()[0] == w.IMPAIRED


def test_a_unit_of_which_its_beacon_knows_nothing_for_too_long_is_failed(two: Listening) -> None:
    limit_ms = two.health.mute_max_ms
    two.let(DEAD_MS - 100)
    for _ in range(limit_ms // BEAT_MS + 7):
        two.beat(A, report=w.UNKNOWN)
    assert two.unit() == (w.FAILED, w.WHY_SILENT)


def test_a_failed_unit_stays_failed_while_its_beacon_knows_nothing(two: Listening) -> None:
    two.let(DEAD_MS)
    two.beat(A, report=w.UNKNOWN)
    assert two.unit()[0] == w.FAILED


# -- differing boards ---------------------------------------------------------------------------------------------


def test_F21_boards_that_differed_differ_until_they_are_heard_to_be_equal(two: Listening) -> None:
    assert not two.health.differs()
    two.beat(A, flags=w.ECHOED | w.DIFFERS)
    assert two.health.differs()
    two.let(DEAD_MS * 2)
    assert two.health.differs(), "silence makes no boards equal"
    two.beat(A)
    assert not two.health.differs()


# -- when to look again -------------------------------------------------------------------------------------------


def test_a_step_is_never_put_off_for_so_long_that_it_could_pass_for_a_stall(two: Listening) -> None:
    assert two.health.next_ms(1000) == 90
    two.let(DEAD_MS - 40)
    assert two.health.next_ms(1000) == 40


def test_hold_off_and_stops_and_mute_beacons_are_waited_for() -> None:
    listening = Listening(hold_off_ms=50, agent_interval_ms=10, agent_beats=2)
    listening.beat(A, PULSE)
    listening.beat(A, report=w.FAILED, ms=1)
    assert listening.health.next_ms(1000) == 50
    listening = Listening(agent_interval_ms=10, agent_beats=2)
    listening.beat(A, PULSE)
    listening.let(DEAD_MS - 1)
    listening.beat(A, report=w.UNKNOWN, ms=2)
    assert listening.health.next_ms(1000) == listening.health.mute_max_ms == 40


# -- degraded by its own report -----------------------------------------------------------------------------------


def own(listening: Listening, *paths: int, flags: int = w.ECHOED | w.DEGRADED, ms: int = BEAT_MS) -> None:
    """The unit says itself that it is degraded, on these paths."""
    listening.beat(*paths, report=w.IMPAIRED, flags=flags, ms=ms)


def test_a_unit_that_says_itself_that_it_is_degraded_is_impaired_and_named(two: Listening) -> None:
    own(two, A)
    assert two.unit() == (w.IMPAIRED, w.WHY_DEGRADED)
    assert two.health.degraded() == 1
    two.beat(A, PULSE)
    assert two.unit() == (w.OK, w.WHY_NOTHING)
    assert two.health.degraded() == 0


def test_what_a_beacon_says_of_an_agents_path_is_no_word_of_the_unit(two: Listening) -> None:
    own(two, A, flags=w.ECHOED)
    assert two.unit() == (w.IMPAIRED, w.WHY_REPORTED)
    assert two.health.degraded() == 0


def test_neither_a_lost_path_nor_trouble_is_a_units_own_word(two: Listening) -> None:
    two.health.damaged(A, 5)
    for _ in range(6):
        two.beat(PULSE)
    assert two.unit()[0] == w.IMPAIRED
    assert two.health.degraded() == 0


def test_a_degraded_unit_that_loses_its_other_path_stays_degraded(two: Listening) -> None:
    for _ in range(6):
        own(two, A)
    assert two.unit() == (w.IMPAIRED, w.WHY_PATH_LOST)
    assert two.health.degraded() == 1


@pytest.mark.parametrize(("said", "degraded"), [(w.OK, 0), (w.IMPAIRED, 1)])
def test_F33_of_a_unit_and_its_beacon_the_units_direct_word_counts(said: int, degraded: int) -> None:
    listening = Listening(direct=True)
    listening.beat(A, PULSE, DIRECT)
    listening.health.heard(A, w.IMPAIRED if said == w.OK else w.OK, w.ECHOED | w.DEGRADED, 0)
    listening.beat(DIRECT, report=said)
    assert listening.unit() == (w.IMPAIRED, w.WHY_DEGRADED if degraded else w.WHY_REPORTED)
    assert listening.health.degraded() == degraded


def test_a_degradation_is_believed_when_it_has_lasted_for_hold_off_and_blind_time_does_not_count() -> None:
    listening = Listening(hold_off_ms=300)
    listening.beat(A, PULSE)
    own(listening, A, ms=1)
    assert listening.health.next_ms(1000) == 90
    for _ in range(3):
        own(listening, A)
    listening.health.elapsed(5000)
    own(listening, A, PULSE, ms=29)
    assert (listening.health.degraded(), listening.health.next_ms(1000)) == (0, 1)
    own(listening, A, ms=1)
    assert listening.health.degraded() == 1


def test_a_degradation_that_ends_within_hold_off_begins_anew() -> None:
    listening = Listening(hold_off_ms=300)
    for _ in range(6):
        own(listening, A, ms=100)
        listening.beat(A, PULSE)
        assert listening.health.degraded() == 0


def test_F43_doubt_begins_hold_off_of_a_degradation_again() -> None:
    listening = Listening(hold_off_ms=300)
    for _ in range(6):
        own(listening, A)
    assert listening.health.degraded() == 1
    listening.health.doubt()
    assert listening.health.changed == 1
    for _ in range(3):
        own(listening, A)
        assert listening.health.degraded() == 0
    own(listening, A)
    assert listening.health.degraded() == 1


def test_a_degraded_unit_that_fails_is_failed_and_no_more_degraded(two: Listening) -> None:
    own(two, A)
    two.beat(A, report=w.FAILED)
    assert two.unit() == (w.FAILED, w.WHY_REPORTED)
    assert two.health.degraded() == 0


# -- noise --------------------------------------------------------------------------------------------------------


def lose(listening: Listening, path: int, every: int, beats: int) -> None:
    """Every so many beats one is lost on a path; the others hear all."""
    for beat in range(beats):
        if beat % every == 0:
            listening.health.missed(path, 1)
        listening.beat(A, PULSE, AGENT)


@pytest.mark.parametrize(("every", "permille"), [(100, 10), (33, 30), (20, 50), (4, 250)])
def test_F3_the_share_of_lost_beats_is_measured_over_the_last_few_hundred(every: int, permille: int) -> None:
    listening = Listening(loss_max_permille=1000)
    listening.beat(A, PULSE, AGENT)
    lose(listening, A, every, 2000)
    share = permille / (1 + permille / 1000)  # of all that were sent
    assert listening.health.paths[A].loss_permille() == pytest.approx(share, rel=0.1, abs=3)


def test_F3_a_path_is_noisy_above_the_limit_and_quiet_again_below_half_of_it(two: Listening) -> None:
    path = two.health.paths[A]
    lose(two, A, 50, 2000)
    assert (path.noisy, two.unit()) == (0, (w.OK, w.WHY_NOTHING))
    lose(two, A, 25, 1000)
    assert (path.noisy, two.unit()) == (1, (w.IMPAIRED, w.WHY_NOISY))
    lose(two, A, 50, 2000)
    assert path.loss_permille() == pytest.approx(20, abs=4)
    assert path.noisy, "fewer than the limit, and more than half of it"
    beats = 0
    while path.noisy:
        two.beat(A, PULSE, AGENT)
        beats += 1
    assert 0 < beats < 150
    assert two.unit() == (w.OK, w.WHY_NOTHING)
    for _ in range(3000):
        two.beat(A, PULSE, AGENT)
    assert path.loss == 0, "nothing is left of it one day"


def test_F3_noise_and_its_end_are_recorded_once_with_the_share(two: Listening) -> None:
    told = []
    for beat in range(2500):
        if beat < 500 and beat % 10 == 0:
            two.health.missed(A, 1)
        two.health.heard(A, w.OK, w.ECHOED, 0)
        two.health.elapsed(BEAT_MS)
        outbox = two.health.outbox
        told += [outbox.row(place)[2:4] for place in range(outbox.count) if outbox.row(place)[1] == w.E_NOISY]
        outbox.clear()
        two.health.changed = 0
    assert [(path, b & 1, b >> 1) for path, b in told] == [(A, 1, 32), (A, 0, 14)]


def test_F3_the_greatest_loss_has_no_limit_above_it_and_is_a_small_integer() -> None:
    listening = Listening(loss_max_permille=1000)
    listening.beat(A, PULSE)
    for _ in range(100):
        listening.health.paths[A].lose(1 << 16)
    assert 980 < listening.health.paths[A].loss_permille() <= 1000
    assert not listening.health.paths[A].noisy


@pytest.mark.parametrize("path", [PULSE])
def test_F3_what_has_no_frames_is_never_noisy(two: Listening, path: int) -> None:
    for _ in range(50):
        two.health.missed(path, 20)
        two.health.damaged(path, 5)
        two.beat(A, PULSE)
    assert not two.health.paths[path].noisy


def test_F3_beats_that_were_lost_in_an_own_stall_are_no_loss(two: Listening) -> None:
    for _ in range(50):
        two.health.heard(A, w.OK, w.ECHOED, 0)
        two.health.missed(A, 20)
        two.health.elapsed(2000)
        two.beat(A, PULSE)
    assert two.health.paths[A].loss == 0


def test_F3_a_path_that_was_cut_and_joined_again_has_lost_nothing_by_that(two: Listening) -> None:
    for _ in range(20):
        for _ in range(8):
            two.beat(PULSE)
        two.health.missed(A, 7)
        two.beat(A, PULSE)
        two.beat(A, PULSE)
    assert two.health.paths[A].loss == 0
    assert two.unit() == (w.OK, w.WHY_NOTHING)


def test_F3_a_neighbour_that_was_late_has_lost_nothing(two: Listening) -> None:
    for _ in range(50):
        two.let(300)
        two.beat(A, PULSE)
    assert two.health.paths[A].loss == 0


def test_F3_a_damaged_beat_counts_once_and_damage_between_good_beats_not_at_all(two: Listening) -> None:
    for beat in range(1000):
        two.health.damaged(A, 1)
        if beat % 50 == 0:
            two.health.missed(A, 1)
        two.beat(A, PULSE)
    assert two.health.paths[A].loss_permille() == pytest.approx(20, abs=4)
    assert two.unit() == (w.IMPAIRED, w.WHY_TROUBLE)


def noisy() -> Listening:
    """A unit of which the crosslink is noisy, 31 of 1000 beats lost."""
    listening = Listening()
    listening.beat(A, PULSE, AGENT)
    while not listening.health.paths[A].noisy:
        listening.health.missed(A, 1)
        listening.beat(A, PULSE, AGENT)
    return listening


def test_F3_silence_on_a_noisy_path_and_a_quiet_one_is_silence() -> None:
    listening = noisy()
    listening.let(DEAD_MS)
    assert listening.unit() == (w.FAILED, w.WHY_SILENT)
    assert listening.health.noisy() == 0


def alone() -> Listening:
    """The same, but the pulse was cut long before."""
    listening = noisy()
    for _ in range(20):
        listening.health.missed(A, 1)
        listening.beat(A, AGENT)
    assert listening.health.paths[PULSE].state == w.SILENT
    return listening


def test_F3_silence_behind_a_noisy_path_alone_is_doubted_until_the_unit_is_heard() -> None:
    listening = alone()
    listening.let(DEAD_MS)
    assert listening.unit() == (w.FAILED, w.WHY_SILENT)
    assert (listening.health.noisy(), listening.health.believed() & 1) == (1, 1)
    listening.let(60_000)
    assert listening.health.noisy() == 1
    listening.beat(A)
    assert listening.unit() == (w.IMPAIRED, w.WHY_PATH_LOST)
    assert listening.health.noisy() == 0


def test_F3_a_bad_report_behind_noise_is_a_report_and_what_was_silence_before_is_no_more_doubted() -> None:
    listening = alone()
    listening.beat(A, report=w.FAILED)
    listening.let(DEAD_MS)
    assert listening.health.noisy() == 0, "it said that it fails before it fell silent"
    listening = alone()
    listening.let(DEAD_MS)
    listening.beat(A, report=w.FAILED)
    assert listening.unit() == (w.FAILED, w.WHY_REPORTED)
    assert listening.health.noisy() == 0


def test_F3_a_path_that_falls_silent_among_damaged_frames_was_noisy_then() -> None:
    heard = Listening(loss_max_permille=10)
    for path, noisy_then in ((AGENT, 1), (PULSE, 0)):
        heard.beat(A, PULSE, AGENT)
        heard.health.damaged(path, 3)
        heard.let(DEAD_MS)
        assert heard.health.paths[path].noisy == noisy_then
    assert heard.health.noisy() == 2


def test_F3_a_beacon_whose_unit_is_silent_behind_noise_says_so_and_is_believed() -> None:
    listening = Listening()
    listening.beat(A, PULSE)
    listening.beat(A, report=w.FAILED, flags=w.ECHOED | w.NOISY)
    assert listening.unit() == (w.FAILED, w.WHY_REPORTED)
    assert listening.health.noisy() == 1
    listening.let(DEAD_MS)
    assert listening.health.noisy() == 1
    listening.beat(A, report=w.FAILED)
    assert listening.health.noisy() == 0
    listening.beat(A, report=w.FAILED, flags=w.ECHOED | w.NOISY)
    assert listening.health.noisy() == 0, "it has failed for another reason already"
    listening.beat(A)
    assert listening.health.noisy() == 0


def test_F3_a_direct_ok_beats_a_beacon_that_doubts() -> None:
    listening = Listening(direct=True)
    listening.beat(A, PULSE, DIRECT)
    listening.health.heard(A, w.FAILED, w.ECHOED | w.NOISY, 0)
    listening.beat(DIRECT)
    assert listening.unit() == (w.IMPAIRED, w.WHY_REPORTED)
    assert listening.health.noisy() == 0
