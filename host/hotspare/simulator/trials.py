"""Trials of failovers: one cause at a random moment in a site that is well, timed from cause to contact by the rig."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hotspare import autonomy, budget, path_times
from hotspare.configuration import Configuration, Group
from hotspare.rig.errors import TimedOut
from hotspare.rig.trace import Record
from hotspare.simulator.boards import Sight, SimulatedBoard
from hotspare.simulator.outlook import named
from hotspare.simulator.site import NeverWell, Site
from hotspare_engine import words as w

PHASES_MS = 2_000  # within which the moment of the cause lies
PATIENCE = 2  # times the worst case of the budget, and
PATIENCE_MS = 2_000  # so long, after which a failover is not waited for any more
AFTER_MS = 200  # for contacts to come to rest
POWER, HANG, REPORT, CUT = "power", "hang", "report", "cut"
SILENCES = (POWER, CUT)  # causes that show in silence alone


@dataclass(frozen=True)
class Cause:
    """A way to fail of the primary at `place`; the limits of its detection are those of the budget."""

    kind: str
    name: str
    place: int
    median_ms: float  # until it is detected
    worst_ms: float


@dataclass(frozen=True)
class Trial:
    """What came of a trial: when it was detected and when the spare was connected, in ms after the cause."""

    cause: Cause
    seed: int
    detected_ms: float | None
    failover_ms: float | None
    held: str = ""  # what held it back
    both_connected_us: int = 0  # that a line had two units


def causes_of(group: Group) -> list[Cause]:
    """Return the causes that `check` lists, and that every cable between a beacon and the controller is cut."""
    listed = budget.of(group).causes
    found = []
    for place, primary in enumerate(group.primaries):
        three = listed[3 * place : 3 * place + 3]
        for kind, it in zip((POWER, HANG, REPORT), three, strict=True):
            found.append(Cause(kind, it.name, place, it.median_ms, it.worst_ms))
        if len(path_times.sources_of(group, place)) == 1:
            name = f"every crosslink of {primary} is cut"
            found.append(Cause(CUT, name, place, three[0].median_ms, three[0].worst_ms))
    if not group.setting("on_silence"):
        found = [cause for cause in found if cause.kind not in SILENCES]
    return found


def limit_ms(group: Group, cause: Cause) -> float:
    """Return the longest time from the cause to the spare's contact that the budget has, a person's time apart."""
    times = budget.of(group)
    return cause.worst_ms + times.hold_off_ms + times.decision_ms + times.ready_ms + times.switching_ms


def is_possible(group: Group) -> bool:
    """Return whether the group fails over at all, be it when a person approves."""
    return group.autonomy != "shadow"


def run(configuration: Configuration, cause: Cause, seed: int) -> Trial:
    """Do one trial."""
    observer = _Observer(configuration.groups[0], cause.place)
    site = Site(configuration, seed, Sight(stepped=observer.stepped))
    try:
        site.begin()
    except NeverWell as error:
        return Trial(cause, seed, None, None, str(error))
    observer.approve = site.operator.ask
    site.pass_ms(site.chance.uniform(0, PHASES_MS))
    since = site.rig.tracer.next_number - 1
    begun_us = observer.since_us = site.now_us
    observer.now_us = site.rig.timeline.now_us
    _do(site, cause)
    connected = _wait(site, cause, since)
    site.pass_ms(AFTER_MS)
    both_us = site.rig.exclusivity.both_connected_us
    detected_ms = (observer.failed_us - begun_us) / 1000 if observer.failed_us is not None else None
    if connected is None:
        held = site.outlook.now()[cause.place]
        return Trial(cause, seed, detected_ms, None, named(held) if held else "the contact did not come", both_us)
    return Trial(cause, seed, detected_ms, (connected.us - begun_us) / 1000, both_connected_us=both_us)


def _wait(site: Site, cause: Cause, since: int) -> Record | None:
    group = site.group
    match = {"kind": "line", "name": group.lines[cause.place], "event": "connected", "detail": group.spare}
    try:
        return site.rig.wait(match, since, round(PATIENCE * limit_ms(group, cause)) + PATIENCE_MS)
    except TimedOut:
        return None


class _Observer:
    """Sees when the controller finds a unit failed, and has a person approve at once what is put to one."""

    def __init__(self, group: Group, place: int) -> None:
        self.failed_us: int | None = None
        self.since_us: int | None = None
        self.approve: Callable[..., None] | None = None
        self.now_us: Callable[[], int] = int
        self._controller = group.controller
        self._place = place
        self._asks = autonomy.approval_ms(group) != 0
        self._approved = 0

    def stepped(self, board: SimulatedBoard, ms: int) -> None:
        if self.since_us is None or board.plan.name != self._controller:
            return
        engine = board.board.engine
        if self.failed_us is None and engine.health.units[self._place].health == w.FAILED:
            self.failed_us = self.now_us()
        pending = engine.pending
        if self._asks and self.approve is not None and pending.id and pending.id != self._approved:
            self._approved = pending.id
            self.approve(w.APPROVE, ident=pending.id)


def _do(site: Site, cause: Cause) -> None:
    rig, group = site.rig, site.group
    unit, board = group.primaries[cause.place], group.chain[cause.place]
    if cause.kind == HANG:
        rig.hang(unit)
    elif cause.kind == REPORT:
        rig.fail(unit)
    elif cause.kind == POWER:
        rig.stop(unit)
        if rig.boards[board.name].powered:
            rig.power(board.name, False)
    else:
        for cable in cables_of(site, cause.place):
            rig.cut(cable)


def cables_of(site: Site, place: int) -> list[str]:
    """Return the cables between the board of a primary and the one before it."""
    group = site.group
    ends = {group.chain[place].name, group.chain[place - 1].name if place else group.controller}
    return [name for name, cable in site.rig.cables.items() if ends == {*cable.ways}]
