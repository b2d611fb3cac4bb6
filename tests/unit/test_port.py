"""A board's host port: ours alone while it is open, and a clear line for each way in which it can not be had."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspare.board import Board
from hotspare.errors import Unreachable
from hotspare.port import Port, Vanished
from hotspare_engine import words as w
from tests import fakes, files, terminals

GROUP = files.pair().groups[0]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "rig" / "controller"
    with terminals.behind({path: fakes.FakeBoard().configured(GROUP)}):
        yield path


def test_a_port_is_ours_alone_while_it_is_open_and_free_afterwards(terminal: Path) -> None:
    first = Port(terminal, "controller")
    with pytest.raises(Unreachable, match="is in use by another program: end it, or wait for it"):
        Port(terminal, "controller", patience_s=0)
    first.close()
    Port(terminal, "controller", patience_s=0).close()


def test_a_session_runs_over_a_real_terminal(terminal: Path) -> None:
    with Board("controller", str(terminal), Port(terminal, "controller")) as board:
        assert board.identity()["address"] == 2
        assert board.request(w.MS, 2, 0, 0, 0, 3000)["verdict"] == w.DONE


def test_a_missing_port_and_what_is_no_port_are_one_line_each(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("text")
    for path, complaint in (
        (tmp_path / "nowhere", "is not there: plug the board in, start the rig"),
        (plain / "below", "is not there"),
        (plain, "is no serial port"),
        (tmp_path, "is no serial port"),
        (Path("/dev/null"), "is no serial port"),
    ):
        with pytest.raises(Unreachable, match=complaint):
            Port(path, "controller", patience_s=0)


def test_a_port_whose_other_end_is_gone_has_vanished() -> None:
    master, slave = os.openpty()
    port = Port(Path(os.ttyname(slave)), "controller")
    os.close(slave)
    os.close(master)
    with pytest.raises(Vanished):
        port.read()
    port.close()
