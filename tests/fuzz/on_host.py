"""Runs inputs through the targets of the host's side, as board/replay.py does with those of the board's side.

Arguments: the repository's root. Of the lines of stdin each is the name of a target, a space, and an input as
hexadecimal digits. For each comes its name and the checksum over what it told, or what was found.
"""

from __future__ import annotations

import sys

from tests.fuzz import targets


def main() -> None:
    """Run and print."""
    for line in sys.stdin:
        name, _, digits = line.strip().partition(" ")
        try:
            print(f"{name} {targets.of(name).function(bytes.fromhex(digits)):08x}")
        except Exception as error:  # whatever it is, it is a finding
            print(f"{name} {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
