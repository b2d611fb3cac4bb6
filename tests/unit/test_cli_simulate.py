"""`hotspare simulate` as an engineer meets it: what it prints, what it refuses before it works, and how it ends."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hotspare import cli
from hotspare.cli import exits, forecast_plain, forecast_text
from hotspare.errors import UsageMistake
from hotspare.simulator import forecast, trials
from tests import files

LIMIT_S = 50.0
SHORT = ("--hours", "0.002", "--trials", "1", "--jobs", "1")
NO_PULSE = {"board.beacon.crosslink_b": "none", "board.controller.crosslink_b": "none", "group.pair.beats": 2}


@pytest.fixture(scope="module", autouse=True)
def _fonts() -> None:
    """The picture's library opens its fonts once and keeps them."""
    if importlib.util.find_spec("matplotlib") is not None:
        from hotspare.simulator import picture

        group = files.pair().groups[0]
        picture.draw([forecast.Study(group)], forecast.Wish(1, 1000, (1e-3,), "none", 1, 0, 1), "png")


def simulate(path: Path, capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = cli.main(["simulate", "-c", str(path), *args])
    return code, *capfd.readouterr()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return files.write(tmp_path, NO_PULSE)


def test_it_prints_failovers_noise_protection_laws_and_advice(
    path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    code, out, err = simulate(path, capfd, *SHORT, "--seed", "4")
    assert (code, err) == (exits.OK, "")
    for text in (
        "1 trial a cause, 0.002 h of noise at a bit error rate of 0.001 and 0.0001, 0.002 h with faults (rare: ",
        "something happens every 5 to 60 s); seed 4",
        "11.2 s to boot, 5 ms to a step, 27 ms a collection, as measured on an RP2040 (kind pico)",
        "group pair  primary | spare spare",
        "every crosslink of primary is cut",
        "crosslink-a alone",
        "BER 0.0001, 0.002 h: no unit that is well was believed failed: at most 16,000,000 a year",
        "unprotected at BER 0.001:",
        "unprotected with rare faults:",
        "laws broken: none (1 world, ",
        "what would do better, predicted at BER 0.0001, those that wait for a person among them:",
        'crosslink_b = "pulse" instead of "none": false failovers ',
        "failover no later; simulated:",
    ):
        assert text in out, text
    assert len(re.findall(r"^primary .*  0$", out, re.MULTILINE)) == 3, "none beyond"


def test_json_has_every_figure_and_nothing_else_on_stdout(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = simulate(path, capfd, *SHORT, "--ber", "0.002", "--json")
    assert (code, err) == (exits.OK, "")
    found: dict[str, Any] = json.loads(out)
    assert set(found) == {"file", "seed", "hours", "trials", "faults", "chip", "kept", "groups"}
    assert found["kept"] is True
    assert found["chip"] == {"boot_ms": 11200.0, "latency_ms": 5.0, "collection_ms": 27.0}
    group = found["groups"]["pair"]
    assert set(group) == {"never_well", "failovers", "noise", "faults", "advice"}
    assert [row["trials"] for row in group["failovers"]] == [1] * 4
    (noise,) = group["noise"]
    assert noise["bit_error_rate"] == 0.002
    assert [row["on"] for row in noise["on"]] == ["crosslink-a alone", "the agent's cable"]
    assert all(row["predicted_a_year"] > 0 for row in noise["on"])
    assert noise["false_failovers_a_year"]["low"] <= noise["false_failovers_a_year"]["high"]
    assert group["faults"]["laws_broken_count"] == 0
    assert all(row["bit_error_rate"] == 0.002 for row in group["advice"])


def test_seeds_are_worlds_and_one_group_of_many_may_be_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "hotspare.toml"
    path.write_text(files.as_toml(files.many(2)), encoding="utf-8")
    name = files.read(path).groups[1].name
    monkey = ("--seeds", "1", "--trials", "1", "--jobs", "1", "--faults", "none", "--ber", "1e-6", name, "--json")
    code, out, _ = simulate(path, capfd, *monkey)
    found = json.loads(out)
    assert code == exits.OK
    assert found["hours"] == pytest.approx(1 / 12)
    assert list(found["groups"]) == [name]
    assert found["groups"][name]["faults"] is None


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("--faults", "often"), exits.USAGE, "'often' is not one of 'none', 'rare', 'dense'"),
        (("--ber", "0.2"), exits.USAGE, "0.2 is not in the range"),
        (("--ber", "0"), exits.USAGE, "0.0 is not in the range"),
        (("--ber", "nan"), exits.USAGE, "nan is not in the range"),
        (("--hours", "0"), exits.USAGE, "0.0 is not in the range"),
        (("--hours", "inf"), exits.USAGE, "inf is not in the range"),
        (("--seeds", "0"), exits.USAGE, "0 is not in the range"),
        (("--trials", "0"), exits.USAGE, "0 is not in the range"),
        (("--jobs", "0"), exits.USAGE, "0 is not in the range"),
        (("--hours", "1", "--seeds", "2"), exits.USAGE, "--hours and --seeds both say how much to simulate"),
        (("--plot", "a.pdf"), exits.USAGE, "--plot draws .svg or .png: a.pdf ends otherwise"),
        (("--plot", "/nowhere/a.svg"), exits.USAGE, "/nowhere/a.svg can not be written: no such file or directory"),
        (("--plot", ""), exits.USAGE, "it is empty"),
        (("elsewhere",), exits.USAGE, 'has no group "elsewhere": known: pair'),
        (("-c", "nothing.toml"), exits.INVALID, "nothing.toml is not there: hotspare init writes one"),
    ],
)
def test_what_can_not_be_is_one_line_before_anything_is_simulated(
    path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    args: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    monkeypatch.setattr(forecast, "simulate", lambda *_: pytest.fail("it began"))
    found, out, err = simulate(path, capfd, *args)
    assert (found, out) == (code, "")
    assert says in err
    assert len(err.splitlines()) == 1


def test_a_group_without_a_controller_is_refused_as_check_does(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = files.write(tmp_path, {"group.pair.controller": None})
    code, out, err = simulate(path, capfd)
    assert (code, out) == (exits.INVALID, "")
    assert "group.pair.controller is missing" in err


def test_without_matplotlib_a_plot_is_refused_with_what_brings_it(
    path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    code, out, err = simulate(path, capfd, "--plot", str(path.parent / "a.svg"))
    assert (code, out) == (exits.USAGE, "")
    assert err == ("hotspare: --plot needs matplotlib, which is not installed: pip install 'hotspare[plot]'\n")


@pytest.mark.parametrize(("name", "head"), [("a.svg", b"<?xml"), ("a.png", b"\x89PNG\r\n")])
def test_it_is_drawn(path: Path, capfd: pytest.CaptureFixture[str], name: str, head: bytes) -> None:
    pytest.importorskip("matplotlib")
    target = path.parent / name
    code, out, err = simulate(path, capfd, *SHORT, "--faults", "none", "--plot", str(target))
    assert (code, err) == (exits.OK, "")
    assert out.endswith(f"drawn: {target}\n")
    assert "bit error rate of 0.001 and 0.0003 and 0.0001" in out
    drawn = target.read_bytes()
    assert drawn.startswith(head)
    assert len(drawn) > 10_000


def test_a_refused_plot_leaves_no_file_and_a_file_that_is_there_as_it_is(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from hotspare.simulator import picture

    fresh, kept, empty, folder, pipe = (tmp_path / f"{name}.svg" for name in "abcde")
    kept.write_text("mine")
    empty.touch()
    folder.mkdir()
    os.mkfifo(pipe)
    for path in (fresh, kept, empty):
        assert picture.prepare(path)
    assert not fresh.exists()
    assert kept.read_text() == "mine"
    assert empty.exists()
    for path in (folder, pipe):
        with pytest.raises(UsageMistake, match="it is no file"):
            picture.prepare(path)


def test_a_broken_law_a_late_failover_and_a_missing_one_are_told_with_seeds_and_end_with_1(
    path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    group = files.read(path).groups[0]
    power, hang, *_ = trials.causes_of(group)

    def found(listed: list[forecast.Study], todo: list[forecast.Task], jobs: int) -> Any:
        study = listed[0]
        study.trials = [
            trials.Trial(power, 11, 1.0, 5000.0),
            trials.Trial(power, 12, 1.0, 2.0),
            trials.Trial(hang, 13, 1.0, None, "disarmed"),
        ]
        study.ordeal.worlds = 2
        study.ordeal.broken = {7: "L2 at 12 ms: energised"}
        yield 1.0

    monkeypatch.setattr(forecast, "simulate", found)
    code, out, _ = simulate(path, capfd, *SHORT)
    assert code == exits.FAILED
    assert "1 of 2 beyond the limit, primary and its board lose power (seeds 11)" in out
    assert "1 of 1 not done, primary hangs, its board lives: disarmed (seeds 13)" in out
    assert "LAW BROKEN: L2 at 12 ms: energised; again: -c FILE --faults rare --seed 7 --trace" in out


def test_rates_have_two_figures_that_count() -> None:
    shown = [forecast_text.rate(it) for it in (0.0, 3e-7, 0.0123, 1.0, 6.283, 99.4, 129_075.2)]
    assert shown == ["0", "3e-07", "0.012", "1", "6.3", "99", "130,000"]
    assert [forecast_text.share(it) for it in (0.0, 0.00021, 0.5, 1.0)] == ["0.0 %", "0.021 %", "50.0 %", "100.0 %"]


def test_a_row_that_differs_says_in_which_direction() -> None:
    from hotspare.simulator.noisy import SILENT, Tally

    study = forecast.Study(files.pair(NO_PULSE).groups[0])
    for count, says in ((0, "differ, fewer"), (260, "agree"), (2000, "differ, MORE")):
        study.noise = {1e-3: Tally(ms=500_000)}
        study.noise[1e-3].believed[0, SILENT] = count
        row = forecast_plain.of_noise(study, 1e-3)["on"][0]
        assert forecast_text._verdict(row, 500 / 3600) == says


@pytest.mark.parametrize("delay_s", [0.5, 2.5])
def test_ctrl_c_ends_it_and_its_processes_with_130_and_no_traceback(path: Path, delay_s: float) -> None:
    command = [sys.executable, "-c", "import sys; from hotspare.program import main; sys.exit(main())"]
    process = subprocess.Popen(
        [*command, "simulate", "-c", str(path), "--hours", "50", "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(delay_s)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode in (exits.INTERRUPTED, -signal.SIGINT)
    assert (out, err.strip()) == ("", "")
    assert not members(process.pid), "its workers are gone"


def members(group: int) -> list[str]:
    """Return the processes of a group, once those that only end had time for it."""
    found: list[str] = []
    for _ in range(50):
        found = []
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(entry.parent.name)
        if not found:
            return []
        time.sleep(0.1)
    return found


def test_on_a_terminal_there_is_a_bar_and_stdout_is_free_of_it(path: Path) -> None:
    master, slave = os.openpty()
    command = [sys.executable, "-c", "import sys; from hotspare.program import main; sys.exit(main())"]
    process = subprocess.Popen(
        [*command, "simulate", "-c", str(path), *SHORT, "--faults", "none", "--json"],
        stdout=subprocess.PIPE,
        stderr=slave,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(slave)
    shown = b""
    try:
        while part := _read(master):
            shown += part
        out, _ = process.communicate(timeout=LIMIT_S)
    finally:
        os.close(master)
    assert process.returncode == exits.OK
    assert json.loads(out)["kept"] is True
    assert b"simulating" in shown
    assert b"%" in shown


def _read(master: int) -> bytes:
    try:
        return os.read(master, 4096)
    except OSError:  # the other end is closed
        return b""
