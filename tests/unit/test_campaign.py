"""The campaign itself: it fails when something is never touched, a bug goes through, or a row has no test."""

import subprocess
import sys
from pathlib import Path

import pytest

from hotspare.simulator.hunt import Bag, Quarry, hunt
from hotspare_engine import words as w
from tests.campaign import bugs, catching, hits, rows
from tests.campaign.bugs import Bug


def test_every_row_of_faults_has_a_test_that_names_it(repository: Path) -> None:
    assert rows.unnamed(repository) == []


def test_a_row_without_a_test_is_found(tmp_path: Path) -> None:
    for folder in rows.TESTS:
        (tmp_path / folder).mkdir()
    file = tmp_path / "tests" / "test_some.py"
    file.write_text("def test_f1_a(): ...\ndef test_F2_f3_b(): ...\ndef test_half4_life(): ...\n", "utf-8")
    assert rows.unnamed(tmp_path) == list(range(4, 45))


def test_what_was_never_touched_is_listed_by_name() -> None:
    never = hits.missing(Bag())
    for one in ("law L1", "fault cut", "fault ask", "change of state held to on-spare", "alarm torn"):
        assert one in never
    assert not any("split brain" in one for one in never), "what these worlds can not have is not asked of them"


def test_what_a_run_touched_is_counted() -> None:
    bag = hunt(Quarry(beats=300), range(2))
    counted = dict(hits.tables(bag))
    assert counted["laws"]["L11"] > 0
    assert sum(counted["faults"].values()) > 10
    assert counted["changes of state"]["starting to normal"] > 0
    assert bag.changes[w.STARTING, w.NORMAL] == counted["changes of state"]["starting to normal"]


def test_there_are_twenty_deliberate_bugs_or_more_and_each_is_a_change_to_what_stands_there(tmp_path: Path) -> None:
    assert len(bugs.BUGS) >= 20
    assert {bug.file.partition("/")[0] for bug in bugs.BUGS} == {bugs.ENGINE, bugs.WIRE, bugs.FIRMWARE}
    for place, bug in enumerate(bugs.BUGS):
        catching.spoil(bug, tmp_path / str(place))


def test_a_bug_that_changes_nothing_goes_through_and_is_told(tmp_path: Path) -> None:
    harmless = Bug("harmless", f"{bugs.ENGINE}/timers.py", '"""', '"""', "tests/unit/test_durations.py")
    with pytest.raises(AssertionError, match="what is to be replaced stands there"):
        catching.catch(harmless, tmp_path / "twice")
    text = (Path(catching.package_folder(bugs.ENGINE)) / "timers.py").read_text("utf-8").splitlines()[0]
    harmless = harmless._replace(old=text, new=text + " ")
    with pytest.raises(catching.Uncaught, match=r"harmless: tests/unit/test_durations.py noticed nothing"):
        catching.catch(harmless, tmp_path / "once")


@pytest.mark.parametrize("args", [["nosuch"], ["--size", "huge"], ["--jobs", "0"], ["--jobs", "many"]])
def test_bad_arguments_are_one_line(args: list[str], repository: Path) -> None:
    command = [sys.executable, "-m", "tests.campaign", *args]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("make campaign: ")
    assert done.stderr.count("\n") == 1
