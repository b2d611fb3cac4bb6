"""A unit: its power, its boot, its service, and its agent, the program that real units run; knows a timeline, no I/O.

The service runs when the unit is powered, has booted, and neither hangs nor fails nor left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from hotspare.rig import service
from hotspare.rig.cable import understood
from hotspare.rig.loop import Timeline, Timer
from hotspare.rig.orders import HOOKED
from hotspare.rig.plan import UnitPlan
from hotspare.rig.service import WORKS, Service
from hotspare.roles import Roles

OFF, BOOTING, RUNNING, HUNG, LEAVING = "off", "booting", "running", "hung", "leaving"
# longest time without looking after an agent
AGENT_WAIT_MS_MAX = 10_000


class Agent(Protocol):
    """What a unit needs of its agent: told of time and bytes, asked for bytes."""

    def elapsed(self, ms: int) -> None:
        """Let time pass."""

    def received(self, data: bytes) -> None:
        """Take bytes from the board."""

    def checked(self, well: bool) -> None:
        """Take the outcome of a check."""

    def impaired(self) -> None:
        """Take a check's word that the unit is degraded."""

    def leave(self, longest_s: int) -> None:
        """Say that the unit leaves as planned."""

    def outgoing(self) -> bytes:
        """Return the bytes to send now."""

    def wait_ms(self) -> int:
        """Return how long nothing is to be done."""


