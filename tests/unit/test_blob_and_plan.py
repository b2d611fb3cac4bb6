"""What a configuration becomes: bytes for the boards and a rig."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotspare import blob, configuration, plan, wiring
from hotspare.rig import plan as rig_plan
from hotspare.rig.verification import verify
from hotspare_wire import configuration as wire
from hotspare_wire import messages
from tests import files


def test_the_bytes_for_the_boards_are_what_the_boards_accept() -> None:
    pair = files.pair({"group.pair.interval_ms": 20, "group.pair.retention": "latching"})
    group = pair.groups[0]
    controller, beacon = (wire.Configuration(blob.of(board, group)) for board in group.boards)
    assert wire.verify(blob.of(group.boards[0], group)) == (messages.ACK_OK, 0)
    assert (controller.address, controller.peer, controller.unit) == (2, 1, 2)
    assert (beacon.address, beacon.peer, beacon.unit) == (1, 2, 1)
    assert controller.role == messages.ROLE_CONTROLLER | messages.ROLE_SPARE
    assert beacon.role == 0
    assert controller.hash == beacon.hash == blob.config_hash(group)
    assert controller.settings == beacon.settings == group.settings
    assert (messages.text(beacon.name), messages.text(beacon.group)) == ("beacon", "pair")


def test_moved_pins_and_the_lockout_switch_reach_board_and_rig() -> None:
    changes = {"board.controller.pins": {"relay1": 28, "led": 9}, "board.controller.lockout_switch": True}
    moved = files.pair({**changes, "board.controller.pins.invalid_a": 14, "board.controller.pins.supply": 25})
    group = moved.groups[0]
    controller, beacon = (wire.Configuration(blob.of(board, group)) for board in group.boards)
    assert (controller.inputs, beacon.inputs) == (wire.INPUT_LOCKOUT, 0)
    names = list(wiring.of("pico").pins)
    assert [names[place - 1] for place in controller.pins[::2] if place] == ["relay1", "led", "invalid_a", "supply"]
    assert list(controller.pins[1:8:2]) == [28, 9, 14, 25]
    assert beacon.pins == bytes(16)
    boards = {board.name: board.pins for board in plan.plan_from(moved).boards}
    assert boards == {"controller": {"relay1": 28, "led": 9, "invalid_a": 14, "supply": 25}, "beacon": {}}
    pyboard = files.pair({"board.beacon.kind": "pyboard", "board.beacon.pins": {"alarm": "X2"}})
    (_, beacon) = pyboard.groups[0].boards
    number = wiring.of("pyboard").pads.index("X2")
    assert wire.Configuration(blob.of(beacon, pyboard.groups[0])).pins[1] == number
    assert plan.plan_from(pyboard).boards[1].pins == {"alarm": number}


def test_the_pins_of_a_kind_keep_their_places_for_boards_that_have_an_older_firmware() -> None:
    # a configuration names a moved pin by its place in the wiring file: new ones are put at the end
    first = ["uart0_tx", "uart0_rx", "uart1_tx", "uart1_rx", "pulse_out", "pulse_in", "relay1", "relay1_second"]
    last = ["supply", "alarm", "start", "lockout", "contact", "invalid_a", "invalid_b", "led"]
    for kind, count in (("pico", 26), ("esp32", 18), ("esp32s3", 26), ("pyboard", 26)):
        pins = list(wiring.of(kind).pins)
        assert (pins[:8], pins[count - 8 : count]) == (first, last)


def test_a_difference_names_each_field_as_the_file_writes_it() -> None:
    old, new = files.pair().groups[0], files.pair({"group.pair.on_silence": False, "group.pair.beats": 3}).groups[0]
    found = blob.differences(blob.of(old.boards[0], old), blob.of(new.boards[0], new))
    assert [(row.field, row.board_has, row.file_says) for row in found] == [
        ("beats", "5", "3"),
        ("on_silence", "true", "false"),
    ]
    assert blob.differences(blob.of(old.boards[0], old), blob.of(old.boards[0], old)) == []
    switch = files.pair({"board.controller.lockout_switch": True, "board.controller.pins": {"relay1": 28}}).groups[0]
    found = blob.differences(blob.of(old.boards[0], old), blob.of(switch.boards[0], switch))
    assert [(row.field, row.board_has, row.file_says) for row in found] == [
        ("lockout_switch", "false", "true"),
        ("pins", "none", "pin 7 at pad 28"),
    ]
    assert {row.board_has for row in blob.differences(b"", blob.of(old.boards[0], old))} == {"-"}


def test_the_example_pair_becomes_the_rig_that_the_documents_name() -> None:
    built = plan.plan_from(files.pair())
    verify(built)
    assert [cable.name for cable in built.cables] == ["crosslink-a", "crosslink-b", "agent-primary", "agent-spare"]
    assert [relay.name for relay in built.relays] == ["line-primary", "alarm-controller", "alarm-beacon"]
    assert {unit.name: unit.address for unit in built.units} == {"primary": 100, "spare": 101}
    assert {board.name: board.fed_by for board in built.boards} == {"controller": None, "beacon": "primary"}


def test_twenty_five_pairs_in_one_file_are_one_valid_rig() -> None:
    built = plan.plan_from(configuration.build(files.many(25), files.HERE))
    verify(built)
    assert len(built.boards) == 50
    assert {cable.name for cable in built.cables} >= {"g0-crosslink-a", "g24-crosslink-b", "agent-s7"}
    assert {relay.name for relay in built.relays} >= {"line-p0", "line-p24", "alarm-beacon3"}


def test_a_second_uart_as_crosslink_and_agents_on_the_host_port_make_a_rig() -> None:
    changes = {"unit.primary.agent": "host", "unit.spare.agent": "host"}
    changes |= {"board.beacon.crosslink_b": "uart", "board.controller.crosslink_b": "uart"}
    built = plan.plan_from(files.pair(changes))
    verify(built)
    assert [(cable.name, type(cable).__name__) for cable in built.cables] == [
        ("crosslink-a", "SerialCable"),
        ("crosslink-b", "SerialCable"),
        ("agent-primary", "SerialCable"),
        ("agent-spare", "SerialCable"),
    ]


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ("interlocked", rig_plan.InterlockedRelay("line-primary", "controller", "primary", "primary", "spare")),
        ("fenced", rig_plan.FencedRelay("line-primary", "controller", "primary", "primary", "spare")),
        (
            "unproven",
            rig_plan.InterlockedRelay("line-primary", "controller", "primary", "primary", "spare", mirrors=False),
        ),
    ],
)
def test_each_kind_of_switch_becomes_its_own_relay(switch: str, expected: rig_plan.LineRelay) -> None:
    built = plan.plan_from(files.pair({"group.pair.switch": switch}))
    verify(built)
    assert built.relays[0] == expected


def test_a_changeover_has_the_poles_and_the_times_of_the_file() -> None:
    built = plan.plan_from(files.pair({"group.pair.poles": 2, "rig.operate_us": 9_000}))
    (relay, *_) = built.relays
    assert isinstance(relay, rig_plan.ChangeoverRelay)
    assert (relay.poles, relay.operate_us) == (2, 9_000)


def test_the_hooks_of_units_take_the_times_of_the_file() -> None:
    times = {"drain_ms": 2_000, "active_ms": 300, "hook_limit_ms": 9_000}
    pair = files.pair({f"rig.{name}": ms for name, ms in times.items()})
    for unit in plan.plan_from(pair).units:
        assert {name: getattr(unit, name) for name in times} == times


def test_each_line_has_clients_unless_the_file_says_none() -> None:
    sent = {"transaction_us": 500, "transaction_ms": 20, "client_timeout_ms": 4_000}
    built = plan.plan_from(files.pair({f"rig.{name}": value for name, value in sent.items()}))
    assert built.clients == (rig_plan.ClientsPlan("clients-primary", "primary", 500, 20, 4_000),)
    assert [clients.line for clients in plan.plan_from(files.pool()).clients] == ["primary-1", "primary-2", "primary-3"]
    assert plan.plan_from(files.pair({"rig.transaction_us": 0})).clients == ()


def test_a_cold_spare_is_fed_through_a_relay_of_the_controller_with_the_times_of_the_file() -> None:
    built = plan.plan_from(files.pair({"rig.bounce_us": 700, "group.pair.standby": "cold"}))
    verify(built)
    assert built.relays[1] == rig_plan.StartRelay("start-spare", "controller", "spare", bounce_us=700)


def test_the_lines_of_a_pool_share_the_spare_through_one_another_in_the_order_of_the_file() -> None:
    pair = files.pair()
    pool = replace(pair.groups[0], primaries=("first", "second", "third"))
    relays = plan.relays_of(pool, pair.rig)
    assert [(relay.name, relay.through) for relay in relays if isinstance(relay, rig_plan.LineRelay)] == [
        ("line-first", None),
        ("line-second", "line-first"),
        ("line-third", "line-second"),
    ]


BYPASSED = {"unit.primary.contact": True, "unit.primary.agent_direct": True, "unit.spare.agent": "host"}


def test_paths_past_the_beacon_stand_in_the_controllers_bytes_alone() -> None:
    group = files.pair({**BYPASSED, "board.controller.invalid_a": True}).groups[0]
    controller, beacon = (wire.Configuration(blob.of(board, group)) for board in group.boards)
    assert wire.verify(blob.of(group.boards[0], group)) == (messages.ACK_OK, 0)
    assert (controller.contact, controller.direct, controller.inputs) == (1, 1, wire.INPUT_INVALID_A)
    assert (beacon.contact, beacon.direct, beacon.inputs) == (0, 0, 0)
    assert controller.hash == beacon.hash
    plain = files.pair().groups[0]
    found = blob.differences(blob.of(plain.boards[0], plain), blob.of(group.boards[0], group))
    assert [(row.field, row.board_has, row.file_says) for row in found] == [
        ("agent", "uart", "host"),
        ("contact", "none", "unit 1"),
        ("agent_direct", "none", "unit 1"),
        ("invalid_a", "false", "true"),
    ]


def test_a_contact_and_a_direct_agent_are_cables_of_the_rig() -> None:
    built = plan.plan_from(files.pair(BYPASSED))
    verify(built)
    assert built.cables[4:] == (
        rig_plan.SerialCable("direct-primary", ("primary", "direct"), ("controller", "uart1"), 115_200),
        rig_plan.ContactCable("contact-primary", "primary", "controller"),
    )


ON_A_NETWORK = {
    "board.beacon.kind": "esp32",
    "board.beacon.network": "10.0.0.1:4700",
    "board.controller.kind": "esp32s3",
    "board.controller.network": "10.0.0.2:4701",
}


def test_a_network_stands_in_both_boards_bytes_each_with_the_others_place() -> None:
    group = files.pair(ON_A_NETWORK).groups[0]
    controller, beacon = (wire.Configuration(blob.of(board, group)) for board in group.boards)
    assert all(wire.verify(blob.of(board, group)) == (messages.ACK_OK, 0) for board in group.boards)
    assert (beacon.network_port, beacon.network_peer, beacon.network_peer_port) == (4700, 10 << 24 | 2, 4701)
    assert (controller.network_port, controller.network_peer, controller.network_peer_port) == (
        4701,
        10 << 24 | 1,
        4700,
    )
    built = plan.plan_from(files.pair(ON_A_NETWORK))
    verify(built)
    assert rig_plan.NetworkCable("network", "beacon", "controller", "10.0.0.1:4700", "10.0.0.2:4701") in built.cables
    assert rig_plan.from_plain(rig_plan.to_plain(built)) == built
