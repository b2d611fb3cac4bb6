"""Boards that hang, fail or are reset, on the emulated rig: what their records tell, what moves, who holds still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hil.pair import RELAY, UNHURRIED, Pair
from hil.story import Story
from hotspare import blob, budget, resets
from hotspare.cli import exits
from hotspare.errors import Refused
from hotspare.rig import flash
from hotspare.rig.place import FLASH
from hotspare_engine import names
from hotspare_engine import words as w
from tests.desk import Desk

WATCHDOG_MS = 1000
STILL_MS = 500
CONTROLLER, BEACON = "controller", "beacon"
# the firmware as it is, but that a file says what breaks: HOW PART TIMES
BREAKS = b"""
import micropython
micropython.kbd_intr(-1)
import os, time
from hotspare_firmware import board

def said():
    try:
        with open("/break") as file:
            how, part, times = file.read().split()
    except (OSError, ValueError):
        return "", "", 0
    return how, part, int(times)

def breaking(name):
    real = getattr(board.Board, name)
    def part(self, *arguments):
        how, broken, times = said()
        if broken != name or not times:
            return real(self, *arguments)
        if how == "mute":
            return 0
        with open("broken", "w") as file:
            file.write("%s %s %d" % (how, broken, times - 1))
        os.rename("broken", "break")
        if how == "raise":
            raise ValueError("broken on purpose")
        while True:
            time.sleep_ms(1000)
    setattr(board.Board, name, part)

for name in ("_drain", "_look", "_act"):
    breaking(name)
import hotspare_firmware.main
hotspare_firmware.main.main()
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Pair]:
    firmware = {**flash.firmware_files(), "/main.py": BREAKS}
    with Pair(**UNHURRIED, watchdog_ms=WATCHDOG_MS, firmware=firmware) as pair:
        yield pair


def files_of(pair: Pair, board: str) -> Path:
    return pair.configuration.rig_directory / FLASH / board


def break_it(pair: Pair, board: str, how: str, part: str, times: int = 1) -> int:
    """Let a part of a board's step break so often; return the number of the trace before."""
    before = int(pair.rig.state()["trace_next"]) - 1
    folder = files_of(pair, board)
    (folder / "new").write_text(f"{how} {part} {times}")
    (folder / "new").rename(folder / "break")
    return before


def await_resets(pair: Pair, board: str, before: int, count: int) -> int:
    """Wait until a board was reset so often; return the number of the last record."""
    for _ in range(count):
        before = pair.rig.wait({"kind": "board", "name": board, "event": "reset"}, before).number
    return before


def boots(pair: Pair, board: str) -> dict[str, int]:
    with pair.board(board) as reached:
        found = reached.boots()
        assert found is not None
        return found


def until_trouble(pair: Pair, board: str, bit: int) -> None:
    pair.until_status(lambda status: status["troubles"] & bit, board)


def reset_too_often(pair: Pair, board: str = CONTROLLER) -> None:
    """Let exceptions reset a board three times, until it says that it holds still."""
    before = break_it(pair, board, "raise", "_look", 3)
    await_resets(pair, board, before, 3)
    until_trouble(pair, board, w.B_RESETS)


# -- F9: it hangs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "part", "last"), [("hang", "_look", 1), ("hang", "_act", 3), ("mute", "_drain", 0)])
def test_f9_a_board_that_hangs_is_reset_and_its_record_says_where(
    pair: Pair, story: Story, how: str, part: str, last: int
) -> None:
    before = break_it(pair, CONTROLLER, how, part)
    reset = pair.rig.wait({"kind": "board", "name": CONTROLLER, "event": "reset"}, before)
    assert reset.detail == "watchdog"
    (files_of(pair, CONTROLLER) / "break").unlink()
    pair.settle()
    found = boots(pair, CONTROLLER)
    assert (found["cause"], found["known"], found["resets"]) == (w.C_WATCHDOG, 1, 1)
    assert names.PART_NAMES[found["part"]] == names.PART_NAMES[last]
    story.until((w.E_BOOT, w.C_WATCHDOG), (w.E_HUNG, last))
    assert story.moves() == []
    assert pair.active() == "primary"


