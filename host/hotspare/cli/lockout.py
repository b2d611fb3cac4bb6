"""`hotspare lockout`: keeps the spare from being used and waits until the contacts have left it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import act, asker
from hotspare.cli.common import group_argument, json_option, with_configuration

if TYPE_CHECKING:
    from hotspare.acting import Wish
    from hotspare.configuration import Configuration


@click.command(name="lockout")
@with_configuration
@group_argument
@act.for_option
@act.until_option
@act.drop_option
@act.haste_option
@act.dry_option
@asker.options
@json_option
def command(
    configuration: Configuration,
    group_name: str | None,
    duration: str | None,
    until_cleared: bool,
    drop_service: bool,
    no_drain: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Keep the spare from being used.

    While the spare carries the line it is refused unless the primary is well, or --drop-service says that the line may
    be left without. It ends by itself after its duration, or with clear; asked again while it stands, it ends after the
    duration that is said then.
    """
    from hotspare_engine import words as w

    group = configuration.group(group_name)
    seconds = act.seconds_of(duration, until_cleared)
    flags = (w.DRY if dry_run else 0) | (w.DROP_SERVICE if drop_service else 0)
    flags |= w.NO_DRAIN if no_drain else 0

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare.acting import Wish

        return Wish(w.LO, len(group.primaries), seconds=seconds, flags=flags)

    return act.run(group, f"lockout of {group.spare}", wish, as_json)
