"""Fake boards that speak the wire by tables, named for their fault; in memory."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable
from pathlib import Path

from hotspare import blob
from hotspare.board import Board
from hotspare.configuration import Configuration, Group
from hotspare.firmware import build, version
from hotspare_engine import words as w
from hotspare_wire import configuration as wire
from hotspare_wire import frame, link, messages

LOSS_MAX = 30  # of 1000


def counted(start: int = 0) -> Callable[[], bytes]:
    """Return a draw of nonces that never repeats and is the same in every run."""
    count = start

    def draw() -> bytes:
        nonlocal count
        count += 1
        return count.to_bytes(messages.NONCE_SIZE, "little")

    return draw


class FakeBoard:
    """A well board: hands bytes in, takes bytes out. Tables say what it answers; `asked` keeps what it was asked."""

    kind = "pico"
    firmware = version()
    build = build()

    def __init__(
        self, name: str = "controller", address: int = 2, controller: bool = True, draw_from: int = 1000
    ) -> None:
        self.name, self.address, self.controller = name, address, controller
        self.draw = counted(draw_from)
        self.kept = self.before = b""
        self.trial_s: int | None = None  # left of the trial of what it keeps
        self.starts_s = 0  # how long it is on trial with its next restart
        self.incoming = bytearray(wire.SIZE)
        self.energised = False
        self.boot = 1
        self.uptime_ms = 5000
        self.asked: list[tuple[int, ...]] = []
        self.by: list[tuple[str, str]] = []  # who commanded, and why
        self.done: dict[int, tuple[int, ...]] = {}
        self.position = w.AT_PRIMARY
        self.health = (w.OK, w.OK)
        self.why = (w.WHY_NOTHING, w.WHY_NOTHING)
        self.roles = (w.ACTIVE, w.STANDBY)
        self.armed = 1
        self.alarms = self.troubles = 0
        self.standing: list[tuple[int, int, int, int]] = []
        self.expiring: set[int] = set()  # ids
        self.pending = (0, 0, 0, 0, 0, w.AUTO)
        self.inhibitors = 0
        self.paths: list[tuple[int, int, int, int, int]] = []  # kind, unit, source, state, report
        self.cables: dict[int, int] = {}  # what is sensed of the cable, by path
        self.losses: dict[int, int] = {}  # lost beats of 1000, by path
        self.events: list[tuple[int, ...]] = []  # number, at_ms, kind, a, b, and the boot if it is an earlier one
        self.recorder = 1000 + address
        self.told_kept: list[tuple[int, int]] = []
        self.reply: Callable[[tuple[int, ...]], list[tuple[int, ...]]] = self.obey
        self.situation: tuple[int, ...] = ()
        self.boots = (w.C_POWER, w.C_POWER, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        self.wake()

    def wake(self) -> None:
        """Start a session from nothing, as after a reset."""
        self.link = link.Link(self.address, messages.ADDRESS_ANY, self.draw)
        self.decoder = frame.Decoder()

    def configured(self, group: Group) -> FakeBoard:
        """Keep the configuration that the file says."""
        board = next(board for board in group.boards if board.name == self.name)
        self.kept = blob.of(board, group)
        return self

    def restart(self) -> None:
        """Reset: the session and the events are gone."""
        self.boot += 1
        self.recorder += 1000
        self.uptime_ms = 0
        self.events = []
        self.trial_s, self.starts_s = self.starts_s or None, 0
        if self.kept:
            got = wire.Configuration(self.kept)
            self.name, self.address = messages.text(got.name), got.address
        self.wake()

    def feed(self, data: bytes) -> bytes:
        """Take what the host wrote; return what the board writes."""
        out = bytearray()
        place = 0
        while place < len(data):
            place = self.decoder.feed(data, place, len(data))
            if self.decoder.size:
                out += self.take(self.decoder.payload, self.decoder.size)
        return bytes(out)

    def take(self, payload: bytearray, size: int) -> bytes:
        """Act on one good frame."""
        verdict = self.link.judge(payload, size)
        out = bytes(self.link.hello()) if self.link.greet else b""
        if verdict != link.NEWS:
            return out
        kind = payload[frame.AT_KIND] & frame.KIND_MASK
        values = messages.unpack(kind, payload, size - frame.PAYLOAD_MIN)
        for answer in self.answers(kind, values):
            out += bytes(self.link.message(*answer))
        return out

    def answers(self, kind: int, values: tuple) -> list[tuple[int, tuple]]:
        """Return the messages that answer one."""
        if kind == messages.QUERY:
            return [self.topic(*values)]
        if kind == messages.REQUEST:
            return [(messages.REPLY, row) for row in self.reply(values)]
        if kind == messages.BY:
            self.by.append((messages.text(values[0]), values[1].decode()))
            return []
        if kind == messages.CONFIG_WRITE:
            offset, data = values
            self.incoming[offset : offset + len(data)] = data
            return [(messages.ACK, (kind, messages.ACK_OK, offset))]
        if kind == messages.CONFIG_APPLY:
            return [(messages.ACK, (kind, self.apply(*values), 0))]
        if kind == messages.CONFIRM:
            return [(messages.ACK, (kind, self.confirm(*values), 0))]
        if kind == messages.MAINTENANCE:
            return [(messages.ACK, (kind, self.maintain(values[0]), 0))]
        if kind == messages.KEPT:
            self.told_kept.append(values)
            return [(messages.ACK, (kind, messages.ACK_OK, values[1]))]
        return [(messages.ACK, (kind, messages.ACK_UNKNOWN, kind))]

    def confirm(self, keep: int, ident: int) -> int:
        """Keep what is on trial, or return to what was before it."""
        if wire.ident(self.kept) != ident or not (keep or self.trial_s is not None):
            return messages.ACK_NONE
        if not keep:
            self.kept, self.restart_due = self.before, True
        self.trial_s = None
        return messages.ACK_OK

    def maintain(self, accept_fall: int) -> int:
        """Restart into a REPL, which no fake has: it falls silent."""
        if self.energised and not accept_fall:
            return messages.ACK_ENERGISED
        self.silent_due = True
        return messages.ACK_OK

    def apply(self, size: int, crc: int, trial_s: int) -> int:
        """Check and keep a configuration."""
        new = bytes(self.incoming[:size])
        if self.energised:
            return messages.ACK_ENERGISED
        if wire.verify(new)[0] == messages.ACK_OK and new != self.kept:
            self.before, self.kept, self.starts_s = self.kept, new, trial_s
            self.restart_due = True
        return wire.verify(new)[0]

    restart_due = silent_due = False

    def obey(self, values: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Accept and do what is asked, once for each token."""
        token, request, unit, ident, _, _ = values
        if token in self.done:
            return [self.done[token]]
        self.asked.append(values)
        self.position = w.AT_SPARE if request in (w.MS, w.FS, w.FX) else w.AT_PRIMARY
        self.done[token] = (token, w.DONE, 0, ident or 1, unit, 14, 0)
        return [(token, w.ACCEPTED, 0, ident or 1, unit, 0, 0), self.done[token]]

    def topic(self, topic: int, index: int) -> tuple[int, tuple]:
        """Answer a query."""
        none = (messages.ACK, (messages.QUERY, messages.ACK_NONE, index))
        if topic == messages.T_IDENTITY:
            return messages.IDENTITY, self.identity()
        if topic == messages.T_STATUS:
            return messages.STATUS, self.status()
        if topic == messages.T_PENDING and self.controller:
            return messages.PENDING, self.pending
        if topic == messages.T_LOOP:
            return messages.LOOP, (1000, 6, 0, 3, 0, 0, 0, 1)
        if topic == messages.T_BOOTS:
            return messages.BOOTS, self.boots
        if topic == messages.T_CONFIG:
            return messages.CONFIG_DATA, (index, len(self.kept), self.kept[index : index + 50])
        if topic == messages.T_PATH and index < len(self.paths):
            loss = self.losses.get(index, 0)
            tail = (self.cables.get(index, 0), loss, int(loss > LOSS_MAX), 0)
            return messages.PATH, (index, *self.paths[index], *(0,) * 13, *tail)
        if topic == messages.T_STANDING and index < len(self.standing):
            return messages.STANDING, (index, *self.standing[index], int(self.standing[index][0] in self.expiring))
        if topic == messages.T_RECORDS:
            return messages.RECORDS, self.records(index)
        if topic == messages.T_SITUATION and self.situation:
            data = b"".join(value.to_bytes(4, "little", signed=True) for value in self.situation)
            return messages.SITUATION, (len(self.situation), data)
        return none

    def records(self, index: int) -> tuple:
        """Return a batch from a number on."""
        rows: list[tuple[int, ...]] = []
        boot = self.boot
        for event in itertools.islice(self.events, max(0, index - self.lowest()), None):
            number, at_ms, kind, a, b, *of_boot = event
            if number < index:
                continue
            if rows and (number != rows[-1][0] + 1 or (of_boot or [self.boot]) != [boot]):
                break
            boot = of_boot[0] if of_boot else self.boot
            rows.append((number, at_ms, kind, a, b))
            if len(rows) == messages.RECORDS_MAX:
                break
        packed = b"".join(struct.pack(messages.RECORD, *row[1:]) for row in rows)
        return self.recorder, rows[0][0] if rows else self.next_number(), boot if rows else self.boot, packed

    def lowest(self) -> int:
        """Return a number below which no event can be skipped by counting."""
        dense = self.events and self.events[-1][0] - self.events[0][0] == len(self.events) - 1
        return self.events[0][0] if dense else 1 << 32

    def next_number(self) -> int:
        """Return the number that the next event will get."""
        return self.events[-1][0] + 1 if self.events else 0

    def identity(self) -> tuple:
        """Say who it is."""
        configured = bool(self.kept)
        return (
            bytes([1, 2, 3, 4, 5, 6, 7, self.address]),
            messages.padded(self.name if configured else "", 16),
            self.address if configured else 0,
            (messages.ROLE_CONTROLLER | messages.ROLE_SPARE) if self.controller else 0,
            self.build,
            wire.group_hash(self.kept) if configured else 0,
            messages.padded(self.firmware, 12),
            messages.padded("1.28.0", 12),
            messages.padded(self.kind, 8),
            self.boot,
            0,
            0,
            bytes(4),
            bytes(4),
            int(self.trial_s is not None),
            self.trial_s or 0,
        )

    def status(self) -> tuple:
        """Say how it is."""
        on_spare = self.position == w.AT_SPARE
        return (
            *(self.uptime_ms, (w.ON_SPARE if on_spare else w.NORMAL) if self.controller else 255, int(on_spare)),
            *(int(on_spare), w.DNR if on_spare else w.NR, self.armed, self.alarms, self.inhibitors),
            *(bytes([*self.health, *bytes(6)]), bytes([*self.why, *bytes(6)])),
            bytes([role | role << 4 for role in self.roles]) + bytes(6),
            *(bytes([self.position]) + bytes(7), bytes([self.position]) + bytes(7)),
            *(2, len(self.paths), len(self.standing), 0, 14, 0, 1, 150_000),
            *(self.events[0][0] if self.events else 0, self.next_number(), self.troubles),
        )


