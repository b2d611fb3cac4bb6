"""The recorder: numbered events and the saved state, in memory at once and on raw pages as soon as may be; no clock.

1. Every event has a number, over all boots; one that is missing shows as a gap.
2. `add` and `save` only remember. `pump` writes, with at most one program of the flash for each call.
3. Every page begins with the saved state, so that the page with the newest one is never erased.
4. Without pages events are in memory only and the state goes to a file, as slow as that is.
"""

import struct

from .pages import BODY_MAX, EVENT, FIRST_SLOT, STATE, slots_of

EVENTS_MAX = 200  # kept in memory: what is not written yet, and what was read last
ROW = "<IBii"
ROW_SIZE = struct.calcsize(ROW)
_EVENT = "<IIIBii"  # number, boot, ms since boot, kind, a, b
_STATE = "<III"  # boot, next number, number below which a host keeps everything
STATE_HEAD = struct.calcsize(_STATE)
STATE_MAX = 70  # numbers in a saved state: a head of six and ten requests of six, rounded up
BOOT_PUMPS = 3  # a page to begin with, the state, and once more where that is the end of a page
UNSAVED_MAX = 8  # calls of `pump` that a state may wait


class Recorder:
    """Events as (at_ms, kind, a, b); `pages` are Pages, `store` has the state where there are none."""

    def __init__(self, pages, store):
        self.pages = pages
        self.store = store
        self.id = pages.recorder
        self.boot = 0
        self.next = self.kept = 0
        self.saved: tuple = ()  # as it was found, then as it was saved last
        self.lost = 0  # events that left the memory before they were written
        self.unsaved = 0  # calls for which a state has waited
        self._rows = bytearray(EVENTS_MAX * ROW_SIZE)
        self._kept = 0  # as it was saved last
        self._turns = False  # whether the next page is to be begun
        self._page = self._slot = self._number = 0  # where a search ended: place in the order of pages, slot, number
        self._look_back()
        self.boot += 1
        self._state = pack(self.saved)
        self._due = True  # this boot's number
        self.begun = self.flushed = self.next  # in this boot; written below this number
        for _ in range(BOOT_PUMPS):  # a second boot is not to be taken for this one
            self.pump()

    # -- events -------------------------------------------------------------------------------------------------

    def add(self, at_ms, kind, a, b):
        """Record one event."""
        struct.pack_into(ROW, self._rows, self.next % EVENTS_MAX * ROW_SIZE, at_ms & 0xFFFFFFFF, kind, a, b)
        self.next += 1
        if self.next - self.flushed > EVENTS_MAX:
            self.flushed += 1
            if self.pages.count:
                self.lost += 1

    def first(self):
        """Return the number of the oldest event kept."""
        used = self.pages.used
        return used[0][2] if used else max(self.begun, self.next - EVENTS_MAX)

    def get(self, number):
        """Return (number, boot, at_ms, kind, a, b) of an event or of the first one kept after it, None without one."""
        held = max(self.begun, self.next - EVENTS_MAX)
        if number < held:
            found = self._find(number)
            if found:
                return found
        number = max(number, held)
        if number >= self.told():
            return None
        return (number, self.boot) + struct.unpack_from(ROW, self._rows, number % EVENTS_MAX * ROW_SIZE)

    def told(self):
        """Return the number below which events may be told: what is not written could get another number's content.

        A flash that takes nothing any more is waited for in vain: what is in memory is told then.
        """
        pages = self.pages
        return self.next if not pages.count or (pages.is_full() and not pages.clean) else self.flushed

    def keep(self, recorder, number):
        """A host keeps every event below this number; return whether they are ours."""
        if recorder != self.id or number > self.told():
            return False
        self.kept = max(self.kept, number)
        return True

    def _find(self, number):
        """Return the first event on the pages from a number on, as `get` does; None when there is none."""
        pages = self.pages
        used = pages.used
        place = len(used) - 1
        while place > 0 and used[place][2] > number:
            place -= 1
        while 0 <= place < len(used):
            order, page = used[place][0], used[place][1]
            slot = FIRST_SLOT
            if order == self._page and self._number <= number:
                slot = self._slot
            end = pages.slot if place == len(used) - 1 else pages.slots
            least = None  # behind a piece that did not read back its events stand once more
            while slot < end:
                what = pages.read(page, slot)
                slot += slots_of(pages.size) if what == EVENT or what == STATE else 1
                if what == EVENT:
                    found = struct.unpack_from(_EVENT, pages.body, 0)
                    if found[0] >= number and (not least or found[0] < least[0]):
                        least = found
                        self._page, self._slot, self._number = order, slot, found[0] + 1
                        if found[0] == number:
                            break
            if least:
                return least
            place += 1
        return None

    # -- the saved state ----------------------------------------------------------------------------------------

    def save(self, values):
        """Keep what is to outlive a reset, as small integers, with the next `pump`; what is kept already costs none."""
        assert len(values) <= STATE_MAX
        if values != self.saved or self.kept != self._kept or self.unsaved:
            self.saved = values
            self._state = pack(values)
            assert STATE_HEAD + len(self._state) <= BODY_MAX
            self._due = True

    def _look_back(self):
        """Find the newest saved state and the next number."""
        pages = self.pages
        place = len(pages.used)
        found = False
        while place and not found:
            place -= 1
            _, page, first = pages.used[place]
            self.next = max(self.next, first)
            end = pages.slot if place == len(pages.used) - 1 else pages.slots
            slot = FIRST_SLOT
            while slot < end:
                what = pages.read(page, slot)
                slot += slots_of(pages.size) if what == EVENT or what == STATE else 1
                if what == EVENT:
                    self.next = max(self.next, struct.unpack_from("<I", pages.body, 0)[0] + 1)
                elif what == STATE:
                    found = self._take(pages.body, pages.size) or found
        if not found:
            self.boot, self.saved = self.store.state()
        if pages.count and pages.is_full() and not pages.clean:
            self.next += EVENTS_MAX  # the boot before may have told what it could not write

    def _take(self, body, size):
        values = unpack(body, STATE_HEAD, size)
        if values is None:
            return False
        self.boot, number, self.kept = struct.unpack_from(_STATE, body, 0)
        self._kept = self.kept
        self.next = max(self.next, number)
        self.saved = values
        return True

    # -- writing ------------------------------------------------------------------------------------------------

    def pump(self):
        """Write what waits, with one program of the flash at most; return whether anything waited."""
        if self.flushed == self.next and not self._due and not self._turns:
            return False
        pages = self.pages
        if not pages.count:
            self.flushed = self.next
            if self._due:  # one that fails is tried again with the next `save`: a file is slow
                self._due = False
                self.unsaved = 0 if self.store.save_state(self.boot, self.saved) else UNSAVED_MAX + 1
            return True
        if self._due:
            self.unsaved += 1
        if not pages.is_full():
            self._write()
        elif pages.open(self.flushed):
            self._due = True
        self._turns = pages.is_full() and len(pages.clean) > 0  # before somebody waits for it
        if self.flushed == self.next:
            self.lost = 0
        return True

    def is_behind(self):
        """Return whether something waits that the next `pump` can write."""
        if self.pages.is_full():
            return self._turns
        return self.flushed < self.next or self._due

    def _write(self):
        pages = self.pages
        pages.begin()
        done = self.flushed
        state = False
        if self._due:
            state = pages.put(STATE, struct.pack(_STATE, self.boot, self.flushed, self.kept) + self._state)
            if not state:  # no room in this page
                return
        while done < self.next:
            row = struct.unpack_from(ROW, self._rows, done % EVENTS_MAX * ROW_SIZE)
            if not pages.put(EVENT, struct.pack(_EVENT, done, self.boot, *row)):
                break
            done += 1
        if pages.program():
            self.flushed = done
            if state:
                self._due = False
                self.unsaved = 0
                self._kept = self.kept

    def wants_erase(self):
        """Return whether a page is to be erased in the next quiet moment."""
        return self.pages.wants_erase()

    def is_short(self):
        """Return whether no erased page is left to go on with."""
        return not self.pages.clean

    def erase(self):
        """Erase a page: it stalls the board."""
        self.pages.erase()

    def is_failing(self):
        """Return whether events are in memory only, or some of them were lost."""
        pages = self.pages
        return not pages.count or pages.bad > 0 or self.lost > 0

    def is_unsaved(self):
        """Return whether a state waits for longer than a page takes."""
        return self.unsaved > UNSAVED_MAX


def pack(values):
    """Return small integers as bytes, seven bits in each, the sign first: most take one."""
    data = bytearray()
    for value in values:
        left = value << 1 if value >= 0 else (-value << 1) - 1
        while left > 127:
            data.append(left & 127 | 128)
            left >>= 7
        data.append(left)
    return data


def unpack(data, at, end):
    """Return what `pack` made of them; None if it does not end with one."""
    values: list = []
    left = shift = 0
    while at < end:
        left |= (data[at] & 127) << shift
        shift += 7
        if data[at] < 128:
            values.append(left >> 1 if not left & 1 else -(left + 1 >> 1))
            left = shift = 0
        at += 1
    return None if shift else tuple(values)


assert slots_of(struct.calcsize(_EVENT)) == 1
