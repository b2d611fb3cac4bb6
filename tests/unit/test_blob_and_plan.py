"""What a configuration becomes: bytes for the boards and a rig."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotspare import blob, configuration, plan
from hotspare.rig import plan as rig_plan
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


def test_a_difference_names_each_field_as_the_file_writes_it() -> None:
    old, new = files.pair().groups[0], files.pair({"group.pair.on_silence": False, "group.pair.beats": 3}).groups[0]
    found = blob.differences(blob.of(old.boards[0], old), blob.of(new.boards[0], new))
    assert [(row.field, row.board_has, row.file_says) for row in found] == [
        ("beats", "5", "3"),
        ("on_silence", "true", "false"),
    ]
    assert blob.differences(blob.of(old.boards[0], old), blob.of(old.boards[0], old)) == []
    assert {row.board_has for row in blob.differences(b"", blob.of(old.boards[0], old))} == {"-"}


def test_the_example_pair_becomes_the_rig_that_the_documents_name() -> None:
    built = plan.plan_from(files.pair())
    rig_plan.verify(built)
    assert [cable.name for cable in built.cables] == ["crosslink-a", "crosslink-b", "agent-primary", "agent-spare"]
    assert [relay.name for relay in built.relays] == ["line-primary", "alarm-controller", "alarm-beacon"]
    assert {unit.name: unit.address for unit in built.units} == {"primary": 100, "spare": 101}
    assert {board.name: board.fed_by for board in built.boards} == {"controller": None, "beacon": "primary"}


def test_twenty_five_pairs_in_one_file_are_one_valid_rig() -> None:
    built = plan.plan_from(configuration.build(files.many(25), files.HERE))
    rig_plan.verify(built)
    assert len(built.boards) == 50
    assert {cable.name for cable in built.cables} >= {"g0-crosslink-a", "g24-crosslink-b", "agent-s7"}
    assert {relay.name for relay in built.relays} >= {"line-p0", "line-p24", "alarm-beacon3"}


def test_a_second_uart_as_crosslink_and_agents_on_the_host_port_make_a_rig() -> None:
    changes = {"unit.primary.agent": "host", "unit.spare.agent": "host"}
    changes |= {"board.beacon.crosslink_b": "uart", "board.controller.crosslink_b": "uart"}
    built = plan.plan_from(files.pair(changes))
    rig_plan.verify(built)
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
    rig_plan.verify(built)
    assert built.relays[0] == expected


def test_a_changeover_has_the_poles_and_the_times_of_the_file() -> None:
    built = plan.plan_from(files.pair({"group.pair.poles": 2, "rig.operate_us": 9_000}))
    (relay, *_) = built.relays
    assert isinstance(relay, rig_plan.ChangeoverRelay)
    assert (relay.poles, relay.operate_us) == (2, 9_000)


def test_a_cold_spare_is_fed_through_a_relay_of_the_controller_with_the_times_of_the_file() -> None:
    pair = files.pair({"rig.bounce_us": 700})
    cold = replace(pair, groups=(replace(pair.groups[0], standby="cold"),))
    built = plan.plan_from(cold)
    rig_plan.verify(built)
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
