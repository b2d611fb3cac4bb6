"""Interlocked and fenced pairs on the emulated rig: failover, return, fence and a dead controller, by the contacts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hil.pair import UNHURRIED, Pair
from hil.story import Story
from hotspare_engine import words as w


@pytest.fixture(params=["interlocked", "fenced"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with Pair(**UNHURRIED, switch=request.param) as made:
        yield made
        assert made.rig.state()["both_connected_us"] == 0


def test_a_failover_opens_both_contacts_before_it_closes_one_and_a_person_sends_the_load_back(pair: Pair) -> None:
    story = Story(pair)
    pair.rig.fail("primary")
    fenced = pair.group.switch == "fenced"
    status = pair.settle(on_spare=True, healths=(w.FENCED if fenced else w.FAILED, w.OK))
    assert pair.active() == "spare"
    assert story.tells((w.E_DRIVE, 0, w.BETWEEN), (w.E_CONTACT, 0, w.BETWEEN | w.RESTS), (w.E_DRIVE, 0, w.AT_SPARE))
    assert bool(status["alarms"] & w.A_FENCED) == fenced
    pair.rig.mend("primary")
    if fenced:
        assert pair.ask(w.MS_P, 0)["verdict"] == w.OUTRANKED, "however well it seems"
        assert pair.ask(w.UNFENCE, 0)["verdict"] == w.DONE
    pair.settle(on_spare=True)
    assert pair.ask(w.MS_P, 0)["verdict"] == w.DONE
    pair.settle()
    assert pair.active() == "primary"


def test_f35_a_dead_controller_leaves_the_line_to_the_wiring_and_takes_it_up_again(pair: Pair) -> None:
    pair.rig.fail("primary")
    pair.until_status(lambda status: status["state"] == w.ON_SPARE)
    pair.rig.power("controller", False)
    pair.pass_ms(200)
    assert pair.active() == ("primary" if pair.group.switch == "fenced" else None)
    pair.rig.power("controller", True)
    pair.until_status(lambda status: status["state"] == w.ON_SPARE)
    assert pair.active() == "spare"


def test_f5_a_welded_contact_of_the_primary_keeps_the_spare_away(pair: Pair) -> None:
    pair.rig.weld("line-primary", "primary")
    pair.rig.fail("primary")
    pair.until_alarm(w.A_RELAY | w.A_INHIBITED)
    assert pair.active() == "primary"
