"""Faults of relays, coils, read-backs and supply on the emulated rig: what contacts, alarms and records show."""

from __future__ import annotations

import pytest

from hil.pair import RELAY, Pair
from hil.story import Story
from hotspare_engine import words as w

OLD_POSITION = (("primary", "closed"), ("spare", "open"))
STILL_MS = 500


def sense(pair: Pair, contact: str, stuck: str | None) -> None:
    pair.rig.sense(RELAY, contact, stuck)


# -- F5: welded ---------------------------------------------------------------------------------------------------


def test_f5_a_contact_welded_on_the_spare_locks_the_group_and_nothing_else_is_connected(pair: Pair) -> None:
    assert pair.ask(w.MS, 1)["verdict"] == w.DONE
    pair.rig.weld(RELAY)
    story = Story(pair)
    assert pair.ask(w.MS_P, 0)["verdict"] == w.FELL_BACK
    status = pair.until_alarm(w.A_RELAY)
    assert status["state"] == w.HELD
    assert pair.active() == "spare"
    assert pair.alarm_stands("controller")
    assert story.events().count((w.E_DRIVE, 0, w.AT_PRIMARY)) == 2, "one retry"
    assert story.moves()[-1] == "coil energised", "the drive follows the contacts"
    assert story.tells((w.E_SWITCH_FAILED, w.NONE, w.AT_SPARE), (w.E_HELD, 0, w.AT_SPARE))
    refused = pair.ask(w.MS_P, 0)
    assert (refused["verdict"], refused["inhibitors"] & w.I_RELAY) == (w.HELD_BACK, w.I_RELAY)


def test_f5_a_contact_welded_on_the_primary_holds_a_failover_back_until_it_is_repaired_and_cleared(pair: Pair) -> None:
    pair.rig.weld(RELAY)
    story = Story(pair)
    pair.rig.fail("primary")
    status = pair.until_alarm(w.A_RELAY | w.A_INHIBITED | w.A_PRIMARY_FAILED)
    assert (status["state"], status["inhibitors"] & w.I_RELAY) == (w.HELD, w.I_RELAY)
    assert story.tells((w.E_WINNER, w.SF_W), (w.E_SWITCH_FAILED, 0), (w.E_HELD, 0, w.AT_PRIMARY))
    pair.rig.unweld(RELAY)
    pair.pass_ms(STILL_MS)
    assert pair.active() == "primary", "repaired is not cleared"
    assert story.count("contact closed spare") == 0
    assert pair.ask(w.CLEAR_RELAY)["verdict"] == w.DONE
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"


# -- F6: read-backs -----------------------------------------------------------------------------------------------


def test_f6_a_lost_read_back_of_the_spare_is_alarmed_and_the_changeover_goes_on(pair: Pair) -> None:
    sense(pair, "spare", "open")
    assert pair.ask(w.MS, 1)["verdict"] == w.DONE
    pair.until_alarm(w.A_READBACK)
    assert pair.active() == "spare"
    sense(pair, "spare", None)
    pair.until_status(lambda status: not status["alarms"])
    assert pair.active() == "spare"


@pytest.mark.parametrize(("contact", "stuck"), [("primary", "open"), ("spare", "closed")])
def test_f6_a_read_back_that_breaks_at_rest_is_alarmed_and_a_failure_still_fails_over(
    pair: Pair, contact: str, stuck: str
) -> None:
    story = Story(pair)
    sense(pair, contact, stuck)
    pair.until_alarm(w.A_READBACK)
    assert story.moves() == []
    pair.rig.fail("primary")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"
    assert story.tells((w.E_CONTACT, 0), (w.E_DRIVE, 0, w.AT_SPARE), (w.E_SWITCHED, 0))


