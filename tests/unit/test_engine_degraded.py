"""Row SD of the table at work: a primary says itself that it is degraded, and a group that is to switch does."""

from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from tests.simulation.bench import Bench, pair

PRIMARY, SPARE = 0, 1
SWITCHED_MS = 200


def group(armed: bool = True, **values: Any) -> Bench:
    """Return a group at work on its primary that switches when it is degraded, with the laws watching."""
    bench = Laws().attach(Bench(**{"on_degraded": 1, **values}))
    if armed:
        bench.ask(w.ARM)
    bench.run(200)
    assert bench.engine.state == w.NORMAL
    return bench


def relieved(**values: Any) -> Bench:
    bench = group(**values)
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(SWITCHED_MS)
    assert bench.connected() == [SPARE]
    return bench


def test_a_degraded_primary_is_an_alarm_and_no_switch_unless_that_is_configured() -> None:
    bench = group(on_degraded=0)
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(5000)
    assert bench.drives() == []
    assert bench.engine.alarms == w.A_PRIMARY_IMPAIRED
    assert bench.engine.health.units[PRIMARY].why == w.WHY_DEGRADED


def test_where_it_is_configured_an_ok_spare_takes_the_line_by_the_request_sd() -> None:
    bench = relieved()
    assert (bench.engine.situation.winner, bench.engine.cause) == (w.SD, w.SD)
    assert bench.engine.alarms == w.A_PRIMARY_IMPAIRED
    assert not bench.engine.held_back


def test_it_has_to_last_for_hold_off_as_a_failure_has() -> None:
    bench = group(hold_off_ms=1000)
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(950)
    bench.units[PRIMARY] = w.OK
    bench.run(100)
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(990)
    assert bench.drives() == []
    bench.run(SWITCHED_MS)
    assert bench.connected() == [SPARE]


def test_what_makes_a_primary_impaired_without_its_own_word_moves_nothing() -> None:
    bench = group()
    bench.cables[0].cut = 1
    bench.run(2000)
    assert bench.engine.health.units[PRIMARY].health == w.IMPAIRED
    assert bench.drives() == []


def test_boot_grace_is_not_waited_for_by_a_primary_that_is_heard_to_be_degraded() -> None:
    bench = Laws().attach(Bench(on_degraded=1, boot_grace_s=60))
    bench.ask(w.ARM)
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(500)
    assert bench.connected() == [SPARE]


@pytest.mark.parametrize("revertive", [0, 1])
def test_a_load_does_not_go_back_and_forth_between_two_degraded_units(revertive: int) -> None:
    bench = group(revertive=revertive, wtr_s=0, stay_min_s=0)
    bench.units = [w.IMPAIRED, w.IMPAIRED]
    bench.run(2000)
    assert bench.drives() == [], "never onto a degraded spare"
    assert bench.engine.alarms == w.A_PRIMARY_IMPAIRED | w.A_SPARE_IMPAIRED
    bench.units[SPARE] = w.OK
    bench.run(SWITCHED_MS)
    assert bench.connected() == [SPARE]
    drives = len(bench.drives())
    for _ in range(5):
        bench.units[SPARE] = w.IMPAIRED
        bench.run(500)
        bench.units[SPARE] = w.OK
        bench.run(500)
    assert len(bench.drives()) == drives
    bench.units[SPARE] = w.FAILED
    bench.run(SWITCHED_MS)
    assert bench.connected() == [PRIMARY], "a degraded primary is better than a failed spare"


def test_a_spare_that_is_not_known_well_is_named_and_alarmed() -> None:
    bench = group()
    bench.units = [w.IMPAIRED, w.LEAVING]
    bench.run(1000)
    assert bench.drives() == []
    assert bench.engine.held_back == w.I_SPARE_NOT_WELL
    assert bench.engine.alarms & w.A_INHIBITED


