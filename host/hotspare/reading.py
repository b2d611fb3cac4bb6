"""What the fields of a frame say, one by one, for people who read frames and know no configuration; touches nothing.

FIELDS says of each field how it is read; what is not in it is a plain number, or bytes shown as hexadecimal.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hotspare import wording
from hotspare_engine import names, words
from hotspare_wire import meanings, messages

ADDRESS_NAMES = {messages.ADDRESS_NONE: "none", messages.ADDRESS_HOST: "host", messages.ADDRESS_ANY: "any"}
TOPIC_NAMES = {code: name for code, name, _ in messages.TOPICS}
ROLE_BITS = ((messages.ROLE_CONTROLLER, "controller", ""), (messages.ROLE_SPARE, "spare", ""))
QUIET_BITS = ((messages.QUIET, "quiet", ""), (messages.QUIET_ECHO, "quiet heard", ""))
FLAG_BITS = (
    (messages.FLAG_ARMED, "armed", ""),
    (messages.FLAG_ALARM, "alarm", ""),
    (messages.FLAG_AUTOMATIC, "automatic", ""),
    (messages.FLAG_DEGRADED, "degraded", ""),
    (messages.FLAG_NOISY, "noisy", ""),
)
ASK_BITS = (
    (words.DRY, "dry run", ""),
    (words.DROP_SERVICE, "drop service", ""),
    (words.ACCEPT_SPLIT_BRAIN, "accept split brain", ""),
)
_NUMBERS = [str(number) for number in range(1, messages.UNITS_MAX + 1)]
PLACE = wording.Place(
    units=tuple(f"unit {number}" for number in _NUMBERS),
    lines=tuple(_NUMBERS),
    paths=tuple(f"path {number}" for number in _NUMBERS),
)

Values = Mapping[str, Any]
Reader = Callable[[Any, Values], Any]


def address(value: int) -> str:
    """Return what an address is called: agents count from 1, as units do."""
    if messages.ADDRESS_AGENT_MIN <= value < messages.ADDRESS_AGENT_MIN + messages.UNITS_MAX:
        return f"agent{value - messages.ADDRESS_AGENT_MIN + 1}"
    return ADDRESS_NAMES.get(value, str(value))


def _by(read_one: Callable[[Any], Any]) -> Reader:
    return lambda value, values: read_one(value)


def _code(table: Sequence[str]) -> Reader:
    return lambda value, values: wording.pick(table, value)


def _bits(table: Sequence[tuple[int, str, str]]) -> Reader:
    return lambda value, values: wording.bit_names(table, value)


def _each(read_one: Callable[[int], str], fewer: int = 0) -> Reader:
    """Of a field with a byte for each unit, or for each line, of which there is one `fewer`: those that there are."""
    return lambda value, values: [read_one(byte) for byte in value[: max(0, values["units"] - fewer)]]


def _health(value: int) -> str:
    return wording.pick(names.HEALTH_NAMES, value)


def _health_role(value: int, values: Values) -> list[str]:
    return [_health(value & 15), *wording.bit_names((*ROLE_BITS, *QUIET_BITS), value >> 4)]


def _unit_role(value: int) -> list[str]:
    if not value:
        return []
    failed = [] if value < words.ROLE_FAILED else ["failed"]
    return [" ".join(["role", wording.pick(names.ROLE_NAMES, value % words.ROLE_FAILED), *failed])]


def _roles(value: int) -> str:
    said = value >> 4
    heard = f", acknowledges{_unit_role(said)[0].removeprefix('role')}" if said else ""
    return wording.pick(names.ROLE_NAMES, value & 15) + heard


def _heartbeat_flags(value: int, values: Values) -> list[str]:
    role = value >> messages.FLAG_ROLE_SHIFT & messages.FLAG_ROLE_MASK
    left = value & ~(messages.FLAG_ROLE_MASK << messages.FLAG_ROLE_SHIFT)
    return [*wording.bit_names(FLAG_BITS, left), *_unit_role(role)]


def _report_health_role(value: int, values: Values) -> list[str]:
    return [_health(value & 15), *_unit_role(value >> 4)]


def _numbers(value: bytes, values: Values) -> list[int] | str:
    if len(value) % 4:
        return value.hex()
    return [number for (number,) in struct.iter_unpack("<i", value)]


def _records(value: bytes, values: Values) -> list[str] | str:
    if len(value) % messages.RECORD_SIZE:
        return value.hex()
    return [
        f"{at_ms} ms {wording.event_name(kind)}: {wording.event_text(kind, a, b, PLACE)}"
        for at_ms, kind, a, b in struct.iter_unpack(messages.RECORD, value)
    ]


def _or_none(value: int) -> int | str:
    return value or "none"


def _hidden(value: bytes) -> str:
    return "hidden" if any(value) else "none"


def _hash(value: int) -> str:
    return f"{value:04x}"


_yes_no = _code(("no", "yes"))

FIELDS: dict[tuple[str, str], Reader] = {
    ("heartbeat", "health_role"): _health_role,
    ("heartbeat", "selected"): _by(_or_none),
    ("heartbeat", "state"): _by(wording.state_name),
    ("heartbeat", "flags"): _heartbeat_flags,
    ("heartbeat", "config_hash"): _by(_hash),
    ("heartbeat", "firmware_hash"): _by(_hash),
    ("hello", "established"): _yes_no,
    ("report", "health_role"): _report_health_role,
    ("request", "request"): _by(wording.request_name),
    ("request", "unit"): _by(_or_none),
    ("request", "flags"): _bits(ASK_BITS),
    ("reply", "verdict"): _by(wording.verdict_name),
    ("reply", "by"): _by(wording.request_name),
    ("reply", "id"): _by(_or_none),
    ("reply", "unit"): _by(_or_none),
    ("reply", "inhibitors"): _by(wording.inhibitor_names),
    ("query", "topic"): lambda value, values: TOPIC_NAMES.get(value, f"code {value}"),
    ("identity", "name"): _by(messages.text),
    ("identity", "role"): _bits(ROLE_BITS),
    ("identity", "firmware_hash"): _by(_hash),
    ("identity", "config_hash"): _by(_hash),
    ("identity", "firmware"): _by(messages.text),
    ("identity", "micropython"): _by(messages.text),
    ("identity", "kind"): _by(messages.text),
    ("identity", "cause"): _code(names.CAUSE_NAMES),
    ("identity", "keyed"): _yes_no,
    ("identity", "trial"): _yes_no,
    ("path", "key"): lambda value, values: wording.KEY_TROUBLES.get(value, value),
    ("by", "operator"): _by(wording.readable),
    ("by", "reason"): _by(wording.readable),
    ("keys", "key_1"): _by(_hidden),
    ("keys", "key_2"): _by(_hidden),
    ("status", "state"): _by(wording.state_name),
    ("status", "selected"): _by(_or_none),
    ("status", "target"): _by(_or_none),
    ("status", "winner"): _by(wording.request_name),
    ("status", "armed"): _yes_no,
    ("status", "alarms"): _by(wording.alarm_names),
    ("status", "troubles"): _by(wording.trouble_names),
    ("status", "inhibitors"): _by(wording.inhibitor_names),
    ("status", "health"): _each(_health),
    ("status", "why"): _each(lambda value: wording.pick(names.WHY_NAMES, value)),
    ("status", "roles"): _each(_roles),
    ("status", "position"): _each(wording.position_name, 1),
    ("status", "driven"): _each(wording.position_name, 1),
    ("path", "kind"): _code(names.PATH_NAMES),
    ("path", "unit"): _by(_or_none),
    ("path", "source"): _by(address),
    ("path", "state"): _code(names.PATH_STATE_NAMES),
    ("path", "report"): _by(_health),
    ("path", "one_way"): _yes_no,
    ("path", "cable"): _code(names.CABLE_NAMES),
    ("path", "noisy"): _yes_no,
    ("records", "rows"): _records,
    ("standing", "id"): _by(_or_none),
    ("standing", "request"): _by(wording.request_name),
    ("standing", "unit"): _by(_or_none),
    ("standing", "expiring"): _yes_no,
    ("situation", "values"): _numbers,
    ("pending", "id"): _by(_or_none),
    ("pending", "request"): _by(wording.request_name),
    ("pending", "target"): _by(_or_none),
    ("pending", "autonomy"): _code(names.AUTONOMY_NAMES),
    ("boots", "cause"): _code(names.CAUSE_NAMES),
    ("boots", "chip"): _code(names.CAUSE_NAMES),
    ("boots", "known"): _yes_no,
    ("boots", "holds"): _yes_no,
    ("boots", "exception"): _code(names.EXCEPTION_NAMES),
    ("boots", "where"): _by(_hash),
    ("boots", "part"): _code(names.PART_NAMES),
    ("ack", "kind"): _by(messages.name),
    ("ack", "code"): _code(meanings.ACK_NAMES),
}


def read(message: str, values: Values) -> dict[str, Any]:
    """Return the fields of a message as people read them: names for codes, lists of names for bits, text for names."""
    shown: dict[str, Any] = {}
    for name, value in values.items():
        reader = FIELDS.get((message, name))
        if reader is not None:
            shown[name] = reader(value, values)
        else:
            shown[name] = value.hex() if isinstance(value, bytes) else value
    return shown
