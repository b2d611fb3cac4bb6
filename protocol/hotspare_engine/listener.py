"""The listener: what a controller and a beacon have in common: paths that are heard, own stalls, conflicts, timers."""

from . import snapshots, timers
from . import words as w
from .health import Health
from .outbox import Outbox
from .path import Path
from .settings import Settings
from .unit import AGE_MAX_MS, Unit

REFUSED_ALARM = 10  # refused frames within a minute that raise the alarm
NEXT_MAX_MS = 1000  # the longest that a step is ever put off


class Listener:
    """Hears on paths, each (kind, unit, source, interval_ms, beats), in the board's order."""

    HEARING = ("selected", "armed", "alarms", "differs", "stalls", "dirty", "conflict_path", "refusals", "intruded")

    def __init__(self, settings_values, units, paths):
        self.settings = Settings(settings_values)
        self.outbox = Outbox()
        self.health = Health([Path(*path) for path in paths], units, self.settings, self.outbox)
        self.timers = timers.Timers()
        self.selected = self.conflict_path = w.NONE
        self.armed = self.alarms = self.differs = self.stalls = 0
        # refused frames of hosts since the first one of this minute, and whether they are many on any path
        self.refusals = self.intruded = 0
        self.dirty = 1  # something changed that a decision may follow
        self.timers.start(timers.GRACE, self.settings.boot_grace_s * 1000)

    def heard(self, path, report, flags, seconds=0):
        """A beat in order arrived on a path: the health that it reports, ECHOED/DIFFERS/CONFLICT, planned stop in s."""
        self.health.heard(path, report, flags, seconds)
        if flags & w.CONFLICT:
            self.conflict(path)

    def altered(self, path, how):
        """A beat arrived frozen or out of order on a path."""
        self.health.altered(path, how)

    def damaged(self, path, count):
        """So many damaged frames arrived on a path."""
        self.health.damaged(path, count)

    def missed(self, path, count):
        """So many beats before the one that just came were lost on the way, as its sequence shows."""
        self.health.missed(path, count)

    def excuse(self):
        """This board's own flash is about to be busy, as was announced."""
        self.health.excuse()

    def cable(self, path, present):
        """A path's receiver sees the levels of a cable, or none; it explains a silence and decides nothing."""
        it = self.health.paths[path]
        cable = w.CABLE_THERE if present else w.CABLE_GONE
        if cable != it.cable:
            if it.cable or not present:  # one that is there at start is no news
                self.outbox.put(w.RECORD, w.E_CABLE, path, present)
            it.cable = cable

    def refused(self, path):
        """A good frame was refused: of another key, replayed, or of whoever has no business here; NONE: from a host.

        On each path the first one and the tenth of a minute are recorded, and the sum at its end: whoever floods one
        fills no log, and hides nothing on another.
        """
        if not self.timers.runs(timers.REFUSED):
            self.timers.start(timers.REFUSED, timers.REFUSED_MS)
        it = self if path == w.NONE else self.health.paths[path]
        if it.refusals < AGE_MAX_MS:
            it.refusals += 1
        if it.refusals == 1 or it.refusals == REFUSED_ALARM:
            self.outbox.put(w.RECORD, w.E_REFUSED_FRAMES, path, it.refusals)
        if it.refusals == REFUSED_ALARM and not self.intruded:
            self.intruded = self.dirty = 1

    def conflict(self, path):
        """Another board claims this board's address, unit or role."""
        self.conflict_path = path

    def snapshot(self):
        """Return the whole state as a tuple of small integers."""
        return snapshots.take(self._parts())

    def restore(self, values):
        """Take back a snapshot of an engine with the same settings, units and paths."""
        snapshots.give(self._parts(), values)

    def _parts(self):
        parts = [(self, self.HEARING), (self.health, Health.FIELDS), (self.timers, timers.Timers.FIELDS)]
        parts += [(path, Path.FIELDS) for path in self.health.paths]
        return parts + [(unit, Unit.FIELDS) for unit in self.health.units]

    def _hear(self, ms):
        """Let time pass for paths and timers; return the timers that ended."""
        stalled = self.health.elapsed(ms)
        ended = self.timers.elapsed(ms)
        if ended:
            self.dirty = 1
            if ended >> timers.GRACE & 1:
                self.health.end_grace()
            if ended >> timers.CONFLICT & 1:
                self.outbox.put(w.RECORD, w.E_CONFLICT, 0)
            if ended >> timers.REFUSED & 1:
                self._calm()
        if stalled or self.conflict_path != w.NONE:
            self._trouble(ms if stalled else 0)
        return ended

    def _calm(self):
        # a minute is over: what is alarmed stays so until one has passed with few refused frames
        self.intruded = 0
        for path in range(w.NONE, len(self.health.paths)):
            it = self if path == w.NONE else self.health.paths[path]
            if it.refusals >= REFUSED_ALARM:
                self.intruded = 1
            if it.refusals > 1:
                self.outbox.put(w.RECORD, w.E_REFUSED_FRAMES, path, it.refusals)
            it.refusals = 0
        if self.intruded:
            self.timers.start(timers.REFUSED, timers.REFUSED_MS)

    def _trouble(self, stall_ms):
        timing = self.timers
        if stall_ms:
            self.stalls += 1
            self.dirty |= 0 if timing.runs(timers.STALL) else 1
            timing.start(timers.STALL, timers.STALL_ALARM_MS)
            self.outbox.put(w.RECORD, w.E_STALL, stall_ms, self.health.stall_ms)
        if self.conflict_path != w.NONE:
            if not timing.runs(timers.CONFLICT):
                self.dirty = 1
                self.outbox.put(w.RECORD, w.E_CONFLICT, 1, self.conflict_path)
            timing.start(timers.CONFLICT, timers.CONFLICT_HOLD_MS)
            self.conflict_path = w.NONE

    def _compare(self):
        differs = self.health.differs()
        if differs != self.differs:
            self.differs = differs
            self.outbox.put(w.RECORD, w.E_DIFFERS, differs)

    def _alarm(self, bits):
        if bits != self.alarms:
            self.outbox.put(w.RECORD, w.E_ALARMS, bits, self.alarms)
            self.alarms = bits
        self.outbox.put(w.SEND)
