"""What others do to a board's host port, on the emulated rig: Ctrl-C, other speeds, a reset; contacts and records.

A PTY has no DTR and RTS: what a board would see of them is the reset that they cause.
"""

from __future__ import annotations

import os
import termios
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hil.pair import Pair
from hil.story import Story
from hotspare_engine import words as w

TIMES = 20
# what terminals and tools send to a board: Ctrl-C twice, Ctrl-D, raw and friendly REPL, and the reset of a bootloader
INTERRUPTS = (b"\x03", b"\r\x03\x03", b"\x04", b"\x01", b"\x02\r\n", b"import machine; machine.reset()\r\n")


@contextmanager
def opened(pair: Pair, board: str) -> Iterator[int]:
    """Open a board's port as a program does that knows nothing of hotspare."""
    fd = os.open(pair.configuration.board(board).port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        yield fd
    finally:
        os.close(fd)


def boots(pair: Pair) -> list[int]:
    """Return the boot number of each board."""
    found = []
    for board in pair.group.boards:
        with pair.board(board.name) as reached:
            found.append(int(reached.identity()["boot"]))
    return found


@pytest.mark.parametrize("board", ["controller", "beacon"])
def test_f12_ctrl_c_and_what_else_terminals_send_stops_no_board(pair: Pair, story: Story, board: str) -> None:
    before = boots(pair)
    for _ in range(TIMES):
        for sent in INTERRUPTS:
            with opened(pair, board) as fd:
                os.write(fd, sent)
    pair.until_all_heard()
    assert boots(pair) == before
    assert story.moves() == []
    assert not story.tells((w.E_LINK, 0)), "no session between the boards was lost"
    assert pair.settle()["alarms"] & ~w.A_STALLED == 0


def test_f12_a_program_that_opens_the_port_at_other_speeds_resets_nothing(pair: Pair, story: Story) -> None:
    before = boots(pair)
    for _ in range(TIMES):
        with opened(pair, "controller") as fd:
            attributes = termios.tcgetattr(fd)
            for speed in (termios.B1200, termios.B115200):
                attributes[4] = attributes[5] = speed
                termios.tcsetattr(fd, termios.TCSANOW, attributes)
    assert boots(pair) == before
    assert story.moves() == []


def test_f12_a_beacon_that_is_reset_is_back_in_a_new_session_and_nothing_moves(pair: Pair, story: Story) -> None:
    pair.rig.power("beacon", False)
    pair.rig.power("beacon", True)
    pair.until_all_heard()
    pair.settle()
    assert story.moves() == []
    crosslink_a = next(row["index"] for row in _paths(pair) if row["kind"] == w.PATH_CROSSLINK_A)
    story.until((w.E_LINK, crosslink_a))
    assert _paths(pair)[crosslink_a]["sessions"] >= 2


def test_f12_a_controller_that_is_reset_by_its_port_recovers_by_itself(pair: Pair) -> None:
    with pair.board("controller") as reached:
        before = reached.identity()["boot"]
    pair.rig.power("controller", False)
    pair.rig.power("controller", True)
    pair.until_restarted("controller", before)
    pair.settle()
    pair.until_all_heard()
    assert pair.active() == "primary"
    assert pair.status()["armed"]


@pytest.mark.parametrize("board", ["controller", "beacon"])
def test_f12_a_board_that_dtr_resets_is_back_by_itself_and_nothing_moves(pair: Pair, story: Story, board: str) -> None:
    before = boots(pair)
    pair.rig.reset(board)
    for it, boot in zip(pair.group.boards, before, strict=True):
        if it.name == board:
            pair.until_restarted(board, boot)
    pair.settle()
    pair.until_all_heard()
    assert story.moves() == []
    with pair.board(board) as reached:
        record = reached.boots()
    assert record is not None
    assert (record["cause"], record["known"]) == (w.C_POWER, 0), "this chip forgets at its reset pin, and says power-on"


def test_f12_dtr_while_the_spare_carries_the_line_lets_it_fall_and_a_well_primary_keeps_it(pair: Pair) -> None:
    pair.ask(w.MS, 1)
    pair.settle(on_spare=True)
    story = Story(pair)
    pair.rig.reset("controller")
    pair.settle()
    pair.until_all_heard()
    assert pair.active() == "primary"
    assert story.count("coil energised") == 0


def _paths(pair: Pair) -> list[dict[str, int]]:
    with pair.board("controller") as reached:
        return list(reached.paths(reached.status()["paths"]))