def test_f9_a_peer_hears_the_silence_of_a_beacon_that_hangs_and_nothing_flaps(pair: Pair) -> None:
    before = break_it(pair, BEACON, "hang", "_look")
    assert await_resets(pair, BEACON, before, 1)
    pair.until_all_heard()
    assert boots(pair, BEACON)["cause"] == w.C_WATCHDOG


# -- F11: an exception ----------------------------------------------------------------------------------------------


def test_f11_an_exception_in_the_loop_ends_in_a_reset_and_is_told_by_record_event_and_file(
    pair: Pair, story: Story
) -> None:
    places = []
    for part in ("_look", "_look", "_act"):
        before = break_it(pair, CONTROLLER, "raise", part)
        await_resets(pair, CONTROLLER, before, 1)
        pair.settle()
        found = boots(pair, CONTROLLER)
        assert (found["cause"], names.EXCEPTION_NAMES[found["exception"]]) == (w.C_EXCEPTION, "ValueError")
        assert found["chip"] == w.C_WATCHDOG, "which this chip says after a reset that was asked for too"
        places.append(found["where"])
        with pair.board(CONTROLLER) as reached:
            assert reached.identity()["cause"] == w.C_EXCEPTION
            reached.request(w.CLEAR_RESETS, 0, 0, 0, 0, 1000)
    assert places[0] == places[1], "the same place is told as the same"
    story.until((w.E_BOOT, w.C_EXCEPTION), (w.E_EXCEPTION, names.EXCEPTION_NAMES.index("ValueError"), places[2]))
    assert "ValueError: broken on purpose" in (files_of(pair, CONTROLLER) / "hotspare.fault").read_text()
    assert story.moves() == []


# -- F10: a reset loop ----------------------------------------------------------------------------------------------


def test_f10_three_resets_hold_the_controller_still_until_a_person_clears_it(
    pair: Pair, story: Story, capfd: pytest.CaptureFixture[str]
) -> None:
    reset_too_often(pair)
    assert pair.alarm_stands(CONTROLLER)
    status = pair.until_status(lambda status: status["state"] == w.NORMAL and status["health"][1] == w.OK)
    assert status["inhibitors"] & w.I_RESETS
    pair.rig.fail("primary")
    pair.until_status(lambda status: status["health"][0] == w.FAILED)
    pair.pass_ms(STILL_MS)
    assert (pair.active(), story.moves()) == ("primary", [])
    refused = pair.ask(w.MS, 1)
    assert (refused["verdict"], refused["by"], refused["inhibitors"]) == (w.OUTRANKED, w.SF_W, w.I_RESETS)
    desk = Desk(pair, capfd)
    assert desk.run("clear", "resets") == exits.OK
    assert desk.out == "clear resets of controller: done\nclear resets of beacon: nothing to do\n"
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"


def test_f10_a_forced_order_passes_a_board_that_holds_still_and_an_ordinary_one_does_not(pair: Pair) -> None:
    reset_too_often(pair)
    pair.until_status(lambda status: status["state"] == w.NORMAL and status["health"][:2] == bytes((w.OK, w.OK)))
    refused = pair.ask(w.MS, 1)
    assert (refused["verdict"], refused["inhibitors"]) == (w.HELD_BACK, w.I_RESETS)
    assert pair.ask(w.FS, 1)["verdict"] == w.DONE
    assert pair.active() == "spare"


def test_f10_a_controller_that_holds_still_does_not_energise_what_fell(pair: Pair, story: Story) -> None:
    pair.rig.fail("primary")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    before = break_it(pair, CONTROLLER, "raise", "_look", 3)
    await_resets(pair, CONTROLLER, before, 3)
    until_trouble(pair, CONTROLLER, w.B_RESETS)
    pair.until_status(lambda status: status["inhibitors"] & w.I_RESETS and status["health"][0] == w.FAILED)
    energised = story.count("coil energised")
    pair.pass_ms(STILL_MS)
    assert story.count("coil energised") == energised
    assert pair.active() == "primary", "where it fell to"
    assert resets.clear(pair.group, dry_run=False) == {CONTROLLER: w.DONE, BEACON: w.NOTHING}
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))


