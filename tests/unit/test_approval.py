"""Which inhibitor holds back which movement: every request that moves against every inhibitor."""

from typing import Any

import pytest

from hotspare_engine import approval
from hotspare_engine import words as w
from hotspare_engine.resolver import ORDERS, Situation, resolve

# whatever inhibits from outside: autonomy's own inhibitors are found, not told
ALL = (1 << 14) - 1 | w.I_ISOLATION | w.I_TOGETHER | w.I_RESETS
TO_SPARE = (w.OUT, w.FX, w.FS, w.SF_W, w.SD, w.MS)


def wanting(winner: int, target: int, inhibited: int = ALL, **values: Any) -> Situation:
    s = Situation(1)
    s.winner, s.target, s.selected = winner, target, w.NONE if target == 0 else 0
    s.inhibited = inhibited
    for name, value in values.items():
        setattr(s, name, value)
    return s


@pytest.mark.parametrize("winner", TO_SPARE)
def test_conflict_relay_and_supply_hold_back_whatever_goes_to_the_spare(winner: int) -> None:
    held = approval.inhibitors(wanting(winner, 0, waited=1 << winner))
    assert held & approval.ABSOLUTE == approval.ABSOLUTE


def test_what_a_person_waits_for_is_not_automatic_and_passes_a_disarmed_group() -> None:
    for winner in ORDERS:
        held = approval.inhibitors(wanting(winner, 0, waited=1 << winner, inhibited=ALL & ~w.I_RESETS))
        assert held == approval.ABSOLUTE


def test_a_board_that_holds_still_after_resets_does_what_is_forced_in_so_many_words_and_no_other_order() -> None:
    passes = [it for it in ORDERS if not approval.inhibitors(wanting(it, 0, w.I_RESETS, waited=1 << it))]
    assert passes == [w.FX, w.FS]
    assert [it for it in ORDERS if not approval.inhibitors(wanting(it, 0, w.I_RESETS))] == [], "from earlier: none"


def test_a_request_that_stands_from_earlier_moves_nothing_in_a_disarmed_group() -> None:
    for winner in ORDERS:
        assert approval.inhibitors(wanting(winner, 0)) == approval.ABSOLUTE | approval.AUTOMATIC


def test_a_failover_is_held_back_by_all_but_attempts() -> None:
    held = approval.inhibitors(wanting(w.SF_W, 0))
    assert held == approval.ABSOLUTE | approval.AUTOMATIC | approval.FAILOVER
    assert not held & w.I_ATTEMPTS, "a limit of attempts never keeps the load on a failed unit"


def test_a_degraded_primary_waits_for_what_is_absolute_or_automatic_and_for_no_boot_grace() -> None:
    assert approval.inhibitors(wanting(w.SD, 0)) == approval.ABSOLUTE | approval.AUTOMATIC


def test_attempts_hold_back_returns_only() -> None:
    assert approval.inhibitors(wanting(w.NR, w.NONE)) & w.I_ATTEMPTS
    assert not approval.inhibitors(wanting(w.SF_P, w.NONE)) & w.I_ATTEMPTS


def test_releasing_a_coil_needs_no_supply_but_a_latching_relay_has_no_release() -> None:
    assert not approval.inhibitors(wanting(w.SF_P, w.NONE, latching=0)) & w.I_SUPPLY
    assert approval.inhibitors(wanting(w.SF_P, w.NONE, latching=1)) & w.I_SUPPLY


def test_what_inhibits_nothing_holds_nothing_back() -> None:
    s = wanting(w.NR, w.NONE, inhibited=0, failed=1, health=[w.FAILED, w.OK])
    s.selected = w.NONE
    resolve(s)
    assert (s.winner, s.target) == (w.SF_W, 0)
    assert approval.inhibitors(s) == 0


# autonomy, what was said to the pending request, what holds a failover back
SAID = [
    (w.AUTO, w.WAITING, 0),
    (w.AUTO, w.APPROVED, 0),
    (w.AUTO, w.REJECTED, w.I_REJECTED),
    (w.ASK, w.WAITING, w.I_ASKING),
    (w.ASK, w.APPROVED, 0),
    (w.ASK, w.REJECTED, w.I_REJECTED),
    (w.ASK_THEN_AUTO, w.WAITING, w.I_ASKING),
    (w.ASK_THEN_AUTO, w.APPROVED, 0),
    (w.ASK_THEN_AUTO, w.REJECTED, w.I_REJECTED),
    (w.MANUAL, w.WAITING, w.I_MANUAL),
    (w.MANUAL, w.APPROVED, 0),
    (w.MANUAL, w.REJECTED, w.I_REJECTED),
    (w.SHADOW, w.WAITING, w.I_SHADOW),
    (w.SHADOW, w.APPROVED, 0),
    (w.SHADOW, w.REJECTED, w.I_REJECTED),
]


