"""`hotspare configure`: shows what boards hold otherwise than the file, writes it, and sees them come back."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import asker, complain, exits, output
from hotspare.cli.common import Name, console, json_option, print_json, with_configuration
from hotspare.cli.signals import interruptible
from hotspare.errors import HotspareError, NoOutcome, OrderInterrupted, UsageMistake

if TYPE_CHECKING:
    from hotspare import configuration as files
    from hotspare.blob import Difference
    from hotspare.board import Board
    from hotspare.configuration import Configuration


@dataclass(frozen=True)
class Found:
    """What one board holds, beside what the file says."""

    name: str
    wanted: bytes
    boot: int
    differences: list[Difference]


@click.command(name="configure")
@with_configuration
@click.argument("board_names", metavar="[BOARD]...", nargs=-1, type=Name("board"))
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
@click.option("--rename", is_flag=True, help="Write also to a board that holds another board's name or address.")
@asker.options
@json_option
def command(configuration: Configuration, board_names: tuple[str, ...], yes: bool, rename: bool, as_json: bool) -> int:
    """Show what differs on the boards and write it.

    Without BOARD, all boards of the file. Nothing is written where nothing differs. A board that is written to
    restarts; the command waits until it is back with it. Refused while a falling relay is energised.
    """
    from hotspare import reach
    from hotspare.returning import write_and_wait

    boards = [configuration.board(name) for name in board_names] or list(configuration.boards)
    found = reach.each(boards, lambda board, reached: look(configuration, board, reached, rename))
    errors = [answer for answer in found.values() if isinstance(answer, HotspareError)]
    if errors:  # nothing is written anywhere when one board can not be: a pair that differs is not protected
        raise type(errors[0])(*(line for error in errors for line in error.lines))
    known = {name: answer for name, answer in found.items() if isinstance(answer, Found)}
    differing = [board for board in boards if known[board.name].differences]
    if not as_json:
        _show(known)
    if not differing:
        return _end(known, {}, as_json)
    if not yes and not _confirmed(len(differing), as_json):
        complain("nothing was written")
        return exits.FAILED
    written: dict[str, str] = {}
    for board in differing:  # one after the other, the controller first: it may refuse, and then nothing is changed
        try:
            with interruptible(KeyboardInterrupt):
                write_and_wait(board, known[board.name].wanted, known[board.name].boot, asker.opening())
        except KeyboardInterrupt:
            raise OrderInterrupted(
                f"{board.name}: interrupted; it may be written already: hotspare configure"
            ) from None
        except HotspareError as error:
            _end(known, {**written, board.name: "failed"}, as_json)
            raise type(error)(*error.lines, _so_far(differing, written, error)) from None
        written[board.name] = "written"
        output.acted()
        if not as_json:
            click.echo(f"{board.name}: written, and back with it")
    return _end(known, written, as_json)


def _so_far(differing: list[files.Board], written: dict[str, str], error: HotspareError) -> str:
    """Return what was written before a board failed, and what was not."""
    left = [board.name for board in differing if board.name not in written]
    if isinstance(error, NoOutcome):  # what became of that one, its own line says
        left = left[1:]
    return f"written: {', '.join(written) or 'nothing'}; not written: {', '.join(left) or 'nothing'}"


def look(configuration: Configuration, board: files.Board, reached: Board, rename: bool) -> Found:
    """Read what a board holds; raises Unreachable for a board that the file does not mean."""
    from hotspare import blob
    from hotspare.board import verify

    identity = reached.identity()
    verify(board, {**identity, "address": 0} if rename else identity)
    wanted = blob.of(board, configuration.group(board.group))
    return Found(board.name, wanted, identity["boot"], blob.differences(reached.kept_configuration(), wanted))


def _confirmed(count: int, as_json: bool) -> bool:
    if as_json or not sys.stdin.isatty():
        raise UsageMistake("nobody is there to confirm: look at the difference first, then add --yes")
    return click.confirm(f"write to {count} board{'' if count == 1 else 's'}?")


def _show(known: dict[str, Found]) -> None:
    from hotspare.cli.tables import plain

    out = console()
    for name, found in known.items():
        if not found.differences:
            out.print(f"{name}: nothing differs")
            continue
        table = plain(name, "board has", "file says")
        for row in found.differences:
            table.add_row(row.field, row.board_has, row.file_says)
        out.print(table)


def _end(known: dict[str, Found], written: dict[str, str], as_json: bool) -> int:
    if as_json:
        print_json({"boards": {name: _plain(found, written.get(name, "unchanged")) for name, found in known.items()}})
    return exits.OK


def _plain(found: Found, outcome: str) -> dict[str, Any]:
    rows = {row.field: {"board_has": row.board_has, "file_says": row.file_says} for row in found.differences}
    return {"outcome": outcome, "differences": rows}
