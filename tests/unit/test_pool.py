"""Groups of several primaries as the host sees them: rules of the file, budget, rig, status and explanation."""

from __future__ import annotations

from typing import Any

import pytest

from hotspare import blob, budget, cautions, chain, configuration, explaining, path_times, plan, view, wiretime
from hotspare.errors import ConfigurationInvalid
from hotspare.history import places
from hotspare.rig import plan as rig_plan
from hotspare.rig.verification import verify
from hotspare_engine import words as w
from hotspare_engine.resolver import Situation
from hotspare_wire import configuration as wire
from hotspare_wire import messages as m
from tests import files

POOL = files.pool()
GROUP = POOL.groups[0]


def complaints(changes: dict[str, Any], primaries: int = 3) -> list[str]:
    with pytest.raises(ConfigurationInvalid) as caught:
        files.pool(changes, primaries)
    return [line.removeprefix("hotspare.toml: ") for line in caught.value.lines]


def test_every_board_of_a_pool_gets_a_configuration_that_it_takes() -> None:
    for board in GROUP.boards:
        kept = blob.of(board, GROUP)
        assert wire.verify(kept) == (m.ACK_OK, 0)
        assert bytes(wire.Configuration(kept).beacons) == b"\1\2\3\0\0\0\0"
    has_next = [wire.has_down(wire.Configuration(blob.of(board, GROUP))) for board in GROUP.chain]
    assert has_next == [True, True, False]
    assert {blob.config_hash(GROUP)} == {wire.Configuration(blob.of(board, GROUP)).hash for board in GROUP.boards}


def test_the_order_of_the_chain_is_the_order_of_the_primaries_and_boards_compare_it() -> None:
    turned = files.pool(
        {
            "group.pool.primaries": ["primary-3", "primary-2", "primary-1"],
            "unit.primary-1.agent": "uart",
            "unit.primary-3.agent": "host",
        }
    ).groups[0]
    assert [board.name for board in turned.chain] == ["beacon-3", "beacon-2", "beacon-1"]
    assert blob.config_hash(turned) != blob.config_hash(GROUP)
    assert next(board for board in turned.boards if board.name == "controller").peer == 3


@pytest.mark.parametrize("switch", ["changeover", "interlocked", "fenced"])
def test_a_pool_makes_a_rig_whose_cables_are_a_chain_and_whose_relays_a_cascade(switch: str) -> None:
    built = plan.plan_from(files.pool({"group.pool.switch": switch}))
    verify(built)
    cables = {cable.name: cable for cable in built.cables if isinstance(cable, rig_plan.SerialCable)}
    assert [(cables[f"chain-beacon-{at}"].a, cables[f"chain-beacon-{at}"].b) for at in (1, 2, 3)] == [
        (("beacon-1", "uart0"), ("controller", "uart0")),
        (("beacon-2", "uart0"), ("beacon-1", "uart1")),
        (("beacon-3", "uart0"), ("beacon-2", "uart1")),
    ]
    ends = [cables[f"agent-{unit.name}"].b for unit in GROUP.units]
    assert ends == [("beacon-1", "host"), ("beacon-2", "host"), ("beacon-3", "uart1"), ("controller", "uart1")]
    through = [relay.through for relay in built.relays if isinstance(relay, rig_plan.LineRelay)]
    assert through == [None, "line-primary-1", "line-primary-2"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"board.beacon-2.address": 1}, "board.beacon-2.address = 1: board.beacon-1 has this address too"),
        ({"board.controller.address": 3}, "board.controller.address = 3: board.beacon-3 has this address too"),
        ({"board.beacon-1.crosslink_b": "pulse"}, "the boards of pool are a chain"),
        ({"board.controller.crosslink_b": "uart"}, 'crosslink_b = "none"'),
        (
            {"unit.primary-2.agent": "uart"},
            '2 UARTs and needs 3, for crosslink A, the next board, the agent: use agent = "host"',
        ),
        ({"group.pool.primaries": ["primary-1", "primary-2", "primary-2"]}, "a unit is named twice"),
        ({"group.pool.primaries": ["primary-1", "primary-2"]}, "unit.primary-3 belongs to no group"),
        ({"board.controller.kind": "esp32"}, "use another kind of board"),
        (
            {"group.pool.interval_ms": 15},
            "group.pool.interval_ms = 15: one heartbeat of each of 3 primaries, 96 bytes takes 8.3 ms at 115200 baud",
        ),
        ({"group.pool.interval_ms": 20, "group.pool.baud": 1000000}, None),
    ],
)
def test_what_is_no_chain_or_does_not_fit_is_named(changes: dict[str, Any], complaint: str | None) -> None:
    if complaint is None:
        files.pool(changes)
    else:
        assert any(complaint in line for line in complaints(changes)), complaints(changes)


