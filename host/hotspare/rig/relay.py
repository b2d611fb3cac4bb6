"""Relays: what verbs reach in any relay, what joins a line to its units, and the changeover; knows a timeline only.

A changeover relay has one armature a pole, all moved by the same coils. No weld closes both contacts of a pole:

- A weld on either contact holds every pole there: the line stays with that unit, and the read-back says so.
- A weld on one pole alone leaves that pole behind while the others move: the line is torn. Neither unit has it, for a
  unit feeds a line through all its poles; the read-backs of the poles being wired in parallel, both senses are high.

In a pool the spare's feed goes through a contact of each line's relay that is closed only while that relay is not at
the spare (`cascade`), and from there to the next line, so that two lines can not share it:

- A weld on the cascade contact holds the armature: its own line can not take the spare, the lines after it can.
- A weld on a line's spare contact keeps the spare from all lines after it; a line before it still takes it away.
- A wire across the cascade contact lets two lines share the spare once both are at it, welded or driven.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from hotspare.rig.armature import BACK, FRONT, Armature
from hotspare.rig.circuits import CLOSED, OPEN, Coil, Contact, ReadBack, Series, Tell
from hotspare.rig.loop import Timeline
from hotspare.rig.plan import LATCHING, ChangeoverRelay, LineRelay

PRIMARY = "primary"
SPARE = "spare"
CONTACTS = (PRIMARY, SPARE)
CASCADE = "cascade"

# where a line can be besides at the primary, at the spare and OPEN
TORN = "torn"
BOTH = "both"

# what the trace calls contacts between a unit and its line, and all others
CONTACT = "contact"
MIRROR = "mirror"


class RelayModel(ABC):
    """A relay as verbs see it: coils, and contacts by the names that verbs use, one contact a pole."""

    def __init__(self, tell: Tell) -> None:
        self.coils: tuple[Coil, ...] = ()
        self.contacts: dict[str, list[Contact]] = {}
        self.bridgeable: list[str] = []  # contacts in a circuit that a wire across them would change
        self._tell = tell

    @property
    @abstractmethod
    def position(self) -> str:
        """What is closed, by the name of the contact; or OPEN, TORN, BOTH."""

    @property
    def welded(self) -> list[str]:
        """The names of contacts that are welded, or will be at their next touch."""
        return [contact.name for contact in self._all() if contact.welded]

    def weld(self, name: str, pole: int | None = None) -> None:
        """Weld a contact; with `pole` only on that pole, which the others then leave behind."""
        for number, contact in enumerate(self.contacts[name], 1):
            if pole in (None, number):
                contact.weld()

    def unweld(self) -> None:
        """Break all welds."""
        for contact in self._all():
            contact.unweld()

    def bridge(self, name: str) -> None:
        """Lay a wire across a contact, on every pole."""
        for contact in self.contacts[name]:
            contact.bridge(True)

    @property
    def bridged(self) -> list[str]:
        """The names of contacts that a wire lies across."""
        return [contact.name for contact in self._all() if contact.bridged]

    def unbridge(self) -> None:
        """Take all wires away."""
        for contact in self._all():
            contact.bridge(False)

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the relay."""
        return {
            "driven": any(coil.driven for coil in self.coils),
            "energised": any(coil.current for coil in self.coils),
            "contact": self.position,
            "welded": self.welded,
            "bridged": self.bridged,
            "stuck": any(coil.broken or coil.shorted for coil in self.coils),
            "coils": {coil.name or "coil": coil.state() for coil in self.coils},
            "contacts": {contact.name: CLOSED if contact.closed else OPEN for contact in self._all()},
        }

    def _all(self) -> list[Contact]:
        return [contact for poles in self.contacts.values() for contact in poles]

    def _add(self, kind: str, name: str, armature: Armature, end: str) -> Contact:
        """Put a contact at one end of an armature; the second of a name is that of pole 2."""
        poles = self.contacts.setdefault(name, [])
        full = f"{name} pole {len(poles) + 1}" if poles else name
        poles.append(Contact(full, armature, end, partial(self._told, kind, full)))
        return poles[-1]

    def _told(self, kind: str, name: str, event: str) -> None:
        self._tell(kind, event, name)


