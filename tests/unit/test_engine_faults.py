"""The faults of the campaign that the engine alone can show, each named by its number, with the laws watching."""

from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from tests.simulation.bench import SILENT, Bench, pair

PRIMARY, SPARE = 0, 1
SWITCHED_MS = 200


def group(armed: bool = True, **values: Any) -> Bench:
    """Return a group at work on its primary, with the laws watching."""
    bench = Laws().attach(Bench(**values))
    if armed:
        bench.ask(w.ARM)
    bench.run(200)
    assert bench.engine.state == w.NORMAL
    return bench


def on_spare(**values: Any) -> Bench:
    bench = group(**values)
    bench.ask(w.MS, SPARE)
    bench.run(SWITCHED_MS)
    assert bench.engine.state == w.ON_SPARE
    return bench


def failed_over(**values: Any) -> Bench:
    bench = group(**values)
    bench.stop(PRIMARY)
    bench.run(500 + values.get("hold_off_ms", 0))
    assert bench.engine.state == w.ON_SPARE
    return bench


# -- paths --------------------------------------------------------------------------------------------------------


def test_F1_one_crosslink_cut_alarms_and_switches_nothing() -> None:
    bench = group()
    bench.cables[0].cut = 1
    bench.run(2000)
    assert bench.engine.alarms == w.A_PRIMARY_IMPAIRED | w.A_PATH
    assert bench.drives() == []


@pytest.mark.parametrize(("policy", "selected"), [(1, 0), (0, w.NONE)])
def test_F2_all_paths_cut_acts_after_hold_off_by_policy(policy: int, selected: int) -> None:
    bench = group(hold_off_ms=500, on_silence=policy)
    for cable in bench.cables:
        cable.cut = cable.unit == PRIMARY
    bench.run(500)
    assert bench.drives() == []
    bench.run(SWITCHED_MS)
    assert bench.engine.selected == selected
    if not policy:
        assert bench.engine.held_back == w.I_POLICY
        assert bench.engine.alarms & w.A_INHIBITED


def test_F2_a_report_of_failure_switches_a_group_that_silence_does_not() -> None:
    bench = group(on_silence=0)
    bench.units[PRIMARY] = w.FAILED
    bench.run(SWITCHED_MS)
    assert bench.engine.selected == 0


def test_F4_a_one_way_line_alarms_and_switches_nothing() -> None:
    bench = group()
    bench.cables[0].one_way = 1
    bench.run(2000)
    assert bench.engine.alarms == w.A_PRIMARY_IMPAIRED | w.A_ONE_WAY
    assert bench.drives() == []


@pytest.mark.parametrize(("on_altered", "selected"), [(0, w.NONE), (1, 0)])
def test_F27_an_altered_heartbeat_is_judged_as_configured_and_named(on_altered: int, selected: int) -> None:
    bench = group(on_altered=on_altered)
    bench.cables[0].pace = 4
    bench.run(1000)
    assert bench.events(w.E_ALTERED)[0] == (0, w.WRONG_RATE)
    assert bench.engine.selected == selected


def test_F33_a_dead_beacon_is_a_failover_where_no_path_bypasses_it() -> None:
    bench = group()
    bench.beacons[PRIMARY] = 0
    bench.run(500)
    assert bench.engine.selected == 0


def test_F33_a_dead_beacon_is_no_failover_while_the_unit_itself_says_ok() -> None:
    bench = group(paths=pair(direct=1))
    bench.beacons[PRIMARY] = 0
    bench.run(2000)
    assert bench.drives() == []
    assert bench.engine.health.units[PRIMARY].health == w.IMPAIRED
    assert [path.source for path in bench.engine.health.paths if path.state == w.SILENT] == [1, 1]


def test_F21_boards_that_differ_fail_over_by_hand_only_also_after_the_other_fell_silent() -> None:
    bench = group()
    bench.cables[0].differs = 1
    bench.run(100)
    bench.stop(PRIMARY)
    bench.run(2000)
    assert bench.drives() == []
    assert bench.engine.held_back == w.I_DIFFERS
    bench.ask(w.FS, SPARE)
    bench.run(SWITCHED_MS)
    assert bench.engine.selected == 0


