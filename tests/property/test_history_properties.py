"""Batches of records and placed clocks under whatever hypothesis thinks of."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotspare.errors import Unreachable
from hotspare.history import batch, clocks
from hotspare.history.clocks import Clock, Last, Sample
from hotspare_wire import messages

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
NUMBER = st.integers(0, 2**32 - 1)
VALUE = st.integers(-(2**31), 2**31 - 1)
ROW = st.tuples(NUMBER, st.integers(0, 255), VALUE, VALUE)


@given(NUMBER, NUMBER, NUMBER, st.lists(ROW, max_size=messages.RECORDS_MAX), NUMBER)
def test_a_batch_is_what_was_packed_or_is_refused_as_no_answer(
    recorder: int, number: int, boot: int, rows: list[tuple[int, ...]], asked: int
) -> None:
    packed = b"".join(struct.pack(messages.RECORD, *row) for row in rows)
    fields = {"recorder": recorder, "number": number, "boot": boot, "rows": packed}
    fits = number + len(rows) <= batch.NUMBERS and (not rows or number >= asked)
    try:
        found = batch.parse("board", fields, asked)
    except Unreachable:
        assert not fits
        return
    assert fits
    assert [tuple(it) for it in found.records] == [(number + place, boot, *row) for place, row in enumerate(rows)]
    assert found.next == number + len(rows)


@given(st.binary(max_size=150), NUMBER)
def test_whatever_bytes_stand_in_the_rows_they_are_records_or_refused(data: bytes, asked: int) -> None:
    fields = {"recorder": 1, "number": asked, "boot": 1, "rows": data}
    try:
        found = batch.parse("board", fields, asked)
    except Unreachable:
        assert len(data) % messages.RECORD_SIZE or asked + len(data) // messages.RECORD_SIZE > batch.NUMBERS
        return
    assert b"".join(struct.pack(messages.RECORD, *row[2:]) for row in found.records) == data


@given(
    started_ms=st.integers(0, clocks.CLOCK_SIZE - 1),
    drift_ppm=st.floats(-clocks.DRIFT_PPM * 0.99, clocks.DRIFT_PPM * 0.99),
    trips=st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 200)), min_size=1, max_size=4),
    at_ms=st.integers(0, 10**9),
    share=st.floats(0, 1),
)
def test_a_time_is_never_further_off_than_is_said_whatever_drift_trips_and_wraps_there_are(
    started_ms: int, drift_ppm: float, trips: list[tuple[int, int]], at_ms: int, share: float
) -> None:
    def shown(true_ms: float) -> int:
        return (started_ms + int(true_ms * (1 + drift_ppm / 1e6))) % clocks.CLOCK_SIZE

    def moment(true_ms: float) -> datetime:
        return NOON + timedelta(milliseconds=true_ms)

    samples = []
    for asked_ms, trip_ms in trips:
        read_ms = asked_ms + trip_ms * share
        number = 1 if read_ms > at_ms else 0
        samples.append(Sample.between(1, number, shown(read_ms), moment(asked_ms), moment(asked_ms + trip_ms)))
    when = Clock(samples, {}).when(0, 1, shown(at_ms))
    assert when.at_us is not None
    assert abs(when.at_us - clocks.micros(moment(at_ms))) <= when.off_us + 2


@given(st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 10**8))
def test_the_bounds_of_a_boot_that_was_never_seen_hold_its_true_time(
    seen_ms: int, waited_ms: int, at_ms: int, rest_ms: int
) -> None:
    began_ms = seen_ms + waited_ms
    ended_ms = began_ms + at_ms + rest_ms

    def moment(true_ms: int) -> datetime:
        return NOON + timedelta(milliseconds=true_ms)

    first = Sample.between(1, 1, seen_ms, moment(seen_ms), moment(seen_ms))
    later = Sample.between(3, 4, 500, moment(ended_ms + 500), moment(ended_ms + 500))
    clock = Clock([first, later], {1: Last(0, seen_ms), 2: Last(2, at_ms + rest_ms)})
    when = clock.when(1, 2, at_ms)
    assert when.at_us is None
    assert when.after_us is not None
    assert when.before_us is not None
    assert when.after_us <= clocks.micros(moment(began_ms + at_ms)) <= when.before_us
