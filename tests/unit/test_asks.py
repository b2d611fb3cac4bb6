"""What a person is answered: every verdict, repeats, dry runs, outcomes, and that nothing is ever queued."""

from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from hotspare_engine.standing import SECONDS_MAX
from tests.simulation.bench import SILENT, Bench

PRIMARY, SPARE = 0, 1


def pair(**values: Any) -> Bench:
    """Return a pair at work, armed, on its primary, with the laws watching."""
    bench = Laws().attach(Bench(**values))
    bench.ask(w.ARM)
    bench.run(200)
    return bench


def on_spare(**values: Any) -> Bench:
    bench = pair(**values)
    bench.ask(w.MS, SPARE)
    bench.run(200)
    assert bench.engine.selected == 0
    return bench


def verdict(bench: Bench, *ask: Any, **more: Any) -> int:
    """Return the first verdict on an ask."""
    return bench.verdicts(bench.ask(*ask, **more))[0]


# -- refusals -----------------------------------------------------------------------------------------------------


def test_a_refused_ask_is_recorded_and_a_refused_dry_run_is_not() -> None:
    bench = pair()
    before = len(bench.events(w.E_VERDICT))
    bench.ask(w.CLEAR, number=77)
    bench.ask(w.MS, 5)
    bench.ask(w.MS, 5, flags=w.DRY)
    assert [event[-2:] for event in bench.events(w.E_VERDICT)[before:]] == [
        (w.NO_SUCH_ID, w.CLEAR | 77 << 8),
        (w.UNKNOWN_UNIT, w.MS),
    ]


def test_who_is_outranked_hears_what_holds_the_other_one_back() -> None:
    bench = pair()
    bench.ask(w.DISARM)
    bench.stop(PRIMARY)
    bench.run(300)
    ((verdict_, by, *_, held),) = bench.replies(bench.ask(w.MS_P, PRIMARY))
    assert (verdict_, by) == (w.OUTRANKED, w.SF_W)
    assert held & w.I_DISARMED


# -- outcomes -----------------------------------------------------------------------------------------------------


def test_a_switchover_is_accepted_and_done_with_the_time_that_it_took() -> None:
    bench = pair()
    token = bench.ask(w.MS, SPARE)
    bench.run(200)
    (accepted, *_), (done, by, number, unit, took_ms, held) = bench.replies(token)
    assert (accepted, done) == (w.ACCEPTED, w.DONE)
    assert (by, unit, held) == (0, SPARE, 0)
    assert number == bench.engine.standing.id[0]
    assert took_ms == bench.engine.switch_ms == 15


def test_a_failback_ends_the_switchover_and_itself() -> None:
    bench = on_spare()
    token = bench.ask(w.MS_P, PRIMARY)
    bench.run(200)
    assert bench.verdicts(token) == [w.ACCEPTED, w.DONE]
    assert bench.engine.standing.slots() == []
    assert bench.engine.selected == w.NONE


def test_a_repeated_token_is_answered_again_and_not_done_again() -> None:
    bench = pair()
    token = bench.ask(w.MS, SPARE)
    bench.again(token, w.MS, SPARE)
    bench.run(200)
    bench.ask(w.MS_P, PRIMARY)
    bench.run(200)
    bench.again(token, w.MS, SPARE)
    bench.run(200)
    assert bench.engine.selected == w.NONE
    assert bench.verdicts(token)[-1] == w.DONE
    assert len(bench.drives()) == 2


def test_a_token_is_known_while_its_request_stands_however_many_came_after_it() -> None:
    bench = pair()
    token = bench.ask(w.OUT, SPARE)
    bench.run(50)
    for _ in range(20):
        bench.ask(w.ARM)
    bench.again(token, w.OUT, SPARE)
    assert bench.verdicts(token)[-1] == w.ACCEPTED
    assert len(bench.engine.standing.slots()) == 1


