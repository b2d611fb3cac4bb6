"""The directory of a rig: taken by one rig at a time, and given back as it was found, even if the rig is killed.

A lock file tells a running rig from what a killed one left. A warden, a process that only waits for the rig's end of a
pipe to close, ends the boards and clears the directory if the rig can not do it itself.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from hotspare.errors import Unreachable
from hotspare.rig.errors import RigError

CONTROL, LOCK, FLASH, LOG = "control", ".lock", ".flash", ".log"
RESERVED = (CONTROL,)
# how long a warden gets to clear up after a rig that was killed
WARDEN_S_MAX = 5.0
LOOK_AGAIN_S = 0.02
MADE, FOUND = "made", "found"  # the directory, by the rig or before it
# waits for the end of its input, ends the boards (its process group; frozen ones too), clears, and ends itself
WARDEN = f"""trap '' HUP INT TERM
read -r _
kill -TERM 0; kill -CONT 0
cd "$1" && was=$2 && shift 2 && rm -rf -- "$@"
[ "$was" = {MADE} ] && rmdir -- "$PWD" 2>/dev/null
kill -KILL 0"""


class PlaceTaken(RigError, Unreachable):
    """Another rig runs in the directory."""


class Place:
    """A directory that is taken from `__init__` until `close`."""

    def __init__(self, root: Path, boards: Iterable[str]) -> None:
        self.root = root.absolute()
        self.boards = tuple(boards)
        for name in self.boards:
            if name in RESERVED or "/" in name or name.startswith("."):
                raise RigError(f"a board can not be called {name}: the rig's directory needs that name")
        self._stale = False  # what lies there is what a killed rig left
        try:
            self._was = FOUND if self.root.exists() else MADE
            self._lock = self._take()
            self._furnish()
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise RigError(f"no rig can have its directory at {self.root}: {why}; choose another with --dir") from error
        self._warden = self._appoint()

    def _furnish(self) -> None:
        try:
            self._refuse_strangers()
            self._clear()
            (self.root / FLASH).mkdir(mode=0o700)  # boards keep their keys there
            (self.root / LOG).mkdir()
        except BaseException:
            self._give_back()
            raise

    @property
    def process_group(self) -> int:
        """The process group that ends with the rig."""
        return self._warden.pid

    @property
    def control(self) -> Path:
        """Where the control socket is."""
        return self.root / CONTROL

    def link(self, board: str) -> Path:
        """Return where the host port of a board is."""
        return self.root / board

    def flash(self, board: str) -> Path:
        """Return the root of a board's filesystem."""
        return self.root / FLASH / board

    def log(self, board: str) -> Path:
        """Return where the VM of a board complains."""
        return self.root / LOG / board

    def close(self) -> None:
        """Clear the directory and give it back; the boards have ended."""
        self._clear()
        assert self._warden.stdin is not None
        self._warden.stdin.close()
        self._warden.wait()
        self._give_back()

    def _give_back(self) -> None:
        (self.root / LOCK).unlink(missing_ok=True)
        if self._was == MADE and self.root.is_dir() and not any(self.root.iterdir()):
            self.root.rmdir()
        os.close(self._lock)

    def _names(self) -> list[str]:
        return [*self.boards, *(f".{board}.new" for board in self.boards), CONTROL, FLASH, LOG]

    def _take(self) -> int:
        end_s = time.monotonic() + WARDEN_S_MAX
        while True:
            self.root.mkdir(exist_ok=True)  # its own only: who would remove the folders above it again?
            lock = os.open(self.root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = _note(lock)[0]
                os.close(lock)
                # a dead owner's warden holds the lock until it has cleared up
                if _alive(owner) or time.monotonic() > end_s:
                    raise PlaceTaken(
                        f"a rig already runs in {self.root} (process {owner or 'unknown'}): "
                        "stop it, or choose another directory with --dir"
                    ) from None
                time.sleep(LOOK_AGAIN_S)
                continue
            if _same_file(lock, self.root / LOCK):
                _, was = _note(lock)
                self._stale = bool(was)
                if was == MADE:
                    self._was = MADE  # by a rig that did not get to remove it
                os.ftruncate(lock, 0)
                os.pwrite(lock, f"{os.getpid()} {self._was}".encode(), 0)
                return lock
            os.close(lock)  # a warden removed it between open and lock

    def _refuse_strangers(self) -> None:
        for name in self._names():
            path = self.root / name
            ours = self._stale and (name not in self.boards or path.is_symlink())
            if os.path.lexists(path) and not ours:
                raise RigError(
                    f"{path} is in the way and not of a rig: remove it, or choose another directory with --dir"
                )

    def _clear(self) -> None:
        for name in self._names():
            path = self.root / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _appoint(self) -> subprocess.Popen[bytes]:
        names = [*self._names(), LOCK]
        return subprocess.Popen(
            ["sh", "-c", WARDEN, "hotspare-warden", str(self.root), self._was, *names],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(self._lock,),
            process_group=0,
        )


def _note(lock: int) -> tuple[str, str]:
    """Return the process and the origin of the directory that a lock file names; empty where it does not."""
    owner, _, was = os.pread(lock, 40, 0).decode(errors="replace").partition(" ")
    return owner, was


def _alive(owner: str) -> bool:
    if not owner.isdigit():
        return False
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _same_file(fd: int, path: Path) -> bool:
    try:
        ours, there = os.fstat(fd), os.stat(path)
    except FileNotFoundError:
        return False
    return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)
