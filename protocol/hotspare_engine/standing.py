"""Standing requests: what persons asked and still holds, in a fixed number of slots, and the answers to repeats; pure.

OUT stands once for each unit, LO once, and of FX, FS, MS and MS-P one at a time: they are orders for the same contacts.
"""

from . import words as w
from .resolver import BY_REQUEST, DROP_LOCKOUT

SLOTS_MAX = 11  # OUT for eight units, LO, one order, and an exercise
RECENT_MAX = 8  # tokens whose answers are kept for repeats
SECONDS_MAX = 1 << 29  # 17 years: a small integer on a 32-bit board
EXPIRED = -1  # in place of the seconds left
EXPIRY_AHEAD_S = 600  # an expiry is alarmed so long before it
ORDERS = (w.FX, w.FS, w.MS, w.MS_P)


def ahead_s(seconds):
    """Return how long before its expiry one that was asked for so long is alarmed: for a short one, a quarter of it."""
    return EXPIRY_AHEAD_S if seconds > EXPIRY_AHEAD_S else -(-seconds // 4)


class Standing:
    """Slots of standing requests as lists of small integers; a slot whose request is 0 is free."""

    FIELDS = ("request", "id", "unit", "line", "left_s", "token", "pending", "dropping", "hasty", "ahead_s", "expiring")

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
        self.hasty = [0] * SLOTS_MAX  # whether nobody is asked to drain for it
        self.ahead_s = [0] * SLOTS_MAX
        self.expiring = [0] * SLOTS_MAX  # whether no more than that is left
        self.next_id = 1
        self.part_ms = 0
        self.timed = 0  # slots that expire

    def add(self, request, unit, line, seconds, token, flags):
        """Put a request into a free slot; return the slot, or NONE when every slot is taken."""
        slot = self.find(0)
        if slot == w.NONE:
            return slot
        self.request[slot] = request
        self.id[slot] = self.draw_id()
        self.unit[slot] = unit
        self.line[slot] = line
        self.token[slot] = token
        self.pending[slot] = 1
        self.dropping[slot] = 1 if flags & w.DROP_SERVICE else 0
        self.hasty[slot] = 1 if flags & w.NO_DRAIN else 0
        self._time(slot, seconds)
        return slot

    def extend(self, slot, seconds):
        """Give a request that stands another time left, 0 for until cleared."""
        if self.left_s[slot]:
            self.timed -= 1
        self._time(slot, seconds)

    def _time(self, slot, seconds):
        if seconds:
            if not self.timed:
                self.part_ms = 0
            self.timed += 1
        self.left_s[slot] = seconds
        self.ahead_s[slot] = ahead_s(seconds)
        self.expiring[slot] = 0

    def draw_id(self):
        """Return an id that nothing had for the last 65534; pending requests draw theirs here too."""
        number = self.next_id
        self.next_id = number % 65535 + 1
        return number

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

    def find_token(self, token):
        """Return the slot of the request that was asked under a token, or NONE; token 0 is nobody's."""
        for slot in range(SLOTS_MAX):
            if token and self.request[slot] and self.token[slot] == token:
                return slot
        return w.NONE

    def elapsed(self, ms):
        """Time has passed; return a slot that has expired, or whose expiry is to be alarmed now, or NONE.

        Called again with 0 it returns the next one: what has expired is to be removed, the other marked as `expiring`.
        """
        self.part_ms += ms
        seconds = self.part_ms // 1000
        self.part_ms -= seconds * 1000
        found = w.NONE
        for slot in range(SLOTS_MAX):
            left_s = self.left_s[slot]
            if left_s > seconds:
                self.left_s[slot] = left_s - seconds
                if left_s - seconds <= self.ahead_s[slot] and not self.expiring[slot]:
                    found = slot
            elif left_s:
                self.left_s[slot] = EXPIRED
                found = slot
        return found

    def next_ms(self):
        """Return the time until the seconds left are counted down by one."""
        return 1000 - self.part_ms

    def waited(self):
        """Return the requests for whose outcome somebody waits, bit 1 << code each."""
        bits = 0
        for slot in range(SLOTS_MAX):
            if self.pending[slot]:
                bits |= 1 << self.request[slot]
        return bits

    def describe(self, situation):
        """Write what stands into a Situation."""
        situation.out = situation.lockout = situation.drop = situation.order = situation.exercise = 0
        situation.order_line = w.NONE
        situation.waited = self.waited()
        for slot in range(SLOTS_MAX):
            request = self.request[slot]
            if request == w.OUT:
                situation.out |= 1 << self.unit[slot]
                situation.drop |= self.dropping[slot] << self.unit[slot]
            elif request == w.LO:
                situation.lockout = BY_REQUEST
                situation.drop |= DROP_LOCKOUT if self.dropping[slot] else 0
            elif request == w.EXER:
                situation.exercise = 1
            elif request:
                situation.order = request
                situation.order_line = self.line[slot]


ANSWER = 6  # values of an answer: token, verdict, id, unit, ms, inhibitors
NO_TOKEN = -1


class Recent:
    """The newest answers by token, so that a repeat is answered again and not done again."""

    FIELDS = ("values", "next")

    def __init__(self):
        self.values = [NO_TOKEN] * (RECENT_MAX * ANSWER)
        self.next = 0

    def note(self, row):
        """Keep an answer (a tuple that begins with its token), in place of the one that it follows up or the oldest."""
        place = self.find(row[0])
        if place == w.NONE:
            place = self.next
            self.next = (self.next + 1) % RECENT_MAX
        for i in range(ANSWER):
            self.values[place * ANSWER + i] = row[i]

    def find(self, token):
        """Return the place of the newest answer to a token, or NONE."""
        for place in range(RECENT_MAX):
            if self.values[place * ANSWER] == token:
                return place
        return w.NONE

    def answer(self, place):
        """Return the answer at a place as a tuple."""
        return tuple(self.values[place * ANSWER : place * ANSWER + ANSWER])
