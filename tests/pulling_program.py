"""A host that pulls without end over an inherited socket, and is killed again and again: run by the test of that.

Arguments: descriptor, configuration, database, kills, seed. Hosts are forked from here, so that none waits for imports.
"""

from __future__ import annotations

import os
import random
import select
import signal
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from hotspare import configuration as files
from hotspare.board import Board
from hotspare.history import pull
from hotspare.history.database import Database

LIFE_S_LEAST, LIFE_S_MOST = 0.002, 0.06


class Socket:
    """A socket as a session's stream."""

    def __init__(self, descriptor: int) -> None:
        self.socket = socket.socket(fileno=os.dup(descriptor))
        self.socket.setblocking(False)

    def wait(self, ms: int, to_write: bool) -> bool:
        return bool(select.select([self.socket], [self.socket] if to_write else [], [], ms / 1000)[0])

    def read(self) -> bytes:
        try:
            return self.socket.recv(4096)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        try:
            return self.socket.send(data)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        self.socket.close()


def main(descriptor: int, file: Path, database: Path, kills: int, seed: int) -> None:
    """Kill so many hosts at moments that the seed says; then let one pull to the end."""
    chance = random.Random(seed)
    for _ in range(kills):
        host = os.fork()
        if not host:
            while True:
                once(descriptor, file, database)
        time.sleep(chance.uniform(LIFE_S_LEAST, LIFE_S_MOST))
        os.kill(host, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(host, 0)[1]) == -signal.SIGKILL
    once(descriptor, file, database)


def once(descriptor: int, file: Path, path: Path) -> None:
    """Pull once."""
    (group,) = files.load(file).groups
    board = group.boards[0]
    with Database(path) as database:
        pull.from_board(
            board, group, database, lambda: datetime.now(UTC), lambda it: Board(it.name, "a socket", Socket(descriptor))
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