def test_f10_a_beacon_that_was_reset_too_often_says_so_and_is_cleared_like_a_controller(pair: Pair) -> None:
    reset_too_often(pair, BEACON)
    assert pair.alarm_stands(BEACON)
    pair.until_all_heard()
    found = resets.clear(pair.group, dry_run=True)
    assert found[BEACON] == w.DONE
    until_trouble(pair, BEACON, w.B_RESETS)
    assert resets.clear(pair.group, dry_run=False)[BEACON] == w.DONE
    pair.until_status(lambda status: not status["troubles"], BEACON)


def test_f10_a_board_that_still_breaks_serves_its_host_without_its_configuration(
    pair: Pair, capfd: pytest.CaptureFixture[str]
) -> None:
    before = break_it(pair, CONTROLLER, "raise", "_act", 4)
    await_resets(pair, CONTROLLER, before, 4)
    until_trouble(pair, CONTROLLER, w.B_RESETS)
    with pair.board(CONTROLLER) as reached:
        assert reached.identity()["address"] == 0
        assert reached.kept_configuration()
    pair.pass_ms(STILL_MS)
    assert boots(pair, CONTROLLER)["resets"] == 4
    desk = Desk(pair, capfd)
    desk.run("status")
    said = " ".join(desk.out.split())
    assert "leaves its configuration alone: find out why, then hotspare clear resets" in said
    assert "resets: controller: 4 by watchdog or exception within ten minutes" in said
    assert "resets: controller: last exception ValueError at" in said
    resets.clear(pair.group, dry_run=False)
    pair.settle()
    assert boots(pair, CONTROLLER)["cause"] == w.C_PLANNED


# -- F25: both at once ----------------------------------------------------------------------------------------------


def dip(pair: Pair) -> None:
    """Let the supply of both boards dip at one moment."""
    orders = [("power", {"board": board, "state": "off"}) for board in (CONTROLLER, BEACON)]
    orders += [("power", {"board": board, "state": "on"}) for board in (CONTROLLER, BEACON)]
    pair.rig.do(orders)


def test_f25_a_dip_that_resets_both_boards_on_the_spare_leaves_a_well_primary_the_line(pair: Pair) -> None:
    pair.ask(w.MS, 1)
    pair.settle(on_spare=True)
    before = boot_number(pair, CONTROLLER)
    story = Story(pair)
    dip(pair)
    pair.until_restarted(CONTROLLER, before)
    pair.settle()
    pair.until_all_heard()
    pair.pass_ms(STILL_MS)
    assert pair.active() == "primary"
    assert story.count("coil energised") == 0
    for board in (CONTROLLER, BEACON):
        found = boots(pair, board)
        assert (found["cause"], found["known"], found["resets"]) == (w.C_POWER, 0, 0), (
            "the record is gone, and known so"
        )


def test_f25_after_a_dip_with_a_dead_primary_the_controller_alone_decides_and_once(pair: Pair) -> None:
    pair.rig.fail("primary")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    story = Story(pair)
    dip(pair)
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert pair.active() == "spare"
    assert story.count("coil energised") == 1
    driving = {it.name for it in pair.rig.trace(0) if it.kind == "drive" and it.event == "on"}
    assert RELAY in driving
    assert not [pin for pin, level in outputs(pair, BEACON).items() if level and pin.startswith("relay")]


def boot_number(pair: Pair, board: str) -> int:
    with pair.board(board) as reached:
        return int(reached.identity()["boot"])


def outputs(pair: Pair, board: str) -> dict[str, int]:
    """Return what a board drives, by the names of its pins."""
    by_number = {str(number): name for name, number in flash.wiring_of("pico").items()}
    return {by_number[pin]: level for pin, level in pair.rig.state()["boards"][board]["outputs"].items()}


# -- F14: the filesystem ---------------------------------------------------------------------------------------------


def lose_files(pair: Pair, board: str, *lost: str) -> None:
    """Take all files of a board away, or only some."""
    folder = files_of(pair, board)
    for path in sorted(folder.rglob("*"), reverse=True):
        if not lost or path.name in lost:
            path.rmdir() if path.is_dir() else path.unlink()


