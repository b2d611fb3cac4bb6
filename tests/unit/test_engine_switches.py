"""Interlocked and fenced switches under the engine: starts, failovers, fences, falls and lost read-backs."""

from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from tests.simulation.bench import Bench

PRIMARY, SPARE = 0, 1
KINDS = pytest.mark.parametrize("switch", [w.INTERLOCKED, w.FENCED_FEED])


def at_work(switch: int, **values: Any) -> Bench:
    """Return an armed pair on its primary, with the laws watching."""
    bench = Laws().attach(Bench(switch=switch, **values))
    bench.run(300)
    bench.ask(w.ARM)
    bench.run(300)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.alarms == 0
    return bench


def verdict(bench: Bench, *ask: Any, **more: Any) -> int:
    return bench.verdicts(bench.ask(*ask, **more))[0]


# -- starts -------------------------------------------------------------------------------------------------------


def test_an_interlocked_line_rests_on_nobody_until_the_group_is_armed() -> None:
    bench = Laws().attach(Bench(switch=w.INTERLOCKED))
    bench.run(3000)
    assert bench.connected() == [w.NONE]
    assert bench.engine.alarms & w.A_UNCONNECTED
    assert bench.engine.held_back & w.I_DISARMED
    bench.ask(w.ARM)
    bench.run(300)
    assert bench.connected() == [PRIMARY]
    assert not bench.engine.alarms & w.A_UNCONNECTED


def test_a_person_connects_the_primary_of_a_disarmed_group() -> None:
    bench = Laws().attach(Bench(switch=w.INTERLOCKED))
    bench.run(300)
    token = bench.ask(w.MS_P, PRIMARY)
    bench.run(300)
    assert bench.verdicts(token) == [w.ACCEPTED, w.DONE]
    assert bench.connected() == [PRIMARY]


def test_a_primary_that_is_out_of_use_is_not_connected_by_a_start() -> None:
    bench = at_work(w.INTERLOCKED)
    bench.ask(w.OUT, PRIMARY)
    bench.run(500)
    assert bench.connected() == [SPARE]
    bench.units[SPARE] = w.FAILED
    bench.reset(50)
    bench.run(5000)
    assert bench.connected() == [w.NONE]
    assert bench.engine.alarms & w.A_UNCONNECTED


def test_F35_after_a_reset_an_interlocked_line_goes_back_to_a_primary_that_is_well() -> None:
    bench = at_work(w.INTERLOCKED)
    bench.reset(100)
    assert bench.connected() == [w.NONE], "a dead controller opens both contacts"
    bench.run(1000)
    assert bench.connected() == [PRIMARY]


@KINDS
def test_F35_after_a_reset_the_spare_carries_again_where_the_primary_is_dead(switch: int) -> None:
    bench = at_work(switch)
    bench.stop(PRIMARY)
    bench.run(500)
    assert bench.connected() == [SPARE]
    bench.reset(100)
    bench.run(1000)
    assert bench.connected() == [SPARE]


# -- failover and fence -------------------------------------------------------------------------------------------


def test_a_failed_unit_stays_fenced_however_well_it_seems_until_a_person_says_otherwise() -> None:
    bench = at_work(w.FENCED_FEED, revertive=1, wtr_s=1, stay_min_s=0)
    bench.stop(PRIMARY)
    bench.run(500)
    assert bench.events(w.E_FENCED) == [(PRIMARY, 1)]
    bench.start(PRIMARY)
    bench.run(5000)
    assert bench.connected() == [SPARE]
    assert bench.engine.situation.health[PRIMARY] == w.FENCED
    assert bench.engine.alarms & w.A_FENCED
    assert verdict(bench, w.MS_P, PRIMARY) == w.OUTRANKED
    assert verdict(bench, w.UNFENCE, PRIMARY) == w.DONE
    bench.run(3000)
    assert bench.connected() == [PRIMARY], "a revertive group returns by itself from then on"
    assert bench.engine.alarms == 0


