"""Figures and their limits as one table; pure but for printing."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


def p99(values: Sequence[float]) -> float:
    """Return the 99th percentile by nearest rank; of fewer than 100 values that is the largest."""
    ordered = sorted(values)
    return ordered[math.ceil(0.99 * len(ordered)) - 1]


@dataclass
class Row:
    """One figure: what was measured, how often, and its limits; None where there is none."""

    what: str
    runs: int
    median: float
    worst: float
    unit: str
    limit_median: float | None = None
    limit_worst: float | None = None
    limit_least: float | None = None

    @property
    def holds(self) -> bool:
        """Whether its limits are kept."""
        if self.limit_least is not None:
            return self.median >= self.limit_least
        median_holds = self.limit_median is None or self.median <= self.limit_median
        return median_holds and (self.limit_worst is None or self.worst <= self.limit_worst)


@dataclass
class Report:
    """All rows, and what is to be said of how they came about."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def times(
        self, what: str, values: Sequence[float], unit: str, median: float | None = None, worst: float | None = None
    ) -> None:
        """Add a row of measured values with the limits of their median and p99."""
        row = Row(what, len(values), statistics.median(values), p99(values), unit, median, worst)
        self.rows.append(row)
        self._print(row)

    def figure(
        self,
        what: str,
        value: float,
        unit: str,
        limit: float | None = None,
        runs: int = 1,
        least: float | None = None,
    ) -> None:
        """Add one figure that must not pass its limit, or not stay below its least."""
        row = Row(what, runs, value, value, unit, None, limit, least)
        self.rows.append(row)
        self._print(row)

    def note(self, text: str) -> None:
        """Say something about what follows."""
        self.notes.append(text)
        print(f"# {text}", flush=True)

    def _print(self, row: Row) -> None:
        verdict = "holds" if row.holds else "MISSED"
        limit = row.limit_median if row.limit_least is None else row.limit_least
        if limit is None and row.limit_worst is None:
            verdict = "-"
        print(
            f"{row.what:<66} {row.runs:>5} {_number(row.median)} {_number(limit)} "
            f"{_number(row.worst)} {_number(row.limit_worst)} {row.unit:<5} {verdict}",
            flush=True,
        )


HEAD = f"{'what':<66} {'runs':>5} {'median':>9} {'limit':>9} {'p99':>9} {'limit':>9} {'unit':<5}"


def _number(value: float | None) -> str:
    if value is None:
        return f"{'-':>9}"
    return f"{value:>9.1f}" if value < 10000 else f"{value:>9.0f}"
