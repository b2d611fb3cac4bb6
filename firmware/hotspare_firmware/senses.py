"""What is sensed of paths at pins, beside frames and pulses: a unit's dry contact, and whether a cable is there."""

from hotspare_engine import words as w

REST_MS = 20  # a level of an INVALID output must rest so long before it is believed
LOOK_MS = 1000  # nothing is due at its pin by time alone


class Contact:
    """A dry contact of a unit, closed while it is well: a path that shows liveness only.

    Closed it counts as a beat every `beat_ms`, open as none: bounces and short gaps are within the path's dead time,
    and a lost wire reads open. `path` is the index of its Path in the engine.
    """

    def __init__(self, pin, path, beat_ms):
        self._pin = pin
        self._path = path
        self._beat_ms = beat_ms
        self._open_ms = max(1, beat_ms // 8)  # how often an open contact is looked at
        self._left_ms = 0

    def look(self, engine, ms):
        """Time has passed; return how long the pin may be left alone."""
        self._left_ms -= ms
        if self._left_ms <= 0:
            if self._pin.value():
                engine.heard(self._path, w.OK, w.ECHOED)
                self._left_ms = self._beat_ms
            else:
                self._left_ms = self._open_ms
        return self._left_ms


class Cable:
    """The INVALID output of a crosslink's RS-232 receiver: high while the other end drives the cable."""

    def __init__(self, pin, path):
        self._pin = pin
        self._path = path
        self._level = -1
        self._left_ms = 0

    def look(self, engine, ms):
        """Time has passed; return how long the pin may be left alone."""
        level = self._pin.value()
        if level != self._level:
            self._level = level
            self._left_ms = REST_MS
        elif self._left_ms:
            self._left_ms = max(0, self._left_ms - ms)
            if not self._left_ms:
                engine.cable(self._path, level)
        return self._left_ms or LOOK_MS