def test_f6_read_backs_stuck_where_they_were_look_like_a_relay_that_did_not_move_and_hold(pair: Pair) -> None:
    for contact, stuck in OLD_POSITION:
        sense(pair, contact, stuck)
    assert pair.ask(w.MS, 1)["verdict"] == w.FELL_BACK
    status = pair.until_alarm(w.A_RELAY)
    assert status["state"] == w.HELD
    pair.pass_ms(STILL_MS)
    assert pair.active() == "primary", "the drive follows the read-backs"


# -- F7: coil open ------------------------------------------------------------------------------------------------


def test_f7_a_relay_that_does_not_operate_is_tried_once_more_and_then_left_at_rest(pair: Pair) -> None:
    pair.rig.stick(RELAY)
    story = Story(pair)
    assert pair.ask(w.MS, 1)["verdict"] == w.FELL_BACK
    status = pair.until_alarm(w.A_RELAY)
    assert status["state"] == w.HELD
    assert story.moves() == ["drive on", "drive off", "drive on", "drive off"]
    assert story.tells((w.E_SWITCH_FAILED, 0, w.AT_PRIMARY), (w.E_HELD, 0, w.AT_PRIMARY))
    assert pair.active() == "primary"
    refused = pair.ask(w.MS, 1)
    assert (refused["verdict"], refused["inhibitors"] & w.I_RELAY) == (w.HELD_BACK, w.I_RELAY)


def test_f7_a_failover_with_an_open_coil_is_alarmed_and_happens_once_repaired_and_cleared(pair: Pair) -> None:
    pair.rig.stick(RELAY)
    pair.rig.fail("primary")
    status = pair.until_alarm(w.A_RELAY | w.A_INHIBITED | w.A_PRIMARY_FAILED)
    assert (status["state"], pair.active()) == (w.HELD, "primary")
    pair.rig.unstick(RELAY)
    assert pair.ask(w.CLEAR_RELAY)["verdict"] == w.DONE
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"


# -- F36: coil supply ---------------------------------------------------------------------------------------------


def test_f36_a_supply_lost_on_the_spare_falls_to_a_well_primary_where_the_load_stays(pair: Pair) -> None:
    assert pair.ask(w.MS, 1)["verdict"] == w.DONE
    story = Story(pair)
    pair.rig.supply(False)
    pair.until_alarm(w.A_SUPPLY | w.A_FELL)
    pair.until_status(lambda status: status["state"] == w.NORMAL)
    assert pair.active() == "primary"
    assert story.tells((w.E_SUPPLY, 0))
    assert story.tells((w.E_FELL, 0, w.AT_PRIMARY), (w.E_DRIVE, 0, w.AT_PRIMARY), (w.E_STATE, w.NORMAL))
    pair.rig.supply(True)
    pair.until_status(lambda status: not status["alarms"] & w.A_SUPPLY)
    pair.pass_ms(STILL_MS)
    assert pair.active() == "primary", "the drive was taken away: it does not come back by itself"
    assert story.tells((w.E_SUPPLY, 0), (w.E_SUPPLY, 1))


def test_f36_a_supply_lost_on_the_spare_with_a_dead_primary_fails_over_again_when_it_returns(pair: Pair) -> None:
    pair.rig.fail("primary")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    story = Story(pair)
    pair.rig.supply(False)
    status = pair.until_alarm(w.A_SUPPLY | w.A_FELL | w.A_INHIBITED)
    assert status["inhibitors"] & w.I_SUPPLY
    assert pair.active() == "primary"
    pair.rig.supply(True)
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"
    assert story.tells((w.E_SUPPLY, 0), (w.E_FELL, 0), (w.E_SUPPLY, 1), (w.E_DRIVE, 0, w.AT_SPARE), (w.E_SWITCHED, 0))


def test_f36_a_supply_lost_at_rest_is_alarmed_and_a_failover_waits_for_it(pair: Pair) -> None:
    story = Story(pair)
    pair.rig.supply(False)
    pair.until_alarm(w.A_SUPPLY)
    pair.rig.fail("primary")
    pair.until_alarm(w.A_INHIBITED)
    assert story.moves() == [], "a coil without a supply is not driven"
    pair.rig.supply(True)
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"
