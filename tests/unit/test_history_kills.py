"""F24: the host is killed 100 times while it pulls from a board that records without end and forgets what was kept."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

from hotspare.history import events
from hotspare.history.database import GAP, Database
from hotspare.history.events import Selection
from hotspare_engine import words as w
from tests import fakes, files

KILLS, SEED = 100, 24
LIMIT_S = 50
NEW_A_QUESTION, LOST_EVERY = 7, 500
PROGRAM = Path(__file__).parent.parent / "pulling_program.py"
REPOSITORY = PROGRAM.parent.parent


class ForgetfulBoard(fakes.FakeBoard):
    """Records more with each question, forgets at once what the host says is kept, and loses some numbers by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.recorded: list[int] = []
        self.acknowledged = 0

    def records(self, index: int) -> tuple:
        begun = self.next_number()
        new = [it for it in range(begun, begun + NEW_A_QUESTION) if it % LOST_EVERY]
        self.recorded += new
        self.events += [(number, number, w.E_ARMED, number % 2, 0) for number in new]
        return super().records(index)

    def next_number(self) -> int:
        return self.recorded[-1] + 1 if self.recorded else 0

    def answers(self, kind: int, values: tuple) -> list[tuple[int, tuple]]:
        if kind == fakes.messages.KEPT:
            assert values[0] == self.recorder
            self.acknowledged = max(self.acknowledged, values[1])
            self.events = [event for event in self.events if event[0] >= values[1]]
        return super().answers(kind, values)


def serve(board: ForgetfulBoard, end: socket.socket) -> None:
    while data := end.recv(4096):
        end.sendall(board.feed(data))


def test_f24_a_host_killed_100_times_while_it_pulls_loses_nothing_that_was_acknowledged_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    file = files.write(tmp_path)
    board = ForgetfulBoard().configured(files.read(file).groups[0])
    ours, theirs = socket.socketpair()
    server = threading.Thread(target=serve, args=(board, ours))
    server.start()
    try:
        argv = [str(theirs.fileno()), str(file), str(tmp_path / "log.db"), str(KILLS), str(SEED)]
        done = subprocess.run(
            [sys.executable, str(PROGRAM), *argv],
            pass_fds=(theirs.fileno(),),
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    finally:
        theirs.close()
        server.join()
        ours.close()
    assert (done.returncode, done.stderr) == (0, "")
    with Database(tmp_path / "log.db", read_only=True) as database:
        found = events.select(database, Selection())
    stored = [event.number for event in found if event.kind != GAP]
    assert board.acknowledged > 1000
    assert stored == [number for number in board.recorded if number <= stored[-1]]
    assert stored[-1] >= board.acknowledged - 1
    gaps = [(event.number, event.a) for event in found if event.kind == GAP]
    assert gaps == [(number, 1) for number in range(0, stored[-1], LOST_EVERY)]
    print(f"{len(stored)} records, {board.acknowledged} acknowledged, {len(gaps)} gaps")
