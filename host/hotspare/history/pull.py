"""The pull: what a board recorded since, read by number, committed, and only then acknowledged; asks one board.

A board that is lost in the middle is asked again, with a back-off, from the number up to which everything is stored.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from hotspare import configuration as files
from hotspare import reach
from hotspare.board import Board, open_board
from hotspare.configuration import Group
from hotspare.errors import LogFailed, Unreachable
from hotspare.history import batch as batches
from hotspare.history import places
from hotspare.history.batch import Batch
from hotspare.history.clocks import Sample
from hotspare.history.database import Database, Source

BATCHES_A_COMMIT = 64
AGAIN_MS = (100, 200, 400, 800, 1600)  # waits before a board that was lost in the middle is asked again
RESTARTS_MAX = 3  # of a board while it is asked

Open = Callable[[files.Board], Board]


class Restarted(Exception):
    """The board began a boot, or a recorder, of its own in the middle."""


class Looked(NamedTuple):
    """A board as it was found."""

    uid: str
    sample: Sample
    paths: int


def from_board(
    board: files.Board,
    group: Group,
    database: Database,
    now: Callable[[], datetime],
    opened: Open = open_board,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Bring the database up to date with a board; raises Unreachable, LogFailed."""
    waits = list(AGAIN_MS)
    while True:
        seen = False
        try:
            with opened(board) as reached:
                reach.known(board, reached)
                seen = True
                read(board, group, reached, database, now)
                return
        except Unreachable:
            # one that never answered costs no waits: it is not lost, it is not there
            if not waits or not (seen or len(waits) < len(AGAIN_MS)):
                raise
            pause(waits.pop(0) / 1000)


def read(board: files.Board, group: Group, reached: Board, database: Database, now: Callable[[], datetime]) -> None:
    """Read what is new, commit it, acknowledge it; raises Unreachable, LogFailed."""
    for _ in range(RESTARTS_MAX):
        try:
            _read(board, group, reached, database, _look(reached, now))
            return
        except Restarted:
            continue
    raise Unreachable(f"{board.name}: it restarts again and again while it is read: hotspare status")


def _look(reached: Board, now: Callable[[], datetime]) -> Looked:
    identity = reached.identity()  # the handshake is over when the round trip is measured
    asked = now()
    status = reached.status()
    answered = now()
    if reached.identity()["boot"] != identity["boot"]:
        raise Restarted
    sample = Sample.between(identity["boot"], status["event_next"], status["uptime_ms"], asked, answered)
    return Looked(identity["uid"].hex(), sample, status["paths"])


def _read(board: files.Board, group: Group, reached: Board, database: Database, looked: Looked) -> None:
    batch = _first(board, reached, database, looked.uid)
    source = Source(looked.uid, batch.recorder, board.name, group.name)
    place = None
    if not database.has_place(source, looked.sample.boot):
        paths = [(row["kind"], row["unit"]) for row in reached.paths(looked.paths)]
        place = places.to_text(places.place_of(group, board, paths))
    while True:
        taken = [batch]
        while len(taken) < BATCHES_A_COMMIT and batch.records and batch.next < looked.sample.number:
            batch = _ask(board, reached, batch.next)
            if batch.recorder != source.recorder:
                database.store(source, taken)
                raise Restarted
            taken.append(batch)
        following = database.store(source, taken, looked.sample, place)
        if database.lasts_for_good:
            reached.kept(source.recorder, following)
        if not batch.records or batch.next >= looked.sample.number:
            return
        batch = _ask(board, reached, batch.next)
        if batch.recorder != source.recorder:
            raise Restarted


def _first(board: files.Board, reached: Board, database: Database, uid: str) -> Batch:
    recorder, number = database.newest(uid) or (None, 0)
    batch = _ask(board, reached, number)
    if batch.recorder != recorder:
        number = database.next_of(uid, batch.recorder)
        batch = _ask(board, reached, number)
    if batch.next < number:
        raise LogFailed(
            f"{board.name}: its recorder counts to {batch.next}, and {database.name} has its records up to {number}: "
            f"move the file away to begin anew"
        )
    return batch


def _ask(board: files.Board, reached: Board, number: int) -> Batch:
    return batches.parse(board.name, reached.records(number), number)
