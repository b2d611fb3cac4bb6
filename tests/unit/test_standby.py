"""How the spare waits: hot, warm and cold; what units are told to be and acknowledge; drains."""

from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from hotspare_engine.roles import POWER_REST_MS
from hotspare_engine.switching import DRAINING, IDLE, READYING
from hotspare_engine.timers import STOPPING
from tests.simulation.bench import Bench

PRIMARY, SPARE = 0, 1
SETTLED_MS = 300
BOOT_MS = 300
KINDS = (w.CHANGEOVER, w.INTERLOCKED, w.FENCED_FEED)


def group(standby: int, **values: Any) -> Bench:
    """Return an armed group at rest, under the laws."""
    values.setdefault("attempts_window_s", 5)
    bench = Laws().attach(Bench(standby=standby, **values))
    bench.boot_ms = BOOT_MS
    bench.run(SETTLED_MS)
    bench.ask(w.ARM)
    bench.run(SETTLED_MS)
    assert bench.engine.alarms == 0
    return bench


def told(bench: Bench) -> tuple[int, ...]:
    return tuple(bench.engine.roles.told)


def at(bench: Bench, kind: int) -> list[int]:
    """Return when events of a kind were recorded, in ms."""
    return [ms for ms, row in bench.rows if row[:2] == (w.RECORD, kind)]


# -- roles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("switch", KINDS)
def test_units_are_told_who_is_active_as_the_relays_are_driven(switch: int) -> None:
    bench = group(w.HOT, switch=switch)
    assert told(bench) == (w.ACTIVE, w.STANDBY)
    bench.stop(PRIMARY)
    bench.run(1000)
    assert bench.engine.selected == 0
    assert told(bench) == (w.STANDBY, w.ACTIVE)
    assert bench.engine.roles.heard[SPARE] == w.ACTIVE


def test_a_hot_spare_is_connected_without_its_word() -> None:
    bench = group(w.HOT)
    bench.role_ms[SPARE] = -1
    bench.stop(PRIMARY)
    bench.run(200)
    assert bench.engine.selected == 0


def test_until_the_contacts_are_read_nobody_is_told_anything() -> None:
    bench = Bench()
    assert told(bench) == (w.NOT_TOLD, w.NOT_TOLD)
    bench.run(2)
    assert told(bench) == (w.NOT_TOLD, w.NOT_TOLD)
    bench.run(100)
    assert told(bench) == (w.ACTIVE, w.STANDBY)


def test_an_acknowledgement_is_an_event_and_says_whether_the_hook_failed() -> None:
    bench = group(w.HOT)
    assert bench.events(w.E_ACKNOWLEDGED) == [(PRIMARY, w.ACTIVE), (SPARE, w.STANDBY)]
    bench.role_failed[PRIMARY] = 1
    bench.ask(w.MS, SPARE)
    bench.run(200)
    assert (PRIMARY, w.STANDBY | w.ROLE_FAILED) in bench.events(w.E_ACKNOWLEDGED)


# -- warm -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("switch", KINDS)
def test_a_warm_spare_is_connected_once_it_acknowledges_that_it_is_active(switch: int) -> None:
    bench = group(w.WARM, switch=switch)
    bench.role_ms[SPARE] = 700
    bench.stop(PRIMARY)
    bench.run(500)
    assert bench.engine.switching.step == READYING
    assert told(bench)[SPARE] == w.ACTIVE
    assert bench.connected() == ([w.NONE] if switch else [PRIMARY])  # isolated first, where that can be done by itself
    bench.run(500)
    assert bench.engine.selected == 0
    acknowledged = [ms for ms, row in bench.rows if row[:4] == (w.RECORD, w.E_ACKNOWLEDGED, SPARE, w.ACTIVE)]
    connects = [ms for ms, _, position in bench.drives() if position == w.AT_SPARE]
    assert acknowledged[0] == connects[0]


