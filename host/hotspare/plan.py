"""The rig that a configuration describes: its boards, cables, relays and units and how they are joined; no I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotspare import blob, keyfile, wiring
from hotspare.configuration import Board, Configuration, Group, Rig, Unit
from hotspare.rig.plan import (
    AlarmRelay,
    BoardPlan,
    Cable,
    ChangeoverRelay,
    ClientsPlan,
    ContactCable,
    FencedRelay,
    InterlockedRelay,
    LineRelay,
    NetworkCable,
    PulseCable,
    Relay,
    RigPlan,
    SerialCable,
    StartRelay,
    UnitPlan,
)
from hotspare_engine import names

CONFIGURATION_PATH = "/hotspare.conf1"  # where the firmware's store looks for it
KEYS_PATH = "/hotspare.keys"


def plan_from(configuration: Configuration) -> RigPlan:
    """Return the rig of a configuration; every name in it follows from the names in the file."""
    groups = configuration.groups
    return RigPlan(
        units=tuple(_unit(unit, group, configuration) for group in groups for unit in group.units),
        boards=tuple(_board(board, group) for group in groups for board in group.boards),
        cables=tuple(cable for group in groups for cable in _cables(group, alone=len(groups) == 1)),
        relays=tuple(relay for group in groups for relay in relays_of(group, configuration.rig)),
        clients=tuple(_clients(line, configuration.rig) for group in groups for line in group.lines)
        if configuration.rig.transaction_us
        else (),
    )


def _clients(line: str, rig: Rig) -> ClientsPlan:
    return ClientsPlan(f"clients-{line}", line, rig.transaction_us, rig.transaction_ms, rig.client_timeout_ms)


def _unit(unit: Unit, group: Group, configuration: Configuration) -> UnitPlan:
    return UnitPlan(
        name=unit.name,
        address=unit.address,
        agent_interval_ms=group.setting("agent_interval_ms"),
        agent_cable=f"agent-{unit.name}",
        boot_ms=configuration.rig.unit_boot_ms,
        keys=" ".join(key.hex() for key in _agent_keys(unit, group)),
        drain_ms=configuration.rig.drain_ms,
        active_ms=configuration.rig.active_ms,
        hook_limit_ms=configuration.rig.hook_limit_ms,
    )


def _agent_keys(unit: Unit, group: Group) -> tuple[bytes, ...]:
    return keyfile.of_agent(keyfile.load(group.key), unit.index) if group.key is not None else ()


def _board(board: Board, group: Group) -> BoardPlan:
    flash = {CONFIGURATION_PATH: blob.slot_of(blob.of(board, group))}
    if group.key is not None:
        flash[KEYS_PATH] = blob.keys_of(keyfile.load(group.key))
    it = wiring.of(board.kind)
    pins = {name: it.number(pad) for name, pad in board.pins}
    return BoardPlan(name=board.name, kind=board.kind, flash=flash, fed_by=board.fed_by, pins=pins)


_AGENT_PORTS = {"uart": "uart1", "host": "host"}


def _cables(group: Group, alone: bool) -> list[Cable]:
    prefix = "" if alone else f"{group.name}-"
    between = _pair(group, prefix) if len(group.primaries) == 1 else _chain(group, prefix)
    between += [
        SerialCable(
            f"agent-{unit.name}", (unit.name, "agent"), (unit.board, _AGENT_PORTS[unit.agent]), group.agent_baud
        )
        for unit in group.units
    ]
    return between + [cable for unit in group.units for cable in _bypasses(unit, group)]


def _bypasses(unit: Unit, group: Group) -> list[Cable]:
    """Return the cables from a primary to the controller, past its beacon."""
    cables: list[Cable] = []
    if unit.agent_direct:
        direct = SerialCable(
            f"direct-{unit.name}", (unit.name, "direct"), (group.controller, "uart1"), group.agent_baud
        )
        cables.append(direct)
    if unit.contact:
        cables.append(ContactCable(f"contact-{unit.name}", unit.name, group.controller))
    return cables


def _chain(group: Group, prefix: str) -> list[Cable]:
    """Return the cables of a chain, each with the name of the beacon that it leads to from above."""
    cables: list[Cable] = []
    above = (group.controller, "uart0")
    for beacon in group.chain:
        cables.append(SerialCable(f"{prefix}chain-{beacon.name}", (beacon.name, "uart0"), above, group.baud))
        above = (beacon.name, "uart1")
    return cables


def _pair(group: Group, prefix: str) -> list[Cable]:
    controller = group.controller
    beacon = group.chain[0]
    cables: list[Cable] = [
        SerialCable(f"{prefix}crosslink-a", (beacon.name, "uart0"), (controller, "uart0"), group.baud)
    ]
    if beacon.crosslink_b == "uart":
        second = SerialCable(f"{prefix}crosslink-b", (beacon.name, "uart1"), (controller, "uart1"), group.baud)
        cables.append(second)
    elif beacon.crosslink_b == "pulse":
        cables.append(PulseCable(f"{prefix}crosslink-b", beacon.name, controller))
    if beacon.network and beacon.network_peer:
        ends = str(beacon.network), str(beacon.network_peer)
        cables.append(NetworkCable(f"{prefix}network", beacon.name, controller, *ends))
    return cables


def relays_of(group: Group, rig: Rig) -> list[Relay]:
    """Return the relays of a group: its lines in order and a cold spare's start at the controller, then alarms."""
    times = {name: getattr(rig, name) for name in ("operate_us", "release_us", "bounce_us", "transfer_us")}
    relays: list[Relay] = [_line(group, line, times) for line in group.lines]
    if group.standby == "cold":
        relays.append(_start(group, times))
    return relays + [AlarmRelay(f"alarm-{board.name}", board.name) for board in group.boards]


def _line(group: Group, line: str, times: dict[str, Any]) -> LineRelay:
    """Return the relay of one line; the spare comes to it through those of the lines before."""
    place = group.lines.index(line)
    common = {
        "name": f"line-{line}",
        "board": group.controller,
        "line": line,
        "primary": line,
        "spare": group.spare,
        "through": f"line-{group.lines[place - 1]}" if place else None,
        **times,
    }
    return _LINES[group.switch](group, common)


def _changeover(group: Group, common: dict[str, Any]) -> ChangeoverRelay:
    retention = names.RETENTION_NAMES[group.setting("retention")]
    return ChangeoverRelay(**common, retention=retention, poles=group.setting("poles"))


def _interlocked(group: Group, common: dict[str, Any]) -> InterlockedRelay:
    return InterlockedRelay(**common)


def _unproven(group: Group, common: dict[str, Any]) -> InterlockedRelay:
    return InterlockedRelay(**common, mirrors=False)


def _fenced(group: Group, common: dict[str, Any]) -> FencedRelay:
    return FencedRelay(**common)


_LINES: dict[str, Callable[[Group, dict[str, Any]], LineRelay]] = {
    "changeover": _changeover,
    "interlocked": _interlocked,
    "fenced": _fenced,
    "unproven": _unproven,
}


def _start(group: Group, times: dict[str, Any]) -> StartRelay:
    return StartRelay(f"start-{group.spare}", group.controller, group.spare, **times)
