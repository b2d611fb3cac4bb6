"""The lockout switch and pins that were moved, from the file to the contacts of the rig."""

from __future__ import annotations

from hil.pair import Pair
from hil.story import Story
from hotspare import explaining
from hotspare_engine import words as w

SWITCH = {"[board.controller]": "[board.controller]\nlockout_switch = true"}
MOVED = {
    "[rig]": "[board.controller.pins]\nrelay1 = 28\nsense1_spare = 27\ninvalid_b = 13\n\n[rig]",
}
UNHURRIED = {"beats": 8, "agent_beats": 8}


def test_a_lockout_switch_keeps_the_spare_out_of_a_failure_and_its_end_is_in_the_rack_alone() -> None:
    with Pair(changes=SWITCH, **UNHURRIED) as pair:
        story = Story(pair)
        pair.rig.keyswitch("controller", True)
        pair.until_alarm(w.A_OUT)
        assert pair.alarm_stands("controller")
        reply = pair.ask(w.MS, 1)
        assert (reply["verdict"], reply["by"], reply["inhibitors"]) == (w.OUTRANKED, w.LO, w.I_LOCAL)
        pair.rig.stop("primary")
        status = pair.until_status(lambda status: status["inhibitors"] & w.I_LOCAL and status["alarms"] & w.A_INHIBITED)
        assert status["state"] == w.NORMAL
        with pair.board("controller") as reached:
            _, data = reached.situation()
        explained = explaining.explain(pair.group, explaining.values_of(data))
        assert "the lockout switch is turned back" in [row["if"] for row in explained["would_change"]]
        assert story.count("coil energised") == 0
        pair.rig.keyswitch("controller", False)
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert story.tells((w.E_LOCAL, 1), (w.E_LOCAL, 0), (w.E_SWITCHED, 0))


def test_a_lockout_switch_takes_the_line_off_the_spare_and_a_reset_does_not_forget_it() -> None:
    with Pair(changes=SWITCH, **UNHURRIED) as pair:
        pair.ask(w.MS, 1)
        pair.settle(on_spare=True)
        pair.rig.keyswitch("controller", True)
        pair.settle()
        assert pair.active() == "primary"
        pair.rig.power("controller", False)
        pair.rig.power("controller", True)
        pair.until_alarm(w.A_OUT)
        assert pair.ask(w.FS, 1)["verdict"] == w.OUTRANKED
        assert pair.active() == "primary"


def test_a_pair_whose_pins_were_moved_fails_over_and_back() -> None:
    with Pair(changes=MOVED, **UNHURRIED) as pair:
        assert "28" in pair.rig.state()["boards"]["controller"]["outputs"]
        assert "10" not in pair.rig.state()["boards"]["controller"]["outputs"]
        pair.rig.stop("primary")
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert pair.active() == "spare"
        assert pair.rig.state()["boards"]["controller"]["outputs"]["28"] == 1
        pair.rig.start("primary")
        pair.fail_back()
        assert pair.active() == "primary"
