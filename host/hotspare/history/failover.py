"""A failover as a picture's content: lanes, spans, marks in ms from the cause, found among events; no I/O.

What happened before a board noticed it is in no event: the 0 is the first thing that any board of the group recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotspare import wording
from hotspare.history.events import Event
from hotspare.wording import UNREAD
from hotspare_engine import names
from hotspare_engine import words as w

AUTOMATIC = (w.SF_P, w.SF_W, w.SD)
ASKED = (w.FX, w.FS, w.MS, w.MS_P)
SYMPTOM_MS_MAX = 2000  # between two things that belong to one cause
MARGIN_SHARE, MARGIN_MS = 0.12, 5.0
GOOD, BAD, MOVING, SPARE, QUIET = "good", "bad", "moving", "spare", "quiet"


@dataclass(frozen=True)
class Mark:
    """A moment with a name."""

    at_ms: float
    name: str
    text: str


@dataclass(frozen=True)
class Span:
    """What held for a while in a lane."""

    start_ms: float
    end_ms: float
    text: str
    tone: str


@dataclass(frozen=True)
class Lane:
    """One thing over time; `ticks` are moments at which a board recorded something."""

    kind: str
    name: str
    spans: tuple[Span, ...]
    ticks: tuple[float, ...] = ()


@dataclass(frozen=True)
class Picture:
    """What is to be drawn."""

    title: str
    zero: datetime
    errors: tuple[tuple[str, float], ...]  # by board: how far off its times may be
    start_ms: float
    end_ms: float
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    events: tuple[tuple[float, Event], ...]


@dataclass(frozen=True)
class Switch:
    """A switch of the load, by the events that tell it; what was not recorded is None."""

    cause: Event
    decision: Event | None
    drive: Event | None
    contact: Event | None
    end: Event

    def marks(self, to_ms: Callable[[Event], float]) -> tuple[Mark, ...]:
        """Return its moments."""
        named = (
            ("cause", self.cause),
            ("decision", self.decision),
            ("drive", self.drive),
            ("contact", self.contact),
        )
        return tuple(
            Mark(to_ms(event), name, f"{event.name}: {event.text}") for name, event in named if event is not None
        )


def last(events: Sequence[Event]) -> Picture | None:
    """Return the last failover; without one, the last switch that a person asked for; None without any."""
    switches = _switches(events)
    automatic = [it for it in switches if it.decision is not None and it.decision.a in AUTOMATIC]
    if not switches:
        return None
    switch = (automatic or switches)[-1]
    assert switch.cause.at is not None
    assert switch.end.at is not None
    span_ms = (switch.end.at - switch.cause.at) / timedelta(milliseconds=1)
    margin = timedelta(milliseconds=max(MARGIN_MS, span_ms * MARGIN_SHARE))
    return _picture(events, switch, switch.cause.at - margin, switch.end.at + margin)


def whole(events: Sequence[Event]) -> Picture | None:
    """Return all of these events, in ms from the cause of the last switch among them; None without any."""
    switches = _switches(events)
    if not switches:
        return None
    times = [event.at for event in events if event.at is not None and event.group == switches[-1].end.group]
    return _picture(events, switches[-1], min(times), max(times))


# -- the switch -----------------------------------------------------------------------------------------------------


def _switches(events: Sequence[Event]) -> list[Switch]:
    return [
        _switch(event, events[:place])
        for place, event in enumerate(events)
        if event.kind == w.E_SWITCHED and event.at is not None
    ]


def _switch(end: Event, before: Sequence[Event]) -> Switch:
    own = [it for it in before if (it.board, it.recorder, it.boot) == (end.board, end.recorder, end.boot)]
    target = _line(end.a)
    decision = _latest(own, lambda it: it.kind == w.E_WINNER and (it.b >> w.TARGET_SHIFT & 15) - 1 == target)
    since = [it for it in own if decision is None or it.number > decision.number]
    drive = next((it for it in since if it.kind == w.E_DRIVE), None)
    contact = _latest(since, lambda it: it.kind == w.E_CONTACT and bool(it.b & w.RESTS))
    cause = _cause(before, decision) if decision is not None else None
    return Switch(cause or decision or drive or end, decision, drive, contact, end)


def _cause(before: Sequence[Event], decision: Event) -> Event | None:
    if decision.a in ASKED:
        return _latest(before, lambda it: it.board == decision.board and it.kind == w.E_ASKED and it.a == decision.a)
    believed = _latest(before, lambda it: it.board == decision.board and _is_failure(it))
    cause = believed
    for event in reversed(before[: before.index(believed)] if believed is not None else ()):
        assert cause is not None
        assert cause.at is not None
        if event.at is None or cause.at - event.at > timedelta(milliseconds=SYMPTOM_MS_MAX):
            break
        if event.group == decision.group and (_is_failure(event) or _is_silence(event)):
            cause = event
    return cause


def _is_failure(event: Event) -> bool:
    return event.kind == w.E_HEALTH and event.b & 255 in (w.FAILED, w.IMPAIRED, w.LEAVING)


def _is_silence(event: Event) -> bool:
    return event.kind == w.E_PATH and event.b == w.SILENT


def _latest(events: Sequence[Event], wanted: Callable[[Event], bool]) -> Event | None:
    return next((event for event in reversed(events) if event.at is not None and wanted(event)), None)


def _line(code: int) -> int:
    return w.NONE if code in (w.NONE, UNREAD) else code


# -- the lanes ------------------------------------------------------------------------------------------------------


def _picture(events: Sequence[Event], switch: Switch, start: datetime, end: datetime) -> Picture:
    zero = switch.cause.at
    assert zero is not None

    def to_ms(event: Event) -> float:
        assert event.at is not None
        return (event.at - zero) / timedelta(milliseconds=1)

    timed = [event for event in events if event.group == switch.end.group and event.at is not None]
    within = [event for event in timed if event.at is not None and start <= event.at <= end]
    span = ((start - zero) / timedelta(milliseconds=1), (end - zero) / timedelta(milliseconds=1))
    errors = {board: max(it.off_ms for it in within if it.board == board) for board in _in_order(within)}
    what = wording.request_name(switch.decision.a) if switch.decision is not None else "switch"
    return Picture(
        title=f"{switch.end.group}: {what}, {switch.end.text}",
        zero=zero,
        errors=tuple(errors.items()),
        start_ms=span[0],
        end_ms=span[1],
        lanes=tuple(_lanes(timed, within, switch.end.board, span, to_ms)),
        marks=switch.marks(to_ms),
        events=tuple((to_ms(event), event) for event in within),
    )


def _in_order(events: Iterable[Event]) -> list[str]:
    return list(dict.fromkeys(event.board for event in events))


def _lanes(
    timed: Sequence[Event],
    within: Sequence[Event],
    controller: str,
    span: tuple[float, float],
    to_ms: Callable[[Event], float],
) -> Iterable[Lane]:
    own = [event for event in timed if event.board == controller]

    def lane(kind: str, name: str, code: int, index: int | None, told: Callable[[Event], tuple[str, str]]) -> Lane:
        found = [it for it in own if it.kind == code and (index is None or it.a == index)]
        return Lane(kind, name, tuple(_spans([(to_ms(it), *told(it)) for it in found], span)))

    for board in sorted(_in_order(within), key=lambda name: name != controller):
        ticks = tuple(to_ms(event) for event in within if event.board == board)
        spans = lane("board", board, w.E_STATE, None, _state).spans if board == controller else ()
        yield Lane("board", board, spans, ticks)
    place = next(event.place for event in reversed(own))
    for index, unit in enumerate(place.units):
        yield lane("unit", unit, w.E_HEALTH, index, _health)
    for index in sorted({event.a for event in within if event.kind == w.E_PATH and event.board == controller}):
        yield lane("path", place.path(index), w.E_PATH, index, _path)
    moved = {event.a for event in within if event.kind in (w.E_DRIVE, w.E_CONTACT)}
    for index in sorted(moved):
        yield lane("relay", place.line(index), w.E_DRIVE, index, _drive)
        yield lane("line", place.line(index), w.E_CONTACT, index, lambda event: _contact(event, place))
    yield lane("winner", "", w.E_WINNER, None, _winner)


def _spans(changes: Sequence[tuple[float, str, str]], span: tuple[float, float]) -> Iterable[Span]:
    start_ms, end_ms = span
    for place, (at_ms, text, tone) in enumerate(changes):
        until_ms = changes[place + 1][0] if place + 1 < len(changes) else end_ms
        if until_ms > start_ms and at_ms < end_ms and until_ms > at_ms:
            yield Span(max(at_ms, start_ms), min(until_ms, end_ms), text, tone)


def _state(event: Event) -> tuple[str, str]:
    tones = {w.NORMAL: GOOD, w.ON_SPARE: SPARE, w.SWITCHING: MOVING, w.HELD: BAD}
    return wording.state_name(event.a), tones.get(event.a, QUIET)


def _health(event: Event) -> tuple[str, str]:
    tones = {w.OK: GOOD, w.FAILED: BAD, w.FENCED: BAD, w.IMPAIRED: MOVING, w.LEAVING: MOVING}
    return wording.pick(names.HEALTH_NAMES, event.b & 255), tones.get(event.b & 255, QUIET)


def _path(event: Event) -> tuple[str, str]:
    tones = {w.ALIVE: GOOD, w.SILENT: BAD}
    return wording.pick(names.PATH_STATE_NAMES, event.b), tones.get(event.b, QUIET)


def _drive(event: Event) -> tuple[str, str]:
    tones = {w.AT_PRIMARY: GOOD, w.AT_SPARE: SPARE}
    return f"to {wording.position_name(event.b)}", tones.get(event.b, MOVING)


def _contact(event: Event, place: wording.Place) -> tuple[str, str]:
    position = event.b & ~w.RESTS
    if not event.b & w.RESTS:
        return "moving", MOVING
    if position == w.AT_PRIMARY:
        return place.line(event.a), GOOD  # a line has its primary's name
    if position == w.AT_SPARE:
        return place.units[-1] if place.units else "spare", SPARE
    return wording.position_name(position), BAD


def _winner(event: Event) -> tuple[str, str]:
    tones = {w.NR: QUIET, w.DNR: SPARE, w.WTR: SPARE}
    return wording.request_name(event.a), tones.get(event.a, BAD if event.a in AUTOMATIC else MOVING)
