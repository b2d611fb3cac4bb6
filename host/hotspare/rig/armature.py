"""Armatures: the moving part of a relay and the ends where contacts are closed, microsecond by microsecond.

An armature is at its back end (where it rests in a relay without current), at its front end, or between them; it knows
a timeline only. Whatever was meant, these are its laws: a contact is closed only at its own end, so contacts of
different ends are never closed together. A force acts a while after the coil changes (the field builds up or decays),
moves the armature from where it is, and is reversed in the middle of the travel by a force the other way. A welded
contact holds the armature at its end and so, the contacts being force-guided, keeps those of the other end open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hotspare.rig.loop import Timeline, Timer

BACK = "back"
FRONT = "front"

# when a touched contact opens and closes again, in thousandths of its bounce time; the last one closes for good
BOUNCE_MILLE = ((150, False), (300, True), (480, False), (650, True), (850, False), (1000, True))


class Times(Protocol):
    """How long a relay takes; operate and release end at the first touch, `transfer_us` earlier the other end opens."""

    @property
    def operate_us(self) -> int: ...
    @property
    def release_us(self) -> int: ...
    @property
    def bounce_us(self) -> int: ...
    @property
    def transfer_us(self) -> int: ...


class Armature:
    """The moving part of one relay, or of one pole of it."""

    def __init__(self, timeline: Timeline, times: Times) -> None:
        self.closed = {BACK: True, FRONT: False}
        self.welded: set[str] = set()  # ends whose contacts hold on, or will at their next touch
        self._timeline = timeline
        self._times = times
        self._listeners: dict[str, list[Callable[[bool], None]]] = {BACK: [], FRONT: []}
        self._towards = BACK
        self._at: str | None = BACK  # the end it rests at; None while it travels
        self._left_us = 0  # of the travel, when it last began to move
        self._began_us = 0
        self._arrival: Timer | None = None
        self._pending: tuple[str, Timer] | None = None
        self._bounces: list[Timer] = []

    def listen(self, end: str, call: Callable[[bool], None]) -> None:
        """Call `call(closed)` whenever contacts at `end` close or open, in the order of asking."""
        self._listeners[end].append(call)

    def attract(self, current: bool) -> None:
        """Current in a coil begins to pull it to the front, or ends and leaves it to the spring."""
        self.push(FRONT if current else BACK)

    def push(self, towards: str) -> None:
        """A coil that changes now will move it to `towards`; an earlier push that does not act yet is void."""
        span_us = self._times.operate_us if towards == FRONT else self._times.release_us
        self.force(towards, span_us - self._times.transfer_us)

    def force(self, towards: str, delay_us: int) -> None:
        """From `delay_us` on a force moves it to `towards`; an earlier one that does not act yet is void."""
        if self._pending is not None:
            if self._pending[0] == towards and self._pending[1].due_us <= self._timeline.now_us() + delay_us:
                return
            self._pending[1].cancel()
        self._pending = (towards, self._timeline.after(delay_us, self._force, towards))

    def relax(self) -> None:
        """No force any more, and none on the way: it goes on to where it moves, or stays."""
        if self._pending is not None:
            self._pending[1].cancel()
            self._pending = None

    @property
    def bound_for(self) -> str:
        """The end that it rests at or else moves to."""
        return self._at or self._towards

    def weld(self, end: str) -> None:
        """A contact at `end` does not open any more: from now on if it is closed, otherwise from its next touch."""
        self.welded.add(end)
        if self._at == end:
            self._stop_bouncing()
            self._set(end, True)

    def unweld(self, end: str) -> None:
        """The contacts at `end` come free; a force that acts moves the armature at once."""
        self.welded.discard(end)
        if self._at is not None and self._at not in self.welded and self._at != self._towards:
            self._set_off()

    def _force(self, towards: str) -> None:
        self._pending = None
        if towards == self._towards:
            return
        self._towards = towards
        if self._at is not None:
            if self._at not in self.welded and self._at != towards:
                self._set_off()
        else:
            gone_us = self._timeline.now_us() - self._began_us
            self._move(self._times.transfer_us - (self._left_us - gone_us))

    def _set_off(self) -> None:
        end = self._at
        assert end is not None
        self._at = None
        self._stop_bouncing()
        self._set(end, False)
        self._move(self._times.transfer_us)

    def _move(self, left_us: int) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
        self._left_us = left_us
        self._began_us = self._timeline.now_us()
        self._arrival = self._timeline.after(left_us, self._arrive)

    def _arrive(self) -> None:
        self._arrival = None
        end = self._at = self._towards
        self._set(end, True)
        if end not in self.welded and self._times.bounce_us:
            for mille, closed in BOUNCE_MILLE:
                delay_us = self._times.bounce_us * mille // 1000
                self._bounces.append(self._timeline.after(delay_us, self._set, end, closed))

    def _stop_bouncing(self) -> None:
        for timer in self._bounces:
            timer.cancel()
        self._bounces.clear()

    def _set(self, end: str, closed: bool) -> None:
        if self.closed[end] != closed:
            self.closed[end] = closed
            for call in self._listeners[end]:
                call(closed)
