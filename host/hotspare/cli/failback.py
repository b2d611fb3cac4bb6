"""`hotspare failback`: asks the controller to return to the primary and waits for the contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import act, asker
from hotspare.cli.common import group_argument, json_option, with_configuration

if TYPE_CHECKING:
    from hotspare.acting import Wish
    from hotspare.configuration import Configuration


@click.command(name="failback")
@with_configuration
@group_argument
@act.haste_option
@act.dry_option
@asker.options
@json_option
def command(configuration: Configuration, group_name: str | None, no_drain: bool, dry_run: bool, as_json: bool) -> int:
    """Return to the primary.

    The spare goes back to standby. Waits until the contacts have moved and says how long that took. Refused while the
    primary is not known to be well, and while anything higher stands.
    """
    from hotspare_engine import words as w

    group = configuration.group(group_name)
    flags = (w.DRY if dry_run else 0) | (w.NO_DRAIN if no_drain else 0)

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare import acting

        return acting.Wish(w.MS_P, acting.carried_line(group, status), flags=flags)

    return act.run(group, f"failback of {group.name}", wish, as_json)
