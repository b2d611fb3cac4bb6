"""The tables of PROTOCOL.md: messages, topics, verdicts and codes, from the tables that boards and host use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from docs.sections.markdown import table
from hotspare_engine import names, settings, words
from hotspare_engine.path import QUIET_MS
from hotspare_wire import configuration, frame, link, meanings, messages

BITS_PER_BYTE = 10  # on a serial line: start, eight of data, stop
BAUD = 115_200
FORMATS = {
    "B": "number, 1 byte",
    "H": "number, 2 bytes",
    "I": "number, 4 bytes",
    "b": "signed number, 1 byte",
    "i": "signed number, 4 bytes",
    "*": "the rest of the body",
}


def shape(format_: str) -> str:
    """Return in words what a field looks like."""
    return FORMATS.get(format_) or f"{format_.removesuffix('s')} bytes"


def wire_ms(size: int) -> str:
    """Return how long so many bytes take on a line of the usual baud rate."""
    return f"{size * BITS_PER_BYTE * 1000 / BAUD:.2f}"


def kinds() -> str:
    """Return the list of messages."""
    speakers = dict(meanings.SPEAKERS)
    rows = []
    for kind, name, _ in messages.MESSAGES:
        size = messages.body_size(kind)
        more = " or more" if messages.layout(kind)[1] else ""
        wire = size + frame.PAYLOAD_MIN + frame.WIRE_OVERHEAD
        rows.append(
            (
                str(kind),
                f"[{name}](#{name})",
                f"{size}{more}",
                f"{wire}{more}",
                f"{wire_ms(wire)}{more}",
                speakers[name],
            )
        )
    return table(("kind", "message", "body bytes", "wire bytes", f"ms at {BAUD:,} baud", "who says it to whom"), rows)


def fields() -> str:
    """Return the fields of each message with their places in the body."""
    said = {(message, field): meaning for message, field, meaning in meanings.FIELDS}
    parts = []
    for kind, name, _ in messages.MESSAGES:
        rows = messages.fields(kind)
        places = [messages.place_of(kind, field) - frame.AT_BODY for field, _ in rows]
        lines = [
            (str(at), f"`{field}`", shape(format_), said[name, field])
            for at, (field, format_) in zip(places, rows, strict=True)
        ]
        parts.append(f"### {name}\n\n" + table(("at", "field", "is", "meaning"), lines))
    return "\n\n".join(parts)


def topics() -> str:
    """Return what a query can ask for."""
    rows = [(str(code), name, messages.name(answer)) for code, name, answer in messages.TOPICS]
    return table(("topic", "name", "answered with"), rows)


def addresses() -> str:
    """Return who has which address."""
    m = messages
    rows = (
        (str(m.ADDRESS_NONE), "a board without a configuration"),
        (f"{m.ADDRESS_BOARD_MIN} to {m.ADDRESS_BOARD_MAX}", "boards, as their configuration says"),
        (
            f"{m.ADDRESS_AGENT_MIN} to {m.ADDRESS_AGENT_MIN + m.UNITS_MAX - 1}",
            f"agents: {m.ADDRESS_AGENT_MIN} and the unit's index",
        ),
        (str(m.ADDRESS_HOST), "a host"),
        (str(m.ADDRESS_ANY), "as a destination only: whoever hears it"),
    )
    return table(("address", "whose"), rows)


def damage() -> str:
    """Return the kinds of damage."""
    return table(("counter", "what arrived"), zip(frame.DAMAGE_NAMES, meanings.DAMAGE, strict=True))


def verdicts() -> str:
    """Return the verdicts of a link on a good frame."""
    return table(("verdict", "when"), zip(link.VERDICT_NAMES, meanings.VERDICTS, strict=True))


def board_configuration() -> str:
    """Return the fields of a board's configuration, as bytes."""
    said = dict(meanings.CONFIGURATION) | dict(names.SETTINGS)
    limits = {name: f"{least} to {most}" for name, least, most in configuration.LIMITS}
    limits |= {name: f"{least} to {most}" for name, _, least, most in settings.SETTINGS}
    rows = []
    for part, fields_ in (("board", configuration.BOARD_FIELDS), ("group", configuration.GROUP_FIELDS)):
        rows += [(part, f"`{name}`", shape(format_), limits.get(name, ""), said[name]) for name, format_ in fields_]
    rows.append(("", "`crc`", shape("I"), "", "CRC-32 of all the bytes before it"))
    return table(("part", "field", "is", "limits", "meaning"), rows)


