"""The agent against a board's end of the link, in virtual time."""

import pytest

from hotspare.agent import AgentCore
from hotspare.roles import ALL, Roles
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


def test_a_unit_that_is_impaired_is_said_so_and_a_planned_stop_is_not_taken_back_by_it(core: AgentCore) -> None:
    board = BoardEnd()
    core.impaired()
    talk(core, board, 300)
    assert set(board.reports) == {(words.IMPAIRED, 0)}
    core.leave(7)
    core.impaired()
    talk(core, board, 300)
    assert board.reports[-1] == (words.LEAVING, 7)


# -- roles ------------------------------------------------------------------------------------------------------------


def tell(core: AgentCore, board: BoardEnd, role: int, selected: int = 0) -> bytes:
    """Let a heartbeat of the board tell a role; return what the agent says at once."""
    board.role, board.selected = role, selected
    core.received(board.beat())
    said = core.outgoing()
    board.received(said)
    return said


def at_work(roles: Roles | None = None, board: BoardEnd | None = None, salt: int = 1) -> tuple[AgentCore, BoardEnd]:
    """Return an agent of a well unit and its board, in session."""
    core = AgentCore(AGENT, INTERVAL_MS, Nonces(salt), roles)
    board = BoardEnd() if board is None else board
    core.checked(True)
    talk(core, board, 200)
    core.outgoing()
    return core, board


def test_a_role_without_a_hook_is_acknowledged_at_once_and_with_every_report_that_follows() -> None:
    core, board = at_work()
    assert set(board.acknowledged) == {words.NOT_TOLD}
    assert tell(core, board, words.STANDBY)
    assert board.acknowledged[-1] == words.STANDBY
    board.acknowledged.clear()
    talk(core, board, 500)
    assert len(board.acknowledged) >= 5
    assert set(board.acknowledged) == {words.STANDBY}


def test_a_role_with_a_hook_is_acknowledged_once_that_is_done_and_then_at_once() -> None:
    core, board = at_work(Roles(ALL))
    assert tell(core, board, words.DRAIN) == b""
    duty = core.roles.wanted
    assert duty is not None
    assert (duty.role, duty.before, duty.name) == (words.DRAIN, words.NOT_TOLD, "drain")
    talk(core, board, 300)
    assert set(board.acknowledged) == {words.NOT_TOLD}
    core.roles.acknowledge(duty)
    board.received(core.outgoing())
    assert board.acknowledged[-1] == words.DRAIN
    assert core.roles.wanted is None


def test_a_hook_that_failed_is_said_beside_its_role() -> None:
    core, board = at_work(Roles(ALL))
    tell(core, board, words.ACTIVE)
    assert core.roles.wanted is not None
    core.roles.acknowledge(core.roles.wanted, failed=True)
    board.received(core.outgoing())
    assert board.acknowledged[-1] == words.ACTIVE | words.ROLE_FAILED


def test_a_role_that_is_repeated_changes_nothing() -> None:
    core, board = at_work(Roles(ALL))
    tell(core, board, words.ACTIVE)
    duty = core.roles.wanted
    assert duty is not None
    for _ in range(3):
        assert tell(core, board, words.ACTIVE) == b""
    assert core.roles.wanted is duty
    core.roles.acknowledge(duty)
    assert core.outgoing()
    assert tell(core, board, words.ACTIVE) == b""
    assert core.roles.wanted is None


def test_a_new_role_takes_the_acknowledgement_back_at_once_and_only_the_newest_is_acknowledged() -> None:
    core, board = at_work(Roles(ALL))
    tell(core, board, words.STANDBY)
    first = core.roles.wanted
    assert first is not None
    core.roles.acknowledge(first)
    board.received(core.outgoing())
    assert tell(core, board, words.DRAIN)
    assert board.acknowledged[-1] == words.NOT_TOLD
    drain = core.roles.wanted
    assert drain is not None
    tell(core, board, words.ACTIVE)
    tell(core, board, words.DRAIN)
    core.roles.acknowledge(drain)  # of the first time, which came to its end too late
    assert core.outgoing() == b""
    again = core.roles.wanted
    assert again is not None
    assert (again.role, again.before) == (words.DRAIN, words.ACTIVE)
    core.roles.acknowledge(again)
    board.received(core.outgoing())
    assert board.acknowledged[-1] == words.DRAIN


