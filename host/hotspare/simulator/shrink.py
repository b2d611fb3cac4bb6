"""Shrinking: the shortest schedule that still breaks the same law, by leaving out more and more of it; no I/O.

Delta debugging (Zeller and Hildebrandt, IEEE Transactions on Software Engineering 28(2), 2002): halves first, then ever
smaller pieces, then single actions, within a bound of runs.
"""

from __future__ import annotations

from collections.abc import Callable

from hotspare.simulator.schedule import Action

RUNS_MAX = 400

Breaks = Callable[[list[Action]], str]  # what a run with these actions breaks, "" for nothing


def law_of(broken: str) -> str:
    """Return which law a message of a broken one names."""
    return broken.split(" at ", 1)[0].split(":", 1)[0]


def shortest(actions: list[Action], broken: str, breaks: Breaks, runs_max: int = RUNS_MAX) -> tuple[list[Action], str]:
    """Return as few of the actions as are found to break the same law, and what that run says."""
    law = law_of(broken)
    kept, said = list(actions), broken
    pieces = 2
    runs = 0
    while kept and runs < runs_max:
        size = max(1, len(kept) // pieces)
        for start in range(0, len(kept), size):
            fewer = kept[:start] + kept[start + size :]
            runs += 1
            found = breaks(fewer)
            if law_of(found) == law:
                kept, said = fewer, found
                pieces = max(2, pieces - 1)
                break
            if runs >= runs_max:
                break
        else:
            if size == 1:
                break
            pieces = min(len(kept), pieces * 2)
    return kept, said