def test_dry_runs_do_not_push_out_the_answer_to_a_real_ask() -> None:
    bench = pair()
    token = bench.ask(w.DISARM)
    for _ in range(20):
        bench.ask(w.MS, SPARE, flags=w.DRY)
    bench.ask(w.ARM)
    bench.again(token, w.DISARM)
    assert bench.engine.armed == 1


@pytest.mark.parametrize(
    "request_code", [w.MS, w.FS, w.FX, w.OUT, w.LO, w.ARM, w.DISARM, w.CLEAR, w.CLEAR_RELAY, w.MS_P, 77]
)
def test_a_dry_run_changes_nothing_at_all(request_code: int) -> None:
    bench = pair()
    before = bench.engine.snapshot()
    rows = len(bench.rows)
    token = bench.ask(request_code, SPARE, flags=w.DRY)
    assert bench.engine.snapshot() == before
    assert [row[0] for _, row in bench.rows[rows:]] == [w.REPLY]
    assert bench.verdicts(token)


def test_a_dry_run_is_answered_as_the_real_ask_would_be() -> None:
    bench = pair()
    assert verdict(bench, w.MS, SPARE, flags=w.DRY) == w.ACCEPTED
    assert verdict(bench, w.MS_P, PRIMARY, flags=w.DRY) == w.NOTHING
    bench.units[SPARE] = w.FAILED
    bench.run(50)
    assert verdict(bench, w.MS, SPARE, flags=w.DRY) == w.OUTRANKED


# -- refusals -----------------------------------------------------------------------------------------------------


def test_every_bad_value_is_refused_and_leaves_nothing_standing() -> None:
    bench = pair()
    cases = [
        (w.UNKNOWN_UNIT, (w.MS, PRIMARY)),
        (w.UNKNOWN_UNIT, (w.MS, 2)),
        (w.UNKNOWN_UNIT, (w.MS_P, SPARE)),
        (w.UNKNOWN_UNIT, (w.OUT, w.NONE)),
        (w.BAD_VALUE, (w.OUT, SPARE, 0, SECONDS_MAX + 1)),
        (w.BAD_VALUE, (w.OUT, SPARE, 0, -1)),
        (w.BAD_VALUE, (99,)),
        (w.BAD_VALUE, (w.SF_W,)),
        (w.NO_SUCH_ID, (w.CLEAR, w.NONE, 12)),
        (w.NO_SUCH_ID, (w.CLEAR, w.NONE, 0)),
        (w.NOTHING, (w.ARM,)),
        (w.NOTHING, (w.CLEAR_RELAY,)),
        (w.NOTHING, (w.MS_P, PRIMARY)),
    ]
    for expected, ask in cases:
        assert verdict(bench, *ask) == expected, ask
    assert bench.engine.standing.slots() == []
    bench.run(200)
    assert bench.drives() == []


def test_a_unit_that_is_not_well_is_refused_by_name_unless_forced_in_so_many_words() -> None:
    bench = pair(hold_off_ms=5000)
    bench.units[SPARE] = w.FAILED
    bench.run(50)
    assert verdict(bench, w.MS, SPARE) == w.NOT_WELL
    assert verdict(bench, w.FS, SPARE) == w.NOT_WELL
    assert verdict(bench, w.FX, SPARE) == w.ACCEPTED
    bench.run(200)
    assert bench.engine.selected == 0


def test_F31_a_command_that_races_a_failure_is_answered_with_who_outranks_it() -> None:
    bench = pair()
    bench.units[SPARE] = w.FAILED
    bench.run(50)
    assert bench.replies(bench.ask(w.MS, SPARE))[0][:2] == (w.OUTRANKED, w.SF_P)
    bench.ask(w.LO)
    bench.run(10)
    outranked, by, number, *_ = bench.replies(bench.ask(w.MS, SPARE))[0]
    assert (outranked, by) == (w.OUTRANKED, w.LO)
    assert number == bench.engine.standing.id[bench.engine.standing.find(w.LO)]


