"""Faults of paths and heartbeats on the emulated rig: what contacts, alarms and records show of them."""

from __future__ import annotations

import pytest

from hil.pair import RELAY, UNHURRIED, Pair
from hil.story import Story
from hotspare_engine import words as w

CROSSLINKS = ("crosslink-a", "crosslink-b")
PATH_OF = {"agent": 0, "crosslink-a": 1, "crosslink-b": 2}  # a controller's paths, by their index
OWN_AGENT = 0  # a beacon's path to its unit's agent
COIL_ON = {"kind": "coil", "name": RELAY, "event": "energised"}
MARGIN_MS = 1000.0  # what a busy machine that is not a real-time system may add
TICKS = 1 << 30


def dead_ms(pair: Pair) -> int:
    return pair.group.setting("interval_ms") * pair.group.setting("beats")


def cut_all(pair: Pair) -> int:
    return pair.rig.do([("cut", {"cable": cable}) for cable in CROSSLINKS])


def heal_all(pair: Pair) -> int:
    return pair.rig.do([("heal", {"cable": cable}) for cable in CROSSLINKS])


@pytest.mark.parametrize("cable", CROSSLINKS)
def test_f1_one_crosslink_cut_impairs_alarms_and_moves_nothing(pair: Pair, story: Story, cable: str) -> None:
    pair.rig.cut(cable)
    status = pair.until_alarm(w.A_PATH | w.A_PRIMARY_IMPAIRED)
    assert (status["health"][0], status["why"][0]) == (w.IMPAIRED, w.WHY_PATH_LOST)
    assert not status["alarms"] & w.A_PRIMARY_FAILED
    pair.until_alarm(w.A_PATH, "beacon")
    pair.pass_ms(2 * dead_ms(pair))
    assert pair.alarm_stands("controller")
    assert pair.alarm_stands("beacon")
    assert pair.active() == "primary"
    assert story.moves() == []
    assert story.tells((w.E_PATH, PATH_OF[cable], w.SILENT), (w.E_HEALTH, 0, w.IMPAIRED | w.WHY_PATH_LOST << 8))
    pair.rig.heal(cable)
    pair.settle()
    assert story.tells((w.E_PATH, PATH_OF[cable], w.SILENT), (w.E_PATH, PATH_OF[cable], w.ALIVE), (w.E_HEALTH, 0, w.OK))


def test_f1_what_is_left_after_one_cut_still_fails_over(pair: Pair) -> None:
    pair.rig.cut("crosslink-a")
    pair.until_alarm(w.A_PATH)
    pair.rig.hang("primary")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"


def test_f2_every_path_cut_fails_over_and_the_living_primary_is_parted_first(pair: Pair, story: Story) -> None:
    cut_all(pair)
    status = pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert status["why"][0] == w.WHY_SILENT
    units = pair.rig.state()["units"]
    assert units["primary"]["running"]
    assert (units["primary"]["connected"], units["spare"]["connected"]) == ([], ["primary"])
    moves = story.moves()
    assert moves.index("contact open primary") < moves.index("contact closed spare")
    pair.until_alarm(w.A_CONTROLLER_SILENT, "beacon")
    assert pair.alarm_stands("beacon")
    assert story.tells((w.E_HEALTH, 0, w.FAILED | w.WHY_SILENT << 8), (w.E_WINNER, w.SF_W), (w.E_DRIVE, 0, w.AT_SPARE))
    assert story.tells((w.E_DRIVE, 0, w.AT_SPARE), (w.E_SWITCHED, 0))
    heal_all(pair)
    pair.settle(on_spare=True)
    assert pair.active() == "spare", "a group that does not revert stays"


def test_f2_hold_off_passes_first_and_a_cut_that_ends_within_it_moves_nothing() -> None:
    hold_off_ms = 2000
    with Pair(**UNHURRIED, hold_off_ms=hold_off_ms) as pair:
        story = Story(pair)
        cut_all(pair)
        pair.until_alarm(w.A_PRIMARY_FAILED)
        heal_all(pair)
        pair.settle()
        pair.pass_ms(hold_off_ms / 2)
        assert story.moves() == []
        before = pair.rig.state()["trace_next"] - 1
        begin_us = cut_all(pair)
        took_ms = (pair.rig.wait(COIL_ON, before).us - begin_us) / 1000
        assert took_ms > dead_ms(pair) - pair.group.setting("interval_ms") + hold_off_ms
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert pair.active() == "spare"


def test_f2_a_group_whose_policy_is_not_to_switch_on_silence_stays_and_says_why() -> None:
    with Pair(**UNHURRIED, on_silence=False) as pair:
        story = Story(pair)
        cut_all(pair)
        status = pair.until_alarm(w.A_PRIMARY_FAILED | w.A_INHIBITED)
        assert status["inhibitors"] & w.I_POLICY
        pair.pass_ms(1000)
        assert pair.active() == "primary"
        heal_all(pair)
        pair.settle()
        assert story.moves() == []
        pair.rig.fail("primary")
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert pair.active() == "spare", "a unit that says that it fails is not silent"


