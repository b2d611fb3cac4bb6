"""The relays of a plan, wired: coils and read-backs to pins by name, contacts to lines and units; runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from hotspare.rig.circuits import Coil, Contact, Tell
from hotspare.rig.clients import Clients
from hotspare.rig.contactors import Fenced, Interlocked, Start
from hotspare.rig.loop import Timeline
from hotspare.rig.pads import Listener
from hotspare.rig.plan import AlarmRelay, ChangeoverRelay, InterlockedRelay, LineRelay, Relay, StartRelay
from hotspare.rig.relay import CONTACTS, PRIMARY, Changeover, LineModel, RelayModel
from hotspare.rig.trace import Exclusivity, Trace
from hotspare.rig.unit import Unit

# a line's pins: the coil towards the spare, and the other one of a relay that has two
COIL = "relay{line}"
SECOND = "relay{line}_second"
SENSE = "sense{line}_{side}"

Drives = Callable[[str, str, Listener], None]  # (board, pin, what hears the level that the board drives)
Shows = Callable[[str, str], Callable[[int], None]]  # (board, pin) to what drives that input from outside


class Cabinet:
    """All relays of a rig, added one by one."""

    def __init__(
        self,
        timeline: Timeline,
        tracer: Trace,
        exclusivity: Exclusivity,
        units: Mapping[str, Unit],
        drives: Drives,
        shows: Shows,
        clients: Mapping[str, Clients] | None = None,
    ) -> None:
        self.relays: dict[str, RelayModel] = {}
        self.alarms: dict[str, Coil] = {}
        self.boards: list[str] = []  # that drive relays
        self._timeline = timeline
        self._tracer = tracer
        self._exclusivity = exclusivity
        self._units = units
        self._clients = clients or {}  # by line
        self._drives = drives
        self._shows = shows
        self._lines_of: dict[str, int] = {}  # how many lines a board has so far

    def add(self, plan: Relay) -> None:
        """Build a relay and wire it."""
        if isinstance(plan, AlarmRelay):
            self._alarm(plan)
            return
        if plan.board not in self.boards:
            self.boards.append(plan.board)
        if isinstance(plan, StartRelay):
            self._start(plan)
        else:
            self._line(plan)

    def _line(self, plan: LineRelay) -> None:
        number = self._lines_of[plan.board] = self._lines_of.get(plan.board, 0) + 1
        model = self._model(plan)
        self.relays[plan.name] = model
        for side in CONTACTS:
            unit = plan.primary if side == PRIMARY else plan.spare
            feed = model.feed(side)
            feed.listen(partial(self._join, plan.line, unit))
            if plan.line in self._clients:
                self._clients[plan.line].watch(self._units[unit])
            if feed.closed:
                self._connect(plan.line, unit, True)
        model.attach({side: self._shows(plan.board, SENSE.format(line=number, side=side)) for side in CONTACTS})
        for coil, name in zip(model.coils, (COIL, SECOND), strict=False):
            self._drives(plan.board, name.format(line=number), coil.drive)

    def _model(self, plan: LineRelay) -> LineModel:
        tell = self._teller(plan.name)
        before = self._feed_behind(plan.through) if plan.through is not None else ()
        if isinstance(plan, ChangeoverRelay):
            return Changeover(self._timeline, plan, tell, before)
        if isinstance(plan, InterlockedRelay):
            return Interlocked(self._timeline, plan, tell, before)
        return Fenced(self._timeline, plan, tell, before)

    def _feed_behind(self, name: str) -> tuple[Contact, ...]:
        model = self.relays[name]
        assert isinstance(model, LineModel)
        return model.cascade()

    def _join(self, line: str, unit: str, closed: bool) -> None:
        self._tracer.add("line", line, "connected" if closed else "disconnected", unit)
        self._connect(line, unit, closed)

    def _connect(self, line: str, unit: str, closed: bool) -> None:
        join = self._exclusivity.connect if closed else self._exclusivity.disconnect
        join(line, unit)
        if line in self._clients:
            self._clients[line].join(self._units[unit], closed)

    def _start(self, plan: StartRelay) -> None:
        model = Start(self._timeline, plan, self._teller(plan.name))
        unit = self._units[plan.unit]
        unit.fed = False
        model.feed.listen(lambda: unit.set_feed(model.feed.conducts))
        self._drives(plan.board, plan.pin, model.coils[0].drive)
        self.relays[plan.name] = model

    def _teller(self, name: str) -> Tell:
        def tell(kind: str, event: str, detail: str) -> None:
            self._tracer.add(kind, name, event, detail)

        return tell

    def _alarm(self, plan: AlarmRelay) -> None:
        def tell(kind: str, event: str, detail: str) -> None:
            if kind == "coil":
                self._tracer.add("alarm", plan.name, event, detail)

        coil = self.alarms[plan.name] = Coil("", tell, lambda current: None)
        self._drives(plan.board, plan.pin, coil.drive)
