"""How often the boards of a group collect their garbage, and whether their beats leave time for it; arithmetic."""

from __future__ import annotations

import math

from hotspare import chips, wiretime
from hotspare.configuration import Board, Group
from hotspare_wire.heap import BEAT_BYTES, COLLECT_BYTES, NETWORK_BEAT_BYTES, TAG_BYTES

INTERVAL_LEAST_MS = math.ceil((chips.COLLECTION_MS + chips.BEAT_STEP_MS) / wiretime.SENT_EVERY)


def collect_every_s(group: Group, board: Board) -> float:
    """Return how long it is from one collection of a board to the next, while nothing happens and nobody asks."""
    beats_a_s = 1000 / (wiretime.SENT_EVERY * group.setting("interval_ms"))
    bytes_a_s = (BEAT_BYTES + NETWORK_BEAT_BYTES * bool(board.network)) * beats_a_s
    if group.key is not None:
        reports_a_s = 1000 / (wiretime.SENT_EVERY * group.setting("agent_interval_ms"))
        boards, agents = _neighbours(group, board)
        sent_a_s = (boards + agents) * beats_a_s
        bytes_a_s += TAG_BYTES * (sent_a_s + boards * beats_a_s + agents * reports_a_s)
    return COLLECT_BYTES / bytes_a_s


def _neighbours(group: Group, board: Board) -> tuple[int, int]:
    """Return on how many paths a board speaks with other boards, and with agents."""
    is_controller = board.name == group.controller
    boards = len(group.primaries) if is_controller else 1
    boards += (board.crosslink_b == "uart") + bool(board.network)
    agents = sum(unit.board == board.name and unit.agent != "none" for unit in group.units)
    return boards, agents + sum(unit.agent_direct for unit in group.units) * is_controller


def refusals(group: Group) -> list[str]:
    """Return a line for each interval into which a collection does not fit, on boards whose times are known."""
    kinds = sorted({board.kind for board in group.boards} & chips.CHIPS.keys())
    return [
        f"group.{group.name}.{name} = {group.setting(name)}: a collection takes {chips.COLLECTION_MS} ms on an "
        f"{chips.CHIPS[kind]} (kind {kind}), the beat before it {chips.BEAT_STEP_MS}: the next beat comes late and "
        f"each collection a stall: raise it to {INTERVAL_LEAST_MS} or more"
        for kind in kinds
        for name in ("interval_ms", "agent_interval_ms")
        if group.setting(name) < INTERVAL_LEAST_MS
    ]
