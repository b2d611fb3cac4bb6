"""F43: what stands for a time is alarmed before it ends by itself, and what it held back is believed afresh then."""

from typing import Any

import pytest

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w
from hotspare_engine.standing import EXPIRY_AHEAD_S, ahead_s
from tests.simulation.bench import Bench

PRIMARY, SPARE = 0, 1
LONG_S = 2 * EXPIRY_AHEAD_S


def group(**values: Any) -> Bench:
    """Return a group at work whose agents speak seldom, so that hours are short, with the laws watching."""
    slow = {"interval_ms": 1000, "agent_interval_ms": 1000}
    paths = ((w.PATH_CROSSLINK_A, PRIMARY, 1, 1000, 3), (w.PATH_AGENT, SPARE, 101, 1000, 3))
    bench = Laws().attach(Bench(paths, **{**slow, **values}))
    bench.ask(w.ARM)
    bench.run(1000)
    return bench


def told(bench: Bench) -> list[tuple[int, int]]:
    return bench.events(w.E_EXPIRING)


def alarmed(bench: Bench) -> bool:
    return bool(bench.engine.alarms & w.A_EXPIRING)


@pytest.mark.parametrize(
    ("asked_s", "before_s"),
    [(1, 1), (4, 1), (5, 2), (60, 15), (EXPIRY_AHEAD_S, 150), (EXPIRY_AHEAD_S + 1, 600), (86_400, 600)],
)
def test_F43_ten_minutes_before_or_in_the_last_quarter_of_what_is_shorter(asked_s: int, before_s: int) -> None:
    assert EXPIRY_AHEAD_S == 600
    assert ahead_s(asked_s) == before_s


@pytest.mark.parametrize(
    ("request_code", "unit"), [(w.OUT, SPARE), (w.OUT, PRIMARY), (w.LO, SPARE), (w.FS, SPARE), (w.FX, SPARE)]
)
@pytest.mark.parametrize("asked_s", [40, LONG_S])
def test_F43_whatever_stands_for_a_time_is_alarmed_and_recorded_before_it_ends(
    request_code: int, unit: int, asked_s: int
) -> None:
    bench = group()
    bench.ask(request_code, unit, seconds=asked_s)
    bench.run(asked_s * 1000 - ahead_s(asked_s) * 1000 - 10)
    assert (told(bench), alarmed(bench)) == ([], False)
    bench.run(20)
    assert (told(bench), alarmed(bench)) == ([(request_code, 1)], True)
    bench.run(ahead_s(asked_s) * 1000 - 20)
    assert (bench.events(w.E_EXPIRED), alarmed(bench)) == ([], True)
    bench.run(20)
    assert (bench.events(w.E_EXPIRED), alarmed(bench)) == ([(request_code, 1)], False)
    assert len(told(bench)) == 1


def test_F43_each_of_several_is_told_and_the_alarm_stands_until_the_last_has_ended() -> None:
    bench = group()
    bench.ask(w.OUT, SPARE, seconds=40)
    bench.ask(w.LO, seconds=40)
    bench.run(30_500)
    assert sorted(told(bench)) == [(w.OUT, 1), (w.LO, 2)]
    bench.ask(w.CLEAR, number=1)
    bench.run(10)
    assert alarmed(bench)
    bench.ask(w.CLEAR, number=2)
    bench.run(10)
    assert not alarmed(bench)


def test_F43_another_time_for_what_stands_ends_the_alarm_and_is_alarmed_by_itself() -> None:
    bench = group()
    bench.ask(w.LO, seconds=40)
    bench.run(35_000)
    bench.ask(w.LO, seconds=80)
    bench.run(10)
    assert not alarmed(bench)
    bench.run(59_000)
    assert not alarmed(bench)
    bench.run(2000)
    assert (told(bench), alarmed(bench)) == ([(w.LO, 1)] * 2, True)
    bench.ask(w.LO)
    bench.run(LONG_S * 1000)
    assert not alarmed(bench), "what stands until it is cleared does not end by itself"


def test_F43_after_a_reset_that_ten_minutes_or_fewer_are_left_is_alarmed_whatever_was_asked_for() -> None:
    bench = group()
    bench.ask(w.LO, seconds=LONG_S)
    bench.run((LONG_S - EXPIRY_AHEAD_S) * 1000 - 5000)
    bench.ask(w.OUT, SPARE, seconds=LONG_S)  # saves how much is left
    bench.run(10)
    bench.reset()
    bench.run(2000)
    assert not alarmed(bench)
    bench.run(5000)
    assert (told(bench), alarmed(bench)) == ([(w.LO, 1)], True)


def test_F43_an_alarm_that_is_due_is_in_a_snapshot_and_is_told_once() -> None:
    bench = group()
    bench.ask(w.LO, seconds=40)
    bench.run(31_000)
    bench.replace_engine()
    bench.run(5000)
    assert (told(bench), alarmed(bench)) == ([(w.LO, 1)], True)


@pytest.mark.parametrize(("request_code", "flags"), [(w.LO, 0), (w.OUT, 0)])
def test_F43_what_a_request_held_back_is_believed_afresh_when_it_expires_and_then_acted_on(
    request_code: int, flags: int
) -> None:
    bench = group(hold_off_ms=5000)
    bench.ask(request_code, SPARE, seconds=60, flags=flags)
    bench.stop(PRIMARY)
    bench.run(59_000)
    assert alarmed(bench), "ahead of the expiry, whatever else has failed"
    assert bench.engine.held_back
    bench.run(5900)
    assert bench.events(w.E_EXPIRED) == [(request_code, 1)]
    assert bench.drives() == []
    bench.run(300)
    assert bench.connected() == [SPARE]
