"""The search: every schedule of one setup, fewest faults first and of those the shortest.

The first broken law that it meets is one that fewest faults and asks lead to, by a shortest schedule of those.
"""

from __future__ import annotations

import gc
import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from hotspare.simulator import stand_ins
from hotspare.simulator.explorer.actions import ASK, FAULT, FREE, Action, Choices
from hotspare.simulator.explorer.judge import Tally
from hotspare.simulator.explorer.key import Keys
from hotspare.simulator.explorer.memory import Memory, Saved
from hotspare.simulator.explorer.parts import Nobody
from hotspare.simulator.explorer.setups import Setup
from hotspare.simulator.explorer.world import World
from hotspare.simulator.laws import Broken
from hotspare_engine import names, settings
from hotspare_firmware import assemble
from hotspare_firmware.hearing import Hearing
from hotspare_firmware.slots import Slots
from hotspare_firmware.store import Store
from hotspare_wire import configuration, frame
from hotspare_wire.trust import Key, Keyring

DEPTH_MAX = 200
SETTLE_EVERY = 256  # of so many states one is settled: all faults end, and the laws say what must be true then
HASH_BITS = 64
# what never changes in a world: no configuration and no key is changed; and what only grows
CONSTANT = (
    *(
        Setup,
        settings.Settings,
        configuration.Configuration,
        Keyring,
        Key,
        assemble.Keys,
        Store,
        stand_ins.Files,
        Slots,
    ),
    *(Nobody, Hearing, stand_ins.NoFlash, stand_ins.Clock, stand_ins.Datagrams, frame.Encoder),
)
GROWS = (Tally,)


@dataclass
class Findings:
    """What a search found. `schedule` leads to the law that `broken` quotes, if one is; `laws` counts the looks."""

    setup: str
    states: int = 0
    refined: int = 0  # states that differ in how long things have lasted too, which the search went through
    transitions: int = 0
    depth: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    whole: int = -1  # schedules with so many faults and asks were searched to their end, whatever their length
    reached: list[tuple[int, int]] = field(default_factory=list)  # by faults and asks together: states, depth
    broken: str = ""
    schedule: list[str] = field(default_factory=list)
    laws: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Node:
    """A state that waits to be gone on from: how it was reached, and whether by what counts as a fault or an ask.

    That comes later than everything that costs less, so that schedules with few faults are searched to their end.
    """

    saved: Saved
    key: int
    trail: int
    depth: int
    faults: int
    asks: int
    costly: bool = False

    def is_beaten(self, known: list[tuple[int, int, int]]) -> bool:
        """Return whether its state was reached with no more faults, asks and steps, and fewer of one of them."""
        mine = (self.faults, self.asks, self.depth)
        return any(other != mine and _is_no_more(other, mine) for other in known)


