"""NOR flash under a board's filesystem, as strict as the real one; the core of rp2.py and esp32.py; on MicroPython.

The filesystem is a folder. Of its files those of exactly one block in /pages stand in blocks of the device, as littlefs
has them; what stands in all others is the filesystem's own, and whoever writes there would have destroyed it. Bits only
fall until their block is erased. Every program and erase stalls the chip, and power may go in the midst of one: the rig
says so in the page that it shares with the board.
"""

import os
import struct

from rig_end import AT_FLASH, OP_CUT, OP_FLASH, end, page, say
from uart import stall

BLOCK = 4096
PIECE = 256  # of a program
PROGRAM_US = 700  # of one piece
STATE = "<IIII"  # operations so far; the one at which power goes, and how; microseconds of an erase
ERASE_US = 3
FOLDER = "/pages/"
FIRST, STEP = 7, 3  # where the files stand, so that a page's number is not its block's
WHOLE, NONE, PART_30, PART_70, GARBLED = range(5)  # how much of an operation is done when power goes in it


def _number(block):
    """Return the number of the page that stands in a block, -1 where none does."""
    number = _place(block)
    if number < 0:
        return -1
    try:
        return number if os.stat(_name(number))[6] == BLOCK else -1
    except OSError:
        return -1


def _place(block):
    """Return the number of the page for which a block is, whether it stands there or not, -1 for none."""
    number = (block - FIRST) // STEP
    return -1 if block < FIRST or (block - FIRST) % STEP or number > 99 else number


def _name(number):
    return FOLDER + "%02d" % number


def _own(block):
    number = _number(block)
    if number < 0:
        if _place(block) >= 0:
            raise OSError(5)  # the folder was taken away
        raise ValueError("block %d is none of the firmware's: its filesystem would be destroyed" % block)
    return number


def read(block, offset, buffer):
    """Fill the buffer from a block."""
    number = _number(block)
    if number >= 0:
        with open(_name(number), "rb") as file:
            file.seek(offset)
            file.readinto(buffer)
        return
    for at in range(len(buffer)):
        buffer[at] = 255 if block & 3 == 0 else block * 37 + (offset + at) * 11 & 255


def program(block, offset, data):
    """Let bits fall."""
    number = _own(block)
    for at in range(0, len(data), PIECE):
        piece = data[at : at + PIECE]
        how = _cut()
        done = _part(how, len(piece))
        with open(_name(number), "r+b") as file:
            file.seek(offset + at)
            content = bytearray(file.read(len(piece)))
            chance = os.urandom(done) if how == GARBLED else None
            for i in range(done):
                content[i] &= piece[i] | chance[i] if chance else piece[i]
            file.seek(offset + at)
            file.write(content)
        _end(number, 0, PROGRAM_US, how)


def erase(block):
    """Let all bits of a block rise."""
    number = _own(block)
    how = _cut()
    done = _part(how, BLOCK)
    with open(_name(number), "r+b") as file:
        for at in range(0, done, PIECE):  # in pieces: a block is more than the heap of a board may have in one
            size = min(PIECE, done - at)
            file.write(os.urandom(size) if how == GARBLED else b"\xff" * size)
    _end(number, 1, _state()[ERASE_US], how)


def _part(how, size):
    return (size, 0, size * 3 // 10, size * 7 // 10, size)[how] if how >= 0 else size


def _state():
    data = bytearray(struct.calcsize(STATE))
    page.seek(AT_FLASH)
    page.readinto(data)
    return struct.unpack(STATE, data)


def _cut():
    """Return how much of the next operation is done before power goes; negative: it stays."""
    done, cut_at, how, _ = _state()
    return how if done == cut_at else -1


def _end(number, erased, stall_us, how):
    done = struct.pack("<I", _state()[0] + 1)
    page.seek(AT_FLASH)
    page.write(done)
    if how < 0:
        stall(stall_us)
        say(OP_FLASH, number, erased, stall_us)
    else:
        say(OP_CUT, number, erased, stall_us)
        end()
