"""A storm of damaged frames at the decoder, each with a good frame behind it that must be heard; runs on both Pythons.

Arguments: the repository's root, `plain` or `both` (the compiled twins too, step by step the same), seed, count of
frames. Prints totals and a checksum over everything heard and counted: CPython and MicroPython must print the same.

1. Nothing is raised, and each call of the decoder takes at least a byte.
2. What lies between two delimiters is heard or counted as damage, once.
3. What is heard was said: a frame that is damaged is never taken for another one.
4. The good frame behind whatever came is heard, whole.
"""

import binascii
import sys

ROOT = sys.argv[1]
sys.path[:0] = [ROOT + "/protocol", ROOT + "/firmware", ROOT]

from hotspare_wire import cobs, frame  # noqa: E402
from tests.fuzz.board.given import Chance  # noqa: E402

TWINS = [(cobs.encode, cobs.decode)]
if sys.argv[2] == "both":
    from hotspare_firmware import codec_viper

    TWINS.append((codec_viper.encode, codec_viper.decode))

POOL = 64  # good frames to make damaged ones of
FRESH_EVERY = 8  # so many rounds give one place of the pool a new frame
FOREIGN = 8  # good frames of other versions
NOISE = 1024
ENDLESS_ONE_IN = 512
ENDLESS = 16  # times NOISE without a delimiter
PIECES_MAX = 64
DAMAGE_EVERY = 16
BYTEWISE_ONE_IN = 32


class Ear:
    """A decoder with what it heard."""

    def __init__(self, decode):
        self.decoder = frame.Decoder(decode)
        self.heard = []
        self.total = 0

    def take(self, data, start, end):
        """Feed data[start:end]."""
        decoder = self.decoder
        place = start
        while place < end:
            before = place
            place = decoder.feed(data, place, end)
            assert before < place <= end, "the decoder took nothing, or more than there was"
            if decoder.size:
                self.heard.append(bytes(decoder.payload[: decoder.size]))


class Storm:
    """Good frames, and what a bad line makes of them."""

    def __init__(self, seed):
        self.chance = Chance(seed)
        self.encoders = [frame.Encoder(twin[0]) for twin in TWINS]
        self.noise = self.chance.data(NOISE)
        self.mute = bytes([byte or 1 for byte in self.noise])  # without any delimiter
        self.pool = []
        for number in range(POOL):
            self.pool.append(self.good(number))
        self.foreign = [self.of_another_version(wire) for wire, _ in self.pool[:FOREIGN]]
        self.ways = (self.flip, self.flip, self.flip, self.cut, self.splice, self.lose, self.insert, self.overwrite)
        self.ways += (self.babble, self.oversize, self.merge, self.twice, self.other_version)

    def good(self, number):
        """Return a good frame: its bytes on the wire, and its payload."""
        below = self.chance.below
        size = below(frame.BODY_MAX + 1) if below(4) == 0 else below(24)
        body = self.chance.data(size)
        head = 1 + number % frame.KIND_MASK, below(256), below(256), below(1 << 16), below(1 << 16)
        wires = []
        for encoder in self.encoders:
            encoder.payload[frame.AT_BODY : frame.AT_BODY + size] = body
            wires.append(bytes(encoder.close(*head, size)))
        wire = wires[0]
        assert wires[-1] == wire, "the compiled twin encodes otherwise"
        return wire, bytes(self.encoders[0].payload[: len(wire) - frame.WIRE_OVERHEAD])

    # -- what a bad line makes of a frame, of which another one may be a part ------------------------------------

    def flip(self, wire, other):
        data = bytearray(wire)
        for _ in range(1 + self.chance.below(3)):
            data[self.chance.below(len(data))] ^= 1 << self.chance.below(8)
        return bytes(data)

    def cut(self, wire, other):
        place = self.chance.below(len(wire))
        return wire[:place] if place & 1 else wire[place:]

    def splice(self, wire, other):
        return wire[: self.chance.below(len(wire))] + other[self.chance.below(len(other)) :]

    def lose(self, wire, other):
        place = self.chance.below(len(wire))
        return wire[:place] + wire[place + 1 + self.chance.below(4) :]

    def insert(self, wire, other):
        place = self.chance.below(len(wire))
        return wire[:place] + self.some(1 + self.chance.below(4)) + wire[place:]

    def overwrite(self, wire, other):
        place = self.chance.below(len(wire))
        piece = self.some(1 + self.chance.below(len(wire) - place))
        return wire[:place] + piece + wire[place + len(piece) :]

    def babble(self, wire, other):
        return self.some(self.chance.below(PIECES_MAX))

    def oversize(self, wire, other):
        place = self.chance.below(NOISE - frame.PAYLOAD_MAX)
        return wire[: self.chance.below(len(wire))] + self.mute[place : place + frame.PAYLOAD_MAX]

    def merge(self, wire, other):
        return wire[:-1] + other[1:]

    def twice(self, wire, other):
        return (wire + wire, wire[1:], wire[:-1] + wire, bytes(3))[self.chance.below(4)]

    def other_version(self, wire, other):
        return self.foreign[self.chance.below(FOREIGN)]

    def of_another_version(self, wire):
        """Return a frame like this one that says another version and is right for the rest."""
        size = len(wire) - frame.WIRE_OVERHEAD
        payload, state = bytearray(size), bytearray(cobs.STATE_SIZE)
        cobs.decode(wire, 0, len(wire), payload, size, state)
        payload[0] ^= (1 + self.chance.below(7)) << frame.KIND_BITS
        payload[-4:] = binascii.crc32(payload[:-4]).to_bytes(4, "little")
        out = bytearray(len(wire))
        cobs.encode(payload, size, out)
        return bytes(out)

    def some(self, size):
        """Return some noise."""
        place = self.chance.below(NOISE - size)
        return self.noise[place : place + size]


