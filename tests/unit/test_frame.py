"""Frames: what is good is heard in every chunking, damage is counted by its kind, what does not fit is refused."""

import zlib

import pytest

from hotspare_wire import cobs, frame
from tests.tools.wire import bodyless, payloads

CHUNKS = (1, 2, 3, 31, 32, 33, 1000)
GOOD = bodyless(1, sequence=5)
WIRE_BYTES_OF_A_HEARTBEAT = 32


def stuffed(payload: bytes) -> bytes:
    """Return a payload on the wire, by splitting at its zeros."""
    return b"\0" + b"".join(bytes([len(block) + 1]) + block for block in payload.split(b"\0")) + b"\0"


def signed(payload: bytes) -> bytes:
    """Return the payload with its CRC."""
    return payload + zlib.crc32(payload).to_bytes(4, "little")


VERSION_1, VERSION_2 = b"\x21", b"\x41"
SHORTEST = signed(VERSION_1 + bytes(6) + bytes(8))
LONGEST = signed(VERSION_1 + bytes(6) + b"\x55" * frame.BODY_MAX + bytes(8))
WRONG_CRC = SHORTEST[:-1] + bytes([SHORTEST[-1] ^ 1])

DAMAGES = [
    ("short", stuffed(signed(VERSION_1 + bytes(13)))),
    ("short", b"\0\x01\0"),
    ("oversize", stuffed(signed(VERSION_1 + bytes(6) + b"\x55" * (frame.BODY_MAX + 1) + bytes(8)))),
    ("oversize", b"\0" + b"\x02" * 5000 + b"\0"),
    ("broken", stuffed(SHORTEST)[:-3] + b"\0"),
    ("broken", b"\0\xff\0"),
    ("crc", stuffed(WRONG_CRC)),
    ("version", stuffed(signed(VERSION_2 + SHORTEST[1:-4]))),
]


def hear(data: bytes, chunk: int) -> tuple[list[bytes], dict[str, int]]:
    """Return what a new decoder hears in `data`, and the damage that it counted."""
    decoder = frame.Decoder()
    heard = list(payloads(decoder, data, chunk))
    counted = zip(frame.DAMAGE_NAMES, decoder.damage, strict=True)
    return heard, {name: count for name, count in counted if count}


@pytest.mark.parametrize("chunk", CHUNKS)
@pytest.mark.parametrize("payload", [SHORTEST, LONGEST], ids=["shortest", "longest"])
def test_a_good_frame_is_heard_alone_and_with_something_behind_it(payload: bytes, chunk: int) -> None:
    for behind in (b"", b"\0", b"\x05\x11", stuffed(payload)):
        heard, damage = hear(stuffed(payload) + behind, chunk)
        assert heard == [payload] * (2 if len(behind) > 2 else 1)
        assert damage == {}


@pytest.mark.parametrize("chunk", CHUNKS)
@pytest.mark.parametrize(("kind", "wire"), DAMAGES)
def test_f20_damage_is_counted_by_its_kind_and_the_next_good_frame_is_heard(kind: str, wire: bytes, chunk: int) -> None:
    heard, damage = hear(wire + GOOD, chunk)
    assert len(heard) == 1
    assert damage == {kind: 1}


def test_f20_an_endless_frame_needs_no_more_memory_than_the_longest() -> None:
    decoder = frame.Decoder()
    for _ in range(1000):
        assert decoder.feed(b"\x02" * 256, 0, 256) == 256
    assert len(decoder.payload) == frame.PAYLOAD_MAX
    assert len(list(payloads(decoder, b"\0" + GOOD))) == 1
    assert decoder.damage[frame.OVERSIZE] == 1


def test_delimiters_alone_are_neither_frames_nor_damage() -> None:
    assert hear(bytes(1000), 7) == ([], {})


def test_one_call_takes_one_frame_with_its_delimiters() -> None:
    decoder = frame.Decoder()
    data = bytes(5) + GOOD + GOOD
    assert decoder.feed(data, 0, len(data)) == 5 + len(GOOD)
    assert decoder.size == len(GOOD) - frame.WIRE_OVERHEAD
    assert decoder.feed(data, 5 + len(GOOD), len(data)) == len(data)
    assert decoder.feed(data, len(data), len(data)) == len(data)
    assert decoder.size == 0


def test_the_crc_is_little_endian_so_that_its_residue_is_the_constant() -> None:
    assert zlib.crc32(SHORTEST) == zlib.crc32(LONGEST) == frame.RESIDUE
    assert frame.RESIDUE < 2**30


def test_a_heartbeat_takes_32_bytes_on_the_wire_whatever_is_in_it() -> None:
    encoder = frame.Encoder()
    for filling in (0, 1, 255):
        encoder.payload[:] = bytes([filling]) * len(encoder.payload)
        assert len(encoder.close(1, filling, filling, filling, filling, 10)) == WIRE_BYTES_OF_A_HEARTBEAT


def test_an_encoder_leaves_nothing_of_an_earlier_frame_in_tag_or_crc() -> None:
    encoder = frame.Encoder()
    encoder.payload[:] = b"\xee" * len(encoder.payload)
    (payload,) = payloads(frame.Decoder(), bytes(encoder.close(1, 1, 2, 3, 4, 0)))
    assert payload == signed(bytes([0x21, 1, 2, 4, 0, 3, 0]) + bytes(8))


@pytest.mark.parametrize(
    "arguments",
    [
        (0, 1, 2, 0, 0, 0),
        (32, 1, 2, 0, 0, 0),
        (1, 256, 2, 0, 0, 0),
        (1, -1, 2, 0, 0, 0),
        (1, 1, 256, 0, 0, 0),
        (1, 1, 2, 65536, 0, 0),
        (1, 1, 2, 0, 65536, 0),
        (1, 1, 2, 0, -1, 0),
        (1, 1, 2, 0, 0, frame.BODY_MAX + 1),
        (1, 1, 2, 0, 0, -1),
    ],
)
def test_an_encoder_refuses_what_does_not_fit_its_field(arguments: tuple[int, ...]) -> None:
    with pytest.raises(AssertionError):
        frame.Encoder().close(*arguments)


def test_every_flip_of_one_bit_on_the_wire_is_noticed() -> None:
    wire = GOOD
    (good,) = payloads(frame.Decoder(), wire)
    for place in range(len(wire)):
        for bit in range(8):
            spoilt = bytearray(wire)
            spoilt[place] ^= 1 << bit
            heard, damage = hear(bytes(spoilt) + b"\0", 1000)
            assert heard in ([], [good])
            assert heard or damage


def test_the_decoder_of_the_codec_writes_no_further_than_its_limit() -> None:
    target = bytearray(b"\xaa" * 40)
    state = bytearray(cobs.STATE_SIZE)
    data = b"\x02" * 100 + b"\0"
    assert cobs.decode(data, 0, len(data), target, 10, state) == len(data)
    assert target[10:] == b"\xaa" * 30
    assert (state[cobs.SIZE], state[cobs.FAULT]) == (10, cobs.OVERSIZE)
