"""Pages: records on raw flash that survive a cut at any operation; a flash is given, no clock and no pin is touched.

A page of the flash is cut into slots. Slot 0 says that the page was erased as a whole, slot 1 that it is in use, with
its place in the order of pages; records follow, each in as many slots as it needs. A record is

    what it is: 1 | size of its body: 1 | body | CRC-32 of all before: 4

and whatever is no such record is skipped: half written, worn, or left from before. Bits of the flash only fall, so a
slot that is free holds nothing but ones. Nothing is written twice: what does not read back goes into another piece.
"""

import binascii
import struct

SLOT = 32
PIECE_MAX = 256  # bytes of one program: under a millisecond of stall
PAGES_MIN = 4  # fewer are of no use: one is written to, two are kept erased, one is remembered
RESERVE = 2  # pages that are kept erased: what happens before the next quiet moment has room
BOOT_ERASES_MAX = 3
PIECE_FAULTS_MAX = 2  # pieces of one page that do not read back; then it is given up until the next boot

FREE, BROKEN = 0xFF, 0  # what a slot holds besides records
CLEAN, HEAD, EVENT, STATE = 0xC3, 0x96, 0xA5, 0x5A
FIRST_SLOT = 2  # behind CLEAN and HEAD
_CLEAN = "<I8sI"  # recorder, nonce, erases
_HEAD = "<III"  # recorder, place in the order of pages, number of the next record
_WRAP = 6  # bytes around a body
BODY_MAX = PIECE_MAX - _WRAP
PER_PIECE = PIECE_MAX // SLOT
_BLANK = b"\xff" * PIECE_MAX
_ONES = _BLANK[:SLOT]


def slots_of(size):
    """Return how many slots a record with a body of `size` bytes takes."""
    return (size + _WRAP + SLOT - 1) // SLOT


