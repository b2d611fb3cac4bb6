"""`python -m tests.mutation [MODULE | MUTANT ...]`: prints what survives and the score, exits 1 below its limit.

What became of whole modules is kept for `make benchmark`, and what is left of them for the next run.
"""

from __future__ import annotations

import datetime
import os
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import pytest
from mutmut.configuration import config

from hotspare_engine import engine  # noqa: F401  all of it is loaded before a process is forked
from tests.mutation import mutants, score
from tests.mutation.judging import ASKED_S, QUICKLY_S, SEEDS, Judge
from tests.mutation.mutants import Mutant
from tests.mutation.score import Count, Score
from tests.tools.arguments import Parser, whole_number

REPOSITORY = Path(__file__).resolve().parents[2]
JOBS_MAX = 64
TOOL = f"mutmut {version('mutmut')}"
SILENTLY = ("-q", "--no-header", "--no-summary", "-p", "no:xdist", "-p", "no:cacheprovider")


class Progress:
    """What is said while it goes on; of each module that is done, what is kept."""

    def __init__(self, chosen: list[Mutant], kept: Score | None) -> None:
        self.mutants = chosen
        self.kept = kept
        self.left = Counter(mutant.module for mutant in chosen)
        today = datetime.date.today().isoformat()
        self.modules = {module: Count(today, score.hash_of(REPOSITORY, module)) for module in self.left}

    def told(self, mutant: Mutant, how: str) -> None:
        """One was judged."""
        count = self.modules[mutant.module]
        count.add(mutant.name, how)
        if not how:
            print(f"survived: {mutant.name}, {score.ENGINE}/{mutant.module}.py:{mutant.line}")
            print(f"    - {mutant.before}\n    + {mutant.after}", flush=True)
        self.left[mutant.module] -= 1
        if not self.left[mutant.module]:
            print(row(mutant.module, count), flush=True)
            if self.kept is not None:
                self.kept.take(Score(TOOL, {mutant.module: count}))
                score.write(self.kept)


def row(name: str, count: Count) -> str:
    """Return a line of the table."""
    numbers = (count.mutants, count.by_test, count.by_law, count.timed_out, len(count.left))
    return f"{name:<12} {' '.join(f'{number:>8}' for number in numbers)} {count.percent:>6.1f}"


COLUMNS = ("mutants", "by test", "by law", "time-out", "survived")
HEAD = f"{'module':<12} {' '.join(f'{name:>8}' for name in COLUMNS)} {'%':>6}"


def chosen(parser: Parser, names: list[str], kept: Score | None) -> list[Mutant]:
    """Return the mutants that are meant by names of modules and of mutants, of what `kept` left alive if it is given.

    Of a module that was changed since all mutants are meant.
    """
    sources = mutants.sources()
    wanted = {name.partition(":")[0] for name in names} or set(sources)
    for name in sorted(wanted - set(sources)):
        parser.error(f"no module {name!r}: there are {', '.join(sources)}")
    found = [mutant for module in sources if module in wanted for mutant in mutants.of(module, sources[module])]
    known = {mutant.name for mutant in found}
    for name in names:
        if ":" in name and name not in known:
            parser.error(f"no mutant {name!r}")
    found = [mutant for mutant in found if not names or mutant.module in names or mutant.name in names]
    if kept is None:
        return found
    changed = kept.missing(REPOSITORY)
    return [it for it in found if it.module in changed or it.name in kept.modules[it.module].left]


def main() -> int:
    """Judge the mutants that are named, or all of them."""
    parser = Parser(prog="make mutation", description="Change the engine in small ways and see which tests notice.")
    parser.add_argument("names", nargs="*", metavar="MODULE|MUTANT", help="such as health or health:Health.heard:1")
    parser.add_argument("--left", action="store_true", help="only what the runs before have left alive")
    parser.add_argument("--quick", action="store_true", help="a first look: few tests for each, no laws; then --left")
    parser.add_argument("--jobs", type=whole_number(JOBS_MAX), default=os.cpu_count() or 1, help="processes at a time")
    asked = parser.parse_args()
    os.chdir(REPOSITORY)
    kept = score.read()
    single = any(":" in name for name in asked.names)  # nothing is kept of single mutants
    progress = Progress(chosen(parser, asked.names, kept if asked.left else None), None if single else kept)
    limits = (QUICKLY_S, 0) if asked.quick else (ASKED_S, SEEDS)
    judge = Judge(progress.mutants, asked.jobs, progress.told, *limits, newest_first=asked.left)
    print(HEAD, flush=True)
    pytest.main([*SILENTLY, *config().pytest_add_cli_args_test_selection], plugins=[judge])
    if judge.wrong:
        parser.error(judge.wrong)
    whole = Score(TOOL, progress.modules).whole if single else kept.whole
    print(row("together", whole))
    missing = kept.missing(REPOSITORY)
    if missing:
        print(f"not run since they were changed: {', '.join(missing)}")
    if whole.percent < score.LEAST:
        print(f"missed: a score of {score.LEAST} %", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