def test_F31_a_failure_between_a_switchover_and_its_step_pre_empts_it() -> None:
    bench = pair()
    token = bench.ask(w.MS, SPARE)
    bench.units[SPARE] = w.FAILED
    bench.hurry()
    bench.run(200)
    verdicts = bench.replies(token)
    assert [reply[:2] for reply in verdicts] == [(w.ACCEPTED, 0), (w.PREEMPTED, w.SF_P)]
    assert bench.drives() == []
    bench.start(SPARE)
    bench.run(500)
    assert bench.drives() == [], "nothing is queued"


def test_F31_a_failure_ends_a_switchover_that_was_done_and_the_load_stays() -> None:
    bench = on_spare()
    bench.stop(PRIMARY)
    bench.run(300)
    assert bench.engine.standing.slots() == []
    assert bench.engine.situation.winner == w.SF_W
    assert bench.engine.selected == 0


def test_an_order_that_can_not_be_carried_out_any_more_ends_and_is_not_queued() -> None:
    bench = pair()
    token = bench.ask(w.MS, SPARE)
    bench.units[SPARE] = w.LEAVING
    bench.hurry()
    bench.run(100)
    assert bench.verdicts(token) == [w.ACCEPTED, w.NOT_WELL]
    bench.start(SPARE)
    bench.run(500)
    assert bench.drives() == []


def test_an_order_that_meets_a_conflict_ends_held_back() -> None:
    bench = pair()
    token = bench.ask(w.MS, SPARE)
    bench.cables[0].conflict = 1
    bench.hurry()
    bench.run(50)
    verdicts = bench.replies(token)
    assert [reply[0] for reply in verdicts] == [w.ACCEPTED, w.HELD_BACK]
    assert verdicts[1][5] == w.I_CONFLICT
    assert verdict(bench, w.MS, SPARE) == w.HELD_BACK


def test_a_second_order_during_a_switch_is_told_that_the_group_is_busy() -> None:
    bench = pair()
    bench.ask(w.MS, SPARE)
    bench.run(5)
    assert verdict(bench, w.MS_P, PRIMARY) in (w.BUSY, w.NOTHING)
    assert verdict(bench, w.FS, SPARE) == w.BUSY
    bench.run(200)
    assert bench.engine.selected == 0


def test_a_newer_order_ends_the_one_that_stood() -> None:
    bench = on_spare()
    forced = bench.ask(w.FS, SPARE)
    bench.run(50)
    assert bench.verdicts(forced) == [w.ACCEPTED, w.DONE]
    assert verdict(bench, w.MS_P, PRIMARY) == w.OUTRANKED
    number = bench.engine.standing.id[bench.engine.standing.order()]
    assert verdict(bench, w.CLEAR, number=number) == w.DONE
    assert verdict(bench, w.MS_P, PRIMARY) == w.ACCEPTED


# -- out and lockout ----------------------------------------------------------------------------------------------


def test_out_of_the_active_primary_moves_the_load_first() -> None:
    bench = pair()
    token = bench.ask(w.OUT, PRIMARY)
    bench.run(200)
    assert bench.verdicts(token) == [w.ACCEPTED, w.DONE]
    assert bench.engine.selected == 0


def test_out_of_a_unit_whose_load_nobody_can_take_is_refused_unless_the_service_may_be_dropped() -> None:
    bench = pair()
    bench.units[SPARE] = w.FAILED
    bench.run(50)
    assert verdict(bench, w.OUT, PRIMARY) == w.WOULD_DROP
    assert verdict(bench, w.OUT, PRIMARY, flags=w.DROP_SERVICE) == w.ACCEPTED
    assert verdict(bench, w.OUT, PRIMARY) == w.NOTHING
    bench.run(50)
    assert bench.engine.held_back & w.I_SPARE_NOT_WELL, "L11: that it is not covered is named"


