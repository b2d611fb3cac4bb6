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
def running_either(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with Pair(**REBOOT, retention=request.param) as pair:
        yield pair


def restored(pair: Pair) -> Iterator[Pair]:
    yield pair
    pair.restore()
    assert pair.rig.state()["both_connected_us"] == 0


@pytest.fixture
def either(running_either: Pair) -> Iterator[Pair]:
    yield from restored(running_either)


@pytest.fixture
def latching(running_either: Pair) -> Iterator[Pair]:
    yield from restored(running_either)


only_latching = pytest.mark.parametrize("running_either", ["latching"], indirect=True)


def latches(pair: Pair) -> bool:
    return bool(pair.group.setting("retention") == w.LATCHING)


def await_pulse_end(pair: Pair) -> None:
    """Return when no coil of a latching relay is driven."""
    if latches(pair):
        pair.until_status(lambda status: not pair.rig.state()["relays"][RELAY]["driven"])


# -- latching -----------------------------------------------------------------------------------------------------


@only_latching
def test_a_latching_relay_is_moved_by_a_pulse_and_stays_without_one(latching: Pair) -> None:
    story = Story(latching)
    assert latching.ask(w.MS, 1)["verdict"] == w.DONE
    await_pulse_end(latching)
    assert not latching.rig.state()["relays"][RELAY]["energised"]
    assert latching.active() == "spare"
    assert latching.ask(w.MS_P, 0)["verdict"] == w.DONE
    await_pulse_end(latching)
    assert latching.active() == "primary"
    drives = [move for move in story.moves() if move.startswith("drive")]
    assert drives == ["drive on set", "drive off set", "drive on reset", "drive off reset"]


@only_latching
def test_f36_a_latching_relay_keeps_the_spare_when_the_supply_goes_and_a_failback_waits(latching: Pair) -> None:
    assert latching.ask(w.MS, 1)["verdict"] == w.DONE
    await_pulse_end(latching)
    story = Story(latching)
    latching.rig.supply(False)
    latching.until_alarm(w.A_SUPPLY)
    refused = latching.ask(w.MS_P, 0)
    assert (refused["verdict"], refused["inhibitors"] & w.I_SUPPLY) == (w.HELD_BACK, w.I_SUPPLY)
    assert (latching.active(), story.moves()) == ("spare", [])
    latching.rig.supply(True)
    latching.until_status(lambda status: not status["alarms"])
    assert latching.ask(w.MS_P, 0)["verdict"] == w.DONE
    assert latching.active() == "primary"


@only_latching
def test_f5_a_welded_latching_relay_holds_and_is_cleared_on_the_spare(latching: Pair) -> None:
    assert latching.ask(w.MS, 1)["verdict"] == w.DONE
    latching.rig.weld(RELAY)
    assert latching.ask(w.MS_P, 0)["verdict"] == w.FELL_BACK
    assert latching.until_alarm(w.A_RELAY)["state"] == w.HELD
    assert latching.active() == "spare"
    await_pulse_end(latching)
    latching.rig.unweld(RELAY)
    assert latching.ask(w.CLEAR_RELAY)["verdict"] == w.DONE
    latching.settle(on_spare=True)
    assert latching.active() == "spare"


# -- F35: the controller dies -------------------------------------------------------------------------------------


def kill(pair: Pair) -> None:
    """Take the controller's power and see that the beacon alarms."""
    pair.rig.power("controller", False)
    pair.until_alarm(w.A_CONTROLLER_SILENT, "beacon")
    assert pair.alarm_stands("beacon")
    assert pair.alarm_stands("controller")


def test_f35_a_controller_dead_before_a_failure_fails_over_when_it_is_back(either: Pair) -> None:
    kill(either)
    either.rig.fail("primary")
    either.pass_ms(STILL_MS)
    assert either.active() == "primary", "nobody else moves the relay"
    either.rig.power("controller", True)
    either.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert either.active() == "spare"
    either.until_status(lambda status: not status["alarms"] & w.A_CONTROLLER_SILENT, "beacon")


def test_f35_a_controller_that_dies_while_it_fails_over_decides_afresh_when_it_is_back(either: Pair) -> None:
    before = either.rig.state()["trace_next"] - 1
    either.rig.fail("primary")
    either.rig.wait({"kind": "coil", "name": RELAY, "event": "energised"}, before)
    kill(either)
    assert latches(either) or either.active() == "primary"
    either.rig.power("controller", True)
    either.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert either.active() == "spare"


def test_f35_a_controller_that_dies_on_the_spare_leaves_the_load_by_retention_and_takes_it_up_again(
    either: Pair,
) -> None:
    either.rig.fail("primary")
    either.settle(on_spare=True, healths=(w.FAILED, w.OK))
    await_pulse_end(either)
    story = Story(either)
    kill(either)
    assert either.active() == ("spare" if latches(either) else "primary")
    either.rig.power("controller", True)
    either.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert either.active() == "spare"
    if latches(either):
        assert story.moves() == [], "no reset moves a latching relay"
    else:
        assert story.tells((w.E_BOOT,), (w.E_FELL, 0, w.AT_PRIMARY), (w.E_DRIVE, 0, w.AT_SPARE), (w.E_SWITCHED, 0))


def test_f35_a_controller_that_dies_on_the_spare_with_a_well_primary_moves_nothing_when_it_is_back(
    either: Pair,
) -> None:
    assert either.ask(w.MS, 1)["verdict"] == w.DONE
    await_pulse_end(either)
    kill(either)
    stays = "spare" if latches(either) else "primary"
    assert either.active() == stays
    before = either.rig.state()["trace_next"] - 1
    either.rig.power("controller", True)
    either.settle(on_spare=latches(either))
    either.pass_ms(STILL_MS)
    assert either.active() == stays
    assert [it for it in either.rig.trace(before) if it.name == RELAY] == []
