"""A batch of records as a board tells it, taken apart and checked; no I/O."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from hotspare.errors import Unreachable
from hotspare_wire import messages

NUMBERS = 1 << 32  # as many as a recorder has


class Record(NamedTuple):
    """One thing that a board recorded."""

    number: int
    boot: int
    at_ms: int
    kind: int
    a: int
    b: int


@dataclass(frozen=True)
class Batch:
    """Consecutive records of one recorder from `number` on; without records, `number` is what its next one will get."""

    recorder: int
    number: int
    records: tuple[Record, ...]

    @property
    def next(self) -> int:
        """The number to ask for next."""
        return self.number + len(self.records)


def parse(board: str, fields: Mapping[str, Any], asked: int) -> Batch:
    """Take an answer apart; raises Unreachable for one that can not be an answer to that question."""
    recorder, number, boot, rows = (fields[name] for name in ("recorder", "number", "boot", "rows"))
    if len(rows) % messages.RECORD_SIZE:
        raise Unreachable(f"{board}: it told records in another form: flash the firmware of this hotspare")
    records = tuple(
        Record(number + place, boot, *row) for place, row in enumerate(struct.iter_unpack(messages.RECORD, rows))
    )
    if number + len(records) > NUMBERS or (records and number < asked):
        raise Unreachable(f"{board}: it told records from {number} on when asked for {asked}: flash its firmware anew")
    return Batch(recorder, number, records)
