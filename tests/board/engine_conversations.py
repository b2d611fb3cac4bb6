"""Prints the transcript of a conversation with an engine, the same on CPython and MicroPython.

Arguments: the repository's root, then the names of conversations. Runs on both, so it keeps to what both have.
"""

import sys

ROOT = sys.argv[1]
sys.path[:0] = [ROOT + "/protocol", ROOT + "/host", ROOT]

from tests.simulation import transcript  # noqa: E402
from tests.simulation.conversations import CONVERSATIONS  # noqa: E402

for name in sys.argv[2:]:
    print("== " + name)
    for text in transcript.of(CONVERSATIONS[name]()):
        print(text)
