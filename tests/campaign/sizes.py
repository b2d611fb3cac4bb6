"""How much of each stage is done: in CI on two cores within ten minutes, and before a release."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Counts of what each stage does."""

    seeds: int  # runs of the simulator, 600 beats each
    twins: int  # worlds that are run with hosts and without
    tapes: int  # worlds whose boards are made again on MicroPython
    states: int  # of the explorer, all kinds together
    explorer_s: int
    frames: int  # damaged ones, on CPython
    frames_on_vm: int
    guided: int  # runs of each target under coverage guidance
    forged: int  # forged or replayed frames at whole boards
    kills: bool  # whether hosts are killed and power is cut here too: their tests run with all others


SIZES = {
    "ci": Sizes(3_000, 40, 20, 300_000, 120, 1_000_000, 200_000, 1_000, 20_000, False),
    "long": Sizes(1_000_000, 2_000, 1_000, 5_000_000, 3_600, 500_000_000, 50_000_000, 1_000_000, 1_000_000, True),
}
