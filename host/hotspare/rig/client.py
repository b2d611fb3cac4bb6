"""A rig elsewhere, over its control socket: the same verbs, the same errors; blocks for answers, starts nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from hotspare.rig.control import ERRORS, short_address
from hotspare.rig.errors import NoRig, RigError
from hotspare.rig.interface import WAIT_MS, Rig
from hotspare.rig.orders import Order
from hotspare.rig.place import CONTROL
from hotspare.rig.trace import PAGE_RECORDS, Record

# how long a rig may take for an answer; it answers between two of its events
ANSWER_S = 5.0
READ_BYTES = 65_536


class RigClient(Rig):
    """The rig that runs in `directory`; raises NoRig when there is none."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = count(1)
        self._unread = b""
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with short_address(directory.absolute() / CONTROL) as address:
                self._sock.connect(address)
        except OSError as error:
            self._sock.close()
            raise NoRig(
                f"no rig runs in {directory}: start one with `hotspare emulate`, or say where it is with --dir"
            ) from error

    def close(self) -> None:
        """Let the rig go; it runs on."""
        self._sock.close()

    def __enter__(self) -> RigClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def do(self, orders: Iterable[Order]) -> int:
        """Carry out orders at one moment."""
        return int(self._ask("do", [[verb, dict(arguments)] for verb, arguments in orders]))

    def state(self) -> dict[str, Any]:
        """Return what the rig is like now."""
        state: dict[str, Any] = self._ask("state", {})
        return state

    def page(self, since: int = 0, limit: int = PAGE_RECORDS) -> list[Record]:
        """Return at most `limit` records that follow number `since`."""
        return [Record(**record) for record in self._ask("page", {"since": since, "limit": limit})]

    def wait(self, match: Mapping[str, str], since: int = 0, limit_ms: int = WAIT_MS) -> Record:
        """Return the first record after number `since` that matches."""
        body = {"match": dict(match), "since": since, "limit_ms": limit_ms}
        return Record(**self._ask("wait", body, limit_ms / 1000))

    def _ask(self, what: str, body: Any, extra_s: float = 0.0) -> Any:
        number = next(self._numbers)
        try:
            self._sock.settimeout(ANSWER_S + extra_s)
            self._sock.sendall(json.dumps({"id": number, what: body}).encode() + b"\n")
            answer = self._answer_to(number)
        except OSError as error:
            raise NoRig(f"the rig in {self._directory} does not answer any more: {error}") from error
        if "error" in answer:
            raise ERRORS.get(answer["error"], RigError)(answer["message"])
        return answer["value"]

    def _answer_to(self, number: int) -> dict[str, Any]:
        while True:
            while b"\n" not in self._unread:
                data = self._sock.recv(READ_BYTES)
                if not data:
                    raise ConnectionResetError("it ended")
                self._unread += data
            line, _, self._unread = self._unread.partition(b"\n")
            answer: dict[str, Any] = json.loads(line)
            if answer.get("id") == number:
                return answer
