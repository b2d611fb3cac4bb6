"""The table of targets: name, function, on which side it runs, how long an input is; imports all of what is fuzzed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import host
from tests.fuzz.board import blobs, kept, recorded, story, wire

CORPUS = Path(__file__).with_name("corpus")


@dataclass(frozen=True)
class Target:
    """One thing that takes bytes from outside; what `function` promises is its first paragraph."""

    name: str
    function: Callable[[bytes], int]
    on_board: bool
    size_max: int = 512

    @property
    def corpus(self) -> Path:
        """The folder of its seeds."""
        return CORPUS / self.name

    def seeds(self) -> list[bytes]:
        """Return its seeds, in the order of their names."""
        return [path.read_bytes() for path in sorted(self.corpus.iterdir())]


_BOARD = (
    wire.stream,
    story.session,
    wire.message,
    blobs.blob,
    kept.files,
    kept.folder,
    kept.boots,
    recorded.flash,
    recorded.saved,
)
_HOST = (host.layout, host.records, host.text, host.tables, host.keys, host.cable, host.recording)
_LONG = {"text": 1500}

TARGETS = tuple(
    Target(function.__name__, function, functions is _BOARD, _LONG.get(function.__name__, 512))
    for functions in (_BOARD, _HOST)
    for function in functions
)
NAMES = tuple(target.name for target in TARGETS)


def of(name: str) -> Target:
    """Return the target of that name; raises KeyError."""
    for target in TARGETS:
        if target.name == name:
            return target
    raise KeyError(name)
