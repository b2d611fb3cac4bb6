"""The program's entry: lets Ctrl-C end it without a word while it imports the command line; touches no more."""

from __future__ import annotations

import signal


def main() -> int:
    """Run the command line; return its exit code."""
    heeds = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heeds:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from hotspare.cli import main as run

    if heeds:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return run()
