"""The witness: shows a simulated group to the laws, its engine beside the truth of the rig; changes nothing.

It has what `Laws` asks of whatever it watches. What units are and where contacts stand comes from the rig's models;
when a beat was heard comes from the controller's paths.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from hotspare.configuration import Group
from hotspare.rig.alteration import NONE as UNALTERED
from hotspare.rig.cable import CableModel, Wire
from hotspare.rig.circuits import OPEN
from hotspare.rig.levels import Pulse
from hotspare.rig.relay import BOTH, PRIMARY, SPARE, TORN, LineModel
from hotspare.rig.unit import LEAVING, RUNNING, Unit
from hotspare.simulator.boards import SimulatedBoard
from hotspare.simulator.laws import SILENT
from hotspare.simulator.world import SimulatedRig
from hotspare_engine import words as w

POSITIONS = {PRIMARY: w.AT_PRIMARY, SPARE: w.AT_SPARE, OPEN: w.BETWEEN, TORN: w.BETWEEN, BOTH: w.AT_BOTH}
WELL = (w.OK, w.IMPAIRED)
LONG_AGO_MS = -1 << 29
SETTLE_MS = 3000  # after a fault of the world ended, in which no limit of time is judged
MISHEARD_MS = 100  # that a word of a unit may be on its way, stalls of a board's flash included


class RelayView:
    """One relay: where its contacts really are, and what its board reads of them."""

    def __init__(self, model: LineModel, board: SimulatedBoard, line: int) -> None:
        self.model = model
        self._board = board
        self._line = line

    @property
    def contact(self) -> int:
        """Where it is."""
        return POSITIONS[self.model.position]

    @property
    def shown(self) -> int:
        """Whether a read-back is broken: then what it says, otherwise NONE."""
        broken = any(it.fault is not None for it in self.model.read_backs.values())
        return self.position() if broken else w.NONE

    def position(self) -> int:
        """Return what the read-backs say."""
        return int(self._board.board.relays[self._line].position())

    @property
    def welded(self) -> bool:
        """Whether a contact is welded."""
        return bool(self.model.welded)

    @property
    def coil_open(self) -> bool:
        """Whether a coil is broken, or its driver shorted."""
        return any(coil.broken or coil.shorted for coil in self.model.coils)


class PathView:
    """One path of the controller, and what is wrong with its cables."""

    def __init__(self, path: Any) -> None:
        self._path = path
        self.unit = path.unit
        self.dead_ms = path.wait_ms
        self.cut = self.frozen = self.loss = 0  # told by `disturbed`
        self.pace = 1

    @property
    def heard_well(self) -> bool:
        """Whether it said that the unit is well since the controller's boot."""
        return bool(self._path.good)


