"""Quiet moments: a board says that it may be silent once, and only when all neighbours have heard it erases its flash.

The controller serves one board at a time, itself included, and tells the others on a chain of whom they then hear
nothing either; it has heard a board's announcement when they have. No clock, no I/O.
"""

from hotspare_engine import words as w
from hotspare_wire import messages as m

WAIT_MS = 10000  # for an echo; then the moment comes without one
REST_MS = 1000  # between two announcements: the neighbours have heard that the last one is over
REST_BEATS = 3


class Quiet:
    """The moments of one board. `want` is set by whoever has something to erase, `granted` is true in one step only.

    `paths` are those of the engine's health.
    """

    def __init__(self, paths, is_controller, beat_ms):
        self.want = 0
        self.granted = False
        self._is_controller = is_controller
        self._rest_ms_max = max(REST_MS, REST_BEATS * beat_ms)
        self._rest_ms = 0
        self._announced_ms = -1  # for how long; -1: it is not
        self._theirs = self._echoed = self._served = 0  # bits of paths: who announces, who heard us, whom we have heard
        self._moving = self._over = False
        # of each path the bits of all paths to the same board, 0 where no heartbeat of a board comes
        self._masks = bytearray(len(paths))
        for place, path in enumerate(paths):
            for other in range(len(paths)):
                kind = paths[other].kind
                speaks = kind == w.PATH_CROSSLINK_A or kind == w.PATH_CROSSLINK_B or kind == w.PATH_NETWORK
                if speaks and paths[other].source == path.source and path.kind != w.PATH_AGENT:
                    self._masks[place] |= 1 << other

    def heard(self, path, bits, state):
        """A heartbeat came on a path, with its role and quiet bits and what it says of the group's state."""
        mask = self._masks[path]
        self._theirs = self._theirs | mask if bits & m.QUIET else self._theirs & ~mask
        self._echoed = self._echoed | mask if bits & m.QUIET_ECHO else self._echoed & ~mask
        if not self._is_controller:
            self._moving = state == w.SWITCHING

    def bits(self, path):
        """Return what a heartbeat on a path says of it."""
        mask = self._masks[path]
        bits = m.QUIET_ECHO if self._served & mask else 0
        if mask and (self._announced_ms >= 0 or (self._is_controller and self._theirs & ~mask)):
            bits |= m.QUIET
        return bits

    def step(self, ms, sent, engine):
        """`ms` milliseconds have passed; `sent`: a beat has just gone out on all paths."""
        self.granted = False
        if not self.want and not self._theirs and not self._served and self._announced_ms < 0:
            return  # nearly always: what a step need not do, it does not do
        health = engine.health
        alive = 0
        for place in range(len(self._masks)):
            if health.paths[place].state == w.ALIVE:
                alive |= self._masks[place]
        self._theirs &= alive if health.is_quiet_believed() else 0
        self._serve(alive)
        if self._over:
            if sent:  # one beat more says it: what that echoes is as old as the moment
                self._over = False
                self._end()
        elif not self.want or self._moving or not engine.rests():
            if self._announced_ms >= 0:
                self._end()
        elif self._announced_ms < 0:
            self._rest_ms -= ms
            if self._rest_ms <= 0 and not (self._is_controller and self._theirs):
                self._announced_ms = self._rest_ms = 0
        else:
            self._announced_ms += ms
            heard = not alive & ~self._echoed if alive else not any(self._masks)
            if sent and (heard or self._announced_ms >= WAIT_MS):
                self.granted = self._over = True

    def _end(self):
        self._announced_ms = -1
        self._rest_ms = self._rest_ms_max

    def _serve(self, alive):
        if not self._is_controller:
            self._served = self._theirs
            return
        self._served &= self._theirs
        if self._theirs and not self._served and self._announced_ms < 0:
            for mask in self._masks:
                if mask & self._theirs and not alive & ~self._echoed & ~mask:
                    self._served = mask
                    return
