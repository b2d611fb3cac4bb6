"""`hotspare configure`: shows what boards hold otherwise than the file, writes it, and sees them come back."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import asker, complain, exits, output
from hotspare.cli.common import Name, console, json_option, print_json, with_configuration
from hotspare.cli.signals import interruptible
from hotspare.errors import HotspareError, NoOutcome, OrderInterrupted, Refused, UsageMistake

if TYPE_CHECKING:
    from hotspare import configuration as files
    from hotspare.board import Board
    from hotspare.configuration import Configuration
    from hotspare.rollout import Holding, Update

TRIAL_S_MIN, TRIAL_S_MAX = 10, 3600


@click.command(name="configure")
@with_configuration
@click.argument("board_names", metavar="[BOARD]...", nargs=-1, type=Name("board"))
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
@click.option("--rename", is_flag=True, help="Write also to a board that holds another board's name or address.")
@click.option(
    "--confirm",
    "trial_s",
    metavar="SECONDS",
    type=click.IntRange(TRIAL_S_MIN, TRIAL_S_MAX),
    help=f"Write it on trial: unconfirmed for so long, the one before returns; {TRIAL_S_MIN} to {TRIAL_S_MAX}.",
)
@click.option("--by-hand", is_flag=True, help="With --confirm: leave it to a person to say --commit.")
@click.option("--commit", is_flag=True, help="Keep what is on trial.")
@click.option("--revert", is_flag=True, help="Return now from what is on trial to what was before.")
@asker.options
@json_option
def command(
    configuration: Configuration,
    board_names: tuple[str, ...],
    yes: bool,
    rename: bool,
    trial_s: int | None,
    by_hand: bool,
    commit: bool,
    revert: bool,
    as_json: bool,
) -> int:
    """Show what differs on the boards and write it.

    Without BOARD, all boards of the file. Nothing is written where nothing differs. A board that is written to
    restarts; the command waits until it is back with it. Refused while a falling relay is energised. Before it asks, it
    says for which span a group is not protected.

    With --confirm the command itself confirms once every board is back, hears its neighbours and differs from none;
    otherwise all boards return to what they had, by themselves if need be. A board that is reset or loses its power
    before returns too.
    """
    from hotspare import reach, rollout

    if (commit or revert) and ((commit and revert) or trial_s is not None or rename):
        raise UsageMistake("--commit and --revert stand alone: each is about what is on trial already")
    if by_hand and trial_s is None:
        raise UsageMistake("--by-hand goes with --confirm SECONDS: without a trial there is nothing to confirm")
    boards = [configuration.board(name) for name in board_names] or list(configuration.boards)
    found = reach.each(boards, lambda board, reached: look(configuration, board, reached, rename))
    errors = [answer for answer in found.values() if isinstance(answer, HotspareError)]
    if errors:  # nothing is written anywhere when one board can not be: a pair that differs is not protected
        raise type(errors[0])(*(line for error in errors for line in error.lines))
    known = {name: answer for name, answer in found.items() if not isinstance(answer, HotspareError)}
    if commit or revert:
        return _end_trial(known, commit, as_json)
    differing = rollout.in_order(it for it in known.values() if it.wanted != it.kept)
    if not as_json:
        _show(known)
    if not differing:
        return _end(known, {}, as_json)
    if not as_json:
        for line in rollout.outlook(differing):
            click.echo(line)
    if not yes and not _confirmed(len(differing), as_json):
        complain("nothing was written")
        return exits.FAILED
    return _write(rollout.Update(trial_s or 0, by_hand, asker.opening()), known, differing, as_json)


def _write(update: Update, known: dict[str, Holding], differing: list[Holding], as_json: bool) -> int:
    written: dict[str, str] = {}
    more = {"written": "written, and back with it"}

    def tell(name: str, what: str) -> None:
        written[name] = what
        output.acted()
        if not as_json:
            click.echo(f"{name}: {more.get(what, what)}")

    try:
        with interruptible(KeyboardInterrupt):
            update.carry_out(differing, tell)
    except KeyboardInterrupt:
        at = next((it.board.name for it in differing if it.board.name not in written), differing[-1].board.name)
        raise OrderInterrupted(f"{at}: interrupted; it may be written already: hotspare configure") from None
    except HotspareError as error:
        failed = [it.board.name for it in differing if it.board.name not in written][:1]
        _end(known, {**written, **dict.fromkeys(failed, "failed")}, as_json)
        lines = error.lines if update.trial_s else (*error.lines, _so_far(differing, written, error))
        raise type(error)(*lines) from None
    if not as_json:
        for name, span_s in update.spans_s.items():
            click.echo(
                f"{name}: all of them hear one another again, {span_s:.1f} s after the first was told to restart"
            )
        if update.by_hand:
            click.echo(
                f"next: hotspare configure --commit within {update.trial_s} s, or the configuration before returns"
            )
    return _end(known, written, as_json)


def _end_trial(known: dict[str, Holding], commit: bool, as_json: bool) -> int:
    from hotspare import rollout

    tried = rollout.on_trial(rollout.in_order(known.values()))
    if not tried:
        raise Refused("no configuration is on trial: hotspare configure --confirm SECONDS begins one")
    done: dict[str, str] = {}

    def tell(name: str, what: str) -> None:
        done[name] = what
        output.acted()
        if not as_json:
            click.echo(f"{name}: {what}")

    late: list[str] = []
    open_one = asker.opening()
    if commit:
        for holding in tried:
            with open_one(holding.board) as reached:
                reached.confirm(holding.kept, keep=True)
            tell(holding.board.name, "confirmed")
    else:
        late = rollout.Update(open_one=open_one).give_up([replace(it, wanted=it.kept) for it in tried], tell)
    _end(known, done, as_json)
    if late:
        raise Refused(*late)
    return exits.OK


def _so_far(differing: list[Holding], written: dict[str, str], error: HotspareError) -> str:
    """Return what was written before a board failed, and what was not."""
    left = [it.board.name for it in differing if it.board.name not in written]
    if isinstance(error, NoOutcome):  # what became of that one, its own line says
        left = left[1:]
    return f"written: {', '.join(written) or 'nothing'}; not written: {', '.join(left) or 'nothing'}"


def look(configuration: Configuration, board: files.Board, reached: Board, rename: bool) -> Holding:
    """Read what a board holds; raises Unreachable for a board that the file does not mean."""
    from hotspare import blob
    from hotspare.board import verify
    from hotspare.rollout import Holding

    identity = reached.identity()
    verify(board, {**identity, "address": 0} if rename else identity)
    group = configuration.group(board.group)
    return Holding(board, group, blob.of(board, group), reached.kept_configuration(), identity)


def _confirmed(count: int, as_json: bool) -> bool:
    if as_json or not sys.stdin.isatty():
        raise UsageMistake("nobody is there to confirm: look at the difference first, then add --yes")
    return click.confirm(f"write to {count} board{'' if count == 1 else 's'}?")


def _show(known: dict[str, Holding]) -> None:
    from hotspare import blob
    from hotspare.cli.tables import plain, trial

    out = console()
    for name, found in known.items():
        if found.wanted == found.kept:
            out.print(f"{name}: nothing differs")
        else:
            table = plain(name, "board has", "file says")
            for row in blob.differences(found.kept, found.wanted):
                table.add_row(row.field, row.board_has, row.file_says)
            out.print(table)
        if found.identity["trial"]:
            out.print(trial(name, found.identity["trial_s"]))


def _end(known: dict[str, Holding], written: dict[str, str], as_json: bool) -> int:
    if as_json:
        print_json({"boards": {name: _plain(found, written.get(name, "unchanged")) for name, found in known.items()}})
    return exits.OK


def _plain(found: Holding, outcome: str) -> dict[str, Any]:
    from hotspare import blob

    differences = blob.differences(found.kept, found.wanted)
    rows = {row.field: {"board_has": row.board_has, "file_says": row.file_says} for row in differences}
    return {"outcome": outcome, "differences": rows}
