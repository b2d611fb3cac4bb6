"""Quiet moments: an erase of flash makes a board deaf and dumb, so it is announced and waits until it was heard; pure.

1. A board that wants a quiet moment says so in its heartbeats; whoever hears that gives it QUIET_MS longer and says so.
2. It is granted in the step in which a beat has just gone out, once every path that is alive has echoed it.
3. Nobody echoes for ANNOUNCE_MS_MAX: it is granted all the same, for whoever hears us has heard it by then.
4. Where a decision may be near there is no quiet moment: the announcement is withdrawn and begins anew.
"""

from hotspare_engine import words as w
from hotspare_wire import messages as m

ANNOUNCE_MS_MAX = 10000


class Quiet:
    """What is said of silence on each path, a bit each by its index; `paths` are those of the engine's health."""

    def __init__(self, paths):
        self._paths = paths
        self.said = 0  # whether the beats that go out announce it
        self.quiet = self.echoed = 0
        self.granted = self.used = 0  # a moment, in this step; one by the step before
        self._announced_ms = 0

    def heard(self, index, bits):
        """A neighbour's beat on a path says this."""
        bit = 1 << index
        self.quiet = self.quiet | bit if bits & m.QUIET else self.quiet & ~bit
        self.echoed = self.echoed | bit if bits & m.QUIET_HEARD else self.echoed & ~bit

    def bits(self, index):
        """Return what the beat on a path is to say; along a chain each hears of the others."""
        if not self.said and not self.quiet:
            return 0
        bit = 1 << index
        bits = m.QUIET_HEARD if self.quiet & bit else 0
        return bits | m.QUIET if self.said or self.quiet & ~bit & self._chained(index) else bits

    def _chained(self, index):
        if self._paths[index].kind != w.PATH_CROSSLINK_A:
            return 0
        bits = 0
        for place in range(len(self._paths)):
            if self._paths[place].kind == w.PATH_CROSSLINK_A:
                bits |= 1 << place
        return bits

    def beat(self, ms, wanted):
        """A beat goes out to every neighbour, `ms` after the one before; a quiet moment is wanted, or not."""
        self.granted = self.used = 0
        if not wanted or not self._rest():
            self.said = self._announced_ms = 0
            return
        if not self.said:
            self.said = 1
            return
        self._announced_ms += ms
        if self._all_echo() or self._announced_ms >= ANNOUNCE_MS_MAX:
            self._announced_ms = 0
            self.granted = 1

    def _rest(self):
        # a neighbour that is late may be failing: it is watched
        for path in self._paths:
            if path.state == w.ALIVE and path.age_ms > 2 * path.interval_ms:
                return False
        return True

    def _all_echo(self):
        alive = False
        for index in range(len(self._paths)):
            path = self._paths[index]
            if path.kind == w.PATH_CROSSLINK_A or path.kind == w.PATH_CROSSLINK_B or path.kind == w.PATH_NETWORK:
                if path.state == w.ALIVE:
                    alive = True
                    if not self.echoed >> index & 1:
                        return False
        return alive or not self._has_neighbours()

    def _has_neighbours(self):
        for path in self._paths:
            if path.kind <= w.PATH_CROSSLINK_B or path.kind == w.PATH_NETWORK:
                return True
        return False