def test_f14_a_board_whose_configuration_is_gone_is_safe_and_says_so_and_takes_a_new_one(pair: Pair) -> None:
    pair.ask(w.MS, 1)
    pair.settle(on_spare=True)
    lose_files(pair, CONTROLLER, "hotspare.conf1", "hotspare.conf2", "hotspare.state")
    pair.rig.reset(CONTROLLER)
    status = pair.until_alarm(w.A_UNCONFIGURED, CONTROLLER)
    assert not status["troubles"], "its filesystem still takes files"
    assert pair.alarm_stands(CONTROLLER)
    assert pair.active() == "primary"
    assert not any(outputs(pair, CONTROLLER)[name] for name in outputs(pair, CONTROLLER) if name != "led")
    board = pair.configuration.board(CONTROLLER)
    pair.give(board, pair.group)
    pair.until_status(lambda status: status["state"] == w.NORMAL)


def test_f14_a_board_whose_filesystem_takes_nothing_any_more_says_so(pair: Pair) -> None:
    folder = files_of(pair, CONTROLLER)
    lose_files(pair, CONTROLLER)
    folder.rmdir()
    try:
        with pair.board(CONTROLLER) as reached, pytest.raises(Refused, match="the board could not store it"):
            reached.write_configuration(other_blob(pair))
        status = pair.until_status(lambda status: status["troubles"] & w.B_FILES, CONTROLLER)
        assert status["state"] == w.NORMAL, "it goes on"
        assert pair.alarm_stands(CONTROLLER)
    finally:
        folder.mkdir()
    pair.rig.reset(CONTROLLER)
    pair.until_alarm(w.A_CONTROLLER_SILENT, BEACON)
    pair.pass_ms(STILL_MS)
    assert outputs(pair, CONTROLLER) == {}, "without files there is no firmware, and nothing is driven"
    assert pair.active() == "primary"
    assert pair.alarm_stands(CONTROLLER)
    flash.install(folder, flash.firmware_files())
    pair.rig.reset(CONTROLLER)
    pair.until_alarm(w.A_UNCONFIGURED, CONTROLLER)


def other_blob(pair: Pair) -> bytes:
    """Return a configuration of the controller that differs from the one that it holds."""
    other = replace(pair.group, watchdog_ms=2 * WATCHDOG_MS)
    return blob.of(pair.configuration.board(CONTROLLER), other)


# -- what a reset of the controller costs --------------------------------------------------------------------------


@pytest.mark.parametrize("retention", ["falls", "latching"])
def test_f35_the_outage_of_a_controller_killed_by_its_watchdog_on_the_spare_is_within_what_check_prints(
    retention: str,
) -> None:
    with Pair(**UNHURRIED, watchdog_ms=WATCHDOG_MS, retention=retention) as pair:
        printed = budget.of(pair.group)
        pair.rig.stop("primary")
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        pair.pass_ms(200)  # the pulse of a latching coil has ended
        before = int(pair.rig.state()["trace_next"]) - 1
        frozen_us = pair.rig.freeze(CONTROLLER)
        reset = pair.rig.wait({"kind": "board", "name": CONTROLLER, "event": "reset"}, before)
        assert reset.detail == "watchdog"
        if retention == "latching":
            pair.until_status(lambda status: status["state"] == w.ON_SPARE)
            pair.pass_ms(STILL_MS)
            moved = [it for it in pair.rig.trace(before) if it.name == RELAY and it.kind in ("contact", "coil")]
            assert (moved, printed.fall) == ([], ())
        else:
            touch = {"kind": "contact", "name": RELAY, "event": "closed", "detail": "spare"}
            again = pair.rig.wait(touch, reset.number)
            assert (again.us - frozen_us) / 1000 <= printed.fall_ms
            assert (again.us - reset.us) / 1000 > budget.primary_may_speak_ms(pair.group), "it was given time to speak"
        pair.until_status(lambda status: status["state"] == w.ON_SPARE)
        assert pair.active() == "spare"
        assert boots(pair, CONTROLLER)["cause"] == w.C_WATCHDOG
