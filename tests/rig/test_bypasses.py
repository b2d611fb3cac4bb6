"""Paths that bypass the beacon, and sensed cables, on the emulated rig: a dry contact, a direct agent, INVALID."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hil.pair import UNHURRIED, Pair
from hil.story import Story
from hotspare import view
from hotspare_engine import words as w

CROSSLINK_A, CONTACT = 1, 3  # a controller's paths, by their index
COIL_ON = {"kind": "coil", "name": "line-primary", "event": "energised"}
WIRED = {
    "[unit.primary]": "[unit.primary]\ncontact = true",
    "[board.beacon]": "[board.beacon]\ninvalid_a = true",
    "[board.controller]": "[board.controller]\ninvalid_a = true",
}
DIRECT = {"[unit.primary]": "[unit.primary]\nagent_direct = true", "[unit.spare]": '[unit.spare]\nagent = "host"'}


@pytest.fixture(scope="module")
def running() -> Iterator[Pair]:
    """The pair of this module: a dry contact at the controller, and both cables of crosslink A sensed."""
    with Pair(**UNHURRIED, changes=WIRED) as pair:
        yield pair


def dead_ms(pair: Pair) -> int:
    return pair.group.setting("interval_ms") * pair.group.setting("beats")


def silent_beacons(pair: Pair) -> dict[str, str]:
    with pair.board("controller") as reached:
        return view.silent_beacons(pair.group, reached.paths())


def test_f33_a_dead_beacon_beside_a_closed_contact_is_named_alarmed_and_no_failover(pair: Pair, story: Story) -> None:
    pair.rig.power("beacon", False)
    status = pair.until_alarm(w.A_PATH | w.A_PRIMARY_IMPAIRED)
    assert not status["alarms"] & w.A_PRIMARY_FAILED
    pair.pass_ms(2 * dead_ms(pair))
    assert silent_beacons(pair) == {"primary": "beacon"}
    assert pair.alarm_stands("controller")
    assert pair.active() == "primary"
    assert story.moves() == []
    begin_us = pair.rig.hang("primary")
    took_ms = (pair.rig.wait(COIL_ON).us - begin_us) / 1000
    assert dead_ms(pair) - pair.group.setting("interval_ms") < took_ms
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare", "the unit fails, the contact opens: nothing speaks for it any more"


def test_f1_a_contact_whose_wire_is_lost_impairs_and_moves_nothing(pair: Pair, story: Story) -> None:
    pair.rig.cut("contact-primary")
    status = pair.until_alarm(w.A_PATH | w.A_PRIMARY_IMPAIRED)
    assert (status["health"][0], status["why"][0]) == (w.IMPAIRED, w.WHY_PATH_LOST)
    pair.pass_ms(2 * dead_ms(pair))
    assert pair.active() == "primary"
    assert story.moves() == []
    assert story.tells((w.E_PATH, CONTACT, w.SILENT), (w.E_HEALTH, 0, w.IMPAIRED | w.WHY_PATH_LOST << 8))


def test_a_unit_that_hangs_with_its_beacon_alive_fails_over_at_once_whatever_its_contact_says(pair: Pair) -> None:
    pair.rig.hang("primary")
    status = pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert status["why"][0] == w.WHY_REPORTED


def test_f1_a_cut_cable_is_told_from_a_silent_unit_on_both_boards(pair: Pair, story: Story) -> None:
    pair.rig.cut("crosslink-a")
    for board in ("controller", "beacon"):
        story.until((w.E_CABLE, CROSSLINK_A, 0), board_name=board)
        with pair.board(board) as reached:
            path = reached.path(CROSSLINK_A)
            assert path is not None
            assert path["cable"] == w.CABLE_GONE
    story.until((w.E_CABLE, CROSSLINK_A, 0), (w.E_PATH, CROSSLINK_A, w.SILENT))  # sooner than by silence
    assert story.moves() == []
    pair.rig.heal("crosslink-a")
    story.until((w.E_CABLE, CROSSLINK_A, 0), (w.E_CABLE, CROSSLINK_A, 1))


def test_a_beacon_that_hangs_leaves_its_cable_there(pair: Pair, story: Story) -> None:
    pair.rig.freeze("beacon")
    story.until((w.E_PATH, CROSSLINK_A, w.SILENT))
    with pair.board("controller") as reached:
        path = reached.path(CROSSLINK_A)
        assert path is not None
        assert path["cable"] == w.CABLE_THERE
    assert w.E_CABLE not in [kind for kind, _, _ in story.events()]


def test_f33_a_dead_beacon_is_no_failover_while_the_primarys_agent_is_heard_directly() -> None:
    with Pair(**UNHURRIED, changes=DIRECT) as pair:
        story = Story(pair)
        pair.rig.power("beacon", False)
        status = pair.until_alarm(w.A_PATH | w.A_PRIMARY_IMPAIRED)
        pair.pass_ms(2 * dead_ms(pair))
        assert silent_beacons(pair) == {"primary": "beacon"}
        assert pair.active() == "primary"
        assert story.moves() == []
        pair.rig.fail("primary")
        status = pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert status["why"][0] == w.WHY_REPORTED, "its own word, past the dead beacon"
        assert pair.active() == "spare"
