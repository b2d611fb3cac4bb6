"""The tool that mutates the engine: what it finds, how a mutant ends, and what is kept of a whole run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmark import mutation
from tests.benchmark.report import Report
from tests.mutation import mutants, score
from tests.mutation.score import Count, Score

pytestmark = pytest.mark.timeout(300)  # seconds of work, on a machine that may have other work

# judges a few hand-made mutants of a timer by one test, and prints how each ended
JUDGES = """
import json, sys
import pytest
from tests.mutation.judging import Judge
from tests.mutation.mutants import Mutant

def same(self, timer):
    return self.left_ms[timer] > 0

def other(self, timer):
    return self.left_ms[timer] > 1

def endless(self, timer):
    while True:
        pass

def mutant(number, made, line):
    return Mutant("timers", "Timers.runs", number, line, range(line, line + 1), "", "", made)

ended = {}
LINE = int(sys.argv[1])
made = [mutant(1, same, LINE), mutant(2, other, LINE), mutant(3, endless, LINE), mutant(4, other, 1)]
judge = Judge(made, 2, lambda mutant, how: ended.update({mutant.number: how}), seeds=0)
pytest.main(["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-c", "/dev/null", sys.argv[2]], plugins=[judge])
print(json.dumps([judge.wrong, sorted(ended.items())]))
"""
SOUND = """
from hotspare_engine.timers import Timers

def test_a_timer_of_one_millisecond_runs():
    timers = Timers()
    timers.start(0, 1)
    assert timers.runs(0)
"""


def judged(repository: Path, tmp_path: Path, test: str) -> tuple[str, list[list[object]]]:
    """Return what was wrong, and the number of each mutant with how it ended."""
    file = tmp_path / "test_timer.py"
    file.write_text(test, encoding="utf-8")
    source = (repository / score.ENGINE / "timers.py").read_text(encoding="utf-8").splitlines()
    line = source.index("        return self.left_ms[timer] > 0") + 1
    command = [sys.executable, "-c", JUDGES, str(line), str(file)]
    result = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=250)
    assert result.returncode == 0, result.stderr
    wrong, ended = json.loads(result.stdout.splitlines()[-1])
    return wrong, ended


def test_a_mutant_ends_by_the_test_that_fails_by_time_or_survives(repository: Path, tmp_path: Path) -> None:
    wrong, ended = judged(repository, tmp_path, SOUND)
    assert wrong == ""
    assert ended == [[1, ""], [2, "test"], [3, "time-out"], [4, ""]], "the last one changes a line that no test runs"


def test_where_a_test_fails_anyway_no_mutant_is_judged(repository: Path, tmp_path: Path) -> None:
    wrong, ended = judged(repository, tmp_path, SOUND.replace("assert", "assert not"))
    assert wrong.endswith("test_a_timer_of_one_millisecond_runs fails without a mutant")
    assert ended == []


@pytest.mark.parametrize("module", ["timers", "approval", "unit"])
def test_a_mutant_names_the_line_that_it_changes(
    module: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    path = mutants.sources()[module]
    lines = path.read_text(encoding="utf-8").splitlines()
    found = mutants.of(module, path)
    assert len(found) > 40
    for mutant in found:
        assert lines[mutant.line - 1].strip() == mutant.before != mutant.after, mutant.name
        assert mutant.line in mutant.lines


def test_every_module_that_is_to_be_mutated_is_there(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    patterns = mutants.config().only_mutate
    assert [pattern for pattern in patterns if pattern[2:-3] not in mutants.sources()] == []
    assert {"engine", "health"} <= set(mutants.sources())


def kept(repository: Path, file: Path, left: int) -> Path:
    """Write a score of a hundred mutants, all of them of one module."""
    modules = {name: Count("2026-01-02", score.hash_of(repository, name)) for name in score.scope(repository)}
    for number in range(100):
        how = "" if number < left else ("test", "law", "time-out", "crash")[number % 4]
        modules["health"].add(f"health:Health.heard:{number}", how)
    score.write(Score("mutmut 0", modules), file)
    return file


def test_what_is_to_be_mutated_is_read_alike_by_the_tool_and_for_the_score(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    assert sorted(score.scope(repository)) == sorted(mutants.sources())


def test_the_benchmark_shows_the_score_beside_its_limit(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report()
    mutation.measure(report, kept(repository, tmp_path / "score.json", 10))
    assert [(row.median, row.runs, row.limit_least, row.holds) for row in report.rows] == [(90.0, 100, 90, True)]
    assert capsys.readouterr().out.startswith("# mutation score of 2026-01-02, mutmut 0\n")


def test_a_score_that_is_too_low_or_of_another_engine_is_said_to_be_so(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = kept(repository, tmp_path / "score.json", 11)
    file.write_text(file.read_text(encoding="utf-8").replace(score.hash_of(repository, "unit"), "of another text"))
    report = Report()
    mutation.measure(report, file)
    assert [row.holds for row in report.rows] == [False]
    said = capsys.readouterr().out
    assert "2026-01-02, mutmut 0, older than the engine: unit\n" in said
    assert said.endswith("MISSED\n")


def test_a_score_that_is_not_there_is_no_good_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    mutation.measure(report, tmp_path / "none.json")
    assert [row.holds for row in report.rows] == [False]
    assert "make mutation makes it, older than the engine: approval, engine" in capsys.readouterr().out


def test_what_was_left_alive_and_is_killed_by_now_raises_the_score(repository: Path, tmp_path: Path) -> None:
    found = score.read(kept(repository, tmp_path / "score.json", 11))
    assert (len(found.whole.left), found.whole.percent) == (11, 89.0)
    again = Count("2026-01-03", found.modules["health"].sources)
    for name in found.modules["health"].left:
        again.add(name, "" if name.endswith("0") else "test")
    found.take(Score("mutmut 1", {"health": again}))
    assert found.modules["health"].left == ["health:Health.heard:0", "health:Health.heard:10"]
    assert (found.whole.mutants, found.whole.percent) == (100, 98.0)


def test_a_module_that_is_run_whole_again_begins_anew(repository: Path, tmp_path: Path) -> None:
    found = score.read(kept(repository, tmp_path / "score.json", 11))
    again = Count("2026-01-03", "of another text")
    again.add("health:Health.heard:1", "")
    found.take(Score("mutmut 1", {"health": again}))
    assert (found.whole.mutants, found.whole.left) == (1, ["health:Health.heard:1"])
    assert found.missing(repository) == ["health"]
