"""Commands against the real firmware on the emulated rig: what they say is held against what the contacts did."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from hil.pair import Pair
from hotspare import explaining
from hotspare.board import open_board
from hotspare.cli import exits
from hotspare_engine import words as w
from hotspare_engine.standing import EXPIRY_AHEAD_S
from tests.desk import Desk


@pytest.fixture(scope="module")
def running() -> Iterator[Pair]:
    with Pair(seed=1) as pair:
        yield pair


@pytest.fixture
def desk(running: Pair, capfd: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    desk = Desk(running, capfd)
    yield desk
    desk.clear_all()
    assert running.rig.state()["both_connected_us"] == 0


def test_a_switchover_and_a_failback_move_the_contacts_and_say_so(desk: Desk) -> None:
    assert desk.connected() == ["primary"]
    assert desk.run("switchover") == exits.OK
    assert "line primary: primary -> spare" in desk.out
    assert desk.connected() == ["spare"]
    told = desk.json("failback", "pair")
    assert told["moved"] == ["line primary: spare -> primary"]
    settings = desk.pair.group
    assert 0 < told["took_ms"] < settings.setting("coil_min_ms") + settings.setting("operate_limit_ms")
    assert desk.connected() == ["primary"]


def test_explain_tells_who_carries_the_line_and_how_long_it_stays_there(desk: Desk) -> None:
    assert desk.run("switchover") == exits.OK
    answer = desk.json("explain")
    assert (answer["spare_carries"], answer["lines"]["primary"]["active"]) == ("primary", "spare")
    controller = desk.pair.configuration.board("controller")
    with open_board(controller) as reached:
        _, data = reached.situation()
    stay_ms, wtr_ms = explaining.values_of(data)[-explaining.TIMES :]
    assert 0 < stay_ms <= desk.pair.group.setting("stay_min_s") * 1000
    assert wtr_ms == 0


def test_a_dry_run_moves_nothing(desk: Desk) -> None:
    before = desk.moves()
    assert desk.run("switchover", "--dry-run") == exits.OK
    assert desk.json("status")["groups"]["pair"]["standing"] == []
    assert desk.moves() == before


def test_an_outranked_switchover_is_refused_with_who_outranks_it_and_moves_nothing(desk: Desk) -> None:
    assert desk.run("lockout", "--for", "1h") == exits.OK
    ident = desk.json("status")["groups"]["pair"]["standing"][0]["id"]
    before = desk.moves()
    assert desk.run("switchover") == exits.FAILED
    assert f"by LO (lockout of the spare); hotspare clear {ident} ends it" in desk.err
    assert desk.moves() == before


def test_a_unit_out_of_use_is_left_and_comes_back_into_use(desk: Desk) -> None:
    assert desk.run("out", "primary", "--for", "90s") == exits.OK
    assert desk.connected() == ["spare"]
    (row,) = desk.json("status")["groups"]["pair"]["standing"]
    assert (row["request"], row["unit"]) == ("OUT", "primary")
    assert 80 <= row["left_s"] <= 90
    assert desk.run("failback") == exits.FAILED
    assert f"hotspare clear {row['id']}" in desk.err
    assert desk.run("clear", str(row["id"])) == exits.OK
    assert desk.run("failback") == exits.OK
    assert desk.connected() == ["primary"]


def test_taking_both_units_out_of_use_is_refused(desk: Desk) -> None:
    assert desk.run("out", "primary") == exits.OK
    assert desk.run("out", "spare") == exits.FAILED
    assert desk.connected() == ["spare"]


def test_a_disarmed_group_explains_why_it_does_not_fail_over_and_arming_lets_it(desk: Desk) -> None:
    assert desk.run("disarm") == exits.OK
    desk.pair.rig.hang("primary")
    desk.pair.settle(healths=(w.FAILED, w.OK))
    answer = desk.json("explain")
    assert (answer["winner"], answer["target"], answer["spare_carries"]) == ("SF-W", "primary", None)
    assert {"inhibitor": "disarmed", "ends": "hotspare arm"} in answer["inhibitors"]
    assert desk.connected() == ["primary"]
    assert desk.run("arm") == exits.OK
    desk.pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    assert desk.connected() == ["spare"]
    assert desk.run("failback") == exits.FAILED
    desk.pair.rig.start("primary")
    desk.pair.settle(on_spare=True)


def test_the_log_tells_a_failover_in_the_order_in_which_it_happened(desk: Desk) -> None:
    desk.pair.rig.fail("primary")
    desk.pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    desk.pair.rig.mend("primary")
    desk.pair.settle(on_spare=True)
    told = desk.json("log")["events"]
    texts = [f"{it['board']} {it['event']}: {it['text']}" for it in told]
    newest = {text: number for number, text in enumerate(texts)}
    reported, believed, driven = (
        newest[text]
        for text in (
            "beacon health: primary is failed: its own report",
            "controller health: primary is failed: its beacon reports it",
            "controller drive: line primary to spare",
        )
    )
    assert believed < driven
    times = [datetime.fromisoformat(told[number]["time"]) for number in (reported, believed)]
    assert times[0] - times[1] <= timedelta(milliseconds=told[reported]["off_ms"] + told[believed]["off_ms"])
    numbers = [it["number"] for it in told if it["board"] == "controller"]
    assert numbers == sorted(numbers)
    assert desk.run("log") == exits.OK


def test_a_new_configuration_is_written_to_both_boards_and_the_service_stays(desk: Desk) -> None:
    text = desk.file.read_text()
    try:
        desk.file.write_text(text.replace("beats = 5", "beats = 4"))
        assert desk.run("status") == exits.INVALID
        assert "hotspare configure controller" in desk.err
        assert desk.run("configure", "--yes") == exits.OK
        assert "controller: written, and back with it" in desk.out
        desk.pair.settle()
        assert desk.run("status") == exits.OK
        assert desk.json("status")["groups"]["pair"]["armed"] is True
        assert desk.connected() == ["primary"]
    finally:
        desk.file.write_text(text)
        assert desk.run("configure", "--yes") == exits.OK
        desk.pair.settle()


def test_a_configuration_is_refused_while_a_falling_relay_is_energised(desk: Desk) -> None:
    text = desk.file.read_text()
    assert desk.run("switchover") == exits.OK
    try:
        desk.file.write_text(text.replace("beats = 5", "beats = 4"))
        assert desk.run("configure", "--yes") == exits.FAILED
        assert "a falling relay is energised" in desk.err
        assert desk.connected() == ["spare"]
    finally:
        desk.file.write_text(text)
    assert desk.run("status") == exits.OK


def test_garbage_on_a_host_port_is_passed_over_and_the_next_command_is_heard(desk: Desk) -> None:
    port = os.open(desk.pair.configuration.board("controller").port, os.O_RDWR | os.O_NOCTTY)
    os.write(port, b"\x03\x04\x00\x11\x22\x00" + os.urandom(200))
    os.close(port)
    assert desk.run("status") == exits.OK
    assert desk.connected() == ["primary"]


def test_f33_a_dead_beacon_is_named_beside_the_health_of_a_unit_that_lives(desk: Desk) -> None:
    named = "health: primary is failed; beacon beacon is silent on all its paths"
    desk.pair.rig.power("beacon", False)
    try:
        desk.pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert desk.run("explain") == exits.OK
        assert named in desk.out
        assert desk.run("status") == exits.UNREACHABLE
        assert named in desk.out
        assert desk.pair.rig.state()["units"]["primary"]["running"]
    finally:
        desk.pair.rig.power("beacon", True)
    desk.pair.settle(on_spare=True)
    assert desk.run("explain") == exits.OK
    assert "is silent on" not in desk.out


def test_a_standing_request_is_explained_with_the_time_that_it_has_left(desk: Desk) -> None:
    assert desk.run("lockout", "--for", f"{EXPIRY_AHEAD_S + 1}s") == exits.OK
    desk.pair.until_alarm(w.A_EXPIRING)
    assert desk.run("explain") == exits.OK
    (top,) = [line for line in desk.out.splitlines() if line.startswith("expires in ")]
    assert top.endswith("LO (lockout of the spare)  spare")
    (row,) = desk.json("explain")["standing"]
    assert (row["request"], row["unit"], row["expires_soon"]) == ("LO", "spare", True)
    assert 500 < row["left_s"] <= EXPIRY_AHEAD_S


def test_a_board_without_power_is_named_and_the_other_one_still_shown(desk: Desk) -> None:
    desk.pair.rig.power("beacon", False)
    assert desk.run("status") == exits.UNREACHABLE
    assert "beacon: " in desk.err
    assert "group pair" in desk.out
    desk.pair.rig.power("beacon", True)
    desk.pair.settle(on_spare=desk.connected() == ["spare"])
