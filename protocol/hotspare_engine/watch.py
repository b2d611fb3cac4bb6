"""The watch of a beacon: health of its own unit from the agent, and whether the controller is heard; moves nothing.

It has the methods of Engine, so that a board drives either in the same way. Place 0 is the beacon's own unit, place 1
stands for the controller.
"""

from . import alarms, snapshots, timers
from . import words as w
from .health import Health, Unit
from .outbox import Outbox
from .path import Path
from .settings import Settings

NEXT_MAX_MS = 1000  # the longest that a step is ever put off
OWN, CONTROLLER = 0, 1
STATE_BEACON = 255  # what a beacon's heartbeat says in place of a group's state


class Watch:
    """What a beacon believes. `paths` is a tuple of (kind, OWN or CONTROLLER, source, interval_ms, beats).

    A board without paths has no configuration yet: it watches nothing, and says so.
    """

    FIELDS = ("selected", "armed", "alarms", "differs", "stalls", "dirty")

    is_controller = False
    state = STATE_BEACON

    def __init__(self, settings_values, paths):
        self.settings = Settings(settings_values)
        self.outbox = Outbox()
        self.health = Health([Path(*path) for path in paths], 2, self.settings, self.outbox)
        self.timers = timers.Timers()
        self.selected = w.NONE
        self.armed = self.alarms = self.differs = self.stalls = 0
        self.dirty = 1
        self.timers.start(timers.GRACE, self.settings.boot_grace_s * 1000)

    def heard(self, path, report, flags, seconds=0):
        """A beat in order arrived on a path; from the controller it means that the controller is well."""
        if self.health.paths[path].unit == CONTROLLER:
            report = w.OK
        self.health.heard(path, report, flags, seconds)
        if flags & w.CONFLICT:
            self.conflict(path)

    def altered(self, path, how):
        """A beat arrived frozen or out of order."""
        self.health.altered(path, how)

    def damaged(self, path, count):
        """So many damaged frames arrived on a path."""
        self.health.damaged(path, count)

    def conflict(self, path):
        """Another board claims this board's address, unit or role."""
        if not self.timers.runs(timers.CONFLICT):
            self.dirty = 1
            self.outbox.put(w.RECORD, w.E_CONFLICT, 1, path)
        self.timers.start(timers.CONFLICT, timers.CONFLICT_HOLD_MS)

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
        if self.health.elapsed(ms):
            self._stalled(ms)
        ended = self.timers.elapsed(ms)
        if ended:
            self._ended(ended)
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

    def saved(self):
        """A beacon has nothing that outlives a reset."""
        return ()

    def resume(self, values):
        """A beacon has nothing that outlives a reset."""
        return True

    def snapshot(self):
        """Return the whole state as a tuple of small integers."""
        return snapshots.take(self._parts())

    def restore(self, values):
        """Take back a snapshot of a watch with the same settings and paths."""
        snapshots.give(self._parts(), values)

    def _parts(self):
        parts = [(self, self.FIELDS), (self.health, Health.FIELDS), (self.timers, timers.Timers.FIELDS)]
        parts += [(path, Path.FIELDS) for path in self.health.paths]
        return parts + [(unit, Unit.FIELDS) for unit in self.health.units]

    def _stalled(self, ms):
        self.stalls += 1
        if not self.timers.runs(timers.STALL):
            self.dirty = 1
        self.timers.start(timers.STALL, timers.STALL_ALARM_MS)
        self.outbox.put(w.RECORD, w.E_STALL, ms, self.health.stall_ms)

    def _ended(self, ended):
        self.dirty = 1
        if ended >> timers.GRACE & 1:
            self.health.end_grace()
        if ended >> timers.CONFLICT & 1:
            self.outbox.put(w.RECORD, w.E_CONFLICT, 0)

    def _decide(self):
        own, controller = self.health.units
        differs = self.health.differs()
        if differs != self.differs:
            self.differs = differs
            self.outbox.put(w.RECORD, w.E_DIFFERS, differs)
        if not self.health.paths:
            bits = w.A_UNCONFIGURED
        else:
            bits = alarms.common(self) | alarms.of_primary(own)
            if controller.health == w.FAILED:
                bits |= w.A_CONTROLLER_SILENT
        if bits != self.alarms:
            self.outbox.put(w.RECORD, w.E_ALARMS, bits, self.alarms)
            self.alarms = bits
        self.outbox.put(w.SEND)
