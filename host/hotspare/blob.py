"""The bytes that a board keeps, made from the file, and the difference between two of them field by field; no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from hotspare import options
from hotspare.configuration import Board, Group
from hotspare_engine import settings
from hotspare_wire import configuration as wire
from hotspare_wire import messages

ROLE_NAMES = ((messages.ROLE_CONTROLLER, "controller"), (messages.ROLE_SPARE, "spare"))


def of(board: Board, group: Group) -> bytes:
    """Return the configuration of one board of a group as the bytes that it keeps."""
    unit = next(unit for unit in group.units if unit.name == board.unit)
    values = {
        "address": board.address,
        "peer": board.peer,
        "role": board.role,
        "unit": unit.index + 1,
        "crosslink_b": options.CROSSLINK_B_WORDS.index(board.crosslink_b),
        "agent": options.AGENT_WORDS.index(unit.agent),
        "baud": group.baud,
        "agent_baud": group.agent_baud,
        "watchdog_ms": group.watchdog_ms,
        "name": messages.padded(board.name, messages.NAME_SIZE),
    }
    fields = [name for name, _ in wire.BOARD_FIELDS if name not in ("magic", "layout")]
    shared = (messages.padded(group.name, messages.NAME_SIZE), len(group.primaries), chain_of(group), *group.settings)
    return wire.pack(tuple(values[name] for name in fields), shared)


def chain_of(group: Group) -> bytes:
    """Return the addresses of a chain's beacons in its order, the first one next to the controller; none of a pair."""
    chain = bytes(beacon.address for beacon in group.chain) if len(group.primaries) > 1 else b""
    return chain.ljust(messages.UNITS_MAX - 1, b"\0")


def config_hash(group: Group) -> int:
    """Return the hash that every board of the group shows."""
    return wire.group_hash(of(group.boards[0], group))


@dataclass(frozen=True)
class Difference:
    """One field that a board keeps otherwise than the file says; both as the file would write them."""

    field: str
    board_has: str
    file_says: str


def differences(kept: bytes, wanted: bytes) -> list[Difference]:
    """Return each field that differs; a board without a valid configuration differs in all."""
    new = _fields(wanted)
    old = _fields(kept) if wire.verify(kept)[0] == messages.ACK_OK else dict.fromkeys(new, "-")
    return [Difference(name, old[name], value) for name, value in new.items() if old[name] != value]


def _fields(data: bytes) -> dict[str, str]:
    got = wire.Configuration(data)
    fields = {
        "name": messages.text(got.name),
        "address": str(got.address),
        "peer": str(got.peer),
        "role": role_name(got.role),
        "unit": f"{got.unit} of {got.primaries + 1}",
        "crosslink_b": options.CROSSLINK_B_WORDS[got.crosslink_b],
        "agent": options.AGENT_WORDS[got.agent],
        "baud": str(got.baud),
        "agent_baud": str(got.agent_baud),
        "watchdog_ms": str(got.watchdog_ms),
        "group": messages.text(got.group),
        "beacons": ", ".join(str(address) for address in got.beacons if address) or "-",
    }
    for row, value in zip(settings.SETTINGS, got.settings, strict=True):
        fields[row[0]] = options.from_number(row[0], value)
    return fields


def role_name(bits: int) -> str:
    """Return role bits in words."""
    return " at the ".join(word for bit, word in ROLE_NAMES if bits & bit) or "beacon"
