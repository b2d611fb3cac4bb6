"""Hosts at simulated boards: a stream over which the host tool works as over a port, and an operator who does not wait.

Whoever waits on the stream lets virtual time pass: not to be used out of an event of the timeline.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from hotspare.board import Board
from hotspare.rig.loop import Timeline, Timer
from hotspare.session import Exchange, HostSession, Outcome, request
from hotspare.simulator.boards import SimulatedBoard
from hotspare_engine import words as w
from hotspare_wire import trust

Draw = Callable[[], bytes]
ASKS_MAX = 16  # that wait for the one before
OUTCOME_MS_MAX = 60_000


class SimulatedStream:
    """The host's end of a board's host port."""

    def __init__(self, timeline: Timeline, board: SimulatedBoard) -> None:
        self._timeline = timeline
        self._board = board
        self._inbox = bytearray()
        self._hear = self._inbox.extend
        board.hosts.append(self._hear)

    def wait(self, ms: int, to_write: bool) -> bool:
        """Let time pass until bytes are there, at most so long; return whether they are."""
        timeline = self._timeline
        end_us = timeline.now_us() + ms * 1000
        while not self._inbox:
            due_us = timeline.next_due_us()
            if due_us is None or due_us > end_us:
                timeline.run_until(end_us)
                break
            timeline.run_until(due_us)
        return bool(self._inbox)

    def read(self) -> bytes:
        """Take what the board said."""
        data = bytes(self._inbox)
        self._inbox.clear()
        return data

    def write(self, data: bytes) -> int:
        """Say something; all of it goes at once."""
        self._board.host_received(data)
        return len(data)

    def close(self) -> None:
        """Listen no more."""
        self._board.hosts.remove(self._hear)


def reach(timeline: Timeline, board: SimulatedBoard, draw: Draw, keys: Sequence[bytes] = ()) -> Board:
    """Return a board as the host tool has it, over its simulated host port."""
    name = board.plan.name
    stream = SimulatedStream(timeline, board)
    return Board(name, name, stream, lambda: timeline.now_us() // 1000, draw, keys)


class Operator:
    """A person at the host of one board: asks for things, one after another, and is told what becomes of them.

    `answered(exchange, us)` hears every end: an outcome, or that none came.
    """

    def __init__(
        self,
        timeline: Timeline,
        board: SimulatedBoard,
        draw: Draw,
        keys: Sequence[bytes] = (),
        answered: Callable[[Exchange, int], None] = lambda exchange, us: None,
    ) -> None:
        self.unasked = 0  # asks that found the queue full
        self.exchanges = 0  # that ended
        self.last: Exchange | None = None
        self._timeline = timeline
        self._board = board
        self._draw = draw
        self._keys = tuple(keys)
        self._boots = board.boots
        self._session = HostSession(draw, trust.Keyring(self._keys))
        self._answered = answered
        self._waiting: deque[Exchange] = deque()
        self._exchange: Exchange | None = None
        self._timer: Timer | None = None
        self._token = 0
        self._then_ms = 0
        board.hosts.append(self._heard)

    def ask(self, ask: int, unit: int = w.NONE, ident: int = 0, seconds: int = 0, flags: int = 0) -> None:
        """Ask for something to be done, about a unit by its index."""
        self._token = self._token % 0xFFFF + 1
        self.begin(request(self._token, ask, unit + 1, ident, seconds, flags, OUTCOME_MS_MAX))

    def begin(self, exchange: Exchange) -> None:
        """Have an exchange with the board once those before are over."""
        if len(self._waiting) >= ASKS_MAX:
            self.unasked += 1
            return
        self._waiting.append(exchange)
        if self._exchange is None:
            self._next()

    def _next(self) -> None:
        self._exchange = self._waiting.popleft() if self._waiting else None
        if self._exchange is not None:
            if self._boots != self._board.boots:  # its port came anew, and whoever opens that begins anew
                self._boots = self._board.boots
                self._session = HostSession(self._draw, trust.Keyring(self._keys))
            self._then_ms = self._timeline.now_us() // 1000
            self._session.begin(self._exchange)
            self._turn()

    def _heard(self, data: bytes) -> None:
        self._session.received(data)
        if self._exchange is not None:
            self._wake(0)

    def _wake(self, ms: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._timeline.after(ms * 1000, self._turn)

    def _turn(self) -> None:
        now_ms = self._timeline.now_us() // 1000
        self._session.elapsed(now_ms - self._then_ms)
        self._then_ms = now_ms
        exchange = self._exchange
        if exchange is None:
            return
        if exchange.outcome is not Outcome.WAITING:
            self._exchange = None
            self.last = exchange
            self.exchanges += 1
            self._answered(exchange, self._timeline.now_us())
            if self._exchange is None:
                self._next()
            return
        data = self._session.outgoing()
        if data:
            self._session.wrote(len(data))
            self._board.host_received(data)
        self._wake(max(1, self._session.due_ms()))
