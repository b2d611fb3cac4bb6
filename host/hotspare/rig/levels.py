"""Wires that carry a level to a board: pulses, dry contacts, INVALID outputs, a key; knows a timeline only."""

from __future__ import annotations

from collections.abc import Callable

from hotspare.rig.loop import Timeline, Timer

INVALID_US = 30  # without a driven level before an RS-232 receiver says so (MAX3221 data sheet)


class Pulse:
    """One wire that carries a level; `sink(level)` gets it where it arrives. A cut wire is low there."""

    def __init__(self, timeline: Timeline, sink: Callable[[int], None]) -> None:
        self.cut = False
        self.delay_us = 0
        self.edges = 0
        self._timeline = timeline
        self._sink = sink
        self._level = 0
        self._arrival_us = 0

    def set_level(self, level: int) -> None:
        """The sender drives its end to `level`."""
        if level == self._level:
            return
        self._level = level
        self.edges += 1
        if self.delay_us or self._arrival_us > self._timeline.now_us():
            self._arrival_us = max(self._arrival_us, self._timeline.now_us() + self.delay_us)
            self._timeline.at(self._arrival_us, self._arrive, level)
        else:
            self._arrive(level)

    def set_cut(self, cut: bool) -> None:
        """Part or join the wire."""
        self.cut = cut
        self._sink(0 if cut else self._level)

    def set_delay(self, delay_us: int) -> None:
        """Let levels arrive that much later; those on the way keep their order."""
        self.delay_us = delay_us

    def _arrive(self, level: int) -> None:
        self._sink(0 if self.cut else level)


class Presence:
    """The INVALID output of an RS-232 receiver: high while a transceiver with power drives a wire that is whole.

    A receiver can not tell a cut cable from a neighbour without power: either way nobody holds the wire at a level.
    """

    def __init__(self, timeline: Timeline, show: Callable[[int], None]) -> None:
        self._timeline = timeline
        self._show = show
        self._cut = False
        self._powered = False
        self._timer: Timer | None = None
        show(0)

    def set_cut(self, cut: bool) -> None:
        """The wire is parted or joined."""
        self._cut = cut
        self._settle()

    def set_powered(self, on: bool) -> None:
        """The neighbour's power comes or goes."""
        self._powered = on
        self._settle()

    def _settle(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._powered and not self._cut:
            self._show(1)
        else:
            self._timer = self._timeline.after(INVALID_US, self._show, 0)


class Keyswitch:
    """A key switch at a board that locks the spare out, whatever anybody orders: its pin is high while it is on."""

    def __init__(self, show: Callable[[int], None]) -> None:
        self.on = False
        self._show = show
        self.turn(False)

    def turn(self, on: bool) -> None:
        """Turn the key."""
        self.on = on
        self._show(int(on))
