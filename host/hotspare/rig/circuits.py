"""Circuits: contacts, what is wired through them, coils and read-backs: what conducts and who gets current; no time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hotspare.rig.armature import Armature

Tell = Callable[[str, str, str], None]  # (kind, event, detail) to the trace

OPEN, CLOSED = "open", "closed"
LOST = "lost"  # a wire that is torn off: low, whatever the contact does


class Contact:
    """A contact at one end of an armature; a wire laid across it (`bridged`) conducts whatever the armature does."""

    def __init__(self, name: str, armature: Armature, end: str, told: Callable[[str], None]) -> None:
        self.name = name
        self.bridged = False
        self.welded = False
        self._armature = armature
        self._end = end
        self._told = told
        self._listeners: list[Callable[[], None]] = []
        armature.listen(end, self._moved)

    @property
    def closed(self) -> bool:
        """Whether the armature keeps it closed."""
        return self._armature.closed[self._end]

    @property
    def conducts(self) -> bool:
        """Whether current can flow."""
        return self.closed or self.bridged

    def listen(self, call: Callable[[], None]) -> None:
        """Call `call()` whenever it opens, closes, is bridged or no longer is, in the order of asking."""
        self._listeners.append(call)

    def weld(self) -> None:
        """It does not open any more: from now on if it is closed, otherwise from its next touch."""
        self.welded = True
        self._armature.weld(self._end)

    def unweld(self) -> None:
        """It comes free."""
        self.welded = False
        self._armature.unweld(self._end)

    def bridge(self, bridged: bool) -> None:
        """A wire is laid across it, or taken away."""
        self.bridged = bridged
        self._tell_on()

    def _moved(self, closed: bool) -> None:
        self._told(CLOSED if closed else OPEN)
        self._tell_on()

    def _tell_on(self) -> None:
        for call in self._listeners:
            call()


class Series:
    """Contacts one after the other: it is `closed` while all of them conduct."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self._contacts = tuple(contacts)
        self._listeners: list[Callable[[bool], None]] = []
        self.closed = self._all_conduct()
        for contact in self._contacts:
            contact.listen(self._look)

    def listen(self, call: Callable[[bool], None]) -> None:
        """Call `call(closed)` whenever that changes."""
        self._listeners.append(call)

    def _all_conduct(self) -> bool:
        return all(contact.conducts for contact in self._contacts)

    def _look(self) -> None:
        closed = self._all_conduct()
        if closed != self.closed:
            self.closed = closed
            for call in self._listeners:
                call(closed)


class Coil:
    """A coil between a driven pin and a supply, in series with contacts; a broken one takes no current."""

    def __init__(self, name: str, tell: Tell, changed: Callable[[bool], None]) -> None:
        self.name = name  # "" for the only coil of a relay
        self.driven = False
        self.supplied = True
        self.broken = False
        self.shorted = False  # its driver conducts, whatever the pin is driven to
        self.current = False
        self._through: list[Contact] = []
        self._tell = tell
        self._changed = changed

    def lead_through(self, contact: Contact) -> None:
        """Wire it through `contact`: without that it takes no current."""
        self._through.append(contact)
        contact.listen(self._settle)

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

    def set_shorted(self, shorted: bool) -> None:
        """The driver conducts for ever, or is mended."""
        self.shorted = shorted
        self._settle()

    def state(self) -> dict[str, bool]:
        """Return what is to be told of the coil."""
        return {
            "driven": self.driven,
            "fed": self.supplied and self._reached(),
            "broken": self.broken,
            "shorted": self.shorted,
            "energised": self.current,
        }

    def _reached(self) -> bool:
        return all(contact.conducts for contact in self._through)

    def _settle(self) -> None:
        current = (self.driven or self.shorted) and self.supplied and not self.broken and self._reached()
        if current != self.current:
            self.current = current
            self._tell("coil", "energised" if current else "released", self.name)
            self._changed(current)


class ReadBack:
    """A wire to the board that is high while any of its contacts is closed.

    Those are contacts of its own: they move with the ones given, and no wire laid across these alters them. `high` is
    what a high wire says of the contact that is read back: CLOSED, or OPEN where it is read by a mirror contact.
    """

    def __init__(self, show: Callable[[int], None], contacts: Sequence[Contact], high: str) -> None:
        self.fault: str | None = None  # what it says for ever, or LOST
        self.level = 0  # of the wire
        self._show = show
        self._contacts = contacts
        self._high = high
        for contact in contacts:
            contact.listen(self._look)
        self._look()

    def set_fault(self, fault: str | None) -> None:
        """The wire is torn off (LOST), says one thing for ever (OPEN, CLOSED), or is mended (None)."""
        self.fault = fault
        self._look()

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the read-back."""
        return {"level": self.level, "stuck": self.fault is not None, "high_means": self._high}

    def _look(self) -> None:
        if self.fault is not None:
            self.level = int(self.fault == self._high)
        else:
            self.level = int(any(contact.closed for contact in self._contacts))
        self._show(self.level)
