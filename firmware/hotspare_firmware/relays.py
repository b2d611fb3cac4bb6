"""Relays and pulses at their pins: coils driven, contacts read back, nothing decided."""

from hotspare_engine import words as w

WINDOW_MS = 2  # how much before a beat is due its pin is watched closely; after it, twice as long


class FallingRelay:
    """A plain changeover relay: energised it connects the spare, released it falls to the primary."""

    def __init__(self, coil, sense_primary, sense_spare):
        self._coil = coil
        self._sense_primary = sense_primary
        self._sense_spare = sense_spare

    def drive(self, position):
        """Energise or release the coil."""
        self._coil.value(1 if position == w.AT_SPARE else 0)

    def position(self):
        """Return what the read-backs say."""
        if self._sense_primary.value():
            return w.AT_BOTH if self._sense_spare.value() else w.AT_PRIMARY
        return w.AT_SPARE if self._sense_spare.value() else w.BETWEEN

    def elapsed(self, ms):
        """Time has passed; return how long the coil still needs attention, 0 for none."""
        return 0


class LatchingRelay(FallingRelay):
    """A bistable changeover relay with a coil for each way: a pulse moves it, and it stays without power."""

    def __init__(self, coil, coil_back, sense_primary, sense_spare, pulse_ms):
        super().__init__(coil, sense_primary, sense_spare)
        self._coil_back = coil_back
        self._pulse_ms = pulse_ms
        self._left_ms = 0

    def drive(self, position):
        """Begin a pulse on the coil of that way; the other one is off first, never are both on."""
        on, off = (self._coil, self._coil_back) if position == w.AT_SPARE else (self._coil_back, self._coil)
        off.value(0)
        on.value(1)
        self._left_ms = self._pulse_ms

    def elapsed(self, ms):
        """Time has passed: a pulse ends; return how long it still lasts, 0 for none."""
        if self._left_ms:
            self._left_ms -= ms
            if self._left_ms <= 0:
                self._left_ms = 0
                self._coil.value(0)
                self._coil_back.value(0)
        return self._left_ms


class Pulse:
    """A path of two wires: a rising edge is a beat. Losing power or the wire makes no rising edge, only silence.

    `path` is the index of its Path in the engine, `beat_ms` the time between beats: the level is high for half of it.
    """

    def __init__(self, out, into, path, beat_ms):
        self.path = path
        self._beat_ms = beat_ms
        self._high_ms = max(1, beat_ms // 2)
        self._coarse_ms = max(1, beat_ms // 8)
        self._out = out
        self._in = into
        self._left_ms = 0
        self._seen = into.value()

    def beat(self):
        """Send one beat."""
        self._out.value(1)
        self._left_ms = self._high_ms

    def heard(self):
        """Return whether a beat came since the last call."""
        level = self._in.value()
        rose = level and not self._seen
        self._seen = level
        return rose

    def elapsed(self, ms):
        """Time has passed: a beat's level ends; return in how long it does, a beat when there is none."""
        if self._left_ms:
            self._left_ms -= ms
            if self._left_ms <= 0:
                self._left_ms = 0
                self._out.value(0)
        return self._left_ms or self._beat_ms

    def look_ms(self, age_ms):
        """The last beat came `age_ms` ago; return how long the input may be left alone.

        Around the time of the next beat it is looked at every millisecond, so that its age is right.
        """
        early_ms = self._beat_ms - WINDOW_MS - age_ms
        if early_ms <= 0 < early_ms + 3 * WINDOW_MS:
            return 1
        if 0 < early_ms < self._coarse_ms:
            return early_ms
        return self._coarse_ms
