"""The timeline: what happened in a span of time as lanes of characters, one lane a thing; pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hotspare.rig.trace import Record

WIDTH = 64  # columns of a lane
UNIT_GLYPHS = {"running": "█", "booting": "░", "hung": "x", "off": "·", "leaving": "▒"}
CONTACT_GLYPHS = {"primary": "P", "spare": "S", "": "/"}
CABLE_GLYPHS = {True: "━", False: "╌"}
COIL_GLYPHS = {True: "▀", False: "_"}
LEGEND = (
    "units █ running ░ booting · off   cables ━ joined ╌ cut   coil ▀ driven _ released   line P primary / open S spare"
)


@dataclass
class Lane:
    """One thing over time: `changes` are (microseconds, glyph) in order of time; the first holds from the start."""

    name: str
    changes: list[tuple[int, str]] = field(default_factory=list)

    def add(self, us: int, glyph: str) -> None:
        """Append a change."""
        if not self.changes or self.changes[-1][1] != glyph:
            self.changes.append((us, glyph))

    def between(self, start_us: int, end_us: int) -> set[str]:
        """Return the glyphs that held at any time within [start_us, end_us)."""
        held = {glyph for us, glyph in self.changes if start_us <= us < end_us}
        before = [glyph for us, glyph in self.changes if us <= start_us]
        return held | set(before[-1:])


def lanes_of(records: Iterable[Record], line: str, cables: Sequence[str], units: Sequence[str]) -> list[Lane]:
    """Return a lane for each unit, each cable, the coil and the contact of `line`, from a rig's trace."""
    lanes = {name: Lane(name) for name in (*units, *cables)}
    coil, contact = Lane("coil"), Lane(f"line {line}")
    contact.add(0, CONTACT_GLYPHS["primary"])
    coil.add(0, COIL_GLYPHS[False])
    for cable in cables:
        lanes[cable].add(0, CABLE_GLYPHS[True])
    relay = f"line-{line}"
    for record in records:
        if record.kind == "unit" and record.name in units and record.event in UNIT_GLYPHS:
            lanes[record.name].add(record.us, UNIT_GLYPHS[record.event])
        elif record.kind == "cable" and record.name in cables and record.event in ("cut", "healed"):
            lanes[record.name].add(record.us, CABLE_GLYPHS[record.event == "healed"])
        elif record.kind == "coil" and record.name == relay:
            coil.add(record.us, COIL_GLYPHS[record.event == "energised"])
        elif record.kind == "contact" and record.name == relay:
            contact.add(record.us, CONTACT_GLYPHS[record.detail if record.event == "closed" else ""])
    return [lanes[name] for name in (*units, *cables)] + [coil, contact]


def draw(
    lanes: Sequence[Lane], start_us: int, end_us: int, width: int = WIDTH, zero_us: int | None = None
) -> list[str]:
    """Return the span as lines of text: a lane a line, then an axis in ms; its 0 is `zero_us`, or the start.

    A column shows what is rarest in its time, so that no change hides between two columns.
    """
    name_width = max(len(lane.name) for lane in lanes)
    step_us = max(1.0, (end_us - start_us) / width)
    order = [CONTACT_GLYPHS[""], "S", "P", "╌", "░", "x", "▒", "·", "▀", "█", "━", "_"]
    rows = []
    for lane in lanes:
        cells = []
        for column in range(width):
            at_us = start_us + int(column * step_us)
            held = lane.between(at_us, start_us + int((column + 1) * step_us))
            cells.append(min(held, key=order.index, default=" "))
        rows.append(f"{lane.name:>{name_width}} {''.join(cells)}")
    return [*rows, " " * (name_width + 1) + _axis(start_us, end_us, width, start_us if zero_us is None else zero_us)]


def _axis(start_us: int, end_us: int, width: int, zero_us: int) -> str:
    span_us = end_us - start_us
    first = min(width - 1, (zero_us - start_us) * width // max(1, span_us))
    marks = [" "] * (width + 8)
    for quarter in range(5):
        at_us = zero_us + (end_us - zero_us) * quarter // 4
        label = f"{(at_us - zero_us) / 1000:.0f}"
        place = min(first + quarter * (width - first) // 4, width - 1)
        text = "|" + label + (" ms" if quarter == 4 else "")
        marks[place : place + len(text)] = text
    return "".join(marks).rstrip()
