"""Which inhibitor holds back which movement: every request that moves against every inhibitor."""

from typing import Any

import pytest

from hotspare_engine import approval
from hotspare_engine import words as w
from hotspare_engine.resolver import ORDERS, Situation, resolve

ALL = (1 << 20) - 1 | w.I_PRECEDING
TO_SPARE = (w.OUT, w.FX, w.FS, w.SF_W, w.MS)


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
        assert approval.inhibitors(wanting(winner, 0, waited=1 << winner)) == approval.ABSOLUTE


def test_a_request_that_stands_from_earlier_moves_nothing_in_a_disarmed_group() -> None:
    for winner in ORDERS:
        assert approval.inhibitors(wanting(winner, 0)) == approval.ABSOLUTE | approval.AUTOMATIC


def test_a_failover_is_held_back_by_all_but_attempts() -> None:
    held = approval.inhibitors(wanting(w.SF_W, 0))
    assert held == approval.ABSOLUTE | approval.AUTOMATIC | approval.FAILOVER
    assert not held & w.I_ATTEMPTS, "a limit of attempts never keeps the load on a failed unit"


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
