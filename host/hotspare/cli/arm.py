"""`hotspare arm`: lets a group move its relays by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import act, asker
from hotspare.cli.common import group_argument, json_option, with_configuration

if TYPE_CHECKING:
    from hotspare.acting import Wish
    from hotspare.configuration import Configuration


@click.command(name="arm")
@with_configuration
@group_argument
@act.dry_option
@click.option(
    "--accept-split-brain",
    "accepted",
    is_flag=True,
    help="Arm it though nothing proves that two units are kept apart; recorded, and shown in every status.",
)
@asker.options
@json_option
def command(configuration: Configuration, group_name: str | None, dry_run: bool, accepted: bool, as_json: bool) -> int:
    """Let a group move its relays by itself.

    Until then it reports and alarms only. It stays armed over restarts. A group whose units are kept apart by nothing
    that can be proven is refused.
    """
    from hotspare_engine import words as w

    group = configuration.group(group_name)

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare.acting import Wish

        return Wish(w.ARM, flags=(w.DRY if dry_run else 0) | (w.ACCEPT_SPLIT_BRAIN if accepted else 0))

    return act.run(group, f"arm of {group.name}", wish, as_json)
