"""The demonstration: a pair on the emulated rig, told as it happens; times are the rig's, from cause to contact."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hotspare import acting, board, configuration, example, timeline
from hotspare.errors import HotspareError, NoOutcome
from hotspare.plan import plan_from
from hotspare.rig import technician
from hotspare.rig.interface import Rig
from hotspare.rig.process import RigProcess
from hotspare.rig.trace import Record
from hotspare_engine import words as w

GROUP, PRIMARY, SPARE, RELAY = "pair", "primary", "spare", "line-primary"
CROSSLINKS = ("crosslink-a", "crosslink-b")
SETTLE_S_MAX = 10.0
LOOK_AGAIN_S = 0.02
OUTCOME_MS_MAX = 5_000
MARGIN_US = 60_000
NAME_BYTES = 8

Say = Callable[[str], None]


@dataclass
class Figures:
    """What the demonstration measured."""

    ready_ms: float = 0.0
    failover_ms: float = 0.0
    failback_ms: float = 0.0
    switchover_ms: float = 0.0
    both_connected_us: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)

    def as_plain(self) -> dict[str, Any]:
        """Return them as JSON carries them."""
        return asdict(self)


class Demonstration:
    """One run of the demonstration; `say` takes each line of the story."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.figures = Figures()

    def run(self) -> Figures:
        """Start a pair, show what it does, end it; raises HotspareError if a step does not come out as it should."""
        began_s = time.monotonic()
        # the rig makes this directory and removes it even when this process is killed: nothing else may be made in it
        directory = Path(tempfile.gettempdir()) / f"hotspare-demo-{secrets.token_hex(NAME_BYTES)}"
        text = example.text("pair").encode()
        self._configuration = configuration.parse(text, Path(configuration.FILE_NAME), directory)
        self._group = self._configuration.group(GROUP)
        with RigProcess(plan_from(self._configuration), directory) as process:
            self._rig: Rig = process.rig
            process.wait_answers()
            technician.look(self._configuration)
            technician.arm(self._configuration)
            self._settle(carried_by=PRIMARY)
            self.figures.ready_ms = round((time.monotonic() - began_s) * 1000)
            self._say(f"Two emulated boards run the firmware; armed and ready after {self.figures.ready_ms:.0f} ms.")
            self._tell_who_carries()
            self._failover()
            self._repair_and_fail_back()
            self._switch_over_by_hand()
            self._cut_every_crosslink()
            self._conclude()
        return self.figures

    # -- acts -------------------------------------------------------------------------------------------------------

    def _failover(self) -> None:
        self._say("")
        self._say("1. The primary loses its power, and its board with it.")
        start_us, contact = self._until_contact(SPARE, lambda: self._rig.stop(PRIMARY))
        self.figures.failover_ms = _ms(contact.us - start_us)
        self._say(f"   The spare carries the line {self.figures.failover_ms} ms later. Nobody typed anything.")
        self._show(start_us, contact.us)

    def _repair_and_fail_back(self) -> None:
        self._say("")
        self._say("2. The primary is repaired and boots. The load stays where it is until a person sends it back:")
        self._rig.start(PRIMARY)
        self._settle(carried_by=SPARE)
        self._say("   $ hotspare failback pair")
        start_us, contact = self._until_contact(PRIMARY, lambda: self._ask(w.MS_P, 0))
        self.figures.failback_ms = _ms(contact.us - start_us)
        self._say(f"   The primary carries the line again, {self.figures.failback_ms} ms after the request.")

    def _switch_over_by_hand(self) -> None:
        self._settle(carried_by=PRIMARY)
        self._say("")
        self._say("3. A planned switchover, for maintenance of the primary, and back:")
        self._say("   $ hotspare switchover pair")
        start_us, contact = self._until_contact(SPARE, lambda: self._ask(w.MS, 1))
        self.figures.switchover_ms = _ms(contact.us - start_us)
        self._say(f"   The spare carries the line {self.figures.switchover_ms} ms after the request.")
        self._show(start_us, contact.us)
        self._settle(carried_by=SPARE)
        self._ask(w.MS_P, 0)
        self._settle(carried_by=PRIMARY)

    def _cut_every_crosslink(self) -> None:
        self._say("")
        self._say("4. The worst one: every cable between the boards is cut, and both units live.")
        cut = [("cut", {"cable": cable}) for cable in CROSSLINKS]
        start_us, contact = self._until_contact(SPARE, lambda: self._rig.do(cut))
        both_us = self._rig.state()["both_connected_us"]
        self._say(
            f"   The controller must take the primary for dead, and {_ms(contact.us - start_us)} ms later the spare"
        )
        self._say("   carries the line. The primary lives, and is not connected: one contact can not be in two places.")
        self._say(f"   Longest time that the line had two units: {both_us} us.")
        self._show(start_us, contact.us)
        self._rig.do([("heal", {"cable": cable}) for cable in CROSSLINKS])
        self._settle(carried_by=SPARE)
        self._ask(w.MS_P, 0)
        self._settle(carried_by=PRIMARY)

    def _conclude(self) -> None:
        self.figures.both_connected_us = self._rig.state()["both_connected_us"]
        self.figures.events = [record.as_dict() for record in self._rig.trace() if record.kind != "drive"]
        self._say("")
        self._say(
            f"Healed and failed back. In all of it the line had two units for {self.figures.both_connected_us} us."
        )

    # -- helpers ----------------------------------------------------------------------------------------------------

    def _ask(self, request: int, unit: int) -> int:
        moment_us = self._rig.do([])
        result = acting.ask(self._group, lambda status: acting.Wish(request, unit))
        if result.refused:
            raise NoOutcome(f"the demonstration's own request was {result.reason()}")
        return moment_us

    def _until_contact(self, unit: str, act: Callable[[], int]) -> tuple[int, Record]:
        """Do something and return when, and the record of the contact on `unit` that closed after it."""
        before = self._rig.state()["trace_next"] - 1
        moment_us = act()
        match = {"kind": "contact", "name": RELAY, "event": "closed", "detail": unit}
        return moment_us, self._rig.wait(match, before, OUTCOME_MS_MAX)

    def _settle(self, carried_by: str) -> None:
        """Return when both units are well and `carried_by` carries the line; raises NoOutcome."""
        end_s = time.monotonic() + SETTLE_S_MAX
        wanted = w.NORMAL if carried_by == PRIMARY else w.ON_SPARE
        controller = self._configuration.board(self._group.controller)
        status: dict[str, Any] = {}
        while time.monotonic() < end_s:
            with suppress(HotspareError):
                with board.open_board(controller) as reached:
                    status = reached.status()
                if status["state"] == wanted and set(status["health"][:2]) == {w.OK}:
                    return
            time.sleep(LOOK_AGAIN_S)
        raise NoOutcome(f"the pair did not come to rest on {carried_by} within {SETTLE_S_MAX:g} s: {status}")

    def _tell_who_carries(self) -> None:
        units = self._rig.state()["units"]
        self._say("   " + "   ".join(f"{name}: {_carries(unit)}" for name, unit in units.items()))

    def _show(self, start_us: int, end_us: int) -> None:
        records = self._rig.trace()
        lanes = timeline.lanes_of(records, PRIMARY, CROSSLINKS, (PRIMARY, SPARE))
        margin_us = max(MARGIN_US, (end_us - start_us) // 8)
        for row in timeline.draw(lanes, start_us - margin_us, end_us + margin_us):
            self._say("   " + row)


def _ms(us: int) -> float:
    return round(us / 1000, 1)


def _carries(unit: dict[str, Any]) -> str:
    lines = unit["connected"]
    return f"carries line {', '.join(lines)}" if lines else "standby"
