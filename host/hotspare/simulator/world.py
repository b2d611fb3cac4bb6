"""The simulated rig: the rig's models and simulated boards on a timeline that is nobody's clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from hotspare.rig import flash
from hotspare.rig.building import BoardModel, Tell
from hotspare.rig.datagrams import Way
from hotspare.rig.loop import Timeline
from hotspare.rig.model import RigModel
from hotspare.rig.plan import BoardPlan, RigPlan
from hotspare.rig.verification import verify
from hotspare.simulator.boards import Chip, Sight, SimulatedBoard
from hotspare.simulator.tape import Tape

TapeOf = Callable[[str], Tape | None]


def no_tape(name: str) -> None:
    """Return the tape of a board: it has none."""


class SimulatedNetwork:
    """The network's end at a simulated board."""

    def __init__(self, board: SimulatedBoard) -> None:
        self.way: Way | None = None
        self._board = board
        board.network = self._said

    def send(self, data: bytes) -> None:
        """Hand a datagram to the board."""
        self._board.datagram(data)

    def close(self) -> None:
        """Leave nothing behind: there is nothing."""

    def _said(self, data: bytes) -> None:
        if self.way is not None:
            self.way.send(data)


class SimulatedMaker:
    """Makes boards in this process; `chip_of` says what a kind of board costs, `tape_of` has the tape of a board."""

    def __init__(self, timeline: Timeline, sight: Sight, chip_of: Callable[[str], Chip], tape_of: TapeOf) -> None:
        self._timeline = timeline
        self._sight = sight
        self._chip_of = chip_of
        self._tape_of = tape_of

    def wiring(self, kind: str) -> Mapping[str, int]:
        """Return the pin numbers of a kind of board by name."""
        return flash.wiring_of(kind)

    def board(self, plan: BoardPlan, pins: Mapping[str, int], chance: random.Random, tell: Tell) -> SimulatedBoard:
        """Return a board; its firmware starts with its power."""
        chip, tape = self._chip_of(plan.kind), self._tape_of(plan.name)
        return SimulatedBoard(self._timeline, plan, pins, chance, tell, self._sight, chip, tape)

    def network(self, board: BoardModel, neighbour: str) -> SimulatedNetwork:
        """Return the network's end at a board."""
        assert isinstance(board, SimulatedBoard)
        return SimulatedNetwork(board)


class SimulatedRig(RigModel):
    """One rig under virtual time, which passes only in `run_for` and `wait`.

    `tape_of(name)` returns the Tape of a board, None for none.
    """

    boards: dict[str, SimulatedBoard]  # type: ignore[assignment]  # its maker makes no others

    def __init__(
        self,
        plan: RigPlan,
        seed: int,
        sight: Sight | None = None,
        chip_of: Callable[[str], Chip] = lambda kind: Chip(),
        tape_of: TapeOf = no_tape,
    ) -> None:
        verify(plan)
        timeline = Timeline()
        super().__init__(plan, timeline, SimulatedMaker(timeline, sight or Sight(), chip_of, tape_of), seed=seed)

    def run_for(self, span_us: int) -> None:
        """Let time pass."""
        self.timeline.run_for(span_us)
