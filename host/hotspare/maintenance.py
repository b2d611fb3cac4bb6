"""A board into maintenance and back: what speaks against it, and seeing that it is heard again; no output.

In maintenance a board runs no firmware. The silence of a beacon is a failover, so its group must not act on it; that of
a controller moves nothing, but nobody is protected meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from hotspare import configuration as files
from hotspare import repl, returning, rollout
from hotspare.board import open_board, verify
from hotspare.configuration import Group
from hotspare.errors import HotspareError, NoOutcome, Refused, Unreachable

HEARD_S_MAX = 10.0


def may_fall_silent(group: Group, board: files.Board, open_one: returning.Open = open_board) -> str:
    """Return why the silence of a board moves no load, in so many words; raises Refused where it would."""
    if board.name == group.controller:
        return f"{group.name} is not protected, and no load moves, until {board.name} is back"
    silenced = [unit for unit in rollout.silenced(group, board) if not (unit.contact or unit.agent_direct)]
    if not silenced:
        return f"{group.name} stays protected: its controller hears {board.unit} past {board.name}"
    try:
        alone = rollout.acts_alone(group, open_one)
    except Unreachable as error:
        raise Refused(
            *error.lines,
            f"{board.name}: whether its silence would be a failover can not be asked: mend that, or accept it with "
            f"--accept-failover",
        ) from None
    if alone:
        names = " and ".join(unit.name for unit in silenced)
        raise Refused(
            f"{group.name} would take the silence of {board.name} for a failure of {names} and fail over: first "
            f"hotspare lockout {group.name} --for 30m, or hotspare disarm {group.name}"
        )
    return f"{group.name} does not act by itself on the silence of {board.name}: look at hotspare status"


def enter(board: files.Board, accept_fall: bool, open_one: returning.Open = open_board) -> str:
    """Have a board restart into its REPL and see that it is there; return what runs. Raises Refused, NoOutcome."""
    with open_one(board) as reached:
        verify(board, reached.identity())
        try:
            reached.maintain(accept_fall)
        except Refused as error:
            if accept_fall or "relay" not in str(error):
                raise
            raise Refused(*error.lines, "or accept that its load falls to the primary: --accept-fall") from None
    try:
        return repl.wait(board.name, board.port, returning.RESTART_S_MAX)
    except Unreachable:
        raise NoOutcome(
            f"{board.name} took the order and shows no REPL within {returning.RESTART_S_MAX:.0f} s: look at its "
            f"port, or reset it"
        ) from None


def leave(
    group: Group,
    board: files.Board,
    open_one: returning.Open = open_board,
    clock_s: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Restart a board out of its REPL, wait until its firmware answers, and return whom it does not hear then."""
    try:
        repl.restart(board.name, board.port)
    except Unreachable:
        if _answers(board, open_one):
            raise Refused(f"{board.name} is not in maintenance: its firmware answers") from None
        raise
    until_s = clock_s() + returning.RESTART_S_MAX
    while not _answers(board, open_one):
        if clock_s() >= until_s:
            raise NoOutcome(
                f"{board.name} was reset, and its firmware does not answer within {returning.RESTART_S_MAX:.0f} s: "
                f"look with mpremote why it does not start, or write its files anew"
            )
        pause(repl.LOOK_AGAIN_S)
    until_s = clock_s() + HEARD_S_MAX
    while (unheard := rollout.unheard(board, group, open_one)) and clock_s() < until_s:
        pause(repl.LOOK_AGAIN_S)
    return unheard


def _answers(board: files.Board, open_one: returning.Open) -> bool:
    try:
        with open_one(board) as reached:
            reached.identity()
    except HotspareError:
        return False
    return True
