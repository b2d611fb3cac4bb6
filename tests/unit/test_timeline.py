"""The timeline of the demonstration: where its 0 stands."""

from __future__ import annotations

from hotspare import timeline


def test_the_0_of_the_axis_stands_under_the_moment_that_is_named() -> None:
    lane = timeline.Lane("unit", [(0, "█"), (100_000, "·")])
    row, axis = timeline.draw([lane], 0, 400_000, width=40, zero_us=100_000)
    assert axis.index("|0") == row.index("·")
    assert axis.endswith("|300 ms")


def test_without_such_a_moment_the_axis_begins_at_0() -> None:
    lane = timeline.Lane("unit", [(0, "█")])
    row, axis = timeline.draw([lane], 0, 400_000, width=40)
    assert axis.index("|0") == row.index("█")
    assert "|200 " in axis
