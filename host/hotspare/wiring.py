"""Wiring of the kinds of boards, read as data from the firmware's files and never imported; what may stand on a pin."""

from __future__ import annotations

import importlib.util
import re
import runpy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

Pad = int | str  # a GPIO number, or the name that the board prints beside the pin

KINDS: Final = ("pico", "esp32", "esp32s3", "pyboard")

# what a pin of that name is, by the beginning of the name
GUARDED: Final = ("relay", "alarm", "start")  # outputs that may not move by themselves
OUTPUTS: Final = (*GUARDED, "uart0_tx", "uart1_tx", "pulse_out", "led")
LINE_PIN: Final = re.compile(r"(?:relay|sense)(\d+)")


@dataclass(frozen=True)
class Wiring:
    """One kind of board; the fields are those of its wiring file, which says what they mean."""

    kind: str
    pins: Mapping[str, Pad]
    meanings: Mapping[str, str]
    uarts: tuple[tuple[int, str, str], ...]
    uarts_fixed: bool
    pads: tuple[Pad, ...]
    reserved: tuple[Pad, ...]
    strapping: tuple[Pad, ...]
    glitching: tuple[Pad, ...]
    input_only: tuple[Pad, ...]
    keeps_pads: bool
    watchdog_max_ms: int
    watchdog_late_percent: int
    heap_kb: int
    network: bool

    @property
    def lines(self) -> int:
        """How many lines it has pins for."""
        return max(map(self.line_of, self.pins))

    @staticmethod
    def line_of(name: str) -> int:
        """Return the line, from 1, that a pin belongs to; 0 for one that is the board's own."""
        found = LINE_PIN.match(name)
        return int(found[1]) if found else 0

    def number(self, pad: Pad) -> int:
        """Return the number by which the emulated rig knows a pad."""
        return pad if isinstance(pad, int) else self.pads.index(pad)


@cache
def of(kind: str) -> Wiring:
    """Return the wiring of a kind; raises ValueError for one that there is not."""
    if kind not in KINDS:
        raise ValueError(f"no kind of board is called {kind}: there is {', '.join(KINDS)}")
    spec = importlib.util.find_spec("hotspare_firmware")
    if spec is None or not spec.submodule_search_locations:
        raise ValueError("package hotspare_firmware is not installed: install hotspare again")
    data = runpy.run_path(str(Path(spec.submodule_search_locations[0]) / "wiring" / f"{kind}.py"))
    return Wiring(
        kind=data["KIND"],
        pins={name: pad for name, pad, _ in data["PINS"]},
        meanings={name: meaning for name, _, meaning in data["PINS"]},
        uarts=data["UARTS"],
        uarts_fixed=data["UARTS_FIXED"],
        pads=data["PADS"],
        reserved=data["RESERVED"],
        strapping=data["STRAPPING"],
        glitching=data["GLITCHING"],
        input_only=data["INPUT_ONLY"],
        keeps_pads=data["KEEPS_PADS"],
        watchdog_max_ms=data["WATCHDOG_MAX_MS"],
        watchdog_late_percent=data["WATCHDOG_LATE_PERCENT"],
        heap_kb=data["HEAP_KB"],
        network=data["NETWORK"],
    )


def fault(wiring: Wiring, name: str, pad: Pad) -> str:
    """Return why the pin called `name` can not stand on a pad of this kind; "" if it can."""
    if pad not in wiring.pads:
        return "the board has no such pin"
    if pad in wiring.reserved:
        return "it belongs to the board itself"
    if name.startswith(OUTPUTS) and pad in wiring.input_only:
        return "it is an input only"
    if name != "led" and pad in wiring.strapping:
        return "its level at power-up says how the chip boots"
    if name.startswith(GUARDED) and pad in wiring.glitching:
        return "it is high by itself at power-up or while the chip boots"
    return ""


def faults(wiring: Wiring, pins: Mapping[str, Pad]) -> list[str]:
    """Return one text for each pin that breaks a rule of its board, or shares its pad with another."""
    return [f"{name} = {pad}: {why}" for name, pad in pins.items() if (why := fault(wiring, name, pad))] + shared(pins)


def shared(pins: Mapping[str, Pad]) -> list[str]:
    """Return one text for each pin on the pad of another."""
    found = []
    taken: dict[Pad, str] = {}
    for name, pad in pins.items():
        if pad in taken:
            found.append(f"{name} = {pad}: {taken[pad]} stands there")
        taken.setdefault(pad, name)
    return found
