"""A failover drawn for the terminal: the lanes of `timeline`, the marks and their events below; text out."""

from __future__ import annotations

from hotspare import timeline
from hotspare.history.failover import Lane, Picture

# what a span says, the glyph that stands for it; glyphs are those of `timeline`
GLYPHS = {
    "board": {"normal": "P", "on-spare": "S", "switching": "/"},
    "unit": {"ok": "█", "failed": "x", "fenced": "x", "impaired": "▒", "leaving": "▒", "off": "·"},
    "path": {"alive": "━", "silent": "╌"},
    "relay": {"to spare": "▀", "to primary": "_"},
}
LEGEND = (
    "units █ ok ▒ impaired, leaving x failed ░ unknown   paths ━ alive ╌ silent",
    "relay ▀ to the spare _ to the primary   line and board P primary / moving S spare",
)
UNKNOWN = "░"


def draw(picture: Picture) -> list[str]:
    """Return the picture as lines of text."""
    off = ", ".join(f"{board} +-{ms:.1f} ms" for board, ms in picture.errors)
    zero = f"0 is {picture.zero:%Y-%m-%d %H:%M:%S}.{picture.zero.microsecond // 1000:03d}Z; {off}"
    lanes = [_lane(lane) for lane in picture.lanes if lane.spans and lane.kind != "winner"]
    start_us, end_us = round(picture.start_ms * 1000), round(picture.end_ms * 1000)
    marks = [f"{mark.at_ms:7.1f} ms  {mark.name:8}  {mark.text}" for mark in picture.marks]
    return [picture.title, zero, "", *timeline.draw(lanes, start_us, end_us, zero_us=0), "", *LEGEND, "", *marks]


def _lane(lane: Lane) -> timeline.Lane:
    drawn = timeline.Lane(f"{lane.kind} {lane.name}")
    for span in lane.spans:
        drawn.add(round(span.start_ms * 1000), _glyph(lane, span.text, span.tone))
    return drawn


def _glyph(lane: Lane, text: str, tone: str) -> str:
    if lane.kind == "line":
        return {"good": "P", "spare": "S"}.get(tone, "/")
    return GLYPHS.get(lane.kind, {}).get(text, UNKNOWN)
