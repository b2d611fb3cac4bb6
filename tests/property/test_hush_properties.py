"""What is said to a board that has not spoken: no byte of it may interrupt a board that is starting."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotspare.agent import AgentCore
from hotspare.hush import INTERRUPT, HushedLink
from hotspare.session import HostSession, query
from hotspare_wire import frame, link, messages

NONCES = st.lists(st.binary(min_size=8, max_size=8), min_size=3, max_size=3)
HELLOS = 300  # more than the sequence's low byte counts through
BOARD_NONCE = bytes.fromhex("0300030003000300")


def drawing(nonces):
    """Return what draws these nonces, and then the last one for ever."""
    left = list(nonces)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def frames_of(data: bytes) -> list[tuple[int, bytes]]:
    """Return kind and body of each good frame."""
    decoder, place, found = frame.Decoder(), 0, []
    while place < len(data):
        place = decoder.feed(data, place, len(data))
        if decoder.size:
            body = bytes(decoder.payload[frame.AT_BODY : decoder.size - 12])
            found.append((decoder.payload[frame.AT_KIND] & frame.KIND_MASK, body))
    return found


@given(NONCES, st.sampled_from([messages.ADDRESS_HOST, messages.ADDRESS_AGENT_MIN]))
def test_no_hello_to_a_silent_board_holds_a_ctrl_c_and_each_is_a_good_frame(nonces: list[bytes], address: int) -> None:
    speaker = HushedLink(address, drawing(nonces))
    for _ in range(HELLOS):
        wire = bytes(speaker.hello())
        assert INTERRUPT not in wire
        assert [kind for kind, _ in frames_of(wire)] == [messages.HELLO]


@given(NONCES)
def test_a_host_that_asks_a_silent_board_sends_no_ctrl_c(nonces: list[bytes]) -> None:
    session = HostSession(drawing(nonces))
    session.begin(query(messages.T_STATUS))
    for _ in range(20):
        said = session.outgoing()
        session.wrote(len(said))
        assert INTERRUPT not in said
        session.elapsed(250)


@given(NONCES)
def test_an_agent_whose_port_was_opened_anew_greets_first(nonces: list[bytes]) -> None:
    core = AgentCore(messages.ADDRESS_AGENT_MIN, 100, drawing(nonces))
    board = link.Link(1, messages.ADDRESS_AGENT_MIN, lambda: BOARD_NONCE)
    core.checked(True)
    for _ in range(4):
        said = core.outgoing()
        decoder, place = frame.Decoder(), 0
        while place < len(said):
            place = decoder.feed(said, place, len(said))
            if decoder.size:
                board.judge(decoder.payload, decoder.size)
        core.received(bytes(board.hello()))
    assert core.connected
    core.opened()
    assert not core.connected
    said = core.outgoing()
    assert [kind for kind, _ in frames_of(said)] == [messages.HELLO]
    assert INTERRUPT not in said
