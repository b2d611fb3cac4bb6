"""The agent as a program, and ports with a board behind them that vanish on demand."""

import os
import select
import signal
import subprocess
import sys
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.board_end import BoardEnd

LIMIT_S = 10.0
SLEEP_S = 100_000 + os.getpid()  # tells what this run has started from what others have
PROGRAM = "import sys; from hotspare.cli import main; sys.exit(main())"


class PortOfBoard:
    """A pseudo terminal with a board behind it, under a name that can vanish."""

    def __init__(self, link: Path, board: BoardEnd | None = None) -> None:
        self.board = BoardEnd() if board is None else board
        self.link = link
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        link.symlink_to(os.ttyname(self._slave))

    @property
    def terminal(self) -> int:
        """The descriptor of the end that the agent opens."""
        return self._slave

    def tell(self, role: int, selected: int = 0) -> None:
        """Tell a role from now on."""
        self.board.role, self.board.selected = role, selected

    def serve(self, s: float) -> None:
        """Exchange bytes for a while."""
        end_s = time.monotonic() + s
        while (left_s := end_s - time.monotonic()) > 0:
            if not self.board.link.established:
                self.board.link.greet = True  # as a board does with each of its beats
            if self.board.link.greet:
                os.write(self._master, self.board.outgoing())
            os.write(self._master, self.board.beat())
            if select.select([self._master], [], [], min(left_s, 0.05))[0]:
                self.board.received(os.read(self._master, 4096))

    def until(self, holds: Callable[[], object], limit_s: float = LIMIT_S) -> None:
        """Serve until `holds()` is true; fails after a generous limit."""
        end_s = time.monotonic() + limit_s
        while not holds():
            assert time.monotonic() < end_s, f"not within {limit_s} s"
            self.serve(0.02)

    def reported(self, health: int) -> bool:
        """Return whether the last report said so."""
        return bool(self.board.reports) and self.board.reports[-1][0] == health

    def acknowledged(self, role: int) -> bool:
        """Return whether the last report acknowledged that role."""
        return bool(self.board.acknowledged) and self.board.acknowledged[-1] == role

    def vanish(self) -> None:
        """Go away as an unplugged port does."""
        self.link.unlink(missing_ok=True)
        for fd in (self._master, self._slave):
            if fd >= 0:
                os.close(fd)
        self._master = self._slave = -1


class Agent:
    """The program in a process of its own."""

    def __init__(self, port: Path, *options: str) -> None:
        argv = [sys.executable, "-c", PROGRAM, "agent", "--port", str(port), *options]
        self.process = subprocess.Popen(argv, stderr=subprocess.PIPE)

    def end(self, number: int = signal.SIGTERM) -> str:
        """End it by a signal and return what it said."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> str:
        """Wait for its end and return what it said."""
        return self.process.communicate(timeout=LIMIT_S)[1].decode()


@contextmanager
def agents() -> Iterator[Callable[..., Agent]]:
    """Yield what runs agents, which end with the context and leave nothing that they have started."""
    running: list[Agent] = []

    def run(port: Path, *options: str) -> Agent:
        running.append(Agent(port, *options))
        return running[-1]

    yield run
    for agent in running:
        agent.process.terminate()
        agent.process.communicate(timeout=LIMIT_S)
    assert not sleepers(), "what a check or a hook has started ends with it"


def sleepers() -> list[str]:
    """Return processes that checks and hooks of these tests left."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == f"sleep\0{SLEEP_S}\0".encode():
                found.append(path.parent.name)
        except OSError:
            continue
    return found
