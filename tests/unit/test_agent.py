"""The agent against a board's end of the link, in virtual time."""

import pytest

from hotspare.agent import AgentCore
from hotspare_engine import words
from hotspare_firmware.ports import HostPort
from hotspare_wire import link, messages
from tests.board_end import AGENT, BoardEnd, Nonces

INTERVAL_MS = 100
BEAT_MS = 90


def talk(core: AgentCore, board: BoardEnd, ms: int, step_ms: int = 10) -> None:
    """Let time pass while both exchange what they have to say."""
    for _ in range(0, ms, step_ms):
        board.received(core.outgoing())
        core.received(board.outgoing())
        board.received(core.outgoing())
        core.elapsed(step_ms)


@pytest.fixture
def core() -> AgentCore:
    return AgentCore(AGENT, INTERVAL_MS, Nonces(1))


def test_a_well_unit_is_reported_once_every_beat(core: AgentCore) -> None:
    board = BoardEnd()
    core.checked(True)
    talk(core, board, 20 * BEAT_MS)
    assert core.connected
    assert abs(len(board.reports) - 20) <= 1
    assert set(board.reports) == {(words.OK, 0)}


def test_nothing_is_said_of_a_unit_before_its_first_check(core: AgentCore) -> None:
    board = BoardEnd()
    talk(core, board, 1_000)
    assert core.connected
    assert board.reports == []


def test_a_failing_check_is_said_at_once_and_said_again(core: AgentCore) -> None:
    board = BoardEnd()
    core.checked(True)
    talk(core, board, 500)
    board.reports.clear()
    core.checked(False)
    assert core.outgoing()
    board.received(core.outgoing())
    core.checked(True)
    core.checked(False)
    talk(core, board, 300)
    assert {health for health, _ in board.reports} == {words.FAILED}
    assert len(board.reports) >= 3


def test_a_degraded_unit_says_so_and_a_planned_stop_is_not_taken_back_by_it(core: AgentCore) -> None:
    board = BoardEnd()
    core.degraded()
    talk(core, board, 500)
    assert {health for health, _ in board.reports} == {words.IMPAIRED}
    core.leave(60)
    core.degraded()
    board.reports.clear()
    talk(core, board, 300)
    assert {health for health, _ in board.reports} == {words.LEAVING}


def test_a_check_that_says_the_same_again_sends_nothing_more(core: AgentCore) -> None:
    core.checked(True)
    board = BoardEnd()
    talk(core, board, 500)
    before = core.reports
    core.outgoing()
    core.checked(True)
    core.elapsed(1)
    assert core.outgoing() == b""
    assert core.reports <= before + 1


def test_leaving_is_said_at_once_with_its_longest_duration_and_no_check_takes_it_back(core: AgentCore) -> None:
    board = BoardEnd()
    core.checked(True)
    talk(core, board, 500)
    board.reports.clear()
    core.leave(45)
    board.received(core.outgoing())
    assert board.reports == [(words.LEAVING, 45)]
    core.checked(True)
    talk(core, board, 300)
    assert set(board.reports) == {(words.LEAVING, 45)}


def test_an_agent_without_an_address_learns_it_from_the_board() -> None:
    core = AgentCore(None, INTERVAL_MS, Nonces(1))
    board = BoardEnd()
    core.checked(True)
    talk(core, board, 500)
    assert core.address == AGENT
    assert board.reports


def test_an_agent_without_an_address_takes_none_that_is_not_an_agents() -> None:
    core = AgentCore(None, INTERVAL_MS, Nonces(1))
    other = link.Link(1, 2, Nonces(5))  # a board to another board
    core.received(bytes(other.hello()))
    assert core.address is None


def test_a_board_that_was_reset_hears_the_agent_again(core: AgentCore) -> None:
    core.checked(True)
    talk(core, BoardEnd(), 500)
    again = BoardEnd(salt=33)
    talk(core, again, 500)
    assert again.reports


def test_an_agent_that_was_restarted_is_heard_by_the_same_board() -> None:
    board = BoardEnd()
    for salt in (1, 2):
        core = AgentCore(AGENT, INTERVAL_MS, Nonces(salt))
        core.checked(True)
        board.reports.clear()
        talk(core, board, 500)
        assert board.reports


def test_after_garbage_and_half_a_frame_the_agent_is_heard_as_before(core: AgentCore) -> None:
    board = BoardEnd()
    core.checked(True)
    core.received(bytes(range(256)) * 4)
    core.received(board.outgoing()[:10])
    talk(core, board, 500)
    assert board.reports


def test_the_wait_never_lets_a_beat_be_late(core: AgentCore) -> None:
    core.outgoing()
    core.elapsed(60)
    assert core.wait_ms() == BEAT_MS - 60
    core.elapsed(60)
    assert core.wait_ms() == 0


class Stream:
    """The two ends of a host port in memory."""

    def __init__(self) -> None:
        self.inbox = bytearray()
        self.outbox = bytearray()

    def readable(self) -> bool:
        return bool(self.inbox)

    def writable(self) -> bool:
        return True

    def readinto(self, byte: bytearray) -> int:
        byte[0] = self.inbox.pop(0)
        return 1

    def write(self, data: bytes) -> None:
        self.outbox += data


def test_a_board_that_is_silent_on_its_host_port_tells_an_agent_that_calls_who_it_is() -> None:
    core = AgentCore(None, INTERVAL_MS, Nonces(1))
    stream = Stream()
    host = HostPort([link.Link(1, messages.ADDRESS_ANY, Nonces(5)), link.Link(1, AGENT, Nonces(7))], stream)
    heard = []

    def handle(port: HostPort, payload: bytearray, size: int) -> None:
        heard.append(port.link.judge(payload, size))

    core.checked(True)
    for _ in range(6):
        core.elapsed(BEAT_MS)
        stream.inbox += core.outgoing()
        host.drain(handle)
        if host.called and host.agent.greet:  # as a board's step does
            host.send(host.agent.hello())
        core.received(bytes(stream.outbox))
        stream.outbox.clear()
    assert core.address == AGENT
    assert core.connected
    assert host.agent.established
    assert not host.links[0].established, "nobody but the agent was greeted"
    assert link.NEWS in heard


def test_nobody_answers_a_call_where_no_agent_speaks() -> None:
    stream = Stream()
    host = HostPort([link.Link(1, messages.ADDRESS_ANY, Nonces(5))], stream)
    stream.inbox += AgentCore(None, INTERVAL_MS, Nonces(1)).outgoing()
    assert stream.inbox
    host.drain(lambda port, payload, size: pytest.fail("a call is no frame of a host"))
    assert not host.called
