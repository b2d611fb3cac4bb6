"""The lockout switch beside the controller: the spare is locked out from the place itself, and no host ends that."""

from __future__ import annotations

from typing import Any

import pytest

from hotspare_engine import words as w
from hotspare_engine.resolver import BY_REQUEST, BY_SWITCH, DROP_LOCKOUT, Situation, resolve
from tests.simulation.bench import Bench
from tests.unit.test_engine_faults import PRIMARY, SPARE, SWITCHED_MS, group, on_spare
from tests.unit.test_resolver import combinations

KINDS = pytest.mark.parametrize("retention", [w.FALLS, w.LATCHING])


def locked(bench: Bench, ms: int = 20) -> Bench:
    """Turn the switch on and let time pass."""
    bench.switch_on = 1
    bench.run(ms)
    return bench


def stands(bench: Bench) -> int:
    """Return every inhibitor that stands, as a status tells them."""
    bits: int = bench.engine.held_back | bench.engine.situation.inhibited
    return bits


def test_a_switch_that_is_turned_on_and_back_is_alarmed_recorded_and_leaves_nothing() -> None:
    bench = locked(group())
    assert bench.engine.alarms == w.A_OUT
    assert stands(bench) == w.I_LOCAL
    assert bench.engine.situation.winner == w.LO
    bench.switch_on = 0
    bench.run(20)
    assert bench.engine.alarms == stands(bench) == 0
    assert bench.events(w.E_LOCAL) == [(1, 0), (0, 0)]
    assert bench.drives() == []


@KINDS
def test_while_the_switch_is_on_a_failed_primary_is_not_covered_and_it_is_said_why(retention: int) -> None:
    bench = locked(group(retention=retention))
    bench.stop(PRIMARY)
    bench.run(3000)
    assert bench.drives() == []
    assert bench.engine.held_back == w.I_LOCAL
    assert bench.engine.alarms & (w.A_OUT | w.A_INHIBITED | w.A_UNCOVERED) == w.A_OUT | w.A_INHIBITED | w.A_UNCOVERED
    bench.switch_on = 0
    bench.run(SWITCHED_MS)
    assert bench.engine.selected == PRIMARY


def test_turned_back_during_a_failure_hold_off_begins_anew() -> None:
    bench = locked(group(hold_off_ms=500))
    bench.stop(PRIMARY)
    bench.run(3000)
    bench.switch_on = 0
    bench.run(450)
    assert bench.drives() == []
    bench.run(SWITCHED_MS)
    assert bench.engine.selected == PRIMARY


@KINDS
def test_a_line_on_the_spare_goes_back_to_a_primary_that_is_well(retention: int) -> None:
    bench = on_spare(retention=retention)
    locked(bench, SWITCHED_MS)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.alarms == w.A_OUT
    bench.switch_on = 0
    bench.run(3000)
    assert bench.connected() == [PRIMARY]


@KINDS
def test_a_line_on_the_spare_stays_alarmed_while_its_primary_is_not_well(retention: int) -> None:
    bench = on_spare(retention=retention)
    bench.stop(PRIMARY)
    bench.run(500)
    locked(bench, 3000)
    assert bench.connected() == [SPARE]
    assert bench.engine.held_back == w.I_PRIMARY_NOT_WELL
    assert bench.engine.alarms & (w.A_OUT | w.A_INHIBITED) == w.A_OUT | w.A_INHIBITED
    bench.start(PRIMARY)
    bench.run(500)
    assert bench.connected() == [PRIMARY]


def test_a_disarmed_group_moves_nothing_for_the_switch_and_says_so() -> None:
    bench = on_spare()
    bench.ask(w.DISARM)
    locked(bench, 3000)
    assert bench.connected() == [SPARE]
    assert bench.engine.held_back == w.I_DISARMED
    bench.ask(w.ARM)
    bench.run(SWITCHED_MS)
    assert bench.connected() == [PRIMARY]


