"""The target for the configuration of a board, as bytes; runs on both Pythons.

A target takes any bytes, raises nothing but AssertionError, which is a finding, and tells what it saw as a checksum.
"""

import binascii
import struct

from hotspare_engine import settings
from hotspare_engine.engine import Engine
from hotspare_engine.watch import Watch
from hotspare_firmware import assemble
from hotspare_wire import configuration
from hotspare_wire import messages as m
from tests.fuzz.board.given import Given, Told
from tests.fuzz.board.wire import with_crc

RIGHT_CRC, OF_POOL, OF_BEACON = 1, 2, 4  # bits of the first byte
RUN_MS = 20
CHANGES_MAX = 24


_examples = {}


def example(pool, beacon):
    """Return the configuration of a controller, or of its beacon, of a pair or of a pool of three."""
    key = (1 if pool else 0) + (2 if beacon else 0)
    if key not in _examples:
        _examples[key] = _example(pool, beacon)
    return _examples[key]


def _example(pool, beacon):
    primaries = 3 if pool else 1
    beacons = (bytes([11, 12, 13]) if pool else b"") + bytes(m.UNITS_MAX - 1 - (3 if pool else 0))
    name = m.padded("board", m.NAME_SIZE)
    controller = 20
    first = 11 if pool else 10
    if beacon:
        part = (first, controller, 0, 1, 0, 0)
    else:
        part = (controller, first, m.ROLE_CONTROLLER | m.ROLE_SPARE, primaries + 1, 0, configuration.AGENT_UART)
    board = part + (115200, 115200, 2000, name)
    group = (m.padded("group", m.NAME_SIZE), primaries, beacons) + settings.defaults()
    return configuration.pack(board, group)


def blob(data):
    """Whatever a configuration says: it is refused with a code and a place, or all of it is in its limits and runs.

    What is accepted packs to the same bytes again; without its right checksum nothing is accepted.
    """
    given = Given(data)
    first = given.byte()
    it = bytearray(
        example(first & OF_POOL, first & OF_BEACON) if first & (RIGHT_CRC | OF_POOL | OF_BEACON) else given.rest()
    )
    for _ in range(CHANGES_MAX):
        if not given.left():
            break
        place = given.byte() % len(it)
        piece = given.data(1 + given.byte() % 4)
        it[place : place + len(piece)] = piece
    if first & RIGHT_CRC:
        it[-4:] = struct.pack("<I", binascii.crc32(bytes(it[:-4])))
    code, detail = configuration.verify(it)
    told = Told()
    told.add(code, detail, configuration.ident(it))
    assert code in (m.ACK_OK, m.ACK_LAYOUT, m.ACK_CRC, m.ACK_VALUE), "a code of something else"
    count = len(configuration.BOARD_FIELDS) + len(configuration.GROUP_FIELDS)
    assert code != m.ACK_VALUE or 0 <= detail < count, "a place where no field is"
    if code == m.ACK_OK:
        told.add(_runs(bytes(it)))
    return told.crc


def _runs(it):
    assert with_crc(it[:-4]) == it, "accepted with a wrong checksum"
    got = configuration.Configuration(it)
    for name, least, most in configuration.LIMITS:
        assert least <= getattr(got, name) <= most, "accepted beyond its limits: " + name
    assert settings.first_bad(got.settings) < 0, "accepted with a setting beyond its limits"
    board = tuple([getattr(got, field[0]) for field in configuration.BOARD_FIELDS[2:]])
    again = configuration.pack(board, (got.group, got.primaries, got.beacons) + got.settings)
    assert again == it, "it packs to other bytes"
    paths = assemble.plan_paths(got)
    if got.role & m.ROLE_CONTROLLER:
        engine = Engine(got.settings, got.primaries, got.unit - 1, paths)
    else:
        engine = Watch(got.settings, paths)
    for _ in range(3):
        engine.elapsed(RUN_MS)
    return got.hash, paths, engine.snapshot()
