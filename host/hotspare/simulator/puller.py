"""The puller: what a host has of one board's recorder, and whether the board keeps to it (L7); no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotspare.history.batch import Record, parse
from hotspare.session import Exchange, acknowledged
from hotspare.simulator.laws import Broken
from hotspare_wire import messages


class Puller:
    """The records of one board that were told, by recorder and number, as a host commits them before it says so."""

    def __init__(self, board: str) -> None:
        self.next = 0  # the number to ask for
        self.kept: dict[int, dict[int, Record]] = {}
        self.looked = 0  # records that were told again and compared
        self._board = board
        self._turn = 0

    def take(self, fields: Mapping[str, Any], asked: int) -> Exchange | None:
        """Take an answer; return the acknowledgement to send, if there is one. Raises Broken."""
        batch = parse(self._board, fields, asked)
        own = self.kept.setdefault(batch.recorder, {})
        for record in batch.records:
            before = own.get(record.number)
            if before is None:
                own[record.number] = record
            else:
                self.looked += 1
                if before != record:
                    raise Broken(f"L7: {self._board} tells {record}, and told {before} under that number before")
        self._turn += 1
        # every other time from before what is known: a number must keep its content
        end = batch.next if batch.records else max(own, default=-1) + 1
        self.next = max(0, end - messages.RECORDS_MAX) if self._turn % 2 else end
        return acknowledged(messages.KEPT, (batch.recorder, batch.next)) if batch.records else None
