"""Heartbeats over UDP on the emulated rig: real datagrams on loopback, cut, lossy, late and forged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hil.pair import UNHURRIED, Pair
from hil.story import Story
from hotspare.rig.errors import Refused
from hotspare_engine import words as w

NETWORK = 3  # a controller's path, by its index
CROSSLINKS = ("crosslink-a", "crosslink-b")
ON_A_NETWORK = {
    "[board.beacon]": '[board.beacon]\nkind = "esp32"\nnetwork = "10.0.0.1:4700"',
    "[board.controller]": '[board.controller]\nkind = "esp32s3"\nnetwork = "10.0.0.2:4700"',
}


@pytest.fixture(scope="module")
def running() -> Iterator[Pair]:
    """The pair of this module: its boards have a network beside their crosslinks."""
    with Pair(**UNHURRIED, changes=ON_A_NETWORK) as pair:
        yield pair


def dead_ms(pair: Pair) -> int:
    return pair.group.setting("interval_ms") * pair.group.setting("beats")


def path(pair: Pair, board: str = "controller") -> dict[str, int]:
    with pair.board(board) as reached:
        found = reached.path(NETWORK)
    assert found is not None
    assert found["kind"] == w.PATH_NETWORK
    return found


def counts(pair: Pair, sender: str) -> dict[str, int]:
    found: dict[str, int] = pair.rig.state()["cables"]["network"]["from"][sender]
    return found


def test_both_boards_hear_one_another_over_the_network(pair: Pair) -> None:
    before = path(pair), path(pair, "beacon"), counts(pair, "beacon")["delivered"]
    pair.pass_ms(dead_ms(pair))
    after = path(pair), path(pair, "beacon"), counts(pair, "beacon")["delivered"]
    assert all(it["state"] == w.ALIVE and not it["one_way"] for it in after[:2])
    assert after[0]["good"] > before[0]["good"]
    assert after[1]["good"] > before[1]["good"]
    assert after[2] > before[2], "the datagrams pass through the rig, where its verbs reach them"


def test_f2_with_every_cable_cut_the_network_keeps_the_primary_known(pair: Pair, story: Story) -> None:
    pair.rig.do([("cut", {"cable": cable}) for cable in CROSSLINKS])
    pair.until_alarm(w.A_PATH | w.A_PRIMARY_IMPAIRED)
    pair.pass_ms(2 * dead_ms(pair))
    assert pair.active() == "primary"
    assert story.moves() == []
    pair.rig.fail("primary")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare", "what the beacon reports comes over the network"


def test_f1_a_network_that_is_cut_impairs_and_comes_back(pair: Pair, story: Story) -> None:
    pair.rig.cut("network")
    status = pair.until_alarm(w.A_PATH | w.A_PRIMARY_IMPAIRED)
    assert status["why"][0] == w.WHY_PATH_LOST
    pair.until_alarm(w.A_PATH, "beacon")
    assert story.moves() == []
    pair.rig.heal("network")
    pair.settle()
    assert story.tells((w.E_PATH, NETWORK, w.SILENT), (w.E_PATH, NETWORK, w.ALIVE), (w.E_HEALTH, 0, w.OK))


def test_f4_a_network_of_one_direction_is_one_way(pair: Pair, story: Story) -> None:
    pair.rig.cut("network", "controller")
    pair.until_alarm(w.A_ONE_WAY)
    assert path(pair)["one_way"]
    assert story.moves() == []


def test_f3_a_lossy_and_late_network_moves_nothing(pair: Pair, story: Story) -> None:
    lost = counts(pair, "beacon")["damaged"]
    pair.rig.noise("network", 1e-3)
    pair.rig.delay("network", 40)
    pair.pass_ms(4 * dead_ms(pair))
    assert counts(pair, "beacon")["damaged"] > lost
    assert pair.active() == "primary"
    assert story.moves() == []
    pair.rig.heal("network")
    pair.rig.power("beacon", False)  # it forgets the trouble, for which it would wait many good beats
    pair.rig.power("beacon", True)
    pair.rig.power("controller", False)
    pair.rig.power("controller", True)


def test_f20_garbage_datagrams_are_counted_and_the_next_good_one_is_heard(pair: Pair, story: Story) -> None:
    before = path(pair)
    for size in (1, 7, 32, 300, 1200):
        for _ in range(5):
            pair.rig.inject("network", "beacon", pair.chance.randbytes(size))
    pair.pass_ms(dead_ms(pair))
    after = path(pair)
    assert sum(after[key] - before[key] for key in after if key.startswith("damage_")) > 0
    assert after["good"] > before["good"]
    assert after["state"] == w.ALIVE
    assert story.moves() == []
    pair.rig.power("controller", False)
    pair.rig.power("controller", True)


def test_a_beacon_that_restarts_is_heard_over_the_network_again_from_wherever_it_speaks(pair: Pair) -> None:
    sessions = path(pair)["sessions"]
    pair.rig.power("beacon", False)
    pair.until_alarm(w.A_PATH)
    pair.rig.power("beacon", True)
    pair.until_all_heard()
    assert path(pair)["sessions"] > sessions


def test_a_contact_has_no_noise_and_a_network_has() -> None:
    changes = {"[unit.primary]": "[unit.primary]\ncontact = true", **ON_A_NETWORK}
    with Pair(**UNHURRIED, changes=changes) as pair:
        pair.rig.noise("network", 1e-6)
        with pytest.raises(Refused):
            pair.rig.noise("contact-primary", 1e-6)
