"""Feeds seeded garbage and damaged frames to the decoder, each with a good frame behind it that must be heard.

Arguments: the repository's root, `plain` or `both` (the compiled twins too, step by step the same), seed, count of
rounds. Prints totals and a checksum over everything heard and counted: CPython and MicroPython must print the same.
"""

import binascii
import sys

ROOT = sys.argv[1]
sys.path[:0] = [ROOT + "/protocol", ROOT + "/firmware"]

from hotspare_wire import cobs, frame  # noqa: E402

TWINS = [(cobs.encode, cobs.decode)]
if sys.argv[2] == "both":
    from hotspare_firmware import codec_viper

    TWINS.append((codec_viper.encode, codec_viper.decode))

GARBAGE_MAX = 400
MASK = 0xFFFFFF


class Chance:
    """A seeded generator that is the same on every Python: 24 bits, so that no number is a heap object."""

    def __init__(self, seed):
        self.state = seed & MASK

    def below(self, limit):
        """Return a number from 0 to limit - 1."""
        self.state = (self.state * 1140671485 + 12820163) & MASK
        return (self.state >> 5) % limit

    def data(self, size):
        """Return random bytes; in every other one zeros and the greatest code are common, as on the edges of COBS."""
        edges = self.below(2)
        out = bytearray(size)
        for i in range(size):
            choice = self.below(8) if edges else 7
            out[i] = (0, 0, 1, 255, 2)[choice] if choice < 5 else self.below(256)
        return out


class Ear:
    """A decoder with what it heard."""

    def __init__(self, decode):
        self.decoder = frame.Decoder(decode)
        self.heard = []

    def take(self, data, chunk):
        """Feed `data` in pieces."""
        for start in range(0, len(data), chunk):
            end = min(start + chunk, len(data))
            place = start
            while place < end:
                place = self.decoder.feed(data, place, end)
                assert start < place <= end
                if self.decoder.size:
                    self.heard.append(bytes(self.decoder.payload[: self.decoder.size]))


def spoil(chance, wire):
    """Return `wire` damaged in one of the ways of a bad line."""
    way = chance.below(5)
    data = bytearray(wire)
    place = chance.below(len(data))
    if way == 0:
        data[place] ^= 1 << chance.below(8)
    elif way == 1:
        data = data[:place]
    elif way == 2:
        data = data[:place] + data[place + 1 :]
    elif way == 3:
        data = data[:place] + chance.data(1 + chance.below(4)) + data[place:]
    else:
        for _ in range(1 + chance.below(20)):
            data[chance.below(len(data))] = chance.below(256)
    return data


def main():
    """Run and print."""
    chance = Chance(int(sys.argv[3]))
    encoders = [frame.Encoder(twin[0]) for twin in TWINS]
    ears = [Ear(twin[1]) for twin in TWINS]
    heard = checksum = 0
    for number in range(int(sys.argv[4])):
        size = chance.below(frame.BODY_MAX + 1) if chance.below(4) == 0 else chance.below(24)
        body = chance.data(size)
        wires = []
        for encoder in encoders:
            encoder.payload[frame.AT_BODY : frame.AT_BODY + size] = body
            wires.append(bytes(encoder.close(1 + number % 31, 1, 2, number >> 16, number & 0xFFFF, size)))
        wire = wires[0]
        assert wires[-1] == wire
        good = bytes(encoders[0].payload[: len(wire) - frame.WIRE_OVERHEAD])
        before = spoil(chance, wire) if chance.below(2) else chance.data(chance.below(GARBAGE_MAX))
        chunk = 1 + chance.below(64)
        for ear in ears:
            ear.heard = []
            ear.take(bytes(before) + wire, chunk)
            # the good frame is heard whatever stood before it, and nothing that it was spoilt into passes for a frame
            assert ear.heard
            assert all(payload == good for payload in ear.heard)
        assert ears[-1].heard == ears[0].heard
        assert ears[-1].decoder.damage == ears[0].decoder.damage
        heard += len(ears[0].heard)
        checksum = binascii.crc32(repr((ears[0].decoder.damage, ears[0].heard)).encode(), checksum)
    print(f"heard {heard}, damage {ears[0].decoder.damage}, checksum {checksum:08x}")


main()