def test_a_chain_through_which_beats_come_later_than_the_next_are_sent_is_refused() -> None:
    (line,) = complaints({"group.pool.interval_ms": 12, "group.pool.baud": 1000000})
    assert "a heartbeat of primary-3 comes up to 11.3 ms later through the chain, and may take 10.8 ms" in line
    assert "raise interval_ms to 13" in line
    files.pool({"group.pool.interval_ms": 13, "group.pool.baud": 1000000})


def test_seven_primaries_are_more_lines_than_a_pico_has_and_say_so() -> None:
    (line,) = complaints({}, primaries=7)
    assert line.startswith('group.pool.controller = "controller": kind pico has pins for 3 lines, the group has 7: ')


def test_detection_of_each_primary_is_its_limit_and_what_the_boards_before_it_add() -> None:
    times = budget.of(GROUP)
    wire_ms = wiretime.wire_ms(32, 115_200)
    silences = [cause for cause in times.causes if "lose power" in cause.name]
    assert [cause.name.split()[0] for cause in silences] == ["primary-1", "primary-2", "primary-3"]
    for hops, cause in enumerate(silences):
        forwarding_ms = hops * (wire_ms + chain.POLL_MS + chain.FORWARD_MS) + 2 * wire_ms
        assert cause.worst_ms == pytest.approx(500 + wire_ms + forwarding_ms)
        assert cause.median_ms == pytest.approx(455 + wire_ms + forwarding_ms)
    assert times.switching_ms == 65 + 50 + 65, "the other line is left first"
    assert [term.name for term in times.fall][-2:] == ["relay operates", "contact rests"]
    assert [noise.name for noise in times.noise] == ["primary-3: crosslink-a alone", "primary-3: the agent's cable"]


def test_the_notes_say_what_a_dead_board_takes_with_it() -> None:
    notes = "\n".join(cautions.notes(GROUP, POOL))
    assert "a dead beacon-1, or a cut cable to it, silences beacon-2 and beacon-3 behind it too" in notes
    assert (
        "the spare takes the line of primary-1; uncovered, taken for failed and left on their own lines: primary-2"
        in notes
    )
    assert "a dead beacon-2" in notes
    assert "a dead beacon-3" not in notes
    assert "a dead controller gives every line back to its primary" in notes
    latching = files.pool({"group.pool.retention": "latching"})
    assert any("leaves every line where it is" in note for note in cautions.notes(latching.groups[0], latching))
    interlocked = files.pool({"group.pool.switch": "interlocked"})
    assert any("ALL SERVICES ARE LOST" in note for note in cautions.notes(interlocked.groups[0], interlocked))


def test_a_primary_that_is_heard_past_its_beacon_does_not_fail_with_a_board_of_the_chain() -> None:
    pool = files.pool({"unit.primary-1.contact": True, "unit.primary-2.agent_direct": True, "unit.spare.agent": "host"})
    group = pool.groups[0]
    controller = wire.Configuration(blob.of(group.boards[0], group))
    assert wire.verify(blob.of(group.boards[0], group)) == (m.ACK_OK, 0)
    assert (controller.contact, controller.direct) == (1, 2)
    notes = "\n".join(cautions.notes(group, pool))
    assert "behind it too: the spare takes the line of primary-3\n" in notes
    assert "a beacon failure alone is no failover: contact of primary-1 bypasses beacon-1" in notes
    assert budget.of(group).sources["primary-2"] == {"beacon-2": ("crosslink-a",), "primary-2": ("direct-agent",)}


