"""The tables of words: requests, states, verdicts, inhibitors, alarms, events, from the names that the host shows."""

from __future__ import annotations

from docs.sections.markdown import table
from hotspare_engine import names, words


def page() -> str:
    """Return the page on all words."""
    parts = ["# Words", "What status, explain, the log and JSON say, and what it means."]
    for heading, text in (
        ("Requests", requests()),
        ("States of a group", states()),
        ("Verdicts", verdicts()),
        ("Inhibitors", inhibitors()),
        ("Alarms", alarms()),
        ("Events", events()),
        ("Health of a unit", health()),
        ("Paths", paths()),
        ("Pending requests", pending()),
    ):
        parts += [f"## {heading}", text]
    return "\n\n".join(parts)


def requests() -> str:
    """Return the table of requests, highest first."""
    rows = [(name, meaning, names.SOURCE_NAMES[source]) for _, name, source, meaning in names.REQUESTS]
    asked = [(name, meaning) for _, name, meaning in names.ASKS]
    return (
        "Highest first: of all that are present, the first that decides wins.\n\n"
        + table(("request", "what it is", "source"), rows)
        + "\n\nA person can ask besides:\n\n"
        + table(("ask", "what it does"), asked)
    )


def states() -> str:
    """Return the states of a group and every change between them."""
    lines = [f"    {_state(before)} --> {_state(after)}" for before, after, _ in names.TRANSITIONS]
    rows = [(names.STATE_NAMES[before], names.STATE_NAMES[after], when) for before, after, when in names.TRANSITIONS]
    start = f"    [*] --> {_state(words.STARTING)}"
    diagram = "\n".join(["```mermaid", "stateDiagram-v2", start, *lines, "```"])
    return f"{diagram}\n\n{table(('from', 'to', 'when'), rows)}"


def steps() -> str:
    """Return the steps of a switch and every change between them."""
    lines = [f"    s{before} --> s{after}" for before, after, _ in names.STEPS]
    known = [f'    state "{name}" as s{code}' for code, name in enumerate(names.STEP_NAMES)]
    diagram = "\n".join(["```mermaid", "stateDiagram-v2", *known, *lines, "```"])
    rows = [(names.STEP_NAMES[before], names.STEP_NAMES[after], when) for before, after, when in names.STEPS]
    return f"{diagram}\n\n{table(('from', 'to', 'when'), rows)}"


def _state(code: int) -> str:
    return names.STATE_NAMES[code].replace("-", "_")


def verdicts() -> str:
    """Return what an ask can be answered with."""
    return table(("verdict", "exit code"), [(name, "1" if refused else "0") for name, refused in names.VERDICTS])


def inhibitors() -> str:
    """Return what can hold a decision back."""
    return table(("inhibitor", "how it ends"), [(name, end) for _, name, end in names.INHIBITORS])


def alarms() -> str:
    """Return the alarms."""
    of_group = table(("alarm", "meaning"), [(name, meaning) for _, name, meaning in names.ALARMS])
    of_board = table(("trouble of a board", "meaning"), [(name, meaning) for _, name, meaning in names.TROUBLES])
    return f"{of_group}\n\n{of_board}"


def events() -> str:
    """Return the events that a board records, with the meaning of their two values."""
    return table(("event", "a", "b"), [(name, a, b) for _, name, a, b in names.EVENTS])


def pending() -> str:
    """Return what becomes of a request that a person is to approve."""
    return table(("became",), [(name,) for name in names.BECAME_NAMES])


def health() -> str:
    """Return what a unit can be and why."""
    return table(("health",), [(name,) for name in names.HEALTH_NAMES]) + "\n\n" + _why()


def _why() -> str:
    return table(("why",), [(name,) for name in names.WHY_NAMES if name])


def paths() -> str:
    """Return the kinds of paths and what they can be."""
    kinds = table(("path",), [(name,) for name in names.PATH_NAMES])
    states = table(("state",), [(name,) for name in names.PATH_STATE_NAMES])
    return f"{kinds}\n\n{states}\n\n" + table(("cable",), [(name,) for name in names.CABLE_NAMES])
