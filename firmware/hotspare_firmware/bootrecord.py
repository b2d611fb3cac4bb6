"""The boot record: four words of memory that outlive a reset, so that the next boot knows why; no pin, clock or file.

0  CRC-32 of the next two
1  intent, 4 bits; resets counted, 4; how long ago the first of them was and the second, in s, 10 each
2  where the last exception came from, 16; uptime in minutes, 16
3  the part of a step that checked in last, 3; the longest lateness of a step in ms, 15; kind of the last exception, 5

The last word is written with each part of a step, in one store and without the CRC: it is worth what the others are.
"""

import binascii
import struct

from hotspare_engine.words import C_EXCEPTION, C_MAINTENANCE, C_PLANNED, C_POWER, C_WATCHDOG

# what a board may mean by a reset, as the cause that the next boot tells; 0: nothing
PLANNED, MAINTENANCE = C_PLANNED, C_MAINTENANCE

RESETS_MAX = 3  # resets by the watchdog or an exception within the window, from which on the board holds still
RESETS_COUNTED = 15  # the count stops here
WINDOW_S = 600
WRITE_EVERY_S = 10  # so much may be missing of ages and uptime
AGE_MAX_S = 1023
UPTIME_MAX_MIN = 0xFFFF
LATE_MAX_MS = 0x7FFF
LATE_SHIFT, KIND_SHIFT, PART_MASK = 3, 18, 7
SIZE, AT_ONE, AT_TWO, AT_LIVE = 16, 4, 8, 12
SALT = 0xB007  # where the CRC begins: another layout needs another one
KINDS = 14  # of exceptions that are told apart; the last is any other


def kind_of(error):
    """Return the number of an exception's kind; their names stand in hotspare_engine.names."""
    kinds: tuple = (MemoryError, OSError, IndexError, KeyError, ValueError, TypeError, AttributeError, NameError)
    kinds += (ImportError, AssertionError, ZeroDivisionError, OverflowError, RuntimeError)
    for place, kind in enumerate(kinds):
        if isinstance(error, kind):
            return place + 1
    return KINDS


def place_of(text):
    """Return 16 bits that stand for the place an exception came from, out of its text: what it says is left out."""
    crc = binascii.crc32(text[: text.rstrip().rfind("\n") + 1].encode())
    return (crc ^ crc >> 16) & 0xFFFF


class BootRecord:
    """What the last boot left, judged, and what this one leaves.

    `words[at]` is the first of the four, as machine.mem32 has them; `chip` is the cause of the reset as the chip says
    it. `known` says that the last boot left something; of it are `was`, its intent, `part`, `late_ms`, `uptime_min`.
    `cause` is the true one. `kind` and `where` are those of the last exception, this boot's or an earlier one's.
    """

    def __init__(self, words, at, chip):
        self.words = words
        self.at = at
        self.live_at = at + AT_LIVE
        self.chip = chip
        self._data = bytearray(AT_LIVE - AT_ONE)
        one, two, live = words[at + AT_ONE], words[at + AT_TWO], words[at + AT_LIVE]
        self.known = chip != C_POWER and words[at] == self._crc(one, two)
        if not self.known:
            one = two = live = 0
        self.was = one & 15
        self.resets = one >> 4 & 15
        self.first_s = one >> 8 & AGE_MAX_S
        self.second_s = one >> 18 & AGE_MAX_S
        self.where = two & 0xFFFF
        self.uptime_min = two >> 16
        self.part = live & PART_MASK
        self.late_ms = live >> LATE_SHIFT & LATE_MAX_MS
        self.kind = live >> KIND_SHIFT & 31
        self.cause = self.was or chip
        self.intent = self._uptime_s = 0
        if self.known and (self.cause == C_WATCHDOG or self.cause == C_EXCEPTION):
            self._count()  # without a record it was not this firmware that was reset: somebody put it there
        self.live = self.kind << KIND_SHIFT
        words[self.live_at] = self.live
        self._write()

    def _count(self):
        # of the latest three, two have ages, which begin at 0: this one is the third
        self._forget()
        if self.resets < RESETS_COUNTED:
            self.resets += 1

    def _forget(self):
        while 0 < self.resets < RESETS_MAX and self.first_s > WINDOW_S:
            self.resets -= 1
            self.first_s = self.second_s
            self.second_s = 0

    def holds(self):
        """Return whether the board holds still: it was reset too often within the window, and nobody cleared that."""
        return self.resets >= RESETS_MAX

    def is_bare(self):
        """Return whether it was reset again though it held still: then it starts with nothing but its host port."""
        return self.resets > RESETS_MAX

    def clear(self):
        """A person ends the hold: the count begins anew."""
        self.resets = self.first_s = self.second_s = 0
        self._write()

    def intend(self, intent):
        """The board is about to reset itself, and means that; 0: it goes on."""
        self.intent = intent
        self._write()

    def failed(self, error):
        """An exception ended the loop."""
        self.kind = kind_of(error)
        self.where = 0
        live = self.words[self.live_at]
        self.words[self.live_at] = (live & ~(31 << KIND_SHIFT)) | self.kind << KIND_SHIFT
        self.intend(C_EXCEPTION)

    def came_from(self, text):
        """What is printed of the exception tells the place."""
        self.where = place_of(text)
        self._write()

    def late(self, ms):
        """A step was later than any before; return the last word without a part."""
        self.live = min(ms, LATE_MAX_MS) << LATE_SHIFT | self.kind << KIND_SHIFT
        return self.live

    def elapsed(self):
        """WRITE_EVERY_S have passed."""
        self._uptime_s += WRITE_EVERY_S
        if self.resets:
            self.first_s = min(self.first_s + WRITE_EVERY_S, AGE_MAX_S)
        if self.resets > 1:
            self.second_s = min(self.second_s + WRITE_EVERY_S, AGE_MAX_S)
        self._forget()
        self._write()

    def _crc(self, one, two):
        struct.pack_into("<II", self._data, 0, one, two)
        return binascii.crc32(self._data, SALT)

    def _write(self):
        words = self.words
        one = self.intent | self.resets << 4 | self.first_s << 8 | self.second_s << 18
        two = self.where | min(self._uptime_s // 60, UPTIME_MAX_MIN) << 16
        words[self.at + AT_ONE] = one
        words[self.at + AT_TWO] = two
        words[self.at] = self._crc(one, two)