def test_a_planned_switchover_fences_nobody() -> None:
    bench = at_work(w.FENCED_FEED)
    bench.ask(w.MS, SPARE)
    bench.run(500)
    assert bench.connected() == [SPARE]
    assert bench.engine.fenced == 0
    bench.ask(w.MS_P, PRIMARY)
    bench.run(500)
    assert bench.connected() == [PRIMARY]


def test_unfence_is_refused_with_the_reason() -> None:
    bench = at_work(w.FENCED_FEED)
    assert verdict(bench, w.UNFENCE, PRIMARY) == w.NOT_FENCED
    assert verdict(bench, w.UNFENCE, SPARE) == w.UNKNOWN_UNIT
    bench.stop(PRIMARY)
    bench.run(500)
    bench.relays[0].shown = w.AT_BOTH
    bench.run(100)
    assert verdict(bench, w.UNFENCE, PRIMARY) == w.NOT_ISOLATED
    bench.relays[0].shown = w.NONE
    bench.run(100)
    assert verdict(bench, w.UNFENCE, PRIMARY, flags=w.DRY) == w.DONE
    assert bench.engine.fenced == 1
    assert verdict(bench, w.UNFENCE, PRIMARY) == w.DONE


def test_a_fence_outlives_a_reset() -> None:
    bench = at_work(w.FENCED_FEED)
    bench.stop(PRIMARY)
    bench.run(500)
    bench.reset(50)
    assert bench.engine.fenced == 1
    bench.start(PRIMARY)
    bench.run(3000)
    assert bench.connected() == [SPARE]


# -- faults -------------------------------------------------------------------------------------------------------


@KINDS
def test_F5_a_contact_of_the_primary_that_is_welded_keeps_the_spare_away(switch: int) -> None:
    bench = at_work(switch)
    bench.relays[0].primary.welded = 1
    bench.stop(PRIMARY)
    bench.run(1000)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.state == w.HELD
    assert bench.engine.alarms & w.A_RELAY
    assert [position for _, _, position in bench.drives()].count(w.AT_SPARE) == 0
    bench.relays[0].primary.welded = 0
    bench.run(100)
    assert verdict(bench, w.CLEAR_RELAY) == w.DONE
    bench.run(1000)
    assert bench.connected() == [SPARE]


@KINDS
@pytest.mark.parametrize("shown", [w.AT_BOTH, w.AT_PRIMARY])
def test_F6_no_takeover_on_an_isolation_that_is_not_proven(switch: int, shown: int) -> None:
    bench = at_work(switch)
    bench.relays[0].shown = shown  # a read-back wire is lost: its contact is not proven open any more
    bench.run(100)
    bench.stop(PRIMARY)
    bench.run(1000)
    assert SPARE not in bench.connected()
    assert bench.engine.alarms & (w.A_RELAY | w.A_READBACK)
    assert bench.engine.alarms & w.A_INHIBITED


@KINDS
def test_F6_an_isolation_that_is_lost_while_both_are_held_open_is_proven_again_before_the_spare_is_connected(
    switch: int,
) -> None:
    bench = at_work(switch, dead_time_ms=200)
    bench.ask(w.MS, SPARE)
    bench.run(100)
    assert bench.connected() == [w.NONE]
    bench.relays[0].shown = w.AT_BOTH
    bench.run(500)
    assert w.AT_SPARE not in [position for _, _, position in bench.drives()]
    assert bench.engine.alarms & w.A_RELAY


@KINDS
def test_F6_a_group_whose_isolation_is_not_proven_is_not_armed(switch: int) -> None:
    bench = Laws().attach(Bench(switch=switch))
    bench.relays[0].shown = w.AT_BOTH
    bench.run(300)
    assert verdict(bench, w.ARM) == w.NOT_ISOLATED
    assert not bench.engine.armed
    bench.relays[0].shown = w.NONE
    bench.run(300)
    assert verdict(bench, w.ARM) == w.DONE


