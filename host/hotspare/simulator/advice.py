"""Advice: what neighbouring settings of a group would change, by the arithmetic of `check`; no I/O.

A neighbour is the same file with one thing said otherwise. One that `check` refuses, or warns about, is none.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from hotspare import budget, cautions, configuration, garbage
from hotspare.configuration import Configuration, Group
from hotspare.errors import ConfigurationInvalid
from hotspare.simulator import noisy
from hotspare.simulator.site import alone

SHOWN_MAX = 3  # of each direction
TRIED_MAX = 3  # of all, that are simulated
LESS = 0.5  # of the false failovers: a neighbour that saves fewer than half of them is not worth a word
SOONER_MS = 1.0
TOO_MANY_A_YEAR = 1.0  # false failovers that a sooner failover may not cost
WORTH_A_YEAR = 0.01  # below it noise is no reason to change anything

Tables = dict[str, Any]


@dataclass(frozen=True)
class Figures:
    """What `check` says of a group at one bit error rate."""

    false_a_year: float
    worst_ms: float

    @classmethod
    def of(cls, group: Group, ber: float) -> Figures:
        """Work them out; a person's time apart."""
        times = budget.of(group)
        return cls(noisy.predicted_a_year(group, ber), times.failover_worst_ms - (times.approval_ms or 0))


@dataclass(frozen=True)
class Neighbour:
    """A group with one thing said otherwise: what, in words, and what that makes of it."""

    what: str
    configuration: Configuration
    figures: Figures
    fewer: bool  # false failovers
    sooner: bool


def neighbours(tables: Tables, found: Configuration, group: Group, ber: float) -> tuple[Figures, list[Neighbour]]:
    """Return what the file says of a group, and its neighbours that do better in something, the best first."""
    now = Figures.of(group, ber)
    listed = []
    for what, changes in _changes(group):
        changed = _changed(tables, found, changes)
        other = changed.group(group.name) if changed is not None else None
        if changed is None or other is None or _is_refused(group, other):
            continue
        figures = Figures.of(other, ber)
        fewer = now.false_a_year >= WORTH_A_YEAR and figures.false_a_year <= LESS * now.false_a_year
        sooner = figures.worst_ms <= now.worst_ms - SOONER_MS and figures.false_a_year <= max(
            TOO_MANY_A_YEAR, now.false_a_year
        )
        if fewer or sooner:
            listed.append(Neighbour(what, alone(changed, other), figures, fewer, sooner))
    return now, _best(listed)


def to_try(listed: list[Neighbour]) -> list[Neighbour]:
    """Return those worth simulating: the best of each direction, then the next ones."""
    first = [next((it for it in listed if it.fewer), None), next((it for it in listed if it.sooner), None)]
    found = [it for it in dict.fromkeys([*first, *listed]) if it is not None]
    return found[:TRIED_MAX]


def _best(listed: list[Neighbour]) -> list[Neighbour]:
    fewer = sorted((it for it in listed if it.fewer), key=lambda it: (it.figures.false_a_year, it.figures.worst_ms))
    sooner = sorted((it for it in listed if it.sooner), key=lambda it: (it.figures.worst_ms, it.figures.false_a_year))
    return list(dict.fromkeys([*fewer[:SHOWN_MAX], *sooner[:SHOWN_MAX]]))


def _is_refused(group: Group, other: Group) -> bool:
    return bool(garbage.refusals(other)) or len(cautions.warnings(other)) > len(cautions.warnings(group))


Change = tuple[str, str, Any]  # table as group.pair, key, value


def _changes(group: Group) -> list[tuple[str, list[Change]]]:
    table = f"group.{group.name}"
    found = []

    def say(key: str, value: int) -> None:
        found.append((f"{key} = {value} instead of {group.setting(key)}", [(table, key, value)]))

    for key in ("beats", "agent_beats"):
        say(key, group.setting(key) + 1)
        say(key, group.setting(key) - 1)
    interval_ms = group.setting("interval_ms")
    for value in (interval_ms * 3 // 4, interval_ms * 3 // 2):
        say("interval_ms", value)
    say("hold_off_ms", group.setting("hold_off_ms") + interval_ms)
    if group.setting("hold_off_ms"):
        say("hold_off_ms", 0)
    both = interval_ms * 3 // 4
    found.append(
        (
            f"interval_ms = agent_interval_ms = {both} with one beat more each",
            [
                (table, "interval_ms", both),
                (table, "agent_interval_ms", both),
                (table, "beats", group.setting("beats") + 1),
                (table, "agent_beats", group.setting("agent_beats") + 1),
            ],
        )
    )
    more = group.setting("beats") + 1, group.setting("agent_beats") + 1
    found.append(
        (f"beats = {more[0]} and agent_beats = {more[1]}", [(table, "beats", more[0]), (table, "agent_beats", more[1])])
    )
    return found + _paths(group)


def _paths(group: Group) -> list[tuple[str, list[Change]]]:
    if len(group.primaries) > 1:
        return []
    ends = [f"board.{board.name}" for board in group.boards]
    now = group.boards[0].crosslink_b
    found = []
    if now == "none":
        pulse: list[Change] = [(end, "crosslink_b", "pulse") for end in ends]
        found.append(('crosslink_b = "pulse" instead of "none"', pulse))
    if now != "uart":
        uart: list[Change] = [(end, "crosslink_b", "uart") for end in ends]
        agents: list[Change] = [(f"unit.{unit.name}", "agent", "host") for unit in group.units if unit.agent == "uart"]
        text = f'crosslink_b = "uart" instead of "{now}"' + (', agent = "host"' if agents else "")
        found.append((text, uart + agents))
    primary = group.units[0]
    if not primary.agent_direct:
        direct: list[Change] = [(f"unit.{primary.name}", "agent_direct", True)]
        spare = group.units[-1]
        if spare.agent == "uart":
            direct.append((f"unit.{spare.name}", "agent", "host"))
        found.append(
            (f"agent_direct = true of {primary.name}" + (', agent = "host" of the spare' * (len(direct) > 1)), direct)
        )
    return found


def _changed(tables: Tables, found: Configuration, changes: list[Change]) -> Configuration | None:
    data = copy.deepcopy(tables)
    for place, key, value in changes:
        table = data
        for part in place.split("."):
            table = table.setdefault(part, {})
        table[key] = value
    try:
        return configuration.build(data, found.path, found.directory)
    except ConfigurationInvalid:
        return None