@pytest.mark.parametrize("switch", KINDS)
@pytest.mark.parametrize("how", ["silent", "fails"])
def test_a_warm_spare_that_does_not_acknowledge_leaves_the_line_where_it_was(switch: int, how: str) -> None:
    bench = group(w.WARM, switch=switch, ready_limit_ms=400)
    if how == "silent":
        bench.role_ms[SPARE] = -1
    else:
        bench.role_failed[SPARE] = 1
    token = bench.ask(w.MS, SPARE)
    bench.run(1000)
    assert bench.verdicts(token) == [w.ACCEPTED, w.NOT_READY]
    assert bench.connected() == [PRIMARY]
    assert bench.engine.state == w.NORMAL
    assert bench.engine.alarms & (w.A_UNREADY | w.A_SPARE_FAILED) == w.A_UNREADY | w.A_SPARE_FAILED
    assert bench.engine.whys()[SPARE] == w.WHY_UNREADY
    waited_ms = bench.events(w.E_UNREADY)[0][1]
    assert 400 <= waited_ms < 410 if how == "silent" else waited_ms < 50
    assert told(bench) == (w.ACTIVE, w.STANDBY)


def test_a_failover_that_the_spare_was_not_ready_for_is_named_and_tried_again_when_the_window_has_passed() -> None:
    bench = group(w.WARM, ready_limit_ms=400)
    bench.role_ms[SPARE] = -1
    bench.stop(PRIMARY)
    bench.run(1000)
    assert bench.engine.held_back & (w.I_UNREADY | w.I_SPARE_NOT_WELL) == w.I_UNREADY | w.I_SPARE_NOT_WELL
    assert bench.engine.alarms & w.A_INHIBITED
    assert bench.drives() == []
    bench.role_ms[SPARE] = 0
    bench.run(5000)
    assert bench.engine.selected == 0
    assert not bench.engine.alarms & w.A_UNREADY


def test_a_person_has_an_unready_spare_tried_again_at_once() -> None:
    bench = group(w.WARM, ready_limit_ms=400)
    bench.role_ms[SPARE] = -1
    bench.stop(PRIMARY)
    bench.run(1000)
    bench.role_ms[SPARE] = 0
    assert bench.verdicts(bench.ask(w.CLEAR_SPARE)) == [w.DONE]
    bench.run(100)
    assert bench.engine.selected == 0
    assert bench.verdicts(bench.ask(w.CLEAR_SPARE)) == [w.NOTHING]


def test_force_connects_a_warm_spare_that_says_nothing_when_its_time_is_over() -> None:
    bench = group(w.WARM, ready_limit_ms=400)
    bench.role_ms[SPARE] = -1
    bench.ask(w.FX, SPARE)
    bench.run(390)
    assert bench.engine.selected == w.NONE
    bench.run(100)
    assert bench.engine.selected == 0


def test_a_spare_whose_isolation_is_lost_while_it_gets_ready_waits_until_it_is_proven_again() -> None:
    bench = group(w.WARM, switch=w.INTERLOCKED)
    bench.role_ms[SPARE] = 400
    bench.stop(PRIMARY)
    bench.run(300)
    assert bench.engine.switching.step == READYING
    bench.relays[0].shown = w.AT_PRIMARY
    bench.run(30)
    assert bench.engine.switching.step != READYING
    bench.relays[0].shown = w.NONE
    bench.run(1000)
    assert bench.engine.selected == 0


def test_F8_a_contact_that_strays_while_the_spare_gets_ready_holds_the_group() -> None:
    bench = group(w.COLD, start_limit_s=5)
    bench.boot_ms = 3000
    bench.stop(PRIMARY)
    bench.run(500)
    assert bench.engine.switching.step == READYING
    bench.relays[0].shown = w.AT_SPARE
    bench.run(300)
    assert bench.engine.state == w.HELD
    assert bench.engine.alarms & w.A_RELAY
    bench.relays[0].shown = w.NONE
    bench.run(300)
    bench.ask(w.CLEAR_RELAY)
    bench.run(6000)
    assert bench.connected() == [SPARE]


def test_F6_a_read_back_that_is_lost_while_the_spare_gets_ready_is_alarmed_at_once() -> None:
    bench = group(w.COLD, start_limit_s=5)
    bench.boot_ms = 3000
    bench.stop(PRIMARY)
    bench.run(500)
    bench.relays[0].shown = w.AT_BOTH
    bench.run(300)
    assert bench.engine.alarms & w.A_READBACK
    bench.run(4000)
    assert bench.connected() == [SPARE]


def test_a_primary_that_is_well_again_while_the_spare_gets_ready_keeps_the_line() -> None:
    bench = group(w.WARM, switch=w.INTERLOCKED)
    bench.role_ms[SPARE] = 2000
    bench.units[PRIMARY] = w.FAILED
    bench.run(500)
    assert bench.connected() == [w.NONE]
    bench.start(PRIMARY)
    bench.run(500)
    assert bench.connected() == [PRIMARY]
    assert told(bench) == (w.ACTIVE, w.STANDBY)