def test_F22_while_another_board_claims_the_role_nothing_moves_and_an_alarm_stands() -> None:
    bench = group()
    bench.cables[0].conflict = 1
    bench.run(100)
    bench.units[PRIMARY] = w.FAILED
    bench.run(1000)
    assert bench.drives() == []
    assert bench.engine.alarms & w.A_CONFLICT
    assert bench.engine.held_back == w.I_CONFLICT
    bench.cables[0].conflict = 0
    bench.run(5000 + SWITCHED_MS)
    assert bench.engine.selected == 0


def test_F17_a_stall_of_the_own_loop_is_no_failover() -> None:
    bench = group()
    for _ in range(20):
        bench.stall(600)
        bench.run(30)
    assert bench.drives() == []
    assert bench.engine.stalls == 20
    assert bench.engine.alarms & w.A_STALLED


def test_F26_F42_a_planned_stop_is_no_failover_until_it_lasts_too_long() -> None:
    bench = group(paths=pair(direct=1))
    bench.leaving_s = 2
    bench.units[PRIMARY] = w.LEAVING
    bench.run(100)
    bench.stop(PRIMARY)
    bench.run(1800)
    assert bench.drives() == []
    bench.run(300)
    assert bench.engine.selected == 0


# -- relays -------------------------------------------------------------------------------------------------------


def test_F5_a_welded_contact_holds_the_group_where_it_is_until_it_is_cleared() -> None:
    bench = on_spare()
    bench.relays[0].welded = 1
    token = bench.ask(w.MS_P, PRIMARY)
    bench.run(1000)
    assert bench.verdicts(token) == [w.ACCEPTED, w.FELL_BACK]
    assert (bench.engine.state, bench.engine.selected) == (w.HELD, 0)
    assert bench.engine.alarms & w.A_RELAY
    drives = len(bench.drives())
    bench.stop(SPARE)
    bench.run(2000)
    assert len(bench.drives()) == drives, "nothing is tried again"
    assert bench.engine.held_back & w.I_RELAY
    bench.start(SPARE)
    bench.relays[0].welded = 0
    bench.ask(w.CLEAR_RELAY)
    bench.run(200)
    bench.ask(w.MS_P, PRIMARY)
    bench.run(SWITCHED_MS)
    assert (bench.engine.state, bench.engine.selected, bench.engine.alarms) == (w.NORMAL, w.NONE, 0)


@pytest.mark.parametrize("shown", [w.BETWEEN, w.AT_BOTH])
def test_F6_broken_read_backs_are_alarmed_and_hold_no_changeover_back(shown: int) -> None:
    bench = group()
    bench.relays[0].shown = shown
    bench.run(100)
    assert bench.engine.alarms == w.A_READBACK
    bench.stop(PRIMARY)
    bench.run(500)
    assert bench.connected() == [SPARE]
    assert bench.engine.state == w.ON_SPARE
    assert bench.engine.alarms & w.A_READBACK
    bench.relays[0].shown = w.NONE
    bench.run(100)
    assert not bench.engine.alarms & w.A_READBACK


def test_F6_a_relay_that_falls_while_its_read_back_was_broken_is_seen_to_have_fallen() -> None:
    bench = failed_over()
    bench.relays[0].shown = w.BETWEEN
    bench.run(100)
    bench.relays[0].shown = w.NONE
    bench.supply = 0
    bench.run(100)
    assert bench.engine.selected == w.NONE
    assert bench.engine.alarms & w.A_FELL


def test_F7_an_open_coil_is_tried_twice_and_the_group_says_that_it_is_not_protected() -> None:
    bench = group()
    bench.relays[0].coil_open = 1
    bench.stop(PRIMARY)
    bench.run(1000)
    assert [position for _, _, position in bench.drives()] == [w.AT_SPARE, w.AT_PRIMARY] * 2
    assert bench.engine.state == w.HELD
    assert bench.engine.alarms & w.A_RELAY
    assert bench.engine.alarms & w.A_INHIBITED
    bench.relays[0].coil_open = 0
    bench.ask(w.CLEAR_RELAY)
    bench.run(SWITCHED_MS)
    assert bench.engine.state == w.ON_SPARE