@pytest.mark.parametrize(("request_code", "unit"), [(w.OUT, PRIMARY), (w.LO, SPARE)])
def test_asking_again_for_another_time_gives_what_stands_that_time_under_its_id(request_code: int, unit: int) -> None:
    bench = pair()
    bench.ask(request_code, unit, seconds=2)
    bench.run(1500)
    standing = bench.engine.standing
    (number,) = [standing.id[slot] for slot in standing.slots()]
    before = len(bench.rows)
    token = bench.ask(request_code, unit, seconds=4)
    assert [reply[:4] for reply in bench.replies(token)] == [(w.DONE, 0, number, unit)]
    rows = [row for _, row in bench.rows[before:]]
    assert (w.RECORD, w.E_VERDICT, w.DONE, request_code | number << 8) in [row[:4] for row in rows]
    assert w.SAVE in [row[0] for row in rows]
    bench.run(3400)
    assert [standing.id[slot] for slot in standing.slots()] == [number], "it ended when it was first to end"
    bench.run(700)
    assert standing.slots() == []
    assert standing.timed == 0


def test_asking_again_without_an_end_takes_the_end_away_and_a_shorter_time_brings_it_nearer() -> None:
    bench = pair()
    standing = bench.engine.standing
    bench.ask(w.OUT, SPARE, seconds=2)
    assert verdict(bench, w.OUT, SPARE) == w.DONE
    bench.run(3000)
    assert (standing.timed, len(standing.slots())) == (0, 1)
    assert verdict(bench, w.OUT, SPARE) == w.NOTHING
    assert verdict(bench, w.OUT, SPARE, seconds=900, flags=w.DRY) == w.DONE
    assert standing.timed == 0
    assert verdict(bench, w.OUT, SPARE, seconds=1) == w.DONE
    bench.run(1100)
    assert standing.slots() == []


def test_a_repeat_of_asking_again_does_not_begin_the_time_anew() -> None:
    bench = pair()
    bench.ask(w.LO, seconds=2)
    token = bench.ask(w.LO, seconds=4)
    bench.run(2500)
    bench.again(token, w.LO, seconds=4)
    bench.run(1700)
    assert bench.engine.standing.slots() == []


def test_a_lockout_of_the_spare_that_carries_the_service_needs_an_ok_primary() -> None:
    bench = on_spare()
    bench.stop(PRIMARY)
    bench.run(300)
    assert verdict(bench, w.LO) == w.WOULD_DROP
    bench.start(PRIMARY)
    bench.run(300)
    token = bench.ask(w.LO)
    bench.run(300)
    assert bench.verdicts(token) == [w.ACCEPTED, w.DONE]
    assert bench.engine.selected == w.NONE


def test_a_lockout_does_not_drop_a_service_because_somebody_else_let_another_one_drop() -> None:
    bench = on_spare()
    assert verdict(bench, w.OUT, PRIMARY, flags=w.DROP_SERVICE) == w.ACCEPTED
    assert verdict(bench, w.LO) == w.IS_OUT
    assert verdict(bench, w.LO, flags=w.DROP_SERVICE) == w.IS_OUT, "the line's only other place is out of use"
    bench.run(200)
    assert bench.engine.selected == 0


def test_an_out_primary_is_not_moved_onto_a_locked_out_spare() -> None:
    bench = pair()
    bench.ask(w.LO)
    bench.run(10)
    assert verdict(bench, w.OUT, PRIMARY) == w.WOULD_DROP
    bench.ask(w.OUT, PRIMARY, flags=w.DROP_SERVICE)
    bench.run(200)
    assert bench.drives() == []


def test_a_unit_that_is_out_is_never_a_target() -> None:
    bench = pair()
    bench.ask(w.OUT, SPARE)
    bench.run(10)
    assert verdict(bench, w.MS, SPARE) == w.IS_OUT
    assert verdict(bench, w.FX, SPARE) == w.IS_OUT
    bench.stop(PRIMARY)
    bench.run(300)
    assert bench.drives() == []
    assert bench.engine.alarms & w.A_INHIBITED
    assert bench.engine.held_back & w.I_OUT


def test_F43_a_lockout_that_expires_during_a_failure_restarts_hold_off_and_then_acts() -> None:
    bench = pair(hold_off_ms=300)
    bench.ask(w.LO, seconds=2)
    bench.stop(PRIMARY)
    bench.run(1900)
    assert bench.engine.held_back & w.I_LOCKOUT
    bench.run(150)
    assert bench.events(w.E_EXPIRED)
    assert bench.drives() == []
    bench.run(300)
    assert bench.engine.selected == 0
    assert bench.drives()[0][0] >= 2000 + 200 + 300


