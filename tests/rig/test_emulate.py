"""`hotspare emulate` with the real firmware, as a program: ready, in use, and gone without a trace however it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hotspare import board, configuration, example
from hotspare.cli import exits
from hotspare.rig.client import RigClient

LIMIT_S = 20.0
PROGRAM = "import sys; from hotspare.cli import main; sys.exit(main())"


class Emulate:
    """The program in a process of its own."""

    def __init__(self, file: Path, *options: str) -> None:
        argv = [sys.executable, "-c", PROGRAM, "emulate", "-c", str(file), *options]
        self.directory = file.parent / "rig"
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ready(self) -> RigClient:
        """Wait for its `ready` and return a client of its rig."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line == b"ready\n", (line, self.process.stderr and self.process.stderr.read())
        return RigClient(self.directory)

    def end(self, number: int | None = None) -> tuple[int, str, str]:
        """Wait for its end, after a signal if one is given; return its code and what it said since."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, out.decode(), err.decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The example pair, in a folder of its own."""
    file = tmp_path / "hotspare.toml"
    file.write_text(example.text("pair"))
    return file


@pytest.fixture
def emulate(file: Path) -> Iterator[Callable[..., Emulate]]:
    started: list[Emulate] = []

    def emulate(*options: str) -> Emulate:
        started.append(Emulate(file, *options))
        return started[-1]

    yield emulate
    for one in started:
        if one.process.poll() is None:
            one.process.terminate()
        one.process.communicate(timeout=LIMIT_S)
    soon(lambda: [path.name for path in file.parent.iterdir()] == [file.name])  # nothing is left behind


def soon(holds: Callable[[], object]) -> None:
    """Wait until `holds()` is true; fails after a generous limit."""
    end_s = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < end_s, f"not within {LIMIT_S} s"
        time.sleep(0.02)


def processes_of(rig: RigClient) -> list[int]:
    """Return the processes of the boards."""
    return [board["process"] for board in rig.state()["boards"].values()]


def gone(pid: int) -> bool:
    """Return whether there is no such process any more."""
    return not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_serves_until_a_signal_and_leaves_nothing_behind(emulate: Callable[..., Emulate], number: int) -> None:
    one = emulate()
    with one.ready() as rig:
        pids = processes_of(rig)
        state = rig.state()
    assert len(pids) == 2
    assert all(board["answers"] for board in state["boards"].values())
    assert sorted(path.name for path in one.directory.iterdir() if not path.name.startswith(".")) == [
        "beacon",
        "control",
        "controller",
    ]
    assert one.end(number) == (exits.OK, "", "")
    assert all(gone(pid) for pid in pids)
    assert not one.directory.exists()


def test_the_rig_is_armed_and_fails_over_by_the_contacts(emulate: Callable[..., Emulate]) -> None:
    with emulate().ready() as rig:
        for unit in ("primary", "spare"):
            rig.wait({"kind": "unit", "name": unit, "event": "running"})
        time.sleep(1)
        since = rig.state()["trace_next"] - 1
        stopped_us = rig.stop("primary")
        closed = rig.wait({"kind": "contact", "event": "closed", "detail": "spare"}, since)
        assert 300_000 < closed.us - stopped_us < 9_000_000
        assert rig.state()["both_connected_us"] == 0


def test_a_disarmed_rig_moves_nothing(emulate: Callable[..., Emulate]) -> None:
    with emulate("--disarmed").ready() as rig:
        for unit in ("primary", "spare"):
            rig.wait({"kind": "unit", "name": unit, "event": "running"})
        time.sleep(1)
        rig.stop("primary")
        time.sleep(1)
        assert rig.state()["relays"]["line-primary"]["driven"] is False


def test_ports_that_lead_to_another_rig_do_not_arm_it(emulate: Callable[..., Emulate], file: Path) -> None:
    other = emulate("--disarmed")
    other.ready().close()
    own = file.parent / "own" / file.name
    own.parent.mkdir()
    own.write_text(file.read_text().replace('"rig/', '"../rig/'))
    one = Emulate(own)
    try:
        one.ready().close()
        assert armed(file) is False
        assert armed(own) is False, "the ports of this file are the other rig's"
        assert armed(own, one.directory) is True
    finally:
        assert one.end(signal.SIGTERM) == (exits.OK, "", "")
    own.unlink()
    own.parent.rmdir()


def armed(file: Path, directory: Path | None = None) -> bool:
    """Return whether the controller that a file leads to is armed."""
    with board.open_board(configuration.load(file, directory).board("controller")) as reached:
        return bool(reached.status()["armed"])


