"""The state of a rig as people see it."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from hotspare.rig.tables import state_tables

UNIT = {
    "status": "running",
    "failing": False,
    "degraded": False,
    "powered": True,
    "running": True,
    "connected": ["line"],
}
LINE = {
    "served_by": "primary", "sent": 9_000, "served": 8_000, "lost": 49, "delayed": 500, "refused": 3, "under_way": 50,
    "waiting": 0, "delay_us_max": 500_000, "delay_us_last": 10_500,
}  # fmt: skip


def shown(units: dict[str, Any], lines: dict[str, Any]) -> list[list[str]]:
    """Return the words of each line that is printed."""
    console = Console(width=160, color_system=None)
    state = {"units": units, "lines": lines, "relays": {}, "supply": True, "boards": {}, "cables": {}}
    with console.capture() as captured:
        for table in state_tables(state):
            console.print(table)
    return [[word.strip() for word in line.split("  ") if word.strip()] for line in captured.get().splitlines()]


@pytest.mark.parametrize(
    ("role", "acknowledged", "cell"),
    [
        ("", "", "-"),
        ("active", "active", "active"),
        ("drain", "", "drain, not acknowledged"),
        ("drain", "drain failed", "drain failed"),
    ],
)
def test_a_unit_shows_its_role_and_whether_it_has_taken_it(role: str, acknowledged: str, cell: str) -> None:
    rows = shown({"primary": {**UNIT, "role": role, "acknowledged": acknowledged}}, {})
    assert ["primary", "running", "yes", "yes", cell, "line"] in rows
    assert not any(row[:1] == ["line"] for row in rows)


def test_a_line_shows_what_became_of_its_transactions() -> None:
    rows = shown({}, {"line": LINE, "second": {**LINE, "served_by": ""}})
    assert ["line", "primary", "8000", "49", "500", "3", "500.0", "10.5"] in rows
    assert ["second", "-", "8000", "49", "500", "3", "500.0", "10.5"] in rows