def test_a_spare_hears_which_line_it_gets_before_it_is_connected() -> None:
    bench = group(w.WARM)
    bench.role_ms[SPARE] = 500
    agent = next(place for place, path in enumerate(bench.paths) if path[1] == SPARE)
    bench.stop(PRIMARY)
    bench.run(300)
    assert bench.engine.selected == w.NONE
    assert bench.engine.line_told(agent) == 1
    assert bench.engine.line_told(0) == 0
    bench.run(500)
    assert bench.engine.line_told(agent) == bench.engine.line_told(0) == 1


def test_on_return_a_warm_spare_is_told_to_stand_by() -> None:
    bench = group(w.WARM)
    bench.ask(w.MS, SPARE)
    bench.run(200)
    bench.ask(w.MS_P, PRIMARY)
    bench.run(200)
    assert bench.events(w.E_ROLE)[-2:] == [(PRIMARY, w.ACTIVE), (SPARE, w.STANDBY)]
    assert bench.engine.roles.heard[SPARE] == w.STANDBY


# -- cold -------------------------------------------------------------------------------------------------------------


def test_a_cold_spare_at_rest_is_off_and_no_alarm_stands() -> None:
    bench = group(w.COLD)
    bench.run(5000)
    assert bench.engine.health.units[SPARE].health == w.OFF
    assert bench.engine.whys()[SPARE] == w.WHY_AT_REST
    assert bench.engine.alarms == 0
    assert not bench.power


@pytest.mark.parametrize("switch", KINDS)
def test_a_cold_spare_is_started_heard_and_then_connected(switch: int) -> None:
    bench = group(w.COLD, switch=switch)
    bench.stop(PRIMARY)
    bench.run(1000)
    assert bench.engine.selected == 0
    assert bench.connected() == [SPARE]
    started_ms = at(bench, w.E_START)[0]
    connects_ms = next(ms for ms, _, position in bench.drives() if position == w.AT_SPARE)
    beat_ms = 18
    assert BOOT_MS <= connects_ms - started_ms <= BOOT_MS + beat_ms + 1
    if switch:  # what can be isolated is isolated before the start
        assert bench.drives()[0][0] < started_ms
    assert bench.engine.alarms & w.A_SPARE_FAILED == 0


def test_a_cold_spare_keeps_its_power_while_it_carries_and_for_a_while_after() -> None:
    bench = group(w.COLD, stop_delay_s=3)
    bench.ask(w.MS, SPARE)
    bench.run(5000)
    assert bench.power
    bench.ask(w.MS_P, PRIMARY)
    bench.run(2900)
    assert bench.power
    assert told(bench)[SPARE] == w.STANDBY
    bench.run(200)
    assert not bench.power
    bench.run(5000)
    assert bench.engine.health.units[SPARE].health == w.OFF
    assert bench.engine.alarms == 0


def test_a_cold_spare_that_is_wanted_again_while_it_keeps_its_power_is_not_started_twice() -> None:
    bench = group(w.COLD, stop_delay_s=3, stay_min_s=0)
    bench.ask(w.MS, SPARE)
    bench.run(1000)
    bench.ask(w.MS_P, PRIMARY)
    bench.run(1000)
    bench.ask(w.MS, SPARE)
    bench.run(200)
    assert bench.engine.selected == 0
    assert bench.events(w.E_START) == [(1, 0)]


def test_a_cold_spare_that_has_shut_down_gets_a_rest_without_power_before_it_is_started_again() -> None:
    bench = group(w.COLD, stop_delay_s=3)
    bench.ask(w.MS, SPARE)
    bench.run(1000)
    bench.ask(w.MS_P, PRIMARY)
    bench.run(100)
    bench.units[SPARE] = -1  # its hook shut it down: with its power on it would never come up again
    bench.run(500)
    assert bench.engine.health.units[SPARE].health == w.OFF
    bench.ask(w.MS, SPARE)
    bench.run(2600)
    assert bench.events(w.E_START)[-1] == (0, 0)
    bench.units[SPARE] = w.OK
    bench.run(POWER_REST_MS + BOOT_MS + 200)
    off_ms, on_ms = at(bench, w.E_START)[-2:]
    assert on_ms - off_ms == POWER_REST_MS
    assert bench.engine.selected == 0


