"""A board that was reached: questions and acts over a session on a port; the runner, with a bound on every wait."""

from __future__ import annotations

import binascii
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from hotspare import configuration as files
from hotspare import keyfile, session
from hotspare.errors import NoOutcome, OrderInterrupted, Refused, Unreachable
from hotspare.hush import random_bytes
from hotspare.port import Port, Vanished
from hotspare.session import Exchange, HostSession, Outcome
from hotspare_engine import words
from hotspare_wire import configuration as wire
from hotspare_wire import frame, meanings, messages, trust

WAIT_MS_MAX = 1000
TOKEN_MAX = 0xFFFF
CONFIG_CHUNK = frame.BODY_MAX - messages.body_size(messages.CONFIG_WRITE)
MAY_BE_DONE = "the order may have been carried out: hotspare status"
ITEMS_MAX = 64  # most paths or standing requests that are asked for

Fields = dict[str, Any]


class Stream(Protocol):
    """What a session runs over."""

    def wait(self, ms: int, to_write: bool) -> bool:
        """Wait for bytes."""

    def read(self) -> bytes:
        """Take bytes."""

    def write(self, data: bytes) -> int:
        """Give bytes."""

    def close(self) -> None:
        """End."""


def monotonic_ms() -> int:
    """Return the time that the runner goes by."""
    return time.monotonic_ns() // 1_000_000


