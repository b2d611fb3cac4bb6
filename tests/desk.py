"""A person at the command line of a pair on the emulated rig."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hil.pair import RELAY, Pair
from hotspare import cli


class Desk:
    """A person at the command line of a running pair."""

    def __init__(self, pair: Pair, capfd: pytest.CaptureFixture[str]) -> None:
        self.pair = pair
        self.file: Path = pair.configuration.path
        self._capfd = capfd
        self.out = self.err = ""

    def run(self, *args: str) -> int:
        code = cli.main([args[0], "-c", str(self.file), *args[1:]])
        self.out, self.err = self._capfd.readouterr()
        assert all(line.startswith("hotspare: ") for line in self.err.splitlines())
        return code

    def json(self, *args: str) -> Any:
        self.run(*args, "--json")
        return json.loads(self.out)

    def connected(self) -> list[str]:
        """Return the units that the contacts really connect."""
        return sorted(name for name, unit in self.pair.rig.state()["units"].items() if unit["connected"])

    def moves(self) -> int:
        """Return how many records of the relay there are so far."""
        return sum(1 for record in self.pair.rig.trace(0) if record.name == RELAY)

    def clear_all(self) -> None:
        """End everything that stands and bring the line back to the primary."""
        for row in self.json("status")["groups"]["pair"]["standing"]:
            self.run("clear", str(row["id"]))
        self.run("arm")
        self.run("failback")
        self.pair.settle()
