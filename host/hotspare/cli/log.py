"""`hotspare log`: reads the events in the boards' memories and shows them in one order of time; changes nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import click

from hotspare.cli import complain, exits
from hotspare.cli.common import console, group_argument, json_option, print_json, with_configuration
from hotspare.errors import HotspareError

if TYPE_CHECKING:
    from hotspare.configuration import Configuration, Group
    from hotspare.memory import Cursor
    from hotspare.merge import Event

FOLLOW_EVERY_S = 0.5


@click.command(name="log")
@with_configuration
@group_argument
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens; with --json, a line each.")
@click.option("--utc", is_flag=True, help="Show times in UTC, not in this machine's zone.")
@json_option
def command(configuration: Configuration, group_name: str | None, follow: bool, utc: bool, as_json: bool) -> int:
    """Show the events of all boards in order of time.

    Boards count milliseconds since they started; each clock is placed by the round trip of a query, and a time is off
    by at most what stands behind it. What a board no longer remembers shows as a gap in the numbers.
    """
    groups = configuration.groups if group_name is None else (configuration.group(group_name),)
    cursors: dict[str, Cursor] = {}
    events, errors, missed = gather(groups, cursors)
    if follow:
        _follow(groups, cursors, events, utc, as_json)
    if as_json:
        print_json({"events": [event.as_plain() for event in events], "missed": missed, "errors": errors})
    else:
        _print(events, utc)
    complain(*errors)
    return exits.UNREACHABLE if errors else exits.OK


def gather(groups: tuple[Group, ...], cursors: dict[str, Cursor]) -> tuple[list[Event], list[str], dict[str, int]]:
    """Read what is new on every board; return events in order, errors, and by board how many were gone."""
    from hotspare import memory, merge, reach, said

    group_of = {board.name: group for group in groups for board in group.boards}
    boards = [board for group in groups for board in group.boards]
    for board in boards:
        cursors.setdefault(board.name, memory.Cursor())
    answers = reach.each(
        boards,
        lambda board, reached: memory.read(board, group_of[board.name], reached, cursors[board.name], now),
    )
    events = [event for answer in answers.values() if isinstance(answer, memory.Reading) for event in answer.events]
    errors = [line for answer in answers.values() if isinstance(answer, HotspareError) for line in answer.lines]
    missed = {name: it.missed for name, it in answers.items() if isinstance(it, memory.Reading) and it.missed}
    return said.told(merge.in_order(events)), errors, missed


def now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


def _follow(
    groups: tuple[Group, ...], cursors: dict[str, Cursor], events: list[Event], utc: bool, as_json: bool
) -> NoReturn:
    told: list[str] = []
    while True:
        if as_json:
            for event in events:
                print_json(event.as_plain())
        else:
            for event in for_people(events):
                click.echo(line_of(event, utc))
        time.sleep(FOLLOW_EVERY_S)
        events, errors, _ = gather(groups, cursors)
        if errors != told:
            complain(*errors)
            told = errors


def _print(events: list[Event], utc: bool) -> None:
    from hotspare.cli.tables import plain

    if not events:
        click.echo("no events")
        return
    table = plain("time", "+- ms", "board", "number", "event")
    table.columns[1].justify = table.columns[3].justify = "right"
    for column in table.columns[:-1]:
        column.no_wrap = True
    day = ""
    for event in for_people(events):
        shown, off, board, number, name, text = row_of(event, utc)
        if event.at is not None:
            date, shown = shown.split(" ")
            if date != day:
                table.add_row(date)
                day = date
        table.add_row(shown, off, board, number, f"{name}: {text}")
    console().print(table)


def for_people(events: list[Event]) -> list[Event]:
    """Return what people are shown: who and why stand behind the command itself."""
    from hotspare import said

    return [event for event in events if not said.is_piece(event)]


def row_of(event: Event, utc: bool) -> tuple[Any, ...]:
    """Return the columns of an event."""
    from hotspare import wording

    off = f"{event.off_ms:.0f}" if event.at else ""
    return time_of(event, utc), off, event.board, str(event.number), wording.event_name(event.kind), event.text


def line_of(event: Event, utc: bool) -> str:
    """Return an event as one line, for a log that goes on."""
    shown, off, board, number, name, text = row_of(event, utc)
    return f"{shown} +-{off or '?'} ms  {board} {number}  {name}: {text}"


def time_of(event: Event, utc: bool) -> str:
    """Return when an event was; for one of an earlier boot, since that boot."""
    if event.at is None:
        return f"boot {event.boot} + {event.at_ms / 1000:.3f} s"
    at = event.at.astimezone(UTC) if utc else event.at.astimezone()
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}{'Z' if utc else ''}"
