"""The recorder and its pages on a flash that loses its power at every single operation, wears out, and wraps around."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspare_firmware import pages as pages_module
from hotspare_firmware.pages import PAGES_MIN, Pages
from hotspare_firmware.recorder import EVENTS_MAX, STATE_MAX, UNSAVED_MAX, Recorder, pack, unpack
from tests.flash import CUTS, ERASE_US, PROGRAM_US, NorFlash, PowerCut

KIND = 7
STATES = [(2, 1, -1, number, 0, 0) for number in range(1, 100)]


class NoFile:
    """The store of a board that has pages: its file is never used."""

    def state(self) -> tuple[int, tuple[int, ...]]:
        return 0, ()

    def save_state(self, boot: int, values: tuple[int, ...]) -> bool:
        raise AssertionError("a file is slow: the pages are there")


class File(NoFile):
    """The store of a board without pages."""

    def __init__(self, well: bool = True) -> None:
        self.well = well
        self.tries = 0
        self.kept: tuple[int, tuple[int, ...]] = (0, ())

    def state(self) -> tuple[int, tuple[int, ...]]:
        return self.kept

    def save_state(self, boot: int, values: tuple[int, ...]) -> bool:
        self.tries += 1
        if self.well:
            self.kept = (boot, values)
        return self.well


def draws(seed: int = 1) -> Callable[[], bytes]:
    chance = random.Random(seed)
    return lambda: chance.randbytes(8)


def boot(flash: NorFlash | None, store: Any = None) -> Recorder:
    """Boot a recorder on what a flash holds."""
    return Recorder(Pages(flash, draws(flash.operations if flash else 0)), store or NoFile())


def small() -> NorFlash:
    """A flash whose pages are soon full."""
    return NorFlash(pages=5, page_size=1024)


def content(number: int) -> tuple[int, int, int, int]:
    """Return what the event of a number says: ms, kind, a, b."""
    return number * 10, KIND, number, -number


def settle(recorder: Recorder, quiet: bool = True) -> None:
    """Pump until nothing is left to do, and erase as quiet moments allow."""
    for _ in range(1000):
        if quiet and recorder.pages.wants_erase():
            recorder.pages.erase()
        if not recorder.pump():
            return
    raise AssertionError("the recorder never comes to rest")


def held(recorder: Recorder) -> Iterator[tuple[int, ...]]:
    """Read everything that a recorder holds, as a host does."""
    number = recorder.first()
    while (row := recorder.get(number)) is not None:
        yield row
        number = row[0] + 1


class Life:
    """What a board does with its recorder, and what had to outlive a cut at any moment of it."""

    def __init__(self, flash: NorFlash) -> None:
        self.flash = flash
        self.written = 0  # every event below it had been written
        self.acknowledged = 0
        self.states: list[tuple[int, ...]] = [()]  # as they were asked to be saved
        self.saved = 0  # place of the newest that had been written
        self.first = 0
        self.boots = 0

    def note(self, recorder: Recorder) -> None:
        self.written = recorder.flushed
        self.first = recorder.first()
        if not recorder.unsaved:
            self.saved = len(self.states) - 1

    def pump(self, recorder: Recorder) -> None:
        recorder.pump()
        self.note(recorder)

    def live(self, beats: int) -> None:
        """Boot, and record, save, acknowledge and erase for so many beats."""
        recorder = boot(self.flash)
        self.boots = recorder.boot
        self.note(recorder)
        for beat in range(beats):
            for _ in range(beat % 4):
                recorder.add(*content(recorder.next))
            if beat % 5 == 3:
                self.states.append(STATES[len(self.states)])
                recorder.save(self.states[-1])
                recorder.unsaved = 1  # asked for, and not yet written
            if beat % 7 == 2:
                assert recorder.keep(recorder.id, self.written)
                self.acknowledged = self.written
            if recorder.pages.wants_erase() and beat % 3 == 0:
                recorder.pages.erase()
            self.pump(recorder)

    def check(self) -> None:
        """The board boots again: nothing that was written is gone but what made room, and it goes on."""
        recorder = boot(self.flash)
        assert recorder.boot > self.boots
        assert recorder.saved in self.states[self.saved : self.saved + 2]
        rows = list(held(recorder))
        numbers = [row[0] for row in rows]
        assert numbers == sorted(set(numbers))
        # one page, the oldest, may have been under erasure
        oldest = recorder.first()
        assert oldest == self.first or oldest - self.first <= self.flash.page_size // pages_module.SLOT
        assert set(range(oldest, self.written)) <= set(numbers), "an acknowledged record is lost"
        assert all((row[2], row[3], row[4], row[5]) == content(row[0]) for row in rows)
        assert self.acknowledged <= recorder.next
        recorder.add(*content(recorder.next))
        newest = recorder.next - 1
        settle(recorder)
        again = boot(self.flash)
        assert again.get(newest)[0] == newest
        assert again.boot == recorder.boot + 1


BEATS = 170


def whole_life() -> int:
    """Return how many operations a life takes that nothing interrupts; it goes round all pages more than once."""
    life = Life(small())
    life.live(BEATS)
    assert min(life.flash.erases) >= 1
    assert life.first > 0, "the oldest events made room"
    return life.flash.operations


@pytest.mark.parametrize("how", CUTS)
def test_f13_a_cut_at_any_operation_loses_nothing_that_was_written(how: str) -> None:
    operations = whole_life()
    cases = 0
    for operation in range(operations):
        life = Life(small())
        life.flash.cut(operation, how)
        with pytest.raises(PowerCut):
            life.live(BEATS)
        life.flash.power_on()
        life.check()
        cases += 1
    assert cases == operations > 150


@pytest.mark.parametrize("how", CUTS)
def test_f13_a_second_cut_while_it_boots_again_loses_nothing_either(how: str) -> None:
    operations = whole_life()
    cases = 0
    for operation in range(0, operations, 3):
        for second in range(4):
            life = Life(small())
            life.flash.cut(operation, CUTS[operation % len(CUTS)])
            with pytest.raises(PowerCut):
                life.live(BEATS)
            life.flash.power_on()
            life.flash.cut(second, how)
            try:
                settle(boot(life.flash))
            except PowerCut:
                cases += 1
            life.flash.power_on()
            life.check()
    assert cases > 50


def test_numbers_and_boots_go_on_over_resets() -> None:
    flash = NorFlash()
    for turn in range(5):
        recorder = boot(flash)
        assert (recorder.boot, recorder.next) == (turn + 1, turn * 3)
        for _ in range(3):
            recorder.add(*content(recorder.next))
        settle(recorder)
    rows = list(held(boot(flash)))
    assert [row[0] for row in rows] == list(range(15))
    assert [row[1] for row in rows] == [1 + number // 3 for number in range(15)]


def test_what_was_not_pumped_is_gone_and_its_numbers_are_used_again_by_another_boot() -> None:
    flash = NorFlash()
    recorder = boot(flash)
    recorder.add(*content(0))
    settle(recorder)
    recorder.add(*content(1))
    again = boot(flash)
    assert again.get(1) is None
    assert (again.next, again.boot) == (1, 2)


def test_a_state_that_is_saved_already_costs_nothing() -> None:
    flash = NorFlash()
    recorder = boot(flash)
    recorder.save(STATES[0])
    settle(recorder)
    before = flash.operations
    recorder.save(STATES[0])
    assert not recorder.pump()
    assert flash.operations == before


def test_one_call_stalls_for_one_program_and_erases_wait_for_a_quiet_moment() -> None:
    flash = NorFlash()
    settle(boot(flash))
    recorder = boot(flash)
    flash.stall_us_max = flash.stalled_us = 0
    longest = 0
    for number in range(10_000):
        recorder.add(*content(recorder.next))
        if number % 50 == 0:
            recorder.save(STATES[number // 50 % len(STATES)])
        if recorder.pages.wants_erase():
            recorder.pages.erase()
        before = flash.stalled_us
        recorder.pump()
        longest = max(longest, flash.stalled_us - before)
    assert longest == PROGRAM_US <= 1000
    assert flash.stall_us_max == ERASE_US
    assert [row[0] for row in held(recorder)][-1] == 9_999
    # a hundred events a day, and the state every ten minutes that something stands
    erases_a_day = sum(flash.erases) / (10_000 / 100)
    assert 100_000 * flash.pages / (erases_a_day * 365) > 20, "years"


def test_without_a_quiet_moment_the_newest_stay_in_memory_and_the_gap_shows() -> None:
    flash = NorFlash(pages=16, page_size=1024)
    recorder = boot(flash)
    settle(recorder)
    while recorder.pages.clean or not recorder.pages.is_full():
        recorder.add(*content(recorder.next))
        recorder.pump()
    assert not recorder.is_failing()
    full = recorder.flushed
    for _ in range(EVENTS_MAX + 20):
        recorder.add(*content(recorder.next))
        recorder.pump()
    assert recorder.is_failing()
    assert recorder.get(full + 1)[0] == recorder.next - EVENTS_MAX
    settle(recorder)
    assert not recorder.is_failing()
    numbers = [row[0] for row in held(boot(flash))]
    assert numbers[-1] == recorder.next - 1
    gaps = [later for earlier, later in pairwise(numbers) if later != earlier + 1]
    assert len(gaps) == 1, "what was lost is one gap in the numbers"


def test_a_state_that_finds_no_room_is_said_to_be_unsaved() -> None:
    recorder = boot(small())
    settle(recorder)
    while recorder.pages.clean or not recorder.pages.is_full():
        recorder.add(*content(recorder.next))
        recorder.pump()
    recorder.save(STATES[5])
    for _ in range(UNSAVED_MAX + 1):
        recorder.pump()
    assert recorder.is_unsaved()
    settle(recorder)
    assert not recorder.is_unsaved()


@pytest.mark.parametrize("worn", ["fails_to_program", "fails_to_erase"])
def test_f15_a_worn_page_is_left_and_said_and_nothing_is_lost(worn: str) -> None:
    flash = small()
    recorder = boot(flash)
    settle(recorder)
    getattr(flash, worn).add(2)
    for _ in range(300):
        recorder.add(*content(recorder.next))
        settle(recorder)
    assert recorder.is_failing()
    again = boot(flash)
    numbers = [row[0] for row in held(again)]
    assert numbers == list(range(numbers[0], 300))


def test_f15_an_event_that_does_not_read_back_is_told_before_those_that_were_written_with_it() -> None:
    flash = small()
    recorder = boot(flash)
    settle(recorder)
    page = recorder.pages.used[-1][1]
    for number in range(5):
        recorder.add(*content(number))
    flash.fails_to_program.add(page)
    recorder.pump()  # of one piece the first event is broken, and the others stand there
    flash.fails_to_program.clear()
    settle(recorder)
    again = boot(flash)
    assert [row[0] for row in held(again)] == [0, 1, 2, 3, 4]
    assert [row[2:] for row in held(again)] == [content(number) for number in range(5)]
    assert again.get(5) is None


def test_f15_a_flash_that_takes_nothing_any_more_leaves_the_newest_in_memory_and_alarms() -> None:
    flash = small()
    recorder = boot(flash)
    settle(recorder)
    flash.fails_to_program = set(range(flash.pages))
    flash.fails_to_erase = set(range(flash.pages))
    for _ in range(500):
        recorder.add(*content(recorder.next))
        if recorder.pages.wants_erase():
            recorder.pages.erase()
        recorder.pump()
    recorder.save(STATES[3])
    for _ in range(UNSAVED_MAX + 1):
        recorder.pump()
    assert (recorder.is_failing(), recorder.is_unsaved()) == (True, True)
    assert recorder.get(recorder.next - 1)[0] == recorder.next - 1


def test_pages_of_another_board_are_taken_for_nothing() -> None:
    theirs, ours = small(), small()
    for flash, seed in ((theirs, 1), (ours, 2)):
        recorder = Recorder(Pages(flash, draws(seed)), NoFile())
        for _ in range(60):
            recorder.add(*content(recorder.next))
            settle(recorder)
    before = boot(ours)
    ours.contents[next(page for _, page, _ in before.pages.used)] = theirs.contents[0]
    again = boot(ours)
    assert (again.id, again.next) == (before.id, before.next)
    assert all(row[4] == row[0] for row in held(again))


@pytest.mark.parametrize("count", [0, PAGES_MIN - 1])
def test_a_board_without_pages_keeps_its_state_in_a_file_and_its_events_in_memory(count: int) -> None:
    store = File()
    for turn in range(2):
        recorder = boot(NorFlash(pages=count) if count else None, store)
        assert (recorder.boot, recorder.is_failing()) == (turn + 1, True)
        recorder.save(STATES[turn])
        for _ in range(EVENTS_MAX + 7):
            recorder.add(*content(recorder.next))
        recorder.pump()
        assert store.kept == (turn + 1, STATES[turn])
        assert recorder.first() == 7
        assert recorder.get(0) == (7, turn + 1, *content(7))
        assert recorder.get(recorder.next) is None


def test_a_board_whose_file_can_not_be_written_says_so() -> None:
    store = File(well=False)
    recorder = boot(None, store)
    recorder.save(STATES[0])
    for _ in range(100):
        recorder.pump()
    assert recorder.is_unsaved()
    assert store.tries == 2, "at boot and once for the state: a file that fails costs no time in every step"
    store.well = True
    recorder.save(STATES[0])
    recorder.pump()
    assert not recorder.is_unsaved()
    assert store.kept == (1, STATES[0])


def test_an_acknowledgement_of_another_recorder_or_of_what_was_never_told_counts_for_nothing() -> None:
    recorder = boot(small())
    recorder.add(*content(0))
    assert not recorder.keep(recorder.id, 1), "it is not written yet, and was told to nobody"
    assert recorder.get(0) is None
    settle(recorder)
    assert not recorder.keep(recorder.id + 1, 1)
    assert not recorder.keep(recorder.id, 2)
    assert recorder.keep(recorder.id, 1)
    assert recorder.kept == 1


def test_what_a_host_keeps_is_remembered_with_the_next_state() -> None:
    flash = small()
    recorder = boot(flash)
    for _ in range(3):
        recorder.add(*content(recorder.next))
    settle(recorder)
    assert recorder.keep(recorder.id, 2)
    recorder.save(recorder.saved)
    settle(recorder)
    assert boot(flash).kept == 2


@given(st.lists(st.integers(-(2**29), 2**29), max_size=STATE_MAX))
def test_small_integers_come_back_from_their_bytes(values: list[int]) -> None:
    data = pack(values)
    assert unpack(data, 0, len(data)) == tuple(values)


@given(st.binary(max_size=60))
def test_whatever_bytes_there_are_can_be_unpacked_or_are_refused(data: bytes) -> None:
    values = unpack(data, 0, len(data))
    assert values is None if data and data[-1] >= 128 else values is not None


@given(st.lists(st.tuples(st.integers(0, 2**32), st.integers(0, 1024)), min_size=5, max_size=5), st.integers(0, 150))
def test_whatever_a_flash_holds_a_recorder_boots_and_keeps_what_comes(
    damage: list[tuple[int, int]], beats: int
) -> None:
    life = Life(small())
    life.live(beats)
    flash = life.flash
    for page, (seed, size) in enumerate(damage):
        start = seed % (1024 - size + 1)
        flash.contents[page][start : start + size] = random.Random(seed).randbytes(size)
    recorder = boot(flash)
    number = recorder.next
    recorder.add(*content(number))
    settle(recorder)
    assert boot(flash).get(number) == (number, recorder.boot, *content(number))
    assert all((row[2], row[3], row[4], row[5]) == content(row[0]) for row in held(boot(flash)))


@given(st.integers(0, 4), st.integers(0, 1023), st.integers(1, 255), st.integers(1, 60))
def test_a_byte_that_rots_costs_its_record_and_no_other(page: int, place: int, bits: int, events: int) -> None:
    flash = small()
    recorder = boot(flash)
    for _ in range(events):
        recorder.add(*content(recorder.next))
        settle(recorder)
    flash.contents[page][place] ^= bits
    rows = list(held(boot(flash)))
    assert all((row[2], row[3], row[4], row[5]) == content(row[0]) for row in rows)
    gone = set(range(recorder.first(), events)) - {row[0] for row in rows}
    records_a_page = flash.page_size // pages_module.SLOT
    head = place < pages_module.FIRST_SLOT * pages_module.SLOT
    assert len(gone) <= (records_a_page if head else 1)
