"""A host's side of a session with a board, sans I/O: bytes and elapsed ms in, bytes and outcomes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from hotspare.hush import HushedLink
from hotspare_engine import words
from hotspare_wire import frame, link, messages, trust

GREET_AGAIN_MS = 250
GREET_MS_MAX = 3000
ANSWER_MS = 1000
ANSWER_TRIES = 3
REQUEST_AGAIN_MS = 500
OUTGOING_SIZE_MAX = 4096

Values = tuple[Any, ...]


class Match(Enum):
    """What a received message is to an exchange."""

    OTHER = auto()  # none of its business
    PROGRESS = auto()  # taken, the outcome is to follow
    FINAL = auto()


class Outcome(Enum):
    """How an exchange stands."""

    WAITING = auto()
    DONE = auto()
    SILENT = auto()  # nobody answered
    OVERDUE = auto()  # it was taken, and its outcome did not come


@dataclass
class Exchange:
    """One message to a board and the wait for what it answers; every wait has its bound here."""

    kind: int
    values: Values
    match: Callable[[int, Values], Match]
    again_ms: int = ANSWER_MS
    silence_ms_max: int = ANSWER_MS * ANSWER_TRIES
    total_ms_max: int = ANSWER_MS * ANSWER_TRIES
    by: Values | None = None  # of the message that goes before each try: who commands, and why
    outcome: Outcome = Outcome.WAITING
    answer_kind: int = 0
    answer: Values = ()


def query(topic: int, index: int = 0) -> Exchange:
    """Ask for one message of TOPICS; an ack that refuses the query is an answer too."""
    wanted = next(kind for code, _, kind in messages.TOPICS if code == topic)

    def match(kind: int, values: Values) -> Match:
        refused = kind == messages.ACK and values[0] == messages.QUERY
        return Match.FINAL if kind == wanted or refused else Match.OTHER

    return Exchange(messages.QUERY, (topic, index), match)


def acknowledged(kind: int, values: Values) -> Exchange:
    """Send a message that is answered by an ack."""

    def match(kind_heard: int, heard: Values) -> Match:
        return Match.FINAL if kind_heard == messages.ACK and heard[0] == kind else Match.OTHER

    return Exchange(kind, values, match)


def request(token: int, ask: int, unit: int, ident: int, seconds: int, flags: int, total_ms_max: int) -> Exchange:
    """Ask for something to be done and wait for its outcome; the token makes every repeat the same request."""

    def match(kind: int, values: Values) -> Match:
        if kind != messages.REPLY or values[0] != token:
            return Match.OTHER
        # a dry run has no outcome: that it would be accepted is the answer
        outcome_follows = values[1] == words.ACCEPTED and not flags & words.DRY
        return Match.PROGRESS if outcome_follows else Match.FINAL

    said = (token, ask, unit, ident, seconds, flags)
    return Exchange(messages.REQUEST, said, match, REQUEST_AGAIN_MS, total_ms_max=total_ms_max)


class HostSession:
    """One session over one port: greets, asks, repeats what stays unanswered, and gives up at the bounds."""

    def __init__(self, draw: Callable[[], bytes], keyring: trust.Keyring | None = None) -> None:
        self.link = HushedLink(messages.ADDRESS_HOST, draw, keyring)
        self.tagless = 0  # frames without a tag that were refused for it
        self.bytes_heard = 0
        self._decoder = frame.Decoder()
        self._outgoing = bytearray()
        self._exchange: Exchange | None = None
        self.answered = False  # whether the board took any message of ours
        self._greeted_ms = GREET_AGAIN_MS  # since our last hello: the first one is due
        self._sent = False
        self._sent_ms = 0  # since the exchange's message went out last
        self._silent_ms = 0  # since it began, or was answered last
        self._total_ms = 0

    @property
    def damage(self) -> dict[str, int]:
        """Damaged frames by kind."""
        return dict(zip(frame.DAMAGE_NAMES, self._decoder.damage, strict=True))

    @property
    def has_sent(self) -> bool:
        """Whether the exchange's message has gone out: what it asks for may be done whatever comes now."""
        return self._sent

    def begin(self, exchange: Exchange) -> None:
        """Start an exchange; one at a time."""
        assert self._exchange is None or self._exchange.outcome is not Outcome.WAITING
        self._exchange = exchange
        self._sent = False
        self._sent_ms = self._silent_ms = self._total_ms = 0
        self._push()

    def received(self, data: bytes) -> None:
        """Take bytes from the port."""
        self.bytes_heard += len(data)
        place = 0
        while place < len(data):
            place = self._decoder.feed(data, place, len(data))
            if self._decoder.size:
                self._judge(self._decoder.payload, self._decoder.size)
        self._push()

    def elapsed(self, ms: int) -> None:
        """Let time pass."""
        self._greeted_ms += ms
        self._sent_ms += ms
        self._silent_ms += ms
        self._total_ms += ms
        exchange = self._exchange
        if exchange is not None and exchange.outcome is Outcome.WAITING:
            greeting = not self.link.established
            if self._silent_ms >= (GREET_MS_MAX if greeting else exchange.silence_ms_max):
                exchange.outcome = Outcome.SILENT if not exchange.answer else Outcome.OVERDUE
            elif self._total_ms >= exchange.total_ms_max and not greeting:
                exchange.outcome = Outcome.OVERDUE if exchange.answer else Outcome.SILENT
        self._push()

    def due_ms(self) -> int:
        """Return how long nothing needs to be done unless bytes arrive."""
        exchange = self._exchange
        if exchange is None or exchange.outcome is not Outcome.WAITING:
            return ANSWER_MS
        if not self.link.established:
            return max(0, min(GREET_AGAIN_MS - self._greeted_ms, GREET_MS_MAX - self._silent_ms))
        bounds = (
            exchange.again_ms - self._sent_ms,
            exchange.silence_ms_max - self._silent_ms,
            exchange.total_ms_max - self._total_ms,
        )
        return max(0, min(bounds))

    def outgoing(self) -> bytes:
        """Return the bytes that wait for the port."""
        return bytes(self._outgoing)

    def wrote(self, count: int) -> None:
        """Forget the first `count` bytes: the port took them."""
        del self._outgoing[:count]

    def _judge(self, payload: bytearray, size: int) -> None:
        verdict = self.link.judge(payload, size)
        if verdict == link.FORGED and payload[size - frame.TRAILER_SIZE : size - frame.CRC_SIZE] == trust.NO_TAG:
            self.tagless += 1
        if verdict != link.NEWS or self._exchange is None:
            return
        self.answered = True
        exchange = self._exchange
        kind = payload[frame.AT_KIND] & frame.KIND_MASK
        values = self._unpack(kind, payload, size)
        if exchange.outcome is not Outcome.WAITING or values is None:
            return
        found = exchange.match(kind, values)
        if found is Match.OTHER:
            return
        exchange.answer_kind, exchange.answer = kind, values
        self._silent_ms = 0
        if found is Match.FINAL:
            exchange.outcome = Outcome.DONE

    @staticmethod
    def _unpack(kind: int, payload: bytearray, size: int) -> Values | None:
        try:
            values: Values | None = messages.unpack(kind, payload, size - frame.PAYLOAD_MIN)
        except KeyError:  # a message of a newer firmware
            return None
        return values

    def _push(self) -> None:
        """Put out what is due: a hello first, then the exchange's message."""
        exchange = self._exchange
        if exchange is None or exchange.outcome is not Outcome.WAITING or len(self._outgoing) > OUTGOING_SIZE_MAX:
            return
        established = self.link.established
        again = established and self._sent and self._sent_ms >= exchange.again_ms
        # a board that restarted has forgotten the session: a repeat carries a hello in front
        if self.link.greet or again or (not established and self._greeted_ms >= GREET_AGAIN_MS):
            self._outgoing += self.link.hello()
            self._greeted_ms = 0
        if established and (again or not self._sent):
            if exchange.by is not None:
                self._outgoing += self.link.message(messages.BY, exchange.by)
            self._outgoing += self.link.message(exchange.kind, exchange.values)
            self._sent = True
            self._sent_ms = 0