class Unit:
    """A unit as the rig's verbs know it; `tell(event, detail)` goes to the trace, `send(data)` to its agent's cable."""

    def __init__(
        self,
        timeline: Timeline,
        plan: UnitPlan,
        make_agent: Callable[[UnitPlan, Roles], Agent],
        tell: Callable[[str, str], None],
        send: Callable[[bytes], None],
    ) -> None:
        self.plan = plan
        self.status = OFF
        self.failing = self.degraded = False
        self.mains = False
        self.fed = True  # whether what lies between mains and unit conducts: a start relay, if there is one
        self.hears_power: list[Callable[[bool], None]] = []
        self.hears_service: list[Callable[[bool], None]] = []
        self.hears_work: list[Callable[[], None]] = []  # that it takes work or does not, or has let go of what it had
        self.endings = dict.fromkeys(HOOKED, WORKS)  # how its hooks end, from their next run on
        self._timeline = timeline
        self._make_agent = make_agent
        self._tell = tell
        self._send = send
        self._agent: Agent | None = None
        self._service: Service | None = None
        self._seen_us = 0
        self._timer: Timer | None = None
        self._power_timer: Timer | None = None
        self._hold_up: Timer | None = None

    @property
    def powered(self) -> bool:
        """Whether the unit has power."""
        return self.status != OFF

    @property
    def running(self) -> bool:
        """Whether the unit's service runs."""
        return self.status == RUNNING and not self.failing

    @property
    def accepting(self) -> bool:
        """Whether it takes work that comes over its line."""
        return self.running and self._service is not None and self._service.accepting

    @property
    def answering(self) -> bool:
        """Whether the work that it has taken goes on; one that leaves as planned finishes what it has."""
        return self.status in (RUNNING, LEAVING) and not self.failing

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the unit, connections apart."""
        return {
            "powered": self.powered,
            "running": self.running,
            "status": self.status,
            "failing": self.failing,
            "degraded": self.degraded,
            "mains": self.mains,
            "fed": self.fed,
            **service.state(self._service),
            "hooks": dict(self.endings),
        }

    def start(self) -> None:
        """Mains come; a unit that had power is restarted, one behind a released start relay stays off."""
        self.mains = True
        if self.fed:
            self._power_up()
        else:
            self._tell("mains on", "")

    def stop(self) -> None:
        """Mains go, at once."""
        self.mains = False
        if self.powered:
            self._power_down()
        else:
            self._tell("mains off", "")

    def set_feed(self, closed: bool) -> None:
        """The contact that feeds it closes or opens; it runs on through a gap that is shorter than its hold-up."""
        if self._hold_up is not None:
            self._hold_up.cancel()
            self._hold_up = None
        if not closed:
            self._hold_up = self._timeline.after(self.plan.hold_up_us, self._starve)
        elif not self.fed:
            self.fed = True
            if self.mains:
                self._power_up()

    def leave(self, longest_s: int, after_us: int, then: Callable[[], None]) -> None:
        """The agent says that the unit leaves as planned; `then` comes `after_us` later unless the unit stopped."""
        self._become(LEAVING)
        if self._agent is not None:
            self._agent.leave(longest_s)
            self._serve()
        self._power_timer = self._timeline.after(after_us, then)

    def hang(self) -> None:
        """Everything on the unit stands still, with the power on."""
        self._halt()
        self._become(HUNG)

    def set_failing(self, failing: bool) -> None:
        """The unit's checks fail, or pass again."""
        self.failing = failing
        self.degraded = False
        self._tell("failing" if failing else "mended", "")
        self._tell_service()
        self._say()

    def hold_keys(self, keys: str) -> None:
        """Its agent is given these keys, as a plan has them; one that runs is started anew with them."""
        self.plan = replace(self.plan, keys=keys)
        if self._agent is not None:
            self._begin_agent()

    def degrade(self) -> None:
        """The unit's checks say that it serves, but not as well as it should."""
        self.degraded = True
        self._tell("degraded", "")
        self._tell_service()
        self._say()

    def _say(self) -> None:
        if self._agent is not None:
            self._check()
            self._serve()

    def _check(self) -> None:
        assert self._agent is not None
        if self.degraded and not self.failing:
            self._agent.impaired()
        else:
            self._agent.checked(not self.failing)

    def received(self, data: bytes, baud: int, expected_baud: int) -> None:
        """Bytes arrive from the board; at another rate than the agent's they mean nothing."""
        if self._agent is not None:
            self._agent.received(data if understood(baud, expected_baud) else bytes(len(data)))
            self._serve()

    def _power_up(self) -> None:
        self._halt()
        self._become(BOOTING)
        self._power_timer = self._timeline.after(self.plan.boot_ms * 1000, self._booted)
        for hear in self.hears_power:
            hear(True)

    def _power_down(self) -> None:
        self._halt()
        self._become(OFF)
        for hear in self.hears_power:
            hear(False)

    def _starve(self) -> None:
        self.fed = False
        if self.powered:
            self._power_down()

    def _become(self, status: str) -> None:
        self.status = status
        self._tell(status, "")
        self._tell_service()

    def _tell_service(self) -> None:
        for hear in self.hears_service:
            hear(self.running)
        self._tell_work()

    def _tell_work(self) -> None:
        for hear in self.hears_work:
            hear()

    def _halt(self) -> None:
        for timer in (self._timer, self._power_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._power_timer = None
        self._agent = None
        if self._service is not None:
            self._service.halt()
            self._service = None

    def _booted(self) -> None:
        self._power_timer = None
        self._service = Service(self._timeline, self.plan, self.endings, self._tell, self._hook_ended)
        self._become(RUNNING)
        self._begin_agent()

    def _begin_agent(self) -> None:
        assert self._service is not None
        self._agent = self._make_agent(self.plan, self._service.roles)
        self._seen_us = self._timeline.now_us()
        self._check()
        self._serve()

    def _hook_ended(self) -> None:
        self._tell_work()
        self._serve()

    def _serve(self) -> None:
        agent = self._agent
        if agent is None:
            return
        elapsed_ms = (self._timeline.now_us() - self._seen_us) // 1000
        self._seen_us += elapsed_ms * 1000
        agent.elapsed(elapsed_ms)
        if self._service is not None and self._service.look():
            self._tell_work()
        data = agent.outgoing()
        if data:
            self._send(data)
        wait_ms = min(agent.wait_ms(), AGENT_WAIT_MS_MAX)
        due_us = self._seen_us + wait_ms * 1000
        if self._timer is not None:
            if self._timer.due_us == due_us and self._timer.call is not None:
                return
            self._timer.cancel()
        self._timer = self._timeline.at(due_us, self._serve)
