"""The REPL of a board in maintenance, through mpremote: seen to be there, and used to restart the board; no output."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hotspare.errors import Unreachable

if TYPE_CHECKING:
    from mpremote.transport_serial import SerialTransport

BAUD = 115_200  # of no matter on USB
READ_S = 1.0
PROMPT_S_MAX = 2.0
LOOK_AGAIN_S = 0.1
RESTART = "import machine; machine.reset()"
WHAT_RUNS = "import sys; print('MicroPython %d.%d.%d' % tuple(sys.implementation[1][:3]))"


@contextmanager
def raw(name: str, port: Path) -> Iterator[SerialTransport]:
    """Open the raw REPL of a board, and leave it again; raises Unreachable where no REPL answers."""
    from mpremote.transport import TransportError
    from mpremote.transport_serial import SerialTransport

    none = Unreachable(
        f"{name}: no REPL answers on {port}: the board is not in maintenance: hotspare maintenance {name}"
    )
    transport = None
    with redirect_stdout(io.StringIO()):  # it prints what it does not understand
        try:
            transport = SerialTransport(str(port), BAUD, timeout=READ_S)
            transport.enter_raw_repl(soft_reset=False, timeout_overall=PROMPT_S_MAX)
        except (TransportError, OSError):
            if transport is not None:
                with suppress(OSError):
                    transport.close()
            raise none from None
    try:
        yield transport
    finally:
        with suppress(OSError):  # it may have been reset meanwhile
            if transport.in_raw_repl:
                transport.exit_raw_repl()
        with suppress(OSError):
            transport.close()


def wait(
    name: str,
    port: Path,
    limit_s: float,
    clock_s: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> str:
    """Wait until a board shows its REPL and return what runs there; raises Unreachable."""
    until_s = clock_s() + limit_s
    while True:
        try:
            with raw(name, port) as transport:
                said: bytes = transport.exec(WHAT_RUNS)
                return said.decode(errors="replace").strip()
        except Unreachable:
            if clock_s() >= until_s:
                raise
            pause(LOOK_AGAIN_S)


def restart(name: str, port: Path) -> None:
    """Reset a board out of its REPL; raises Unreachable."""
    from mpremote.transport import TransportError

    with raw(name, port) as transport:
        with suppress(TransportError, OSError):  # the port goes away with the board
            transport.exec_raw_no_follow(RESTART)
        transport.in_raw_repl = False
