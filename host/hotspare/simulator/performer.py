"""The performer: does what a schedule says to a simulated rig, and mends all of it; decides nothing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from hotspare.configuration import Group
from hotspare.rig.alteration import NONE as UNALTERED
from hotspare.rig.errors import Refused, Unknown
from hotspare.rig.levels import Pulse
from hotspare.rig.relay import LineModel
from hotspare.rig.unit import HUNG, LEAVING, OFF
from hotspare.session import Exchange, query
from hotspare.simulator.boards import FIRMWARE_HASH, SimulatedBoard
from hotspare.simulator.host import Operator
from hotspare.simulator.puller import Puller
from hotspare.simulator.schedule import Action
from hotspare.simulator.stranger import Stranger
from hotspare.simulator.world import SimulatedRig
from hotspare_engine import words as w
from hotspare_wire import messages

ERASE_MS = 45
LAWFUL = ("stop", "fail", "hang", "degrade", "mend", "start", "pull")  # what limits of time are promised for


class Performer:
    """Acts upon one group of a rig. `approving(id, winner, target)` hears what a person approves.

    `did` counts what was done, by verb; what could not be done at that moment has "not" in front.
    """

    def __init__(
        self,
        rig: SimulatedRig,
        group: Group,
        seed: int,
        keys: tuple[bytes, ...],
        approving: Callable[[int, int, int], None],
        disturb: Callable[[], None],
    ) -> None:
        self.did: Counter[str] = Counter()
        self.verdicts: Counter[int] = Counter()
        self._rig = rig
        self._group = group
        self._approving = approving
        self._disturb = disturb
        chance = random.Random(f"operator {seed}")

        def draw() -> bytes:
            return chance.randbytes(messages.NONCE_SIZE)

        self.operators = {
            board.name: Operator(rig.timeline, rig.boards[board.name], draw, keys, self._answered)
            for board in group.boards
        }
        self.pullers = {board.name: Puller(board.name) for board in group.boards}
        self.stranger = Stranger(rig, random.Random(f"stranger {seed}"))

    @property
    def controller(self) -> SimulatedBoard:
        """The group's controller."""
        return self._rig.boards[self._group.controller]

    def _engine(self) -> Any:
        """Return the controller's engine, None while it does not run, or runs with its host port alone."""
        board = self.controller.board
        return board.engine if board is not None and board.engine.is_controller else None

    def plan(self, actions: Iterable[Action], begin_us: int) -> None:
        """Let these happen at their times, counted from `begin_us`."""
        for action in actions:
            self._rig.timeline.at(begin_us + action.at_ms * 1000, self.perform, action)

    def perform(self, action: Action) -> None:
        """Do one thing now, if it can be done."""
        verb = action.verb
        own: Callable[..., None] | None = getattr(self, "_" + verb.replace(" ", "_"), None)
        if verb not in LAWFUL:
            self._disturb()
        try:
            if own is not None:
                own(**action.arguments)
            else:
                self._rig.do([(verb, action.arguments)])
        except (Refused, Unknown):
            self.did["not " + verb] += 1
        else:
            self.did[verb] += 1

    # -- what no rig has as a verb ----------------------------------------------------------------------------------

    def _leave(self, unit: str, rest_ms: int, longest_s: int) -> None:
        self._rig.do([("stop", {"unit": unit, "leaving": True, "after_ms": rest_ms, "longest_s": longest_s})])

    def _stall(self, board: str, ms: int) -> None:
        self._rig.do([("freeze", {"board": board})])
        self._rig.timeline.after(ms * 1000, self._go_on, board)

    def _go_on(self, board: str) -> None:
        model = self._rig.boards[board]
        if model.frozen:
            self._disturb()
            model.thaw()

    def _differ(self, board: str, firmware_hash: int) -> None:
        self._rig.boards[board].firmware_hash = firmware_hash
        self._rig.do([("reset", {"board": board})])

    def _ask(self, request: int, unit: int, seconds: int, flags: int) -> None:
        self.operators[self._group.controller].ask(request, unit, 0, seconds, flags)

    def _approve(self, request: int, off: int) -> None:
        engine = self._engine()
        if engine is None or not engine.pending.id:
            raise Refused("nothing is pending")
        pending = engine.pending
        if request == w.APPROVE and not off:
            self._approving(pending.id, pending.winner, pending.target)
        self.operators[self._group.controller].ask(request, w.NONE, pending.id + off)

    def _pull(self, board: str) -> None:
        operator, puller = self.operators[board], self.pullers[board]
        operator.begin(query(messages.T_RECORDS, puller.next))

    def _forge(self, cable: str, direction: str, how: str) -> None:
        self.stranger.forge(cable, direction, how)

    def _answered(self, exchange: Exchange, us: int) -> None:
        if exchange.kind == messages.REQUEST and exchange.answer_kind == messages.REPLY:
            self.verdicts[exchange.answer[1]] += 1
        elif exchange.answer_kind == messages.RECORDS:
            self.pulled(exchange)

    def pulled(self, exchange: Exchange) -> None:
        """Take the records that a board told; every one that is kept is acknowledged."""
        names = [name for name, _ in messages.fields(messages.RECORDS)]
        fields: dict[str, Any] = dict(zip(names, exchange.answer, strict=True))
        asked = exchange.values[1]
        for name, operator in self.operators.items():
            if operator.last is exchange:
                acknowledge = self.pullers[name].take(fields, asked)
                if acknowledge is not None:
                    operator.begin(acknowledge)

    # -- repair -----------------------------------------------------------------------------------------------------

    def _mend_all(self) -> None:
        rig = self._rig
        for cable in rig.cables.values():
            for way in cable.ways.values():
                way.set_cut(False)
                way.set_delay(0)
                if not isinstance(way, Pulse):
                    way.set_ber(0.0)
                    way.end_burst()
        rig.set_supply(True)
        for relay in rig.relays.values():
            relay.unweld()
            relay.unbridge()
            for coil in relay.coils:
                coil.set_broken(False)
                coil.set_shorted(False)
            if isinstance(relay, LineModel):
                for sense in relay.read_backs.values():
                    sense.set_fault(None)
        for switch in rig.keyswitches.values():
            switch.turn(False)
        for name, unit in rig.units.items():
            rig.alterations[name].how = UNALTERED
            unit.endings.update(dict.fromkeys(unit.endings, "works"))
            stopped = not unit.mains or unit.status in (HUNG, LEAVING) or (unit.status == OFF and unit.fed)
            if stopped or unit.state()["acknowledged"].endswith("failed"):  # a role is taken anew after a restart only
                unit.start()
            if unit.failing or unit.degraded:
                unit.set_failing(False)
        for board in rig.boards.values():
            if board.frozen:
                board.thaw()
            board.flash.stall(ERASE_MS)
            board.flash.cut(0, "never")
            if board.powered and board.firmware_hash != FIRMWARE_HASH:
                self._differ(board.plan.name, FIRMWARE_HASH)
            feed = board.plan.fed_by
            if not board.powered and (feed is None or rig.units[feed].powered):
                board.power_on()

    def _clear_all(self) -> None:
        """A person ends everything that stands, and every latch."""
        ask = self.operators[self._group.controller].ask
        engine = self._engine()
        for ident in engine.standing.id if engine is not None else ():
            if ident:
                ask(w.CLEAR, w.NONE, ident)
        for unit in range(len(self._group.units)):
            ask(w.UNFENCE, unit)
        for request in (w.CLEAR_RELAY, w.CLEAR_SPARE, w.ARM):
            ask(request)
        for operator in self.operators.values():
            operator.ask(w.CLEAR_RESETS)
