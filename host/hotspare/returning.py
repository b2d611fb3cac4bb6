"""Writing a configuration and seeing the board come back: a restart takes session and, on USB, port away."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from hotspare import configuration as files
from hotspare.board import Board, open_board
from hotspare.errors import NoOutcome, Unreachable

RESTART_S_MAX = 30.0  # a USB port may take its time to come back
LOOK_AGAIN_S = 0.1

Open = Callable[[files.Board], Board]


@dataclass(frozen=True)
class Return:
    """Waits, each with its bound."""

    open_one: Open = open_board
    clock_s: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def write(self, board: files.Board, wanted: bytes, boot: int, trial_s: int = 0) -> None:
        """Write a configuration to a board that has had `boot`, wait for its next one; raises Refused, NoOutcome."""
        with self.open_one(board) as reached:
            reached.write_configuration(wanted, trial_s)
        if not self._until_back(board, boot, lambda kept: kept == wanted):
            raise NoOutcome(
                f"{board.name} took its configuration and is not back with it within {RESTART_S_MAX:.0f} s: reset it, "
                f"then hotspare configure {board.name} shows what it holds"
            )

    def give_up(self, board: files.Board, tried: bytes) -> None:
        """Let a board return from a trial to what it had, and wait until it has; raises Refused, NoOutcome."""
        with self.open_one(board) as reached:
            boot = reached.identity()["boot"]
            reached.confirm(tried, keep=False)
        if not self._until_back(board, boot, lambda kept: kept != tried):
            raise NoOutcome(f"{board.name} is not back with what it had within {RESTART_S_MAX:.0f} s: reset it")

    def _until_back(self, board: files.Board, boot: int, holds: Callable[[bytes], bool]) -> bool:
        until_s = self.clock_s() + RESTART_S_MAX
        while self.clock_s() < until_s:
            self.pause(LOOK_AGAIN_S)
            try:
                with self.open_one(board) as reached:
                    if reached.identity()["boot"] != boot and holds(reached.kept_configuration()):
                        return True
            except Unreachable:  # restarting
                continue
        return False