@pytest.mark.parametrize("switch", KINDS)
def test_F30_a_cold_spare_that_does_not_come_up_leaves_the_line_where_it_was(switch: int) -> None:
    bench = group(w.COLD, switch=switch, start_limit_s=2, stop_delay_s=0, attempts_window_s=10)
    bench.units[SPARE] = -1
    bench.units[PRIMARY] = w.FAILED
    bench.run(1900)
    assert bench.power
    bench.run(500)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.alarms & w.A_UNREADY
    assert bench.engine.whys()[SPARE] == w.WHY_NO_START
    assert bench.engine.held_back & w.I_UNREADY
    assert not bench.power
    bench.units[SPARE] = w.OK
    bench.run(12_000)
    assert bench.engine.selected == 0
    assert bench.engine.alarms & w.A_UNREADY == 0


def test_F30_a_switchover_to_a_cold_spare_that_does_not_come_up_says_so() -> None:
    bench = group(w.COLD, start_limit_s=1)
    bench.units[SPARE] = -1
    token = bench.ask(w.MS, SPARE)
    bench.run(1500)
    assert bench.verdicts(token) == [w.ACCEPTED, w.NOT_READY]
    assert bench.engine.standing.slots() == []


def test_a_cold_spare_that_falls_silent_while_it_carries_has_failed() -> None:
    bench = group(w.COLD)
    bench.ask(w.MS, SPARE)
    bench.run(1000)
    bench.units[SPARE] = -1
    bench.run(200)
    assert bench.engine.selected == w.NONE
    assert bench.events(w.E_SWITCHED)[-1][0] == w.NONE


def test_a_cold_spare_that_somebody_powers_by_hand_is_well_and_used_at_once() -> None:
    bench = group(w.COLD)
    bench._start(1)
    bench.run(BOOT_MS + 100)
    assert bench.engine.health.units[SPARE].health == w.OK
    bench.stop(PRIMARY)
    bench.run(200)
    assert bench.engine.selected == 0


def test_force_connects_a_cold_spare_that_is_not_heard_when_its_time_is_over() -> None:
    bench = group(w.COLD, start_limit_s=1)
    bench.units[SPARE] = -1
    bench.ask(w.FX, SPARE)
    bench.run(900)
    assert bench.engine.selected == w.NONE
    bench.run(300)
    assert bench.engine.selected == 0


def test_after_a_reset_that_stopped_it_a_cold_spare_is_started_again_and_connected() -> None:
    bench = group(w.COLD)
    bench.stop(PRIMARY)
    bench.run(1000)
    bench.reset(30)
    assert not bench.power
    bench.run(1000)
    assert bench.engine.selected == 0
    assert bench.connected() == [SPARE]


def test_after_a_reset_a_latching_relay_stays_on_a_cold_spare_and_it_is_started_again() -> None:
    bench = group(w.COLD, retention=w.LATCHING)
    bench.stop(PRIMARY)
    bench.run(1000)
    bench.reset(30)
    bench.run(50)
    assert bench.power
    bench.run(1000)
    assert bench.engine.selected == 0
    assert bench.engine.health.units[SPARE].health == w.OK


# -- drain ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("switch", KINDS)
def test_a_planned_switchover_waits_until_the_primary_has_drained(switch: int) -> None:
    bench = group(w.HOT, switch=switch, drain_s=5)
    bench.role_ms[PRIMARY] = 2000
    token = bench.ask(w.MS, SPARE)
    bench.run(1900)
    assert bench.engine.switching.step == DRAINING
    assert told(bench) == (w.DRAIN, w.STANDBY)
    assert bench.connected() == [PRIMARY]
    bench.run(400)
    assert bench.verdicts(token) == [w.ACCEPTED, w.DONE]
    drained = [ms for ms, row in bench.rows if row[:4] == (w.RECORD, w.E_ACKNOWLEDGED, PRIMARY, w.DRAIN)]
    assert drained[0] in [ms for ms, _, _ in bench.drives()]


