"""The key of a state: what tells one state of a world from another; timers, measures and running numbers are left out.

Whether a timer runs is state, and whether a coil has rested; how long is not. The second key has that too, as far as
the search needs it to go on: how many beats each path has been silent for, and each short timer has left. See
docs/decisions/0085.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from hotspare.simulator.explorer.chip import RUNS
from hotspare.simulator.explorer.setups import BEACON, CONTROLLER
from hotspare.simulator.explorer.world import World
from hotspare_engine import timers
from hotspare_engine import words as w
from hotspare_wire import messages as m

# of a snapshot's fields: what counts, measures or numbers and decides nothing by its value
LEFT_OUT = {
    *("stalls", "refusals", "conflict_path", "good", "late", "altered_count", "altered_run", "fast_run", "trouble"),
    *("fresh", "heard_report", "heard_s", "heard_flags", "loss", "missed", "damaged", "switches", "part_ms", "next_id"),
    *("values", "next", "token", "started_ms", "switch_ms", "age_ms", "step_ms", "rest_ms", "past_ms", "nearest_ms"),
    *("gaps_ms", "quiet_ms", "failed_ms", "coil_ms", "moved", "wait_ms", "altered_ms", "changed", "dirty", "due"),
}
# and of which only matters whether it is nothing
WHETHER = {"left_ms", "left_s", "wtr_left_ms", "leaving_ms", "mute_ms", "degraded_ms", "id", "cable"}
# timers that end within the depth that is searched
SHORT = (timers.GRACE, timers.RESUME, timers.WTR)
RAN_OUT = 15


class Picker:
    """Picks of what an engine's snapshot holds that which is state, in few calls: this is done in every transition."""

    def __init__(self, engine: Any) -> None:
        self._numbers: list[tuple[Any, Any]] = []  # an object, and what gets several of its numbers
        self._lists: list[list[int]] = []
        self._whether: list[tuple[Any, str]] = []
        self.fields = 0
        for part, names in engine._parts():
            wanted = [name for name in names if name not in LEFT_OUT]
            self.fields += len(wanted)
            self._whether += [(part, name) for name in wanted if name in WHETHER]
            kept = [name for name in wanted if name not in WHETHER]
            self._lists += [getattr(part, name) for name in kept if isinstance(getattr(part, name), list)]
            numbers = [name for name in kept if not isinstance(getattr(part, name), list)]
            if numbers:
                self._numbers.append((part, attrgetter(*numbers)))

    def pick(self) -> tuple[Any, ...]:
        """Return what is state of the engine."""
        numbers = tuple([get(part) for part, get in self._numbers])
        whether = 0
        for part, name in self._whether:
            value = getattr(part, name)
            whether <<= 1
            if isinstance(value, list):
                for one in value:
                    whether = whether << 1 | (1 if one else 0)
            elif value:
                whether |= 1
        return numbers, tuple(map(tuple, self._lists)), whether


class Keys:
    """Makes the keys of a world's states: numbers of 64 bits, the same in every run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pick = {address: Picker(chip.board.engine) for address, chip in world.chips.items()}
        self.fields = sum(pick.fields for pick in self._pick.values())

    def make(self) -> tuple[int, int]:
        """Return the key without any time, and the one by which the search goes on."""
        world = self._world
        parts: list[Any] = [self._line(), self._frames(), world.crosslink.cut, world.line.supply, *world.units]
        times: list[Any] = []
        for address, chip in world.chips.items():
            board = chip.board
            parts.append(chip.state)
            if chip.state == RUNS:
                parts.append(self._pick[address].pick())
                parts.append(board.boots.resets)
                times += self._times(board.engine)
            if address == CONTROLLER:
                parts.append(self._saved(board.recorder.saved))
        parts += self._links()
        whole = hash(tuple(parts))
        return whole, hash((whole, tuple(times)))

    def _line(self) -> tuple[int, ...]:
        relay = self._world.relays[0]
        coils = self._world.line.coils
        engine = self._world.engine
        rested = engine.lines.coil_ms[0] >= engine.settings.coil_min_ms
        return (relay.contact, relay.goal, bool(relay.welded), relay.coil_open, relay.lost, *coils, rested)

    def _frames(self) -> tuple[Any, ...]:
        found = []
        for way, flight in enumerate(self._world.crosslink.flights):
            for one in flight:
                if one.kind == m.HELLO:
                    content = self._hello(way, one.session)
                else:
                    content = (*one.says, one.session == self._receiver(way)._session_ours)
                found.append((way, one.held, one.copy, one.kind, content))
        return tuple(found)

    def _receiver(self, way: int) -> Any:
        return self._world.chips[BEACON if way else CONTROLLER].link()

    def _hello(self, way: int, body: bytes) -> tuple[Any, ...]:
        link = self._receiver(way)
        nonce, challenge = body[: m.NONCE_SIZE], body[m.NONCE_SIZE : 2 * m.NONCE_SIZE]
        known = (challenge == link._offered, challenge == link._session_ours, nonce == link._session_theirs)
        return (*known, nonce == link._heard, body[-1])

    def _links(self) -> list[Any]:
        world = self._world
        ends = (world.chips[BEACON].link(), world.chips[CONTROLLER].link())
        found: list[Any] = []
        for one, other in (ends, ends[::-1]):
            found += (one.established, one.greet, one._renew, one._session_theirs == other._session_ours)
            found += (one._heard == other._offered, one._heard == other._session_ours, one.unechoed > 6)
        for agent in world.agents:
            link = world.chips[agent.unit + 1].agents_link()
            found += (link.established and agent.link.established, agent.link._session_theirs == link._session_ours)
            found.append(agent.role)
        return found

    @staticmethod
    def _saved(saved: tuple[int, ...]) -> tuple[int, ...]:
        # without ids: of the head the fourth, of each row the second
        head = saved[:3] + saved[4:6]
        return head + tuple(value for place, value in enumerate(saved[6:]) if place % 6 != 1)

    def _times(self, engine: Any) -> list[int]:
        beat_ms = self._world.beat_ms
        found = [path.age_ms // beat_ms if path.state == w.ALIVE else RAN_OUT for path in engine.health.paths]
        for timer in SHORT:
            left_ms = engine.timers.left(timer)
            found.append((left_ms + beat_ms - 1) // beat_ms if left_ms else RAN_OUT)
        found += [unit.mute_ms // beat_ms for unit in engine.health.units]
        return found
