"""Tables for people, made from the same plain data that --json prints; the only module that knows colours."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hotspare import autonomy, durations, resets, wording
from hotspare_engine import names
from hotspare_engine import words as w

GOOD, WARN, BAD, DIM, STRONG = "green", "yellow", "red", "dim", "bold"
HEALTH_STYLES = {"ok": GOOD, "impaired": WARN, "leaving": WARN, "unknown": WARN, "failed": BAD, "off": DIM}
LOST = {
    "dropped_up": "that did not fit towards the controller",
    "dropped_down": "that did not fit towards the next board",
    "damaged_down": "that came damaged from the next board",
}
CABLE_GONE = names.CABLE_NAMES[w.CABLE_GONE]
QUIET_WHY = "nothing to report"
TROUBLE_MEANINGS = {name: meaning for _, name, meaning in names.TROUBLES}


def plain(*columns: str) -> Table:
    """Return an empty table without a frame."""
    return Table(*columns, box=None, pad_edge=False, header_style=STRONG)


def group(name: str, view: dict[str, Any], all_boards: dict[str, Any]) -> RenderableType:
    """Return a group: its state, alarms, units and what stands; of an unreachable controller what others say."""
    title = Text.assemble(("group ", STRONG), (name, STRONG))
    if not view["reachable"]:
        others = [
            Text(f"alarms of {board}: {', '.join(row['alarms'])}", BAD)
            for board, row in all_boards.items()
            if row["group"] == name and row.get("alarms")
        ]
        return Group(title + Text(f"  {view['error']}", BAD), *others, Text())
    armed = Text("armed", GOOD) if view["armed"] else Text("disarmed", WARN)
    title += Text("  ") + Text(view["state"]) + Text("  ") + armed
    if view["autonomy"] is not None:
        title += Text(f"  autonomy {view['autonomy']}")
    if view["standby"] != names.STANDBY_NAMES[w.HOT]:
        title += Text(f"  standby {view['standby']}")
    title += Text(f"  winner {wording.with_meaning(view['winner'])}")
    if not view["keyed"]:
        title += Text("  keyless", DIM)
    parts: list[RenderableType] = [title]
    if view["alarms"]:
        parts.append(Text(f"alarms: {', '.join(view['alarms'])}", BAD))
    if view["inhibitors"]:
        parts.append(Text(f"held back by: {', '.join(view['inhibitors'])}", WARN))
    parts += [differing(text) for text in view["differing"]]
    parts += [pending(view["pending"])] if view["pending"] else []
    parts += expiring(view["standing"])
    units = plain("unit", "role", "now", "health", "why", "line")
    for unit, row in view["units"].items():
        lines = ", ".join(line for line, it in view["lines"].items() if it["active"] == unit)
        health = Text(row["health"], HEALTH_STYLES.get(row["health"], ""))
        why = "" if row["why"] == QUIET_WHY else row["why"]
        now = Text("active", STRONG) if row["active"] else Text("standby")
        units.add_row(unit, row["role"], now, health, why, lines or "-")
    parts.append(units)
    parts += [
        silent(unit, row["health"], row["silent_beacon"]) for unit, row in view["units"].items() if row["silent_beacon"]
    ]
    parts += [
        Text(f"role: {unit} is told to {_verb(row['told'])}, and acknowledges {row['acknowledges'] or 'nothing'}", WARN)
        for unit, row in view["units"].items()
        if _waits(view, row)
    ]
    parts += [flapping(unit) for unit, row in view["units"].items() if row["flapping"]]
    odd = [f"line {line}: contacts {it['position']}" for line, it in view["lines"].items() if it["active"] is None]
    parts += [Text(text, BAD) for text in odd]
    parts += [standing(row) for row in view["standing"]]
    return Group(*parts, Text())


def _waits(view: dict[str, Any], row: dict[str, Any]) -> bool:
    """Return whether something is to come of what a unit acknowledges, and it has not yet: hot spares need no word."""
    if row["told"] in (None, row["acknowledges"]) or row["health"] == "off":
        return False
    if row["acknowledges"] is not None and row["acknowledges"].startswith(row["told"]):
        return True  # and its hook failed
    return bool(row["told"] == "drain" or (row["role"] == "spare" and view["standby"] == "warm"))


def _verb(role: str) -> str:
    return {"drain": "drain", "standby": "stand by"}.get(role, f"be {role}")


def silent(unit: str, health: str, beacon: str) -> Text:
    """Return what is said of a unit whose beacon is silent; a line of its own, as no cell of a terminal holds it."""
    return Text(f"health: {unit} is {health}; {wording.beacon_silent(beacon)}", BAD)


def degraded(unit: str, health: str) -> Text:
    """Return what is said of a unit that says itself that it is degraded, and has done so for hold-off."""
    return Text(f"health: {unit} is {health}: {wording.why_name(w.WHY_DEGRADED, True)}", WARN)


def flapping(unit: str) -> Text:
    """Return what is said of a unit that flaps."""
    return Text(f"flapping: {unit} {wording.FLAPS}: no automatic return to it", BAD)


def pending(row: dict[str, Any]) -> Text:
    """Return what waits for a person and how to answer, to be seen before all else."""
    return Text(autonomy.sentence(row), f"{STRONG} {BAD}" if row["waits"] == "asked" else WARN)


def expiring(rows: list[dict[str, Any]]) -> list[Text]:
    """Return a line for each standing request that is about to end by itself, to be seen before all else."""
    return [
        Text(f"expires in {durations.show(row['left_s'])}: id {row['id']}  {_what(row)}", f"{STRONG} {BAD}")
        for row in rows
        if row["expires_soon"]
    ]


def standing(row: dict[str, Any]) -> Text:
    """Return a standing request with the time that it has left."""
    left = f"{durations.show(row['left_s'])} left" if row["left_s"] else "until cleared"
    left = "until it is over" if row["request"] == "EXER" else left
    return Text(f"standing: id {row['id']}  {_what(row)}  {left}", WARN)


def _what(row: dict[str, Any]) -> str:
    return f"{wording.with_meaning(row['request'])}  {row['unit'] or '-'}"


def boards(view: dict[str, Any]) -> RenderableType:
    """Return the boards with their paths."""
    table = plain("board", "role", "up", "boot", "firmware", "late ms")
    paths = []
    for name, row in view.items():
        if not row["reachable"]:
            table.add_row(name, row["role"], Text("not reached", BAD))
            continue
        up = durations.show(row["uptime_ms"] // 1000)
        cause = f"{row['boot']} ({row['cause']})"
        p99_ms = "> 100" if row["late_p99_ms"] is None else row["late_p99_ms"]
        late = f"{p99_ms}/{row['loop_max_ms']}"  # p99 and longest
        table.add_row(name, row["role"], up, cause, f"{row['firmware']} {row['build']}", late)
        paths.append(Text(f"paths of {name}: ") + _paths(row["paths"]))
    gone = [
        cable_gone(name, path)
        for name, row in view.items()
        for path, it in row.get("paths", {}).items()
        if it["cable"] == CABLE_GONE
    ]
    noisy = [
        noise(name, path, it["loss_permille"])
        for name, row in view.items()
        for path, it in row.get("paths", {}).items()
        if it["noisy"]
    ]
    keys = [
        Text(f"key: {path} of {name}: {it['key']}: hotspare key fingerprint", BAD)
        for name, row in view.items()
        for path, it in row.get("paths", {}).items()
        if it["key"]
    ]
    lossy = [_lossy(name, row["chain"]) for name, row in view.items() if row["reachable"] and _loses(row["chain"])]
    own = [trouble(name, it) for name, row in view.items() for it in row.get("troubles", ())]
    reset = [it for name, row in view.items() if row.get("resets") for it in was_reset(name, row["resets"])]
    tried = [trial(name, row["trial_s"]) for name, row in view.items() if row.get("trial_s") is not None]
    return Group(table, *own, *tried, *reset, *paths, *keys, *gone, *noisy, *lossy)


def _loses(chain: dict[str, int] | None) -> bool:
    return chain is not None and any(chain[key] for key in LOST)


def _lossy(name: str, chain: dict[str, int]) -> Text:
    """Return what a beacon of a chain lost of what it was to forward."""
    lost = ", ".join(f"{chain[key]} {text}" for key, text in LOST.items() if chain[key])
    return Text(f"chain: {name} forwarded {chain['up'] + chain['down']} frames and not {lost}", WARN)


def was_reset(board: str, record: dict[str, Any]) -> list[Text]:
    """Return what is said of the resets of a board that did not mean all of them."""
    style = BAD if record["holds_still"] else WARN
    return [Text(f"resets: {board}: {said}", style) for said in resets.sentences(record)]


def trouble(board: str, name: str) -> Text:
    """Return what is said of a trouble of a board itself."""
    meaning = TROUBLE_MEANINGS.get(name)
    return Text(f"board: {board}: {name}" + (f": {meaning}" if meaning else ""), BAD)


def cable_gone(board: str, path: str) -> Text:
    """Return what is said of a path of which a board senses no cable; a line of its own, as no cell holds it."""
    return Text(f"cable: {CABLE_GONE}: {path} of {board}; cut, or its other end has no power", BAD)


def noise(board: str, path: str, permille: int) -> Text:
    """Return what is said of a noisy path; a line of its own, as no cell holds it."""
    return Text(f"noise: {path} of {board} loses {permille} of 1000 beats", BAD)


def trial(board: str, left_s: int) -> Text:
    """Return what is said of a board whose configuration is on trial."""
    left = (
        f"{left_s} s left"
        if left_s
        else "its time is over, and it returns as soon as no relay is energised that would fall"
    )
    return Text(f"trial: the configuration of {board} is on trial, {left}: hotspare configure --commit keeps it", WARN)


def differing(text: str) -> Text:
    """Return what is said of boards of a group that run different things."""
    return Text(f"differ: {text}", BAD)


def _paths(paths: dict[str, Any]) -> Text:
    text = Text()
    for name, path in paths.items():
        good = path["state"] == "alive" and not path["one_way"]
        state = "one-way" if path["one_way"] and path["state"] == "alive" else path["state"]
        text.append(f"{name} ", DIM).append(state, GOOD if good else BAD).append("  ")
    return text
