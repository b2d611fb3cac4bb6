"""The engine's own tables: requests as the resolver goes through them, and the states of a group as they may change."""

from __future__ import annotations

from docs.sections import words as word_tables
from docs.sections.markdown import table
from hotspare_engine import names, resolver


def requests() -> str:
    """Return the table of requests in the resolver's order, each with its rule."""
    known = {code: (name, meaning, source) for code, name, source, meaning in names.REQUESTS}
    rows = []
    for code, _, decide in resolver.ROWS:
        name, meaning, source = known[code]
        rows.append((name, meaning, names.SOURCE_NAMES[source], decide.__doc__ or ""))
    return table(("request", "what it is", "source", "what it decides"), rows)


def states() -> str:
    """Return the diagram of states and the table of every change between them."""
    return word_tables.states()


def steps() -> str:
    """Return the diagram of a switch's steps and the table of every change between them."""
    return word_tables.steps()
