"""Hooks: what an agent runs for the roles that its unit is told; one at a time, and the newest role wins.

A role that changes ends the hook of the one before, which has END_MS_MAX to come to its end: a spare that is needed now
can not wait until it has finished standing by. No hook holds a beat up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hotspare import hook_run
from hotspare.hook_run import HookRun
from hotspare.roles import ALL, HOOK_LIMIT_MS, Duty, Roles, name

START = "start"
NAMES = (START, *(name(role) for role in ALL))

# pauses before an on-start that failed is run again, ever more patiently, as long as the agent runs
START_AGAIN_MS_MIN, START_AGAIN_MS_MAX = 1_000, 60_000
NOTHING_TO_DO_MS = 60_000


@dataclass(frozen=True)
class HookPlan:
    """Shell commands by START or the name of a role, and how long each may take."""

    commands: Mapping[str, str] = field(default_factory=dict)
    limit_ms: int = HOOK_LIMIT_MS

    @property
    def roles(self) -> frozenset[int]:
        """The roles that have a command."""
        return frozenset(role for role in ALL if name(role) in self.commands)


class Hooks:
    """The hooks of one unit; `started` is told how each on-start ended: why it failed, or ""; `record` gets lines."""

    def __init__(
        self, plan: HookPlan, roles: Roles, started: Callable[[str], None], record: Callable[[str], None]
    ) -> None:
        self.started = START not in plan.commands
        self._plan = plan
        self._roles = roles
        self._tell_started = started
        self._record = record
        self._run: HookRun | None = None
        self._duty: Duty | None = None  # what the run is for; None: the start
        self._leaving = False
        self._start_again_ms = 0
        self._patience_ms = START_AGAIN_MS_MIN

    @property
    def reader(self) -> int | None:
        """The descriptor that tells when the hook that runs says something."""
        return None if self._run is None else self._run.reader

    def step(self, now_ms: int) -> int:
        """Begin, judge or end what is due; return how long there is nothing to do unless a hook ends or speaks."""
        if self._run is not None:
            self._look(self._run, now_ms)
        if self._run is None and not self._leaving:
            self._begin_next(now_ms)
        if self._run is not None:
            return self._run.wait_ms(now_ms)
        return NOTHING_TO_DO_MS if self.started else max(0, self._start_again_ms - now_ms)

    def leave(self, now_ms: int) -> None:
        """The agent ends: so does the hook that runs, and none is begun."""
        self._leaving = True
        if self._run is not None and self._run.outcome is None:
            self._run.end(hook_run.ENDED, "the agent leaves", now_ms)

    def close(self) -> None:
        """End what still runs, at once."""
        if self._run is not None:
            self._run.close()
            self._run = None

    def _look(self, run: HookRun, now_ms: int) -> None:
        pending = run.outcome is None
        if pending and self._duty is not None and self._duty is not self._roles.wanted:
            run.end(hook_run.ENDED, f"the role is now {told(self._roles.duty)}", now_ms)
            pending = False
        run.step(now_ms)
        if pending and run.outcome is not None:
            self._judge(run, now_ms)
        if run.over:
            self._run = None

    def _begin_next(self, now_ms: int) -> None:
        duty = self._roles.wanted
        if not self.started:
            if now_ms >= self._start_again_ms:
                self._begin(None, now_ms)
        elif duty is not None:
            self._begin(duty, now_ms)

    def _begin(self, duty: Duty | None, now_ms: int) -> None:
        what = START if duty is None else duty.name
        environment = {
            "HOTSPARE_ROLE": what,
            "HOTSPARE_ROLE_BEFORE": "" if duty is None else name(duty.before),
            "HOTSPARE_LINE": "" if duty is None or not duty.line else str(duty.line),
        }
        came = "" if duty is None else f": {name(duty.before) or 'nothing told'} -> {told(duty)}"
        self._record(f"on-{what} begins{came}")
        self._duty = duty
        self._run = HookRun(
            f"on-{what}", self._plan.commands[what], environment, self._plan.limit_ms, now_ms, self._record
        )
        if self._run.outcome is not None:
            self._judge(self._run, now_ms)

    def _judge(self, run: HookRun, now_ms: int) -> None:
        failed = run.outcome != hook_run.DONE
        if self._duty is not None:
            self._roles.acknowledge(self._duty, failed)
            return
        self.started = not failed
        if failed:
            self._start_again_ms = now_ms + self._patience_ms
            self._record(f"on-start is run again in {self._patience_ms / 1000:g} s")
            self._patience_ms = min(2 * self._patience_ms, START_AGAIN_MS_MAX)
        self._tell_started(f"on-start failed: {run.why}" if failed else "")


def told(duty: Duty) -> str:
    """Return a role and its line for people."""
    return f"{duty.name}, line {duty.line}" if duty.line else duty.name
