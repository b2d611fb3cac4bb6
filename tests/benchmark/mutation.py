"""Mutation score: the last whole run of `make mutation` as it is kept, beside its limit; measures nothing itself."""

from __future__ import annotations

from pathlib import Path

from tests.benchmark.report import Report
from tests.mutation import score

REPOSITORY = Path(__file__).resolve().parents[2]


def measure(report: Report, file: Path = score.FILE) -> None:
    """Show the score, and say so when it is of another engine."""
    kept = score.read(file)
    if kept is None:
        report.note("mutation score: none is kept, make mutation measures it")
        report.figure("mutation score of engine and health", 0, "%", least=score.LEAST)
        return
    whole = kept.whole
    age = "" if kept.is_of(REPOSITORY) else ", older than the engine"
    report.note(f"mutation score of {kept.date}{age}: {whole.killed} of {whole.mutants} mutants killed, {kept.tool}")
    report.figure("mutation score of engine and health, at least", whole.percent, "%", least=score.LEAST)
