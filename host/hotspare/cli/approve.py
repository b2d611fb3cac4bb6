"""`hotspare approve`: answers what is pending in a group, by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hotspare.cli import act, asker
from hotspare.cli.common import group_argument, json_option, with_configuration

if TYPE_CHECKING:
    from hotspare.configuration import Configuration


@click.command(name="approve")
@with_configuration
@click.argument("ident", metavar="ID", type=act.Id())
@group_argument
@act.dry_option
@asker.options
@json_option
def command(configuration: Configuration, ident: int, group_name: str | None, dry_run: bool, as_json: bool) -> int:
    """Let a pending request be done, by its id.

    A movement that the group may not make alone waits under an id, which status and explain show. The command waits
    until the contacts have moved and says how long that took. It is refused when that id is not pending any more, with
    what is pending now. A failover stays a failover and a return a return: nothing is left to be cleared.
    """
    from hotspare_engine import words as w

    return act.answer(configuration.group(group_name), w.APPROVE, "approve", ident, dry_run, as_json)
