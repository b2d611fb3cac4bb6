"""The rig that a configuration describes: its boards, cables, relays and units and how they are joined; no I/O."""

from __future__ import annotations

from hotspare import blob, wiring
from hotspare.configuration import Board, Configuration, Group, Unit
from hotspare.rig.plan import (
    AlarmRelay,
    BoardPlan,
    Cable,
    ChangeoverRelay,
    PulseCable,
    Relay,
    RigPlan,
    SerialCable,
    UnitPlan,
)
from hotspare_engine import names

CONFIGURATION_PATH = "/hotspare.conf"  # where the firmware's store looks for it


def plan_from(configuration: Configuration) -> RigPlan:
    """Return the rig of a configuration; every name in it follows from the names in the file."""
    groups = configuration.groups
    return RigPlan(
        units=tuple(_unit(unit, group, configuration) for group in groups for unit in group.units),
        boards=tuple(_board(board, group) for group in groups for board in group.boards),
        cables=tuple(cable for group in groups for cable in _cables(group, alone=len(groups) == 1)),
        relays=tuple(relay for group in groups for relay in _relays(group, configuration)),
    )


def _unit(unit: Unit, group: Group, configuration: Configuration) -> UnitPlan:
    return UnitPlan(
        name=unit.name,
        address=unit.address,
        agent_interval_ms=group.setting("agent_interval_ms"),
        agent_cable=f"agent-{unit.name}" if unit.agent == "uart" else None,
        boot_ms=configuration.rig.unit_boot_ms,
    )


def _board(board: Board, group: Group) -> BoardPlan:
    flash = {CONFIGURATION_PATH: blob.of(board, group)}
    it = wiring.of(board.kind)
    pins = {name: it.number(pad) for name, pad in board.pins}
    return BoardPlan(name=board.name, kind=board.kind, flash=flash, fed_by=board.fed_by, pins=pins)


def _cables(group: Group, alone: bool) -> list[Cable]:
    controller = group.controller
    beacon = next(board for board in group.boards if board.name != controller)
    prefix = "" if alone else f"{group.name}-"
    cables: list[Cable] = [
        SerialCable(f"{prefix}crosslink-a", (beacon.name, "uart0"), (controller, "uart0"), group.baud)
    ]
    if beacon.crosslink_b == "uart":
        second = SerialCable(f"{prefix}crosslink-b", (beacon.name, "uart1"), (controller, "uart1"), group.baud)
        cables.append(second)
    elif beacon.crosslink_b == "pulse":
        cables.append(PulseCable(f"{prefix}crosslink-b", beacon.name, controller))
    cables += [
        SerialCable(f"agent-{unit.name}", (unit.name, "agent"), (unit.board, "uart1"), group.agent_baud)
        for unit in group.units
        if unit.agent == "uart"
    ]
    return cables


def _relays(group: Group, configuration: Configuration) -> list[Relay]:
    rig = configuration.rig
    relays: list[Relay] = [
        ChangeoverRelay(
            name=f"line-{line}",
            board=group.controller,
            line=line,
            primary=line,
            spare=group.spare,
            retention=names.RETENTION_NAMES[group.setting("retention")],
            operate_us=rig.operate_us,
            release_us=rig.release_us,
            bounce_us=rig.bounce_us,
            transfer_us=rig.transfer_us,
        )
        for line in group.lines
    ]
    return relays + [AlarmRelay(f"alarm-{board.name}", board.name) for board in group.boards]
