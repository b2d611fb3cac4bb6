"""Quiet moments: an announced silence of a board is no failure, and hides none for longer than was said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hotspare import reading
from hotspare_engine import words as w
from hotspare_engine.path import QUIET_ANNOUNCED_MS_MAX, QUIET_MS
from hotspare_firmware import quiet
from hotspare_wire import messages as m
from tests.boards import BEACON, CONTROLLER, Bench

SPEEDS = ((100, 5), (20, 3))
BOARDS = (BEACON, CONTROLLER)


def wanted(board: Any, wants: bool) -> None:
    """Let a board's recorder want an erase, or none."""
    board.recorder.wants_erase = lambda: wants
    board.recorder.is_short = lambda: False


class Flash:
    """Stands in for a recorder's erase: the bench lets nothing of that board run for so long."""

    def __init__(self, bench: Bench, address: int, erase_ms: int) -> None:
        self.bench, self.address, self.erase_ms = bench, address, erase_ms
        self.erased_ms: list[int] = []
        self.due = False
        bench.boards[address].recorder.erase = self.erase
        wanted(bench.boards[address], False)

    def erase(self) -> None:
        self.due = True
        wanted(self.bench.boards[self.address], False)

    def want(self, announced: bool = True, limit_ms: int = 3000) -> None:
        """Want an erase, and let it happen as soon as it is granted."""
        board = self.bench.boards[self.address]
        wanted(board, True)
        if not announced:
            board.quiet.bits = lambda path: 0
            board.quiet._echoed = -1
            board.quiet.heard = lambda path, bits, state: None
        for _ in range(limit_ms):
            if self.due:
                break
            self.bench.run(1)
        assert self.due, "no quiet moment came"
        self.due = False
        self.bench.run(self.erase_ms, without=(self.address,))
        self.erased_ms.append(self.bench.now_ms)
        self.wake()

    def wake(self) -> None:
        """Let the board go on: of what came meanwhile each FIFO holds one frame."""
        for uart in self.bench.hardware[self.address].uarts:
            del uart.inbox[32:]
        self.bench.boards[self.address].step(self.erase_ms)


def a_pair(folder: Path, speed: tuple[int, int], **values: Any) -> Bench:
    interval_ms, beats = speed
    more = {"agent_interval_ms": interval_ms, "agent_beats": beats, "boot_grace_s": 1, **values}
    bench = Bench(folder, interval_ms=interval_ms, beats=beats, **more)
    bench.run(1500)
    bench.arm()
    bench.run(500)
    assert (bench.engine.state, bench.engine.alarms) == (w.NORMAL, 0)
    return bench


def healths(bench: Bench) -> list[list[int]]:
    """Return what each board believes of each unit."""
    return [[unit.health for unit in bench.boards[address].engine.health.units] for address in BOARDS]


def kinds(bench: Bench, address: int, since: int) -> set[int]:
    """Return which kinds of event a board keeps from a number on."""
    return {event[2] for event in bench.events(address) if event[0] >= since}


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("address", BOARDS)
@pytest.mark.parametrize("erase_ms", [45, 400])
def test_f16_an_announced_erase_is_no_failure_and_no_alarm_at_either_board(
    tmp_path: Path, speed: tuple[int, int], address: int, erase_ms: int
) -> None:
    bench = a_pair(tmp_path, speed)
    begun = {it: bench.boards[it].recorder.next for it in BOARDS}
    flash = Flash(bench, address, erase_ms)
    for _ in range(4):  # as quickly after one another as may be
        flash.want()
        for _ in range(speed[0] * speed[1] + 600):
            bench.run(1)
            assert healths(bench) == [[w.OK, w.OK], [w.OK, w.OK]]
    assert len(flash.erased_ms) == 4
    assert [bench.boards[it].engine.alarms for it in BOARDS] == [0, 0]
    assert kinds(bench, BEACON, begun[BEACON]) | kinds(bench, CONTROLLER, begun[CONTROLLER]) == set()
    assert bench.boards[address].late_max_ms == 0


@pytest.mark.parametrize("speed", SPEEDS)
def test_f16_the_same_erase_would_be_a_failover_if_nobody_announced_it(tmp_path: Path, speed: tuple[int, int]) -> None:
    bench = a_pair(tmp_path, speed)
    Flash(bench, BEACON, 400 if speed[0] < 100 else 520).want(announced=False)
    bench.run(300)
    assert bench.engine.selected == 0


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("address", BOARDS)
def test_f16_a_unit_that_fails_in_a_quiet_moment_is_acted_on_within_the_budget_and_what_was_said(
    tmp_path: Path, speed: tuple[int, int], address: int
) -> None:
    dead_ms = speed[0] * speed[1]
    for offset_ms in range(0, 400, 57):
        folder = tmp_path / str(offset_ms)
        folder.mkdir()
        bench = a_pair(folder, speed)
        flash = Flash(bench, address, 400)
        board = bench.boards[address]
        wanted(board, True)
        while not flash.due:
            bench.run(1)
        alone = () if address == BEACON else (address,)
        bench.run(offset_ms, without=(address,))
        died_ms = bench.now_ms  # and never speaks again
        bench.run(400 - offset_ms, without=(BEACON, *alone))
        if address == CONTROLLER:
            flash.wake()
        while bench.engine.state == w.NORMAL:
            bench.run(1, without=(BEACON,))
            assert bench.now_ms - died_ms <= dead_ms + QUIET_MS + 5
        assert bench.engine.state == w.SWITCHING


