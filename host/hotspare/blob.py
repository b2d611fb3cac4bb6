"""The bytes that a board keeps, made from the file, and the difference between two of them field by field; no I/O."""

from __future__ import annotations

import binascii
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from hotspare import options, wiring
from hotspare.configuration import Board, Group
from hotspare.endpoint import Endpoint
from hotspare_engine import settings
from hotspare_wire import configuration as wire
from hotspare_wire import messages

ROLE_NAMES = ((messages.ROLE_CONTROLLER, "controller"), (messages.ROLE_SPARE, "spare"))

SLOT_HEAD = struct.Struct("<BHI")  # of a board's file: state, seconds of a trial, turn

# option of a board, its bit
INPUTS = (
    ("lockout_switch", wire.INPUT_LOCKOUT),
    ("invalid_a", wire.INPUT_INVALID_A),
    ("invalid_b", wire.INPUT_INVALID_B),
)


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
        "contact": _past_the_beacon(board, group, "contact"),
        "direct": _past_the_beacon(board, group, "agent_direct"),
        "network_port": board.network.port if board.network else 0,
        "network_peer": board.network_peer.address if board.network_peer else 0,
        "network_peer_port": board.network_peer.port if board.network_peer else 0,
        "inputs": sum(bit for name, bit in INPUTS if getattr(board, name)),
        "pins": _moved(board),
    }
    fields = [name for name, _ in wire.BOARD_FIELDS if name not in ("magic", "layout")]
    shared = (messages.padded(group.name, messages.NAME_SIZE), len(group.primaries), chain_of(group), *group.settings)
    return wire.pack(tuple(values[name] for name in fields), shared)


def slot_of(data: bytes) -> bytes:
    """Return the file in which a board holds this configuration as one that is confirmed."""
    data = SLOT_HEAD.pack(0, 0, 0) + data
    return data + binascii.crc32(data).to_bytes(4, "little")


def keys_of(keys: Sequence[bytes]) -> bytes:
    """Return the file in which a board holds these keys."""
    data = b"".join(keys)
    return data + binascii.crc32(data).to_bytes(4, "little")


def chain_of(group: Group) -> bytes:
    """Return the addresses of a chain's beacons in its order, the first one next to the controller; none of a pair."""
    chain = bytes(beacon.address for beacon in group.chain) if len(group.primaries) > 1 else b""
    return chain.ljust(messages.UNITS_MAX - 1, b"\0")


def _past_the_beacon(board: Board, group: Group, option: str) -> int:
    """Return the number of the unit that has this option, at the controller; 0 for none and at other boards."""
    here = board.name == group.controller
    return next((unit.index + 1 for unit in group.units if here and getattr(unit, option)), 0)


def _moved(board: Board) -> bytes:
    it = wiring.of(board.kind)
    names = list(it.pins)
    return bytes(number for name, pad in board.pins for number in (names.index(name) + 1, it.pads.index(pad)))


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
        "contact": _unit(got.contact),
        "agent_direct": _unit(got.direct),
        "network port": str(got.network_port),
        "network of peer": str(Endpoint(got.network_peer, got.network_peer_port)),
        **{name: json.dumps(bool(got.inputs & bit)) for name, bit in INPUTS},
        "pins": _pairs(got.pins),
        "group": messages.text(got.group),
        "beacons": ", ".join(str(address) for address in got.beacons if address) or "-",
    }
    for row, value in zip(settings.SETTINGS, got.settings, strict=True):
        fields[row[0]] = options.from_number(row[0], value)
    return fields


def _unit(number: int) -> str:
    return f"unit {number}" if number else "none"


def _pairs(pins: bytes) -> str:
    # the blob does not say the kind of board, so that pins have no names here
    pairs = zip(pins[::2], pins[1::2], strict=True)
    return ", ".join(f"pin {place} at pad {pad}" for place, pad in pairs if place) or "none"


def role_name(bits: int) -> str:
    """Return role bits in words."""
    return " at the ".join(word for bit, word in ROLE_NAMES if bits & bit) or "beacon"
