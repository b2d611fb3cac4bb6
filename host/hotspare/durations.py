"""Durations as people write them, 90s or 1h30m, to whole seconds and back; imports the errors only."""

from __future__ import annotations

import re

from hotspare.errors import UsageMistake

UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))
SECONDS_MAX = 365 * 86_400
TEXT_SIZE_MAX = 40
FORM = "whole numbers with d, h, m or s, as in 90s, 2h or 1h30m"

_PATTERN = re.compile("".join(rf"(?:(?P<{unit}>[0-9]+){unit})?" for unit, _ in UNITS))


def parse(text: str) -> int:
    """Return a duration in seconds; raises UsageMistake for what is none, is nothing, or is longer than a year."""
    found = _PATTERN.fullmatch(text) if 0 < len(text) <= TEXT_SIZE_MAX else None
    if found is None:
        raise UsageMistake(f"{_shown(text)} is no duration: {FORM}")
    seconds = sum(int(found[unit] or 0) * size for unit, size in UNITS)
    if not 0 < seconds <= SECONDS_MAX:
        raise UsageMistake(f"{_shown(text)} is out of range: 1s to {show(SECONDS_MAX)}")
    return seconds


def show(seconds: int) -> str:
    """Return seconds as `parse` takes them."""
    text = ""
    for unit, size in UNITS:
        count, seconds = divmod(seconds, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def _shown(text: str) -> str:
    return repr(text if len(text) <= TEXT_SIZE_MAX else text[:TEXT_SIZE_MAX] + "...")