def _is_no_more(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return one[0] <= other[0] and one[1] <= other[1] and one[2] <= other[2]


class Search:
    """One search of one setup."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.world = World(setup)
        self.memory = Memory([self.world], CONSTANT, GROWS)
        self.keys = Keys(self.world)
        self.choices = Choices(self.world)
        self.found = Findings(setup.name)
        self._states: set[int] = set()
        self._cheapest: dict[int, list[tuple[int, int, int]]] = {}  # by finer key: faults, asks, steps
        self._trails: list[tuple[int, Action | None]] = []  # (trail before, action)
        self._waiting: list[tuple[int, int, int, Node]] = []  # fewest faults and asks first, of those the shortest
        self._counts = [0] * (setup.faults + setup.asks + 1)
        self._depths = [0] * len(self._counts)
        self._root: Saved = self.memory.take()

    def run(self, states: int, seconds: float) -> Findings:
        """Search until so many states are known or so much time has passed, or nothing is left, or a law is broken."""
        began, cpu_s = time.monotonic(), time.process_time()
        found = self.found
        self._reach(self._root, -1, None, 0, 0, 0)
        expanded = 0
        for node in self._next():
            self._expand(node)
            if not node.costly and not found.broken:
                if expanded % SETTLE_EVERY == 0:
                    self._settle(node)
                expanded += 1
            if found.broken or found.states >= states or time.monotonic() - began >= seconds:
                break
        found.seconds = time.monotonic() - began
        found.cpu_s = time.process_time() - cpu_s
        found.refined = len(self._cheapest)
        found.reached = list(zip(self._counts, self._depths, strict=True))
        found.laws = dict(self.world.laws.counts)
        return found

    def _next(self) -> Iterator[Node]:
        while self._waiting:
            cost, _, _, node = heapq.heappop(self._waiting)
            self.found.whole = cost - 1
            if not node.is_beaten(self._cheapest[node.key]):
                yield node
        self.found.whole = len(self._counts) - 1

    def _expand(self, node: Node) -> None:
        world = self.world
        self.memory.give(node.saved)
        may = node.faults < self.setup.faults, node.asks < self.setup.asks
        choices = [action for action in self.choices.now(*may) if (action.cost != FREE) == node.costly]
        if any(may) and not node.costly:
            cost = node.faults + node.asks + 1
            heapq.heappush(self._waiting, (cost, node.depth, node.trail, replace(node, costly=True)))
        for place, action in enumerate(choices):
            if place:
                self.memory.give(node.saved)
            self.found.transitions += 1
            try:
                action.do(world)
            except Exception as error:  # whatever the firmware raises is a finding, and ends the search
                self._breaks(error, node, action.name)
                return
            if node.depth < DEPTH_MAX:
                faults = node.faults + (action.cost == FAULT)
                asks = node.asks + (action.cost == ASK)
                self._reach(node.saved, node.trail, action, node.depth + 1, faults, asks)

    def _reach(self, before: Saved, trail: int, action: Action | None, depth: int, faults: int, asks: int) -> None:
        key, finer = self.keys.make()
        known = self._cheapest.setdefault(finer, [])
        mine = (faults, asks, depth)
        if any(_is_no_more(other, mine) for other in known):
            return
        known.append(mine)
        self._states.add(key)
        self.found.states = len(self._states)
        self.found.depth = max(self.found.depth, depth)
        self._trails.append((trail, action))
        self._counts[faults + asks] += 1
        self._depths[faults + asks] = max(self._depths[faults + asks], depth)
        node = Node(self.memory.take(before), finer, len(self._trails) - 1, depth, faults, asks)
        heapq.heappush(self._waiting, (faults + asks, depth, node.trail, node))

    def _settle(self, node: Node) -> None:
        self.memory.give(node.saved)
        try:
            self.world.settle()
        except Exception as error:
            self._breaks(error, node, "all faults end, and time passes")

    def _breaks(self, error: Exception, node: Node, last: str) -> None:
        actions = list(self._actions(node.trail))[::-1]
        self.found.broken = _said(error)
        self.found.depth = node.depth + 1
        self.found.schedule = self._told(actions, last)

    def _actions(self, trail: int) -> Iterator[Action]:
        while trail >= 0:
            trail, action = self._trails[trail]
            if action:
                yield action

    def _told(self, actions: list[Action], last: str) -> list[str]:
        """Play a schedule once more, and tell what the relay did in it."""
        world = self.world
        self.memory.give(self._root)
        began_ms = world.now_ms
        lines = []
        for action in actions:
            action.do(world)
            relay = world.relays[0]
            at, goal = names.POSITION_NAMES[relay.contact], names.POSITION_NAMES[relay.goal]
            lines.append(f"{world.now_ms - began_ms:6d} ms  {action.name}: contact {at}, driven {goal}")
        return [*lines, f"           {last}: {self.found.broken}"]


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, Broken) else f"firmware: {type(error).__name__}: {error}"


def explore(setup: Setup, states: int, seconds: float) -> Findings:
    """Search one setup; see Search.run."""
    collects = gc.isenabled()
    gc.disable()  # states are many small objects without cycles: looking through them again and again takes longest
    try:
        search = Search(setup)
    except Exception as error:  # the pair does not even begin
        return Findings(setup.name, broken=_said(error), schedule=["the boards boot, and the group is armed"])
    try:
        return search.run(states, seconds)
    finally:
        if collects:
            gc.enable()
