"""The program on a unit: runs an agent on a port, a clock, signals and a check command; judges no health.

The check runs in a process of its own and never holds the beats up; one that takes too long is ended and has failed.
A port that is missing or vanishes is opened again, ever more patiently. SIGTERM and SIGINT are a planned stop.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from hotspare.agent import AgentCore
from hotspare.errors import Unreachable
from hotspare.port import BAUD, Port, Vanished

# pauses before a port is opened again
OPEN_AGAIN_MS_MIN, OPEN_AGAIN_MS_MAX = 100, 3_000
# what a port may leave unwritten before it is thrown away: stale reports are worth nothing
UNWRITTEN_BYTES_MAX = 512
# how often a planned stop is said before the agent ends, so that one lost frame does not hide it
LEAVING_REPORTS = 3
LEAVING_MS_MAX = 1_000
# without an answer for this long the person is told
SILENT_MS = 3_000

# longest wait in one go
WAIT_MS_MAX = 60_000
WAKE_BYTES = 256
WHO = "agent"

Say = Callable[[str], None]


class AgentPort(Port):
    """A port that can be waited for together with signals."""

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._fd


@dataclass(frozen=True)
class CheckPlan:
    """A shell command that passes while the unit is well, how often it runs and how long it may take.

    `degraded_code`: the exit code by which it says that the unit is degraded, if there is one.
    """

    command: str
    every_ms: int
    limit_ms: int
    degraded_code: int | None = None


class Check:
    """One check command, time after time; never waits."""

    def __init__(self, plan: CheckPlan, outcome: Callable[[str | None, bool], None]) -> None:
        self._plan = plan
        self._outcome = outcome
        self._process: subprocess.Popen[bytes] | None = None
        self._due_ms = 0
        self._end_ms = 0

    def step(self, now_ms: int) -> int:
        """Start, judge or end the command; return how long there is nothing to do unless it ends."""
        if self._process is None:
            if now_ms < self._due_ms:
                return self._due_ms - now_ms
            self._due_ms = now_ms + self._plan.every_ms
            self._end_ms = now_ms + self._plan.limit_ms
            self._process = subprocess.Popen(
                ["sh", "-c", self._plan.command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                process_group=0,
            )
        code = self._process.poll()
        if code is None and now_ms < self._end_ms:
            return self._end_ms - now_ms
        self.close()
        if code is None:
            self._outcome(f"the check took more than {self._plan.limit_ms} ms", False)
        else:
            wrong = None if code == 0 else f"the check ended with {code}"
            self._outcome(wrong, code == self._plan.degraded_code)
        return max(0, self._due_ms - now_ms)

    def close(self) -> None:
        """End the command and what it has started, if it runs."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


