"""The host's session: what it asks, repeats and gives up, against fake boards in memory under a clock of their own."""

from __future__ import annotations

import pytest

from hotspare import session
from hotspare.board import Board, verify
from hotspare.errors import NoOutcome, Refused, Unreachable
from hotspare.port import Vanished
from hotspare.returning import RESTART_S_MAX, Return
from hotspare.session import HostSession, Outcome
from hotspare_engine import words as w
from hotspare_wire import frame, messages
from tests import fakes, files
from tests.fakes import FakeBoard, in_memory

GROUP = files.pair().groups[0]


def fake() -> FakeBoard:
    return FakeBoard().configured(GROUP)


class Deaf(fakes.Memory):
    """Loses the first writes of the host."""

    def __init__(self, board: FakeBoard, lost: int) -> None:
        super().__init__(board)
        self.lost = lost

    def write(self, data: bytes) -> int:
        if self.lost:
            self.lost -= 1
            return len(data)
        return super().write(data)


class Dribbling(fakes.Memory):
    """Hands over and takes one byte at a time."""

    def write(self, data: bytes) -> int:
        return super().write(data[:1])

    def read(self) -> bytes:
        data = bytes(self.incoming[:1])
        del self.incoming[:1]
        return data


class Vanishing(fakes.Memory):
    """Goes away after so many reads."""

    def __init__(self, board: FakeBoard, reads: int) -> None:
        super().__init__(board)
        self.reads = reads

    def read(self) -> bytes:
        if not self.reads:
            raise Vanished("pulled")
        self.reads -= 1
        return super().read()


class Noisy(fakes.Memory):
    """Puts garbage and a damaged frame in front of every answer."""

    def read(self) -> bytes:
        return b"\x00\x01\xff\x00" + bytes(range(1, 40)) + b"\x00" + super().read()


def over(stream: fakes.Memory) -> Board:
    return Board(stream.board.name, "memory", stream, stream.clock_ms, fakes.counted())


def test_a_board_is_asked_who_and_how_it_is() -> None:
    board, stream = in_memory(fake())
    identity = board.identity()
    assert messages.text(identity["name"]) == "controller"
    assert board.status()["state"] == w.NORMAL
    assert board.kept_configuration() == stream.board.kept
    assert stream.now_ms == 0
    board.close()
    assert stream.closed


def test_one_byte_at_a_time_is_the_same_conversation() -> None:
    board = over(Dribbling(fake()))
    assert board.identity()["address"] == 2
    assert board.request(w.MS, 2, 0, 0, 0, 3000)["verdict"] == w.DONE


def test_garbage_between_frames_is_counted_and_passed_over() -> None:
    board = over(Noisy(fake()))
    assert board.status()["units"] == 2
    assert sum(board.session.damage.values()) > 0


@pytest.mark.parametrize("lost", [1, 2, 5, 11])
def test_a_lost_hello_is_said_again(lost: int) -> None:
    stream = Deaf(fake(), lost)
    assert over(stream).identity()["address"] == 2
    assert stream.now_ms == lost * session.GREET_AGAIN_MS


def test_a_lost_query_is_repeated_and_given_up_after_three_tries() -> None:
    deaf = Deaf(fake(), 0)
    board = over(deaf)
    board.identity()
    deaf.lost = 2
    assert board.status()["units"] == 2
    assert deaf.now_ms == 2 * session.ANSWER_MS
    deaf.lost = 100
    with pytest.raises(Unreachable, match="stopped answering"):
        board.status()
    assert deaf.now_ms == 2 * session.ANSWER_MS + session.ANSWER_MS * session.ANSWER_TRIES


def test_a_board_that_restarted_in_between_is_greeted_anew_and_answers() -> None:
    board, stream = in_memory(fake())
    board.identity()
    stream.board.restart()
    assert board.identity()["boot"] == 2
    assert stream.now_ms <= session.ANSWER_MS


@pytest.mark.parametrize(
    ("device", "complaint"),
    [
        (fakes.SilentDevice, "nothing answers on memory"),
        (fakes.GarbageSpeaker, "speaks, but not as a hotspare board"),
        (fakes.OtherVersionBoard, "speaks another version of the wire"),
    ],
)
def test_what_is_no_board_is_named_for_what_it_is_within_the_bound(device: type[FakeBoard], complaint: str) -> None:
    board, stream = in_memory(device())
    with pytest.raises(Unreachable, match=complaint):
        board.identity()
    assert stream.now_ms == session.GREET_MS_MAX


def test_a_port_that_vanishes_before_an_order_went_out_is_said() -> None:
    with pytest.raises(Unreachable, match=r"port memory vanished in the middle: look at its cable and at the power$"):
        over(Vanishing(fake(), 0)).request(w.MS, 2, 0, 0, 0, 3000)


def test_a_port_that_vanishes_with_an_order_under_way_leaves_open_whether_it_was_done() -> None:
    said = "vanished in the middle: .*; the order may have been carried out: hotspare status$"
    with pytest.raises(NoOutcome, match=said):
        over(Vanishing(fake(), 1)).request(w.MS, 2, 0, 0, 0, 3000)
    with pytest.raises(Unreachable, match=r"look at its cable and at the power$"):
        over(Vanishing(fake(), 1)).request(w.MS, 2, 0, 0, w.DRY, 3000)


