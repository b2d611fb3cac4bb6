"""The score: what became of the mutants of each module when it was last run, kept beside this module; reads, writes."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

LEAST = 90  # percent
FILE = Path(__file__).with_name("score.json")
ENGINE = Path("protocol/hotspare_engine")  # in the repository


@dataclass
class Count:
    """How many mutants of a module there are, and what became of them; a time-out is a kill, `left` are the others.

    `sources` tells the text of the module from any other one.
    """

    date: str = ""
    sources: str = ""
    mutants: int = 0
    by_test: int = 0
    by_law: int = 0
    timed_out: int = 0
    left: list[str] = field(default_factory=list)

    @property
    def killed(self) -> int:
        """How many did not survive."""
        return self.by_test + self.by_law + self.timed_out

    @property
    def percent(self) -> float:
        """The score."""
        return 100 * self.killed / self.mutants if self.mutants else 0.0

    def add(self, name: str, how: str) -> None:
        """Count one mutant by how it ended: `test`, `crash`, `law`, `time-out`, or nothing when it survived."""
        self.mutants += 1
        self.by_test += how in ("test", "crash")
        self.by_law += how == "law"
        self.timed_out += how == "time-out"
        if not how:
            self.left.append(name)


@dataclass
class Score:
    """What is known of every module that was run."""

    tool: str = ""
    modules: dict[str, Count] = field(default_factory=dict)

    @property
    def whole(self) -> Count:
        """All modules together, with the date of the oldest."""
        whole = Count(min((count.date for count in self.modules.values()), default=""))
        for count in self.modules.values():
            whole.mutants += count.mutants
            whole.by_test += count.by_test
            whole.by_law += count.by_law
            whole.timed_out += count.timed_out
            whole.left += count.left
        return whole

    def missing(self, repository: Path) -> list[str]:
        """Return the modules of which nothing is known as they are now: changed since, or never run."""
        known = self.modules
        return [it for it in scope(repository) if it not in known or known[it].sources != hash_of(repository, it)]

    def take(self, found: Score) -> None:
        """Take over what a run found: whole modules, and what became of mutants that the run before had left."""
        self.tool = found.tool
        for module, new in found.modules.items():
            old = self.modules.get(module)
            if old and old.sources == new.sources and new.mutants < old.mutants:
                judged = new.mutants - len(new.left)
                assert judged <= len(old.left)
                new.mutants, new.by_test = old.mutants, old.by_test + new.by_test
                new.by_law, new.timed_out = old.by_law + new.by_law, old.timed_out + new.timed_out
            self.modules[module] = new


def scope(repository: Path) -> list[str]:
    """Return the modules that are to be mutated."""
    settings = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    return [Path(pattern).stem for pattern in settings["only_mutate"]]


def hash_of(repository: Path, module: str) -> str:
    """Return what tells the text of a module of the engine from any other one."""
    return hashlib.sha256((repository / ENGINE / f"{module}.py").read_bytes()).hexdigest()[:16]


def write(score: Score, file: Path = FILE) -> None:
    """Keep a score."""
    modules = {name: vars(score.modules[name]) for name in sorted(score.modules)}
    file.write_text(json.dumps({"tool": score.tool, "modules": modules}, indent=1) + "\n", encoding="utf-8")


def read(file: Path = FILE) -> Score:
    """Return the score that is kept; of no module if none is."""
    if not file.exists():
        return Score()
    kept = json.loads(file.read_text(encoding="utf-8"))
    return Score(kept["tool"], {name: Count(**count) for name, count in kept["modules"].items()})
