"""Fake boards behind pseudo terminals, for what opens a port."""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes import FakeBoard

PUMP_MS = 20


@contextmanager
def behind(boards: dict[Path, FakeBoard]) -> Iterator[None]:
    """Put fake boards behind pseudo terminals, each with a link of its own path, until the end of the block."""
    masters: dict[int, FakeBoard] = {}
    slaves: list[int] = []
    for path, board in boards.items():
        master, slave = os.openpty()
        tty.setraw(slave)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(os.ttyname(slave))
        masters[master] = board
        slaves.append(slave)
    ended = threading.Event()
    pump = threading.Thread(target=_pump, args=(masters, ended))
    pump.start()
    try:
        yield
    finally:
        ended.set()
        pump.join()
        for fd in (*masters, *slaves):
            os.close(fd)


def _pump(masters: dict[int, FakeBoard], ended: threading.Event) -> None:
    while not ended.is_set():
        for fd in select.select(list(masters), [], [], PUMP_MS / 1000)[0]:
            board = masters[fd]
            os.write(fd, board.feed(os.read(fd, 4096)))
            if board.restart_due:
                board.restart_due = False
                board.restart()
