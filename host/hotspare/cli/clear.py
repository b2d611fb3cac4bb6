"""`hotspare clear`: ends one standing request by its id, or a latch by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import act, asker, complain, exits, output
from hotspare.cli.common import group_argument, json_option, print_json, with_configuration
from hotspare.cli.signals import interruptible

if TYPE_CHECKING:
    from hotspare.acting import Wish
    from hotspare.configuration import Configuration, Group

RELAY, SPARE, RESETS = "relay", "spare", "resets"
LATCHES = {RELAY: 0, SPARE: -1, RESETS: -2}  # in place of an id


class IdOrLatch(act.Id):
    """The id of a standing request, or the name of a latch."""

    hint = "hotspare status shows what stands; 'relay', 'spare' and 'resets' are latches"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the id, or the number of a latch, which no id has."""
        return LATCHES[value] if value in LATCHES else super().convert(value, param, ctx)


@click.command(name="clear")
@with_configuration
@click.argument("ident", metavar="ID|relay|spare|resets", type=IdOrLatch())
@group_argument
@act.dry_option
@asker.options
@json_option
def command(configuration: Configuration, ident: int, group_name: str | None, dry_run: bool, as_json: bool) -> int:
    """End a standing request, or a latch: relay, spare, resets.

    An id is shown by the command that made the request and by status. `clear relay` ends the hold after a relay fault
    and takes what the contacts show as the selection; repair the relay first. `clear spare` has a spare that did not
    come up or did not acknowledge its role tried again, and units asked to drain again. `clear resets` lets every board
    of the group that was reset too often, and so moves nothing by itself, go on; find out why first.
    """
    from hotspare_engine import words as w

    group = configuration.group(group_name)
    if ident == LATCHES[RESETS]:
        return _resets(group, dry_run, as_json)
    flags = w.DRY if dry_run else 0

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare.acting import Wish

        if ident > 0:
            return Wish(w.CLEAR, ident=ident, flags=flags)
        return Wish(w.CLEAR_SPARE if ident == LATCHES[SPARE] else w.CLEAR_RELAY, flags=flags)

    latch = next((name for name, number in LATCHES.items() if number == ident), str(ident))
    return act.run(group, f"clear {latch} of {group.name}", wish, as_json)


def _resets(group: Group, dry_run: bool, as_json: bool) -> int:
    from hotspare import resets, wording
    from hotspare.errors import HotspareError
    from hotspare_engine import words as w

    with interruptible(KeyboardInterrupt):
        found = resets.clear(group, dry_run, asker.opening())
    output.acted()
    code = exits.OK
    plain: dict[str, Any] = {}
    for board, verdict in found.items():
        if isinstance(verdict, HotspareError):
            complain(*verdict.lines)
            code = exits.UNREACHABLE
            continue
        said = wording.verdict_name(verdict)
        plain[board] = {"verdict": said, "refused": wording.verdict_refuses(verdict)}
        if wording.verdict_refuses(verdict):
            complain(f"clear {RESETS} of {board}: {said}: flash its firmware anew")
            code = code or exits.FAILED
        elif not as_json:
            click.echo(f"clear {RESETS} of {board}: {'would be done' if dry_run and verdict == w.DONE else said}")
    if as_json:
        print_json({"group": group.name, "request": f"clear {RESETS}", "dry_run": dry_run, "boards": plain})
    return code
