"""The boot record alone: what outlives a reset, what garbage is worth, which resets count, how many are many."""

from __future__ import annotations

import binascii
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspare_engine import names
from hotspare_engine import words as w
from hotspare_firmware import bootrecord
from hotspare_firmware.bootrecord import (
    AT_LIVE,
    KINDS,
    LATE_MAX_MS,
    RESETS_COUNTED,
    RESETS_MAX,
    WINDOW_S,
    WRITE_EVERY_S,
    BootRecord,
)

PLACE = 0x4005800C  # on a chip the first word stands at an address
SIZE = bootrecord.SIZE


class Memory:
    """Words by address that outlive resets; `boot` is what the firmware does with them."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self.words = {PLACE + at: chance.getrandbits(32) if chance else 0 for at in range(0, SIZE, 4)}

    def boot(self, chip: int = w.C_WATCHDOG) -> BootRecord:
        return BootRecord(self.words, PLACE, chip)

    def runs(self, s: int, chip: int = w.C_WATCHDOG) -> BootRecord:
        """Boot after a reset, and run for so long."""
        record = self.boot(chip)
        for _ in range(s // WRITE_EVERY_S):
            record.elapsed()
        return record


def test_zeros_and_garbage_at_power_up_are_no_record() -> None:
    chance = random.Random(4)
    found = [Memory().boot(w.C_POWER)]
    found += [Memory(chance).boot(w.C_WATCHDOG) for _ in range(2000)]
    assert [record for record in found if record.known] == []
    assert {record.resets for record in found} == {0}, "it was no firmware of ours that was reset"
    assert {record.cause for record in found[1:]} == {w.C_WATCHDOG}
    assert (found[0].resets, found[0].cause, found[0].kind, found[0].where) == (0, w.C_POWER, 0, 0)


@pytest.mark.parametrize("bit", range(64))
def test_one_wrong_bit_in_what_the_crc_covers_is_no_record(bit: int) -> None:
    memory = Memory()
    memory.boot(w.C_POWER)
    assert memory.boot().known
    memory.words[PLACE + 4 + bit // 32 * 4] ^= 1 << bit % 32
    assert not memory.boot().known


@pytest.mark.parametrize("chip", [w.C_WATCHDOG, w.C_HARD, w.C_SOFT])
@pytest.mark.parametrize("intent", [w.C_CONFIGURED, bootrecord.PLANNED, bootrecord.MAINTENANCE])
def test_a_reset_that_the_board_meant_is_told_by_its_intent_whatever_the_chip_says(chip: int, intent: int) -> None:
    memory = Memory()
    memory.boot(w.C_POWER).intend(intent)
    record = memory.boot(chip)
    assert (record.cause, record.was, record.chip, record.resets) == (intent, intent, chip, 0)
    again = memory.boot(w.C_WATCHDOG)
    assert (again.cause, again.was) == (w.C_WATCHDOG, 0), "an intent is good for one reset"


def test_without_an_intent_the_cause_is_what_the_chip_says() -> None:
    memory = Memory()
    memory.boot(w.C_POWER)
    assert [memory.boot(chip).cause for chip in (w.C_HARD, w.C_SOFT, w.C_WATCHDOG, 255)] == [1, 4, 2, 255]


def test_a_loss_of_power_forgets_everything_even_where_the_memory_did_not() -> None:
    memory = Memory()
    memory.boot(w.C_POWER).failed(ValueError("x"))
    for _ in range(5):
        memory.boot()
    record = memory.boot(w.C_POWER)
    assert (record.known, record.resets, record.kind, record.cause) == (False, 0, 0, w.C_POWER)
    assert not record.holds()


def test_part_lateness_and_uptime_of_the_last_boot_are_found_by_the_next() -> None:
    memory = Memory()
    record = memory.runs(200, w.C_POWER)
    live = record.late(812)
    assert live == record.live
    memory.words[record.live_at] = live | 2
    found = memory.boot()
    assert (found.part, found.late_ms, found.uptime_min) == (2, 812, 3)
    assert memory.boot().part == 0, "nothing of an older boot is told as the last one's"
    assert memory.boot().late(1 << 29) >> bootrecord.LATE_SHIFT == LATE_MAX_MS


def test_the_last_exception_is_kept_over_other_resets_and_the_part_beside_it() -> None:
    memory = Memory()
    record = memory.boot(w.C_POWER)
    memory.words[record.live_at] = record.late(40) | 3
    record.failed(KeyError("gone"))
    record.came_from('Traceback:\n  File "a.py", line 3, in f\nKeyError: gone\n')
    found = memory.boot()
    assert (found.cause, names.EXCEPTION_NAMES[found.kind]) == (w.C_EXCEPTION, "KeyError")
    assert (found.part, found.late_ms) == (3, 40)
    where = found.where
    assert where
    later = memory.runs(30, w.C_WATCHDOG)
    assert (later.cause, later.kind, later.where) == (w.C_WATCHDOG, found.kind, where)
    assert memory.words[later.live_at] >> bootrecord.KIND_SHIFT == found.kind


def test_the_place_of_an_exception_does_not_depend_on_what_it_says() -> None:
    text = 'Traceback (most recent call last):\n  File "board.py", line {}, in step\nOSError: {}\n'
    one = bootrecord.place_of(text.format(12, 5))
    assert one == bootrecord.place_of(text.format(12, "[Errno 28] ENOSPC"))
    assert one != bootrecord.place_of(text.format(13, 5))
    assert 0 <= one <= 0xFFFF
    assert bootrecord.place_of("") == bootrecord.place_of("MemoryError")


def test_every_kind_of_exception_has_its_name_and_the_rest_another() -> None:
    kinds = [MemoryError, OSError, IndexError, KeyError, ValueError, TypeError, AttributeError, NameError]
    kinds += [ImportError, AssertionError, ZeroDivisionError, OverflowError, RuntimeError]
    assert [names.EXCEPTION_NAMES[bootrecord.kind_of(kind())] for kind in kinds] == [kind.__name__ for kind in kinds]
    assert bootrecord.kind_of(StopIteration()) == KINDS == len(names.EXCEPTION_NAMES) - 1
    assert names.EXCEPTION_NAMES[KINDS] == "another"


def test_f10_three_resets_within_the_window_hold_and_two_do_not() -> None:
    memory = Memory()
    memory.boot(w.C_POWER)
    assert [memory.runs(100).holds() for _ in range(RESETS_MAX)] == [False, False, True]
    assert memory.boot(w.C_HARD).holds(), "another reset does not end it"


def test_f11_an_exception_counts_as_a_reset_by_the_watchdog() -> None:
    memory = Memory()
    record = memory.boot(w.C_POWER)
    for count in range(1, RESETS_MAX + 1):
        record.failed(RuntimeError())
        record = memory.boot(w.C_WATCHDOG)
        assert (record.cause, record.resets) == (w.C_EXCEPTION, count)
    assert record.holds()


def test_f10_the_window_slides_the_latest_three_count() -> None:
    memory = Memory()
    memory.boot(w.C_POWER)
    memory.runs(WINDOW_S - 20)
    memory.runs(30)  # the second of three
    assert not memory.boot().holds(), "the first is out of the window by now"
    assert memory.boot().holds(), "the second and the two after it are within one"


def test_f10_resets_further_apart_than_the_window_never_hold() -> None:
    memory = Memory()
    memory.boot(w.C_POWER)
    for _ in range(8):
        record = memory.runs(WINDOW_S // 2 + 2 * WRITE_EVERY_S)
        assert not record.holds()


def test_a_count_that_is_out_of_the_window_is_not_told_any_more() -> None:
    memory = Memory()
    memory.boot(w.C_POWER)
    record = memory.runs(WINDOW_S)
    assert (record.resets, record.first_s) == (1, WINDOW_S)
    record.elapsed()
    assert (record.resets, record.first_s) == (0, 0)


def test_planned_resets_never_count() -> None:
    memory = Memory()
    record = memory.boot(w.C_POWER)
    for intent in [w.C_CONFIGURED, bootrecord.PLANNED, bootrecord.MAINTENANCE] * 3:
        record.intend(intent)
        record = memory.boot(w.C_WATCHDOG)
        assert record.resets == 0


def test_a_hold_lasts_until_it_is_cleared_and_the_exit_survives_a_reset() -> None:
    memory = Memory()
    memory.boot(w.C_POWER)
    for _ in range(RESETS_MAX):
        record = memory.boot()
    for _ in range(3 * WINDOW_S // WRITE_EVERY_S):
        record.elapsed()
    assert record.holds(), "time alone does not end it"
    record.clear()
    assert not record.holds()
    after = memory.boot(w.C_HARD)
    assert (after.holds(), after.resets) == (False, 0)
    assert [memory.boot().holds() for _ in range(RESETS_MAX)] == [False, False, True], "the count begins anew"


def test_a_board_that_is_reset_again_while_it_holds_starts_bare_and_the_count_stops() -> None:
    memory = Memory()
    memory.boot(w.C_POWER)
    bare = [memory.boot().is_bare() for _ in range(RESETS_MAX + 1)]
    assert bare == [False] * RESETS_MAX + [True]
    for _ in range(40):
        record = memory.boot()
    assert record.resets == RESETS_COUNTED
    record.clear()
    assert not memory.boot(w.C_HARD).is_bare()


@given(st.lists(st.tuples(st.integers(0, 2000), st.sampled_from([w.C_WATCHDOG, w.C_HARD])), max_size=30))
def test_f10_a_hold_begins_with_the_third_reset_within_the_window_and_no_sooner(runs: list[tuple[int, int]]) -> None:
    memory = Memory()
    memory.boot(w.C_POWER)
    now_s = 0
    resets: list[int] = []
    held = False
    for run_s, chip in runs:
        if chip == w.C_WATCHDOG:
            resets.append(now_s)
            held = held or sum(now_s - at_s <= WINDOW_S for at_s in resets) >= RESETS_MAX
        assert memory.runs(run_s, chip).holds() == held
        now_s += run_s // WRITE_EVERY_S * WRITE_EVERY_S


@given(st.integers(0, 2000), st.integers(0, 6), st.integers(0, 40), st.integers(0, 1 << 20))
def test_whatever_is_left_fits_its_words_and_is_found_again(run_s: int, part: int, resets: int, late_ms: int) -> None:
    memory = Memory()
    memory.boot(w.C_POWER)
    for _ in range(resets):
        memory.boot()
    record = memory.runs(run_s)
    memory.words[record.live_at] = record.late(late_ms) | part
    assert all(0 <= word < 1 << 32 for word in memory.words.values())
    assert memory.words[PLACE + AT_LIVE] < 1 << 30, "a small integer on a 32-bit board: it is written in every step"
    one, two = memory.words[PLACE + 4], memory.words[PLACE + 8]
    assert memory.words[PLACE] == binascii.crc32(struct.pack("<II", one, two), bootrecord.SALT)
    found = memory.boot(w.C_HARD)
    assert (found.known, found.part, found.late_ms, found.resets) == (
        True, part, min(late_ms, LATE_MAX_MS), record.resets,
    )  # fmt: skip
