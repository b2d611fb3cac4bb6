"""What a command says and ends with when nobody takes its output: a pipe that nobody reads, a full disk, no stdout."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspare.cli import exits
from hotspare_engine import words as w
from tests import fakes, files, terminals

LIMIT_S = 30
PROGRAM = "import sys; from hotspare.cli import main; sys.exit(main())"
SEEING = (["status"], ["log"], ["check"], ["configure"], ["--help"], ["status", "--help"], ["--version"])


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """The file of a pair of fake boards whose controller does what it is asked."""
    path = files.write(tmp_path)
    boards = fakes.pair_of(files.read(path))
    for board in boards.values():
        board.reply = lambda values: [(values[0], w.DONE, 0, 0, 0, 12, 0)]
    with terminals.behind(boards):
        yield path


def run(file: Path, args: list[str], shell: str) -> tuple[int, str]:
    """Run a command with what the shell is to do with its stdout; return its code and stderr."""
    where = [] if args[0].startswith("--") else ["-c", str(file)]
    argv = [sys.executable, "-c", PROGRAM, args[0], *where, *args[1:]]
    done = subprocess.run(
        ["bash", "-c", f'exec "$@" {shell}', "bash", *argv],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("args", SEEING, ids=" ".join)
def test_a_reader_who_went_away_is_a_code_and_no_word(file: Path, args: list[str]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    where = [] if args[0].startswith("--") else ["-c", str(file)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, args[0], *where, *args[1:]],
        stdout=write_end,
        stderr=subprocess.PIPE,
        timeout=LIMIT_S,
        check=False,
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (exits.PIPE_CLOSED, b"")


@pytest.mark.parametrize(("shell", "why"), [(">/dev/full", "no space left on device"), (">&-", "bad file descriptor")])
@pytest.mark.parametrize("args", SEEING, ids=" ".join)
def test_an_output_that_can_not_be_written_is_one_line_and_a_code(
    file: Path, args: list[str], shell: str, why: str
) -> None:
    assert run(file, args, shell) == (exits.OUTPUT_FAILED, f"hotspare: the output can not be written: {why}\n")


@pytest.mark.parametrize("shell", [">/dev/full", ">&-", "<&- >&-"])
def test_an_order_is_done_all_the_same_and_said_to_be(file: Path, shell: str) -> None:
    code, err = run(file, ["arm"], shell)
    assert code == exits.OUTPUT_FAILED
    assert err.count("\n") == 1
    assert err.endswith("; what was asked for is not affected by that: hotspare status\n")


def test_a_closed_stderr_disturbs_nobody(file: Path) -> None:
    assert run(file, ["check"], ">/dev/null 2>&-") == (exits.OK, "")
    assert run(file, ["statsu"], "2>&-") == (exits.USAGE, "")
