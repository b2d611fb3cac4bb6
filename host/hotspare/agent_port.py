"""One port of an agent: opened again whenever it is gone, ever more patiently; carries the bytes of its core."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hotspare.agent import AgentCore
from hotspare.errors import Unreachable
from hotspare.port import BAUD, Port, Vanished

# pauses before a port is opened again
OPEN_AGAIN_MS_MIN, OPEN_AGAIN_MS_MAX = 100, 3_000
# what a port may leave unwritten before it is thrown away: stale reports are worth nothing
UNWRITTEN_BYTES_MAX = 512
# without an answer for this long the person is told
SILENT_MS = 3_000
WHO = "agent"


class OpenPort(Port):
    """A port that can be waited for together with signals."""

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._fd


class AgentPort:
    """A port by its path; `tell` gets a line whenever there is something new to say of it."""

    def __init__(self, core: AgentCore, path: Path, now_ms: int, tell: Callable[[str], None], baud: int = BAUD) -> None:
        self.core = core
        self.port: OpenPort | None = None
        self.unwritten = b""
        self._path = path
        self._baud = baud
        self._tell = tell
        self._now_ms = self._open_again_ms = self._opened_ms = now_ms
        self._patience_ms = OPEN_AGAIN_MS_MIN

    def step(self, now_ms: int) -> int:
        """Send what is due, on a port that is opened if it is time; return how long there is nothing to do."""
        self.core.elapsed(now_ms - self._now_ms)
        self._now_ms = now_ms
        if self.port is None and now_ms >= self._open_again_ms:
            self._open()
        if self.port is not None:
            self._send(self.port, self.core.outgoing())
        if self.port is None:
            return self._open_again_ms - now_ms
        self._tell_connection()
        return self.core.wait_ms()

    def receive(self) -> None:
        """Take what has arrived."""
        if self.port is not None:
            try:
                self.core.received(self.port.read())
            except Vanished:
                self._vanished()

    def close(self) -> None:
        """Give the port back."""
        if self.port is not None:
            self.port.close()
        self.port = None
        self.unwritten = b""

    def _open(self) -> None:
        try:
            self.port = OpenPort(self._path, WHO, patience_s=0, baud=self._baud)  # what waits here holds all ports up
        except Unreachable as error:
            self._tell(str(error).removeprefix(f"{WHO}: "))  # who says it names the agent
            self._open_again_ms = self._now_ms + self._patience_ms
            self._patience_ms = min(2 * self._patience_ms, OPEN_AGAIN_MS_MAX)
            return
        self._opened_ms = self._now_ms
        self._patience_ms = OPEN_AGAIN_MS_MIN
        self.core.opened()

    def _vanished(self) -> None:
        self.close()
        self._open_again_ms = self._now_ms + OPEN_AGAIN_MS_MIN
        self._tell(f"port {self._path} vanished: opening it again")

    def _send(self, port: OpenPort, data: bytes) -> None:
        data = self.unwritten + data
        if not data:
            return
        try:
            self.unwritten = data[port.write(data) :]
        except Vanished:
            self._vanished()
        if len(self.unwritten) > UNWRITTEN_BYTES_MAX:
            self.unwritten = b""

    def _tell_connection(self) -> None:
        if self.core.connected:
            self._tell(f"a board answers on {self._path}")
        elif self.core.estranged and self._now_ms - self._opened_ms >= SILENT_MS:
            self._tell(f"the board on {self._path} holds another key than this agent, or none: hotspare key agent")
        elif self._now_ms - self._opened_ms >= SILENT_MS:
            self._tell(f"no board answers on {self._path}: is this the agent's port of a configured board?")