class Witness:
    """One group of a simulated rig, for the laws."""

    def __init__(self, rig: SimulatedRig, group: Group) -> None:
        self.rig = rig
        self.group = group
        self.primaries = len(group.primaries)
        self.controller = rig.boards[group.controller]
        self.watchers: tuple[Any, ...] = ()
        self.approved: set[tuple[int, int, int]] = set()
        self.models = [rig.units[unit.name] for unit in group.units]
        self.altered = [rig.alterations[unit.name] for unit in group.units]
        lines = [it for it in rig.relays.values() if isinstance(it, LineModel) and it.plan.board == group.controller]
        self.relays = [RelayView(model, self.controller, line) for line, model in enumerate(lines)]
        self.cables: list[PathView] = []
        self.engine: Any = None
        self.settled_ms = 0  # when the last fault of the world ended
        self.fine_ms = [LONG_AGO_MS] * len(self.models)  # when the newest word came that each is well, unopposed
        self._was_well = [False] * len(self.models)
        self._well_ms = [-1] * len(self.models)  # when each unit was last well, in truth
        self._base_ms = 0
        self._seen_changes = -1
        self._holds_off = group.setting("hold_off_ms") > 0
        for place, unit in enumerate(self.models):
            unit.hears_service.append(partial(self._changed, place))
        self._connected: list[int] = []

    # -- what the laws ask ----------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        """Now, by the controller's clock over all its boots."""
        return self._base_ms + int(self.controller.board.now_ms()) if self.controller.board else self._base_ms

    @property
    def units(self) -> list[int]:
        """What each unit says of itself; SILENT for nothing."""
        return [said(unit) for unit in self.models]

    @property
    def switch_on(self) -> int:
        """Whether the lockout switch is on, and has been for longer than it is doubted."""
        switch = self.controller.board.switch
        return int(switch.on) if switch else 0

    def connected(self) -> list[int]:
        """Return the unit on each line, NONE for no unit."""
        if self._seen_changes != self.rig.exclusivity.changes:
            self._seen_changes = self.rig.exclusivity.changes
            self._connected = self._look()
        return self._connected

    def _look(self) -> list[int]:
        names = [unit.name for unit in self.group.units]
        on = [w.NONE] * self.primaries
        for place, unit in enumerate(names):
            for line in self.rig.exclusivity.lines_of(unit):
                on[self.group.lines.index(line)] = place
        return on

    def known_well(self, unit: int) -> bool:
        """Return whether a live path of the controller says so, and the unit was well in truth not too long ago."""
        heard = any(
            path.unit == unit and path.state == w.ALIVE and path.report in WELL for path in self.engine.health.paths
        )
        if not heard:
            return False
        return said(self.models[unit]) in WELL or self.now_ms - self._well_ms[unit] <= self._hearsay_ms()

    def _changed(self, place: int, running: bool) -> None:
        """What a unit says of itself may have changed: until now it was what it was."""
        if self._was_well[place]:
            self._well_ms[place] = self.now_ms
        self._was_well[place] = said(self.models[place]) in WELL

    # -- what it is told ------------------------------------------------------------------------------------------

    def booted(self) -> None:
        """The controller has booted."""
        self.engine = self.controller.board.engine
        self.cables = [PathView(path) for path in self.engine.health.paths]
        self._base_ms = self.rig.timeline.now_us() // 1000

    def stalled(self, board: str, ms: int) -> None:
        """A board took a step after so long a time that it was blind: that is never taken for a silence of others."""
        for place, unit in enumerate(self.group.units):
            if board in (unit.board, self.group.controller):
                self._well_ms[place] += ms

    def stepped(self) -> None:
        """The controller has taken a step."""
        if not self._holds_off:
            return  # how long a failure has lasted is nobody's question then
        now_ms = self.now_ms
        opposed = 0
        for path in self.engine.health.paths:
            if path.state == w.ALIVE and (path.report == w.FAILED or path.altered):
                opposed |= 1 << path.unit
        for path in self.engine.health.paths:
            if path.report in WELL and not opposed >> path.unit & 1:
                self.fine_ms[path.unit] = max(self.fine_ms[path.unit], now_ms - path.age_ms)

    def disturb(self) -> None:
        """Something was done to the world just now."""
        self.settled_ms = self.rig.timeline.now_us() // 1000 + SETTLE_MS

    @property
    def disturbed(self) -> bool:
        """Whether something is wrong with the world, or was a moment ago, that may take away a limit of time."""
        rig = self.rig
        if rig.timeline.now_us() // 1000 < self.settled_ms:
            return True
        wrong = any(is_bad(cable) for cable in rig.cables.values())
        wrong = wrong or any(it.how != UNALTERED for it in self.altered)
        wrong = wrong or any(self._is_out(board.name, board.unit) for board in self.group.boards)
        wrong = wrong or any(relay.welded or relay.coil_open for relay in self.relays) or not rig.supply_on
        wrong = wrong or any(relay.shown != w.NONE for relay in self.relays)
        wrong = wrong or any(path.wait_ms != path.dead_ms for path in self.engine.health.paths)  # an announced silence
        if wrong:
            self.disturb()
        return wrong

    def _is_out(self, board: str, unit: str) -> bool:
        """Return whether a board does not run though the unit beside it has power."""
        model = self.rig.boards[board]
        return (not model.powered or model.frozen or model.board is None) and self.rig.units[unit].powered

    def _hearsay_ms(self) -> int:
        """Return how long a unit that is no more well may be held for well: agent and beacon each have a dead time."""
        values = self.engine.settings
        agent_ms = values.agent_interval_ms * values.agent_beats
        own_ms = values.interval_ms * values.beats
        stalls_ms = self.engine.health.mute_max_ms + MISHEARD_MS
        return int(agent_ms + 2 * own_ms + stalls_ms)


def said(unit: Unit) -> int:
    """Return what a unit says of itself; SILENT for nothing."""
    if unit.status == LEAVING:
        return w.LEAVING
    if unit.status != RUNNING:
        return SILENT
    if unit.failing:
        return w.FAILED
    return w.IMPAIRED if unit.degraded else w.OK


def is_bad(cable: CableModel) -> bool:
    """Return whether a cable is not as good as new."""
    for way in cable.ways.values():
        if way.cut or way.delay_us:
            return True
        if isinstance(way, Wire) and (way.ber or way.bursting):
            return True
        if not isinstance(way, Pulse | Wire) and way.ber:
            return True
    return False
