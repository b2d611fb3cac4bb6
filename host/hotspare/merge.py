"""Events of many boards in order of time: each clock is placed by a query's round trip, with its error; no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hotspare import wording
from hotspare.board import Fields

CLOCK_SIZE = 1 << 32  # a board's milliseconds count from 0 again after this many
GRAIN_MS = 1.0  # of a board's clock


@dataclass(frozen=True)
class Offset:
    """Where a board's clock stands: `uptime_ms` was read at `at`, within `off_ms` either way."""

    boot: int
    uptime_ms: int
    at: datetime
    off_ms: float

    @classmethod
    def between(cls, boot: int, uptime_ms: int, asked: datetime, answered: datetime) -> Offset:
        """Place a clock that was read somewhere between two times of ours."""
        half = (answered - asked) / 2
        return cls(boot, uptime_ms, asked + half, half / timedelta(milliseconds=1) + GRAIN_MS)

    def time_of(self, at_ms: int) -> datetime:
        """Return when the board's clock showed `at_ms`, in this boot."""
        ago_ms = (self.uptime_ms - at_ms) % CLOCK_SIZE
        if ago_ms > CLOCK_SIZE // 2:  # recorded after the clock was read
            ago_ms -= CLOCK_SIZE
        return self.at - timedelta(milliseconds=ago_ms)


@dataclass(frozen=True)
class Event:
    """One event of one board; `at` is None for one of an earlier boot, whose clock is gone."""

    board: str
    number: int
    boot: int
    at_ms: int
    kind: int
    a: int
    b: int
    at: datetime | None
    off_ms: float
    text: str

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON carries it."""
        return {
            "board": self.board,
            "number": self.number,
            "boot": self.boot,
            "at_ms": self.at_ms,
            "time": self.at.astimezone(UTC).isoformat(timespec="milliseconds") if self.at else None,
            "off_ms": round(self.off_ms, 1) if self.at else None,
            "event": wording.event_name(self.kind),
            "text": self.text,
            "kind": self.kind,
            "a": self.a,
            "b": self.b,
        }


def placed(board: str, fields: Fields, offset: Offset, place: wording.Place) -> Event:
    """Return an event as a board told it, placed in time."""
    kind, a, b = fields["kind"], fields["a"], fields["b"]
    at = offset.time_of(fields["at_ms"]) if fields["boot"] == offset.boot else None
    text = wording.event_text(kind, a, b, place)
    return Event(board, fields["number"], fields["boot"], fields["at_ms"], kind, a, b, at, offset.off_ms, text)


def in_order(events: list[Event]) -> list[Event]:
    """Return events in order of time, those of earlier boots first; at one time, by board and number."""
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(events, key=lambda event: (event.at or never, event.board, event.number))
