"""A beacon between two others: what is forwarded, and what never is; its ports alone, then boards in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hotspare_engine import words as w
from hotspare_firmware.ports import FORWARDED_MASK, FramePort
from hotspare_wire import configuration as c
from hotspare_wire import frame, link
from hotspare_wire import messages as m
from tests.boards import Bench, Uart
from tests.tools.wire import draws, payloads

OWN, CONTROLLER, NEXT = 2, 9, 3
SETTLE_MS = 500


def wire_of(source: int, destination: int, body: bytes = b"", kind: int = m.SITUATION) -> bytes:
    """Return a good frame as it goes over a cable."""
    encoder = frame.Encoder()
    encoder.payload[frame.AT_BODY : frame.AT_BODY + len(body)] = body
    return bytes(encoder.close(kind, source, destination, 1, 2, len(body)))


class Beacon:
    """Two ports of one beacon, joined, and what left on each; what a board would handle is kept in `handled`."""

    def __init__(self) -> None:
        self.up = FramePort(Uart(), link.Link(OWN, CONTROLLER, draws(1)), 0)
        self.down = FramePort(Uart())
        self.up.lead(self.down, OWN)
        self.down.lead(self.up, OWN)
        self.handled: list[tuple[FramePort, bytes]] = []
        self.ends = {port: self._end(port) for port in (self.up, self.down)}

    @staticmethod
    def _end(port: FramePort) -> Uart:
        end = Uart()
        port.uart.peer = end
        return end

    def arrives(self, port: FramePort, data: bytes) -> None:
        """Let bytes come in, and drain the port until they are taken."""
        port.uart.inbox += data
        while port.uart.any():
            port.drain(lambda at, payload, size: self.handled.append((at, bytes(payload[:size]))))

    def left(self, port: FramePort) -> bytes:
        """Return what left on a port."""
        return bytes(self.ends[port].inbox)

    def other(self, port: FramePort) -> FramePort:
        """Return the port on the other side."""
        return self.down if port is self.up else self.up


@pytest.fixture
def beacon() -> Beacon:
    return Beacon()


def test_a_frame_for_another_board_goes_out_on_the_other_side_byte_for_byte(beacon: Beacon) -> None:
    down, up = wire_of(CONTROLLER, NEXT, b"\0abc\0"), wire_of(NEXT, CONTROLLER, bytes(160))
    beacon.arrives(beacon.up, down)
    assert (beacon.left(beacon.down), beacon.left(beacon.up)) == (down, b"")
    beacon.arrives(beacon.down, up)
    assert (beacon.left(beacon.down), beacon.left(beacon.up)) == (down, up)
    assert (beacon.up.forwarded, beacon.down.forwarded, beacon.handled) == (1, 1, [])


@pytest.mark.parametrize(
    ("source", "destination"),
    [(CONTROLLER, OWN), (CONTROLLER, m.ADDRESS_ANY), (CONTROLLER, m.ADDRESS_NONE), (CONTROLLER, m.ADDRESS_HOST)],
)
def test_a_frame_for_this_board_or_for_no_board_stays_here(beacon: Beacon, source: int, destination: int) -> None:
    beacon.arrives(beacon.up, wire_of(source, destination))
    assert beacon.left(beacon.down) == b""
    assert [port for port, _ in beacon.handled] == [beacon.up]


def test_f22_a_frame_under_this_boards_own_address_ends_here_and_is_looked_at(beacon: Beacon) -> None:
    for port in (beacon.up, beacon.down):
        beacon.arrives(port, wire_of(OWN, NEXT))
    assert beacon.left(beacon.up) == beacon.left(beacon.down) == b""
    assert [port for port, _ in beacon.handled] == [beacon.up, beacon.down]


def test_f20_a_damaged_frame_is_counted_and_not_forwarded(beacon: Beacon) -> None:
    good = wire_of(CONTROLLER, NEXT, b"abcdef")
    for place in range(1, len(good) - 1):
        spoilt = bytearray(good)
        spoilt[place] ^= 0x10 if spoilt[place] != 0x10 else 0x20
        beacon.arrives(beacon.up, bytes(spoilt))
    assert beacon.left(beacon.down) == b""
    assert sum(beacon.up.decoder.damage) >= len(good) - 2
    beacon.arrives(beacon.up, good)
    assert beacon.left(beacon.down) == good


def test_what_does_not_fit_into_the_transmit_buffer_is_dropped_counted_and_waits_for_nothing(beacon: Beacon) -> None:
    beacon.down.uart.room = 10
    for _ in range(3):
        beacon.arrives(beacon.up, wire_of(CONTROLLER, NEXT))
    beacon.down.uart.room = 0
    beacon.arrives(beacon.up, wire_of(CONTROLLER, NEXT))
    assert (beacon.down.dropped, beacon.down.forwarded) == (4, 0)


def test_the_count_of_forwarded_frames_comes_round(beacon: Beacon) -> None:
    beacon.down.forwarded = FORWARDED_MASK
    beacon.arrives(beacon.up, wire_of(CONTROLLER, NEXT))
    assert beacon.down.forwarded == 0


FRAMES = st.builds(
    wire_of, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=frame.BODY_MAX), st.integers(1, 31)
)
SPOILT = st.builds(
    lambda wire, place, bits: bytes(byte ^ (bits if at == place % len(wire) else 0) for at, byte in enumerate(wire)),
    FRAMES,
    st.integers(0, 400),
    st.integers(1, 255),
)
STREAMS = st.lists(st.tuples(st.booleans(), st.one_of(FRAMES, SPOILT, st.binary(max_size=300))), max_size=12)


@given(STREAMS)
@hypothesis_settings(max_examples=300, deadline=None)
def test_whatever_arrives_only_good_frames_for_other_boards_leave_and_never_back(
    streams: list[tuple[bool, bytes]],
) -> None:
    beacon = Beacon()
    for from_up, data in streams:
        beacon.arrives(beacon.up if from_up else beacon.down, data)
    for came_up in (True, False):
        port = beacon.up if came_up else beacon.down
        good = list(payloads(frame.Decoder(), b"".join(data for from_up, data in streams if from_up is came_up)))
        for_others = [
            payload
            for payload in good
            if m.ADDRESS_BOARD_MIN <= payload[frame.AT_DESTINATION] <= m.ADDRESS_BOARD_MAX
            and OWN not in (payload[frame.AT_SOURCE], payload[frame.AT_DESTINATION])
        ]
        left = beacon.left(beacon.other(port))
        assert list(payloads(frame.Decoder(), left)) == for_others
        assert len(left) == sum(len(payload) + frame.WIRE_OVERHEAD for payload in for_others)
        handled = [payload for at, payload in beacon.handled if at is port]
        assert handled == [payload for payload in good if payload not in for_others]


# -- boards in memory ------------------------------------------------------------------------------------------------


def pool(folder: Path, **values: Any) -> Bench:
    """Return three primaries and a spare, armed and well."""
    bench = Bench(folder, primaries=3, **values)
    bench.run(SETTLE_MS)
    bench.arm()
    assert [unit.health for unit in bench.engine.health.units] == [w.OK] * 4
    assert [bench.boards[address].engine.alarms for address in bench.boards] == [0] * 4
    return bench


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Bench]:
    bench = pool(tmp_path)
    yield bench
    assert lines(bench).count(1) <= 1


def lines(bench: Bench) -> list[int]:
    """Return the coils of the lines."""
    return [bench.hardware[bench.controller].pins[f"relay{line}"].level or 0 for line in range(1, bench.controller)]


def die(bench: Bench, address: int) -> None:
    """Let a unit and its board lose power."""
    bench.agents[address - 1].report = None
    for uart in bench.hardware[address].uarts:
        uart.cut = True
        assert uart.peer is not None
        uart.peer.cut = True


def health(bench: Bench) -> list[int]:
    return [unit.health for unit in bench.engine.health.units]


def test_the_spare_covers_each_primary_of_a_chain(tmp_path: Path) -> None:
    for line in range(3):
        folder = tmp_path / str(line)
        folder.mkdir()
        bench = pool(folder)
        bench.agents[line].report = w.FAILED
        bench.run(SETTLE_MS)
        assert lines(bench) == [int(at == line) for at in range(3)]
        assert health(bench) == [w.FAILED if at == line else w.OK for at in range(4)]


def test_each_beacon_hears_the_controller_and_the_controller_each_beacon(chain: Bench) -> None:
    kinds = [(path.kind, path.unit, path.source) for path in chain.engine.health.paths]
    assert kinds[1:] == [(w.PATH_CROSSLINK_A, line, line + 1) for line in range(3)]
    assert all(path.state == w.ALIVE and not path.one_way for path in chain.engine.health.paths)
    counts = {address: ports(chain, address) for address in range(1, 5)}
    assert counts[1][0] > counts[2][0] > 0
    assert counts[3] == counts[4] == (0, 0)
    assert all(port.dropped == 0 for board in chain.boards.values() for port in board.ports)


def ports(bench: Bench, address: int) -> tuple[int, int]:
    forwarded = [port.forwarded for port in bench.boards[address].ports if port.onward]
    return (forwarded[0], forwarded[1]) if forwarded else (0, 0)


def test_f33_a_dead_board_in_the_chain_silences_all_behind_it_and_the_first_of_them_is_covered(chain: Bench) -> None:
    die(chain, 2)
    chain.run(2 * SETTLE_MS)
    assert health(chain) == [w.OK, w.FAILED, w.FAILED, w.OK]
    assert lines(chain) == [0, 1, 0]
    assert chain.engine.situation.uncovered == 0b100
    assert chain.engine.alarms & w.A_UNCOVERED
    assert chain.boards[3].engine.alarms & w.A_CONTROLLER_SILENT


@pytest.mark.parametrize("hold_off_ms", [0, 300])
@pytest.mark.parametrize("phase_ms", range(0, 90, 15))
@pytest.mark.parametrize("dead", [1, 2])
def test_f33_the_spare_goes_once_to_the_first_of_all_that_fall_silent_together(
    tmp_path: Path, dead: int, phase_ms: int, hold_off_ms: int
) -> None:
    bench = pool(tmp_path, hold_off_ms=hold_off_ms)
    for address in range(dead, 4):  # beats of the boards at other times than now
        bench.run(phase_ms // 3, without=(address,))
    bench.run(SETTLE_MS)
    die(bench, dead)
    before_ms = bench.now_ms
    while lines(bench) == [0, 0, 0]:
        bench.run(1)
        assert bench.now_ms - before_ms <= 500 + hold_off_ms + 20, "as soon as it is believed itself"
    bench.run(SETTLE_MS)
    drives = [event[3] for event in bench.events() if event[2] == w.E_DRIVE]
    assert drives == [dead - 1]
    assert not bench.engine.situation.inhibited & w.I_TOGETHER


@pytest.mark.parametrize("phase_ms", range(0, 90, 15))
def test_f44_when_all_behind_a_cut_are_heard_again_the_spare_stays_where_it_is(tmp_path: Path, phase_ms: int) -> None:
    bench = pool(tmp_path)
    cut(bench, 2, True)
    bench.run(1000 + phase_ms)
    assert lines(bench) == [0, 1, 0]
    cut(bench, 2, False)
    bench.run(2 * SETTLE_MS)
    assert health(bench) == [w.OK] * 4
    assert [event[3] for event in bench.events() if event[2] == w.E_DRIVE] == [1]
    assert bench.engine.situation.uncovered == 0


def test_f44_a_primary_that_stays_failed_when_the_one_before_it_recovers_is_covered_a_little_later(
    chain: Bench,
) -> None:
    chain.agents[1].report = chain.agents[2].report = w.FAILED
    chain.run(SETTLE_MS)
    assert lines(chain) == [0, 1, 0]
    chain.agents[1].report = w.OK
    before_ms = chain.now_ms
    while lines(chain) != [0, 0, 1]:
        chain.run(1)
        assert chain.now_ms - before_ms < 250 + SETTLE_MS
    assert chain.now_ms - before_ms >= 250


def test_f29_while_the_spare_waits_so_a_new_failure_is_covered_at_once(chain: Bench) -> None:
    chain.agents[1].report = chain.agents[2].report = w.FAILED
    chain.run(SETTLE_MS)
    chain.agents[1].report = w.OK
    while health(chain)[1] != w.OK:
        chain.run(1)
    chain.agents[0].report = w.FAILED
    chain.run(240)
    assert lines(chain) == [1, 0, 0]


def test_a_primary_that_fails_alone_waits_for_none_before_it(chain: Bench) -> None:
    die(chain, 3)
    before_ms = chain.now_ms
    while lines(chain) == [0, 0, 0]:
        chain.run(1)
    assert chain.now_ms - before_ms <= 502
    assert not any(event[2] == w.E_WINNER and event[4] & (1 << w.TARGET_SHIFT) - 1 for event in chain.events())


def test_a_primary_before_it_that_is_heard_again_ends_the_wait(chain: Bench) -> None:
    die(chain, 3)
    chain.run(200)
    cut(chain, 1, True)
    while not chain.engine.held_back & w.I_TOGETHER:
        chain.run(1)
        assert lines(chain) == [0, 0, 0]
    assert chain.engine.alarms & w.A_INHIBITED
    cut(chain, 1, False)
    chain.run(250)
    assert lines(chain) == [0, 0, 1]
    assert health(chain)[0] == w.OK


def cut(bench: Bench, address: int, parted: bool) -> None:
    """Part or join the cable that leads to a board from above."""
    uart = bench.hardware[address].uarts[0]
    assert uart.peer is not None
    uart.cut = uart.peer.cut = parted


def test_f29_a_second_failure_is_uncovered_within_one_beat(chain: Bench) -> None:
    chain.agents[0].report = w.FAILED
    chain.run(SETTLE_MS)
    assert lines(chain) == [1, 0, 0]
    chain.agents[2].report = w.FAILED
    before_ms = chain.now_ms
    while health(chain)[2] != w.FAILED:
        chain.run(1)
        assert chain.now_ms - before_ms < SETTLE_MS
    chain.run(chain.interval_ms * 9 // 10)
    assert chain.engine.alarms & w.A_UNCOVERED
    assert chain.engine.situation.uncovered == 0b100
    assert lines(chain) == [1, 0, 0]


def test_f29_the_first_primary_pre_empts_the_last(chain: Bench) -> None:
    chain.agents[2].report = w.FAILED
    chain.run(SETTLE_MS)
    assert lines(chain) == [0, 0, 1]
    chain.agents[0].report = w.FAILED
    for _ in range(SETTLE_MS):
        chain.run(1)
        assert lines(chain).count(1) <= 1
    assert lines(chain) == [1, 0, 0]
    assert chain.engine.situation.uncovered == 0b100


def test_f44_while_the_spare_returns_another_primary_fails_and_is_covered(chain: Bench) -> None:
    chain.agents[2].report = w.FAILED
    chain.run(SETTLE_MS)
    chain.agents[2].report = w.OK
    chain.run(SETTLE_MS)
    chain.engine.asked(7, w.MS_P, 2, 0, 0, 0)
    chain.run(2)
    assert chain.engine.state == w.SWITCHING
    chain.agents[1].report = w.FAILED
    chain.run(SETTLE_MS)
    assert lines(chain) == [0, 1, 0]
    assert chain.engine.situation.uncovered == 0


def test_f22_a_board_that_has_the_address_of_one_before_it_is_a_conflict_there(chain: Bench) -> None:
    agent = chain.hardware[2].uarts[1]
    agent.inbox += wire_of(2, chain.controller)
    chain.run(1)
    assert any(event[2] == w.E_CONFLICT for event in chain.events(2))


def test_frames_from_below_for_a_beacon_itself_change_nothing(chain: Bench) -> None:
    before = chain.boards[2].engine.snapshot()
    sessions = chain.boards[2].ports[0].link.sessions
    board = chain.boards[2]
    board.ports[1].uart.inbox += wire_of(chain.controller, 2, bytes(m.body_size(m.HEARTBEAT)), m.HEARTBEAT)
    board.step(0)
    assert board.engine.snapshot() == before
    assert board.ports[0].link.sessions == sessions


def test_f3_damage_on_the_first_cable_counts_against_every_path_on_it_and_a_beacon_keeps_that_of_the_next(
    chain: Bench,
) -> None:
    spoilt = b"\0" + bytes(range(1, 40)) + b"\0"
    for _ in range(30):
        chain.hardware[chain.controller].uarts[0].inbox += spoilt
        chain.hardware[1].uarts[1].inbox += spoilt
        chain.run(10)
    assert sum(chain.boards[1].ports[1].decoder.damage) == 30
    assert [path.kind for path in chain.engine.health.paths if path.troubled] == [w.PATH_CROSSLINK_A] * 3


def test_an_agent_at_the_host_port_is_answered_after_a_reset_that_it_did_not_notice(chain: Bench) -> None:
    chain.boot(1, cause=2)
    chain.run(SETTLE_MS)
    assert health(chain) == [w.OK] * 4
    assert lines(chain) == [0, 0, 0]


def test_a_last_beacon_and_a_controller_forward_nothing(chain: Bench) -> None:
    for address in (3, 4):
        assert all(port.onward is None for port in chain.boards[address].ports)
        assert not c.has_down(chain.boards[address].configuration)
