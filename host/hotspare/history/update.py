"""Bringing the log up to date with many boards; where no database can be had, what they hold is read into memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from hotspare import reach
from hotspare.configuration import Board, Group
from hotspare.errors import HotspareError, LogFailed
from hotspare.history import pull
from hotspare.history.database import Database

BACK_OFF_S, BACK_OFF_S_MAX = 0.5, 8.0  # shortest and longest wait before a board that was not reached is asked again


class Log:
    """A database and the boards that it is read from. What went wrong with it stands in `failed`, once."""

    def __init__(self, path: Path, offline: bool, now: Callable[[], datetime]) -> None:
        """Open the database; offline, one that can not be read raises LogFailed."""
        self.failed: list[str] = []
        self._now = now
        self._waits: dict[str, tuple[float, float]] = {}  # by board: until when it is not asked, the wait before that
        if offline:
            self.database = Database(path, read_only=True)
            return
        try:
            self.database = Database(path)
        except LogFailed as error:
            self._fall_back(error)

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *error: object) -> None:
        self.database.close()

    def _fall_back(self, *errors: HotspareError) -> None:
        lines = [line for error in errors for line in error.lines]
        self.failed += [line for line in dict.fromkeys(lines) if line not in self.failed]
        self.database = Database(None)

    def update(self, groups: Sequence[Group], boards: Sequence[str] = ()) -> list[str]:
        """Read what is new on the boards of these groups, or on those named; return a line for each not reached."""
        return [line for lines in self._errors(groups, _listed(groups, boards)).values() for line in lines]

    def follow(self, groups: Sequence[Group], boards: Sequence[str], now_s: float) -> list[str]:
        """Do the same, but leave a board that was not reached alone for a while, longer each time."""
        due = [board for board in _listed(groups, boards) if now_s >= self._waits.get(board.name, (0.0, 0.0))[0]]
        errors = self._errors(groups, due)
        for board in due:
            if board.name in errors:
                wait_s = min(BACK_OFF_S_MAX, 2 * self._waits.get(board.name, (0.0, BACK_OFF_S / 2))[1])
                self._waits[board.name] = now_s + wait_s, wait_s
            else:
                self._waits.pop(board.name, None)
        return [line for lines in errors.values() for line in lines]

    def _errors(self, groups: Sequence[Group], boards: Sequence[Board]) -> dict[str, tuple[str, ...]]:
        group_of = {board.name: group for group in groups for board in group.boards}

        def one(board: Board) -> None:
            pull.from_board(board, group_of[board.name], self.database, self._now)

        answers = reach.side_by_side(boards, one)
        broken = [answer for answer in answers.values() if isinstance(answer, LogFailed)]
        if broken and self.database.lasts_for_good:
            self.database.close()
            self._fall_back(*broken)
            answers = reach.side_by_side(boards, one)
        return {name: answer.lines for name, answer in answers.items() if isinstance(answer, HotspareError)}


def _listed(groups: Sequence[Group], boards: Sequence[str]) -> list[Board]:
    return [board for group in groups for board in group.boards if not boards or board.name in boards]
