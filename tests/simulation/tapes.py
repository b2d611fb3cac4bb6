"""Simulated rigs with a tape of each board: runs in trouble, and one in which people ask for everything there is."""

from __future__ import annotations

import binascii
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from hil.pair import file_with
from hotspare import blob, configuration, example
from hotspare.board import CONFIG_CHUNK
from hotspare.configuration import Configuration
from hotspare.rig.errors import RigError
from hotspare.rig.nor import CUTS
from hotspare.session import Exchange, acknowledged, query
from hotspare.simulator import schedule, worlds
from hotspare.simulator.boards import Chip
from hotspare.simulator.host import Operator
from hotspare.simulator.run import Run
from hotspare.simulator.schedule import Action
from hotspare.simulator.tape import Tape
from hotspare.simulator.world import SimulatedRig, TapeOf
from hotspare_engine import words as w
from hotspare_wire import configuration as wire
from hotspare_wire import messages as m

Tapes = dict[str, list[str]]

SECOND_US = 1_000_000
ASK_EVERY_US = (20_000, 400_000)
HARM_EVERY_US = 4 * SECOND_US  # the power of a board goes in an operation of its flash
HELP_EVERY_US = 1 * SECOND_US  # a board that is in its REPL, or lost its power, is reset or gets it again
OTHER_KEY = bytes(range(32))
HEAD_MS = 6_000
CHIP = Chip(latency_us=150, collect_us=19_000)


