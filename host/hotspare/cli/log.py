"""`hotspare log`: brings the history up to date with the boards and shows it in one order of time."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import click

from hotspare.cli import complain, exits
from hotspare.cli.common import Name, console, group_argument, json_option, print_json, with_configuration
from hotspare.errors import UsageMistake

if TYPE_CHECKING:
    from hotspare.configuration import Configuration, Group
    from hotspare.history.database import Database
    from hotspare.history.events import Event, Selection
    from hotspare.history.update import Log

FOLLOW_EVERY_S = 0.5
CSV_COLUMNS = (
    *("time", "off_ms", "after", "before", "group", "board", "recorder", "number", "boot", "at_ms"),
    *("event", "text", "kind", "a", "b"),
)


@click.command(name="log")
@with_configuration
@group_argument
@click.option("-b", "--board", "boards", metavar="BOARD", type=Name("board"), multiple=True, help="Of this board only.")
@click.option("-e", "--event", "kinds", metavar="EVENT", multiple=True, help="This event only: drive, health, ...")
@click.option("--since", metavar="WHEN", help="From then on: 2h ago, or 2030-01-31T12:00 (UTC).")
@click.option("--until", metavar="WHEN", help="Up to then, likewise.")
@click.option("--numbers", metavar="FIRST[-LAST]", help="With these numbers only.")
@click.option("--last", metavar="N", type=click.IntRange(1), help="The newest N only.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens; with --json, a line each.")
@click.option("--offline", is_flag=True, help="Ask no board: show what is stored.")
@click.option("--local", is_flag=True, help="Show times in this machine's zone, not in UTC.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--picture", metavar="FILE.svg", help="Draw the last failover; - draws it here, as text.")
@json_option
def command(
    configuration: Configuration,
    group_name: str | None,
    boards: tuple[str, ...],
    kinds: tuple[str, ...],
    since: str | None,
    until: str | None,
    numbers: str | None,
    last: int | None,
    follow: bool,
    offline: bool,
    local: bool,
    as_csv: bool,
    picture: str | None,
    as_json: bool,
) -> int:
    """Show the events of all boards in order of time.

    What is new on the boards is stored first, in the file that `log` in hotspare.toml names, and acknowledged once it
    is stored. Boards count milliseconds since they started; each clock is placed by the round trip of a query, and a
    time is off by at most what stands behind it. Of a boot that was never asked while it ran no time is known: what is
    known stands behind the event. Numbers that were gone before they were read show as a gap.

    Without a limit the newest 1000 are shown. EVENT and --board may be given more than once.
    """
    from hotspare.cli import log_options
    from hotspare.history.update import Log

    if sum((as_json, as_csv, picture is not None)) > 1 or (follow and (as_csv or picture is not None)):
        raise UsageMistake("--json, --csv and --picture exclude one another, and --follow goes with --json alone")
    if follow and offline:
        raise UsageMistake("--follow asks the boards, and --offline asks none: choose one")
    groups = configuration.groups if group_name is None else (configuration.group(group_name),)
    wanted = log_options.selection(configuration, groups, boards, kinds, (since, until), numbers, last, now())
    asked = [group for group in groups if not boards or any(board.name in boards for board in group.boards)]
    if picture is not None:
        log_options.verify_picture(picture)
    with Log(configuration.log, offline, now) as log:
        errors = [] if offline else log.update(asked, boards)
        complain(*log.failed)
        if follow:
            _follow(log, asked, boards, wanted, local, as_json, errors)
        if picture is not None:
            log_options.draw(log.database, wanted, picture, limited=bool(since or until or numbers or last))
        else:
            _print(log.database, wanted, (local, as_json, as_csv), [*log.failed, *errors])
    complain(*errors)
    return exits.UNREACHABLE if errors else exits.FAILED if log.failed else exits.OK


def now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


def _follow(
    log: Log,
    groups: list[Group],
    boards: tuple[str, ...],
    wanted: Selection,
    local: bool,
    as_json: bool,
    errors: list[str],
) -> NoReturn:
    from hotspare import said
    from hotspare.history import events

    seen: dict[int, int] = {}
    told: list[str] = []
    failed = len(log.failed)
    while True:
        for event in events.select(log.database, wanted, seen):
            if as_json:
                print_json(event.as_plain())
            elif not said.is_piece(event):
                click.echo(line_of(event, local))
        if errors and errors != told:
            complain(*errors)
            told = errors
        wanted = replace(wanted, newest=events.EVERY)
        time.sleep(FOLLOW_EVERY_S)
        errors = log.follow(groups, boards, time.monotonic())
        complain(*log.failed[failed:])
        failed = len(log.failed)


def _print(database: Database, wanted: Selection, how: tuple[bool, bool, bool], errors: list[str]) -> None:
    from hotspare.history import events

    local, as_json, as_csv = how
    found = events.select(database, wanted)
    if as_json:
        print_json({"events": [event.as_plain() for event in found], "errors": errors})
    elif as_csv:
        _print_csv(found)
    elif not found:
        if not errors:  # otherwise it is not known
            click.echo("no events")
    else:
        _print_table(found, local)


def _print_csv(found: list[Event]) -> None:
    import csv
    import io

    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for event in found:
        writer.writerow(event.as_plain())
    click.echo(text.getvalue(), nl=False)


def _print_table(found: list[Event], local: bool) -> None:
    from hotspare import said
    from hotspare.cli.tables import plain

    table = plain("time" if local else "time UTC", "+- ms", "board", "number", "event")
    table.columns[1].justify = table.columns[3].justify = "right"
    for column in table.columns[:-1]:
        column.no_wrap = True
    day = ""
    for event in (it for it in found if not said.is_piece(it)):
        shown, *rest = row_of(event, local)
        if event.at is not None:
            date, shown = shown.split(" ")
            if date != day:
                table.add_row(date)
                day = date
        table.add_row(shown, *rest)
    console().print(table)


def row_of(event: Event, local: bool) -> tuple[str, str, str, str, str]:
    """Return the columns of an event."""
    off = f"{event.off_ms:.0f}" if event.at else ""
    number = str(event.number) if event.number >= 0 else ""
    text = f"{event.name}: {event.text}{bounds_of(event, local)}"
    return time_of(event, local), off, event.board, number, text


def line_of(event: Event, local: bool) -> str:
    """Return an event as one line, for a log that goes on."""
    shown, off, board, number, text = row_of(event, local)
    return f"{shown} +-{off or '?'} ms  {board} {number or '-'}  {text}"


def time_of(event: Event, local: bool) -> str:
    """Return when an event was; where that is not known, since which boot."""
    if event.at is None:
        return f"boot {event.boot} + {event.at_ms / 1000:.3f} s"
    return shown(event.at, local)


def bounds_of(event: Event, local: bool) -> str:
    """Return what is known of the time of an event that has none."""
    if event.at is not None:
        return ""
    if event.after is not None and event.before is not None:
        return f" (between {shown(event.after, local)} and {shown(event.before, local)})"
    if event.before is not None:
        return f" (before {shown(event.before, local)})"
    return f" (after {shown(event.after, local)})" if event.after is not None else " (at a time that is not known)"


def shown(at: datetime, local: bool) -> str:
    """Return a time as people read it, in UTC with a Z behind it."""
    it = at.astimezone() if local else at.astimezone(UTC)
    return f"{it:%Y-%m-%d %H:%M:%S}.{it.microsecond // 1000:03d}{'' if local else 'Z'}"
