"""Targets for what a board keeps in files, and over a reset in memory; runs on both Pythons.

A target takes any bytes, raises nothing but AssertionError, which is a finding, and tells what it saw as a checksum.
"""

import binascii
import struct

from hotspare_engine import words as w
from hotspare_firmware import bootrecord, slots, store
from hotspare_firmware.bootrecord import BootRecord
from hotspare_wire import configuration, trust
from tests.fuzz.board.blobs import example
from tests.fuzz.board.given import Given, Told
from tests.fuzz.board.story import KEYS, Nonces
from tests.fuzz.board.wire import with_crc

FILE_MAX = 255


class Memory:
    """Files of a board in memory, as Files has them: replaced whole or not at all."""

    def __init__(self):
        self.kept = {}
        self.full = False

    def stands(self, name):
        """Return whether there is a file of that name."""
        return name in self.kept

    def read(self, name):
        """Return what a file holds, None without one."""
        return self.kept.get(name)

    def replace(self, name, data):
        """Let a file hold `data`; return whether it does."""
        if not self.full:
            self.kept[name] = bytes(data)
        return not self.full


# -- files -----------------------------------------------------------------------------------------------------------

TURN_MAX = 0xFFFFFFF0  # no board is configured more often than that


def files(data):
    """Whatever two slots hold: a boot takes a configuration that is right, the newest confirmed or one trial, once.

    What is stored is what the next boot takes, and one that was on trial is never taken twice.
    """
    given = Given(data)
    kept = Memory()
    right = []
    for name in slots.SLOTS:
        what = given.byte()
        if what & 3 == 0:
            continue
        if what & 3 == 1:
            kept.kept[name] = given.piece(FILE_MAX)
            continue
        it = example(what & 4, what & 8)
        state, turn = given.byte() & 7, min(given.number(4), TURN_MAX)
        content = slots.slot_file(it, state, given.number(2), turn)
        if what & 3 == 3:
            at = given.number(2) % len(content)
            piece = given.piece(8)
            content = (content[:at] + piece + content[at + len(piece) :])[: len(content) - given.byte() % 9]
        if with_crc(content[:-4]) == content and not configuration.verify(content[slots.HEAD_SIZE : -4])[0]:
            right.append((content[0], it))
        kept.kept[name] = content
    kept.full = given.byte() & 1 == 1
    boot = slots.Slots(kept)
    told = Told()
    told.add(boot.blob or b"", boot.trial_s, boot.lapsed)
    states = [state for state, _ in right]
    if boot.blob is None:
        assert slots.CONFIRMED not in states, "a board with a confirmed configuration has none"
    else:
        assert not configuration.verify(boot.blob)[0], "a configuration that is not right is taken"
    assert not boot.trial_s or slots.TRIAL in states, "a trial that nobody began"
    assert boot.lapsed == (slots.TRIED in states), "a trial lapsed, or did not, and it is said otherwise"
    _goes_on(kept, boot, told)
    return told.crc


def _goes_on(kept, boot, told):
    if not kept.full:
        again = slots.Slots(kept)
        assert not again.trial_s, "a trial is taken twice"
        told.add(again.blob or b"", again.lapsed)
    if boot.trial_s and boot.confirm():
        assert slots.Slots(kept).blob == boot.blob, "what was confirmed is not taken"
    kept.full = False
    it = example(0, 0)
    boot = slots.Slots(kept)
    assert boot.store(it, 60) and slots.Slots(kept).trial_s == 60, "a trial is not taken"
    boot = slots.Slots(kept)
    assert boot.store(it) and slots.Slots(kept).blob == it, "what is stored is not taken"


