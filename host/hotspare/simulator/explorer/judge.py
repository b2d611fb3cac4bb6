"""The judge: the laws as invariants of an explored world, and those that only a whole world shows; counts each look."""

from __future__ import annotations

from typing import Any

from hotspare.simulator.laws import Broken, Laws
from hotspare_engine import words as w


class Tally(dict[str, int]):
    """How often each law was put to the test: it grows, whatever state is put back."""


class Judge(Laws):
    """Laws of one world. Of `judged` each must hold; what is not among them is looked at all the same. None: all."""

    def __init__(self, judged: tuple[str, ...] | None) -> None:
        self._kept = ({}, {})  # type: tuple[dict[Any, Any], dict[Any, Any]]
        super().__init__()
        self.judged = judged
        self.counts = Tally()

    def rebooted(self) -> None:
        """The controller's board has booted; what is kept stays in the same objects."""
        super().rebooted()
        self.commanded, self.rested = self._kept
        self.commanded.clear()
        self.rested.clear()

    def must(self, law: str, holds: object, what: str) -> None:
        """A law of the whole world is put to the test."""
        self._must(law, holds, what)

    def _must(self, law: str, holds: object, what: str) -> None:
        self.counts[law] = self.counts.get(law, 0) + 1
        if not holds and (self.judged is None or law in self.judged):
            raise Broken(f"{law} at {self.bench.now_ms} ms: {what}")

    def moved(self) -> None:
        """A contact has moved, whether the controller runs or not."""
        for relay in self.bench.relays:
            self._must("L1", relay.contact != w.AT_BOTH, "a line has one unit at most")
        units = [unit for unit in self.bench.connected() if unit != w.NONE]
        self._must("L1", len(units) == len(set(units)), "a unit is on one line at most")

    def rose(self, commanded: int) -> None:
        """A coil was energised."""
        self._must("L8", commanded, "no reset and no start energises a relay: the engine did not command it")

    def stepped_whole(self, whole: bool) -> None:
        """A board has taken a step."""
        self._must("firmware", whole, "every part of a step checks in, in order")

    def settled(self) -> None:
        """All faults have stopped, for longer than any bound."""
        bench = self.bench
        for line, unit in enumerate(bench.connected()):
            well = unit != w.NONE and bench.units[unit] == w.OK
            self._must("L4 at rest", well or bench.engine.alarms, "when faults stop, a line has a unit that is well or an alarm stands")