def test_a_long_standing_request_moves_nothing_by_itself_in_a_disarmed_group() -> None:
    bench = pair()
    bench.units[SPARE] = w.FAILED
    bench.run(50)
    bench.ask(w.OUT, PRIMARY, flags=w.DROP_SERVICE)
    bench.run(50)
    bench.ask(w.DISARM)
    bench.start(SPARE)
    bench.run(500)
    assert bench.drives() == []
    assert bench.engine.held_back & w.I_DISARMED
    bench.ask(w.ARM)
    bench.run(200)
    assert bench.engine.selected == 0


def test_asks_while_the_read_backs_were_not_read_yet_are_held_back() -> None:
    bench = Bench()
    assert bench.replies(bench.ask(w.FX, SPARE))[0][::5] == (w.HELD_BACK, w.I_RELAY)


def test_a_forced_switch_that_keeps_a_failover_from_happening_is_alarmed() -> None:
    bench = pair()
    bench.ask(w.FS, PRIMARY)
    bench.run(50)
    assert bench.engine.alarms & w.A_INHIBITED
    assert bench.engine.held_back == w.I_FORCED
    bench.units[PRIMARY] = SILENT
    bench.run(300)
    assert bench.drives() == []
    assert bench.engine.held_back & w.I_FORCED


# -- lines that share a spare -------------------------------------------------------------------------------------


def pool(**values: Any) -> Bench:
    """Return three primaries and a spare at work, armed, with the laws watching."""
    bench = Laws().attach(Bench(primaries=3, **values))
    bench.ask(w.ARM)
    bench.run(200)
    return bench


def carried(bench: Bench) -> list[int]:
    """Return the unit on each line."""
    return bench.connected()


def test_the_spare_is_put_onto_the_line_that_is_named() -> None:
    bench = pool()
    for line in (1, 2, 0):
        assert verdict(bench, w.MS, 3, number=line + 1) == w.ACCEPTED
        bench.run(500)
        assert carried(bench) == [3 if at == line else at for at in range(3)]
    assert verdict(bench, w.MS, 3) == w.NOTHING, "without a line it keeps the one that it carries"
    assert verdict(bench, w.MS_P, 1) == w.NOTHING, "that line has its primary"
    assert verdict(bench, w.MS_P, 0) == w.ACCEPTED
    bench.run(500)
    assert carried(bench) == [0, 1, 2]


def test_a_line_that_there_is_not_is_refused() -> None:
    bench = pool()
    assert verdict(bench, w.MS, 3, number=4) == w.BAD_VALUE
    assert verdict(bench, w.FS, 3, number=-1) == w.BAD_VALUE
    bench.run(500)
    assert carried(bench) == [0, 1, 2]


def test_F29_no_switchover_takes_the_spare_from_a_line_whose_primary_failed() -> None:
    bench = pool()
    bench.stop(2)
    bench.run(500)
    assert carried(bench) == [0, 1, 3]
    ((verdict_, by, *_),) = bench.replies(bench.ask(w.MS, 3, number=1))
    assert (verdict_, by) == (w.OUTRANKED, w.SF_W)
    assert bench.verdicts(bench.ask(w.FS, 3, number=1))[0] == w.ACCEPTED, "a forced one outranks it"
    bench.run(500)
    assert carried(bench)[2] == 3, "but the spare is not taken from a line that nobody else can carry"


def test_F44_a_unit_that_is_taken_out_of_use_is_covered_and_another_failure_waits() -> None:
    bench = pool()
    bench.ask(w.OUT, 1)
    bench.run(500)
    assert carried(bench) == [0, 3, 2]
    bench.stop(0)
    bench.run(500)
    assert carried(bench) == [0, 3, 2]
    assert bench.engine.situation.uncovered == 1
    assert bench.engine.alarms & w.A_UNCOVERED
