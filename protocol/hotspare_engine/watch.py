"""The watch of a beacon: health of its own unit from the agent, and whether the controller is heard; moves nothing.

It has the methods of Engine, so that a board drives either in the same way. Place 0 is the beacon's own unit, place 1
stands for the controller.
"""

from . import alarms
from . import words as w
from .listener import NEXT_MAX_MS, Listener

OWN, CONTROLLER = 0, 1
STATE_BEACON = 255  # what a beacon's heartbeat says in place of a group's state


class Watch(Listener):
    """What a beacon believes. `paths` is a tuple of (kind, OWN or CONTROLLER, source, interval_ms, beats).

    A board without paths has no configuration yet: it watches nothing, and says so.
    """

    is_controller = False
    state = STATE_BEACON

    def __init__(self, settings_values, paths):
        super().__init__(settings_values, 2, paths)

    def heard(self, path, report, flags, seconds=0):
        """A beat in order arrived on a path; from the controller it means that the controller is well."""
        super().heard(path, w.OK if self.health.paths[path].unit == CONTROLLER else report, flags, seconds)

    def told(self, selected, armed):
        """The controller's heartbeat says what it selected and whether its group is armed."""
        if selected != self.selected or armed != self.armed:
            self.selected = selected
            self.armed = armed
            self.dirty = 1

    def contact(self, line, position):
        """A beacon has no line."""

    def supply(self, present):
        """A beacon has no relay supply."""

    def elapsed(self, ms):
        """`ms` milliseconds have passed, after everything that arrived in them was told."""
        self._hear(ms)
        if self.health.changed or self.dirty:
            self.health.changed = self.dirty = 0
            self._decide()

    def asked(self, token, request, unit, number, seconds, flags):
        """Only a controller decides."""
        self.outbox.put(w.REPLY, token, w.NOT_CONTROLLER, 0, w.NONE)

    def next_ms(self):
        """Return how long nothing will happen by time alone, in ms."""
        if self.dirty or self.health.changed:
            return 0
        return max(0, self.timers.next_ms(self.health.next_ms(NEXT_MAX_MS)))

    def own_health(self):
        """Return the health of the unit at this board."""
        return self.health.units[OWN].health

    def own_flags(self):
        """Return what a heartbeat says besides the health of the unit at this board."""
        own = self.health.units[OWN]
        return (w.DEGRADED if own.degraded_ms else 0) | (w.NOISY if own.noisy else 0)

    def saved(self):
        """A beacon has nothing that outlives a reset."""
        return ()

    def resume(self, values):
        """A beacon has nothing that outlives a reset."""
        return True

    def _decide(self):
        own, controller = self.health.units
        self._compare()
        if not self.health.paths:
            bits = w.A_UNCONFIGURED
        else:
            bits = alarms.common(self) | alarms.of_primary(own)
            if controller.health == w.FAILED:
                bits |= w.A_CONTROLLER_SILENT
        self._alarm(bits)
