"""A pair of the simulator as tests want it: armed, watched by the laws, with verbs and a person at its host."""

from __future__ import annotations

from typing import Any

from hotspare.simulator import worlds
from hotspare.simulator.run import Run
from hotspare_engine import words as w

SETTLED_MS = 4_000  # units have booted, grace is over

BASE: worlds.Tables = {
    "group.pair": {
        "primaries": ["primary"],
        "spare": "spare",
        "controller": "controller",
        "boot_grace_s": 2,
    },
    "unit.primary": {"board": "beacon"},
    "board.beacon": {"port": "rig/beacon", "address": 1, "crosslink_b": "pulse"},
    "unit.spare": {"board": "controller"},
    "board.controller": {"port": "rig/controller", "address": 2, "crosslink_b": "pulse"},
    "rig": {"transaction_us": 0},
}


class Site:
    """One simulated pair, armed; time passes only in `run`."""

    def __init__(self, seed: int = 1, keyed: bool = False, **group: Any) -> None:
        tables = {**BASE, "group.pair": {**BASE["group.pair"], **group}}
        self.run_of = Run(seed, "none", configuration=worlds.read(tables), keyed=keyed)
        self.run_of.begin()
        self.rig = self.run_of.rig
        self.operator = self.run_of.performer.operators["controller"]
        self.result = self.run_of.result
        self.run(SETTLED_MS)
        assert (self.engine.state, self.engine.alarms) == (w.NORMAL, 0)

    @property
    def engine(self) -> Any:
        """The controller's engine."""
        return self.run_of.witness.engine

    @property
    def active(self) -> list[str]:
        """The units that are connected."""
        return [name for name in self.rig.units if self.rig.exclusivity.lines_of(name)]

    @property
    def now_ms(self) -> float:
        """Now."""
        return self.rig.timeline.now_us() / 1000

    def run(self, ms: float) -> None:
        """Let time pass under the laws; raises Broken."""
        self.rig.run_for(round(ms * 1000))

    def contact_ms(self, contact: str = "spare", since_ms: float = 0) -> float:
        """Return when a contact of the line's relay closed first since then; raises StopIteration."""
        return next(
            record.us / 1000
            for record in self.rig.trace()
            if record.kind == "contact"
            and (record.event, record.detail) == ("closed", contact)
            and record.us / 1000 >= since_ms
        )
