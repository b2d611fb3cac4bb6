"""`hotspare exercise`: has the controller run its whole decision as if a unit had failed; no relay moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import act, asker
from hotspare.cli.common import Name, group_argument, json_option, with_configuration
from hotspare.cli.switchover import line_of

if TYPE_CHECKING:
    from hotspare.acting import Wish
    from hotspare.configuration import Configuration


@click.command(name="exercise")
@with_configuration
@group_argument
@click.option(
    "--line", metavar="LINE", type=Name("unit"), help="The line whose primary is taken to fail.  [default: the first]"
)
@act.dry_option
@asker.options
@json_option
def command(
    configuration: Configuration, group_name: str | None, line: str | None, dry_run: bool, as_json: bool
) -> int:
    """Run the whole decision without moving a relay.

    Asks the controller what it would do if the unit that carries the line failed now: every inhibitor, every read-back
    and the health of the other unit count. Refused, with the reason, where a failover would be. A warm spare must
    acknowledge its role; a cold one is started, heard, and stopped again. While the spare carries a line it is the way
    back that is exercised.
    """
    from hotspare_engine import words as w

    group = configuration.group(group_name)
    index = group.lines.index(line_of(group, line)) if line is not None else w.NONE

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare.acting import Wish

        return Wish(w.EXER, index, flags=w.DRY if dry_run else 0)

    return act.run(group, f"exercise of {group.name}", wish, as_json)
