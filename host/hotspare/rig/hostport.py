"""The host port of a board: a PTY for hosts on one side, the board's stdin and stdout on the other; fills as USB does.

The port exists while the board runs: a board that is reset or loses its power takes it away, as USB does. A host that
does not read leaves bytes in the PTY; beyond a bound the board's side is not emptied, and so is not writable any more.
What a host that was killed leaves behind, as no USB port keeps it, is taken away: that nobody else may open the PTY.
Where the unit's agent speaks here too, it and hosts share the port: frames of one never break into those of the other.
"""

from __future__ import annotations

import array
import fcntl
import os
import socket
import termios
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hotspare.rig.loop import Loop, Timer

# bytes that wait unread by the host before the board is held up, and by the board before the host is
TO_HOST_BYTES_MAX = 1024
TO_BOARD_BYTES_MAX = 256
PIECE_BYTES = 256
# how soon a side that was full is looked at again; doubles each time
RETRY_US_MIN, RETRY_US_MAX = 2_000, 64_000
BOARD_SEND_BUFFER_BYTES = 2_048
CTRL_A, CTRL_B, CTRL_C = b"\1", b"\2", 3
# how often it is looked whether a host left the port exclusive: well within the patience of the next one
FREE_US = 500_000
# a host that has begun a frame and is silent for so long has left it
BROKEN_OFF_US = 50_000
TIOCGEXCL = 0x80045440  # Linux's; the module of Python has only those that set and clear


def waiting_bytes(fd: int) -> int:
    """Return how many bytes could be read from `fd` now."""
    count = array.array("i", [0])
    fcntl.ioctl(fd, termios.FIONREAD, count)
    return count[0]


def raw(fd: int) -> None:
    """Make a terminal pass every byte as it is."""
    mode = termios.tcgetattr(fd)
    mode[0] = mode[1] = mode[3] = 0
    mode[6][termios.VMIN] = 0
    mode[6][termios.VTIME] = 0
    termios.tcsetattr(fd, termios.TCSANOW, mode)


def is_exclusive(fd: int) -> bool:
    """Return whether a terminal refuses to be opened, or may do so where the system does not tell."""
    exclusive = array.array("i", [1])
    with suppress(OSError):
        fcntl.ioctl(fd, TIOCGEXCL, exclusive)
    return bool(exclusive[0])


