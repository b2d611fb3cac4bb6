"""Many boards at once: one session each, side by side, so that a silent board costs its own bound and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from hotspare import configuration as files
from hotspare.board import Board, Fields, open_board, verify
from hotspare.errors import HotspareError

SIDE_BY_SIDE_MAX = 16

T = TypeVar("T")


def each(
    boards: Iterable[files.Board],
    ask: Callable[[files.Board, Board], T],
    open_one: Callable[[files.Board], Board] = open_board,
) -> dict[str, T | HotspareError]:
    """Open each board, ask it, close it; return by name what came of it, an error of ours included."""

    def one(board: files.Board) -> T:
        with open_one(board) as reached:
            return ask(board, reached)

    return side_by_side(boards, one)


def side_by_side(boards: Iterable[files.Board], act: Callable[[files.Board], T]) -> dict[str, T | HotspareError]:
    """Do something with each board; return by name what came of it, an error of ours included."""
    listed = list(boards)

    def one(board: files.Board) -> T | HotspareError:
        try:
            return act(board)
        except HotspareError as error:
            return error

    if len(listed) == 1:
        return {listed[0].name: one(listed[0])}
    with ThreadPoolExecutor(min(SIDE_BY_SIDE_MAX, max(1, len(listed)))) as pool:
        return dict(zip([board.name for board in listed], pool.map(one, listed), strict=True))


def known(board: files.Board, reached: Board) -> Fields:
    """Return the identity of a board that is the one that the file names; raises Unreachable."""
    identity = reached.identity()
    verify(board, identity)
    return identity
