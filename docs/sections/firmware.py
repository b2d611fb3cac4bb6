"""Tables of the firmware for the documents, from its own plain data: pins and rules of boards, patterns of the LED."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from docs.sections.markdown import table
from hotspare import wiring

FIRMWARE = Path(__file__).parents[2] / "firmware" / "hotspare_firmware"


def _data(path: str) -> dict[str, Any]:
    # read as data: no document imports the firmware
    return runpy.run_path(str(FIRMWARE / path))


def pins_pico() -> str:
    """Return the table of a Pico's pins."""
    return _pins("pico")


def pins_esp32() -> str:
    """Return the table of an ESP32's pins."""
    return _pins("esp32")


def pins_esp32s3() -> str:
    """Return the table of an ESP32-S3's pins."""
    return _pins("esp32s3")


def pins_pyboard() -> str:
    """Return the table of a pyboard's pins."""
    return _pins("pyboard")


def _pins(kind: str) -> str:
    it = wiring.of(kind)
    mark = {"pico": "GP", "pyboard": ""}.get(kind, "GPIO")
    rows = [(f"`{name}`", f"{mark}{pad}", it.meanings[name]) for name, pad in it.pins.items()]
    return table(("name", "pin", "what to connect"), rows)


def rules_pico() -> str:
    """Return the rules of a Pico's hardware."""
    return _rules("pico")


def rules_esp32() -> str:
    """Return the rules of an ESP32's hardware."""
    return _rules("esp32")


def rules_esp32s3() -> str:
    """Return the rules of an ESP32-S3's hardware."""
    return _rules("esp32s3")


def rules_pyboard() -> str:
    """Return the rules of a pyboard's hardware."""
    return _rules("pyboard")


def _rules(kind: str) -> str:
    # they stand where the pins are, for whoever changes one
    said = _data(f"wiring/{kind}.py")["__doc__"] or ""
    return str(said.partition("\n\n")[2])


def _yes_no(has: bool) -> str:
    return "yes" if has else "no"


def boards() -> str:
    """Return what each kind of board has, side by side."""
    rows = []
    for it in map(wiring.of, wiring.KINDS):
        resets = "only by a loss of power" if it.keeps_pads else "by every reset"
        heap, network = f"{it.heap_kb} KB", _yes_no(it.network)
        rows.append((f"`{it.kind}`", str(it.lines), str(len(it.uarts)), resets, heap, network))
    heads = ("kind", "lines", "UARTs for cables", "pads return to their reset state", "heap, about", "network")
    return table(heads, rows)


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
