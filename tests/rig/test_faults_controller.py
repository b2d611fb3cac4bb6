"""A controller that dies, with either retention, and latching relays on the emulated rig: contacts, alarms, records."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hil.pair import RELAY, UNHURRIED, Pair
from hil.story import Story
from hotspare_engine import words as w

# slow contacts, so that power goes while they move; a rebooted board gets its time to hear the others
REBOOT = {**UNHURRIED, "beats": 12, "boot_grace_s": 2, "operate_us": 40_000}
STILL_MS = 500


@pytest.fixture(scope="module", params=["falls", "latching"])
def running(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with Pair(**REBOOT, retention=request.param) as pair:
        yield pair


only_latching = pytest.mark.parametrize("running", ["latching"], indirect=True)


def latches(pair: Pair) -> bool:
    return bool(pair.group.setting("retention") == w.LATCHING)


def await_pulse_end(pair: Pair) -> None:
    """Return when no coil of a latching relay is driven."""
    if latches(pair):
        pair.until_status(lambda status: not pair.rig.state()["relays"][RELAY]["driven"])


# -- latching -----------------------------------------------------------------------------------------------------


@only_latching
def test_a_latching_relay_is_moved_by_a_pulse_and_stays_without_one(pair: Pair) -> None:
    story = Story(pair)
    assert pair.ask(w.MS, 1)["verdict"] == w.DONE
    await_pulse_end(pair)
    assert not pair.rig.state()["relays"][RELAY]["energised"]
    assert pair.active() == "spare"
    assert pair.ask(w.MS_P, 0)["verdict"] == w.DONE
    await_pulse_end(pair)
    assert pair.active() == "primary"
    drives = [move for move in story.moves() if move.startswith("drive")]
    assert drives == ["drive on set", "drive off set", "drive on reset", "drive off reset"]


@only_latching
def test_f36_a_latching_relay_keeps_the_spare_when_the_supply_goes_and_a_failback_waits(pair: Pair) -> None:
    assert pair.ask(w.MS, 1)["verdict"] == w.DONE
    await_pulse_end(pair)
    story = Story(pair)
    pair.rig.supply(False)
    pair.until_alarm(w.A_SUPPLY)
    refused = pair.ask(w.MS_P, 0)
    assert (refused["verdict"], refused["inhibitors"] & w.I_SUPPLY) == (w.HELD_BACK, w.I_SUPPLY)
    assert (pair.active(), story.moves()) == ("spare", [])
    pair.rig.supply(True)
    pair.until_status(lambda status: not status["alarms"])
    assert pair.ask(w.MS_P, 0)["verdict"] == w.DONE
    assert pair.active() == "primary"


@only_latching
def test_f5_a_welded_latching_relay_holds_and_is_cleared_on_the_spare(pair: Pair) -> None:
    assert pair.ask(w.MS, 1)["verdict"] == w.DONE
    pair.rig.weld(RELAY)
    assert pair.ask(w.MS_P, 0)["verdict"] == w.FELL_BACK
    assert pair.until_alarm(w.A_RELAY)["state"] == w.HELD
    assert pair.active() == "spare"
    await_pulse_end(pair)
    pair.rig.unweld(RELAY)
    assert pair.ask(w.CLEAR_RELAY)["verdict"] == w.DONE
    pair.settle(on_spare=True)
    assert pair.active() == "spare"


# -- F35: the controller dies -------------------------------------------------------------------------------------


def kill(pair: Pair) -> None:
    """Take the controller's power and see that the beacon alarms."""
    pair.rig.power("controller", False)
    pair.until_alarm(w.A_CONTROLLER_SILENT, "beacon")
    assert pair.alarm_stands("beacon")
    assert pair.alarm_stands("controller")


def test_f35_a_controller_dead_before_a_failure_fails_over_when_it_is_back(pair: Pair) -> None:
    kill(pair)
    pair.rig.fail("primary")
    pair.pass_ms(STILL_MS)
    assert pair.active() == "primary", "nobody else moves the relay"
    pair.rig.power("controller", True)
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"
    pair.until_status(lambda status: not status["alarms"] & w.A_CONTROLLER_SILENT, "beacon")


def test_f35_a_controller_that_dies_while_it_fails_over_decides_afresh_when_it_is_back(pair: Pair) -> None:
    before = pair.rig.state()["trace_next"] - 1
    pair.rig.fail("primary")
    pair.rig.wait({"kind": "coil", "name": RELAY, "event": "energised"}, before)
    kill(pair)
    assert latches(pair) or pair.active() == "primary"
    pair.rig.power("controller", True)
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"


def test_f35_a_controller_that_dies_on_the_spare_leaves_the_load_by_retention_and_takes_it_up_again(
    pair: Pair,
) -> None:
    pair.rig.fail("primary")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    await_pulse_end(pair)
    story = Story(pair)
    kill(pair)
    assert pair.active() == ("spare" if latches(pair) else "primary")
    pair.rig.power("controller", True)
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"
    if latches(pair):
        assert story.moves() == [], "no reset moves a latching relay"
    else:
        assert story.tells((w.E_BOOT,), (w.E_FELL, 0, w.AT_PRIMARY), (w.E_DRIVE, 0, w.AT_SPARE), (w.E_SWITCHED, 0))


def test_f35_a_controller_that_dies_on_the_spare_with_a_well_primary_moves_nothing_when_it_is_back(
    pair: Pair,
) -> None:
    assert pair.ask(w.MS, 1)["verdict"] == w.DONE
    await_pulse_end(pair)
    kill(pair)
    stays = "spare" if latches(pair) else "primary"
    assert pair.active() == stays
    before = pair.rig.state()["trace_next"] - 1
    pair.rig.power("controller", True)
    pair.settle(on_spare=latches(pair))
    pair.pass_ms(STILL_MS)
    assert pair.active() == stays
    assert [it for it in pair.rig.trace(before) if it.name == RELAY] == []
