"""Tables of the firmware for the documents, from its own plain data: pins of a board, patterns of the LED."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

FIRMWARE = Path(__file__).parents[2] / "firmware" / "hotspare_firmware"


def _data(path: str) -> dict[str, Any]:
    # read as data: no document imports the firmware
    return runpy.run_path(str(FIRMWARE / path))


def pins_pico() -> str:
    """Return the table of a Pico's pins."""
    rows = [f"| `{name}` | GP{gpio} | {meaning} |" for name, gpio, meaning in _data("wiring/pico.py")["PINS"]]
    return "\n".join(["| name | pin | what to connect |", "|---|---|---|", *rows])


def led() -> str:
    """Return the table of the LED's patterns, a second each."""
    data = _data("led.py")
    slots = data["SLOTS"]
    rows = []
    for bits, meaning in data["PATTERNS"]:
        looks, _, says = meaning.partition(": ")
        drawn = "".join("●" if bits >> (slots - 1 - slot) & 1 else "○" for slot in range(slots))
        rows.append(f"| `{drawn}` | {looks} | {says} |")
    head = f"One second is eight slots of {data['SLOT_MS']} ms."
    return "\n".join([head, "", "| one second | looks like | says |", "|---|---|---|", *rows])
