"""`hotspare out`: takes a unit out of use and waits until the contacts have left it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import act, asker
from hotspare.cli.common import Name, json_option, with_configuration

if TYPE_CHECKING:
    from hotspare.acting import Wish
    from hotspare.configuration import Configuration


@click.command(name="out")
@with_configuration
@click.argument("unit_name", metavar="UNIT", type=Name("unit"))
@act.for_option
@act.until_option
@act.drop_option
@act.haste_option
@act.dry_option
@asker.options
@json_option
def command(
    configuration: Configuration,
    unit_name: str,
    duration: str | None,
    until_cleared: bool,
    drop_service: bool,
    no_drain: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Take a unit out of use.

    It is never a target while that stands, over restarts too; if it carries the line, the other unit takes it first.
    It ends by itself after its duration, or with clear; asked again while it stands, it ends after the duration that is
    said then. No command replaces physical isolation.
    """
    from hotspare_engine import words as w

    unit = configuration.unit(unit_name)
    seconds = act.seconds_of(duration, until_cleared)
    flags = (w.DRY if dry_run else 0) | (w.DROP_SERVICE if drop_service else 0)
    flags |= w.NO_DRAIN if no_drain else 0

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare.acting import Wish

        return Wish(w.OUT, unit.index, seconds=seconds, flags=flags)

    return act.run(configuration.group(unit.group), f"taking {unit_name} out of use", wish, as_json)
