"""Relays and pulses at their pins: coils driven, contacts read back, nothing decided."""

from hotspare_engine import words as w


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
    """A path of two wires: each beat turns the level over, so an edge is a beat and a lost wire is silence."""

    def __init__(self, out, into, path):
        self.path = path
        self._out = out
        self._in = into
        self._level = 0
        self._seen = into.value()

    def beat(self):
        """Send one beat."""
        self._level ^= 1
        self._out.value(self._level)

    def heard(self):
        """Return whether a beat came since the last call."""
        level = self._in.value()
        if level == self._seen:
            return False
        self._seen = level
        return True
