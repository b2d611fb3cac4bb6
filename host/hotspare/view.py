"""What a group looks like now: the boards' answers and the file joined into plain data for JSON and tables; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hotspare import autonomy, blob, resets, wording
from hotspare.board import Board, Fields
from hotspare.configuration import Board as BoardFile
from hotspare.configuration import Group
from hotspare.errors import HotspareError
from hotspare_engine import names
from hotspare_engine import words as w
from hotspare_engine.resolver import Situation
from hotspare_wire import configuration as wire
from hotspare_wire import messages

FLASH = "flash the older one anew"
UNEQUAL = "until they are equal no failover happens by itself"
VALUE_SIZE = 4  # of each number of a situation
BARE_END = "find out why, then hotspare clear resets"


@dataclass(frozen=True)
class Answers:
    """All that one board told of itself; `kept` is its configuration."""

    identity: Fields
    status: Fields
    loop: Fields
    kept: bytes
    paths: list[Fields]
    standing: list[Fields]
    pending: Fields | None
    chain: Fields | None = None  # what a beacon forwarded
    boots: Fields | None = None  # what it knows of its last reset
    flapping: int = 0  # units that fail again and again, a bit each


def ask(reached: Board, identity: Fields) -> Answers:
    """Ask a board for all that a status shows."""
    status = reached.status()
    kept = reached.kept_configuration()
    loop = reached.loop()
    paths, standing = reached.paths(status["paths"]), reached.standing(status["standing"])
    pending = reached.pending() if status["state"] != wording.STATE_OF_BEACON else None
    forwards = wire.verify(kept)[0] == messages.ACK_OK and wire.has_down(wire.Configuration(kept))
    down = reached.chain() if forwards else None
    return Answers(
        identity, status, loop, kept, paths, standing, pending, down, reached.boots(), _flapping(reached, status)
    )


def _flapping(reached: Board, status: Fields) -> int:
    """Ask for the units that fail again and again, where an alarm says that there are some."""
    if not status["alarms"] & w.A_FLAPPING:
        return 0
    place = VALUE_SIZE * Situation.FIELDS.index("flapping")
    return int.from_bytes(reached.situation()[1][place : place + VALUE_SIZE], "little")


def lines_of(group: Group, status: Fields) -> dict[str, Any]:
    """Return where each line's contacts are."""
    lines = {}
    for index, line in enumerate(group.lines):
        position = status["position"][index]
        carriers = {w.AT_PRIMARY: line, w.AT_SPARE: group.spare}
        lines[line] = {
            "position": wording.position_name(position),
            "driven": wording.position_name(status["driven"][index]),
            "active": carriers.get(position),
        }
    return lines


def group_view(group: Group, boards: Mapping[str, Answers | HotspareError]) -> dict[str, Any]:
    """Return a group as its controller sees it, and in what its boards differ."""
    answers = boards[group.controller]
    if isinstance(answers, HotspareError) or answers.status["state"] == wording.STATE_OF_BEACON:
        lines = answers.lines if isinstance(answers, HotspareError) else (_not_at_work(group.controller, answers),)
        return {"reachable": False, "error": "; ".join(lines)}
    status = answers.status
    lines_now = lines_of(group, status)
    active = {line["active"] for line in lines_now.values()}
    silent = silent_beacons(group, answers.paths)
    return {
        "reachable": True,
        "state": wording.state_name(status["state"]),
        "armed": bool(status["armed"]),
        "autonomy": autonomy.name(answers.pending),
        "standby": group.standby,
        "keyed": bool(answers.identity["keyed"]),
        "winner": wording.request_name(status["winner"]),
        "target": _target(group, status["target"]),
        "lines": lines_now,
        "units": {
            unit.name: {
                **_unit(group, unit.index, answers, unit.name in active),
                "silent_beacon": silent.get(unit.name),
                "flapping": bool(answers.flapping >> unit.index & 1),
            }
            for unit in group.units
        },
        "differing": differing(group, {board.name: boards[board.name] for board in group.boards}),
        "alarms": wording.alarm_names(status["alarms"]),
        "inhibitors": wording.inhibitor_names(status["inhibitors"]),
        "standing": [standing_view(group, row) for row in answers.standing],
        "pending": answers.pending and autonomy.view(group, answers.pending, status["inhibitors"], status["state"]),
        "switches": status["switches"],
        "switch_ms": status["switch_ms"],
    }


def _not_at_work(controller: str, answers: Answers) -> str:
    if answers.boots and answers.boots["holds"] and not answers.identity["address"]:
        return f"{controller} was reset again though it held still, and leaves its configuration alone: {BARE_END}"
    return f"{controller} is no controller"


def _target(group: Group, line: int) -> str | None:
    return group.lines[line - 1] if 0 < line <= len(group.lines) else None


def _unit(group: Group, index: int, answers: Answers, active: bool) -> dict[str, Any]:
    status = answers.status
    own = any(
        row["kind"] == w.PATH_AGENT and row["unit"] == index + 1 and row["state"] == w.ALIVE for row in answers.paths
    )
    return {
        "role": "spare" if index == len(group.primaries) else "primary",
        "health": wording.pick(names.HEALTH_NAMES, status["health"][index]),
        "why": wording.why_name(status["why"][index], own),
        "active": active,
        "told": wording.role_name(status["roles"][index] & 15),
        "acknowledges": wording.role_name(status["roles"][index] >> 4),
    }


def unit_name(group: Group, number: int) -> str | None:
    """Return the name of a unit as the wire numbers it: index + 1."""
    return group.units[number - 1].name if 0 < number <= len(group.units) else None


