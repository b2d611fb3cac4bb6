"""The wire under whatever bytes, chunkings, losses and reboots hypothesis thinks of."""

import zlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hotspare import layouts
from hotspare_wire import cobs, frame, link, messages
from tests.tools.wire import End, greet, pair, payloads

EDGES = st.sampled_from([0, 1, 2, 254, 255])
GARBAGE = st.one_of(st.binary(max_size=600), st.lists(EDGES, max_size=600).map(bytes))
KINDS = [row[0] for row in messages.MESSAGES]
ADDRESS = st.integers(0, 255)
SEQUENCE = st.integers(0, 2**32 - 1)
ROUNDS_MAX = 12


def value(format_: str) -> st.SearchStrategy[Any]:
    """Return values that fit a field's format."""
    if format_ == "*":
        return st.binary(max_size=frame.BODY_MAX - 12)
    if format_ in messages.LIMITS:
        return st.integers(*messages.LIMITS[format_])
    return st.binary(min_size=int(format_[:-1]), max_size=int(format_[:-1]))


@st.composite
def said(draw: st.DrawFn) -> tuple[int, tuple[Any, ...]]:
    """Return a message of the table with values that fit."""
    kind = draw(st.sampled_from(KINDS))
    return kind, tuple(draw(value(format_)) for _, format_ in messages.fields(kind))


def on_wire(kind: int, values: tuple[Any, ...], source: int = 1, destination: int = 2, sequence: int = 7) -> bytes:
    """Return a message on the wire."""
    encoder = frame.Encoder()
    size = messages.pack(kind, encoder.payload, values)
    return bytes(encoder.close(kind, source, destination, sequence >> 16, sequence & 0xFFFF, size))


@given(GARBAGE, st.integers(1, 64))
def test_f20_whatever_bytes_in_whatever_chunks_nothing_is_raised_and_chunks_make_no_difference(
    data: bytes, chunk: int
) -> None:
    whole, pieces = frame.Decoder(), frame.Decoder()
    assert list(payloads(whole, data)) == list(payloads(pieces, data, chunk))
    assert whole.damage == pieces.damage


@given(GARBAGE, said(), st.integers(1, 64))
def test_f20_every_good_frame_after_garbage_is_heard(
    garbage: bytes, message: tuple[int, tuple[Any, ...]], chunk: int
) -> None:
    wire = on_wire(*message)
    decoder = frame.Decoder()
    heard = list(payloads(decoder, garbage + wire + wire, chunk))
    assert len(heard) >= 2
    assert len(set(heard[-2:])) == 1
    assert frame.Decoder().damage == [0] * len(frame.DAMAGE_NAMES)


@given(GARBAGE)
def test_f20_each_frame_between_delimiters_is_heard_or_counted_once(garbage: bytes) -> None:
    decoder = frame.Decoder()
    heard = list(payloads(decoder, garbage + b"\0"))
    assert len(heard) + sum(decoder.damage) == len([part for part in garbage.split(b"\0") if part])


@given(said(), ADDRESS, ADDRESS, SEQUENCE)
def test_what_is_said_is_what_is_heard_and_what_the_oracle_reads(
    message: tuple[int, tuple[Any, ...]], source: int, destination: int, sequence: int
) -> None:
    kind, values = message
    (payload,) = payloads(frame.Decoder(), on_wire(kind, values, source, destination, sequence))
    assert messages.unpack(kind, payload, len(payload) - frame.PAYLOAD_MIN) == values
    header, fields = layouts.parse(payload)
    assert (header.first.kind, header.source, header.destination, header.sequence) == (
        kind,
        source,
        destination,
        sequence,
    )
    assert tuple(fields.values()) == values
    assert layouts.build(kind, source, destination, sequence, fields) == payload