@pytest.mark.parametrize("switch", KINDS)
def test_a_primary_that_has_drained_is_not_told_to_be_active_before_it_is_released(switch: int) -> None:
    bench = group(w.WARM, switch=switch, drain_s=5)
    bench.role_ms[PRIMARY], bench.role_ms[SPARE] = 300, 300
    bench.ask(w.MS, SPARE)
    bench.run(1500)
    assert bench.engine.selected == 0
    assert [role for unit, role in bench.events(w.E_ROLE) if unit == PRIMARY][-3:] == [w.ACTIVE, w.DRAIN, w.STANDBY]
    bench.role_ms = [300, 300]
    bench.ask(w.MS_P, PRIMARY)
    bench.run(1500)
    assert [role for unit, role in bench.events(w.E_ROLE) if unit == SPARE][-3:] == [w.ACTIVE, w.DRAIN, w.STANDBY]


@pytest.mark.parametrize("switch", KINDS)
def test_a_drained_primary_that_gets_its_line_back_is_told_to_be_active(switch: int) -> None:
    bench = group(w.WARM, switch=switch, drain_s=5, ready_limit_ms=300)
    bench.role_ms[SPARE] = -1
    bench.ask(w.MS, SPARE)
    bench.run(1500)
    assert bench.connected() == [PRIMARY]
    assert told(bench)[PRIMARY] == w.ACTIVE


def test_a_failback_waits_until_the_spare_has_drained() -> None:
    bench = group(w.HOT, drain_s=5)
    bench.ask(w.MS, SPARE)
    bench.run(200)
    bench.role_ms[SPARE] = 1000
    bench.ask(w.MS_P, PRIMARY)
    bench.run(900)
    assert told(bench) == (w.STANDBY, w.DRAIN)
    bench.run(400)
    assert bench.engine.selected == w.NONE


@pytest.mark.parametrize("how", ["in time", "hook"])
def test_a_unit_that_does_not_drain_keeps_its_line_and_whoever_asked_is_told(how: str) -> None:
    bench = group(w.HOT, drain_s=1)
    if how == "hook":
        bench.role_failed[PRIMARY] = 1
    else:
        bench.role_ms[PRIMARY] = -1
    token = bench.ask(w.MS, SPARE)
    bench.run(1500)
    assert bench.verdicts(token) == [w.ACCEPTED, w.NOT_DRAINED]
    assert bench.drives() == []
    assert told(bench) == (w.ACTIVE, w.STANDBY)
    assert bench.engine.standing.slots() == []
    assert bench.events(w.E_UNDRAINED)[0][0] == 1 << PRIMARY


def test_without_drain_a_person_is_not_held_up() -> None:
    bench = group(w.HOT, drain_s=1)
    bench.role_ms[PRIMARY] = -1
    token = bench.ask(w.MS, SPARE, flags=w.NO_DRAIN)
    bench.run(100)
    assert bench.verdicts(token) == [w.ACCEPTED, w.DONE]


def test_a_primary_that_fails_while_it_drains_is_left_at_once() -> None:
    bench = group(w.HOT, drain_s=60)
    bench.role_ms[PRIMARY] = -1
    bench.ask(w.MS, SPARE)
    bench.run(500)
    bench.units[PRIMARY] = w.FAILED
    bench.run(100)
    assert bench.engine.selected == 0


def test_a_failover_asks_nobody_to_drain() -> None:
    bench = group(w.HOT, drain_s=60)
    bench.role_ms[PRIMARY] = -1
    bench.units[PRIMARY] = w.FAILED
    bench.run(100)
    assert bench.engine.selected == 0


def test_a_forced_switch_asks_nobody_to_drain() -> None:
    bench = group(w.HOT, drain_s=60)
    bench.role_ms[PRIMARY] = -1
    bench.ask(w.FS, SPARE)
    bench.run(100)
    assert bench.engine.selected == 0


def test_a_spare_of_many_does_not_drain_when_it_leaves_a_line_for_one_that_comes_first() -> None:
    bench = group(w.HOT, drain_s=60, primaries=2)
    bench.units[1] = w.FAILED
    bench.run(200)
    assert bench.engine.selected == 1
    bench.role_ms[2] = -1
    bench.units[0] = w.FAILED
    bench.run(300)
    assert bench.engine.selected == 0


def test_an_automatic_return_that_the_spare_does_not_drain_for_is_tried_again_when_the_window_has_passed() -> None:
    bench = group(w.HOT, drain_s=1, revertive=1, wtr_s=1, stay_min_s=0)
    bench.units[PRIMARY] = w.FAILED
    bench.run(200)
    assert bench.engine.selected == 0
    bench.role_ms[SPARE] = -1
    bench.units[PRIMARY] = w.OK
    bench.run(2500)
    assert bench.engine.selected == 0
    assert bench.engine.held_back == w.I_UNDRAINED
    assert bench.engine.alarms & w.A_INHIBITED
    bench.role_ms[SPARE] = 0
    bench.run(5000)
    assert bench.engine.selected == w.NONE


