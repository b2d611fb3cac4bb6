"""The agent as a program: signals, checks in a process of their own, ports that are missing or vanish."""

import os
import select
import signal
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hotspare_engine import words
from tests.board_end import BoardEnd

LIMIT_S = 10.0
SLEEP_S = 100_000 + os.getpid()  # tells the checks of this run from those of others
PROGRAM = "import sys; from hotspare.cli import main; sys.exit(main())"


class PortOfBoard:
    """A pseudo terminal with a board behind it, under a name that can vanish."""

    def __init__(self, link: Path) -> None:
        self.board = BoardEnd()
        self.link = link
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        link.symlink_to(os.ttyname(self._slave))

    @property
    def terminal(self) -> int:
        """The descriptor of the end that the agent opens."""
        return self._slave

    def serve(self, s: float) -> None:
        """Exchange bytes for a while."""
        end_s = time.monotonic() + s
        while (left_s := end_s - time.monotonic()) > 0:
            if not self.board.link.established:
                self.board.link.greet = True  # as a board does with each of its beats
            if self.board.link.greet:
                os.write(self._master, self.board.outgoing())
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

    def vanish(self) -> None:
        """Go away as an unplugged port does."""
        self.link.unlink(missing_ok=True)
        for fd in (self._master, self._slave):
            if fd >= 0:
                os.close(fd)
        self._master = self._slave = -1


@pytest.fixture
def port(tmp_path: Path) -> Iterator[PortOfBoard]:
    port = PortOfBoard(tmp_path / "port")
    yield port
    port.vanish()


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


@pytest.fixture
def run() -> Iterator[Callable[..., Agent]]:
    agents: list[Agent] = []

    def run(port: Path, *options: str) -> Agent:
        agents.append(Agent(port, *options))
        return agents[-1]

    yield run
    for agent in agents:
        agent.process.terminate()
        agent.process.communicate(timeout=LIMIT_S)
    assert not sleepers(), "what a check has started ends with it"


def test_without_a_check_the_unit_is_well_for_as_long_as_the_agent_runs(
    port: PortOfBoard, run: Callable[..., Agent]
) -> None:
    agent = run(port.link, "--interval", "20")
    port.until(lambda: len(port.board.reports) >= 5)
    assert set(port.board.reports) == {(words.OK, 0)}
    assert agent.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_said_as_a_planned_stop_more_than_once_and_ends_the_agent(
    port: PortOfBoard, run: Callable[..., Agent], number: int
) -> None:
    agent = run(port.link, "--interval", "20", "--leaving", "90")
    port.until(lambda: port.reported(words.OK))
    agent.process.send_signal(number)
    port.until(lambda: agent.process.poll() is not None)
    port.serve(0.1)
    leaving = [report for report in port.board.reports if report == (words.LEAVING, 90)]
    assert len(leaving) >= 2
    assert agent.process.returncode == 0
    assert "leaving as planned" in agent.wait()


def test_a_check_that_fails_is_said_and_one_that_passes_again_too(
    port: PortOfBoard, run: Callable[..., Agent], tmp_path: Path
) -> None:
    flag = tmp_path / "well"
    flag.touch()
    agent = run(port.link, "--interval", "20", "--check", f"test -e {flag}", "--every", "0.05")
    port.until(lambda: port.reported(words.OK))
    flag.unlink()
    port.until(lambda: port.reported(words.FAILED))
    flag.touch()
    port.until(lambda: port.reported(words.OK))
    said = [line for line in agent.end().splitlines() if "answers" not in line]
    assert said == [
        "agent: well",
        "agent: failing: the check ended with 1",
        "agent: well",
        "agent: leaving as planned",
    ]


