"""What a fuzzed input gives, what a target tells, and chance: the same on CPython and on MicroPython; imports binascii.

A target takes an input apart from its front: whatever bytes come, they say something, and what is missing is zeros.
"""

import binascii

MULTIPLIER, BASE_BITS = (
    536870781,
    30,
)  # of Chance: MULTIPLIER * 2**BASE_BITS - 1 is a safe prime, so its period is 2**58
MASK = (1 << BASE_BITS) - 1


class Given:
    """An input under way."""

    def __init__(self, data):
        self._data = bytes(data)
        self._at = 0

    def left(self):
        """Return how many bytes are left."""
        return max(0, len(self._data) - self._at)

    def byte(self):
        """Return the next byte."""
        return self.number(1)

    def number(self, size):
        """Return the next bytes as a little-endian number."""
        return int.from_bytes(self.data(size), "little")

    def data(self, size):
        """Return exactly so many of the next bytes."""
        piece = self._data[self._at : self._at + size]
        self._at += size
        return piece + bytes(size - len(piece))

    def piece(self, most):
        """Return some of the next bytes: the first says how many, at most `most` and what is left."""
        return self.data(min(self.byte() % (most + 1), self.left()))

    def rest(self):
        """Return all that is left."""
        return self.data(self.left())


class Told:
    """A checksum over what a target saw: numbers, bytes, texts and rows of them."""

    def __init__(self):
        self.crc = 0

    def add(self, *values):
        """Add values, in order."""
        for value in values:
            if isinstance(value, (tuple, list)):
                self._take(b"[%d]" % len(value))
                self.add(*value)
            elif isinstance(value, (bytes, bytearray, memoryview)):
                self._take(b"<%d>" % len(value))
                self._take(value)
            else:
                self._take(str(value).encode() + b";")

    def _take(self, data):
        self.crc = binascii.crc32(data, self.crc)


class Chance:
    """A seeded generator by multiply-with-carry (Marsaglia), whose numbers a word of 64 bits holds without a heap."""

    def __init__(self, seed):
        self._state = (seed & MASK) + 1
        for _ in range(4):  # small seeds are near one another at first
            self.below(2)

    def below(self, limit):
        """Return a number from 0 to limit - 1."""
        state = self._state = MULTIPLIER * (self._state & MASK) + (self._state >> BASE_BITS)
        return (state & MASK) % limit

    def data(self, size):
        """Return random bytes; in every other one zeros and the greatest code are common, as on the edges of COBS."""
        edges = self.below(2)
        out = bytearray(size)
        for i in range(size):
            choice = self.below(8) if edges else 7
            out[i] = (0, 0, 1, 255, 2)[choice] if choice < 5 else self.below(256)
        return bytes(out)