def found(number, what, data):
    """End with what is wrong and the bytes in which it shows."""
    raise AssertionError("frame %d: %s: %s" % (number, what, binascii.hexlify(data).decode()))


def rage(seed, rounds):
    """Feed so many damaged frames; return frames heard, damage by kind, frames right by chance, and a checksum."""
    storm = Storm(seed)
    below = storm.chance.below
    ears = [Ear(twin[1]) for twin in TWINS]
    pool, ways = storm.pool, storm.ways
    heard = chance = checksum = 0
    for number in range(rounds):
        if number % FRESH_EVERY == 0:
            pool[number // FRESH_EVERY % POOL] = storm.good(number // FRESH_EVERY)
        wire, good = pool[below(POOL)]
        other = pool[below(POOL)]
        before = ways[below(len(ways))](wire, other[0])
        data = before + wire
        end = len(data)
        endless = below(ENDLESS_ONE_IN) == 0
        parts = len([part for part in ((b"\1" if endless else b"") + data).split(b"\0") if part])
        split = below(end)
        bytewise = below(BYTEWISE_ONE_IN) == 0
        for ear in ears:
            ear.heard = []
            for _ in range(ENDLESS if endless else 0):
                ear.take(storm.mute, 0, NOISE)
            if bytewise:
                for place in range(end):
                    ear.take(data, place, place + 1)
            else:
                ear.take(data, 0, split)
                ear.take(data, split, end)
            total = sum(ear.decoder.damage)
            if len(ear.heard) + total - ear.total != parts:
                found(number, "something is not counted, or twice", data)
            ear.total = total
            if not ear.heard or ear.heard[-1] != good:
                found(number, "the good frame is not heard", data)
        first = ears[0].heard
        if ears[-1].heard != first or ears[-1].decoder.damage != ears[0].decoder.damage:
            found(number, "the compiled twin hears or counts otherwise", data)
        for payload in first:
            checksum = binascii.crc32(payload, checksum)
            if payload != good and payload != other[1]:
                chance += 1
        heard += len(first)
        if number % DAMAGE_EVERY == 0:
            checksum = binascii.crc32(repr(ears[0].decoder.damage).encode(), checksum)
    return heard, ears[0].decoder.damage, chance, checksum


def main():
    """Run and print."""
    heard, damage, chance, checksum = rage(int(sys.argv[3]), int(sys.argv[4]))
    print("heard %d, damage %s, by chance %d, checksum %08x" % (heard, damage, chance, checksum))


main()
