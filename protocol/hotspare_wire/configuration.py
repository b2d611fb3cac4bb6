"""The configuration of one board as bytes: one table of fields, a checksum, and the hash that neighbours compare.

The board part differs between the boards of a group; the group part is the same on all of them and is what the hash
covers. The host writes it, the board checks it again before it keeps it.
"""

import binascii
import struct

from hotspare_engine import settings

from . import messages as m

MAGIC = b"HS"
LAYOUT = 3

B_NONE, B_PULSE, B_UART = range(3)  # what crosslink B is
AGENT_NONE, AGENT_UART, AGENT_HOST = range(3)  # where the unit's agent speaks
# bits of `inputs`: what is wired to the board besides what its role needs
INPUT_LOCKOUT, INPUT_INVALID_A, INPUT_INVALID_B = 1, 2, 4
PINS_MOVED_MAX = 8

# name, format
BOARD_FIELDS = (
    ("magic", "2s"),
    ("layout", "B"),
    ("address", "B"),
    ("peer", "B"),
    ("role", "B"),
    ("unit", "B"),
    ("crosslink_b", "B"),
    ("agent", "B"),
    ("baud", "I"),
    ("agent_baud", "I"),
    ("watchdog_ms", "H"),
    ("name", "16s"),
    ("inputs", "B"),
    ("pins", "%ds" % (2 * PINS_MOVED_MAX)),
    ("contact", "B"),
    ("direct", "B"),
    ("network_port", "H"),
    ("network_peer", "I"),
    ("network_peer_port", "H"),
)
GROUP_FIELDS = (
    ("group", "16s"),
    ("primaries", "B"),
    ("beacons", "%ds" % (m.UNITS_MAX - 1)),  # of a chain, in its order, by address; a pair has none
) + tuple([(row[0], "I") for row in settings.SETTINGS])

_BOARD = "<" + "".join([field[1] for field in BOARD_FIELDS])
_GROUP = "<" + "".join([field[1] for field in GROUP_FIELDS])
_EMPTY = tuple([bytes(0) if field[1][-1] == "s" else 0 for field in BOARD_FIELDS[2:]])
_BOARD_SIZE = struct.calcsize(_BOARD)
_GROUP_SIZE = struct.calcsize(_GROUP)
SIZE = _BOARD_SIZE + _GROUP_SIZE + 4

# limits of the numbers of the board part and of the count of primaries
LIMITS = (
    ("address", m.ADDRESS_BOARD_MIN, m.ADDRESS_BOARD_MAX),
    ("peer", m.ADDRESS_NONE, m.ADDRESS_BOARD_MAX),
    ("role", 0, m.ROLE_CONTROLLER | m.ROLE_SPARE),
    ("unit", 0, m.UNITS_MAX),
    ("crosslink_b", B_NONE, B_UART),
    ("agent", AGENT_NONE, AGENT_HOST),
    ("baud", 1200, 1000000),
    ("agent_baud", 1200, 1000000),
    ("watchdog_ms", 1000, 8388),
    ("inputs", 0, INPUT_LOCKOUT | INPUT_INVALID_A | INPUT_INVALID_B),
    ("contact", 0, m.UNITS_MAX - 1),
    ("direct", 0, m.UNITS_MAX - 1),
    ("primaries", 1, m.UNITS_MAX - 1),
)


class Configuration:
    """A configuration that was checked: its fields as attributes, the settings as a tuple in the order of SETTINGS."""

    address: int
    peer: int
    role: int
    unit: int
    crosslink_b: int
    agent: int
    baud: int
    agent_baud: int
    watchdog_ms: int
    name: bytes
    inputs: int
    pins: bytes
    contact: int
    direct: int
    network_port: int
    network_peer: int
    network_peer_port: int

    def __init__(self, blob) -> None:
        board = struct.unpack_from(_BOARD, blob, 0)
        group = struct.unpack_from(_GROUP, blob, _BOARD_SIZE)
        for field, value in zip(BOARD_FIELDS, board):
            setattr(self, field[0], value)
        self.group = group[0]
        self.primaries = group[1]
        self.beacons = group[2]
        self.settings = tuple(group[3:])
        self.hash = group_hash(blob)


