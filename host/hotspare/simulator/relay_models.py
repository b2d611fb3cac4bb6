"""Relays of a line as models under milliseconds: contacts that take their time, weld, and lie in their read-backs.

They run on MicroPython too. Coils are commanded by position, as the engine does, or wired to pins, as a board does.
"""

from hotspare_engine import words as w

OPERATE_MS = 10  # until a contact arrives
LEAVE_MS = 3  # until it leaves
FAR_MS = 1 << 29


class ReadBacks:
    """The two read-backs of a line, of which wires can be lost, a bit each in `lost`: a lost wire reads 0.

    `shown` is what broken read-backs say whatever the contact does, NONE while they tell the truth.
    """

    POSITIONS: dict = {}  # what levels of both say

    def __init__(self):
        self.lost = 0
        self.shown = w.NONE

    def closed(self):
        """Return whether each of them is closed: the primary's, the spare's."""
        raise NotImplementedError

    def senses(self):
        """Return the levels at the board: of the primary's read-back, and of the spare's."""
        primary, spare = self.closed()
        return (primary if not self.lost & 1 else 0, spare if not self.lost & 2 else 0)

    def lose(self, lost):
        """Lose wires of the read-backs, or none."""
        self.lost = lost
        self.shown = w.NONE
        self.show()

    def show(self):
        """The contact may have moved: say what lost wires make of that."""
        if self.lost:
            self.shown = self.POSITIONS[self.senses()]


class Relay(ReadBacks):
    """A changeover relay with a read-back, and everything that can be wrong with both."""

    POSITIONS = {(1, 0): w.AT_PRIMARY, (0, 1): w.AT_SPARE, (0, 0): w.BETWEEN, (1, 1): w.AT_BOTH}
    at_rest = w.AT_PRIMARY

    def __init__(self, latching):
        super().__init__()
        self.latching = latching
        self.contact = w.AT_PRIMARY
        self.goal = w.AT_PRIMARY
        self.coil = 0
        self.began_ms = 0
        self.welded = self.coil_open = 0

    def closed(self):
        """Return whether the contact is seen at the primary, and at the spare."""
        return 1 if self.contact == w.AT_PRIMARY else 0, 1 if self.contact == w.AT_SPARE else 0

    def wire(self, now_ms, coil, second, supply):
        """The levels of the pins of both coils have changed; a plain relay has one coil."""
        if self.latching:
            if coil or second:
                self.command(now_ms, w.AT_SPARE if coil else w.AT_PRIMARY, supply)
        else:
            self.command(now_ms, w.AT_SPARE if coil else w.AT_PRIMARY, supply)

    def command(self, now_ms, position, supply):
        """The board commands the coil."""
        self.coil = 1 if position == w.AT_SPARE else 0
        if self.latching and supply and not self.coil_open:
            self._aim(now_ms, position)
        self.update(now_ms, supply)

    def update(self, now_ms, supply):
        """Let the contact move as far as it has by now."""
        if not self.latching:
            held = self.coil and supply and not self.coil_open
            self._aim(now_ms, w.AT_SPARE if held else w.AT_PRIMARY)
        if self.welded or self.contact == self.goal:
            return
        age_ms = now_ms - self.began_ms
        if age_ms >= OPERATE_MS:
            self.contact = self.goal
        elif age_ms >= LEAVE_MS:
            self.contact = w.BETWEEN

    def _aim(self, now_ms, goal):
        if goal != self.goal:
            self.goal = goal
            self.began_ms = now_ms

    def next_ms(self, now_ms):
        """Return when the contact moves next."""
        if self.welded or self.contact == self.goal:
            return FAR_MS
        return max(now_ms + 1, self.began_ms + (OPERATE_MS if self.contact == w.BETWEEN else LEAVE_MS))

    def position(self):
        """Return what the read-backs say."""
        return self.shown if self.shown != w.NONE else self.contact


class Contact:
    """One contact of its own: closed or open, on its way to what its coil wants."""

    def __init__(self, closed):
        self.closed = self.goal = closed
        self.began_ms = 0
        self.welded = 0

    def aim(self, now_ms, goal):
        """Its coil has current, or has none."""
        if goal != self.goal:
            self.goal = goal
            self.began_ms = now_ms

    def update(self, now_ms):
        """Move, if it is time: a contact opens sooner than it closes."""
        if self.closed != self.goal and not (self.closed and self.welded) and now_ms >= self.due_ms():
            self.closed = self.goal

    def due_ms(self):
        """Return when it moves."""
        return self.began_ms + (LEAVE_MS if self.closed else OPERATE_MS)

    def next_ms(self, now_ms):
        """Return when it moves next, if it does."""
        if self.closed == self.goal or (self.closed and self.welded):
            return FAR_MS
        return max(now_ms + 1, self.due_ms())


