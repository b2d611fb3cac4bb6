"""What became of a fault on a pair: contacts by the rig's trace, events by the boards' recorders; changes nothing."""

from __future__ import annotations

import time
from contextlib import suppress

from hil.pair import LOOK_AGAIN_S, RELAY, SETTLE_S_MAX, Pair
from hotspare.errors import HotspareError
from hotspare.history.batch import parse

MOVES = ("drive", "coil", "contact")


class Story:
    """What the contacts really did and what the boards recorded, since it was begun."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._record = pair.rig.state()["trace_next"] - 1
        self._first = {it.name: self._next(it.name) for it in pair.group.boards}

    def moves(self) -> list[str]:
        """Return what happened to coil and contacts of the line's relay, as in "coil energised", "closed spare"."""
        kept = [it for it in self._pair.rig.trace(self._record) if it.name == RELAY and it.kind in MOVES]
        return [f"{it.kind} {it.event} {it.detail}".rstrip() for it in kept]

    def count(self, move: str) -> int:
        """Return how often something happened to the relay."""
        return self.moves().count(move)

    def events(self, board_name: str = "") -> list[tuple[int, int, int]]:
        """Return what a board, the controller unless named, has recorded by now: (kind, a, b), of its newest boot.

        An event is told only once it is on the board's pages, which an erase may hold up: waits for that; raises
        TimeoutError.
        """
        name = board_name or self._pair.group.controller
        number = self._first[name]
        found = []
        end_s = time.monotonic() + SETTLE_S_MAX
        with self._pair.board(name) as reached:
            now, end = reached.identity()["boot"], reached.status()["event_next"]
            while (batch := parse(name, reached.records(number), number)).records or number < end:
                found += [(it.kind, it.a, it.b) for it in batch.records if it.boot == now]
                number = max(number, batch.next)
                if not batch.records:
                    if time.monotonic() > end_s:
                        raise TimeoutError(f"{name}: events up to {end} have a number, but it tells none from {number}")
                    time.sleep(LOOK_AGAIN_S)
        return found

    def tells(self, *wanted: tuple[int, ...], board_name: str = "") -> bool:
        """Return whether the record has events that begin like these, in this order."""
        left = list(wanted)
        for event in self.events(board_name):
            if left and event[: len(left[0])] == left[0]:
                left.pop(0)
        return not left

    def until(self, *wanted: tuple[int, ...], board_name: str = "") -> None:
        """Wait until `tells` what is wanted; raises TimeoutError."""
        end_s = time.monotonic() + SETTLE_S_MAX
        while not self.tells(*wanted, board_name=board_name):
            if time.monotonic() > end_s:
                raise TimeoutError(f"{wanted} is not in the record: {self.events(board_name)}")
            time.sleep(LOOK_AGAIN_S)

    def _next(self, name: str) -> int:
        with suppress(HotspareError), self._pair.board(name) as reached:
            return int(reached.status()["event_next"])
        return 0  # of a board that is dead now only what it does in a later boot is told
