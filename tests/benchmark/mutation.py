"""Mutation score: what `make mutation` has kept, beside its limit; measures nothing itself."""

from __future__ import annotations

from pathlib import Path

from tests.benchmark.report import Report
from tests.mutation import score

REPOSITORY = Path(__file__).resolve().parents[2]


def measure(report: Report, file: Path = score.FILE) -> None:
    """Show the score, and say so when the engine has changed since."""
    kept = score.read(file)
    whole = kept.whole
    missing = kept.missing(REPOSITORY)
    older = f", older than the engine: {', '.join(missing)}" if missing else ""
    report.note(f"mutation score of {whole.date or 'no day'}, {kept.tool or 'make mutation makes it'}{older}")
    what = "mutation score of engine and health, of all mutants at least"
    report.figure(what, whole.percent, "%", runs=whole.mutants, least=score.LEAST)
