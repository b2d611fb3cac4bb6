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
