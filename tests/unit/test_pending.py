"""Pending requests: every autonomy in every situation, what a person answers, and which id stands for what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import approval, names
from hotspare_engine import words as w
from tests.simulation.bench import SILENT, Bench

PRIMARY, SPARE = 0, 1
APPROVE_S = 5
SOON_MS = 500  # detection and a switch of the bench
ASKED = {w.ASK: w.I_ASKING, w.ASK_THEN_AUTO: w.I_ASKING, w.MANUAL: w.I_MANUAL, w.SHADOW: w.I_SHADOW}
NOT_AUTO = pytest.mark.parametrize("autonomy", ASKED, ids=names.AUTONOMY_NAMES[1:])


def group(autonomy: int = w.ASK, **values: Any) -> Bench:
    """Return a group at work on its primary, armed, with the laws watching."""
    values.setdefault("approve_s", APPROVE_S)
    bench = Laws().attach(Bench(autonomy=autonomy, **values))
    bench.ask(w.ARM)
    bench.run(200)
    assert bench.engine.state == w.NORMAL
    return bench


def failing(autonomy: int = w.ASK, **values: Any) -> Bench:
    """Return a group whose primary has died, and whose failover is decided."""
    bench = group(autonomy, **values)
    bench.stop(PRIMARY)
    bench.run(SOON_MS + values.get("hold_off_ms", 0))
    return bench


def on_spare(autonomy: int = w.ASK, **values: Any) -> Bench:
    """Return a group that a person has put onto its spare; nothing stands."""
    bench = group(autonomy, **values)
    bench.ask(w.MS, SPARE)
    bench.run(SOON_MS)
    assert bench.engine.state == w.ON_SPARE
    return bench


def became(bench: Bench) -> list[tuple[int, int]]:
    """Return (id, what became of it) of every event of a pending request."""
    return [(a, b >> 16) for a, b in bench.events(w.E_PENDING)]


# -- every autonomy in every situation ------------------------------------------------------------------------------


def failover(autonomy: int) -> Bench:
    return failing(autonomy)


def failover_by_report(autonomy: int) -> Bench:
    bench = group(autonomy)
    bench.units[PRIMARY] = w.FAILED
    bench.run(SOON_MS)
    return bench


def spare_fails(autonomy: int) -> Bench:
    bench = on_spare(autonomy)
    bench.units[SPARE] = w.FAILED
    bench.run(SOON_MS)
    return bench


def wait_to_restore_is_over(autonomy: int) -> Bench:
    bench = group(autonomy, revertive=1, wtr_s=1, stay_min_s=0)
    bench.units[PRIMARY] = w.FAILED
    bench.run(SOON_MS)
    bench.ask(w.FS, SPARE)
    bench.run(SOON_MS)
    bench.ask(w.CLEAR, number=bench.engine.standing.id[0])
    bench.start(PRIMARY)
    bench.run(SOON_MS + 2000)
    return bench


def forced_switch_after_a_reset(autonomy: int) -> Bench:
    bench = group(autonomy)
    bench.ask(w.FS, SPARE)
    bench.run(SOON_MS)
    assert bench.connected() == [SPARE]
    bench.reset(30)
    bench.run(SOON_MS)
    return bench


def load_that_fell_in_a_reset(autonomy: int) -> Bench:
    bench = on_spare(autonomy)
    bench.stop(PRIMARY)
    bench.run(SOON_MS)
    bench.reset(30)
    bench.run(SOON_MS)
    return bench


def relay_that_fell(autonomy: int) -> Bench:
    bench = on_spare(autonomy)
    bench.stop(PRIMARY)
    bench.run(SOON_MS)
    bench.relays[0].coil_open = 1
    bench.run(20)
    bench.relays[0].coil_open = 0
    bench.run(SOON_MS)
    return bench


# situation, the request that wins, the unit that the load is on before, the one that it is to go to
SITUATIONS = [
    (failover, w.SF_W, PRIMARY, SPARE),
    (failover_by_report, w.SF_W, PRIMARY, SPARE),
    (spare_fails, w.SF_P, SPARE, PRIMARY),
    (wait_to_restore_is_over, w.NR, SPARE, PRIMARY),
    (forced_switch_after_a_reset, w.FS, PRIMARY, SPARE),
    (load_that_fell_in_a_reset, w.SF_W, PRIMARY, SPARE),
    (relay_that_fell, w.SF_W, PRIMARY, SPARE),
]
EVERY_SITUATION = pytest.mark.parametrize(
    ("situation", "winner", "before", "after"), SITUATIONS, ids=[row[0].__name__ for row in SITUATIONS]
)


@EVERY_SITUATION
def test_in_auto_whatever_is_automatic_is_done_and_nobody_is_asked(
    situation: Callable[[int], Bench], winner: int, before: int, after: int
) -> None:
    bench = situation(w.AUTO)
    assert bench.connected() == [after]
    assert became(bench) == []


@EVERY_SITUATION
@NOT_AUTO
def test_in_every_other_autonomy_it_waits_by_name_until_it_is_approved(
    situation: Callable[[int], Bench], winner: int, before: int, after: int, autonomy: int
) -> None:
    bench = situation(autonomy)
    engine = bench.engine
    assert bench.connected() == [before]
    assert (engine.pending.winner, engine.pending.unit) == (winner, after)
    assert engine.held_back == ASKED[autonomy]
    assert engine.alarms & w.A_INHIBITED
    assert bool(engine.alarms & w.A_ASKING) == (ASKED[autonomy] == w.I_ASKING)
    token = bench.approve()
    bench.run(SOON_MS)
    assert bench.connected() == [after]
    assert bench.verdicts(token) == [w.ACCEPTED, w.DONE]
    assert not engine.pending.id
    assert not engine.alarms & w.A_ASKING


@EVERY_SITUATION
def test_ask_then_auto_does_it_when_the_time_is_over(
    situation: Callable[[int], Bench], winner: int, before: int, after: int
) -> None:
    bench = situation(w.ASK_THEN_AUTO)
    left_ms = bench.engine.pending.left_ms
    assert 0 < left_ms < APPROVE_S * 1000
    bench.run(left_ms - 1)
    assert bench.connected() == [before]
    bench.run(SOON_MS)
    assert bench.connected() == [after]
    assert became(bench)[-1][1] == w.P_TIMED_OUT


@EVERY_SITUATION
@pytest.mark.parametrize("autonomy", [w.ASK, w.MANUAL, w.SHADOW])
def test_no_other_autonomy_ever_does_it_by_itself(
    situation: Callable[[int], Bench], winner: int, before: int, after: int, autonomy: int
) -> None:
    bench = situation(autonomy)
    bench.run(APPROVE_S * 3000)
    assert bench.connected() == [before]


@NOT_AUTO
def test_what_a_person_asks_and_waits_for_needs_no_approval(autonomy: int) -> None:
    bench = group(autonomy)
    for request, unit, connected in ((w.MS, SPARE, SPARE), (w.MS_P, PRIMARY, PRIMARY), (w.FS, SPARE, SPARE)):
        token = bench.ask(request, unit)
        bench.run(SOON_MS)
        assert (bench.connected(), bench.verdicts(token)) == ([connected], [w.ACCEPTED, w.DONE])
    assert became(bench) == []


@NOT_AUTO
def test_a_forced_switch_of_a_person_is_done_while_a_request_is_pending_and_ends_it(autonomy: int) -> None:
    bench = failing(autonomy)
    (number,) = {number for number, _ in became(bench)}
    token = bench.ask(w.FS, SPARE)
    bench.run(SOON_MS)
    assert (bench.connected(), bench.verdicts(token)[-1]) == ([SPARE], w.DONE)
    assert became(bench)[-1] == (number, w.P_WITHDRAWN)


# -- ids ------------------------------------------------------------------------------------------------------------


def test_a_pending_request_tells_its_age_and_the_time_that_is_left() -> None:
    bench = group()
    bench.units[PRIMARY] = w.FAILED
    bench.run(SOON_MS)
    pending = bench.engine.pending
    number, age_ms, left_ms = pending.id, pending.age_ms, pending.left_ms
    assert number > 0
    assert age_ms + left_ms == APPROVE_S * 1000
    bench.run(1000)
    assert (pending.id, pending.age_ms, pending.left_ms) == (number, age_ms + 1000, left_ms - 1000)


def test_an_id_stays_while_something_else_holds_it_back_and_time_counts_only_while_nothing_does() -> None:
    bench = failing()
    bench.ask(w.DISARM)
    bench.run(1)
    pending = bench.engine.pending
    number, left_ms = pending.id, pending.left_ms
    bench.run(APPROVE_S * 2000)
    assert (pending.id, pending.left_ms) == (number, left_ms)
    assert bench.engine.held_back == w.I_DISARMED
    assert not bench.engine.alarms & w.A_ASKING
    bench.ask(w.ARM)
    bench.run(1)
    bench.run(left_ms - 1)
    assert (pending.id, pending.left_ms) == (number, 1)
    assert bench.engine.alarms & w.A_ASKING
    bench.run(1)
    assert pending.id != number


def test_in_ask_nobody_answers_and_it_is_asked_again_under_a_new_id() -> None:
    bench = failing()
    pending = bench.engine.pending
    first = pending.id
    bench.run(pending.left_ms)
    assert pending.id not in (0, first)
    assert (pending.age_ms, pending.left_ms) == (0, APPROVE_S * 1000)
    assert became(bench) == [(first, w.P_RAISED), (pending.id, w.P_AGAIN)]
    assert bench.connected() == [PRIMARY]
    assert bench.verdicts(bench.ask(w.APPROVE, number=first)) == [w.NOT_PENDING]
    bench.approve()
    bench.run(SOON_MS)
    assert bench.connected() == [SPARE]


def test_another_winner_or_another_target_gets_another_id() -> None:
    bench = group(primaries=2)
    bench.stop(1)
    bench.run(SOON_MS)
    first = bench.engine.pending.id
    bench.stop(0)  # stands above the other one
    bench.run(SOON_MS)
    second = bench.engine.pending.id
    assert (bench.engine.pending.winner, bench.engine.pending.target) == (w.SF_W, 0)
    bench.ask(w.OUT, 0, flags=w.DROP_SERVICE)
    bench.run(SOON_MS)
    assert [it for it in became(bench) if it[1] != w.P_RAISED] == [(first, w.P_WITHDRAWN), (second, w.P_WITHDRAWN)]
    assert bench.connected() == [2, 1], "what a person asks for is done"


def test_a_failure_that_comes_back_is_asked_for_under_another_id() -> None:
    bench = failing()
    first = bench.engine.pending.id
    bench.start(PRIMARY)
    bench.run(SOON_MS)
    assert not bench.engine.pending.id
    assert not bench.engine.alarms & (w.A_ASKING | w.A_INHIBITED)
    bench.stop(PRIMARY)
    bench.run(SOON_MS)
    assert bench.engine.pending.id not in (0, first)
    assert [what for _, what in became(bench)] == [w.P_RAISED, w.P_WITHDRAWN, w.P_RAISED]


def test_f32_no_id_comes_again_after_a_reset() -> None:
    bench = failing()
    first = bench.engine.pending.id
    bench.reset(30)
    bench.start(PRIMARY)
    bench.run(SOON_MS)
    bench.stop(PRIMARY)
    bench.run(SOON_MS)
    assert bench.engine.pending.id not in (0, first)
    assert bench.verdicts(bench.ask(w.APPROVE, number=first)) == [w.NOT_PENDING]
    bench.run(SOON_MS)
    assert bench.connected() == [PRIMARY]


def test_ids_go_round_from_65535_to_1_and_are_never_0() -> None:
    bench = group()
    bench.engine.standing.next_id = 65535
    seen = []
    for _ in range(2):
        bench.stop(PRIMARY)
        bench.run(SOON_MS)
        seen.append(bench.engine.pending.id)
        bench.start(PRIMARY)
        bench.run(SOON_MS)
    assert seen == [65535, 1]


def test_a_return_is_not_asked_for_before_the_least_stay_is_over() -> None:
    bench = on_spare(revertive=1, stay_min_s=5)
    bench.ask(w.CLEAR, number=bench.engine.standing.id[0])
    bench.run(4000)
    assert (bench.engine.situation.target, bench.engine.pending.id) == (w.NONE, 0)
    assert not bench.engine.held_back
    bench.run(1500)
    assert bench.engine.pending.id
    bench.approve()
    bench.run(SOON_MS)
    assert bench.connected() == [PRIMARY]


def test_nobody_is_asked_for_a_failover_that_boot_grace_or_an_unwell_spare_keeps_from_happening() -> None:
    bench = Bench(autonomy=w.ASK, boot_grace_s=5)
    bench.stop(PRIMARY)
    bench.ask(w.ARM)
    bench.units[SPARE] = SILENT
    Laws().attach(bench)
    bench.run(4000)
    assert bench.engine.pending.id == 0
    bench.run(4000)
    assert bench.engine.held_back & w.I_SPARE_NOT_WELL
    assert bench.engine.pending.id == 0
    bench.start(SPARE)
    bench.run(SOON_MS)
    assert bench.engine.held_back == w.I_ASKING


def test_a_pending_request_outlives_a_snapshot() -> None:
    bench = failing(w.ASK_THEN_AUTO)
    before = bench.engine.pending.left_ms
    bench.replace_engine()
    assert bench.engine.pending.left_ms == before
    bench.run(before + SOON_MS)
    assert bench.connected() == [SPARE]


# -- approving and rejecting ----------------------------------------------------------------------------------------


def test_an_approval_is_answered_once_it_is_taken_and_once_the_contact_is_there() -> None:
    bench = failing()
    number = bench.engine.pending.id
    token = bench.approve()
    bench.run(SOON_MS)
    accepted, done = bench.replies(token)
    assert accepted[:4] == (w.ACCEPTED, 0, number, SPARE)
    assert done[:4] == (w.DONE, 0, number, SPARE)
    assert 0 < done[4] < SOON_MS
    assert became(bench) == [(number, w.P_RAISED), (number, w.P_APPROVED)]
    assert bench.events(w.E_STATE)[-1] == (w.ON_SPARE, w.SF_W), "it is the failover itself, and no order of a person"
    assert not bench.engine.standing.slots()


def test_an_approval_that_is_repeated_is_answered_again_and_moves_nothing_twice() -> None:
    bench = failing()
    number = bench.engine.pending.id
    token = bench.approve()
    bench.again(token, w.APPROVE, number=number)
    bench.run(SOON_MS)
    drives = bench.drives()
    bench.again(token, w.APPROVE, number=number)
    bench.run(SOON_MS)
    assert bench.verdicts(token) == [w.ACCEPTED, w.ACCEPTED, w.DONE, w.DONE]
    assert bench.drives() == drives


def test_a_second_person_who_approves_what_is_under_way_has_nothing_to_do() -> None:
    bench = failing()
    number = bench.engine.pending.id
    bench.approve()
    assert bench.verdicts(bench.ask(w.APPROVE, number=number)) == [w.NOTHING]
    bench.run(2)
    assert bench.engine.state == w.SWITCHING
    assert bench.verdicts(bench.ask(w.APPROVE, number=number)) == [w.NOTHING]
    assert bench.verdicts(bench.ask(w.REJECT, number=number)) == [w.BUSY]
    bench.run(SOON_MS)
    assert bench.connected() == [SPARE]


def test_a_dry_run_says_what_would_come_of_it_and_changes_nothing() -> None:
    bench = failing()
    before = bench.engine.snapshot()
    number = bench.engine.pending.id
    for request, verdict in ((w.APPROVE, w.ACCEPTED), (w.REJECT, w.DONE)):
        assert bench.verdicts(bench.ask(request, number=number, flags=w.DRY)) == [verdict]
    assert bench.verdicts(bench.ask(w.APPROVE, number=number + 1, flags=w.DRY)) == [w.NOT_PENDING]
    assert bench.engine.snapshot() == before
    bench.run(SOON_MS)
    assert bench.connected() == [PRIMARY]


def test_what_was_rejected_stays_undone_until_winner_or_target_changes() -> None:
    bench = failing()
    number = bench.engine.pending.id
    assert bench.verdicts(bench.ask(w.REJECT, number=number)) == [w.DONE]
    assert bench.verdicts(bench.ask(w.REJECT, number=number)) == [w.NOTHING]
    bench.run(APPROVE_S * 2000)
    assert bench.engine.held_back == w.I_REJECTED
    assert bench.engine.alarms & w.A_INHIBITED
    assert not bench.engine.alarms & w.A_ASKING
    assert bench.engine.pending.id == number
    bench.start(PRIMARY)
    bench.run(SOON_MS)
    assert not bench.engine.held_back
    bench.stop(PRIMARY)
    bench.run(SOON_MS)
    assert bench.engine.held_back == w.I_ASKING


def test_what_was_rejected_in_ask_then_auto_is_not_done_when_the_time_is_over() -> None:
    bench = failing(w.ASK_THEN_AUTO)
    bench.ask(w.REJECT, number=bench.engine.pending.id)
    bench.run(APPROVE_S * 2000)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.held_back == w.I_REJECTED


def test_what_was_rejected_can_be_approved_after_all() -> None:
    bench = failing()
    bench.ask(w.REJECT, number=bench.engine.pending.id)
    bench.run(SOON_MS)
    bench.approve()
    bench.run(SOON_MS)
    assert bench.connected() == [SPARE]


def test_a_rejection_that_comes_right_after_an_approval_keeps_it_from_being_done() -> None:
    bench = failing()
    number = bench.engine.pending.id
    token = bench.approve()
    assert bench.verdicts(bench.ask(w.REJECT, number=number)) == [w.DONE]
    bench.run(SOON_MS)
    assert bench.verdicts(token) == [w.ACCEPTED, w.ENDED]
    assert bench.connected() == [PRIMARY]


def test_an_approval_of_what_something_else_holds_back_is_refused_with_its_name_and_it_stays_pending() -> None:
    bench = failing()
    number = bench.engine.pending.id
    bench.ask(w.DISARM)
    bench.run(10)
    ((verdict, _, ident, unit, _, held),) = bench.replies(bench.approve())
    assert (verdict, ident, unit, held) == (w.HELD_BACK, number, SPARE, w.I_DISARMED)
    bench.ask(w.ARM)
    bench.run(SOON_MS)
    assert bench.connected() == [PRIMARY], "nothing is queued"
    bench.approve()
    bench.run(SOON_MS)
    assert bench.connected() == [SPARE]


def test_an_approval_that_something_else_overtakes_ends_and_is_not_done_later() -> None:
    bench = failing()
    token = bench.approve()
    bench.supply = 0  # at the same moment
    bench.run(SOON_MS)
    assert bench.verdicts(token) == [w.ACCEPTED, w.HELD_BACK]
    bench.supply = 1
    bench.run(SOON_MS)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.held_back == w.I_ASKING


def test_an_approval_is_good_for_one_switch() -> None:
    bench = failing()
    number = bench.engine.pending.id
    bench.relays[0].coil_open = 1
    token = bench.approve()
    bench.run(1000)
    assert bench.verdicts(token) == [w.ACCEPTED, w.FELL_BACK]
    assert bench.engine.state == w.HELD
    bench.relays[0].coil_open = 0
    bench.ask(w.CLEAR_RELAY)
    bench.run(1000)
    assert bench.connected() == [PRIMARY]
    assert (bench.engine.pending.id, bench.engine.held_back) == (number, w.I_ASKING)
    bench.approve()
    bench.run(SOON_MS)
    assert bench.connected() == [SPARE]


def test_a_switch_that_is_given_up_in_between_is_asked_for_again() -> None:
    bench = failing(w.ASK_THEN_AUTO, coil_min_ms=1000)
    bench.relays[0].command(bench.now_ms, w.AT_PRIMARY, 1)
    bench.engine.lines.coil_ms[0] = 0  # its coil still rests
    bench.approve()
    bench.run(5)
    assert bench.engine.state == w.SWITCHING
    bench.supply = 0
    bench.run(100)
    assert bench.engine.state == w.NORMAL
    bench.supply = 1
    bench.run(2000)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.held_back == w.I_ASKING
    assert bench.engine.pending.left_ms > 0


# -- F32: an approval that comes too late -----------------------------------------------------------------------------


def test_f32_an_approval_of_an_earlier_id_is_refused_with_the_one_that_is_pending_now() -> None:
    bench = failing()
    first = bench.engine.pending.id
    bench.start(PRIMARY)
    bench.run(SOON_MS)
    bench.stop(PRIMARY)
    bench.run(SOON_MS)
    for request in (w.APPROVE, w.REJECT):
        ((verdict, by, ident, unit, _, _),) = bench.replies(bench.ask(request, number=first))
        assert (verdict, by, ident, unit) == (w.NOT_PENDING, w.SF_W, bench.engine.pending.id, SPARE)
        assert bench.events(w.E_VERDICT)[-1] == (w.NOT_PENDING, request | first << 8)
    bench.run(SOON_MS)
    assert bench.connected() == [PRIMARY]


def test_f32_an_approval_where_nothing_is_pending_is_refused_with_who_wins() -> None:
    bench = failing()
    number = bench.engine.pending.id
    bench.start(PRIMARY)
    bench.run(SOON_MS)
    for asked in (number, number + 1, 0, 65535):
        ((verdict, by, ident, unit, _, _),) = bench.replies(bench.ask(w.APPROVE, number=asked))
        assert (verdict, by, ident, unit) == (w.NOT_PENDING, w.NR, 0, w.NONE)
    bench.run(SOON_MS)
    assert bench.connected() == [PRIMARY]


def test_f32_an_approval_that_crosses_the_recovery_is_told_that_it_came_too_late_and_moves_nothing() -> None:
    bench = failing()
    number = bench.engine.pending.id
    bench.start(PRIMARY)
    bench.hurry()
    token = bench.ask(w.APPROVE, number=number)
    bench.run(SOON_MS)
    late = bench.replies(token)[-1]
    assert bench.verdicts(token) == [w.ACCEPTED, w.NOT_PENDING]
    assert late[1:3] == (w.NR, 0)
    assert bench.drives() == []


def test_f32_an_approval_that_crosses_a_lockout_is_refused_with_the_lockout_that_wins() -> None:
    bench = failing()
    number = bench.engine.pending.id
    bench.ask(w.LO)
    ((verdict, by, ident, _, _, _),) = bench.replies(bench.ask(w.APPROVE, number=number))
    assert (verdict, by, ident) == (w.NOT_PENDING, w.LO, 0)
    bench.run(SOON_MS)
    assert bench.connected() == [PRIMARY]


def test_f32_an_approval_that_crosses_another_failure_is_told_which_id_is_pending_now() -> None:
    bench = group(primaries=2)
    bench.units[1] = w.FAILED
    bench.run(SOON_MS)
    number = bench.engine.pending.id
    bench.units[0] = w.FAILED  # its failure stands above the other one
    bench.hurry()
    token = bench.ask(w.APPROVE, number=number)
    bench.run(SOON_MS)
    assert bench.verdicts(token) == [w.ACCEPTED, w.NOT_PENDING]
    assert bench.replies(token)[-1][1:3] == (w.SF_W, bench.engine.pending.id)
    assert bench.engine.pending.id not in (0, number)
    assert bench.connected() == [0, 1]


def test_f32_an_approval_of_what_was_done_meanwhile_is_refused() -> None:
    bench = failing(w.ASK_THEN_AUTO)
    number = bench.engine.pending.id
    bench.run(APPROVE_S * 1000 + SOON_MS)
    assert bench.connected() == [SPARE]
    assert bench.verdicts(bench.ask(w.REJECT, number=number)) == [w.NOT_PENDING]


# -- shadow ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hold_off_ms", [0, 300])
def test_shadow_records_once_what_it_would_have_done_and_how_long_it_would_have_taken(hold_off_ms: int) -> None:
    bench = group(w.SHADOW, hold_off_ms=hold_off_ms)
    bench.stop(PRIMARY)
    bench.run(APPROVE_S * 3000)
    ((packed, took_ms),) = bench.events(w.E_WOULD)
    assert (packed & 255, packed >> 8) == (0, bench.engine.pending.id)
    settings = bench.engine.settings
    dead_ms = bench.cables[0].dead_ms
    switching_ms = settings.operate_limit_ms + settings.steady_ms
    assert took_ms == dead_ms + hold_off_ms + switching_ms
    assert bench.connected() == [PRIMARY]


def test_shadow_counts_from_a_bad_report_and_through_hold_off() -> None:
    bench = group(w.SHADOW, hold_off_ms=1000)
    bench.units[PRIMARY] = w.FAILED
    bench.run(3000)
    ((_, took_ms),) = bench.events(w.E_WOULD)
    assert took_ms == 1000 + bench.engine.switching.limit_ms(w.NONE, 0)


def test_shadow_counts_on_while_something_else_keeps_the_failover_from_happening() -> None:
    bench = group(w.SHADOW)
    bench.units = [w.FAILED, w.FAILED]
    bench.run(5000)
    assert bench.events(w.E_WOULD) == []
    bench.start(SPARE)
    bench.run(SOON_MS)
    ((_, took_ms),) = bench.events(w.E_WOULD)
    assert 5000 < took_ms < 5000 + SOON_MS


def test_shadow_of_a_return_counts_the_switching_alone() -> None:
    bench = on_spare(w.SHADOW, revertive=1, stay_min_s=0)
    bench.ask(w.CLEAR, number=bench.engine.standing.id[0])
    bench.run(SOON_MS)
    ((packed, took_ms),) = bench.events(w.E_WOULD)
    assert packed & 255 == w.NONE & 255
    assert took_ms == bench.engine.switching.limit_ms(0, w.NONE)


def test_a_switch_from_line_to_line_has_two_moves_and_the_dead_time_between_them() -> None:
    switching = group(primaries=2, dead_time_ms=70).engine.switching
    assert switching.limit_ms(0, 1) == 2 * switching.limit_ms(w.NONE, 1) + 70


def test_shadow_records_each_id_once_and_no_other_autonomy_records_it() -> None:
    bench = failing(w.SHADOW)
    bench.start(PRIMARY)
    bench.run(SOON_MS)
    bench.stop(PRIMARY)
    bench.run(SOON_MS)
    ids = [packed >> 8 for packed, _ in bench.events(w.E_WOULD)]
    assert len(ids) == len(set(ids)) == 2
    for autonomy in (w.AUTO, w.ASK, w.ASK_THEN_AUTO, w.MANUAL):
        assert failing(autonomy).events(w.E_WOULD) == []


# -- F28: a return to a unit that flaps, and one that is one too many, are put to a person --------------------------


def returned(autonomy: int) -> Bench:
    """Return a group that returned from a forced switch as often as it may by itself, and wants to return once more."""
    bench = group(autonomy, revertive=1, wtr_s=0, stay_min_s=0, attempts_max=2, attempts_window_s=600)
    for _ in range(3):
        bench.ask(w.FS, SPARE)
        bench.run(SOON_MS)
        bench.ask(w.CLEAR, number=max(bench.engine.standing.id))
        bench.run(SOON_MS)
        if bench.engine.pending.id and not bench.engine.held_back & w.I_ATTEMPTS:
            bench.approve()
        bench.run(SOON_MS)
    return bench


@pytest.mark.parametrize("autonomy", [w.AUTO, w.ASK, w.ASK_THEN_AUTO])
def test_f28_a_return_that_is_one_too_many_is_put_to_a_person_in_every_autonomy_that_asks(autonomy: int) -> None:
    bench = returned(autonomy)
    assert bench.connected() == [SPARE]
    assert bench.engine.held_back == w.I_ATTEMPTS | w.I_ASKING
    bench.run(APPROVE_S * 2000)
    assert bench.connected() == [SPARE], "no time-out goes on with it"
    token = bench.approve()
    bench.run(SOON_MS)
    assert (bench.connected(), bench.verdicts(token)) == ([PRIMARY], [w.ACCEPTED, w.DONE])


def flapping(autonomy: int, flaps: int) -> Bench:
    """Return a group whose primary fails again and again, and that wants to return to it."""
    bench = group(autonomy, revertive=1, wtr_s=0, stay_min_s=0, attempts_max=2, attempts_window_s=600)
    for _ in range(flaps):
        bench.stop(PRIMARY)
        bench.run(SOON_MS)
        if bench.engine.pending.id:
            bench.approve()
        bench.run(SOON_MS)
        bench.start(PRIMARY)
        bench.run(SOON_MS)
        if bench.engine.pending.id and not bench.engine.held_back & w.I_FLAPPING:
            bench.approve()
        bench.run(SOON_MS)
    return bench


@pytest.mark.parametrize("autonomy", [w.AUTO, w.ASK, w.ASK_THEN_AUTO])
def test_f28_a_return_to_a_flapping_unit_is_put_to_a_person_in_every_autonomy_that_asks(autonomy: int) -> None:
    bench = flapping(autonomy, 3)
    assert bench.connected() == [SPARE]
    assert bench.engine.held_back == w.I_FLAPPING | w.I_ASKING
    assert bench.engine.alarms & w.A_FLAPPING
    assert bench.engine.alarms & w.A_ASKING
    bench.run(APPROVE_S * 2000)
    assert bench.connected() == [SPARE], "no time-out goes on with what flaps"
    assert became(bench)[-1][1] == w.P_AGAIN
    token = bench.approve()
    bench.run(SOON_MS)
    assert (bench.connected(), bench.verdicts(token)) == ([PRIMARY], [w.ACCEPTED, w.DONE])


def test_f28_a_return_that_was_rejected_is_not_made_when_the_window_has_passed() -> None:
    bench = flapping(w.AUTO, 3)
    bench.ask(w.REJECT, number=bench.engine.pending.id)
    bench.run(1_000_000)
    assert bench.connected() == [SPARE]
    assert bench.engine.held_back == w.I_REJECTED


def test_f28_in_auto_the_return_is_made_by_itself_when_the_window_has_passed() -> None:
    bench = flapping(w.AUTO, 3)
    bench.run(1_000_000)
    assert bench.connected() == [PRIMARY]
    assert not bench.engine.pending.id


def test_whether_a_group_acts_alone_follows_from_its_autonomy() -> None:
    alone = [autonomy for autonomy in range(len(names.AUTONOMY_NAMES)) if approval.acts_alone(autonomy)]
    assert alone == [w.AUTO, w.ASK_THEN_AUTO]
    for autonomy in alone:
        bench = group(autonomy)
        assert bench.engine.acts_alone()
        bench.ask(w.DISARM)
        assert not bench.engine.acts_alone()
    assert not group(w.ASK).engine.acts_alone()
