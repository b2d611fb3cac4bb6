"""What rig and clients say to one another over the control socket: one JSON object a line; knows neither of them.

A request is {"id": N, "do": [[verb, {...}], ...]}, or has "state": {}, "page": {...} or "wait": {...} in the place of
"do". All orders of one "do" are carried out at one moment. An answer is {"id": N, "value": ...} or {"id": N, "error":
KIND, "message": TEXT}.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from hotspare.rig.errors import Refused, RigError, TimedOut, Unknown

LINE_BYTES_MAX = 1 << 20
ERRORS: dict[str, type[RigError]] = {"unknown": Unknown, "refused": Refused, "timed out": TimedOut, "rig": RigError}
# what fits the address of a socket on every system
ADDRESS_BYTES_MAX = 100


def kind_of(error: RigError) -> str:
    """Return the name under which an error travels."""
    return next(kind for kind, cls in ERRORS.items() if isinstance(error, cls))


@contextlib.contextmanager
def short_address(path: Path) -> Iterator[str]:
    """Yield a path for a socket that its address has room for, however deep its directory lies."""
    if len(os.fsencode(path)) <= ADDRESS_BYTES_MAX or sys.platform != "linux":
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
