"""The emulated rig: its boards are processes of the MicroPython VM, on the machine's clock, in a directory."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hotspare.rig import flash, vm
from hotspare.rig.board import Board
from hotspare.rig.building import BoardModel, MakeAgent, Tell
from hotspare.rig.datagrams import Socket
from hotspare.rig.loop import Loop
from hotspare.rig.model import RigModel, agent_of
from hotspare.rig.place import Place
from hotspare.rig.plan import BoardPlan, RigPlan
from hotspare.rig.trace import Record
from hotspare.rig.verification import verify

Wiring = Callable[[str], Mapping[str, int]]


class VmMaker:
    """Makes boards that are processes; `files` is what stands on every new one, by path."""

    def __init__(self, loop: Loop, place: Place, files: Mapping[str, bytes], wiring: Wiring) -> None:
        self.wiring = wiring
        self._loop = loop
        self._place = place
        self._files = files
        self._micropython = vm.find_micropython()

    def board(self, plan: BoardPlan, pins: Mapping[str, int], chance: random.Random, tell: Tell) -> Board:
        """Return a board with what stands on it; no process runs yet."""
        place = self._place
        flash.install(place.flash(plan.name), {**self._files, **plan.flash})
        around = vm.Surroundings(self._micropython, place.flash(plan.name), place.log(plan.name), place.process_group)
        return Board(self._loop, plan, around, place.link(plan.name), chance, tell)

    def network(self, board: BoardModel, neighbour: str) -> Socket:
        """Return the rig's socket, which the board takes for its neighbour."""
        assert isinstance(board, Board)
        made = Socket(self._loop)
        board.network = f"{neighbour}={made.port}"
        return made


class World(RigModel):
    """One rig in one loop; everything that it does happens in `loop.run`.

    `firmware` is what stands on every new board, by path (None: the firmware of this package), `wiring` the pin numbers
    of a kind of board by name.
    """

    def __init__(
        self,
        plan: RigPlan,
        directory: Path,
        *,
        firmware: Mapping[str, bytes] | None = None,
        wiring: Wiring = flash.wiring_of,
        make_agent: MakeAgent = agent_of,
        seed: int | None = None,
    ) -> None:
        verify(plan)
        files = flash.firmware_files() if firmware is None else firmware
        self.place = Place(directory, [board.name for board in plan.boards])
        self.loop = Loop()
        try:
            maker = VmMaker(self.loop, self.place, files, wiring)
            super().__init__(plan, self.loop, maker, make_agent=make_agent, seed=seed)
        except BaseException:
            self.place.close()
            self.loop.close()
            raise
        self._closed = False

    def close(self) -> None:
        """End the boards and leave nothing behind."""
        if not self._closed:
            self._closed = True
            self._verbs.close()
            self._parts.close()
            self.place.close()
            self.loop.close()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def state(self) -> dict[str, Any]:
        """Return what the rig is like now, and how late the machine came to what it did."""
        late = {"most_us": self.loop.late_us_max, "counts": list(self.loop.late_counts)}
        return {**super().state(), "late": late}

    def _run(self, found: list[Record], limit_us: int) -> None:
        self.loop.run(lambda: bool(found), limit_us)
