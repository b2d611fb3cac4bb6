"""`hotspare disarm`: keeps a group from moving its relays by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import act, asker
from hotspare.cli.common import group_argument, json_option, with_configuration

if TYPE_CHECKING:
    from hotspare.acting import Wish
    from hotspare.configuration import Configuration


@click.command(name="disarm")
@with_configuration
@group_argument
@act.dry_option
@asker.options
@json_option
def command(configuration: Configuration, group_name: str | None, dry_run: bool, as_json: bool) -> int:
    """Keep a group from moving its relays by itself.

    It goes on to report and alarm, and still does what a person asks. It stays disarmed over restarts.
    """
    from hotspare_engine import words as w

    group = configuration.group(group_name)

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare.acting import Wish

        return Wish(w.DISARM, flags=w.DRY if dry_run else 0)

    return act.run(group, f"disarm of {group.name}", wish, as_json)
