"""What the resolver finds, whole: winner, target, the unit it is about, what is uncovered and by what it is blocked."""

from typing import Any

import pytest

from hotspare_engine import words as w
from hotspare_engine.resolver import BY_REQUEST, BY_SWITCH, DROP_LOCKOUT, Situation, resolve

FIRST, SECOND, THIRD, SPARE = range(4)
NONE = w.NONE


def found(**values: Any) -> tuple[int, int, int, int, int]:
    """Return winner, target, unit, uncovered and blocked for three primaries and a spare; `ill` are not well."""
    s = Situation(3)
    s.health = [w.OK] * 4
    for unit, health in values.pop("ill", {}).items():
        s.health[unit] = health
        s.failed |= (1 << unit) * (health == w.FAILED)
    for name, value in values.items():
        setattr(s, name, value)
    resolve(s)
    return s.winner, s.target, s.unit, s.uncovered, s.blocked


def failed(*units: int) -> dict[int, int]:
    return dict.fromkeys(units, w.FAILED)


# -- out of use ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [FIRST, SECOND, THIRD])
def test_a_primary_that_is_out_is_covered(line: int) -> None:
    assert found(out=1 << line) == (w.OUT, line, line, 0, 0)
    assert found(out=1 << line, selected=line) == (w.OUT, line, line, 0, 0)


@pytest.mark.parametrize(
    ("out", "values", "uncovered", "blocked"),
    [
        (0b001, {"selected": SECOND}, 0b001, w.I_UNCOVERED),
        (0b110, {"selected": FIRST}, 0b110, w.I_UNCOVERED),
        (0b010, {"ill": failed(SPARE)}, 0b010, w.I_SPARE_NOT_WELL),
        (0b010, {"lockout": BY_REQUEST}, 0b010, w.I_LOCKOUT),
        (0b010, {"lockout": BY_SWITCH}, 0b010, w.I_LOCAL),
        (0b010, {"lockout": BY_REQUEST | BY_SWITCH}, 0b010, w.I_LOCAL | w.I_LOCKOUT),
    ],
)
def test_who_is_out_and_can_not_be_covered_is_uncovered_and_the_reason_is_named(
    out: int, values: dict[str, Any], uncovered: int, blocked: int
) -> None:
    assert found(out=out, revertive=1, **values)[3:] == (uncovered, blocked)


def test_a_spare_that_is_out_is_left_if_its_primary_can_take_the_load_or_the_service_may_be_dropped() -> None:
    out = 1 << SPARE
    assert found(out=out, selected=SECOND) == (w.OUT, NONE, SPARE, 0, 0)
    held = w.I_PRIMARY_NOT_WELL
    assert found(out=out, selected=SECOND, ill={SECOND: w.UNKNOWN}) == (w.OUT, SECOND, SPARE, 0, held)
    assert found(out=out, selected=SECOND, ill={SECOND: w.UNKNOWN}, drop=out)[:2] == (w.OUT, NONE)
    assert found(out=out, selected=SECOND, ill={SECOND: w.UNKNOWN}, drop=1)[:2] == (w.OUT, SECOND)
    assert found(out=out | 1 << SECOND, selected=SECOND, drop=out) == (w.OUT, SECOND, SPARE, 0, w.I_OUT)
    assert found(out=out | 1 << FIRST, selected=SECOND, ill={SECOND: w.UNKNOWN}, drop=out)[:2] == (w.OUT, NONE)
    assert found(out=out) == (w.OUT, NONE, SPARE, 0, 0)


def test_out_of_one_unit_is_none_of_another() -> None:
    s = Situation(3)
    s.health = [w.OK] * 4
    for unit in range(4):
        s.out = 1 << unit
        assert [s.unusable(other) for other in range(4)] == [w.I_OUT if other == unit else 0 for other in range(4)]


# -- lockout, forced ----------------------------------------------------------------------------------------------


def test_a_spare_that_is_locked_out_is_left_as_one_that_is_out() -> None:
    ill = {SECOND: w.UNKNOWN}
    assert found(lockout=BY_REQUEST, selected=SECOND) == (w.LO, NONE, SPARE, 0, 0)
    assert found(lockout=BY_REQUEST, selected=SECOND, ill=ill) == (w.LO, SECOND, SPARE, 0, w.I_PRIMARY_NOT_WELL)
    assert found(lockout=BY_REQUEST, selected=SECOND, ill=ill, drop=DROP_LOCKOUT)[:2] == (w.LO, NONE)
    waits = found(lockout=BY_REQUEST, selected=SECOND, ill=failed(SECOND, FIRST))
    assert waits == (w.LO, SECOND, SPARE, 0b001, w.I_PRIMARY_NOT_WELL | w.I_LOCKOUT)


