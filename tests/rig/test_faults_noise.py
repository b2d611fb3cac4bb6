"""F3 on the emulated rig: real firmware behind a crosslink with bit errors, and what that makes of a silence."""

from __future__ import annotations

import time
from typing import Any

from hil.pair import LOOK_AGAIN_S, Pair
from hil.story import Story
from hotspare_engine import words as w

CROSSLINK_A, PATH_A = "crosslink-a", 1
BER = 1e-4
NOISY_S_MAX = 45.0  # within which nine paths in ten are known to be noisy is 12 s, at 9 ms a beat
# short, so that seconds have many beats; patient, so that neither noise nor a busy machine makes silence
QUICK = {"interval_ms": 10, "beats": 50, "agent_beats": 8, "boot_grace_s": 30, "baud": 230400}
# the first of them has a comment behind it, the second one ends its line
ONE_PATH = {
    'crosslink_b = "pulse"                        # second': 'crosslink_b = "none" # second',
    'crosslink_b = "pulse"\n': 'crosslink_b = "none"\n',
}


def until_noisy(pair: Pair) -> dict[str, Any]:
    """Let bits of the crosslink be wrong; return the controller's status once it knows of the noise."""
    pair.rig.noise(CROSSLINK_A, BER)
    end_s = time.monotonic() + NOISY_S_MAX
    while time.monotonic() < end_s:
        status = pair.status()
        if status["alarms"] & w.A_NOISY:
            return status
        time.sleep(LOOK_AGAIN_S)
    raise TimeoutError("the noise was not noticed")


def test_f3_a_noisy_crosslink_alarms_its_cut_moves_nothing_and_a_pulse_that_ends_too_does() -> None:
    with Pair(**QUICK) as pair:
        story = Story(pair)
        status = until_noisy(pair)
        assert (status["health"][0], status["why"][0]) == (w.IMPAIRED, w.WHY_NOISY)
        with pair.board("controller") as reached:
            path = reached.path(PATH_A)
            assert path is not None
            assert path["noisy"]
            assert path["loss"] >= 15, "half of the limit"
        assert pair.alarm_stands("controller")
        pair.rig.cut(CROSSLINK_A)
        pair.until_alarm(w.A_PATH | w.A_NOISY)
        pair.pass_ms(1000)
        assert story.moves() == []
        assert pair.active() == "primary"
        pair.rig.stop("primary")
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert pair.active() == "spare"
        assert story.tells((w.E_NOISY, PATH_A), (w.E_PATH, PATH_A, w.SILENT), (w.E_WINNER, w.SF_W), (w.E_SWITCHED, 0))


def test_f3_a_cut_of_the_only_and_noisy_crosslink_is_alarmed_and_waits_for_a_person() -> None:
    with Pair(**QUICK, changes=ONE_PATH) as pair:
        story = Story(pair)
        until_noisy(pair)
        pair.rig.cut(CROSSLINK_A)
        status = pair.until_alarm(w.A_PRIMARY_FAILED | w.A_INHIBITED | w.A_ASKING | w.A_NOISY)
        assert status["inhibitors"] == w.I_NOISY | w.I_ASKING
        pair.pass_ms(1000)
        assert story.moves() == []
        assert pair.active() == "primary"
        assert pair.ask(w.APPROVE, number=pair.pending()["id"])["verdict"] == w.DONE
        assert pair.active() == "spare"


def test_f3_a_cut_of_the_only_crosslink_fails_over_while_it_is_quiet() -> None:
    with Pair(**QUICK, changes=ONE_PATH) as pair:
        pair.rig.cut(CROSSLINK_A)
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert pair.active() == "spare"
