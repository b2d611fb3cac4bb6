"""Targets for what comes over a wire: the decoder and messages; runs on both Pythons.

A target takes any bytes, raises nothing but AssertionError, which is a finding, and tells what it saw as a checksum.
"""

import binascii
import struct

from hotspare_wire import cobs, frame
from hotspare_wire import messages as m
from tests.fuzz.board.given import Given, Told

DECODES = [cobs.decode]
try:
    from hotspare_firmware import codec_viper

    DECODES.append(codec_viper.decode)
except (ImportError, SyntaxError, ValueError):
    pass  # CPython has no compiler for it

STRUCTURED = 0x80  # in the first byte of a stream: what follows says how to make it
CHUNKS_MASK = 0x3F
OPERATIONS_MAX = 64
GOOD = bytes(frame.Encoder().close(m.QUERY, 1, 2, 0, 7, 0))


def on_wire(payload):
    """Return a payload as it stands on the wire."""
    out = bytearray(len(payload) + frame.WIRE_OVERHEAD)
    return bytes(out[: cobs.encode(payload, len(payload), out)])


def with_crc(payload):
    """Return a payload behind which its right CRC stands."""
    return bytes(payload) + struct.pack("<I", binascii.crc32(bytes(payload)))


# -- the decoder -----------------------------------------------------------------------------------------------------


def stream(data):
    """Whatever bytes come, in whatever pieces: what stands between delimiters is heard or counted, once, and rightly.

    Both are what a second way through the bytes says of them. What is heard encodes to the same bytes again, and the
    good frame behind it all is heard. The compiled twin and other pieces make no difference.
    """
    given = Given(data)
    first = given.byte()
    said = structured(given) if first & STRUCTURED else given.rest()
    said += b"\0" + GOOD
    parts = [part for part in said.split(b"\0") if part]
    wanted = [read(part) for part in parts]
    heard = [it for it in wanted if not isinstance(it, int)]
    damage = [wanted.count(kind) for kind in range(len(frame.DAMAGE_NAMES))]
    for decode in DECODES:
        for chunk in (len(said), 1 + (first & CHUNKS_MASK)):
            decoder = frame.Decoder(decode)
            found = _hear(decoder, said, chunk)
            assert found == heard, "heard is not what was said"
            assert decoder.damage == damage, "damage is counted otherwise: %s, %s" % (decoder.damage, damage)
            assert (
                len(decoder.payload) == frame.PAYLOAD_MAX
                and len(decoder._views.by_size) <= len(heard) + damage[3] + damage[4]
            )
    for part, it in zip(parts, wanted):
        assert isinstance(it, int) or on_wire(it) == b"\0" + part + b"\0", "it encodes to other bytes"
    assert heard[-1] == read(GOOD.split(b"\0")[1]), "the good frame at the end is not heard"
    told = Told()
    told.add(heard, damage)
    return told.crc


def structured(given):
    """Make a stream of good frames, damaged ones and noise."""
    out = b""
    for _ in range(OPERATIONS_MAX):
        if not given.left():
            break
        what = given.byte()
        if what & 1:
            out += given.piece(64)
            continue
        payload = given.data(frame.AT_BODY) + given.piece(frame.BODY_MAX) + bytes(frame.TAG_SIZE)
        if not what & 2:
            payload = bytes([frame.VERSION << frame.KIND_BITS | payload[0] & frame.KIND_MASK]) + payload[1:]
        wire = bytearray(on_wire(with_crc(payload)))
        if what & 4:
            wire[given.byte() % len(wire)] ^= given.byte()
        out += wire[1 if what & 8 else 0 : -1 if what & 16 else len(wire)]
    return out


def _hear(decoder, said, chunk):
    heard = []
    for start in range(0, len(said), chunk):
        place, end = start, min(start + chunk, len(said))
        while place < end:
            before = place
            place = decoder.feed(said, place, end)
            assert before < place <= end, "the decoder took nothing, or more than there was"
            if decoder.size:
                heard.append(bytes(decoder.payload[: decoder.size]))
    return heard


def read(part):
    """Return the payload of what stood between delimiters, or how it is damaged: the slow way, by the definitions."""
    payload, at, whole = b"", 0, True
    while at < len(part):
        code = part[at]
        block = part[at + 1 : at + code]
        payload += (b"\0" if at else b"") + block
        whole = len(block) == code - 1
        at += code
    if len(payload) > frame.PAYLOAD_MAX:
        return frame.OVERSIZE
    if not whole:
        return frame.BROKEN
    if len(payload) < frame.PAYLOAD_MIN:
        return frame.SHORT
    if with_crc(payload[:-4]) != payload:
        return frame.CRC
    return payload if payload[0] >> frame.KIND_BITS == frame.VERSION else frame.VERSION_OTHER


# -- messages --------------------------------------------------------------------------------------------------------


def message(data):
    """Whatever a body holds, of every kind: None for a wrong size, or values that pack to the same bytes again."""
    given = Given(data)
    kind = given.byte() & frame.KIND_MASK
    body = given.piece(frame.BODY_MAX)
    told = Told()
    told.add(m.name(kind))
    values = unpacked(kind, body)
    if values is not None:
        target = bytearray(frame.PAYLOAD_MAX)
        size = m.pack(kind, target, values)
        assert target[frame.AT_BODY : frame.AT_BODY + size] == body, "it packs to other bytes"
        told.add(values, [m.text(value) for value in values if isinstance(value, bytes)])
    return told.crc


def unpacked(kind, body):
    """Return the values of a body, None for one of a wrong size or of no kind that there is."""
    payload = bytes(frame.AT_BODY) + body + bytes(frame.TRAILER_SIZE)
    try:
        return m.unpack(kind, payload, len(body))
    except KeyError:
        assert kind not in [row[0] for row in m.MESSAGES], "a kind of the table has no layout"
        return None
