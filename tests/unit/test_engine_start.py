"""How a group starts: cold, in any order, after a reset with what was saved, on falling and on latching relays."""

from itertools import permutations
from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from hotspare_engine.engine import Engine
from hotspare_engine.watch import Watch
from tests.simulation.bench import SILENT, Bench, pair

PRIMARY, SPARE = 0, 1
GRACE_MS = 2000


def dark(**values: Any) -> Bench:
    """Return a group whose controller alone has power, armed, nothing heard yet."""
    bench = Bench(**values)
    bench.units = [SILENT, SILENT]
    bench.beacons = [0, 0]
    Laws().attach(bench)
    bench.ask(w.ARM)
    return bench


def at_work(**values: Any) -> Bench:
    bench = Laws().attach(Bench(**values))
    bench.ask(w.ARM)
    bench.run(200)
    return bench


def failed_over(**values: Any) -> Bench:
    bench = at_work(**values)
    bench.stop(PRIMARY)
    bench.run(500)
    assert bench.connected() == [SPARE]
    return bench


# -- cold ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations((PRIMARY, SPARE))))
@pytest.mark.parametrize("apart_ms", [0, 30, 700])
def test_F38_a_site_that_starts_cold_in_any_order_starts_on_the_primary(order: tuple[int, ...], apart_ms: int) -> None:
    bench = dark()
    for unit in order:
        bench.run(1 + apart_ms)
        bench.start(unit)
    bench.run(GRACE_MS * 2)
    assert bench.drives() == []
    assert (bench.engine.state, bench.engine.alarms) == (w.NORMAL, 0)


def test_F38_the_spare_gets_the_load_when_boot_grace_is_over_and_not_before() -> None:
    bench = dark()
    bench.start(SPARE)
    bench.run(GRACE_MS - 10)
    assert bench.drives() == []
    bench.run(300)
    assert bench.connected() == [SPARE]


def test_F38_a_primary_that_still_boots_and_says_that_it_fails_is_given_boot_grace() -> None:
    bench = dark()
    bench.start(SPARE)
    bench.units[PRIMARY] = w.FAILED
    bench.beacons[PRIMARY] = 1
    bench.run(GRACE_MS - 200)
    assert bench.drives() == []
    assert bench.engine.held_back & w.I_BOOT_GRACE
    bench.start(PRIMARY)
    bench.run(GRACE_MS)
    assert bench.drives() == []
    assert bench.engine.alarms == 0


def test_a_primary_that_was_well_in_this_boot_is_not_given_grace_when_it_fails() -> None:
    bench = at_work(boot_grace_s=60)
    bench.units[PRIMARY] = w.FAILED
    bench.run(200)
    assert bench.connected() == [SPARE]


def test_F38_nobody_comes_up_nothing_moves_and_the_alarms_say_so() -> None:
    bench = dark()
    bench.run(GRACE_MS + 100)
    assert bench.drives() == []
    assert bench.engine.alarms & w.A_PRIMARY_FAILED
    assert bench.engine.alarms & w.A_SPARE_FAILED
    assert bench.engine.alarms & w.A_INHIBITED
    bench.start(SPARE)
    bench.run(300)
    assert bench.connected() == [SPARE]


def test_a_group_whose_read_backs_were_never_read_does_not_move_and_says_so() -> None:
    bench = dark()
    bench.relays[0].shown = w.BETWEEN
    engine = Engine(bench.values, 1, 1, bench.paths)
    for _ in range(3000):
        engine.heard(2, w.OK, w.ECHOED)
        engine.elapsed(1)
        engine.outbox.clear()
    assert engine.state == w.STARTING
    assert engine.alarms & w.A_READBACK
    assert engine.held_back & w.I_RELAY


def test_a_falling_relay_that_reads_the_spare_before_it_was_driven_holds_the_group() -> None:
    bench = dark()
    bench.relays[0].shown = w.AT_SPARE
    bench.start(PRIMARY)
    bench.start(SPARE)
    bench.run(500)
    assert bench.engine.state == w.HELD
    assert bench.drives() == []


# -- resets -------------------------------------------------------------------------------------------------------


def test_F35_a_controller_that_resets_before_a_failover_starts_on_the_primary_and_then_acts() -> None:
    bench = at_work()
    bench.reset(400)
    bench.run(500)
    assert bench.drives() == []
    assert bench.engine.armed, "armed outlives a reset"
    bench.stop(PRIMARY)
    bench.run(500)
    assert bench.connected() == [SPARE]


