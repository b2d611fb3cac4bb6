"""Flash on the emulated rig: erases in quiet moments, power that goes in the midst of an operation, pages that wear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hil.pair import UNHURRIED, Pair
from hil.story import Story
from hotspare_engine import words as w

CONTROLLER, BEACON = "controller", "beacon"
TURNS_MAX = 120  # of a unit that fails and is mended: far more than fill a page with events
# a machine that is busy for a moment fails nobody here, while an erase of 400 ms without a word would
HURRIED = {**UNHURRIED, "beats": 3, "agent_beats": 15}


@pytest.fixture(scope="module")
def running() -> Iterator[Pair]:
    with Pair(**HURRIED) as pair:
        yield pair


def flash_of(pair: Pair, board: str) -> dict[str, Any]:
    state: dict[str, Any] = pair.rig.state()["boards"][board]["flash"]
    return state


def erases(pair: Pair, board: str) -> int:
    return sum(flash_of(pair, board)["erases"].values())


def until_erased(pair: Pair, board: str) -> None:
    """Let a unit fail and be mended, which both boards record, until one of them erases a page."""
    before = erases(pair, board)
    for _ in range(TURNS_MAX):
        pair.rig.fail("primary")
        pair.until_status(lambda status: status["health"][0] == w.FAILED)
        pair.rig.mend("primary")
        pair.until_status(lambda status: status["health"][0] == w.OK)
        if erases(pair, board) > before:
            return
    raise AssertionError(f"{board} never erases a page")


@pytest.mark.parametrize("board", [CONTROLLER, BEACON])
@pytest.mark.parametrize("erase_ms", [45, 400])
def test_f16_an_erase_is_announced_and_fails_nobody(pair: Pair, board: str, erase_ms: int) -> None:
    pair.ask(w.LO, 1, seconds=3600)  # so that the reports that fill the page move nothing
    pair.rig.erase(board, erase_ms)
    story = Story(pair)
    until_erased(pair, board)
    pair.settle()
    assert flash_of(pair, board)["stall_us_max"] >= erase_ms * 1000
    assert story.moves() == []
    events = [(name, *event) for name in (CONTROLLER, BEACON) for event in story.events(name)]
    assert not [event for event in events if event[1] in (w.E_PATH, w.E_STALL)]
    whys = {event[3] >> 8 for event in events if event[1] == w.E_HEALTH}
    assert w.WHY_REPORTED in whys
    assert not whys & {w.WHY_SILENT, w.WHY_PATH_LOST, w.WHY_TROUBLE}
    assert pair.active() == "primary"


def test_f16_as_long_a_silence_without_a_word_is_a_lost_path(pair: Pair) -> None:
    story = Story(pair)
    pair.rig.freeze(BEACON)
    pair.pass_ms(400)
    pair.rig.thaw(BEACON)
    story.until((w.E_PATH,))
