"""Lines of two coils at their pins: interlocked, fenced and unproven; only imported where a group has them."""

from hotspare_engine import words as w

from .relays import FallingRelay


class InterlockedRelay(FallingRelay):
    """Two contactors, each with its own coil, at rest open: one for the primary, one for the spare.

    A read-back is a mirror contact that is closed while its contactor is proven open: a lost wire reads "not open".
    """

    def __init__(self, coil, coil_primary, sense_primary, sense_spare):
        super().__init__(coil, sense_primary, sense_spare)
        self._coil_primary = coil_primary

    def drive(self, position):
        """Release what is not wanted, then energise what is; BETWEEN releases both."""
        if position != w.AT_SPARE:
            self._coil.value(0)
        if position != w.AT_PRIMARY:
            self._coil_primary.value(0)
        if position == w.AT_SPARE:
            self._coil.value(1)
        elif position == w.AT_PRIMARY:
            self._coil_primary.value(1)

    def position(self):
        """Return what the read-backs prove."""
        if self._sense_primary.value():
            return w.BETWEEN if self._sense_spare.value() else w.AT_SPARE
        return w.AT_PRIMARY if self._sense_spare.value() else w.AT_BOTH


class FencedRelay(InterlockedRelay):
    """A fence, at rest closed, in the primary's feed, and a contact of the spare, at rest open, wired through it."""

    def drive(self, position):
        """Isolate the primary unless the line is its own; connect the spare only where it is to carry the line."""
        if position != w.AT_SPARE:
            self._coil.value(0)
        self._coil_primary.value(0 if position == w.AT_PRIMARY else 1)
        if position == w.AT_SPARE:
            self._coil.value(1)


class UnprovenRelay(InterlockedRelay):
    """Two contacts without read-backs: what is driven is all that is known of them."""

    def __init__(self, coil, coil_primary, sense_primary, sense_spare):
        super().__init__(coil, coil_primary, sense_primary, sense_spare)
        self._driven = w.BETWEEN

    def drive(self, position):
        """Release what is not wanted, then energise what is."""
        super().drive(position)
        self._driven = position

    def position(self):
        """Return what is driven."""
        return self._driven


KINDS = (None, InterlockedRelay, FencedRelay, UnprovenRelay)  # by the kind of switch
