"""Boards that differ or claim one role on the emulated rig: what contacts, alarms and records show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from hil.pair import Pair
from hil.story import Story
from hotspare.configuration import Board, Group
from hotspare.rig import flash
from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_wire import messages

STILL_MS = 500
VERSIONED = "/lib/hotspare_firmware/__init__.py"


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
def beacon_flashed(pair: Pair, version: str) -> Iterator[None]:
    """Let the beacon have another version of the firmware, and then the right one again."""
    right = flash.firmware_files()[VERSIONED].decode()
    other = re.sub(r'VERSION = ".*"', f'VERSION = "{version}"', right)
    assert other != right
    with disarmed(pair):
        pair.flash("beacon", {VERSIONED: other.encode()})
    yield
    pair.flash("beacon", {})


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
    with beacon_flashed(pair, "0.0.0-other"):
        differing_boards_hold(pair, story)
        assert pair.active() == "primary"
    equal_boards_act(pair, story)
    assert pair.active() == "spare"


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
