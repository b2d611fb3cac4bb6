"""What a person is told of a board's resets, and `hotspare clear resets`: on fake boards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspare import wording
from hotspare.cli import exits
from hotspare_engine import names
from hotspare_engine import words as w
from hotspare_wire import messages
from tests import files, terminals
from tests.command import Bench

VALUE_ERROR = names.EXCEPTION_NAMES.index("ValueError")
# cause, chip, known, resets, first_s, holds, exception, where, part, loop_max_ms, uptime_min
WELL = (w.C_POWER, w.C_POWER, 0, 0, 0, 0, 0, 0, 0, 0, 0)
HUNG = (w.C_WATCHDOG, w.C_WATCHDOG, 1, 3, 45, 1, 0, 0, 2, 812, 7)
BROKEN = (w.C_EXCEPTION, w.C_WATCHDOG, 1, 1, 5, 0, VALUE_ERROR, 0x1A2B, 6, 12, 0)
UNSAID = (w.C_CONFIGURED, w.C_WATCHDOG, 1, 0, 0, 0, 0, 0, 6, 12, 99)


@pytest.fixture
def bench(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    made = Bench(files.write(tmp_path), capfd)
    with terminals.behind(made.boards):
        yield made


def lines(bench: Bench, begin: str) -> list[str]:
    return [line.rstrip() for line in bench.out.splitlines() if line.startswith(begin)]


def test_status_tells_what_was_reset_where_and_how_often_and_nothing_of_resets_that_were_meant(bench: Bench) -> None:
    bench.controller.boots, bench.beacon.boots = HUNG, UNSAID
    assert bench.run("status") == exits.OK
    assert lines(bench, "resets:") == [
        "resets: controller: 3 by watchdog or exception within ten minutes",
        "resets: controller: hung after it looked, up to 812 ms late before, after 7 min",
    ]
    bench.controller.boots, bench.beacon.boots = WELL, BROKEN
    assert bench.run("status") == exits.OK
    assert lines(bench, "resets:") == [
        "resets: beacon: 1 by watchdog or exception within ten minutes",
        "resets: beacon: last exception ValueError at 1a2b",
    ]


def test_status_in_json_has_the_whole_record(bench: Bench) -> None:
    bench.controller.boots, bench.beacon.boots = HUNG, WELL
    told = {name: board["resets"] for name, board in bench.json("status")["boards"].items()}
    assert told["controller"] == {
        "cause": "watchdog",
        "chip_says": "watchdog",
        "watchdog_resets": 3,
        "first_ago_s": 45,
        "holds_still": True,
        "last_exception": None,
        "before": {"part": "looked", "loop_max_ms": 812, "uptime_min": 7},
    }
    assert told["beacon"] == {
        "cause": "power-on",
        "chip_says": "power-on",
        "watchdog_resets": 0,
        "first_ago_s": None,
        "holds_still": False,
        "last_exception": None,
        "before": None,
    }


def test_a_board_that_left_its_configuration_alone_is_said_to_need_a_person(bench: Bench) -> None:
    bench.controller.boots = (*HUNG[:3], 4, *HUNG[4:])
    bench.controller.address = 0
    status = bench.controller.status
    bench.controller.status = lambda: (status()[0], 255, *status()[2:])  # type: ignore[method-assign]
    view = bench.json("status")
    assert view["groups"]["pair"] == {
        "reachable": False,
        "error": "controller was reset again though it held still, and leaves its configuration alone: "
        "find out why, then hotspare clear resets",
    }
    assert bench.err == "", "its configuration is as the file says: there is nothing to configure"


def test_the_trouble_says_how_it_ends(bench: Bench) -> None:
    bench.beacon.troubles = w.B_RESETS
    bench.run("status")
    said = "board: beacon: reset loop: three resets within ten minutes: it holds still until hotspare clear resets"
    assert said in " ".join(bench.out.split())


def test_clear_resets_asks_every_board_and_says_what_came_of_it(bench: Bench) -> None:
    bench.beacon.reply = lambda values: [(values[0], w.NOTHING, 0, 0, 0, 0, 0)]
    assert bench.run("clear", "resets", "pair") == exits.OK
    assert bench.out == "clear resets of controller: done\nclear resets of beacon: nothing to do\n"
    assert bench.asked == (w.CLEAR_RESETS, 0, 0, 0, 0)
    told = bench.json("clear", "resets")
    assert told == {
        "group": "pair",
        "request": "clear resets",
        "dry_run": False,
        "boards": {
            "controller": {"verdict": "done", "refused": False},
            "beacon": {"verdict": "nothing to do", "refused": False},
        },
    }


def test_clear_resets_with_dry_run_asks_for_nothing_to_be_done(bench: Bench) -> None:
    for board in (bench.controller, bench.beacon):
        board.reply = lambda values: [(values[0], w.DONE if values[-1] & w.DRY else w.NOTHING, 0, 0, 0, 0, 0)]
    assert bench.run("clear", "resets", "--dry-run") == exits.OK
    assert bench.out == "clear resets of controller: would be done\nclear resets of beacon: would be done\n"


def test_a_firmware_that_does_not_know_it_is_named_and_the_other_board_is_cleared(bench: Bench) -> None:
    bench.beacon.reply = lambda values: [(values[0], w.BAD_VALUE, 0, 0, 0, 0, 0)]
    assert bench.run("clear", "resets") == exits.FAILED
    assert bench.out == "clear resets of controller: done\n"
    assert bench.err == "hotspare: clear resets of beacon: refused: a value out of range: flash its firmware anew\n"


def test_a_board_that_is_not_reached_is_named_and_the_other_one_is_cleared(bench: Bench) -> None:
    bench.beacon.kind = "esp32"
    assert bench.run("clear", "resets") == exits.UNREACHABLE
    assert bench.out == "clear resets of controller: done\n"
    assert 'is of kind "esp32", the file says "pico"' in bench.err


def test_a_board_without_a_boot_record_is_shown_without_one(bench: Bench) -> None:
    topic = bench.controller.topic

    def older(asked: int, index: int) -> tuple[int, tuple]:
        unknown = (messages.ACK, (messages.QUERY, messages.ACK_UNKNOWN, asked))
        return unknown if asked == messages.T_BOOTS else topic(asked, index)

    bench.controller.topic = older  # type: ignore[method-assign]
    assert bench.json("status")["boards"]["controller"]["resets"] is None
    assert bench.run("status") == exits.OK


def test_events_of_resets_are_told_in_words() -> None:
    place = wording.Place((), (), ())
    assert wording.event_text(w.E_BOOT, w.C_EXCEPTION, 7, place) == "boot 7 after exception"
    assert wording.event_text(w.E_EXCEPTION, VALUE_ERROR, 0x1A2B, place) == "ValueError at 1a2b"
    assert wording.event_text(w.E_HUNG, 2, 812, place) == "looked checked in last; longest lateness before 812 ms"
