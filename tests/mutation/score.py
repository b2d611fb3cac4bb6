"""The score of the last whole run, kept beside this module with the sources that it is about; reads and writes files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

LEAST = 90  # percent
FILE = Path(__file__).with_name("score.json")
ENGINE = Path("protocol/hotspare_engine")  # in the repository


@dataclass
class Count:
    """How many mutants of a module there are, and what became of them; a time-out is a kill."""

    mutants: int = 0
    by_test: int = 0
    by_law: int = 0
    timed_out: int = 0

    @property
    def killed(self) -> int:
        """How many did not survive."""
        return self.by_test + self.by_law + self.timed_out

    @property
    def percent(self) -> float:
        """The score."""
        return 100 * self.killed / self.mutants if self.mutants else 0.0

    def add(self, how: str) -> None:
        """Count one mutant by how it ended: `test`, `law`, `time-out`, `crash`, or nothing when it survived."""
        self.mutants += 1
        self.by_test += how in ("test", "crash")
        self.by_law += how == "law"
        self.timed_out += how == "time-out"


@dataclass
class Score:
    """A whole run: when, with what, of which sources, and what became of the mutants of each module."""

    date: str
    tool: str
    sources: str
    modules: dict[str, Count]

    @property
    def whole(self) -> Count:
        """All modules together."""
        whole = Count()
        for count in self.modules.values():
            whole.mutants += count.mutants
            whole.by_test += count.by_test
            whole.by_law += count.by_law
            whole.timed_out += count.timed_out
        return whole

    def is_of(self, repository: Path) -> bool:
        """Return whether the engine is still what was mutated."""
        return self.sources == hash_of(repository)


def hash_of(repository: Path) -> str:
    """Return what tells the sources of the engine from any others."""
    digest = hashlib.sha256()
    for path in sorted((repository / ENGINE).glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def write(score: Score, file: Path = FILE) -> None:
    """Keep a score."""
    modules = {name: vars(count) for name, count in score.modules.items()}
    file.write_text(json.dumps({**vars(score), "modules": modules}, indent=2) + "\n", encoding="utf-8")


def read(file: Path = FILE) -> Score | None:
    """Return the score that is kept, None if none is."""
    if not file.exists():
        return None
    kept = json.loads(file.read_text(encoding="utf-8"))
    kept["modules"] = {name: Count(**count) for name, count in kept["modules"].items()}
    return Score(**kept)
