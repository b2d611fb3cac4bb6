"""F3: a group with noisy paths: silence behind them alone waits for a person, and everything else goes on."""

from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from tests.simulation.bench import Bench

PRIMARY, SPARE = 0, 1
SOON_MS = 400
LOSS = 100  # of 1000: enough to be noisy soon, and too few to be silent by themselves
NOISY_BEATS = 200
CROSSLINK = (w.PATH_CROSSLINK_A, PRIMARY, 1, 20, 8)
SECOND = (w.PATH_CROSSLINK_B, PRIMARY, 1, 20, 8)
PULSE = (w.PATH_PULSE, PRIMARY, 1, 20, 8)
AGENT = (w.PATH_AGENT, SPARE, 101, 20, 8)


def group(*paths: tuple[int, ...], noisy: tuple[int, ...] = (0,), **values: Any) -> Bench:
    """Return an armed group whose paths of these numbers are noisy, with the laws watching."""
    bench = Laws().attach(Bench(paths or (CROSSLINK, AGENT), **values))
    bench.ask(w.ARM)
    bench.run(200)
    for path in noisy:
        bench.cables[path].loss = LOSS
    bench.run(NOISY_BEATS * 18)
    assert [path.noisy for path in bench.engine.health.paths] == [int(at in noisy) for at in range(len(bench.paths))]
    assert bench.drives() == []
    return bench


def cut(bench: Bench, *paths: int) -> None:
    for path in paths:
        bench.cables[path].cut = 1
    bench.run(SOON_MS)


def test_F3_a_noisy_path_impairs_its_unit_alarms_and_moves_nothing() -> None:
    bench = group()
    unit = bench.engine.health.units[PRIMARY]
    assert (unit.health, unit.why) == (w.IMPAIRED, w.WHY_NOISY)
    assert bench.engine.alarms == w.A_PRIMARY_IMPAIRED | w.A_NOISY
    assert not bench.engine.held_back
    assert [path for path, _ in bench.events(w.E_NOISY)] == [0]


def test_F3_silence_behind_it_is_alarmed_and_put_to_a_person_who_may_approve_it() -> None:
    bench = group()
    cut(bench, 0)
    assert bench.drives() == []
    assert bench.engine.held_back == w.I_NOISY | w.I_ASKING
    assert bench.engine.alarms & (w.A_INHIBITED | w.A_ASKING | w.A_NOISY | w.A_PRIMARY_FAILED)
    bench.run(60_000)
    assert bench.connected() == [PRIMARY]
    token = bench.approve()
    bench.run(SOON_MS)
    assert (bench.connected(), bench.verdicts(token)) == ([SPARE], [w.ACCEPTED, w.DONE])


@pytest.mark.parametrize("autonomy", [w.ASK, w.ASK_THEN_AUTO])
def test_F3_no_time_out_goes_on_with_it(autonomy: int) -> None:
    bench = group(autonomy=autonomy, approve_s=5)
    cut(bench, 0)
    bench.run(20_000)
    assert bench.drives() == []
    assert bench.engine.held_back == w.I_NOISY | w.I_ASKING


def test_F3_it_ends_when_the_unit_is_heard_and_a_quiet_cable_fails_over_again() -> None:
    bench = group()
    cut(bench, 0)
    bench.cables[0].cut = bench.cables[0].loss = 0
    bench.run(SOON_MS)
    assert not bench.engine.held_back
    assert not bench.engine.pending.id
    bench.run(20_000)
    assert bench.engine.alarms == 0
    cut(bench, 0)
    assert bench.connected() == [SPARE]


def test_F3_a_forced_switch_is_made() -> None:
    bench = group()
    cut(bench, 0)
    bench.ask(w.FS, SPARE)
    bench.run(SOON_MS)
    assert bench.connected() == [SPARE]


