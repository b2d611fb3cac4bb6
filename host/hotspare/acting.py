"""Asking a controller for something: the request, the wait for its outcome, and what the contacts did; no output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hotspare import budget, view, wording
from hotspare import configuration as files
from hotspare.board import Board, Fields, open_board
from hotspare.configuration import Group
from hotspare.reach import known
from hotspare_engine import names
from hotspare_engine import words as w

Open = Callable[[files.Board], Board]


@dataclass(frozen=True)
class Wish:
    """What a person wants: a request of the engine's tables about a unit of the group."""

    request: int
    unit: int = w.NONE  # its index
    ident: int = 0
    seconds: int = 0
    flags: int = 0

    @property
    def is_dry(self) -> bool:
        """Whether nothing is to be done."""
        return bool(self.flags & w.DRY)


@dataclass(frozen=True)
class Result:
    """What came of a wish: the reply, and the controller's status before and after."""

    group: Group
    wish: Wish
    reply: Fields
    before: Fields
    after: Fields
    standing: list[Fields]
    as_file: bool
    stood: list[Fields]  # before

    @property
    def refused(self) -> bool:
        """Whether the wish was refused, or was tried and failed."""
        return wording.verdict_refuses(self.reply["verdict"])

    @property
    def moved(self) -> list[str]:
        """What the contacts did, a text for each line that moved."""
        then, now = (view.lines_of(self.group, status) for status in (self.before, self.after))
        return [
            f"line {line}: {_carrier(then[line])} -> {_carrier(now[line])}"
            for line in now
            if then[line]["position"] != now[line]["position"]
        ]

    @property
    def extended(self) -> bool:
        """Whether what was asked for stood already, and got another end."""
        return self.reply["verdict"] == w.DONE and self.reply["id"] in [row["id"] for row in self.stood]

    @property
    def ended(self) -> list[Fields]:
        """What stood before and does not any more."""
        still = [row["id"] for row in self.standing]
        return [row for row in self.stood if row["id"] not in still]

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON carries it."""
        reply = self.reply
        return {
            "group": self.group.name,
            "request": wording.request_name(self.wish.request),
            "dry_run": self.wish.is_dry,
            "verdict": wording.verdict_name(reply["verdict"]),
            "refused": self.refused,
            "by": wording.request_name(reply["by"]) if reply["by"] else None,
            "id": reply["id"] or None,
            "unit": view.unit_name(self.group, reply["unit"]),
            "took_ms": reply["took_ms"],
            "inhibitors": wording.inhibitor_names(reply["inhibitors"]),
            "lines": view.lines_of(self.group, self.after),
            "moved": self.moved,
            "reason": self.reason() if self.refused else None,
        }

    def reason(self) -> str:
        """Return why it was refused and how to mend that."""
        reply = self.reply
        name = wording.verdict_name(reply["verdict"])
        unit = view.unit_name(self.group, reply["unit"])
        mends: dict[int, Callable[[], str]] = {
            w.OUTRANKED: self._outranked,
            w.PREEMPTED: self._outranked,
            w.NOT_WELL: lambda: f"{unit} is {self._health()}: mend it, or say --onto-failed {unit}",
            w.IS_OUT: lambda: f"{unit}: hotspare clear {self._id_of(w.OUT, reply['unit'])} ends that",
            w.WOULD_DROP: lambda: "the other unit can not carry the line: mend it, or say --drop-service",
            w.NOT_CONTROLLER: lambda: "its configuration is another one: hotspare configure",
            w.HELD_BACK: lambda: "; ".join(wording.inhibitor_exits(reply["inhibitors"], self.standing)),
            w.NO_SUCH_ID: self._known_ids,
            w.FELL_BACK: lambda: "repair it, then hotspare clear relay",
            w.BUSY: lambda: "ask again when it has ended; hotspare status shows what stands, and clear ID ends that",
            w.NOT_FENCED: lambda: f"{unit} is connected as its line says: there is nothing to end",
            w.NOT_ISOLATED: self._not_isolated,
            w.NOT_PENDING: self._pending_now,
            w.NOT_READY: self._not_ready,
            w.NOT_DRAINED: lambda: "look at its hook on-drain, raise drain_s, or say --no-drain",
        }
        mend = mends.get(reply["verdict"])
        return f"{name}: {mend()}" if mend else name

    def _outranked(self) -> str:
        by, ident = self.reply["by"], self.reply["id"]
        if self.reply["verdict"] == w.PREEMPTED:  # the id is that of what was pre-empted
            ident = 0
        if by == w.LO and self.reply["inhibitors"] & w.I_LOCAL:
            return f"by {wording.request_name(by)}: {'; '.join(wording.inhibitor_exits(w.I_LOCAL))}"
        end = f"; hotspare clear {ident} ends it" if ident else ""
        fenced = [unit.name for unit in self.group.units if self.after["health"][unit.index] == w.FENCED]
        end += f"; {fenced[0]} is fenced: hotspare unfence {fenced[0]}, once it is repaired" if fenced else ""
        held = "; ".join(wording.inhibitor_exits(self.reply["inhibitors"], self.standing))
        held = f", itself held back: {held}" if held else ""
        return f"by {_request(by)}{held}{end}"

    def _not_ready(self) -> str:
        spare = self.group.spare
        if self.group.standby == "cold":
            return f"look why {spare} does not come up within start_limit_s, then hotspare clear spare"
        return f"look why the agent of {spare} does not acknowledge its role, then hotspare clear spare"

    def _pending_now(self) -> str:
        by, ident = _request(self.reply["by"]), self.reply["id"]
        if not ident:
            return f"nothing waits for approval: {by} wins"
        unit = view.unit_name(self.group, self.reply["unit"])
        return f"what waits now is id {ident}, {by}, {unit} onto the line: hotspare approve {ident} {self.group.name}"

    def _health(self) -> str:
        index = self.reply["unit"] - 1
        if not 0 <= index < len(self.group.units):
            return "not known"
        health = wording.pick(names.HEALTH_NAMES, self.after["health"][index])
        if self.after["health"][index] == w.UNKNOWN:
            return f"{health} (not heard yet)"
        own = self.group.units[index].board == self.group.controller
        return f"{health} ({wording.why_name(self.after['why'][index], own)})"

    def _not_isolated(self) -> str:
        if self.group.switch == "unproven":
            return "wire it as changeover, interlocked or fenced, or say --accept-split-brain"
        return "repair the read-backs, or the contact that hangs; hotspare status shows where the contacts are"

    def _id_of(self, request: int, unit: int) -> str:
        return next((str(row["id"]) for row in self.standing if (row["request"], row["unit"]) == (request, unit)), "ID")

    def _known_ids(self) -> str:
        rows = [f"{row['id']} ({wording.request_name(row['request'])})" for row in self.standing]
        return f"what stands is {', '.join(rows)}" if rows else "nothing stands"


def _request(code: int) -> str:
    return f"{wording.request_name(code)} ({wording.REQUEST_MEANINGS.get(code, '-')})"


def _carrier(line: dict[str, Any]) -> str:
    return str(line["active"] or line["position"])


def ask(group: Group, wish_of: Callable[[Fields], Wish], open_one: Open = open_board) -> Result:
    """Ask the controller of a group; `wish_of` makes the wish from its status. Raises Unreachable, NoOutcome."""
    controller = next(board for board in group.boards if board.name == group.controller)
    with open_one(controller) as reached:
        identity = known(controller, reached)
        before = reached.status()
        stood = reached.standing(before["standing"])
        wish = wish_of(before)
        reply = reached.request(
            wish.request, wish.unit + 1, wish.ident, wish.seconds, wish.flags, budget.outcome_ms_max(group)
        )
        after = reached.status()
        standing = reached.standing(after["standing"])
    return Result(group, wish, reply, before, after, standing, view.is_as_file(group, identity), stood)


def carried_line(group: Group, status: Fields) -> int:
    """Return the line that the spare carries or, when it carries none, the first one."""
    selected: int = status["selected"]
    return selected - 1 if 0 < selected <= len(group.lines) else 0
