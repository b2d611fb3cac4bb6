"""Files of keys: one for each group, readable by its owner alone; the only module that reads or writes them.

A line says what it is, then come one or two keys as hexadecimal digits, the one to send under first. A second one says
whether it is the next key, which not every board holds yet, or the old one, which not every agent has replaced yet.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hotspare.errors import ConfigurationInvalid, Refused
from hotspare_wire import trust

HEAD = "hotspare keys 1"
SIZE_MAX = 4096
MODE = 0o600
NEXT, OLD = "next", "old"


def draw() -> bytes:
    """Return a fresh key."""
    return secrets.token_bytes(trust.KEY_SIZE)


def fingerprint(key: bytes) -> str:
    """Return what a key is called where it is shown."""
    return trust.Key(key).fingerprint.hex()


def of_agent(keys: Sequence[bytes], unit: int) -> tuple[bytes, ...]:
    """Return the keys of the agent of a unit, by its index."""
    return tuple(trust.Key(key).of_agent(unit) for key in keys)


def file_of_agent(keys: Keys, unit: int) -> Keys:
    """Return what the file of the agent of a unit holds."""
    current, *second = of_agent(keys.all, unit)
    return Keys(current, second[0] if second else None, keys.other)


@dataclass(frozen=True)
class Keys:
    """What a file of keys holds; `other` is NEXT or OLD where there is a second one."""

    current: bytes = field(repr=False)  # a traceback shows what things say of themselves
    second: bytes | None = field(default=None, repr=False)
    other: str = ""

    @property
    def all(self) -> tuple[bytes, ...]:
        """The keys, the one to send under first."""
        return (self.current,) if self.second is None else (self.current, self.second)

    def text(self) -> str:
        """Return what the file says."""
        lines = [HEAD, self.current.hex()]
        if self.second is not None:
            lines.append(f"{self.other} {self.second.hex()}")
        return "\n".join(lines) + "\n"


def load(path: Path) -> tuple[bytes, ...]:
    """Read the keys of a file; raises ConfigurationInvalid, which never shows what it says."""
    return read(path).all


def read(path: Path) -> Keys:
    """Read a file of keys; raises ConfigurationInvalid, which never shows what it says."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise ConfigurationInvalid(f"{path} can not be read: {error.strerror}: {_mend(error)}") from None
    mode = os.fstat(fd).st_mode
    if not stat.S_ISREG(mode):
        os.close(fd)
        raise ConfigurationInvalid(f"{path} is no file: correct its path")
    with os.fdopen(fd, "rb") as file:
        if stat.S_IMODE(mode) & 0o077:
            raise ConfigurationInvalid(
                f"{path} has mode {stat.S_IMODE(mode):04o}, and others may read it: chmod 600 it; if others did, "
                f"hotspare key rotate"
            )
        data = file.read(SIZE_MAX + 1)
    keys = _parse(data)
    if keys is None:
        raise ConfigurationInvalid(f"{path} is no file of keys: restore it from its backup, or hotspare key new")
    return keys


def _mend(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "correct its owner, or run as that user"
    if isinstance(error, FileNotFoundError):  # boards that hold a key obey no new one
        return "restore its copy, or correct its path; of a new rack: hotspare key new"
    return "correct its path, or restore its copy"


def _parse(data: bytes) -> Keys | None:
    try:
        lines = data.decode("ascii").split("\n")
        if lines[0] != HEAD or lines[-1] or not 3 <= len(lines) <= 4:
            return None
        other, _, second = lines[2].rpartition(" ") if len(lines) > 3 else ("", "", "")
        found = Keys(bytes.fromhex(lines[1]), bytes.fromhex(second) if second else None, other)
    except ValueError:
        return None
    good = all(len(key) == trust.KEY_SIZE and any(key) for key in found.all) and len(set(found.all)) == len(found.all)
    named = other in (NEXT, OLD) if found.second is not None else len(lines) == 3
    return found if good and named else None


def create(path: Path, keys: Keys) -> None:
    """Write a file of keys where there is none; raises Refused."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    except FileExistsError:
        raise Refused(f"{path} is there already and stays as it is: boards may hold its key") from None
    except OSError as error:
        raise Refused(f"{path} can not be written: {error.strerror}: nothing was changed") from None
    with os.fdopen(fd, "w", encoding="ascii") as file:
        _write(file.fileno(), keys.text())


def replace(path: Path, keys: Keys) -> None:
    """Replace a file of keys as a whole; raises Refused and leaves the old one."""
    new = path.with_name(path.name + ".new")
    try:
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, MODE)
        try:
            os.fchmod(fd, MODE)
            _write(fd, keys.text())
        finally:
            os.close(fd)
        new.replace(path)
    except OSError as error:
        raise Refused(f"{path} can not be written: {error.strerror}: it stays as it is") from None


def _write(fd: int, said: str) -> None:
    os.write(fd, said.encode("ascii"))
    os.fsync(fd)