class Board:
    """One board on one port, `name` as the file has it. Ends with `close`, or as a context."""

    def __init__(
        self,
        name: str,
        where: str,
        stream: Stream,
        clock_ms: Callable[[], int] = monotonic_ms,
        draw: Callable[[], bytes] = random_bytes,
        keys: Sequence[bytes] = (),
    ) -> None:
        self.name = name
        self.where = where
        self.by: tuple[bytes, bytes] | None = None  # who commands, and why: values of the message BY
        self.keyring = trust.Keyring(tuple(keys))
        self.session = HostSession(draw, self.keyring)
        self._stream = stream
        self._clock_ms = clock_ms
        self._then_ms = clock_ms()

    def __enter__(self) -> Board:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the port back."""
        self._stream.close()

    # -- questions ----------------------------------------------------------------------------------------------

    def identity(self) -> Fields:
        """Ask who it is."""
        return self._need(messages.T_IDENTITY)

    def status(self) -> Fields:
        """Ask how it is."""
        return self._need(messages.T_STATUS)

    def timed_status(self) -> tuple[Fields, int, int]:
        """Ask how it is; return also when that was asked and when it was answered, by the runner's clock."""
        self.status()  # so that no handshake and no garbage collection of ours is in the round trip
        before_ms = self._clock_ms()
        fields = self.status()
        return fields, before_ms, self._clock_ms()

    def loop(self) -> Fields:
        """Ask how late the steps of its loop began."""
        return self._need(messages.T_LOOP)

    def boots(self) -> Fields | None:
        """Ask what it knows of its last reset; None of an older firmware."""
        return self._ask(messages.T_BOOTS, 0)

    def chain(self) -> Fields | None:
        """Ask what it forwarded; None of a board that forwards nothing."""
        return self._ask(messages.T_CHAIN, 0)

    def path(self, index: int) -> Fields | None:
        """Ask for one path."""
        return self._ask(messages.T_PATH, index)

    def records(self, number: int) -> Fields:
        """Ask for the records from that number, or the next one kept, on: as many as fit one answer."""
        return self._need(messages.T_RECORDS, number)

    def paths(self, count: int = ITEMS_MAX) -> list[Fields]:
        """Ask for all paths, without a count until the board has no more."""
        return self._list(messages.T_PATH, count)

    def standing(self, count: int = ITEMS_MAX) -> list[Fields]:
        """Ask for all standing requests, without a count until the board has no more."""
        return [found for found in self._list(messages.T_STANDING, count) if found["id"]]

    def pending(self) -> Fields | None:
        """Ask for what is pending and the autonomy; None from a board that is no controller."""
        return self._ask(messages.T_PENDING, 0)

    def situation(self) -> tuple[int, bytes]:
        """Ask for what the resolver sees: the count of values and their bytes."""
        fields = self._need(messages.T_SITUATION)
        return fields["count"], fields["values"]

    def kept_configuration(self) -> bytes:
        """Read the configuration that it keeps; empty when it has none."""
        kept = b""
        while True:
            fields = self._ask(messages.T_CONFIG, len(kept))
            if fields is None or not fields["data"] or fields["offset"] != len(kept):
                return kept
            kept += bytes(fields["data"])
            if len(kept) >= min(fields["total"], wire.SIZE * 2):
                return kept

    # -- acts ---------------------------------------------------------------------------------------------------

    def write_configuration(self, data: bytes, trial_s: int = 0) -> None:
        """Write a configuration, on trial for so long or for good; the board restarts if it differs. Raises Refused."""
        for offset in range(0, len(data), CONFIG_CHUNK):
            chunk = data[offset : offset + CONFIG_CHUNK]
            self._acknowledged(messages.CONFIG_WRITE, (offset, chunk))
        self._acknowledged(messages.CONFIG_APPLY, (len(data), binascii.crc32(data), trial_s), by=self.by)

    def confirm(self, data: bytes, keep: bool) -> None:
        """Keep the configuration `data` that it has on trial, or have it return to the one before; raises Refused."""
        self._acknowledged(messages.CONFIRM, (int(keep), wire.ident(data)), by=self.by)

    def maintain(self, accept_fall: bool) -> None:
        """Have it restart without its watchdog and with its REPL open; raises Refused."""
        self._acknowledged(messages.MAINTENANCE, (int(accept_fall),), "maintenance", self.by, "")

    def request(self, ask: int, unit: int, ident: int, seconds: int, flags: int, total_ms_max: int) -> Fields:
        """Ask for something to be done and return the reply with its outcome; raises NoOutcome, OrderInterrupted."""
        token = 1 + secrets.randbelow(TOKEN_MAX)
        exchange = session.request(token, ask, unit, ident, seconds, flags, total_ms_max)
        may_move = not flags & words.DRY
        exchange.by = self.by if may_move else None
        try:
            self.run(exchange)
        except Unreachable as error:
            if may_move and self.session.has_sent:
                raise NoOutcome(f"{error}; {MAY_BE_DONE}") from None
            raise
        except KeyboardInterrupt:
            if may_move and self.session.has_sent:
                raise OrderInterrupted(f"{self.name}: interrupted; {MAY_BE_DONE}") from None
            raise
        if exchange.outcome is Outcome.OVERDUE:
            raise NoOutcome(
                f"{self.name} took the request and told no outcome within {total_ms_max / 1000:.1f} s: "
                f"hotspare status shows where the contacts are"
            )
        return self._fields(exchange)

    def kept(self, recorder: int, number: int) -> None:
        """Tell it that every record of this recorder below `number` is stored for good; raises Refused."""
        self._acknowledged(messages.KEPT, (recorder, number), "what was kept of its recorder")

    def hold_keys(self, keys: Sequence[bytes]) -> None:
        """Have it hold these keys from now on, none to two, the one to send under first; raises Refused."""
        padded = [*keys, *[bytes(trust.KEY_SIZE)] * (trust.KEYS_MAX - len(keys))]
        self._acknowledged(messages.KEYS, (len(keys), *padded), "its keys", self.by)
        self.keyring.hold(tuple(keys))

    # -- the runner ---------------------------------------------------------------------------------------------

    def run(self, exchange: Exchange) -> None:
        """Carry out an exchange; raises Unreachable when nobody answers or the port goes away."""
        self._then_ms = self._clock_ms()
        self.session.begin(exchange)
        try:
            while exchange.outcome is Outcome.WAITING:
                self._turn()
        except Vanished:
            raise Unreachable(
                f"{self.name}: port {self.where} vanished in the middle: look at its cable and at the power"
            ) from None
        if exchange.outcome is Outcome.SILENT:
            raise Unreachable(f"{self.name}: {self._silence()}")

    def _turn(self) -> None:
        outgoing = self.session.outgoing()
        if outgoing:
            self.session.wrote(self._stream.write(outgoing))
        wait_ms = min(self.session.due_ms(), WAIT_MS_MAX)
        if self._stream.wait(wait_ms, to_write=bool(self.session.outgoing())):
            self.session.received(self._stream.read())
        now_ms = self._clock_ms()
        self.session.elapsed(now_ms - self._then_ms)
        self._then_ms = now_ms

    def _silence(self) -> str:
        if self.session.link.forged:
            return self._stranger()
        if self.session.link.established and not self.session.answered:
            return f"the board on {self.where} does not take our greeting: it holds a key, set group.NAME.key"
        if self.session.link.established:
            return f"the board on {self.where} stopped answering: look at its LED and its cable"
        if self.session.damage["version"]:
            return f"the board on {self.where} speaks another version of the wire: flash the firmware of this hotspare"
        if self.session.bytes_heard:
            return (
                f"what is on {self.where} speaks, but not as a hotspare board: correct the port, flash the board, or "
                f"end its maintenance"
            )
        return f"nothing answers on {self.where}: no hotspare board is there, or it hangs; correct the port or reset it"

    def _stranger(self) -> str:
        if self.session.tagless:
            return f"the board on {self.where} holds no key, and the file names one: hotspare key install"
        return (
            f"the board on {self.where} holds another key than {', '.join(self._fingerprints())}: restore the file of "
            f"its key, or correct the port"
        )

    def _fingerprints(self) -> list[str]:
        return [key.fingerprint.hex() for key in self.keyring.keys]

    def _need(self, topic: int, index: int = 0) -> Fields:
        fields = self._ask(topic, index)
        if fields is None:
            raise Unreachable(
                f"{self.name}: the board on {self.where} does not know what is asked: flash its firmware anew"
            )
        return fields

    def _ask(self, topic: int, index: int) -> Fields | None:
        exchange = session.query(topic, index)
        self.run(exchange)
        return None if exchange.answer_kind == messages.ACK else self._fields(exchange)

    def _list(self, topic: int, count: int) -> list[Fields]:
        found: list[Fields] = []
        while len(found) < min(count, ITEMS_MAX) and (fields := self._ask(topic, len(found))):
            found.append(fields)
        return found

    @staticmethod
    def _fields(exchange: Exchange) -> Fields:
        names = [name for name, _ in messages.fields(exchange.answer_kind)]
        return dict(zip(names, exchange.answer, strict=True))

    def _acknowledged(
        self,
        kind: int,
        values: session.Values,
        what: str = "its configuration",
        by: tuple[bytes, bytes] | None = None,
        stays: str = "; what it had stays",
    ) -> None:
        exchange = session.acknowledged(kind, values)
        exchange.by = by
        self.run(exchange)
        code = exchange.answer[1]
        if code != messages.ACK_OK:
            why = meanings.ACK_NAMES[code] if code < len(meanings.ACK_NAMES) else f"code {code}"
            raise Refused(f"{self.name} refused {what}: {why}{stays}")


def open_board(board: files.Board, keys: Sequence[bytes] | None = None) -> Board:
    """Open the port of a board of the file, under the keys that the file names unless told; raises Unreachable."""
    if keys is None:
        keys = keyfile.load(board.key) if board.key is not None else ()
    return Board(board.name, str(board.port), Port(board.port, board.name), keys=keys)


def verify(board: files.Board, identity: Fields) -> None:
    """Raise Unreachable when the board that answers is not the one that the file names."""
    name, address = messages.text(identity["name"]), identity["address"]
    kind = messages.text(identity["kind"])
    if kind != board.kind:
        raise Unreachable(f'{board.name}: the board on {board.port} is of kind "{kind}", the file says "{board.kind}"')
    if address and (name, address) != (board.name, board.address):
        raise Unreachable(
            f"{board.name}: the board on {board.port} is {name} with address {address}, the file says {board.name} "
            f"with {board.address}: correct board.{board.name}.port, or hotspare configure {board.name} --rename"
        )