def asking(winner: int, target: int, autonomy: int, said: int, inhibited: int = 0, **values: Any) -> Situation:
    about = {"pending_winner": winner, "pending_target": target, "pending_said": said}
    return wanting(winner, target, inhibited, autonomy=autonomy, **{**about, **values})


@pytest.mark.parametrize(
    ("winner", "target"), [(w.SF_W, 0), (w.SF_P, w.NONE), (w.SD, 0), (w.NR, w.NONE), (w.FS, 0), (w.OUT, 0)]
)
@pytest.mark.parametrize(("autonomy", "said", "held"), SAID)
def test_what_is_automatic_passes_autonomy_and_what_was_said(
    winner: int, target: int, autonomy: int, said: int, held: int
) -> None:
    assert approval.inhibitors(asking(winner, target, autonomy, said)) == held


@pytest.mark.parametrize(("autonomy", "said", "held"), SAID)
def test_what_was_said_to_another_request_counts_for_nothing(autonomy: int, said: int, held: int) -> None:
    unsaid = next(row[2] for row in SAID if row[:2] == (autonomy, w.WAITING))
    assert approval.inhibitors(asking(w.SF_W, 0, autonomy, said, pending_winner=w.FS)) == unsaid
    assert approval.inhibitors(asking(w.SF_W, 0, autonomy, said, pending_target=1)) == unsaid


@pytest.mark.parametrize(("autonomy", "said", "held"), SAID)
def test_what_a_person_waits_for_does_not_pass_autonomy(autonomy: int, said: int, held: int) -> None:
    for winner in ORDERS:
        assert approval.inhibitors(asking(winner, 0, autonomy, said, waited=1 << winner)) == 0


@pytest.mark.parametrize(("autonomy", "said", "held"), SAID)
def test_what_something_else_holds_back_is_not_put_to_a_person(autonomy: int, said: int, held: int) -> None:
    for bit in (w.I_DISARMED, w.I_DIFFERS, w.I_CONFLICT, w.I_RELAY, w.I_SUPPLY, w.I_BOOT_GRACE, w.I_POLICY):
        assert approval.inhibitors(asking(w.SF_W, 0, autonomy, said, bit)) == bit


def test_too_many_returns_are_put_to_a_person_and_an_approval_outweighs_them() -> None:
    for autonomy in (w.AUTO, w.ASK, w.ASK_THEN_AUTO):
        held = approval.inhibitors(asking(w.NR, w.NONE, autonomy, w.WAITING, w.I_ATTEMPTS))
        assert held == w.I_ATTEMPTS | w.I_ASKING
    for autonomy in range(w.SHADOW + 1):
        assert approval.inhibitors(asking(w.NR, w.NONE, autonomy, w.APPROVED, w.I_ATTEMPTS)) == 0
        assert approval.inhibitors(asking(w.NR, w.NONE, autonomy, w.APPROVED, w.I_ATTEMPTS | w.I_RELAY)) & w.I_RELAY


# -- what waits for a drain, what flaps, what is doubted --------------------------------------------------------------


@pytest.mark.parametrize("winner", [*ORDERS, w.SF_P, w.SF_W, w.SD, w.NR])
def test_a_unit_that_did_not_drain_holds_back_what_nobody_is_in_a_hurry_for(winner: int) -> None:
    held = approval.inhibitors(wanting(winner, 0, w.I_UNDRAINED))
    assert held == (0 if winner in (w.FX, w.SF_P, w.FS, w.SF_W, w.SD) else w.I_UNDRAINED)


def pooled(winner: int, target: int, **values: Any) -> Situation:
    """Return what is wanted in a group of two primaries."""
    s = Situation(2)
    s.winner, s.target = winner, target
    for name, value in values.items():
        setattr(s, name, value)
    return s


