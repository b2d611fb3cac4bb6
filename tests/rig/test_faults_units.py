"""Faults of units, of whole sites, and persons who race them, on the emulated rig: contacts, alarms and records."""

from __future__ import annotations

import itertools

import pytest

from hil.pair import UNHURRIED, Pair
from hil.story import Story
from hotspare.errors import NoOutcome
from hotspare.rig.interface import Order
from hotspare_engine import words as w

STILL_MS = 500
OFF: list[Order] = [
    ("stop", {"unit": "primary"}),
    ("stop", {"unit": "spare"}),
    ("power", {"board": "controller", "state": "off"}),
]
ON: dict[str, Order] = {
    "primary": ("start", {"unit": "primary"}),  # and the beacon, which it feeds
    "spare": ("start", {"unit": "spare"}),
    "controller": ("power", {"board": "controller", "state": "on"}),
}


# -- F31: persons and failures at once ------------------------------------------------------------------------------


def test_f31_a_lockout_outranks_a_failure_until_it_is_cleared(pair: Pair, story: Story) -> None:
    lockout = pair.ask(w.LO, 1)
    assert lockout["verdict"] == w.DONE
    pair.rig.fail("primary")
    status = pair.until_alarm(w.A_PRIMARY_FAILED | w.A_INHIBITED | w.A_OUT)
    assert (status["winner"], status["inhibitors"] & w.I_LOCKOUT) == (w.LO, w.I_LOCKOUT)
    for request in (w.MS, w.FS):
        refused = pair.ask(request, 1)
        assert (refused["verdict"], refused["by"], refused["id"]) == (w.OUTRANKED, w.LO, lockout["id"])
    assert (pair.active(), story.moves()) == ("primary", [])
    assert pair.ask(w.CLEAR, number=lockout["id"])["verdict"] == w.DONE
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"
    assert story.tells((w.E_WINNER, w.LO), (w.E_ASKED, w.CLEAR), (w.E_WINNER, w.SF_W), (w.E_SWITCHED, 0))


def test_f31_a_forced_switch_to_the_primary_outranks_its_failure_and_says_so(pair: Pair, story: Story) -> None:
    forced = pair.ask(w.FS, 0)
    assert forced["verdict"] == w.DONE
    pair.rig.fail("primary")
    status = pair.until_alarm(w.A_PRIMARY_FAILED | w.A_INHIBITED)
    assert (status["winner"], status["inhibitors"] & w.I_FORCED) == (w.FS, w.I_FORCED)
    refused = pair.ask(w.MS, 1)
    assert (refused["verdict"], refused["by"], refused["id"]) == (w.OUTRANKED, w.FS, forced["id"])
    assert (pair.active(), story.moves()) == ("primary", [])
    pair.ask(w.CLEAR, number=forced["id"])
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))


def test_f31_a_failback_to_a_failed_primary_is_refused_with_the_failure_that_outranks_it(pair: Pair) -> None:
    pair.rig.fail("primary")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    story = Story(pair)
    refused = pair.ask(w.MS_P, 0)
    assert (refused["verdict"], refused["by"]) == (w.OUTRANKED, w.SF_W)
    assert pair.ask(w.OUT, 1)["verdict"] in (w.WOULD_DROP, w.OUTRANKED)
    assert (pair.active(), story.moves()) == ("spare", [])


def test_f31_a_switchover_asked_in_the_moment_of_a_failure_ends_on_the_well_unit(pair: Pair) -> None:
    for request, unit in ((w.MS, 1), (w.MS_P, 0)):
        pair.settle(on_spare=request == w.MS_P)
        pair.wait_random_phase()
        pair.rig.fail("primary")
        reply = pair.ask(request, unit)
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert pair.active() == "spare"
        if reply["verdict"] in (w.OUTRANKED, w.PREEMPTED):
            assert reply["by"] == w.SF_W
        else:
            assert reply["verdict"] in (w.DONE, w.NOT_WELL, w.BUSY, w.NOTHING)
        pair.rig.mend("primary")


def test_f31_a_failure_pre_empts_a_failback_that_has_not_begun_to_move() -> None:
    rest_ms = 3000
    with Pair(**UNHURRIED, coil_min_ms=rest_ms) as pair:
        assert pair.ask(w.MS, 1)["verdict"] == w.DONE
        story = Story(pair)
        with pair.board("controller") as reached, pytest.raises(NoOutcome):
            reached.request(w.MS_P, 1, 0, 0, 0, 100)  # accepted; the coil must rest first
        pair.rig.fail("primary")
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        pair.pass_ms(rest_ms)
        assert (pair.active(), story.moves()) == ("spare", [])
        ended = [(verdict, what & 255) for kind, verdict, what in story.events() if kind == w.E_VERDICT]
        assert (w.PREEMPTED, w.MS_P) in ended