@pytest.mark.parametrize(("mute", "deaf"), [("controller", "beacon"), ("beacon", "controller")])
def test_f4_a_one_way_line_alarms_at_both_ends_and_moves_nothing(
    pair: Pair, story: Story, mute: str, deaf: str
) -> None:
    pair.rig.cut("crosslink-a", mute)
    pair.until_alarm(w.A_ONE_WAY, mute)
    pair.until_alarm(w.A_PATH, deaf)
    pair.until_alarm(w.A_PRIMARY_IMPAIRED)
    pair.pass_ms(2 * dead_ms(pair))
    assert pair.active() == "primary"
    assert story.moves() == []
    with pair.board(mute) as reached:
        assert [path["one_way"] for path in reached.paths(3)] == [0, 1, 0]
    why = w.WHY_ONE_WAY if mute == "controller" else w.WHY_PATH_LOST
    assert story.tells((w.E_HEALTH, 0, w.IMPAIRED | why << 8))
    pair.rig.fail("primary")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare", "one good direction, or the pulse that ends, is enough to fail over"


def test_f27_a_frozen_heartbeat_is_no_heartbeat_and_is_named(pair: Pair, story: Story) -> None:
    pair.rig.alter("primary", "frozen")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"
    story.until((w.E_ALTERED, OWN_AGENT, w.FROZEN), board_name="beacon")


def test_f27_an_altered_heartbeat_fails_a_unit_at_once_where_that_is_configured() -> None:
    with Pair(**UNHURRIED, on_altered="failed") as pair:
        story = Story(pair)
        pair.rig.alter("spare", "frozen")
        story.until((w.E_ALTERED, OWN_AGENT, w.FROZEN), (w.E_HEALTH, 1, w.FAILED | w.WHY_ALTERED << 8))
        status = pair.until_alarm(w.A_SPARE_FAILED)
        assert (status["health"][1], status["why"][1]) == (w.FAILED, w.WHY_ALTERED)
        assert pair.active() == "primary"
        assert story.moves() == []


def test_f27_a_slow_heartbeat_impairs_and_moves_nothing(pair: Pair, story: Story) -> None:
    pair.rig.alter("primary", "slow")
    status = pair.until_alarm(w.A_PRIMARY_IMPAIRED)
    assert status["health"][0] == w.IMPAIRED
    pair.pass_ms(2 * dead_ms(pair))
    assert pair.active() == "primary"
    assert story.moves() == []
    with pair.board("beacon") as reached:
        path = reached.path(OWN_AGENT)
        assert path is not None
        assert path["late"] > 0
    pair.rig.alter("primary", "none")
    pair.rig.power("beacon", False)  # it forgets the trouble, for which it would wait many good beats
    pair.rig.power("beacon", True)


@pytest.mark.parametrize(("how", "named"), [("fast", w.WRONG_RATE), ("shuffled", w.OUT_OF_ORDER)])
def test_f27_beats_too_often_or_out_of_order_impair_and_are_named(
    pair: Pair, story: Story, how: str, named: int
) -> None:
    pair.rig.alter("primary", how)
    story.until((w.E_ALTERED, OWN_AGENT, named), board_name="beacon")
    pair.until_alarm(w.A_PRIMARY_IMPAIRED)
    assert pair.active() == "primary"
    assert story.moves() == []
    pair.rig.alter("primary", "none")
    pair.rig.power("beacon", False)
    pair.rig.power("beacon", True)


def test_f33_a_dead_beacon_with_a_living_unit_is_a_failover_that_names_silence(pair: Pair, story: Story) -> None:
    pair.rig.power("beacon", False)
    status = pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert status["why"][0] == w.WHY_SILENT, "a unit that fails beside a living beacon is reported, not silent"
    assert status["alarms"] & w.A_PATH
    assert pair.rig.state()["units"]["primary"]["running"]
    assert pair.active() == "spare"
    for path in (PATH_OF["crosslink-a"], PATH_OF["crosslink-b"]):
        assert story.tells((w.E_PATH, path, w.SILENT))
    assert story.tells((w.E_HEALTH, 0, w.FAILED | w.WHY_SILENT << 8), (w.E_WINNER, w.SF_W), (w.E_SWITCHED, 0))
    pair.rig.power("beacon", True)
    pair.settle(on_spare=True)
    assert pair.active() == "spare"
    assert story.tells((w.E_SWITCHED, 0), (w.E_LINK, PATH_OF["crosslink-a"]), (w.E_HEALTH, 0, w.OK))


def test_f33_a_unit_that_hangs_beside_a_living_beacon_is_reported_by_it(pair: Pair) -> None:
    pair.rig.hang("primary")
    status = pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert status["why"][0] == w.WHY_REPORTED
    assert pair.active() == "spare"
