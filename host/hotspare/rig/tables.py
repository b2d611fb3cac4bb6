"""The state of a rig as tables for people; takes what `state` returns and touches nothing."""

from __future__ import annotations

from typing import Any

from rich.table import Table

State = dict[str, Any]


def state_tables(state: State) -> list[Table]:
    """Return one table for units, lines, relays, boards and cables each; lines without clients have none."""
    lines = [_lines(state)] if state["lines"] else []
    return [_units(state), *lines, _relays(state), _boards(state), _cables(state)]


def _table(*heads: str) -> Table:
    return Table(*heads, box=None, pad_edge=False, header_style="bold")


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _units(state: State) -> Table:
    table = _table("unit", "status", "powered", "running", "role", "connected to line")
    for name, unit in state["units"].items():
        status = unit["status"] + (", failing" if unit["failing"] else ", degraded" if unit["degraded"] else "")
        connected = ", ".join(unit["connected"]) or "-"
        table.add_row(name, status, _yes(unit["powered"]), _yes(unit["running"]), _role(unit), connected)
    return table


def _role(unit: State) -> str:
    if not unit["role"]:
        return "-"
    return unit["acknowledged"] or f"{unit['role']}, not acknowledged"


def _lines(state: State) -> Table:
    table = _table("line", "served by", "served", "lost", "delayed", "refused", "longest wait ms", "the last one's ms")
    for name, line in state["lines"].items():
        counts = (str(line[what]) for what in ("served", "lost", "delayed", "refused"))
        waits = (f"{line[what] / 1000:.1f}" for what in ("delay_us_max", "delay_us_last"))
        table.add_row(name, line["served_by"] or "-", *counts, *waits)
    return table


def _relays(state: State) -> Table:
    table = _table("relay", "driven", "coil", "contact", "faults")
    for name, relay in state["relays"].items():
        faults = [f"{contact} welded" for contact in relay.get("welded", ())]
        faults += [f"wire across {contact}" for contact in relay.get("bridged", ())]
        for coil_name, coil in relay.get("coils", {}).items():
            which = coil_name if coil_name == "coil" else f"coil {coil_name}"
            faults += [f"{which} open"] * coil["broken"] + [f"{which} driven for ever"] * coil["shorted"]
        faults += [
            f"{contact} read-back stuck" for contact, wire in relay.get("read_back", {}).items() if wire["stuck"]
        ]
        coil = "energised" if relay["energised"] else "released"
        table.add_row(name, _yes(relay["driven"]), coil, relay["contact"], ", ".join(faults) or "-")
    if not state["supply"]:
        table.add_row("(supply of the coils)", "", "off", "", "")
    return table


def _boards(state: State) -> Table:
    table = _table("board", "powered", "running", "resets", "remarks")
    for name, board in state["boards"].items():
        resets = ", ".join(f"{count} by {cause}" for cause, count in board["resets"].items()) or "-"
        remarks = [word for word in ("frozen",) if board[word]]
        remarks += [f"crashed: {board['crashed']}"] * bool(board["crashed"])
        remarks += ["lockout key on"] * board.get("keyswitch", False)
        remarks += ["does not answer"] * (board["powered"] and not board["answers"])
        table.add_row(name, _yes(board["powered"]), _yes(board["running"]), resets, "; ".join(remarks) or "-")
    return table


def _cables(state: State) -> Table:
    table = _table("cable", "cut", "bit-error rate", "delay ms")
    for name, cable in state["cables"].items():
        ends = list(cable["from"])
        both = len(cable["cut"]) == len(ends) > 1
        cut = "both ways" if both else ", ".join(f"from {end}" for end in cable["cut"])
        table.add_row(name, cut or "-", f"{cable['ber']:g}" if cable.get("ber") else "-", f"{cable['delay_ms']:g}")
    return table
