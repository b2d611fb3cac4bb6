"""Configurations that are tried, confirmed and rolled out on the emulated rig: what boards hold, who is protected."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hil.pair import LOOK_AGAIN_S, SETTLE_S_MAX, UNHURRIED, Pair
from hil.story import Story
from hotspare import blob
from hotspare.cli import exits
from hotspare.history.batch import parse
from hotspare_engine import words as w
from tests.desk import Desk

TRIAL_S = 10
SHARED = ("stay_min_s", "13")  # of the group's part
OWN = ("watchdog_ms", "3000")  # of the board's part: it does not change the hash


@pytest.fixture(scope="module")
def running() -> Iterator[Pair]:
    with Pair(seed=1, **UNHURRIED) as pair:
        yield pair


@pytest.fixture
def desk(pair: Pair, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Desk:
    """A person with a file of their own, which can be changed without a change of the rig's."""
    desk = Desk(pair, capfd)
    desk.file = pair.configuration.path.with_name("changed.toml")
    desk.file.write_text(pair.configuration.path.read_text())
    return desk


def change(desk: Desk, key: str, value: str) -> None:
    """Let the file say something else of the group."""
    lines = desk.file.read_text().splitlines()
    place = next(at for at, line in enumerate(lines) if line.lstrip("# ").startswith(f"{key} = "))
    lines[place] = f"{key} = {value}"
    desk.file.write_text("\n".join(lines) + "\n")


def until_kept(pair: Pair, name: str, wanted: bytes) -> None:
    """Wait until a board holds a configuration; raises TimeoutError."""
    end_s = time.monotonic() + SETTLE_S_MAX + TRIAL_S
    while time.monotonic() < end_s:
        try:
            with pair.board(name) as reached:
                if reached.kept_configuration() == wanted:
                    return
        except Exception:
            pass
        time.sleep(LOOK_AGAIN_S)
    raise TimeoutError(f"{name} does not hold it")


def old(pair: Pair, name: str) -> bytes:
    return blob.of(pair.configuration.board(name), pair.group)


def holds_old(pair: Pair) -> list[bool]:
    return [pair.holds_its_own(board)[0] for board in pair.group.boards]


def test_a_change_of_what_they_share_goes_to_the_controller_first_and_is_confirmed_when_both_agree(desk: Desk) -> None:
    pair = desk.pair
    story = Story(pair)
    change(desk, *SHARED)
    assert desk.run("configure", "--yes", "--confirm", "60") == exits.OK
    said = desk.out.splitlines()
    assert any(line.startswith("pair: controller, then beacon; what its boards share changes:") for line in said)
    assert said[-5:-3] == ["controller: on trial for 60 s", "beacon: on trial for 60 s"]
    assert said[-3:-1] == ["controller: confirmed", "beacon: confirmed"]
    assert said[-1].startswith("pair: all of them hear one another again, ")
    assert story.moves() == []
    told = desk.json("status")["boards"]
    assert [told[name]["trial_s"] for name in ("controller", "beacon")] == [None, None]
    assert [told[name]["as_file"] for name in ("controller", "beacon")] == [True, True]
    pair.settle()


def test_f13_a_trial_whose_board_loses_its_power_is_not_there_again_afterwards(desk: Desk) -> None:
    pair = desk.pair
    change(desk, *SHARED)
    assert desk.run("configure", "--yes", "--confirm", "600", "--by-hand") == exits.OK
    assert "next: hotspare configure --commit within 600 s" in desk.out
    for name in ("controller", "beacon"):
        assert pair.until_status(bool, name)["troubles"] & w.B_UNCONFIRMED
        assert pair.alarm_stands(name)
    assert desk.run("status") == exits.OK
    assert "trial: the configuration of controller is on trial, " in desk.out
    for name in ("controller", "beacon"):
        pair.rig.power(name, False)
        pair.rig.power(name, True)
        until_kept(pair, name, old(pair, name))
    pair.settle()
    assert holds_old(pair) == [True, True]
    events = [event for event in _all_events(pair, "controller") if event[0] == w.E_TRIAL]
    assert events[-1][1] == w.T_LAPSED


def _all_events(pair: Pair, name: str) -> list[tuple[int, int, int]]:
    found = []
    with pair.board(name) as reached:
        number = 0
        while (batch := parse(name, reached.records(number), number)).records:
            found += [(it.kind, it.a, it.b) for it in batch.records]
            number = batch.next
    return found


@pytest.mark.parametrize("trial_s", [0, 600])
def test_f13_power_that_goes_while_a_board_takes_its_configuration_leaves_the_old_one_or_the_new(
    desk: Desk, trial_s: int
) -> None:
    pair = desk.pair
    pair.ask(w.DISARM)
    before = old(pair, "beacon")
    other = blob.of(replace(pair.configuration.board("beacon"), invalid_a=True), pair.group)
    for ms in (0, 5, 20, 60, 150, 205, 215, 230, 260):
        with pair.board("beacon") as reached:
            reached.write_configuration(other, trial_s)
        pair.pass_ms(ms)
        pair.rig.power("beacon", False)
        pair.rig.power("beacon", True)
        pair.until_status(bool, "beacon")
        with pair.board("beacon") as reached:
            kept, on_trial = reached.kept_configuration(), reached.identity()["trial"]
        assert kept in (before, other)
        if trial_s and kept == other:
            assert on_trial
            pair.rig.reset("beacon")
            until_kept(pair, "beacon", before)
        elif kept == other:
            assert not on_trial
            pair.give(pair.configuration.board("beacon"), pair.group)
    pair.settle()


