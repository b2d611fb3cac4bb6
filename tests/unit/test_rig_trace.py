"""The trace's ring and the measure of exclusivity."""

import pytest

from hotspare.rig import trace
from hotspare.rig.loop import Timeline
from hotspare.rig.trace import Exclusivity, Record, Trace


def test_records_carry_rising_numbers_and_the_time_of_what_happened() -> None:
    timeline = Timeline()
    tracer = Trace(timeline)
    timeline.after(7, tracer.add, "coil", "line", "energised")
    timeline.run_for(100)
    tracer.add("contact", "line", "closed", "spare")
    assert tracer.since(0) == [
        Record(1, 7, "coil", "line", "energised"),
        Record(2, 100, "contact", "line", "closed", "spare"),
    ]
    assert tracer.since(1) == [Record(2, 100, "contact", "line", "closed", "spare")]
    assert tracer.since(2) == []


def test_what_the_ring_pushed_out_shows_as_a_gap_in_the_numbers() -> None:
    tracer = Trace(Timeline())
    for _ in range(trace.RECORDS_MAX + 10):
        tracer.add("x", "y", "z")
    assert tracer.since(0, 1)[0].number == 11
    assert len(tracer.since(0, trace.RECORDS_MAX * 2)) == trace.RECORDS_MAX


def test_a_page_is_bounded_and_the_next_one_goes_on() -> None:
    tracer = Trace(Timeline())
    for _ in range(10):
        tracer.add("x", "y", "z")
    first = tracer.since(0, 4)
    assert [record.number for record in first] == [1, 2, 3, 4]
    assert [record.number for record in tracer.since(first[-1].number, 100)] == [5, 6, 7, 8, 9, 10]


def test_a_watcher_hears_the_first_record_that_matches_and_no_other() -> None:
    tracer = Trace(Timeline())
    seen: list[int] = []
    tracer.watch({"kind": "contact", "detail": "spare"}, 2, lambda record: seen.append(record.number))
    tracer.add("contact", "line", "closed", "spare")  # before the number it waits after
    tracer.add("contact", "line", "open", "primary")
    tracer.add("contact", "line", "closed", "spare")
    tracer.add("contact", "line", "closed", "spare")
    assert seen == [3]
    assert tracer.watchers == 0


def test_a_watcher_that_lost_interest_hears_nothing() -> None:
    tracer = Trace(Timeline())
    forget = tracer.watch({}, 0, lambda record: pytest.fail("it was to be forgotten"))
    forget()
    tracer.add("x", "y", "z")
    forget()
    assert tracer.find({"kind": "x"}, 0) is not None
    assert tracer.find({"kind": "x"}, 1) is None


def test_two_units_on_a_line_are_measured_while_it_lasts_and_afterwards() -> None:
    timeline = Timeline()
    exclusivity = Exclusivity(timeline)
    exclusivity.connect("line", "primary")
    timeline.run_until(100)
    exclusivity.connect("line", "spare")
    timeline.run_until(130)
    assert exclusivity.both_connected_us == 30
    exclusivity.disconnect("line", "primary")
    timeline.run_until(1000)
    assert exclusivity.both_connected_us == 30
    exclusivity.connect("line", "primary")
    timeline.run_until(1010)
    exclusivity.disconnect("line", "spare")
    assert exclusivity.both_connected_us == 30


def test_a_unit_on_two_lines_is_measured_too() -> None:
    timeline = Timeline()
    exclusivity = Exclusivity(timeline)
    exclusivity.connect("one", "spare")
    exclusivity.connect("two", "spare")
    timeline.run_until(50)
    assert exclusivity.lines_of("spare") == ["one", "two"]
    assert exclusivity.both_connected_us == 50


def test_break_before_make_measures_nothing() -> None:
    timeline = Timeline()
    exclusivity = Exclusivity(timeline)
    exclusivity.connect("line", "primary")
    timeline.run_until(100)
    exclusivity.disconnect("line", "primary")
    exclusivity.connect("line", "spare")
    timeline.run_until(200)
    assert exclusivity.both_connected_us == 0
