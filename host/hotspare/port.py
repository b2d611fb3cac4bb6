"""A serial port as the operating system has it: opened for us alone, never waiting; the only user of pyserial."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import termios
import time
from contextlib import suppress
from pathlib import Path

import serial

from hotspare.errors import Unreachable

READ_SIZE = 4096
PATIENCE_S = 2.0  # for a port that is in use: another command holds it for a moment only
LOOK_AGAIN_S = 0.05
BAUD = 115_200  # what a USB or pseudo port ignores

_BUSY = (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK)
_GONE = (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTDIR, errno.ELOOP)
_DENIED = (errno.EACCES, errno.EPERM)


class Vanished(Exception):
    """The port was there and is not any more; who reads it knows which board that was."""


class Port:
    """An open port; DTR and RTS stay low, because their edges reset some boards."""

    def __init__(self, path: Path, board: str, patience_s: float = PATIENCE_S, baud: int = BAUD) -> None:
        self.path = path
        self._baud = baud
        patient_until_s = time.monotonic() + patience_s
        while True:
            error = self._open()
            if error is None:
                break
            if not _is_busy(error) or time.monotonic() >= patient_until_s:
                raise Unreachable(f"{board}: {_why(path, error)}")
            time.sleep(LOOK_AGAIN_S)
        self._fd: int = self._device.fileno()
        # flock holds against root too, TIOCEXCL against those who do not ask for the lock
        with suppress(OSError):
            fcntl.ioctl(self._fd, termios.TIOCEXCL)

    def _open(self) -> Exception | None:
        self._device = serial.Serial(baudrate=self._baud, timeout=0, write_timeout=0, exclusive=True)
        self._device.dtr = False
        self._device.rts = False
        self._device.port = str(self.path)
        try:
            self._device.open()
        except (serial.SerialException, OSError, termios.error, ValueError) as error:
            return error
        return None

    def close(self) -> None:
        """Give the port back."""
        if self._device.is_open:
            with suppress(OSError):  # a pseudo port lives on, and would stay closed to others
                fcntl.ioctl(self._fd, termios.TIOCNXCL)
            with suppress(OSError, serial.SerialException):
                self._device.close()

    def wait(self, ms: int, to_write: bool) -> bool:
        """Wait until there is something to read, or to write if that is wanted; return whether there is to read."""
        write = [self._fd] if to_write else []
        try:
            readable, _, _ = select.select([self._fd], write, [], ms / 1000)
        except (OSError, ValueError) as error:
            raise Vanished(str(error)) from None
        return bool(readable)

    def read(self) -> bytes:
        """Return what has arrived; raises Vanished when the port reports readiness and gives nothing."""
        try:
            data = os.read(self._fd, READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise Vanished(str(error)) from None
        if not data:
            raise Vanished("end of file")
        return data

    def write(self, data: bytes) -> int:
        """Write what the port takes now; return how much that was."""
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise Vanished(str(error)) from None


def _number(error: Exception) -> int | None:
    return error.errno if isinstance(error, OSError) else None


def _is_busy(error: Exception) -> bool:
    return _number(error) in _BUSY


def _why(path: Path, error: Exception) -> str:
    number = _number(error)
    if _is_busy(error):
        return f"port {path} is in use by another program: end it, or wait for it"
    if number in _DENIED:
        return f"port {path} may not be opened: join its group (dialout on most systems), or run as its owner"
    if number in _GONE:
        return f"port {path} is not there: plug the board in, start the rig (hotspare emulate), or correct its port"
    return f"port {path} is no serial port: correct the board's port"
