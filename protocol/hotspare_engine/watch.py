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
        self.role = w.NOT_TOLD  # what the unit is to be, as the controller said last

    def heard(self, path, report, flags, seconds=0):
        """A beat in order arrived on a path; from the controller it means that the controller is well."""
        super().heard(path, w.OK if self.health.paths[path].unit == CONTROLLER else report, flags, seconds)

    def told(self, selected, armed, role=w.NOT_TOLD):
        """The controller's heartbeat says what it selected, whether its group is armed, and what our unit is to be."""
        if selected != self.selected or armed != self.armed or (role and role != self.role):
            self.selected = selected
            self.armed = armed
            self.role = role or self.role
            self.dirty = 1

    def contact(self, line, position):
        """A beacon has no line."""

    def supply(self, present):
        """A beacon has no relay supply."""

    def hold(self, on):
        """A beacon moves nothing anyway."""

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

    def rests(self):
        """Return whether nothing here needs this board at once."""
        return self.health.is_calm()

    def own_health(self):
        """Return the health of the unit at this board."""
        return self.health.units[OWN].health

    def whys(self):
        """Return why each unit has the health that it has."""
        return [unit.why for unit in self.health.units]

    def role_of(self, path):
        """Return the role that is said on a path: to the unit what it is to be, to others what it said."""
        return self.role if self.health.paths[path].unit == OWN else self._acknowledged()

    def role_bytes(self):
        """Return what the unit is told and acknowledges, as a status has it."""
        return [self.role | self._acknowledged() << 4]

    def roles_told(self):
        """Return everything that is said of roles as one number: when it changes it is news."""
        return self.role | self._acknowledged() << 3

    def _parts(self):
        return super()._parts() + [(self, ("role",))]

    def _acknowledged(self):
        for path in self.health.paths:
            if path.unit == OWN and path.state == w.ALIVE:
                return (path.flags & w.ROLE_BITS) >> w.ROLE_SHIFT
        return w.NOT_TOLD

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
