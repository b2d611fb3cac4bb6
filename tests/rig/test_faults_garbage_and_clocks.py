"""Garbage on cables and clocks that wrap or drift, on the emulated rig: counted, or not noticed, and nothing moves."""

from __future__ import annotations

import binascii
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from hil.pair import UNHURRIED, Pair
from hil.story import Story
from hotspare import budget
from hotspare.rig.plan import RigPlan
from hotspare_engine import words as w
from hotspare_wire import frame, messages

MARGIN_MS = 1000.0  # what a busy machine that is not a real-time system may add
TICKS = 1 << 30


def dead_ms(pair: Pair) -> int:
    return pair.group.setting("interval_ms") * pair.group.setting("beats")


def whole_frame(version: int) -> bytes:
    """Return a frame of a version of the wire, made without the encoder under test."""
    for filler in range(1, 256):
        payload = bytes([version << frame.KIND_BITS | messages.HELLO, *[filler] * frame.PAYLOAD_MIN])
        payload += binascii.crc32(payload).to_bytes(frame.CRC_SIZE, "little")
        if 0 not in payload:  # then COBS is one byte in front
            return bytes([0, len(payload) + 1, *payload, 0])
    raise AssertionError("every checksum has a zero")


def flipped(data: bytes) -> bytes:
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 0x80 or 0x01]) + data[place + 1 :]


GARBAGE = {  # by the name under which a path counts it; what is random is counted under several
    "damage_short": b"\0\x03\x11\x22\0",
    "damage_oversize": b"\0" + b"\x55" * 600 + b"\0",
    "damage_broken": b"\0\xff\x01\x02\0",
    "damage_crc": flipped(whole_frame(frame.VERSION)),
    "damage_version": whole_frame(frame.VERSION + 1),
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
        pair.rig.do([("burst", {"cable": cable, "ms": 200}) for cable in cables])
        pair.rig.inject("crosslink-a", "beacon", b"\xaa" * 1500)
        pair.rig.inject("agent-primary", "primary", b"\xaa" * 1500)
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
