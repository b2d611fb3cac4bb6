"""`hotspare maintenance` against fake boards: what speaks against it, in so many words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspare.cli import exits
from hotspare_engine import words as w
from tests import files, terminals
from tests.command import Bench

WOULD = "pair would take the silence of beacon for a failure of primary and fail over"


@pytest.fixture
def bench(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    made = Bench(files.write(tmp_path), capfd)
    made.beacon.maintain = lambda accept: 9  # type: ignore[method-assign]
    with terminals.behind(made.boards):
        yield made


def goes_on(bench: Bench) -> bool:
    """Return whether nothing but the board itself speaks against it."""
    assert bench.run("maintenance", "beacon") == exits.FAILED
    return "beacon refused maintenance" in bench.err and WOULD not in bench.err


def test_an_armed_group_that_would_act_on_the_silence_of_a_beacon_is_named_with_two_ways_out(bench: Bench) -> None:
    assert bench.run("maintenance", "beacon") == exits.FAILED
    assert f"{WOULD}: first hotspare lockout pair --for 30m, or hotspare disarm pair" in bench.err


@pytest.mark.parametrize("why", ["disarmed", "locked out", "on the spare", "asks a person", "past the beacon"])
def test_a_group_that_does_not_act_on_it_lets_a_beacon_go(bench: Bench, why: str) -> None:
    if why == "disarmed":
        bench.controller.armed = 0
    elif why == "locked out":
        bench.controller.standing = [(3, w.LO, 2, 600)]
    elif why == "on the spare":
        bench.controller.position = w.AT_SPARE
    elif why == "asks a person":
        bench.controller.pending = (0, 0, 0, 0, 0, w.ASK)
    else:
        files.write(bench.path.parent, {"unit.primary.contact": True})
    assert goes_on(bench)


def test_a_controller_that_can_not_be_asked_is_no_consent(bench: Bench) -> None:
    bench.controller.feed = lambda data: b""  # type: ignore[method-assign]
    assert bench.run("maintenance", "beacon") == exits.FAILED
    assert "whether its silence would be a failover can not be asked" in bench.err
    assert bench.run("maintenance", "beacon", "--accept-failover") == exits.FAILED
    assert "beacon refused maintenance" in bench.err


def test_a_relay_that_would_fall_is_named_with_the_way_to_accept_it(bench: Bench) -> None:
    bench.controller.energised = True
    assert bench.run("maintenance", "controller") == exits.FAILED
    assert bench.err.splitlines()[-1] == "hotspare: or accept that its load falls to the primary: --accept-fall"


def test_the_end_takes_no_consent(bench: Bench) -> None:
    assert bench.run("maintenance", "beacon", "--end", "--accept-fall") == exits.USAGE
    assert "--end stands alone" in bench.err


def test_a_board_whose_firmware_answers_is_not_restarted_by_the_end(bench: Bench) -> None:
    assert bench.run("maintenance", "beacon", "--end") == exits.FAILED
    assert "beacon is not in maintenance: its firmware answers" in bench.err
    assert bench.beacon.boot == 1
