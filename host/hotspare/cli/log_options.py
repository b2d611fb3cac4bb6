"""What the options of `hotspare log` mean: a selection of events, and where its picture goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

import click

from hotspare import durations
from hotspare.configuration import Configuration, Group
from hotspare.errors import UsageMistake
from hotspare.history import events
from hotspare.history.database import Database
from hotspare.history.events import Selection

TERMINAL = "-"
PICTURE_ENDING = ".svg"
WHEN_FORM = "a duration ago, as in 2h or 1h30m, or a time in UTC, as in 2030-01-31T12:00"
_NUMBERS = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?")


def selection(
    configuration: Configuration,
    groups: Sequence[Group],
    boards: Sequence[str],
    kinds: Sequence[str],
    span: tuple[str | None, str | None],
    numbers: str | None,
    last: int | None,
    now: datetime,
) -> Selection:
    """Return which events the options ask for; raises UsageMistake."""
    for name in boards:
        group = configuration.board(name).group
        if group not in [it.name for it in groups]:
            raise UsageMistake(f"board {name} is of group {group}, not of {groups[0].name}")
    since, until = (_when(text, now) if text is not None else None for text in span)
    if since is not None and until is not None and since > until:
        raise UsageMistake("--since is later than --until: nothing lies between them")
    first, final = _numbers(numbers) if numbers is not None else (-1, events.NUMBER_MAX)
    unlimited = since is None and until is None and numbers is None
    return Selection(
        groups=tuple(group.name for group in groups),
        boards=tuple(boards),
        kinds=tuple(_kind(name) for name in kinds),
        since=since,
        until=until,
        first=first,
        last=final,
        newest=last if last is not None else events.LAST if unlimited else events.EVERY,
    )


def _when(text: str, now: datetime) -> datetime:
    try:
        return now - timedelta(seconds=durations.parse(text.removesuffix(" ago")))
    except UsageMistake:
        pass
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageMistake(f"{text[: durations.TEXT_SIZE_MAX]!r} is no time: {WHEN_FORM}") from None


def _numbers(text: str) -> tuple[int, int]:
    found = _NUMBERS.fullmatch(text)
    first, final = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > final or final > events.NUMBER_MAX:
        raise UsageMistake(f"{text[: durations.TEXT_SIZE_MAX]!r} are no numbers of events: as in 17 or 17-42")
    return first, final


def _kind(name: str) -> int:
    if name not in events.NAMES:
        close = get_close_matches(name, events.NAMES, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(events.NAMES)}"
        raise UsageMistake(f"there is no event {name[: durations.TEXT_SIZE_MAX]!r}: {hint}")
    return events.NAMES[name]


def verify_picture(where: str) -> None:
    """Raise UsageMistake for a file that can not become a picture."""
    if where != TERMINAL and not where.endswith(PICTURE_ENDING):
        raise UsageMistake(f"--picture draws SVG: name a file that ends with {PICTURE_ENDING}, or {TERMINAL} for here")


def draw(database: Database, wanted: Selection, where: str, limited: bool) -> None:
    """Draw the failover that is selected, the last one unless limits were given; raises UsageMistake."""
    from hotspare.history import chart, failover, svg

    found = events.select(database, wanted)
    picture = failover.whole(found) if limited else failover.last(found)
    if picture is None:
        raise UsageMistake("there is no switch of the load in this log to draw: widen it with --last or --since")
    if where == TERMINAL:
        click.echo("\n".join(chart.draw(picture)))
        return
    path = Path(where)
    try:
        path.write_text(svg.draw(picture), encoding="utf-8")
    except OSError as error:
        raise UsageMistake(f"{path} can not be written: {(error.strerror or str(error)).lower()}") from None
    click.echo(f"drew {picture.title} into {path}")
