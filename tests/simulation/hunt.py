"""Hunts for a broken law with an engine from elsewhere: seeded runs until one breaks; a script of its own.

Arguments: the repository's root, the folder that holds the engine, seeds from and to; after them the autonomies to draw
from, if not the usual ones. Ends with 1 and the law when one is broken, with 0 when none is.
"""

import sys

KINDS = 3  # changeover, interlocked, fenced

ROOT, ENGINE, FIRST, LAST = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
sys.path[:0] = [ENGINE, ROOT + "/host", ROOT]

import hotspare_engine  # noqa: E402
from tests.simulation.chaos import AUTONOMIES, Chaos  # noqa: E402

assert str(hotspare_engine.__file__).startswith(ENGINE), "the hunt is for another engine"
for seed in range(FIRST, LAST):
    for kind in range(KINDS):
        try:
            Chaos(seed, kind, tuple(map(int, sys.argv[5:])) or AUTONOMIES).run()
        except AssertionError as error:
            print(f"seed {seed}: {error}")
            sys.exit(1)
