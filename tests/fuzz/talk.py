"""Whoever holds the key says anything: messages of every kind with whatever values, at whole boards; stage and test.

1. No board raises, whatever it is told, and none stops stepping in time.
2. A board that resets itself comes back; both answer at the end.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import Any

from hotspare_wire import messages as m
from tests.boards import BEACON, CONTROLLER
from tests.forged import settled
from tests.keyed import KEY, Host, KeyedBench

KINDS = [row[0] for row in m.MESSAGES if row[0] not in (m.KEYS, m.HELLO)]  # another key would end the talk
PAUSES_MS = (1, 3, 3, 3, 50)
SIZES = (0, 1, 4, 13, 64, 100, 160)
SMALL = 20
RESET_SETTLED_MS = 1000


def run(count: int, seed: int) -> dict[str, Any]:
    """Say so many messages to a controller and to a beacon; return how many were answered, and resets by kind."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hotspare-talk-") as folder:
        counts = Talk(settled(Path(folder)), seed).say(count)
    return counts | {"seconds": round(time.monotonic() - begun, 1)}


class Talk:
    """Two boards, and a host at each."""

    def __init__(self, bench: KeyedBench, seed: int) -> None:
        self.bench, self.seed = bench, seed
        self.chance = random.Random(seed)
        self.hosts = {address: self._host(address) for address in (BEACON, CONTROLLER)}
        self.resets = 0

    def say(self, count: int) -> dict[str, int]:
        """Say so many; both boards must hear and answer afterwards."""
        said = answered = 0
        for at in range(count):
            kind = self.chance.choice(KINDS)
            values = tuple(self._value(form) for _, form in m.fields(kind))
            host = self.hosts[self.chance.choice((BEACON, CONTROLLER))]
            try:
                wire = bytes(host.link.message(kind, values))
            except m.Misuse:  # longer than a frame
                continue
            try:
                answered += bool(host.send(wire, self.chance.choice(PAUSES_MS)))
                self._come_back()
            except Exception as error:
                what = f"{type(error).__name__}: {error}: {m.name(kind)} {values}"
                raise AssertionError(f"message {at}: {what}; replay: talk({at + 1}, seed={self.seed})") from error
            said += 1
        for address in self.hosts:
            assert self._answers(address), f"board {address} answers no more; replay: talk({count}, seed={self.seed})"
        return {"messages": said, "answered": answered, "resets": self.resets}

    def _host(self, address: int) -> Host:
        return Host(self.bench, (KEY,), address, self.chance.randbytes)

    def _value(self, form: str) -> Any:
        chance = self.chance
        if form == "*":
            return chance.randbytes(chance.choice(SIZES))
        if form.endswith("s"):
            return chance.randbytes(int(form[:-1]))
        least, most = m.LIMITS[form]
        return chance.choice((0, 1, 2, 3, chance.randrange(SMALL), least, most, chance.randint(least, most)))

    def _come_back(self) -> None:
        for address, board in list(self.bench.boards.items()):
            if board.restarts.is_due():
                self.resets += 1
                self.bench.boot(address, board.restarts.intent)
                self.bench.run(RESET_SETTLED_MS)
                self.hosts[address] = self._host(address)

    def _answers(self, address: int) -> bool:
        found = self._host(address).say(m.QUERY, m.T_STATUS, 0)
        return [kind for kind, _ in found] == [m.STATUS]
