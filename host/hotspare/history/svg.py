"""A failover drawn as SVG, by hand: lanes, marks, an axis and the events below; text in, text out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from hotspare.history.events import Event
from hotspare.history.failover import Lane, Mark, Picture

WIDTH, LEFT, RIGHT = 1000, 170, 30
TOP, LANE, LANE_GAP, ROW = 64, 24, 8, 18
CHARACTER = 6.8  # width of one at the size of texts, on the safe side
EVENTS_MAX = 30
TEXT_SIZE_MAX = 100  # of an event in the list
TICKS_WANTED = 8
COLOURS = {"good": "#bfe3c6", "bad": "#f3b8b3", "moving": "#fbe3a4", "spare": "#bcd4f2", "quiet": "#e4e4e4"}
MARK_COLOUR = "#333333"


def draw(picture: Picture) -> str:
    """Return the picture as an SVG document."""
    rows = _rows(picture, picture.marks)
    lanes_at = TOP + ROW * (max(rows, default=0) + 1) + 10
    axis_at = lanes_at + len(picture.lanes) * (LANE + LANE_GAP) + 4
    listed, left_out = picture.events[:EVENTS_MAX], len(picture.events) - EVENTS_MAX
    height = axis_at + 68 + ROW * (len(listed) + (left_out > 0)) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">',
        '<g font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="12">',
        f"<title>{escape(picture.title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(16, 26, picture.title, size=15, weight="bold"),
        _text(16, 46, _caption(picture), fill="#555555"),
    ]
    for number, lane in enumerate(picture.lanes):
        parts += _lane(picture, lane, lanes_at + number * (LANE + LANE_GAP))
    parts += _axis(picture, axis_at, lanes_at)
    for mark, row in zip(picture.marks, rows, strict=True):
        parts += _mark(picture, mark, TOP + ROW * (row + 1), axis_at)
    parts += _events(listed, axis_at + 68, left_out)
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


def _x(picture: Picture, at_ms: float) -> float:
    share = (at_ms - picture.start_ms) / max(1e-9, picture.end_ms - picture.start_ms)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _caption(picture: Picture) -> str:
    off = ", ".join(f"{board} ±{ms:.1f} ms" for board, ms in picture.errors)
    return f"0 is {picture.zero:%Y-%m-%d %H:%M:%S}.{picture.zero.microsecond // 1000:03d} UTC; {off}"


def _text(x: float, y: float, text: str, size: int = 12, weight: str = "", anchor: str = "", fill: str = "") -> str:
    more = "".join(
        f' {name}="{value}"'
        for name, value in (("font-weight", weight), ("text-anchor", anchor), ("fill", fill))
        if value
    )
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{more}>{escape(text)}</text>'


def _lane(picture: Picture, lane: Lane, y: int) -> Iterable[str]:
    name = f"{lane.kind} {lane.name}".strip()
    yield _text(LEFT - 10, y + LANE - 7, name, anchor="end")
    yield f'<rect x="{LEFT}" y="{y}" width="{WIDTH - LEFT - RIGHT}" height="{LANE}" fill="#f7f7f7"/>'
    for span in lane.spans:
        x, end = _x(picture, span.start_ms), _x(picture, span.end_ms)
        yield (
            f'<rect x="{x:.1f}" y="{y}" width="{max(1.0, end - x):.1f}" height="{LANE}" fill="{COLOURS[span.tone]}" '
            f'stroke="#ffffff"><title>{escape(name)}: {escape(span.text)}</title></rect>'
        )
        if len(span.text) * CHARACTER + 10 <= end - x:
            yield _text(x + 5, y + LANE - 8, span.text)
    for at_ms in sorted({round(_x(picture, at_ms)) for at_ms in lane.ticks}):
        yield f'<line x1="{at_ms}" y1="{y + LANE - 6}" x2="{at_ms}" y2="{y + LANE}" stroke="#555555"/>'


def _axis(picture: Picture, y: int, lanes_at: int) -> Iterable[str]:
    yield f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#888888"/>'
    step = _step(picture.end_ms - picture.start_ms)
    digits = max(0, -math.floor(math.log10(step)))
    for number in range(math.ceil(picture.start_ms / step), math.floor(picture.end_ms / step) + 1):
        x = _x(picture, number * step)
        yield f'<line x1="{x:.1f}" y1="{lanes_at}" x2="{x:.1f}" y2="{y + 4}" stroke="#dddddd" stroke-width="0.5"/>'
        yield _text(x, y + 18, f"{number * step:.{digits}f}", anchor="middle", fill="#555555")
    yield _text((LEFT + WIDTH - RIGHT) / 2, y + 36, "ms from the cause", anchor="middle", fill="#555555")


def _step(span_ms: float) -> float:
    rough = max(span_ms, 1e-3) / TICKS_WANTED
    size = 10.0 ** math.floor(math.log10(rough))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)


def _label(mark: Mark) -> str:
    return f"{mark.name} {mark.at_ms:.0f} ms"


def _rows(picture: Picture, marks: Sequence[Mark]) -> list[int]:
    """Return the row of each mark's label, so that none lies over another."""
    taken: list[list[tuple[float, float]]] = []
    rows = []
    for mark in marks:
        x, end = _extent(picture, mark)
        row = next((it for it, spans in enumerate(taken) if all(end < a or x > b for a, b in spans)), len(taken))
        if row == len(taken):
            taken.append([])
        taken[row].append((x, end))
        rows.append(row)
    return rows


def _extent(picture: Picture, mark: Mark) -> tuple[float, float]:
    """Return from where to where a label goes: to the right of its line, where there is room."""
    x, width = _x(picture, mark.at_ms), len(_label(mark)) * CHARACTER + 12
    return (x, x + width) if x + width <= WIDTH - 4 else (x - width, x)


def _mark(picture: Picture, mark: Mark, y: int, axis_at: int) -> Iterable[str]:
    x, (start, _) = _x(picture, mark.at_ms), _extent(picture, mark)
    yield (
        f'<line x1="{x:.1f}" y1="{y - 12}" x2="{x:.1f}" y2="{axis_at}" stroke="{MARK_COLOUR}" stroke-dasharray="3 3">'
        f"<title>{escape(mark.text)}</title></line>"
    )
    to_right = start >= x
    yield _text(x + (5 if to_right else -5), y, _label(mark), weight="bold", anchor="" if to_right else "end")


def _events(listed: Sequence[tuple[float, Event]], y: int, left_out: int) -> Iterable[str]:
    for number, (at_ms, event) in enumerate(listed):
        at = y + number * ROW
        yield _text(LEFT - 90, at, f"{at_ms:.1f} ms", anchor="end", fill="#555555")
        yield _text(LEFT - 80, at, event.board, fill="#555555")
        yield _text(LEFT + 30, at, _said(event))
    if left_out > 0:
        yield _text(LEFT + 30, y + len(listed) * ROW, f"and {left_out} more: hotspare log", fill="#555555")


def _said(event: Event) -> str:
    text = f"{event.name}: {event.text}"
    return text if len(text) <= TEXT_SIZE_MAX else text[: TEXT_SIZE_MAX - 3] + "..."
