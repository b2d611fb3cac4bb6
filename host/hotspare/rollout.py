"""An update of boards: in which order, what is not protected meanwhile, and kept by all of them or by none; no output.

The controller goes first. While boards differ it moves nothing by itself, so the silence of a beacon that restarts is
no failover; where what they share stays the same, the spare is locked out for as long. A trial is confirmed when every
board is back, hears its neighbours and differs from none; otherwise all of them return to what they had.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from hotspare import acting, returning, view
from hotspare import configuration as files
from hotspare.board import Fields, open_board
from hotspare.configuration import Group
from hotspare.errors import HotspareError, NoOutcome, OrderInterrupted, Refused
from hotspare_engine import approval
from hotspare_engine import words as w
from hotspare_wire import configuration as wire
from hotspare_wire import messages

AGREE_S_MAX = 10.0  # for boards that are back to hear one another
LOOK_AGAIN_S = 0.1
LOCKOUT_S = 120  # ends by itself if we are ended before; longer than a board may take to come back
COUNT_MAX = 0xFFFFFFFF  # of the good beats of a path
MARGIN_S = 3.0  # before a trial ends of which its confirmation must be on the way

Open = returning.Open
Tell = Callable[[str, str], None]  # a board's name, what became of it


@dataclass(frozen=True)
class Holding:
    """What one board holds and is, beside what the file says."""

    board: files.Board
    group: Group
    wanted: bytes
    kept: bytes
    identity: Fields

    @property
    def is_controller(self) -> bool:
        """Whether it is the controller of its group."""
        return self.board.name == self.group.controller

    @property
    def shares_the_same(self) -> bool:
        """Whether what all boards of the group share stays as it is."""
        return _hash(self.kept) == _hash(self.wanted)


def _hash(blob: bytes) -> int | None:
    return wire.group_hash(blob) if wire.verify(blob)[0] == messages.ACK_OK else None


def controller_of(group: Group) -> files.Board:
    """Return the board that drives the relays of a group."""
    return next(board for board in group.boards if board.name == group.controller)


def in_order(holdings: Iterable[Holding]) -> list[Holding]:
    """Return them by group, the controller first, then the beacons in the order of the chain."""
    return sorted(holdings, key=lambda it: (it.group.name, _place(it)))


def _place(holding: Holding) -> int:
    return 0 if holding.is_controller else 1 + [it.name for it in holding.group.chain].index(holding.board.name)


def silenced(group: Group, board: files.Board) -> list[files.Unit]:
    """Return the units whose heartbeat comes through a beacon: its own, and in a chain those behind it."""
    names = [it.name for it in group.chain]
    behind = {it.unit for it in group.chain[names.index(board.name) :]}
    return [unit for unit in group.units if unit.name in behind]


def is_heard_past(group: Group, board: files.Board) -> bool:
    """Return whether the controller hears past a beacon all that comes through it."""
    return all(unit.contact or unit.agent_direct for unit in silenced(group, board))


def acts_alone(group: Group, open_one: Open = open_board) -> bool:
    """Return whether a group would give its load to the spare by itself if a primary fell silent now."""
    with open_one(controller_of(group)) as reached:
        status = reached.status()
        locked = any(row["request"] == w.LO for row in reached.standing(status["standing"]))
        pending = reached.pending()
    alone = pending is None or approval.acts_alone(pending["autonomy"])
    return bool(status["armed"]) and not status["selected"] and not locked and alone


def unheard(board: files.Board, group: Group, open_one: Open = open_board) -> list[str]:
    """Return what keeps a board from being as one of its group: whom it does not hear, and whether it differs."""
    try:
        with open_one(board) as reached:
            status = reached.status()
            rows = reached.paths(status["paths"])
    except HotspareError as error:
        return list(error.lines)
    lost = [
        f"{board.name} does not hear {view.path_name(group, board, row)}"
        for row in rows
        if row["source"] <= messages.ADDRESS_BOARD_MAX and (row["state"] != w.ALIVE or row["one_way"])
    ]
    if status["alarms"] & w.A_DIFFERS:
        lost.append(f"{board.name} differs from its neighbour")
    return lost


def outlook(holdings: list[Holding]) -> list[str]:
    """Return for each group in which span it is not protected, in so many words, for boards that are to be written."""
    said = []
    for name in dict.fromkeys(it.group.name for it in holdings):
        own = [it for it in holdings if it.group.name == name]
        boards = ", then ".join(it.board.name for it in own)
        restart = "it restarts" if len(own) == 1 else "they restart one after the other"
        if not any(_hash(it.kept) for it in own):
            why = f"without a configuration it protects nobody yet: {restart} with its first one"
        elif not all(it.shares_the_same for it in own):
            why = (
                "what its boards share changes: from the first restart until all hold the same and hear one another "
                "no failover happens by itself"
            )
        elif own[0].is_controller:
            why = f"what its boards share stays: no failover happens by itself while {restart}"
        elif all(is_heard_past(it.group, it.board) for it in own):
            why = "what its boards share stays, and units are heard past their beacons: it stays protected"
        else:
            why = f"what its boards share stays: the spare is locked out while {restart}, as silence is a failover"
        said.append(f"{name}: {boards}; {why}")
    return said


@dataclass
class Update:
    """What becomes of boards that are written, with a bound on every wait.

    `spans_s` is how long it took, by group, from the first restart until all boards heard one another again.
    """

    trial_s: int = 0
    by_hand: bool = False
    open_one: Open = open_board
    clock_s: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    spans_s: dict[str, float] = field(default_factory=dict)
    _first_s: dict[str, float] = field(default_factory=dict)

    def carry_out(self, holdings: list[Holding], tell: Tell) -> None:
        """Write all of them; raises what the first that fails raises: on trial, none of them then holds the new one."""
        done: list[Holding] = []
        try:
            for holding in holdings:
                self._write(holding, [it for it in done if it.group.name == holding.group.name])
                done.append(holding)
                tell(holding.board.name, f"on trial for {self.trial_s} s" if self.trial_s else "written")
            for group in {it.group.name: it.group for it in done}.values():
                self._agree([it for it in done if it.group == group])
                self.spans_s[group.name] = self.clock_s() - self._first_s[group.name]
        except (HotspareError, KeyboardInterrupt) as error:
            if self.trial_s:
                raise _told(error, self.give_up(done, tell)) from None
            raise
        if self.trial_s and not self.by_hand:
            self._confirm(done, tell)

    def _write(self, holding: Holding, before: list[Holding]) -> None:
        wait = returning.Return(self.open_one, self.clock_s, self.pause)
        differs = any(not it.shares_the_same for it in [holding, *before])
        with self._shielded(holding, differs):
            self._first_s.setdefault(holding.group.name, self.clock_s())
            wait.write(holding.board, holding.wanted, holding.identity["boot"], self.trial_s)

    @contextmanager
    def _shielded(self, holding: Holding, differs: bool) -> Iterator[None]:
        """Lock the spare out while a beacon restarts whose silence would be a failover: not where boards differ."""
        group = holding.group
        if (
            holding.is_controller
            or differs
            or is_heard_past(group, holding.board)
            or not acts_alone(group, self.open_one)
        ):
            yield
            return
        lockout = acting.Wish(w.LO, len(group.primaries), seconds=LOCKOUT_S)
        result = acting.ask(group, lambda status: lockout, self.open_one)
        if result.refused:
            raise Refused(
                f"{holding.board.name}: its restart would be a failover, and the spare can not be locked out for it: "
                f"{result.reason()}"
            )
        try:
            yield
        finally:
            self._heard_again(holding)
            clear = acting.Wish(w.CLEAR, ident=result.reply["id"])
            acting.ask(group, lambda status: clear, self.open_one)

    def _heard_again(self, holding: Holding) -> None:
        """Wait until the controller hears a beacon on every path anew: it takes it for alive for a while anyway."""
        until_s = self._until_s(holding.group)
        first: dict[int, int] = {}
        while self.clock_s() < until_s:
            rows = self._paths_of(holding)
            if rows and all(
                row["state"] == w.ALIVE and row["good"] > first.get(row["index"], COUNT_MAX) for row in rows
            ):
                return
            first = first or {row["index"]: row["good"] for row in rows}
            self.pause(LOOK_AGAIN_S)

    def _paths_of(self, holding: Holding) -> list[Fields]:
        with suppress(HotspareError), self.open_one(controller_of(holding.group)) as reached:
            return [row for row in reached.paths() if row["source"] == holding.board.address]
        return []

    def _agree(self, holdings: list[Holding]) -> None:
        """Wait until boards hear their neighbours and differ from none; raises Refused where a trial depends on it."""
        until_s = self._until_s(holdings[0].group)
        while True:
            wrong = [text for it in holdings for text in unheard(it.board, it.group, self.open_one)]
            if not wrong:
                return
            if self.clock_s() >= until_s:
                break
            self.pause(LOOK_AGAIN_S)
        if self.trial_s and not self.by_hand:
            raise Refused(f"not confirmed: {'; '.join(wrong)}")

    def _until_s(self, group: Group) -> float:
        """Return until when it is waited for boards to hear one another: a trial leaves time for its confirmation."""
        until_s = self.clock_s() + AGREE_S_MAX
        begun_s = self._first_s.get(group.name)
        return until_s if not self.trial_s or begun_s is None else min(until_s, begun_s + self.trial_s - MARGIN_S)

    def _confirm(self, done: list[Holding], tell: Tell) -> None:
        confirmed: list[str] = []
        for holding in done:
            try:
                with self.open_one(holding.board) as reached:
                    reached.confirm(holding.wanted, keep=True)
            except HotspareError as error:
                raise NoOutcome(
                    *error.lines,
                    f"confirmed: {', '.join(confirmed) or 'nothing'}; {holding.board.name} returns to what it had when "
                    f"its trial ends: hotspare configure",
                ) from None
            confirmed.append(holding.board.name)
            tell(holding.board.name, "confirmed")

    def give_up(self, done: list[Holding], tell: Tell) -> list[str]:
        """Let boards return that are on trial with what is wanted; return what is to be said of those that did not."""
        wait = returning.Return(self.open_one, self.clock_s, self.pause)
        late = []
        for holding in done:
            try:
                with self._shielded(holding, differs=False):
                    wait.give_up(holding.board, holding.wanted)
                tell(holding.board.name, "returned")
            except HotspareError as error:
                late.append(f"{'; '.join(error.lines)}: {holding.board.name} returns by itself when its trial ends")
        return late


def _told(error: BaseException, late: list[str]) -> HotspareError:
    if isinstance(error, HotspareError):
        return type(error)(*error.lines, *late)
    return OrderInterrupted("interrupted; nothing was confirmed", *late)


def on_trial(holdings: Iterable[Holding]) -> list[Holding]:
    """Return those whose configuration is on trial."""
    return [it for it in holdings if it.identity["trial"]]
