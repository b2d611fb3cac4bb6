"""The board's `os`: the built-in one, and what the emulated chip's port says it is; runs on MicroPython."""

from uos import *  # noqa: F403 - the module stands in for the built-in


def uname():
    """Return what the port says of the board."""
    from machine import chip

    return (chip.PLATFORM, chip.PLATFORM, "1.28.0", "emulated", chip.MACHINE)
