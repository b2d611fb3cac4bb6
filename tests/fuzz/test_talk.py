"""Messages under the right key with whatever values: no board raises, and what one raises is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import forged
from tests.boards import CONTROLLER
from tests.fuzz import stage, talk

MESSAGES = 600


def test_f20_whoever_holds_the_key_may_say_anything_and_both_boards_answer_on() -> None:
    counts = stage.talk(MESSAGES, seed=20)
    assert counts["messages"] > MESSAGES * 9 // 10  # the others fit no frame
    assert counts["answered"] > MESSAGES / 2
    assert counts["resets"] > 0
    counts.pop("seconds")
    again = stage.talk(MESSAGES, seed=20)
    assert counts == {name: again[name] for name in counts}, "a seed replays nothing"


def test_what_a_board_raises_is_found_with_what_replays_it(tmp_path: Path) -> None:
    bench = forged.settled(tmp_path)

    def fails(*values: Any) -> None:
        raise IndexError(len(values))

    bench.boards[CONTROLLER].service._write = fails
    with pytest.raises(AssertionError, match=r"IndexError: 2: config-write .*; replay: talk\([0-9]+, seed=20\)"):
        talk.Talk(bench, seed=20).say(MESSAGES)
