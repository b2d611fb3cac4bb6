"""Relays: what coils and contacts do, microsecond by microsecond, whatever was meant; knows a timeline only.

Laws of the armature: it is at the primary's end, at the spare's, or between them. A contact is closed only at its own
end, so both are never closed at once. A force acts a while after the coil changes (the field builds up or decays),
moves the armature from where it is, and is reversed in the middle of the travel by a force the other way. A welded
contact holds the armature at its end, and so, the contacts being force-guided, keeps the other from closing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hotspare.rig.loop import Timeline, Timer
from hotspare.rig.plan import LATCHING, ChangeoverRelay

PRIMARY = "primary"
SPARE = "spare"
CONTACTS = (PRIMARY, SPARE)
OPEN = "open"  # neither contact is closed

# when a touched contact opens and closes again, in thousandths of its bounce time; the last one closes for good
BOUNCE_MILLE = ((150, False), (300, True), (480, False), (650, True), (850, False), (1000, True))

Tell = Callable[[str, str, str], None]  # (kind, event, detail) to the trace


class Coil:
    """A coil between a driven pin and a supply; a broken one takes no current."""

    def __init__(self, name: str, tell: Tell, changed: Callable[[], None]) -> None:
        self.name = name  # "" for the only coil of a relay
        self.driven = False
        self.supplied = True
        self.broken = False
        self.current = False
        self._tell = tell
        self._changed = changed

    def drive(self, level: int | None) -> None:
        """The pin is driven to `level`, or not at all: the external pull-down releases the driver."""
        driven = bool(level)
        if driven != self.driven:
            self.driven = driven
            self._tell("drive", "on" if driven else "off", self.name)
            self._settle()

    def supply(self, on: bool) -> None:
        """The supply of the coils comes or goes."""
        self.supplied = on
        self._settle()

    def set_broken(self, broken: bool) -> None:
        """The winding opens, or is mended."""
        self.broken = broken
        self._settle()

    def _settle(self) -> None:
        current = self.driven and self.supplied and not self.broken
        if current != self.current:
            self.current = current
            self._tell("coil", "energised" if current else "released", self.name)
            self._changed()


class Armature:
    """The moving part and the two contacts that it makes and breaks; `touched(contact, closed)` hears of it."""

    def __init__(
        self, timeline: Timeline, travel_us: int, bounce_us: int, touched: Callable[[str, bool], None]
    ) -> None:
        self.closed = {PRIMARY: True, SPARE: False}
        self.welded: set[str] = set()  # contacts that hold on, or will at their next touch
        self._timeline = timeline
        self._travel_us = travel_us
        self._bounce_us = bounce_us
        self._touched = touched
        self._towards = PRIMARY
        self._at: str | None = PRIMARY  # the end it rests at; None while it travels
        self._left_us = 0  # of the travel, when it last began to move
        self._began_us = 0
        self._arrival: Timer | None = None
        self._pending: tuple[str, Timer] | None = None
        self._bounces: list[Timer] = []

    def push(self, towards: str, delay_us: int) -> None:
        """From `delay_us` on a force moves it to `towards`; an earlier push that does not act yet is void."""
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
    def resting_at(self) -> str | None:
        """The end that it rests at."""
        return self._at

    @property
    def towards(self) -> str:
        """The end that the last force moved it to."""
        return self._towards

    def weld(self, contact: str) -> None:
        """`contact` does not open any more: from now on if it is closed, otherwise from its next touch."""
        self.welded.add(contact)
        if self._at == contact:
            self._stop_bouncing()
            self._set(contact, True)

    def unweld(self, contact: str) -> None:
        """`contact` comes free; a force that acts moves the armature at once."""
        self.welded.discard(contact)
        if self._at is not None and self._at != self._towards:
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
            self._move(self._travel_us - (self._left_us - gone_us))

    def _set_off(self) -> None:
        end = self._at
        assert end is not None
        self._at = None
        self._stop_bouncing()
        self._set(end, False)
        self._move(self._travel_us)

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
        if end not in self.welded and self._bounce_us:
            for mille, closed in BOUNCE_MILLE:
                self._bounces.append(self._timeline.after(self._bounce_us * mille // 1000, self._set, end, closed))

    def _stop_bouncing(self) -> None:
        for timer in self._bounces:
            timer.cancel()
        self._bounces.clear()

    def _set(self, contact: str, closed: bool) -> None:
        if self.closed[contact] != closed:
            self.closed[contact] = closed
            self._touched(contact, closed)


@dataclass
class ReadBack:
    """The wire from one contact to the board; `stuck` is what it says whatever the contact does."""

    show: Callable[[int], None]
    level: int = 0
    stuck: int | None = None

    def set_level(self, level: int) -> None:
        """The contact opens or closes."""
        self.level = level
        self.show(level if self.stuck is None else self.stuck)

    def set_stuck(self, stuck: int | None) -> None:
        """The wire breaks (or is mended: None)."""
        self.stuck = stuck
        self.set_level(self.level)


class Changeover:
    """A changeover relay: coils, armature, contacts, read-backs."""

    def __init__(
        self, timeline: Timeline, plan: ChangeoverRelay, tell: Tell, touched: Callable[[str, bool], None]
    ) -> None:
        self.plan = plan
        self.read_backs: dict[str, ReadBack] = {}
        self._timeline = timeline
        self._tell = tell
        self._heard = touched
        self.armature = Armature(timeline, plan.transfer_us, plan.bounce_us, self._touched)
        self.latching = plan.retention == LATCHING
        # of a latching relay: the first sets (towards the spare), the second resets
        names = ("set", "reset") if self.latching else ("",)
        self.coils = tuple(Coil(name, tell, self._current_changed) for name in names)
        self._pulse_us: dict[str, int] = {}  # when the current of a latching coil began
        self._before = PRIMARY  # where a latching armature returns to after too short a pulse

    def attach(self, read_backs: dict[str, Callable[[int], None]]) -> None:
        """Wire the read-backs; each is told the level of its contact at once."""
        self.read_backs = {contact: ReadBack(show) for contact, show in read_backs.items()}
        for contact, read_back in self.read_backs.items():
            read_back.set_level(int(self.armature.closed[contact]))

    @property
    def position(self) -> str:
        """The contact that is closed, or "open"."""
        return next((contact for contact in CONTACTS if self.armature.closed[contact]), OPEN)

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the relay."""
        return {
            "driven": any(coil.driven for coil in self.coils),
            "energised": any(coil.current for coil in self.coils),
            "contact": self.position,
            "line": self.plan.line,
            "welded": sorted(self.armature.welded),
            "stuck": any(coil.broken for coil in self.coils),
            "read_back": {
                contact: {"level": wire.level if wire.stuck is None else wire.stuck, "stuck": wire.stuck is not None}
                for contact, wire in self.read_backs.items()
            },
        }

    def _touched(self, contact: str, closed: bool) -> None:
        self._tell("contact", "closed" if closed else "open", contact)
        self._heard(contact, closed)
        if contact in self.read_backs:
            self.read_backs[contact].set_level(int(closed))

    def _current_changed(self) -> None:
        plan = self.plan
        if not self.latching:
            if self.coils[0].current:
                self.armature.push(SPARE, plan.operate_us - plan.transfer_us)
            else:
                self.armature.push(PRIMARY, plan.release_us - plan.transfer_us)
            return
        flowing = [coil for coil in self.coils if coil.current]
        if len(flowing) == 1:
            towards = SPARE if flowing[0].name == "set" else PRIMARY
            delay_us = (plan.operate_us if towards == SPARE else plan.release_us) - plan.transfer_us
            self._pulse_us = {towards: self._timeline.now_us()}
            self._before = self.armature.resting_at or self.armature.towards
            self.armature.push(towards, delay_us)
            return
        self.armature.relax()
        for towards, began_us in self._pulse_us.items():
            if self._timeline.now_us() - began_us < plan.pulse_min_us and towards != self._before:
                self.armature.push(self._before, 0)
        self._pulse_us = {}
