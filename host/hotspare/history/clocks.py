"""When a record was made: each boot's clock is placed by round trips, with an error that grows with age; no I/O.

A boot that was never asked while it ran has no such sample: its records are given bounds, and never a time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

CLOCK_SIZE = 1 << 32  # a board's milliseconds count from 0 again after this many
GRAIN_US = 1000  # of a board's clock
DRIFT_PPM = 200  # greatest drift of a board's clock against the host's that is reckoned with
MILLION = 1_000_000
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Sample:
    """A board's clock as it was read once: it showed `uptime_ms` at `at_us`, within `off_us` either way.

    `number` is what the next record would get: those below were made before the reading, all others after it.
    """

    boot: int
    number: int
    uptime_ms: int
    at_us: int
    off_us: int

    @classmethod
    def between(cls, boot: int, number: int, uptime_ms: int, asked: datetime, answered: datetime) -> Sample:
        """Place a clock that was read somewhere between two times of ours."""
        before_us, after_us = micros(asked), micros(answered)
        half_us = max(0, after_us - before_us) // 2
        return cls(boot, number, uptime_ms, before_us + half_us, half_us + GRAIN_US)

    def time_of(self, number: int, at_ms: int) -> tuple[int, int]:
        """Return when a record of this boot was made, and how far off that may be."""
        if number < self.number:
            age_us = -((self.uptime_ms - at_ms) % CLOCK_SIZE) * 1000
        else:
            age_us = (at_ms - self.uptime_ms) % CLOCK_SIZE * 1000
        return self.at_us + age_us, self.off_us + abs(age_us) * DRIFT_PPM // MILLION


@dataclass(frozen=True)
class When:
    """When a record was made: a time and its error, or what is known of it, where there is no time."""

    at_us: int | None = None
    off_us: int = 0
    after_us: int | None = None
    before_us: int | None = None


@dataclass(frozen=True)
class Last:
    """The last record that is known of a boot."""

    number: int
    at_ms: int


class Clock:
    """The clocks of all boots of one recorder; `lasts` are the last records by boot."""

    def __init__(self, samples: Iterable[Sample], lasts: Mapping[int, Last]) -> None:
        self._samples: dict[int, list[Sample]] = defaultdict(list)
        for sample in sorted(samples, key=lambda it: (it.number, it.at_us)):
            self._samples[sample.boot].append(sample)
        self._numbers = {boot: [it.number for it in listed] for boot, listed in self._samples.items()}
        self._lasts = lasts
        self._bounds: dict[int, tuple[int | None, int | None]] = {}

    def when(self, number: int, boot: int, at_ms: int) -> When:
        """Return when a record was made."""
        if boot in self._samples:
            return When(*self._placed(number, boot, at_ms))
        if boot not in self._bounds:
            self._bounds[boot] = self._after(boot), self._before(boot)
        after_us, before_us = self._bounds[boot]
        if after_us is not None:  # a clock that wrapped only makes it later
            after_us += at_ms * 1000 * (MILLION - DRIFT_PPM) // MILLION
        last = self._lasts.get(boot)
        if before_us is not None and last is not None and last.at_ms > at_ms:
            before_us -= (last.at_ms - at_ms) * 1000 * (MILLION - DRIFT_PPM) // MILLION
        return When(None, 0, after_us, before_us)

    def _placed(self, number: int, boot: int, at_ms: int) -> tuple[int, int]:
        listed = self._samples[boot]
        place = bisect_right(self._numbers[boot], number)  # the first reading after the record
        nearest = listed[max(0, place - 1) : place + 1]
        return min((sample.time_of(number, at_ms) for sample in nearest), key=lambda found: found[1])

    def _after(self, boot: int) -> int | None:
        """Return a time at which an earlier boot still ran; the latest that is known."""
        known = []
        for earlier, listed in self._samples.items():
            if earlier < boot:
                known.append(listed[-1].at_us - listed[-1].off_us)
                last = self._lasts.get(earlier)
                if last is not None:
                    at_us, off_us = self._placed(last.number, earlier, last.at_ms)
                    known.append(at_us - off_us)
        return max(known, default=None)

    def _before(self, boot: int) -> int | None:
        """Return a time at which a later boot had begun; the earliest that is known."""
        known = []
        for later, listed in self._samples.items():
            if later > boot:  # after a wrap of its clock it began even earlier
                at_us, off_us = listed[0].time_of(-1, 0)
                known.append(at_us + off_us)
        return min(known, default=None)


def micros(at: datetime) -> int:
    """Return a time as microseconds since 1970, in UTC."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(at_us: int) -> datetime:
    """Return microseconds since 1970 as a time in UTC."""
    return _EPOCH + timedelta(microseconds=at_us)