@dataclass(frozen=True)
class Case:
    """A rig: an example with other words in it."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    keyed: bool = False

    def configuration(self) -> Configuration:
        """Return what its file says."""
        text = file_with(self.text, **{**QUICK, **self.values})
        for old, new in self.changes.items():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return configuration.parse(text.encode(), Path(configuration.FILE_NAME), Path("/"))


ON_HOST_PORTS = {f"[unit.{name}]": f'[unit.{name}]\nagent = "host"' for name in ("primary", "spare")}
NETWORK = {
    "[board.beacon]": '[board.beacon]\nkind = "esp32"\nnetwork = "10.0.0.1:4700"',
    "[board.controller]": '[board.controller]\nkind = "esp32s3"\nnetwork = "10.0.0.2:4700"',
}
BYPASSES = {
    "[unit.primary]": "[unit.primary]\ncontact = true\nagent_direct = true",
    "[unit.spare]": '[unit.spare]\nagent = "host"',
    "[board.beacon]": "[board.beacon]\ninvalid_a = true",
    "[board.controller]": "[board.controller]\ninvalid_a = true\nlockout_switch = true",
}
PYBOARDS = {f"[board.{name}]": f'[board.{name}]\nkind = "pyboard"' for name in ("beacon", "controller")}
CHAIN = example.text_of("A chain of two.", example.pool(2))
# times so short that all of them end in a run
QUICK = {
    "boot_grace_s": 2,
    "stay_min_s": 1,
    "wtr_s": 1,
    "attempts_max": 50,
    "attempts_window_s": 5,
    "approve_s": 5,
    "leaving_max_s": 2,
    "ready_limit_ms": 500,
    "start_limit_s": 2,
    "stop_delay_s": 1,
    "watchdog_ms": 1000,
    "unit_boot_ms": 300,
    "hook_limit_ms": 500,
    "transaction_us": 0,
}

RUNS: dict[str, Case] = {
    "changeover, a pulse": Case(example.text("pair"), {"revertive": True}),
    "latching, keyed, 50 ms": Case(example.text("pair"), {"retention": "latching", "interval_ms": 50}, keyed=True),
    "interlocked, two cables, pyboards": Case(
        example.text("interlocked"), {"crosslink_b": "uart"}, {**ON_HOST_PORTS, **PYBOARDS}
    ),
    "fenced, cold, keyed": Case(example.text("fenced-cold"), keyed=True),
    "a chain of two, keyed": Case(CHAIN, {"drain_s": 1}, keyed=True),
    "a network": Case(example.text("pair"), {"standby": "warm", "autonomy": "ask-then-auto"}, NETWORK),
    "bypasses, a lockout switch": Case(example.text("pair"), {"on_degraded": "switch"}, BYPASSES),
}
UNPROVEN = Case(example.text("pair"), {"switch": "unproven"}, keyed=True)


def head(unit: str) -> list[Action]:
    """Return what is first done to a rig: a unit fails, and a person returns to it once it is well."""
    back = {"request": w.MS_P, "unit": -1, "seconds": 0, "flags": w.NO_DRAIN}
    failed, mended = Action(500, "fail", {"unit": unit}), Action(3_000, "mend", {"unit": unit})
    return [failed, mended, *(Action(at_ms, "ask", back) for at_ms in range(4_000, HEAD_MS - 500, 500))]


def keeping(tapes: Tapes) -> TapeOf:
    """Return what makes the tape of a board, whose lines are then in `tapes` under its name."""

    def tape_of(name: str) -> Tape:
        lines = tapes[name] = []
        return Tape(lines.append)

    return tape_of


def of_run(case: Case, seed: int, beats: int) -> tuple[Tapes, Run]:
    """Return the tapes of the boards of a run: a failover and a failback, and then the trouble of the seed."""
    tapes: Tapes = {}
    found = case.configuration()
    group = found.groups[0]
    span_ms = beats * group.setting("interval_ms") * 9 // 10
    drawn = schedule.draw(seed, worlds.plan_of(found, seed, case.keyed), group, "dense", span_ms - HEAD_MS)
    actions = [*head(group.primaries[0]), *(replace(it, at_ms=it.at_ms + HEAD_MS) for it in drawn)]
    tape_of = keeping(tapes)
    run = Run(seed, beats=beats, configuration=found, actions=actions, keyed=case.keyed, tape_of=tape_of)
    run.run()
    return tapes, run


class Asked:
    """A rig at each of whose boards a person asks for everything there is, at any time."""

    def __init__(self, case: Case, seed: int, tape_of: TapeOf, chip: Chip = CHIP) -> None:
        found = case.configuration()
        self.outcomes: list[Exchange] = []
        self._chance = random.Random(seed)
        self._boards = found.groups[0].boards
        self._group = found.groups[0]
        self._keys = (worlds.key_of(seed),) if case.keyed else ()
        plan = worlds.plan_of(found, seed, case.keyed)
        self.rig = SimulatedRig(plan, seed, chip_of=lambda kind: chip, tape_of=tape_of)
        draw = partial(self._chance.randbytes, m.NONCE_SIZE)
        self._operators = {
            board.name: Operator(self.rig.timeline, self.rig.boards[board.name], draw, self._keys, self._answered)
            for board in self._boards
        }

    def run(self, seconds: int) -> None:
        """Let them ask for so long."""
        self.rig.begin()
        end_us = seconds * SECOND_US
        for name in self._operators:
            due_us = 0
            while due_us < end_us:
                self.rig.timeline.at(due_us, self._ask, name)
                due_us += self._chance.randint(*ASK_EVERY_US)
        for due_us in range(HARM_EVERY_US, end_us, HARM_EVERY_US):
            self.rig.timeline.at(due_us, self._harm)
        for due_us in range(HELP_EVERY_US, end_us, HELP_EVERY_US):
            self.rig.timeline.at(due_us, self._help)
        self.rig.run_for(end_us)

    def _answered(self, exchange: Exchange, us: int) -> None:
        self.outcomes.append(exchange)

    def _harm(self) -> None:
        cut = {"board": self._chance.choice(list(self.rig.boards)), "operation": self._chance.randrange(3)}
        with suppress(RigError):
            self.rig.do([("powercut", {**cut, "how": self._chance.choice(CUTS)})])

    def _help(self) -> None:
        for name, board in self.rig.boards.items():
            with suppress(RigError):
                if board.in_repl:
                    self.rig.do([("reset", {"board": name})])
                elif not board.powered:
                    self.rig.do([("power", {"board": name, "state": "on"})])

    def _ask(self, name: str) -> None:
        operator = self._operators[name]
        asks: tuple[Callable[[str], Iterator[Exchange]], ...] = (
            *(self._query, self._query, self._query, self._configure, self._confirm, self._hold, self._maintain),
        )
        if self._chance.random() < 0.5:
            self._request(operator)
            return
        for exchange in self._chance.choice(asks)(name):
            operator.begin(exchange)

    def _request(self, operator: Operator) -> None:
        chance = self._chance
        ask = chance.choice((w.ARM, w.ARM, w.MS, w.FS, w.FX, w.LO, w.OUT, w.EXER, *range(w.ARM, w.CLEAR_RESETS + 1)))
        flags = chance.choice((0, w.DROP_SERVICE, w.ACCEPT_SPLIT_BRAIN, w.DRY))
        operator.ask(ask, chance.randint(-1, 2), chance.randint(0, 3), chance.randint(0, 30), flags)

    def _query(self, name: str) -> Iterator[Exchange]:
        yield query(self._chance.choice(m.TOPICS)[0], self._chance.randint(0, 3))

    def _blob(self, name: str, changed: bool) -> bytes:
        board = next(it for it in self._boards if it.name == name)
        return blob.of(replace(board, invalid_a=board.invalid_a != changed), self._group)

    def _configure(self, name: str) -> Iterator[Exchange]:
        data = self._blob(name, self._chance.random() < 0.5)
        for offset in range(0, len(data), CONFIG_CHUNK):
            yield acknowledged(m.CONFIG_WRITE, (offset, data[offset : offset + CONFIG_CHUNK]))
        yield acknowledged(m.CONFIG_APPLY, (len(data), binascii.crc32(data), self._chance.choice((0, 1, 3))))

    def _confirm(self, name: str) -> Iterator[Exchange]:
        ident = wire.ident(self._blob(name, self._chance.random() < 0.5))
        yield acknowledged(m.CONFIRM, (self._chance.randrange(2), ident))

    def _hold(self, name: str) -> Iterator[Exchange]:
        if self._keys:
            second = self._chance.choice((bytes(len(OTHER_KEY)), OTHER_KEY))
            yield acknowledged(m.KEYS, (1 + any(second), *self._keys, second))

    def _maintain(self, name: str) -> Iterator[Exchange]:
        yield acknowledged(m.MAINTENANCE, (self._chance.randrange(2),))


def of_asks(case: Case, seed: int, seconds: int) -> tuple[Tapes, Asked]:
    """Return the tapes of the boards of a rig that people ask."""
    tapes: Tapes = {}
    asked = Asked(case, seed, keeping(tapes))
    asked.run(seconds)
    return tapes, asked
