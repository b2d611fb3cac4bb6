"""Faults on a simulated pair, under the laws: stalls of a loop, planned stops, expiries; times are the rig's own."""

import pytest

from hotspare_engine import words as w
from tests.simulation.site import Site

DEAD_MS, BEAT_MS = 500, 90
STALLS_MS = (5, 20, 89, 91, 150, 300, 450, 600)


# -- F17: garbage collection and other stalls of the own loop --------------------------------------------------------


@pytest.mark.parametrize(
    ("board", "stall_ms"),
    # a beacon that stalls for longer than the dead time less a beat is silent, as a dead one is
    [("controller", ms) for ms in STALLS_MS] + [("beacon", ms) for ms in STALLS_MS if ms < DEAD_MS - BEAT_MS],
)
def test_f17_a_stall_of_any_length_is_blind_time_and_no_failover(board: str, stall_ms: int) -> None:
    site = Site()
    site.rig.freeze(board)
    site.run(stall_ms)
    site.rig.thaw(board)
    site.run(3 * DEAD_MS)
    assert (site.active, site.engine.state) == (["primary"], w.NORMAL)
    longest_ms = site.rig.boards[board].board.late_max_ms
    assert longest_ms >= stall_ms - 100, "the loop says how late it was, but for what it would have waited anyway"


def test_f17_a_failure_within_a_stall_is_acted_on_a_dead_time_after_it() -> None:
    site = Site()
    site.rig.freeze("controller")
    site.run(10)
    began_ms = site.now_ms
    site.rig.stop("primary")
    site.rig.power("beacon", False)
    site.run(590)
    site.rig.thaw("controller")
    site.run(DEAD_MS + 200)
    assert site.active == ["spare"]
    took_ms = site.contact_ms(since_ms=began_ms) - began_ms
    assert 590 + DEAD_MS - 100 <= took_ms <= 590 + DEAD_MS + 60, "check says: an own stall adds one dead time"


# -- F26, F42: planned stops -----------------------------------------------------------------------------------------


def test_f26_a_planned_stop_is_no_failover_by_surprise_and_is_said_as_planned() -> None:
    site = Site(leaving_max_s=30)
    site.rig.stop("primary", leaving=True, after_ms=300, longest_s=20)
    site.run(10_000)
    assert site.active == ["primary"]
    assert site.engine.health.units[0].health == w.LEAVING
    assert site.engine.alarms & w.A_PRIMARY_FAILED, "a line on a unit that leaves is alarmed all the same"
    site.rig.start("primary")
    site.run(2_000)
    assert (site.engine.health.units[0].health, site.engine.alarms) == (w.OK, 0)


def test_f42_a_stop_that_lasts_longer_than_announced_is_a_failure_and_fails_over() -> None:
    site = Site(leaving_max_s=30)
    began_ms = site.now_ms
    site.rig.stop("primary", leaving=True, after_ms=300, longest_s=5)
    site.run(4_500)
    assert site.active == ["primary"]
    site.run(1_500)
    assert site.active == ["spare"]
    assert site.engine.health.units[0].why in (w.WHY_OVERSTAYED, w.WHY_REPORTED)
    assert 5_000 <= site.contact_ms(since_ms=began_ms) - began_ms <= 5_200


def test_f42_no_unit_may_announce_more_than_the_group_allows() -> None:
    site = Site(leaving_max_s=3)
    site.rig.stop("primary", leaving=True, after_ms=300, longest_s=600)
    site.run(2_500)
    assert site.active == ["primary"]
    site.run(1_500)
    assert site.active == ["spare"]


# -- F43: what expires during a failure ------------------------------------------------------------------------------


@pytest.mark.parametrize("hold_off_ms", [0, 2_000])
def test_f43_a_lockout_that_expires_during_a_failure_is_alarmed_ahead_and_acts_after_a_new_hold_off(
    hold_off_ms: int,
) -> None:
    site = Site(hold_off_ms=hold_off_ms)
    site.operator.ask(w.LO, w.NONE, 0, 20)
    site.run(100)
    site.rig.fail("primary")
    site.run(18_000)
    assert site.active == ["primary"]
    assert site.engine.alarms & w.A_EXPIRING
    assert site.engine.held_back & w.I_LOCKOUT
    ends_ms = site.now_ms - 18_100 + 20_000
    site.run(2_500 + hold_off_ms)
    assert site.active == ["spare"]
    took_ms = site.contact_ms(since_ms=ends_ms - 2_000) - ends_ms
    # the ask came within a step: the time since the step before is counted too
    assert hold_off_ms - BEAT_MS <= took_ms <= hold_off_ms + 100


def test_f43_a_unit_that_is_out_no_more_during_a_failure_takes_the_line_after_a_new_hold_off() -> None:
    site = Site(hold_off_ms=1_000)
    site.operator.ask(w.OUT, 1, 0, 12)
    site.run(100)
    site.rig.fail("primary")
    site.run(11_500)
    assert (site.active, bool(site.engine.held_back & w.I_OUT)) == (["primary"], True)
    site.run(400 + 1_000 + 200)
    assert site.active == ["spare"]
