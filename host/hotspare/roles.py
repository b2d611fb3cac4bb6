"""The role of a unit: what its boards tell, what is still to be done for it, what is acknowledged; touches nothing.

1. The newest word wins. A board that repeats itself says nothing new, so that two boards of a unit can not quarrel.
2. What was told and is not done yet is `wanted`, and as long as something is, nothing is acknowledged.
3. Only what is wanted can be acknowledged: what comes to its end too late has no say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hotspare_engine import names, words

ALL = (words.STANDBY, words.ACTIVE, words.DRAIN)
# how long what belongs to a role may take, unless told
HOOK_LIMIT_MS = 30_000


@dataclass(frozen=True)
class Duty:
    """A role that was told, what the unit was told before, and the line that it is about: from 1, 0 if none was named.

    `number` tells it from an earlier one of the same role.
    """

    number: int
    role: int
    before: int
    line: int

    @property
    def name(self) -> str:
        """The name of the role."""
        return name(self.role)


class Roles:
    """What all agents of one unit are told and acknowledge.

    `worked` are the roles for which something is to be done; every other one is acknowledged as soon as it is told.
    """

    def __init__(self, worked: Collection[int] = ()) -> None:
        self.duty = Duty(0, words.NOT_TOLD, words.NOT_TOLD, 0)
        self.acknowledged = 0
        self._worked = worked
        self._own_line = 0

    @property
    def wanted(self) -> Duty | None:
        """What is still to be done."""
        return None if self.acknowledged or self.duty.role == words.NOT_TOLD else self.duty

    def tell(self, role: int, line: int, own: bool) -> None:
        """A board tells something new: the role, and the line that the spare carries or, if `own`, the unit's own."""
        if own:
            self._own_line = line
        line = self._own_line or line
        duty = self.duty
        moved = role == words.ACTIVE and duty.line and line and line != duty.line
        if role == duty.role and not moved:
            return
        self.duty = Duty(duty.number + 1, role, duty.role, line)
        self.acknowledged = 0
        if role not in self._worked:
            self.acknowledge(self.duty)

    def acknowledge(self, duty: Duty, failed: bool = False) -> None:
        """What belongs to `duty` is done, or failed; one that is not wanted any more changes nothing."""
        if duty is self.wanted:
            self.acknowledged = duty.role | (words.ROLE_FAILED if failed else 0)


def name(role: int) -> str:
    """Return the name of a role; empty where none was told."""
    return str(names.ROLE_NAMES[role]) if role != words.NOT_TOLD else ""
