"""Boards that differ or claim one role on the emulated rig: what contacts, alarms and records show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from hil.pair import Pair
from hil.story import Story
from hotspare import firmware
from hotspare.cli import exits
from hotspare.configuration import Board, Group
from hotspare.rig import flash
from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_wire import messages
from tests.desk import Desk

STILL_MS = 500
VERSIONED = "/lib/hotspare_firmware/__init__.py"
UNVERSIONED = "/lib/hotspare_firmware/wiring/pico.py"


def beacon_of(pair: Pair) -> Board:
    return pair.configuration.board("beacon")


def with_setting(group: Group, name: str, value: int) -> Group:
    place = settings.index(name)
    return replace(group, settings=(*group.settings[:place], value, *group.settings[place + 1 :]))


@contextmanager
def disarmed(pair: Pair) -> Iterator[None]:
    """Let nothing move by itself while a board restarts, as a technician does."""
    pair.ask(w.DISARM)
    yield
    pair.until_status(lambda status: status["health"][0] in (w.OK, w.IMPAIRED))
    pair.ask(w.ARM)


@contextmanager
def beacon_with(pair: Pair, board: Board, group: Group) -> Iterator[None]:
    """Let the beacon have another configuration, and then the right one again."""
    with disarmed(pair):
        pair.give(board, group)
    yield
    pair.give(beacon_of(pair), pair.group)


@contextmanager
def beacon_flashed(pair: Pair, changed: dict[str, bytes]) -> Iterator[None]:
    """Let the beacon have some files of the firmware otherwise, and then the right ones again."""
    with disarmed(pair):
        pair.flash("beacon", changed)
    yield
    pair.flash("beacon", {})


def of_version(version: str) -> dict[str, bytes]:
    """Return what is changed by another version of the firmware."""
    right = flash.firmware_files()[VERSIONED].decode()
    other = re.sub(r'VERSION = ".*"', f'VERSION = "{version}"', right)
    assert other != right
    return {VERSIONED: other.encode()}


def of_another_build() -> dict[str, bytes]:
    """Return what is changed by a build of the same version with one byte more in one file."""
    return {UNVERSIONED: flash.firmware_files()[UNVERSIONED] + b"\n"}


# -- F21: boards that differ ---------------------------------------------------------------------------------------


def differing_boards_hold(pair: Pair, story: Story) -> None:
    """See that both say that they differ, that a person can still switch, and that no failover happens."""
    for name in ("controller", "beacon"):
        pair.until_alarm(w.A_DIFFERS, name)
    pair.settle()
    assert story.tells((w.E_DIFFERS, 1))
    assert pair.ask(w.MS, 1)["verdict"] == w.DONE, "a person decides"
    assert pair.ask(w.MS_P, 0)["verdict"] == w.DONE
    again = Story(pair)
    pair.rig.fail("primary")
    status = pair.until_alarm(w.A_INHIBITED | w.A_PRIMARY_FAILED)
    assert status["inhibitors"] & w.I_DIFFERS
    pair.pass_ms(STILL_MS)
    assert again.moves() == []


def equal_boards_act(pair: Pair, story: Story) -> None:
    """See that the failover that waited happens."""
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert story.tells((w.E_DIFFERS, 1), (w.E_DIFFERS, 0), (w.E_DRIVE, 0, w.AT_SPARE), (w.E_SWITCHED, 0))


def test_f21_a_beacon_with_another_configuration_holds_failover_back_until_both_are_equal(
    pair: Pair, story: Story
) -> None:
    with beacon_with(pair, beacon_of(pair), with_setting(pair.group, "hold_off_ms", 70)):
        differing_boards_hold(pair, story)
        assert pair.active() == "primary"
    equal_boards_act(pair, story)
    assert pair.active() == "spare"


def test_f21_a_beacon_with_another_firmware_holds_failover_back_until_both_are_equal(pair: Pair, story: Story) -> None:
    with beacon_flashed(pair, of_version("0.0.0-other")):
        differing_boards_hold(pair, story)
        assert pair.active() == "primary"
    equal_boards_act(pair, story)
    assert pair.active() == "spare"


def test_f21_a_beacon_with_another_build_of_the_same_version_holds_failover_back_until_both_are_equal(
    pair: Pair, story: Story
) -> None:
    with beacon_flashed(pair, of_another_build()):
        differing_boards_hold(pair, story)
        assert pair.active() == "primary"
    equal_boards_act(pair, story)
    assert pair.active() == "spare"


def test_f21_status_says_in_so_many_words_which_board_runs_what(pair: Pair, capfd: pytest.CaptureFixture[str]) -> None:
    desk = Desk(pair, capfd)
    ours = f"{firmware.build():04x}"
    with beacon_flashed(pair, of_another_build()):
        pair.until_alarm(w.A_DIFFERS)
        assert desk.run("status") == exits.INVALID
        other = desk.json("status")["boards"]["beacon"]["build"]
        assert other != ours
        assert (
            f"differ: controller runs firmware 0.1.0 build {ours}, beacon runs firmware 0.1.0 build {other}; until "
            f"they are equal no failover happens by itself: flash the older one anew"
        ) in _shown(pair, desk)
        assert f"beacon runs firmware 0.1.0 build {other}, this hotspare brings 0.1.0 build {ours}" in desk.err
    with beacon_with(pair, beacon_of(pair), with_setting(pair.group, "hold_off_ms", 70)):
        pair.until_alarm(w.A_DIFFERS)
        shown = _shown(pair, desk)
        assert (
            "differ: controller is configured as the file says, beacon is configured otherwise than the file says; "
            "until they are equal no failover happens by itself: hotspare configure"
        ) in shown
        assert "beacon has another configuration than the file: hotspare configure beacon" in desk.err
    pair.settle()
    assert "differ:" not in _shown(pair, desk)


def _shown(pair: Pair, desk: Desk) -> str:
    """Return what status shows, on one line."""
    desk.run("status")
    return " ".join(desk.out.split())


# -- F22: two controllers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", ["role", "address", "place"])
def test_f22_two_boards_that_claim_one_role_address_or_place_both_hold_and_alarm(
    pair: Pair, story: Story, claim: str
) -> None:
    beacon = beacon_of(pair)
    wrong = {
        "role": replace(beacon, role=messages.ROLE_CONTROLLER),
        "address": replace(beacon, address=2, peer=1),
        "place": replace(beacon, role=messages.ROLE_SPARE),
    }
    with beacon_with(pair, wrong[claim], pair.group):
        for name in ("controller", "beacon"):
            pair.until_alarm(w.A_CONFLICT, name)
        refused = pair.ask(w.MS, 1)
        assert (refused["verdict"], refused["inhibitors"] & w.I_CONFLICT) == (w.HELD_BACK, w.I_CONFLICT)
        pair.rig.fail("primary")
        status = pair.until_alarm(w.A_PRIMARY_FAILED | w.A_INHIBITED | w.A_CONFLICT)
        assert status["inhibitors"] & w.I_CONFLICT
        pair.pass_ms(STILL_MS)
        assert story.moves() == []
        assert pair.active() == "primary"
        assert story.tells((w.E_CONFLICT, 1), (w.E_WINNER, w.SF_W))
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare", "the failover that waited happens once the roles are right"
