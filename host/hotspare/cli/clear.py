"""`hotspare clear`: ends one standing request by its id, or the hold after a relay fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import act
from hotspare.cli.common import group_argument, json_option, with_configuration

if TYPE_CHECKING:
    from hotspare.acting import Wish
    from hotspare.configuration import Configuration

RELAY = "relay"


class IdOrRelay(act.Id):
    """The id of a standing request, or the word relay."""

    hint = "hotspare status shows what stands, and 'relay' ends the hold"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the id; 0 for the relay."""
        return 0 if value == RELAY else super().convert(value, param, ctx)


@click.command(name="clear")
@with_configuration
@click.argument("ident", metavar="ID|relay", type=IdOrRelay())
@group_argument
@act.dry_option
@json_option
def command(configuration: Configuration, ident: int, group_name: str | None, dry_run: bool, as_json: bool) -> int:
    """End a standing request, or the hold after a relay fault.

    An id is shown by the command that made the request and by status. `clear relay` takes what the contacts show as the
    selection; repair the relay first.
    """
    from hotspare_engine import words as w

    group = configuration.group(group_name)
    flags = w.DRY if dry_run else 0

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare.acting import Wish

        return Wish(w.CLEAR, ident=ident, flags=flags) if ident else Wish(w.CLEAR_RELAY, flags=flags)

    return act.run(group, f"clear {ident or RELAY} of {group.name}", wish, as_json)
