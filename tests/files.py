"""Configurations for tests: the example pair with some keys said otherwise, and many pairs in one file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from hotspare import configuration, example

HERE = Path("hotspare.toml")

Tables = dict[str, Any]


def tables(changes: dict[str, Any] | None = None) -> Tables:
    """Return the tables of the example pair; `changes` are values by dotted key, None removes one."""
    return _changed(tomllib.loads(example.text("pair")), changes)


def _changed(data: Tables, changes: dict[str, Any] | None) -> Tables:
    for place, value in (changes or {}).items():
        *path, last = place.split(".")
        table = data
        for part in path:
            table = table.setdefault(part, {})
        if value is None:
            del table[last]
        else:
            table[last] = value
    return data


def pool(changes: dict[str, Any] | None = None, primaries: int = 3, path: Path = HERE) -> configuration.Configuration:
    """Return the example pool, with so many primaries, as a configuration."""
    data = tomllib.loads(example.text_of("", example.pool(primaries)))
    return configuration.build(_changed(data, changes), path)


def pair(changes: dict[str, Any] | None = None, path: Path = HERE) -> configuration.Configuration:
    """Return the example pair as a configuration."""
    return configuration.build(tables(changes), path)


def write(folder: Path, changes: dict[str, Any] | None = None) -> Path:
    """Write the example pair into a folder; return the file's path."""
    path = folder / "hotspare.toml"
    path.write_text(as_toml(tables(changes)), encoding="utf-8")
    return path


def read(path: Path) -> configuration.Configuration:
    """Return what a file says."""
    return configuration.load(path)


def many(count: int) -> Tables:
    """Return the tables of so many pairs in one file."""
    data: Tables = {"group": {}, "unit": {}, "board": {}}
    for number in range(count):
        one, two, a, b = f"p{number}", f"s{number}", f"beacon{number}", f"controller{number}"
        data["group"][f"g{number}"] = {"primaries": [one], "spare": two, "controller": b}
        data["unit"].update({one: {"board": a}, two: {"board": b}})
        data["board"][a] = {"port": f"rig/{a}", "address": 1, "fed_by": one}
        data["board"][b] = {"port": f"rig/{b}", "address": 2}
    return data


def as_toml(data: Tables) -> str:
    """Return tables as TOML: two levels of tables with plain values, as our file has them."""
    parts = []
    for section, table in data.items():
        named = {name: row for name, row in table.items() if isinstance(row, dict)}
        for title, row in [(f"{section}.{name}", row) for name, row in named.items()] or [(section, table)]:
            parts.append("\n".join([f"[{title}]", *(f"{key} = {json.dumps(value)}" for key, value in row.items())]))
    return "\n\n".join(parts) + "\n"
