"""Schedules: what happens to a simulated rig and when, drawn from a seed before anything runs; plain data, no I/O.

An action is a verb of the rig with its arguments, or one of those that only a simulation has: `leave` and `stall`,
`differ`, `ask`, `approve` and `pull` of an operator, `forge` of a stranger, `mend all` and `clear all`. As plain data a
schedule can be shortened, printed and done again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hotspare.configuration import Group
from hotspare.rig.nor import CUTS
from hotspare.rig.orders import ALTERATIONS
from hotspare.rig.plan import ChangeoverRelay, FencedRelay, LineRelay, PulseCable, RigPlan, SerialCable
from hotspare_engine import words as w

# how often something happens, in ms from one to the next: least and most
PROFILES: dict[str, tuple[int, int] | None] = {"none": None, "rare": (5_000, 60_000), "dense": (1, 1_500)}
QUICK = 0.4  # of a dense schedule follow at once, within QUICK_MS: the worst moments lie close to one another
QUICK_MS = 120
CALM, CALM_MS, AFTER_CALM_MS = 0.12, (3_100, 5_000), 1_500
BERS = (1e-4, 1e-3, 1e-2)
STALLS_MS = (5, 30, 95, 250, 600)
HANG_MS = 4_000  # more than any watchdog's time
ERASES_MS = (45, 45, 400)
ASKS = (w.MS, w.MS_P, w.FS, w.FX, w.OUT, w.LO, w.ARM, w.DISARM, w.EXER, w.CLEAR_RELAY, w.CLEAR_SPARE, w.UNFENCE)
FLAGS = (0, 0, 0, w.DRY, w.NO_DRAIN, w.DROP_SERVICE)
FORGERIES = ("replay", "flip", "next", "next", "garbage", "request", "own")
EXPIRIES_S = (0, 0, 1, 3)
MEND_ONE_IN = 6  # of the times something happens, everything is mended


@dataclass(frozen=True)
class Action:
    """One thing that happens at a time, in ms since the group was armed."""

    at_ms: int
    verb: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it as a line of a schedule."""
        said = " ".join(f"{name}={value}" for name, value in self.arguments.items() if value not in (None, False))
        return f"{self.at_ms:>7} ms  {self.verb} {said}".rstrip()


def draw(seed: int, plan: RigPlan, group: Group, profile: str, span_ms: int) -> list[Action]:
    """Return what happens within `span_ms`."""
    times = PROFILES[profile]
    if times is None:
        return []
    drawing = _Drawing(random.Random(f"schedule {seed}"), plan, group)
    return sorted(drawing.draw(times, span_ms, dense=profile == "dense"), key=lambda action: action.at_ms)


