"""Worlds: a seed becomes a configuration within what a file may say, with times so short that much happens; no I/O."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from hotspare import blob, configuration, keyfile
from hotspare.configuration import Configuration
from hotspare.errors import ConfigurationInvalid
from hotspare.plan import KEYS_PATH, plan_from
from hotspare.rig.plan import RigPlan
from hotspare_wire import messages, trust

DRAWS_MAX = 50  # of a configuration, until one is legal
SWITCHES = ("changeover", "changeover", "interlocked", "fenced")  # those that claim safety
PRIMARIES = (1,) * 12 + (2, 2, 3)
KEYED = 0.3
DRIFT_PPM_MAX = 200
DIRECT, CONTACT, NETWORK, INVALID, LOCKOUT = 0.25, 0.15, 0.1, 0.2, 0.3  # how often a world has one
AUTONOMIES = ("auto", "auto", "auto", "auto", "ask", "ask-then-auto", "manual", "shadow")
STANDBYS = ("hot", "hot", "hot", "warm", "cold")

Tables = dict[str, dict[str, Any]]


def draw(seed: int, switch: str | None = None) -> Configuration:
    """Return the configuration of a seed; a switch kind may be told instead of drawn."""
    return parse(draw_text(seed, switch))


def draw_text(seed: int, switch: str | None = None) -> str:
    """Return the file that says it."""
    chance = random.Random(f"world {seed}")
    for _ in range(DRAWS_MAX):
        text = text_of(_tables(chance, switch))
        try:
            parse(text)
        except ConfigurationInvalid:
            continue
        return text
    raise AssertionError(f"no legal configuration in {DRAWS_MAX} draws of seed {seed}")


def read(tables: Tables) -> Configuration:
    """Return the configuration that tables of a file say; raises ConfigurationInvalid."""
    return parse(text_of(tables))


def parse(text: str) -> Configuration:
    """Return the configuration of a file's text; raises ConfigurationInvalid."""
    return configuration.parse(text.encode(), Path(configuration.FILE_NAME), Path("/"))


