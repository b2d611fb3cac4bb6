"""The check of an agent: a shell command whose exit code says, time after time, how the unit is; never waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hotspare.command import Command, NotStarted
from hotspare_engine import words

Outcome = Callable[[int, str], None]  # (health of the unit, why it is not well)


@dataclass(frozen=True)
class CheckPlan:
    """A shell command that passes while the unit is well, how often it runs and how long it may take.

    `impaired_code` is the exit code that says that the unit works and is not as it should be.
    """

    command: str
    every_ms: int
    limit_ms: int
    impaired_code: int | None = None


class Check:
    """One check command, time after time; never waits."""

    def __init__(self, plan: CheckPlan, outcome: Outcome) -> None:
        self._plan = plan
        self._outcome = outcome
        self._command: Command | None = None
        self._due_ms = 0
        self._end_ms = 0

    def step(self, now_ms: int) -> int:
        """Start, judge or end the command; return how long there is nothing to do unless it ends."""
        if self._command is None:
            if now_ms < self._due_ms:
                return self._due_ms - now_ms
            self._due_ms = now_ms + self._plan.every_ms
            self._end_ms = now_ms + self._plan.limit_ms
            try:
                self._command = Command(self._plan.command)
            except NotStarted as error:
                self._outcome(words.FAILED, f"the check could not be started: {error}")
                return self._plan.every_ms
        code = self._command.code()
        if code is None and now_ms < self._end_ms:
            return self._end_ms - now_ms
        self.close()
        if code is None:
            self._outcome(words.FAILED, f"the check took more than {self._plan.limit_ms} ms")
        elif code == 0:
            self._outcome(words.OK, "")
        else:
            health = words.IMPAIRED if code == self._plan.impaired_code else words.FAILED
            self._outcome(health, f"the check ended with {code}")
        return max(0, self._due_ms - now_ms)

    def close(self) -> None:
        """End the command and what it has started, if it runs."""
        if self._command is not None:
            self._command.end()
            self._command = None
