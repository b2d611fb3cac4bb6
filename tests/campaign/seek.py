"""Seeks a seed whose run breaks a law, with whatever packages come first on the path: python -m tests.campaign.seek.

Arguments: the package that must come from elsewhere, the folder that it must come from, seeds from and to. Prints what
was broken and ends with 1, or with 0 when nothing was.
"""

from __future__ import annotations

import importlib
import sys


def main() -> int:
    """Seek."""
    package, folder, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    found = importlib.import_module(package)
    assert str(found.__file__).startswith(folder), f"{package} is that of {found.__file__}"
    from hotspare.simulator.hunt import Quarry

    for seed in range(first, last):
        broken = Quarry().one(seed).broken
        if broken:
            print(f"seed {seed}: {broken.splitlines()[0]}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
