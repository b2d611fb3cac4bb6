"""Parts of an explored world beside its boards: ends of cables, agents, what arrived; all state in plain fields.

They do nothing by themselves: the world says when time passes, and which frame arrives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotspare.simulator.laws import SILENT
from hotspare_engine import words as w
from hotspare_wire import frame
from hotspare_wire import messages as m
from hotspare_wire.link import NEWS, Link, heartbeat_unit_role
from hotspare_wire.trust import Keyring

LOST_WITH_POWER = 60  # s that a unit says it is away for


class End:
    """A board's end of a cable, as firmware uses a UART; `sink(data)` gets each frame that it writes."""

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self.inbox = bytearray()
        self.sink = sink

    def open(self, baud: int) -> End:
        """The firmware sets it up; a boot hears nothing of what came before."""
        self.inbox.clear()
        return self

    def any(self) -> int:
        """Return how many bytes wait."""
        return len(self.inbox)

    def readinto(self, buffer: bytearray, size: int) -> int:
        """Move what waits to a buffer."""
        count = min(size, len(self.inbox))
        buffer[:count] = self.inbox[:count]
        del self.inbox[:count]
        return count

    def write(self, data: memoryview) -> int:
        """Take a frame whole."""
        self.sink(bytes(data))
        return len(data)


class Nobody:
    """The board's end of a host port where nobody listens: what a person asks is told the engine itself."""

    def readable(self) -> bool:
        """Nothing comes."""
        return False

    def writable(self) -> bool:
        """It takes everything."""
        return True

    def write(self, data: memoryview) -> int:
        """Answers are lost here."""
        return len(data)


class Agent:
    """The agent of a unit: `says` is the unit's health, SILENT for none, `role` what it was told, `end` its board's."""

    def __init__(self, unit: int, board: int, draw: Any, ring: Keyring, beat_ms: int) -> None:
        self.unit = unit
        self.link = Link(m.ADDRESS_AGENT_MIN + unit, board, draw, keyring=ring)
        self.end: End | None = None
        self.says = w.OK
        self.due_ms = 0
        self.beat_ms = beat_ms
        self.role = 0
        self._decoder = frame.Decoder()

    def hear(self, data: bytes) -> None:
        """Its board has written a frame."""
        if self.says == SILENT:
            return
        place = 0
        while place < len(data):
            place = self._decoder.feed(data, place, len(data))
            if self._decoder.size:
                self._take(self._decoder.payload, self._decoder.size)

    def _take(self, payload: bytearray, size: int) -> None:
        if self.link.judge(payload, size) == NEWS and payload[frame.AT_KIND] & frame.KIND_MASK == m.HEARTBEAT:
            self.role = heartbeat_unit_role(payload)
        if self.link.greet and self.end:
            self.end.inbox += self.link.hello()

    def speak(self, now_ms: int) -> bool:
        """Say how the unit is, if it is time; return whether something was said."""
        if now_ms < self.due_ms:
            return False
        self.due_ms = now_ms + self.beat_ms
        if self.says == SILENT or self.end is None:
            return False
        if self.link.established:
            self.end.inbox += self.link.report(self.says, LOST_WITH_POWER if self.says == w.LEAVING else 0, self.role)
        else:
            self.end.inbox += self.link.hello()
        return True


class Heard:
    """What truly arrived on one path of the controller, as the laws ask for it; `fresh` beats only."""

    def __init__(self, kind: int, unit: int, dead_ms: int) -> None:
        self.kind = kind
        self.unit = unit
        self.dead_ms = dead_ms
        self.cut = self.frozen = self.loss = 0
        self.pace = 1
        self.said = SILENT
        self.alive_until_ms = -1
        self.heard_well = 0  # since the controller's boot

    def beat(self, now_ms: int, said: int) -> None:
        """A fresh beat has arrived."""
        self.said = said
        self.alive_until_ms = now_ms + self.dead_ms
        self.loss = 0
        if said in (w.OK, w.IMPAIRED):
            self.heard_well = 1

    def knows_well(self, now_ms: int) -> bool:
        """Return whether it said in time that its unit is well."""
        return self.said in (w.OK, w.IMPAIRED) and now_ms <= self.alive_until_ms


class Watched:
    """A relay of the controller's board: every command is put to the laws before it is carried out."""

    def __init__(self, relay: Any, line: int, commanded: Callable[[int, int, Any], None]) -> None:
        self.relay = relay
        self.line = line
        self.commanded = commanded

    def drive(self, position: int) -> None:
        """The engine commands the relay."""
        self.commanded(self.line, position, self.relay)

    def position(self) -> int:
        """Return what the read-backs say."""
        return self.relay.position()  # type: ignore[no-any-return]

    def elapsed(self, ms: int) -> int:
        """Time has passed; return how long the coil still needs attention."""
        return self.relay.elapsed(ms)  # type: ignore[no-any-return]
