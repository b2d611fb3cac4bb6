"""The frame: header, body, tag and CRC-32 behind COBS, and a bounded decoder that counts damage; binascii, struct only.

On the wire: 00 | COBS(header 7, body, tag 8, CRC-32 4) | 00. Header: version and kind, source, destination, sequence.
All numbers are little-endian. CRC-32 is that of IEEE 802.3 (polynomial 04C11DB7, reflected).
"""

import binascii
import struct

from . import cobs

VERSION = 1  # top three bits of the first byte; the low five are the kind
KIND_BITS = 5
KIND_MASK = 31
# places in a payload
AT_KIND, AT_SOURCE, AT_DESTINATION, AT_SEQUENCE, AT_BODY = 0, 1, 2, 3, 7
HEADER_SIZE = 7
TAG_SIZE = 8
CRC_SIZE = 4
TRAILER_SIZE = TAG_SIZE + CRC_SIZE
BODY_MAX = 160
PAYLOAD_MIN = HEADER_SIZE + TRAILER_SIZE
PAYLOAD_MAX = HEADER_SIZE + BODY_MAX + TRAILER_SIZE
WIRE_OVERHEAD = 3  # two delimiters and one byte of COBS
WIRE_MAX = PAYLOAD_MAX + WIRE_OVERHEAD
assert PAYLOAD_MAX <= cobs.PAYLOAD_LIMIT

_HEADER, _NO_TAG, _CRC = "<BBBHH", "<II", "<I"

# CRC-32 over a payload that ends in its own CRC-32 is this constant: one pass, and a small integer on a 32-bit board
RESIDUE = 0x2144DF1C

# damage by kind: places in Decoder.damage
SHORT, OVERSIZE, BROKEN, CRC, VERSION_OTHER = range(5)
DAMAGE_NAMES = ("short", "oversize", "broken", "crc", "version")


class Views:
    """Slices of one buffer from its start, made once for each size, so that steady traffic allocates nothing."""

    def __init__(self, buffer: bytearray) -> None:
        self.buffer = buffer
        self.whole = memoryview(buffer)
        self.by_size: dict = {}

    def first(self, size: int) -> memoryview:
        """Return a view of the first `size` bytes."""
        view = self.by_size.get(size)
        if view is None:
            view = self.by_size[size] = self.whole[:size]
        return view


class Decoder:
    """Bytes in, at most one good payload at a time out; damage is counted in `damage` by kind and never raised.

    `payload[:size]` holds a good payload while `size` is not 0; the next call of `feed` takes it away.
    """

    def __init__(self, decode=cobs.decode) -> None:
        self.payload = bytearray(PAYLOAD_MAX)
        self.size = 0
        self.damage = [0] * len(DAMAGE_NAMES)
        self._views = Views(self.payload)
        self._state = bytearray(cobs.STATE_SIZE)
        self._decode = decode

    def feed(self, source, start: int, end: int) -> int:
        """Take source[start:end] up to the end of one frame; return the place behind the last byte taken."""
        self.size = 0
        state = self._state
        place: int = self._decode(source, start, end, self.payload, PAYLOAD_MAX, state)
        if place > start and source[place - 1] == 0:
            size = state[cobs.SIZE]
            fault = state[cobs.FAULT]
            begun = state[cobs.BEGUN]
            state[0] = state[1] = state[2] = state[3] = 0
            if begun:  # delimiters alone are no frame
                self._close(size, fault)
        return place

    def _close(self, size: int, fault: int) -> None:
        damage = self.damage
        if fault == cobs.OVERSIZE:
            damage[OVERSIZE] += 1
        elif fault:
            damage[BROKEN] += 1
        elif size < PAYLOAD_MIN:
            damage[SHORT] += 1
        elif binascii.crc32(self._views.first(size)) != RESIDUE:
            damage[CRC] += 1
        elif self.payload[AT_KIND] >> KIND_BITS != VERSION:
            damage[VERSION_OTHER] += 1
        else:
            self.size = size


class Encoder:
    """One payload under construction and its wire form, both in buffers of their own.

    Write the body into `payload` from AT_BODY on, then call `close`.
    """

    def __init__(self, encode=cobs.encode) -> None:
        self.payload = bytearray(PAYLOAD_MAX)
        self.wire = bytearray(WIRE_MAX)
        self._payload_views = Views(self.payload)
        self._wire_views = Views(self.wire)
        self._encode = encode

    def close(
        self,
        kind: int,
        source: int,
        destination: int,
        sequence_high: int,
        sequence_low: int,
        body_size: int,
        keyring=None,
        nonces: bytes = b"",
    ) -> memoryview:
        """Put header, tag and CRC around the body; return a view of the bytes for the wire.

        The sequence comes as two halves of 16 bits: whole, it would be a heap object on a 32-bit board. `keyring`
        makes the tag within the session of these nonces; without one it is empty.
        """
        assert 0 < kind <= KIND_MASK and 0 <= body_size <= BODY_MAX
        assert 0 <= source <= 255 and 0 <= destination <= 255
        assert 0 <= sequence_high <= 0xFFFF and 0 <= sequence_low <= 0xFFFF
        p = self.payload
        first = VERSION << KIND_BITS | kind
        struct.pack_into(_HEADER, p, 0, first, source, destination, sequence_low, sequence_high)
        place = HEADER_SIZE + body_size
        if keyring is None or not keyring.keys:
            struct.pack_into(_NO_TAG, p, place, 0, 0)
        else:
            p[place : place + TAG_SIZE] = keyring.tag(self._payload_views.first(place), nonces)
        place += TAG_SIZE
        struct.pack_into(_CRC, p, place, binascii.crc32(self._payload_views.first(place)))
        size = self._encode(p, place + CRC_SIZE, self.wire)
        return self._wire_views.first(size)