def test_a_path_over_a_network_is_refused_in_a_chain() -> None:
    lines = complaints({"board.beacon-1.kind": "esp32", "board.beacon-1.network": "10.0.0.1:4700"})
    assert any("board.beacon-1.network" in line and "this chain more" in line for line in lines)


def test_boards_without_transmit_buffers_wait_for_what_they_forward() -> None:
    wire_ms = wiretime.wire_ms(32, 115_200)
    sent = {board.name: path_times.sent_ms(board, GROUP) for board in GROUP.boards}
    assert sent["beacon-1"] == pytest.approx(5 * wire_ms), "its own, and those of two boards each way"
    assert sent["beacon-2"] == pytest.approx(3 * wire_ms)
    assert sent["beacon-3"] == pytest.approx(2 * wire_ms), "its own to both sides"
    assert sent["controller"] == pytest.approx(4 * wire_ms)
    assert any("without transmit buffers" in row for row in complaints({
        "board.beacon-1.kind": "pyboard", "group.pool.interval_ms": 30
    }))  # fmt: skip


def test_paths_of_one_kind_are_told_apart_by_their_units() -> None:
    controller, beacon = GROUP.boards[0], GROUP.chain[0]
    rows = [{"kind": w.PATH_AGENT, "unit": 4}] + [{"kind": w.PATH_CROSSLINK_A, "unit": unit} for unit in (1, 2, 3)]
    names = [view.path_name(GROUP, controller, row) for row in rows]
    assert names == ["agent", "crosslink-a of primary-1", "crosslink-a of primary-2", "crosslink-a of primary-3"]
    assert view.path_name(GROUP, beacon, {"kind": w.PATH_CROSSLINK_A, "unit": 0}) == "crosslink-a"
    place = places.place_of(GROUP, controller, [(row["kind"], row["unit"]) for row in rows])
    assert place.paths == ("agent of spare", *names[1:])


def changes_of(**fields: Any) -> dict[str, dict[str, Any]]:
    s = Situation(3)
    s.health = [w.OK] * 4
    for name, value in fields.items():
        setattr(s, name, value)
    return {row["if"]: row for row in explaining.explain(GROUP, s.values())["would_change"]}


def test_explain_says_who_pre_empts_and_who_would_be_uncovered() -> None:
    found = changes_of(selected=1, failed=0b10, health=[w.OK, w.FAILED, w.OK, w.OK])
    pre_empts, waits = found["primary-1 fails"], found["primary-3 fails"]
    assert (pre_empts["spare_carries"], pre_empts["held_back_by"]) == ("primary-1", [])
    assert pre_empts["uncovered"] == ["primary-2"]
    assert (waits["spare_carries"], waits["uncovered"]) == ("primary-2", ["primary-3"])
    assert waits["held_back_by"] == ["the spare carries another line"]


def test_explain_says_for_each_line_what_a_switchover_would_do() -> None:
    found = changes_of()
    for line in GROUP.lines:
        assert found[f"hotspare switchover --line {line}"]["spare_carries"] == line
    assert found["hotspare failback"]["refused"] == "nothing to do"
    carried = changes_of(selected=2)
    assert carried["hotspare switchover --line primary-3"]["refused"] == "nothing to do"
    assert carried["hotspare failback"]["spare_carries"] is None


def test_a_file_of_a_pool_reads_as_it_was_written() -> None:
    assert isinstance(POOL, configuration.Configuration)
    assert GROUP.lines == ("primary-1", "primary-2", "primary-3")
    assert [unit.index for unit in GROUP.units] == [0, 1, 2, 3]