class Runner:
    """An agent at work: `run` returns after a planned stop; `say` gets a line whenever something changes."""

    def __init__(
        self,
        core: AgentCore,
        path: Path,
        check: CheckPlan | None,
        leaving_s: int,
        say: Say,
        clock_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000,
        baud: int = BAUD,
    ) -> None:
        self._core = core
        self._path = path
        self._baud = baud
        self._leaving_s = leaving_s
        self._say = say
        self._said: dict[str, str] = {}
        self._clock_ms = clock_ms
        self._now_ms = clock_ms()
        self._check = Check(check, self._checked) if check is not None else None
        self._port: AgentPort | None = None
        self._unwritten = b""
        self._open_again_ms = self._opened_ms = self._now_ms
        self._patience_ms = OPEN_AGAIN_MS_MIN
        self._asked_to_leave = False
        self._end_ms: int | None = None
        self._end_reports = 0
        if check is None:
            core.checked(True)

    def run(self) -> None:
        """Serve until a planned stop was asked for and said."""
        try:
            with signals(self.leave) as wake:
                while not self._left():
                    self._turn(wake)
        finally:
            self._lose_port()
            if self._check is not None:
                self._check.close()

    def leave(self) -> None:
        """Ask for a planned stop; may be called by a signal handler."""
        self._asked_to_leave = True

    def _left(self) -> bool:
        if self._end_ms is None:
            return False
        return self._port is None or self._core.reports >= self._end_reports or self._now_ms >= self._end_ms

    def _turn(self, wake: int) -> None:
        now_ms = self._clock_ms()
        self._core.elapsed(now_ms - self._now_ms)
        self._now_ms = now_ms
        if self._asked_to_leave and self._end_ms is None:
            self._end_ms = now_ms + LEAVING_MS_MAX
            self._end_reports = self._core.reports + LEAVING_REPORTS
            self._core.leave(self._leaving_s)
            self._tell("health", "leaving as planned")
        wait_ms = WAIT_MS_MAX
        if self._check is not None and self._end_ms is None:
            wait_ms = self._check.step(now_ms)
        if self._port is None and now_ms >= self._open_again_ms:
            self._open()
        if self._port is not None:
            self._send(self._core.outgoing())
            self._tell_connection()
            wait_ms = min(wait_ms, self._core.wait_ms())
        elif self._end_ms is None:
            wait_ms = min(wait_ms, self._open_again_ms - now_ms)
        else:
            return
        self._wait(min(max(wait_ms, 0), WAIT_MS_MAX), wake)

    def _wait(self, wait_ms: int, wake: int) -> None:
        port = self._port
        readers: list[AgentPort | int] = [wake] if port is None else [wake, port]
        writers = [port] if port is not None and self._unwritten else []
        ready, _, _ = select.select(readers, writers, [], wait_ms / 1000)
        if wake in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(wake, WAKE_BYTES)
        if port is not None and port in ready:
            try:
                self._core.received(port.read())
            except Vanished as error:
                self._vanished(error)

    # -- the port -----------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        try:
            self._port = AgentPort(self._path, WHO, baud=self._baud)
        except Unreachable as error:
            self._tell("port", str(error).removeprefix(f"{WHO}: "))  # `say` names the agent
            self._open_again_ms = self._now_ms + self._patience_ms
            self._patience_ms = min(2 * self._patience_ms, OPEN_AGAIN_MS_MAX)
            return
        self._opened_ms = self._now_ms
        self._patience_ms = OPEN_AGAIN_MS_MIN
        self._core.opened()

    def _lose_port(self) -> None:
        if self._port is not None:
            self._port.close()
        self._port = None
        self._unwritten = b""

    def _vanished(self, error: Vanished) -> None:
        self._lose_port()
        self._open_again_ms = self._now_ms + OPEN_AGAIN_MS_MIN
        self._tell("port", f"port {self._path} vanished: opening it again")

    def _send(self, data: bytes) -> None:
        assert self._port is not None
        data = self._unwritten + data
        if not data:
            return
        try:
            self._unwritten = data[self._port.write(data) :]
        except Vanished as error:
            self._vanished(error)
        if len(self._unwritten) > UNWRITTEN_BYTES_MAX:
            self._unwritten = b""

    # -- what people hear ---------------------------------------------------------------------------------------------

    def _tell_connection(self) -> None:
        if self._core.connected:
            self._tell("port", f"a board answers on {self._path}")
        elif self._now_ms - self._opened_ms >= SILENT_MS:
            self._tell("port", f"no board answers on {self._path}: is this the agent's port of a configured board?")

    def _checked(self, wrong: str | None, degraded: bool) -> None:
        if degraded:
            self._core.degraded()
        else:
            self._core.checked(wrong is None)
        self._tell("health", "well" if wrong is None else f"{'degraded' if degraded else 'failing'}: {wrong}")

    def _tell(self, topic: str, text: str) -> None:
        if self._said.get(topic) != text:
            self._said[topic] = text
            self._say(text)


@contextlib.contextmanager
def signals(leave: Callable[[], None]) -> Iterator[int]:
    """Yield a descriptor that becomes readable with every signal; SIGTERM and SIGINT call `leave`."""

    def handle(number: int, where: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            leave()

    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)}
    wakeup = signal.set_wakeup_fd(writer)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)
