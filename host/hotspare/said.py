"""Who commands and why: made to fit its message, and put together again from a board's events; touches nothing."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hotspare import wording
from hotspare_engine import words as w
from hotspare_wire import messages

if TYPE_CHECKING:
    from hotspare.history.events import Event

OPERATOR_MAX = messages.NAME_SIZE  # bytes
PIECES = (w.E_BY, w.E_WHY)
COMMANDS = (w.E_ASKED, w.E_CONFIGURED, w.E_KEYS, w.E_TRIAL, w.E_MAINTENANCE)
NOBODY = "nobody"

Key = tuple[str, int, int]  # board, boot, number


@dataclass(frozen=True)
class By:
    """Who commands, and why; `cut` says what did not fit."""

    operator: bytes
    reason: bytes
    cut: tuple[str, ...] = ()

    @classmethod
    def of(cls, operator: str, reason: str = "") -> By:
        """Return it as its message carries it, each text cut at a character."""
        parts = {"--operator": _fit(operator, OPERATOR_MAX), "--reason": _fit(reason, messages.REASON_MAX)}
        cut = tuple(
            f"{name} is longer than its place on the board: recorded is {data.decode()!r}"
            for name, (data, whole) in parts.items()
            if not whole
        )
        return cls(parts["--operator"][0], parts["--reason"][0], cut)

    @property
    def values(self) -> tuple[bytes, bytes]:
        """The values of the message BY."""
        return self.operator.ljust(OPERATOR_MAX, b"\0"), self.reason


def _fit(text: str, size: int) -> tuple[bytes, bool]:
    data = " ".join(text.split()).encode("utf-8", "replace")
    return data[:size].decode("utf-8", "ignore").encode(), len(data) <= size


def is_piece(event: Event) -> bool:
    """Return whether an event is a piece of who and why, which stand behind their command's event."""
    return event.kind in PIECES


def told(events: Sequence[Event]) -> list[Event]:
    """Return the events; those of commands say who gave them and why, as far as the events behind them are there."""
    known = {(event.board, event.boot, event.number): event for event in events}
    last = {(event.board, event.boot): event.number for event in sorted(events, key=lambda event: event.number)}
    return [_with_asker(event, known, last) if event.kind in COMMANDS else event for event in events]


def _with_asker(event: Event, known: dict[Key, Event], last: dict[tuple[str, int], int]) -> Event:
    behind = list(_behind(event, known))
    texts = {
        kind: wording.readable(b"".join(struct.pack("<ii", it.a, it.b) for it in behind if it.kind == kind))
        for kind in PIECES
    }
    if not behind and event.kind == w.E_TRIAL:
        return event  # its time was over: nobody commanded that
    is_last = last[event.board, event.boot] == event.number
    if not is_last and (event.board, event.boot, event.number + 1) not in known:
        return event  # what stood behind it is gone
    why = f": {texts[w.E_WHY]}" if texts[w.E_WHY] else ""
    return replace(event, text=f"{event.text}, by {texts[w.E_BY] or NOBODY}{why}")


def _behind(event: Event, known: dict[Key, Event]) -> Iterable[Event]:
    number = event.number + 1
    while (it := known.get((event.board, event.boot, number))) is not None and is_piece(it):
        yield it
        number += 1
