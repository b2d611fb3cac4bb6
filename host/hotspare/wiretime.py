"""How long frames take on a serial line, and what fits between two beats: arithmetic, no I/O."""

from __future__ import annotations

import math

from hotspare_wire import frame, messages

BITS_A_BYTE = 10  # start, eight, stop
BITS_AT_RISK = 9  # of these: a wrong stop bit is a flag of the receiver, which no port of MicroPython looks at
SENT_EVERY = 0.9  # a beat goes out every 0.9 interval
LINE_SHARE = 0.5  # of the time between two beats, what a beat may take: the rest is for queries and their answers


def size_on_wire(kind: int) -> int:
    """Return the bytes on the wire of a message without a rest."""
    return messages.body_size(kind) + frame.PAYLOAD_MIN + frame.WIRE_OVERHEAD


def between_ms(interval_ms: int) -> int:
    """Return the time between two beats in whole ms, as the boards count it."""
    return round(interval_ms * SENT_EVERY * 10) // 10


HEARTBEAT_SIZE = size_on_wire(messages.HEARTBEAT)
REPORT_SIZE = size_on_wire(messages.REPORT)


def wire_ms(size: int, baud: int) -> float:
    """Return how long `size` bytes take on a serial line."""
    return size * BITS_A_BYTE * 1000 / baud


def interval_least_ms(size: int, baud: int) -> int:
    """Return the shortest interval in which a frame of `size` bytes fits."""
    return math.ceil(wire_ms(size, baud) / (SENT_EVERY * LINE_SHARE))


def baud_least(size: int, interval_ms: int) -> int:
    """Return the lowest baud rate at which a frame of `size` bytes fits into the interval."""
    return math.ceil(size * BITS_A_BYTE * 1000 / (SENT_EVERY * LINE_SHARE * interval_ms))