def test_a_request_is_done_once_however_often_it_is_repeated() -> None:
    board, stream = in_memory(fake())
    told: list[tuple[int, ...]] = []

    def slow(values: tuple[int, ...]) -> list[tuple[int, ...]]:
        told.append(values)
        verdict = w.DONE if len(told) == 4 else w.ACCEPTED
        return [(values[0], verdict, 0, 1, 2, 14, 0)]

    stream.board.reply = slow
    assert board.request(w.MS, 2, 0, 0, 0, 10_000)["took_ms"] == 14
    assert len(set(told)) == 1
    assert len(told) == 4
    assert stream.now_ms == 3 * session.REQUEST_AGAIN_MS


def test_an_accepted_request_without_an_outcome_ends_at_its_bound() -> None:
    board, stream = in_memory(fake())
    stream.board.reply = lambda values: [(values[0], w.ACCEPTED, 0, 1, 2, 0, 0)]
    with pytest.raises(NoOutcome, match=r"took the request and told no outcome within 4\.0 s: hotspare status"):
        board.request(w.MS, 2, 0, 0, 0, 4000)
    assert 4000 <= stream.now_ms <= 4000 + session.REQUEST_AGAIN_MS


def test_a_dry_run_ends_with_the_verdict() -> None:
    board, stream = in_memory(fake())
    stream.board.reply = lambda values: [(values[0], w.ACCEPTED, 0, 0, 2, 0, 0)]
    assert board.request(w.MS, 2, 0, 0, w.DRY, 4000)["verdict"] == w.ACCEPTED
    assert stream.now_ms == 0


def test_an_answer_to_another_token_is_not_ours() -> None:
    board, stream = in_memory(fake())
    stream.board.reply = lambda values: [(values[0] ^ 1, w.DONE, 0, 0, 2, 0, 0)]
    with pytest.raises(NoOutcome, match="stopped answering"):
        board.request(w.MS, 2, 0, 0, 0, 10_000)


@pytest.mark.parametrize(
    ("identity", "complaint"),
    [
        ({"name": messages.padded("beacon", 16)}, "is beacon with address 2, the file says controller with 2"),
        ({"address": 7}, "is controller with address 7, the file says controller with 2"),
        ({"kind": messages.padded("esp32", 8)}, 'is of kind "esp32", the file says "pico"'),
    ],
)
def test_another_board_than_the_file_names_is_refused(identity: dict[str, object], complaint: str) -> None:
    board, _ = in_memory(fake())
    expected = GROUP.boards[0]
    verify(expected, board.identity())
    with pytest.raises(Unreachable, match=complaint):
        verify(expected, {**board.identity(), **identity})


def test_a_board_without_configuration_is_not_another_board() -> None:
    board, _ = in_memory(FakeBoard())
    verify(GROUP.boards[0], board.identity())
    assert board.kept_configuration() == b""


def test_a_configuration_is_written_and_the_board_seen_to_come_back_with_it() -> None:
    fresh = FakeBoard()
    streams = [fakes.Memory(fresh) for _ in range(4)]
    wanted = fake().kept
    opened = iter(streams)
    back = Return(lambda _: over(next(opened)), lambda: 0.0, lambda _: None)
    back.write(GROUP.boards[0], wanted, fresh.boot)
    assert fresh.kept == wanted
    assert fresh.boot == 2
    assert streams[0].closed
    assert streams[1].closed


def test_a_board_that_does_not_come_back_is_said_after_the_bound() -> None:
    class NeverBack(FakeBoard):
        def restart(self) -> None:
            self.feed = lambda data: b""  # type: ignore[method-assign]

    board = NeverBack()
    times = iter([0.0, 1.0, RESTART_S_MAX, RESTART_S_MAX + 1])
    with pytest.raises(NoOutcome, match="is not back with it within 30 s"):
        Return(lambda _: over(fakes.Memory(board)), lambda: next(times), lambda _: None).write(
            GROUP.boards[0], fake().kept, 1
        )


@pytest.mark.parametrize("kept", [True, False])
def test_a_refused_configuration_changes_nothing_and_says_why(kept: bool) -> None:
    board, stream = in_memory(fake() if kept else FakeBoard())
    before = stream.board.kept
    if kept:
        stream.board.energised = True
        complaint = "a falling relay is energised"
        data = b"HS" + bytes(134)
    else:
        complaint = "the configuration has another layout than this firmware"
        data = b"HS\x09" + bytes(133)
    with pytest.raises(Refused, match=complaint):
        board.write_configuration(data)
    assert stream.board.kept == before


def test_bytes_that_nobody_takes_are_bounded() -> None:
    host = HostSession(fakes.counted())
    exchange = session.query(messages.T_STATUS)
    host.begin(exchange)
    while exchange.outcome is Outcome.WAITING:
        host.elapsed(max(1, host.due_ms()))
    assert exchange.outcome is Outcome.SILENT
    assert len(host.outgoing()) <= session.OUTGOING_SIZE_MAX + frame.WIRE_MAX


def test_a_message_of_a_newer_firmware_is_passed_over() -> None:
    board, stream = in_memory(fake())
    board.identity()
    board.session.begin(exchange := session.query(messages.T_STATUS))
    encoder = stream.board.link.encoder
    unknown = stream.board.link.close(frame.KIND_MASK, 3)
    assert encoder.payload[frame.AT_KIND] & frame.KIND_MASK == frame.KIND_MASK
    board.session.received(bytes(unknown))
    assert exchange.outcome is Outcome.WAITING
