"""The control socket of a running rig: requests become orders in one pass of the loop; holds no state of the rig."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from hotspare.rig.control import LINE_BYTES_MAX, kind_of, short_address
from hotspare.rig.errors import RigError, TimedOut, Unknown
from hotspare.rig.interface import WAIT_MS
from hotspare.rig.loop import READ, WRITE
from hotspare.rig.trace import MATCH_FIELDS, PAGE_RECORDS, WATCHERS_MAX, Record, nothing_came
from hotspare.rig.world import World

CLIENTS_MAX = 64
READ_BYTES = 65_536
# a client that does not read is let go when this much waits for it
UNSENT_BYTES_MAX = 8 << 20
LIMIT_MS_MAX = 86_400_000


class Server:
    """Listens at `path` for clients of `world`."""

    def __init__(self, world: World, path: Path) -> None:
        self._world = world
        self._clients: set[Client] = set()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with short_address(path) as address:
            self._listener.bind(address)
        os.chmod(path, 0o600)
        self._listener.listen()
        self._listener.setblocking(False)
        world.loop.watch(self._listener.fileno(), self._accept)

    def close(self) -> None:
        """Let every client go."""
        for client in list(self._clients):
            client.close()
        self._world.loop.unwatch(self._listener.fileno())
        self._listener.close()

    def _accept(self, events: int) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return
        if len(self._clients) >= CLIENTS_MAX:
            sock.close()
            return
        self._clients.add(Client(self._world, sock, self._clients.discard))


class Client:
    """One connection."""

    def __init__(self, world: World, sock: socket.socket, gone: Callable[[Client], None]) -> None:
        self._world = world
        self._sock = sock
        self._gone = gone
        self._unread = b""
        self._unsent = b""
        self._forget: dict[int, Callable[[], None]] = {}
        self._open = True
        sock.setblocking(False)
        world.loop.watch(sock.fileno(), self._ready)

    def close(self) -> None:
        """Let the client go; what it waits for is forgotten."""
        if not self._open:
            return
        self._open = False
        for forget in list(self._forget.values()):
            forget()
        self._world.loop.unwatch(self._sock.fileno())
        self._sock.close()
        self._gone(self)

    def _ready(self, events: int) -> None:
        try:
            if events & WRITE:
                self._flush()
            if events & ~WRITE:
                self._read()
        except OSError:
            self.close()

    def _read(self) -> None:
        data = self._sock.recv(READ_BYTES)
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            if self._open:
                self._answer(line)
        if not data or len(self._unread) > LINE_BYTES_MAX:
            self.close()

    def _answer(self, line: bytes) -> None:
        number: Any = None
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise Unknown("a request is a JSON object")
            number = request.pop("id", None)
            ((what, body),) = request.items()
            self._serve(number, what, body)
        except RigError as error:
            self._fail(number, error)
        except (ValueError, TypeError, KeyError) as error:
            self._fail(number, Unknown(f"this is no request to a rig: {error}"))

    def _serve(self, number: Any, what: str, body: Any) -> None:
        world = self._world
        if what == "do":
            self._reply(number, world.do([(verb, arguments) for verb, arguments in body]))
        elif what == "state":
            self._reply(number, world.state())
        elif what == "page":
            limit = min(int(body.get("limit", PAGE_RECORDS)), PAGE_RECORDS)
            self._reply(number, [record.as_dict() for record in world.page(int(body.get("since", 0)), limit)])
        elif what == "wait":
            self._wait(number, body)
        else:
            raise Unknown(f"a rig is not asked for {what}: it is asked to do, or for state, page or wait")

    def _wait(self, number: Any, body: dict[str, Any]) -> None:
        match, since = body.get("match", {}), int(body.get("since", 0))
        limit_ms = min(int(body.get("limit_ms", WAIT_MS)), LIMIT_MS_MAX)
        if not isinstance(number, int) or number in self._forget:
            raise Unknown("what waits has an id of its own, a whole number")
        unknown = set(match) - set(MATCH_FIELDS)
        if unknown:
            raise Unknown(f"records have no {', '.join(sorted(unknown))}: they have {', '.join(MATCH_FIELDS)}")
        tracer = self._world.tracer
        kept = tracer.find(match, since)
        if kept is not None:
            self._reply(number, kept.as_dict())
            return
        if tracer.watchers >= WATCHERS_MAX:
            raise Unknown(f"{WATCHERS_MAX} clients wait already")
        forget_record = tracer.watch(match, since, partial(self._happened, number))
        late = TimedOut(nothing_came(match, limit_ms))
        timer = self._world.loop.after(limit_ms * 1000, self._too_late, number, late)

        def forget() -> None:
            forget_record()
            timer.cancel()
            self._forget.pop(number, None)

        self._forget[number] = forget

    def _happened(self, number: int, record: Record) -> None:
        self._forget[number]()
        self._reply(number, record.as_dict())

    def _too_late(self, number: int, error: RigError) -> None:
        self._forget[number]()
        self._fail(number, error)

    def _fail(self, number: Any, error: RigError) -> None:
        self._say({"id": number, "error": kind_of(error), "message": str(error)})

    def _reply(self, number: Any, value: Any) -> None:
        self._say({"id": number, "value": value})

    def _say(self, answer: dict[str, Any]) -> None:
        self._unsent += json.dumps(answer, separators=(",", ":")).encode() + b"\n"
        try:
            self._flush()
        except OSError:
            # closed on the next pass: this one may be in the middle of a model
            self._world.loop.after(0, self.close)

    def _flush(self) -> None:
        try:
            while self._unsent:
                self._unsent = self._unsent[self._sock.send(self._unsent) :]
        except BlockingIOError:
            if len(self._unsent) > UNSENT_BYTES_MAX:
                raise ConnectionAbortedError from None
        wanted = READ | (WRITE if self._unsent else 0)
        self._world.loop.modify(self._sock.fileno(), wanted)
