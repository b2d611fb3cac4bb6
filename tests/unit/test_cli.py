"""The command line as a person meets it: help, errors on one line, exit codes, no loading of what is not used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from hotspare import cli, errors
from hotspare.cli import exits
from tests import fakes, files, terminals

HEAVY = (
    "pydantic",
    "pydantic_core",
    "rich",
    "serial",
    "construct",
    "tomllib",
    "hotspare.configuration",
    "hotspare.board",
)


def run(*args: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import sys; from hotspare.cli import main; sys.exit(main())", *args]
    environment = {**os.environ, **(env or {})}
    return subprocess.run(
        command,
        env=environment,
        cwd=cwd,
        text=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("name", cli.HELP)
def test_the_help_of_the_table_is_the_commands_own(name: str) -> None:
    command = cli.root.get_command(click.Context(cli.root), name)
    assert command is not None
    assert command.get_short_help_str(limit=1000) == cli.HELP[name]


@pytest.mark.parametrize(
    "name", [name for name in cli.HELP if name not in ("agent", "dissect", "completion", "demo", "key", "rig")]
)
def test_every_command_that_uses_the_file_takes_it_and_the_ports_folder(name: str) -> None:
    command = cli.root.get_command(click.Context(cli.root), name)
    assert command is not None
    options = {option for parameter in command.params for option in parameter.opts}
    assert {"-c", "--config", "--dir"} <= options


def test_help_loads_no_command_and_nothing_heavy() -> None:
    script = (
        "import sys; from hotspare.cli import main; main(['--help']);"
        f"loaded = [name for name in sys.modules if name in {HEAVY} or name.startswith('hotspare.cli.')];"
        "print(loaded, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], text=True, capture_output=True, timeout=30, check=True)
    assert done.stderr.strip() == "['hotspare.cli.exits', 'hotspare.cli.output']"
    assert all(name in done.stdout for name in cli.HELP)


@pytest.mark.parametrize(
    ("args", "code", "line"),
    [
        (["statsu"], exits.USAGE, "there is no command 'statsu': did you mean 'status'?"),
        (["xyzzy"], exits.USAGE, "there is no command 'xyzzy': hotspare --help lists all"),
        (["status", "--jason"], exits.USAGE, "No such option"),
        (["out"], exits.USAGE, "Missing argument 'UNIT'"),
        (["clear", "0"], exits.USAGE, "'0' is no id"),
        (["clear", "65536"], exits.USAGE, "'65536' is no id"),
        (["clear", "relais"], exits.USAGE, "'relais' is no id"),
        (["approve"], exits.USAGE, "Missing argument 'ID'"),
        (["approve", "0"], exits.USAGE, "'0' is no id: hotspare status shows what is pending"),
        (["approve", "65536"], exits.USAGE, "'65536' is no id"),
        (["approve", "-1"], exits.USAGE, "No such option"),
        (["approve", "relay"], exits.USAGE, "'relay' is no id"),
        (["approve", "\u0663"], exits.USAGE, "is no id"),
        (["approve", "7", "pear"], exits.USAGE, 'has no group "pear": did you mean pair?'),
        (["reject"], exits.USAGE, "Missing argument 'ID'"),
        (["reject", "7x"], exits.USAGE, "'7x' is no id"),
        (["approve", "7"], exits.UNREACHABLE, "controller: port"),
        (["reject", "7"], exits.UNREACHABLE, "controller: port"),
        (["switchover", "pear"], exits.USAGE, 'has no group "pear": did you mean pair?'),
        (["switchover", "--to", "sparr"], exits.USAGE, 'has no unit "sparr": did you mean spare?'),
        (["switchover", "--force", "--onto-failed", "spare"], exits.USAGE, "leave --to and --force out"),
        (["switchover", "--to", "spare", "--onto-failed", "spare"], exits.USAGE, "leave --to and --force out"),
        (["out", "beacon"], exits.USAGE, 'has no unit "beacon": known: primary, spare'),
        (["configure", "becon"], exits.USAGE, 'has no board "becon": did you mean beacon?'),
        (["out", "spare", "--for", "-2h"], exits.USAGE, "--for '-2h' is no duration"),
        (["out", "spare", "--for", "999999999999h"], exits.USAGE, "is out of range"),
        (["lockout", "--for", "2h", "--until-cleared"], exits.USAGE, "exclude one another"),
        (["status", "-c", "nowhere.toml"], exits.INVALID, "nowhere.toml is not there"),
        (["status"], exits.UNREACHABLE, "port"),
        (["switchover"], exits.UNREACHABLE, "controller: port"),
        (["explain"], exits.UNREACHABLE, "controller: port"),
        (["log"], exits.UNREACHABLE, "is not there: plug the board in"),
        (["configure"], exits.UNREACHABLE, "is not there: plug the board in"),
        (["init"], exits.FAILED, "is there already and stays as it is"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_is_one_line_and_its_exit_code(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], args: list[str], code: int, line: str
) -> None:
    path = files.write(tmp_path)
    before = path.read_bytes()
    assert cli.main([args[0], *([] if "-c" in args else ["-c", str(path)]), *args[1:]]) == code
    complained = capfd.readouterr().err.splitlines()
    assert all(it.startswith("hotspare: ") for it in complained)
    assert line in complained[0]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("option", "args"),
    [
        ("'--to'", ["switchover", "--to", ""]),
        ("'--onto-failed'", ["switchover", "--onto-failed", ""]),
        ("'[GROUP]'", ["switchover", " "]),
        ("'--for'", ["out", "spare", "--for", ""]),
        ("'-c' / '--config'", ["status", "-c", ""]),
        ("'--dir'", ["status", "--dir", ""]),
        ("'--port'", ["agent", "--port", ""]),
        ("'--check'", ["agent", "--port", "p", "--check", ""]),
        ("'FILE|PORT'", ["dissect", ""]),
        ("'--dir'", ["rig", "--dir", "", "state"]),
        ("'[FILE]'", ["rig", "capture", "crosslink-a", ""]),
        ("'--contact'", ["rig", "weld", "line-primary", "--contact", ""]),
        ("'--kind'", ["rig", "wait", "--kind", ""]),
    ],
)
def test_an_empty_value_is_no_default(capfd: pytest.CaptureFixture[str], option: str, args: list[str]) -> None:
    assert cli.main(args) == exits.USAGE
    (line,) = capfd.readouterr().err.splitlines()
    assert f"Invalid value for {option}" in line
    assert "it is empty: give it a value, or leave it out" in line


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "-1", "1e300"])
@pytest.mark.parametrize(
    "args",
    [
        ["agent", "--port", "p", "--every"],
        ["agent", "--port", "p", "--limit"],
        ["emulate", "--duration"],
        ["dissect", "p", "--for"],
    ],
    ids=" ".join,
)
def test_a_time_that_is_none_is_out_of_range(capfd: pytest.CaptureFixture[str], args: list[str], value: str) -> None:
    assert cli.main([*args, value]) == exits.USAGE
    (line,) = capfd.readouterr().err.splitlines()
    assert f"Invalid value for '{args[-1]}': {float(value)} is not in the range 0" in line


def test_an_unknown_command_is_told_once_where_all_are_listed(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["xyzzy"]) == exits.USAGE
    assert capfd.readouterr().err.count("--help") == 1


def test_a_link_to_nothing_is_called_so_by_check_and_by_init(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "hotspare.toml"
    path.symlink_to(tmp_path / "nowhere")
    assert cli.main(["check", "-c", str(path)]) == exits.INVALID
    assert "is a link to nothing" in capfd.readouterr().err
    assert cli.main(["init", "-c", str(path)]) == exits.FAILED
    assert "is a link to nothing" in capfd.readouterr().err


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = files.write(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert cli.main(["check", "-c", str(path)]) == exits.OK


def test_no_command_shows_the_help_and_is_a_mistake(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == exits.USAGE
    assert "Set up:" in capfd.readouterr().err


def test_the_version_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == exits.OK
    assert capfd.readouterr().out.startswith("hotspare 0.")


def test_the_file_may_be_named_in_the_environment(tmp_path: Path) -> None:
    path = files.write(tmp_path)
    done = run("check", env={"HOTSPARE_CONFIG": str(path), "HOTSPARE_DIR": str(tmp_path / "elsewhere")})
    assert done.returncode == exits.OK
    done = run("status", env={"HOTSPARE_CONFIG": str(path), "HOTSPARE_DIR": str(tmp_path / "elsewhere")})
    assert str(tmp_path / "elsewhere" / "controller") in done.stderr


def test_check_says_all_that_follows_from_the_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = files.write(tmp_path)
    assert cli.main(["check", "-c", str(path)]) == exits.OK
    said = capfd.readouterr().out
    for word in (
        "arming: allowed",
        "controller (pico): needs 2 of 2 UARTs, 1 of 3 lines",
        "beacon (pico): needs 2 of 2 UARTs",
        "457.8",
        "502.8",
        "hold-off",
        "decision on the chip",
        "a fault after",
        "fall after a reset",
        "failover, worst case",
        "1e-07",
    ):
        assert word in said
    assert "a beacon failure is a failover" in said
    assert cli.main(["check", "-c", str(path), "--json"]) == exits.OK
    group = json.loads(capfd.readouterr().out)["groups"]["pair"]
    assert group["failover_worst_ms"] == pytest.approx(631.122)
    assert group["decision_ms"] == 61
    assert group["relay_fault_ms"] == 300
    assert group["boards"]["beacon"] == {"kind": "pico", "uarts": 2, "uarts_needed": 2, "lines": 3, "lines_needed": 0}
    assert group["warnings"] == []
    assert group["false_failovers_a_year"][0]["by_bit_error_rate"]["1e-04"] == pytest.approx(6.3, rel=0.05)


@pytest.mark.parametrize(
    ("word", "said", "automatic", "worst_ms"),
    [
        ("auto", "autonomy: auto: an armed group fails over alone", True, 631.122),
        ("ask", "631.1 + a person's time", False, None),
        ("ask-then-auto", "a failover waits up to 1m30s for a person, then it is done", True, 90_631.122),
        ("manual", "autonomy: manual: no automatic failover", False, None),
        ("shadow", "no automatic failover; what would have been done is recorded", False, None),
    ],
)
def test_check_says_what_the_autonomy_means_for_the_budget(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    word: str,
    said: str,
    automatic: bool,
    worst_ms: float | None,
) -> None:
    path = files.write(tmp_path, {"group.pair.autonomy": word, "group.pair.approve_s": 90})
    assert cli.main(["check", "-c", str(path)]) == exits.OK
    printed = capfd.readouterr().out
    assert said in printed
    assert ("false failovers a year" in printed) == automatic
    assert cli.main(["check", "-c", str(path), "--json"]) == exits.OK
    group = json.loads(capfd.readouterr().out)["groups"]["pair"]
    assert (group["autonomy"], group["automatic_failover"]) == (word, automatic)
    assert group["failover_worst_ms"] == (None if worst_ms is None else pytest.approx(worst_ms))
    assert group["failover_worst_without_a_person_ms"] == pytest.approx(631.122)


def test_check_warns_of_an_interval_that_is_short_for_the_chip_and_still_calls_the_file_valid(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = files.write(tmp_path, {"group.pair.interval_ms": 50})
    assert cli.main(["check", "-c", str(path)]) == exits.OK
    told = capfd.readouterr()
    assert "warning: group.pair.interval_ms = 50 is short for an RP2040" in told.out
    assert told.err == ""
    assert cli.main(["check", "-c", str(path), "--json"]) == exits.OK
    assert len(json.loads(capfd.readouterr().out)["groups"]["pair"]["warnings"]) == 1


def test_check_notes_the_rate_that_the_agents_must_be_given(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = files.write(tmp_path, {"group.pair.agent_baud": 57_600})
    assert cli.main(["check", "-c", str(path)]) == exits.OK
    assert "hotspare agent --baud 57600" in capfd.readouterr().out
    files.write(tmp_path)
    assert cli.main(["check", "-c", str(path)]) == exits.OK
    assert "--baud" not in capfd.readouterr().out


def test_check_of_an_invalid_file_is_json_too(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = files.write(tmp_path, {"group.pair.beats": -1})
    assert cli.main(["check", "-c", str(path), "--json"]) == exits.INVALID
    told = capfd.readouterr()
    assert json.loads(told.out) == {"valid": False, "errors": [told.err.strip().removeprefix("hotspare: ")]}


def test_init_writes_a_file_that_check_accepts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name, options in (("pair.toml", ["--example", "pair"]), ("template.toml", [])):
        path = tmp_path / name
        assert cli.main(["init", "-c", str(path), *options]) == exits.OK
        assert cli.main(["check", "-c", str(path)]) == exits.OK
        assert "wrote" in capfd.readouterr().out
    assert cli.main(["init", "-c", str(tmp_path / "no" / "folder.toml")]) == exits.FAILED


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_call_the_program_back(shell: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", shell]) == exits.OK
    assert cli.COMPLETE_VARIABLE in capfd.readouterr().out


def test_names_complete_from_the_file(tmp_path: Path) -> None:
    files.write(tmp_path)

    def complete(words: str) -> list[str]:
        env = {cli.COMPLETE_VARIABLE: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()))}
        done = run(env=env, cwd=tmp_path)
        return [line.partition(",")[2] for line in done.stdout.splitlines()]

    assert complete("hotspare out ") == ["primary", "spare"]
    assert complete("hotspare configure ") == ["controller", "beacon"]
    assert complete("hotspare failback ") == ["pair"]
    assert set(complete("hotspare ")) == set(cli.HELP)


def test_every_exit_code_is_in_the_table_once_and_every_error_has_one() -> None:
    codes = [code for code, _, _ in exits.TABLE]
    assert len(set(codes)) == len(codes)
    assert {exits.OK, exits.FAILED, exits.USAGE, exits.INVALID, exits.UNREACHABLE, exits.NO_OUTCOME} <= set(codes)
    for kind in errors.HotspareError.__subclasses__():
        assert exits.code_of(kind("x")) in codes
    assert exits.code_of(errors.HotspareError("x")) == exits.FAILED


def test_a_reader_who_goes_away_is_no_reason_for_a_word(tmp_path: Path) -> None:
    path = files.write(tmp_path)
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-c", "import sys; from hotspare.cli import main; sys.exit(main())"]
    done = subprocess.run(
        [*command, "check", "-c", path, "--json"], stdout=write_end, stderr=subprocess.PIPE, timeout=30, check=False
    )
    os.close(write_end)
    assert done.stderr == b""
    assert done.returncode == exits.PIPE_CLOSED


def test_ctrl_c_ends_quietly(tmp_path: Path) -> None:
    path = files.write(tmp_path)
    with terminals.behind(fakes.pair_of(files.read(path))):
        script = "import sys; from hotspare.cli import main; sys.exit(main())"
        process = subprocess.Popen(
            [sys.executable, "-c", script, "status", "--watch", "--json", "-c", str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert "pair" in json.loads(process.stdout.readline())["groups"]
        process.send_signal(2)
        _, complained = process.communicate(timeout=10)
    assert complained.strip() == ""
    assert process.returncode == exits.INTERRUPTED


def test_a_mistake_of_our_own_is_a_line_and_a_traceback_only_when_asked_for(tmp_path: Path) -> None:
    script = (
        "import sys, click; from hotspare import cli\n"
        "@cli.root.command('status')\n"
        "def broken(): raise KeyError('oops\\nline')\n"
        "cli.root.get_command = lambda ctx, name: broken\n"
        "sys.exit(cli.main(['status']))"
    )
    done = subprocess.run([sys.executable, "-c", script], text=True, capture_output=True, timeout=30, check=False)
    assert done.returncode == exits.MISTAKE
    assert done.stderr.startswith("hotspare: a mistake of hotspare itself, KeyError(")
    assert len(done.stderr.splitlines()) == 1
    asked = {**os.environ, cli.DEBUG_VARIABLE: "1"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=asked, text=True, capture_output=True, timeout=30, check=False
    )
    assert "Traceback" in done.stderr