def test_F35_a_controller_that_resets_during_a_failover_decides_afresh() -> None:
    bench = at_work()
    bench.stop(PRIMARY)
    while not bench.drives():
        bench.run(1)
    bench.reset(100)
    bench.run(GRACE_MS - 200)
    assert len(bench.drives()) == 1, "the primary was not heard: boot grace"
    bench.run(500)
    assert bench.connected() == [SPARE]


@pytest.mark.parametrize("off_ms", [0, 30, 1000])
def test_F35_after_a_fall_the_load_returns_to_the_spare_without_boot_grace(off_ms: int) -> None:
    bench = failed_over(boot_grace_s=60)
    bench.reset(off_ms)
    bench.run(200)
    assert bench.connected() == [SPARE]
    assert (0, w.AT_PRIMARY) in bench.events(w.E_FELL)


def test_F35_after_a_fall_a_primary_that_is_well_keeps_the_load() -> None:
    bench = failed_over()
    bench.start(PRIMARY)
    bench.run(200)
    bench.reset(0)
    bench.run(3000)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.alarms == w.A_FELL
    bench.stop(PRIMARY)
    bench.reset(0)
    bench.run(GRACE_MS - 100)
    assert bench.connected() == [PRIMARY], "the selection of before the fall was given up for good"


def test_F35_after_a_fall_a_spare_that_is_not_heard_is_not_energised() -> None:
    bench = failed_over()
    drives = len(bench.drives())
    bench.units[SPARE] = SILENT
    bench.reset(0)
    bench.run(GRACE_MS * 2)
    assert len(bench.drives()) == drives
    assert bench.engine.alarms & w.A_INHIBITED
    bench.start(SPARE)
    bench.run(200)
    assert bench.connected() == [SPARE]


def test_F35_two_resets_in_a_row_lose_nothing_of_what_was_saved() -> None:
    bench = failed_over(boot_grace_s=60)
    bench.reset(10)
    bench.run(20)
    bench.ask(w.LO, flags=w.DRY)
    bench.ask(w.ARM)
    bench.ask(w.OUT, PRIMARY, flags=w.DROP_SERVICE)
    bench.reset(10)
    bench.run(300)
    assert bench.connected() == [SPARE]


def test_after_a_fall_a_disarmed_group_stays_and_says_so() -> None:
    bench = failed_over()
    bench.ask(w.DISARM)
    bench.run(10)
    bench.reset(0)
    bench.run(500)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.held_back == w.I_DISARMED


def test_a_latching_relay_stays_through_a_reset_and_is_read_back() -> None:
    bench = failed_over(retention=w.LATCHING)
    drives = len(bench.drives())
    bench.reset(300)
    bench.run(500)
    assert bench.connected() == [SPARE]
    assert (bench.engine.state, bench.engine.selected) == (w.ON_SPARE, 0)
    assert len(bench.drives()) == drives


def test_a_latching_relay_that_was_moved_by_hand_while_the_board_was_off_is_where_it_is() -> None:
    bench = failed_over(retention=w.LATCHING)
    bench.start(PRIMARY)
    bench.relays[0].contact = bench.relays[0].goal = w.AT_PRIMARY
    drives = len(bench.drives())
    bench.reset(300)
    bench.run(3000)
    assert (bench.engine.state, bench.engine.selected) == (w.NORMAL, w.NONE)
    assert len(bench.drives()) == drives


# -- what was saved -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [(w.OUT, SPARE), (w.LO, SPARE), (w.FS, PRIMARY)])
def test_out_lockout_and_forced_switch_outlive_a_reset_with_id_and_time(asked: tuple[int, int]) -> None:
    bench = at_work()
    bench.ask(*asked, seconds=7200)
    bench.run(10)
    before = [getattr(bench.engine.standing, name)[0] for name in ("request", "id", "unit", "left_s")]
    bench.reset(100)
    assert [getattr(bench.engine.standing, name)[0] for name in ("request", "id", "unit", "left_s")] == before
    bench.stop(PRIMARY)
    bench.run(GRACE_MS + 500)
    assert bench.drives() == []
    assert bench.engine.alarms & w.A_INHIBITED


