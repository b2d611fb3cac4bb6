"""What a story tells of a pair whose recorder is behind: it waits for what has a number and is not written yet."""

import struct
from contextlib import contextmanager
from typing import Any

import pytest

from hil import story as stories
from hil.story import Story
from hotspare_engine import words as w
from hotspare_wire import messages as m

EVENTS = [(w.E_SUPPLY, 0, 0), (w.E_FELL, 0, w.AT_PRIMARY)]


class SlowRecorder:
    """A board that has numbered every event at once and tells them only after it was asked so often."""

    def __init__(self, behind: int) -> None:
        self.asked = 0
        self.behind = behind

    def identity(self) -> dict[str, Any]:
        return {"boot": 1}

    def status(self) -> dict[str, Any]:
        return {"event_next": len(EVENTS)}

    def records(self, number: int) -> dict[str, Any]:
        self.asked += 1
        told = EVENTS if self.asked > self.behind else []
        rows = b"".join(struct.pack(m.RECORD, 0, *event) for event in told[number:])
        return {"recorder": 7, "number": number if rows else len(told), "boot": 1, "rows": rows}


class Pair:
    """As much of a pair as a story needs."""

    def __init__(self, board: SlowRecorder) -> None:
        self.told = board
        self.rig = self
        self.group = type("Group", (), {"controller": "board", "boards": ()})

    def state(self) -> dict[str, int]:
        return {"trace_next": 1}

    @contextmanager
    def board(self, name: str) -> Any:
        yield self.told


def story(behind: int) -> Story:
    told: Any = Pair(SlowRecorder(behind))
    found = Story(told)
    found._first = {"board": 0}
    return found


def test_a_story_waits_for_events_that_are_numbered_and_not_written_yet() -> None:
    assert story(behind=3).tells((w.E_SUPPLY, 0), (w.E_FELL, 0))


def test_a_recorder_that_never_tells_is_named_and_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "SETTLE_S_MAX", 0)
    with pytest.raises(TimeoutError, match="board: events up to 2 have a number"):
        story(behind=1 << 30).events()
