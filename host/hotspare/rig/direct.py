"""A second agent on a unit, which speaks to the controller past the beacon: the same program, another port; no I/O."""

from __future__ import annotations

from collections.abc import Callable

from hotspare.rig.alteration import Alteration
from hotspare.rig.cable import understood
from hotspare.rig.unit import Agent, Unit


class Both:
    """Two agents that live, check and leave as one; what the second says goes to `send`."""

    def __init__(self, agent: Agent, second: Agent, send: Callable[[bytes], None]) -> None:
        self._agent = agent
        self._second = second
        self._send = send

    def elapsed(self, ms: int) -> None:
        """Let time pass."""
        self._agent.elapsed(ms)
        self._second.elapsed(ms)

    def wait_ms(self) -> int:
        """Return how long nothing is to be done."""
        return min(self._agent.wait_ms(), self._second.wait_ms())

    def received(self, data: bytes) -> None:
        """Take bytes from the board of the first agent."""
        self._agent.received(data)

    def checked(self, well: bool) -> None:
        """Take the outcome of a check."""
        self._agent.checked(well)
        self._second.checked(well)

    def impaired(self) -> None:
        """Take a check's word that the unit is degraded."""
        self._agent.impaired()
        self._second.impaired()

    def leave(self, longest_s: int) -> None:
        """Say that the unit leaves as planned."""
        self._agent.leave(longest_s)
        self._second.leave(longest_s)

    def outgoing(self) -> bytes:
        """Return what the first agent sends now."""
        data = self._second.outgoing()
        if data:
            self._send(data)
        return self._agent.outgoing()


class DirectPort:
    """The port of a unit's second agent; `alteration` says how all that the unit says is altered."""

    def __init__(self, alteration: Alteration) -> None:
        self._first = alteration
        self._own = Alteration()
        self._second: Agent | None = None

    def connect(self, cable: Callable[[bytes], None]) -> None:
        """Send to `cable` from now on."""
        self._own.connect(cable)

    def around(self, agent: Agent, second: Agent) -> Agent:
        """Return both agents as one; the second speaks here."""
        self._second = second
        return Both(agent, second, self._send)

    def received(self, unit: Unit, expected_baud: int, data: bytes, baud: int) -> None:
        """Bytes arrive from the controller; at another rate than the agent's they mean nothing."""
        if self._second is not None and unit.powered:
            self._second.received(data if understood(baud, expected_baud) else bytes(len(data)))
            unit.received(b"", baud, baud)  # so that it is looked after at once

    def _send(self, data: bytes) -> None:
        self._own.how = self._first.how
        self._own.send(data)