def folder(data):
    """Whatever the files of state and of keys hold: a state that was saved or none, and keys that were saved or others.

    A board whose file of keys is damaged obeys nobody.
    """
    given = Given(data)
    kept = Memory()
    what = given.byte()
    it = store.Store("", kept)
    if what & 1:
        state = given.piece(FILE_MAX)
        kept.kept[store.STATE] = with_crc(state) if what & 2 else state
    if what & 4:
        content = given.piece(FILE_MAX)
        if what & 8:
            content = store.keys_file(KEYS[: given.byte() % 3])
            content = content[: len(content) - given.byte() % 5] + given.piece(4)
        kept.kept[store.KEYS] = content
    boot, values = it.state()
    told = Told()
    told.add(boot, values)
    content = kept.kept.get(store.STATE, b"")
    if boot or values:
        assert struct.pack("<%di" % (1 + len(values)), boot, *values) == content[:-4], "a state that nobody saved"
        assert with_crc(content[:-4]) == content, "a state with a wrong checksum"
    draw = Nonces(1)
    _obeys(it.keys(draw), kept.kept.get(store.KEYS), told)
    assert it.save_state(7, (1, -2)) and it.state() == (7, (1, -2)), "a state that is saved is another one"
    assert it.save_keys(KEYS) and it.keys(draw) == KEYS, "keys that are saved are others"
    return told.crc


def _obeys(keys, content, told):
    told.add(len(keys))
    if content is None:
        assert keys == (), "keys that nobody gave"
    elif with_crc(content[:-4]) == content and (len(content) - 4) % trust.KEY_SIZE == 0:
        assert b"".join(keys) == content[:-4], "other keys than the file's"
    else:
        assert len(keys) == 1 and keys[0] not in content, "a damaged file of keys lets strangers in"


# -- the boot record -------------------------------------------------------------------------------------------------

AT = 0x4005800C
CAUSES = 8
STEPS_MAX = 40
ERRORS = (OSError(5), MemoryError(), ValueError("x"), KeyError(1), RuntimeError("y"))


def boots(data):
    """Whatever four words hold: a record that is right or none, counts in bounds, and the next boot reads it back."""
    given = Given(data)
    first = given.byte()
    words = {}
    for at in range(0, bootrecord.SIZE, 4):
        words[AT + at] = given.number(4)
    right = struct.pack("<II", words[AT + 4], words[AT + 8])
    if first & 1:
        words[AT] = binascii.crc32(right, bootrecord.SALT)
    chip = given.byte() % CAUSES
    is_right = words[AT] == binascii.crc32(right, bootrecord.SALT)
    record = BootRecord(words, AT, chip)
    told = Told()
    assert record.known == (is_right and chip != w.C_POWER), "garbage is a record, or a record is none"
    _sound(record, words, told)
    for _ in range(STEPS_MAX):
        if not given.left():
            break
        what = given.byte() % 6
        if what == 0:
            record.elapsed()
        elif what == 1:
            words[record.live_at] = record.late(given.number(3)) | given.byte() & bootrecord.PART_MASK
        elif what == 2:
            record.failed(ERRORS[given.byte() % len(ERRORS)])
            record.came_from("a\n  b %d\n c" % given.byte())
        elif what == 3:
            record.clear()
        elif what == 4:
            record.intend(given.byte() & 7)
        else:
            was = record
            record = BootRecord(words, AT, given.byte() % CAUSES)
            assert record.known == (record.chip != w.C_POWER), "what was left is not known"
            if record.known:
                assert record.was == was.intent and record.where == was.where, "it was left otherwise"
                assert was.resets <= record.resets + 1 and record.resets <= was.resets + 1, "resets are lost"
        _sound(record, words, told)
    return told.crc


def _sound(record, words, told):
    for at in range(0, bootrecord.SIZE, 4):
        assert 0 <= words[AT + at] <= 0xFFFFFFFF, "a word that memory can not hold"
        told.add(words[AT + at])
    assert 0 <= record.resets <= bootrecord.RESETS_COUNTED and 0 <= record.late_ms <= bootrecord.LATE_MAX_MS
    assert 0 <= record.second_s <= bootrecord.AGE_MAX_S and 0 <= record.first_s <= bootrecord.AGE_MAX_S
    assert record.holds() or not record.is_bare()
    told.add(record.cause, record.was, record.resets, record.kind, record.where, record.part, record.uptime_min)
