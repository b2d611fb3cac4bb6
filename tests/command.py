"""A person at the command line of a pair of fake boards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hotspare import cli
from tests import fakes, files


class Bench:
    """A pair of fake boards and the file that describes them."""

    def __init__(self, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.configuration = files.read(path)
        self.boards = fakes.pair_of(self.configuration)
        by_name = {board.name: board for board in self.boards.values()}
        self.controller, self.beacon = by_name["controller"], by_name["beacon"]
        self._capfd = capfd
        self.out = self.err = ""

    def run(self, *args: str) -> int:
        code = cli.main([args[0], "-c", str(self.path), *args[1:]])
        self.out, self.err = self._capfd.readouterr()
        assert all(line.startswith("hotspare: ") for line in self.err.splitlines())
        return code

    def json(self, *args: str) -> Any:
        self.run(*args, "--json")
        return json.loads(self.out)

    def answer(self, *reply: int) -> None:
        """Let the controller answer every request with: verdict, by, id, unit, ms, inhibitors."""
        self.controller.reply = lambda values: [(values[0], *reply)]

    @property
    def asked(self) -> tuple[int, ...]:
        """The last request without its token: request, unit, id, seconds, flags."""
        return self.controller.asked[-1][1:]