class Pages:
    """All pages of one flash. `draw` returns 8 random bytes; `recorder` is a number drawn when they are first used."""

    def __init__(self, flash, draw):
        self.flash = flash
        self.count = flash.pages if flash and flash.pages >= PAGES_MIN else 0
        self.recorder = 0
        self.used: list = []  # (place in the order, page, number of the first record), oldest first
        self.clean: list = []
        self.dirty: list = []  # to be erased before they are of use
        self.bad = 0  # pages that do not take what is written
        self.slot = 0  # the next free one of the newest page
        self.slots = flash.page_size // SLOT if self.count else 0
        self.body = bytearray(BODY_MAX)  # of the record that was read last
        self.size = 0
        self._draw = draw
        self._erases = [0] * self.count
        self._order = 0
        self._faults = 0
        self._record = bytearray(PIECE_MAX)
        self._piece = bytearray(PIECE_MAX)
        self._back = bytearray(PIECE_MAX)
        self._from = self._to = 0  # slots that the piece under construction holds
        self._find()
        for _ in range(BOOT_ERASES_MAX):  # a board that boots is silent anyway: there is nobody to warn
            least = 1 if self.used else BOOT_ERASES_MAX
            if len(self.clean) < least and self.wants_erase() and (self.dirty or self.is_full()):
                self.erase()

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self, page, slot):
        """Return what record begins at a slot, its body then in `body` and `size`; FREE or BROKEN if none does."""
        record = self._record
        view = memoryview(record)
        self.flash.read(page, slot * SLOT, view[:SLOT])
        if record[0] == FREE and view[:SLOT] == _ONES:
            return FREE
        size = record[1]
        slots = slots_of(size)
        if size > BODY_MAX or slot + slots > self.slots or record[0] not in (CLEAN, HEAD, EVENT, STATE):
            return BROKEN
        if slots > 1:
            self.flash.read(page, (slot + 1) * SLOT, view[SLOT : slots * SLOT])
        if binascii.crc32(view[: size + 2]) != struct.unpack_from("<I", record, size + 2)[0]:
            return BROKEN
        self.body[:size] = view[2 : size + 2]
        self.size = size
        return record[0]

    def _find(self):
        """See what every page is; the newest one decides whose pages they are."""
        found = []
        for page in range(self.count):
            if self.read(page, 0) != CLEAN or self.size != struct.calcsize(_CLEAN):
                self.dirty.append(page)
                continue
            recorder, _, self._erases[page] = struct.unpack_from(_CLEAN, self.body, 0)
            what = self.read(page, 1)
            if what == FREE:
                found.append((-1, page, 0, recorder))
            elif what == HEAD and self.size == struct.calcsize(_HEAD):
                owner, order, first = struct.unpack_from(_HEAD, self.body, 0)
                found.append((order, page, first, owner))
            else:
                self.dirty.append(page)
        found.sort()
        self.recorder = found[-1][3] if found else struct.unpack_from("<I", self._draw(), 0)[0]
        for order, page, first, recorder in found:
            if recorder != self.recorder:
                self.dirty.append(page)
            elif order < 0:
                self.clean.append(page)
            else:
                self.used.append((order, page, first))
        if self.used:
            self._order = self.used[-1][0] + 1
            self.slot = self._end(self.used[-1][1])

    def _end(self, page):
        """Return the slot behind the last one of a page in which anything was written."""
        end = slot = FIRST_SLOT
        while slot < self.slots:
            what = self.read(page, slot)
            if what == FREE:
                slot += 1
            else:
                slot += 1 if what == BROKEN else slots_of(self.size)
                end = slot
        return end

    # -- writing ------------------------------------------------------------------------------------------------

    def is_full(self):
        """Return whether the newest page takes no more records."""
        return not self.used or self.slot >= self.slots

    def open(self, number):
        """Take an erased page into use, `number` being that of the next record; return whether one was."""
        if not self.clean:
            return False
        page = self.clean.pop(0)
        if not self._mark(page, 1, HEAD, struct.pack(_HEAD, self.recorder, self._order, number)):
            return False
        self.used.append((self._order, page, number))
        self._order += 1
        self._faults = 0
        self.slot = FIRST_SLOT
        return True

    def begin(self):
        """Begin a piece: what is put into it is written together."""
        self._from = self._to = self.slot
        self._piece[:] = _BLANK

    def put(self, what, body):
        """Put one record into the piece; return False if it has no room there, then nothing is put."""
        size = len(body)
        slots = slots_of(size)
        end = min((self._from // PER_PIECE + 1) * PER_PIECE, self.slots)
        if self._to + slots > end and self._to == self._from:
            self._from = self._to = self.slot = end  # the rest of this piece stays free for good
            end = min(end + PER_PIECE, self.slots)
        if self._to + slots > end:
            return False
        at = self._to % PER_PIECE * SLOT
        piece = self._piece
        piece[at] = what
        piece[at + 1] = size
        piece[at + 2 : at + 2 + size] = body
        struct.pack_into("<I", piece, at + 2 + size, binascii.crc32(memoryview(piece)[at : at + 2 + size]))
        self._to += slots
        return True

    def program(self):
        """Write the piece; return whether it reads back. One that does not is not written to again."""
        if self._write(self.used[-1][1]):
            self.slot = self._to
            return True
        self.slot = (self._from // PER_PIECE + 1) * PER_PIECE
        self._faults += 1
        if self._faults == PIECE_FAULTS_MAX:
            self.slot = self.slots
            self.bad += 1
        return False

    def _write(self, page):
        unit = max(self.flash.program_size, SLOT)
        first, last = self._from * SLOT, self._to * SLOT
        start = first // unit * unit  # in whole units of the flash: ones beside the records change nothing
        end = (last + unit - 1) // unit * unit
        base = self._from // PER_PIECE * PIECE_MAX
        piece = memoryview(self._piece)
        self.flash.program(page, start, piece[start - base : end - base])
        view = memoryview(self._back)[: last - first]
        self.flash.read(page, first, view)
        return view == piece[first - base : last - base]

    def _mark(self, page, slot, what, body):
        """Write one record of one slot to any page; a page that does not take it is out of use until the next boot."""
        kept = self.slot
        self.slot = slot
        self.begin()
        self.put(what, body)
        self.slot = kept
        if self._write(page):
            return True
        self.bad += 1
        return False

    # -- erasing ------------------------------------------------------------------------------------------------

    def wants_erase(self):
        """Return whether a page is to be erased in the next quiet moment."""
        least = RESERVE if self.used else RESERVE + 1
        return len(self.clean) < least and len(self.dirty) + len(self.used) > 1

    def erase(self):
        """Erase a page, the oldest one in use if no other is there for it: it stalls the board."""
        page = self.dirty.pop(0) if self.dirty else self.used.pop(0)[1]
        self.flash.erase(page)
        slot = memoryview(self._record)[:SLOT]
        for place in range(self.slots):
            self.flash.read(page, place * SLOT, slot)
            if slot != _ONES:
                self.bad += 1
                return
        self._erases[page] += 1
        if self._mark(page, 0, CLEAN, struct.pack(_CLEAN, self.recorder, self._draw(), self._erases[page])):
            self.clean.append(page)
