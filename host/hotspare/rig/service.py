"""What a unit does with the role that it is told: hooks that take their time, fail or hang; knows a timeline, no I/O.

It lives from one boot of the unit to the next. A unit that is told to drain takes no more work until it is told to be
active, unless its hook fails: that is what a failing one fails to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hotspare.rig.loop import Timeline, Timer
from hotspare.rig.orders import ENDINGS
from hotspare.rig.plan import UnitPlan
from hotspare.roles import ALL, Duty, Roles, name
from hotspare_engine import words

WORKS, FAILS, HANGS = ENDINGS

# what the trace says when the hook of a role has worked, and when it has not
DONE = {words.STANDBY: "stood by", words.ACTIVE: "activated", words.DRAIN: "drained"}
FAILED = "hook failed"


class Service:
    """The roles of a unit that has booted; `endings` says how its hooks end, `changed` is called when one has."""

    def __init__(
        self,
        timeline: Timeline,
        plan: UnitPlan,
        endings: Mapping[str, str],
        tell: Callable[[str, str], None],
        changed: Callable[[], None],
    ) -> None:
        self.roles = Roles(ALL)
        self._timeline = timeline
        self._plan = plan
        self._endings = endings
        self._tell = tell
        self._changed = changed
        self._duty: Duty | None = None
        self._quiet = False  # it was told to drain
        self._timer: Timer | None = None

    @property
    def accepting(self) -> bool:
        """Whether it takes work that comes to it; a unit that needs time to become active takes none before."""
        if self.roles.duty.role == words.ACTIVE:
            return self.roles.acknowledged == words.ACTIVE
        return not self._quiet and not self._plan.active_ms

    def look(self) -> bool:
        """Begin what belongs to a role that is new; return whether there is one."""
        duty = self.roles.wanted
        if duty is None or duty is self._duty:
            return False
        self.halt()
        self._duty = duty
        self._tell("role", duty.name)
        ending = self._endings.get(duty.name, WORKS)
        if duty.role != words.STANDBY:
            self._quiet = duty.role == words.DRAIN and ending != FAILS
        takes_ms = {words.DRAIN: self._plan.drain_ms, words.ACTIVE: self._plan.active_ms}.get(duty.role, 0)
        if ending == HANGS or takes_ms > self._plan.hook_limit_ms:
            self._timer = self._timeline.after(self._plan.hook_limit_ms * 1000, self._end, duty, True)
        elif takes_ms:
            self._timer = self._timeline.after(takes_ms * 1000, self._end, duty, ending == FAILS)
        else:
            self._acknowledge(duty, ending == FAILS)
        return True

    def halt(self) -> None:
        """End the hook that runs, if one does."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, duty: Duty, failed: bool) -> None:
        self._timer = None
        self._acknowledge(duty, failed)
        self._changed()

    def _acknowledge(self, duty: Duty, failed: bool) -> None:
        self.roles.acknowledge(duty, failed)
        if failed:
            self._tell(FAILED, duty.name)
        else:
            self._tell(DONE[duty.role], "")


def state(service: Service | None) -> dict[str, str]:
    """Return what is to be told of a unit's role; empty words where nothing was told."""
    if service is None:
        return {"role": "", "acknowledged": ""}
    said = service.roles.acknowledged
    failed = " failed" if said & words.ROLE_FAILED else ""
    return {"role": name(service.roles.duty.role), "acknowledged": name(said & ~words.ROLE_FAILED) + failed}