FLAPPING = [
    # what wins, target, selected, who flaps, whether the load would go to it without need
    (w.NR, w.NONE, 0, 0b001, True),
    (w.NR, w.NONE, 1, 0b010, True),
    (w.NR, w.NONE, 1, 0b101, False),
    (w.NR, w.NONE, w.NONE, 0b111, False),
    (w.SD, 1, w.NONE, 0b100, True),
    (w.SD, 1, w.NONE, 0b011, False),
    (w.SF_W, 1, w.NONE, 0b100, False),
    (w.SF_P, w.NONE, 1, 0b010, False),
    (w.MS_P, w.NONE, 1, 0b010, False),
    (w.NR, w.NONE, 1, 0, False),
]


@pytest.mark.parametrize(("winner", "target", "selected", "flapping", "held"), FLAPPING)
def test_f28_no_load_goes_to_a_flapping_unit_without_need_and_the_reason_stands_beside_others(
    winner: int, target: int, selected: int, flapping: int, held: bool
) -> None:
    s = pooled(winner, target, selected=selected, flapping=flapping)
    assert bool(approval.flaps(s)) == held
    assert bool(approval.inhibitors(s) & w.I_FLAPPING) == held
    s.inhibited = w.I_CONFLICT
    assert approval.inhibitors(s) == (w.I_CONFLICT | w.I_FLAPPING if held else w.I_CONFLICT)


DOUBTED = [
    # what wins, the unit that it is about, who is silent behind noise, whether that is all there is against it
    (w.SF_W, 0, 0b001, True),
    (w.SF_W, 1, 0b010, True),
    (w.SF_W, 1, 0b101, False),
    (w.SF_P, 2, 0b100, True),
    (w.SF_P, 2, 0b011, False),
    (w.SF_W, 0, 0, False),
    (w.SF_W, w.NONE, 0b111, False),
    (w.SD, 0, 0b001, False),
    (w.NR, 1, 0b010, False),
    (w.FS, 1, 0b010, False),
]


@pytest.mark.parametrize(("winner", "unit", "noisy", "held"), DOUBTED)
def test_f3_a_silence_behind_noise_alone_is_doubted_and_the_reason_stands_beside_others(
    winner: int, unit: int, noisy: int, held: bool
) -> None:
    s = pooled(winner, 0, unit=unit, noisy=noisy)
    assert bool(approval.doubts(s)) == held
    assert bool(approval.inhibitors(s) & w.I_NOISY) == held
    s.inhibited = w.I_CONFLICT
    assert approval.inhibitors(s) == (w.I_CONFLICT | w.I_NOISY if held else w.I_CONFLICT)


# -- a line that rests on nobody --------------------------------------------------------------------------------------

# who waits, and what of a disarmed group and of a board that holds still keeps the line from its primary
RECONNECTED = [
    (0, w.I_DISARMED | w.I_RESETS),
    (1 << w.MS_P, w.I_RESETS),
    (1 << w.FS, 0),
    (1 << w.FX, w.I_DISARMED),
    (1 << w.MS, w.I_DISARMED | w.I_RESETS),
    (1 << w.OUT | 1 << w.LO, w.I_DISARMED | w.I_RESETS),
]


@pytest.mark.parametrize(("waited", "held"), RECONNECTED)
def test_a_line_that_rests_on_nobody_is_connected_by_whoever_asks_for_it(waited: int, held: int) -> None:
    s = pooled(w.NR, w.NONE, waited=waited, inhibited=w.I_DISARMED | w.I_RESETS)
    assert approval.reconnecting(s, 0) == held


def test_what_moves_no_relay_connects_no_line_either_and_what_holds_failovers_connects_it() -> None:
    s = pooled(w.NR, w.NONE, inhibited=ALL, waited=1 << w.FS)
    assert approval.reconnecting(s, 0) == approval.ABSOLUTE


@pytest.mark.parametrize("line", [0, 1])
def test_a_line_whose_primary_is_out_or_fenced_stays_on_nobody_and_its_neighbour_does_not(line: int) -> None:
    s = pooled(w.NR, w.NONE, out=1 << line, inhibited=w.I_CONFLICT)
    assert approval.reconnecting(s, line) == w.I_CONFLICT | w.I_OUT
    assert approval.reconnecting(s, 1 - line) == w.I_CONFLICT
    s.out = 0
    s.health[line] = w.FENCED
    assert approval.reconnecting(s, line) == w.I_CONFLICT | w.I_FENCED
    assert approval.reconnecting(s, 1 - line) == w.I_CONFLICT