class Contactors(ReadBacks):
    """Two contactors, at rest open, each coil wired through the other's mirror contact; as a Relay is asked."""

    POSITIONS = {(0, 1): w.AT_PRIMARY, (1, 0): w.AT_SPARE, (1, 1): w.BETWEEN, (0, 0): w.AT_BOTH}
    DRIVEN = {(0, 1): w.AT_PRIMARY, (1, 0): w.AT_SPARE, (0, 0): w.BETWEEN, (1, 1): w.AT_BOTH}
    latching = 0
    at_rest = w.BETWEEN

    def __init__(self):
        super().__init__()
        self.primary = Contact(0)
        self.spare = Contact(0)
        self.driven = self.at_rest
        self.coil_open = 0

    def closed(self):
        """Return the levels of the mirror contacts: each is closed while its contactor is proven open."""
        return 1 - self.primary.closed, 1 - self.spare.closed

    def wire(self, now_ms, coil, second, supply):
        """The levels of the pins of both coils, the spare's first, have changed."""
        self.command(now_ms, self.DRIVEN[coil, second], supply)

    @property
    def contact(self):
        """What the line is really connected to."""
        if self.primary.closed:
            return w.AT_BOTH if self.spare.closed else w.AT_PRIMARY
        return w.AT_SPARE if self.spare.closed else w.BETWEEN

    @property
    def goal(self):
        """Where it is driven."""
        return self.driven

    @property
    def welded(self):
        """Whether a contact is welded."""
        return self.primary.welded or self.spare.welded

    @welded.setter
    def welded(self, welded):
        # whichever carries the line
        self.primary.welded = welded if not welded or self.primary.closed else 0
        self.spare.welded = welded if not welded or self.spare.closed else 0

    def command(self, now_ms, position, supply):
        """The board commands the coils."""
        self.driven = position
        self.update(now_ms, supply)

    def update(self, now_ms, supply):
        """Let the contacts move as far as they have by now."""
        self._aim(now_ms, supply)
        self.primary.update(now_ms)
        self.spare.update(now_ms)
        self._aim(now_ms, supply)

    def _aim(self, now_ms, supply):
        power = supply and not self.coil_open
        # the mirror contact of the other one lets current through only while that is really open
        at_primary = self.driven == w.AT_PRIMARY or self.driven == w.AT_BOTH
        at_spare = self.driven == w.AT_SPARE or self.driven == w.AT_BOTH
        self.primary.aim(now_ms, 1 if power and at_primary and not self.spare.closed else 0)
        self.spare.aim(now_ms, 1 if power and at_spare and not self.primary.closed else 0)

    def next_ms(self, now_ms):
        """Return when a contact moves next."""
        return min(self.primary.next_ms(now_ms), self.spare.next_ms(now_ms))

    def position(self):
        """Return what the read-backs say: mirror contacts, of which a lost wire says closed."""
        return self.shown if self.shown != w.NONE else self.contact


class Unproven(Contactors):
    """Two contactors that know nothing of each other: no mirror contact, and no read-back but what is driven."""

    def _aim(self, now_ms, supply):
        power = supply and not self.coil_open
        self.primary.aim(now_ms, 1 if power and self.driven in (w.AT_PRIMARY, w.AT_BOTH) else 0)
        self.spare.aim(now_ms, 1 if power and self.driven in (w.AT_SPARE, w.AT_BOTH) else 0)

    def position(self):
        """Return what is driven: nothing else is known."""
        return self.driven


class Fence(Contactors):
    """A fence, at rest closed, in the primary's feed; the spare's contact is wired through it."""

    # the fence's coil opens it
    DRIVEN = {(0, 0): w.AT_PRIMARY, (0, 1): w.BETWEEN, (1, 1): w.AT_SPARE, (1, 0): w.AT_BOTH}
    at_rest = w.AT_PRIMARY

    def __init__(self):
        super().__init__()
        self.primary = Contact(1)

    @property
    def contact(self):
        """What the line is really connected to: while the fence is closed the spare is cut off, closed or not."""
        if self.primary.closed:
            return w.AT_PRIMARY
        return w.AT_SPARE if self.spare.closed else w.BETWEEN

    def _aim(self, now_ms, supply):
        power = supply and not self.coil_open
        fenced = self.driven == w.BETWEEN or self.driven == w.AT_SPARE
        self.primary.aim(now_ms, 0 if power and fenced else 1)
        self.spare.aim(now_ms, 1 if power and self.driven in (w.AT_SPARE, w.AT_BOTH) else 0)

    def position(self):
        """Return what the read-backs say."""
        if self.shown != w.NONE:
            return self.shown
        if self.primary.closed and self.spare.closed:
            return w.AT_BOTH
        return self.contact


def relay_of(values):
    """Return the relay of a line by the settings of its group."""
    switch = values.get("switch", w.CHANGEOVER)
    if switch == w.CHANGEOVER:
        return Relay(values.get("retention", 0))
    return {w.INTERLOCKED: Contactors, w.FENCED_FEED: Fence, w.UNPROVEN: Unproven}[switch]()