def test_nothing_that_can_not_be_proven_is_armed_unless_a_person_accepts_it_and_it_shows() -> None:
    bench = Bench(switch=w.UNPROVEN)
    bench.run(300)
    assert verdict(bench, w.ARM) == w.NOT_ISOLATED
    assert verdict(bench, w.ARM, flags=w.ACCEPT_SPLIT_BRAIN) == w.DONE
    bench.run(300)
    assert bench.events(w.E_ARMED) == [(1, 1)]
    assert bench.engine.alarms & w.A_SPLIT_BRAIN
    bench.reset(20)
    bench.run(300)
    assert bench.engine.alarms & w.A_SPLIT_BRAIN, "it shows until somebody disarms it"
    bench.ask(w.DISARM)
    bench.run(10)
    assert not bench.engine.alarms & w.A_SPLIT_BRAIN


@KINDS
def test_F7_a_contact_of_the_spare_that_does_not_close_leaves_the_line_where_it_was(switch: int) -> None:
    bench = at_work(switch)
    bench.relays[0].spare.due_ms = lambda: 1 << 29  # type: ignore[method-assign]
    bench.ask(w.MS, SPARE)
    bench.run(2000)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.state == w.HELD
    assert bench.engine.alarms & w.A_RELAY


@KINDS
def test_F36_the_coil_supply_goes_while_the_spare_carries_the_line(switch: int) -> None:
    bench = at_work(switch)
    bench.stop(PRIMARY)
    bench.run(500)
    bench.supply = 0
    bench.run(500)
    assert bench.connected() == [w.NONE if switch == w.INTERLOCKED else PRIMARY]
    assert bench.engine.alarms & w.A_FELL
    assert bench.engine.alarms & w.A_SUPPLY
    bench.supply = 1
    bench.run(1000)
    assert bench.connected() == [SPARE]


def test_F40_a_fence_that_falls_is_alarmed_and_the_spare_is_cut_off_by_the_wiring() -> None:
    bench = at_work(w.FENCED_FEED)
    bench.stop(PRIMARY)
    bench.run(500)
    assert bench.connected() == [SPARE]
    bench.relays[0].primary.goal = bench.relays[0].primary.closed = 1  # the fence closes, whatever its coil is told
    bench.relays[0].primary.aim = lambda *args: None  # type: ignore[method-assign]
    bench.run(100)
    assert bench.connected() == [PRIMARY], "never both"
    assert bench.engine.alarms & w.A_UNFENCED
    assert bench.engine.alarms & w.A_READBACK


def test_F40_a_reset_opens_no_fence_by_itself_and_the_unit_stays_fenced() -> None:
    bench = at_work(w.FENCED_FEED)
    bench.stop(PRIMARY)
    bench.run(500)
    bench.units[SPARE] = w.FAILED  # nobody can take over after the reset
    bench.reset(100)
    bench.run(1000)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.alarms & w.A_UNFENCED


@pytest.mark.parametrize("driven", [w.AT_PRIMARY, w.AT_SPARE])
def test_F39_torn_poles_go_to_the_primary_and_hold(driven: int) -> None:
    bench = Laws().attach(Bench(poles=2))
    bench.ask(w.ARM)
    bench.run(300)
    if driven == w.AT_SPARE:
        bench.ask(w.MS, SPARE)
        bench.run(300)
    bench.relays[0].shown = w.AT_BOTH
    bench.run(300)
    assert bench.engine.alarms & w.A_TORN
    assert bench.engine.state == w.HELD
    assert bench.engine.lines.driven == [w.AT_PRIMARY]
    assert bench.events(w.E_TORN) == [(0, 0)]
    bench.relays[0].shown = w.NONE
    bench.run(300)
    assert verdict(bench, w.CLEAR_RELAY) == w.DONE
    bench.run(100)
    assert not bench.engine.alarms & w.A_TORN


