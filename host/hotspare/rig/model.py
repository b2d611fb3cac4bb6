"""A rig as models on one timeline, asked as any rig is: physics live in the models, wiring in the builder."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from hotspare.agent import AgentCore
from hotspare.rig.building import Builder, MakeAgent, Maker
from hotspare.rig.circuits import Coil
from hotspare.rig.errors import TimedOut
from hotspare.rig.interface import WAIT_MS, Rig
from hotspare.rig.loop import Timeline
from hotspare.rig.orders import Order, checked
from hotspare.rig.plan import RigPlan, SerialCable, UnitPlan
from hotspare.rig.trace import PAGE_RECORDS, Exclusivity, Record, Trace, nothing_came
from hotspare.rig.verbs import Verbs
from hotspare.roles import Roles
from hotspare_wire import messages

SEED_BITS = 32


def agent_of(plan: UnitPlan, chance: random.Random, roles: Roles) -> AgentCore:
    """Return the agent that real units run, with nonces that the seed of the rig decides."""
    keys = [bytes.fromhex(key) for key in plan.keys.split()]
    return AgentCore(plan.address, plan.agent_interval_ms, partial(chance.randbytes, messages.NONCE_SIZE), roles, keys)


class RigModel(Rig):
    """One rig on one timeline; `maker` makes the boards, `make_agent` the program on a unit.

    Without a seed it is drawn, and told.
    """

    def __init__(
        self,
        plan: RigPlan,
        timeline: Timeline,
        maker: Maker,
        *,
        make_agent: MakeAgent = agent_of,
        seed: int | None = None,
    ) -> None:
        self.plan = plan
        self.seed = random.SystemRandom().getrandbits(SEED_BITS) if seed is None else seed
        self.baud_of = {cable.name: cable.baud for cable in plan.cables if isinstance(cable, SerialCable)}
        self.supply_on = True
        self.timeline = timeline
        self.tracer = Trace(timeline)
        self.exclusivity = Exclusivity(timeline)
        builder = Builder(plan, maker, timeline, self.tracer, self.exclusivity, random.Random(self.seed))
        self._parts = builder.build(make_agent)
        self.boards = self._parts.boards
        self.units = self._parts.units
        self.alterations = self._parts.alterations
        self.cables = self._parts.cables
        self.relays = self._parts.relays
        self.alarms = self._parts.alarms
        self.keyswitches = self._parts.keyswitches
        self.silence = self._parts.silence
        self._show_supply()
        self._verbs = Verbs(self)

    def begin(self, powered: bool = True) -> None:
        """Give every unit and every board power, or none; the trace begins with it."""
        self.tracer.add("rig", "rig", "begins", f"seed {self.seed}")
        if powered:
            for unit in self.units.values():
                unit.start()
            for board in self.boards.values():
                feed = board.plan.fed_by
                if not board.powered and (feed is None or self.units[feed].powered):
                    board.power_on()

    # -- as any rig -----------------------------------------------------------------------------------------------

    @property
    def names(self) -> dict[str, list[str]]:
        """The names that verbs take, by what they name."""
        return {
            "cable": list(self.cables),
            "relay": list(self.relays),
            "unit": list(self.units),
            "board": list(self.boards),
        }

    def do(self, orders: Iterable[Order]) -> int:
        """Carry out orders at this moment."""
        names = self.names
        ready = [checked(order, names) for order in orders]
        for verb, arguments in ready:
            self._verbs.carry_out(verb, arguments)
        return self.timeline.now_us()

    def state(self) -> dict[str, Any]:
        """Return what the rig is like now."""
        relays = {name: relay.state() for name, relay in self.relays.items()}
        alarms = {name: alarm_state(coil) for name, coil in self.alarms.items()}
        return {
            "us": self.timeline.now_us(),
            "seed": self.seed,
            "cables": {name: cable.state() for name, cable in self.cables.items()},
            "relays": {**relays, **alarms},
            "boards": {name: {**board.state(), **self._panel_state(name)} for name, board in self.boards.items()},
            "units": {
                name: {**unit.state(), "connected": self.exclusivity.lines_of(name)}
                for name, unit in self.units.items()
            },
            "lines": {line: clients.state() for line, clients in self._parts.clients.items()},
            "supply": self.supply_on,
            "both_connected_us": self.exclusivity.both_connected_us,
            "trace_next": self.tracer.next_number,
        }

    def page(self, since: int = 0, limit: int = PAGE_RECORDS) -> list[Record]:
        """Return at most `limit` records that follow number `since`."""
        return self.tracer.since(since, limit)

    def wait(self, match: Mapping[str, str], since: int = 0, limit_ms: int = WAIT_MS) -> Record:
        """Let time pass until a record matches."""
        found: list[Record] = []
        kept = self.tracer.find(match, since)
        if kept is not None:
            return kept
        forget = self.tracer.watch(match, since, found.append)
        try:
            self._run(found, limit_ms * 1000)
        finally:
            forget()
        if not found:
            raise TimedOut(nothing_came(match, limit_ms))
        return found[0]

    def _run(self, found: list[Record], limit_us: int) -> None:
        """Let time pass until something is found, or for so long."""
        timeline = self.timeline
        end_us = timeline.now_us() + limit_us
        while not found:
            due_us = timeline.next_due_us()
            if due_us is None or due_us > end_us:
                timeline.run_until(end_us)
                return
            timeline.run_until(due_us)

    def set_supply(self, on: bool) -> None:
        """Switch the supply of the relay coils, and what senses it."""
        self.supply_on = on
        self.tracer.add("supply", "coils", "on" if on else "off")
        self._show_supply()
        for relay in self.relays.values():
            for coil in relay.coils:
                coil.supply(on)

    def _panel_state(self, board: str) -> dict[str, bool]:
        switch = self.keyswitches.get(board)
        return {} if switch is None else {"keyswitch": switch.on}

    def _show_supply(self) -> None:
        for show in self._parts.supply_senses:
            show(int(self.supply_on))


def alarm_state(coil: Coil) -> dict[str, Any]:
    """Return what is to be told of an alarm relay: released is an alarm."""
    return {"driven": coil.driven, "energised": coil.current, "contact": "well" if coil.current else "alarm"}
