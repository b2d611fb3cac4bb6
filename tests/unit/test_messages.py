"""The table of messages: fields have meanings, codes have names, and nothing is sent that the table does not allow."""

import ast
import struct
from pathlib import Path
from typing import Any

import pytest

from hotspare_engine import names, settings, words
from hotspare_wire import configuration, frame, meanings, messages

KINDS = [row[0] for row in messages.MESSAGES]
NAMES = [row[1] for row in messages.MESSAGES]
WORDS_SOURCE = Path(words.__file__).read_text(encoding="utf-8")


def sample(format_: str) -> Any:
    """Return a value that fits a format."""
    if format_ in messages.LIMITS:
        return messages.LIMITS[format_][1]
    return b"\x01" * (3 if format_ == "*" else int(format_[:-1]))


def codes(prefix: str) -> dict[str, int]:
    """Return the codes of words.py whose names begin like that."""
    return {name: value for name, value in vars(words).items() if name.startswith(prefix) and isinstance(value, int)}


def test_kinds_rise_from_1_and_fit_their_five_bits() -> None:
    assert sorted(set(KINDS)) == KINDS
    assert min(KINDS) == 1
    assert max(KINDS) <= frame.KIND_MASK
    assert len(set(NAMES)) == len(NAMES)


def test_every_message_fits_into_a_frame() -> None:
    for kind in KINDS:
        assert messages.body_size(kind) <= frame.BODY_MAX


def test_only_the_last_field_of_a_message_takes_the_rest() -> None:
    for kind in KINDS:
        assert "*" not in [format_ for _, format_ in messages.fields(kind)[:-1]]


def test_every_field_has_a_meaning_in_the_order_of_the_table() -> None:
    table = [(name, field) for kind, name, _ in messages.MESSAGES for field, _ in messages.fields(kind)]
    assert [(message, field) for message, field, _ in meanings.FIELDS] == table
    assert all(meaning for _, _, meaning in meanings.FIELDS)


def test_every_field_of_a_configuration_has_a_meaning() -> None:
    fields = [name for name, _ in configuration.BOARD_FIELDS + configuration.GROUP_FIELDS]
    own = [name for name, _ in meanings.CONFIGURATION]
    assert own + [row[0] for row in settings.SETTINGS] == fields
    assert [row[0] for row in names.SETTINGS] == [row[0] for row in settings.SETTINGS]


def test_every_answer_of_an_ack_has_a_name() -> None:
    answers = {name: value for name, value in vars(messages).items() if name.startswith("ACK_")}
    assert sorted(answers.values()) == list(range(len(meanings.ACK_NAMES)))


def test_every_topic_is_answered_by_a_message_of_the_table() -> None:
    topics = {value for name, value in vars(messages).items() if name.startswith("T_")}
    assert {row[0] for row in messages.TOPICS} == topics
    assert {row[2] for row in messages.TOPICS} <= set(KINDS)


def test_requests_are_named_in_the_order_of_their_priority() -> None:
    priorities = [row[0] for row in names.REQUESTS]
    assert priorities == sorted(priorities)
    requests = {"OUT", "LO", "FX", "SF_P", "FS", "SF_W", "SD", "MS", "MS_P", "WTR", "EXER", "DNR", "NR"}
    assert priorities == sorted(getattr(words, name) for name in requests)
    assert {row[1].replace("-", "_") for row in names.REQUESTS} == requests
    assert {row[2] for row in names.REQUESTS} <= set(range(len(names.SOURCE_NAMES)))


@pytest.mark.parametrize(
    ("table", "prefix"),
    [
        ("WHY_NAMES", "WHY_"),
        ("PATH_NAMES", "PATH_"),
        ("ALARMS", "A_"),
        ("TROUBLES", "B_"),
        ("INHIBITORS", "I_"),
        ("EVENTS", "E_"),
    ],
)
def test_every_code_of_words_has_a_name(table: str, prefix: str) -> None:
    rows = getattr(names, table)
    named = [row[0] for row in rows] if isinstance(rows[0], tuple) else [at for at, name in enumerate(rows) if name]
    assert sorted(codes(prefix).values()) == sorted(named)


