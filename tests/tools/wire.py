"""Two ends of a path for tests of the wire: draws that are scripted, cables that are named for their fault."""

import itertools
from collections.abc import Callable, Iterator

from hotspare_wire import frame
from hotspare_wire.link import VERDICT_NAMES, Link

ROUNDS_MAX = 10


def draws(seed: int) -> Callable[[], bytes]:
    """Return a source of nonces that differ from those of every other seed."""
    numbers = itertools.count(1)
    return lambda: bytes([seed, next(numbers), seed ^ 0x55, 1, 2, 3, 4, 5])


def payloads(decoder: frame.Decoder, data: bytes, chunk: int = 1 << 20) -> Iterator[bytes]:
    """Yield the good payloads in `data`, fed in pieces."""
    for start in range(0, len(data), chunk):
        piece = data[start : start + chunk]
        place = 0
        while place < len(piece):
            place = decoder.feed(piece, place, len(piece))
            if decoder.size:
                yield bytes(decoder.payload[: decoder.size])


class End:
    """A link with its decoder: composes bytes and judges bytes."""

    def __init__(self, address: int, peer: int, seed: int) -> None:
        self.link = Link(address, peer, draws(seed))
        self.decoder = frame.Decoder()

    def hear(self, data: bytes) -> list[str]:
        """Return the verdict on each good frame in `data`."""
        verdicts = []
        for payload in payloads(self.decoder, data):
            verdicts.append(VERDICT_NAMES[self.link.judge(bytearray(payload), len(payload))])
        return verdicts

    def beat(self) -> bytes:
        """Return a heartbeat."""
        return bytes(self.link.heartbeat(1, 0, 0, 1, 1, 0x1234, 0x5678))

    def hello(self) -> bytes:
        """Return a hello."""
        return bytes(self.link.hello())


def greet(a: End, b: End) -> None:
    """Exchange hellos until nobody wants one any more."""
    for _ in range(ROUNDS_MAX):
        if a.link.greet:
            b.hear(a.hello())
        if b.link.greet:
            a.hear(b.hello())
        if not (a.link.greet or b.link.greet):
            return
    raise AssertionError("the handshake does not come to rest")


def pair() -> tuple[End, End]:
    """Return two ends in a session."""
    a, b = End(1, 2, 10), End(2, 1, 20)
    greet(a, b)
    return a, b


def bodyless(kind: int, source: int = 1, destination: int = 2, sequence: int = 1) -> bytes:
    """Return the wire bytes of a frame with an empty body."""
    return bytes(frame.Encoder().close(kind, source, destination, sequence >> 16, sequence & 0xFFFF, 0))
