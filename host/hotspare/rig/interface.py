"""What can be asked of any rig, emulated or real: the verbs of the table as methods, state, trace; no behaviour.

A rig carries out orders. One call of `do` carries out its orders at one moment of the rig's clock, all or, when a name
or a value is wrong, none. All times are microseconds since the start of the rig.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from hotspare.rig.orders import Order
from hotspare.rig.trace import PAGE_RECORDS, Record

# how long `wait` waits unless told
WAIT_MS = 10_000


class Rig(ABC):
    """A rig, by its verbs."""

    @abstractmethod
    def do(self, orders: Iterable[Order]) -> int:
        """Carry out orders at one moment; return that moment. Raises Unknown, Refused."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Return what the rig is like now."""

    @abstractmethod
    def page(self, since: int = 0, limit: int = PAGE_RECORDS) -> list[Record]:
        """Return at most `limit` records of the trace that follow number `since`."""

    @abstractmethod
    def wait(self, match: Mapping[str, str], since: int = 0, limit_ms: int = WAIT_MS) -> Record:
        """Return the first record after number `since` whose fields hold what `match` says; raises TimedOut."""

    def trace(self, since: int = 0) -> list[Record]:
        """Return all kept records of the trace that follow number `since`."""
        records: list[Record] = []
        while page := self.page(records[-1].number if records else since):
            records.extend(page)
        return records

    def cut(self, cable: str, direction: str | None = None) -> int:
        """Cut a cable, or what the end `direction` sends on it."""
        return self._one("cut", cable=cable, direction=direction)

    def heal(self, cable: str, direction: str | None = None) -> int:
        """Make a cable, or one direction of it, as good as new."""
        return self._one("heal", cable=cable, direction=direction)

    def noise(self, cable: str, ber: float) -> int:
        """Let each bit on a serial cable be wrong with probability `ber`."""
        return self._one("noise", cable=cable, ber=ber)

    def burst(self, cable: str, ms: float) -> int:
        """Let only garbage through for `ms`."""
        return self._one("burst", cable=cable, ms=ms)

    def delay(self, cable: str, ms: float) -> int:
        """Let everything on a cable arrive `ms` later."""
        return self._one("delay", cable=cable, ms=ms)

    def inject(self, cable: str, direction: str, data: bytes) -> int:
        """Put bytes on a cable as if the end `direction` had sent them."""
        return self._one("inject", cable=cable, direction=direction, data=data.hex())

    def capture(self, cable: str, path: str | None = None) -> int:
        """Write what arrives over a cable into a file, or end that."""
        return self._one("capture", cable=cable, path=path)

    def hang(self, unit: str) -> int:
        """Let a unit stand still with its power on."""
        return self._one("hang", unit=unit)

    def stop(self, unit: str, leaving: bool = False, after_ms: int = 500, longest_s: int = 60) -> int:
        """Take the power of a unit; if `leaving`, after its agent has said so."""
        return self._one("stop", unit=unit, leaving=leaving, after_ms=after_ms, longest_s=longest_s)

    def start(self, unit: str) -> int:
        """Give a unit power."""
        return self._one("start", unit=unit)

    def fail(self, unit: str) -> int:
        """Let the checks of a unit fail."""
        return self._one("fail", unit=unit)

    def degrade(self, unit: str) -> int:
        """Let the checks of a unit say that it is degraded."""
        return self._one("degrade", unit=unit)

    def mend(self, unit: str) -> int:
        """Let the checks of a unit pass again."""
        return self._one("mend", unit=unit)

    def hook(self, unit: str, role: str, how: str) -> int:
        """Let a unit's hook for "drain" or "active" end as `how` says: "works", "fails" or "hangs"."""
        return self._one("hook", unit=unit, role=role, how=how)

    def key(self, unit: str, path: str | None = None) -> int:
        """Restart the agent of a unit with the keys of a file, or with none."""
        return self._one("key", unit=unit, path=path)

    def alter(self, unit: str, how: str) -> int:
        """Alter the heartbeat of a unit; "none" ends it."""
        return self._one("alter", unit=unit, how=how)

    def weld(self, relay: str, contact: str | None = None, pole: int | None = None) -> int:
        """Weld the contact that is closed, or the named one at its next touch; on all poles or on one."""
        return self._one("weld", relay=relay, contact=contact, pole=pole)

    def unweld(self, relay: str) -> int:
        """Break the welds of a relay."""
        return self._one("unweld", relay=relay)

    def bridge(self, relay: str, contact: str) -> int:
        """Lay a wire across a contact."""
        return self._one("bridge", relay=relay, contact=contact)

    def unbridge(self, relay: str) -> int:
        """Take the wires across contacts of a relay away."""
        return self._one("unbridge", relay=relay)

    def stick(self, relay: str, coil: str | None = None, shorted: bool = False) -> int:
        """Open the windings of a relay, or the named one; `shorted`: its driver conducts for ever instead."""
        return self._one("stick", relay=relay, coil=coil, shorted=shorted)

    def unstick(self, relay: str) -> int:
        """Mend the windings of a relay, and their drivers."""
        return self._one("unstick", relay=relay)

    def sense(self, relay: str, contact: str, stuck: str | None = None) -> int:
        """Break the read-back of a contact ("open", "closed", "lost"), or mend it."""
        return self._one("sense", relay=relay, contact=contact, stuck=stuck)

    def supply(self, on: bool) -> int:
        """Switch the supply of the relay coils."""
        return self._one("supply", state="on" if on else "off")

    def power(self, board: str, on: bool) -> int:
        """Switch the power of a board."""
        return self._one("power", board=board, state="on" if on else "off")

    def keyswitch(self, board: str, on: bool) -> int:
        """Turn the lockout key at a board."""
        return self._one("keyswitch", board=board, state="on" if on else "off")

    def erase(self, board: str, ms: float) -> int:
        """Let an erase of a board's flash take `ms` from now on."""
        return self._one("erase", board=board, ms=ms)

    def powercut(self, board: str, operation: int = 0, how: str = "none") -> int:
        """Let a board lose power at an operation of its flash, "whole", "none", "30", "70" or "garbled"; or "never"."""
        return self._one("powercut", board=board, operation=operation, how=how)

    def freeze(self, board: str) -> int:
        """Let the firmware of a board stand still."""
        return self._one("freeze", board=board)

    def thaw(self, board: str) -> int:
        """Let a frozen board go on."""
        return self._one("thaw", board=board)

    def reset(self, board: str) -> int:
        """Reset a board at its reset pin."""
        return self._one("reset", board=board)

    def _one(self, verb: str, **arguments: Any) -> int:
        return self.do([(verb, {name: value for name, value in arguments.items() if value is not None})])
