"""The ways on which heartbeats reach a controller, from the configuration alone: their sources, times and frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspare import chain, wiretime
from hotspare_engine import words as w
from hotspare_engine.names import DIRECT_AGENT, PATH_NAMES

if TYPE_CHECKING:
    from hotspare.configuration import Board, Group, Unit

NETWORK_MS = 10.0  # that a datagram is taken to be on its way; the boards do not measure it


@dataclass(frozen=True)
class Path:
    """A way on which the primary's heartbeat reaches the controller; `source` is who speaks on it."""

    name: str
    source: str
    wire_ms: float
    interval_ms: int
    beats: int
    frame_size: int  # 0: no frames, so that no bit error silences it

    @property
    def is_measured(self) -> bool:
        """Whether a board measures how many of its beats are lost."""
        return self.name not in (PATH_NAMES[w.PATH_PULSE], PATH_NAMES[w.PATH_CONTACT])


def paths_of(group: Group, place: int = 0) -> tuple[Path, ...]:
    """Return the paths from the primary at `place` to the controller."""
    beacon = group.chain[place]
    beat = beat_of(group, "")
    forwarding_ms = chain.forwarding_ms(group, place) if chain.is_chain(group) else 0.0
    heartbeat_ms = wiretime.wire_ms(wiretime.HEARTBEAT_SIZE, group.baud) + forwarding_ms
    # each cable of a chain may damage the frame
    paths = [Path("crosslink-a", beacon.name, heartbeat_ms, *beat, wiretime.HEARTBEAT_SIZE * (place + 1))]
    if beacon.crosslink_b == "uart":
        paths.append(Path("crosslink-b", beacon.name, heartbeat_ms, *beat, wiretime.HEARTBEAT_SIZE))
    elif beacon.crosslink_b == "pulse":
        # a pulse is taken to be lost as often as a heartbeat
        paths.append(Path("pulse", beacon.name, 0.0, *beat, wiretime.HEARTBEAT_SIZE))
    if beacon.network:
        # a datagram is taken to be lost as often as a heartbeat
        paths.append(Path(PATH_NAMES[w.PATH_NETWORK], beacon.name, NETWORK_MS, *beat, wiretime.HEARTBEAT_SIZE))
    return (*paths, *_bypasses(group, group.units[place]))


def _bypasses(group: Group, unit: Unit) -> list[Path]:
    """Return the paths on which a primary itself is heard, past its beacon."""
    paths = []
    if unit.contact:
        paths.append(Path(PATH_NAMES[w.PATH_CONTACT], unit.name, 0.0, *beat_of(group, ""), 0))
    if unit.agent_direct:
        report_ms = wiretime.wire_ms(wiretime.REPORT_SIZE, group.agent_baud)
        paths.append(Path(DIRECT_AGENT, unit.name, report_ms, *beat_of(group, "agent_"), wiretime.REPORT_SIZE))
    return paths


def beat_of(group: Group, whose: str) -> tuple[int, int]:
    return group.setting(f"{whose}interval_ms"), group.setting(f"{whose}beats")


def sources_of(group: Group, place: int = 0) -> dict[str, tuple[str, ...]]:
    """Return the independent sources from which the controller hears of a primary, each with its paths."""
    paths = paths_of(group, place)
    return {
        source: tuple(it.name for it in paths if it.source == source)
        for source in dict.fromkeys(it.source for it in paths)
    }


def sent_ms(board: Board, group: Group) -> float:
    """Return how long the frames of one beat of a board are on its UARTs, one after another."""
    crosslinks = 1 + (board.crosslink_b == "uart")
    if chain.is_chain(group):
        crosslinks = chain.frames_sent(group, board.name)
    agents = sum(unit.board == board.name and unit.agent == "uart" for unit in group.units)
    agents += sum(unit.agent_direct for unit in group.units) * (board.name == group.controller)
    return crosslinks * wiretime.wire_ms(wiretime.HEARTBEAT_SIZE, group.baud) + agents * wiretime.wire_ms(
        wiretime.HEARTBEAT_SIZE, group.agent_baud
    )
