"""Random runs on the emulated rig, two faults each, for every kind of switch: the laws, judged by what contacts did."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from typing import Any

from hil.pair import RELAY, UNHURRIED, Pair
from hil.restoration import restore
from hotspare.rig.errors import Refused
from hotspare.rig.orders import Order
from hotspare.rig.trace import Record
from hotspare_engine import names
from tests.benchmark.report import Report

KINDS = names.SWITCH_NAMES[:3]
INTERVAL_MS = 20
SEED = 1
BETWEEN_MS_MAX = 300
WATCH_MS = 900  # longer than detection and a switch with retries
WELL_MS = 1000  # a unit that was well so recently may still be believed well: detection and a busy machine


def measure(report: Report, runs: int) -> None:
    """Run each kind so often and count what broke."""
    for kind in KINDS:
        with Pair(**UNHURRIED, switch=kind, interval_ms=INTERVAL_MS, agent_interval_ms=INTERVAL_MS) as pair:
            did: Counter[str] = Counter()
            broken: list[str] = []
            for seed in range(SEED, SEED + runs):
                broken += [f"{kind}, seed {seed}: {law}" for law in run(pair, random.Random(seed), did)]
        report.note(f"{kind}: {', '.join(f'{name} {count}' for name, count in sorted(did.items()))}")
        for line in broken:
            report.note(line)
        report.figure(f"laws broken in random runs with two faults, {kind}", len(broken), "laws", 0, runs)


def run(pair: Pair, chance: random.Random, did: Counter[str]) -> list[str]:
    """Do two things to the rig, watch, mend; return the laws that were broken."""
    before = pair.rig.state()["trace_next"] - 1
    done = []
    for _ in range(2):
        name, orders = chance.choice(_faults(pair, chance))
        done.append(name)
        did[name] += 1
        with suppress(Refused):  # what is off can not be stopped
            pair.rig.do(orders)
        pair.pass_ms(chance.uniform(0, BETWEEN_MS_MAX))
    pair.pass_ms(WATCH_MS)
    state = pair.rig.state()
    broken = _judged(pair, state, pair.rig.trace(before))
    moved = any(record.name == RELAY and record.event == "closed" for record in pair.rig.trace(before))
    did["moved" if moved else "stayed"] += 1
    try:
        restore(pair)
    except TimeoutError as error:
        did["slow to rest"] += 1  # alarms of late beats stand as long as the machine is too busy for the interval
        if not _served(pair.rig.state()):
            broken.append(f"L4: {error}")
    return [f"{law} after {' and '.join(done)}" for law in broken]


def _faults(pair: Pair, chance: random.Random) -> list[tuple[str, list[Order]]]:
    unit = chance.choice(("primary", "primary", "spare"))
    contact = chance.choice(("primary", "spare"))
    cable = chance.choice(list(pair.rig.state()["cables"]))
    board = chance.choice(("beacon", "controller"))
    faults: list[tuple[str, Order]] = [
        ("stop", ("stop", {"unit": unit})),
        ("hang", ("hang", {"unit": unit})),
        ("fail", ("fail", {"unit": unit})),
        ("cut", ("cut", {"cable": cable})),
        ("weld", ("weld", {"relay": RELAY, "contact": contact})),
        ("stick", ("stick", {"relay": RELAY})),
        ("sense", ("sense", {"relay": RELAY, "contact": contact, "stuck": "open"})),
        ("supply", ("supply", {"state": "off"})),
        ("freeze", ("freeze", {"board": board})),
    ]
    both = [("cut", {"cable": "crosslink-a"}), ("cut", {"cable": "crosslink-b"})]
    return [(name, [order]) for name, order in faults] + [("cut both", both)]


def _judged(pair: Pair, state: dict[str, Any], records: list[Record]) -> list[str]:
    broken = []
    if state["both_connected_us"]:
        broken.append(f"L1: two units on a line for {state['both_connected_us']} us")
    ill_since = {name: _ill_since(name, records) for name in state["units"]}
    for record in records:
        arrives = record.name == RELAY and record.kind == "contact" and record.event == "closed"
        if arrives and record.detail == "spare":
            since_us = ill_since["spare"]
            if since_us is not None and record.us - since_us > WELL_MS * 1000:
                broken.append("L3, L10: the load went to a spare that was not well")
    if not _served(state) and not any(pair.alarm_stands(board.name) for board in pair.group.boards):
        broken.append("L11: no unit serves the line, and no alarm stands")
    return broken


def _served(state: dict[str, Any]) -> bool:
    return any(unit["running"] and not unit["failing"] and unit["connected"] for unit in state["units"].values())


def _ill_since(unit: str, records: list[Record]) -> int | None:
    for record in records:
        if record.kind == "unit" and record.name == unit and record.event in ("off", "hung", "failing"):
            return record.us
    return None
