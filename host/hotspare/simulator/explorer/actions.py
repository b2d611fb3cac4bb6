"""Actions: everything that may happen next in a world, by name; each says whether it counts as a fault or as an ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from hotspare.simulator.explorer.chip import OFF, RUNS
from hotspare.simulator.explorer.crosslink import BOTH_CUT, DOWN, UP
from hotspare.simulator.explorer.setups import BEACON, CONTROLLER
from hotspare.simulator.explorer.world import World
from hotspare.simulator.laws import SILENT
from hotspare_engine import names
from hotspare_engine import words as w
from hotspare_firmware.bootrecord import RESETS_MAX

FREE, FAULT, ASK = range(3)  # what an action costs
LOST_PRIMARY, LOST_SPARE = 1, 2  # wires of read-backs
BOARDS = {BEACON: "the beacon", CONTROLLER: "the controller"}
UNITS = ("the primary", "the spare")
WAYS = {UP: "to the controller", DOWN: "to the beacon"}
# requests that are about a unit, and about which ones: the primary is 0, the spare 1
ABOUT = {w.MS: (1,), w.MS_P: (0,), w.FS: (0, 1), w.FX: (0, 1), w.OUT: (0, 1), w.LO: (1,), w.UNFENCE: (0,)}


@dataclass(frozen=True)
class Action:
    """One thing that may happen: its name, what it costs, and what does it."""

    name: str
    cost: int
    do: Callable[[World], None]


def _supply(world: World, supply: int) -> None:
    world.line.supply = supply
    world.touch()


def _relay(world: World, name: str, value: int) -> None:
    relay = world.relays[0]
    if name == "lost":
        relay.lose(value)
    else:
        setattr(relay, name, value)
    world.touch()


def _frames(way: int) -> tuple[Action, Action, Action, Action]:
    said = f"the frame {WAYS[way]}"
    return (
        Action(f"{said} arrives", FREE, partial(World.deliver, way=way)),
        Action(f"{said} is lost", FAULT, partial(World.drop, way=way)),
        Action(f"{said} arrives, and will once more", FAULT, partial(World.duplicate, way=way)),
        Action(f"{said} is late", FAULT, partial(World.delay, way=way)),
    )


FRAMES = {way: _frames(way) for way in WAYS}
TIME = Action("time passes", FREE, World.pass_time)
CUTS = (
    Action("the crosslink is cut", FAULT, partial(World.sever, cut=BOTH_CUT)),
    Action("the crosslink's wire to the controller is cut", FAULT, partial(World.sever, cut=1 << UP)),
    Action("the crosslink's wire to the beacon is cut", FAULT, partial(World.sever, cut=1 << DOWN)),
)
SPLICE = Action("the crosslink is joined", FREE, partial(World.sever, cut=0))
SUPPLY_GOES = Action("the supply of the coils goes", FAULT, partial(_supply, supply=0))
SUPPLY_BACK = Action("the supply of the coils is back", FREE, partial(_supply, supply=1))
WELD = Action("a contact welds", FAULT, partial(_relay, name="welded", value=1))
BREAK_COIL = Action("a coil breaks", FAULT, partial(_relay, name="coil_open", value=1))
LOSE = (
    Action("the primary's read-back wire breaks", FAULT, partial(_relay, name="lost", value=LOST_PRIMARY)),
    Action("the spare's read-back wire breaks", FAULT, partial(_relay, name="lost", value=LOST_SPARE)),
)
MENDS = {
    "welded": Action("the welded contact is replaced", FREE, partial(_relay, name="welded", value=0)),
    "coil_open": Action("the coil is replaced", FREE, partial(_relay, name="coil_open", value=0)),
    "lost": Action("the read-back wire is joined", FREE, partial(_relay, name="lost", value=0)),
}
HANGS = {at: Action(f"{said} hangs", FAULT, partial(World.hang, address=at)) for at, said in BOARDS.items()}
GOES_OFF = {
    at: Action(f"{said} loses its power", FAULT, partial(World.power_off, address=at)) for at, said in BOARDS.items()
}
GOES_ON = {
    at: Action(f"{said} has its power back", FREE, partial(World.power_on, address=at)) for at, said in BOARDS.items()
}
SAYS = {
    (unit, says): Action(
        f"{UNITS[unit]} {said}", FREE if says == w.OK else FAULT, partial(World.say, unit=unit, says=says)
    )
    for unit in (0, 1)
    for says, said in ((w.OK, "is well"), (w.FAILED, "says that it has failed"), (SILENT, "falls silent"))
}


def _named(request: int) -> str:
    found = {row[0]: row[1] for row in (*names.REQUESTS, *names.ASKS)}
    return f"a person asks: {found[request]}"


def _asks(requests: tuple[int, ...]) -> list[Action]:
    found = []
    for request in requests:
        if request in (w.CLEAR, w.APPROVE, w.REJECT):
            found.append(Action(_named(request), ASK, partial(_numbered, request=request)))
            continue
        for unit in ABOUT.get(request, (w.NONE,)):
            about = f", {UNITS[unit]}" if unit != w.NONE else ""
            found.append(Action(_named(request) + about, ASK, partial(World.ask, request=request, unit=unit)))
    return found


def _numbered(world: World, request: int) -> None:
    newest = max(world.engine.standing.id)  # of what stands
    number = newest if request == w.CLEAR else world.engine.pending.id
    world.ask(request, w.NONE, number)


class Choices:
    """What may happen next in a world, whose schedule has used up so many faults and asks."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._asks = _asks(world.setup.requests)

    def now(self, faults: bool, asks: bool) -> Iterator[Action]:
        """Return every action that is possible, those that are faults and asks only if there may be one more."""
        world = self._world
        way = world.crosslink.first()
        if way >= 0:
            deliver, drop, duplicate, delay = FRAMES[way]
            yield deliver
            if faults:
                yield drop
                if not self._is_copy(way):
                    yield duplicate
                    yield delay
            return
        yield TIME
        yield from self._mends()
        if faults:
            yield from self._faults()
        if asks and world.chips[CONTROLLER].state == RUNS:
            yield from self._asks

    def _is_copy(self, way: int) -> bool:
        return bool(self._world.crosslink.oldest(way).copy)

    def _mends(self) -> Iterator[Action]:
        world = self._world
        relay = world.relays[0]
        for name, mend in MENDS.items():
            if getattr(relay, name):
                yield mend
        if world.crosslink.cut:
            yield SPLICE
        if not world.line.supply:
            yield SUPPLY_BACK
        for board, chip in world.chips.items():
            if chip.state == OFF:
                yield GOES_ON[board]
        for unit, says in enumerate(world.units):
            if says != w.OK:
                yield SAYS[unit, w.OK]

    def _faults(self) -> Iterator[Action]:
        world = self._world
        relay = world.relays[0]
        for unit, now in enumerate(world.units):
            for says in (w.FAILED, SILENT):
                if says != now:
                    yield SAYS[unit, says]
        for board, chip in world.chips.items():
            # one that hung too often boots without its configuration: another board, in which nothing can go wrong
            if chip.state == RUNS and chip.board.boots.resets < RESETS_MAX:
                yield HANGS[board]
            if chip.state != OFF:
                yield GOES_OFF[board]
        if not world.crosslink.cut:
            yield from CUTS
        if world.line.supply:
            yield SUPPLY_GOES
        if not relay.welded and relay.contact != w.BETWEEN:
            yield WELD
        if not relay.coil_open:
            yield BREAK_COIL
        if not relay.lost and world.setup.switch != w.UNPROVEN:
            yield from LOSE
