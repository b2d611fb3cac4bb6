"""Targets for the recorder on its pages, and for the saved state that it keeps; runs on both Pythons.

A target takes any bytes, raises nothing but AssertionError, which is a finding, and tells what it saw as a checksum.
"""

import struct

from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_engine.engine import Engine
from hotspare_firmware import pages, recorder
from hotspare_firmware.store import Store
from tests.fuzz.board.given import Given, Told
from tests.fuzz.board.kept import Memory
from tests.fuzz.board.story import Nonces
from tests.fuzz.board.wire import with_crc

PAGE_BYTES = 512  # as small as there are
PAGES_MAX = 6
EVENTS = 24
PUMPS_MAX = 200


class Nor:
    """NOR flash in memory: a program lets bits fall, an erase lets all rise; one page may be worn."""

    def __init__(self, count, unit):
        self.pages, self.page_size, self.program_size = count, PAGE_BYTES, unit
        self.contents = [bytearray(b"\xff" * PAGE_BYTES) for _ in range(count)]
        self.programs = 0
        self.worn = -1

    def read(self, page, offset, buffer):
        """Fill the buffer from a page."""
        assert 0 <= page < self.pages and 0 <= offset <= PAGE_BYTES - len(buffer), "read outside of the flash"
        buffer[:] = self.contents[page][offset : offset + len(buffer)]

    def program(self, page, offset, data):
        """Let bits fall."""
        assert 0 <= page < self.pages and 0 <= offset <= PAGE_BYTES - len(data), "programmed outside of the flash"
        assert not offset % self.program_size and not len(data) % self.program_size, "programmed in another unit"
        self.programs += 1
        content = self.contents[page]
        stuck = page == self.worn
        for at in range(len(data)):
            falls = content[offset + at] & ~data[at] & 0xFF
            if stuck and falls:
                falls &= falls - 1  # the first bit to fall stays where it is
                stuck = False
            content[offset + at] &= ~falls & 0xFF

    def erase(self, page):
        """Let all bits of a page rise."""
        assert 0 <= page < self.pages
        self.contents[page] = bytearray(b"\xff" * PAGE_BYTES)
        if page == self.worn:
            self.contents[page][-1] &= 0xFE


def _record(what, body):
    return with_crc(bytes([what, len(body)]) + body)


def _content(given, flash):
    """Fill the pages with records that are right, halves of such, and noise."""
    owner = given.byte() & 3
    for page in range(flash.pages):
        how = given.byte()
        content = flash.contents[page]
        at = 0
        if how & 1:
            _put(content, 0, _record(pages.CLEAN, struct.pack("<I8sI", owner if how & 2 else how, bytes(8), how)))
        if how & 4:
            order = given.byte()
            _put(content, 1, _record(pages.HEAD, struct.pack("<III", owner, order, given.number(2))))
            at = 2
        for _ in range(how >> 3 & 7):
            at += _put(content, at, _some(given))
        if how & 64:
            place = given.number(2) % PAGE_BYTES
            for byte in given.piece(32):
                content[place % PAGE_BYTES] = byte
                place += 1


def _some(given):
    what = given.byte()
    if what & 3 == 0:
        # no flash lives until numbers or boots come to the end of theirs
        return _record(pages.EVENT, struct.pack("<II", given.number(2), given.number(2)) + given.data(13))
    if what & 3 == 1:
        values = [given.number(1) - 128 for _ in range(given.byte() % 20)]
        return _record(pages.STATE, struct.pack("<III", given.number(2), given.number(2), 0) + recorder.pack(values))
    if what & 3 == 2:
        return given.piece(96)
    half = _record(pages.EVENT, given.data(21))
    return half[: given.byte() % len(half)]


def _put(content, slot, data):
    at = slot * pages.SLOT
    data = data[: max(0, PAGE_BYTES - at)]
    content[at : at + len(data)] = data
    return (len(data) + pages.SLOT - 1) // pages.SLOT


