"""The one table of messages: board, host, dissector and documents derive their layouts from it; imports struct.

A field is written as name:format; meanings stand in meanings.py, which a board never imports. Formats are those of
`struct` without padding, little-endian: B H I b i, `Ns` for N bytes, and `*` for the rest of the body, which only the
last field of a message may have. Units and lines travel as index + 1 with 0 for none; a unit's index is its primary's
line, and the spare comes last.
"""

import struct

from .frame import AT_BODY, BODY_MAX

UNITS_MAX = 8
NAME_SIZE = 16
NONCE_SIZE = 8

HEARTBEAT, HELLO, REPORT, REQUEST, REPLY, QUERY = range(1, 7)
IDENTITY, STATUS, PATH = range(7, 10)
STANDING, SITUATION = 11, 12
CONFIG_WRITE, CONFIG_APPLY, CONFIG_DATA, ACK, LOOP, PENDING, CHAIN, KEYS = range(13, 21)
RECORDS, KEPT, BY, CONFIRM, MAINTENANCE, BOOTS = range(21, 27)
REASON_MAX = 64  # bytes

# kind, name, fields; one string a message: a table of fields would cost a board 9 KB of heap
MESSAGES = (
    (HEARTBEAT, "heartbeat", "echo:H health_role:B selected:B state:B flags:B config_hash:H firmware_hash:H"),
    (HELLO, "hello", "nonce:8s challenge:8s established:B"),
    (REPORT, "report", "echo:H health_role:B leaving_s:H"),
    (REQUEST, "request", "token:H request:B unit:B id:H seconds:I flags:B"),
    (REPLY, "reply", "token:H verdict:B by:B id:H unit:B took_ms:I inhibitors:I"),
    (QUERY, "query", "topic:B index:I"),
    (
        IDENTITY,
        "identity",
        (
            "uid:8s name:16s address:B role:B firmware_hash:H config_hash:H firmware:12s micropython:12s kind:8s "
            "boot:I cause:B keyed:B key_1:4s key_2:4s trial:B trial_s:H"
        ),
    ),
    (
        STATUS,
        "status",
        (
            "uptime_ms:I state:B selected:B target:B winner:B armed:B alarms:I inhibitors:I health:8s why:8s "
            "roles:8s position:8s driven:8s units:B paths:B standing:B switches:H switch_ms:I stalls:H loop_max_ms:H "
            "heap_free:I event_first:I event_next:I troubles:H"
        ),
    ),
    (
        PATH,
        "path",
        (
            "index:B kind:B unit:B source:B state:B report:B one_way:B age_ms:I good:I late:H altered:H "
            "damage_short:H damage_oversize:H damage_broken:H damage_crc:H damage_version:H refused:H sessions:H "
            "short_writes:H cable:B loss:H noisy:B key:B"
        ),
    ),
    (STANDING, "standing", "index:B id:H request:B unit:B left_s:I expiring:B"),
    (SITUATION, "situation", "count:B values:*"),
    (CONFIG_WRITE, "config-write", "offset:H data:*"),
    (CONFIG_APPLY, "config-apply", "size:H crc:I confirm_s:H"),
    (CONFIG_DATA, "config-data", "offset:H total:H data:*"),
    (ACK, "ack", "kind:B code:B detail:I"),
    (LOOP, "loop", "steps:I late_2:I late_5:I late_10:I late_20:I late_50:I late_100:I late_more:I"),
    (PENDING, "pending", "id:H request:B target:B age_ms:I left_ms:I autonomy:B"),
    (CHAIN, "chain", "up:I down:I dropped_up:H dropped_down:H damaged_down:H"),
    (KEYS, "keys", "count:B key_1:32s key_2:32s"),
    (RECORDS, "records", "recorder:I number:I boot:I rows:*"),
    (KEPT, "kept", "recorder:I number:I"),
    (BY, "by", "operator:16s reason:*"),
    (CONFIRM, "confirm", "keep:B config:I"),
    (MAINTENANCE, "maintenance", "accept_fall:B"),
    (
        BOOTS,
        "boots",
        "cause:B chip:B known:B resets:B first_s:H holds:B exception:B where:H part:B loop_max_ms:H uptime_min:H",
    ),
)

# topics of a query
T_IDENTITY, T_STATUS, T_PATH = range(1, 4)
T_STANDING, T_SITUATION, T_CONFIG, T_LOOP, T_PENDING, T_CHAIN, T_RECORDS = range(5, 12)
T_BOOTS = 12
TOPICS = (
    (T_IDENTITY, "identity", IDENTITY),
    (T_STATUS, "status", STATUS),
    (T_PATH, "path", PATH),
    (T_STANDING, "standing", STANDING),
    (T_SITUATION, "situation", SITUATION),
    (T_CONFIG, "config", CONFIG_DATA),
    (T_LOOP, "loop", LOOP),
    (T_PENDING, "pending", PENDING),
    (T_CHAIN, "chain", CHAIN),
    (T_RECORDS, "records", RECORDS),
    (T_BOOTS, "boots", BOOTS),
)

# a row of `rows` in records: at_ms, kind, a, b; the first has the number of the message, each the next one
RECORD = "<IBii"
RECORD_SIZE = struct.calcsize(RECORD)
RECORDS_MAX = (BODY_MAX - 12) // RECORD_SIZE  # what is left beside recorder, number and boot

# answers in an ack
ACK_OK, ACK_UNKNOWN, ACK_RANGE, ACK_CRC, ACK_LAYOUT, ACK_VALUE, ACK_STORE, ACK_BUSY, ACK_NONE, ACK_ENERGISED = range(10)

