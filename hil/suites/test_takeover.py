"""Takeover: whatever the failure, the line has one unit, and the spare has it within the budget that `check` prints."""

from __future__ import annotations

import pytest

from hil.pair import Pair
from hotspare import budget
from hotspare_engine import words as w

MARGIN_MS = 250.0  # what a busy machine that is not a real-time system may add
CAUSES = (("stop", "start"), ("hang", "start"), ("fail", "mend"))


@pytest.mark.parametrize(("fault", "mend"), CAUSES, ids=[cause for cause, _ in CAUSES])
def test_the_spare_takes_the_line_within_the_budget(pair: Pair, fault: str, mend: str) -> None:
    took_ms = pair.until_contact("spare", lambda: pair.rig.do([(fault, {"unit": "primary"})]))
    assert took_ms <= budget.of(pair.group).failover_worst_ms + MARGIN_MS
    assert pair.rig.state()["units"]["spare"]["connected"] == ["primary"]
    pair.rig.do([(mend, {"unit": "primary"})])
    pair.fail_back()
    assert pair.rig.state()["units"]["primary"]["connected"] == ["primary"]
    assert pair.rig.state()["both_connected_us"] == 0


def test_switchover_and_failback_move_the_contact_there_and_back(pair: Pair) -> None:
    assert pair.ask(w.MS, 1)["verdict"] == w.DONE
    assert pair.rig.state()["relays"]["line-primary"]["contact"] == "spare"
    assert pair.ask(w.MS_P, 0)["verdict"] == w.DONE
    assert pair.rig.state()["relays"]["line-primary"]["contact"] == "primary"


def test_f2_every_crosslink_cut_never_connects_two_units(pair: Pair) -> None:
    cables = ("crosslink-a", "crosslink-b")
    pair.until_contact("spare", lambda: pair.rig.do([("cut", {"cable": cable}) for cable in cables]))
    state = pair.rig.state()
    assert state["units"]["primary"]["running"]
    assert state["units"]["primary"]["connected"] == []
    pair.rig.do([("heal", {"cable": cable}) for cable in cables])
    pair.fail_back()
    assert pair.rig.state()["both_connected_us"] == 0
