"""`hotspare maintenance`: restarts a board into its REPL, for its files to be replaced, and out of it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hotspare.cli import asker, complain, exits, output
from hotspare.cli.common import Name, json_option, print_json, with_configuration
from hotspare.cli.signals import interruptible
from hotspare.errors import OrderInterrupted, UsageMistake

if TYPE_CHECKING:
    from hotspare.configuration import Board, Configuration, Group


@click.command(name="maintenance")
@with_configuration
@click.argument("board_name", metavar="BOARD", type=Name("board"))
@click.option("--accept-fall", is_flag=True, help="Also while a relay is energised: its load falls to the primary.")
@click.option("--accept-failover", is_flag=True, help="Also where the silence of the board would be a failover.")
@click.option("--end", is_flag=True, help="Restart the board out of its REPL, and see that it is heard again.")
@asker.options
@json_option
def command(
    configuration: Configuration,
    board_name: str,
    accept_fall: bool,
    accept_failover: bool,
    end: bool,
    as_json: bool,
) -> int:
    """Restart a board into its REPL for maintenance, or out of it.

    In maintenance a board runs no firmware and no watchdog: its relays are at rest, its alarm relay is released, and
    its REPL is open to mpremote and the like. It is for one boot: any reset ends it. Refused while a falling relay is
    energised, and for a beacon whose silence would be a failover: lock the spare out first, or disarm the group.
    """
    if end and (accept_fall or accept_failover):
        raise UsageMistake("--end stands alone: it restarts a board that is in maintenance")
    board = configuration.board(board_name)
    group = configuration.group(board.group)
    try:
        with interruptible(KeyboardInterrupt):
            return _end(group, board, as_json) if end else _begin(group, board, accept_fall, accept_failover, as_json)
    except KeyboardInterrupt:
        raise OrderInterrupted(f"{board.name}: interrupted; it may be restarted already: hotspare status") from None


def _begin(group: Group, board: Board, accept_fall: bool, accept_failover: bool, as_json: bool) -> int:
    from hotspare import maintenance

    means = "" if accept_failover else maintenance.may_fall_silent(group, board)
    runs = maintenance.enter(board, accept_fall, asker.opening())
    output.acted()
    if as_json:
        print_json({"board": board.name, "port": str(board.port), "in_maintenance": True, "runs": runs, "means": means})
        return exits.OK
    click.echo(f"{board.name}: in maintenance; its REPL is open on {board.port}: {runs}")
    if means:
        click.echo(means)
    click.echo(f"next: hotspare maintenance {board.name} --end")
    return exits.OK


def _end(group: Group, board: Board, as_json: bool) -> int:
    from hotspare import maintenance

    unheard = maintenance.leave(group, board)
    output.acted()
    if as_json:
        print_json({"board": board.name, "in_maintenance": False, "unheard": unheard})
    else:
        heard = "it hears its neighbours" if not unheard else "not all is as it was"
        click.echo(f"{board.name}: restarted, its firmware answers; {heard}")
    complain(*unheard)
    return exits.OK if not unheard else exits.FAILED