def test_a_duration_ends_it(emulate: Callable[..., Emulate]) -> None:
    one = emulate("--duration", "0.3")
    assert one.end() == (exits.OK, "ready\n", "")


@pytest.mark.parametrize(
    ("shell", "code"),
    [
        (">&-", exits.OUTPUT_FAILED),
        (">/dev/full", exits.OUTPUT_FAILED),
        ("| true; exit ${PIPESTATUS[0]}", exits.PIPE_CLOSED),
    ],
)
def test_an_output_that_nobody_takes_ends_it(file: Path, shell: str, code: int) -> None:
    argv = [sys.executable, "-c", PROGRAM, "emulate", "-c", str(file)]
    done = subprocess.run(
        ["bash", "-c", f'"$@" {shell}', "bash", *argv], stderr=subprocess.PIPE, timeout=LIMIT_S, check=False
    )
    assert done.returncode == code
    assert done.stderr.count(b"\n") == (code == exits.OUTPUT_FAILED)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_it_is_ready_is_an_interruption(emulate: Callable[..., Emulate], number: int) -> None:
    one = emulate()
    soon(lambda: children_named(one.process.pid, "hotspare.rig.process"))
    code, out, err = one.end(number)
    assert (code, out, err.strip()) == (exits.INTERRUPTED, "", "")


def test_a_demonstration_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", PROGRAM, "demo"]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "armed and ready" not in process.stdout.readline():
            assert process.poll() is None
        assert [path.name.startswith("hotspare-demo-") for path in tmp_path.iterdir()] == [True]
        process.kill()
    soon(lambda: not list(tmp_path.iterdir()))


def test_a_second_one_in_the_same_directory_is_one_line_and_a_code(emulate: Callable[..., Emulate]) -> None:
    with emulate().ready() as rig:
        code, out, err = emulate().end()
        assert (code, out) == (exits.UNREACHABLE, "")
        assert err.count("\n") == 1
        assert "a rig already runs in" in err
        assert rig.state()["boards"]["controller"]["running"]


def test_killed_outright_it_leaves_nothing_behind(emulate: Callable[..., Emulate]) -> None:
    one = emulate()
    with one.ready() as rig:
        rig.freeze("beacon")
        pids = processes_of(rig)
    assert not any(gone(pid) for pid in pids)
    one.end(signal.SIGKILL)
    soon(lambda: all(gone(pid) for pid in pids))
    soon(lambda: not one.directory.exists())
    assert [pid for pid in pids if not gone(pid)] == [], "nothing began them again"


def test_a_rig_whose_process_is_killed_ends_it_with_one_line(emulate: Callable[..., Emulate]) -> None:
    one = emulate()
    one.ready().close()
    (child,) = children_named(one.process.pid, "hotspare.rig.process")
    os.kill(child, signal.SIGKILL)
    code, out, err = one.end()
    assert (code, out) == (exits.UNREACHABLE, "")
    assert err.count("\n") == 1
    assert "it was killed" in err


def children_named(pid: int, word: str) -> list[int]:
    """Return the children of a process whose command line has a word."""
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [child for child in found if word.encode() in Path(f"/proc/{child}/cmdline").read_bytes()]


def test_a_configuration_that_is_wrong_starts_nothing(file: Path) -> None:
    file.write_text("[group.pair]\n")
    code, out, err = Emulate(file).end()
    assert (code, out) == (exits.INVALID, "")
    assert all(line.startswith("hotspare: ") for line in err.splitlines())
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_rig_that_can_not_be_armed_ends_with_one_line_that_says_how_to_run_it(file: Path) -> None:
    file.write_text(file.read_text().replace('# switch = "changeover"', 'switch = "unproven"'))
    code, out, err = Emulate(file).end()
    assert (code, out) == (exits.FAILED, "")
    assert err == (
        "hotspare: group pair can not be armed: refused: nothing proves that two units are kept apart: "
        "correct the file, or hotspare emulate --disarmed\n"
    )
    soon(lambda: [path.name for path in file.parent.iterdir()] == [file.name])


def test_without_a_micropython_one_line_says_where_to_get_one(file: Path, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom hotspare.rig import vm\n"
        "sys.executable = '/nowhere/python'\n"
        "try:\n    vm.find_micropython()\nexcept vm.NoMicroPython as error:\n    print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith("no `micropython` on PATH")
    assert json.dumps(said).count("\\n") == 1
