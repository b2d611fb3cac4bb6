"""What boards know of their resets, in words, and the end of their hold after too many; asks through `reach` alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotspare import budget, reach, wording
from hotspare import configuration as files
from hotspare.board import Board, Fields, open_board
from hotspare.configuration import Group
from hotspare.errors import HotspareError
from hotspare_engine import names
from hotspare_engine import words as w


def clear(
    group: Group, dry_run: bool, open_one: Callable[[files.Board], Board] = open_board
) -> dict[str, int | HotspareError]:
    """Ask every board of a group to end its hold after too many resets; return by name the verdict or what failed."""
    flags = w.DRY if dry_run else 0

    def ask(board: files.Board, reached: Board) -> int:
        reach.known(board, reached)
        verdict: int = reached.request(w.CLEAR_RESETS, 0, 0, 0, flags, budget.outcome_ms_max(group))["verdict"]
        return verdict

    return reach.each(group.boards, ask, open_one)


def as_plain(boots: Fields) -> dict[str, Any]:
    """Return a boot record as JSON carries it; what the boot before did not leave is null."""
    known = bool(boots["known"])
    return {
        "cause": wording.pick(names.CAUSE_NAMES, boots["cause"]),
        "chip_says": wording.pick(names.CAUSE_NAMES, boots["chip"]),
        "watchdog_resets": boots["resets"],
        "first_ago_s": boots["first_s"] if boots["resets"] else None,
        "holds_still": bool(boots["holds"]),
        "last_exception": wording.exception_name(boots["exception"], boots["where"]) if boots["exception"] else None,
        "before": {
            "part": wording.pick(names.PART_NAMES, boots["part"]),
            "loop_max_ms": boots["loop_max_ms"],
            "uptime_min": boots["uptime_min"],
        }
        if known
        else None,
    }


def sentences(record: dict[str, Any]) -> list[str]:
    """Return what is said of the resets of a board that did not mean all of them, a short line each."""
    found = []
    if record["watchdog_resets"]:
        found.append(f"{record['watchdog_resets']} by watchdog or exception within ten minutes")
    before = record["before"]
    if before and record["cause"] == names.CAUSE_NAMES[w.C_WATCHDOG]:
        late = f"up to {before['loop_max_ms']} ms late before, after {before['uptime_min']} min"
        found.append(f"hung after it {before['part']}, {late}")
    if record["last_exception"]:
        found.append(f"last exception {record['last_exception']}")
    return found
