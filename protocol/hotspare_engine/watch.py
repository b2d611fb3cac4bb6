"""The watch of a beacon: health of its own unit from the agent, and whether the controller is heard; moves nothing.

It has the methods of Engine, so that a board drives either in the same way. Place 0 is the beacon's own unit, place 1
stands for the controller.
"""

from . import snapshots
from . import words as w
from .alarms import path_alarms
from .engine import CONFLICT_HOLD_MS, NEXT_MAX_MS, STALL_ALARM_MS
from .health import Health, Path, Unit
from .outbox import Outbox
from .settings import Settings

OWN, CONTROLLER = 0, 1
STATE_BEACON = 255  # what a beacon's heartbeat says in place of a group's state


class Watch:
    """What a beacon believes. `paths` is a tuple of (kind, OWN or CONTROLLER, source, interval_ms, beats)."""

    FIELDS = ("selected", "armed", "alarms", "grace_ms", "conflict_ms", "differs", "stall_alarm_ms", "stalls", "dirty")

    is_controller = False
    state = STATE_BEACON

    def __init__(self, settings_values, paths):
        self.settings = Settings(settings_values)
        self.outbox = Outbox()
        self.health = Health([Path(*path) for path in paths], 2, self.settings, self.outbox)
        self.selected = w.NONE
        self.grace_ms = self.settings.boot_grace_s * 1000
        self.armed = self.alarms = self.conflict_ms = self.differs = self.stall_alarm_ms = self.stalls = 0
        self.dirty = 1

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
        if not self.conflict_ms:
            self.dirty = 1
            self.outbox.put(w.RECORD, w.E_CONFLICT, 1, path)
        self.conflict_ms = CONFLICT_HOLD_MS

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
            self.stalls += 1
            self.dirty = 1
            self.stall_alarm_ms = STALL_ALARM_MS
            self.outbox.put(w.RECORD, w.E_STALL, ms, self.health.stall_ms)
        if self.grace_ms:
            self.grace_ms = max(0, self.grace_ms - ms)
            if not self.grace_ms:
                self.health.end_grace()
        if self.conflict_ms:
            self.conflict_ms = max(0, self.conflict_ms - ms)
            if not self.conflict_ms:
                self.dirty = 1
                self.outbox.put(w.RECORD, w.E_CONFLICT, 0)
        if self.stall_alarm_ms:
            self.stall_alarm_ms = max(0, self.stall_alarm_ms - ms)
            if not self.stall_alarm_ms:
                self.dirty = 1
        if self.health.changed or self.dirty:
            self.health.changed = self.dirty = 0
            self._decide()

    def asked(self, token, request, unit, number, seconds, flags):
        """Only a controller decides."""
        self.outbox.put(w.REPLY, token, w.NOT_CONTROLLER, 0, w.NONE)

    def next_ms(self):
        """Return how long nothing will happen by time alone, in ms."""
        least = self.health.next_ms(NEXT_MAX_MS)
        if 0 < self.grace_ms < least:
            least = self.grace_ms
        return max(0, least)

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
        parts = [(self, self.FIELDS), (self.health, Health.FIELDS)]
        parts += [(path, Path.FIELDS) for path in self.health.paths]
        return parts + [(unit, Unit.FIELDS) for unit in self.health.units]

    def _decide(self):
        own = self.health.units[OWN]
        controller = self.health.units[CONTROLLER]
        differs = 0
        for path in self.health.paths:
            if path.state == w.ALIVE and path.flags & w.DIFFERS:
                differs = 1
        if differs != self.differs:
            self.differs = differs
            self.outbox.put(w.RECORD, w.E_DIFFERS, differs)
        bits = path_alarms(self.health) if self.health.paths else w.A_UNCONFIGURED
        if own.health == w.IMPAIRED:
            bits |= w.A_PRIMARY_IMPAIRED
        elif own.health == w.FAILED or own.health == w.LEAVING:
            bits |= w.A_PRIMARY_FAILED
        if controller.health == w.FAILED:
            bits |= w.A_CONTROLLER_SILENT
        if differs:
            bits |= w.A_DIFFERS
        if self.conflict_ms:
            bits |= w.A_CONFLICT
        if self.stall_alarm_ms:
            bits |= w.A_STALLED
        if bits != self.alarms:
            self.outbox.put(w.RECORD, w.E_ALARMS, bits, self.alarms)
            self.alarms = bits
        self.outbox.put(w.SEND)