def test_a_trial_that_nobody_confirms_ends_by_itself_on_both_boards(desk: Desk) -> None:
    pair = desk.pair
    story = Story(pair)
    change(desk, *SHARED)
    assert desk.run("configure", "--yes", "--confirm", str(TRIAL_S), "--by-hand") == exits.OK
    for name in ("controller", "beacon"):
        until_kept(pair, name, old(pair, name))
    pair.settle()
    assert story.moves() == []
    assert desk.run("configure", "--commit") == exits.FAILED
    assert "no configuration is on trial" in desk.err


@pytest.mark.parametrize("how", ["--commit", "--revert"])
def test_a_person_ends_a_trial_from_another_session(desk: Desk, how: str) -> None:
    pair = desk.pair
    change(desk, *SHARED)
    assert desk.run("configure", "--yes", "--confirm", "600", "--by-hand") == exits.OK
    assert desk.run("configure", how) == exits.OK
    done = "confirmed" if how == "--commit" else "returned"
    assert desk.out.splitlines() == [f"controller: {done}", f"beacon: {done}"]
    assert holds_old(pair) == [how == "--revert"] * 2
    pair.settle()


def test_boards_that_do_not_hear_one_another_with_it_return_both(desk: Desk) -> None:
    pair = desk.pair
    story = Story(pair)
    change(desk, *SHARED)
    pair.rig.cut("crosslink-b")
    assert desk.run("configure", "--yes", "--confirm", "20") == exits.FAILED
    assert "controller: returned" in desk.out
    assert "beacon: returned" in desk.out
    assert "not confirmed: controller does not hear pulse" in desk.err
    assert holds_old(pair) == [True, True]
    pair.rig.heal("crosslink-b")
    pair.settle()
    assert story.moves() == []


def test_a_board_alone_with_what_its_neighbour_has_not_returns(desk: Desk) -> None:
    change(desk, "baud", "57600")
    assert desk.run("configure", "beacon", "--yes", "--confirm", "10") == exits.FAILED
    assert "beacon does not hear crosslink-a" in desk.err
    assert holds_old(desk.pair) == [True, True]
    desk.pair.until_all_heard()


def test_a_setting_that_boards_do_not_share_unprotects_nobody_but_while_its_board_restarts(desk: Desk) -> None:
    pair = desk.pair
    story = Story(pair)
    change(desk, *OWN)
    assert desk.run("configure", "beacon", "--yes") == exits.OK
    assert "pair: beacon; what its boards share stays: the spare is locked out while it restarts" in desk.out
    status = pair.status()
    assert not status["inhibitors"] & w.I_DIFFERS
    assert not status["standing"], "the lockout has ended with the restart"
    assert story.tells((w.E_ASKED, w.LO), (w.E_LINK,), (w.E_ASKED, w.CLEAR), (w.E_VERDICT, w.ENDED))
    assert not story.tells((w.E_DIFFERS, 1))
    pair.rig.stop("primary")
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    pair.rig.start("primary")
    pair.fail_back()


def test_a_lockout_that_a_person_has_put_stands_as_it_was(desk: Desk) -> None:
    assert desk.run("lockout", "--until-cleared") == exits.OK
    change(desk, *OWN)
    assert desk.run("configure", "beacon", "--yes") == exits.OK
    (row,) = desk.json("status")["groups"]["pair"]["standing"]
    assert (row["request"], row["left_s"]) == ("LO", None)


def test_nothing_is_tried_while_a_falling_relay_is_energised(desk: Desk) -> None:
    pair = desk.pair
    pair.ask(w.MS, 1)
    pair.settle(on_spare=True)
    change(desk, *SHARED)
    assert desk.run("configure", "--yes", "--confirm", "60") == exits.FAILED
    assert "a falling relay is energised" in desk.err
    assert holds_old(pair) == [True, True]
    assert desk.connected() == ["spare"]


def test_the_way_back_from_a_trial_of_a_beacon_alone_is_shielded_too(desk: Desk) -> None:
    pair = desk.pair
    change(desk, *OWN)
    assert desk.run("configure", "beacon", "--yes", "--confirm", "600", "--by-hand") == exits.OK
    story = Story(pair)
    assert desk.run("configure", "--revert") == exits.OK
    assert desk.out == "beacon: returned\n"
    assert story.tells((w.E_ASKED, w.LO), (w.E_LINK,), (w.E_ASKED, w.CLEAR), (w.E_VERDICT, w.ENDED))
    assert not pair.status()["standing"]
    assert story.moves() == []
