"""Warm and cold spares, drains and exercises on the emulated rig: real firmware, real agents, and what contacts did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hil.pair import UNHURRIED, Pair
from hil.story import Story
from hotspare.rig.trace import Record
from hotspare_engine import words as w

COIL = {"kind": "coil", "name": "line-primary", "event": "energised"}
BOOT_MS = 400
QUICK = {**UNHURRIED, "interval_ms": 50, "agent_interval_ms": 50, "attempts_window_s": 3, "attempts_max": 50}


@pytest.fixture(params=["changeover", "interlocked", "fenced"])
def cold(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with Pair(
        **QUICK, switch=request.param, standby="cold", start_limit_s=2, stop_delay_s=1, unit_boot_ms=BOOT_MS
    ) as made:
        yield made
        assert made.rig.state()["both_connected_us"] == 0


@pytest.fixture
def warm() -> Iterator[Pair]:
    with Pair(**QUICK, standby="warm", ready_limit_ms=800, active_ms=300) as made:
        yield made
        assert made.rig.state()["both_connected_us"] == 0


@pytest.fixture(params=["hot", "warm"])
def draining(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with Pair(**QUICK, drain_s=2, drain_ms=600, standby=request.param, active_ms=100) as made:
        yield made
        assert made.rig.state()["both_connected_us"] == 0


def between(pair: Pair, before: int, **match: str) -> Record:
    """Return the first record after number `before` that matches."""
    return pair.rig.wait(match, before, 10_000)


def mark(pair: Pair) -> int:
    """Return the number of the newest record of the trace."""
    return int(pair.rig.state()["trace_next"]) - 1


def test_a_cold_spare_is_started_heard_and_connected_and_stopped_after_the_return(cold: Pair) -> None:
    assert not cold.rig.state()["units"]["spare"]["powered"]
    story = Story(cold)
    before = mark(cold)
    cold.rig.fail("primary")
    fenced = cold.group.switch == "fenced"
    cold.settle(on_spare=True, healths=(w.FENCED if fenced else w.FAILED, w.OK))
    assert cold.active() == "spare"
    assert story.tells((w.E_START, 1), (w.E_HEALTH, 1, w.OK), (w.E_DRIVE, 0, w.AT_SPARE), (w.E_SWITCHED, 0))
    started = between(cold, before, kind="unit", name="spare", event="booting")
    running = between(cold, before, kind="unit", name="spare", event="running")
    connected = between(cold, before, kind="contact", name="line-primary", event="closed", detail="spare")
    assert started.us < running.us < connected.us
    cold.rig.mend("primary")
    cold.until_status(lambda status: status["health"][0] != w.FAILED)
    if fenced:
        cold.ask(w.UNFENCE, 0)
    cold.fail_back()
    between(cold, before, kind="unit", name="spare", event="off")
    status = cold.settle()
    assert status["alarms"] == 0
    assert cold.active() == "primary"


def test_f30_a_cold_spare_that_does_not_come_up_leaves_the_line_where_it_was_and_is_tried_again(cold: Pair) -> None:
    cold.rig.stop("spare")  # it has no mains: its start relay closes on nothing
    cold.rig.fail("primary")
    status = cold.until_alarm(w.A_UNREADY | w.A_SPARE_FAILED | w.A_INHIBITED)
    cold.until_status(lambda status: status["state"] == w.NORMAL)
    assert cold.active() == "primary"
    assert status["why"][1] == w.WHY_NO_START
    cold.rig.start("spare")
    cold.until_status(lambda status: status["state"] == w.ON_SPARE)
    assert cold.active() == "spare"


def test_an_exercise_starts_a_cold_spare_and_moves_nothing(cold: Pair) -> None:
    before = mark(cold)
    reply = cold.ask(w.EXER)
    assert reply["verdict"] == w.DONE
    assert BOOT_MS <= reply["took_ms"] <= BOOT_MS + 200
    between(cold, before, kind="unit", name="spare", event="off")
    moved = [record for record in cold.rig.trace(before) if record.kind == "contact" and record.name == "line-primary"]
    assert moved == []
    assert cold.settle()["alarms"] == 0


def test_f35_a_controller_that_resets_while_a_cold_spare_carries_starts_it_again(cold: Pair) -> None:
    cold.rig.fail("primary")
    cold.until_status(lambda status: status["state"] == w.ON_SPARE)
    before = mark(cold)
    cold.rig.power("controller", False)
    between(cold, before, kind="unit", name="spare", event="off")
    cold.rig.power("controller", True)
    cold.until_status(lambda status: status["state"] == w.ON_SPARE)
    assert cold.active() == "spare"


def test_a_warm_spare_is_told_and_acknowledges_before_it_is_connected(warm: Pair) -> None:
    before = mark(warm)
    warm.rig.fail("primary")
    warm.settle(on_spare=True, healths=(w.FAILED, w.OK))
    told = between(warm, before, kind="unit", name="spare", event="role", detail="active")
    activated = between(warm, before, kind="unit", name="spare", event="activated")
    driven = between(warm, before, **COIL)
    assert activated.us - told.us >= 300_000
    assert driven.us > activated.us
    warm.rig.mend("primary")
    warm.until_status(lambda status: status["health"][0] == w.OK)
    warm.fail_back()
    between(warm, before, kind="unit", name="spare", event="stood by")


def test_a_warm_spare_whose_hook_hangs_is_not_connected_and_a_person_has_it_tried_again(warm: Pair) -> None:
    warm.rig.hook("spare", "active", "hangs")
    warm.rig.fail("primary")
    status = warm.until_alarm(w.A_UNREADY | w.A_INHIBITED)
    assert status["why"][1] == w.WHY_UNREADY
    assert warm.active() == "primary"
    warm.rig.hook("spare", "active", "works")
    warm.ask(w.CLEAR_SPARE)
    warm.until_status(lambda status: status["state"] == w.ON_SPARE)


def test_a_planned_switchover_waits_for_the_drain_and_loses_nothing(draining: Pair) -> None:
    before = mark(draining)
    reply = draining.ask(w.MS, 1)
    assert reply["verdict"] == w.DONE
    drained = between(draining, before, kind="unit", name="primary", event="drained")
    driven = between(draining, before, **COIL)
    assert 0 < driven.us - drained.us < 200_000
    draining.settle(on_spare=True)
    draining.pass_ms(200)
    assert draining.rig.state()["lines"]["primary"]["lost"] == 0


@pytest.mark.parametrize("ending", ["fails", "hangs"])
def test_a_unit_that_does_not_drain_keeps_its_line(draining: Pair, ending: str) -> None:
    draining.rig.hook("primary", "drain", ending)
    assert draining.ask(w.MS, 1)["verdict"] == w.NOT_DRAINED
    assert draining.active() == "primary"
    assert draining.settle()["state"] == w.NORMAL
    assert draining.ask(w.MS, 1, flags=w.NO_DRAIN)["verdict"] == w.DONE
    draining.settle(on_spare=True)


def test_a_failover_does_not_wait_for_a_drain(draining: Pair) -> None:
    draining.rig.hook("primary", "drain", "hangs")
    draining.rig.fail("primary")
    draining.until_status(lambda status: status["state"] == w.ON_SPARE)
    assert draining.active() == "spare"
