"""`hotspare check`: validates the file and prints what follows from it; reads one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import complain, exits
from hotspare.cli.common import config_option, console, directory_option, json_option, print_json
from hotspare.errors import ConfigurationInvalid
from hotspare_engine.path import QUIET_MS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from hotspare.budget import Budget
    from hotspare.configuration import Configuration, Group


@click.command(name="check")
@config_option
@directory_option
@json_option
def command(config_path: Path, directory: Path | None, as_json: bool) -> int:
    """Validate the file; print timing budget and false failovers.

    Reads the configuration only; no board is touched. Every fault is one line that names file, key, value and the
    mend. What is printed follows from the file: how soon a failure is detected and the spare connected, and whether a
    person is asked before that, what a reset of the controller does, and how often noise alone would fail over.
    """
    from hotspare import budget, cautions, garbage
    from hotspare.configuration import load

    try:
        configuration = load(config_path, directory)
        refused = [
            f"{configuration.path}: {line}" for group in configuration.groups for line in garbage.refusals(group)
        ]
        if refused:
            raise ConfigurationInvalid(*refused)
    except ConfigurationInvalid as error:
        if not as_json:
            raise
        print_json({"valid": False, "errors": list(error.lines)})
        complain(*error.lines)
        return exits.INVALID
    found = [
        (group, budget.of(group), cautions.warnings(group), cautions.notes(group, configuration))
        for group in configuration.groups
    ]
    if as_json:
        groups = {group.name: as_plain(group, times, warnings, notes) for group, times, warnings, notes in found}
        print_json({"valid": True, "file": str(configuration.path), "groups": groups})
        return exits.OK
    out = console()
    out.print(f"{configuration.path}: valid; {_counts(configuration)}")
    for group, times, warnings, notes in found:
        _print(out, group, times)
        for warning in warnings:
            out.print(f"warning: {warning}", style="bold", soft_wrap=True)
        for note in notes:
            out.print(f"note: {note}", soft_wrap=True)
    return exits.OK


def as_plain(group: Group, times: Budget, warnings: list[str], notes: list[str]) -> dict[str, Any]:
    """Return the budget of a group as JSON carries it; times in ms."""
    from hotspare import autonomy, garbage, hardware

    return {
        "arming": {"allowed": group.switch != "unproven", "switch": group.switch},
        "boards": hardware.counted(group),
        "collection_every_s": {board.name: round(garbage.collect_every_s(group, board), 1) for board in group.boards},
        "paths": [
            {"path": path.name, "source": path.source, "wire_ms": round(path.wire_ms, 3)} for path in times.paths
        ],
        "sources": {
            primary: {source: list(paths) for source, paths in sources.items()}
            for primary, sources in times.sources.items()
        },
        "detection": [
            {"cause": cause.name, "median_ms": round(cause.median_ms, 3), "worst_ms": round(cause.worst_ms, 3)}
            for cause in times.causes
        ],
        "hold_off_ms": times.hold_off_ms,
        "decision_ms": times.decision_ms,
        "autonomy": group.autonomy,
        "automatic_failover": autonomy.is_automatic(group),
        "approval_ms": times.approval_ms,
        "standby": group.standby,
        "ready_ms": times.ready_ms,
        "drain_ms": times.drain_ms,
        "switching_ms": times.switching_ms,
        "failover_worst_ms": None if times.approval_ms is None else round(times.failover_worst_ms, 3),
        "failover_worst_without_a_person_ms": round(times.failover_worst_ms - (times.approval_ms or 0), 3),
        "own_stall_adds_ms": times.stall_adds_ms,
        "announced_erase_adds_ms": QUIET_MS,
        "relay_fault_ms": times.relay_fault_ms,
        "fall_after_reset_ms": times.fall_ms if times.fall else None,
        "fall_after_reset": [{"part": term.name, "ms": term.ms} for term in times.fall],
        "false_failovers_a_year": [
            {
                "on": noise.name,
                "by_bit_error_rate": {f"{ber:.0e}": rate for ber, rate in noise.a_year},
                "held_back_at": [f"{ber:.0e}" for ber in noise.held],
            }
            for noise in times.noise
        ],
        "burst_ms": times.burst_ms,
        "warnings": warnings,
        "notes": notes,
    }


_ARMING = {
    "changeover": "allowed; changeover: one form-C contact a line keeps the units apart",
    "interlocked": "allowed once the read-backs prove it; interlocked: each coil through the other's mirror contact",
    "fenced": "allowed once the read-backs prove it; fenced: the spare's contact through the primary's fence",
    "unproven": "REFUSED; unproven: nothing keeps two units apart (hotspare arm --accept-split-brain takes that risk)",
}


def _counts(configuration: Configuration) -> str:
    counts = (
        (len(configuration.groups), "group"),
        (len(configuration.units), "unit"),
        (len(configuration.boards), "board"),
    )
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)


def _print(out: Console, group: Group, times: Budget) -> None:
    from rich.text import Text

    from hotspare import autonomy, chips, garbage, hardware, standby

    out.print()
    out.print(
        Text(f"group {group.name}", style="bold"), f"{', '.join(group.primaries)} | spare {group.spare}", sep="  "
    )
    out.print(f"arming: {_ARMING[group.switch]}", soft_wrap=True)
    for primary, of in times.sources.items():
        sources = "; ".join(f"{source} ({', '.join(paths)})" for source, paths in of.items())
        out.print(f"sources of {primary}: {len(of)}: {sources}", soft_wrap=True)
    out.print(f"autonomy: {group.autonomy}: {autonomy.meaning(group)}", soft_wrap=True)
    out.print(f"standby: {group.standby}: {standby.meaning(group)}", soft_wrap=True)
    for name, count in hardware.counted(group).items():
        lines = f", {count['lines_needed']} of {count['lines']} lines" if count["lines_needed"] else ""
        out.print(f"{name} ({count['kind']}): needs {count['uarts_needed']} of {count['uarts']} UARTs{lines}")
    every = ", ".join(f"{board.name} every {garbage.collect_every_s(group, board):.1f} s" for board in group.boards)
    out.print(f"collections, of up to {chips.COLLECTION_MS} ms on the chip: {every}", soft_wrap=True)
    automatic = autonomy.is_automatic(group)
    out.print(_times(times, automatic))
    out.print(_noise(times, automatic))
    out.print(f"bursts of noise up to {times.burst_ms:.1f} ms mean length are ridden out on one path")


def _times(times: Budget, automatic: bool) -> Table:
    from rich.table import Table

    table = Table("timing budget", "median ms", "worst ms", box=None, pad_edge=False, header_style="bold")
    table.columns[1].justify = table.columns[2].justify = "right"
    for cause in times.causes:
        table.add_row(f"detection: {cause.name}", f"{cause.median_ms:.1f}", f"{cause.worst_ms:.1f}")
    table.add_row("hold-off", f"{times.hold_off_ms}", f"{times.hold_off_ms}")
    table.add_row("decision on the chip", "", f"{times.decision_ms}")
    if times.approval_ms is None:
        table.add_row("a person approves", "", "a person's time")
    elif times.approval_ms:
        table.add_row("a person may answer", "", f"{times.approval_ms}")
    for term in times.ready:
        table.add_row(f"at most until {term.name}", "", f"{term.ms:.0f}")
    table.add_row("switching: operate limit and steady", "", f"{times.switching_ms:.1f}")
    on_top = " + a person's time" if times.approval_ms is None else ""
    what = "failover, worst case" if automatic else "failover that a person approves, worst case"
    table.add_row(what, "", f"{times.failover_worst_ms:.1f}{on_top}", style="bold")
    if times.drain_ms:
        table.add_row("a planned release waits for a drain at most", "", f"{times.drain_ms}")
    table.add_row("a stall of the controller's own loop adds up to", "", f"{times.stall_adds_ms}")
    table.add_row("a board that erases its flash, as it announces, adds up to", "", f"{QUIET_MS}")
    table.add_row("a relay that does not operate is a fault after", "", f"{times.relay_fault_ms}")
    for term in times.fall:
        table.add_row(f"fall after a reset: {term.name}", "", f"{term.ms:.0f}")
    if times.fall:
        again = f"{times.fall_ms:.0f}{on_top}"
        table.add_row("fall after a reset, until the spare carries again", "", again, style="bold")
    return table


def _noise(times: Budget, automatic: bool) -> Table:
    from rich.table import Table

    false = "false failovers a year at BER" if automatic else "failovers wanted falsely a year at BER"
    noise = Table(false, box=None, pad_edge=False, header_style="bold")
    for ber, _ in times.noise[0].a_year:
        noise.add_column(f"{ber:.0e}", justify="right")
    for row in times.noise:
        noise.add_row(row.name, *("held" if ber in row.held else f"{rate:.2g}" for ber, rate in row.a_year))
    return noise
