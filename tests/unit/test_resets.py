"""What resets make of a group and of boards: who holds still, what is told, what ends it; all of it in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from hotspare_engine.watch import Watch
from hotspare_firmware import board as firmware
from hotspare_firmware import bootrecord, restarts
from hotspare_wire import messages as m
from tests import boards
from tests.boards import BEACON, CONTROLLER
from tests.simulation.bench import Bench
from tests.unit.test_firmware_parts import Host

PRIMARY, SPARE = 0, 1
SETTLED_MS = 600


def group(**values: Any) -> Bench:
    """Return an armed group at work on its primary, with the laws watching."""
    bench = Laws().attach(Bench(**values))
    bench.run(200)
    bench.ask(w.ARM)
    bench.run(200)
    assert (bench.engine.state, bench.engine.armed) == (w.NORMAL, 1)
    return bench


def held_still(bench: Bench) -> Bench:
    """Reset the controller for the third time: it holds still from its first step on."""
    bench.reset()
    bench.engine.hold(1)
    bench.run(SETTLED_MS)
    return bench


# -- the engine -----------------------------------------------------------------------------------------------------


def test_f10_a_group_that_holds_still_fails_over_only_once_it_is_cleared() -> None:
    bench = held_still(group())
    before = len(bench.drives())
    bench.stop(PRIMARY)
    bench.run(SETTLED_MS)
    assert bench.drives()[before:] == []
    assert bench.engine.held_back & w.I_RESETS
    assert bench.engine.alarms & w.A_INHIBITED
    assert not bench.engine.acts_alone()
    bench.engine.hold(0)
    bench.run(SETTLED_MS)
    assert bench.connected() == [SPARE]
    assert not bench.engine.held_back


def test_f10_what_fell_in_the_third_reset_is_not_energised_again_before_it_is_cleared() -> None:
    bench = group()
    bench.stop(PRIMARY)
    bench.run(SETTLED_MS)
    assert bench.connected() == [SPARE]
    before = len(bench.drives())
    held_still(bench)
    assert bench.drives()[before:] == []
    assert bench.engine.held_back & w.I_RESETS
    bench.engine.hold(0)
    bench.run(SETTLED_MS)
    assert bench.connected() == [SPARE]


def test_f10_a_latching_group_that_holds_still_stays_where_it_is() -> None:
    bench = group(retention=w.LATCHING, revertive=1, wtr_s=0, stay_min_s=0)
    bench.ask(w.MS, SPARE)
    bench.run(SETTLED_MS)
    before = len(bench.drives())
    held_still(bench)
    assert (bench.connected(), bench.engine.state) == ([SPARE], w.ON_SPARE)
    bench.units[SPARE] = w.FAILED
    bench.run(SETTLED_MS)
    assert bench.drives()[before:] == [], "not even away from a spare that fails"
    assert bench.engine.held_back & w.I_RESETS


@pytest.mark.parametrize(("switch", "rests"), [(w.INTERLOCKED, [w.NONE]), (w.FENCED_FEED, [PRIMARY])])
def test_f10_two_contacts_stay_where_the_reset_left_them(switch: int, rests: list[int]) -> None:
    bench = group(switch=switch)
    before = len(bench.drives())
    held_still(bench)
    assert bench.connected() == rests
    assert bench.drives()[before:] == []
    bench.engine.hold(0)
    bench.run(SETTLED_MS)
    assert bench.connected() == [PRIMARY]


def test_f10_a_forced_order_connects_a_line_that_rests_on_nobody() -> None:
    bench = held_still(group(switch=w.INTERLOCKED))
    assert bench.connected() == [w.NONE]
    token = bench.ask(w.FS, PRIMARY)
    bench.run(SETTLED_MS)
    assert bench.verdicts(token)[-1] == w.DONE
    assert bench.connected() == [PRIMARY]


def test_f10_an_ordinary_order_is_refused_by_name_and_a_forced_one_is_carried_out() -> None:
    bench = held_still(group())
    refused = bench.replies(bench.ask(w.MS, SPARE))[0]
    assert refused[::5] == (w.HELD_BACK, w.I_RESETS)
    assert bench.connected() == [PRIMARY]
    token = bench.ask(w.FS, SPARE)
    bench.run(SETTLED_MS)
    assert bench.verdicts(token)[-1] == w.DONE
    assert bench.connected() == [SPARE]


def test_f10_a_unit_taken_out_of_use_stands_and_is_held_back() -> None:
    bench = held_still(group())
    token = bench.ask(w.OUT, PRIMARY)
    bench.run(SETTLED_MS)
    assert bench.verdicts(token) == [w.ACCEPTED, w.STANDS]
    assert bench.connected() == [PRIMARY]


def test_a_cold_spare_is_not_started_by_a_group_that_holds_still() -> None:
    bench = group(standby=w.COLD, start_limit_s=1, stop_delay_s=0)
    held_still(bench)
    bench.stop(PRIMARY)
    bench.run(SETTLED_MS)
    assert bench.engine.roles.power == 0
    assert bench.engine.held_back & w.I_RESETS


def test_a_cold_spare_that_carried_the_load_is_not_powered_again_by_a_board_that_holds_still() -> None:
    bench = group(standby=w.COLD, retention=w.LATCHING, start_limit_s=1, stop_delay_s=0)
    bench.stop(PRIMARY)
    bench.run(3000)
    assert bench.connected() == [SPARE]
    held_still(bench)
    assert (bench.connected(), bench.engine.roles.power) == ([SPARE], 0)
    bench.engine.hold(0)
    bench.run(SETTLED_MS)
    assert bench.engine.roles.power == 1


def test_a_beacon_that_holds_still_goes_on_reporting() -> None:
    watch = Watch(boards.settings.defaults(), ((w.PATH_AGENT, 0, 100, 100, 5),))
    watch.hold(1)
    watch.heard(0, w.OK, w.ECHOED)
    watch.elapsed(1)
    assert watch.own_health() == w.OK


# -- the board ------------------------------------------------------------------------------------------------------


@pytest.fixture
def bench(tmp_path: Path) -> boards.Bench:
    bench = boards.Bench(tmp_path)
    bench.run(4000)
    return bench


def reset(bench: boards.Bench, address: int, times: int, after_ms: int = 200) -> None:
    """Reset a board by its watchdog so often."""
    for _ in range(times):
        bench.boot(address, w.C_WATCHDOG)
        bench.run(after_ms)


@pytest.mark.parametrize("address", [BEACON, CONTROLLER])
def test_f10_a_board_that_was_reset_three_times_says_so_and_serves_the_host(bench: boards.Bench, address: int) -> None:
    reset(bench, address, 2)
    assert not bench.boards[address].troubles & w.B_RESETS
    reset(bench, address, 1)
    board = bench.boards[address]
    assert board.troubles & w.B_RESETS
    assert bench.hardware[address].pins["alarm"].level == 0, "its alarm relay is released"
    events = [row[2:] for row in bench.events(address)]
    assert (w.E_BOOT, w.C_WATCHDOG, board.recorder.boot) in events
    assert (w.E_TROUBLES, w.B_RESETS, 0) in events
    if address == CONTROLLER:
        assert bench.engine.situation.inhibited & w.I_RESETS
        kind, values = Host(bench).ask(m.QUERY, m.T_BOOTS, 0)
        assert (kind, values[:6]) == (m.BOOTS, (w.C_WATCHDOG, w.C_WATCHDOG, 1, 3, 0, 1))


def test_f10_the_hold_is_cleared_once_for_each_token_and_survives_a_further_reset(bench: boards.Bench) -> None:
    reset(bench, CONTROLLER, 3)
    host = Host(bench)

    def ask(token: int, flags: int = 0) -> int:
        kind, values = host.ask(m.REQUEST, token, w.CLEAR_RESETS, 0, 0, 0, flags)
        assert kind == m.REPLY
        return int(values[1])

    assert ask(6, w.DRY) == w.DONE
    assert bench.boards[CONTROLLER].troubles & w.B_RESETS, "a dry run does nothing"
    assert ask(7) == w.DONE
    assert not bench.boards[CONTROLLER].troubles & w.B_RESETS
    assert not bench.engine.still
    assert ask(7) == w.DONE, "a repeat is answered again"
    assert ask(8) == w.NOTHING
    asked = [row[2:] for row in bench.events() if row[2] == w.E_ASKED]
    assert asked == [(w.E_ASKED, w.CLEAR_RESETS, 255)] * 2, "and not done again"
    reset(bench, CONTROLLER, 2)
    assert not bench.boards[CONTROLLER].troubles & w.B_RESETS, "the count began anew"


def test_f10_a_beacon_clears_its_own_hold(bench: boards.Bench) -> None:
    reset(bench, BEACON, 3)
    service = bench.boards[BEACON].service
    answers: list[tuple[int, ...]] = []
    service.reply = answers.append
    service.handle(m.REQUEST, *_payload(m.REQUEST, (9, w.CLEAR_RESETS, 0, 0, 0, 0)))
    assert answers == [(9, w.DONE, 0, w.NONE, 0, 0)]
    assert not bench.boards[BEACON].troubles & w.B_RESETS


def _payload(kind: int, values: tuple[int, ...]) -> tuple[bytearray, int]:
    payload = bytearray(m.BODY_MAX + m.AT_BODY)
    return payload, m.pack(kind, payload, values)


def test_f10_a_board_that_is_reset_again_while_it_holds_leaves_its_configuration_alone(bench: boards.Bench) -> None:
    kept = bench.boards[CONTROLLER].service.blob
    reset(bench, CONTROLLER, bootrecord.RESETS_MAX + 1)
    board = bench.boards[CONTROLLER]
    assert board.configuration is None
    assert board.service.blob == kept, "it tells it all the same"
    assert board.troubles & w.B_RESETS
    assert board.relays == []
    board.restarts.clear_resets()
    bench.run(restarts.RESET_DELAY_MS)
    assert board.restarts.is_due()
    board.boots.intend(board.restarts.intent)
    again = bench.boot(CONTROLLER, w.C_WATCHDOG)
    assert again.configuration is not None
    assert (again.boots.cause, again.troubles & w.B_RESETS) == (w.C_PLANNED, 0)


def test_a_configuration_that_restarts_the_board_is_told_as_that_and_counts_for_nothing(bench: boards.Bench) -> None:
    board = bench.boards[CONTROLLER]
    for _ in range(bootrecord.RESETS_MAX):
        board.restarts.schedule(w.C_CONFIGURED)
        bench.run(restarts.RESET_DELAY_MS)
        assert board.restarts.is_due()
        board.boots.intend(board.restarts.intent)
        board = bench.boot(CONTROLLER, w.C_WATCHDOG)
        assert (board.boots.cause, board.boots.resets) == (w.C_CONFIGURED, 0)
    assert (w.E_BOOT, w.C_CONFIGURED, board.recorder.boot) in [row[2:] for row in bench.events()]


def test_f11_an_exception_is_told_by_an_event_of_the_next_boot(bench: boards.Bench) -> None:
    board = bench.boards[CONTROLLER]
    board.boots.failed(ZeroDivisionError())
    board.boots.came_from('Traceback:\n  File "x.py", line 1\nZeroDivisionError:\n')
    where = board.boots.where
    bench.boot(CONTROLLER, w.C_WATCHDOG)
    found = [row[3:] for row in bench.events() if row[2] == w.E_EXCEPTION]
    assert found == [(bootrecord.kind_of(ZeroDivisionError()), where)]
    assert not [row for row in bench.events() if row[2] == w.E_HUNG]


# -- check-in -------------------------------------------------------------------------------------------------------

PARTS = ("_drain", "_look", "_act", "_send", "_show")
CHECKED_IN_BEFORE = {"_drain": 0, "_look": 1, "_act": 3, "_send": 4, "_show": 5}


@pytest.mark.parametrize("part", PARTS)
def test_f9_the_record_tells_which_part_checked_in_last_before_one_that_hung(bench: boards.Bench, part: str) -> None:
    class Hung(Exception):
        pass

    def hangs(*arguments: int) -> int:
        raise Hung

    board = bench.boards[CONTROLLER]
    setattr(board, part, hangs)
    with pytest.raises(Hung):
        board.step(1)
    assert board.parts != firmware.PARTS, "nothing feeds the watchdog"
    again = bench.boot(CONTROLLER, w.C_WATCHDOG)
    assert again.boots.part == CHECKED_IN_BEFORE[part]
    hung = [row[3] for row in bench.events() if row[2] == w.E_HUNG]
    assert hung == [CHECKED_IN_BEFORE[part]]


@pytest.mark.parametrize("part", ["_drain", "_look", "_act", "_send"])
def test_f9_a_part_that_does_not_check_in_starves_the_watchdog_and_stays_known(bench: boards.Bench, part: str) -> None:
    board = bench.boards[CONTROLLER]

    def silent(*arguments: int) -> int:
        return 0  # it does nothing and says nothing: what comes after it is out of order

    setattr(board, part, silent)
    for _ in range(5):
        board.step(1)
        assert board.parts != firmware.PARTS
    assert bench.boot(CONTROLLER, w.C_WATCHDOG).boots.part == CHECKED_IN_BEFORE[part]


def test_f9_whenever_the_watchdog_bites_the_part_that_does_not_check_in_is_known(bench: boards.Bench) -> None:
    board = bench.boards[CONTROLLER]
    record = board.boots
    drain = board._drain
    seen: list[int] = []

    def watched() -> None:
        seen.append(record.words[record.live_at] & bootrecord.PART_MASK)
        drain()

    board._drain = watched
    board.step(1)
    board._look = lambda ms: None  # from now on
    for _ in range(3):
        board.step(1)
    assert seen == [0, 0, firmware.DRAINED, firmware.DRAINED]


def test_a_board_that_runs_leaves_how_long(bench: boards.Bench) -> None:
    board = bench.boards[CONTROLLER]
    for _ in range(130):
        board.step(1000)
    assert bench.boot(CONTROLLER, w.C_WATCHDOG).boots.uptime_min == 2


def test_f9_parts_out_of_order_starve_the_watchdog(bench: boards.Bench) -> None:
    board = bench.boards[CONTROLLER]
    drain, look = board._drain, board._look  # type: ignore[has-type]
    board._drain = lambda: look(1)
    board._look = lambda ms: drain()
    board.step(1)
    assert 0 < board.parts < firmware.PARTS
    assert bench.boot(CONTROLLER, w.C_WATCHDOG).boots.part == firmware.DRAINED


def test_after_a_whole_step_the_record_says_that_the_last_part_checked_in(bench: boards.Bench) -> None:
    bench.boards[CONTROLLER].count_late(37)
    bench.run(1)
    record = bench.boot(CONTROLLER, w.C_WATCHDOG).boots
    assert (record.part, record.late_ms) == (firmware.PARTS, 37)
