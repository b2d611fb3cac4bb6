"""COBS in two inner loops over caller-owned buffers: nothing is allocated, nothing is raised; imports nothing.

Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999) takes every zero
out of a payload so that a zero can delimit frames. Payloads here are at most 253 bytes, so the overhead is one byte. A
board may put compiled twins of both loops in their place; the vectors are the same.
"""

# state of the streaming decoder, one byte each, so that a compiled twin can share it
SIZE, LEFT, BEGUN, FAULT = 0, 1, 2, 3
STATE_SIZE = 4
# what FAULT holds
CLEAN, OVERSIZE, BROKEN = 0, 1, 2
# most payload bytes that one overhead byte can cover with a size that fits the state's byte; also the greatest limit of
# a decoder, so that COBS's code 255, which no zero follows, always ends as oversize or broken and needs no case
PAYLOAD_LIMIT = 253


def encode(source, size: int, target: bytearray) -> int:
    """Write delimiter, COBS of source[:size], delimiter into `target`; return the count of bytes (size + 3).

    `size` is at most PAYLOAD_LIMIT and `target` holds at least size + 3 bytes: the caller sees to both.
    """
    target[0] = 0
    mark = 1  # where the code of the block under way belongs
    end = size + 2
    for place in range(2, end):
        byte = source[place - 2]
        if byte:
            target[place] = byte
        else:
            target[mark] = place - mark
            mark = place
    target[mark] = end - mark
    target[end] = 0
    return end + 1


def decode(source, start: int, end: int, target: bytearray, limit: int, state: bytearray) -> int:
    """Take bytes source[start:end] until a delimiter ends a frame; return the place behind the last byte taken.

    Delimiters before a frame are passed over. Decoded bytes go to `target`, at most `limit` of them.
    `state` (STATE_SIZE bytes, zeros to begin a frame) carries the frame over calls. A frame has ended when state[BEGUN]
    is not zero and the byte before the returned place is; then state[SIZE] is its size and state[FAULT] tells what was
    wrong with it, and the caller clears `state` for the next one.
    """
    size = state[SIZE]
    left = state[LEFT]
    begun = state[BEGUN]
    fault = state[FAULT]
    place = start - 1
    for place in range(start, end):
        byte = source[place]
        if byte:
            if left:
                left -= 1
            else:
                # a new block: its code counts itself, and the zero that ended the block before stands in front of it
                left = byte - 1
                if not begun:
                    begun = 1
                    continue
                byte = 0
            if size < limit:
                target[size] = byte
                size += 1
            else:
                fault = OVERSIZE
        elif begun:
            if left and not fault:
                fault = BROKEN
            break
    state[SIZE] = size
    state[LEFT] = left
    state[BEGUN] = begun
    state[FAULT] = fault
    return place + 1