def test_an_out_primary_drains_before_it_is_covered_and_keeps_its_line_if_it_does_not() -> None:
    bench = group(w.HOT, drain_s=1)
    bench.role_ms[PRIMARY] = -1
    token = bench.ask(w.OUT, PRIMARY)
    bench.run(1500)
    assert bench.verdicts(token) == [w.ACCEPTED, w.NOT_DRAINED]
    assert bench.engine.standing.slots() == []
    bench.role_ms[PRIMARY] = 300
    bench.ask(w.OUT, PRIMARY)
    bench.run(500)
    assert bench.engine.selected == 0


def test_a_clear_ends_a_drain_and_the_unit_is_active_again() -> None:
    bench = group(w.HOT, drain_s=60)
    bench.role_ms[PRIMARY] = -1
    token = bench.ask(w.MS, SPARE)
    bench.run(500)
    bench.ask(w.CLEAR, number=bench.engine.standing.id[bench.engine.standing.order()])
    bench.run(50)
    assert bench.verdicts(token) == [w.ACCEPTED, w.ENDED]
    assert bench.engine.switching.step == IDLE
    assert told(bench) == (w.ACTIVE, w.STANDBY)


# -- exercise ---------------------------------------------------------------------------------------------------------


def exercise(bench: Bench, **values: int) -> tuple[int, ...]:
    token = bench.ask(w.EXER, **values)
    bench.run(1000)
    return bench.replies(token)[-1]


def test_an_exercise_decides_everything_and_moves_nothing() -> None:
    bench = group(w.HOT)
    assert exercise(bench)[0] == w.DONE
    assert bench.drives() == []
    assert bench.events(w.E_EXERCISED) == [(w.DONE, 0)]
    assert bench.engine.standing.slots() == []


def test_an_exercise_says_what_would_hold_a_failover_back() -> None:
    bench = group(w.HOT)
    bench.ask(w.DISARM)
    reply = exercise(bench)
    assert (reply[0], reply[5]) == (w.HELD_BACK, w.I_DISARMED)
    assert bench.events(w.E_EXERCISED) == [(w.HELD_BACK, 0)]


def test_an_exercise_is_outranked_by_what_stands_above_it() -> None:
    bench = group(w.HOT)
    bench.ask(w.LO, SPARE)
    bench.run(50)
    assert exercise(bench)[:2] == (w.OUTRANKED, w.LO)


def test_an_exercise_of_a_group_that_asks_says_that_a_person_would_be_asked() -> None:
    bench = group(w.HOT, autonomy=w.ASK)
    reply = exercise(bench)
    assert (reply[0], reply[5]) == (w.DONE, w.I_ASKING)


def test_an_exercise_on_the_spare_is_that_of_the_way_back() -> None:
    bench = group(w.HOT)
    bench.units[PRIMARY] = w.FAILED
    bench.run(100)
    bench.units[PRIMARY] = w.OK
    bench.run(100)
    assert bench.engine.selected == 0
    assert exercise(bench)[0] == w.DONE
    bench.units[PRIMARY] = w.UNKNOWN
    bench.run(100)
    reply = exercise(bench)
    assert (reply[0], reply[5] & w.I_PRIMARY_NOT_WELL) == (w.HELD_BACK, w.I_PRIMARY_NOT_WELL)


def test_an_exercise_of_a_warm_spare_fails_where_it_acknowledges_nothing() -> None:
    bench = group(w.WARM)
    assert exercise(bench)[0] == w.DONE
    bench.role_ms[SPARE] = -1
    bench.roles[SPARE] = 0
    bench.run(100)
    assert exercise(bench)[0] == w.NOT_READY


def test_an_exercise_of_a_cold_spare_starts_it_hears_it_and_stops_it() -> None:
    bench = group(w.COLD, stop_delay_s=1)
    reply = exercise(bench)
    assert reply[0] == w.DONE
    assert BOOT_MS <= reply[4] <= BOOT_MS + 20
    assert bench.drives() == []
    bench.run(1000)
    assert not bench.power
    assert bench.events(w.E_START) == [(1, 0), (0, 0)]
    assert bench.engine.alarms == 0


