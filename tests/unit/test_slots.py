"""The two slots of a configuration: what a boot takes, and power that goes at every operation of the filesystem."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hotspare import blob
from hotspare_firmware.files import Files
from hotspare_firmware.slots import SLOTS, Slots, slot_file
from tests import files
from tests.disks import SHARES, CuttingFiles, PowerCut


def configuration_of(beats: int) -> bytes:
    group = files.pair({"group.pair.beats": beats}).groups[0]
    return blob.of(group.boards[0], group)


OLD, NEW, OTHER = configuration_of(5), configuration_of(6), configuration_of(7)
Kept = dict[str, bytes]
Change = Callable[[CuttingFiles], object]


def a_board_with(blob_kept: bytes | None) -> Kept:
    kept: Kept = {}
    if blob_kept is not None:
        assert Slots(CuttingFiles(kept)).store(blob_kept)
    return kept


def boot(kept: Kept) -> Slots:
    return Slots(CuttingFiles(kept))


def tried(kept: Kept) -> Kept:
    """Return what is kept of a board that was given the new one on trial and has not started with it yet."""
    assert boot(kept).store(NEW, 60)
    return kept


# -- what a boot takes ----------------------------------------------------------------------------------------------


def test_what_is_stored_is_taken_by_the_next_boot_and_the_one_before_stays_in_the_other_slot() -> None:
    kept = a_board_with(OLD)
    assert boot(kept).store(NEW)
    assert (boot(kept).blob, boot(kept).trial_s) == (NEW, 0)
    for place, name in enumerate(SLOTS):
        damaged = {**kept, name: b"damaged"}
        assert boot(damaged).blob == (NEW if place == 0 else OLD)
    assert boot(dict.fromkeys(SLOTS, b"damaged")).blob is None


def test_a_trial_is_taken_by_one_boot_alone() -> None:
    kept = tried(a_board_with(OLD))
    first = boot(kept)
    assert (first.blob, first.trial_s, first.lapsed) == (NEW, 60, 0)
    second = boot(kept)
    assert (second.blob, second.trial_s, second.lapsed) == (OLD, 0, 1)
    third = boot(kept)
    assert (third.blob, third.trial_s, third.lapsed) == (OLD, 0, 0), "that it lapsed is told once"


def test_a_trial_that_is_confirmed_stays() -> None:
    kept = tried(a_board_with(OLD))
    assert boot(kept).confirm()
    assert [boot(kept).blob for _ in range(2)] == [NEW, NEW]
    assert boot(kept).trial_s == 0


def test_nothing_is_confirmed_where_nothing_is_on_trial() -> None:
    kept = a_board_with(OLD)
    assert not boot(kept).confirm()
    assert boot(kept).blob == OLD


def test_a_trial_of_a_board_without_a_configuration_leaves_none_behind() -> None:
    kept = tried({})
    assert boot(kept).blob == NEW
    assert boot(kept).blob is None


def test_what_is_stored_during_a_trial_takes_its_place_and_never_that_of_the_confirmed_one() -> None:
    for trial_s in (0, 30):
        kept = tried(a_board_with(OLD))
        running = boot(kept)
        assert running.store(OTHER, trial_s)
        assert not running.confirm(), "what is confirmed would be another one"
        assert boot(kept).blob == OTHER
        assert boot(kept).blob == (OLD if trial_s else OTHER)


def test_a_trial_that_can_not_be_marked_as_used_is_not_used() -> None:
    class ReadOnly(CuttingFiles):
        def rename(self, old: str, new: str) -> None:
            raise OSError(30, new)

    kept = tried(a_board_with(OLD))
    assert Slots(ReadOnly(kept)).blob == OLD
    assert not Slots(ReadOnly(kept)).store(NEW)


def test_what_does_not_read_back_is_not_stored() -> None:
    class Worn(CuttingFiles):
        def put(self, name: str, data: bytes) -> None:
            super().put(name, data[:-1] + bytes([data[-1] ^ 1]))

    kept = a_board_with(OLD)
    assert not Slots(Worn(kept)).store(NEW)
    assert boot(kept).blob == OLD


def test_every_damaged_byte_of_a_slot_makes_it_as_if_it_were_not_there() -> None:
    whole = slot_file(NEW, turn=7)
    for place in range(len(whole)):
        damaged = whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]
        assert boot({**a_board_with(OLD), SLOTS[1]: damaged}).blob == OLD
    assert boot({SLOTS[1]: whole}).blob == NEW


def test_the_host_writes_the_file_of_a_slot_as_the_board_does(tmp_path: Path) -> None:
    (tmp_path / SLOTS[0]).write_bytes(blob.slot_of(NEW))
    assert blob.slot_of(NEW) == slot_file(NEW)
    assert Slots(Files(f"{tmp_path}/")).blob == NEW


def within_a_trial() -> Kept:
    """Return what is kept of a board that runs the other one on trial."""
    kept = a_board_with(OLD)
    assert boot(kept).store(OTHER, 60)
    assert boot(kept).blob == OTHER
    return kept


# -- power that goes ------------------------------------------------------------------------------------------------


def store(disk: CuttingFiles) -> object:
    return Slots(disk).store(NEW)


def store_on_trial(disk: CuttingFiles) -> object:
    return Slots(disk).store(NEW, 60)


def confirm(disk: CuttingFiles) -> object:
    return Slots(disk).confirm()


def trial_and_confirm(disk: CuttingFiles) -> object:
    Slots(disk).store(NEW, 60)
    return Slots(disk).confirm()


def trial_and_return(disk: CuttingFiles) -> object:
    Slots(disk).store(NEW, 60)
    Slots(disk)
    return Slots(disk)


def another_during_a_trial(disk: CuttingFiles) -> object:
    return Slots(disk).store(NEW)


def first_store(disk: CuttingFiles) -> object:
    return Slots(disk).store(NEW)


def trial_over_a_damaged_slot(disk: CuttingFiles) -> object:
    disk.kept[SLOTS[1]] = b"damaged"
    return trial_and_confirm(disk)


# what is done, on what is kept before, and what may be in force for good after a cut
CASES: tuple[tuple[Change, Callable[[], Kept], tuple[bytes | None, ...]], ...] = (
    (store, lambda: a_board_with(OLD), (OLD, NEW)),
    (store_on_trial, lambda: a_board_with(OLD), (OLD,)),
    (boot_of_trial := Slots, lambda: tried(a_board_with(OLD)), (OLD,)),
    (confirm, lambda: tried(a_board_with(OLD)), (OLD, NEW)),
    (trial_and_confirm, lambda: a_board_with(OLD), (OLD, NEW)),
    (trial_and_return, lambda: a_board_with(OLD), (OLD,)),
    (another_during_a_trial, within_a_trial, (OLD, NEW)),
    (first_store, dict, (None, NEW)),
    (trial_over_a_damaged_slot, lambda: a_board_with(OLD), (OLD, NEW)),
)
CASES_MIN = 500


def cuts() -> Iterator[tuple[Change, Kept, tuple[bytes | None, ...], str]]:
    """Yield every change cut at every operation with every share of what it wrote."""
    for change, before, allowed in CASES:
        whole = CuttingFiles(before())
        change(whole)
        for at in range(1, len(whole.operations) + 1):
            for share in SHARES:
                disk = CuttingFiles(before(), at, share)
                with suppress(PowerCut):
                    change(disk)
                    raise AssertionError("the power did not go")
                yield change, disk.kept, allowed, f"operation {at}, {whole.operations[at - 1]}, {share}"


def test_f13_power_that_goes_at_any_operation_leaves_the_old_configuration_or_the_new_one() -> None:
    count = 0
    for change, kept, allowed, where in cuts():
        count += 1
        after = boot(kept)
        if after.trial_s:  # the trial's own boot, which ends with the old one unless somebody confirms it
            assert after.blob == NEW, (change, where)
            after = boot(kept)
        assert after.trial_s == 0, (change, where)
        assert after.blob in allowed, (change, where)
        assert boot(kept).blob == after.blob, "and it stays so"
        assert boot(kept).store(OTHER), (change, where)
        assert boot(kept).blob == OTHER, "and the next one is taken as ever"
    assert count >= CASES_MIN, f"{count} cases"


def test_f13_a_second_cut_while_the_first_is_made_good_leaves_no_board_without_a_configuration() -> None:
    count = 0
    for change, kept, allowed, where in cuts():
        repair = CuttingFiles(dict(kept))
        boot_of_trial(repair)
        for at in range(1, len(repair.operations) + 1):
            for share in SHARES:
                count += 1
                disk = CuttingFiles(dict(kept), at, share)
                with pytest.raises(PowerCut):
                    boot_of_trial(disk)
                after = boot(disk.kept)
                after = boot(disk.kept) if after.trial_s else after
                assert (after.blob in allowed, after.trial_s) == (True, 0), (change, where, at, share)
    assert count >= CASES_MIN, f"{count} cases"
