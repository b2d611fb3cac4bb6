"""What is read of an engine by its board, a host and a neighbour, and when it wants to be called again."""

from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from hotspare_engine.engine import Engine
from hotspare_engine.path import ALTERED_RUN
from hotspare_engine.switching import DRAINING, READYING
from tests.simulation.bench import Bench, pair

PRIMARY, SPARE = 0, 1
SETTLED_MS = 300


def group(**values: Any) -> Bench:
    """Return an armed group at rest, under the laws."""
    bench = Laws().attach(Bench(**values))
    bench.run(SETTLED_MS)
    bench.ask(w.ARM)
    bench.run(SETTLED_MS)
    assert bench.engine.alarms == 0
    return bench


def test_a_supply_that_goes_and_comes_is_recorded_once_each() -> None:
    bench = group()
    assert bench.events(w.E_SUPPLY) == []
    bench.supply = 0
    bench.run(100)
    assert bench.events(w.E_SUPPLY) == [(0, 0)]
    bench.supply = 1
    bench.run(100)
    assert bench.events(w.E_SUPPLY) == [(0, 0), (1, 0)]


# -- health -------------------------------------------------------------------------------------------------------


def test_a_controller_at_the_spare_says_how_the_spare_is_and_an_arbiter_knows_no_unit_of_its_own() -> None:
    bench = group()
    assert bench.engine.own_health() == w.OK
    bench.units[SPARE] = w.FAILED
    bench.run(100)
    assert bench.engine.own_health() == w.FAILED
    arbiter = Engine(bench.values, 1, w.NONE, pair())
    arbiter.restore(bench.engine.snapshot())
    assert arbiter.health.units[SPARE].health == w.FAILED
    assert arbiter.own_health() == w.UNKNOWN


@pytest.mark.parametrize("primaries", [1, 2])
def test_why_the_spare_can_not_be_used_is_said_of_the_spare(primaries: int) -> None:
    bench = group(primaries=primaries, standby=w.COLD, start_limit_s=1)
    well = [w.WHY_NOTHING] * primaries
    assert bench.engine.whys() == [*well, w.WHY_AT_REST]
    bench.boot_ms = 5000
    bench.ask(w.MS, primaries, 1)
    bench.run(100)
    assert bench.engine.whys() == [*well, w.WHY_STARTING]
    bench.run(1000)
    assert bench.engine.whys() == [*well, w.WHY_NO_START]


def test_why_a_warm_spare_can_not_be_used_is_said_of_the_spare() -> None:
    bench = group(primaries=2, standby=w.WARM, ready_limit_ms=500)
    bench.role_ms[2] = -1
    bench.ask(w.MS, 2, 2)
    bench.run(1000)
    assert bench.engine.whys() == [w.WHY_NOTHING, w.WHY_NOTHING, w.WHY_UNREADY]


# -- roles --------------------------------------------------------------------------------------------------------


def test_a_status_has_what_each_unit_is_told_to_be_and_what_it_acknowledges() -> None:
    bench = group()
    bench.role_ms[SPARE] = -1
    assert bench.engine.role_bytes() == [w.ACTIVE | w.ACTIVE << 4, w.STANDBY | w.STANDBY << 4]
    bench.ask(w.MS, SPARE)
    bench.run(500)
    assert bench.engine.role_bytes() == [w.STANDBY | w.STANDBY << 4, w.ACTIVE | w.STANDBY << 4]


def test_a_spare_that_gets_ready_is_told_its_line_before_it_is_connected_and_nobody_else_is() -> None:
    bench = group(primaries=2, standby=w.WARM)
    engine = bench.engine
    spare = len(engine.health.paths) - 1
    bench.role_ms[2] = 100
    assert [engine.line_told(path) for path in range(spare + 1)] == [0] * (spare + 1)
    bench.ask(w.MS, 2, 2)
    bench.run(50)
    assert engine.switching.step == READYING
    assert [engine.line_told(path) for path in range(spare + 1)] == [0] * spare + [2]
    bench.run(1000)
    assert bench.connected() == [0, 2]
    assert [engine.line_told(path) for path in range(spare + 1)] == [2] * (spare + 1)