def test_an_exercise_of_a_cold_spare_that_still_runs_has_measured_no_start() -> None:
    bench = group(w.COLD, stop_delay_s=3)
    assert exercise(bench)[4] > 0
    reply = exercise(bench)
    assert (reply[0], reply[4]) == (w.DONE, 0)


def test_F30_an_exercise_of_a_cold_spare_that_does_not_come_up_is_alarmed() -> None:
    bench = group(w.COLD, start_limit_s=1, stop_delay_s=0)
    bench.units[SPARE] = -1
    token = bench.ask(w.EXER)
    bench.run(1500)
    assert bench.verdicts(token) == [w.ACCEPTED, w.NOT_READY]
    assert bench.engine.alarms & w.A_UNREADY
    assert not bench.power


def test_a_failure_ends_an_exercise_of_the_start_and_goes_on_with_it() -> None:
    bench = group(w.COLD)
    token = bench.ask(w.EXER)
    bench.run(100)
    bench.units[PRIMARY] = w.FAILED
    bench.run(BOOT_MS + 100)
    assert bench.replies(token)[-1][:2] == (w.PREEMPTED, w.SF_W)
    assert bench.engine.selected == 0
    assert bench.events(w.E_START) == [(1, 0)]
    assert at(bench, w.E_SWITCHED)[0] - at(bench, w.E_START)[0] < BOOT_MS + 60


def test_a_dry_exercise_starts_nothing() -> None:
    bench = group(w.COLD)
    assert exercise(bench, flags=w.DRY)[0] == w.DONE
    assert not bench.power
    assert bench.events(w.E_EXERCISED) == []


@pytest.mark.parametrize(("unit", "verdict"), [(2, w.UNKNOWN_UNIT), (-2, w.UNKNOWN_UNIT), (0, w.DONE), (1, w.DONE)])
def test_an_exercise_is_about_a_unit_that_there_is(unit: int, verdict: int) -> None:
    assert exercise(group(w.HOT), unit=unit)[0] == verdict


@pytest.mark.parametrize("switch", KINDS)
def test_a_cold_spare_loses_its_power_after_its_contact_has_moved_and_has_not_failed(switch: int) -> None:
    bench = group(w.COLD, switch=switch, stop_delay_s=0, dead_time_ms=150)
    bench.ask(w.MS, SPARE)
    bench.run(1500)
    bench.ask(w.MS_P, PRIMARY)
    bench.run(1500)
    assert bench.connected() == [PRIMARY]
    off_ms, returned_ms = at(bench, w.E_START)[-1], at(bench, w.E_SWITCHED)[-1]
    assert off_ms == returned_ms
    assert [health & 255 for unit, health in bench.events(w.E_HEALTH) if unit == SPARE] == [w.OK, w.OFF]


def test_a_cold_spare_keeps_its_power_while_it_drains() -> None:
    bench = group(w.COLD, drain_s=5, stop_delay_s=0)
    bench.ask(w.MS, SPARE)
    bench.run(1000)
    bench.role_ms[SPARE] = 1000
    bench.ask(w.MS_P, PRIMARY)
    bench.run(900)
    assert told(bench)[SPARE] == w.DRAIN
    assert bench.power
    bench.run(500)
    assert bench.engine.selected == w.NONE
    assert not bench.power


def test_a_cold_spare_that_left_as_planned_and_lost_its_power_is_at_rest() -> None:
    bench = group(w.COLD, stop_delay_s=0, leaving_max_s=2)
    bench.ask(w.MS, SPARE)
    bench.run(1000)
    bench.units[SPARE] = w.LEAVING
    bench.run(50)
    bench.ask(w.MS_P, PRIMARY)
    bench.run(5000)
    assert bench.engine.health.units[SPARE].health == w.OFF
    assert bench.engine.alarms == 0


# -- words that are late, hooks that fail, power that comes from elsewhere ---------------------------------------------


def test_a_unit_whose_hook_for_its_role_failed_is_an_alarm_until_it_takes_its_role() -> None:
    bench = group(w.HOT)
    bench.role_failed[PRIMARY] = 1
    bench.ask(w.MS, SPARE)
    bench.run(300)
    assert bench.engine.alarms & w.A_ROLE
    bench.role_failed[PRIMARY] = 0
    bench.run(300)
    assert not bench.engine.alarms & w.A_ROLE


