"""F3: seeded noise on the one cable of a pair: living units keep their load, and dead ones are never left unsaid."""

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from tests.simulation.bench import SILENT, Bench

SEEDS = 20
INTERVAL_MS, BEATS = 100, 5
BEAT_MS = 90
PATHS = ((w.PATH_CROSSLINK_A, 0, 1, INTERVAL_MS, BEATS), (w.PATH_AGENT, 1, 101, INTERVAL_MS, BEATS))
# lost beats of 1000 that a bit error rate makes of a heartbeat of 32 bytes
LOST = {1e-5: 3, 1e-4: 32, 1e-3: 274}


def noisy(seed: int, lost: int, beats: int) -> Bench:
    """Return an armed pair after so many beats of noise."""
    bench = Laws().attach(Bench(PATHS, interval_ms=INTERVAL_MS, agent_interval_ms=INTERVAL_MS))
    bench.ask(w.ARM)
    bench.run(500)
    bench.cables[0].chance = 1000 * seed + 7
    bench.cables[0].loss = lost
    bench.run(beats * BEAT_MS)
    return bench


@pytest.mark.parametrize("seed", range(SEEDS))
def test_F3_at_a_bit_error_rate_of_1e_5_no_path_is_noisy_and_a_dead_unit_is_left(seed: int) -> None:
    bench = noisy(seed, LOST[1e-5], 5000)
    assert bench.events(w.E_NOISY) == []
    assert bench.drives() == []
    bench.stop(0)
    bench.run(1000)
    assert bench.connected() == [1]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_F3_at_1e_4_the_path_is_noisy_within_minutes_and_silence_on_it_moves_nothing(seed: int) -> None:
    bench = noisy(seed, LOST[1e-4], 3000)
    assert bench.events(w.E_NOISY), "4.5 minutes"
    assert bench.drives() == []
    bench.cables[0].loss = 4 * LOST[1e-4]  # until it is noisy just now
    while not bench.engine.health.paths[0].noisy:
        bench.run(BEAT_MS)
    bench.cables[0].cut = 1
    bench.run(60_000)
    assert bench.drives() == []
    assert bench.engine.held_back == w.I_NOISY | w.I_ASKING


@pytest.mark.parametrize("seed", range(SEEDS))
def test_F3_at_1e_3_a_living_unit_that_is_silent_now_and_then_keeps_its_load_by_itself(seed: int) -> None:
    bench = noisy(seed, LOST[1e-3], 100)
    drives = len(bench.drives())  # in the first seconds the noise is not known yet
    bench.run(4000 * BEAT_MS)
    assert len(bench.drives()) == drives
    raised = [b for _, b in bench.events(w.E_PENDING) if b >> 16 in (w.P_RAISED, w.P_WITHDRAWN)]
    assert len(raised) % 2 == (1 if bench.engine.pending.id else 0), "each question ends when the unit is heard"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_F3_a_unit_that_dies_behind_noise_is_alarmed_named_and_asked_about_within_its_dead_time(seed: int) -> None:
    bench = noisy(seed, LOST[1e-3], 200)
    if bench.connected() != [0]:  # the noise began with a silence
        return
    bench.units[0], bench.beacons[0] = SILENT, 0
    bench.run(INTERVAL_MS * BEATS + 10)
    assert bench.engine.held_back == w.I_NOISY | w.I_ASKING
    wanted = w.A_PRIMARY_FAILED | w.A_INHIBITED | w.A_ASKING | w.A_NOISY | w.A_PATH
    assert bench.engine.alarms & wanted == wanted
    bench.approve()
    bench.run(500)
    assert bench.connected() == [1]
