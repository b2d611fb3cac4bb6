"""`hotspare log` against fake boards: filters, forms, what it says when the database can not be used, the picture."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hotspare.cli import exits
from hotspare_engine import words as w
from tests import files, terminals
from tests.command import Bench

PROGRAM = "import sys; from hotspare.program import main; sys.exit(main())"
LIMIT_S = 20.0
# a failover by the controller's record, and the beacon's a little before it
FAILOVER = [
    (0, 100, w.E_BOOT, 0, 1),
    (1, 200, w.E_HEALTH, 0, w.OK),
    (2, 210, w.E_HEALTH, 1, w.OK),
    (3, 220, w.E_STATE, w.NORMAL, w.NONE),
    (4, 230, w.E_CONTACT, 0, w.AT_PRIMARY | w.RESTS),
    (5, 4005, w.E_HEALTH, 0, w.FAILED | w.WHY_REPORTED << 8),
    (6, 4005, w.E_STATE, w.SWITCHING, w.SF_W),
    (7, 4005, w.E_WINNER, w.SF_W, 1 << w.TARGET_SHIFT),
    (8, 4006, w.E_DRIVE, 0, w.AT_SPARE),
    (9, 4012, w.E_CONTACT, 0, w.BETWEEN),
    (10, 4020, w.E_CONTACT, 0, w.AT_SPARE | w.RESTS),
    (11, 4020, w.E_SWITCHED, 0, 15),
    (12, 4020, w.E_STATE, w.ON_SPARE, w.SF_W),
]


@pytest.fixture
def bench(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    made = Bench(files.write(tmp_path), capfd)
    made.controller.events = list(FAILOVER)
    made.beacon.events = [(0, 50, w.E_BOOT, 0, 1), (1, 3990, w.E_HEALTH, 0, w.FAILED | w.WHY_REPORTED << 8)]
    with terminals.behind(made.boards):
        yield made


def numbers(bench: Bench, *args: str) -> list[tuple[str, int]]:
    return [(it["board"], it["number"]) for it in bench.json("log", *args)["events"]]


def test_filters_take_boards_groups_kinds_numbers_and_the_newest(bench: Bench) -> None:
    assert len(numbers(bench)) == 15
    assert numbers(bench, "--board", "beacon") == [("beacon", 0), ("beacon", 1)]
    assert numbers(bench, "pair", "--event", "drive", "--event", "switched") == [("controller", 8), ("controller", 11)]
    assert numbers(bench, "--numbers", "4-6") == [("controller", 4), ("controller", 5), ("controller", 6)]
    assert numbers(bench, "--numbers", "12") == [("controller", 12)]
    assert numbers(bench, "--last", "2") == [("controller", 11), ("controller", 12)]
    assert numbers(bench, "--since", "1h", "--until", "10m") == []
    assert len(numbers(bench, "--since", "1m")) == 15
    assert numbers(bench, "--since", "2100-01-01T00:00") == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--event", "drvie"], "there is no event 'drvie': did you mean 'drive'?"),
        (["--since", "yesterday"], "'yesterday' is no time: a duration ago, as in 2h or 1h30m"),
        (["--since", "1m", "--until", "1h"], "--since is later than --until"),
        (["--numbers", "9-4"], "'9-4' are no numbers of events"),
        (["--board", "beacn"], "did you mean beacon?"),
        (["--picture", "x.png"], "--picture draws SVG: name a file that ends with .svg"),
        (["--json", "--csv"], "exclude one another"),
        (["--follow", "--offline"], "choose one"),
    ],
)
def test_what_is_asked_for_wrongly_is_one_line_before_any_board_is_asked(
    bench: Bench, args: list[str], said: str
) -> None:
    assert bench.run("log", *args) == exits.USAGE
    assert said in bench.err
    assert len(bench.err.splitlines()) == 1
    assert bench.controller.told_kept == []


def test_csv_has_a_column_for_each_thing_that_json_has(bench: Bench) -> None:
    rows = bench.json("log")["events"]
    assert bench.run("log", "--csv") == exits.OK
    read = list(csv.DictReader(io.StringIO(bench.out)))
    assert [list(row) for row in read] == [list(read[0])] * len(rows)
    assert set(read[0]) == set(rows[0])
    assert [row["text"] for row in read] == [row["text"] for row in rows]


def test_what_is_stored_is_shown_without_any_board(bench: Bench) -> None:
    assert bench.run("log", "--offline") == exits.FAILED
    assert "hotspare.db is not there: hotspare log, without --offline, makes it" in bench.err
    before = numbers(bench)
    bench.controller.feed = bench.beacon.feed = lambda data: b""  # type: ignore[method-assign]
    assert numbers(bench, "--offline") == before


def test_the_file_names_where_the_log_is(bench: Bench, tmp_path: Path) -> None:
    bench.path.write_text('log = "logs/rack.db"\n' + bench.path.read_text())
    assert bench.run("log") == exits.FAILED
    assert "rack.db can not be opened: make its folder, and let this user write there" in bench.err
    (tmp_path / "logs").mkdir()
    assert bench.run("log") == exits.OK
    assert sorted(it.name for it in (tmp_path / "logs").iterdir()) == ["rack.db"]


def test_f24_where_no_database_can_be_had_the_boards_are_shown_and_nothing_is_acknowledged(
    bench: Bench, tmp_path: Path
) -> None:
    (tmp_path / "hotspare.db").mkdir()
    assert bench.run("log") == exits.FAILED
    assert "switched: spare on line primary" in bench.out
    assert bench.err.count("hotspare.db can not be opened") == 1
    assert len(bench.err.splitlines()) == 1
    assert bench.controller.told_kept == bench.beacon.told_kept == []


def test_f24_a_disk_that_is_full_is_said_once_and_the_boards_are_shown(bench: Bench, tmp_path: Path) -> None:
    argv = [sys.executable, "-c", PROGRAM, "log", "-c", str(bench.path)]
    limited = f"ulimit -f 8; exec {' '.join(json.dumps(it) for it in argv)}"  # no file may grow beyond 8 KiB
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == exits.FAILED
    assert len(done.stderr.splitlines()) == 1
    assert "hotspare.db" in done.stderr
    assert "the boards keep what was not acknowledged" in done.stderr
    assert "switched: spare on line primary" in done.stdout
    assert bench.controller.told_kept == bench.beacon.told_kept == []
    assert bench.run("log") == exits.OK
    assert bench.controller.told_kept == [(bench.controller.recorder, 13)]


def test_following_tells_each_event_once_and_ends_with_a_signal(bench: Bench) -> None:
    argv = [sys.executable, "-c", PROGRAM, "log", "-c", str(bench.path), "--follow", "--json"]
    process = subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    told = [json.loads(process.stdout.readline()) for _ in range(15)]
    bench.controller.events.append((13, 4500, w.E_ARMED, 0, 0))
    told.append(json.loads(process.stdout.readline()))
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    rest, err = process.communicate(timeout=LIMIT_S)
    assert (rest, err.strip()) == (b"", b"")
    assert sorted((it["board"], it["number"]) for it in told) == sorted(
        [*(("controller", number) for number in range(14)), ("beacon", 0), ("beacon", 1)]
    )
    assert told[-1]["text"] == "disarmed"


def test_a_failover_is_drawn_with_its_marks_in_ms_from_the_cause(bench: Bench, tmp_path: Path) -> None:
    target = tmp_path / "failover.svg"
    assert bench.run("log", "--picture", str(target)) == exits.OK
    assert bench.out.startswith("drew pair: SF-W, spare on line primary, 15 ms from decision to contact into")
    root = ElementTree.fromstring(target.read_text(encoding="utf-8"))
    texts = ["".join(it.itertext()) for it in root.iter("{http://www.w3.org/2000/svg}text")]
    lanes = [
        "board controller",
        "board beacon",
        "unit primary",
        "unit spare",
        "relay primary",
        "line primary",
        "winner",
    ]
    assert [text for text in texts if text in lanes] == lanes
    marks = [text.split(" ")[0] for text in texts if text.endswith(" ms") and text[0].isalpha()]
    assert marks == ["cause", "decision", "drive", "contact"]


def test_a_failover_is_drawn_in_the_terminal(bench: Bench) -> None:
    assert bench.run("log", "--picture", "-") == exits.OK
    lines = bench.out.splitlines()
    (contact,) = [line for line in lines if line.strip().startswith("line primary")]
    lane = contact.strip().removeprefix("line primary ")
    assert lane.strip("P").strip("S").strip("/") == ""
    assert lane[0] + lane[-1] == "PS"
    assert [line.split()[2] for line in lines if " ms  " in line and line.strip()[0].isdigit()] == [
        "cause",
        "decision",
        "drive",
        "contact",
    ]


def test_a_log_without_a_switch_has_nothing_to_draw(bench: Bench) -> None:
    bench.controller.events = []
    assert bench.run("log", "--picture", "-") == exits.USAGE
    assert "there is no switch of the load in this log to draw" in bench.err
