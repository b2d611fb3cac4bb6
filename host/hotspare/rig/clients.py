"""The clients of one line: their transactions go to the unit that the line is connected to, if it takes them; no I/O.

What a unit has taken is lost when the unit loses the line or its power, hangs or fails before it is finished. A contact
that opens for no longer than GAP_US, as bounces do, interrupts nobody. A line that two units are connected to serves
nobody. It costs a few additions whenever contacts or units change, and nothing for each transaction.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from hotspare.rig.ledger import Ledger
from hotspare.rig.loop import Timeline
from hotspare.rig.plan import ClientsPlan
from hotspare.rig.unit import Unit

GAP_US = 5_000


class Clients:
    """Clients that send to whatever unit their line is connected to."""

    def __init__(self, timeline: Timeline, plan: ClientsPlan) -> None:
        self._timeline = timeline
        self._ledger = Ledger(plan.transaction_us, plan.transaction_ms * 1000, plan.timeout_ms * 1000)
        self._connected: dict[str, Unit] = {}
        self._holder: Unit | None = None  # whose transactions the ledger knows of
        self._gone_us: int | None = None  # since when the line is connected to nobody, if that may be a bounce

    def watch(self, unit: Unit) -> None:
        """A unit that the line can be connected to says when it takes work or does not."""
        unit.hears_work.append(partial(self._worked, unit))

    def join(self, unit: Unit, closed: bool) -> None:
        """A contact joins the line and a unit, or parts them."""
        if closed:
            self._connected[unit.plan.name] = unit
        else:
            self._connected.pop(unit.plan.name, None)
        now_us = self._timeline.now_us()
        alone = next(iter(self._connected.values())) if len(self._connected) == 1 else None
        if self._holder is not None:
            self._judge_holder(alone, now_us)
        if self._holder is None and alone is not None:
            self._holder = alone
        self._look(now_us)

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the line."""
        now_us = self._timeline.now_us()
        if self._gone_us is not None and now_us - self._gone_us > GAP_US:
            self._drop(self._gone_us)
        serving = self._holder is not None and self._gone_us is None and self._ledger.open
        name = self._holder.plan.name if self._holder is not None and serving else ""
        return {"served_by": name, **asdict(self._ledger.counts(now_us, self._gone_us))}

    def _judge_holder(self, alone: Unit | None, now_us: int) -> None:
        if alone is self._holder:
            if self._gone_us is not None and now_us - self._gone_us > GAP_US:
                self._drop(self._gone_us)
            self._gone_us = None
        elif self._connected:
            self._drop(now_us if self._gone_us is None else self._gone_us)
        elif self._gone_us is None:
            self._gone_us = now_us

    def _worked(self, unit: Unit) -> None:
        if unit is self._holder:
            if self._gone_us is not None:
                self._drop(self._gone_us)
            self._look(self._timeline.now_us())

    def _look(self, now_us: int) -> None:
        unit = self._holder
        if unit is None or self._gone_us is not None:
            return
        if not unit.answering:
            self._ledger.cut(now_us)
        elif unit.accepting and not self._ledger.open:
            self._ledger.take(now_us)
        elif not unit.accepting:
            self._ledger.stop(now_us)

    def _drop(self, us: int) -> None:
        """The holder has no line any more since then."""
        self._ledger.cut(us)
        self._holder = None
        self._gone_us = None
