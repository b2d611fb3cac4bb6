"""What a chain of boards adds: how late heartbeats come through it, and what a dead board in it takes along; no I/O."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hotspare import wiretime

if TYPE_CHECKING:
    from hotspare.configuration import Group

# per board that forwards a frame: the loop looks at its ports at least so often, and one step, which may be under way,
# and the frame itself take so long on the chip
POLL_MS = 1
FORWARD_MS = 4


def is_chain(group: Group) -> bool:
    """Return whether the boards of a group are a chain: those of more than one primary are."""
    return len(group.primaries) > 1


def forwarding_ms(group: Group, place: int) -> float:
    """Return by how much a heartbeat of the primary at `place` may come later than over a cable of its own.

    Each board before its own takes it in whole and sends it again; on the way it may wait once for each other board's.
    """
    heartbeat_ms = wiretime.wire_ms(wiretime.HEARTBEAT_SIZE, group.baud)
    return place * (heartbeat_ms + POLL_MS + FORWARD_MS) + (len(group.primaries) - 1) * heartbeat_ms


def frames_sent(group: Group, board_name: str) -> int:
    """Return how many heartbeats a board sends on its UARTs in each beat: its own, and those that it forwards."""
    if board_name == group.controller:
        return len(group.primaries)
    place = [board.name for board in group.chain].index(board_name)
    return 1 + 2 * (len(group.chain) - 1 - place)


def late(group: Group) -> list[str]:
    """Return a complaint if heartbeats come through the chain later than the next ones are sent."""
    last = len(group.primaries) - 1
    interval_ms = group.setting("interval_ms")
    room_ms = wiretime.SENT_EVERY * interval_ms
    if not last or forwarding_ms(group, last) <= room_ms:
        return []
    takes = f"a heartbeat of {group.primaries[last]} comes up to {forwarding_ms(group, last):.1f} ms later"
    least_ms = math.ceil(forwarding_ms(group, last) / wiretime.SENT_EVERY)
    mend = f"raise interval_ms to {least_ms}, or baud, or have fewer primaries"
    where = f"group.{group.name}.interval_ms = {interval_ms}"
    return [f"{where}: {takes} through the chain, and may take {room_ms:.1f} ms: {mend}"]


def notes(group: Group) -> list[str]:
    """Return what a person should know about a spare that several lines share, and about dead boards in its chain."""
    lines = f"one spare for {len(group.primaries)} lines: it carries one of them, the first of the primaries that fail"
    found = [f"{lines}; the others are alarmed as uncovered"]
    boards = [board.name for board in group.chain]
    bypassed = {unit.name for unit in group.units if unit.contact or unit.agent_direct}
    for place, name in enumerate(boards[:-1]):
        silent = [primary for primary in group.primaries[place:] if primary not in bypassed]
        if not silent:
            continue
        text = f"a dead {name}, or a cut cable to it, silences {' and '.join(boards[place + 1 :])} behind it too"
        text += f": the spare takes the line of {silent[0]}"
        if silent[1:]:
            text += f"; uncovered, taken for failed and left on their own lines: {', '.join(silent[1:])}"
        found.append(text)
    return found


def dead_controller(group: Group) -> str:
    """Return what becomes of the lines of a chain when its controller is dead."""
    if group.switch not in ("changeover", "fenced"):
        return "a dead controller opens every contact: ALL SERVICES ARE LOST until it runs again (switch interlocked)"
    if group.setting("retention"):
        return "a dead controller leaves every line where it is (retention latching)"
    return "a dead controller gives every line back to its primary"
