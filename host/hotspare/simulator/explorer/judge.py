"""The judge: the laws as invariants of an explored world, and those that only a whole world shows; counts each look."""

from __future__ import annotations

from typing import Any

from hotspare.simulator.laws import Broken, Laws
from hotspare_engine import approval
from hotspare_engine import words as w


class Tally(dict[str, int]):
    """How often each law was put to the test: it grows, whatever state is put back."""


class Judge(Laws):
    """Laws of one world. Of `judged` each must hold; what is not among them is looked at all the same. None: all."""

    bench: Any

    def __init__(self, judged: tuple[str, ...] | None) -> None:
        self._kept: tuple[dict[Any, Any], dict[int, list[int]]] = ({}, {0: [w.NONE, 0]})  # of the one line
        super().__init__()
        self.judged = judged
        self.counts = Tally()

    def rebooted(self) -> None:
        """The controller's board has booted; what is kept stays in the same objects."""
        super().rebooted()
        self.commanded, self.rested = self._kept
        self.commanded.clear()
        self.rested[0][:] = [w.NONE, 0]

    def must(self, law: str, holds: object, what: str) -> None:
        """A law of the whole world is put to the test."""
        self._must(law, holds, what)

    def _must(self, law: str, holds: object, what: str) -> None:
        self.counts[law] = self.counts.get(law, 0) + 1
        if not holds and (self.judged is None or law in self.judged):
            raise Broken(f"{law} at {self.bench.now_ms} ms: {what}")

    def driven(self, line: int, position: int) -> None:
        """The engine commands a relay."""
        super().driven(line, position)
        engine = self.bench.engine
        s = engine.situation
        guarded = engine.guard.fault or engine.guard.fell  # the drive follows the contact
        if position == w.AT_PRIMARY and engine.settings.switch == w.FENCED_FEED and not guarded:
            asked = not approval.is_automatic(s) or s.order == w.FX or s.drop
            away = engine.lines.settled[line] != w.AT_PRIMARY and not engine.switching.connecting
            if away and engine.switching.before != w.AT_PRIMARY:
                fenced = engine.fenced >> line & 1
                self._must("fenced", asked or not fenced, "a fenced unit is not used again before a person says so")
        if position == w.AT_SPARE and engine.settings.standby == w.WARM and engine.switching.source != line:
            ready = s.order == w.FX or self.bench.agents[self.bench.primaries].role == w.ACTIVE
            self._must("warm", ready, "a warm spare is connected once it has said that it is active")

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
        for unit in bench.connected():
            well = unit != w.NONE and bench.units[unit] == w.OK
            served = well or bench.engine.alarms
            self._must("L4 at rest", served, "when faults stop, a line has a unit that is well or an alarm stands")