def text_of(tables: Tables) -> str:
    """Return the file with these tables."""
    parts = []
    for name, values in tables.items():
        parts.append("\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]))
    return "\n\n".join(parts) + "\n"


def plan_of(found: Configuration, seed: int, keyed: bool | None = None) -> RigPlan:
    """Return the rig of a configuration: clocks that drift and, in some worlds or where told, keys."""
    chance = random.Random(f"plan {seed}")
    plan = plan_from(found)
    boards = tuple(replace(board, drift_ppm=chance.randint(-DRIFT_PPM_MAX, DRIFT_PPM_MAX)) for board in plan.boards)
    plan = replace(plan, boards=boards, clients=())
    drawn = chance.random() < KEYED
    if drawn if keyed is None else keyed:
        return with_key(plan, found, key_of(seed))
    return plan


def key_of(seed: int) -> bytes:
    """Return the key of a world."""
    return random.Random(f"key {seed}").randbytes(trust.KEY_SIZE)


def with_key(plan: RigPlan, found: Configuration, key: bytes) -> RigPlan:
    """Return the plan with the key at all boards, and at each agent the one that is made of it."""
    kept = blob.keys_of([key])
    agents = {
        unit.name: " ".join(it.hex() for it in keyfile.of_agent([key], unit.index))
        for group in found.groups
        for unit in group.units
    }
    return replace(
        plan,
        boards=tuple(replace(board, flash={**board.flash, KEYS_PATH: kept}) for board in plan.boards),
        units=tuple(replace(unit, keys=agents[unit.name]) for unit in plan.units),
    )


def _tables(chance: random.Random, switch: str | None) -> Tables:
    primaries = chance.choice(PRIMARIES)
    names = ["primary"] if primaries == 1 else [f"primary-{number}" for number in range(1, primaries + 1)]
    beacons = ["beacon"] if primaries == 1 else [f"beacon-{number}" for number in range(1, primaries + 1)]
    switch = switch or chance.choice(SWITCHES)
    tables: Tables = {
        "group.pair": {
            "primaries": names,
            "spare": "spare",
            "controller": "controller",
            **_timing(chance),
            **_policy(chance, switch),
        }
    }
    crosslink_b = chance.choice(("none", "pulse", "pulse", "uart")) if primaries == 1 else "none"
    for place, (name, board) in enumerate(zip(names, beacons, strict=True)):
        below = place < primaries - 1  # a board that leads to the next one has no UART left for its agent
        tables[f"unit.{name}"] = {"board": board, "agent": "host" if below or crosslink_b == "uart" else "uart"}
        tables[f"board.{board}"] = {"port": f"rig/{board}", "address": place + 1, "crosslink_b": crosslink_b}
        if chance.random() < 0.5:
            tables[f"board.{board}"]["fed_by"] = name
    tables["unit.spare"] = {"board": "controller", "agent": "host" if crosslink_b == "uart" else "uart"}
    tables["board.controller"] = {
        "port": "rig/controller",
        "address": primaries + 1,
        "crosslink_b": crosslink_b,
        "lockout_switch": chance.random() < LOCKOUT,
    }
    if primaries == 1:
        _bypasses(chance, tables, crosslink_b)
    tables["rig"] = _rig(chance)
    assert len(names) < messages.UNITS_MAX
    return tables


def _timing(chance: random.Random) -> dict[str, Any]:
    interval_ms = chance.choice((20, 50, 100))
    return {
        "interval_ms": interval_ms,
        "beats": chance.choice((3, 5)),
        "agent_interval_ms": chance.choice((interval_ms, 100)),
        "agent_beats": chance.choice((3, 5)),
        "hold_off_ms": chance.choice((0, 0, 70, 1000)),
        "wtr_s": chance.choice((0, 1, 3)),
        "boot_grace_s": chance.choice((1, 2, 3)),
        "stay_min_s": chance.choice((0, 1)),
        "attempts_max": chance.choice((1, 4)),
        "attempts_window_s": 5,
        "coil_min_ms": chance.choice((20, 100)),
        "steady_ms": chance.choice((2, 5)),
        "dead_time_ms": chance.choice((50, 80)),
        "leaving_max_s": 2,
        "approve_s": 5,
        "ready_limit_ms": 500,
        "start_limit_s": 2,
        "stop_delay_s": chance.choice((0, 1)),
        "drain_s": chance.choice((0, 0, 1)),
        "watchdog_ms": chance.choice((1000, 2000)),
    }


def _policy(chance: random.Random, switch: str) -> dict[str, Any]:
    return {
        "switch": switch,
        "poles": chance.choice((1, 1, 2)) if switch == "changeover" else 1,
        "retention": chance.choice(("falls", "falls", "latching")) if switch == "changeover" else "falls",
        "autonomy": chance.choice(AUTONOMIES),
        "standby": chance.choice(STANDBYS),
        "revertive": chance.random() < 0.5,
        "on_altered": chance.choice(("impaired", "failed")),
        "on_silence": chance.random() < 0.8,
        "on_degraded": chance.choice(("alarm", "switch")),
    }


def _bypasses(chance: random.Random, tables: Tables, crosslink_b: str) -> None:
    beacon, controller = tables["board.beacon"], tables["board.controller"]
    if crosslink_b != "uart" and chance.random() < DIRECT:
        tables["unit.primary"]["agent_direct"] = True
        tables["unit.spare"]["agent"] = "host"
    if chance.random() < CONTACT:
        tables["unit.primary"]["contact"] = True
    if chance.random() < NETWORK:
        beacon["network"], controller["network"] = "10.0.0.1:4700", "10.0.0.2:4700"
        beacon["kind"] = controller["kind"] = "esp32s3"
    if chance.random() < INVALID:
        beacon["invalid_a"] = controller["invalid_a"] = True


def _rig(chance: random.Random) -> dict[str, Any]:
    return {
        "unit_boot_ms": chance.choice((300, 500)),
        "operate_us": chance.randint(4_000, 12_000),
        "release_us": chance.randint(4_000, 10_000),
        "transfer_us": chance.randint(1_000, 3_500),
        "bounce_us": chance.choice((0, 500, 1_500)),
        "active_ms": chance.choice((0, 0, 50)),
        "drain_ms": chance.choice((0, 100)),
        "hook_limit_ms": 500,
        "transaction_us": 0,
    }
