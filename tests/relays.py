"""Relays of a plan on a virtual timeline: driven and read by the names of pins, and watched at every moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hotspare.rig.armature import BOUNCE_MILLE
from hotspare.rig.cabinet import Cabinet
from hotspare.rig.loop import Timeline
from hotspare.rig.pads import Listener
from hotspare.rig.plan import Relay
from hotspare.rig.relay import RelayModel
from hotspare.rig.trace import Exclusivity, Trace

OPERATE, RELEASE, BOUNCE, TRANSFER = 8_000, 6_000, 1_500, 2_500
SETTLED = 100_000  # by then nothing moves any more


class Witness(Exclusivity):
    """Writes down every moment at which a line has two units or a unit two lines, however short."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__(timeline)
        self.joined: set[tuple[str, str]] = set()
        self.seen: list[set[tuple[str, str]]] = []

    def connect(self, line: str, unit: str) -> None:
        super().connect(line, unit)
        self.joined.add((line, unit))
        if len({line for line, _ in self.joined}) < len(self.joined) or len({it for _, it in self.joined}) < len(
            self.joined
        ):
            self.seen.append(set(self.joined))

    def disconnect(self, line: str, unit: str) -> None:
        super().disconnect(line, unit)
        self.joined.discard((line, unit))


class Bench:
    """A cabinet of relays, all driven by one board; `read` are the levels of its inputs."""

    def __init__(self, *relays: Relay, units: Any = None) -> None:
        self.timeline = Timeline()
        self.tracer = Trace(self.timeline)
        self.witness = Witness(self.timeline)
        self.read: dict[str, int] = {}
        self._drivers: dict[str, Listener] = {}
        self.cabinet = Cabinet(
            self.timeline, self.tracer, self.witness, units or {}, drives=self._take, shows=self._reader
        )
        for relay in relays:
            self.cabinet.add(relay)

    def _take(self, board: str, pin: str, listener: Listener) -> None:
        self._drivers[pin] = listener

    def _reader(self, board: str, pin: str) -> Callable[[int], None]:
        return lambda level: self.read.__setitem__(pin, level)

    @property
    def pins(self) -> Sequence[str]:
        """The outputs that something is wired to."""
        return tuple(self._drivers)

    @property
    def relay(self) -> RelayModel:
        """The first relay."""
        return next(iter(self.cabinet.relays.values()))

    def drive(self, us: int = SETTLED, **levels: int) -> None:
        """Drive outputs, then let time pass."""
        for pin, level in levels.items():
            self._drivers[pin](level)
        self.timeline.run_for(us)

    def supply(self, on: bool, us: int = SETTLED) -> None:
        """Switch the supply of all coils, then let time pass."""
        for relay in self.cabinet.relays.values():
            for coil in relay.coils:
                coil.supply(on)
        self.timeline.run_for(us)

    def let(self, us: int) -> None:
        """Let time pass."""
        self.timeline.run_for(us)

    def on(self, line: str = "line") -> set[str]:
        """Return the units that the line has now."""
        return {unit for other, unit in self.witness.joined if other == line}

    def told(self, kind: str, detail: str | None = None) -> list[tuple[int, str, str]]:
        """Return when what happened to what, of one kind and perhaps one detail; forget nothing."""
        return [
            (record.us, record.detail, record.event)
            for record in self.tracer.since(0, 10_000)
            if record.kind == kind and detail in (None, record.detail)
        ]


def bounce(at_us: int, detail: str) -> list[tuple[int, str, str]]:
    """Return what is told of a contact that is touched at `at_us`."""
    words = {True: "closed", False: "open"}
    return [(at_us, detail, "closed")] + [
        (at_us + BOUNCE * mille // 1000, detail, words[closed]) for mille, closed in BOUNCE_MILLE
    ]
