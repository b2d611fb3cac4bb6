"""Measures what a hello to a neighbour that never answers allocates; runs on MicroPython only.

Argument: the repository's root. Prints the bytes.
"""

import gc
import sys

ROOT = sys.argv[1]
sys.path[:0] = [ROOT + "/protocol", ROOT + "/firmware"]

from hotspare_firmware.ports import encode  # noqa: E402
from hotspare_wire.link import Link  # noqa: E402

ROUNDS = 1000


def main():
    """Greet again and again."""
    link = Link(2, 1, lambda: bytes(8), encode)
    link.hello()
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(ROUNDS):
        link.hello()
    print((gc.mem_alloc() - before) // ROUNDS)


main()