# -- F34, F37: both units fail --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "mend"), [("fail", "mend"), ("hang", "start")])
def test_f34_a_spare_that_fails_with_no_well_primary_keeps_the_load_and_alarms(
    pair: Pair, fault: str, mend: str
) -> None:
    pair.rig.stop("primary")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    story = Story(pair)
    pair.rig.do([(fault, {"unit": "spare"})])
    status = pair.until_alarm(w.A_PRIMARY_FAILED | w.A_SPARE_FAILED | w.A_INHIBITED)
    assert (status["winner"], status["inhibitors"] & w.I_PRIMARY_NOT_WELL) == (w.SF_P, w.I_PRIMARY_NOT_WELL)
    pair.pass_ms(STILL_MS)
    assert (pair.active(), story.moves()) == ("spare", [])
    assert story.tells((w.E_HEALTH, 1), (w.E_WINNER, w.SF_P))
    pair.rig.start("primary")
    pair.settle(healths=(w.OK, w.FAILED))
    assert pair.active() == "primary", "the primary that is well again gets the load of the failed spare"
    assert story.tells((w.E_WINNER, w.SF_P), (w.E_HEALTH, 0), (w.E_DRIVE, 0, w.AT_PRIMARY), (w.E_SWITCHED, w.NONE))
    pair.rig.do([(mend, {"unit": "spare"})])


@pytest.mark.parametrize(("first", "on_spare"), [("spare", True), ("primary", False)])
def test_f37_both_units_failed_stay_and_alarm_and_the_first_that_is_well_gets_the_load(
    pair: Pair, story: Story, first: str, on_spare: bool
) -> None:
    pair.rig.do([("fail", {"unit": "spare"}), ("fail", {"unit": "primary"})])
    pair.until_alarm(w.A_PRIMARY_FAILED | w.A_SPARE_FAILED | w.A_INHIBITED)
    pair.pass_ms(STILL_MS)
    assert (pair.active(), story.moves()) == ("primary", [])
    assert pair.alarm_stands("controller")
    pair.rig.mend(first)
    pair.settle(on_spare=on_spare, healths=(w.FAILED, w.OK) if on_spare else (w.OK, w.FAILED))
    assert pair.active() == first


# -- F38: the whole site starts cold --------------------------------------------------------------------------------


def start(pair: Pair, what: str) -> None:
    """Give power to one thing and wait until it works."""
    before = pair.rig.state()["trace_next"] - 1
    pair.rig.do([ON[what]])
    event = {"kind": "board", "event": "answers"} if what == "controller" else {"kind": "unit", "event": "running"}
    pair.rig.wait({**event, "name": what}, before)


@pytest.mark.parametrize("order", list(itertools.permutations(ON)), ids="-".join)
def test_f38_a_site_that_starts_cold_comes_up_on_the_primary_in_any_order(pair: Pair, order: tuple[str, ...]) -> None:
    pair.rig.do(OFF)
    before = pair.rig.state()["trace_next"] - 1
    for what in order:
        start(pair, what)
    pair.settle()
    assert pair.active() == "primary"
    assert [it for it in pair.rig.trace(before) if it.name == "line-primary"] == []


def test_f38_a_site_that_starts_all_at_once_after_it_was_on_the_spare_comes_up_on_the_primary(pair: Pair) -> None:
    assert pair.ask(w.MS, 1)["verdict"] == w.DONE
    pair.rig.do(OFF)
    pair.pass_ms(STILL_MS)
    assert pair.active() == "primary"
    before = pair.rig.state()["trace_next"] - 1
    pair.rig.do(list(ON.values()))
    pair.until_status(lambda status: status["state"] in (w.NORMAL, w.ON_SPARE) and status["health"][0] == w.OK)
    pair.settle()
    assert [it for it in pair.rig.trace(before) if it.name == "line-primary"] == []


def test_f38_a_primary_that_does_not_come_up_is_left_for_the_spare_after_boot_grace() -> None:
    grace_s = 3
    with Pair(**{**UNHURRIED, "boot_grace_s": grace_s}) as pair:
        pair.rig.do(OFF)
        before = pair.rig.state()["trace_next"] - 1
        begin_us = pair.rig.do([ON["controller"], ON["spare"]])
        coil = pair.rig.wait({"kind": "coil", "name": "line-primary", "event": "energised"}, before)
        assert (coil.us - begin_us) / 1000 >= grace_s * 1000
        status = pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert status["why"][0] == w.WHY_NEVER_HEARD
        assert pair.active() == "spare"


def test_f38_neither_unit_comes_up_and_nothing_moves() -> None:
    with Pair(**{**UNHURRIED, "boot_grace_s": 2}) as pair:
        pair.rig.do(OFF)
        before = pair.rig.state()["trace_next"] - 1
        pair.rig.do([ON["controller"]])
        status = pair.until_alarm(w.A_PRIMARY_FAILED | w.A_SPARE_FAILED | w.A_INHIBITED)
        assert status["inhibitors"] & w.I_SPARE_NOT_WELL
        pair.pass_ms(STILL_MS)
        assert pair.active() == "primary"
        assert [it for it in pair.rig.trace(before) if it.name == "line-primary"] == []
        pair.rig.do([ON["spare"]])
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert pair.active() == "spare"
