"""The dissector: bytes in, a line for each frame, each damage and each unfinished rest out; a port is only read.

Each direction has a decoder of its own, the one that the boards have; what is in a frame is read by `layouts`.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import construct

from hotspare import layouts, reading
from hotspare.capture import Piece
from hotspare.errors import Unreachable
from hotspare.port import BAUD, Port, Vanished
from hotspare_wire import frame, messages

PORT_WAIT_MS = 100


@dataclass(frozen=True)
class Line:
    """One thing found: `what` is frame, misfit (a good frame that the table does not fit), damage or unfinished."""

    what: str
    piece: Piece
    offset: int  # of its first byte among the bytes of its direction
    size: int  # bytes, without the delimiters
    kind: str = ""  # of the message, or of the damage
    source: int | None = None
    destination: int | None = None
    sequence: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Return the line for people."""
        at = "-" if self.piece.at_us is None else f"{self.piece.at_us / 1e6:.6f}"
        way = f"{self.piece.sender}>{self.piece.receiver}" if self.piece.sender else "-"
        return f"{at:>12} {way} {self._what()}"

    def _what(self) -> str:
        if self.what == "unfinished":
            return f"unfinished: {self.size} bytes from byte {self.offset} on, and no end"
        if self.source is None or self.destination is None:
            return f"damage: {self.kind}, {self.size} bytes from byte {self.offset} on"
        way = f"{self.kind} {reading.address(self.source)}>{reading.address(self.destination)} #{self.sequence}"
        if self.what == "misfit":
            way += " misfit"
        return " ".join([way, *(f"{name}={_shown(value)}" for name, value in self.fields.items())])

    def json(self) -> dict[str, Any]:
        """Return the line for programs; what is not known is null."""
        found: dict[str, Any] = {"what": self.what, "at_us": self.piece.at_us}
        found |= {"from": self.piece.sender, "to": self.piece.receiver}
        found |= {"offset": self.offset, "size": self.size, "kind": self.kind or None}
        if self.source is not None and self.destination is not None:
            found |= {"source": self.source, "destination": self.destination, "sequence": self.sequence}
            found |= {"fields": self.fields}
        return found


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_shown(item) for item in value) or "-"
    text = str(value)
    return f'"{text}"' if " " in text or not text else text


class _Stream:
    """One direction of a cable."""

    def __init__(self) -> None:
        self.decoder = frame.Decoder()
        self.offset = 0  # of the next byte
        self.begun: int | None = None  # offset of the first byte of the frame under way

    def take(self, piece: Piece) -> Iterator[Line]:
        """Yield what ends within the piece."""
        data = piece.data
        place = 0
        while place < len(data):
            if self.begun is None:
                first = next((at for at in range(place, len(data)) if data[at]), len(data))
                self.begun = self.offset + first if first < len(data) else None
            before = tuple(self.decoder.damage)
            place = self.decoder.feed(data, place, len(data))
            if self.begun is not None and not data[place - 1]:
                size = self.offset + place - 1 - self.begun
                yield self._found(piece, before, self.begun, size)
                self.begun = None
        self.offset += len(data)

    def _found(self, piece: Piece, before: tuple[int, ...], begun: int, size: int) -> Line:
        if self.decoder.size:
            return read_payload(bytes(self.decoder.payload[: self.decoder.size]), piece, begun, size)
        counts = zip(frame.DAMAGE_NAMES, before, self.decoder.damage, strict=True)
        return Line("damage", piece, begun, size, next(name for name, was, now in counts if now != was))


def read_payload(payload: bytes, piece: Piece, offset: int, size: int) -> Line:
    """Return the line of a good payload; one that the table of messages does not fit shows its body as it came."""
    try:
        header, values = layouts.parse(payload)
    except (construct.ConstructError, KeyError):
        header = layouts.HEADER.parse(payload)
        what, fields = "misfit", {"body": payload[frame.AT_BODY : -frame.TRAILER_SIZE].hex()}
    else:
        what, fields = "frame", reading.read(messages.name(header.first.kind), values)
    kind = messages.name(header.first.kind)
    return Line(what, piece, offset, size, kind, header.source, header.destination, header.sequence, fields)


class Dissector:
    """Takes the pieces of all directions in the order in which they came."""

    def __init__(self) -> None:
        self._streams: dict[tuple[str | None, str | None], _Stream] = {}
        self._last: dict[tuple[str | None, str | None], Piece] = {}

    def take(self, piece: Piece) -> Iterator[Line]:
        """Yield what ends within the piece."""
        way = piece.sender, piece.receiver
        self._last[way] = piece
        yield from self._streams.setdefault(way, _Stream()).take(piece)

    def end(self) -> Iterator[Line]:
        """Yield what had begun and did not end."""
        for way, stream in self._streams.items():
            if stream.begun is not None:
                yield Line("unfinished", self._last[way], stream.begun, stream.offset - stream.begun)


def is_port(path: Path) -> bool:
    """Return whether there is a port, and not a file, at `path`."""
    try:
        return stat.S_ISCHR(path.stat().st_mode)
    except OSError:
        return False


def listen(path: Path, seconds: float | None, baud: int = BAUD) -> Generator[Piece]:
    """Yield what arrives at a port, for so long or for ever, and nothing now and then; raises Unreachable.

    Nothing is written to the port, and what had arrived before it was opened is not heard.
    """
    port = Port(path, "dissect", baud=baud)
    begin = time.monotonic()
    try:
        while seconds is None or time.monotonic() - begin < seconds:
            data = port.read() if port.wait(PORT_WAIT_MS, to_write=False) else b""
            yield Piece(data, round((time.monotonic() - begin) * 1e6))
    except Vanished:
        raise Unreachable(f"dissect: port {path} is gone: plug it in, or start the rig, and try again") from None
    finally:
        port.close()