def test_F6_one_read_back_that_says_both_is_no_torn_line_where_there_is_one_pole() -> None:
    bench = Laws().attach(Bench())
    bench.ask(w.ARM)
    bench.run(300)
    bench.relays[0].shown = w.AT_BOTH
    bench.run(300)
    assert not bench.engine.alarms & w.A_TORN
    assert bench.engine.alarms & w.A_READBACK


def test_F8_a_line_that_strayed_to_the_spare_and_came_to_rest_open_can_be_cleared() -> None:
    bench = at_work(w.INTERLOCKED)
    bench.relays[0].shown = w.AT_SPARE
    bench.run(300)
    assert bench.engine.state == w.HELD
    assert verdict(bench, w.CLEAR_RELAY) == w.HELD_BACK
    bench.supply = 0
    bench.relays[0].shown = w.NONE
    bench.run(300)
    bench.supply = 1
    bench.run(300)
    assert bench.engine.state == w.HELD
    assert verdict(bench, w.CLEAR_RELAY) == w.DONE
    bench.run(300)
    assert bench.connected() == [PRIMARY]


@KINDS
def test_F22_a_spare_that_is_locked_out_in_the_middle_of_a_switch_is_not_given_the_line_back(switch: int) -> None:
    bench = at_work(switch)
    bench.ask(w.MS, SPARE)
    bench.run(300)
    bench.ask(w.LO, SPARE)
    while bench.engine.lines.driven != [w.BETWEEN]:
        bench.run(1)
    bench.cables[0].conflict = 1
    bench.run(500)
    assert bench.engine.alarms & w.A_CONFLICT
    assert bench.connected() == [PRIMARY]


def test_a_line_that_strayed_does_not_keep_the_loop_busy_while_another_ones_coil_rests() -> None:
    bench = Laws().attach(Bench(switch=w.FENCED_FEED, primaries=2, coil_min_ms=300))
    bench.run(300)
    bench.ask(w.ARM)
    bench.run(300)
    bench.relays[1].shown = w.AT_SPARE
    bench.run(500)
    assert bench.engine.guard.astray == 2
    bench.ask(w.CLEAR_RELAY)
    bench.engine.lines.drive(0, w.BETWEEN)  # and line 0 is seen elsewhere while its coil has to rest
    bench.engine.guard.due = 1
    bench.run(100)  # the bench sees to it that no step asks to be called again at once


def test_a_line_that_strays_in_the_middle_of_a_return_keeps_the_spare_from_being_connected_again() -> None:
    bench = Laws().attach(Bench(switch=w.INTERLOCKED, primaries=2))
    bench.run(300)
    bench.ask(w.ARM)
    bench.run(300)
    bench.units[0] = w.FAILED
    bench.run(600)
    assert bench.engine.selected == 0
    bench.units[0] = w.OK
    bench.run(300)
    bench.ask(w.MS_P, 0)
    while bench.engine.lines.driven[0] != w.BETWEEN:
        bench.run(1)
    since = len(bench.drives())
    bench.relays[1].shown = w.AT_SPARE
    bench.run(1000)
    assert [position for _, line, position in bench.drives()[since:] if line == 0] == [w.AT_PRIMARY]
    assert bench.engine.state == w.HELD


@KINDS
def test_a_lockout_switch_in_the_middle_of_a_return_keeps_the_spare_away_though_the_primary_failed(switch: int) -> None:
    bench = at_work(switch)
    bench.ask(w.MS, SPARE)
    bench.run(300)
    bench.ask(w.MS_P, PRIMARY)
    while bench.engine.lines.driven != [w.BETWEEN]:
        bench.run(1)
    bench.switch_on = 1
    bench.units[PRIMARY] = w.FAILED
    bench.hurry()
    bench.run(500)
    assert w.AT_SPARE not in [position for ms, _, position in bench.drives() if ms > bench.now_ms - 500]
    assert bench.engine.alarms & w.A_INHIBITED
