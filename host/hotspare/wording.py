"""What the numbers on the wire are called, field by field: for people who read frames; touches nothing.

FIELDS says of each field what kind of value it is; what is not in it is a plain number, or bytes shown as hexadecimal.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hotspare_engine import names, words
from hotspare_wire import meanings, messages

ADDRESS_NAMES = {messages.ADDRESS_NONE: "none", messages.ADDRESS_HOST: "host", messages.ADDRESS_ANY: "any"}
BEACON_STATE = 255  # a beacon knows no state of the group

REQUEST_NAMES = {row[0]: row[1] for row in (*names.REQUESTS, *names.ASKS)} | {0: "none"}
EVENT_NAMES = {row[0]: row[1] for row in names.EVENTS}
STATE_NAMES = dict(enumerate(names.STATE_NAMES)) | {BEACON_STATE: "beacon"}
VERDICT_NAMES = [name for name, _ in names.VERDICTS]
TOPIC_NAMES = {row[0]: row[1] for row in messages.TOPICS}
ROLE_BITS = ((messages.ROLE_CONTROLLER, "controller"), (messages.ROLE_SPARE, "spare"))
FLAG_BITS = ((messages.FLAG_ARMED, "armed"), (messages.FLAG_ALARM, "alarm"), (messages.FLAG_AUTOMATIC, "automatic"))
ASK_BITS = (
    (words.DRY, "dry run"),
    (words.FORCE, "force"),
    (words.ONTO_FAILED, "onto failed"),
    (words.DROP_SERVICE, "drop service"),
)


def code(table: Mapping[int, str] | Sequence[str], value: int) -> str:
    """Return the name of a code, or the number itself when no name is known."""
    if isinstance(table, Mapping):
        return table.get(value, str(value))
    return table[value] if value < len(table) else str(value)


def bits(table: Iterable[tuple[Any, ...]], value: int) -> list[str]:
    """Return the names of the bits that are set; bits without a name come together as one hexadecimal number."""
    found = [row[1] for row in table if value & row[0]]
    for row in table:
        value &= ~row[0]
    return [*found, f"{value:#x}"] if value else found


def address(value: int) -> str:
    """Return what an address is called: agents count from 1, as units do."""
    if messages.ADDRESS_AGENT_MIN <= value < messages.ADDRESS_AGENT_MIN + messages.UNITS_MAX:
        return f"agent{value - messages.ADDRESS_AGENT_MIN + 1}"
    return ADDRESS_NAMES.get(value, str(value))


Reader = Callable[[Any, Mapping[str, Any]], Any]


def _code(table: Mapping[int, str] | Sequence[str]) -> Reader:
    return lambda value, values: code(table, value)


def _bits(table: Iterable[tuple[Any, ...]]) -> Reader:
    return lambda value, values: bits(table, value)


def _codes(table: Sequence[str], count: Callable[[Mapping[str, Any]], int]) -> Reader:
    """Of a field with a byte for each unit or line, the ones that there are."""
    return lambda value, values: [code(table, byte) for byte in value[: max(0, count(values))]]


def _index(value: int, values: Mapping[str, Any]) -> int | str:
    return value or "none"


def _yes_no(value: int, values: Mapping[str, Any]) -> str:
    return code(("no", "yes"), value)


def _text(value: bytes, values: Mapping[str, Any]) -> str:
    return messages.text(value)


def _hash(value: int, values: Mapping[str, Any]) -> str:
    return f"{value:04x}"


def _health_role(value: int, values: Mapping[str, Any]) -> list[str]:
    return [code(names.HEALTH_NAMES, value & 15), *bits(ROLE_BITS, value >> 4)]


def _numbers(value: bytes, values: Mapping[str, Any]) -> list[int] | str:
    if len(value) % 4:
        return value.hex()
    return [number for (number,) in struct.iter_unpack("<i", value)]


def _units(values: Mapping[str, Any]) -> int:
    return int(values["units"])


def _lines(values: Mapping[str, Any]) -> int:
    return int(values["units"]) - 1


FIELDS: dict[tuple[str, str], Reader] = {
    ("heartbeat", "health_role"): _health_role,
    ("heartbeat", "selected"): _index,
    ("heartbeat", "state"): _code(STATE_NAMES),
    ("heartbeat", "flags"): _bits(FLAG_BITS),
    ("heartbeat", "config_hash"): _hash,
    ("heartbeat", "firmware_hash"): _hash,
    ("hello", "established"): _yes_no,
    ("report", "health"): _code(names.HEALTH_NAMES),
    ("request", "request"): _code(REQUEST_NAMES),
    ("request", "unit"): _index,
    ("request", "flags"): _bits(ASK_BITS),
    ("reply", "verdict"): _code(VERDICT_NAMES),
    ("reply", "by"): _code(REQUEST_NAMES),
    ("reply", "id"): _index,
    ("reply", "unit"): _index,
    ("reply", "inhibitors"): _bits(names.INHIBITORS),
    ("query", "topic"): _code(TOPIC_NAMES),
    ("identity", "name"): _text,
    ("identity", "role"): _bits(ROLE_BITS),
    ("identity", "firmware_hash"): _hash,
    ("identity", "config_hash"): _hash,
    ("identity", "firmware"): _text,
    ("identity", "micropython"): _text,
    ("identity", "kind"): _text,
    ("identity", "keyed"): _yes_no,
    ("status", "state"): _code(STATE_NAMES),
    ("status", "selected"): _index,
    ("status", "target"): _index,
    ("status", "winner"): _code(REQUEST_NAMES),
    ("status", "armed"): _yes_no,
    ("status", "alarms"): _bits(names.ALARMS),
    ("status", "inhibitors"): _bits(names.INHIBITORS),
    ("status", "health"): _codes(names.HEALTH_NAMES, _units),
    ("status", "why"): _codes(names.WHY_NAMES, _units),
    ("status", "position"): _codes(names.POSITION_NAMES, _lines),
    ("status", "driven"): _codes(names.POSITION_NAMES, _lines),
    ("path", "kind"): _code(names.PATH_NAMES),
    ("path", "unit"): _index,
    ("path", "source"): lambda value, values: address(value),
    ("path", "state"): _code(names.PATH_STATE_NAMES),
    ("path", "report"): _code(names.HEALTH_NAMES),
    ("path", "one_way"): _yes_no,
    ("event", "kind"): _code(EVENT_NAMES),
    ("standing", "id"): _index,
    ("standing", "request"): _code(REQUEST_NAMES),
    ("standing", "unit"): _index,
    ("situation", "values"): _numbers,
    ("ack", "kind"): lambda value, values: messages.name(value),
    ("ack", "code"): _code(meanings.ACK_NAMES),
}


def read(message: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a message as people read them: names for codes, lists of names for bits, text for names."""
    shown: dict[str, Any] = {}
    for name, value in values.items():
        reader = FIELDS.get((message, name))
        if reader is not None:
            shown[name] = reader(value, values)
        else:
            shown[name] = value.hex() if isinstance(value, bytes) else value
    return shown
