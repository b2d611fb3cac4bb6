"""What `hotspare simulate` finds, against what `check` says: failovers within the budget, noise as predicted."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import pytest

from hotspare import configuration, example, noise, wiretime
from hotspare.cli import forecast_plain
from hotspare.configuration import Configuration
from hotspare.rig.cable import Wire
from hotspare.rig.loop import Timeline
from hotspare.simulator import advice, forecast, noisy, outlook, poisson, schedule, trials, workers
from hotspare.simulator.forecast import Study, Wish
from hotspare.simulator.host import Operator
from hotspare.simulator.site import NeverWell, Site
from hotspare.simulator.trials import CUT, HANG, POWER, REPORT
from hotspare_engine import words as w
from hotspare_wire import frame, messages
from hotspare_wire.link import Link
from tests import files

NO_PULSE = {"board.beacon.crosslink_b": "none", "board.controller.crosslink_b": "none"}
TRIALS = 4


@pytest.fixture(scope="module", autouse=True)
def _tracker() -> None:
    """Whatever starts processes by spawning leaves one that looks after semaphores: it is there before the tests."""
    resource_tracker.ensure_running()


def beats(count: int) -> dict[str, int]:
    return {"group.pair.beats": count, "group.pair.agent_beats": count}


def of_example(name: str) -> Configuration:
    return configuration.parse(example.text(name).encode(), Path("hotspare.toml"))


def wish_of(**changes: Any) -> Wish:
    values: dict[str, Any] = {
        "worlds": 1,
        "span_ms": 20_000,
        "bers": (1e-3,),
        "profile": "none",
        "trials": 2,
        "seed": 3,
        "jobs": 1,
    }
    return Wish(**{**values, **changes})


def studied(tables: dict[str, Any], wish: Wish) -> Study:
    found = configuration.build(tables, Path("hotspare.toml"))
    listed = forecast.studies(tables, found, list(found.groups), wish)
    shares = list(forecast.simulate(listed, forecast.tasks(found, listed, wish), wish.jobs))
    assert shares[-1] == 1.0
    return listed[0]


# -- failovers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pair", "interlocked", "fenced", "fenced-cold", "pool"])
def test_every_cause_that_check_lists_is_a_failover_within_its_limit(name: str) -> None:
    found = of_example(name)
    group = found.groups[0]
    causes = trials.causes_of(group)
    assert len(causes) == 4 * len(group.primaries)
    for cause in causes:
        limit_ms = trials.limit_ms(group, cause)
        for seed in range(TRIALS):
            it = trials.run(found, cause, seed)
            assert it.held == ""
            assert it.failover_ms is not None
            assert it.detected_ms is not None
            assert 0 < it.detected_ms < it.failover_ms <= limit_ms
            assert it.both_connected_us == 0


def test_the_moment_of_the_cause_is_spread_over_the_beats() -> None:
    found = files.pair()
    cause = trials.causes_of(found.groups[0])[0]
    took = [it.detected_ms or 0.0 for it in (trials.run(found, cause, seed) for seed in range(40))]
    # detection takes from 5 - 0.9 to 5 intervals: the latest and the earliest quarter are both there
    assert min(took) < cause.worst_ms - 65
    assert max(took) > cause.worst_ms - 25
    assert abs(poisson.quantile(took, 0.5) - cause.median_ms) < 20


def test_a_failover_that_a_person_approves_is_timed_with_the_approval_at_once() -> None:
    found = files.pair({"group.pair.autonomy": "manual"})
    cause = next(it for it in trials.causes_of(found.groups[0]) if it.kind == HANG)
    it = trials.run(found, cause, 1)
    assert it.failover_ms is not None
    assert it.failover_ms <= trials.limit_ms(found.groups[0], cause)


def test_a_group_that_does_not_believe_silence_is_tried_with_reports_alone() -> None:
    found = files.pair({"group.pair.on_silence": False})
    assert [cause.kind for cause in trials.causes_of(found.groups[0])] == [HANG, REPORT]


def test_a_bypass_makes_cut_crosslinks_no_cause_of_a_failover() -> None:
    kinds = [cause.kind for cause in trials.causes_of(files.pair({"unit.primary.contact": True}).groups[0])]
    assert kinds == [POWER, HANG, REPORT]
    assert CUT in [cause.kind for cause in trials.causes_of(files.pair().groups[0])]


def test_a_shadow_group_is_not_tried_and_has_no_failover_at_any_time() -> None:
    found = files.pair({"group.pair.autonomy": "shadow"})
    assert not trials.is_possible(found.groups[0])
    tally = noisy.run(found, 1e-6, 1, 5_000)
    assert noisy.causes(tally.held, tally.looks) == {"autonomy is shadow: it is only recorded": 1.0}


# -- noise --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ber", "frames"), [(1e-3, 20_000), (1e-4, 60_000)])
def test_a_frame_is_lost_on_the_simulated_wire_as_often_as_is_predicted(ber: float, frames: int) -> None:
    timeline, decoder, chance = Timeline(), frame.Decoder(), random.Random(1)
    heard = 0

    def sink(data: bytes, baud: int) -> None:
        nonlocal heard
        place = 0
        while place < len(data):
            place = decoder.feed(data, place, len(data))
            heard += decoder.size > 0

    wire = Wire(timeline, sink, chance)
    wire.set_ber(ber)
    link = Link(1, 2, lambda: chance.randbytes(messages.NONCE_SIZE))
    for _ in range(frames):
        wire.send(bytes(link.heartbeat(w.OK, 0, 1, 0, 0, 5, 5)), 115_200)
        timeline.run_for(20_000)
    expected = noise.loss(ber, wiretime.HEARTBEAT_SIZE)
    error = (expected * (1 - expected) / frames) ** 0.5
    found = 1 - heard / frames
    assert abs(found - expected) < 3 * error
    with_stop_bits = 1 - (1 - ber) ** (10 * wiretime.HEARTBEAT_SIZE)
    assert abs(found - with_stop_bits) > 4 * error, "a wrong stop bit damages nothing"


@pytest.mark.parametrize(("ber", "count", "spells"), [(1e-3, 3, 2), (1e-4, 2, 4)])
def test_false_failovers_predicted_and_simulated_agree_within_the_interval(ber: float, count: int, spells: int) -> None:
    found = files.pair({**NO_PULSE, **beats(count)})
    group = found.groups[0]
    tally = noisy.Tally()
    for seed in range(spells):
        tally.add(noisy.run(found, ber, seed))
    assert tally.hours == pytest.approx(spells / 12)
    for row in noisy.rows_of(group):
        seen = tally.count(row.shows, 0)
        assert seen >= 4
        assert poisson.rate(seen, tally.hours).agrees(row.a_year(ber, 0)), (row.name, seen)
    believed = sum(tally.believed.values())
    assert tally.doubted + tally.moved <= believed
    assert tally.both_connected_us == 0


def test_quiet_cables_make_no_unit_failed_and_leave_a_failover_possible() -> None:
    tally = noisy.run(files.pair(), 1e-9, 1, 60_000)
    assert (sum(tally.believed.values()), tally.alone, tally.spare, tally.moved) == (0, 0, 0, 0)
    assert tally.looks >= 1199
    assert noisy.causes(tally.held, tally.looks) == {}


def test_noise_on_the_only_path_takes_the_failover_away_and_a_pulse_brings_it_back() -> None:
    shares = []
    for changes in (NO_PULSE, {}):
        tally = noisy.run(files.pair(changes), 1e-3, 1, 60_000)
        shares.append(noisy.causes(tally.held, tally.looks).get(outlook.DOUBTED, 0.0))
    assert shares[0] > 0.9
    assert shares[1] < 0.05


def test_an_operator_fails_back_so_that_false_failovers_go_on() -> None:
    found = files.pair({**NO_PULSE, **beats(2), "group.pair.loss_max_permille": 1000})
    tally = noisy.run(found, 1e-3, 1, 60_000)
    assert tally.doubted == 0
    assert tally.moved > 5


@pytest.mark.parametrize("changes", [{}, {"unit.primary.contact": True}])
def test_what_noise_does_not_reach_is_not_compared(changes: dict[str, Any]) -> None:
    rows = noisy.rows_of(files.pair(changes).groups[0])
    reached = {row.name: row.simulated for row in rows}
    assert reached.pop("the agent's cable")
    assert reached.pop("crosslink-a alone", True)
    assert len(reached) == 1
    assert not any(reached.values())


# -- the outlook --------------------------------------------------------------------------------------------------


def test_the_outlook_names_what_would_keep_the_next_failover_from_being_done() -> None:
    site = Site(files.pair({"group.pair.stay_min_s": 0}), 1)
    site.begin()
    assert site.outlook.now() == [0]
    site.rig.stop("primary")
    site.pass_ms(2_000)
    assert site.controller.board.engine.selected == 0
    assert site.outlook.now() == [w.I_PRIMARY_NOT_WELL]
    site.rig.start("primary")
    site.pass_ms(15_000)
    assert site.outlook.now() == [0], "the way back from the spare is open"
    site.operator.ask(w.DISARM)
    site.pass_ms(500)
    assert [outlook.named(held) for held in site.outlook.now()] == ["disarmed"]
    site.rig.power("controller", False)
    assert [outlook.named(held) for held in site.outlook.now()] == [outlook.NO_CONTROLLER]


def test_a_pool_whose_spare_carries_a_line_has_none_for_the_others_of_lower_priority() -> None:
    site = Site(of_example("pool"), 1)
    site.begin()
    assert site.outlook.now() == [0, 0, 0]
    site.rig.fail("primary-2")
    site.pass_ms(2_000)
    first, second, third = site.outlook.now()
    assert site.controller.board.engine.selected == 1
    assert first == 0, "the spare leaves a line for one of higher priority"
    assert second == w.I_PRIMARY_NOT_WELL
    assert third == w.I_UNCOVERED


def test_looking_changes_nothing() -> None:
    states = []
    for looks in (False, True):
        site = Site(files.pair(NO_PULSE), 1)
        site.begin()
        site.rig.noise("crosslink-a", 1e-3)
        if looks:
            site.outlook.begin(20_000)
        site.pass_ms(20_000)
        states.append(site.controller.board.engine.snapshot())
        assert site.outlook.looks == (400 if looks else 0)
    assert states[0] == states[1]


# -- advice -------------------------------------------------------------------------------------------------------


def advised(changes: dict[str, Any], ber: float) -> tuple[advice.Figures, dict[str, advice.Neighbour]]:
    tables = files.tables(changes)
    found = configuration.build(tables, Path("hotspare.toml"))
    now, listed = advice.neighbours(tables, found, found.groups[0], ber)
    return now, {it.what: it for it in listed}


def test_a_second_path_is_advised_where_one_is_silenced_too_often() -> None:
    now, found = advised({**NO_PULSE, "group.pair.beats": 3}, 1e-4)
    it = found['crosslink_b = "pulse" instead of "none"']
    assert it.fewer
    assert not it.sooner
    assert it.figures.false_a_year < now.false_a_year / 1000
    assert it.figures.worst_ms == now.worst_ms
    assert it.configuration.groups[0].boards[0].crosslink_b == "pulse"


def test_every_advice_does_better_in_what_it_says_and_holds_what_check_holds() -> None:
    for changes in ({}, NO_PULSE, beats(9), {"group.pair.hold_off_ms": 1000}):
        for ber in (1e-3, 1e-5):
            now, found = advised(changes, ber)
            for it in found.values():
                assert it.fewer or it.sooner
                assert not it.fewer or it.figures.false_a_year <= advice.LESS * now.false_a_year
                assert not it.sooner or it.figures.worst_ms <= now.worst_ms - advice.SOONER_MS
                assert advice.Figures.of(it.configuration.groups[0], ber) == it.figures


def test_what_check_refuses_or_warns_about_is_not_advised() -> None:
    _, found = advised({"group.pair.interval_ms": 65, "group.pair.agent_interval_ms": 65}, 1e-5)
    assert all(it.configuration.groups[0].setting("interval_ms") >= 65 for it in found.values())
    assert any("beats = 4" in what for what in found), "without hold-off, fewer beats are sooner"


def test_hold_off_that_nothing_needs_is_named() -> None:
    _, found = advised({"group.pair.hold_off_ms": 1000}, 1e-6)
    assert found["hold_off_ms = 0 instead of 1000"].sooner


# -- the whole ----------------------------------------------------------------------------------------------------


def test_the_same_seed_finds_the_same_and_another_one_something_else() -> None:
    tables = files.tables({**NO_PULSE, **beats(2), "group.pair.attempts_window_s": 5, "group.pair.boot_grace_s": 2})
    wish = wish_of(profile="dense", worlds=2, span_ms=3_000, trials=1)
    one, two = (forecast_plain.of_study(studied(tables, wish), wish) for _ in range(2))
    assert one == two
    other = wish_of(profile="dense", worlds=2, span_ms=3_000, trials=1, seed=4)
    assert forecast_plain.of_study(studied(tables, other), other) != one
    assert one["faults"]["worlds"] == 2
    assert one["faults"]["laws_broken"] == []
    assert one["faults"]["laws_looked_at"]["L1"] > 0
    assert sum(one["faults"]["laws_looked_at"].values()) > 1000
    assert one["advice"]
    assert any(row["simulated"] for row in one["advice"])


def test_a_law_that_is_broken_is_told_with_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    from hotspare.simulator.laws import Broken, Laws

    def stepped(self: Laws, ms: int) -> None:
        if self.bench.rig.timeline.now_us() > 20_000_000:
            raise Broken("L1: two units on a line")

    monkeypatch.setattr(Laws, "stepped", stepped)
    wish = wish_of(profile="rare", span_ms=15_000, trials=1, seed=77)
    study = studied(files.tables(), wish)
    faults = forecast_plain.faults(study, wish)
    assert faults is not None
    assert faults["laws_broken"] == [{"seed": 77, "law": "L1: two units on a line"}]
    assert not forecast_plain.is_kept(study)


def test_a_failover_beyond_its_limit_or_not_done_is_not_kept() -> None:
    group = files.pair().groups[0]
    cause = trials.causes_of(group)[0]
    limit_ms = trials.limit_ms(group, cause)
    for took, kept in ((limit_ms, True), (limit_ms + 0.1, False), (None, False)):
        study = Study(group, trials=[trials.Trial(cause, 5, 1.0, took, "" if took else "disarmed")])
        assert forecast_plain.is_kept(study) is kept
    (row,) = forecast_plain.failovers(study)
    assert (row["not_done"], row["held_back_by"], row["late_seeds"]) == (1, ["disarmed"], [5])


def test_a_group_that_never_comes_up_is_told_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def never_told(self: Operator, request: int, **more: int) -> None:
        """Nobody arms it."""

    monkeypatch.setattr(Operator, "ask", never_told)
    with pytest.raises(NeverWell, match="disarmed"):
        Site(files.pair({"group.pair.boot_grace_s": 1}), 1).begin()
    found = files.pair()
    study = Study(found.groups[0])
    forecast.enter(study, forecast.Task(0, "", found, 1, ber=1e-3), "disarmed")
    assert study.never_well == "disarmed"
    assert not forecast_plain.is_kept(study)


def test_the_profiles_of_the_command_are_those_of_schedules() -> None:
    from hotspare.cli import simulate

    assert set(simulate.PROFILES) == set(schedule.PROFILES)


def test_hours_are_worlds_of_five_minutes_or_one_that_is_shorter() -> None:
    assert forecast.for_hours(1) == (12, 300_000)
    assert forecast.for_hours(0.01) == (1, 36_000)
    worlds, span_ms = forecast.for_hours(0.4)
    assert (worlds, span_ms * worlds) == (5, 1_440_000)
    assert wish_of(worlds=5, span_ms=288_000).hours == pytest.approx(0.4)


# -- workers ------------------------------------------------------------------------------------------------------


def double(number: int) -> int:
    return 2 * number


def fail(number: int) -> int:
    raise ValueError(str(number))


def sleep(number: int) -> int:
    time.sleep(60)
    return number


def test_workers_do_every_task_whatever_the_order() -> None:
    assert sorted(workers.share(double, range(20), 2)) == [(place, 2 * place) for place in range(20)]
    assert list(workers.share(double, range(3), 1)) == [(0, 0), (1, 2), (2, 4)]


def closed_early(work: Callable[[int], int]) -> Iterator[float]:
    begun = time.monotonic()
    shares = workers.share(work, range(5), 2)
    with pytest.raises(KeyboardInterrupt):
        _interrupted(shares)
    yield time.monotonic() - begun


def _interrupted(shares: Iterator[tuple[int, int]]) -> None:
    import signal

    signal.signal(signal.SIGALRM, _raise)
    signal.setitimer(signal.ITIMER_REAL, 2.0)
    try:
        list(shares)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _raise(number: int, where: object) -> None:
    raise KeyboardInterrupt


def test_an_interrupt_ends_the_workers_and_waits_for_no_task() -> None:
    (took_s,) = closed_early(sleep)
    assert took_s < 30


def test_an_error_of_a_task_reaches_who_asked() -> None:
    with pytest.raises(ValueError, match=r"^[012]$"):
        list(workers.share(fail, range(3), 2))