def test_a_check_says_by_its_exit_code_that_the_unit_is_degraded(
    port: PortOfBoard, run: Callable[..., Agent], tmp_path: Path
) -> None:
    code = tmp_path / "code"
    code.write_text("3")
    check = ["--check", f"exit $(cat {code})", "--every", "0.05", "--degraded", "3"]
    agent = run(port.link, "--interval", "20", *check)
    port.until(lambda: port.reported(words.IMPAIRED))
    code.write_text("4")
    port.until(lambda: port.reported(words.FAILED))
    said = [line for line in agent.end().splitlines() if "answers" not in line]
    assert said[:2] == ["agent: degraded: the check ended with 3", "agent: failing: the check ended with 4"]


def test_an_exit_code_of_no_check_is_a_mistake(port: PortOfBoard, run: Callable[..., Agent]) -> None:
    agent = run(port.link, "--degraded", "3")
    assert "give --check too" in agent.wait()
    assert agent.process.returncode == 2


def test_a_check_that_hangs_holds_no_beat_up_fails_and_is_ended(
    port: PortOfBoard, run: Callable[..., Agent], tmp_path: Path
) -> None:
    first, started = tmp_path / "first", tmp_path / "started"
    check = f"if test -e {first}; then echo x >> {started}; sleep {SLEEP_S}; else touch {first}; fi"
    agent = run(port.link, "--interval", "20", "--check", check, "--every", "0.2", "--limit", "0.6")
    port.until(started.exists)
    before = len(port.board.reports)
    port.serve(0.3)
    assert len(port.board.reports) - before >= 5
    assert port.reported(words.OK)
    port.until(lambda: port.reported(words.FAILED))
    assert "the check took more than 600 ms" in agent.end()


def sleepers() -> list[str]:
    """Return processes that checks of these tests left."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == f"sleep\0{SLEEP_S}\0".encode():
                found.append(path.parent.name)
        except OSError:
            continue
    return found


def test_nothing_is_said_of_the_unit_before_its_first_check_has_ended(
    port: PortOfBoard, run: Callable[..., Agent]
) -> None:
    run(port.link, "--interval", "20", "--check", f"sleep {SLEEP_S}", "--limit", "600")
    port.until(lambda: port.board.link.established)
    port.serve(0.3)
    assert port.board.reports == []


def test_a_port_that_vanishes_is_opened_again_when_it_is_back(
    port: PortOfBoard, run: Callable[..., Agent], tmp_path: Path
) -> None:
    agent = run(port.link, "--interval", "20")
    port.until(lambda: port.reported(words.OK))
    port.vanish()
    time.sleep(0.2)
    again = PortOfBoard(tmp_path / "port")
    try:
        again.until(lambda: again.reported(words.OK))
        said = agent.end()
    finally:
        again.vanish()
    assert "vanished: opening it again" in said


def test_a_port_that_is_missing_is_waited_for_and_said_once(run: Callable[..., Agent], tmp_path: Path) -> None:
    agent = run(tmp_path / "port")
    time.sleep(1.0)
    late = PortOfBoard(tmp_path / "port")
    try:
        late.until(lambda: late.reported(words.OK))
        said = agent.end()
    finally:
        late.vanish()
    assert said.count("is not there") == 1


def test_a_missing_port_is_said_once_with_the_agents_name(run: Callable[..., Agent], tmp_path: Path) -> None:
    agent = run(tmp_path / "port")
    assert agent.process.stderr is not None
    assert agent.process.stderr.readline().decode().startswith("agent: port ")


def test_the_port_is_opened_at_the_rate_that_is_said(port: PortOfBoard, run: Callable[..., Agent]) -> None:
    run(port.link, "--interval", "20", "--baud", "57600")
    port.until(lambda: port.reported(words.OK))
    assert termios.tcgetattr(port.terminal)[4:6] == [termios.B57600, termios.B57600]


def test_a_missing_port_does_not_keep_the_agent_from_ending(run: Callable[..., Agent], tmp_path: Path) -> None:
    agent = run(tmp_path / "port")
    assert agent.process.stderr is not None
    first = agent.process.stderr.readline().decode()
    assert "is not there" in first
    agent.end()
    assert agent.process.returncode == 0
