"""Relays of two coils at their pins: in which order coils change, and what a lost read-back wire says."""

from __future__ import annotations

import itertools

import pytest

from hotspare_engine import words as w
from hotspare_firmware.contactors import FencedRelay, InterlockedRelay, UnprovenRelay
from tests.boards import Pin

POSITIONS = (w.AT_PRIMARY, w.BETWEEN, w.AT_SPARE)
# current in the spare's coil and in the second one, by position
INTERLOCKED = {w.AT_PRIMARY: (0, 1), w.BETWEEN: (0, 0), w.AT_SPARE: (1, 0)}
FENCED = {w.AT_PRIMARY: (0, 0), w.BETWEEN: (0, 1), w.AT_SPARE: (1, 1)}


class Coils:
    """Both coils, and every pair of levels that there ever was."""

    def __init__(self) -> None:
        self.spare, self.second = Pin(), Pin()
        self.seen: list[tuple[int, int]] = []
        for pin in (self.spare, self.second):
            pin.listen = lambda level: self.seen.append(self.levels)

    @property
    def levels(self) -> tuple[int, int]:
        return self.spare.level, self.second.level


@pytest.mark.parametrize(("before", "after"), list(itertools.product(POSITIONS, POSITIONS)))
def test_contactors_are_released_before_another_one_is_energised(before: int, after: int) -> None:
    coils = Coils()
    relay = InterlockedRelay(coils.spare, coils.second, Pin(), Pin())
    relay.drive(before)
    relay.drive(after)
    assert coils.levels == INTERLOCKED[after]
    assert (1, 1) not in coils.seen


@pytest.mark.parametrize(("before", "after"), list(itertools.product(POSITIONS, POSITIONS)))
def test_the_spares_contact_is_never_energised_without_the_fence(before: int, after: int) -> None:
    coils = Coils()
    relay = FencedRelay(coils.spare, coils.second, Pin(), Pin())
    relay.drive(before)
    relay.drive(after)
    assert coils.levels == FENCED[after]
    assert (1, 0) not in coils.seen


@pytest.mark.parametrize("kind", [InterlockedRelay, FencedRelay])
@pytest.mark.parametrize(
    ("primary_open", "spare_open", "position"),
    [(1, 1, w.BETWEEN), (0, 1, w.AT_PRIMARY), (1, 0, w.AT_SPARE), (0, 0, w.AT_BOTH)],
)
def test_a_read_back_proves_what_is_open_and_a_lost_wire_proves_nothing(
    kind: type[InterlockedRelay], primary_open: int, spare_open: int, position: int
) -> None:
    relay = kind(Pin(), Pin(), Pin(primary_open), Pin(spare_open))
    assert relay.position() == position


def test_of_what_is_not_read_back_only_what_is_driven_is_known() -> None:
    relay = UnprovenRelay(Pin(), Pin(), Pin(), Pin())
    assert relay.position() == w.BETWEEN
    relay.drive(w.AT_SPARE)
    assert relay.position() == w.AT_SPARE
