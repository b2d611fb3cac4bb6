"""The program on a unit: runs agents on ports, a clock, signals, a check and hooks; judges no health and no role.

Nothing holds the beats up: check and hooks run in processes of their own. SIGTERM and SIGINT are a planned stop.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType

from hotspare.agent import AgentCore
from hotspare.agent_check import Check, CheckPlan
from hotspare.agent_port import AgentPort
from hotspare.hook_log import HookLog
from hotspare.hooks import HookPlan, Hooks, told
from hotspare.port import BAUD
from hotspare.roles import Roles
from hotspare_engine import words

# how often a planned stop is said before the agent ends, so that one lost frame does not hide it
LEAVING_REPORTS = 3
LEAVING_MS_MAX = 1_000

# longest wait in one go
WAIT_MS_MAX = 60_000
WAKE_BYTES = 256

Say = Callable[[str], None]


@dataclass(frozen=True)
class AgentPlan:
    """What an agent does for its unit; `leaving_s` is the longest planned stop, `log` the file for what hooks did."""

    check: CheckPlan | None = None
    hooks: HookPlan = field(default_factory=HookPlan)
    log: Path | None = None
    leaving_s: int = 0
    baud: int = BAUD


class Runner:
    """An agent at work: `run` returns after a planned stop; `say` gets a line whenever something changes.

    `cores` are the agents of one unit by their ports, and `roles` what they share.
    """

    def __init__(
        self,
        cores: Mapping[Path, AgentCore],
        roles: Roles,
        plan: AgentPlan,
        say: Say,
        clock_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000,
    ) -> None:
        self._plan = plan
        self._roles = roles
        self._say = say
        self._said: dict[str, str] = {}
        self._clock_ms = clock_ms
        now_ms = clock_ms()
        self._ports = [
            AgentPort(core, path, now_ms, partial(self._tell, f"port {path}"), plan.baud)
            for path, core in cores.items()
        ]
        self._check = Check(plan.check, self._judged) if plan.check is not None else None
        self._log = HookLog(plan.log, say) if plan.log is not None else None
        self._hooks = Hooks(plan.hooks, roles, self._started, self._record)
        self._duties_told = 0
        self._asked_to_leave = False
        self._end_ms: int | None = None
        self._end_reports: list[int] = []
        if self._hooks.started and self._check is None:
            for port in self._ports:
                port.core.checked(True)

    def run(self) -> None:
        """Serve until a planned stop was asked for and said."""
        try:
            with signals(self.leave) as wake:
                while not self._turn(wake):
                    pass
        finally:
            for port in self._ports:
                port.close()
            self._hooks.close()
            if self._check is not None:
                self._check.close()

    def leave(self) -> None:
        """Ask for a planned stop; may be called by a signal handler."""
        self._asked_to_leave = True

    def _turn(self, wake: int) -> bool:
        """Do what is due and wait; return whether the planned stop was said."""
        now_ms = self._clock_ms()
        if self._asked_to_leave and self._end_ms is None:
            self._begin_to_leave(now_ms)
        self._tell_role()
        wait_ms = min(WAIT_MS_MAX, self._hooks.step(now_ms))
        if self._check is not None and self._hooks.started and self._end_ms is None:
            wait_ms = min(wait_ms, self._check.step(now_ms))
        for port in self._ports:
            wait_ms = min(wait_ms, port.step(now_ms))
        if self._end_ms is not None:
            if self._left(now_ms, self._end_ms):
                return True
            wait_ms = min(wait_ms, self._end_ms - now_ms)
        self._wait(max(wait_ms, 0), wake)
        return False

    def _wait(self, wait_ms: int, wake: int) -> None:
        opened = {port.port.fileno(): port for port in self._ports if port.port is not None}
        readers = [wake, *opened]
        if self._hooks.reader is not None:
            readers.append(self._hooks.reader)
        writers = [number for number, port in opened.items() if port.unwritten]
        ready, _, _ = select.select(readers, writers, [], wait_ms / 1000)
        if wake in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(wake, WAKE_BYTES)
        for number, port in opened.items():
            if number in ready:
                port.receive()

    # -- a planned stop -----------------------------------------------------------------------------------------------

    def _begin_to_leave(self, now_ms: int) -> None:
        self._end_ms = now_ms + LEAVING_MS_MAX
        self._end_reports = [port.core.reports + LEAVING_REPORTS for port in self._ports]
        for port in self._ports:
            port.core.leave(self._plan.leaving_s)
        self._tell("health", "leaving as planned")
        self._hooks.leave(now_ms)

    def _left(self, now_ms: int, end_ms: int) -> bool:
        said = zip(self._ports, self._end_reports, strict=True)
        return now_ms >= end_ms or all(port.port is None or port.core.reports >= count for port, count in said)

    # -- what check and hooks say -------------------------------------------------------------------------------------

    def _started(self, wrong: str) -> None:
        if wrong:
            self._judged(words.FAILED, wrong)
        elif self._check is None:
            self._judged(words.OK, "")

    def _judged(self, health: int, why: str) -> None:
        for port in self._ports:
            if health == words.IMPAIRED:
                port.core.impaired()
            else:
                port.core.checked(health == words.OK)
        self._tell("health", {words.OK: "well", words.IMPAIRED: f"impaired: {why}"}.get(health, f"failing: {why}"))

    # -- what people hear ---------------------------------------------------------------------------------------------

    def _tell_role(self) -> None:
        duty = self._roles.duty
        if duty.number != self._duties_told:
            self._duties_told = duty.number
            self._record(f"role {told(duty)}")

    def _tell(self, topic: str, text: str) -> None:
        if self._said.get(topic) != text:
            self._said[topic] = text
            self._say(text)

    def _record(self, line: str) -> None:
        self._say(line)
        if self._log is not None:
            self._log.write(line)


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
