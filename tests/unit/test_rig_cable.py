"""Cables in virtual time: pace, cuts in the middle of a byte, noise, bursts, delay."""

import random

import pytest

from hotspare.rig.cable import PIECE_BYTES, QUEUE_BYTES_MAX, Wire, garbled, understood
from hotspare.rig.levels import Pulse
from hotspare.rig.loop import Timeline

BAUD = 115_200


def byte_us(count: int) -> int:
    """Return how long so many bytes take, rounded up."""
    return -(-count * 10_000_000 // BAUD)


class Receiver:
    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.pieces: list[tuple[int, bytes]] = []

    def __call__(self, data: bytes, baud: int) -> None:
        assert baud == BAUD
        self.pieces.append((self.timeline.now_us(), data))

    @property
    def data(self) -> bytes:
        return b"".join(data for _, data in self.pieces)


@pytest.fixture
def timeline() -> Timeline:
    return Timeline()


@pytest.fixture
def receiver(timeline: Timeline) -> Receiver:
    return Receiver(timeline)


@pytest.fixture
def wire(timeline: Timeline, receiver: Receiver) -> Wire:
    return Wire(timeline, receiver, random.Random(1))


def test_a_frame_of_32_bytes_arrives_whole_at_the_end_of_its_last_byte(
    timeline: Timeline, wire: Wire, receiver: Receiver
) -> None:
    wire.send(bytes(range(32)), BAUD)
    timeline.run_for(1_000_000)
    assert receiver.pieces == [(2778, bytes(range(32)))]


def test_no_bytes_at_all_are_no_frame(timeline: Timeline, wire: Wire, receiver: Receiver) -> None:
    wire.send(b"", BAUD)
    wire.send(b"\x01", BAUD)
    timeline.run_for(1_000_000)
    assert receiver.data == b"\x01"
    assert wire.counts.sent == 1


def test_more_bytes_come_in_pieces_at_the_pace_of_the_line(timeline: Timeline, wire: Wire, receiver: Receiver) -> None:
    wire.send(bytes(100), BAUD)
    timeline.run_for(1_000_000)
    assert [len(data) for _, data in receiver.pieces] == [PIECE_BYTES, PIECE_BYTES, PIECE_BYTES, 4]
    assert abs(receiver.pieces[-1][0] - byte_us(100)) <= len(receiver.pieces)


def test_what_is_sent_later_waits_for_what_was_sent_before(timeline: Timeline, wire: Wire, receiver: Receiver) -> None:
    wire.send(b"a" * 10, BAUD)
    timeline.run_for(100)
    wire.send(b"b" * 10, BAUD)
    timeline.run_for(1_000_000)
    assert receiver.data == b"a" * 10 + b"b" * 10
    assert abs(receiver.pieces[-1][0] - byte_us(20)) <= 2


@pytest.mark.parametrize("whole", range(0, 33, 4))
def test_a_cut_in_the_middle_of_a_frame_loses_what_had_not_gone_by(
    timeline: Timeline, wire: Wire, receiver: Receiver, whole: int
) -> None:
    wire.send(bytes(range(32)), BAUD)
    timeline.run_until(byte_us(whole) + 20)
    wire.set_cut(True)
    timeline.run_for(1_000_000)
    assert receiver.data == bytes(range(whole))
    assert wire.counts.lost == 32 - whole
    assert wire.counts.sent == wire.counts.delivered + wire.counts.lost


def test_a_wire_that_is_joined_again_in_the_middle_of_a_frame_loses_the_byte_on_it_and_what_was_before(
    timeline: Timeline, wire: Wire, receiver: Receiver
) -> None:
    wire.set_cut(True)
    wire.send(bytes(range(32)), BAUD)
    timeline.run_until(byte_us(10) + 40)
    wire.set_cut(False)
    timeline.run_for(1_000_000)
    assert receiver.data == bytes(range(11, 32))
    assert abs(receiver.pieces[-1][0] - byte_us(32)) <= 2


def test_a_sender_that_loses_its_power_sends_nothing_more(timeline: Timeline, wire: Wire, receiver: Receiver) -> None:
    wire.send(bytes(64), BAUD)
    timeline.run_until(byte_us(5) + 1)
    wire.stop_sender()
    timeline.run_for(1_000_000)
    assert len(receiver.data) == 5
    assert wire.counts.lost == 59
    wire.send(b"again", BAUD)
    timeline.run_for(1_000_000)
    assert receiver.data[5:] == b"again"


def test_noise_flips_about_as_many_bits_as_its_rate_says(timeline: Timeline, wire: Wire, receiver: Receiver) -> None:
    ber, count = 1e-3, 400_000
    wire.set_ber(ber)
    for _ in range(count // 4000):
        wire.send(bytes(4000), BAUD)
        timeline.run_for(byte_us(4000) + 1000)
    flipped = sum(byte.bit_count() for byte in receiver.data)
    assert flipped == pytest.approx(8 * count * ber, rel=0.1)
    assert wire.counts.lost == pytest.approx(count * ber, rel=0.3)  # a start bit lost is a byte lost
    wire.set_ber(0.0)
    before = len(receiver.data)
    wire.send(bytes(1000), BAUD)
    timeline.run_for(1_000_000)
    assert receiver.data[before:] == bytes(1000)


def test_the_same_chance_makes_the_same_noise(timeline: Timeline) -> None:
    def carried() -> bytes:
        line = Timeline()
        got = Receiver(line)
        wire = Wire(line, got, random.Random(7))
        wire.set_ber(0.01)
        wire.send(bytes(500), BAUD)
        line.run_for(1_000_000)
        return got.data

    assert carried() == carried()


def test_a_burst_lets_garbage_through_until_it_ends_in_the_middle_of_a_frame(
    timeline: Timeline, wire: Wire, receiver: Receiver
) -> None:
    wire.burst(byte_us(16))
    wire.send(b"\x55" * 32, BAUD)
    timeline.run_for(1_000_000)
    assert receiver.data.endswith(b"\x55" * 15)
    assert receiver.data[:8] != b"\x55" * 8
    wire.send(b"clear", BAUD)
    timeline.run_for(1_000_000)
    assert receiver.data.endswith(b"clear")


def test_delay_moves_arrivals_and_keeps_their_order(timeline: Timeline, wire: Wire, receiver: Receiver) -> None:
    wire.set_delay(50_000)
    wire.send(b"a", BAUD)
    timeline.run_for(10_000)
    wire.set_delay(0)
    wire.send(b"b", BAUD)
    timeline.run_for(1_000_000)
    assert receiver.data == b"ab"
    assert receiver.pieces[0][0] == byte_us(1) + 50_000
    assert receiver.pieces[1][0] >= receiver.pieces[0][0]


def test_a_sender_without_end_is_bounded_and_counted(wire: Wire) -> None:
    wire.send(bytes(QUEUE_BYTES_MAX + 1000), BAUD)
    assert wire.counts.lost == 1000


def test_pulses_arrive_at_once_and_a_cut_wire_is_low(timeline: Timeline) -> None:
    seen: list[tuple[int, int]] = []
    pulse = Pulse(timeline, lambda level: seen.append((timeline.now_us(), level)))
    pulse.set_level(1)
    timeline.run_for(100)
    pulse.set_cut(True)
    pulse.set_level(0)
    pulse.set_level(1)
    pulse.set_cut(False)
    assert seen == [(0, 1), (100, 0), (100, 0), (100, 0), (100, 1)]


def test_delayed_pulses_keep_their_order(timeline: Timeline) -> None:
    seen: list[tuple[int, int]] = []
    pulse = Pulse(timeline, lambda level: seen.append((timeline.now_us(), level)))
    pulse.set_delay(1000)
    pulse.set_level(1)
    timeline.run_for(10)
    pulse.set_delay(0)
    pulse.set_level(0)
    timeline.run_for(10_000)
    assert seen == [(1000, 1), (1000, 0)]


def test_uarts_understand_one_another_within_four_per_cent() -> None:
    assert understood(115_200, 112_000)
    assert not understood(57_600, 115_200)
    assert len(garbled(b"12345", random.Random(1))) == 5