def test_F7_the_spare_fails_before_the_retry_and_is_not_connected() -> None:
    bench = group()
    bench.relays[0].coil_open = 1
    bench.stop(PRIMARY)
    while len(bench.drives()) < 2:
        bench.run(1)
    bench.relays[0].coil_open = 0
    bench.units[SPARE] = w.FAILED
    bench.run(1000)
    assert len(bench.drives()) == 2
    assert bench.engine.held_back & w.I_SPARE_NOT_WELL


def test_F8_a_contact_that_goes_to_the_spare_by_itself_holds_the_group() -> None:
    bench = group()
    bench.relays[0].shown = w.AT_SPARE
    bench.run(100)
    assert bench.engine.state == w.HELD
    assert bench.engine.selected == 0
    assert bench.verdicts(bench.ask(w.CLEAR_RELAY)) == [w.HELD_BACK]
    bench.relays[0].shown = w.NONE
    bench.run(100)
    assert bench.engine.selected == w.NONE, "what is read is what is said"
    assert bench.verdicts(bench.ask(w.CLEAR_RELAY)) == [w.DONE]
    bench.run(10)
    assert (bench.engine.state, bench.engine.alarms) == (w.NORMAL, 0)


def test_F36_coil_supply_lost_on_the_spare_is_recorded_and_decided_afresh() -> None:
    bench = failed_over()
    bench.supply = 0
    bench.run(500)
    assert bench.connected() == [PRIMARY]
    assert bench.events(w.E_FELL) == [(0, w.AT_PRIMARY)]
    assert bench.engine.alarms & w.A_SUPPLY
    assert bench.engine.alarms & w.A_FELL
    assert bench.engine.held_back == w.I_SUPPLY
    assert bench.drives()[-1][2] == w.AT_PRIMARY, "it does not come back by itself when the supply does"
    bench.supply = 1
    bench.run(SWITCHED_MS)
    assert bench.connected() == [SPARE]
    assert not bench.engine.alarms & w.A_FELL


def test_F36_a_planned_switchover_is_not_done_again_after_a_fall() -> None:
    bench = on_spare()
    bench.supply = 0
    bench.run(500)
    bench.supply = 1
    bench.run(2000)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.standing.slots() == []


def test_F36_a_relay_that_falls_again_and_again_is_at_fault() -> None:
    bench = failed_over(attempts_max=3)
    for _ in range(6):
        bench.supply = 0
        bench.run(200)
        bench.supply = 1
        bench.run(400)
    assert bench.engine.state == w.HELD
    assert len(bench.events(w.E_FELL)) == 3
    bench.ask(w.CLEAR_RELAY)
    bench.run(SWITCHED_MS)
    assert bench.connected() == [SPARE]


def test_a_latching_relay_without_supply_is_not_sent_back() -> None:
    bench = on_spare(retention=w.LATCHING)
    bench.supply = 0
    bench.run(50)
    assert bench.replies(bench.ask(w.MS_P, PRIMARY))[0][::5] == (w.HELD_BACK, w.I_SUPPLY)
    assert bench.connected() == [SPARE]


# -- both units ---------------------------------------------------------------------------------------------------


def test_F34_the_spare_fails_with_the_load_and_no_ok_primary_stay_and_alarm() -> None:
    bench = failed_over()
    drives = len(bench.drives())
    bench.units[SPARE] = w.FAILED
    bench.run(2000)
    assert len(bench.drives()) == drives
    assert bench.engine.situation.winner == w.SF_P
    assert bench.engine.held_back & w.I_PRIMARY_NOT_WELL
    assert bench.engine.alarms & w.A_INHIBITED


@pytest.mark.parametrize("first", [PRIMARY, SPARE])
def test_F37_both_failed_stay_alarm_and_the_first_to_be_ok_gets_the_load(first: int) -> None:
    bench = group()
    bench.units = [w.FAILED, w.FAILED]
    bench.hurry()
    bench.run(1000)
    assert bench.drives() == []
    assert bench.engine.alarms & w.A_INHIBITED
    bench.start(first)
    bench.run(500)
    assert bench.connected() == [first]
    bench.start(1 - first)
    bench.run(2000)
    assert bench.connected() == [first]


def test_F37_both_failed_on_the_spare_and_the_primary_is_first_to_be_ok() -> None:
    bench = failed_over()
    bench.units[SPARE] = SILENT
    bench.run(500)
    bench.start(PRIMARY)
    bench.run(500)
    assert bench.connected() == [PRIMARY]


