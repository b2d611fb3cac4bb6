"""Faults of paths, heartbeats and clocks on the emulated rig: what contacts, alarms and records show of them."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest

from hotspare import budget
from hotspare.rig.plan import RigPlan
from hotspare_engine import words as w
from hotspare_wire import frame, messages
from tests.pair import RELAY, UNHURRIED, Pair, Story

CROSSLINKS = ("crosslink-a", "crosslink-b")
PATH_OF = {"agent": 0, "crosslink-a": 1, "crosslink-b": 2}  # a controller's paths, by their index
OWN_AGENT = 0  # a beacon's path to its unit's agent
COIL_ON = {"kind": "coil", "name": RELAY, "event": "energised"}
MARGIN_MS = 1000.0  # what a busy machine that is not a real-time system may add
TICKS = 1 << 30


@pytest.fixture(scope="module")
def running() -> Iterator[Pair]:
    with Pair(**UNHURRIED) as pair:
        yield pair


@pytest.fixture
def pair(running: Pair) -> Iterator[Pair]:
    yield running
    running.restore()
    assert running.rig.state()["both_connected_us"] == 0


@pytest.fixture
def story(pair: Pair) -> Story:
    return Story(pair)


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
    with Pair(**UNHURRIED, hold_off_ms=1500) as pair:
        story = Story(pair)
        cut_all(pair)
        pair.until_alarm(w.A_PRIMARY_FAILED)
        heal_all(pair)
        pair.settle()
        pair.pass_ms(2000)
        assert story.moves() == []
        before = pair.rig.state()["trace_next"] - 1
        begin_us = cut_all(pair)
        took_ms = (pair.rig.wait(COIL_ON, before).us - begin_us) / 1000
        assert took_ms > dead_ms(pair) - pair.group.setting("interval_ms") + 1500
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


def good_frame() -> bytes:
    encoder = frame.Encoder()
    return bytes(encoder.close(messages.HELLO, 1, 2, 0, 1, messages.body_size(messages.HELLO)))


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x40]) + data[place + 1 :]


def of_other_version() -> bytes:
    """Return a whole frame of a version of the wire that is not ours."""
    for filler in range(1, 256):
        payload = bytes([(frame.VERSION + 1) << frame.KIND_BITS | messages.HELLO, *[filler] * frame.PAYLOAD_MIN])
        payload += binascii.crc32(payload).to_bytes(frame.CRC_SIZE, "little")
        if 0 not in payload:  # then COBS is one byte in front
            return bytes([0, len(payload) + 1, *payload, 0])
    raise AssertionError("every checksum has a zero")


GARBAGE = {  # by the name under which a path counts it; what is random is counted under several
    "damage_short": b"\0\x03\x11\x22\0",
    "damage_oversize": b"\0" + b"\x55" * 600 + b"\0",
    "damage_broken": b"\0\xff\x01\x02\0",
    "damage_crc": flipped(good_frame(), 12),
    "damage_version": of_other_version(),
    "": Random(20).randbytes(500),
}


def test_f20_garbage_of_every_kind_is_counted_and_the_next_good_frame_is_heard() -> None:
    with Pair(**UNHURRIED) as pair:
        story = Story(pair)
        for counter, data in GARBAGE.items():
            for cable, sender, path in (("crosslink-a", "beacon", 1), ("agent-spare", "spare", 0)):
                with pair.board("controller") as reached:
                    before = reached.path(path)
                    pair.rig.inject(cable, sender, data)
                    pair.pass_ms(3 * pair.group.setting("interval_ms"))
                    after = reached.path(path)
                assert before is not None
                assert after is not None
                counted = [name for name in after if name.startswith("damage") and after[name] > before[name]]
                assert counted == [counter] if counter else counted, (cable, counter, counted)
                assert after["good"] > before["good"], "the next good frame is heard"
                assert after["state"] == w.ALIVE
        assert pair.active() == "primary"
        assert story.moves() == []
        pair.rig.fail("primary")
        pair.until_status(lambda it: it["state"] == w.ON_SPARE)
        assert pair.active() == "spare"


def test_f20_an_endless_frame_and_bursts_on_every_cable_leave_the_service_where_it_is() -> None:
    with Pair(**UNHURRIED) as pair:
        story = Story(pair)
        cables = ("crosslink-a", "agent-primary", "agent-spare")
        pair.rig.do([("burst", {"cable": cable, "ms": 300}) for cable in cables])
        pair.rig.inject("crosslink-a", "beacon", b"\xaa" * 3000)
        pair.rig.inject("agent-primary", "primary", b"\xaa" * 3000)
        pair.pass_ms(2 * dead_ms(pair))
        assert story.moves() == []
        status = pair.until_status(lambda it: all(health in (w.OK, w.IMPAIRED) for health in it["health"][:2]))
        assert not status["alarms"] & (w.A_PRIMARY_FAILED | w.A_SPARE_FAILED)
        for name in ("beacon", "controller"):
            with pair.board(name) as reached:
                assert sum(it["damage_oversize"] + it["damage_crc"] + it["damage_broken"] for it in reached.paths(3))
        pair.rig.fail("primary")
        pair.until_status(lambda it: it["state"] == w.ON_SPARE)
        assert pair.active() == "spare"


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


def clocks(start_ms: int, drift_ppm: int) -> Callable[[RigPlan], RigPlan]:
    """Return what makes the ticks of both boards begin there, and their clocks drift apart."""

    def change(plan: RigPlan) -> RigPlan:
        drifts = {"beacon": drift_ppm, "controller": -drift_ppm}
        boards = (replace(it, ticks_start_ms=start_ms, drift_ppm=drifts[it.name]) for it in plan.boards)
        return replace(plan, boards=tuple(boards))

    return change


@pytest.mark.parametrize("drift_ppm", [200, -200])
def test_f18_ticks_that_wrap_in_the_middle_of_a_failure_and_clocks_that_drift_change_nothing(drift_ppm: int) -> None:
    wrap_ms = 2000
    with Pair(**UNHURRIED, plan_change=clocks(TICKS - wrap_ms, drift_ppm)) as pair:
        story = Story(pair)
        pair.until_status(lambda status: status["uptime_ms"] > wrap_ms - 300)
        assert story.moves() == []
        took_ms = pair.until_coil([("stop", {"unit": "primary"})])
        assert took_ms > dead_ms(pair) - pair.group.setting("interval_ms")
        assert took_ms < budget.of(pair.group).failover_worst_ms + MARGIN_MS
        status = pair.until_status(lambda status: status["uptime_ms"] > wrap_ms + 500)
        assert status["uptime_ms"] < wrap_ms + 60_000
        pair.rig.start("primary")
        pair.fail_back()
        assert pair.active() == "primary"


def test_f18_ticks_that_wrap_while_all_is_well_are_not_noticed() -> None:
    with Pair(**UNHURRIED, plan_change=clocks(TICKS - 1200, 200)) as pair:
        story = Story(pair)
        pair.until_status(lambda status: status["uptime_ms"] > 2200)
        status = pair.settle()
        assert status["loop_max_ms"] < 60_000
        assert story.moves() == []
        assert not story.tells((w.E_HEALTH,))
        assert pair.active() == "primary"
