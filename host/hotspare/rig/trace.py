"""The record of what really happened, by the rig's clock, and the measure of exclusivity; models write, all read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from hotspare.rig.loop import Timeline

RECORDS_MAX = 32_768
# a reader gets this many at once, so that writing them down does not hold the loop up
PAGE_RECORDS = 256
WATCHERS_MAX = 256


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened: `kind` and `name` say to whom, `event` what, `detail` which part or why."""

    number: int
    us: int
    kind: str
    name: str
    event: str
    detail: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as it is written in JSON."""
        return asdict(self)

    def matches(self, match: Mapping[str, str]) -> bool:
        """Return whether each field named in `match` holds what it says there."""
        return all(getattr(self, field) == value for field, value in match.items())


MATCH_FIELDS = ("kind", "name", "event", "detail")


def nothing_came(match: Mapping[str, str], limit_ms: int) -> str:
    """Return what is said when no record that matches came in time."""
    wanted = ", ".join(f"{field} {text}" for field, text in match.items())
    return f"nothing{f' with {wanted}' if wanted else ''} happened within {limit_ms} ms"


class Trace:
    """A bounded ring of records; numbers rise by one, so that what was pushed out shows as a gap."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._ring: deque[Record] = deque(maxlen=RECORDS_MAX)
        self._watchers: list[tuple[Mapping[str, str], int, Callable[[Record], None]]] = []
        self.next_number = 1

    def add(self, kind: str, name: str, event: str, detail: str = "") -> None:
        """Write down that `event` happened now."""
        record = Record(self.next_number, self._timeline.now_us(), kind, name, event, detail)
        self.next_number += 1
        self._ring.append(record)
        if self._watchers:
            self._tell(record)

    def since(self, number: int, limit: int = PAGE_RECORDS) -> list[Record]:
        """Return at most `limit` records that follow the one with `number`."""
        ring = self._ring
        skip = max(0, number + 1 - ring[0].number) if ring else 0
        return list(islice(ring, skip, skip + limit))

    def find(self, match: Mapping[str, str], since: int) -> Record | None:
        """Return the first kept record after number `since` that matches."""
        found = None
        for record in reversed(self._ring):  # who looks for something mostly looks for something new
            if record.number <= since:
                break
            if record.matches(match):
                found = record
        return found

    def watch(self, match: Mapping[str, str], since: int, call: Callable[[Record], None]) -> Callable[[], None]:
        """Call `call(record)` once, for the first record from now on that matches; return what takes that back."""
        entry = (match, since, call)
        self._watchers.append(entry)
        return lambda: self._watchers.remove(entry) if entry in self._watchers else None

    @property
    def watchers(self) -> int:
        """How many wait for a record."""
        return len(self._watchers)

    def _tell(self, record: Record) -> None:
        for entry in list(self._watchers):
            match, since, call = entry
            if record.number > since and record.matches(match):
                self._watchers.remove(entry)
                call(record)


class Exclusivity:
    """How long a line had two units, or a unit two lines: from contacts alone, whatever anybody believes."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._units_of: dict[str, set[str]] = {}
        self._lines_of: dict[str, set[str]] = {}
        self._since_us: dict[tuple[str, str], int] = {}
        self._longest_us = 0
        self.changes = 0  # of what is connected

    def connect(self, line: str, unit: str) -> None:
        """A contact joins `unit` and `line`."""
        self._units_of.setdefault(line, set()).add(unit)
        self._lines_of.setdefault(unit, set()).add(line)
        self._measure(line, unit)

    def disconnect(self, line: str, unit: str) -> None:
        """A contact parts `unit` and `line`."""
        self._units_of.setdefault(line, set()).discard(unit)
        self._lines_of.setdefault(unit, set()).discard(line)
        self._measure(line, unit)

    def lines_of(self, unit: str) -> list[str]:
        """Return the lines that `unit` is connected to now."""
        return sorted(self._lines_of.get(unit, ()))

    @property
    def both_now(self) -> list[tuple[str, str]]:
        """The lines that have two units now, and the units that have two lines: what each is, and its name."""
        return list(self._since_us)

    @property
    def both_connected_us(self) -> int:
        """The longest time so far, one that still lasts included."""
        now_us = self._timeline.now_us()
        return max([self._longest_us, *(now_us - since_us for since_us in self._since_us.values())])

    def _measure(self, line: str, unit: str) -> None:
        self.changes += 1
        for key, members in ((("line", line), self._units_of[line]), (("unit", unit), self._lines_of[unit])):
            if len(members) > 1:
                self._since_us.setdefault(key, self._timeline.now_us())
            elif key in self._since_us:
                self._longest_us = max(self._longest_us, self._timeline.now_us() - self._since_us.pop(key))
