"""Captures: what went over one cable, as lines of text that can be read and cut; touches the one file it is given.

    hotspare capture 1: CABLE A B
    MICROSECONDS > HEX        bytes from A that B got whole at that moment
    MICROSECONDS < HEX        bytes from B that A got
    # a remark

A file that was cut off in the middle of its last line is still a capture. One without the first line is raw bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TextIO

from hotspare.errors import HotspareError

MAGIC = "hotspare capture 1:"
FROM_A, FROM_B = ">", "<"
FILE_BYTES_MAX = 256 * 1024 * 1024
LINE_BYTES_MAX = 64 * 1024
RAW_PIECE_BYTES = 4096
TIME_DIGITS_MAX = 18  # of microseconds: longer than any cable is watched


class CaptureError(HotspareError):
    """A capture can not be read or written."""


@dataclass(frozen=True)
class Piece:
    """Some bytes with the moment of the last one and who sent them to whom; None where the source does not tell."""

    data: bytes
    at_us: int | None = None
    sender: str | None = None
    receiver: str | None = None


def _new(path: Path) -> TextIO:
    return path.open("x", encoding="ascii", newline="\n")


class Capture:
    """Writes a capture. It keeps no more than the file's buffer; at `bytes_max` it stops and says so in the file.

    What the system refuses later than at the start hurts nobody who writes: `failure` says it.
    """

    def __init__(
        self,
        path: Path,
        cable: str,
        a: str,
        b: str,
        bytes_max: int = FILE_BYTES_MAX,
        open_new: Callable[[Path], TextIO] = _new,
    ) -> None:
        self.path = path
        self.full = False
        self.failure = ""
        self._left = bytes_max
        try:
            self._file = open_new(path)
        except FileExistsError:
            raise CaptureError(f"{path} is there already and stays as it is: name another file") from None
        except OSError as error:
            raise CaptureError(f"{path}: can not be written: {reason(error)}") from error
        self._put(f"{MAGIC} {cable} {a} {b}\n")
        self._attempt(self._file.flush)
        if self.failure:
            self.close()
            raise CaptureError(self.failure)

    def write(self, at_us: int, direction: str, data: bytes) -> None:
        """Note that `data` arrived at `at_us`; nothing is written once the file is full."""
        assert direction in (FROM_A, FROM_B)
        assert at_us >= 0
        if data and not self.full and not self.failure:
            self._put(f"{at_us} {direction} {data.hex()}\n")

    def close(self) -> None:
        """Write what is buffered and close the file."""
        self._attempt(self._file.close)

    def _put(self, line: str) -> None:
        self._left -= len(line)
        if self._left < 0:
            self.full = True
            line = "# full: what came after this is not here\n"
        self._attempt(lambda: self._file.write(line))

    def _attempt(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError as error:
            self.failure = f"{self.path}: can not be written: {reason(error)}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def reason(error: OSError) -> str:
    """Return in a few words what the system says."""
    return (error.strerror or str(error)).lower()


def read(path: Path) -> Generator[Piece]:
    """Yield the pieces of a capture, or of a file of raw bytes; raises CaptureError."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) == MAGIC.encode():
                yield from _lines(path, file)
            else:
                file.seek(0)
                while data := file.read(RAW_PIECE_BYTES):
                    yield Piece(data)
    except FileNotFoundError:
        raise CaptureError(f"{path}: there is no such file or port") from None
    except OSError as error:
        raise CaptureError(f"{path}: can not be read: {reason(error)}") from error


def _lines(path: Path, file: BinaryIO) -> Generator[Piece]:
    names = file.readline(LINE_BYTES_MAX).decode("ascii", "replace").split()
    if len(names) != 3:
        raise CaptureError(f"{path}, line 1: is not '{MAGIC} CABLE A B'")
    number = 1
    while line := file.readline(LINE_BYTES_MAX):
        number += 1
        if line.startswith(b"#"):
            continue
        whole = line.endswith(b"\n")
        if not whole and len(line) < LINE_BYTES_MAX:
            return  # the writer was cut off
        try:
            if not whole:
                raise ValueError(LINE_BYTES_MAX)
            at_us, direction, data = line.decode("ascii").split()
            sender, receiver = {FROM_A: names[1:], FROM_B: names[:0:-1]}[direction]
            if not at_us.isdigit() or len(at_us) > TIME_DIGITS_MAX:
                raise ValueError(at_us)
            yield Piece(bytes.fromhex(data), int(at_us), sender, receiver)
        except (ValueError, KeyError):
            raise CaptureError(f"{path}, line {number}: is not 'MICROSECONDS > HEX' or '<'") from None
