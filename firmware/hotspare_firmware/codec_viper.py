"""Compiled twins of the two loops of hotspare_wire.cobs, for boards with native code; imports micropython.

They take and return what the plain ones do and are held to the same vectors. Viper checks no bounds: the callers' sizes
(PAYLOAD_LIMIT, WIRE_MAX, `limit`) are what keeps them inside their buffers.
"""

import micropython
from micropython import const

_SIZE = const(0)
_LEFT = const(1)
_BEGUN = const(2)
_FAULT = const(3)
_OVERSIZE = const(1)
_BROKEN = const(2)


@micropython.viper
def encode(source: ptr8, size: int, target: ptr8) -> int:
    """Write delimiter, COBS of source[:size], delimiter into `target`; return the count of bytes (size + 3)."""
    target[0] = 0
    mark = 1
    end = size + 2
    place = 2
    while place < end:
        byte = source[place - 2]
        if byte:
            target[place] = byte
        else:
            target[mark] = place - mark
            mark = place
        place += 1
    target[mark] = end - mark
    target[end] = 0
    return end + 1


@micropython.viper
def decode(source: ptr8, start: int, end: int, target: ptr8, limit: int, state: ptr8) -> int:
    """Take bytes source[start:end] until a delimiter ends a frame; return the place behind the last byte taken."""
    size = state[_SIZE]
    left = state[_LEFT]
    begun = state[_BEGUN]
    fault = state[_FAULT]
    place = start
    while place < end:
        byte = source[place]
        place += 1
        if byte:
            if left:
                left -= 1
            else:
                left = byte - 1
                if not begun:
                    begun = 1
                    continue
                byte = 0
            if size < limit:
                target[size] = byte
                size += 1
            else:
                fault = _OVERSIZE
        elif begun:
            if left and not fault:
                fault = _BROKEN
            break
    state[_SIZE] = size
    state[_LEFT] = left
    state[_BEGUN] = begun
    state[_FAULT] = fault
    return place