@given(st.one_of(st.binary(max_size=cobs.PAYLOAD_LIMIT), st.lists(EDGES, max_size=cobs.PAYLOAD_LIMIT).map(bytes)))
def test_cobs_is_what_splitting_at_zeros_says_and_comes_back(payload: bytes) -> None:
    target = bytearray(len(payload) + 3)
    assert cobs.encode(payload, len(payload), target) == len(target)
    assert target == b"\0" + b"".join(bytes([len(block) + 1]) + block for block in payload.split(b"\0")) + b"\0"
    back, state = bytearray(cobs.PAYLOAD_LIMIT), bytearray(cobs.STATE_SIZE)
    assert cobs.decode(target, 0, len(target), back, cobs.PAYLOAD_LIMIT, state) == len(target)
    assert back[: state[cobs.SIZE]] == payload
    assert state[cobs.FAULT] == cobs.CLEAN


@given(said(), st.data())
def test_what_a_bad_line_makes_of_a_frame_is_never_another_frame(
    message: tuple[int, tuple[Any, ...]], data: st.DataObject
) -> None:
    wire = on_wire(*message)
    (good,) = payloads(frame.Decoder(), wire)
    place = data.draw(st.integers(0, len(wire) - 1))
    piece = data.draw(st.binary(max_size=4))
    cut = data.draw(st.integers(0, 4))
    spoilt = wire[:place] + piece + wire[place + cut :]
    assert set(payloads(frame.Decoder(), spoilt + b"\0")) <= {good}


@given(GARBAGE)
def test_f20_a_link_never_raises_on_a_good_frame_of_whatever_contents(body: bytes) -> None:
    _, b = pair()
    for kind in range(1, 32):
        payload = bytes([frame.VERSION << 5 | kind, 1, 2, 9, 0, 0, 0]) + body[: frame.BODY_MAX] + bytes(frame.TAG_SIZE)
        payload += zlib.crc32(payload).to_bytes(4, "little")
        verdict = b.link.judge(bytearray(payload), len(payload))
        # its sequence is not of the session: whatever it holds, it is no news
        assert verdict in (link.GREETED, link.MALFORMED, link.NO_SESSION)


LOSSES = st.lists(st.booleans(), max_size=40)
EVENTS = st.lists(
    st.sampled_from(["a beats", "b beats", "a greets", "b greets", "a reboots", "b reboots"]), max_size=40
)


@given(EVENTS, LOSSES)
def test_after_whatever_losses_and_reboots_both_come_into_one_session_and_rest(
    events: list[str], losses: list[bool]
) -> None:
    ends = {"a": End(1, 2, 10), "b": End(2, 1, 20)}
    reboots = 0
    for number, event in enumerate(events):
        name, what = event.split()
        me, peer = ends[name], ends["b" if name == "a" else "a"]
        if what == "reboots":
            reboots += 1
            ends[name] = End(me.link.address, me.link.peer, 30 + reboots)
            continue
        wire = me.beat() if what == "beats" else me.hello()
        if number >= len(losses) or not losses[number]:
            peer.hear(wire)
    a, b = ends["a"], ends["b"]
    for end in (a, b):
        end.link.greet = end.link.greet or not end.link.established  # as its owner does from time to time
    verdicts = []
    for _ in range(ROUNDS_MAX):
        greet(a, b)
        verdicts = b.hear(a.beat()) + a.hear(b.beat())
    assert verdicts == ["news", "news"]
    assert not a.link.greet
    assert not b.link.greet


@given(EVENTS, st.lists(st.integers(0, 200), max_size=30))
def test_f41_whatever_was_recorded_before_both_rebooted_is_never_news(events: list[str], order: list[int]) -> None:
    a, b = pair()
    recorded = []
    for event in events:
        name, what = event.split()
        me, peer = (a, b) if name == "a" else (b, a)
        recorded.append((name, me.beat() if what == "beats" else me.hello()))
        peer.hear(recorded[-1][1])
    a, b = End(1, 2, 30), End(2, 1, 40)
    greet(a, b)
    for place in order:
        if recorded:
            name, wire = recorded[place % len(recorded)]
            assert (b if name == "a" else a).hear(wire) in (["no session"], ["greeted"])
    greet(a, b)
    assert b.hear(a.beat()) == ["news"]
    assert a.hear(b.beat()) == ["news"]
