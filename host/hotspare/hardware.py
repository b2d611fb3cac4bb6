"""Whether boards can do what a configuration asks of them: relay drivers, UARTs, lines, time to send, pins; no I/O.

A function named for what can be wrong returns one complaint for each thing that does not fit.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from hotspare import endpoint, path_times, wiretime, wiring
from hotspare.shape import dotted, shown

if TYPE_CHECKING:
    from hotspare.configuration import Group


def drivers(name: str, board: Any) -> list[str]:
    """A relay driver that a reset would energise."""
    if board.relay_input == "active-high" or board.relay_buffered:
        return []
    why = "a pad is low or floats in a reset, which energises it"
    mend = "use active-high drivers, or an inverting buffer with a pull-down before it and relay_buffered = true"
    return [f"board.{name}.relay_input = {shown(board.relay_input)}: {why}: {mend}"]


def ports(unit: str, said: Any, board: Any, direct: list[str], has_next: bool) -> list[str]:
    """More cables than the board has UARTs; `direct` are primaries whose agents speak here past their beacons."""
    users = uart_users(board.crosslink_b, said.agent, direct, has_next)
    has = len(wiring.of(board.kind).uarts)
    if len(users) <= has:
        return []
    counts = f"{said.board} (kind {board.kind}) has {has} UARTs and needs {len(users)}, for {', '.join(users)}"
    mend = "remove agent_direct" if said.agent == "host" else 'use agent = "host"'
    mend += ', or crosslink_b = "pulse" on both boards' if board.crosslink_b == "uart" else ""
    return [f"unit.{unit}.agent = {shown(said.agent)}: {counts}: {mend}"]


def senses(name: str, board: Any) -> list[str]:
    """An INVALID output of a receiver that there is not."""
    if not board.invalid_b or board.crosslink_b == "uart":
        return []
    why = f"crosslink_b = {shown(board.crosslink_b)} has no RS-232 receiver"
    return [f'board.{name}.invalid_b = true: {why}: remove it, or set crosslink_b = "uart"']


def network(name: str, board: Any) -> list[str]:
    """A network on a board that has none, or at an address that no board can have."""
    if board.network is None:
        return []
    where = f"board.{name}.network = {shown(board.network)}"
    if not wiring.of(board.kind).network:
        kinds = ", ".join(kind for kind in wiring.KINDS if wiring.of(kind).network)
        return [f"{where}: kind {board.kind} has no network: remove it, or use a board of kind {kinds}"]
    if endpoint.parse(board.network) is None:
        least, most = endpoint.PORT_LEAST, endpoint.PORT_MOST
        return [f"{where}: must be the board's IPv4 address and a port, {least} to {most}, as in 10.0.0.1:4700"]
    return []


def uart_users(crosslink_b: str, agent: str, direct: list[str], has_next: bool) -> list[str]:
    """Return what needs a UART of a board; `direct` are primaries whose agents speak there past their beacons."""
    users = ["crosslink A"] + ["crosslink B"] * (crosslink_b == "uart")
    users += ["the next board"] * has_next + ["the agent"] * (agent == "uart")
    return users + [f"the agent of {primary}" for primary in direct]


def counted(group: Group) -> dict[str, dict[str, Any]]:
    """Return what each board of a group has and what the configuration needs of it."""
    found = {}
    direct = [unit.name for unit in group.units if unit.agent_direct]
    for board in group.boards:
        it = wiring.of(board.kind)
        agent = next(unit.agent for unit in group.units if unit.name == board.unit)
        at_controller = board.name == group.controller
        has_next = board in group.chain[:-1]
        found[board.name] = {
            "kind": board.kind,
            "uarts": len(it.uarts),
            "uarts_needed": len(uart_users(board.crosslink_b, agent, direct if at_controller else [], has_next)),
            "lines": it.lines,
            "lines_needed": len(group.lines) if at_controller else 0,
        }
    return found


def lines(group: Group) -> list[str]:
    """More lines than the controller has pins for."""
    controller = group.boards[0]
    has = wiring.of(controller.kind).lines
    if len(group.lines) <= has:
        return []
    counts = f"kind {controller.kind} has pins for {has} {'line' if has == 1 else 'lines'}, the group has"
    where = f"group.{group.name}.controller = {shown(controller.name)}"
    return [f"{where}: {counts} {len(group.lines)}: use another kind of board"]


def waits(group: Group) -> list[str]:
    """Boards without transmit buffers whose loop would wait too long for what they send."""
    room_ms = wiretime.SENT_EVERY * group.setting("interval_ms") * wiretime.LINE_SHARE
    complaints = []
    for board in group.boards:
        sent_ms = path_times.sent_ms(board, group)
        if wiring.of(board.kind).uarts_fixed and sent_ms > room_ms:
            takes = f"without transmit buffers its loop waits {sent_ms:.1f} ms for the frames of each beat"
            mend = f"raise group.{group.name}.interval_ms, baud or agent_baud"
            complaints.append(
                f"board.{board.name}.kind = {shown(board.kind)}: {takes}, and may wait {room_ms:.1f} ms: {mend}"
            )
    return complaints


def lockout_switches(group: Group) -> list[str]:
    """A lockout switch at a board that decides nothing."""
    return [
        f"board.{board.name}.lockout_switch = true: only the controller acts on it: wire it to {group.controller}"
        for board in group.boards
        if board.lockout_switch and board.name != group.controller
    ]


def pins(group: Group) -> list[str]:
    """Pins that were moved to where they can not stand."""
    complaints = []
    for board in group.boards:
        it = wiring.of(board.kind)
        moved = {}
        for name, pad in board.pins:
            why = _why_not(it, name, pad)
            if why:
                complaints.append(f"{dotted(('board', board.name, 'pins', name))} = {shown(pad)}: {why}")
            else:
                moved[name] = pad
        driven = len(group.lines) if board.name == group.controller else 0
        used = {name: pad for name, pad in {**it.pins, **moved}.items() if it.line_of(name) <= driven}
        complaints += [f"board.{board.name}.pins: {fault}: move one of them" for fault in wiring.shared(used)]
    return complaints


def _why_not(it: wiring.Wiring, name: str, pad: Any) -> str:
    if name not in it.pins:
        close = get_close_matches(name, it.pins, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(it.pins)}"
        return f"kind {it.kind} has no pin of that name: {hint}"
    if name.startswith("uart"):
        return "the pins of a UART follow from its number: they can not be moved"
    if isinstance(pad, bool) or not isinstance(pad, int | str):
        return "must be the number of a GPIO, or the name that the board prints beside the pin"
    fault = wiring.fault(it, name, pad)
    return f"{fault}: choose another pin" if fault else ""
