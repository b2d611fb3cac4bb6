"""What must be true of a configuration beyond the shape of its values: names, references, ports, bandwidth; no I/O."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from hotspare import chain, hardware, standby, wiretime
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
    return _unused(content) or _boards(content)  # a unit of no group may name any board


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
            complaints.append(
                f"board.{name}.port = {shown(board.port)}: {ports[board.port]} boards have this port: give each its own"
            )
        if board.fed_by is not None and board.fed_by not in content.unit:
            complaints.append(f"board.{name}.fed_by = {shown(board.fed_by)}: {_no('unit', board.fed_by, content.unit)}")
        complaints += hardware.drivers(name, board) + hardware.senses(name, board) + hardware.network(name, board)
        complaints += _one_place(name, board, content)
    direct: dict[str, list[str]] = {}
    for group in content.group.values():
        direct[group.controller] = [unit for unit in group.primaries if content.unit[unit].agent_direct]
    have_next = {unit for group in content.group.values() for unit in group.primaries[:-1]}
    for unit, said in content.unit.items():
        board = content.board[said.board]
        complaints += hardware.ports(unit, said, board, direct.get(said.board, []), unit in have_next)
    for name, group in content.group.items():
        complaints += _addresses(group, content) + _bypasses(group, content)
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


def _one_place(name: str, board: Any, content: Any) -> list[str]:
    sharing = [it for it, other in content.board.items() if other.network == board.network]
    if board.network is None or sharing[0] == name:
        return []
    return [f"board.{name}.network = {shown(board.network)}: board.{sharing[0]} is there: give one another"]


def _pair(group: Any, content: Any) -> list[str]:
    first, second = (content.unit[unit].board for unit in (group.primaries[0], group.spare))
    one, other = content.board[first], content.board[second]
    complaints = []
    if (one.network is None) != (other.network is None):
        lacking, having = (first, second) if one.network is None else (second, first)
        complaints.append(f"board.{lacking}.network is missing: board.{having} has one, and a path has two ends")
    if one.crosslink_b != other.crosslink_b:
        complaints.append(
            f"board.{second}.crosslink_b = {shown(other.crosslink_b)}: board.{first} has {shown(one.crosslink_b)}: "
            f"a crosslink is the same at both ends"
        )
    return complaints


def _chain(name: str, group: Any, content: Any) -> list[str]:
    complaints = []
    for unit in (*group.primaries, group.spare):
        where = f"board.{content.unit[unit].board}"
        board = content.board[content.unit[unit].board]
        if board.crosslink_b != "none":
            why = f"the boards of {name} are a chain, in which the second cable leads to the next board"
            complaints.append(f'{where}.crosslink_b = {shown(board.crosslink_b)}: {why}: crosslink_b = "none"')
        if board.network is not None:
            why = "a path over a network has two ends, and this chain more"
            complaints.append(f"{where}.network = {shown(board.network)}: {why}: remove it")
    return complaints


def _bypasses(group: Any, content: Any) -> list[str]:
    complaints = []
    for key, what in (("agent_direct", "UART1"), ("contact", "pin contact")):
        if getattr(content.unit[group.spare], key):
            why = "it bypasses a primary's beacon, and the spare stands at the controller itself"
            complaints.append(f"unit.{group.spare}.{key} = true: {why}: remove it")
        having = [unit for unit in group.primaries if getattr(content.unit[unit], key)]
        if len(having) > 1:
            complaints.append(f"unit.{having[1]}.{key} = true: the controller's one {what} is that of {having[0]}")
    return complaints


def limits(group: Group) -> list[str]:
    """Return one complaint for each setting that does not go with another: bandwidth and times."""
    complaints = []
    share = wiretime.LINE_SHARE
    primaries = len(group.primaries)
    beats = "a heartbeat of" if primaries == 1 else f"one heartbeat of each of {primaries} primaries,"
    for what, interval_key, size, baud_key, baud in (
        (beats, "interval_ms", primaries * wiretime.HEARTBEAT_SIZE, "baud", group.baud),
        ("a report of", "agent_interval_ms", wiretime.REPORT_SIZE, "agent_baud", group.agent_baud),
    ):
        interval_ms = group.setting(interval_key)
        wire_ms = wiretime.wire_ms(size, baud)
        room_ms = wiretime.SENT_EVERY * interval_ms * share
        if wire_ms > room_ms:
            complaints.append(
                f"group.{group.name}.{interval_key} = {interval_ms}: {what} {size} bytes takes {wire_ms:.1f} ms at "
                f"{baud} baud, and may take {room_ms:.1f} ms: raise {interval_key} to "
                f"{wiretime.interval_least_ms(size, baud)} or {baud_key} to {wiretime.baud_least(size, interval_ms)}"
            )
    complaints += chain.late(group) + hardware.lines(group) + hardware.waits(group)
    complaints += hardware.pins(group) + hardware.lockout_switches(group)
    operate_ms, steady_ms = group.setting("operate_limit_ms"), group.setting("steady_ms")
    if operate_ms <= steady_ms:
        complaints.append(
            f"group.{group.name}.operate_limit_ms = {operate_ms}: a read-back rests steady_ms = {steady_ms} before it "
            f"is believed, so every switch would fail: raise operate_limit_ms"
        )
    return complaints + standby.complaints(group) + _kinds(group)


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