def test_a_spare_that_drains_is_still_told_the_line_that_it_carries() -> None:
    bench = group(drain_s=5)
    engine = bench.engine
    token = bench.ask(w.MS, SPARE)
    bench.run(500)
    assert bench.connected() == [SPARE]
    bench.role_ms[SPARE] = -1
    bench.ask(w.CLEAR, number=bench.replies(token)[0][2])
    bench.ask(w.MS_P, PRIMARY)
    bench.run(300)
    assert engine.switching.step == DRAINING
    spare = len(engine.health.paths) - 1
    assert engine.role_of(spare) == w.DRAIN
    assert engine.line_told(spare) == 1


# -- rest ---------------------------------------------------------------------------------------------------------


def test_the_board_is_needed_while_it_starts_or_switches_or_a_failure_is_held_back() -> None:
    bench = Laws().attach(Bench(hold_off_ms=300))
    assert not bench.engine.rests(), "it starts"
    bench.run(SETTLED_MS)
    bench.ask(w.ARM)
    bench.run(SETTLED_MS)
    assert bench.engine.rests()
    bench.units[PRIMARY] = w.FAILED
    bench.run(50)
    assert bench.engine.state == w.NORMAL
    assert not bench.engine.rests(), "a failure is held back"
    while bench.engine.state != w.SWITCHING:
        bench.run(1)
    assert bench.engine.health.is_calm()
    assert not bench.engine.rests(), "it switches"
    bench.run(500)
    assert bench.connected() == [SPARE]
    assert bench.engine.rests()


def test_what_was_just_told_is_to_be_decided_on_at_once() -> None:
    bench = group()
    assert bench.engine.next_ms() > 0
    bench.engine.supply(0)
    assert bench.engine.next_ms() == 0
    bench.run(10)
    assert bench.engine.next_ms() > 0
    for _ in range(ALTERED_RUN):
        bench.engine.altered(0, w.FROZEN)
    assert bench.engine.next_ms() == 0


# -- contacts, windows and expiries -------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [0, 1])
def test_of_a_pool_only_the_contact_that_came_to_rest_is_told_to_rest(line: int) -> None:
    bench = group(primaries=2)
    bench.rows.clear()
    bench.ask(w.MS, 2, line + 1)
    bench.run(500)
    rested = [(at, position & ~w.RESTS) for at, position in bench.events(w.E_CONTACT) if position & w.RESTS]
    assert rested == [(line, w.BETWEEN), (line, w.AT_SPARE)]


def returned(bench: Bench) -> list[int]:
    """Let a person move the load to the spare and end that, so that it returns by itself; return what holds that."""
    token = bench.ask(w.MS, SPARE)
    bench.run(500)
    assert bench.connected() == [SPARE]
    bench.ask(w.CLEAR, number=bench.replies(token)[0][2])
    bench.run(500)
    return bench.engine.held_back


def test_the_returns_of_one_window_are_counted_and_those_of_another_are_not() -> None:
    bench = group(revertive=1, wtr_s=0, stay_min_s=0, attempts_max=1, attempts_window_s=5)
    assert returned(bench) == 0
    assert bench.connected() == [PRIMARY]
    assert returned(bench) == w.I_ATTEMPTS | w.I_ASKING
    assert bench.connected() == [SPARE]
    bench.run(5000)
    assert bench.connected() == [PRIMARY], "the window is over"
    bench.run(5000)
    assert bench.engine.situation.inhibited == 0
    assert returned(bench) == 0
    assert bench.connected() == [PRIMARY]


def fall(bench: Bench) -> None:
    """Let the coil of a relay at the spare lose its current for a moment."""
    assert bench.connected() == [SPARE]
    bench.relays[0].coil_open = 1
    bench.run(100)
    bench.relays[0].coil_open = 0
    bench.run(1000)


@pytest.mark.parametrize(("apart_ms", "state"), [(1000, w.HELD), (6000, w.ON_SPARE)])
def test_a_relay_that_falls_again_is_at_fault_within_the_window_and_not_after_it(apart_ms: int, state: int) -> None:
    bench = group(attempts_max=2, attempts_window_s=5, stay_min_s=0)
    bench.stop(PRIMARY)
    bench.run(500)
    fall(bench)
    bench.engine.refused(0)  # another minute begins, and ends with the other timers
    bench.run(apart_ms)
    fall(bench)
    assert bench.engine.state == state


def test_whoever_waits_for_a_request_that_expires_is_told_that_it_ended() -> None:
    bench = group(drain_s=10)
    bench.role_ms[PRIMARY] = -1
    token = bench.ask(w.MS, SPARE, seconds=2)
    bench.run(3000)
    assert bench.verdicts(token) == [w.ACCEPTED, w.ENDED]
    assert bench.engine.standing.slots() == []
