"""Who commands and why: the options of every command that changes something, and what reaches the boards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspare import cli
from hotspare.cli import asker, exits
from hotspare_engine import words as w
from tests import files, terminals
from tests.command import Bench


@pytest.fixture
def bench(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    made = Bench(files.write(tmp_path), capfd)
    with terminals.behind(made.boards):
        yield made


def test_a_command_carries_the_user_of_this_process_unless_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(asker.OPERATOR_VARIABLE, raising=False)
    assert bench.run("disarm") == exits.OK
    monkeypatch.setenv(asker.OPERATOR_VARIABLE, "bob")
    assert bench.run("disarm", "--reason", "replace PSU") == exits.OK
    assert bench.run("disarm", "--operator", "alice") == exits.OK
    assert bench.controller.by == [(asker.user(), ""), ("bob", "replace PSU"), ("alice", "")]
    assert bench.err == ""


def test_a_reason_that_is_too_long_is_cut_and_that_is_said(bench: Bench) -> None:
    assert bench.run("disarm", "--operator", "alice", "--reason", "x" * 65) == exits.OK
    assert bench.controller.by == [("alice", "x" * 64)]
    assert "--reason is longer than its place on the board: recorded is 'xxx" in bench.err


def test_a_dry_run_names_nobody_and_an_empty_reason_is_refused(bench: Bench) -> None:
    assert bench.run("disarm", "--dry-run", "--reason", "to see") == exits.OK
    assert bench.controller.by == []
    assert bench.run("disarm", "--reason", " ") == exits.USAGE
    assert bench.controller.by == []


def test_the_log_shows_who_and_why_behind_the_command_and_the_pieces_in_json_alone(bench: Bench) -> None:
    bench.controller.events = [
        (0, 1000, w.E_ASKED, w.DISARM, 255),
        (1, 1000, w.E_BY, int.from_bytes(b"alic", "little"), int.from_bytes(b"e", "little")),
        (2, 1000, w.E_ARMED, 0, 0),
    ]
    assert bench.run("log") == exits.OK
    assert "asked: disarm, by alice\n" in bench.out
    assert "by: alice" not in bench.out
    told = bench.json("log")["events"]
    assert [(it["event"], it["text"]) for it in told if it["number"] < 2] == [
        ("asked", "disarm, by alice"),
        ("by", "alice"),
    ]


COMMANDS = ("approve", "reject", "arm", "disarm", "clear", "exercise", "failback", "lockout", "out", "switchover")
COMMANDS += ("unfence", "configure")


@pytest.mark.parametrize("command", [[name] for name in COMMANDS] + [["key", "install"], ["key", "rotate"]])
def test_every_command_that_changes_something_takes_operator_and_reason(
    capfd: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert cli.main([*command, "--help"]) == exits.OK
    told = capfd.readouterr().out
    assert "--operator NAME" in told
    assert "--reason TEXT" in told