@pytest.mark.parametrize(
    ("table", "group"),
    [
        ("HEALTH_NAMES", "UNKNOWN"),
        ("PATH_STATE_NAMES", "NEVER"),
        ("ALTERED_NAMES", "FROZEN"),
        ("POSITION_NAMES", "AT_PRIMARY"),
        ("RETENTION_NAMES", "FALLS"),
        ("ROLE_NAMES", "NOT_TOLD"),
        ("SOURCE_NAMES", "PERSON"),
        ("VERDICTS", "ACCEPTED"),
        ("STATE_NAMES", "STARTING"),
        ("AUTONOMY_NAMES", "AUTO"),
        ("BECAME_NAMES", "P_RAISED"),
    ],
)
def test_every_code_of_a_group_that_counts_from_0_has_a_name(table: str, group: str) -> None:
    assigned = [node.targets[0] for node in ast.parse(WORDS_SOURCE).body if isinstance(node, ast.Assign)]
    members = [
        [one.id for one in node.elts if isinstance(one, ast.Name)] for node in assigned if isinstance(node, ast.Tuple)
    ]
    (found,) = (names_ for names_ in members if names_ and names_[0] == group)
    assert len(getattr(names, table)) == len(found)


def test_transitions_are_the_same_with_and_without_words() -> None:
    assert [row[:2] for row in names.TRANSITIONS] == list(words.TRANSITIONS)


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_what_is_packed_is_what_is_unpacked(kind: int) -> None:
    payload = bytearray(frame.PAYLOAD_MAX)
    values = tuple(sample(format_) for _, format_ in messages.fields(kind))
    size = messages.pack(kind, payload, values)
    assert messages.unpack(kind, payload, size) == values


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_a_body_of_another_size_is_no_message(kind: int) -> None:
    payload = bytearray(frame.PAYLOAD_MAX)
    size = messages.body_size(kind)
    assert messages.unpack(kind, payload, size) is not None
    assert messages.unpack(kind, payload, size - 1) is None
    if messages.fields(kind)[-1][1] != "*":
        assert messages.unpack(kind, payload, size + 1) is None


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_misuse_is_refused_with_message_field_and_value_and_nothing_is_written(kind: int) -> None:
    fields = messages.fields(kind)
    good = [sample(format_) for _, format_ in fields]
    for place, (field, format_) in enumerate(fields):
        for bad in bad_values(format_):
            payload = bytearray(frame.PAYLOAD_MAX)
            with pytest.raises(messages.Misuse, match=f"^{messages.name(kind)}: .*"):
                messages.pack(kind, payload, (*good[:place], bad, *good[place + 1 :]))
            assert not any(payload), field
    for count in (len(good) - 1, len(good) + 1):
        with pytest.raises(messages.Misuse, match="values for"):
            messages.pack(kind, bytearray(frame.PAYLOAD_MAX), (*good, 0)[:count])


def bad_values(format_: str) -> list[Any]:
    """Return values that a field of that format can not have."""
    if format_ == "*":
        return [b"\x01" * (frame.BODY_MAX + 1), "text", 5]
    if format_ in messages.LIMITS:
        least, most = messages.LIMITS[format_]
        return [least - 1, most + 1, 1.5, "1", None, b"\x01"]
    size = int(format_[:-1])
    return [b"\x01" * (size - 1), b"\x01" * (size + 1), "x" * size, 5]


def test_limits_are_those_of_struct() -> None:
    for format_, limits in messages.LIMITS.items():
        for value in limits:
            struct.pack("<" + format_, value)
        for value in (limits[0] - 1, limits[1] + 1):
            with pytest.raises(struct.error):
                struct.pack("<" + format_, value)


def test_places_in_a_payload_are_those_of_the_layout() -> None:
    assert messages.place_of(messages.HEARTBEAT, "echo") == frame.AT_BODY
    assert messages.place_of(messages.HEARTBEAT, "firmware_hash") == frame.AT_BODY + 8
    with pytest.raises(KeyError):
        messages.place_of(messages.HEARTBEAT, "nothing")
    with pytest.raises(KeyError):
        messages.fields(31)