def test_a_heartbeat_that_tells_nothing_keeps_what_was_told() -> None:
    core, board = at_work()
    tell(core, board, words.ACTIVE)
    assert tell(core, board, words.NOT_TOLD) == b""
    assert tell(core, board, words.ROLE_FAILED | words.DRAIN) == b"", "no role that there is"
    assert core.roles.duty.role == words.ACTIVE


def test_a_restarted_board_hears_the_acknowledged_role_again() -> None:
    core, board = at_work()
    tell(core, board, words.ACTIVE)
    again = BoardEnd(salt=33)
    talk(core, again, 500)
    assert again.acknowledged
    assert set(again.acknowledged) == {words.ACTIVE}
    assert core.roles.duty.number == 1


def test_a_role_that_is_acknowledged_before_the_first_check_waits_for_it_and_is_no_reason_to_greet_again() -> None:
    core = AgentCore(AGENT, INTERVAL_MS, Nonces(1))
    board = BoardEnd()
    talk(core, board, 200)
    core.outgoing()
    assert tell(core, board, words.ACTIVE) == b""
    assert tell(core, board, words.ACTIVE) == b""
    core.checked(True)
    board.received(core.outgoing())
    assert board.acknowledged == [words.ACTIVE]


def test_the_line_comes_with_the_role_and_another_line_of_an_active_spare_is_a_new_duty() -> None:
    core, board = at_work(Roles(ALL))
    tell(core, board, words.ACTIVE, selected=1)
    assert core.roles.duty.line == 1
    core.roles.acknowledge(core.roles.duty)
    core.outgoing()
    assert tell(core, board, words.ACTIVE, selected=2)
    assert board.acknowledged[-1] == words.NOT_TOLD
    duty = core.roles.wanted
    assert duty is not None
    assert (duty.role, duty.before, duty.line) == (words.ACTIVE, words.ACTIVE, 2)


@pytest.mark.parametrize(
    ("role", "first", "then"), [(words.ACTIVE, 0, 1), (words.ACTIVE, 1, 0), (words.STANDBY, 1, 2), (words.DRAIN, 1, 2)]
)
def test_a_line_that_only_becomes_known_or_lost_or_is_anothers_is_no_new_duty(role: int, first: int, then: int) -> None:
    core, board = at_work()
    tell(core, board, role, first)
    assert tell(core, board, role, then) == b""
    assert core.roles.duty.number == 1


def test_two_boards_of_one_unit_tell_the_same_role_once_and_both_hear_it_acknowledged() -> None:
    roles = Roles(ALL)
    core, beacon = at_work(roles, BoardEnd(controller=False))
    direct, controller = at_work(roles, BoardEnd(salt=44), salt=2)
    tell(core, beacon, words.DRAIN, selected=1)
    duty = roles.wanted
    assert duty is not None
    tell(direct, controller, words.DRAIN, selected=0)
    assert roles.wanted is duty
    roles.acknowledge(duty)
    beacon.received(core.outgoing())
    controller.received(direct.outgoing())
    assert beacon.acknowledged[-1] == controller.acknowledged[-1] == words.DRAIN


def test_a_board_that_repeats_an_old_role_does_not_outweigh_the_news_of_another() -> None:
    roles = Roles()
    core, beacon = at_work(roles, BoardEnd(controller=False))
    direct, controller = at_work(roles, BoardEnd(salt=44), salt=2)
    tell(core, beacon, words.ACTIVE, selected=1)
    tell(direct, controller, words.STANDBY)
    for _ in range(3):  # cut off from the controller, it knows no better
        tell(core, beacon, words.ACTIVE, selected=1)
    assert roles.duty.role == words.STANDBY
    tell(core, beacon, words.STANDBY, selected=1)
    assert roles.duty.number == 2


def test_a_primary_goes_by_its_own_line_whatever_the_spare_carries() -> None:
    roles = Roles()
    core, beacon = at_work(roles, BoardEnd(controller=False))
    direct, controller = at_work(roles, BoardEnd(salt=44), salt=2)
    tell(core, beacon, words.ACTIVE, selected=1)
    tell(direct, controller, words.ACTIVE, selected=2)
    assert (roles.duty.number, roles.duty.line) == (1, 1)


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
