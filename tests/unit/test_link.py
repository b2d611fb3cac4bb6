"""Links: a session needs a fresh answer, sequences only rise, what comes again, late or from elsewhere is refused."""

import pytest

from hotspare_wire import frame, link, messages
from tests.tools.wire import End, bodyless, greet, pair

HALF_MAX = 0xFFFF
BOARD, HOST = 2, messages.ADDRESS_HOST


def at(end: End, high: int, low: int) -> None:
    """Put the sequence of what an end sends next behind (high, low)."""
    end.link._tx_high, end.link._tx_low = high, low


def refused(end: End) -> int:
    return end.link.refused


def test_a_session_is_established_after_three_hellos_and_then_nobody_greets() -> None:
    a, b = End(1, 2, 10), End(2, 1, 20)
    assert a.link.greet
    assert b.link.greet
    b.hear(a.hello())
    a.hear(b.hello())
    assert (a.link.established, b.link.established) == (True, False)
    b.hear(a.hello())
    assert (a.link.established, b.link.established) == (True, True)
    assert not a.link.greet
    assert not b.link.greet
    assert (a.link.sessions, b.link.sessions) == (1, 1)


def test_beats_are_news_in_both_directions() -> None:
    a, b = pair()
    for _ in range(3):
        assert b.hear(a.beat()) == ["news"]
        assert a.hear(b.beat()) == ["news"]
    assert refused(a) == refused(b) == 0


def test_nothing_is_news_before_the_handshake_and_a_hello_is_asked_for() -> None:
    a, b = End(1, 2, 10), End(2, 1, 20)
    b.hello()
    assert not b.link.greet
    assert b.hear(a.beat()) == ["no session"]
    assert b.link.greet
    assert refused(b) == 1


def test_a_hello_alone_changes_nothing_and_is_answered() -> None:
    a, b = pair()
    stranger = End(1, 2, 99)
    assert b.hear(stranger.hello()) == ["greeted"]
    assert b.link.established
    assert b.link.sessions == 1
    assert b.link.greet
    assert b.hear(a.beat()) == ["news"]


def test_f27_a_frozen_beat_is_refused() -> None:
    a, b = pair()
    beat = a.beat()
    assert b.hear(beat + beat + beat) == ["news", "frozen", "frozen"]
    assert refused(b) == 2


def test_f27_beats_out_of_order_are_refused() -> None:
    a, b = pair()
    first, second = a.beat(), a.beat()
    assert b.hear(second + first) == ["news", "stale"]


def test_f19_a_replayed_request_is_refused() -> None:
    a, b = pair()
    request = bytes(a.link.message(messages.REQUEST, (7, 8, 2, 0, 0, 0)))
    assert b.hear(request) == ["news"]
    b.hear(a.beat())
    assert b.hear(request) == ["stale"]
    assert a.link.established
    assert b.link.established


def test_f41_a_rebooted_side_takes_nothing_of_its_neighbours_earlier_session() -> None:
    a, b = pair()
    recorded = [bytes(b.link.hello()), b.beat(), b.beat()]
    a = End(1, 2, 30)
    for old in recorded:
        assert a.hear(old) in (["greeted"], ["no session"])
        assert not a.link.established
    greet(a, b)
    assert a.hear(b.beat()) == ["news"]
    for old in recorded[1:]:
        assert a.hear(old) == ["stale"]


def test_f41_frames_of_a_rebooted_neighbours_earlier_session_are_refused() -> None:
    a, b = pair()
    recorded = [a.beat() for _ in range(100)]
    b.hear(b"".join(recorded[:50]))
    a = End(1, 2, 30)
    greet(a, b)
    assert b.hear(a.beat()) == ["news"]
    for old in recorded:  # those that were heard then, and those that were not
        assert b.hear(old) == ["no session"]
    assert b.hear(a.beat()) == ["news"]
    greet(a, b)
    assert b.hear(a.beat()) == ["news"]


def test_f41_a_replayed_handshake_establishes_nothing() -> None:
    a, b = End(1, 2, 10), End(2, 1, 20)
    hellos = []
    for _ in range(2):
        hellos.append(a.hello())
        b.hear(hellos[-1])
        a.hear(b.hello())
    assert b.link.established
    b = End(2, 1, 40)
    for old in hellos + hellos:
        b.hear(old)
        b.hello()
    assert not b.link.established


def test_the_last_hello_may_be_lost_a_beat_asks_for_it_again() -> None:
    a, b = End(1, 2, 10), End(2, 1, 20)
    b.hear(a.hello())
    a.hear(b.hello())
    a.hello()  # lost
    assert a.link.established
    assert b.hear(a.beat()) == ["no session"]
    greet(a, b)
    assert b.hear(a.beat()) == ["news"]


