"""`hotspare explain`: asks the controller what its resolver sees, and runs the same resolver on it; changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import exits
from hotspare.cli.common import console, group_argument, json_option, print_json, with_configuration
from hotspare.errors import Unreachable

if TYPE_CHECKING:
    from hotspare.configuration import Configuration, Group


@click.command(name="explain")
@with_configuration
@group_argument
@json_option
def command(configuration: Configuration, group_name: str | None, as_json: bool) -> int:
    """Say why a group is where it is and what would change it.

    The answer is the resolver's own: which request wins, which lose, what holds a decision back and how that ends, and
    for each single change what would be decided then. Who is on the line is what the contacts say; what is wanted and
    not yet so is said with the reason: a switch under way, what is left of stay_min_s or of the wait to restore, or
    read-backs that say no unit. What waits for a person is shown with its id, its age and the
    time that is left to answer, what stands with the time that it has left, and a beacon from which nothing comes any
    more is named.
    """
    group = configuration.group(group_name)
    answer = gather(group)
    if as_json:
        print_json(answer)
    else:
        _print(group, answer)
    return exits.OK


def gather(group: Group) -> dict[str, Any]:
    """Ask the controller of a group and explain what it sees; raises Unreachable."""
    from hotspare import autonomy, explaining, reach, view
    from hotspare.board import open_board
    from hotspare_engine import words as w

    controller = next(board for board in group.boards if board.name == group.controller)
    with open_board(controller) as reached:
        reach.known(controller, reached)
        count, data = reached.situation()
        paths, standing = reached.paths(), reached.standing()
        pending, status = reached.pending(), reached.status()
    values = explaining.values_of(data)
    if len(values) != count or not explaining.fits(group, values):
        raise Unreachable(
            f"{controller.name} sees another group than the file says: hotspare configure {controller.name}"
        )
    waits = pending and autonomy.view(group, pending, status["inhibitors"], status["state"])
    return {
        **explaining.explain(group, values, waits["id"] if waits else 0, standing),
        **explaining.as_it_is(group, values, status),
        "autonomy": autonomy.name(pending),
        "pending": waits,
        "silent_beacons": view.silent_beacons(group, paths),
        "cables_gone": [view.path_name(group, controller, row) for row in paths if row["cable"] == w.CABLE_GONE],
        "noisy": {view.path_name(group, controller, row): row["loss"] for row in paths if row["noisy"]},
        "standing": [view.standing_view(group, row) for row in standing],
    }


def _print(group: Group, answer: dict[str, Any]) -> None:
    from hotspare.cli import tables

    out = console()
    about = f", about {answer['about']}" if answer["about"] else ""
    out.print(f"group {group.name}: {answer['winner']} wins ({answer['meaning']}{about}); {_is(group, answer)}")
    if answer["pending"]:
        out.print(tables.pending(answer["pending"]))
    for text in tables.expiring(answer["standing"]):
        out.print(text)
    for unit in answer["degraded"]:
        out.print(tables.degraded(unit, answer["units"][unit]))
    for unit in answer["flapping"]:
        out.print(tables.flapping(unit))
    for unit, beacon in answer["silent_beacons"].items():
        out.print(tables.silent(unit, answer["units"][unit], beacon))
    for path in answer["cables_gone"]:
        out.print(tables.cable_gone(group.controller, path))
    for path, permille in answer["noisy"].items():
        out.print(tables.noise(group.controller, path, permille))
    if answer["target"] != answer["spare_carries"]:
        out.print(f"wanted: {_where(group, answer['target'])}")
    for text in answer["not_yet"]:
        out.print(f"not yet: {text}")
    for row in answer["losers"]:
        out.print(f"loses: {row['request']} ({row['meaning']})")
    for row in answer["inhibitors"]:
        ends = str(row["ends"])
        out.print(f"inhibits: {row['inhibitor']}; {ends if ends.startswith('ends') else f'ends: {ends}'}")
    for line in answer["uncovered"]:
        out.print(f"uncovered: line {line}")
    for row in answer["standing"]:
        out.print(tables.standing(row))
    table = tables.plain("if", "then wins", "and")
    for row in answer["would_change"]:
        table.add_row(row["if"], row["refused"] or row["winner"], "" if row["refused"] else _carried(group, row))
    out.print(table)


def _is(group: Group, answer: dict[str, Any]) -> str:
    """Return who is on each line by its contacts, and what holds back what is wanted."""
    parts = [
        f"{it['active']} on line {line}" if it["active"] else f"line {line}: contacts {it['position']}"
        for line, it in answer["lines"].items()
    ]
    held = answer["held_back_by"]
    return ", ".join(parts) + (f"; held back by {', '.join(held)}" if held else "")


def _carried(group: Group, decided: dict[str, Any]) -> str:
    held = f"; held back by {', '.join(decided['held_back_by'])}" if decided["held_back_by"] else ""
    # of a pair it is the line that the decision is about
    uncovered = ", ".join(decided["uncovered"]) if len(group.lines) > 1 else ""
    return _where(group, decided["spare_carries"]) + held + (f"; uncovered: {uncovered}" if uncovered else "")


def _where(group: Group, line: str | None) -> str:
    return (
        f"{group.spare} carries line {line}"
        if line
        else (
            f"{group.primaries[0]} on the line"
            if len(group.lines) == 1
            else f"each primary on its line, {group.spare} free"
        )
    )