def flash(data):
    """Whatever pages hold: a board boots, records, and what it told is there after the next boot, with its number.

    At most one program a call; nothing outside of the flash; what is kept in memory has bounds.
    """
    given = Given(data)
    first = given.byte()
    nor = Nor(first % (PAGES_MAX + 1), 256 if first & 64 else 32)
    if first & 128:
        nor.worn = given.byte() % PAGES_MAX
    _content(given, nor)
    draw = Nonces(0)
    files = Store("", Memory())
    told = Told()
    kept = {}
    before = 0
    for _ in range(3):
        found = recorder.Recorder(pages.Pages(nor, draw), files)
        told.add(found.id, found.boot, found.next, found.first(), found.saved)
        assert found.next >= before, "numbers are given twice"
        _bounded(found, nor)
        _all_there(found, nor, kept, told)
        _records(found, nor, kept, given)
        before = found.flushed if found.pages.count else 0  # without pages an event has its boot and its number
    return told.crc


def _bounded(found, nor):
    it = found.pages
    places = [row[1] for row in it.used] + it.clean + it.dirty
    assert len(places) == len(set(places)) and len(places) <= nor.pages, "a page is in two lists"
    assert it.slot <= it.slots, "a slot behind the end"
    assert [row[0] for row in it.used] == sorted([row[0] for row in it.used]), "pages out of order"


def _all_there(found, nor, kept, told):
    for number in sorted(kept):
        if number >= found.first():
            got = found.get(number)
            assert got is not None and got[0] == number and got[2:] == kept[number], "an event is lost or another one"
    number = found.first()
    for _ in range(EVENTS):
        got = found.get(number)
        if got is None:
            break
        assert got[0] >= number, "an event before the one that was asked for"
        if found.pages.count and number < found.begun:
            record = _record(pages.EVENT, struct.pack("<IIIBii", *got))
            assert [content for content in nor.contents if record in content], "an event that no page holds"
        number = got[0] + 1
        told.add(got)


def _records(found, nor, kept, given):
    values = tuple([given.byte() - 128 for _ in range(given.byte() % 12)])
    if found.pages.wants_erase() and given.byte() & 1:
        found.erase()
    for at in range(EVENTS):
        row = (at, 1 + at % 9, given.byte(), -at)
        number = found.next
        found.add(*row)
        if at == EVENTS // 2:
            found.save(values)
        for _ in range(given.byte() & 3):
            programs = nor.programs
            found.pump()
            assert nor.programs <= programs + 1, "more than one program in one call"
        if found.pages.wants_erase() and at % 8 == 7:
            found.erase()
        kept[number] = row
    for _ in range(PUMPS_MAX):
        if not found.pump():
            break
    _bounded(found, nor)
    for number in [number for number in kept if number >= found.flushed or not found.pages.count]:
        del kept[number]


# -- the saved state -------------------------------------------------------------------------------------------------

PATHS = ((w.PATH_CROSSLINK_A, 0, 1, 100, 5), (w.PATH_AGENT, 1, 101, 100, 5))


def saved(data):
    """Whatever a saved state holds: it is taken up, and is what would be saved again, or nothing changes."""
    given = Given(data)
    first = given.byte()
    if first & 1:
        values = _values(given)
    else:
        content = given.rest()
        values = recorder.unpack(content, 0, len(content))
    told = Told()
    if values is None:
        return told.crc
    packed = recorder.pack(values)
    assert recorder.unpack(packed, 0, len(packed)) == tuple(values), "other values come back"
    primaries = 3 if first & 4 else 1
    engine = Engine(settings.defaults(), primaries, primaries, PATHS)
    before = engine.snapshot()
    if engine.resume(tuple(values)):
        again = engine.saved()
        told.add(again)
        assert w.NONE <= again[2] < primaries and 0 <= again[4] < 1 << primaries, "a line or a unit that there is not"
        other = Engine(settings.defaults(), primaries, primaries, PATHS)
        assert other.resume(again) and other.saved() == again, "it is not what was saved"
    else:
        assert engine.snapshot() == before, "what was refused changed something"
    for _ in range(3):
        engine.elapsed(20)
    told.add(engine.snapshot())
    return told.crc


def _values(given):
    """Return values that are nearly right."""
    values = [2, given.byte() & 1, (given.byte() & 3) - 1, 1 + given.number(2), given.byte() & 7, given.byte() & 1]
    while given.left() and len(values) < 6 + 6 * 11:
        request = (w.OUT, w.LO, w.FS, given.byte())[given.byte() & 3]
        values += [
            request,
            given.number(2),
            given.byte() & 3,
            (given.byte() & 3) - 1,
            given.number(2),
            given.byte() & 1,
        ]
    return values
