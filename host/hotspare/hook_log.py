"""The file that tells afterwards what hooks did: lines with UTC times, bounded, rotated once; never stops the agent."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

BYTES_MAX = 1 << 20  # of the file; the one before it is kept beside it
KEPT_SUFFIX = ".1"
MODE = 0o600  # hooks may say what is nobody's business


def utc_now() -> datetime:
    """Return the time of the machine's clock."""
    return datetime.now(UTC)


class HookLog:
    """Appends lines to a file, which it opens anew for each: a file that was moved away or a full disk mends itself.

    `say` gets a line when the file can not be written, and one when it can be again.
    """

    def __init__(self, path: Path, say: Callable[[str], None], now: Callable[[], datetime] = utc_now) -> None:
        self._path = path
        self._say = say
        self._now = now
        self._wrong = ""
        self._append(b"")

    def write(self, line: str) -> None:
        """Append a line with the time."""
        time = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._append(f"{time} {line}\n".encode(errors="replace"))

    def _append(self, data: bytes) -> None:
        wrong = ""
        try:
            wrong = self._try(data)
        except OSError as error:
            wrong = (error.strerror or str(error)).lower()
        if wrong and wrong != self._wrong:
            self._say(f"hook log {self._path} can not be written: {wrong}")
        elif self._wrong and not wrong:
            self._say(f"hook log {self._path} is written again")
        self._wrong = wrong

    def _try(self, data: bytes) -> str:
        with self._opened() as file:
            state = os.fstat(file)
            if not stat.S_ISREG(state.st_mode):
                return "it is no file"
            if not state.st_size or state.st_size + len(data) <= BYTES_MAX:
                return written(file, data)
        os.replace(self._path, f"{self._path}{KEPT_SUFFIX}")
        with self._opened() as file:
            return written(file, data)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        # a pipe that nobody reads would be waited for
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, MODE)
        try:
            yield file
        finally:
            os.close(file)


def written(file: int, data: bytes) -> str:
    """Write to a file; return why not all of it was written."""
    return "" if os.write(file, data) == len(data) else "no space left on device"