def pack(board: tuple, group: tuple) -> bytes:
    """Return the configuration as bytes from two tuples of values: BOARD_FIELDS after `layout`, and GROUP_FIELDS.

    Fields at the end of the board part that are not given are empty.
    """
    board = board + _EMPTY[len(board) :]
    data = struct.pack(_BOARD, MAGIC, LAYOUT, *board) + struct.pack(_GROUP, *group)
    return data + struct.pack("<I", binascii.crc32(data))


def verify(blob) -> tuple:
    """Return (ack code, detail): ACK_OK, or what is wrong with `blob`; the detail of ACK_VALUE is the field's place."""
    if len(blob) != SIZE or bytes(blob[:2]) != MAGIC or blob[2] != LAYOUT:
        return m.ACK_LAYOUT, len(blob)
    if binascii.crc32(bytes(blob[:-4])) != struct.unpack_from("<I", blob, SIZE - 4)[0]:
        return m.ACK_CRC, 0
    got = Configuration(blob)
    for name, least, most in LIMITS:
        if not least <= getattr(got, name) <= most:
            return m.ACK_VALUE, field_place(name)
    if got.unit > got.primaries + 1 or got.address == got.peer:
        return m.ACK_VALUE, field_place("unit")
    second = (got.crosslink_b == B_UART) + (got.agent == AGENT_UART) + (got.direct > 0)
    if second > 1:  # each would be the second port
        return m.ACK_VALUE, field_place("agent")
    name = bad_path(got) or _bad_in_chain(got)
    if name:
        return m.ACK_VALUE, field_place(name)
    bad = settings.first_bad(got.settings)
    if bad >= 0:
        return m.ACK_VALUE, field_place(settings.SETTINGS[bad][0])
    return m.ACK_OK, 0


def bad_path(got: Configuration) -> str:
    """Return the name of the first field of a path that does not go with the rest, or an empty one."""
    primaries = got.primaries if got.role & m.ROLE_CONTROLLER else 0  # a beacon is what these paths bypass
    if got.contact > primaries:
        return "contact"
    if got.direct > primaries or (got.direct and got.direct == got.unit):
        return "direct"
    if got.network_port and not (got.peer and got.network_peer and got.network_peer_port):
        return "network_port"
    return "inputs" if got.inputs & INPUT_INVALID_B and got.crosslink_b != B_UART else ""


def _bad_in_chain(got: Configuration) -> str:
    """Return the field by which boards that share a spare can not be a chain; "" if nothing is wrong."""
    beacons = got.beacons[: got.primaries] if got.primaries > 1 else b""
    if any(got.beacons[len(beacons) :]) or len(set(beacons)) < len(beacons):
        return "beacons"
    for address in beacons:
        if not m.ADDRESS_BOARD_MIN <= address <= m.ADDRESS_BOARD_MAX:
            return "beacons"
    if not beacons:
        return ""
    if got.role & m.ROLE_CONTROLLER:
        if got.address in beacons:
            return "address"
        if got.peer != beacons[0]:
            return "peer"
    elif not 1 <= got.unit <= got.primaries:
        return "unit"
    elif got.address != beacons[got.unit - 1]:
        return "address"
    elif not got.peer or got.peer in beacons:
        return "peer"
    if got.crosslink_b != B_NONE:
        return "crosslink_b"
    if got.network_port:
        return "network_port"
    return "agent" if has_down(got) and got.agent == AGENT_UART else ""


def has_down(got: Configuration) -> bool:
    """Return whether a board of a chain is a beacon whose second UART leads to the next one."""
    return not got.role & m.ROLE_CONTROLLER and got.unit < got.primaries


def field_place(name: str) -> int:
    """Return the place of a field, counted through BOARD_FIELDS and then GROUP_FIELDS."""
    for place, field in enumerate(BOARD_FIELDS + GROUP_FIELDS):
        if field[0] == name:
            return place
    raise KeyError(name)


def ident(blob) -> int:
    """Return the number that tells one configuration from another: the CRC-32 at its end, 0 without one.

    A CRC-32 over all of it would be the same for all, as it is over any data with their CRC-32 behind them.
    """
    return struct.unpack_from("<I", blob, len(blob) - 4)[0] if len(blob) >= 4 else 0


def group_hash(blob) -> int:
    """Return the 16-bit hash of the part that is the same on every board of the group."""
    return fold(binascii.crc32(bytes(blob[_BOARD_SIZE : _BOARD_SIZE + _GROUP_SIZE])))


def fold(crc: int) -> int:
    """Return a CRC-32 as 16 bits."""
    return (crc >> 16 ^ crc) & 0xFFFF
