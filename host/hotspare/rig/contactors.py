"""Relays with normally open contacts: interlocked pairs, fences with a spare's contact, starts; a timeline only.

All their contacts are force-guided (mechanically linked): while a contact of one end is closed or welded, none of the
other end closes, and those of the end that is left open first.

`Interlocked`: two contactors a line. The coil of each is wired through a mirror contact (normally closed) of the other,
so it gets current only while the other's main contact is really open, whatever is driven. Where both are driven at
once, the first armature that moves opens its mirror at that moment and so takes the current from the other, which has
not moved yet. (Contactors whose mirrors open late in the travel need a mechanical interlock beside the electrical one.)

- A weld on a main contact holds its armature in front: its mirrors stay open, the other coil gets no current, the line
  stays with that unit, and the read-back says "not isolated".
- A weld on a mirror contact holds its armature back: the line can not have that unit, and the read-back says the truth.
- A wire across a mirror takes the interlock away on that side and shows nowhere: from then on one more fault connects
  two units, a welded main contact of that contactor for good, both outputs driven for a moment.
- Without mirrors (a group whose switch is `unproven`) a welded main contact or one output too many does so by itself.

`Fenced`: a fence relay whose normally closed contact is the primary's way to the line, and which closes an auxiliary
contact in front; and the spare's contact with a coil of its own, wired through that auxiliary contact.

- A weld on the fence contact holds the fence back: the auxiliary can not close, so the spare stays disconnected
  whatever its contact does, and the read-back says "not isolated".
- A weld on the auxiliary holds the fence in front: the primary stays isolated, also after an un-fence, and the line has
  the spare or nothing.
- A weld on the spare's contact leaves the spare at the line while fenced; an un-fence disconnects it all the same.
- A wire across the auxiliary shows nowhere: from then on one more fault, a welded spare's contact or its output driven
  while the fence is closed, connects two units.

`Start`: one normally open contact that feeds a unit. A weld keeps the unit fed. It keeps nothing apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from hotspare.rig.armature import BACK, FRONT, Armature
from hotspare.rig.circuits import OPEN, Coil, Contact, Tell
from hotspare.rig.loop import Timeline
from hotspare.rig.plan import FencedRelay, InterlockedRelay, StartRelay
from hotspare.rig.relay import CONTACT, CONTACTS, MIRROR, PRIMARY, SPARE, LineModel, RelayModel

FENCE = "fence"  # the coil
AUXILIARY = "auxiliary"  # the contact of the fence that the spare is wired through
FEED = "feed"

MIRROR_OF = {side: f"{side}-mirror" for side in CONTACTS}


class Interlocked(LineModel):
    """Two contactors, each coil through a mirror contact of the other; another mirror each is read back."""

    def __init__(self, timeline: Timeline, plan: InterlockedRelay, tell: Tell, before: Sequence[Contact] = ()) -> None:
        super().__init__(plan, tell, before)
        self._armatures = {side: Armature(timeline, plan) for side in CONTACTS}
        coils = {side: Coil(side, tell, armature.attract) for side, armature in self._armatures.items()}
        for side, other in ((PRIMARY, SPARE), (SPARE, PRIMARY)):
            self._add(CONTACT, side, self._armatures[side], FRONT)
            if plan.mirrors:
                mirror = self._add(MIRROR, MIRROR_OF[side], self._armatures[side], BACK)
                coils[other].lead_through(mirror)
                self.bridgeable.append(MIRROR_OF[side])
        self.coils = (coils[SPARE], coils[PRIMARY])

    def _own(self, side: str) -> list[Contact]:
        return self.contacts[side]

    def _sensed(self, side: str) -> list[Contact]:
        return self.contacts.get(MIRROR_OF[side], [])

    def _spare_armatures(self) -> list[Armature]:
        return [self._armatures[SPARE]]


class Fenced(LineModel):
    """A fence in the primary's way to the line, and the spare's contact wired through the fence."""

    def __init__(self, timeline: Timeline, plan: FencedRelay, tell: Tell, before: Sequence[Contact] = ()) -> None:
        super().__init__(plan, tell, before)
        fence, spare = Armature(timeline, plan), Armature(timeline, plan)
        self._add(CONTACT, PRIMARY, fence, BACK)
        self._add(MIRROR, AUXILIARY, fence, FRONT)
        self._add(CONTACT, SPARE, spare, FRONT)
        self._add(MIRROR, MIRROR_OF[SPARE], spare, BACK)
        self.bridgeable.append(AUXILIARY)
        self.coils = (Coil(SPARE, tell, spare.attract), Coil(FENCE, tell, fence.attract))
        self._spare = spare

    def _own(self, side: str) -> list[Contact]:
        return self.contacts[side] + (self.contacts[AUXILIARY] if side == SPARE else [])

    def _sensed(self, side: str) -> list[Contact]:
        # force-guided: what is closed in front proves the fence contact open
        return self.contacts[AUXILIARY if side == PRIMARY else MIRROR_OF[SPARE]]

    def _spare_armatures(self) -> list[Armature]:
        return [self._spare]


class Start(RelayModel):
    """A contact that feeds a unit while the coil has current."""

    def __init__(self, timeline: Timeline, plan: StartRelay, tell: Tell) -> None:
        super().__init__(tell)
        armature = Armature(timeline, plan)
        self.plan = plan
        self.feed = self._add(CONTACT, FEED, armature, FRONT)
        self.coils = (Coil("", tell, armature.attract),)

    @property
    def position(self) -> str:
        """FEED while it feeds, or OPEN."""
        return FEED if self.feed.closed else OPEN