def test_a_side_that_missed_the_last_hello_of_a_second_session_finds_into_it() -> None:
    a, b = pair()
    a = End(1, 2, 30)
    b.hear(a.hello())
    a.hear(b.hello())
    a.hello()  # lost: b stays in the first session
    assert b.link.established
    assert b.hear(a.beat()) == ["no session"]
    greet(a, b)
    assert b.hear(a.beat()) == ["news"]
    assert a.hear(b.beat()) == ["news"]


def test_f4_a_path_that_became_one_way_stays_so_when_the_sequence_comes_round() -> None:
    a, b = pair()
    b.hear(a.beat())
    a.hear(b.beat())
    low = a.link._tx_low
    at(a, a.link._tx_high, (low - 10) & HALF_MAX)  # what a sent was lost, until its sequence is near the old echo again
    a.hear(b.beat())
    far = a.link.unechoed
    at(a, a.link._tx_high + 1, (low + 1) & HALF_MAX)
    a.hear(b.beat())
    assert far > HALF_MAX // 2
    assert a.link.unechoed >= far


def test_f4_a_one_way_path_never_has_a_session() -> None:
    a, b = End(1, 2, 10), End(2, 1, 20)
    for _ in range(20):
        b.hear(a.hello() + a.beat())  # what b answers does not arrive
        b.hello()
    assert not a.link.established
    assert not b.link.established


def test_f4_frames_that_are_not_echoed_are_counted_and_the_count_falls_when_they_are() -> None:
    a, b = pair()
    for sent in range(1, 6):
        b_hears = a.beat()
        a.hear(b.beat())
        assert a.link.unechoed == sent
    b.hear(b_hears)
    a.hear(b.beat())
    assert a.link.unechoed == 0


def test_a_new_session_owes_no_echoes() -> None:
    a, b = pair()
    for _ in range(50):
        a.beat()
    a.hear(b.beat())
    assert a.link.unechoed == 50
    b = End(2, 1, 30)
    greet(a, b)
    assert a.link.unechoed == 0


def test_an_echo_before_the_low_half_wraps_is_told_from_one_behind() -> None:
    a, b = pair()
    at(a, a.link._tx_high, HALF_MAX - 1)
    b.link._rx_low = HALF_MAX - 2  # as if the beats between had been heard
    assert b.hear(a.beat() + a.beat()) == ["news", "news"]
    a.hear(b.beat())
    assert a.link.unechoed == 0


def test_the_low_half_of_the_sequence_wraps_into_the_high_one() -> None:
    a, b = pair()
    at(a, a.link._tx_high, HALF_MAX - 2)
    assert b.hear(b"".join(a.beat() for _ in range(5))) == ["news"] * 5
    assert b.link._rx_low == 2
    assert a.link.established


@pytest.mark.parametrize(("low", "lost"), [(7, 0), (7, 1), (7, 40), (HALF_MAX - 2, 5), (HALF_MAX - 1, 0)])
def test_F3_how_many_frames_were_lost_on_the_way_is_told_with_the_next_good_one(low: int, lost: int) -> None:
    a, b = pair()
    at(a, a.link._tx_high, low)
    assert b.hear(a.beat()) == ["news"]
    for _ in range(lost):
        a.beat()
    assert b.hear(a.beat()) == ["news"]
    assert b.link.skipped == lost
    assert b.hear(a.beat()) == ["news"]
    assert b.link.skipped == 0


def test_F3_a_hello_within_a_session_is_no_lost_frame() -> None:
    a, b = pair()
    b.hear(a.beat())
    for lost in (0, 2):
        b.hear(a.hello())
        for _ in range(lost):
            a.beat()
        b.hear(a.beat())
        assert b.link.skipped == lost


def test_at_the_end_of_32_bits_a_new_session_is_asked_for_and_beats_go_on() -> None:
    a, b = pair()
    at(a, HALF_MAX, HALF_MAX - 2)
    b.link._rx_high, b.link._rx_low = HALF_MAX, HALF_MAX - 3
    old = [a.beat(), a.beat()]
    assert b.hear(b"".join(old)) == ["news", "news"]
    assert b.hear(a.beat()) == ["no session"]
    assert not a.link.established
    greet(a, b)
    assert b.hear(a.beat()) == ["news"]
    assert a.hear(b.beat()) == ["news"]
    assert b.hear(old[-1]) == ["no session"]


def test_a_path_that_was_cut_for_longer_than_the_low_half_lasts_comes_back_by_itself() -> None:
    a, b = pair()
    at(a, a.link._tx_high + 3, 5)
    at(b, b.link._tx_high + 3, 5)
    assert b.hear(a.beat()) == ["no session"]
    greet(a, b)
    assert b.hear(a.beat()) == ["news"]
    assert a.hear(b.beat()) == ["news"]