def test_a_forced_switch_to_the_spare_is_done_again_after_a_reset_once_the_spare_is_heard() -> None:
    bench = at_work()
    bench.ask(w.FS, SPARE)
    bench.run(200)
    bench.units[SPARE] = SILENT
    bench.reset(100)
    bench.run(500)
    assert len(bench.drives()) == 1
    bench.start(SPARE)
    bench.run(200)
    assert bench.connected() == [SPARE]


def test_a_switchover_does_not_outlive_a_reset() -> None:
    bench = at_work()
    bench.ask(w.MS, SPARE)
    bench.run(200)
    bench.reset(0)
    bench.run(2000)
    assert bench.connected() == [PRIMARY]
    assert bench.engine.standing.slots() == []


GOOD = (2, 1, 0, 5, 0, 0, w.OUT, 3, 1, -1, 60, 0)


@pytest.mark.parametrize(("place", "value"), list(enumerate((1, 2, 1, 0, 2, 2, w.MS, 0, 2, 1, -1, 2))))
def test_saved_values_that_do_not_fit_are_left_alone(place: int, value: int) -> None:
    engine = Engine(Bench().values, 1, 1, Bench().paths)
    before = engine.snapshot()
    assert not engine.resume((*GOOD[:place], value, *GOOD[place + 1 :]))
    assert engine.snapshot() == before
    assert engine.resume(GOOD)


@pytest.mark.parametrize("values", [(), (1,), GOOD[:-1], (*GOOD, 1), GOOD[:6] + GOOD[6:] * 11])
def test_saved_values_of_a_wrong_length_are_left_alone(values: tuple[int, ...]) -> None:
    engine = Engine(Bench().values, 1, 1, Bench().paths)
    assert not engine.resume(values)


def test_what_is_saved_is_resumed_and_saved_again_the_same() -> None:
    bench = at_work()
    bench.ask(w.OUT, SPARE, seconds=60)
    bench.ask(w.LO)
    bench.run(10)
    fresh = Engine(bench.values, 1, 1, bench.paths)
    assert fresh.resume(bench.engine.saved())
    assert fresh.saved() == bench.engine.saved()


# -- from nothing -------------------------------------------------------------------------------------------------

# what is not 0 where nothing has happened yet
NOTHING_YET = {
    "Engine": {
        "selected": w.NONE,
        "conflict_path": w.NONE,
        "dirty": 1,
        "supply_present": 1,
        "resume_line": w.NONE,
        "cause": w.NR,
        "shown_winner": w.NR,
        "shown_target": w.NONE,
    },
    "Timers": {"nearest_ms": GRACE_MS},
    "Path": {"wait_ms": 60},
    "Guard": {"due": 1},
    "Switching": {"source": w.NONE, "target": w.NONE, "line": w.NONE},
    "Standing": {"next_id": 1},
    "Pending": {"target": w.NONE, "unit": w.NONE},
    "Situation": {
        "selected": w.NONE,
        "order_line": w.NONE,
        "pending_target": w.NONE,
        "winner": w.NR,
        "target": w.NONE,
        "unit": w.NONE,
    },
}


@pytest.mark.parametrize("primaries", [1, 2, 3])
def test_an_engine_that_starts_has_heard_counted_fenced_and_held_nothing(primaries: int) -> None:
    engine = Engine(Bench().values, primaries, primaries, pair(primaries=primaries))
    assert all(isinstance(value, int) for value in engine.snapshot())
    found: dict[str, dict[str, int]] = {}
    for part, names in engine._parts():
        values = {name: getattr(part, name) for name in names}
        seen = {name: it for name, it in values.items() if not isinstance(it, list) and it != 0}
        if seen:
            found.setdefault(type(part).__name__, {}).update(seen)
    assert found.pop("Situation") == {"primaries": primaries, **NOTHING_YET["Situation"]}
    assert found == {name: seen for name, seen in NOTHING_YET.items() if name != "Situation"}


def test_a_watch_that_starts_has_heard_nothing_and_was_told_nothing() -> None:
    watch = Watch(Bench().values, pair())
    assert all(isinstance(value, int) for value in watch.snapshot())
    assert (watch.selected, watch.armed, watch.alarms, watch.differs, watch.stalls) == (w.NONE, 0, 0, 0, 0)
    assert (watch.role, watch.refusals, watch.intruded) == (w.NOT_TOLD, 0, 0)