class _Drawing:
    """Draws actions for one group of a plan."""

    def __init__(self, chance: random.Random, plan: RigPlan, group: Group) -> None:
        self.chance = chance
        self.group = group
        self.units = [unit.name for unit in group.units]
        self.boards = [board.name for board in group.boards]
        self.plan = plan
        self.lines = [relay for relay in plan.relays if isinstance(relay, LineRelay)]
        self.cables = [cable.name for cable in plan.cables]
        self.serial = [cable.name for cable in plan.cables if isinstance(cable, SerialCable)]
        self.ends = {cable.name: _ends(cable) for cable in plan.cables}
        self.lockout = any(board.lockout_switch for board in group.boards)
        self.keyed = any(unit.keys for unit in plan.units)
        self.harms = [
            self._unit, self._unit, self._unit, self._unit, self._unit, self._unit,
            self._cut, self._cut, self._noise, self._hook, self._alter,
            self._relay, self._relay, self._sense, self._supply,
            self._power, self._reset, self._differ, self._freeze, self._stall, self._stall,
            self._flash, self._powercut, self._key, self._ask, self._ask, self._ask, self._ask,
            self._approve, self._approve, self._pull, self._forge, self._settle,
        ]  # fmt: skip

    def draw(self, times: tuple[int, int], span_ms: int, dense: bool) -> list[Action]:
        actions: list[Action] = []
        at_ms = 0
        while True:
            pace = self.chance.random() if dense else 1.0
            if pace < QUICK:
                at_ms += self.chance.randint(1, QUICK_MS)
            elif pace < QUICK + CALM:  # what was done before is over, and limits of time are judged
                at_ms += self.chance.randint(*CALM_MS)
                if at_ms < span_ms:
                    unit = self._pick(self.units[:-1])
                    actions.append(Action(at_ms, self._pick(("stop", "hang", "fail", "degrade")), {"unit": unit}))
                at_ms += AFTER_CALM_MS
            else:
                at_ms += self.chance.randint(*times)
            if at_ms >= span_ms:
                return actions
            if self.chance.randrange(MEND_ONE_IN) == 0:
                actions.append(Action(at_ms, "mend all"))
                continue
            for verb, arguments in self.chance.choice(self.harms)():
                actions.append(Action(at_ms + arguments.pop("after_ms", 0), verb, arguments))

    def _pick(self, some: Sequence[Any]) -> Any:
        return self.chance.choice(some)

    def _unit(self) -> list[tuple[str, dict[str, Any]]]:
        unit = self._pick(self.units)
        verb = self._pick(("stop", "stop", "start", "start", "hang", "fail", "mend", "mend", "degrade", "leave"))
        if verb == "leave":
            rest_ms = self._pick((300, 1_500, 6_000))
            return [("leave", {"unit": unit, "rest_ms": rest_ms, "longest_s": self._pick((1, 5))})]
        return [(verb, {"unit": unit})]

    def _cut(self) -> list[tuple[str, dict[str, Any]]]:
        cables = self.cables if self.chance.random() < 0.2 else [self._pick(self.cables)]
        direction = self._pick((None, None, *self.ends[cables[0]])) if len(cables) == 1 else None
        verb = self._pick(("cut", "cut", "heal"))
        out = [(verb, {"cable": cable, "direction": direction}) for cable in cables]
        if verb == "cut" and self.chance.random() < 0.5:  # as short as a dead time, or long
            after_ms = self._pick((50, 150, 400, 600, 3_000))
            out += [("heal", {"cable": cable, "direction": direction, "after_ms": after_ms}) for cable in cables]
        return out

    def _noise(self) -> list[tuple[str, dict[str, Any]]]:
        cable = self._pick(self.serial)
        how = self._pick(("noise", "noise", "burst", "delay", "heal"))
        if how == "noise":
            return [("noise", {"cable": cable, "ber": self._pick(BERS)})]
        if how == "heal":
            return [("heal", {"cable": cable, "direction": None})]
        return [(how, {"cable": cable, "ms": self._pick((3, 40, 400))})]

    def _alter(self) -> list[tuple[str, dict[str, Any]]]:
        return [("alter", {"unit": self._pick(self.units), "how": self._pick((*ALTERATIONS, "none"))})]

    def _hook(self) -> list[tuple[str, dict[str, Any]]]:
        how = self._pick(("works", "works", "fails", "hangs"))
        return [("hook", {"unit": self._pick(self.units), "role": self._pick(("drain", "active")), "how": how})]

    def _relay(self) -> list[tuple[str, dict[str, Any]]]:
        line = self._pick(self.lines)
        verb = self._pick(("weld", "weld pole", "unweld", "stick", "short", "unstick"))
        if verb == "weld pole":
            poles = line.poles if isinstance(line, ChangeoverRelay) else 1
            verb, pole = "weld", self.chance.randint(1, poles)
            return [(verb, {"relay": line.name, "contact": self._pick(("primary", "spare")), "pole": pole})]
        if verb == "weld":
            return [(verb, {"relay": line.name, "contact": None, "pole": None})]
        if verb in ("unweld", "unstick"):
            return [(verb, {"relay": line.name})]
        return [("stick", {"relay": line.name, "coil": self._coil(line), "shorted": verb == "short"})]

    def _coil(self, line: LineRelay) -> str | None:
        if isinstance(line, ChangeoverRelay):
            return None if line.retention == "falls" else self.chance.choice(("set", "reset"))
        return self.chance.choice(("fence", "spare") if isinstance(line, FencedRelay) else ("primary", "spare"))

    def _sense(self) -> list[tuple[str, dict[str, Any]]]:
        stuck = self._pick(("open", "closed", "lost", None, None))
        return [
            (
                "sense",
                {"relay": self._pick(self.lines).name, "contact": self._pick(("primary", "spare")), "stuck": stuck},
            )
        ]

    def _supply(self) -> list[tuple[str, dict[str, Any]]]:
        after_ms = self._pick((5, 100, 2_000))
        return [("supply", {"state": "off"}), ("supply", {"state": "on", "after_ms": after_ms})]

    def _power(self) -> list[tuple[str, dict[str, Any]]]:
        boards = self.boards if self.chance.random() < 0.2 else [self._pick(self.boards)]
        after_ms = self._pick((1, 40, 1_000, 5_000))
        return [
            *(("power", {"board": board, "state": "off"}) for board in boards),
            *(("power", {"board": board, "state": "on", "after_ms": after_ms}) for board in boards),
        ]

    def _reset(self) -> list[tuple[str, dict[str, Any]]]:
        return [("reset", {"board": self._pick(self.boards)})]

    def _freeze(self) -> list[tuple[str, dict[str, Any]]]:
        return [("stall", {"board": self._pick(self.boards), "ms": HANG_MS})]

    def _stall(self) -> list[tuple[str, dict[str, Any]]]:
        return [("stall", {"board": self._pick(self.boards), "ms": self._pick(STALLS_MS)})]

    def _flash(self) -> list[tuple[str, dict[str, Any]]]:
        return [("erase", {"board": self._pick(self.boards), "ms": self._pick(ERASES_MS)})]

    def _powercut(self) -> list[tuple[str, dict[str, Any]]]:
        board = self._pick(self.boards)
        cut = {"board": board, "operation": self.chance.randrange(4), "how": self._pick(CUTS)}
        return [("powercut", cut), ("power", {"board": board, "state": "on", "after_ms": self._pick((300, 3_000))})]

    def _differ(self) -> list[tuple[str, dict[str, Any]]]:
        return [("differ", {"board": self._pick(self.boards), "firmware_hash": 2})]

    def _key(self) -> list[tuple[str, dict[str, Any]]]:
        if not self.lockout:
            return self._ask()
        return [("keyswitch", {"board": self.group.controller, "state": self._pick(("on", "off", "off"))})]

    def _ask(self) -> list[tuple[str, dict[str, Any]]]:
        unit = self.chance.randint(-1, len(self.units))
        asked = {
            "request": self._pick(ASKS),
            "unit": unit,
            "seconds": self._pick(EXPIRIES_S),
            "flags": self._pick(FLAGS),
        }
        return [("ask", asked)]

    def _approve(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            ("approve", {"request": self._pick((w.APPROVE, w.APPROVE, w.REJECT)), "off": self._pick((0, 0, 0, -1, 1))})
        ]

    def _pull(self) -> list[tuple[str, dict[str, Any]]]:
        return [("pull", {"board": self._pick(self.boards)})]

    def _forge(self) -> list[tuple[str, dict[str, Any]]]:
        cable = self._pick(self.serial)
        # without a key a stranger is believed: nothing is promised then but that a conflict of addresses is seen
        how = self._pick(FORGERIES) if self.keyed else "own"
        return [("forge", {"cable": cable, "direction": self._pick(self.ends[cable]), "how": how})]

    def _settle(self) -> list[tuple[str, dict[str, Any]]]:
        return [("mend all", {}), ("clear all", {"after_ms": 200})]


def _ends(cable: Any) -> tuple[str, ...]:
    if isinstance(cable, SerialCable):
        return cable.a[0], cable.b[0]
    if isinstance(cable, PulseCable):
        return cable.a, cable.b
    return (cable.unit,) if hasattr(cable, "unit") else (cable.a, cable.b)
