"""How often noise alone silences paths, in false failovers a year: arithmetic, no I/O."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspare import chain, path_times, wiretime

if TYPE_CHECKING:
    from hotspare.configuration import Group

PERMILLE = 1000
YEAR_MS = 365.25 * 24 * 3600 * 1000
# of loss_max_permille: a path is noisy above that and quiet again below half of it, and what is measured wanders
MOSTLY_NOISY = 0.75
ALL_CROSSLINKS = "all crosslinks together"
BIT_ERROR_RATES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)


@dataclass(frozen=True)
class Noise:
    """Expected false failovers a year on what `name` says, by bit error rate; those in `held` wait for a person."""

    name: str
    a_year: tuple[tuple[float, float], ...]
    held: tuple[float, ...] = ()


def loss(ber: float, size: int) -> float:
    """Return the probability that a frame of `size` bytes is damaged."""
    return -math.expm1(size * wiretime.BITS_AT_RISK * math.log1p(-ber))


def false_failovers_a_year(ber: float, interval_ms: int, beats: int, size: int, paths: int = 1) -> float:
    """Return how often a year noise alone silences all of `paths` independent paths at once."""
    lost = loss(ber, size) ** paths
    return YEAR_MS / (wiretime.SENT_EVERY * interval_ms) * (1 - lost) * lost ** beats_lost(interval_ms, beats)


def beats_lost(interval_ms: int, beats: int, hold_off_ms: int = 0) -> int:
    """Return how many beats in a row must be lost for a silence of `beats` intervals that lasts for hold-off."""
    return (interval_ms * beats + hold_off_ms - 1) // wiretime.between_ms(interval_ms)


def together_a_year(ber: float, paths: Sequence[path_times.Path], hold_off_ms: int = 0) -> float:
    """Return how often a year noise alone silences all of these paths at once, each past its own dead time."""
    if not all(path.frame_size for path in paths):
        return 0.0
    losses = [loss(ber, path.frame_size) for path in paths]
    silent = math.prod(
        lost ** beats_lost(path.interval_ms, path.beats, hold_off_ms) for lost, path in zip(losses, paths, strict=True)
    )
    return YEAR_MS / (wiretime.SENT_EVERY * min(path.interval_ms for path in paths)) * (1 - math.prod(losses)) * silent


def of_paths(group: Group, paths: tuple[path_times.Path, ...]) -> tuple[Noise, ...]:
    farthest = f"{group.primaries[-1]}: " if chain.is_chain(group) else ""
    hold_off_ms = group.setting("hold_off_ms")
    return tuple(
        Noise(
            farthest + name,
            tuple((ber, together_a_year(ber, them, hold_off_ms)) for ber in BIT_ERROR_RATES),
            tuple(ber for ber in BIT_ERROR_RATES if is_held(group, them, ber)),
        )
        for name, them in rows_of(group, paths)
    )


def rows_of(group: Group, paths: Sequence[path_times.Path]) -> list[tuple[str, tuple[path_times.Path, ...]]]:
    """Return what noise may silence at once, by name, of the paths of one primary."""
    beacon = paths[0].source
    crosslinks = tuple(path for path in paths if path.source == beacon)
    direct = tuple(path for path in paths if path.source != beacon and path.frame_size)
    agent = path_times.Path("", "", 0.0, *path_times.beat_of(group, "agent_"), wiretime.REPORT_SIZE)
    rows = [(f"{paths[0].name} alone", crosslinks[:1])] if len(crosslinks) == len(paths) else []
    if len(crosslinks) > 1 and len(crosslinks) == len(paths):
        rows.append((ALL_CROSSLINKS, crosslinks))
    elif len(crosslinks) < len(paths):
        rows.append((f"{', '.join(path.name for path in paths)} together", tuple(paths)))
    # a direct ok beats what a beacon infers from an agent's silence
    return [*rows, ("both cables of the agent together" if direct else "the agent's cable", (agent, *direct))]


def is_held(group: Group, paths: Sequence[path_times.Path], ber: float) -> bool:
    """Return whether at this bit error rate all of these paths are noisy most of the time."""
    limit = MOSTLY_NOISY * group.setting("loss_max_permille") / PERMILLE
    return all(it.is_measured and loss(ber, it.frame_size) > limit for it in paths)