@pytest.mark.parametrize("request_", [w.MS, w.FS, w.FX])
def test_nobody_switches_over_against_the_switch(request_: int) -> None:
    bench = locked(group())
    token = bench.ask(request_, SPARE)
    bench.run(SWITCHED_MS)
    assert bench.replies(token) == [(w.OUTRANKED, w.LO, 0, SPARE, 0, w.I_LOCAL)]
    assert bench.drives() == []


def test_clearing_a_persons_lockout_does_not_end_the_switch() -> None:
    bench = locked(group())
    token = bench.ask(w.LO)
    bench.run(20)
    (number,) = [number for number in bench.engine.standing.id if number]
    assert bench.verdicts(token) == [w.ACCEPTED, w.DONE]
    assert bench.engine.situation.lockout == BY_REQUEST | BY_SWITCH
    assert bench.verdicts(bench.ask(w.LO)) == [w.NOTHING]
    bench.ask(w.CLEAR, number=number)
    bench.run(20)
    assert bench.engine.situation.lockout == BY_SWITCH
    assert bench.verdicts(bench.ask(w.MS, SPARE)) == [w.OUTRANKED]


def test_only_a_person_who_says_so_drops_the_service_for_it() -> None:
    bench = on_spare()
    bench.stop(PRIMARY)
    bench.run(500)
    locked(bench, 500)
    assert bench.connected() == [SPARE]
    token = bench.ask(w.LO, flags=w.DROP_SERVICE)
    bench.run(SWITCHED_MS)
    assert bench.verdicts(token)[0] == w.ACCEPTED
    assert bench.connected() == [PRIMARY]


@KINDS
def test_a_switch_that_is_on_when_the_controller_starts_holds_from_its_first_step(retention: int) -> None:
    bench = on_spare(retention=retention)
    bench.stop(PRIMARY)
    bench.run(500)
    bench.switch_on = 1
    bench.reset(30)
    commanded = len(bench.drives())
    bench.run(5000)
    connected = PRIMARY if retention == w.FALLS else SPARE
    assert bench.connected() == [connected]
    assert [drive for drive in bench.drives()[commanded:] if drive[2] == w.AT_SPARE] == []
    assert stands(bench) & w.I_LOCAL
    bench.start(PRIMARY)
    bench.run(1000)
    assert bench.connected() == [PRIMARY]


def test_a_switchover_that_has_begun_is_given_up_or_undone() -> None:
    for after_ms in range(0, 60, 4):
        bench = group()
        token = bench.ask(w.MS, SPARE)
        bench.run(after_ms)
        locked(bench, 500)
        assert bench.connected() == [PRIMARY], after_ms
        assert bench.verdicts(token)[0] == w.ACCEPTED
        assert bench.engine.state == w.NORMAL


def test_the_switch_outlives_no_reset_by_itself_and_travels_in_a_snapshot() -> None:
    bench = locked(group())
    bench.replace_engine()
    assert bench.engine.switch_on == 1
    bench.switch_on = 0
    bench.reset()
    bench.run(20)
    assert bench.engine.switch_on == 0


def test_the_switch_decides_as_a_persons_lockout_does_in_every_situation() -> None:
    seen = 0
    for s in combinations(1):
        if not s.lockout or s.drop & DROP_LOCKOUT:
            continue
        other = Situation(1)
        other.load(s.values())
        other.lockout = BY_SWITCH
        resolve(s)
        resolve(other)
        assert found(other) == found(s)
        swapped = s.blocked & ~w.I_LOCKOUT | (w.I_LOCAL if s.blocked & w.I_LOCKOUT else 0)
        assert other.blocked == swapped
        seen += 1
    assert seen > 1000


def found(s: Situation) -> list[Any]:
    """Return what was found in a situation, but for the names of what holds it back."""
    return [getattr(s, name) for name in Situation.FOUND if name != "blocked"]
