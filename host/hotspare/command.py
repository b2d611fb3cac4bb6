"""A shell command of an agent: in a process group of its own, never waited for; what it has started ends with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping

READ_BYTES = 65_536
# what is still read of a command that has ended: a pipe holds no more than this unless somebody made it larger
REST_BYTES_MAX = 1 << 20


class NotStarted(Exception):
    """The system starts no process; the message says why."""


class Command:
    """One run of a command; `heard`: what it says is read, otherwise it goes nowhere. Raises NotStarted."""

    def __init__(self, text: str, environment: Mapping[str, str] | None = None, heard: bool = False) -> None:
        self._reader: int | None = None
        output: int = subprocess.DEVNULL
        try:
            if heard:
                self._reader, output = os.pipe()
                os.set_blocking(self._reader, False)
            self._process = subprocess.Popen(
                ["sh", "-c", text],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=None if environment is None else {**os.environ, **environment},
                process_group=0,
            )
        except OSError as error:
            self._close_reader()
            raise NotStarted((error.strerror or str(error)).lower()) from None
        finally:
            if output >= 0:
                os.close(output)

    @property
    def reader(self) -> int | None:
        """The descriptor that tells when there is something to read; None when there will be nothing more."""
        return self._reader

    def code(self) -> int | None:
        """Return the exit code, minus the signal's number for one that a signal ended; None while it runs."""
        return self._process.poll()

    def read(self) -> bytes:
        """Return what the command has said, as much as is read at once; empty if nothing."""
        if self._reader is None:
            return b""
        try:
            data = os.read(self._reader, READ_BYTES)
        except BlockingIOError:
            return b""
        if not data:
            self._close_reader()
        return data

    def ask_to_end(self) -> None:
        """Send SIGTERM to the command and to what it has started."""
        self._signal(signal.SIGTERM)

    def end(self) -> bytes:
        """End the command and what it has started, at once; return what was not read yet."""
        self._signal(signal.SIGKILL)
        self._process.wait()
        rest = b""
        while len(rest) < REST_BYTES_MAX and (data := self.read()):
            rest += data
        self._close_reader()
        return rest

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # the latter is what macOS says of a dead group
            os.killpg(self._process.pid, number)

    def _close_reader(self) -> None:
        if self._reader is not None:
            os.close(self._reader)
            self._reader = None


def ending(code: int) -> str:
    """Return how a command ended, in words."""
    return f"exit code {code}" if code >= 0 else f"ended by {signal_name(-code)}"


def signal_name(number: int) -> str:
    """Return the name of a signal, or its number where it has none here."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
