"""A pair of boards in memory under a key, a host with it, and an eavesdropper on every cable."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hotspare_firmware.store import KEYS, Store
from hotspare_wire import frame, link, trust
from hotspare_wire import messages as m
from tests.boards import BEACON, CONTROLLER, Bench
from tests.tools.wire import payloads

KEY, OTHER = bytes(range(32)), bytes(range(32, 64))


class KeyedBench(Bench):
    """A pair of which each board holds the keys in `keys`; `heard` has what went over each cable, by who said it."""

    def __init__(self, folder: Path, keys: dict[int, tuple[bytes, ...]] | None = None, **values: Any) -> None:
        self.keys = {BEACON: (KEY,), CONTROLLER: (KEY,)} if keys is None else keys
        self.heard: dict[int, list[bytes]] = {BEACON: [], CONTROLLER: []}
        super().__init__(folder, **values)
        for unit, agent in enumerate(self.agents):
            agent.link.keyring = trust.Keyring(self.keys[unit + 1]).of_agent(unit)
        for address, hardware in self.hardware.items():
            self._tap(address, hardware.uarts[0])

    def boot(self, address: int, cause: int = 0) -> Any:
        """Boot a board that holds its keys."""
        store = Store(f"{self.folder}/{address}-")
        if self.keys[address] and not store.files.stands(KEYS):
            store.save_keys(self.keys[address])
        return super().boot(address, cause)

    def _tap(self, address: int, uart: Any) -> None:
        write = uart.write

        def tapped(data: bytes) -> int | None:
            self.heard[address].append(bytes(data))
            taken: int | None = write(data)
            return taken

        uart.write = tapped


class Host:
    """A host at a board's port; `said` has what it sent."""

    def __init__(
        self,
        bench: Bench,
        keys: tuple[bytes, ...] = (KEY,),
        address: int = CONTROLLER,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.bench, self.address = bench, address
        self.link = link.Link(
            m.ADDRESS_HOST, m.ADDRESS_ANY, lambda: random_bytes(m.NONCE_SIZE), keyring=trust.Keyring(keys)
        )
        self._decoder = frame.Decoder()
        self.said: list[bytes] = []
        for _ in range(3):
            self.send(bytes(self.link.hello()))

    def send(self, wire: bytes, ms: int = 3) -> list[tuple[int, tuple[Any, ...]]]:
        """Give the board a frame; return the messages that it answers."""
        stream = self.bench.hosts[self.address]
        stream.outbox.clear()
        stream.inbox += wire
        self.said.append(wire)
        self.bench.run(ms)
        found = []
        for payload in payloads(self._decoder, bytes(stream.outbox)):
            if self.link.judge(bytearray(payload), len(payload)) == link.NEWS:
                kind = payload[frame.AT_KIND] & frame.KIND_MASK
                found.append((kind, m.unpack(kind, payload, len(payload) - frame.PAYLOAD_MIN) or ()))
        return found

    def say(self, kind: int, *values: Any) -> list[tuple[int, tuple[Any, ...]]]:
        """Send a message of the table."""
        return self.send(bytes(self.link.message(kind, values)))
