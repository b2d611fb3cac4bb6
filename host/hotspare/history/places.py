"""What the numbers in a board's events stand for: names of units, lines and paths, also as text to be kept; no I/O."""

from __future__ import annotations

import json
from dataclasses import asdict

from hotspare import configuration as files
from hotspare import view, wording
from hotspare.configuration import Group
from hotspare_engine import names
from hotspare_engine import words as w


def place_of(group: Group, board: files.Board, paths: list[tuple[int, int]]) -> wording.Place:
    """Return what the numbers in a board's events stand for; `paths` are its kinds of paths with their units."""
    units = tuple(unit.name for unit in group.units)
    far = tuple(unit.index for unit in group.units if unit.board != board.name)
    if board.name != group.controller:  # a beacon counts its own unit first, then the controller
        units, far = (board.unit, group.controller), ()
    return wording.Place(units, group.lines, tuple(_path(group, kind, unit) for kind, unit in paths), far)


def to_text(place: wording.Place) -> str:
    """Return a place as it is kept beside a boot."""
    return json.dumps(asdict(place))


def from_text(text: str) -> wording.Place:
    """Return the place that was kept."""
    return wording.Place(**{name: tuple(listed) for name, listed in json.loads(text).items()})


def _path(group: Group, kind: int, unit: int) -> str:
    name = wording.pick(names.PATH_NAMES, kind)
    # of agents a controller may hear two, and of crosslinks as many as there are primaries
    apart = (kind == w.PATH_AGENT and 0 < unit <= len(group.units)) or view.is_of_many(group, kind, unit)
    return f"{name} of {group.units[unit - 1].name}" if apart else name
