"""The guard: whether relays do as they are told while no switch is under way; every fault is named and has an exit.

1. A contact that left the spare by itself fell: its drive follows it, so that it does not come back by itself, and all
   is decided afresh. A relay that falls again and again is at fault.
2. A contact that reached the spare by itself is at fault: nothing moves until a person clears it.
3. Read-backs that say neither or both are alarmed, and hold back nothing: a changeover contact is exclusive.
4. Poles of one line that disagree are torn: they go to the primary, and nothing moves until a person clears it.
"""

from . import words as w

KEPT, NOTED, FELL, ASTRAY = range(4)  # what `look` found, the gravest last


class Guard:
    """`fault` holds back every movement until cleared; `fell` is an alarm; `unread` and `astray` have a bit a line."""

    FIELDS = ("fault", "fell", "unread", "astray", "torn", "falls", "due")

    def __init__(self, lines, settings, outbox, drive):
        self.lines = lines
        self.settings = settings
        self.outbox = outbox
        self._drive = drive
        self.fault = self.fell = self.unread = self.astray = self.torn = self.falls = 0
        self.due = 1  # a look is due

    def look(self, starting):
        """Compare every contact with its drive; return the gravest of KEPT, NOTED, FELL and ASTRAY.

        While the group is starting a latching relay is where it is found: nothing has driven it yet.
        """
        self.due = 0
        gravest = KEPT
        if starting:
            self._adopt()
        for line in range(self.lines.count):
            found = self._look(line, 1 << line)
            if found > gravest:
                gravest = found
        return gravest

    def _adopt(self):
        if self.settings.retention == w.LATCHING and self.lines.at_spare() <= 1:
            for line in range(self.lines.count):
                if self.lines.readable(line):
                    self.lines.driven[line] = self.lines.settled[line]

    def _look(self, line, bit):
        settled = self.lines.settled[line]
        marked = (self.unread | self.astray) & bit
        if settled == self.lines.driven[line]:
            self.unread &= ~bit
            self.astray &= ~bit
            return NOTED if marked else KEPT
        if not self.lines.readable(line):
            if settled == w.AT_BOTH and self.settings.poles > 1 and not self.lines.opens:
                return self._tore(line, bit)
            if settled == w.NONE or self.unread & bit:
                return KEPT
            self.unread |= bit
            return NOTED
        self.unread &= ~bit
        return self._fell(line) if self._dropped(line) else self._strayed(line, bit)

    def _dropped(self, line):
        # what a contact does when its coil has lost its current, and no other way
        settled = self.lines.settled[line]
        return settled == self.lines.rest or (settled == w.BETWEEN and self.lines.driven[line] == w.AT_SPARE)

    def _fell(self, line):
        if self.lines.coil_ms[line] < self.settings.coil_min_ms:
            self.due = 1
            return KEPT
        self._record_fall(line)
        self.astray &= ~(1 << line)  # wherever it strayed to before, it is there no more
        self._drive(line, self.lines.settled[line])
        self.falls += 1
        if self.falls >= self.settings.attempts_max:
            self.fault = 1
            self.outbox.put(w.RECORD, w.E_HELD, line, self.lines.settled[line])
        return FELL

    def _tore(self, line, bit):
        if self.lines.coil_ms[line] < self.settings.coil_min_ms:
            self.due = 1
            return KEPT
        if self.torn & bit:
            return KEPT
        self.torn |= bit
        self.fault = 1
        self.outbox.put(w.RECORD, w.E_TORN, line)
        if self.lines.driven[line] == w.AT_SPARE:
            self._drive(line, w.AT_PRIMARY)
        return ASTRAY

    def _strayed(self, line, bit):
        if self.astray & bit:
            return KEPT
        self._record_fall(line)
        self.astray |= bit
        self.fault = 1
        self.outbox.put(w.RECORD, w.E_HELD, line, self.lines.settled[line])
        return ASTRAY

    def _record_fall(self, line):
        self.fell = 1
        self.outbox.put(w.RECORD, w.E_FELL, line, self.lines.settled[line])

    def failed(self, line):
        """A switch ended in a fault at a line."""
        self.fault = 1
        self.due = 1
        if self.lines.position[line] == w.AT_BOTH and self.settings.poles > 1 and not self.lines.opens:
            self.torn |= 1 << line
            self.outbox.put(w.RECORD, w.E_TORN, line)
        self.outbox.put(w.RECORD, w.E_HELD, line, self.lines.position[line])

    def next_ms(self, least):
        """Return the smaller of `least` and the time until a contact that fell may be followed."""
        lines = self.lines
        for line in range(lines.count):
            if lines.settled[line] != lines.driven[line]:
                left_ms = self.settings.coil_min_ms - lines.coil_ms[line]
                if left_ms < least:
                    least = left_ms
        return least

    def can_clear(self):
        """Return whether no falling relay is astray, and no two latching ones are at the spare."""
        return not self.astray or (self.settings.retention == w.LATCHING and self.lines.at_spare() <= 1)

    def clear(self):
        """End the hold: what the contacts show is what holds from now on."""
        self.fault = self.fell = self.astray = self.torn = self.falls = 0
        self.due = 1
        self._adopt()
