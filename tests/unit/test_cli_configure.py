"""`hotspare configure` against fake boards: what it shows, writes and refuses to write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspare.cli import exits
from hotspare_wire import configuration as wire
from hotspare_wire import messages
from tests import files, terminals
from tests.command import Bench


@pytest.fixture
def bench(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    made = Bench(files.write(tmp_path), capfd)
    with terminals.behind(made.boards):
        yield made


def test_configure_shows_the_difference_writes_it_and_sees_the_boards_come_back(bench: Bench) -> None:
    assert bench.run("configure") == exits.OK
    assert bench.out.splitlines() == ["controller: nothing differs", "beacon: nothing differs"]
    files.write(bench.path.parent, {"group.pair.beats": 3})
    assert bench.run("configure") == exits.USAGE
    assert "beats" in bench.out
    assert "nobody is there to confirm" in bench.err
    assert bench.controller.boot == 1
    assert bench.run("configure", "beacon", "--yes") == exits.OK
    assert "beacon: written, and back with it" in bench.out
    assert (bench.controller.boot, bench.beacon.boot) == (1, 2)
    told = bench.json("configure", "--yes")["boards"]
    assert (told["controller"]["outcome"], told["beacon"]["outcome"]) == ("written", "unchanged")
    assert told["controller"]["differences"] == {"beats": {"board_has": "5", "file_says": "3"}}
    assert bench.run("status") == exits.OK


def test_configure_writes_to_boards_that_have_nothing(bench: Bench) -> None:
    bench.controller.kept = bench.beacon.kept = b""
    assert bench.run("configure", "--yes") == exits.OK
    assert bench.run("status") == exits.OK


def test_configure_writes_nothing_when_one_board_refuses_or_is_missing(bench: Bench) -> None:
    files.write(bench.path.parent, {"group.pair.beats": 3})
    bench.controller.energised = True
    before = bench.beacon.kept
    assert bench.run("configure", "--yes") == exits.FAILED
    assert "a falling relay is energised" in bench.err
    assert "hotspare: written: nothing; not written: controller, beacon" in bench.err
    assert bench.beacon.kept == before
    bench.controller.energised = False
    bench.beacon.feed = lambda data: b""  # type: ignore[method-assign]
    kept = bench.controller.kept
    assert bench.run("configure", "--yes") == exits.UNREACHABLE
    assert bench.controller.kept == kept


def test_configure_says_which_boards_were_written_before_one_refused(bench: Bench) -> None:
    files.write(bench.path.parent, {"group.pair.beats": 3})
    bench.beacon.energised = True
    assert bench.run("configure", "--yes") == exits.FAILED
    assert bench.err.splitlines()[-1] == "hotspare: written: controller; not written: beacon"


def test_configure_gives_a_board_another_name_only_when_told_to(bench: Bench) -> None:
    kept = wire.pack(
        (9, 2, 0, 1, 1, 1, 115_200, 115_200, 2000, messages.padded("other", 16)),
        (messages.padded("elsewhere", 16), 1, bytes(messages.UNITS_MAX - 1), *bench.configuration.groups[0].settings),
    )
    bench.beacon.name, bench.beacon.address, bench.beacon.kept = "other", 9, kept
    bench.beacon.wake()
    assert bench.run("configure", "beacon", "--yes") == exits.UNREACHABLE
    assert "hotspare configure beacon --rename" in bench.err
    assert bench.run("configure", "beacon", "--yes", "--rename") == exits.OK
    assert bench.run("status") == exits.OK


# -- trials -----------------------------------------------------------------------------------------------------------


def changed(bench: Bench) -> tuple[bytes, bytes]:
    """Let the file say something else; return what the boards hold."""
    files.write(bench.path.parent, {"group.pair.beats": 3})
    return bench.controller.kept, bench.beacon.kept


def test_a_trial_is_confirmed_by_the_command_once_all_boards_are_back(bench: Bench) -> None:
    before = changed(bench)
    told = bench.json("configure", "--yes", "--confirm", "60")["boards"]
    assert [told[name]["outcome"] for name in ("controller", "beacon")] == ["confirmed", "confirmed"]
    assert (bench.controller.trial_s, bench.beacon.trial_s) == (None, None)
    assert bench.controller.kept != before[0]
    assert bench.run("status") == exits.OK


def test_a_trial_left_to_a_person_is_shown_committed_and_reverted(bench: Bench) -> None:
    before = changed(bench)
    assert bench.run("configure", "--yes", "--confirm", "60", "--by-hand") == exits.OK
    assert bench.out.splitlines()[-1].startswith("next: hotspare configure --commit within 60 s")
    assert bench.run("status") == exits.OK
    assert "trial: the configuration of beacon is on trial, 60 s left" in bench.out
    assert bench.run("configure", "controller", "--commit") == exits.OK
    assert bench.out == "controller: confirmed\n"
    assert bench.json("configure", "--revert")["boards"]["beacon"]["outcome"] == "returned"
    assert (bench.beacon.kept, bench.beacon.trial_s) == (before[1], None)
    assert bench.run("configure", "--revert") == exits.FAILED
    assert "no configuration is on trial: hotspare configure --confirm SECONDS begins one" in bench.err


def test_a_board_that_refuses_its_trial_lets_those_before_it_return(bench: Bench) -> None:
    before = changed(bench)
    bench.beacon.energised = True
    assert bench.run("configure", "--yes", "--confirm", "60") == exits.FAILED
    assert "controller: returned" in bench.out
    assert "a falling relay is energised" in bench.err
    assert (bench.controller.kept, bench.beacon.kept) == before


def test_a_board_that_can_not_be_confirmed_is_named_with_those_that_were(bench: Bench) -> None:
    changed(bench)
    bench.beacon.confirm = lambda keep, ident: messages.ACK_STORE  # type: ignore[method-assign]
    assert bench.run("configure", "--yes", "--confirm", "60") == exits.NO_OUTCOME
    assert "the board could not store it" in bench.err
    assert "confirmed: controller; beacon returns to what it had when its trial ends: hotspare configure" in bench.err


@pytest.mark.parametrize(
    "options", [("--commit", "--revert"), ("--by-hand",), ("--commit", "--confirm", "60"), ("--confirm", "9")]
)
def test_options_of_a_trial_that_exclude_one_another_are_refused(bench: Bench, options: tuple[str, ...]) -> None:
    before = changed(bench)
    assert bench.run("configure", "--yes", *options) == exits.USAGE
    assert (bench.controller.kept, bench.beacon.kept) == before


def test_boards_are_written_controller_first_whatever_order_they_are_named_in(bench: Bench) -> None:
    changed(bench)
    assert bench.run("configure", "beacon", "controller", "--yes") == exits.OK
    assert [line for line in bench.out.splitlines() if line.endswith("back with it")] == [
        "controller: written, and back with it",
        "beacon: written, and back with it",
    ]
    assert "pair: controller, then beacon; what its boards share changes: from the first restart until" in bench.out
