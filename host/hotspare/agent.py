"""The agent: says of a unit that it is well, degraded, failing or leaving; decides what to send, touches nothing.

While the unit is well a report goes out every 0.9 interval; a change of mind goes out at once. Until the first check
has passed or failed nothing is said of the unit's health: an agent that does not know is silent. With its health goes
the role that the unit acknowledges; which one it is to have stands in the board's heartbeats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hotspare.hush import HushedLink, random_bytes
from hotspare.roles import Roles
from hotspare_engine import words
from hotspare_wire import frame, link, messages, trust

# a beat goes out every 0.9 of the interval, so that one that is late by a tenth is still in time
BEAT_NUMERATOR, BEAT_DENOMINATOR = 9, 10
LEAVING_S_MAX = 65_535


class AgentCore:
    """An agent without I/O: told of time, bytes and checks; asked what to send and how long it can wait.

    `address` is the agent's on the wire; None: learned from the first frame that the board addresses to an agent.
    `roles` is what it shares with other agents of its unit; None: a role is acknowledged as soon as it is told.
    """

    def __init__(
        self,
        address: int | None,
        interval_ms: int,
        draw: Callable[[], bytes] = random_bytes,
        roles: Roles | None = None,
        keys: Sequence[bytes] = (),
    ) -> None:
        self._keyring = trust.Keyring(tuple(keys))
        self.roles = Roles() if roles is None else roles
        self._told = (words.NOT_TOLD, 0)  # by this board
        self._said_role = 0
        self._draw = draw
        self._beat_ms = max(1, interval_ms * BEAT_NUMERATOR // BEAT_DENOMINATOR)
        self._caller = HushedLink(messages.ADDRESS_NONE, draw)
        self._link: HushedLink | None = None
        if address is not None:
            self._link = HushedLink(address, self._draw, self._keyring)
        self._decoder = frame.Decoder()
        self._health: int | None = None
        self._leaving_s = 0
        self._age_ms = self._beat_ms  # since the last beat
        self._due = True
        self.reports = 0

    @property
    def connected(self) -> bool:
        """Whether the board has answered our challenge, so that it takes our reports."""
        return self._link is not None and self._link.established

    @property
    def estranged(self) -> bool:
        """Whether what speaks on the port does so under another key than ours, or under none."""
        return self._link is not None and not self._link.established and self._link.forged > 0

    @property
    def address(self) -> int | None:
        """The agent's address, once it is known."""
        return None if self._link is None else self._link.address

    def opened(self) -> None:
        """The port was opened anew: the board behind it may have restarted."""
        if self._link is not None:
            self._link.forget()

    def elapsed(self, ms: int) -> None:
        """Let time pass."""
        self._age_ms += ms

    def received(self, data: bytes) -> None:
        """Take bytes from the board."""
        place = 0
        while place < len(data):
            place = self._decoder.feed(data, place, len(data))
            if self._decoder.size:
                self._take(self._decoder.payload, self._decoder.size)

    def checked(self, well: bool) -> None:
        """Take the outcome of a check; a planned stop is not taken back by one."""
        self._judged(words.OK if well else words.FAILED)

    def impaired(self) -> None:
        """Take it that a check found the unit well enough to work, and not as it should be."""
        self._judged(words.IMPAIRED)

    def leave(self, longest_s: int) -> None:
        """The unit leaves as planned, for at most `longest_s`."""
        assert 0 <= longest_s <= LEAVING_S_MAX
        self._leaving_s = longest_s
        self._become(words.LEAVING)

    def outgoing(self) -> bytes:
        """Return the bytes to send now."""
        health = self._health if self.connected else None
        news = health is not None and self._said_role != self.roles.acknowledged
        beat = self._due or news or self._age_ms >= self._beat_ms
        if beat:
            self._age_ms = 0
            self._due = False
        to_board = self._link
        if to_board is None:  # on a host port a board is silent until it is spoken to, and says then who we are
            return bytes(self._caller.hello()) if beat else b""
        out = b""
        if to_board.greet or (beat and not to_board.established):
            out += bytes(to_board.hello())
        if beat and health is not None:
            self._said_role = self.roles.acknowledged
            out += bytes(to_board.report(health, self._leaving_s, self._said_role))
            self.reports += 1
        return out

    def wait_ms(self) -> int:
        """Return how long nothing is to be done, unless bytes come."""
        return max(0, self._beat_ms - self._age_ms)

    def _judged(self, health: int) -> None:
        if self._health != words.LEAVING:
            self._become(health)

    def _become(self, health: int) -> None:
        if health != self._health:
            self._health = health
            self._due = True

    def _take(self, payload: bytearray, size: int) -> None:
        if self._link is None:
            destination = payload[frame.AT_DESTINATION]
            if not messages.ADDRESS_AGENT_MIN <= destination < messages.ADDRESS_AGENT_MIN + messages.UNITS_MAX:
                return
            self._link = HushedLink(destination, self._draw, self._keyring)
        was = self._link.established
        verdict = self._link.judge(payload, size)
        if self._link.established and not was:
            self._due = True
        if verdict == link.NEWS and payload[frame.AT_KIND] & frame.KIND_MASK == messages.HEARTBEAT:
            self._hear(payload)

    def _hear(self, payload: bytearray) -> None:
        role = link.heartbeat_unit_role(payload)
        told = role, link.heartbeat_selected(payload)
        if words.NOT_TOLD < role <= words.DRAIN and told != self._told:
            self._told = told
            beacon = not link.heartbeat_role(payload) & messages.ROLE_CONTROLLER
            self.roles.tell(*told, own=beacon)