def test_a_cold_spare_that_runs_without_power_of_ours_is_an_alarm() -> None:
    bench = group(w.COLD)
    bench._start(1)
    bench.run(BOOT_MS + 100)
    assert bench.engine.alarms & w.A_ROLE
    bench._start(0)
    bench.run(3000)
    assert bench.engine.alarms == 0


def test_an_exercise_of_a_cold_spare_that_somebody_powers_by_hand_ends_at_once() -> None:
    bench = group(w.COLD, start_limit_s=60)
    bench._start(1)
    bench.run(BOOT_MS + 100)
    reply = exercise(bench)
    assert (reply[0], reply[4]) == (w.DONE, 0)


def test_a_cold_spare_that_carries_after_a_reset_and_does_not_come_up_has_failed() -> None:
    bench = group(w.COLD, retention=w.LATCHING)
    bench.ask(w.MS, SPARE)
    bench.run(1000)
    bench.units[SPARE] = -1
    bench.reset(30)
    bench.run(500)
    assert bench.connected() == [PRIMARY]
    assert w.FAILED in [health & 255 for unit, health in bench.events(w.E_HEALTH) if unit == SPARE]


def test_a_cold_spare_that_is_wanted_again_while_it_boots_keeps_its_power() -> None:
    bench = group(w.COLD, stop_delay_s=1, start_limit_s=10)
    bench.boot_ms = 3000
    token = bench.ask(w.MS, SPARE)
    bench.run(500)
    bench.ask(w.CLEAR, number=bench.replies(token)[-1][2])
    bench.run(300)
    assert bench.engine.timers.runs(STOPPING)
    bench.ask(w.MS, SPARE)
    bench.run(4000)
    assert bench.engine.selected == 0
    assert [row for row in bench.events(w.E_START) if row == (0, 0)] == []


def test_a_cold_spare_whose_check_fails_while_it_is_at_rest_is_off() -> None:
    bench = group(w.COLD)
    bench.units[SPARE] = w.FAILED
    bench._start(1)
    bench.run(BOOT_MS + 200)
    assert bench.engine.health.units[SPARE].health == w.OFF
    assert not bench.engine.alarms & w.A_SPARE_FAILED


def test_a_cold_spare_that_boots_says_that_it_is_not_heard_yet() -> None:
    bench = group(w.COLD, start_limit_s=10)
    bench.boot_ms = 3000
    bench.ask(w.EXER)
    bench.run(500)
    assert bench.engine.whys()[SPARE] == w.WHY_STARTING


def test_an_exercise_of_a_warm_spare_that_does_not_hear_us_fails() -> None:
    bench = group(w.WARM)
    for cable in bench.cables:
        if cable.unit == SPARE:
            cable.one_way = 1
    bench.run(500)
    assert exercise(bench)[0] != w.DONE


def test_a_word_about_an_earlier_telling_does_not_pass_for_one_about_this() -> None:
    bench = group(w.WARM, ready_limit_ms=1000)
    bench.ask(w.MS, SPARE)
    bench.run(300)
    bench.role_ms[SPARE] = -1  # it is slow to stand by, and still says that it is active
    bench.ask(w.MS_P, PRIMARY)
    bench.run(300)
    assert told(bench)[SPARE] == w.STANDBY
    assert bench.engine.roles.heard[SPARE] == w.ACTIVE
    bench.ask(w.MS, SPARE)
    bench.run(20)
    assert bench.engine.switching.step == READYING
    bench.run(200)
    assert bench.engine.selected == 0  # it says so still: by then it is about this telling


def test_a_spare_that_goes_from_one_line_to_another_stays_active() -> None:
    bench = group(w.WARM, primaries=2)
    spare = 2
    bench.units[1] = w.FAILED
    bench.run(600)
    assert bench.engine.selected == 1
    bench.units[0] = w.FAILED
    bench.run(600)
    assert bench.engine.selected == 0
    assert [role for unit, role in bench.events(w.E_ROLE) if unit == spare] == [w.STANDBY, w.ACTIVE]


def test_a_request_that_stands_and_can_not_act_yet_is_not_refused() -> None:
    bench = group(w.HOT)
    bench.supply = 0
    bench.run(300)
    token = bench.ask(w.OUT, PRIMARY)
    bench.run(300)
    assert bench.verdicts(token) == [w.ACCEPTED, w.STANDS]
    assert len(bench.engine.standing.slots()) == 1
