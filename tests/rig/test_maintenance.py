"""A board in maintenance on the emulated rig: its REPL is really there, its relays rest, and any reset ends it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hil.pair import UNHURRIED, Pair
from hil.story import Story
from hotspare import repl, returning
from hotspare.cli import exits
from hotspare.errors import Unreachable
from hotspare_engine import words as w
from tests.desk import Desk

STILL_MS = 1000
SOFT_RESET_S = 5.0


@pytest.fixture(scope="module")
def running() -> Iterator[Pair]:
    with Pair(seed=1, **UNHURRIED) as pair:
        yield pair


@pytest.fixture
def desk(pair: Pair, capfd: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    yield Desk(pair, capfd)
    for name, board in pair.rig.state()["boards"].items():
        if board["repl"]:
            pair.rig.reset(name)


def outputs(pair: Pair, board: str) -> dict[str, int]:
    return dict(pair.rig.state()["boards"][board]["outputs"])


def test_a_beacon_goes_into_maintenance_gets_a_file_and_comes_back(desk: Desk) -> None:
    pair = desk.pair
    assert desk.run("lockout", "--for", "10m") == exits.OK
    story = Story(pair)
    assert desk.run("maintenance", "beacon") == exits.OK
    assert "beacon: in maintenance; its REPL is open on" in desk.out
    assert "pair does not act by itself on the silence of beacon" in desk.out
    state = pair.rig.state()["boards"]["beacon"]
    assert (state["repl"], state["running"], state["watchdog_ms"]) == (True, False, 0)
    pair.until_alarm(w.A_PRIMARY_FAILED)
    assert pair.alarm_stands("beacon")
    port = pair.configuration.board("beacon").port
    with repl.raw("beacon", port) as transport:
        assert {"lib", "main.py", "hotspare.conf1"} <= {entry.name for entry in transport.fs_listdir("/")}
        transport.fs_writefile("/lib/note.txt", b"was here \x00\x01\x02\x03\x04" * 100)
        assert transport.fs_readfile("/lib/note.txt") == b"was here \x00\x01\x02\x03\x04" * 100
    assert pair.rig.state()["boards"]["beacon"]["repl"], "who leaves the raw REPL leaves the board in maintenance"
    assert desk.run("maintenance", "beacon", "--end") == exits.OK
    assert desk.out == "beacon: restarted, its firmware answers; it hears its neighbours\n"
    pair.settle()
    assert story.moves() == []
    assert Story(pair).moves() == []
    with pair.board("beacon") as reached:
        boots = reached.boots()
    assert (boots["cause"], boots["resets"]) == (w.C_PLANNED, 0), "neither the watchdog nor another maintenance"
    assert desk.run("status") == exits.OK


def test_the_silence_of_a_beacon_that_would_be_a_failover_is_refused_in_so_many_words(desk: Desk) -> None:
    boot = desk.json("status")["boards"]["beacon"]["boot"]
    assert desk.run("maintenance", "beacon") == exits.FAILED
    assert "pair would take the silence of beacon for a failure of primary and fail over" in desk.err
    assert "hotspare lockout pair --for 30m, or hotspare disarm pair" in desk.err
    assert desk.json("status")["boards"]["beacon"]["boot"] == boot
    assert desk.run("maintenance", "beacon", "--accept-failover") == exits.OK
    desk.pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert desk.connected() == ["spare"]
    assert desk.run("maintenance", "beacon", "--end") == exits.OK
    desk.pair.fail_back()


def test_a_controller_whose_relay_would_fall_is_refused_and_taken_with_its_fall_accepted(desk: Desk) -> None:
    pair = desk.pair
    pair.ask(w.MS, 1)
    pair.settle(on_spare=True)
    assert desk.run("maintenance", "controller") == exits.FAILED
    assert "a falling relay is energised" in desk.err
    assert "or accept that its load falls to the primary: --accept-fall" in desk.err
    assert desk.connected() == ["spare"]
    assert desk.run("maintenance", "controller", "--accept-fall") == exits.OK
    assert "pair is not protected, and no load moves, until controller is back" in desk.out
    pair.pass_ms(STILL_MS)
    assert desk.connected() == ["primary"]
    assert not any(outputs(pair, "controller").values()), "L8: nothing is energised, the alarm relay is released too"
    assert pair.alarm_stands("controller")
    pair.until_alarm(w.A_CONTROLLER_SILENT, "beacon")
    assert desk.run("maintenance", "controller", "--end") == exits.OK


@pytest.mark.parametrize("how", ["pin", "power"])
def test_maintenance_is_for_one_boot_and_any_reset_ends_it(desk: Desk, how: str) -> None:
    pair = desk.pair
    pair.ask(w.DISARM)
    assert desk.run("maintenance", "beacon") == exits.OK
    if how == "pin":
        pair.rig.reset("beacon")
    else:
        pair.rig.power("beacon", False)
        pair.rig.power("beacon", True)
    pair.until_status(bool, "beacon")
    assert not pair.rig.state()["boards"]["beacon"]["repl"]
    pair.settle()
    assert desk.run("maintenance", "beacon", "--end") == exits.FAILED
    assert "beacon is not in maintenance: its firmware answers" in desk.err


def test_a_soft_reset_out_of_the_raw_repl_comes_back_in_it_and_out_of_the_friendly_one_starts_the_firmware(
    desk: Desk,
) -> None:
    pair = desk.pair
    pair.ask(w.DISARM)
    assert desk.run("maintenance", "beacon") == exits.OK
    port = pair.configuration.board("beacon").port
    with repl.raw("beacon", port) as transport:
        transport.exec("kept = 1")
        transport.enter_raw_repl(soft_reset=True)
        assert transport.eval("'kept' in globals()") is False
        transport.exit_raw_repl()
        transport.read_until(1, b">>> ", timeout=SOFT_RESET_S)
        transport.serial.write(b"\x04")
        assert transport.read_until(1, b"soft reboot\r\n", timeout=SOFT_RESET_S).endswith(b"MPY: soft reboot\r\n")
    pair.until_status(bool, "beacon")
    assert not pair.rig.state()["boards"]["beacon"]["repl"]
    pair.settle()


def test_ctrl_c_ends_what_runs_in_the_repl_and_not_the_repl(desk: Desk) -> None:
    pair = desk.pair
    pair.ask(w.DISARM)
    assert desk.run("maintenance", "beacon") == exits.OK
    port = pair.configuration.board("beacon").port
    with repl.raw("beacon", port) as transport:
        transport.exec_raw_no_follow("print('begun')\nwhile True: pass")
        assert b"begun" in transport.read_until(1, b"\n", timeout=SOFT_RESET_S)
        transport.serial.write(b"\x03")
        _, complaint = transport.follow(SOFT_RESET_S)
        assert b"KeyboardInterrupt" in complaint
        assert transport.eval("1 + 1") == 2
    assert desk.run("maintenance", "beacon", "--end") == exits.OK


def test_a_board_without_a_repl_is_said_to_be_in_no_maintenance(desk: Desk) -> None:
    pair = desk.pair
    port = pair.configuration.board("beacon").port
    with pytest.raises(Unreachable, match="no REPL answers"), repl.raw("beacon", port):
        pass
    pair.settle()
    assert returning.RESTART_S_MAX > repl.PROMPT_S_MAX
