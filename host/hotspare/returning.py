"""Writing a configuration and seeing the board come back: a restart takes session and, on USB, port away."""

from __future__ import annotations

import time
from collections.abc import Callable

from hotspare import configuration as files
from hotspare.board import Board, open_board
from hotspare.errors import NoOutcome, Unreachable

RESTART_S_MAX = 30.0  # a USB port may take its time to come back
LOOK_AGAIN_S = 0.1

Open = Callable[[files.Board], Board]


def write_and_wait(
    board: files.Board,
    wanted: bytes,
    boot: int,
    open_one: Open = open_board,
    clock_s: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Write a configuration to a board that has had `boot`, and wait for the next boot; raises Refused, NoOutcome."""
    with open_one(board) as reached:
        reached.write_configuration(wanted)
    until_s = clock_s() + RESTART_S_MAX
    while clock_s() < until_s:
        pause(LOOK_AGAIN_S)
        if _is_back(board, wanted, boot, open_one):
            return
    raise NoOutcome(
        f"{board.name} took its configuration and is not back with it within {RESTART_S_MAX:.0f} s: reset it, then "
        f"hotspare configure {board.name} shows what it holds"
    )


def _is_back(board: files.Board, wanted: bytes, boot: int, open_one: Open) -> bool:
    try:
        with open_one(board) as reached:
            return bool(reached.identity()["boot"] != boot) and reached.kept_configuration() == wanted
    except Unreachable:  # restarting
        return False