def test_a_spare_that_becomes_degraded_before_its_coil_is_driven_is_not_connected() -> None:
    bench = group(coil_min_ms=1000, retention=w.LATCHING)
    bench.ask(w.MS, SPARE)
    bench.run(100)
    bench.ask(w.MS_P, PRIMARY)
    bench.run(1100)
    drives = len(bench.drives())
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(300)
    assert bench.engine.state == w.SWITCHING
    bench.units[SPARE] = w.IMPAIRED
    bench.run(2000)
    assert len(bench.drives()) == drives
    assert bench.engine.state == w.NORMAL


def test_a_revertive_group_returns_once_the_primary_has_been_ok_for_wait_to_restore() -> None:
    bench = relieved(revertive=1, wtr_s=3, stay_min_s=0)
    bench.run(5000)
    assert bench.connected() == [SPARE]
    bench.units[PRIMARY] = w.OK
    bench.run(2000)
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(300)
    bench.units[PRIMARY] = w.OK
    bench.run(2800)
    assert bench.connected() == [SPARE], "a new degradation restarts the wait"
    bench.run(600)
    assert bench.connected() == [PRIMARY]


def test_a_degraded_primary_passes_what_holds_back_the_automatic_and_autonomy() -> None:
    bench = group(armed=False, autonomy=w.ASK)
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(500)
    assert bench.engine.held_back == w.I_DISARMED
    assert bench.engine.alarms & w.A_INHIBITED
    bench.ask(w.ARM)
    bench.run(100)
    assert bench.engine.held_back == w.I_ASKING
    assert (bench.engine.pending.winner, bench.engine.pending.target) == (w.SD, 0)
    assert bench.drives() == []
    bench.approve()
    bench.run(SWITCHED_MS)
    assert bench.connected() == [SPARE]


def test_a_switch_that_was_approved_is_not_taken_back_because_its_reason_became_graver() -> None:
    bench = group(autonomy=w.ASK, coil_min_ms=1000, retention=w.LATCHING)
    bench.ask(w.MS, SPARE)
    bench.run(100)
    bench.ask(w.MS_P, PRIMARY)
    bench.run(1100)
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(100)
    bench.approve()
    bench.run(100)
    assert bench.engine.state == w.SWITCHING
    bench.units[PRIMARY] = w.FAILED
    bench.run(2000)
    assert bench.connected() == [SPARE]
    assert [b >> 16 for _, b in bench.events(w.E_PENDING)].count(w.P_RAISED) == 1, "nobody is asked twice"


def test_a_failure_and_a_persons_order_outrank_it_and_a_switchover_does_not() -> None:
    bench = relieved()
    token = bench.ask(w.MS_P, PRIMARY)
    assert bench.replies(token)[0][:2] == (w.OUTRANKED, w.SD)
    bench.ask(w.FS, PRIMARY)
    bench.run(SWITCHED_MS)
    assert bench.connected() == [PRIMARY]
    bench.ask(w.CLEAR, number=bench.engine.standing.id[0])
    bench.run(SWITCHED_MS)
    assert bench.connected() == [SPARE]
    bench.units[PRIMARY] = w.FAILED
    bench.run(100)
    assert bench.engine.situation.winner == w.SF_W


def test_the_word_of_the_primary_itself_counts_beside_a_beacon_that_says_ok() -> None:
    bench = group(paths=pair(direct=1))
    bench.cables[0].frozen = 1  # the beacon's newest word stays: well
    bench.units[PRIMARY] = w.IMPAIRED
    bench.run(SWITCHED_MS)
    assert bench.connected() == [SPARE]


def test_a_pooled_spare_goes_to_the_first_degraded_primary_and_leaves_it_for_a_failed_one() -> None:
    bench = group(primaries=2)
    bench.units = [w.IMPAIRED, w.IMPAIRED, w.OK]
    bench.run(SWITCHED_MS)
    assert bench.connected() == [2, 1]
    assert bench.engine.held_back == w.I_UNCOVERED, "what waits is named"
    bench.units[1] = w.FAILED
    bench.run(500)
    assert bench.connected() == [0, 2], "the first primary is impaired, and can take its load"
    bench.units = [w.IMPAIRED, w.OK, w.OK]
    bench.run(500)
    assert bench.connected() == [2, 1]
    bench.units[0] = w.OK
    bench.run(500)
    assert bench.connected() == [2, 1], "a group that does not revert stays"
