"""Durations: what people write, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspare import durations
from hotspare.errors import UsageMistake


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("2h", 7200), ("1h30m", 5400), ("1d1s", 86_401), ("007s", 7)]
)
def test_a_duration_is_its_seconds(text: str, seconds: int) -> None:
    assert durations.parse(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "2", "h", "-2h", "+2h", "2 h", "2h ", "1.5h", "30m1h", "2H", "1h1h", "२h", "2h\n", "9" * 400 + "s"]
)
def test_what_is_no_duration_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(UsageMistake, match="is no duration: whole numbers with d, h, m or s"):
        durations.parse(text)


@pytest.mark.parametrize("text", ["0s", "0d0h", "366d", "99999999999999999999h"])
def test_nothing_and_more_than_a_year_are_refused(text: str) -> None:
    with pytest.raises(UsageMistake, match="is out of range: 1s to 365d"):
        durations.parse(text)


@given(st.integers(1, durations.SECONDS_MAX))
def test_what_is_shown_is_parsed_to_the_same(seconds: int) -> None:
    assert durations.parse(durations.show(seconds)) == seconds


@given(st.text(max_size=60))
def test_any_text_is_a_duration_or_one_line(text: str) -> None:
    lines: tuple[str, ...] = ()
    try:
        assert 0 < durations.parse(text) <= durations.SECONDS_MAX
    except UsageMistake as error:
        lines = error.lines
    assert all(line.isprintable() for line in lines)
