"""Forged, replayed, flipped and stale frames at a board under a key, of which none changes its state; stage and test.

Each fifth frame is of another sort: recorded before the boards' last restart, flipped in a bit, recorded since and said
again, of strangers with another key, made up from nothing. Whatever is found is raised as AssertionError.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import Any

from hotspare_engine import timers
from hotspare_engine import words as w
from hotspare_engine.unit import AGE_MAX_MS
from hotspare_wire import frame, link, trust
from hotspare_wire import messages as m
from tests.boards import BEACON, CONTROLLER
from tests.keyed import KEY, OTHER, Host, KeyedBench
from tests.tools.wire import payloads

SETTLED_MS = 5000
ALICE = (m.padded("alice", 16), b"replace PSU of rack 7")
EARLIER, FLIPPED, STALE, STRANGE, MADE_UP = range(5)
SORTS = ("earlier", "flipped", "stale", "strange", "made up")
RECORDINGS = 50


def settled(folder: Path) -> KeyedBench:
    """Return a pair of boards under a key, armed and at rest."""
    made = KeyedBench(folder)
    made.run(SETTLED_MS)
    made.arm()
    return made


def run(count: int, seed: int) -> dict[str, Any]:
    """Say so many of them to a controller; return how many of each sort it refused."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hotspare-forged-") as folder:
        counts = Forgery(settled(Path(folder)), seed).say(count)
    return {"frames": count, "refused": counts, "seconds": round(time.monotonic() - begun, 1)}


def port_of(bench: KeyedBench, address: int) -> Any:
    """Return the port of a board's crosslink."""
    board = bench.boards[address]
    return next(port for port in board.ports if board.engine.health.paths[port.path].kind == w.PATH_CROSSLINK_A)


def rewired(payload: bytearray) -> bytes:
    """Return the wire form of a payload, with a CRC that is right again."""
    payload[-4:] = frame.binascii.crc32(bytes(payload[:-4])).to_bytes(4, "little")
    wire = bytearray(frame.WIRE_MAX)
    return bytes(wire[: frame.cobs.encode(payload, len(payload), wire)])


def flipped(wire: bytes, chance: random.Random) -> bytes:
    payload = bytearray(next(payloads(frame.Decoder(), wire)))
    at = chance.randrange(len(payload) - frame.CRC_SIZE)
    # another version is no frame of ours, but damage
    payload[at] ^= 1 << chance.randrange(8 if at else frame.KIND_BITS)
    return rewired(payload)


def made_up(chance: random.Random) -> bytes:
    kind = chance.choice([row[0] for row in m.MESSAGES])
    head = bytes([frame.VERSION << 5 | kind, chance.choice([1, 101, 240]), chance.choice([2, 255])])
    return rewired(bytearray(head + chance.randbytes(4 + m.body_size(kind) + 8) + bytes(4)))


def commands(host: Host) -> None:
    """Say with a host everything that changes something, as a recording for later."""
    host.say(m.BY, *ALICE)
    host.say(m.REQUEST, 100, w.OUT, 1, 0, 60, w.DRY)
    host.say(m.REQUEST, 101, w.DISARM, 0, 0, 0, 0)
    host.say(m.REQUEST, 102, w.ARM, 0, 0, 0, 0)
    host.say(m.KEYS, 2, KEY, OTHER)
    host.say(m.KEYS, 1, KEY, bytes(32))
    host.say(m.CONFIG_WRITE, 0, bytes(8))


def full(bench: KeyedBench) -> None:
    """Let the counters of refused frames be full: whatever else changes shows."""
    bench.engine.intruded = bench.engine.dirty = 1
    bench.engine.timers.start(timers.REFUSED, timers.REFUSED_MS)
    bench.engine.refusals = AGE_MAX_MS
    for path in bench.engine.health.paths:
        path.refusals = AGE_MAX_MS


