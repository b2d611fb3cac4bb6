"""Stdout and its failures: who reads it went away, its disk is full, it was closed; touches descriptors 0 to 2 only."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

STDIN, STDOUT, STDERR = range(3)
WRITERS = ("click", "rich")
ACTED = "hotspare.acted"  # in the context's meta: the command has done what it was asked for
NOT_AFFECTED = "; what was asked for is not affected by that: hotspare status"


class ReaderGone(Exception):
    """Who read the output went away, which is no reason for a word."""


class OutputFailed(Exception):
    """The output can not be written."""


def hold_descriptors() -> None:
    """Open what the starter closed, so that no port and no file of ours becomes stdout; writing to it fails."""
    for number in (STDIN, STDOUT, STDERR):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if number == STDERR else os.O_RDONLY)  # the lowest that is free
    if sys.stdout is None:
        sys.stdout = open(STDOUT, "w", closefd=False)  # noqa: SIM115 - it lives as long as the process


@contextmanager
def guarded(ctx: click.Context | None = None) -> Iterator[None]:
    """Raise ReaderGone or OutputFailed for what keeps the output from being written."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        silence()
        raise ReaderGone from None
    except OSError as error:
        if not _is_of_output(error):
            raise
        silence()
        why = (error.strerror or str(error)).lower()
        raise OutputFailed(f"{why}{NOT_AFFECTED if ctx is not None and ctx.meta.get(ACTED) else ''}") from None


def acted() -> None:
    """Note that the command has done what it was asked for, whatever becomes of its output."""
    click.get_current_context().meta[ACTED] = True


def _is_of_output(error: OSError) -> bool:
    """Return whether the error came from writing: only click, rich and the flush above write to stdout."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    module = str(place.tb_frame.f_globals.get("__name__")) if place is not None else ""
    return module == __name__ or module.partition(".")[0] in WRITERS


def silence() -> None:
    """Let what is still buffered go nowhere: the interpreter flushes once more at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # not a real file: nothing will be flushed
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it lives as long as the process
    with suppress(OSError):
        sys.stdout.flush()
