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