class Forgery:
    """Whoever has recorded all that went over the cables of two boards, and holds none of their keys."""

    def __init__(self, bench: KeyedBench, seed: int) -> None:
        self.bench, self.seed = bench, seed
        self.chance = random.Random(seed)
        old = Host(bench, random_bytes=self.chance.randbytes)
        commands(old)
        for board in (BEACON, CONTROLLER):
            bench.boot(board)
            bench.run(SETTLED_MS)
        self.earlier = bench.heard[BEACON][:] + bench.heard[CONTROLLER][:] + old.said
        bench.run(1000)
        host = Host(bench, random_bytes=self.chance.randbytes)
        commands(host)
        self.stale = bench.heard[BEACON][len(bench.heard[BEACON]) // 2 :] + host.said
        bench.cut()
        crosslink = port_of(bench, BEACON).link
        self.fresh = [bytes(crosslink.heartbeat(w.FAILED, 0, 1, 255, 0, 0, 0)) for _ in range(RECORDINGS)]
        self.fresh += [bytes(host.link.message(m.REQUEST, (200 + at, w.FS, 2, 0, 0, 0))) for at in range(RECORDINGS)]
        self.strangers = [
            link.Link(at, 2, lambda: self.chance.randbytes(8), keyring=trust.Keyring((OTHER,))) for at in (1, 101, 240)
        ]
        self.board = bench.boards[CONTROLLER]
        uarts = bench.hardware[CONTROLLER].uarts
        self.targets = [uarts[0].inbox, uarts[1].inbox]
        bench.run(1)
        for uart in uarts:
            uart.peer = None
        full(bench)
        self.board.step(0)

    def state(self) -> tuple[Any, ...]:
        """Return all that a command could change."""
        board = self.board
        return self.bench.engine.snapshot(), board.recorder.next, board.service.blob, board.keys.group.keys

    def forge(self, sort: int) -> bytes:
        """Return one frame of a sort."""
        chance = self.chance
        if sort == EARLIER:
            return chance.choice(self.earlier)
        if sort == FLIPPED:
            return flipped(chance.choice(self.fresh + self.stale), chance)
        if sort == STALE:
            return chance.choice(self.stale)
        if sort == MADE_UP:
            return made_up(chance)
        it = chance.choice(self.strangers)
        return bytes(it.hello() if chance.random() < 0.3 else it.heartbeat(w.FAILED, 0, 1, 255, 0, 0, 0))

    def say(self, count: int) -> dict[str, int]:
        """Say so many; return how many of each sort changed nothing, which are all."""
        paths = self.bench.engine.health.paths
        host = self.bench.hosts[CONTROLLER]
        assert self.bench.engine.armed
        assert self.bench.engine.state == w.NORMAL
        kept = self.state()
        good = [path.good for path in paths]
        counts = dict.fromkeys(SORTS, 0)
        for at in range(count):
            wire = self.forge(at % len(SORTS))
            if at % 3:
                self.targets[at % 3 - 1].extend(wire)
            else:
                host.inbox += wire
            self.board.step(0)
            assert self.state() == kept, self._found(at, wire)
            assert not host.inbox, self._found(at, wire)
            counts[SORTS[at % len(SORTS)]] += 1
        assert [path.good for path in paths] == good, f"a forged beat was counted; seed {self.seed}"
        self._hears_what_is_true(good)
        return counts

    def _hears_what_is_true(self, good: list[int]) -> None:
        # what was never said before is good: the board listens still
        self.targets[0].extend(self.fresh[0])
        self.board.step(1)
        assert sum(path.good for path in self.bench.engine.health.paths) == sum(good) + 1
        assert self.bench.engine.health.units[0].health == w.FAILED

    def _found(self, at: int, wire: bytes) -> str:
        sort = SORTS[at % len(SORTS)]
        return f"frame {at}, {sort}, changed the board: {wire.hex()}; replay: forged({at + 1}, seed={self.seed})"
