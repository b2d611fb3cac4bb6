"""`hotspare clear`: ends one standing request by its id, or a latch by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import act, asker
from hotspare.cli.common import group_argument, json_option, with_configuration

if TYPE_CHECKING:
    from hotspare.acting import Wish
    from hotspare.configuration import Configuration

RELAY, SPARE = "relay", "spare"
LATCHES = {RELAY: 0, SPARE: -1}  # in place of an id


class IdOrLatch(act.Id):
    """The id of a standing request, or the name of a latch."""

    hint = "hotspare status shows what stands; 'relay' and 'spare' are latches"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the id, or the number of a latch, which no id has."""
        return LATCHES[value] if value in LATCHES else super().convert(value, param, ctx)


@click.command(name="clear")
@with_configuration
@click.argument("ident", metavar="ID|relay|spare", type=IdOrLatch())
@group_argument
@act.dry_option
@asker.options
@json_option
def command(configuration: Configuration, ident: int, group_name: str | None, dry_run: bool, as_json: bool) -> int:
    """End a standing request, or a latch: relay, spare.

    An id is shown by the command that made the request and by status. `clear relay` ends the hold after a relay fault
    and takes what the contacts show as the selection; repair the relay first. `clear spare` has a spare that did not
    come up or did not acknowledge its role tried again, and units asked to drain again.
    """
    from hotspare_engine import words as w

    group = configuration.group(group_name)
    flags = w.DRY if dry_run else 0

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare.acting import Wish

        if ident > 0:
            return Wish(w.CLEAR, ident=ident, flags=flags)
        return Wish(w.CLEAR_SPARE if ident == LATCHES[SPARE] else w.CLEAR_RELAY, flags=flags)

    latch = next((name for name, number in LATCHES.items() if number == ident), str(ident))
    return act.run(group, f"clear {latch} of {group.name}", wish, as_json)