def test_text_is_cut_padded_and_made_printable() -> None:
    assert messages.padded("beacon", 8) == b"beacon\0\0"
    assert messages.padded("controller", 4) == b"cont"
    assert messages.text(b"beacon\0\0") == "beacon"
    assert messages.text(b"\x1b[2J\xff\0") == "?[2J?"


def test_a_configuration_in_which_two_things_want_the_second_port_is_refused() -> None:
    blob = configuration_blob(configuration.B_UART, configuration.AGENT_UART)
    assert configuration.verify(blob) == (messages.ACK_VALUE, configuration.field_place("agent"))
    for crosslink_b, agent in (
        (configuration.B_UART, configuration.AGENT_HOST),
        (configuration.B_PULSE, configuration.AGENT_UART),
    ):
        assert configuration.verify(configuration_blob(crosslink_b, agent)) == (messages.ACK_OK, 0)


def configuration_blob(crosslink_b: int, agent: int, rest: tuple[int, ...] = (0,) * 6, role: int = 1) -> bytes:
    """Return a configuration; `rest` are contact, direct, INVALID bits, UDP port, the neighbour's address and port."""
    return blob(2, 1, role, 2, crosslink_b, agent, 1, b"", rest)


def blob(
    address: int,
    peer: int,
    role: int,
    unit: int,
    crosslink_b: int,
    agent: int,
    primaries: int,
    beacons: bytes,
    rest: tuple[int, ...] = (0,) * 6,
) -> bytes:
    """Return the configuration of a board."""
    contact, direct, invalid, *network = rest
    name = messages.padded("board", 16)
    fixed = (address, peer, role, unit, crosslink_b, agent, 115200, 115200, 2000, name)
    more = (invalid * configuration.INPUT_INVALID_A, b"", contact, direct, *network)
    chain = beacons.ljust(messages.UNITS_MAX - 1, b"\0")
    group = (messages.padded("group", 16), primaries, chain, *settings.defaults())
    return configuration.pack(fixed + more, group)


CHAIN = bytes((1, 2, 3))
NONE, HOST, UART = configuration.AGENT_NONE, configuration.AGENT_HOST, configuration.AGENT_UART
FIRST = (1, 9, 0, 1, configuration.B_NONE, HOST, 3, CHAIN)
LAST = (3, 9, 0, 3, configuration.B_NONE, UART, 3, CHAIN)
AT_SPARE = (9, 1, messages.ROLE_CONTROLLER | messages.ROLE_SPARE, 4, configuration.B_NONE, UART, 3, CHAIN)


@pytest.mark.parametrize("board", [FIRST, LAST, AT_SPARE])
def test_boards_of_a_chain_are_accepted(board: Any) -> None:
    assert configuration.verify(blob(*board)) == (messages.ACK_OK, 0)
    assert configuration.Configuration(blob(*board)).beacons == b"\1\2\3\0\0\0\0"
    assert configuration.has_down(configuration.Configuration(blob(*board))) == (board is FIRST)


# board, place of the value that is changed, value, the field that is refused
BAD_CHAINS = (
    (FIRST, 7, b"\1\2", "beacons"),
    (FIRST, 7, b"\1\2\2", "beacons"),
    (FIRST, 7, b"\1\2\3\4", "beacons"),
    (FIRST, 7, b"\1\0\3", "beacons"),
    (FIRST, 7, b"\1\2\xf0", "beacons"),
    (FIRST, 7, b"\2\1\3", "address"),
    (FIRST, 0, 4, "address"),
    (FIRST, 1, 2, "peer"),
    (FIRST, 1, 0, "peer"),
    (FIRST, 3, 0, "unit"),
    (FIRST, 3, 4, "unit"),
    (FIRST, 4, configuration.B_PULSE, "crosslink_b"),
    (FIRST, 5, UART, "agent"),
    (AT_SPARE, 0, 2, "address"),
    (AT_SPARE, 1, 2, "peer"),
    (AT_SPARE, 4, configuration.B_PULSE, "crosslink_b"),
    (FIRST, 6, 1, "beacons"),
)