# -- returning ----------------------------------------------------------------------------------------------------


def test_a_group_that_does_not_revert_stays() -> None:
    bench = failed_over(revertive=0)
    bench.start(PRIMARY)
    bench.run(20_000)
    assert bench.connected() == [SPARE]
    assert bench.engine.situation.winner == w.DNR


def test_a_revertive_group_waits_to_restore_and_a_new_failure_restarts_the_wait() -> None:
    bench = failed_over(revertive=1, wtr_s=3, stay_min_s=0)
    bench.start(PRIMARY)
    bench.run(2000)
    bench.stop(PRIMARY)
    bench.run(300)
    bench.start(PRIMARY)
    bench.run(2800)
    assert bench.connected() == [SPARE]
    bench.run(600)
    assert bench.connected() == [PRIMARY]


@pytest.mark.parametrize("health", [w.FAILED, w.IMPAIRED])
def test_a_primary_that_recovers_while_the_relay_moves_still_has_to_stay_well_for_the_wait(health: int) -> None:
    bench = group(revertive=1, wtr_s=3, stay_min_s=0, on_degraded=1)
    bench.units[PRIMARY] = health
    bench.hurry()
    bench.run(3)
    bench.units[PRIMARY] = w.OK
    bench.hurry()
    bench.run(2500)
    assert bench.connected() == [SPARE]
    bench.run(1000)
    assert bench.connected() == [PRIMARY]


def test_wait_to_restore_stands_still_while_the_primary_is_not_known_well() -> None:
    bench = failed_over(revertive=1, wtr_s=3, stay_min_s=0, hold_off_ms=2000)
    bench.start(PRIMARY)
    bench.run(2500)
    bench.units[PRIMARY] = w.FAILED
    bench.run(1500)
    bench.units[PRIMARY] = w.OK
    bench.run(300)
    assert bench.connected() == [SPARE]
    bench.run(600)
    assert bench.connected() == [PRIMARY]


def test_a_return_waits_for_the_least_stay_and_a_failure_does_not() -> None:
    bench = failed_over(revertive=1, wtr_s=0, stay_min_s=5)
    bench.start(PRIMARY)
    bench.run(4000)
    assert bench.connected() == [SPARE]
    bench.units[SPARE] = w.FAILED
    bench.run(500)
    assert bench.connected() == [PRIMARY]


def test_F28_a_flapping_unit_gets_no_load_back_by_itself_and_a_failed_one_is_left_all_the_same() -> None:
    bench = group(revertive=1, wtr_s=0, stay_min_s=0, attempts_max=2, attempts_window_s=60)
    for _ in range(4):
        bench.stop(PRIMARY)
        bench.run(500)
        assert bench.connected() == [SPARE]
        bench.start(PRIMARY)
        bench.run(500)
    assert bench.connected() == [SPARE]
    assert bench.engine.held_back == w.I_FLAPPING | w.I_ASKING
    assert bench.engine.alarms & w.A_FLAPPING
    assert bench.engine.alarms & w.A_INHIBITED
    assert bench.engine.alarms & w.A_ASKING, "stop switching, alarm, ask"
    bench.units[SPARE] = w.FAILED
    bench.run(500)
    assert bench.connected() == [PRIMARY]
    bench.start(SPARE)
    bench.run(60_000)
    assert not bench.engine.held_back


def test_a_disarmed_group_reports_alarms_and_moves_nothing_by_itself() -> None:
    bench = group(armed=False)
    bench.stop(PRIMARY)
    bench.run(2000)
    assert bench.drives() == []
    assert bench.engine.held_back == w.I_DISARMED
    assert bench.engine.alarms & w.A_DISARMED
    assert bench.engine.alarms & w.A_INHIBITED


def test_F29_F44_a_pooled_spare_leaves_no_line_open_and_connects_no_two() -> None:
    bench = group(primaries=2)
    bench.stop(1)
    bench.run(500)
    assert bench.connected() == [0, 2]
    bench.stop(0)
    bench.run(500)
    assert bench.connected() == [2, 1], "the first by priority"
    assert bench.engine.alarms & w.A_UNCOVERED
    bench.start(0)
    bench.run(500)
    assert bench.connected() == [0, 2]