def test_a_neighbour_that_always_says_quiet_is_not_believed_for_ever(tmp_path: Path) -> None:
    bench = a_pair(tmp_path, (100, 5))
    bench.boards[BEACON].quiet.bits = lambda path: m.QUIET
    path = next(it for it in bench.engine.health.paths if it.kind == w.PATH_CROSSLINK_A)
    bench.run(300)
    assert path.wait_ms == path.dead_ms + QUIET_MS
    bench.run(QUIET_ANNOUNCED_MS_MAX)
    assert path.wait_ms == path.dead_ms
    bench.cut()
    bench.run(path.dead_ms + 5)
    assert path.state == w.SILENT


def test_no_moment_comes_while_the_group_switches_and_one_does_without_any_neighbour_after_ten_seconds(
    tmp_path: Path,
) -> None:
    bench = a_pair(tmp_path, (100, 5))
    flash = Flash(bench, CONTROLLER, 45)
    bench.engine.asked(65001, w.MS, 1, 0, 0, 0)
    bench.run(2)
    assert bench.engine.state == w.SWITCHING
    wanted(bench.boards[CONTROLLER], True)
    while bench.engine.state == w.SWITCHING:
        assert not flash.due
        assert bench.boards[CONTROLLER].quiet.bits(0) & m.QUIET == 0
        bench.run(1)
    bench.run(50, without=(BEACON,))
    bench.cut()
    since_ms = bench.now_ms
    flash.want(limit_ms=2 * quiet.WAIT_MS)
    assert quiet.WAIT_MS <= bench.now_ms - since_ms <= quiet.WAIT_MS + 3000


def test_two_boards_that_want_the_same_moment_have_it_one_after_the_other(tmp_path: Path) -> None:
    bench = a_pair(tmp_path, (100, 5))
    flashes = [Flash(bench, address, 45) for address in BOARDS]
    granted: list[tuple[int, int]] = []
    for address in BOARDS:
        wanted(bench.boards[address], True)
    for _ in range(4000):
        bench.run(1)
        for flash in flashes:
            if flash.due:
                flash.due = False
                granted.append((flash.address, bench.now_ms))
    assert sorted(address for address, _ in granted) == [BEACON, CONTROLLER]
    assert abs(granted[0][1] - granted[1][1]) >= bench.interval_ms * 9 // 10


def test_on_a_chain_everybody_has_heard_before_a_board_in_it_is_silent(tmp_path: Path) -> None:
    bench = Bench(tmp_path, primaries=3, boot_grace_s=1)
    bench.run(2500)
    bench.arm()
    bench.run(500)
    assert bench.engine.alarms == 0
    near = 1
    recorder, board = bench.boards[near].recorder, bench.boards[near]
    happened: list[int] = []
    recorder.erase = lambda: happened.append(bench.now_ms)
    wanted(board, True)
    for _ in range(3000):
        bench.run(1)
        if happened:
            break
    assert happened, "no quiet moment came"
    for address in range(1, 5):
        for path in bench.boards[address].engine.health.paths:
            if path.kind == w.PATH_CROSSLINK_A and address != near:
                assert path.wait_ms == path.dead_ms + QUIET_MS, address


def test_people_read_the_announcement_and_its_echo_in_a_frame() -> None:
    values = {"health_role": w.OK | (m.ROLE_CONTROLLER | m.QUIET | m.QUIET_ECHO) << 4}
    assert reading.read("heartbeat", values) == {"health_role": ["ok", "controller", "quiet", "quiet heard"]}


def test_right_after_an_event_no_erase_is_wanted_unless_no_room_is_left(tmp_path: Path) -> None:
    for short in (False, True):
        (tmp_path / str(short)).mkdir()
        bench = a_pair(tmp_path / str(short), (100, 5))
        flash = Flash(bench, CONTROLLER, 45)
        board = bench.boards[CONTROLLER]
        wanted(board, True)
        board.recorder.is_short = lambda short=short: short
        for _ in range(3000):
            board.record(w.E_LOCAL, 0)  # something happens all the time
            bench.run(1)
        assert flash.due is short
        bench.run(4000)
        assert flash.due, "it is quiet now"
