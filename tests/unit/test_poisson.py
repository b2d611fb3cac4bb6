"""Limits of a rate from a count: against tables of chi-square and of Poisson limits that stand elsewhere."""

from __future__ import annotations

import math

import pytest

from hotspare.simulator import poisson


# exact limits of 95 %, as published for counts (Garwood, 1936; tables of cancer registries)
@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        (0, 0.0, 3.6889),
        (1, 0.0253, 5.5716),
        (2, 0.2422, 7.2247),
        (5, 1.6235, 11.6683),
        (10, 4.7954, 18.3904),
        (20, 12.2165, 30.8884),
        (100, 81.3640, 121.6268),
    ],
)
def test_limits_are_those_of_the_tables(count: int, low: float, high: float) -> None:
    assert poisson.limits(count) == pytest.approx((low, high), abs=6e-5)


# chi-square with 2 n degrees of freedom is twice a gamma of shape n
@pytest.mark.parametrize(
    ("freedom", "share", "quantile"),
    [(2, 0.95, 5.991), (10, 0.05, 3.940), (10, 0.95, 18.307), (30, 0.025, 16.791), (100, 0.975, 129.561)],
)
def test_quantiles_are_those_of_the_tables_of_chi_square(freedom: int, share: float, quantile: float) -> None:
    assert 2 * poisson.gamma_quantile(freedom / 2, share) == pytest.approx(quantile, abs=6e-4)


def test_many_are_limited_as_by_the_normal_distribution() -> None:
    low, high = poisson.limits(100_000)
    assert (low, high) == pytest.approx((100_000 - 1.96 * math.sqrt(1e5), 100_000 + 1.96 * math.sqrt(1e5)), rel=1e-4)


@pytest.mark.parametrize("count", range(0, 60, 7))
def test_limits_cut_off_the_tails_that_they_say(count: int) -> None:
    def at_most(mean: float, most: int) -> float:
        return sum(math.exp(-mean) * mean**it / math.factorial(it) for it in range(most + 1))

    low, high = poisson.limits(count)
    assert at_most(high, count) == pytest.approx(0.025, rel=1e-6)
    if count:
        assert 1 - at_most(low, count - 1) == pytest.approx(0.025, rel=1e-6)


def test_a_rate_is_a_year_of_its_hours_and_agrees_within_its_limits() -> None:
    found = poisson.rate(10, hours=87.66)
    assert found.a_year == pytest.approx(1000)
    assert (found.low, found.high) == pytest.approx((479.5, 1839.0), rel=1e-3)
    assert found.agrees(480)
    assert found.agrees(1839)
    assert not found.agrees(479)
    assert not found.agrees(1840)


def test_none_seen_is_a_rate_with_an_upper_limit() -> None:
    found = poisson.rate(0, hours=1.0)
    assert (found.a_year, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(3.6889 * 8766, rel=1e-4)


def test_a_quantile_is_one_of_the_values() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [poisson.quantile(values, share) for share in (0.01, 0.5, 0.8, 0.81, 1.0)] == [1.0, 3.0, 4.0, 5.0, 5.0]
