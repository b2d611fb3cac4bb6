"""The network: frames as UDP datagrams, one each; the one module that imports `socket`, and only where configured.

The socket is connected, so that what others send never reaches the firmware. It never waits; an error of the network is
a datagram lost. Who brings the interface up (WLAN, Ethernet) is the board's boot.py.
"""

import socket  # type: ignore[import-not-found]  # the stubs are those of a Pico, which has no network

OPEN_AGAIN_WRITES = 50  # a socket that could not be opened is tried again after so many frames for it


class Datagrams:
    """A socket with the methods of a UART: each read is one datagram, cut at the reader's buffer, and each write."""

    def __init__(self, port, peer, peer_port, sockets=socket):
        self.stream = None  # the socket, while it is open: what a poller can wait for
        self._sockets = sockets
        self._port = port
        self._peer = "%d.%d.%d.%d" % (peer >> 24 & 255, peer >> 16 & 255, peer >> 8 & 255, peer & 255)
        self._peer_port = peer_port
        self._dry = False
        self._refused = 0
        self._open()

    def any(self):
        """Return how much may be read; 0 right after a read that found nothing."""
        if self.stream is None or self._dry:
            self._dry = False
            return 0
        return 1 << 15

    def readinto(self, buffer, size):
        """Read one datagram; return its size, 0 for none."""
        try:
            count = self.stream.readinto(buffer, size)  # type: ignore[union-attr]  # any() says 0 without it
        except OSError:  # nobody listened to what was sent: no datagram
            count = 0
        self._dry = not count
        return count or 0

    def write(self, wire):
        """Send one datagram; return its size, None for one that is lost already here."""
        if self.stream is None:
            self._refused += 1
            if self._refused % OPEN_AGAIN_WRITES:
                return None
            self._open()
        try:
            return self.stream.write(wire) if self.stream else None
        except OSError:
            return None

    def _open(self):
        made = None
        try:
            made = self._sockets.socket(self._sockets.AF_INET, self._sockets.SOCK_DGRAM)
            made.setblocking(False)
            made.bind(self._sockets.getaddrinfo("0.0.0.0", self._port)[0][-1])
            made.connect(self._sockets.getaddrinfo(self._peer, self._peer_port)[0][-1])
            self.stream = made
        except OSError:  # no interface is up yet
            if made:
                made.close()
