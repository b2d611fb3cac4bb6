"""Standing requests: what persons asked and what still holds, in a fixed number of slots, and the answers to repeats; pure.

OUT stands once for each unit, LO once, and of FX, FS, MS and MS-P one at a time: they are orders for the same contacts.
"""

from . import words as w

SLOTS_MAX = 10  # OUT for eight units, LO, and one order
RECENT_MAX = 8  # tokens whose answers are kept for repeats
SECONDS_MAX = 1 << 29  # 17 years: a small integer on a 32-bit board
ORDERS = (w.FX, w.FS, w.MS, w.MS_P)


class Standing:
    """Slots of standing requests as lists of small integers; a slot whose request is 0 is free."""

    FIELDS = ("request", "id", "unit", "line", "left_s", "token", "pending", "dropping")

    COUNTERS = ("next_id", "part_ms", "timed")

    def __init__(self):
        self.request = [0] * SLOTS_MAX
        self.id = [0] * SLOTS_MAX
        self.unit = [0] * SLOTS_MAX
        self.line = [0] * SLOTS_MAX
        self.left_s = [0] * SLOTS_MAX
        self.token = [0] * SLOTS_MAX
        self.pending = [0] * SLOTS_MAX  # whether somebody waits for the outcome
        self.dropping = [0] * SLOTS_MAX
        self.next_id = 1
        self.part_ms = 0
        self.timed = 0  # slots that expire

    def add(self, request, unit, line, seconds, token, dropping):
        """Put a request into a free slot; return the slot, or NONE when every slot is taken."""
        for slot in range(SLOTS_MAX):
            if not self.request[slot]:
                break
        else:
            return w.NONE
        self.request[slot] = request
        self.id[slot] = self.next_id
        self.next_id = self.next_id % 65535 + 1
        self.unit[slot] = unit
        self.line[slot] = line
        self.left_s[slot] = seconds
        self.token[slot] = token
        self.pending[slot] = 1
        self.dropping[slot] = dropping
        if seconds:
            self.timed += 1
        return slot

    def remove(self, slot):
        """Free a slot."""
        if self.left_s[slot]:
            self.timed -= 1
        for name in self.FIELDS:
            getattr(self, name)[slot] = 0

    def find(self, request, unit=w.NONE):
        """Return the slot of a request, for OUT that of a unit; NONE if it does not stand."""
        for slot in range(SLOTS_MAX):
            if self.request[slot] == request and (unit == w.NONE or self.unit[slot] == unit):
                return slot
        return w.NONE

    def find_id(self, number):
        """Return the slot with an id, or NONE."""
        for slot in range(SLOTS_MAX):
            if self.request[slot] and self.id[slot] == number:
                return slot
        return w.NONE

    def order(self):
        """Return the slot of the order that stands, or NONE."""
        for slot in range(SLOTS_MAX):
            if self.request[slot] in ORDERS:
                return slot
        return w.NONE

    def slots(self):
        """Return the slots that are taken."""
        return [slot for slot in range(SLOTS_MAX) if self.request[slot]]

    def elapsed(self, ms):
        """Time has passed; return a slot that has just expired, or NONE. Called again, it returns the next one."""
        self.part_ms += ms
        seconds = self.part_ms // 1000
        self.part_ms -= seconds * 1000
        expired = w.NONE
        for slot in range(SLOTS_MAX):
            left_s = self.left_s[slot]
            if left_s > 1:
                self.left_s[slot] = max(1, left_s - seconds)
            elif left_s == 1 and seconds and expired == w.NONE:
                expired = slot
        return expired

    def describe(self, situation):
        """Write what stands into a Situation."""
        situation.out = situation.lockout = situation.drop = situation.order = 0
        situation.order_line = w.NONE
        for slot in range(SLOTS_MAX):
            request = self.request[slot]
            if request == w.OUT:
                situation.out |= 1 << self.unit[slot]
                situation.drop |= self.dropping[slot]
            elif request == w.LO:
                situation.lockout = 1
                situation.drop |= self.dropping[slot]
            elif request:
                situation.order = request
                situation.order_line = self.line[slot]


class Recent:
    """The newest answers by token, so that a repeat is answered again and not done again."""

    def __init__(self):
        self.rows = [None] * RECENT_MAX
        self.next = 0

    def note(self, row):
        """Keep an answer (a tuple that begins with its token), in place of the one that it follows up or the oldest."""
        for place in range(RECENT_MAX):
            if self.rows[place] and self.rows[place][0] == row[0]:
                self.rows[place] = row
                return
        self.rows[self.next] = row
        self.next = (self.next + 1) % RECENT_MAX

    def find(self, token):
        """Return the newest answer to a token, or None."""
        for row in self.rows:
            if row and row[0] == token:
                return row
        return None
