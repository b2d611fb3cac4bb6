"""The signals that end programs, as exceptions, so that what is under way can be told; installs handlers only."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """A signal asked for the end."""


@contextmanager
def interruptible(as_error: type[BaseException] = Interrupted) -> Iterator[None]:
    """Let the signals that end programs raise an error, once: the second must not disturb the clearing up."""

    def handle(number: int, where: FrameType | None) -> None:
        for other in END_SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        raise as_error

    # one that is ignored, as under nohup, stays so
    heeded = [number for number in END_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
