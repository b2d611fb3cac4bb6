"""Shows that steady traffic allocates nothing, and measures it; runs on MicroPython only.

Arguments: the repository's root, then `plain` or `viper`. Prints whether traffic runs with the heap locked, and for
each step what it allocated in 1,000 rounds and its time in microseconds.
"""

import gc
import sys
import time

import micropython

ROOT = sys.argv[1]
sys.path[:0] = [ROOT + "/protocol", ROOT + "/firmware"]

from hotspare_wire import cobs, frame, link  # noqa: E402

encode, decode = cobs.encode, cobs.decode
if sys.argv[2] == "viper":
    from hotspare_firmware import codec_viper

    encode, decode = codec_viper.encode, codec_viper.decode

ROUNDS = 1000
REPEATS = 7
AT_CONFIG_HASH = 2 + frame.AT_BODY + 6  # on the wire, behind delimiter and code


class Side:
    """One board's end of a crosslink, with a receive buffer of its own as on a board."""

    def __init__(self, address, peer):
        self.link = link.Link(address, peer, lambda: bytes([address] * 8), encode)
        self.decoder = frame.Decoder(decode)
        self.buffer = bytearray(256)

    def arrive(self, wire):
        """Put bytes into the receive buffer, as a UART does."""
        for i in range(len(wire)):
            self.buffer[i] = wire[i]
        return len(wire)

    def drain(self, count):
        """Hear and judge what lies in the buffer; return the last verdict."""
        verdict = -1
        place = 0
        while place < count:
            place = self.decoder.feed(self.buffer, place, count)
            if self.decoder.size:
                verdict = self.link.judge(self.decoder.payload, self.decoder.size)
        return verdict

    def beat(self):
        """Compose a heartbeat."""
        return self.link.heartbeat(1, 2, 0, 1, 5, 0x1234, 0x5678)


def traffic(a, b, rounds):
    """Beats both ways, and a damaged frame each time."""
    for _ in range(rounds):
        count = b.arrive(a.beat())
        assert b.drain(count) == link.NEWS
        b.buffer[AT_CONFIG_HASH] ^= 1
        assert b.drain(count) == -1
        count = a.arrive(b.beat())
        assert a.drain(count) == link.NEWS


def allocated(step):
    """Return the bytes that ROUNDS calls of `step` allocate."""
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(ROUNDS):
        step()
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def least_us(step):
    """Return the time of one call of `step`, from the quickest of some runs."""
    best = 1 << 29
    for _ in range(REPEATS):
        begin = time.ticks_us()
        for _ in range(ROUNDS):
            step()
        best = min(best, time.ticks_diff(time.ticks_us(), begin))
    return best / ROUNDS


def main():
    """Shake hands, warm up, measure."""
    a, b = Side(1, 2), Side(2, 1)
    for _ in range(3):
        b.drain(b.arrive(a.link.hello()))
        a.drain(a.arrive(b.link.hello()))
    assert a.link.established
    assert b.link.established
    traffic(a, b, 2)
    micropython.heap_lock()
    traffic(a, b, ROUNDS)
    micropython.heap_unlock()
    print("heap locked: ok")

    def one_each_way():
        wire = a.beat()
        decoder.feed(wire, 0, len(wire))
        assert b.link.judge(decoder.payload, decoder.size) == link.NEWS

    count = b.arrive(a.beat())
    decoder, size = b.decoder, frame.PAYLOAD_MIN + 10
    steps = (
        ("heartbeat", a.beat),
        ("feed", lambda: decoder.feed(b.buffer, 0, count)),
        ("judge", lambda: b.link.judge(decoder.payload, size)),
        ("one sent and one received", one_each_way),
    )
    nothing_us = least_us(lambda: None)
    for name, step in steps:
        print(f"{name}: {allocated(step)} bytes, {least_us(step) - nothing_us:.2f} us")


main()
