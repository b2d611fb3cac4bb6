"""Runs inputs through the targets of the board's side and prints what each told; runs on both Pythons.

Arguments: the repository's root. Of the lines of stdin each is the name of a target, a space, and an input as
hexadecimal digits. For each comes its name and the checksum over what it told, or what was found.
"""

import binascii
import sys

ROOT = sys.argv[1]
sys.path[:0] = [ROOT + "/protocol", ROOT + "/firmware", ROOT]

from tests.fuzz.board import blobs, kept, recorded, story, wire  # noqa: E402


def main():
    """Run and print."""
    modules = wire, story, blobs, kept, recorded
    for line in sys.stdin:
        name, _, digits = line.strip().partition(" ")
        target = next(getattr(module, name) for module in modules if hasattr(module, name))
        try:
            print("%s %08x" % (name, target(binascii.unhexlify(digits))))
        except Exception as error:  # whatever it is, it is a finding
            print("%s %s: %s" % (name, type(error).__name__, error))


main()