def silent_beacons(group: Group, paths: list[Fields]) -> dict[str, str]:
    """Return the beacons from which the controller's paths bring nothing any more, by the unit beside each."""
    found = {}
    for board in group.boards:
        states = [row["state"] for row in paths if row["source"] == board.address]
        if board.name != group.controller and w.SILENT in states and w.ALIVE not in states:
            found[board.unit] = board.name
    return found


def standing_view(group: Group, row: Fields) -> dict[str, Any]:
    """Return a standing request; without an end of its own it has no seconds left."""
    return {
        "id": row["id"],
        "request": wording.request_name(row["request"]),
        "unit": unit_name(group, row["unit"]),
        "left_s": row["left_s"] or None,
        "expires_soon": bool(row["expiring"]),
    }


def board_view(board: BoardFile, group: Group, answers: Answers | HotspareError) -> dict[str, Any]:
    """Return a board: what it is, how it does, and whether it holds what the file says."""
    head = {"group": group.name, "role": blob.role_name(board.role), "port": str(board.port)}
    if isinstance(answers, HotspareError):
        return {**head, "reachable": False, "error": "; ".join(answers.lines)}
    identity, status = answers.identity, answers.status
    return {
        **head,
        "reachable": True,
        "address": identity["address"],
        "configured": bool(identity["address"]),
        "as_file": answers.kept == blob.of(board, group),
        "firmware": messages.text(identity["firmware"]),
        "build": build_name(identity["firmware_hash"]),
        "trial_s": identity["trial_s"] if identity["trial"] else None,
        "micropython": messages.text(identity["micropython"]),
        "keyed": bool(identity["keyed"]),
        "uid": identity["uid"].hex(),
        "boot": identity["boot"],
        "cause": wording.pick(names.CAUSE_NAMES, identity["cause"]),
        "uptime_ms": status["uptime_ms"],
        "resets": answers.boots and resets.as_plain(answers.boots),
        "alarms": wording.alarm_names(status["alarms"]),
        "troubles": wording.trouble_names(status["troubles"]),
        "stalls": status["stalls"],
        "late_p99_ms": late_ms(answers.loop, 0.99),
        "loop_max_ms": status["loop_max_ms"],
        "heap_free": status["heap_free"],
        "events": status["event_next"] - status["event_first"],
        "paths": {path_name(group, board, row): _path(group, row) for row in answers.paths},
        "chain": answers.chain,
    }


def build_name(number: int) -> str:
    """Return the name of a build of the firmware: the hash of its files."""
    return f"{number:04x}"


def differing(group: Group, answers: Mapping[str, Answers | HotspareError]) -> list[str]:
    """Return in what the boards of a group differ that did answer, and what that means."""
    told = {name: it for name, it in answers.items() if isinstance(it, Answers) and it.identity["address"]}
    found = []
    runs = {
        name: f"runs firmware {messages.text(it.identity['firmware'])} build {build_name(it.identity['firmware_hash'])}"
        for name, it in told.items()
    }
    if len({it.identity["firmware_hash"] for it in told.values()}) > 1:
        found.append(f"{_listed(runs)}; {UNEQUAL}: {FLASH}")
    holds = {
        name: f"is configured {'as' if is_as_file(group, it.identity) else 'otherwise than'} the file says"
        for name, it in told.items()
    }
    if len({it.identity["config_hash"] for it in told.values()}) > 1:
        found.append(f"{_listed(holds)}; {UNEQUAL}: hotspare configure")
    return found


def _listed(texts: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {text}" for name, text in texts.items())


def late_ms(loop: Fields, share: float) -> int | None:
    """Return the lateness in ms that this share of a loop's steps kept; None: above what the board counts apart."""
    late = [(name, count) for name, count in loop.items() if name.startswith("late_")]
    kept = loop["steps"] - sum(count for _, count in late)
    if kept >= loop["steps"] * share:
        return 0
    for name, count in late:
        kept += count
        if kept >= loop["steps"] * share:
            return None if name == "late_more" else int(name.removeprefix("late_"))
    return None


def is_as_file(group: Group, identity: Fields) -> bool:
    """Return whether a board says that it holds the group's part of the configuration as the file has it."""
    return bool(identity["address"]) and identity["config_hash"] == blob.config_hash(group)


def path_name(group: Group, board: BoardFile, row: Fields) -> str:
    """Return what a path of a board is called: the agent of a unit at another board is a direct one."""
    if row["kind"] == w.PATH_AGENT and unit_name(group, row["unit"]) != board.unit:
        return names.DIRECT_AGENT
    name = wording.pick(names.PATH_NAMES, row["kind"])
    return f"{name} of {unit_name(group, row['unit'])}" if is_of_many(group, row["kind"], row["unit"]) else name


def is_of_many(group: Group, kind: int, unit: int) -> bool:
    """Return whether a board has several paths of this kind, which the number of their unit tells apart."""
    return kind == w.PATH_CROSSLINK_A and len(group.primaries) > 1 and 0 < unit <= len(group.units)


def path_key(row: Fields) -> str | None:
    """Return what is wrong with the keys on a path, in so many words."""
    return wording.KEY_TROUBLES.get(row["key"])


def _path(group: Group, row: Fields) -> dict[str, Any]:
    return {
        "unit": unit_name(group, row["unit"]),
        "state": wording.pick(names.PATH_STATE_NAMES, row["state"]),
        "report": wording.pick(names.HEALTH_NAMES, row["report"]),
        "one_way": bool(row["one_way"]),
        "age_ms": row["age_ms"],
        "cable": wording.pick(names.CABLE_NAMES, row["cable"]),
        **{key: row[key] for key in ("good", "late", "altered", "refused", "sessions", "short_writes")},
        "damaged": wording.damage_total(row),
        "loss_permille": row["loss"],
        "noisy": bool(row["noisy"]),
        "key": path_key(row),
    }
