"""Status and explain against fake boards: silent beacons by name, standing requests with the time left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspare.cli import exits
from hotspare_engine import names
from hotspare_engine import words as w
from hotspare_engine.resolver import BY_REQUEST, Situation
from tests import files, terminals
from tests.command import Bench

# kind, unit, source, state, report, as the controller has its paths; the beacon's address is 1
SPARES_OWN = (w.PATH_AGENT, 2, 101, w.ALIVE, w.OK)
PRIMARYS_OWN = (w.PATH_AGENT, 1, 100, w.ALIVE, w.OK)
SILENT_BEACON = [(w.PATH_CROSSLINK_A, 1, 1, w.SILENT, w.OK), (w.PATH_PULSE, 1, 1, w.SILENT, w.OK)]
NAMED = "beacon beacon is silent on all its paths"


@pytest.fixture
def bench(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    made = Bench(files.write(tmp_path), capfd)
    with terminals.behind(made.boards):
        yield made


def explainable(bench: Bench) -> None:
    situation = Situation(1)
    situation.health = list(bench.controller.health)
    bench.controller.situation = situation.values()


@pytest.mark.parametrize(
    ("paths", "health", "why"),
    [
        ([SPARES_OWN, *SILENT_BEACON], w.FAILED, w.WHY_SILENT),
        ([SPARES_OWN, PRIMARYS_OWN, *SILENT_BEACON], w.IMPAIRED, w.WHY_PATH_LOST),
        ([SPARES_OWN, SILENT_BEACON[0], (w.PATH_PULSE, 1, 1, w.NEVER, w.UNKNOWN)], w.FAILED, w.WHY_SILENT),
    ],
    ids=["no path bypasses it", "the unit itself says that it is well", "its pulse was never heard"],
)
def test_F33_a_beacon_that_is_silent_on_all_its_paths_is_named_beside_the_health_of_its_unit(
    bench: Bench, paths: list[tuple[int, ...]], health: int, why: int
) -> None:
    bench.controller.paths = paths
    bench.controller.health, bench.controller.why = (health, w.OK), (why, w.WHY_NOTHING)
    explainable(bench)
    named = f"health: primary is {names.HEALTH_NAMES[health]}; {NAMED}"
    assert bench.run("status") == exits.OK
    assert named in [line.rstrip() for line in bench.out.splitlines()]
    units = bench.json("status")["groups"]["pair"]["units"]
    assert (units["primary"]["silent_beacon"], units["spare"]["silent_beacon"]) == ("beacon", None)
    assert bench.run("explain") == exits.OK
    assert named in [line.rstrip() for line in bench.out.splitlines()]
    assert bench.json("explain")["silent_beacons"] == {"primary": "beacon"}


@pytest.mark.parametrize(
    "states", [(w.SILENT, w.ALIVE), (w.ALIVE, w.SILENT), (w.NEVER, w.NEVER), (w.NEVER, w.ALIVE), (w.ALIVE, w.ALIVE)]
)
def test_F1_a_beacon_that_is_heard_on_a_path_or_never_was_is_not_called_silent(
    bench: Bench, states: tuple[int, int]
) -> None:
    kinds = (w.PATH_CROSSLINK_A, w.PATH_PULSE)
    bench.controller.paths = [(kind, 1, 1, state, w.OK) for kind, state in zip(kinds, states, strict=True)]
    bench.controller.paths.append((w.PATH_AGENT, 2, 101, w.SILENT, w.OK))
    explainable(bench)
    for command in ("status", "explain"):
        assert bench.run(command) == exits.OK
        assert "is silent on" not in bench.out
    assert bench.json("explain")["silent_beacons"] == {}


@pytest.mark.parametrize(
    ("paths", "why"),
    [
        ([SPARES_OWN, (w.PATH_CROSSLINK_A, 1, 1, w.ALIVE, w.FAILED)], "its beacon reports it"),
        ([SPARES_OWN, PRIMARYS_OWN], "its own report"),
    ],
)
def test_F2_a_failure_that_only_the_beacon_reports_is_not_called_the_units_own(
    bench: Bench, paths: list[tuple[int, ...]], why: str
) -> None:
    bench.controller.paths = paths
    bench.controller.health, bench.controller.why = (w.FAILED, w.OK), (w.WHY_REPORTED, w.WHY_NOTHING)
    bench.controller.events = [(0, 1000, w.E_HEALTH, 0, w.FAILED | w.WHY_REPORTED << 8)]
    bench.beacon.events = [(0, 900, w.E_HEALTH, 0, w.FAILED | w.WHY_REPORTED << 8)]
    assert bench.json("status")["groups"]["pair"]["units"]["primary"]["why"] == why
    texts = {row["board"]: row["text"] for row in bench.json("log")["events"]}
    assert texts["controller"] == "primary is failed: its beacon reports it"
    assert texts["beacon"] == "primary is failed: its own report"


def test_status_and_log_fit_80_columns_and_end_no_line_with_blanks(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.controller.paths = [SPARES_OWN, *SILENT_BEACON]
    bench.controller.events = [(it, 1000 + it, w.E_CONTACT, 0, w.AT_PRIMARY | w.RESTS) for it in range(3)]
    monkeypatch.setenv("COLUMNS", "80")
    assert bench.run("status") == exits.OK
    lines = bench.out.splitlines()
    assert "paths of controller: agent alive  crosslink-a silent  pulse silent" in lines
    assert len([line for line in lines if "(power-on)" in line]) == 2
    log = ["log"]
    assert bench.run(*log) == exits.OK
    rows = [line for line in bench.out.splitlines() if "contact: line primary rests at primary" in line]
    assert len(rows) == 3
    for line in lines + bench.out.splitlines():
        assert line == line.rstrip()
        assert len(line) <= 80


def on_the_spare(bench: Bench, stay_ms: int, wtr_ms: int, **fields: int) -> None:
    bench.controller.position = w.AT_SPARE
    situation = Situation(1)
    situation.health, situation.selected, situation.revertive = [w.OK, w.OK], 0, 1
    for name, value in fields.items():
        setattr(situation, name, value)
    bench.controller.situation = (*situation.values(), stay_ms, wtr_ms)


@pytest.mark.parametrize(
    ("fields", "times", "winner", "wanted", "why"),
    [
        ({}, (41_200, 0), "NR", "wanted: primary on the line", "not yet: stay_min_s: it stays for 42s more"),
        ({"wtr": 1}, (0, 299_000), "WTR", None, "not yet: wait to restore: 4m59s left"),
    ],
)
def test_explain_says_who_carries_the_line_what_is_wanted_and_why_it_is_not_yet_so(
    bench: Bench, fields: dict[str, int], times: tuple[int, int], winner: str, wanted: str | None, why: str
) -> None:
    on_the_spare(bench, *times, **fields)
    assert bench.run("explain") == exits.OK
    lines = [line.rstrip() for line in bench.out.splitlines()]
    assert lines[0].startswith(f"group pair: {winner} wins (")
    assert lines[0].endswith("; spare on line primary")
    assert (wanted is None) or wanted in lines
    assert why in lines
    told = bench.json("explain")
    assert (told["spare_carries"], told["state"]) == ("primary", "on-spare")
    assert [f"not yet: {text}" for text in told["not_yet"]] == [why]


def test_status_and_explain_say_that_a_unit_is_degraded_by_its_own_report(bench: Bench) -> None:
    bench.controller.health, bench.controller.why = (w.IMPAIRED, w.OK), (w.WHY_DEGRADED, w.WHY_NOTHING)
    situation = Situation(1)
    situation.health, situation.degraded = [w.IMPAIRED, w.OK], 1
    bench.controller.situation = situation.values()
    assert bench.json("status")["groups"]["pair"]["units"]["primary"]["why"] == "degraded by its own report"
    assert bench.run("explain") == exits.OK
    assert "health: primary is impaired: degraded by its own report" in bench.out
    assert bench.json("explain")["degraded"] == ["primary"]


def test_F28_status_and_explain_name_the_unit_that_flaps(bench: Bench) -> None:
    situation = Situation(1)
    situation.health, situation.flapping = [w.OK, w.OK], 1
    bench.controller.situation = situation.values()
    said = "flapping: primary fails again and again: no automatic return to it"
    assert bench.run("status") == exits.OK
    assert said not in bench.out, "no alarm says so"
    bench.controller.alarms = w.A_FLAPPING
    for command in ("status", "explain"):
        assert bench.run(command) == exits.OK
        assert said in [line.rstrip() for line in bench.out.splitlines()]
    units = bench.json("status")["groups"]["pair"]["units"]
    assert (units["primary"]["flapping"], units["spare"]["flapping"]) == (True, False)
    assert bench.json("explain")["flapping"] == ["primary"]


def test_explain_says_what_the_read_backs_say_where_they_name_no_unit(bench: Bench) -> None:
    explainable(bench)
    bench.controller.position = w.BETWEEN
    assert bench.run("explain") == exits.OK
    assert "; line primary: contacts open" in bench.out
    assert "not yet: line primary: its read-backs say open, it is driven to open" in bench.out


def test_explain_says_that_a_switch_is_under_way(bench: Bench) -> None:
    on_the_spare(bench, 0, 0)
    status = bench.controller.status
    bench.controller.status = lambda: (status()[0], w.SWITCHING, *status()[2:])  # type: ignore[method-assign]
    assert bench.run("explain") == exits.OK
    assert "not yet: a switch is under way" in bench.out


def test_a_request_that_is_about_to_expire_is_said_on_top_and_the_time_left_of_each_below(bench: Bench) -> None:
    bench.controller.standing = [(3, w.LO, 2, 599), (4, w.OUT, 1, 600), (5, w.FS, 2, 0)]
    bench.controller.expiring = {3}  # the board alone decides what is soon
    explainable(bench)
    for command in ("status", "explain"):
        assert bench.run(command) == exits.OK
        lines = bench.out.splitlines()
        assert lines[1] == "expires in 9m59s: id 3  LO (lockout of the spare)  spare"
        assert [line for line in lines if "expires in" in line] == lines[1:2]
        assert [line for line in lines if line.startswith("standing: ")] == [
            "standing: id 3  LO (lockout of the spare)  spare  9m59s left",
            "standing: id 4  OUT (a unit is out of use)  primary  10m left",
            "standing: id 5  FS (forced switch)  spare  until cleared",
        ]
    for standing in (bench.json("status")["groups"]["pair"]["standing"], bench.json("explain")["standing"]):
        assert [(row["left_s"], row["expires_soon"]) for row in standing] == [(599, True), (600, False), (None, False)]


@pytest.mark.parametrize(
    ("winner", "said"), [(w.SF_W, "winner SF-W (primary failed)"), (w.DNR, "winner DNR (do not revert)")]
)
def test_status_says_in_words_which_request_wins(bench: Bench, winner: int, said: str) -> None:
    status = bench.controller.status
    bench.controller.status = lambda: (*status()[:4], winner, *status()[5:])  # type: ignore[method-assign]
    assert bench.run("status") == exits.OK
    assert f"autonomy auto  {said}  keyless" in bench.out.splitlines()[0]
    assert bench.json("status")["groups"]["pair"]["winner"] == said.split()[1]


@pytest.mark.parametrize(
    ("left_s", "ends"),
    [(600, "hotspare clear 3, or its expiry"), (0, "hotspare clear 3")],
    ids=["timed", "until cleared"],
)
def test_explain_names_the_id_of_what_holds_back(bench: Bench, left_s: int, ends: str) -> None:
    bench.controller.standing = [(3, w.LO, 2, left_s)]
    situation = Situation(1)
    situation.health, situation.failed, situation.lockout = [w.FAILED, w.OK], 1, BY_REQUEST
    bench.controller.situation = situation.values()
    assert bench.run("explain") == exits.OK
    assert f"inhibits: lockout of the spare; ends: {ends}" in [line.rstrip() for line in bench.out.splitlines()]


def test_what_the_beacon_alarms_is_shown_where_the_controller_does_not_answer(bench: Bench) -> None:
    bench.controller.feed = lambda data: b""  # type: ignore[method-assign]
    bench.beacon.alarms = w.A_PATH | w.A_CONTROLLER_SILENT
    assert bench.run("status") == exits.UNREACHABLE
    assert "alarms of beacon: path lost, controller silent" in bench.out.splitlines()
    bench.beacon.alarms = 0
    assert bench.run("status") == exits.UNREACHABLE
    assert "alarms of" not in bench.out


def test_F3_a_noisy_path_is_said_beside_its_board_and_by_explain(bench: Bench) -> None:
    bench.controller.paths = [SPARES_OWN, (w.PATH_CROSSLINK_A, 1, 1, w.ALIVE, w.OK)]
    bench.controller.losses = {0: 12, 1: 45}
    situation = Situation(1)
    situation.health, situation.failed, situation.noisy = [w.FAILED, w.OK], 1, 1
    bench.controller.situation = situation.values()
    said = "noise: crosslink-a of controller loses 45 of 1000 beats"
    for command in ("status", "explain"):
        assert bench.run(command) == exits.OK
        assert [line.rstrip() for line in bench.out.splitlines() if line.startswith("noise")] == [said]
    paths = bench.json("status")["boards"]["controller"]["paths"]
    assert {name: (path["loss_permille"], path["noisy"]) for name, path in paths.items()} == {
        "agent": (12, False),
        "crosslink-a": (45, True),
    }
    told = bench.json("explain")
    assert told["noisy"] == {"crosslink-a": 45}
    assert told["held_back_by"] == ["a person is asked", "it fell silent behind noisy paths alone"]


def test_a_cable_that_is_gone_is_said_beside_its_path_and_by_explain(bench: Bench) -> None:
    bench.controller.paths = [SPARES_OWN, PRIMARYS_OWN, *SILENT_BEACON]
    bench.controller.cables = {2: w.CABLE_GONE, 3: w.CABLE_THERE}
    explainable(bench)
    paths = bench.json("status")["boards"]["controller"]["paths"]
    assert {name: path["cable"] for name, path in paths.items()} == {
        "agent": "not sensed",
        "direct-agent": "not sensed",
        "crosslink-a": "gone",
        "pulse": "there",
    }
    assert bench.run("status") == exits.OK
    gone = "cable: gone: crosslink-a of controller; cut, or its other end has no power"
    assert [line.rstrip() for line in bench.out.splitlines() if line.startswith("cable")] == [gone]
    assert bench.run("explain") == exits.OK
    assert gone in [line.rstrip() for line in bench.out.splitlines()]
    assert bench.json("explain")["cables_gone"] == ["crosslink-a"]
