"""The corpus of a target, kept small: of many inputs those that together run what all of them run; touches its folder.

What an input runs is counted with the interpreter's own tracing: from which line to which, and about how often. So it
needs no atheris, and comes out the same wherever it is done.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fuzz.targets import Target

REPOSITORY = Path(__file__).resolve().parent.parent.parent
ROOTS = tuple(str(REPOSITORY / name) for name in ("host", "protocol", "firmware", "tests/fuzz"))
FILES_MAX = 48  # of one target
NAME_SIZE = 12

Step = tuple[str, int, int]  # file, line before, line
Steps = frozenset[tuple[Step, int]]  # with the power of two of how often


def steps(function: Callable[[bytes], object], data: bytes) -> Steps:
    """Return from which line to which the code of the project goes under an input, and about how often."""
    found: Counter[Step] = Counter()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(ROOTS):
            return None
        before = frame.f_code.co_firstlineno

        def line(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal before
            if event == "line":
                found[name, before, frame.f_lineno] += 1
                before = frame.f_lineno
            return line

        return line

    was = sys.gettrace()
    sys.settrace(trace)
    try:
        function(data)
    finally:
        sys.settrace(was)
    return frozenset((step, count.bit_length()) for step, count in found.items())


def smallest(
    function: Callable[[bytes], object], inputs: Iterable[bytes], named: Sequence[bytes] = (), most: int = FILES_MAX
) -> list[bytes]:
    """Return few inputs that run all that these run, the one that adds most first; of equals the shorter one.

    Those that are `named` are there besides.
    """
    ran = {data: steps(function, data) for data in set(inputs) - set(named)}
    chosen: list[bytes] = []
    seen = {step for data in named for step in steps(function, data)}
    while len(chosen) + len(named) < most:
        data = min(ran, key=lambda it: (-len(ran[it] - seen), len(it), it), default=None)
        if data is None or not ran[data] - seen:
            break
        seen |= ran.pop(data)
        chosen.append(data)
    return chosen


def take_in(target: Target, new: Iterable[bytes]) -> dict[str, object]:
    """Let the corpus of a target be the smallest of what it was and what is new; a seed with a true name stays."""
    target.corpus.mkdir(parents=True, exist_ok=True)
    was = list(target.corpus.iterdir())
    named = [path.read_bytes() for path in was if not _is_numbered(path)]
    chosen = smallest(target.function, [*(path.read_bytes() for path in was), *new], named)
    for path in filter(_is_numbered, was):
        path.unlink()
    for data in chosen:
        (target.corpus / hashlib.sha256(data).hexdigest()[:NAME_SIZE]).write_bytes(data)
    return {"files": len(named) + len(chosen), "were": len(was), "bytes": sum(map(len, [*named, *chosen]))}


def _is_numbered(path: Path) -> bool:
    return re.fullmatch(rf"[0-9a-f]{{{NAME_SIZE}}}", path.name) is not None
