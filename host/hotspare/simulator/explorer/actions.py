"""Actions: everything that may happen next in a world, by name; each says whether it counts as a fault or as an ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hotspare.simulator.explorer.setups import BEACON, CONTROLLER
from hotspare.simulator.explorer.world import COPY, DOWN, HELD, OFF, RUNS, UP, World
from hotspare.simulator.laws import SILENT
from hotspare_engine import names
from hotspare_engine import words as w

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


def _frame_actions() -> dict[int, tuple[Action, Action, Action, Action]]:
    found = {}
    for way, said in WAYS.items():
        found[way] = (
            Action(f"the frame {said} arrives", FREE, lambda world, way=way: world.deliver(way)),  # type: ignore[misc]
            Action(f"the frame {said} is lost", FAULT, lambda world, way=way: world.drop(way)),  # type: ignore[misc]
            Action(f"the frame {said} arrives, and will once more", FAULT, lambda world, way=way: world.duplicate(way)),  # type: ignore[misc]
            Action(f"the frame {said} is late", FAULT, lambda world, way=way: world.delay(way)),  # type: ignore[misc]
        )
    return found


def _set(name: str, value: int) -> Callable[[World], None]:
    def do(world: World) -> None:
        setattr(world, name, value)
        if value and name == "cut":
            for flight in world.flights:
                flight.clear()
        world.touch()

    return do


def _relay(name: str, value: int) -> Callable[[World], None]:
    def do(world: World) -> None:
        relay = world.relays[0]
        if name == "lost":
            relay.lose(value)
        else:
            setattr(relay, name, value)
        world.touch()

    return do


FRAMES = _frame_actions()
TIME = Action("time passes", FREE, World.pass_time)
CUT = Action("the crosslink is cut", FAULT, _set("cut", 1))
SPLICE = Action("the crosslink is joined", FREE, _set("cut", 0))
SUPPLY_GOES = Action("the supply of the coils goes", FAULT, _set("supply", 0))
SUPPLY_BACK = Action("the supply of the coils is back", FREE, _set("supply", 1))
WELD = Action("a contact welds", FAULT, _relay("welded", 1))
BREAK_COIL = Action("a coil breaks", FAULT, _relay("coil_open", 1))
LOSE = (
    Action("the primary's read-back wire breaks", FAULT, _relay("lost", LOST_PRIMARY)),
    Action("the spare's read-back wire breaks", FAULT, _relay("lost", LOST_SPARE)),
)
MENDS = {
    "welded": Action("the welded contact is replaced", FREE, _relay("welded", 0)),
    "coil_open": Action("the coil is replaced", FREE, _relay("coil_open", 0)),
    "lost": Action("the read-back wire is joined", FREE, _relay("lost", 0)),
}
HANGS = {board: Action(f"{said} hangs", FAULT, lambda world, board=board: world.hang(board)) for board, said in BOARDS.items()}  # type: ignore[misc]
GOES_OFF = {board: Action(f"{said} loses its power", FAULT, lambda world, board=board: world.power_off(board)) for board, said in BOARDS.items()}  # type: ignore[misc]
GOES_ON = {board: Action(f"{said} has its power back", FREE, lambda world, board=board: world.power_on(board)) for board, said in BOARDS.items()}  # type: ignore[misc]
SAYS = {
    (unit, says): Action(f"{UNITS[unit]} {said}", FREE if says == w.OK else FAULT, lambda world, unit=unit, says=says: world.say(unit, says))  # type: ignore[misc]
    for unit in (0, 1)
    for says, said in ((w.OK, "is well"), (w.FAILED, "says that it has failed"), (SILENT, "falls silent"))
}


def _asks(requests: tuple[int, ...]) -> list[Action]:
    found = []
    for request in requests:
        name = f"a person asks for {names.name(names.REQUESTS, request)}" if False else f"a person asks: request {request}"
        if request in (w.CLEAR, w.APPROVE, w.REJECT):
            found.append(Action(name, ASK, lambda world, request=request: _numbered(world, request)))  # type: ignore[misc]
            continue
        for unit in ABOUT.get(request, (w.NONE,)):
            about = f" of {UNITS[unit]}" if unit != w.NONE else ""
            found.append(Action(name + about, ASK, lambda world, request=request, unit=unit: world.ask(request, unit)))  # type: ignore[misc]
    return found


def _numbered(world: World, request: int) -> None:
    numbers = [number for number in world.engine.standing.id if number]
    if request != w.CLEAR:
        numbers = [world.engine.pending.id] if world.engine.pending.id else []
    world.ask(request, w.NONE, max(numbers, default=0))


class Choices:
    """What may happen next in a world, whose schedule has used up so many faults and asks."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._asks = _asks(world.setup.requests)

    def now(self, faults: bool, asks: bool) -> Iterator[Action]:
        """Return every action that is possible, those that are faults and asks only if there may be one more."""
        world = self._world
        way = world.first()
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
        if asks and world.state[CONTROLLER] == RUNS:
            yield from self._asks

    def _is_copy(self, way: int) -> bool:
        return next(bool(one[COPY]) for one in self._world.flights[way] if not one[HELD])

    def _mends(self) -> Iterator[Action]:
        world = self._world
        relay = world.relays[0]
        for name, mend in MENDS.items():
            if getattr(relay, name):
                yield mend
        if world.cut:
            yield SPLICE
        if not world.supply:
            yield SUPPLY_BACK
        for board, state in world.state.items():
            if state == OFF:
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
        for board, state in world.state.items():
            if state == RUNS:
                yield HANGS[board]
            if state != OFF:
                yield GOES_OFF[board]
        if not world.cut:
            yield CUT
        if world.supply:
            yield SUPPLY_GOES
        if not relay.welded and relay.contact != w.BETWEEN:
            yield WELD
        if not relay.coil_open:
            yield BREAK_COIL
        if not relay.lost and world.setup.switch != w.UNPROVEN:
            yield from LOSE
