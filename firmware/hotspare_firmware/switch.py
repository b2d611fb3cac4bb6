"""The lockout switch at its pin; loaded only where there is one."""

STEADY_MS = 50  # a switch that was turned bounces; what rests for so long is believed


class Switch:
    """A switch that a person turns: high is `on`, so that a lost wire is off."""

    def __init__(self, pin):
        self._pin = pin
        self.on = self._seen = pin.value()
        self._rest_ms = 0

    def elapsed(self, ms):
        """Time has passed; return how long the pin must still rest to be believed, 0 when it is."""
        level = self._pin.value()
        if level == self.on:
            self._seen = level
            return 0
        if level != self._seen:
            self._seen = level
            self._rest_ms = 0
        else:
            self._rest_ms += ms
        if self._rest_ms >= STEADY_MS:
            self.on = level
            return 0
        return STEADY_MS - self._rest_ms