def test_frames_for_another_address_are_refused_and_those_for_anybody_are_not() -> None:
    a, b = pair()
    third = End(1, 3, 10)
    assert b.hear(third.beat()) == ["not for us"]
    anybody = bytes(a.link.message(messages.QUERY, (1, 0), messages.ADDRESS_ANY))
    assert b.hear(anybody) == ["news"]


def test_f22_two_boards_of_one_address_hear_that_of_each_other() -> None:
    one, other = End(2, 1, 10), End(2, 1, 20)
    assert other.hear(one.hello() + one.beat()) == ["from another address"] * 2


def test_f22_frames_from_another_address_are_refused_also_our_own_that_come_back() -> None:
    a, b = pair()
    assert b.hear(End(7, 2, 10).beat()) == ["from another address"]
    assert b.hear(bodyless(messages.HEARTBEAT, source=2, destination=2)) == ["from another address"]
    looped = End(2, messages.ADDRESS_ANY, 50)
    assert looped.hear(looped.hello()) == ["from another address"]
    assert b.hear(a.beat()) == ["news"]


@pytest.mark.parametrize("kind", [messages.HEARTBEAT, messages.REPORT, messages.HELLO])
def test_a_frame_that_the_table_does_not_fit_is_refused_and_its_sequence_is_not_taken(kind: int) -> None:
    a, b = pair()
    assert b.hear(bytes(a.link.close(kind, 2))) == ["of another size"]
    a.link._tx_low -= 1
    assert b.hear(a.beat()) == ["news"]


def test_a_kind_that_this_version_does_not_know_is_handed_on_so_that_it_can_be_answered() -> None:
    a, b = pair()
    assert b.hear(bytes(a.link.close(31, 0))) == ["news"]


def test_who_speaks_to_anybody_is_answered_and_becomes_the_speaker_only_with_a_session() -> None:
    host, board = End(HOST, messages.ADDRESS_ANY, 10), End(BOARD, messages.ADDRESS_ANY, 20)
    greet(host, board)
    assert host.link.speaker == BOARD
    assert board.link.speaker == HOST
    other = End(241, messages.ADDRESS_ANY, 30)
    assert board.hear(other.hello()) == ["greeted"]
    assert board.link.speaker == HOST
    assert board.hear(bytes(host.link.message(messages.QUERY, (1, 0)))) == ["news"]
    other.hear(board.hello())
    board.hear(other.hello())
    assert board.link.speaker == 241
    assert board.hear(bytes(host.link.message(messages.QUERY, (1, 0)))) == ["no session"]


def test_a_board_without_an_address_can_be_talked_to() -> None:
    host, board = End(HOST, messages.ADDRESS_ANY, 10), End(messages.ADDRESS_NONE, messages.ADDRESS_ANY, 20)
    greet(host, board)
    assert board.hear(bytes(host.link.message(messages.QUERY, (1, 0)))) == ["news"]
    assert host.hear(bytes(board.link.message(messages.ACK, (6, 0, 0)))) == ["news"]


def test_a_report_says_what_the_agent_says() -> None:
    a, b = pair()
    assert b.hear(bytes(a.link.report(3, 600))) == ["news"]
    size = b.decoder.size
    assert messages.unpack(messages.REPORT, b.decoder.payload, size - frame.PAYLOAD_MIN) == (1, 3, 600)
    assert link.report_health(b.decoder.payload) == 3
    assert link.report_leaving_s(b.decoder.payload) == 600


def test_what_a_heartbeat_says_is_read_in_place() -> None:
    a, b = pair()
    b.hear(bytes(a.link.heartbeat(3, 2, 1, 255, 5, 0xABCD, 0x1234)))
    payload = b.decoder.payload
    assert link.heartbeat_health(payload) == 3
    assert link.heartbeat_role(payload) == 2
    assert link.heartbeat_selected(payload) == 1
    assert link.heartbeat_state(payload) == 255
    assert link.heartbeat_flags(payload) == 5
    assert link.heartbeat_config_hash(payload) == 0xABCD
    assert link.heartbeat_firmware_hash(payload) == 0x1234


@pytest.mark.parametrize("place", range(7))
@pytest.mark.parametrize("bad", [-1, 65536])
def test_a_heartbeat_refuses_what_does_not_fit_its_fields(place: int, bad: int) -> None:
    values = [0] * 7
    values[place] = bad
    with pytest.raises(AssertionError):
        End(1, 2, 10).link.heartbeat(*values)


def test_misuse_leaves_the_sequence_where_it_is() -> None:
    a, b = pair()
    before = a.link._tx_low
    with pytest.raises(messages.Misuse, match="query: topic can not be 256"):
        a.link.message(messages.QUERY, (256, 0))
    assert a.link._tx_low == before
    assert b.hear(a.beat()) == ["news"]
