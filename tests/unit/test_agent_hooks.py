"""Hooks of the agent as a program: what is run when a role is told, what is acknowledged, what is said and kept."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hotspare.cli import exits, main
from hotspare_engine import words
from tests.agent_program import SLEEP_S, Agent, PortOfBoard, agents, sleepers
from tests.board_end import BoardEnd

Run = Callable[..., Agent]
SHOW = 'echo "$HOTSPARE_ROLE,$HOTSPARE_ROLE_BEFORE,$HOTSPARE_LINE"'
TIMES = re.compile(r"after \d+\.\d{3} s$")


@pytest.fixture
def port(tmp_path: Path) -> Iterator[PortOfBoard]:
    port = PortOfBoard(tmp_path / "port")
    yield port
    port.vanish()


@pytest.fixture
def run() -> Iterator[Run]:
    with agents() as run:
        yield lambda port, *options: run(port.link, "--interval", "20", *options)


def lines(said: str) -> list[str]:
    """Return what an agent said of roles and hooks, without times and its name."""
    kept = [line.removeprefix("agent: ") for line in said.splitlines()]
    kept = [line for line in kept if not line.startswith(("a board answers", "leaving", "port "))]
    return [TIMES.sub("after a while", line) for line in kept]


def test_a_role_runs_its_hook_with_what_it_needs_to_know_and_is_acknowledged_when_that_has_ended(
    port: PortOfBoard, run: Run
) -> None:
    agent = run(port, "--on-active", SHOW, "--on-standby", SHOW, "--on-drain", SHOW)
    for role in (words.STANDBY, words.ACTIVE, words.DRAIN):
        port.tell(role, selected=0 if role == words.STANDBY else 1)
        port.until(lambda: port.acknowledged(role))  # noqa: B023 - it is called before the next one
    assert lines(agent.end()) == [
        "role standby",
        "on-standby begins: nothing told -> standby",
        "on-standby: standby,,",
        "on-standby done: exit code 0, after a while",
        "role active, line 1",
        "on-active begins: standby -> active, line 1",
        "on-active: active,standby,1",
        "on-active done: exit code 0, after a while",
        "role drain, line 1",
        "on-drain begins: active -> drain, line 1",
        "on-drain: drain,active,1",
        "on-drain done: exit code 0, after a while",
    ]


def test_a_role_that_is_repeated_runs_nothing_again(port: PortOfBoard, run: Run, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    run(port, "--on-active", f"echo x >> {ran}")
    port.tell(words.ACTIVE)
    port.until(lambda: port.acknowledged(words.ACTIVE))
    port.serve(0.3)
    assert ran.read_text() == "x\n"


def test_a_role_without_a_hook_is_acknowledged_and_said(port: PortOfBoard, run: Run) -> None:
    agent = run(port, "--on-drain", "true")
    port.tell(words.ACTIVE)
    port.until(lambda: port.acknowledged(words.ACTIVE))
    assert lines(agent.end()) == ["role active"]


def test_a_hook_holds_no_beat_up_and_nothing_is_acknowledged_while_it_runs(
    port: PortOfBoard, run: Run, tmp_path: Path
) -> None:
    go, began = tmp_path / "go", tmp_path / "began"
    run(port, "--on-drain", f"touch {began}; until test -e {go}; do sleep 0.01; done")
    port.tell(words.DRAIN)
    port.until(began.exists)
    before = len(port.board.reports)
    port.until(lambda: len(port.board.reports) - before >= 8)
    assert not go.exists(), "the hook still runs"
    assert set(port.board.acknowledged) == {words.NOT_TOLD}
    go.touch()
    port.until(lambda: port.acknowledged(words.DRAIN))


@pytest.mark.parametrize(
    ("command", "how"),
    [
        ("echo no >&2; exit 3", "exit code 3"),
        ("kill -9 $$", "ended by SIGKILL"),
        ("nowhere-to-be-found", "exit code 127"),
    ],
)
def test_a_hook_that_fails_is_acknowledged_as_failed_and_says_how(
    port: PortOfBoard, run: Run, command: str, how: str
) -> None:
    agent = run(port, "--on-drain", command)
    port.tell(words.DRAIN)
    port.until(lambda: port.acknowledged(words.DRAIN | words.ROLE_FAILED))
    said = lines(agent.end())
    assert said[-1] == f"on-drain failed: {how}, after a while"
    assert port.reported(words.OK), "its health is its check's"


def test_a_hook_that_takes_too_long_has_failed_and_is_ended_with_all_that_it_has_started(
    port: PortOfBoard, run: Run
) -> None:
    agent = run(port, "--hook-limit", "0.3", "--on-drain", f"trap '' TERM; sleep {SLEEP_S} & sleep {SLEEP_S}")
    port.tell(words.DRAIN)
    port.until(lambda: port.acknowledged(words.DRAIN | words.ROLE_FAILED))
    port.tell(words.ACTIVE)
    port.until(lambda: port.acknowledged(words.ACTIVE))
    assert "on-drain failed: it took more than 0.3 s, after a while" in lines(agent.end())


def test_the_newest_role_ends_the_hook_that_runs_and_is_the_only_one_acknowledged(
    port: PortOfBoard, run: Run, tmp_path: Path
) -> None:
    began = tmp_path / "began"
    drain = f"trap 'echo tidied up; exit 0' TERM; touch {began}; while :; do sleep 0.01; done"
    agent = run(port, "--on-drain", drain, "--on-active", "true")
    port.tell(words.DRAIN)
    port.until(began.exists)
    port.tell(words.ACTIVE, selected=2)
    port.until(lambda: port.acknowledged(words.ACTIVE))
    assert set(port.board.acknowledged) == {words.NOT_TOLD, words.ACTIVE}
    said = [line for line in lines(agent.end()) if "Terminated" not in line]  # the shell's own word
    assert said[2:] == [
        "role active, line 2",
        "on-drain ended: the role is now active, line 2, after a while",
        "on-drain: tidied up",
        "on-active begins: drain -> active, line 2",
        "on-active done: exit code 0, after a while",
    ]


def test_what_a_hook_has_started_and_left_ends_with_it(port: PortOfBoard, run: Run) -> None:
    agent = run(port, "--on-active", f"sleep {SLEEP_S} & echo started")
    port.tell(words.ACTIVE)
    port.until(lambda: port.acknowledged(words.ACTIVE))
    port.until(lambda: not sleepers())
    assert agent.process.poll() is None, "with the hook, and not with the agent"
    assert "on-active: started" in lines(agent.end())


def test_output_without_an_end_is_bounded_and_holds_no_beat_up(port: PortOfBoard, run: Run) -> None:
    agent = run(port, "--hook-limit", "0.6", "--on-active", "exec yes")
    port.tell(words.ACTIVE)
    before = len(port.board.reports)
    port.until(lambda: port.acknowledged(words.ACTIVE | words.ROLE_FAILED))
    assert len(port.board.reports) - before >= 10
    said = lines(agent.end())
    assert said.count("on-active: y") == 200
    assert any(re.fullmatch(r"on-active: \d+ lines after the first 200 are dropped", line) for line in said)


def test_the_log_keeps_what_is_said_of_hooks_with_times(port: PortOfBoard, run: Run, tmp_path: Path) -> None:
    log = tmp_path / "log"
    agent = run(port, "--hook-log", str(log), "--on-active", "echo 1; echo 2 >&2")
    port.tell(words.ACTIVE)
    port.until(lambda: port.acknowledged(words.ACTIVE))
    said = lines(agent.end())
    kept = [re.sub(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", "", line) for line in log.read_text().splitlines()]
    assert [TIMES.sub("after a while", line) for line in kept] == said
    assert "on-active: 2" in said


def test_a_log_that_can_not_be_written_is_one_line_and_stops_nothing(
    port: PortOfBoard, run: Run, tmp_path: Path
) -> None:
    agent = run(port, "--hook-log", str(tmp_path / "nowhere" / "log"), "--on-active", "echo 1; echo 2")
    port.tell(words.ACTIVE)
    port.until(lambda: port.acknowledged(words.ACTIVE))
    assert agent.end().count("can not be written: no such file or directory") == 1


# -- on-start, and impaired -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [(), ("--check", "true", "--every", "0.05")])
def test_a_unit_is_not_said_to_be_well_before_its_start_hook_has_succeeded(
    port: PortOfBoard, run: Run, tmp_path: Path, check: tuple[str, ...]
) -> None:
    go, began = tmp_path / "go", tmp_path / "began"
    start = f'touch {began}; test "$HOTSPARE_ROLE" = start; until test -e {go}; do sleep 0.01; done'
    run(port, "--on-start", start, "--on-active", f"test -e {go}", *check)
    port.tell(words.ACTIVE)
    port.until(began.exists)
    port.serve(0.3)
    assert port.board.reports == []
    go.touch()
    port.until(lambda: port.reported(words.OK) and port.acknowledged(words.ACTIVE))


def test_a_start_hook_that_fails_is_said_as_failing_and_is_run_again_later(
    port: PortOfBoard, run: Run, tmp_path: Path
) -> None:
    mended, ran = tmp_path / "mended", tmp_path / "ran"
    agent = run(port, "--on-start", f"echo x >> {ran}; test -e {mended}")
    port.until(lambda: port.reported(words.FAILED))
    mended.touch()
    port.until(lambda: port.reported(words.OK))
    assert ran.read_text() == "x\nx\n"
    port.serve(0.2)
    assert ran.read_text() == "x\nx\n"
    assert lines(agent.end()) == [
        "on-start begins",
        "on-start failed: exit code 1, after a while",
        "on-start is run again in 1 s",
        "failing: on-start failed: exit code 1",
        "on-start begins",
        "on-start done: exit code 0, after a while",
        "well",
    ]


def test_a_check_that_ends_with_the_impaired_code_says_impaired_and_any_other_one_failing(
    port: PortOfBoard, run: Run, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    code.write_text("4")
    agent = run(port, "--check", f"exit $(cat {code})", "--every", "0.05", "--impaired-code", "4")
    port.until(lambda: port.reported(words.IMPAIRED))
    code.write_text("5")
    port.until(lambda: port.reported(words.FAILED))
    code.write_text("0")
    port.until(lambda: port.reported(words.OK))
    assert {health for health, _ in port.board.reports} == {words.IMPAIRED, words.FAILED, words.OK}
    assert lines(agent.end()) == ["impaired: the check ended with 4", "failing: the check ended with 5", "well"]


# -- the agent itself -------------------------------------------------------------------------------------------------


def test_a_planned_stop_ends_the_hook_that_runs_and_begins_no_other(
    port: PortOfBoard, run: Run, tmp_path: Path
) -> None:
    began = tmp_path / "began"
    agent = run(port, "--on-drain", f"touch {began}; sleep {SLEEP_S}")
    port.tell(words.DRAIN)
    port.until(began.exists)
    agent.process.terminate()
    port.until(lambda: agent.process.poll() is not None)
    assert lines(agent.wait())[-1] == "on-drain ended: the agent leaves, after a while"
    assert port.reported(words.LEAVING)
    assert agent.process.returncode == 0


def test_one_agent_on_two_ports_runs_a_hook_once_and_acknowledges_on_both(
    port: PortOfBoard, run: Run, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    direct = PortOfBoard(tmp_path / "direct", BoardEnd(salt=44))
    try:
        run(port, "--port", str(direct.link), "--on-drain", f"echo x >> {ran}; sleep 0.2")
        end_s = time.monotonic() + 10
        port.tell(words.DRAIN, selected=1)
        direct.tell(words.DRAIN, selected=2)
        while not (port.acknowledged(words.DRAIN) and direct.acknowledged(words.DRAIN)):
            assert time.monotonic() < end_s
            port.serve(0.02)
            direct.serve(0.02)
    finally:
        direct.vanish()
    assert ran.read_text() == "x\n"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--port", "a", "--port", "a"), "--port a is given twice: each port of the unit once"),
        (("--port", "a", "--impaired-code", "3"), "--impaired-code is the exit code of a check: give --check too"),
        (("--port", "a", "--check", "x", "--impaired-code", "0"), "0 is not in the range 1<=x<=255"),
        (("--port", "a", "--check", "x", "--impaired-code", "256"), "256 is not in the range 1<=x<=255"),
        (("--port", "a", "--on-drain", " "), "it is empty"),
        (("--port", "a", "--on-start", ""), "it is empty"),
        (("--port", "a", "--hook-log", ""), "it is empty"),
        (("--port", "a", "--hook-limit", "0"), "0.0 is not in the range"),
        (("--port", "a", "--hook-limit", "nan"), "nan is not in the range"),
        ((), "Missing option '--port'"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(
    options: tuple[str, ...], complaint: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["agent", *options]) == exits.USAGE
    said = capfd.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1
