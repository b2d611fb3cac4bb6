"""Ports: bytes in, judged frames out, and back. Received bytes go into preallocated buffers; a write never waits."""

from hotspare_wire import cobs, frame
from hotspare_wire import messages as m

try:
    from .codec_viper import decode, encode  # compiled twins of the codec's inner loops, where the port can compile
except (ImportError, SyntaxError, ValueError):
    decode, encode = cobs.decode, cobs.encode

READ_MAX = 256  # as much as a UART's receive buffer holds
READS_MAX = 4  # reads of one drain: more can not have come since the last one
FORWARDED_MASK = (1 << 29) - 1  # a small integer on a 32-bit board
HOST_BYTES_MAX = 400  # bytes taken from the host in one step: two of its longest frames


_NOTHING = bytearray(0)


class FramePort:
    """A UART that carries frames of one neighbour, or of all boards of a chain, which `join` it.

    `path` is the index of the neighbour's path in the engine. Without a link it is the down side of a beacon: what is
    forwarded is all that goes through it.
    """

    def __init__(self, uart, link=None, path=-1):
        self.uart = uart
        self.stream = getattr(uart, "stream", uart)  # what a poller waits for; None: it is only read in each step
        self.link = link  # the one whose frame is being handled, and the index of its path
        self.path = path
        self.links = [link] if link else []
        self.paths = [path] if link else []
        self.decoder = frame.Decoder(decode)
        self.short_writes = 0
        self.onward = None  # the port on the other side of a beacon
        self.address = 0
        self.forwarded = self.dropped = 0  # frames of others that left here, and that did not
        self._wire = frame.Views(_NOTHING)  # of a buffer, where others' frames are forwarded
        self._buffer = bytearray(READ_MAX)
        self._damage = 0

    def join(self, link, path):
        """Let one more board speak here."""
        self.links.append(link)
        self.paths.append(path)

    def lead(self, onward, address):
        """Forward to the port `onward` what is for other boards than the one with `address`."""
        self.onward = onward
        self.address = address
        onward.take()

    def take(self):
        """Have a buffer for frames that are forwarded."""
        self._wire = frame.Views(bytearray(frame.WIRE_MAX))

    def drain(self, handle):
        """Take everything that has arrived; call handle(port, payload, size) for each good frame.

        Return in how many reads, 0 for nothing.
        """
        buffer = self._buffer
        decoder = self.decoder
        reads = 0
        while reads < READS_MAX:
            count = self.uart.any()  # asked first: a read of more than has come waits up to 2 ms for another byte
            if not count:
                break
            count = self.uart.readinto(buffer, min(count, READ_MAX))
            place = 0
            while place < count:
                place = decoder.feed(buffer, place, count)
                if decoder.size:
                    if self.onward and self._is_for_another(decoder.payload):
                        self.onward.forward(decoder.payload, decoder.size)
                        continue
                    if len(self.links) > 1:
                        self._choose(decoder.payload[frame.AT_SOURCE])
                    handle(self, decoder.payload, decoder.size)
            reads += 1
        return reads

    def _is_for_another(self, payload):
        # a frame under our own address is no other board's, but shows a conflict or a loop of cables: it ends here
        to = payload[frame.AT_DESTINATION]
        if to == self.address or payload[frame.AT_SOURCE] == self.address:
            return False
        return m.ADDRESS_BOARD_MIN <= to <= m.ADDRESS_BOARD_MAX

    def _choose(self, source):
        place = len(self.links) - 1
        while place and self.links[place].peer != source:  # a stranger's frame is refused by the first one
            place -= 1
        self.link = self.links[place]
        self.path = self.paths[place]

    def forward(self, payload, size):
        """Write a frame that came in on the other side as it is; what does not fit at once is lost and counted."""
        wire = self._wire.first(encode(payload, size, self._wire.buffer))
        if self.uart.write(wire) == len(wire):
            self.forwarded = (self.forwarded + 1) & FORWARDED_MASK
        else:
            self.dropped += 1

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
    """The host's port: read byte by byte while bytes wait, written only when that does not block.

    `links` are one for hosts and, where the unit's agent uses this port too, one for the agent.
    """

    def __init__(self, links, stream):
        self.links = links
        self.link = links[0]  # the one whose frame is being handled
        self.agent = links[1] if len(links) > 1 else None
        self.path = -1
        self.paths = ()
        self.called = False  # by an agent that does not know its address yet
        self.decoder = frame.Decoder(decode)
        self.short_writes = 0
        self._stream = stream
        self._byte = bytearray(1)

    def drain(self, handle):
        """Take what the host has sent, bounded; call handle(port, payload, size) for each good frame."""
        decoder = self.decoder
        stream = self._stream
        taken = 0
        while taken < HOST_BYTES_MAX and stream.readable():
            if not stream.readinto(self._byte):
                return
            decoder.feed(self._byte, 0, 1)
            if decoder.size:
                source = decoder.payload[frame.AT_SOURCE]
                if source:
                    self.link = self._link_of(source)
                    handle(self, decoder.payload, decoder.size)
                elif self.agent:
                    self.agent.greet = self.called = True
            taken += 1

    def _link_of(self, source):
        for link in self.links:
            if link.peer == source:
                return link
        return self.links[0]

    def send(self, wire):
        """Write a frame if the host takes it now; otherwise it is dropped and counted."""
        if self._stream.writable():
            self._stream.write(wire)
        else:
            self.short_writes += 1