# key of a path that was never heard under a key of ours: the neighbour holds another, none, or one where we have none
KEY_OTHER, KEY_NONE, KEY_OURS = 255, 254, 253

# role bits of a heartbeat
ROLE_CONTROLLER, ROLE_SPARE = 1, 2
# beside them: the sender may be silent once for QUIET_MS; it has heard that the receiver may
QUIET, QUIET_ECHO = 4, 8
# heartbeat flags; bits 3 to 5 are a role: from a controller what the unit at the neighbour is to be, from a beacon what
# its unit acknowledges, to an agent what its unit is to be. Of an acknowledged role the highest bit says that it failed
FLAG_ARMED, FLAG_ALARM, FLAG_AUTOMATIC = 1, 2, 4
FLAG_ROLE_SHIFT, FLAG_ROLE_MASK = 3, 7
FLAG_DEGRADED = 64  # from a beacon: its unit itself says that it is impaired
FLAG_NOISY = 128  # from a beacon that says failed: its unit only fell silent, behind noisy paths alone

# addresses
ADDRESS_NONE, ADDRESS_BOARD_MIN, ADDRESS_BOARD_MAX = 0, 1, 99
ADDRESS_AGENT_MIN = 100  # plus the unit's index
ADDRESS_HOST = 240
ADDRESS_ANY = 255

LIMITS = {"B": (0, 255), "H": (0, 65535), "I": (0, 4294967295), "b": (-128, 127), "i": (-2147483648, 2147483647)}


# of the messages that were used: taking the table's strings apart for each message would cost a board 10 ms of its step
_layouts: dict = {}


class Misuse(ValueError):
    """Our own code tried to send what the table does not allow; the message names message, field and value."""


def fields(kind: int) -> tuple:
    """Return the fields of the message `kind`; raises KeyError for a kind that is not in the table."""
    for row in MESSAGES:
        if row[0] == kind:
            return tuple([tuple(field.split(":")) for field in row[2].split(" ")])
    raise KeyError(kind)


def name(kind: int) -> str:
    """Return the name of the message `kind`, or `kind N` for one that is not in the table."""
    for row in MESSAGES:
        if row[0] == kind:
            return row[1]
    return "kind %d" % kind


def layout(kind: int) -> tuple:
    """Return the struct format of the fixed part of the message `kind`, whether a rest follows, each field's format."""
    known = _layouts.get(kind)
    if known is None:
        formats = tuple([field[1] for field in fields(kind)])
        rest = formats[-1] == "*"
        known = _layouts[kind] = ("<" + "".join(formats[:-1] if rest else formats), rest, formats)
    return known


def place_of(kind: int, field_name: str) -> int:
    """Return the place of a field in a payload, for code that reads or writes without allocating."""
    before = "<"
    for field in fields(kind):
        if field[0] == field_name:
            return AT_BODY + struct.calcsize(before)
        before += field[1]
    raise KeyError(field_name)


def body_size(kind: int) -> int:
    """Return the size of the body of the message `kind` in bytes; for one with a rest, without it."""
    return struct.calcsize(layout(kind)[0])


def pack(kind: int, payload: bytearray, values: tuple) -> int:
    """Write `values` as the body of the message `kind` into `payload`; return the body's size; raises Misuse."""
    fixed, rest, formats = layout(kind)
    if len(values) != len(formats):
        raise Misuse("%s: %d values for %d fields" % (name(kind), len(values), len(formats)))
    for place in range(len(formats)):
        _check(kind, place, formats[place], values[place])
    size = struct.calcsize(fixed)
    tail = values[-1] if rest else b""
    if size + len(tail) > BODY_MAX:
        raise Misuse("%s: %d bytes are too many" % (name(kind), len(tail)))
    struct.pack_into(fixed, payload, AT_BODY, *(values[:-1] if rest else values))
    if rest:
        payload[AT_BODY + size : AT_BODY + size + len(tail)] = tail
        size += len(tail)
    return size


def _check(kind, place, form, value):
    limits = LIMITS.get(form)
    if limits is None:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise Misuse("%s: %s can not be %r: bytes are wanted" % (name(kind), fields(kind)[place][0], value))
        if form != "*" and len(value) != int(form[:-1]):
            said = (name(kind), fields(kind)[place][0], form[:-1], len(value))
            raise Misuse("%s: %s is %s bytes long and not %d" % said)
    elif not isinstance(value, int) or not limits[0] <= value <= limits[1]:
        raise Misuse("%s: %s can not be %r" % (name(kind), fields(kind)[place][0], value))


def unpack(kind: int, payload, size: int):
    """Return the values of the message `kind` from a body of `size` bytes in `payload`; None for a wrong size."""
    fixed, rest, _ = layout(kind)
    fixed_size = struct.calcsize(fixed)
    if size < fixed_size or (size > fixed_size and not rest):
        return None
    values = struct.unpack_from(fixed, payload, AT_BODY)
    if rest:
        values += (bytes(payload[AT_BODY + fixed_size : AT_BODY + size]),)
    return values


def padded(text: str, size: int) -> bytes:
    """Return `text` as exactly `size` bytes of ASCII, cut or padded with zeros."""
    data = text.encode()[:size]
    return data + bytes(size - len(data))


def text(data) -> str:
    """Return the text in a field that was padded with zeros; what is not printable ASCII becomes a question mark."""
    return "".join([chr(byte) if 32 <= byte < 127 else "?" for byte in bytes(data).rstrip(b"\0")])
