"""Who gives a command, and why: the options of every command that changes something, and boards opened in its name."""

from __future__ import annotations

import os
import pwd
from collections.abc import Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import complain
from hotspare.cli.common import Function, Text

if TYPE_CHECKING:
    from hotspare.board import Board
    from hotspare.configuration import Board as BoardFile

OPERATOR_VARIABLE = "HOTSPARE_OPERATOR"
_ASKER = "hotspare.asker"


def options(function: Function) -> Function:
    """Give a command --operator and --reason; boards that `opening` opens are told them."""

    @click.option(
        "--operator",
        metavar="NAME",
        type=Text(),
        envvar=OPERATOR_VARIABLE,
        show_envvar=True,
        help="Who commands, for the boards' records.  [default: the user of this process]",
    )
    @click.option("--reason", metavar="TEXT", type=Text(), help="Why, for the boards' records: up to 64 bytes.")
    @wraps(function)
    def wrapper(*args: Any, operator: str | None, reason: str | None, **others: Any) -> Any:
        click.get_current_context().meta[_ASKER] = (operator or user(), reason or "")
        return function(*args, **others)

    return wrapper  # type: ignore[return-value]


def user() -> str:
    """Return the name of the user of this process."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


class Opening:
    """Opens the ports of boards in somebody's name."""

    def __init__(self, values: tuple[bytes, bytes]) -> None:
        self._values = values

    def __call__(self, board: BoardFile, keys: Sequence[bytes] | None = None) -> Board:
        """Open the port of a board."""
        from hotspare.board import open_board

        opened = open_board(board, keys)
        opened.by = self._values
        return opened


def opening() -> Opening:
    """Return what opens boards in the name of the command that runs; says once what of its options did not fit."""
    from hotspare.said import By

    by = By.of(*click.get_current_context().meta[_ASKER])
    complain(*by.cut)
    return Opening(by.values)
