"""What the runs of a campaign touched: every fault, change of state, law, inhibitor and alarm; a zero fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hotspare.rig.orders import VERBS
from hotspare.simulator.hunt import Bag
from hotspare_engine import names
from hotspare_engine import words as w

LAWS = ("L1", "L2", "L3", "L4", "L4 at the end", "L5", "L5 SD", "L6", "L7", "L8", "L10", "L11")
LAWS += ("hold-off", "coil", "lockout", "id", "outbox", "alarms", "held")
OWN = ("leave", "stall", "differ", "ask", "approve", "pull", "forge", "mend all", "clear all")
# verbs that no run draws, and why
UNDRAWN = {
    "inject": "forge says what a stranger says",
    "capture": "it changes nothing",
    "key": "a stranger's frames stand for a wrong key",
    "bridge": "a wire across a contact takes the hardware's isolation away",
    "unbridge": "the same",
    "freeze": "stall",
    "thaw": "stall",
}
# alarms that no controller of these worlds can raise, and why
ABSENT = {
    w.A_CONTROLLER_SILENT: "a beacon's",
    w.A_UNCONFIGURED: "a board without a configuration moves nothing",
    w.A_SPLIT_BRAIN: "only where isolation is not claimed",
}


def missing(bag: Bag) -> list[str]:
    """Return what was never touched, a line each."""
    found = [f"law {law}" for law in LAWS if not bag.laws[law]]
    faults = [verb for verb in VERBS if verb not in UNDRAWN] + list(OWN)
    found += [f"fault {verb}" for verb in faults if not bag.did[verb]]
    found += [f"change of state {told(change)}" for change in w.TRANSITIONS if not bag.changes[change]]
    found += [f"inhibitor {row[1]}" for row in names.INHIBITORS if not bag.inhibited[row[0]]]
    found += [f"alarm {row[1]}" for row in names.ALARMS if row[0] not in ABSENT and not bag.alarmed[row[0]]]
    return found


def tables(bag: Bag) -> Iterable[tuple[str, Mapping[str, int]]]:
    """Return every count by the name of its kind."""
    yield "laws", {law: bag.laws[law] for law in LAWS}
    yield "faults", {verb: bag.did[verb] for verb in sorted(bag.did) if not verb.startswith("not ")}
    yield "changes of state", {told(change): bag.changes[change] for change in w.TRANSITIONS}
    yield "inhibitors", _named(names.INHIBITORS, bag.inhibited)
    yield "alarms", _named(names.ALARMS, bag.alarmed)


def told(change: tuple[int, int]) -> str:
    """Return a change of state by the names of both."""
    return " to ".join(names.STATE_NAMES[state] for state in change)


def _named(table: Any, counts: Mapping[int, int]) -> dict[str, int]:
    return {row[1]: counts.get(row[0], 0) for row in table}
