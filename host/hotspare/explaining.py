"""Why a group is where it is: the board's own resolver on what the board sees and on single changes of it; no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hotspare import durations, view, wording
from hotspare.configuration import Group
from hotspare_engine import approval, asks, names, resolver
from hotspare_engine import words as w
from hotspare_engine.resolver import Situation

TIMES = 2  # behind what the resolver sees: ms left of stay_min_s, ms left to restore; an older board tells none


def values_of(data: bytes) -> tuple[int, ...]:
    """Return the numbers of a SITUATION message."""
    size = view.VALUE_SIZE
    places = range(0, len(data) - len(data) % size, size)
    return tuple(int.from_bytes(data[place : place + size], "little", signed=True) for place in places)


def fits(group: Group, values: tuple[int, ...]) -> bool:
    """Return whether the numbers are a situation of this group, as this version of the resolver sees one."""
    primaries = len(group.primaries)
    seen = len(Situation.FIELDS) + primaries + 1
    return len(values) in (seen, seen + TIMES) and values[0] == primaries


def situation_of(values: tuple[int, ...]) -> Situation:
    """Return the situation that a board sees, resolved."""
    s = Situation(values[0])
    s.load(values)
    resolver.resolve(s)
    return s


@dataclass(frozen=True)
class Decision:
    """What the resolver decides, and what keeps it from being done."""

    winner: int
    unit: int
    selected: int
    target: int
    losers: tuple[int, ...]
    held: int  # inhibitors that hold the movement back
    uncovered: int

    @classmethod
    def of(cls, s: Situation) -> Decision:
        """Read a resolved situation as the engine does."""
        losers = tuple(code for code, _, _ in resolver.ROWS if s.present >> code & 1 and code != s.winner)
        # what moves is held back by approval alone: what blocks is then said of another line, which stays uncovered
        held = approval.inhibitors(s) if s.target != s.selected else s.blocked
        return cls(s.winner, s.unit, s.selected, s.target, losers, held, s.uncovered)

    @property
    def carries(self) -> int:
        """The line that the spare carries once what can be done is done; NONE for no line."""
        return self.selected if self.held and self.target != self.selected else self.target


@dataclass(frozen=True)
class Change:
    """One single change and what the resolver would then decide; `refused` is the verdict where it would be refused."""

    condition: str
    decision: Decision
    refused: str = ""


def changes(group: Group, values: tuple[int, ...], pending: int = 0) -> list[Change]:
    """Return each single change that would move the line or make another request win; `pending` is an id or 0."""
    now = Decision.of(situation_of(values))
    found = []
    approval_of = [(f"hotspare approve {pending}", _approve)] if pending else []
    for condition, alter in [*approval_of, *_alterations(group, situation_of(values))]:
        s = situation_of(values)
        alter(s)
        resolver.resolve(s)
        then = Decision.of(s)
        if (then.winner, then.target, then.held) != (now.winner, now.target, now.held):
            found.append(Change(condition, then))
    if len(group.lines) == 1:
        found.append(_asked(values, w.MS, 0, "hotspare switchover"))
    else:
        found += [_asked(values, w.MS, at, f"hotspare switchover --line {it}") for at, it in enumerate(group.lines)]
    return [*found, _asked(values, w.MS_P, max(now.selected, 0), "hotspare failback")]


def _asked(values: tuple[int, ...], request: int, line: int, text: str) -> Change:
    s = situation_of(values)
    unit, number = (s.primaries, line + 1) if request == w.MS else (line, 0)
    verdict, by, _ = asks.verdict(s, request, unit, 0, 0, number)
    s.waited |= 1 << request  # whoever asks waits for it: it is not automatic
    refused = ""
    if verdict != w.ACCEPTED:
        refused = wording.verdict_name(verdict) + (f" by {wording.request_name(by)}" if by else "")
    return Change(text, Decision.of(s), refused)


def _alterations(group: Group, s: Situation) -> Iterator[tuple[str, Callable[[Situation], None]]]:
    for unit in group.units:
        if not s.failed >> unit.index & 1:
            yield f"{unit.name} fails", _setter(unit.index, w.FAILED)
        if not s.ready(unit.index):
            yield f"{unit.name} is well", _setter(unit.index, w.OK)
        if s.health[unit.index] == w.IMPAIRED and s.on_degraded:
            yield f"{unit.name} is ok", _setter(unit.index, w.OK)
        if s.health[unit.index] == w.OK and s.on_degraded and unit.index < s.primaries:
            yield f"{unit.name} says that it is degraded", _setter(unit.index, w.IMPAIRED, degraded=True)
        if s.noisy >> unit.index & 1:
            yield f"{unit.name} fell silent on a quiet path too", _clearer("noisy", 1 << unit.index)
        if s.flapping >> unit.index & 1:
            yield f"{unit.name} has not failed for attempts_window_s", _clearer("flapping", 1 << unit.index)
        if s.out >> unit.index & 1:
            yield f"{unit.name} is in use again (clear OUT)", _clearer("out", 1 << unit.index)
    if s.lockout & resolver.BY_REQUEST:
        yield "the lockout ends (clear LO)", _clearer("lockout", resolver.BY_REQUEST)
    if s.lockout & resolver.BY_SWITCH:
        yield "the lockout switch is turned back", _clearer("lockout", resolver.BY_SWITCH)
    if s.order:
        yield f"{wording.request_name(s.order)} is cleared", _end_order
    if s.wtr:
        yield "wait to restore is over", _clearer("wtr", s.wtr)
    for bit, name, end in names.INHIBITORS:
        if s.inhibited & bit & ~w.I_LOCAL:  # said above
            yield f"{name} ends ({end})", _clearer("inhibited", bit)


def _setter(unit: int, health: int, degraded: bool = False) -> Callable[[Situation], None]:
    def alter(s: Situation) -> None:
        s.health[unit] = health
        s.failed = s.failed | 1 << unit if health == w.FAILED else s.failed & ~(1 << unit)
        s.degraded = s.degraded | 1 << unit if degraded else s.degraded & ~(1 << unit)

    return alter


def _clearer(field: str, bits: int) -> Callable[[Situation], None]:
    def alter(s: Situation) -> None:
        setattr(s, field, getattr(s, field) & ~bits)

    return alter


def _approve(s: Situation) -> None:
    s.pending_said = w.APPROVED


def _end_order(s: Situation) -> None:
    s.order, s.order_line = 0, w.NONE


def explain(group: Group, values: tuple[int, ...], pending: int = 0, standing: Sequence[Any] = ()) -> dict[str, Any]:
    """Return the whole answer as JSON carries it; `pending` is the id of what waits for a person, or 0."""
    s = situation_of(values)
    now = Decision.of(s)
    return {
        "group": group.name,
        **_decided(group, now),
        "meaning": wording.REQUEST_MEANINGS.get(now.winner, ""),
        "about": group.units[now.unit].name if 0 <= now.unit < len(group.units) else None,
        "losers": [
            {"request": wording.request_name(code), "meaning": wording.REQUEST_MEANINGS.get(code, "")}
            for code in now.losers
            if code != w.NR
        ],
        "inhibitors": [
            {"inhibitor": name, "ends": _end(bit, end, pending, standing)}
            for bit, name, end in names.INHIBITORS
            if (now.held | s.blocked | s.inhibited) & bit
        ],
        "units": {unit.name: wording.pick(names.HEALTH_NAMES, s.health[unit.index]) for unit in group.units},
        "degraded": [unit.name for unit in group.units if s.degraded >> unit.index & 1],
        "flapping": [unit.name for unit in group.units if s.flapping >> unit.index & 1],
        "would_change": [
            {"if": change.condition, "refused": change.refused or None, **_decided(group, change.decision)}
            for change in changes(group, values, pending)
        ],
    }


def as_it_is(group: Group, values: tuple[int, ...], status: dict[str, Any]) -> dict[str, Any]:
    """Return where the contacts are, and why what is wanted is not yet so."""
    s = situation_of(values)
    lines = view.lines_of(group, status)
    carried = [line for line, it in lines.items() if it["active"] == group.spare]
    return {
        "state": wording.state_name(status["state"]),
        "lines": lines,
        "spare_carries": carried[0] if carried else None,
        "not_yet": list(_not_yet(group, s, values, status, lines)),
    }


def _not_yet(
    group: Group, s: Situation, values: tuple[int, ...], status: dict[str, Any], lines: dict[str, Any]
) -> Iterator[str]:
    stay_ms, wtr_ms = values[-TIMES:] if len(values) > len(s.values()) else (0, 0)
    if status["state"] == w.SWITCHING:
        yield "a switch is under way" + "".join(f"; it waits for {what}" for what in _awaited(group, status))
    elif s.winner == w.NR and s.target != s.selected and stay_ms:
        yield f"stay_min_s: it stays for {_seconds(stay_ms)} more"
    if s.winner == w.WTR:
        how = "" if s.well(s.selected) else f", counted while {group.lines[s.selected]} is well"
        yield f"wait to restore: {_seconds(wtr_ms)} left{how}"
    for line, it in lines.items():
        if it["active"] is None:
            yield f"line {line}: its read-backs say {it['position']}, it is driven to {it['driven']}"


def _awaited(group: Group, status: dict[str, Any]) -> Iterator[str]:
    """Return what a switch waits for of units, as far as it is theirs to do."""
    for unit in group.units:
        told, said = status["roles"][unit.index] & 15, status["roles"][unit.index] >> 4
        is_spare = unit.index == len(group.primaries)
        if told == w.DRAIN and said != w.DRAIN:
            yield f"{unit.name} to drain"
        elif is_spare and told == w.ACTIVE and group.standby == "cold" and status["health"][unit.index] == w.OFF:
            yield f"{unit.name} to come up"
        elif is_spare and told == w.ACTIVE and group.standby == "warm" and said != w.ACTIVE:
            yield f"{unit.name} to acknowledge that it is active"


def _seconds(ms: int) -> str:
    return durations.show(-(-ms // 1000))


def _end(bit: int, end: str, pending: int, standing: Sequence[Any]) -> str:
    if pending and bit & (approval.AUTONOMY | approval.OUTWEIGHED):
        return end.replace("ID", str(pending))
    return wording.exit_of(bit, end, standing)


def _decided(group: Group, decision: Decision) -> dict[str, Any]:
    return {
        "winner": wording.request_name(decision.winner),
        "selected": _line(group, decision.selected),
        "target": _line(group, decision.target),
        "spare_carries": _line(group, decision.carries),
        "held_back_by": wording.inhibitor_names(decision.held),
        "uncovered": [line for index, line in enumerate(group.lines) if decision.uncovered >> index & 1],
    }


def _line(group: Group, index: int) -> str | None:
    return group.lines[index] if 0 <= index < len(group.lines) else None