class HostPort:
    """Relays between the PTY behind `link` and a board; `interrupted()` is asked what becomes of a Ctrl-C.

    `agent` hears what the board sends where the unit's agent shares the port: it reads even while no host does. Of
    a real port the agent would have it alone; here tests ask the board beside it.
    """

    def __init__(
        self,
        loop: Loop,
        link: Path,
        heard: Callable[[], None],
        interrupted: Callable[[], bool],
        agent: Callable[[bytes], None] | None = None,
    ) -> None:
        self.link = link
        self._loop = loop
        self._heard = heard
        self._interrupted = interrupted
        self._agent = agent
        self.raw_repl = False  # whether what the host said last about the REPL's mode was raw
        self._said = b""  # by the agent, while a host is within a frame or until the frame is whole
        self._within_us = 0  # when the host spoke last, if that ended within a frame; 0: it did not
        self._master, self._slave = os.openpty()
        raw(self._slave)
        os.set_blocking(self._master, False)
        self._sock, self.board_end = socket.socketpair()
        self._sock.setblocking(False)
        self.board_end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BOARD_SEND_BUFFER_BYTES)
        self._retry: dict[int, tuple[Timer, int]] = {}
        self._wait_us = dict.fromkeys((self._master, self._sock.fileno()), RETRY_US_MIN)
        loop.watch(self._master, self._from_host)
        loop.watch(self._sock.fileno(), self._from_board)
        self._look = loop.after(FREE_US, self._free)
        self._publish()

    def close(self) -> None:
        """Take the port away: a host that has it open sees it hang up."""
        self._look.cancel()
        for timer, _ in self._retry.values():
            timer.cancel()
        self._retry.clear()
        for fd in (self._master, self._sock.fileno()):
            self._loop.unwatch(fd)
        os.close(self._master)
        os.close(self._slave)
        self._sock.close()
        self.board_end.close()
        if os.path.islink(self.link) and os.readlink(self.link) == self._target:
            os.unlink(self.link)

    def _publish(self) -> None:
        self._target = os.ttyname(self._slave)
        new = self.link.with_name(f".{self.link.name}.new")
        new.unlink(missing_ok=True)
        os.symlink(self._target, new)
        os.replace(new, self.link)

    def _free(self) -> None:
        self._look = self._loop.after(FREE_US, self._free)
        if not is_exclusive(self._slave):
            return
        # TIOCEXCL outlives its opener, because the slave is open here; the lock that hosts hold beside it does not
        with suppress(BlockingIOError):
            fcntl.flock(self._slave, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.ioctl(self._slave, termios.TIOCNXCL)
            fcntl.flock(self._slave, fcntl.LOCK_UN)

    def inject(self, data: bytes) -> None:
        """Take what the unit's agent says; what the board does not take in time is lost."""
        self._said = (self._said + data)[-TO_BOARD_BYTES_MAX:]
        self._let_agent_speak()

    def soft_reset(self) -> None:
        """The board does a soft reset out of its REPL and says so; in raw mode it comes back in raw mode."""
        with suppress(BlockingIOError):
            while data := self._sock.recv(PIECE_BYTES):  # what it had still said before
                os.write(self._master, data)
        os.write(self._master, b"MPY: soft reboot\r\n")
        if self.raw_repl:
            self._sock.send(CTRL_A)

    def _let_agent_speak(self) -> None:
        if self._within_us and self._loop.now_us() - self._within_us < BROKEN_OFF_US:
            return
        self._within_us = 0
        frames = self._said[: self._said.rfind(b"\0") + 1]
        if frames and len(frames) <= TO_BOARD_BYTES_MAX - waiting_bytes(self.board_end.fileno()):
            self._said = self._said[len(frames) :]
            self._sock.send(frames)

    def _from_board(self, events: int) -> None:
        if self._agent is not None:
            self._to_both(self._agent)
            return
        room = TO_HOST_BYTES_MAX - waiting_bytes(self._slave)
        if room <= 0:
            self._hold(self._sock.fileno(), self._from_board)
            return
        self._heard()
        try:
            data = self._sock.recv(min(room, PIECE_BYTES))
            os.write(self._master, data)
        except BlockingIOError:
            return
        self._wait_us[self._sock.fileno()] = RETRY_US_MIN

    def _to_both(self, agent: Callable[[bytes], None]) -> None:
        # the agent always reads; a host gets only what comes while it has the port, and what it leaves unread is lost
        self._heard()
        with suppress(BlockingIOError):
            data = self._sock.recv(PIECE_BYTES)
            agent(data)
            if is_exclusive(self._slave) and waiting_bytes(self._slave) + len(data) <= TO_HOST_BYTES_MAX:
                os.write(self._master, data)

    def _from_host(self, events: int) -> None:
        # a host that asks has just emptied, or will now read, what was held back for it
        self._release(self._sock.fileno(), self._from_board)
        room = TO_BOARD_BYTES_MAX - waiting_bytes(self.board_end.fileno())
        if room <= 0:
            self._hold(self._master, self._from_host)
            return
        try:
            data = os.read(self._master, min(room, PIECE_BYTES))
        except OSError:
            return
        self._wait_us[self._master] = RETRY_US_MIN
        if data[-1:] in (CTRL_A, CTRL_B):  # no frame ends so
            self.raw_repl = data[-1:] == CTRL_A
        if CTRL_C in data and self._interrupted():
            data = data[data.rindex(CTRL_C) + 1 :]
        if data:
            self._sock.send(data)
            if self._agent is not None:
                self._within_us = self._loop.now_us() if data[-1] else 0
                self._let_agent_speak()

    def _hold(self, fd: int, call: Callable[[int], None]) -> None:
        self._loop.unwatch(fd)
        wait_us = self._wait_us[fd]
        self._wait_us[fd] = min(2 * wait_us, RETRY_US_MAX)
        self._retry[fd] = (self._loop.after(wait_us, self._release, fd, call), wait_us)

    def _release(self, fd: int, call: Callable[[int], None]) -> None:
        if fd in self._retry:
            self._retry.pop(fd)[0].cancel()
            self._loop.watch(fd, call)
