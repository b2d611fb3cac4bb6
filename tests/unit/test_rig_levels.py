"""Wires that carry one level, in virtual time: INVALID outputs of RS-232 receivers, and a lockout key."""

import pytest

from hotspare.rig.levels import INVALID_US, Keyswitch, Presence
from hotspare.rig.loop import Timeline


class Bench:
    def __init__(self) -> None:
        self.timeline = Timeline()
        self.shown: list[tuple[int, int]] = []
        self.presence = Presence(self.timeline, self._show)

    def _show(self, level: int) -> None:
        if not self.shown or self.shown[-1][1] != level:
            self.shown.append((self.timeline.now_us(), level))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_receiver_sees_a_neighbour_with_power_at_once_and_one_without_a_little_later(bench: Bench) -> None:
    bench.timeline.run_until(1_000)
    bench.presence.set_powered(True)
    bench.timeline.run_until(2_000)
    bench.presence.set_powered(False)
    bench.timeline.run_until(3_000)
    assert bench.shown == [(0, 0), (1_000, 1), (2_000 + INVALID_US, 0)]


def test_a_cut_wire_is_not_seen_whatever_the_neighbour_does(bench: Bench) -> None:
    bench.presence.set_cut(True)
    bench.presence.set_powered(True)
    bench.timeline.run_until(1_000)
    assert bench.shown == [(0, 0)]
    bench.presence.set_cut(False)
    assert bench.shown[-1] == (1_000, 1)


def test_a_gap_shorter_than_what_a_receiver_waits_for_is_not_seen(bench: Bench) -> None:
    bench.presence.set_powered(True)
    bench.presence.set_cut(True)
    bench.timeline.run_for(INVALID_US - 1)
    bench.presence.set_cut(False)
    bench.timeline.run_for(1_000)
    assert bench.shown == [(0, 0), (0, 1)]


def test_a_key_is_off_until_it_is_turned() -> None:
    shown: list[int] = []
    key = Keyswitch(shown.append)
    key.turn(True)
    assert (key.on, shown) == (True, [0, 1])
    key.turn(False)
    assert (key.on, shown) == (False, [0, 1, 0])