def test_F3_a_unit_that_says_behind_noise_that_it_fails_is_left_at_once() -> None:
    bench = group()
    bench.units[PRIMARY] = w.FAILED
    bench.run(SOON_MS)
    assert bench.connected() == [SPARE]


def test_F3_a_second_quiet_path_that_falls_silent_too_lets_it_act() -> None:
    for other in (PULSE, SECOND):
        bench = group(CROSSLINK, other, AGENT)
        cut(bench, 0)
        assert bench.drives() == [], "the other one is heard"
        cut(bench, 1)
        assert bench.connected() == [SPARE]


def test_F3_two_noisy_paths_are_no_better_than_one() -> None:
    bench = group(CROSSLINK, SECOND, AGENT, noisy=(0, 1))
    cut(bench, 0, 1)
    assert bench.engine.held_back == w.I_NOISY | w.I_ASKING


def test_F3_a_quiet_path_that_was_silent_before_tells_nothing() -> None:
    bench = Laws().attach(Bench((CROSSLINK, SECOND, AGENT)))
    bench.ask(w.ARM)
    bench.run(200)
    cut(bench, 1)
    bench.cables[0].loss = LOSS
    bench.run(NOISY_BEATS * 18)
    cut(bench, 0)
    assert bench.drives() == []
    assert bench.engine.held_back == w.I_NOISY | w.I_ASKING


def test_F3_a_group_that_waits_for_silence_to_last_doubts_it_all_the_same() -> None:
    bench = group(hold_off_ms=1000)
    cut(bench, 0)
    assert not bench.engine.held_back, "it is not believed yet"
    bench.run(1000)
    assert bench.engine.held_back == w.I_NOISY | w.I_ASKING


def test_F3_a_spare_that_falls_silent_behind_noise_with_the_load_keeps_it_until_a_person_says_so() -> None:
    bench = group(CROSSLINK, AGENT, noisy=(1,))
    bench.units[PRIMARY] = w.FAILED
    bench.run(SOON_MS)
    bench.units[PRIMARY] = w.OK
    bench.run(SOON_MS)
    assert bench.connected() == [SPARE]
    cut(bench, 1)
    assert bench.engine.situation.winner == w.SF_P
    assert bench.engine.held_back == w.I_NOISY | w.I_ASKING
    bench.approve()
    bench.run(SOON_MS)
    assert bench.connected() == [PRIMARY]


def test_F3_a_doubted_line_keeps_the_spare_from_no_line_that_failed_for_sure() -> None:
    lines = [(w.PATH_CROSSLINK_A, line, 1 + line, 20, 8) for line in range(2)]
    bench = group(*lines, (w.PATH_AGENT, 2, 102, 20, 8), noisy=(0,), primaries=2)
    cut(bench, 0)
    assert bench.engine.held_back == w.I_NOISY | w.I_ASKING
    cut(bench, 1)
    assert bench.connected() == [0, 2]
    assert bench.engine.situation.uncovered == 1
    assert bench.engine.held_back == w.I_UNCOVERED


def test_F3_a_switch_for_a_degraded_primary_goes_on_when_that_falls_silent_behind_noise() -> None:
    bench = group(on_degraded=1, coil_min_ms=1000, retention=w.LATCHING)
    bench.ask(w.MS, SPARE)
    bench.run(100)
    bench.ask(w.MS_P, PRIMARY)
    bench.run(1100)
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(100)
    assert bench.engine.state == w.SWITCHING
    cut(bench, 0)
    bench.run(2000)
    assert bench.connected() == [SPARE]


def test_F3_a_neighbour_that_starts_again_and_again_is_no_noise() -> None:
    bench = group(noisy=())
    for _ in range(20):
        bench.cables[0].cut = 1  # for four beats: too short to be silent
        bench.run(4 * 18)
        bench.cables[0].cut = 0
        bench.cables[0].skipped = 4  # it went on sending: its next beat shows a gap
        bench.run(200)
    path = bench.engine.health.paths[0]
    assert path.late >= 15
    assert not path.noisy
