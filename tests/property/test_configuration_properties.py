"""Whatever a file holds, the answer is a configuration or lines for a person; never another exception."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspare import configuration, options
from hotspare.errors import ConfigurationInvalid
from hotspare_wire import messages
from tests import files

KEYS = st.sampled_from(
    sorted({option.name for option in options.OPTIONS} | {"group", "unit", "board", "rig", "pair", "primary", "beacon"})
) | st.text(max_size=20)
LEAVES = (
    st.integers()
    | st.booleans()
    | st.floats()
    | st.text(max_size=30)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.none()
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


def complaints(build: Callable[[], configuration.Configuration]) -> tuple[str, ...]:
    try:
        assert build().groups
    except ConfigurationInvalid as error:
        return error.lines
    return ()


def can_be_told(lines: tuple[str, ...]) -> bool:
    """Return whether a person can read these lines in one go."""
    return len(lines) <= configuration.COMPLAINTS_MAX + 1 and all(line.isprintable() for line in lines)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_tables_are_a_configuration_or_lines(data: dict[str, Any]) -> None:
    assert can_be_told(complaints(lambda: configuration.build(data, files.HERE)))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_configuration_or_lines(content: bytes) -> None:
    assert can_be_told(complaints(lambda: configuration.parse(content, files.HERE)))


@st.composite
def one_change(draw: st.DrawFn) -> dict[str, Any]:
    """Take the example pair and put any value at one place of it."""
    data = copy.deepcopy(files.tables())
    section = draw(st.sampled_from(sorted(data)))
    table = data[section]
    if section != "rig":
        table = table[draw(st.sampled_from(sorted(table)))]
    known = [option.name for option in options.of(section)]
    table[draw(st.sampled_from(known) | st.text(max_size=20))] = draw(VALUES)
    return data


@given(one_change())
def test_one_changed_value_is_accepted_or_a_line(data: dict[str, Any]) -> None:
    assert can_be_told(complaints(lambda: configuration.build(data, files.HERE)))


@pytest.mark.parametrize(
    "option", [it for it in options.OPTIONS if it.kind is options.Kind.NUMBER], ids=lambda it: it.name
)
@given(data=st.data())
def test_a_number_outside_its_limits_is_always_refused(option: options.Option, data: st.DataObject) -> None:
    value = data.draw(st.integers(max_value=option.least - 1) | st.integers(min_value=option.most + 1))
    name = {"group": "group.pair", "unit": "unit.primary", "board": "board.beacon", "rig": "rig"}[option.section]
    with pytest.raises(ConfigurationInvalid, match=f"must be a whole number, {option.limits}"):
        files.pair({f"{name}.{option.name}": value})


@given(st.text(min_size=1, max_size=20))
def test_a_name_is_accepted_only_if_it_fits_the_wire_as_it_is(name: str) -> None:
    data = files.tables()
    data["unit"][name] = data["unit"].pop("spare")
    data["group"]["pair"]["spare"] = name
    try:
        found = configuration.build(data, files.HERE)
    except ConfigurationInvalid:
        return
    assert found.groups[0].spare == name
    assert messages.text(messages.padded(name, messages.NAME_SIZE)) == name