class LineModel(RelayModel):
    """A relay that joins a line to its primary or to the spare, whose feed comes through `before`."""

    # what a high read-back says of its contact
    high = OPEN

    def __init__(self, plan: LineRelay, tell: Tell, before: Sequence[Contact]) -> None:
        super().__init__(tell)
        self.plan = plan
        self.read_backs: dict[str, ReadBack] = {}
        self._before = tuple(before)

    @abstractmethod
    def _own(self, side: str) -> list[Contact]:
        """Return the contacts of this relay, in series, between a unit and the line."""

    @abstractmethod
    def _sensed(self, side: str) -> list[Contact]:
        """Return the contacts that are read back for one side, one a pole."""

    @abstractmethod
    def _spare_armatures(self) -> list[Armature]:
        """Return what is at its back end only while this relay is not at the spare, one a pole."""

    def feed(self, side: str) -> Series:
        """Return all that joins a unit to the line: the spare through the relays before this one too."""
        return Series((*(self._before if side == SPARE else ()), *self._own(side)))

    def cascade(self) -> tuple[Contact, ...]:
        """Lead the spare's feed on, through a contact that this relay has for it; return the whole way so far."""
        own = [self._add(MIRROR, CASCADE, armature, BACK) for armature in self._spare_armatures()]
        self.bridgeable.append(CASCADE)
        return (*self._before, *own)

    def attach(self, shows: Mapping[str, Callable[[int], None]]) -> None:
        """Wire the read-backs, where there are contacts for them; each tells the level of its wire at once."""
        self.read_backs = {
            side: ReadBack(show, sensed, self.high) for side, show in shows.items() if (sensed := self._sensed(side))
        }

    @property
    def position(self) -> str:
        """The unit that this relay joins to the line, if the feed is there; or OPEN, BOTH."""
        joined = [side for side in CONTACTS if all(contact.conducts for contact in self._own(side))]
        return BOTH if len(joined) > 1 else joined[0] if joined else OPEN

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the relay."""
        read_back = {side: wire.state() for side, wire in self.read_backs.items()}
        return {**super().state(), "line": self.plan.line, "read_back": read_back}


class Changeover(LineModel):
    """One form-C contact a pole: released at the primary; latching, it stays where the last pulse put it."""

    high = CLOSED

    def __init__(self, timeline: Timeline, plan: ChangeoverRelay, tell: Tell, before: Sequence[Contact] = ()) -> None:
        super().__init__(plan, tell, before)
        self.armatures = [Armature(timeline, plan) for _ in range(plan.poles)]
        for armature in self.armatures:
            self._add(CONTACT, PRIMARY, armature, BACK)
            self._add(CONTACT, SPARE, armature, FRONT)
        self._timeline = timeline
        self._pulse_min_us = plan.pulse_min_us
        self._pulse_us: dict[str, int] = {}  # when the current of a latching coil began, by the end it pulls to
        self._before_pulse = [BACK] * plan.poles  # where latching armatures return to after too short a pulse
        if plan.retention == LATCHING:
            # the first sets (towards the spare), the second resets
            self.coils = tuple(Coil(name, tell, self._pulsed) for name in ("set", "reset"))
        else:
            self.coils = (Coil("", tell, self._attract),)

    @property
    def position(self) -> str:
        """The end at which all poles are; or OPEN, TORN."""
        ends = [side for side in CONTACTS if any(contact.closed for contact in self.contacts[side])]
        return TORN if len(ends) > 1 else super().position

    def _own(self, side: str) -> list[Contact]:
        return self.contacts[side]

    def _sensed(self, side: str) -> list[Contact]:
        return self.contacts[side]

    def _spare_armatures(self) -> list[Armature]:
        return self.armatures

    def _attract(self, current: bool) -> None:
        for armature in self.armatures:
            armature.attract(current)

    def _pulsed(self, current: bool) -> None:
        flowing = [coil for coil in self.coils if coil.current]
        if len(flowing) == 1:
            towards = FRONT if flowing[0].name == "set" else BACK
            self._pulse_us = {towards: self._timeline.now_us()}
            for place, armature in enumerate(self.armatures):
                self._before_pulse[place] = armature.bound_for
                armature.push(towards)
            return
        for before, armature in zip(self._before_pulse, self.armatures, strict=True):
            armature.relax()
            for towards, began_us in self._pulse_us.items():
                if self._timeline.now_us() - began_us < self._pulse_min_us and towards != before:
                    armature.force(before, 0)
        self._pulse_us = {}