@pytest.mark.parametrize("order", [w.FX, w.FS])
def test_what_is_forced_is_about_the_spare_or_the_line_that_returns(order: int) -> None:
    about = SPARE if order == w.FX else SECOND
    assert found(order=order, order_line=SECOND) == (order, SECOND, about, 0, 0)
    assert found(order=order, order_line=NONE, selected=SECOND) == (order, NONE, SECOND, 0, 0)
    assert found(order=order, order_line=SECOND, ill=failed(FIRST)) == (order, SECOND, about, 0b001, w.I_FORCED)


def test_what_is_forced_goes_to_a_dead_unit_if_it_disregards_health_only() -> None:
    assert found(order=w.FX, order_line=FIRST, ill={SPARE: w.UNKNOWN})[:2] == (w.FX, FIRST)
    blocked = w.I_SPARE_NOT_WELL
    assert found(order=w.FS, order_line=FIRST, ill={SPARE: w.UNKNOWN}) == (w.FS, NONE, FIRST, 0, blocked)
    assert found(order=w.FS, selected=FIRST, ill={FIRST: w.UNKNOWN}) == (w.FS, FIRST, FIRST, 0, w.I_PRIMARY_NOT_WELL)


# -- failures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "values", "target", "unit", "uncovered", "blocked"),
    [
        ((FIRST,), {}, FIRST, FIRST, 0, 0),
        ((THIRD,), {}, THIRD, THIRD, 0, 0),
        ((FIRST, SECOND, THIRD), {}, FIRST, FIRST, 0b110, w.I_UNCOVERED),
        ((SECOND, THIRD), {}, SECOND, SECOND, 0b100, w.I_UNCOVERED),
        ((FIRST, SECOND), {"selected": SECOND}, FIRST, FIRST, 0b010, w.I_UNCOVERED),
        ((SECOND, THIRD), {"selected": SECOND}, SECOND, SECOND, 0b100, w.I_UNCOVERED),
        ((THIRD,), {"selected": SECOND}, THIRD, THIRD, 0, 0),
        ((THIRD,), {"selected": SECOND, "ill": {SECOND: w.UNKNOWN}}, SECOND, NONE, 0b100, w.I_UNCOVERED),
        ((FIRST,), {"selected": SECOND, "ill": {SECOND: w.UNKNOWN}}, FIRST, FIRST, 0, 0),
        ((FIRST, SECOND), {"noisy": 0b001}, SECOND, SECOND, 0b001, w.I_UNCOVERED),
        ((FIRST, SECOND), {"noisy": 0b011}, FIRST, FIRST, 0b010, w.I_UNCOVERED),
        ((SECOND,), {"ill": {SPARE: w.UNKNOWN}}, NONE, SECOND, 0b010, w.I_SPARE_NOT_WELL),
    ],
)
def test_the_first_failed_primary_is_covered_and_the_others_are_uncovered(
    units: tuple[int, ...], values: dict[str, Any], target: int, unit: int, uncovered: int, blocked: int
) -> None:
    more = dict(values)
    ill = {**more.pop("ill", {}), **failed(*units)}
    winner, *rest = found(ill=ill, revertive=0, **more)
    if winner == w.SF_W:
        assert rest == [target, unit, uncovered, blocked]
    else:
        assert (rest[0], rest[2], rest[3]) == (target, uncovered, blocked)


def test_the_line_that_the_spare_carries_is_not_uncovered_though_the_spare_can_not_take_a_better_one() -> None:
    ill = {**failed(FIRST, SECOND), SPARE: w.UNKNOWN}
    assert found(ill=ill, selected=SECOND) == (w.SF_W, SECOND, FIRST, 1 << FIRST, w.I_SPARE_NOT_WELL)


def test_a_failed_spare_is_left_and_what_it_can_not_cover_is_named() -> None:
    assert found(ill=failed(SPARE), selected=SECOND) == (w.SF_P, NONE, SPARE, 0, 0)
    assert found(ill=failed(SPARE)) == (w.SF_P, NONE, SPARE, 0, 0)
    assert found(ill=failed(SPARE, FIRST)) == (w.SF_P, NONE, SPARE, 0b001, w.I_SPARE_NOT_WELL)
    both = w.I_PRIMARY_NOT_WELL | w.I_SPARE_NOT_WELL
    assert found(ill=failed(SPARE, FIRST, SECOND), selected=FIRST) == (w.SF_P, FIRST, SPARE, 0b010, both)


