"""A pool on the emulated rig for tests and measurements: three primaries and a spare, and who is really connected."""

from __future__ import annotations

import time
from contextlib import suppress

from hil.pair import BY_ITSELF, LOOK_AGAIN_S, OUTCOME_MS_MAX, SETTLE_S_MAX, Pair, told
from hotspare.errors import HotspareError
from hotspare.rig.orders import Order
from hotspare_engine import words as w

SPARE = 3  # the index of its unit


class Pool(Pair):
    """The example pool with some settings, running and armed; ends with the context."""

    example = "pool"

    def carried(self) -> list[str | None]:
        """Return the unit on each line, as the contacts connect them; no line has two and no unit two."""
        state = self.rig.state()
        assert state["both_connected_us"] == 0
        found: dict[str, str] = {}
        for name, unit in state["units"].items():
            assert len(unit["connected"]) <= 1, (name, unit["connected"])
            for line in unit["connected"]:
                assert line not in found, (line, found[line], name)
                found[line] = name
        return [found.get(line) for line in self.group.lines]

    def until_carried(self, *units: str | None) -> None:
        """Return when these units are on the lines; raises TimeoutError."""
        end_s = time.monotonic() + SETTLE_S_MAX
        while self.carried() != list(units):
            if time.monotonic() > end_s:
                raise TimeoutError(f"{self.carried()} and not {units}: {told(self.status())}")
            time.sleep(LOOK_AGAIN_S)

    def until_contact_of(self, line: str, orders: list[Order]) -> float:
        """Carry out orders at one moment; return the milliseconds until the spare's contact of a line first touched."""
        match = {"kind": "contact", "name": f"line-{line}", "event": "closed", "detail": "spare"}
        return self.until(match, lambda: self.rig.do(orders))[0]

    def until_coil_of(self, line: str, orders: list[Order]) -> float:
        """Carry out orders at one moment; return the milliseconds until the coil of a line is driven."""
        return self.until({"kind": "coil", "name": f"line-{line}", "event": "energised"}, lambda: self.rig.do(orders))[
            0
        ]

    def restore(self) -> None:
        """Return when every unit is well and on its own line, and nothing stands; raises TimeoutError."""
        state = self.rig.state()
        orders: list[Order] = [("heal", {"cable": cable}) for cable in state["cables"]]
        for name, unit in state["units"].items():
            orders += [("start", {"unit": name})] if unit["status"] in ("off", "hung") else []
            orders += [("mend", {"unit": name})] if unit["failing"] or unit["degraded"] else []
            orders += [("hook", {"unit": name, "role": role, "how": "works"}) for role in unit["hooks"]]
        self.rig.do(orders)
        for name, one in self.rig.state()["boards"].items():
            if not one["powered"]:
                self.rig.power(name, True)
        end_s = time.monotonic() + SETTLE_S_MAX
        while not self._is_back():
            if time.monotonic() > end_s:
                raise TimeoutError(f"the pool did not come back: {told(self.status())}")
            time.sleep(LOOK_AGAIN_S)
        self.until_all_heard()

    def _is_back(self) -> bool:
        with suppress(HotspareError), self.board(self.group.controller) as reached:
            status = reached.status()
            for row in reached.standing(status["standing"]):
                reached.request(w.CLEAR, 0, row["id"], 0, 0, OUTCOME_MS_MAX)
            selected = status["selected"]
            well = all(health == w.OK for health in status["health"][: len(self.group.units)])
            if status["state"] == w.ON_SPARE and status["health"][selected - 1] in (w.OK, w.IMPAIRED):
                reached.request(w.MS_P, selected, 0, 0, 0, OUTCOME_MS_MAX)
                return False
            quiet = not status["alarms"] & ~BY_ITSELF
            return well and quiet and status["state"] == w.NORMAL and self.carried() == list(self.group.primaries)
        return False
