"""Whether boards can do what a configuration asks of them: relay drivers, UARTs, lines, time to send; no I/O.

Each function returns one complaint for each thing that does not fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotspare import budget, wiring
from hotspare.shape import shown

if TYPE_CHECKING:
    from hotspare.configuration import Group


def drivers(name: str, board: Any) -> list[str]:
    """A relay driver that a reset would energise."""
    if board.relay_input == "active-high" or board.relay_buffered:
        return []
    why = "a pad is low or floats in a reset, which energises it"
    mend = "use active-high drivers, or an inverting buffer with a pull-down before it and relay_buffered = true"
    return [f"board.{name}.relay_input = {shown(board.relay_input)}: {why}: {mend}"]


def ports(unit: str, said: Any, board: Any, has_next: bool) -> list[str]:
    """More cables than the board has UARTs; one with a next one in a chain needs a cable to it."""
    crosslinks = ["crosslink A"] + ["crosslink B"] * (board.crosslink_b == "uart")
    users = crosslinks + ["the next board"] * has_next + ["the agent"] * (said.agent == "uart")
    has = len(wiring.of(board.kind).uarts)
    if len(users) <= has:
        return []
    counts = f"{said.board} (kind {board.kind}) has {has} UARTs and needs {len(users)}, for {', '.join(users)}"
    mend = 'use agent = "host"' + ("" if has_next else ', or crosslink_b = "pulse" on both boards')
    return [f"unit.{unit}.agent = {shown(said.agent)}: {counts}: {mend}"]


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
    room_ms = budget.SENT_EVERY * group.setting("interval_ms") * budget.LINE_SHARE
    complaints = []
    for board in group.boards:
        sent_ms = budget.sent_ms(board, group)
        if wiring.of(board.kind).uarts_fixed and sent_ms > room_ms:
            takes = f"without transmit buffers its loop waits {sent_ms:.1f} ms for the frames of each beat"
            mend = f"raise group.{group.name}.interval_ms, baud or agent_baud"
            complaints.append(
                f"board.{board.name}.kind = {shown(board.kind)}: {takes}, and may wait {room_ms:.1f} ms: {mend}"
            )
    return complaints
