"""What must be true of a configuration beyond the shape of its values: names, references, ports, bandwidth; no I/O."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from hotspare import budget, hardware
from hotspare.shape import dotted, shown

if TYPE_CHECKING:
    from hotspare.configuration import Configuration, Group

CONTROL_NAME = "control"  # the rig's control socket lies beside the boards' ports


def references(content: Any) -> list[str]:
    """Return one complaint for each name that is used twice or leads nowhere, and for what nobody uses."""
    if not content.group:
        return ["there is no group: [group.NAME] says which units cover for one another"]
    complaints = _names(content)
    for name, group in content.group.items():
        complaints += _group(name, group, content)
    if complaints:
        return complaints
    return _unused(content) + _boards(content)


def _names(content: Any) -> list[str]:
    used = Counter(name for table in (content.group, content.unit, content.board) for name in table)
    complaints = [
        f"{name} names {count} things: groups, units and boards need names of their own"
        for name, count in used.items()
        if count > 1
    ]
    if CONTROL_NAME in content.board:
        complaints.append(f"board.{CONTROL_NAME}: that name belongs to the rig: choose another")
    return complaints


def _group(name: str, group: Any, content: Any) -> list[str]:
    complaints = []
    members = [("primaries", unit) for unit in group.primaries] + [("spare", group.spare)]
    for key, unit in members:
        if unit not in content.unit:
            complaints.append(f"{dotted(('group', name, key))} = {shown(unit)}: {_no('unit', unit, content.unit)}")
    if group.controller not in content.board:
        where = dotted(("group", name, "controller"))
        complaints.append(f"{where} = {shown(group.controller)}: {_no('board', group.controller, content.board)}")
    if len({unit for _, unit in members}) < len(members):
        where = dotted(("group", name, "spare"))
        if group.spare in group.primaries:
            complaints.append(f"{where} = {shown(group.spare)}: a unit can not be its own spare: name another unit")
        else:
            where = dotted(("group", name, "primaries"))
            complaints.append(f"{where} = {shown(group.primaries)}: a unit is named twice: name each once")
    for _, unit in members:
        board = content.unit[unit].board if unit in content.unit else None
        if board is not None and board not in content.board:
            complaints.append(
                f"{dotted(('unit', unit, 'board'))} = {shown(board)}: {_no('board', board, content.board)}"
            )
    if not complaints and content.unit[group.spare].board != group.controller:
        complaints.append(
            f"{dotted(('group', name, 'controller'))} = {shown(group.controller)}: the controller stands at the spare: "
            f"set it to {shown(content.unit[group.spare].board)}, the board of {group.spare}"
        )
    return complaints


def _no(what: str, name: str, table: Any) -> str:
    known = ", ".join(table) or "none"
    return f"there is no [{what}.{name}]: add it, or use one of {known}"


def _unused(content: Any) -> list[str]:
    uses = Counter(unit for group in content.group.values() for unit in (*group.primaries, group.spare))
    complaints = [
        f"unit.{unit} belongs to no group: name it in one, or remove it" for unit in content.unit if not uses[unit]
    ]
    complaints += [
        f"unit.{unit} is named in {count} groups: a unit belongs to one" for unit, count in uses.items() if count > 1
    ]
    boards = Counter(unit.board for unit in content.unit.values())
    complaints += [
        f"board.{board} stands at no unit: name it in one, or remove it" for board in content.board if not boards[board]
    ]
    return complaints + [
        f"board.{board} stands at {count} units: it has the port of one agent, so each unit needs a board of its own"
        for board, count in boards.items()
        if count > 1
    ]


def _boards(content: Any) -> list[str]:
    complaints = []
    ports = Counter(board.port for board in content.board.values())
    for name, board in content.board.items():
        if ports[board.port] > 1:
            complaints.append(f"board.{name}.port = {shown(board.port)}: {ports[board.port]} boards have this port")
        if board.fed_by is not None and board.fed_by not in content.unit:
            complaints.append(f"board.{name}.fed_by = {shown(board.fed_by)}: {_no('unit', board.fed_by, content.unit)}")
        complaints += hardware.drivers(name, board)
    have_next = {unit for group in content.group.values() for unit in group.primaries[:-1]}
    for unit, said in content.unit.items():
        complaints += hardware.ports(unit, said, content.board[said.board], unit in have_next)
    for name, group in content.group.items():
        complaints += _addresses(group, content)
        complaints += _pair(group, content) if len(group.primaries) == 1 else _chain(name, group, content)
    return complaints


def _addresses(group: Any, content: Any) -> list[str]:
    complaints = []
    taken: dict[int, str] = {}
    for unit in (*group.primaries, group.spare):
        name = content.unit[unit].board
        address = content.board[name].address
        if address in taken:
            has = f"board.{taken[address]} has this address too"
            complaints.append(f"board.{name}.address = {address}: {has}: give one another")
        taken.setdefault(address, name)
    return complaints


def _pair(group: Any, content: Any) -> list[str]:
    first, second = (content.unit[unit].board for unit in (group.primaries[0], group.spare))
    one, other = content.board[first], content.board[second]
    if one.crosslink_b == other.crosslink_b:
        return []
    where = f"board.{second}.crosslink_b = {shown(other.crosslink_b)}"
    return [f"{where}: board.{first} has {shown(one.crosslink_b)}: a crosslink is the same at both ends"]


def _chain(name: str, group: Any, content: Any) -> list[str]:
    boards = [content.unit[unit].board for unit in (*group.primaries, group.spare)]
    return [
        f"board.{board}.crosslink_b = {shown(content.board[board].crosslink_b)}: the boards of {name} are a chain, "
        f'in which the second cable leads to the next board: crosslink_b = "none"'
        for board in boards
        if content.board[board].crosslink_b != "none"
    ]


def limits(group: Group) -> list[str]:
    """Return one complaint for each setting that does not go with another: bandwidth and times."""
    complaints = []
    share = budget.LINE_SHARE
    primaries = len(group.primaries)
    beats = "a heartbeat of" if primaries == 1 else f"one heartbeat of each of {primaries} primaries,"
    for what, interval_key, size, baud_key, baud in (
        (beats, "interval_ms", primaries * budget.HEARTBEAT_SIZE, "baud", group.baud),
        ("a report of", "agent_interval_ms", budget.REPORT_SIZE, "agent_baud", group.agent_baud),
    ):
        interval_ms = group.setting(interval_key)
        wire_ms = budget.wire_ms(size, baud)
        room_ms = budget.SENT_EVERY * interval_ms * share
        if wire_ms > room_ms:
            complaints.append(
                f"group.{group.name}.{interval_key} = {interval_ms}: {what} {size} bytes takes {wire_ms:.1f} ms at "
                f"{baud} baud, and may take {room_ms:.1f} ms: raise {interval_key} to "
                f"{budget.interval_least_ms(size, baud)} or {baud_key} to {budget.baud_least(size, interval_ms)}"
            )
    complaints += _late(group) + hardware.lines(group) + hardware.waits(group)
    operate_ms, steady_ms = group.setting("operate_limit_ms"), group.setting("steady_ms")
    if operate_ms <= steady_ms:
        complaints.append(
            f"group.{group.name}.operate_limit_ms = {operate_ms}: a read-back rests steady_ms = {steady_ms} before it "
            f"is believed, so every switch would fail: raise operate_limit_ms"
        )
    return complaints + _kinds(group)


def _late(group: Group) -> list[str]:
    """Heartbeats that come through a chain later than the next ones are sent."""
    last = len(group.primaries) - 1
    forwarding_ms = budget.forwarding_ms(group, last)
    interval_ms = group.setting("interval_ms")
    room_ms = budget.SENT_EVERY * interval_ms
    if not last or forwarding_ms <= room_ms:
        return []
    takes = f"a heartbeat of {group.primaries[last]} comes up to {forwarding_ms:.1f} ms later through the chain"
    mend = f"raise interval_ms to {math.ceil(forwarding_ms / budget.SENT_EVERY)}, or baud, or have fewer primaries"
    return [f"group.{group.name}.interval_ms = {interval_ms}: {takes}, and may take {room_ms:.1f} ms: {mend}"]


def _kinds(group: Group) -> list[str]:
    complaints: list[str] = []
    if group.switch == "changeover":
        return complaints
    where = f"group.{group.name}"
    if group.setting("retention"):
        complaints.append(
            f'{where}.retention = "latching": only a changeover relay stays where it is: remove it, or set '
            f'switch = "changeover"'
        )
    if group.setting("poles") > 1:
        complaints.append(
            f"{where}.poles = {group.setting('poles')}: poles that disagree are told of a changeover relay only: "
            f"wire their mirror contacts in series and remove it"
        )
    return complaints


def physics(configuration: Configuration) -> list[str]:
    """Return one complaint for each time of the emulated relays that can not be."""
    rig = configuration.rig
    shorter_us = min(rig.operate_us, rig.release_us)
    if rig.transfer_us > shorter_us:
        return [f"rig.transfer_us = {rig.transfer_us}: it is part of operate_us and release_us: at most {shorter_us}"]
    return []
