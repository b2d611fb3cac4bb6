"""What a count of rare events tells of their rate: exact Poisson limits; arithmetic, no I/O.

The limits of a count of n are quantiles of a gamma distribution, which is chi-square with 2 n and 2 n + 2 degrees of
freedom halved (Garwood, 1936).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
HALVINGS = 200  # of a bracket: more than a float has bits
TERMS_MAX = 10_000  # of a series or a fraction
TINY = 1e-300
EPSILON = 1e-15
HOUR_US = 3_600_000_000
HOURS_A_YEAR = 365.25 * 24


@dataclass(frozen=True)
class Rate:
    """Events a year, as a count within simulated hours tells it; `low` and `high` are the limits of 95 %."""

    count: int
    hours: float
    a_year: float
    low: float
    high: float

    def agrees(self, a_year: float) -> bool:
        """Return whether another rate lies within the limits."""
        return self.low <= a_year <= self.high


def rate(count: int, hours: float, confidence: float = CONFIDENCE) -> Rate:
    """Return the rate that a count within so many hours tells."""
    low, high = limits(count, confidence)
    times = HOURS_A_YEAR / hours
    return Rate(count, hours, count * times, low * times, high * times)


def limits(count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the exact limits of the mean of a Poisson distribution of which `count` was seen."""
    tail = (1 - confidence) / 2
    return (gamma_quantile(count, tail) if count else 0.0), gamma_quantile(count + 1, 1 - tail)


def gamma_quantile(shape: float, share: float) -> float:
    """Return below which value that share of a gamma distribution of scale 1 lies."""
    low, high = 0.0, shape + 10 * math.sqrt(shape) + 20
    while gamma_share(shape, high) < share:
        high *= 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if gamma_share(shape, middle) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def gamma_share(shape: float, value: float) -> float:
    """Return which share of a gamma distribution of scale 1 lies below `value`: the regularised incomplete gamma."""
    if value <= 0:
        return 0.0
    head = math.exp(shape * math.log(value) - value - math.lgamma(shape))
    return head * _series(shape, value) if value < shape + 1 else 1 - head * _fraction(shape, value)


def _series(shape: float, value: float) -> float:
    term = total = 1 / shape
    for step in range(1, TERMS_MAX):
        term *= value / (shape + step)
        total += term
        if term < total * EPSILON:
            break
    return total


def _fraction(shape: float, value: float) -> float:
    # modified Lentz's method
    b = value + 1 - shape
    c, d = 1 / TINY, 1 / b
    found = d
    for step in range(1, TERMS_MAX):
        a = step * (shape - step)
        b += 2
        d = 1 / _not_zero(a * d + b)
        c = _not_zero(b + a / c)
        found *= c * d
        if abs(c * d - 1) < EPSILON:
            break
    return found


def _not_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the values that so large a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
