"""A network between emulated boards: real datagrams on loopback, handed on by the rig so that its verbs reach them."""

from __future__ import annotations

import math
import random
import socket
from collections.abc import Callable
from contextlib import suppress

from hotspare.rig.cable import WireCounts
from hotspare.rig.loop import Loop, Timeline, Timer

LOOPBACK = "127.0.0.1"
DATAGRAM_BYTES_MAX = 2048
DATAGRAMS_IN_ONE_GO = 32
BITS_PER_BYTE = 8


class Way:
    """One direction: datagrams arrive whole or not at all. One with a wrong bit is lost, as its checksum is wrong."""

    def __init__(self, timeline: Timeline, sink: Callable[[bytes], None], chance: random.Random) -> None:
        self.cut = False
        self.ber = 0.0
        self.delay_us = 0
        self.tap: Callable[[bytes], None] | None = None  # hears what arrives
        self.counts = WireCounts()  # of datagrams
        self._timeline = timeline
        self._sink = sink
        self._chance = chance
        self._arrival_us = 0
        self._burst_end: Timer | None = None

    def send(self, data: bytes, baud: int = 0) -> None:
        """Take a datagram from the sender."""
        self.counts.sent += 1
        if self.cut or self._burst_end is not None:
            self.counts.lost += 1
        elif self.ber and self._chance.random() < -math.expm1(len(data) * BITS_PER_BYTE * math.log1p(-self.ber)):
            self.counts.damaged += 1
        elif self.delay_us or self._arrival_us > self._timeline.now_us():
            self._arrival_us = max(self._arrival_us, self._timeline.now_us() + self.delay_us)
            self._timeline.at(self._arrival_us, self._deliver, data)
        else:
            self._deliver(data)

    def set_cut(self, cut: bool) -> None:
        """Part or join the network."""
        self.cut = cut

    def set_ber(self, ber: float) -> None:
        """Let each bit be wrong with probability `ber`."""
        self.ber = ber

    def set_delay(self, delay_us: int) -> None:
        """Let datagrams arrive that much later, in their order."""
        self.delay_us = delay_us

    def burst(self, span_us: int) -> None:
        """Let nothing through for `span_us`."""
        self.end_burst()
        self._burst_end = self._timeline.after(span_us, self.end_burst)

    def end_burst(self) -> None:
        """Let datagrams through again."""
        if self._burst_end is not None:
            self._burst_end.cancel()
            self._burst_end = None

    def _deliver(self, data: bytes) -> None:
        self.counts.delivered += 1
        if self.tap is not None:
            self.tap(data)
        self._sink(data)


class Socket:
    """The rig's socket towards one board, whose own is wherever its newest datagram came from."""

    def __init__(self, loop: Loop) -> None:
        self.way: Way | None = None  # what the board sends goes there
        self._loop = loop
        self._board: tuple[str, int] | None = None
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.bind((LOOPBACK, 0))
        loop.watch(self._sock.fileno(), self._read)

    @property
    def port(self) -> int:
        """Where the board finds the rig."""
        port: int = self._sock.getsockname()[1]
        return port

    def send(self, data: bytes) -> None:
        """Hand a datagram to the board; one that never spoke has no place yet."""
        if self._board is not None:
            with suppress(OSError):
                self._sock.sendto(data, self._board)

    def close(self) -> None:
        """Give the socket back."""
        self._loop.unwatch(self._sock.fileno())
        self._sock.close()

    def _read(self, events: int) -> None:
        for _ in range(DATAGRAMS_IN_ONE_GO):
            try:
                data, self._board = self._sock.recvfrom(DATAGRAM_BYTES_MAX)
            except OSError:
                return
            if self.way is not None:
                self.way.send(data)
