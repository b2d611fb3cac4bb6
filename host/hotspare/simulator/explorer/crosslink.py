"""The explored crosslink: what is in flight each way stays there until it is told what becomes of it; no clock."""

from __future__ import annotations

from typing import Any, NamedTuple

from hotspare_wire import frame
from hotspare_wire import messages as m

UP, DOWN = 0, 1  # ways: to the controller, to the beacon
BOTH_CUT = 1 << UP | 1 << DOWN
FRESHEST = 1 << 30


class Flying(NamedTuple):
    """A frame in flight. `held` waits for the next thing that happens, a `copy` has arrived already.

    `serial` numbers the frames of both ways; `session` is the nonce of the peer in which a beat is sent, or the whole
    body of a hello; `says` is what a beat says: health and role, selection, state, flags.
    """

    data: bytes
    held: int
    copy: int
    serial: int
    session: bytes
    kind: int
    says: tuple[int, ...]


class Crosslink:
    """Both ways of a cable between two boards; `cut` has a bit for each way that is cut: what is sent on it is lost."""

    def __init__(self) -> None:
        self.flights: list[list[Flying]] = [[], []]
        self.serial = 0
        self.cut = 0
        self.newest = [0, 0]  # serial of the newest beat that arrived, by way

    def send(self, way: int, data: bytes, link: Any) -> None:
        """A board writes a frame, which its link has just made."""
        if self.cut >> way & 1:
            return
        payload = link.encoder.payload
        kind = payload[frame.AT_KIND] & frame.KIND_MASK
        says: tuple[int, ...] = ()
        session = link._session_theirs if link.established else b""
        if kind == m.HEARTBEAT:
            says = tuple(payload[frame.AT_BODY + 2 : frame.AT_BODY + 6])
        elif kind == m.HELLO:
            session = bytes(payload[frame.AT_BODY : frame.AT_BODY + 2 * m.NONCE_SIZE + 1])
        self.serial += 1
        self.flights[way].append(Flying(data, 0, 0, self.serial, session, kind, says))

    def sever(self, cut: int) -> None:
        """Ways of the cable are cut, and what is on them lost; or all are joined."""
        self.cut = cut
        for way in (UP, DOWN):
            if cut >> way & 1:
                self.flights[way].clear()

    def first(self) -> int:
        """Return the way of the oldest frame that waits for its fate, -1 for none."""
        found, oldest = -1, FRESHEST
        for way in (UP, DOWN):
            for one in self.flights[way]:
                if not one.held and one.serial < oldest:
                    found, oldest = way, one.serial
        return found

    def oldest(self, way: int) -> Flying:
        """Return the oldest frame of a way that waits for its fate."""
        return next(one for one in self.flights[way] if not one.held)

    def pop(self, way: int) -> Flying:
        """Take it off the cable."""
        one = self.oldest(way)
        self.flights[way].remove(one)
        return one

    def hold(self, way: int, one: Flying, copy: int) -> None:
        """Keep a frame, or a copy of one that arrives, until after the next thing that happens."""
        self.flights[way].insert(0, one._replace(held=1, copy=copy))

    def release(self) -> None:
        """Something has happened: what was kept back goes on."""
        for flight in self.flights:
            flight[:] = [one._replace(held=0) if one.held else one for one in flight]

    def counts(self) -> tuple[int, int]:
        """Return how many frames are in flight each way."""
        return len(self.flights[UP]), len(self.flights[DOWN])

    def is_newer(self, way: int, one: Flying, link: Any) -> bool:
        """Return whether a frame that arrives is a beat of the receiver's session, newer than all before it."""
        if one.kind != m.HEARTBEAT or one.serial <= self.newest[way]:
            return False
        return bool(link.established) and one.session == link._session_ours
