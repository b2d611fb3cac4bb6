"""Events of many boards in one order of time, placed and in words: a selection of the database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hotspare import said, wording
from hotspare.history import places
from hotspare.history.clocks import Clock, When, moment
from hotspare.history.database import AFRESH, GAP, SAME_CHIP, Database, Known
from hotspare_engine import names

NUMBER_MAX = (1 << 32) - 1
LAST = 1000  # how many are shown unless more are asked for
EVERY = 1 << 62  # as a count: all that there are
OWN_NAMES = {GAP: "gap", AFRESH: "recorder afresh"}
NAMES = {name: code for code, name, _, _ in names.EVENTS} | {name: code for code, name in OWN_NAMES.items()}


@dataclass(frozen=True)
class Selection:
    """Which events are wanted; empty tuples and None want all."""

    groups: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()
    kinds: tuple[int, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    first: int = -1  # the rows of a recorder that began again have numbers below 0
    last: int = NUMBER_MAX
    newest: int = EVERY


@dataclass(frozen=True)
class Event:
    """One event of one board. Without `at` its clock is not known, and it lies between `after` and `before`."""

    group: str
    board: str
    recorder: int
    number: int
    boot: int
    at_ms: int
    kind: int
    a: int
    b: int
    at: datetime | None
    off_ms: float
    after: datetime | None
    before: datetime | None
    text: str
    place: wording.Place  # what its numbers stand for

    @property
    def name(self) -> str:
        """What it is called."""
        return OWN_NAMES.get(self.kind) or wording.event_name(self.kind)

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON carries it."""
        return {
            "group": self.group,
            "board": self.board,
            "recorder": f"{self.recorder:08x}",
            "number": self.number,
            "boot": self.boot,
            "at_ms": self.at_ms,
            "time": _iso(self.at),
            "off_ms": round(self.off_ms, 1) if self.at else None,
            "after": _iso(self.after),
            "before": _iso(self.before),
            "event": self.name,
            "text": self.text,
            "kind": self.kind,
            "a": self.a,
            "b": self.b,
        }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds") if at else None


def select(database: Database, wanted: Selection, seen: dict[int, int] | None = None) -> list[Event]:
    """Return the events wanted, in order of time; `seen`, by recorder, are numbers up to which none is wanted again."""
    ordered: list[tuple[float, str, int, Event]] = []
    for known in database.recorders():
        if (wanted.groups and known.group not in wanted.groups) or (wanted.boards and known.board not in wanted.boards):
            continue
        first = max(wanted.first, seen.get(known.key, -2) + 1 if seen is not None else -1)
        found = _of(database, known, replace(wanted, first=first))
        if found and seen is not None:
            seen[known.key] = max(found[-1].number, seen.get(known.key, -1))
        at = float("-inf")
        for event in found:  # within a board numbers are the order, however far off its clock is
            at = max(at, _order(event))
            ordered.append((at, known.board, known.key, event))
    ordered.sort(key=lambda row: (row[:3], row[3].number))
    events = [event for *_, event in ordered if _within(event, wanted)]
    return events[-wanted.newest :]


def _of(database: Database, known: Known, wanted: Selection) -> list[Event]:
    in_time = wanted.since is None and wanted.until is None
    kinds = (*wanted.kinds, *said.PIECES) if set(wanted.kinds) & set(said.COMMANDS) else wanted.kinds
    rows = database.rows(known.key, wanted.first, wanted.last, kinds, wanted.newest if in_time else EVERY)
    if not rows:
        return []
    clock = Clock(database.samples(known.key), database.lasts(known.key))
    told = {boot: places.from_text(text) for boot, text in database.places(known.key).items()}
    found = said.told([_event(known, row, clock, _nearest(told, row[1])) for row in rows])
    return [event for event in found if not wanted.kinds or event.kind in wanted.kinds]


def _nearest(told: dict[int, wording.Place], boot: int) -> wording.Place:
    """Return the place of a boot; of one that was never seen, that of the boot after it, or the last before it."""
    if boot not in told and told:
        later = [it for it in told if it > boot]
        boot = min(later) if later else max(told)
    return told.get(boot) or wording.Place((), (), ())


def _event(known: Known, row: tuple[int, ...], clock: Clock, place: wording.Place) -> Event:
    number, boot, at_ms, kind, a, b = row
    when: When = clock.when(max(0, number), boot, at_ms)
    at, after, before = (moment(us) if us is not None else None for us in (when.at_us, when.after_us, when.before_us))
    said = (known.group, known.board, known.id, number, boot, at_ms, kind, a, b)
    return Event(*said, at, when.off_us / 1000, after, before, _text(number, kind, a, b, place), place)


def _text(number: int, kind: int, a: int, b: int, place: wording.Place) -> str:
    if kind == GAP:
        many = f"{a} events, {number} to {number + a - 1}, were" if a > 1 else f"event {number} was"
        return f"{many} gone before this log was read"
    if kind == AFRESH:
        return "its numbers begin again" if a == SAME_CHIP else "another chip is this board now"
    return wording.event_text(kind, a, b, place)


def _order(event: Event) -> float:
    at = event.at or event.after or event.before
    return at.timestamp() if at is not None else float("-inf")


def _within(event: Event, wanted: Selection) -> bool:
    """Return whether an event may lie in the span that is wanted."""
    earliest, latest = (event.at, event.at) if event.at else (event.after, event.before)
    if wanted.since is not None and latest is not None and latest < wanted.since:
        return False
    return not (wanted.until is not None and earliest is not None and earliest > wanted.until)
