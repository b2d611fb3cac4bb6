"""The host's stream on USB or stdio, asked before each byte and frame: a read or a write there may block."""

import select
import sys


class Usb:
    """Standard input and output behind polls; the pollers are made once, a poll allocates nothing."""

    def __init__(self):
        self._in = sys.stdin.buffer
        self._out = sys.stdout.buffer
        self._readable = select.poll()
        self._readable.register(sys.stdin, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(sys.stdout, select.POLLOUT)

    def readable(self):
        """Return whether a byte waits."""
        for _ in self._readable.ipoll(0):
            return True
        return False

    def writable(self):
        """Return whether a write would not block."""
        for _ in self._writable.ipoll(0):
            return True
        return False

    def readinto(self, byte):
        """Read one byte: on USB only single bytes are sure not to block. Return the count."""
        return self._in.readinto(byte)  # type: ignore[union-attr]

    def write(self, data):
        """Write a frame."""
        return self._out.write(data)
