"""Commands against fake boards behind pseudo terminals: what they ask, what they say, how they end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspare import cli
from hotspare.cli import exits
from hotspare.port import Port
from hotspare_engine import words as w
from tests import fakes, files, terminals
from tests.command import Bench


@pytest.fixture
def bench(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    made = Bench(files.write(tmp_path), capfd)
    with terminals.behind(made.boards):
        yield made


def test_status_shows_units_lines_boards_and_alarms(bench: Bench) -> None:
    bench.controller.alarms = w.A_PATH
    bench.controller.standing = [(3, w.LO, 2, 7200)]
    bench.controller.health = (w.OK, w.FAILED)
    assert bench.run("status") == exits.OK
    for word in ("group pair", "armed", "path lost", "2h left", "failed", "controller at the spare"):
        assert word in bench.out
    view = bench.json("status")
    assert view["groups"]["pair"]["lines"]["primary"]["active"] == "primary"
    assert view["groups"]["pair"]["units"]["spare"] == {
        "role": "spare",
        "health": "failed",
        "why": "nothing to report",
        "active": False,
        "told": "standby",
        "acknowledges": "standby",
        "silent_beacon": None,
        "flapping": False,
    }
    assert view["boards"]["beacon"]["as_file"] is True


def test_status_names_a_board_that_does_not_answer_and_shows_the_rest(bench: Bench) -> None:
    bench.beacon.feed = lambda data: b""  # type: ignore[method-assign]
    assert bench.run("status") == exits.UNREACHABLE
    assert "beacon: nothing answers on" in bench.err
    assert "group pair" in bench.out
    assert "not reached" in bench.out


def test_status_names_a_board_with_another_configuration(bench: Bench) -> None:
    other = files.pair({"group.pair.beats": 9}).groups[0]
    bench.beacon.configured(other)
    assert bench.run("status") == exits.INVALID
    assert "beacon has another configuration than the file: hotspare configure beacon" in bench.err
    bench.beacon.kept = b""
    assert bench.run("status") == exits.INVALID
    assert "beacon has no configuration: hotspare configure beacon" in bench.err


def test_status_names_a_board_with_another_firmware(bench: Bench) -> None:
    bench.beacon.firmware = "0.0.9"
    assert bench.run("status") == exits.INVALID
    assert "beacon runs firmware 0.0.9 build" in bench.err


def test_swapped_ports_are_named_before_anything_is_asked(bench: Bench) -> None:
    bench.controller.name, bench.controller.address = "beacon", 1
    assert bench.run("switchover") == exits.UNREACHABLE
    assert "is beacon with address 1, the file says controller with 2" in bench.err
    assert bench.controller.asked == []


def test_a_busy_port_is_named_and_nothing_is_asked(bench: Bench) -> None:
    held = Port(bench.configuration.board("controller").port, "controller")
    assert bench.run("switchover") == exits.UNREACHABLE
    assert "is in use by another program" in bench.err
    held.close()
    assert bench.run("switchover") == exits.OK


@pytest.mark.parametrize(
    ("args", "asked"),
    [
        (["switchover"], (w.MS, 2, 0, 0, 0)),
        (["switchover", "pair", "--to", "spare"], (w.MS, 2, 0, 0, 0)),
        (["switchover", "--to", "primary"], (w.MS_P, 1, 0, 0, 0)),
        (["switchover", "--force"], (w.FS, 2, 0, 0, 0)),
        (["switchover", "--force", "--to", "primary"], (w.FS, 1, 0, 0, 0)),
        (["switchover", "--onto-failed", "spare"], (w.FX, 2, 0, 0, 0)),
        (["switchover", "--drop-service"], (w.MS, 2, 0, 0, w.DROP_SERVICE)),
        (["switchover", "--dry-run"], (w.MS, 2, 0, 0, w.DRY)),
        (["failback"], (w.MS_P, 1, 0, 0, 0)),
        (["out", "spare"], (w.OUT, 2, 0, 7200, 0)),
        (["out", "primary", "--for", "90s"], (w.OUT, 1, 0, 90, 0)),
        (["out", "primary", "--until-cleared", "--drop-service"], (w.OUT, 1, 0, 0, w.DROP_SERVICE)),
        (["lockout", "--for", "1d"], (w.LO, 2, 0, 86_400, 0)),
        (["clear", "7"], (w.CLEAR, 0, 7, 0, 0)),
        (["clear", "relay", "pair"], (w.CLEAR_RELAY, 0, 0, 0, 0)),
        (["arm"], (w.ARM, 0, 0, 0, 0)),
        (["disarm"], (w.DISARM, 0, 0, 0, 0)),
        (["approve", "7"], (w.APPROVE, 0, 7, 0, 0)),
        (["approve", "65535", "pair"], (w.APPROVE, 0, 65535, 0, 0)),
        (["approve", "7", "--dry-run"], (w.APPROVE, 0, 7, 0, w.DRY)),
        (["reject", "7", "pair"], (w.REJECT, 0, 7, 0, 0)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value[0], str) else None,
)
def test_a_command_asks_the_controller_for_what_was_said(bench: Bench, args: list[str], asked: tuple[int, ...]) -> None:
    assert bench.run(*args) == exits.OK
    assert bench.asked == asked


def test_a_switchover_says_what_the_contacts_did_and_how_long_it_took(bench: Bench) -> None:
    assert bench.run("switchover") == exits.OK
    assert bench.out.startswith(
        "switchover of pair to spare: done; line primary: primary -> spare, 14 ms from decision to contact"
    )
    told = bench.json("failback")
    assert told["verdict"] == "done"
    assert told["took_ms"] == 14
    assert told["moved"] == ["line primary: spare -> primary"]
    assert told["lines"]["primary"]["active"] == "primary"


def test_a_refusal_is_a_line_with_who_outranks_it_and_a_non_zero_exit(bench: Bench) -> None:
    bench.answer(w.OUTRANKED, w.LO, 3, 2, 0, 0)
    assert bench.run("switchover") == exits.FAILED
    assert bench.out == ""
    assert bench.err == (
        "hotspare: switchover of pair to spare refused: outranked: by LO (lockout of the spare); "
        "hotspare clear 3 ends it\n"
    )
    told = bench.json("switchover")
    assert (told["refused"], told["by"], told["id"]) == (True, "LO", 3)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((w.NOT_WELL, 0, 0, 2, 0, 0), "spare is failed (every path silent): mend it, or say --onto-failed spare"),
        ((w.NOT_WELL, 0, 0, 1, 0, 0), "primary is unknown (not heard yet): mend it, or say --onto-failed primary"),
        ((w.IS_OUT, w.OUT, 0, 2, 0, 0), "spare: hotspare clear 4 ends that"),
        ((w.OUTRANKED, w.FX, 5, 0, 0, w.I_FORCED), "itself held back: a forced switch stands (hotspare clear 5)"),
        ((w.WOULD_DROP, 0, 0, 2, 0, 0), "mend it, or say --drop-service"),
        ((w.HELD_BACK, 0, 0, 2, 0, w.I_RELAY), "repair it, then hotspare clear relay"),
        ((w.NO_SUCH_ID, 0, 9, 0, 0, 0), "what stands is 4 (OUT), 5 (FX)"),
        ((w.FELL_BACK, 0, 1, 2, 0, 0), "repair it, then hotspare clear relay"),
        ((w.PREEMPTED, w.SF_W, 0, 2, 0, 0), "by SF-W (primary failed)"),
        (
            (w.OUTRANKED, w.LO, 0, 2, 0, w.I_LOCAL),
            "by LO: the lockout switch at the controller is on (turn the switch back",
        ),
        ((w.NOT_CONTROLLER, 0, 0, 0, 0, 0), "hotspare configure"),
        ((w.BUSY, 0, 0, 0, 0, 0), "ask again when it has ended"),
        ((w.OUTRANKED, w.SF_W, 0, 0, 0, w.I_ASKING), "itself held back: a person is asked (hotspare approve ID"),
        ((w.BAD_VALUE, 0, 0, 0, 0, 0), "a value out of range"),
        ((200, 0, 0, 0, 0, 0), "code 200"),
    ],
)
def test_every_refusal_says_how_to_mend_it(bench: Bench, reply: tuple[int, ...], words: str) -> None:
    bench.controller.standing = [(4, w.OUT, 2, 0), (5, w.FX, 2, 0)]
    bench.controller.health = (w.UNKNOWN, w.FAILED)
    bench.controller.why = (w.WHY_NOTHING, w.WHY_SILENT)
    bench.answer(*reply)
    assert bench.run("switchover") == exits.FAILED
    assert words in bench.err
    assert len(bench.err.splitlines()) == 1


@pytest.mark.parametrize("word", ["approve", "reject"])
def test_f32_an_id_that_is_not_pending_is_refused_with_what_is_and_how_to_answer_it(bench: Bench, word: str) -> None:
    bench.answer(w.NOT_PENDING, w.SF_W, 9, 2, 0, 0)
    assert bench.run(word, "3") == exits.FAILED
    assert bench.err == (
        f"hotspare: {word} 3 of pair refused: not pending: what waits now is id 9, SF-W (primary failed), "
        "spare onto the line: hotspare approve 9 pair\n"
    )
    told = bench.json(word, "3")
    assert (told["refused"], told["by"], told["id"], told["unit"]) == (True, "SF-W", 9, "spare")


def test_f32_an_id_is_refused_where_nothing_is_pending_with_what_wins(bench: Bench) -> None:
    bench.answer(w.NOT_PENDING, w.NR, 0, 0, 0, 0)
    assert bench.run("approve", "3") == exits.FAILED
    assert "refused: not pending: nothing waits for approval: NR (none) wins" in bench.err
    assert bench.json("approve", "3")["id"] is None


def test_an_approval_says_what_the_contacts_did_and_a_rejection_that_it_is_done(bench: Bench) -> None:
    def obey(values: tuple[int, ...]) -> list[tuple[int, ...]]:
        bench.controller.position = w.AT_SPARE
        return [(values[0], w.ACCEPTED, 0, 7, 2, 0, 0), (values[0], w.DONE, 0, 7, 2, 15, 0)]

    bench.controller.reply = obey
    assert bench.run("approve", "7") == exits.OK
    assert bench.out == ("approve 7 of pair: done; line primary: primary -> spare, 15 ms from decision to contact\n")
    bench.answer(w.DONE, 0, 7, 2, 0, 0)
    assert bench.run("reject", "7") == exits.OK
    assert bench.out == "reject 7 of pair: done\n"


PENDING = (7, w.SF_W, 1, 12_900, 287_100, w.ASK)


@pytest.mark.parametrize(
    ("pending", "inhibitors", "words"),
    [
        (
            PENDING,
            w.I_ASKING,
            "approval is asked for: id 7 SF-W (primary failed) spare onto the line, for 12s, 4m48s left",
        ),
        (PENDING, w.I_ASKING, "then it is asked again hotspare approve 7 pair, or hotspare reject 7 pair"),
        ((*PENDING[:5], w.ASK_THEN_AUTO), w.I_ASKING, "4m48s left, then it is done hotspare approve 7 pair"),
        ((7, w.NR, 0, 1000, 5000, w.ASK_THEN_AUTO), w.I_ASKING | w.I_ATTEMPTS, "5s left, then it is asked again"),
        ((7, w.NR, 0, 1000, 5000, w.ASK), w.I_ASKING, "NR (none) primary onto the line, for 1s"),
        (
            (7, w.SF_W, 1, 0, 0, w.ASK),
            w.I_REJECTED,
            "rejected: id 7 SF-W (primary failed) spare onto the line, for 0s hotspare approve 7 pair",
        ),
        ((7, w.SF_W, 1, 0, 0, w.MANUAL), w.I_MANUAL, "onto the line, for 0s hotspare approve 7 pair does it"),
        ((7, w.SF_W, 1, 0, 0, w.SHADOW), w.I_SHADOW, "pending in autonomy shadow: id 7 SF-W"),
        (PENDING, w.I_DISARMED, "pending, and something else holds it back: id 7"),
    ],
)
def test_status_and_explain_show_what_is_pending_its_age_the_time_left_and_how_to_answer(
    bench: Bench, pending: tuple[int, ...], inhibitors: int, words: str
) -> None:
    from hotspare_engine.resolver import Situation

    situation = Situation(1)
    situation.health, situation.failed = [w.FAILED, w.OK], 1
    situation.autonomy = pending[5]
    situation.pending_winner, situation.pending_target = pending[1], pending[2] - 1
    bench.controller.situation = situation.values()
    bench.controller.pending, bench.controller.inhibitors = pending, inhibitors
    for command in ("status", "explain"):
        assert bench.run(command) == exits.OK
        assert words in " ".join(bench.out.split())
    told = bench.json("status")["groups"]["pair"]
    assert told["autonomy"] == bench.json("explain")["autonomy"]
    assert told["pending"] == bench.json("explain")["pending"]
    assert told["pending"]["id"] == 7
    assert told["pending"]["age_ms"] == pending[3]
    assert told["pending"]["left_ms"] == (pending[4] or None)
    assert told["pending"]["approve"] == "hotspare approve 7 pair"


def test_where_nothing_is_pending_status_shows_the_autonomy_alone(bench: Bench) -> None:
    bench.controller.pending = (0, 0, 0, 0, 0, w.MANUAL)
    assert bench.run("status") == exits.OK
    assert "armed  autonomy manual  winner NR" in bench.out
    assert "pending" not in bench.out
    assert bench.json("status")["groups"]["pair"]["pending"] is None


def test_what_stands_afterwards_is_said_with_its_id(bench: Bench) -> None:
    def stands_then(values: tuple[int, ...]) -> list[tuple[int, ...]]:
        bench.controller.standing = [(1, w.LO, 2, values[4])]
        return [(values[0], w.DONE, 0, 1, 2, 0, 0)]

    bench.controller.reply = stands_then
    assert bench.run("lockout") == exits.OK
    assert "stands as id 1, for 2h from now" in bench.out
    bench.controller.standing.clear()
    assert bench.run("lockout", "--until-cleared") == exits.OK
    assert "stands as id 1, until cleared" in bench.out


@pytest.mark.parametrize(
    ("args", "end"),
    [(["--for", "4h"], "for 4h from now"), (["--until-cleared"], "until cleared"), ([], "for 2h from now")],
)
def test_what_stood_already_is_said_with_its_id_and_its_new_end(bench: Bench, args: list[str], end: str) -> None:
    bench.controller.standing = [(3, w.OUT, 1, 600)]
    bench.answer(w.DONE, 0, 3, 1, 0, 0)
    assert bench.run("out", "primary", *args) == exits.OK
    assert bench.out == f"taking primary out of use: done; stood already as id 3, stands {end}\n"
    assert bench.run("out", "primary", *args, "--dry-run") == exits.OK
    assert bench.out == f"taking primary out of use: stands already as id 3; would then stand {end}\n"


def test_a_failback_says_which_switchover_it_ended(bench: Bench) -> None:
    def obey(values: tuple[int, ...]) -> list[tuple[int, ...]]:
        bench.controller.standing = []
        return [(values[0], w.DONE, 0, 2, 1, 14, 0)]

    bench.controller.standing = [(1, w.MS, 2, 0)]
    bench.controller.reply = obey
    assert bench.run("failback") == exits.OK
    assert bench.out == "failback of pair: done; no contact moved; ended id 1 (switchover)\n"


def test_a_dry_run_does_nothing_and_says_so(bench: Bench) -> None:
    bench.answer(w.ACCEPTED, 0, 0, 2, 0, 0)
    assert bench.run("switchover", "--dry-run") == exits.OK
    assert bench.out == "switchover of pair to spare: would be done\n"
    bench.answer(w.NOTHING, 0, 0, 2, 0, 0)
    assert bench.run("switchover", "--dry-run") == exits.OK
    assert bench.out == "switchover of pair to spare: nothing to do\n"


def test_acting_on_a_board_with_another_configuration_is_done_and_said(bench: Bench) -> None:
    bench.controller.configured(files.pair({"group.pair.beats": 9}).groups[0])
    assert bench.run("switchover") == exits.OK
    assert "controller runs another configuration than the file: hotspare configure controller" in bench.err


def test_the_log_merges_the_boards_memories_in_order_of_time(bench: Bench) -> None:
    bench.controller.events = [(0, 1000, w.E_BOOT, 0, 1), (1, 4000, w.E_SWITCHED, 0, 14)]
    bench.beacon.events = [(5, 2500, w.E_HEALTH, 0, w.FAILED | w.WHY_SILENT << 8)]
    told = bench.json("log")
    assert [(it["board"], it["number"]) for it in told["events"]] == [
        ("controller", 0),
        ("beacon", 0),
        ("beacon", 5),
        ("controller", 1),
    ]
    assert told["events"][1]["text"] == "5 events, 0 to 4, were gone before this log was read"
    assert told["events"][2]["text"] == "primary is failed: every path silent"
    assert all(it["off_ms"] < 1000 for it in told["events"])
    assert bench.run("log") == exits.OK
    assert "primary is failed" in bench.out


def test_the_log_of_boards_without_events_says_so(bench: Bench) -> None:
    assert bench.run("log") == exits.OK
    assert bench.out == "no events\n"


def test_explain_is_the_resolvers_own_answer(bench: Bench) -> None:
    from hotspare_engine.resolver import Situation

    situation = Situation(1)
    situation.health = [w.OK, w.OK]
    situation.inhibited = w.I_DISARMED
    bench.controller.situation = situation.values()
    assert bench.run("explain") == exits.OK
    assert "group pair: NR wins" in bench.out
    assert "inhibits: disarmed; ends: hotspare arm" in bench.out
    assert bench.json("explain")["would_change"][0]["if"] == "primary fails"
    bench.controller.situation = Situation(2).values()
    assert bench.run("explain") == exits.UNREACHABLE
    assert "sees another group than the file says" in bench.err


def test_a_group_must_be_named_where_the_file_has_more_than_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "hotspare.toml"
    path.write_text(files.as_toml(files.many(2)))
    assert cli.main(["switchover", "-c", str(path)]) == exits.USAGE
    assert "has 2 groups: name one of g0, g1" in capfd.readouterr().err
    with terminals.behind(fakes.pair_of(files.read(path))):
        assert cli.main(["switchover", "g1", "-c", str(path)]) == exits.OK
        assert cli.main(["switchover", "g1", "--to", "s0", "-c", str(path)]) == exits.USAGE
        assert "unit s0 belongs to group g0, not to g1" in capfd.readouterr().err
        assert cli.main(["status", "-c", str(path)]) == exits.OK


def test_a_log_of_boards_that_nobody_reaches_claims_no_events(bench: Bench) -> None:
    for board in (bench.controller, bench.beacon):
        board.feed = lambda data: b""  # type: ignore[method-assign]
    assert bench.run("log") == exits.UNREACHABLE
    assert bench.out == "", "whether there were events is not known"
    assert "nothing answers on" in bench.err
