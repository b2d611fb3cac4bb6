"""`hotspare reject`: answers what is pending in a group, by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hotspare.cli import act, asker
from hotspare.cli.common import group_argument, json_option, with_configuration

if TYPE_CHECKING:
    from hotspare.configuration import Configuration


@click.command(name="reject")
@with_configuration
@click.argument("ident", metavar="ID", type=act.Id())
@group_argument
@act.dry_option
@asker.options
@json_option
def command(configuration: Configuration, ident: int, group_name: str | None, dry_run: bool, as_json: bool) -> int:
    """Keep a pending request from being done, by its id.

    It stays undone until another request wins or the load is to go elsewhere, or until it is approved after all. The
    alarm of a failure that is not acted on stays.
    """
    from hotspare_engine import words as w

    return act.answer(configuration.group(group_name), w.REJECT, "reject", ident, dry_run, as_json)
