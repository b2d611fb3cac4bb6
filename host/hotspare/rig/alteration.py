"""What alters the heartbeat of a unit on purpose: between its agent and its cable; knows frames, no physics."""

from __future__ import annotations

from collections.abc import Callable

from hotspare.rig.unit import Agent
from hotspare_wire import frame, messages

NONE, FROZEN, SLOW, FAST, SHUFFLED = "none", "frozen", "slow", "fast", "shuffled"
# how much slower or faster an altered agent's time passes
RATE = 3


def is_report(data: bytes) -> bool:
    """Return whether bytes hold one frame and that is an agent's report."""
    decoder = frame.Decoder()
    whole = decoder.feed(data, 0, len(data)) == len(data) and decoder.size
    return bool(whole) and decoder.payload[frame.AT_KIND] & frame.KIND_MASK == messages.REPORT


class Pace:
    """An agent whose time passes slower or faster than it should."""

    def __init__(self, agent: Agent, alteration: Alteration) -> None:
        self._agent = agent
        self._alteration = alteration
        self._left_ms = 0

    def elapsed(self, ms: int) -> None:
        """Let time pass, at the altered rate."""
        how = self._alteration.how
        if how == FAST:
            ms *= RATE
        elif how == SLOW:
            self._left_ms += ms
            ms, self._left_ms = divmod(self._left_ms, RATE)
        self._agent.elapsed(ms)

    def wait_ms(self) -> int:
        """Return how long nothing is to be done."""
        wait_ms = self._agent.wait_ms()
        how = self._alteration.how
        if how == FAST:
            return -(-wait_ms // RATE)
        return max(wait_ms * RATE - self._left_ms, 0) if how == SLOW else wait_ms

    def received(self, data: bytes) -> None:
        """Take bytes from the board."""
        self._agent.received(data)

    def checked(self, well: bool) -> None:
        """Take the outcome of a check."""
        self._agent.checked(well)

    def impaired(self) -> None:
        """Take a check's word that the unit is degraded."""
        self._agent.impaired()

    def leave(self, longest_s: int) -> None:
        """Say that the unit leaves as planned."""
        self._agent.leave(longest_s)

    def outgoing(self) -> bytes:
        """Return the bytes to send now."""
        return self._agent.outgoing()


class Alteration:
    """How the heartbeat of one unit is altered now."""

    def __init__(self) -> None:
        self.how = NONE
        self._cable: Callable[[bytes], None] = lambda data: None
        self._last = b""
        self._kept = b""

    def connect(self, cable: Callable[[bytes], None]) -> None:
        """Send to `cable` from now on."""
        self._cable = cable

    def around(self, agent: Agent) -> Agent:
        """Return the agent with its time altered as this says."""
        return Pace(agent, self)

    def send(self, data: bytes) -> None:
        """Send what the agent sends: the last frame again while frozen, pairs in the wrong order while shuffled."""
        if self.how == FROZEN and self._last:
            self._cable(self._last)
        elif self.how == SHUFFLED:
            if self._kept:
                self._cable(data + self._kept)
                self._kept = b""
            else:
                self._kept = data
        else:
            if is_report(data):  # a hello said again would be another fault
                self._last = data
            self._cable(data)
