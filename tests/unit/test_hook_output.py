"""What a hook says, as bounded lines, and the file that keeps it."""

import os
import select
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hotspare import hook_log, hook_run
from hotspare.command import Command
from hotspare.hook_log import HookLog
from hotspare.hook_run import Lines


def lines_of(*parts: bytes) -> tuple[list[str], str]:
    """Return the lines of some output, and what is said to be lost of it."""
    taken: list[str] = []
    lines = Lines(taken.append)
    for part in parts:
        lines.feed(part)
    lines.end()
    return taken, lines.lost()


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ((b"one\ntwo\n",), ["one", "two"]),
        ((b"o", b"n", b"e\ntw", b"o"), ["one", "two"]),
        ((b"", b"\n\n", b"x\r\n"), ["", "", "x"]),
        ((b"a\tb\x1b[31mc\0\n",), ["a b?[31mc?"]),
        (("gr\u00fcn".encode() + b"\xff\n",), ["gr\u00fcn\ufffd"]),
        ((), []),
    ],
)
def test_output_becomes_lines_however_it_comes_and_no_terminal_obeys_them(
    parts: tuple[bytes, ...], lines: list[str]
) -> None:
    assert lines_of(*parts) == (lines, "")


def test_lines_beyond_the_most_are_dropped_and_counted() -> None:
    taken, lost = lines_of(*(b"%d\n" % number for number in range(hook_run.LINES_MAX + 7)))
    assert len(taken) == hook_run.LINES_MAX
    assert taken[-1] == str(hook_run.LINES_MAX - 1)
    assert lost == f"7 lines after the first {hook_run.LINES_MAX} are dropped"


def test_a_line_that_never_ends_is_cut_counted_and_not_kept() -> None:
    lines = Lines(lambda line: None)
    for _ in range(100):
        lines.feed(b"x" * 10_000)
    assert len(lines._begun) <= hook_run.LINE_CHARS_MAX * hook_run.CHAR_BYTES_MAX
    taken, lost = lines_of(b"x" * 10_000, b"y" * 10_000, b"\nshort\n")
    assert taken == ["x" * hook_run.LINE_CHARS_MAX, "short"]
    assert lost == f"1 lines are cut after {hook_run.LINE_CHARS_MAX} characters"


def test_a_line_of_exactly_the_most_characters_is_whole() -> None:
    whole = "\u00e4" * hook_run.LINE_CHARS_MAX
    assert lines_of(whole.encode()) == ([whole], "")


def test_a_hook_that_closes_its_output_is_listened_to_no_more_and_runs_on() -> None:
    command = Command("exec >&- 2>&-; sleep 1000", heard=True)
    try:
        assert command.reader is not None
        assert select.select([command.reader], [], [], 10)[0]
        assert command.read() == b""
        assert command.reader is None
        assert command.code() is None
    finally:
        assert command.end() == b""


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 7, 10, 37, 123_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_log_is_nobodys_business_and_its_lines_have_the_time_in_utc(tmp_path: Path, said: list[str]) -> None:
    path = tmp_path / "log"
    before = os.umask(0)
    try:
        log = HookLog(path, said.append, Clock())
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    log.write("on-drain: one")
    HookLog(path, said.append, Clock()).write("on-drain: two")
    assert path.read_text() == "2026-11-25T07:10:37.124Z on-drain: one\n2026-11-25T07:10:37.124Z on-drain: two\n"
    assert said == []


def test_a_log_is_bounded_and_the_file_before_it_is_kept_once(tmp_path: Path, said: list[str]) -> None:
    path, kept = tmp_path / "log", tmp_path / "log.1"
    log = HookLog(path, said.append, Clock())
    path.write_bytes(b"1" * (hook_log.BYTES_MAX - 10))
    log.write("first")
    assert kept.stat().st_size == hook_log.BYTES_MAX - 10
    assert path.read_text().endswith(" first\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"2" * hook_log.BYTES_MAX)
    log.write("second")
    assert kept.read_bytes() == b"2" * hook_log.BYTES_MAX
    assert sorted(it.name for it in tmp_path.iterdir()) == ["log", "log.1"]
    assert said == []


def test_a_log_that_can_not_be_written_is_said_once_and_so_is_its_return(tmp_path: Path, said: list[str]) -> None:
    path = tmp_path / "folder" / "log"
    log = HookLog(path, said.append, Clock())
    log.write("lost")
    assert said == [f"hook log {path} can not be written: no such file or directory"]
    path.parent.mkdir()
    log.write("kept")
    log.write("kept")
    assert said[1:] == [f"hook log {path} is written again"]
    assert path.read_text().count("kept") == 2


def test_what_is_no_file_is_no_log_and_is_not_waited_for(tmp_path: Path, said: list[str]) -> None:
    HookLog(tmp_path, said.append)
    HookLog(Path("/dev/null"), said.append)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    HookLog(pipe, said.append).write("x")
    assert [line.rpartition(": ")[2] for line in said] == [
        "is a directory",
        "it is no file",
        "no such device or address",
    ]
