"""A pair of boards in memory: the firmware's step, what it makes of faults, and that its parts check in."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hotspare_engine import words as w
from hotspare_engine.timers import CONFLICT_HOLD_MS
from hotspare_firmware import led
from hotspare_firmware.board import PARTS
from hotspare_firmware.switch import STEADY_MS
from hotspare_wire import configuration as c
from hotspare_wire import frame
from hotspare_wire import messages as m
from tests.boards import BEACON, CONTROLLER, Bench, Pin

SETTLE_MS = 400
DEAD_MS = 500


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.arm()
    made.run(SETTLE_MS)
    assert made.engine.state == w.NORMAL
    assert made.engine.alarms == 0
    return made


def relay(bench: Bench) -> int:
    return bench.hardware[CONTROLLER].pins["relay1"].level


def test_a_pair_that_is_well_energises_both_alarm_relays_and_no_changeover(bench: Bench) -> None:
    assert relay(bench) == 0
    assert all(hardware.pins["alarm"].level == 1 for hardware in bench.hardware.values())
    assert bench.boards[CONTROLLER].led.pattern == led.WELL
    assert bench.boards[BEACON].led.pattern == led.STANDBY


def test_an_agent_that_falls_silent_is_a_failover(bench: Bench) -> None:
    bench.agents[0].report = None
    bench.run(DEAD_MS - 100)
    assert relay(bench) == 0
    bench.run(200)
    assert relay(bench) == 1
    assert bench.engine.state == w.ON_SPARE


def test_an_agent_that_says_failing_acts_at_once(bench: Bench) -> None:
    bench.agents[0].report = w.FAILED
    bench.run(100)
    assert relay(bench) == 1


@pytest.mark.parametrize("on_degraded", [0, 1])
def test_an_agent_that_says_degraded_is_passed_on_as_the_units_own_word(tmp_path: Path, on_degraded: int) -> None:
    bench = Bench(tmp_path, on_degraded=on_degraded)
    bench.arm()
    bench.run(SETTLE_MS)
    bench.agents[0].report = w.IMPAIRED
    bench.run(200)
    assert relay(bench) == on_degraded
    assert bench.engine.health.units[0].why == w.WHY_DEGRADED
    assert bench.engine.alarms == w.A_PRIMARY_IMPAIRED


def test_what_a_beacon_finds_wrong_with_its_agents_path_is_not_the_units_own_word(tmp_path: Path) -> None:
    bench = Bench(tmp_path, on_degraded=1)
    bench.arm()
    bench.run(SETTLE_MS)
    bench.hardware[BEACON].uarts[1].cut = True  # the agent hears its board no more, and its echoes stand still
    bench.run(2000)
    assert bench.boards[BEACON].engine.alarms & w.A_ONE_WAY
    assert bench.engine.health.units[0].why == w.WHY_REPORTED
    assert relay(bench) == 0


def test_f1_one_crosslink_cut_alarms_and_moves_nothing(bench: Bench) -> None:
    for hardware in bench.hardware.values():
        hardware.uarts[0].cut = True
    bench.run(2 * DEAD_MS)
    assert relay(bench) == 0
    assert bench.engine.alarms & w.A_PATH
    assert bench.engine.health.units[0].health == w.IMPAIRED


def test_f2_every_crosslink_cut_switches_and_the_beacon_alarms(bench: Bench) -> None:
    bench.cut()
    bench.run(2 * DEAD_MS)
    assert relay(bench) == 1
    assert bench.boards[BEACON].engine.alarms & w.A_CONTROLLER_SILENT
    assert bench.hardware[BEACON].pins["alarm"].level == 0


def lose(bench: Bench, address: int, share: float, ms: int) -> None:
    """Let so many of the frames that leave a board on its crosslink be lost for a while."""
    uart = bench.hardware[address].uarts[0]
    write, chance = uart.write, random.Random(address)
    uart.write = lambda data: write(b"" if chance.random() < share else data) or len(data)  # type: ignore[method-assign]
    bench.run(ms)
    uart.write = write  # type: ignore[method-assign]


def test_f3_a_pair_that_is_well_loses_nothing(bench: Bench) -> None:
    bench.boot(BEACON)
    bench.run(20 * DEAD_MS)
    assert [path.loss for board in bench.boards.values() for path in board.engine.health.paths] == [0] * 6


def test_f3_a_noisy_crosslink_is_measured_by_its_sequence_alarmed_and_no_failover(bench: Bench) -> None:
    lose(bench, BEACON, 0.2, 40 * DEAD_MS)
    path = bench.engine.health.paths[1]
    assert path.kind == w.PATH_CROSSLINK_A
    assert 60 < path.loss_permille() < 200
    assert bench.engine.alarms == w.A_PRIMARY_IMPAIRED | w.A_NOISY
    assert not bench.boards[BEACON].engine.alarms, "the other way is quiet"
    assert relay(bench) == 0
    bench.cut()
    bench.run(2 * DEAD_MS)
    assert relay(bench) == 1, "the pulse fell silent too, and that is quiet"


def test_f3_an_agent_that_falls_silent_behind_a_noisy_cable_is_reported_so_and_waits_for_a_person(bench: Bench) -> None:
    agent = bench.agents[0]
    for beat in range(60):
        if beat % 4 == 0:
            agent.link.report(w.OK, 0)  # is lost on the way
        bench.run(90)
    assert bench.boards[BEACON].engine.alarms & w.A_NOISY
    agent.report = None
    bench.run(2 * DEAD_MS)
    assert bench.engine.health.units[0].health == w.FAILED
    assert bench.engine.held_back == w.I_NOISY | w.I_ASKING
    assert relay(bench) == 0
    agent.report = w.FAILED
    bench.run(200)
    assert relay(bench) == 1, "what it says itself acts"


def test_f4_a_line_on_which_we_are_not_heard_is_alarmed_and_moves_nothing(bench: Bench) -> None:
    bench.hardware[CONTROLLER].uarts[0].cut = True  # what the controller sends is lost
    bench.run(3 * DEAD_MS)
    assert relay(bench) == 0
    assert bench.engine.alarms & w.A_ONE_WAY


def test_f20_garbage_on_every_port_is_counted_and_the_service_stays(bench: Bench) -> None:
    for _ in range(200):
        for hardware in bench.hardware.values():
            for uart in hardware.uarts:
                uart.inbox += bench.chance.randbytes(40)
        for host in bench.hosts.values():
            host.inbox += bench.chance.randbytes(40)
        bench.run(10)
    assert relay(bench) == 0
    bench.run(2 * DEAD_MS)
    assert all(sum(port.decoder.damage) > 0 for port in bench.boards[CONTROLLER].ports)
    assert bench.engine.health.well(0)
    bench.agents[0].report = w.FAILED
    bench.run(200)
    assert relay(bench) == 1, "after the garbage the next good frame is heard"


@pytest.mark.parametrize("group_changes", [True, False], ids=["configuration", "firmware"])
def test_f21_boards_that_differ_do_not_fail_over_by_themselves_and_say_so(bench: Bench, group_changes: bool) -> None:
    beacon = bench.boards[BEACON]
    if group_changes:
        beacon.config_hash ^= 1
    else:
        beacon.firmware_hash ^= 1
    bench.run(DEAD_MS)
    assert bench.engine.alarms & w.A_DIFFERS
    bench.agents[0].report = w.FAILED
    bench.run(DEAD_MS)
    assert relay(bench) == 0
    assert bench.engine.held_back & w.I_DIFFERS
    beacon.config_hash = bench.boards[CONTROLLER].config_hash
    beacon.firmware_hash = bench.boards[CONTROLLER].firmware_hash
    bench.run(DEAD_MS)
    assert relay(bench) == 1


def test_f22_two_boards_of_one_address_hold_and_alarm(bench: Bench) -> None:
    for port in bench.boards[BEACON].ports:
        port.link.address = CONTROLLER
    bench.run(DEAD_MS)
    assert bench.engine.alarms & w.A_CONFLICT
    bench.agents[0].report = None
    bench.run(3 * DEAD_MS)
    assert relay(bench) == 0


def test_f35_a_controller_that_reboots_on_the_spare_energises_again_when_the_primary_is_dead(bench: Bench) -> None:
    bench.agents[0].report = None
    bench.run(2 * DEAD_MS)
    assert relay(bench) == 1
    bench.boot(CONTROLLER, cause=2)
    assert relay(bench) == 0, "a reset energises nothing"
    bench.run(50)
    assert relay(bench) == 0
    bench.run(3 * DEAD_MS)
    assert relay(bench) == 1
    assert bench.engine.armed, "armed outlives a reset"


def test_f35_a_controller_that_reboots_stays_on_a_primary_that_is_well(bench: Bench) -> None:
    bench.engine.asked(1, w.MS, 1, 0, 0, 0)
    bench.run(200)
    assert relay(bench) == 1
    bench.boot(CONTROLLER, cause=2)
    bench.run(3 * DEAD_MS)
    assert relay(bench) == 0
    assert bench.engine.state == w.NORMAL


@pytest.mark.parametrize(
    "order", [(BEACON, CONTROLLER), (CONTROLLER, BEACON)], ids=["beacon first", "controller first"]
)
def test_f38_a_site_that_starts_cold_comes_up_on_the_primary(tmp_path: Path, order: tuple[int, int]) -> None:
    bench = Bench(tmp_path)
    bench.arm()
    for agent in bench.agents:
        agent.report = None
    bench.run(500, without=(order[1],))
    bench.boot(order[1])
    bench.run(500)
    assert relay(bench) == 0
    for agent in bench.agents:
        agent.report = w.OK
    bench.run(1000)
    assert relay(bench) == 0
    assert bench.engine.state == w.NORMAL
    assert bench.engine.alarms == 0


def test_f38_a_primary_that_never_comes_up_is_left_for_the_spare_after_boot_grace(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.arm()
    bench.agents[0].report = None
    bench.run(2500)
    assert relay(bench) == 0
    bench.run(4000)
    assert relay(bench) == 1


def test_f41_frames_of_a_beacons_earlier_session_are_refused_after_it_rebooted(bench: Bench) -> None:
    port = bench.boards[CONTROLLER].ports[-1]
    wire = bench.hardware[CONTROLLER].uarts[0]
    kept = []
    for _ in range(200):
        bench.run(1)
    heard = bytes(bench.boards[BEACON].ports[-1].link.heartbeat(w.FAILED, 0, 0, 255, 0, 0, 0))
    kept.append(heard)
    bench.boot(BEACON)
    bench.run(SETTLE_MS)
    refused = port.link.refused
    wire.inbox += heard
    bench.run(5)
    assert port.link.refused == refused + 1
    assert relay(bench) == 0


def test_f22_a_beacon_that_claims_another_unit_holds_the_controller(bench: Bench) -> None:
    bench.arm()
    right = bench.blob(BEACON)
    fixed = (
        BEACON,
        CONTROLLER,
        0,
        CONTROLLER,
        c.B_PULSE,
        c.AGENT_UART,
        115200,
        115200,
        2000,
        b"beacon".ljust(16, b"\0"),
    )
    bench.boards[BEACON].store.slots.store(c.pack(fixed, bench.group))
    bench.boot(BEACON)
    bench.run(SETTLE_MS)
    assert bench.engine.alarms & w.A_CONFLICT
    assert bench.engine.situation.inhibited & w.I_CONFLICT
    bench.boards[BEACON].store.slots.store(right)
    bench.boot(BEACON)
    bench.run(SETTLE_MS + CONFLICT_HOLD_MS)
    assert not bench.engine.alarms & w.A_CONFLICT


def test_a_part_that_does_not_check_in_leaves_the_step_incomplete(bench: Bench) -> None:
    board = bench.boards[CONTROLLER]
    board._look = lambda ms: None
    board.step(1)
    assert board.parts != PARTS


def test_a_full_transmit_buffer_is_counted_and_never_waited_for(bench: Bench) -> None:
    port = bench.boards[CONTROLLER].ports[-1]
    port.uart.room = 5
    bench.run(300)
    assert port.short_writes > 0
    port.uart.room = 1 << 30
    bench.run(2 * DEAD_MS)
    assert bench.engine.alarms == 0


def test_a_host_that_does_not_read_holds_nothing_up(bench: Bench) -> None:
    host = bench.hosts[CONTROLLER]
    host.outbox.clear()
    host.blocked = True
    stranger = frame.Encoder()
    host.inbox += bytes(stranger.close(m.HELLO, m.ADDRESS_HOST, CONTROLLER, 0, 1, m.body_size(m.HELLO))) * 5
    bench.run(500)
    assert not host.outbox
    bench.agents[0].report = w.FAILED
    bench.run(100)
    assert relay(bench) == 1


def test_what_the_recorder_keeps_is_numbered_without_gaps(bench: Bench) -> None:
    bench.agents[0].report = w.FAILED
    bench.run(200)
    numbers = [event[0] for event in bench.events()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    kinds = [event[2] for event in bench.events()]
    for kind in (w.E_BOOT, w.E_HEALTH, w.E_WINNER, w.E_DRIVE, w.E_SWITCHED):
        assert kind in kinds


def test_a_lockout_switch_is_heard_where_there_is_one_and_its_pin_not_read_elsewhere(tmp_path: Path) -> None:
    for folder, inputs in (("with", c.INPUT_LOCKOUT), ("without", 0)):
        (tmp_path / folder).mkdir()
        bench = Bench(tmp_path / folder, inputs=inputs)
        bench.arm()
        bench.run(SETTLE_MS)
        bench.hardware[CONTROLLER].pins.setdefault("lockout", Pin()).level = 1
        bench.run(STEADY_MS + 20)
        assert bool(bench.engine.alarms & w.A_OUT) == bool(inputs)
        bench.agents[0].report = w.FAILED
        bench.run(SETTLE_MS)
        assert bench.engine.selected == (w.NONE if inputs else 0)
        bench.hardware[CONTROLLER].pins["lockout"].level = 0
        bench.run(SETTLE_MS)
        assert bench.engine.selected == 0
        told = [(a, b) for _, _, kind, a, b in bench.events() if kind == w.E_LOCAL]
        assert told == ([(1, 0), (0, 0)] if inputs else [])
