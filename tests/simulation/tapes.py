"""Simulated rigs in trouble with a tape of each board, their replay on both interpreters, and where two tapes differ."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from hil.pair import file_with
from hotspare import configuration, example, keyfile, session
from hotspare.plan import plan_from
from hotspare.rig.errors import RigError
from hotspare.rig.orders import Order
from hotspare.rig.plan import RigPlan
from hotspare.rig.vm import find_micropython
from hotspare.simulator.boards import Chip
from hotspare.simulator.host import Operator
from hotspare.simulator.tape import ENDS, Tape
from hotspare.simulator.world import SimulatedRig
from hotspare_engine import words as w
from hotspare_wire import messages as m

KEY = bytes(range(32))
SECOND_US = 1_000_000
TROUBLE_EVERY_US = (200_000, 1_600_000)
TROUBLE_LASTS_US = (20_000, 2_500_000)
ASK_EVERY_US = (50_000, 900_000)
MAINTAINED_US = 1_000_000
MAINTENANCE = 0.01  # of all asks
REST_US = 3_000_000  # without new trouble at the end
CHIP = Chip(latency_us=150, collect_us=19_000)
HEAP = "4M"  # words of 64 bits, and all roles of a board in one process
REPLAY_S_MAX = 50
FOLDERS = ("host", "protocol", "firmware")
ENDED = tuple(f"> {it} " for it in ENDS)


@dataclass(frozen=True)
class Case:
    """A rig to be drawn from: an example with other words in it."""

    example: str = "pair"
    values: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    keyed: bool = False


ON_HOST_PORTS = {
    "[unit.primary]": '[unit.primary]\nagent = "host"',
    "[unit.spare]": '[unit.spare]\nagent = "host"',
}
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
PYBOARD = {name: f'{name}\nkind = "pyboard"' for name in ("[board.beacon]", "[board.controller]")}
CHAIN = example.text_of("A chain of two.", example.pool(2))
QUICK = {"boot_grace_s": 5, "stay_min_s": 1, "wtr_s": 2, "attempts_max": 50}

CASES: dict[str, Case] = {
    "changeover, a pulse": Case(values={"revertive": True}),
    "latching, keyed, 20 ms": Case(values={"retention": "latching", "interval_ms": 20}, keyed=True),
    "interlocked, two cables, keyed": Case("interlocked", {"crosslink_b": "uart"}, ON_HOST_PORTS, keyed=True),
    "fenced, cold": Case("fenced-cold", {"autonomy": "ask-then-auto", "approve_s": 5}),
    "unproven, warm, a pyboard": Case(values={"switch": "unproven", "standby": "warm"}, changes=PYBOARD),
    "a chain of two, keyed": Case("chain", {"drain_s": 2}, keyed=True),
    "a network, keyed": Case(values={"on_degraded": "switch"}, changes=NETWORK, keyed=True),
    "bypasses and a lockout switch": Case(values={"on_altered": "failed"}, changes=BYPASSES),
}


class Taped:
    """One rig of a case and a seed with a tape of each board; `tapes` have their lines."""

    def __init__(self, case: Case, seed: int, folder: Path) -> None:
        self.case = case
        self.chance = random.Random(seed)
        self.tapes: dict[str, list[str]] = {}
        self.orders: dict[str, int] = {}  # carried out, by their verbs
        self.outcomes: list[session.Outcome] = []
        self.plan = self._plan(folder)
        self.rig = SimulatedRig(self.plan, seed, chip_of=lambda kind: CHIP, tape_of=self._tape)

    def run(self, seconds: int) -> None:
        """Let the rig be in trouble for so long, with a person at every board."""
        rig = self.rig
        rig.begin()
        draw = partial(self.chance.randbytes, m.NONCE_SIZE)
        operators = {
            name: Operator(rig.timeline, board, draw, self._keys(), self._answered)
            for name, board in rig.boards.items()
        }
        end_us = seconds * SECOND_US - REST_US
        self._every(TROUBLE_EVERY_US, end_us, self._trouble)
        for name, operator in operators.items():
            self._every(ASK_EVERY_US, end_us, partial(self._ask, name, operator))
        rig.run_for(seconds * SECOND_US)

    def _tape(self, name: str) -> Tape:
        lines = self.tapes[name] = []
        return Tape(lines.append)

    def _keys(self) -> tuple[bytes, ...]:
        return (KEY,) if self.case.keyed else ()

    def _plan(self, folder: Path) -> RigPlan:
        values = {**QUICK, "transaction_us": 0, **self.case.values}
        if self.case.keyed:
            keyfile.create(folder / "a.key", keyfile.Keys(KEY))
            values["key"] = "a.key"
        text = CHAIN if self.case.example == "chain" else example.text(self.case.example)
        text = file_with(text, **values)
        for old, new in self.case.changes.items():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        file = folder / configuration.FILE_NAME
        file.write_text(text)
        plan = plan_from(configuration.load(file).on_rig())
        boards = tuple(replace(board, drift_ppm=self.chance.randint(-200, 200)) for board in plan.boards)
        return replace(plan, boards=boards)

    def _every(self, between_us: tuple[int, int], end_us: int, call: Callable[[], None]) -> None:
        due_us = self.chance.randint(*between_us)
        while due_us < end_us:
            self.rig.timeline.at(due_us, call)
            due_us += self.chance.randint(*between_us)

    def _answered(self, exchange: session.Exchange, us: int) -> None:
        self.outcomes.append(exchange.outcome)

    # -- what happens to it -------------------------------------------------------------------------------------------

    def _trouble(self) -> None:
        kinds = (self._of_cables, self._of_cables, self._of_units, self._of_units, self._of_relays, self._of_boards)
        begins, ends = self.chance.choice(kinds)()
        self._do(begins)
        if ends is not None:
            self.rig.timeline.after(self.chance.randint(*TROUBLE_LASTS_US), self._do, ends)

    def _do(self, order: Order) -> None:
        with suppress(RigError):  # what can not be done now
            self.rig.do([order])
            self.orders[order[0]] = self.orders.get(order[0], 0) + 1

    def _of_cables(self) -> tuple[Order, Order | None]:
        chance = self.chance
        cable = chance.choice(list(self.rig.cables))
        way = chance.choice(list(self.rig.cables[cable].ways))
        some: list[Order] = [
            ("cut", {"cable": cable}),
            ("cut", {"cable": cable, "direction": way}),
            ("noise", {"cable": cable, "ber": chance.choice([1e-4, 1e-3, 1e-2])}),
            ("burst", {"cable": cable, "ms": chance.randint(1, 400)}),
            ("delay", {"cable": cable, "ms": chance.randint(1, 200)}),
            ("inject", {"cable": cable, "direction": way, "data": chance.randbytes(chance.randint(1, 60)).hex()}),
        ]
        return chance.choice(some), ("heal", {"cable": cable})

    def _of_units(self) -> tuple[Order, Order | None]:
        chance = self.chance
        unit = {"unit": chance.choice(list(self.rig.units))}
        some: list[tuple[Order, Order | None]] = [
            (("stop", {**unit, "leaving": chance.random() < 0.5, "after_ms": 200}), ("start", unit)),
            (("hang", unit), ("start", unit)),
            (("fail", unit), ("mend", unit)),
            (("degrade", unit), ("mend", unit)),
            (("alter", {**unit, "how": chance.choice(["frozen", "fast", "shuffled"])}), ("alter", {**unit, "how": "none"})),
        ]
        return chance.choice(some)

    def _of_relays(self) -> tuple[Order, Order | None]:
        chance = self.chance
        relay = {"relay": chance.choice([name for name in self.rig.relays if name.startswith("line")])}
        sense = {**relay, "contact": chance.choice(["primary", "spare"])}
        some: list[tuple[Order, Order | None]] = [
            (("weld", relay), ("unweld", relay)),
            (("stick", {**relay, "shorted": chance.random() < 0.5}), ("unstick", relay)),
            (("sense", {**sense, "stuck": chance.choice(["open", "closed", "lost"])}), ("sense", sense)),
            (("supply", {"state": "off"}), ("supply", {"state": "on"})),
        ]
        return chance.choice(some)

    def _of_boards(self) -> tuple[Order, Order | None]:
        chance = self.chance
        board = {"board": chance.choice(list(self.rig.boards))}
        on: Order = ("power", {**board, "state": "on"})
        how = chance.choice(["whole", "none", "30", "70", "garbled"])
        some: list[tuple[Order, Order | None]] = [
            (("reset", board), None),
            (("freeze", board), ("thaw", board)),
            (("power", {**board, "state": "off"}), on),
            (("powercut", {**board, "operation": chance.randint(0, 3), "how": how}), on),
            (("erase", {**board, "ms": chance.randint(45, 400)}), None),
            (("keyswitch", {**board, "state": "on"}), ("keyswitch", {**board, "state": "off"})),
        ]
        return chance.choice(some)

    def _ask(self, board: str, operator: Operator) -> None:
        chance = self.chance
        if chance.random() < MAINTENANCE:
            operator.begin(session.acknowledged(m.MAINTENANCE, (chance.randrange(2),)))
            self.rig.timeline.after(MAINTAINED_US, self._do, ("reset", {"board": board}))
        elif chance.random() < 0.5:
            topic, _, _ = chance.choice(m.TOPICS)
            operator.begin(session.query(topic, chance.randint(0, 3)))
        else:
            ask = chance.choice([w.ARM, w.ARM, w.ARM, w.MS, w.FS, w.FX, w.LO, w.OUT, w.EXER, *range(w.ARM, w.CLEAR_RESETS + 1)])
            flags = chance.choice([0, 0, w.DROP_SERVICE, w.ACCEPT_SPLIT_BRAIN, w.DRY])
            operator.ask(ask, chance.randint(-1, 2), chance.randint(0, 3), chance.randint(0, 30), flags)


# -- replays ----------------------------------------------------------------------------------------------------------


def replayed(python: str, tape: Sequence[str], root: Path) -> list[str]:
    """Return the tape that the firmware under `root` makes of what went in on a tape, run by that interpreter."""
    options = [] if python == sys.executable else ["-X", f"heapsize={HEAP}"]
    path = ":".join(str(root / folder) for folder in FOLDERS)
    result = subprocess.run(
        [python, *options, "-m", "hotspare.simulator.replay"],
        input="\n".join(tape) + "\n",
        env={**os.environ, "PYTHONPATH": path, "MICROPYPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=REPLAY_S_MAX,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def difference(made: Sequence[str], replayed: Sequence[str]) -> str:
    """Return where two tapes differ first, in words; nothing when they do not."""
    begun: list[str] = []  # the lines since the last step or boot ended
    boots = steps = 0
    for number, (one, other) in enumerate(zip_longest(made, replayed, fillvalue="(nothing: the tape ends)")):
        if one != other:
            return _told(number + 1, boots, steps, begun, one, other)
        if not begun or begun[-1].startswith(ENDED):
            begun = []
        begun.append(one)
        boots += one.startswith("< boot ")
        steps = 0 if one.startswith("< boot ") else steps + one.startswith("< step ")
    return ""


def _told(line: int, boots: int, steps: int, begun: Sequence[str], one: str, other: str) -> str:
    where = f"line {line}, boot {boots}, step {steps}:"
    return "\n".join([where, *(f"    {it}" for it in begun), f"  - {one}", f"  + {other}"])
