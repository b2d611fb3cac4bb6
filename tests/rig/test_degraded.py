"""A unit that says itself that it is degraded, on the emulated rig: from its agent to the contacts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hil.pair import UNHURRIED, Pair
from hil.story import Story
from hotspare_engine import words as w


@pytest.fixture(scope="module")
def running() -> Iterator[Pair]:
    with Pair(**UNHURRIED, on_degraded="switch") as pair:
        yield pair


def test_a_degraded_primary_is_relieved_by_an_ok_spare_and_by_no_degraded_one(pair: Pair, story: Story) -> None:
    pair.rig.degrade("spare")
    pair.settle(healths=(w.OK, w.IMPAIRED))
    pair.rig.degrade("primary")
    status = pair.settle(healths=(w.IMPAIRED, w.IMPAIRED))
    assert list(status["why"][:2]) == [w.WHY_DEGRADED] * 2
    pair.pass_ms(500)
    assert story.moves() == []
    pair.rig.mend("spare")
    status = pair.settle(on_spare=True, healths=(w.IMPAIRED, w.OK))
    assert status["winner"] == w.SD
    assert pair.active() == "spare"
    assert story.tells((w.E_HEALTH, 0, w.IMPAIRED | w.WHY_DEGRADED << 8), (w.E_WINNER, w.SD), (w.E_SWITCHED, 0))
    pair.rig.mend("primary")
    pair.fail_back()


def test_a_degraded_primary_is_an_alarm_only_unless_configured() -> None:
    with Pair(**UNHURRIED) as pair:
        story = Story(pair)
        pair.rig.degrade("primary")
        pair.until_alarm(w.A_PRIMARY_IMPAIRED)
        pair.pass_ms(500)
        assert story.moves() == []
        assert pair.alarm_stands("controller")
