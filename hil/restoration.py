"""A pair put back after a fault: mended, holding what it was made with, asked for nothing, at rest without an alarm."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from hil.pair import BY_ITSELF, LOOK_AGAIN_S, OUTCOME_MS_MAX, SETTLE_S_MAX, Pair, told
from hotspare.configuration import Board
from hotspare.errors import HotspareError
from hotspare.rig.orders import Order
from hotspare_engine import words as w


def restore(pair: Pair) -> None:
    """Return when the pair is as it was before any fault; raises TimeoutError."""
    _mend(pair)
    end_s = time.monotonic() + SETTLE_S_MAX
    while time.monotonic() < end_s:
        wrong = [it.name for it in pair.group.boards if not _put_right(pair, it)]
        with suppress(HotspareError):
            status = _clear(pair)
            quiet = not (status["alarms"] | _beacon_alarms(pair)) & ~BY_ITSELF
            if not wrong and quiet and status["state"] == w.NORMAL and pair.active() == "primary":
                pair.until_all_heard()
                return
            if status["state"] == w.ON_SPARE and status["health"][0] in (w.OK, w.IMPAIRED):
                pair.ask(w.MS_P, 0)
        time.sleep(LOOK_AGAIN_S)
    raise TimeoutError(f"the pair did not come back: {told(pair.status())}")


def _mend(pair: Pair) -> None:
    state = pair.rig.state()
    orders: list[Order] = [("heal", {"cable": cable}) for cable in state["cables"]]
    for name, relay in state["relays"].items():
        orders += [("unweld", {"relay": name})] if relay.get("welded") else []
        orders += [("unstick", {"relay": name})] if relay.get("stuck") else []
        for contact in relay.get("read_back", {}):
            orders.append(("sense", {"relay": name, "contact": contact}))
    orders += [] if state["supply"] else [("supply", {"state": "on"})]
    for name, unit in state["units"].items():
        orders += [("start", {"unit": name})] if unit["status"] in ("off", "hung") else []
        orders += [("mend", {"unit": name})] if unit["failing"] or unit["degraded"] else []
        orders += [("hook", {"unit": name, "role": role, "how": "works"}) for role in unit["hooks"]]
        orders.append(("alter", {"unit": name, "how": "none"}))
    pair.rig.do(orders)
    for name, one in pair.rig.state()["boards"].items():  # a unit that was started powers its board
        if one["frozen"]:
            pair.rig.thaw(name)
        if one.get("keyswitch"):
            pair.rig.keyswitch(name, False)
        if one["crashed"]:
            pair.rig.power(name, False)
        if one["crashed"] or not one["powered"]:
            pair.rig.power(name, True)


def _put_right(pair: Pair, board: Board) -> bool:
    """Give a board what it should hold; return whether it held it already."""
    with suppress(HotspareError):  # it restarts, or drives a relay that a restart would let fall: looked at again
        configured, flashed = pair.holds_its_own(board)
        if not flashed:
            pair.flash(board.name, {})
        if not configured:
            pair.give(board, pair.group)
        with pair.board(board.name) as reached:  # one test's resets are not the next one's
            cleared = reached.request(w.CLEAR_RESETS, 0, 0, 0, 0, OUTCOME_MS_MAX)["verdict"] == w.NOTHING
        return configured and flashed and cleared
    return False


def _beacon_alarms(pair: Pair) -> int:
    (name,) = (it.name for it in pair.group.boards if it.name != pair.group.controller)
    with pair.board(name) as reached:
        return int(reached.status()["alarms"])


def _clear(pair: Pair) -> dict[str, Any]:
    with pair.board(pair.group.controller) as reached:
        status = reached.status()
        for row in reached.standing(status["standing"]):
            reached.request(w.CLEAR, 0, row["id"], 0, 0, OUTCOME_MS_MAX)
        if status["alarms"] & (w.A_RELAY | w.A_FELL):
            reached.request(w.CLEAR_RELAY, 0, 0, 0, 0, OUTCOME_MS_MAX)
        if status["alarms"] & w.A_FENCED:
            reached.request(w.UNFENCE, 1, 0, 0, 0, OUTCOME_MS_MAX)
        if not status["armed"]:
            reached.request(w.ARM, 0, 0, 0, 0, OUTCOME_MS_MAX)
        return reached.status()
