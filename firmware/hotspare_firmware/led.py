"""The status LED: patterns of eight slots as plain data, and the one that plays them; imports nothing."""

SLOT_MS = 125
SLOTS = 8

UNCONFIGURED, STARTING, STANDBY, WELL, ALARM, ON_SPARE, HELD = range(7)
# bits of the eight slots, first slot first, and what the pattern says
PATTERNS = (
    (0b10101010, "fast blinking: no configuration"),
    (0b11110000, "slow blinking: starting, units not heard yet"),
    (0b10000000, "one short flash: a beacon, all is well"),
    (0b11111111, "on: a controller on the primary, all is well"),
    (0b10100000, "two short flashes: an alarm stands"),
    (0b11111010, "on with two gaps: the spare carries a line"),
    (0b10101000, "three short flashes: held, a relay needs a person"),
)


class Led:
    """Plays one pattern on a pin; writes the pin only when it changes."""

    def __init__(self, pin):
        self._pin = pin
        self._ms = 0
        self._level = -1
        self.pattern = STARTING

    def elapsed(self, ms):
        """Time has passed; return the time until the next slot."""
        self._ms = (self._ms + ms) % (SLOT_MS * SLOTS)
        level = PATTERNS[self.pattern][0] >> (SLOTS - 1 - self._ms // SLOT_MS) & 1
        if level != self._level:
            self._level = level
            self._pin.value(level)
        return SLOT_MS - self._ms % SLOT_MS