# -- degraded -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("degraded", "values", "expected"),
    [
        (0b001, {}, (w.SD, FIRST, FIRST, 0, 0)),
        (0b110, {}, (w.SD, SECOND, SECOND, 0, w.I_UNCOVERED)),
        (0b010, {"selected": SECOND}, (w.SD, SECOND, SECOND, 0, 0)),
        (0b001, {"selected": SECOND}, (w.SD, FIRST, FIRST, 0, 0)),
        (0b001, {"selected": SECOND, "ill": {SECOND: w.IMPAIRED}}, (w.NR, NONE, NONE, 0, w.I_UNCOVERED)),
        (0b001, {"ill": {SPARE: w.UNKNOWN}}, (w.NR, NONE, NONE, 0, w.I_SPARE_NOT_WELL)),
        (0b001, {"ill": {SPARE: w.IMPAIRED}}, (w.NR, NONE, NONE, 0, 0)),
        (0b1000, {}, (w.NR, NONE, NONE, 0, 0)),
    ],
)
def test_the_first_degraded_primary_is_relieved_by_a_spare_that_is_ok(
    degraded: int, values: dict[str, Any], expected: tuple[int, ...]
) -> None:
    assert found(degraded=degraded, on_degraded=1, revertive=1, **values) == expected
    assert found(degraded=degraded, revertive=1, **{**values, "selected": NONE})[0] == w.NR


def test_what_is_blocked_above_is_named_beside_what_is_blocked_below() -> None:
    s = found(out=0b010, selected=FIRST, degraded=0b100, on_degraded=1, ill={FIRST: w.IMPAIRED})
    assert s[4] == w.I_UNCOVERED
    both = found(out=0b010, ill={SPARE: w.UNKNOWN}, degraded=0b100, on_degraded=1)
    assert both[3:] == (0b010, w.I_SPARE_NOT_WELL)
    locked = found(out=0b010, lockout=BY_REQUEST, selected=NONE, ill=failed(THIRD))
    assert locked == (w.LO, NONE, SPARE, 0b110, w.I_LOCKOUT)


def test_reasons_of_several_requests_stand_beside_each_other() -> None:
    unknown = w.UNKNOWN
    degraded = found(out=0b010, selected=FIRST, degraded=0b100, on_degraded=1, ill={SPARE: unknown})
    assert degraded[4] == w.I_UNCOVERED | w.I_SPARE_NOT_WELL
    returning = found(out=0b100, selected=SECOND, order=w.MS_P, ill={SECOND: unknown})
    assert returning[4] == w.I_UNCOVERED | w.I_PRIMARY_NOT_WELL
    switching = found(out=0b100, selected=FIRST, order=w.MS, order_line=SECOND, ill={FIRST: unknown})
    assert switching[4] == w.I_UNCOVERED | w.I_PRIMARY_NOT_WELL


@pytest.mark.parametrize(("degraded", "on_degraded", "present"), [
    (0b0001, 1, True), (0b0100, 1, True), (0b1000, 1, False), (0b0100, 0, False), (0, 1, False)
])  # fmt: skip
def test_only_a_primary_that_is_degraded_is_a_request(degraded: int, on_degraded: int, present: bool) -> None:
    s = Situation(3)
    s.health = [w.OK] * 4
    s.degraded, s.on_degraded = degraded, on_degraded
    resolve(s)
    assert bool(s.present >> w.SD & 1) == present


# -- a person's planned orders, returns ---------------------------------------------------------------------------


def test_planned_orders_and_returns_are_about_the_line_that_moves() -> None:
    assert found(order=w.MS, order_line=THIRD) == (w.MS, THIRD, THIRD, 0, 0)
    assert found(order=w.MS, order_line=THIRD, selected=FIRST) == (w.MS, THIRD, THIRD, 0, 0)
    held = w.I_PRIMARY_NOT_WELL
    assert found(order=w.MS, order_line=THIRD, selected=FIRST, ill={FIRST: w.UNKNOWN})[1:] == (FIRST, THIRD, 0, held)
    assert found(order=w.MS_P, selected=SECOND) == (w.MS_P, NONE, SECOND, 0, 0)
    assert found(order=w.MS_P, selected=SECOND, ill={SECOND: w.UNKNOWN}) == (w.MS_P, SECOND, SECOND, 0, held)
    assert found(selected=SECOND, wtr=1, revertive=1) == (w.WTR, SECOND, SECOND, 0, 0)
    assert found(selected=SECOND, exercise=1, revertive=1) == (w.EXER, SECOND, SECOND, 0, 0)
    assert found(selected=SECOND) == (w.DNR, SECOND, SECOND, 0, 0)
    assert found(selected=SECOND, revertive=1)[:2] == (w.NR, NONE)
    assert found(selected=SECOND, revertive=1, ill={SECOND: w.UNKNOWN})[1:] == (SECOND, NONE, 0, held)


def test_a_situation_that_was_loaded_has_a_health_for_each_unit_and_no_more() -> None:
    s = Situation(3)
    assert len(s.health) == 4
    other = Situation(1)
    other.load((*s.values(), 99))
    assert other.health == s.health
