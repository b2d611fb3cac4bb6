"""Cables: what becomes of bytes on the way, in the time that the way takes; knows a timeline only.

Conditions change in the middle of a byte: what went by before the change was carried under the old conditions, the byte
on the wire at that moment is lost, and the rest is carried under the new ones.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hotspare.rig.levels import Pulse
from hotspare.rig.loop import Timeline, Timer

if TYPE_CHECKING:
    from hotspare.rig.datagrams import Way

BITS_PER_BYTE = 10  # start, eight of data, stop
PIECE_BYTES = 32
# more waiting than any sender's buffers hold: beyond it the sender is broken, and the bytes are lost and counted
QUEUE_BYTES_MAX = 8_192
BER_BURST = 0.5
BAUD_TOLERANCE = 0.04  # further apart than this, two UARTs do not understand one another

Sink = Callable[[bytes, int], None]


@dataclass
class WireCounts:
    """What a wire did with bytes so far."""

    sent: int = 0
    delivered: int = 0
    lost: int = 0
    damaged: int = 0


class Wire:
    """One direction of a serial cable; `sink(data, baud)` gets bytes when the last of them has arrived."""

    def __init__(self, timeline: Timeline, sink: Sink, chance: random.Random) -> None:
        self.cut = False
        self.ber = 0.0
        self.delay_us = 0
        self.tap: Callable[[bytes], None] | None = None  # hears what arrives
        self.hears_cut: list[Callable[[bool], None]] = []
        self.counts = WireCounts()
        self._timeline = timeline
        self._sink = sink
        self._chance = chance
        self._queue: deque[tuple[bytes, int]] = deque()
        self._queued = 0
        self._piece = b""  # what is on the wire now, begun at _begun_us
        self._baud = 0
        self._begun_us = 0
        self._timer: Timer | None = None
        self._burst = False
        self._burst_end: Timer | None = None
        self._good_bits = 0  # bits until the next error; drawn anew when the rate changes
        self._arrival_us = 0

    def send(self, data: bytes, baud: int) -> None:
        """Take bytes from the sender, who speaks at `baud`."""
        room = QUEUE_BYTES_MAX - self._queued
        if len(data) > room:
            self.counts.lost += len(data) - room
            data = data[:room]
        self.counts.sent += len(data)
        for start in range(0, len(data), PIECE_BYTES):
            self._queue.append((data[start : start + PIECE_BYTES], baud))
        self._queued += len(data)
        if self._timer is None and self._queue:
            self._begin()

    def stop_sender(self) -> None:
        """The sender lost its power or was reset: what it had not yet sent is gone."""
        self._split()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.counts.lost += len(self._piece) + self._queued
        self._piece = b""
        self._queue.clear()
        self._queued = 0

    def set_cut(self, cut: bool) -> None:
        """Part or join the wire."""
        self._split()
        self.cut = cut
        for hear in self.hears_cut:
            hear(cut)

    def set_ber(self, ber: float) -> None:
        """Let each bit be wrong with probability `ber`."""
        self._split()
        self.ber = ber
        self._draw()

    def burst(self, span_us: int) -> None:
        """Let nothing but garbage through for `span_us`."""
        self._split()
        if self._burst_end is not None:
            self._burst_end.cancel()
        self._burst = True
        self._draw()
        self._burst_end = self._timeline.after(span_us, self.end_burst)

    def end_burst(self) -> None:
        """Let bytes through again as they are."""
        self._split()
        if self._burst_end is not None:
            self._burst_end.cancel()
        self._burst = False
        self._burst_end = None
        self._draw()

    @property
    def bursting(self) -> bool:
        """Whether nothing but garbage gets through."""
        return self._burst

    def set_delay(self, delay_us: int) -> None:
        """Let bytes arrive that much later; those on the way keep their order."""
        self.delay_us = delay_us

    def _begin(self) -> None:
        self._piece, self._baud = self._queue.popleft()
        self._queued -= len(self._piece)
        self._begun_us = self._timeline.now_us()
        self._timer = self._timeline.after(self._span_us(len(self._piece)), self._finish)

    def _span_us(self, size: int) -> int:
        return -(-size * BITS_PER_BYTE * 1_000_000 // self._baud)

    def _finish(self) -> None:
        piece = self._piece
        self._piece = b""
        self._timer = None
        self._carry(piece)
        if self._queue and self._timer is None:
            self._begin()

    def _split(self) -> None:
        """Carry what has gone by under the conditions so far, lose the byte on the wire, and go on with the rest."""
        if self._timer is None:
            return
        gone_us = self._timeline.now_us() - self._begun_us
        whole = min(gone_us * self._baud // (BITS_PER_BYTE * 1_000_000), len(self._piece))
        gone, rest = self._piece[:whole], self._piece[whole:]
        started = bool(rest) and gone_us > self._span_us(whole)
        self._timer.cancel()
        if started:
            self.counts.lost += 1
        # the damaged byte still takes its time
        self._begun_us += self._span_us(whole + started)
        self._piece = rest[started:]
        self._timer = self._timeline.at(self._begun_us + self._span_us(len(self._piece)), self._finish)
        if gone:
            self._carry(gone)

    def _carry(self, data: bytes) -> None:
        if self.cut:
            self.counts.lost += len(data)
            return
        if self.ber or self._burst:
            data = self._damage(data)
        if not data:
            return
        self.counts.delivered += len(data)
        if self.delay_us or self._arrival_us > self._timeline.now_us():
            self._arrival_us = max(self._arrival_us, self._timeline.now_us() + self.delay_us)
            self._timeline.at(self._arrival_us, self._deliver, data, self._baud)
        else:
            self._deliver(data, self._baud)

    def _deliver(self, data: bytes, baud: int) -> None:
        if self.tap is not None:
            self.tap(data)
        self._sink(data, baud)

    def _draw(self) -> None:
        ber = BER_BURST if self._burst else self.ber
        self._good_bits = int(math.log(1.0 - self._chance.random()) / math.log(1.0 - ber)) if ber else 0

    def _damage(self, data: bytes) -> bytes:
        """Flip bits; a wrong start bit loses the byte, a wrong stop bit goes unnoticed as it does on the chips."""
        bits = len(data) * BITS_PER_BYTE
        place = self._good_bits
        if place >= bits:
            self._good_bits -= bits
            return data
        flips: dict[int, int] = {}
        while place < bits:
            index, bit = divmod(place, BITS_PER_BYTE)
            flips[index] = flips.get(index, 0) ^ (1 << bit)
            self._draw()
            place += 1 + self._good_bits
        self._good_bits = place - bits
        out = bytearray()
        for index, byte in enumerate(data):
            flip = flips.get(index, 0)
            if flip & 1:
                self.counts.lost += 1
                continue
            if flip >> 1 & 0xFF:
                self.counts.damaged += 1
            out.append(byte ^ (flip >> 1 & 0xFF))
        return bytes(out)


@dataclass
class CableModel:
    """A cable as verbs see it: its ways by the name of who sends on them; `noisy` if it carries bits."""

    name: str
    ways: Mapping[str, Wire] | Mapping[str, Pulse] | Mapping[str, Way]
    noisy: bool

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the cable."""
        out: dict[str, Any] = {
            "cut": sorted(sender for sender, way in self.ways.items() if way.cut),
            "delay_ms": max(way.delay_us for way in self.ways.values()) / 1000,
        }
        for sender, way in self.ways.items():
            if isinstance(way, Pulse):
                out.setdefault("from", {})[sender] = {"edges": way.edges}
            else:
                out["ber"] = max(out.get("ber", 0.0), way.ber)
                out.setdefault("from", {})[sender] = vars(way.counts).copy()
        return out


def understood(baud_sent: int, baud_expected: int) -> bool:
    """Return whether a UART set to one rate reads what one set to the other sends."""
    return abs(baud_sent - baud_expected) <= BAUD_TOLERANCE * baud_expected


def garbled(data: bytes, chance: random.Random) -> bytes:
    """Return what a UART reads that is set to another rate than the sender's."""
    return chance.randbytes(len(data))
