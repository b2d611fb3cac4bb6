"""Ports: bytes in, judged frames out, and back. Received bytes go into preallocated buffers; a write never waits."""

import select
import sys

from hotspare_wire import cobs, frame
from hotspare_wire import messages as m

try:
    from .codec_viper import decode, encode  # compiled twins of the codec's inner loops, where the port can compile
except (ImportError, SyntaxError, ValueError):
    decode, encode = cobs.decode, cobs.encode

READ_MAX = 256  # as much as a UART's receive buffer holds
READS_MAX = 4  # reads of one drain: more can not have come since the last one
HOST_BYTES_MAX = 400  # bytes taken from the host in one step: two of its longest frames


class FramePort:
    """A UART that carries frames of one neighbour. `path` is the index of its path in the engine."""

    def __init__(self, uart, link, path):
        self.uart = uart
        self.link = link
        self.path = path
        self.decoder = frame.Decoder(decode)
        self.short_writes = 0
        self._buffer = bytearray(READ_MAX)
        self._damage = 0

    def drain(self, handle):
        """Take everything that has arrived; call handle(port, payload, size) for each good frame."""
        buffer = self._buffer
        decoder = self.decoder
        reads = 0
        while reads < READS_MAX:
            count = self.uart.readinto(buffer)
            if not count:
                return
            place = 0
            while place < count:
                place = decoder.feed(buffer, place, count)
                if decoder.size:
                    handle(self, decoder.payload, decoder.size)
            reads += 1

    def damage(self):
        """Return how many damaged frames came since the last call."""
        total = 0
        for count in self.decoder.damage:
            total += count
        new = total - self._damage
        self._damage = total
        return new

    def send(self, wire):
        """Write a frame; what does not fit at once is lost and counted."""
        written = self.uart.write(wire)
        if written != len(wire):
            self.short_writes += 1


class HostPort:
    """The host's port on USB or stdio: read byte by byte after a poll, written only when a poll says that it may be."""

    def __init__(self, links, receive=None, transmit=None):
        self.links = links
        self.link = links[0]
        self.path = -1
        self.decoder = frame.Decoder(decode)
        self.short_writes = 0
        self._in = receive or sys.stdin.buffer
        self._out = transmit or sys.stdout.buffer
        self._byte = bytearray(1)
        self._readable = select.poll()
        self._readable.register(receive or sys.stdin, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(transmit or sys.stdout, select.POLLOUT)

    def _ready(self, poller):
        for _ in poller.ipoll(0):
            return True
        return False

    def drain(self, handle):
        """Take what the host has sent, bounded; call handle(port, payload, size) for each good frame."""
        decoder = self.decoder
        taken = 0
        while taken < HOST_BYTES_MAX and self._ready(self._readable):
            if not self._in.readinto(self._byte):
                return
            decoder.feed(self._byte, 0, 1)
            if decoder.size:
                self.link = self._link_of(decoder.payload[frame.AT_SOURCE])
                handle(self, decoder.payload, decoder.size)
            taken += 1

    def _link_of(self, source):
        for link in self.links:
            if link.peer == source:
                return link
        return self.links[0]

    def send(self, wire):
        """Write a frame if the host takes it now; otherwise it is dropped and counted."""
        if self._ready(self._writable):
            self._out.write(wire)
        else:
            self.short_writes += 1


def is_agent(address):
    """Return whether an address is that of a unit's agent."""
    return m.ADDRESS_AGENT_MIN <= address < m.ADDRESS_AGENT_MIN + m.UNITS_MAX
