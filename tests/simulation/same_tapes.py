"""Runs of drawn worlds, the tape of each board replayed on MicroPython: python -m tests.simulation.same_tapes --help.

Ends with 0 when every tape came out as it was made, and with 1 and the first difference of each board when not.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from hotspare.rig.vm import find_micropython
from hotspare.simulator.run import Run
from tests.simulation.replays import difference, replayed, whole
from tests.simulation.tapes import Tapes, keeping

REPOSITORY = Path(__file__).resolve().parent.parent.parent
BEATS = 200


def compared(seeds: Iterable[int], beats: int, python: str) -> tuple[Counter[str], dict[str, str]]:
    """Return how many lines of each kind were compared, and the first difference of each board that has one."""
    counts: Counter[str] = Counter()
    differences: dict[str, str] = {}
    for seed in seeds:
        tapes: Tapes = {}
        Run(seed, beats=beats, tape_of=keeping(tapes)).run()
        again = replayed(python, list(tapes.values()), REPOSITORY)
        for (name, tape), other in zip(tapes.items(), again, strict=True):
            made = whole(tape)
            counts["tapes"] += 1
            counts.update(" ".join(line.split(" ")[:2]) for line in made)
            found = difference(made, other)
            if found:
                differences[f"seed {seed}, {name}"] = found
    return counts, differences


def main() -> int:
    """Compare, and say what was and what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many worlds")
    parser.add_argument("--first", type=int, default=0, help="seed of the first one")
    parser.add_argument("--beats", type=int, default=BEATS, help="length of each run")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    counts, differences = compared(seeds, asked.beats, find_micropython())
    print("\n".join(f"{count:>9}  {what}" for what, count in sorted(counts.items())))
    for where, what in differences.items():
        print(f"{where}: {what}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
