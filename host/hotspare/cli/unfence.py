"""`hotspare unfence`: says that a unit that was disconnected as failed may be used again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import act, asker
from hotspare.cli.common import Name, json_option, with_configuration

if TYPE_CHECKING:
    from hotspare.acting import Wish
    from hotspare.configuration import Configuration


@click.command(name="unfence")
@with_configuration
@click.argument("unit_name", metavar="UNIT", type=Name("unit"))
@act.dry_option
@asker.options
@json_option
def command(configuration: Configuration, unit_name: str, dry_run: bool, as_json: bool) -> int:
    """Say that a unit disconnected as failed may be used again.

    A unit that failed in a group with `switch = "fenced"` stays disconnected until then, however well it seems. Nothing
    moves by this: the load returns by failback, or by itself where the group is revertive.
    """
    from hotspare_engine import words as w

    unit = configuration.unit(unit_name)
    group = configuration.group(unit.group)

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare.acting import Wish

        return Wish(w.UNFENCE, unit.index, flags=w.DRY if dry_run else 0)

    return act.run(group, f"unfence of {unit.name}", wish, as_json)
