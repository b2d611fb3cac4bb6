"""`hotspare switchover`: asks the controller to put a unit onto its line and waits for the contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import act, asker
from hotspare.cli.common import Name, group_argument, json_option, with_configuration
from hotspare.errors import UsageMistake

if TYPE_CHECKING:
    from hotspare.acting import Wish
    from hotspare.configuration import Configuration, Group


@click.command(name="switchover")
@with_configuration
@group_argument
@click.option(
    "--to", metavar="UNIT", type=Name("unit"), help="The unit that is to carry the line.  [default: the spare]"
)
@click.option(
    "--line", metavar="LINE", type=Name("unit"), help="The line that the spare is to carry, where there are several."
)
@click.option("--force", is_flag=True, help="Whatever the health of the active unit; stands until cleared.")
@click.option(
    "--onto-failed", metavar="UNIT", type=Name("unit"), help="Onto this unit though it is not known to be well."
)
@act.drop_option
@act.haste_option
@act.dry_option
@asker.options
@json_option
def command(
    configuration: Configuration,
    group_name: str | None,
    to: str | None,
    line: str | None,
    force: bool,
    onto_failed: str | None,
    drop_service: bool,
    no_drain: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Put the spare, or the unit named, onto the line.

    Waits until the contacts have moved and says how long that took. Refused, with who outranks it, while anything
    higher stands in the table of requests, and when the unit is not known to be well. A line has its primary's name;
    without --line the spare takes the only one, or keeps the one that it carries.
    """
    from hotspare_engine import words as w

    if onto_failed is not None and (force or to is not None):
        raise click.UsageError("--onto-failed names the unit and is forced already: leave --to and --force out")
    group = configuration.group(group_name)
    index = index_of(configuration, group, onto_failed or to or group.spare)
    flags = (w.DRY if dry_run else 0) | (w.DROP_SERVICE if drop_service else 0)
    flags |= w.NO_DRAIN if no_drain else 0
    if onto_failed is not None:
        request = w.FX
    elif force:
        request = w.FS
    else:
        request = w.MS if index == len(group.primaries) else w.MS_P

    onto_spare = index == len(group.primaries)
    if line is not None and not onto_spare:
        raise click.UsageError("--line is for the spare: a primary has its own")
    number = group.lines.index(line_of(group, line)) + 1 if line is not None else 0

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare.acting import Wish

        if onto_spare and not number and not status["selected"] and len(group.lines) > 1:
            raise UsageMistake(f"the spare carries no line: --line says which one it is to take, {_lines(group)}")
        return Wish(request, index, number, flags=flags)

    what = f"switchover of {group.name} to {group.units[index].name}" + (f", line {line}" if line else "")
    return act.run(group, what, wish, as_json)


def line_of(group: Group, name: str) -> str:
    """Return a line's name; raises UsageMistake for one that the group has not."""
    if name not in group.lines:
        raise UsageMistake(f"group {group.name} has no line {name}: it has {_lines(group)}")
    return name


def _lines(group: Group) -> str:
    return ", ".join(group.lines)


def index_of(configuration: Configuration, group: Group, name: str) -> int:
    """Return the index of a unit in its group; raises UsageMistake."""
    unit = configuration.unit(name)
    if unit.group != group.name:
        raise UsageMistake(f"unit {name} belongs to group {unit.group}, not to {group.name}")
    return unit.index