def codes() -> str:
    """Return every word that travels as a number."""
    lists: tuple[tuple[str, Iterable[tuple[int, str]]], ...] = (
        ("request", [(row[0], row[1]) for row in (*names.REQUESTS, *names.ASKS)]),
        ("verdict on an ask", enumerate(name for name, _ in names.VERDICTS)),
        ("health", enumerate(names.HEALTH_NAMES)),
        ("why a unit has its health", [(code, name) for code, name in enumerate(names.WHY_NAMES) if name]),
        ("state of a group", enumerate(names.STATE_NAMES)),
        ("autonomy", enumerate(names.AUTONOMY_NAMES)),
        ("role of a unit", enumerate(names.ROLE_NAMES)),
        ("what became of a pending request", enumerate(names.BECAME_NAMES)),
        ("position of a line", enumerate(names.POSITION_NAMES)),
        ("kind of path", enumerate(names.PATH_NAMES)),
        ("state of a path", enumerate(names.PATH_STATE_NAMES)),
        ("cable of a path", enumerate(names.CABLE_NAMES)),
        ("how a heartbeat was altered", enumerate(names.ALTERED_NAMES)),
        ("cause of a reset", enumerate(names.CAUSE_NAMES)),
        ("kind of exception", enumerate(names.EXCEPTION_NAMES)),
        ("part of a step", enumerate(names.PART_NAMES)),
        ("what becomes of a trial", enumerate(names.TRIAL_NAMES)),
        ("event", [(row[0], row[1]) for row in names.EVENTS]),
        ("answer of an ack", enumerate(meanings.ACK_NAMES)),
    )
    return table(
        ("of", "codes"), [(title, "; ".join(f"{code} {word}" for code, word in rows)) for title, rows in lists]
    )


def bits() -> str:
    """Return every word that travels as a bit."""
    m = messages
    roles = ((m.ROLE_CONTROLLER, "controller"), (m.ROLE_SPARE, "at the spare"))
    flags = ((m.FLAG_ARMED, "armed"), (m.FLAG_ALARM, "alarm"), (m.FLAG_AUTOMATIC, "automatic: a failure needs nobody"))
    asks = (
        (words.DRY, "dry run"),
        (words.DROP_SERVICE, "drop service"),
        (words.ACCEPT_SPLIT_BRAIN, "accept split brain"),
    )
    told = [(code << m.FLAG_ROLE_SHIFT, f"role {word}") for code, word in enumerate(names.ROLE_NAMES) if code]
    told.append((words.ROLE_FAILED << m.FLAG_ROLE_SHIFT, "acknowledged, and its hook failed"))
    told.append((m.FLAG_DEGRADED, "the unit itself says that it is impaired"))
    told.append((m.FLAG_NOISY, "the unit only fell silent, behind noisy paths alone"))
    quiet = (
        (m.QUIET, f"it may be silent once for {QUIET_MS} ms, for its flash is to be erased"),
        (m.QUIET_ECHO, "it has heard that the other may"),
    )
    lists: tuple[tuple[str, Iterable[Sequence[Any]]], ...] = (
        ("role of a board", roles),
        ("flags of a heartbeat", [*flags, *told]),
        ("role bits of a heartbeat besides", quiet),
        ("flags of a request", asks),
        ("alarms", names.ALARMS),
        ("troubles", names.TROUBLES),
        ("inhibitors", names.INHIBITORS),
    )
    return table(("of", "bits"), [(title, "; ".join(f"{row[0]:#x} {row[1]}" for row in rows)) for title, rows in lists])
