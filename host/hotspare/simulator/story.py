"""The story of a run: what was done to the rig, what its contacts did, what its boards recorded, in order of time."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from hotspare.errors import Unreachable
from hotspare.history import events, failover, pull
from hotspare.history.database import Database
from hotspare.history.events import Event, Selection
from hotspare.history.failover import Picture
from hotspare.simulator import host
from hotspare.simulator.run import Run
from hotspare.simulator.worlds import key_of
from hotspare_wire import messages

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)  # of every simulated world


class Story:
    """What is known of a run that is over; its boards are asked as a host asks them."""

    def __init__(self, run: Run) -> None:
        self._run = run
        run.close()
        self._database = Database(None)
        self._pull()

    def close(self) -> None:
        """Forget all of it."""
        self._database.close()

    def lines(self) -> list[str]:
        """Return the story, a line for each thing."""
        return [f"{at_ms:12.3f} ms  {text}" for at_ms, text in self.rows()]

    def rows(self) -> list[tuple[float, str]]:
        """Return each thing with its time in ms since the site began."""
        rows: list[tuple[float, str]] = []
        for record in self._run.rig.trace():
            said = " ".join(part for part in (record.kind, record.name, record.event, record.detail) if part)
            rows.append((record.us / 1000, f"rig         {said}"))
        for event in self.events():
            began_us = self._run.begun.get((event.board, event.boot))
            if began_us is not None:
                at_us = self._run.rig.boards[event.board].time_us(began_us, event.at_ms)
                rows.append((at_us / 1000, f"{event.board:<12}#{event.number} {event.name}: {event.text}"))
        return sorted(rows, key=lambda row: row[0])

    def events(self) -> list[Event]:
        """Return what the boards recorded."""
        return events.select(self._database, self._wanted())

    def picture(self) -> Picture | None:
        """Return the last switch of the load as `log` draws it, None without one."""
        return failover.last(self.events())

    def _wanted(self) -> Selection:
        return Selection(groups=(self._run.group.name,), newest=events.EVERY)

    def _pull(self) -> None:
        run = self._run
        chance = random.Random(f"story {run.seed}")
        keys = (key_of(run.seed),) if run.keyed else ()

        def now() -> datetime:
            return BEGIN + timedelta(microseconds=run.rig.timeline.now_us())

        for board in run.group.boards:
            model = run.rig.boards[board.name]
            if model.board is None or model.frozen:
                continue
            reached = host.reach(run.rig.timeline, model, lambda: chance.randbytes(messages.NONCE_SIZE), keys)
            with suppress(Unreachable):  # one that was just resetting itself
                pull.read(board, run.group, reached, self._database, now)
