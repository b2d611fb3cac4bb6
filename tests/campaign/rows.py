"""The rows of faults to survive: which tests name each; a row without one fails."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

ROWS = range(1, 45)
TESTS = ("tests", "hil")
_NAME = re.compile(r"^ *def (test_\w+)\(", re.MULTILINE)
_ROW = re.compile(r"(?<=_)[fF](\d+)(?=_)")


def named(repository: Path) -> dict[int, list[str]]:
    """Return the tests that name each row."""
    found: dict[int, list[str]] = defaultdict(list)
    for folder in TESTS:
        for path in sorted((repository / folder).rglob("test_*.py")):
            for name in _NAME.findall(path.read_text(encoding="utf-8")):
                for row in sorted({int(number) for number in _ROW.findall(name)}):
                    found[row].append(f"{path.relative_to(repository)}::{name}")
    return found


def unnamed(repository: Path) -> list[int]:
    """Return the rows that no test names."""
    found = named(repository)
    return [row for row in ROWS if not found[row]]