class OtherVersionBoard(FakeBoard):
    """Speaks a later version of the wire."""

    def feed(self, data: bytes) -> bytes:
        encoder = frame.Encoder()
        wire_bytes = bytearray(encoder.close(messages.HELLO, self.address, messages.ADDRESS_HOST, 0, 1, 17))
        payload = encoder.payload
        payload[frame.AT_KIND] = (frame.VERSION + 1) << frame.KIND_BITS | messages.HELLO
        size = frame.PAYLOAD_MIN + 17
        crc = frame.binascii.crc32(bytes(payload[: size - frame.CRC_SIZE]))
        payload[size - frame.CRC_SIZE : size] = crc.to_bytes(4, "little")
        from hotspare_wire import cobs

        count = cobs.encode(payload, size, wire_bytes)
        return bytes(wire_bytes[:count])


class GarbageSpeaker(FakeBoard):
    """Answers everything with what is no frame: some other device."""

    def feed(self, data: bytes) -> bytes:
        return b"login: \r\n\x00\xff\xfe" * 5


class SilentDevice(FakeBoard):
    """Takes every byte and says nothing."""

    def feed(self, data: bytes) -> bytes:
        return b""


class Memory:
    """A stream straight into a fake board, with a clock of its own: waiting is what makes time pass."""

    def __init__(self, board: FakeBoard) -> None:
        self.board = board
        self.now_ms = 0
        self.incoming = bytearray()
        self.closed = False

    def clock_ms(self) -> int:
        return self.now_ms

    def write(self, data: bytes) -> int:
        self.incoming += self.board.feed(data)
        if self.board.restart_due:
            self.board.restart_due = False
            self.board.restart()
        return len(data)

    def wait(self, ms: int, to_write: bool) -> bool:
        if not self.incoming and not to_write:
            self.now_ms += ms
        return bool(self.incoming)

    def read(self) -> bytes:
        data = bytes(self.incoming)
        self.incoming.clear()
        return data

    def close(self) -> None:
        self.closed = True


def in_memory(board: FakeBoard) -> tuple[Board, Memory]:
    """Return the host's side of a session with a fake board, and its stream."""
    stream = Memory(board)
    return Board(board.name, "memory", stream, stream.clock_ms, counted()), stream


def pair_of(configuration: Configuration) -> dict[Path, FakeBoard]:
    """Return a configured fake board for each board of a file, by its port."""
    return {
        board.port: FakeBoard(
            board.name,
            board.address,
            controller=bool(board.role & messages.ROLE_CONTROLLER),
            draw_from=board.address * 1000,
        ).configured(group)
        for group in configuration.groups
        for board in group.boards
    }