@pytest.mark.parametrize(("board", "place", "value", "field"), BAD_CHAINS)
def test_boards_that_can_be_no_chain_are_refused_by_the_field(board: Any, place: int, value: Any, field: str) -> None:
    changed = (*board[:place], value, *board[place + 1 :])
    assert configuration.verify(blob(*changed)) == (messages.ACK_VALUE, configuration.field_place(field))


def test_a_setting_out_of_its_limits_is_named_by_its_place() -> None:
    place = settings.index("beats")
    values = list(settings.defaults())
    values[place] = settings.SETTINGS[place][3] + 1
    fixed = (*FIRST[:6], 115200, 115200, 2000, bytes(16), 0, b"", 0, 0, 0, 0, 0)
    wrong = configuration.pack(fixed, (bytes(16), 3, CHAIN.ljust(7, b"\0"), *values))
    assert configuration.verify(wrong) == (messages.ACK_VALUE, configuration.field_place("beats"))


def test_a_configuration_with_any_bit_flipped_is_refused() -> None:
    blob = configuration_blob(configuration.B_PULSE, configuration.AGENT_UART)
    assert configuration.verify(blob) == (messages.ACK_OK, 0)
    for place in range(len(blob)):
        spoilt = bytearray(blob)
        spoilt[place] ^= 4
        assert configuration.verify(spoilt)[0] in (messages.ACK_CRC, messages.ACK_LAYOUT)
    assert configuration.verify(blob[:-1])[0] == messages.ACK_LAYOUT
    assert configuration.verify(b"")[0] == messages.ACK_LAYOUT


CONTROLLER, BEACON = messages.ROLE_CONTROLLER, 0
CONTACT, DIRECT, INVALID, PORT = ("contact", "direct", "inputs", "network_port")


@pytest.mark.parametrize(
    ("crosslink_b", "agent", "rest", "role", "wrong"),
    [
        (configuration.B_PULSE, configuration.AGENT_UART, (1, 0, 1, 0, 0, 0), CONTROLLER, ""),
        (configuration.B_PULSE, configuration.AGENT_HOST, (0, 1, 0, 0, 0, 0), CONTROLLER, ""),
        (configuration.B_UART, configuration.AGENT_HOST, (1, 0, 3, 4700, 1, 4700), CONTROLLER, ""),
        (configuration.B_PULSE, configuration.AGENT_UART, (0, 0, 1, 0, 0, 0), BEACON, ""),
        (configuration.B_PULSE, configuration.AGENT_UART, (0, 1, 0, 0, 0, 0), CONTROLLER, "agent"),
        (configuration.B_UART, configuration.AGENT_HOST, (0, 1, 0, 0, 0, 0), CONTROLLER, "agent"),
        (configuration.B_PULSE, configuration.AGENT_UART, (2, 0, 0, 0, 0, 0), CONTROLLER, CONTACT),
        (configuration.B_PULSE, configuration.AGENT_UART, (1, 0, 0, 0, 0, 0), BEACON, CONTACT),
        (configuration.B_PULSE, configuration.AGENT_HOST, (0, 2, 0, 0, 0, 0), CONTROLLER, DIRECT),
        (configuration.B_PULSE, configuration.AGENT_HOST, (0, 1, 0, 0, 0, 0), BEACON, DIRECT),
        (configuration.B_PULSE, configuration.AGENT_UART, (0, 0, 2, 0, 0, 0), CONTROLLER, INVALID),
        (configuration.B_UART, configuration.AGENT_HOST, (0, 0, 4, 0, 0, 0), CONTROLLER, INVALID),
        (configuration.B_PULSE, configuration.AGENT_UART, (0, 0, 0, 4700, 0, 4700), CONTROLLER, PORT),
        (configuration.B_PULSE, configuration.AGENT_UART, (0, 0, 0, 4700, 1, 0), CONTROLLER, PORT),
    ],
)
def test_a_path_that_does_not_go_with_the_rest_of_a_configuration_is_refused_by_name(
    crosslink_b: int, agent: int, rest: tuple[int, ...], role: int, wrong: str
) -> None:
    code, place = configuration.verify(configuration_blob(crosslink_b, agent, rest, role))
    if wrong:
        assert (code, place) == (messages.ACK_VALUE, configuration.field_place(wrong))
    else:
        assert (code, place) == (messages.ACK_OK, 0)
