"""One UART of a board: buffers that overflow and a rate that must match, between a cable and the board's descriptor."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable
from typing import Any

from hotspare.rig.cable import Wire, garbled, understood
from hotspare.rig.hostport import waiting_bytes
from hotspare.rig.loop import Loop

READ_BYTES = 4096


class Uart:
    """A UART; without a process behind it, or before the firmware has set it up, it hears nothing."""

    def __init__(self, loop: Loop, chance: random.Random) -> None:
        self.wire: Wire | None = None  # what the board sends goes there
        self.baud = 0  # 0: the firmware has not set it up
        self.overflowed = 0
        self.unheard = 0  # bytes that came while nobody listened
        self.overrun = 0  # bytes that came while the chip stalled and its FIFO was full
        self._loop = loop
        self._chance = chance
        self._ends: tuple[socket.socket, socket.socket] | None = None  # ours, the board's
        self._buffer_bytes = 0

    def plug(self, ready: Callable[[int], None]) -> None:
        """Make descriptors for a new process; `ready` is called when it has written."""
        ours, boards = self._ends = socket.socketpair()
        ours.setblocking(False)
        boards.setblocking(False)
        self._loop.watch(ours.fileno(), ready)

    def board_fd(self) -> int:
        """Return the descriptor for the board's process."""
        assert self._ends is not None
        return self._ends[1].fileno()

    def unplug(self) -> None:
        """The process has ended: the UART is as after a reset, and what it had not sent is gone."""
        if self._ends is not None:
            self._loop.unwatch(self._ends[0].fileno())
            for end in self._ends:
                end.close()
        self._ends = None
        self.baud = 0
        if self.wire is not None:
            self.wire.stop_sender()

    def set_up(self, baud: int, buffer_bytes: int) -> None:
        """The firmware sets rate and receive buffer."""
        self.baud = baud
        self._buffer_bytes = buffer_bytes

    def send(self) -> bool:
        """Put what the board has written on the wire; return whether there was something."""
        if self._ends is None:
            return False
        try:
            data = self._ends[0].recv(READ_BYTES)
        except BlockingIOError:
            return False
        if self.wire is not None and self.baud:
            self.wire.send(data, self.baud)
        return True

    def receive(self, data: bytes, baud: int) -> None:
        """Bytes arrive; what does not fit the buffer is lost, newest first."""
        if self._ends is None or not self.baud:
            self.unheard += len(data)
            return
        if not understood(baud, self.baud):
            data = garbled(data, self._chance)
        ours, boards = self._ends
        room = max(self._buffer_bytes - waiting_bytes(boards.fileno()), 0)
        if room < len(data):
            self.overflowed += len(data) - room
            data = data[:room]
        if data:
            try:
                sent = ours.send(data)
            except BlockingIOError:
                sent = 0
            self.overflowed += len(data) - sent

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the UART."""
        return {"baud": self.baud, "overflowed": self.overflowed, "unheard": self.unheard, "overrun": self.overrun}
