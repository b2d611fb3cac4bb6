"""Reading the events in a board's memory from a number on, with the board's clock placed; asks one board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hotspare import configuration as files
from hotspare import merge, reach, view, wording
from hotspare.board import Board
from hotspare.configuration import Group
from hotspare_engine import names
from hotspare_engine import words as w

EVENTS_MAX = 5000  # more than any board keeps


@dataclass
class Cursor:
    """How far a board's events were read."""

    boot: int = 0
    next_number: int = 0


@dataclass(frozen=True)
class Reading:
    """What one reading brought: the events, and how many were gone before they could be read."""

    events: list[merge.Event]
    missed: int


def read(board: files.Board, group: Group, reached: Board, cursor: Cursor, now: Callable[[], datetime]) -> Reading:
    """Read what came since `cursor`, and move it on."""
    identity = reach.known(board, reached)
    reached.status()  # so that the handshake is over when the round trip is measured
    asked = now()
    status = reached.status()
    offset = merge.Offset.between(identity["boot"], status["uptime_ms"], asked, now())
    if cursor.boot != identity["boot"]:
        cursor.boot, cursor.next_number = identity["boot"], status["event_first"]
    missed = max(0, status["event_first"] - cursor.next_number)
    paths = [(row["kind"], row["unit"]) for row in reached.paths(status["paths"])]
    place = place_of(group, board, paths)
    events: list[merge.Event] = []
    while len(events) < EVENTS_MAX and cursor.next_number < status["event_next"]:
        fields = reached.event(cursor.next_number)
        if fields is None:
            break
        cursor.next_number = fields["number"] + 1
        events.append(merge.placed(board.name, fields, offset, place))
    return Reading(events, missed)


def place_of(group: Group, board: files.Board, paths: list[tuple[int, int]]) -> wording.Place:
    """Return what the numbers in a board's events stand for; `paths` are its kinds of paths with their units."""
    units = tuple(unit.name for unit in group.units)
    far = tuple(unit.index for unit in group.units if unit.board != board.name)
    if board.name != group.controller:  # a beacon counts its own unit first, then the controller
        units, far = (board.unit, group.controller), ()
    return wording.Place(units, group.lines, tuple(_path(group, kind, unit) for kind, unit in paths), far)


def _path(group: Group, kind: int, unit: int) -> str:
    name = wording.pick(names.PATH_NAMES, kind)
    # of agents a controller may hear two, and of crosslinks as many as there are primaries
    apart = (kind == w.PATH_AGENT and 0 < unit <= len(group.units)) or view.is_of_many(group, kind, unit)
    return f"{name} of {group.units[unit - 1].name}" if apart else name
