"""The NOR flash that tests use in one process is as strict as the real one."""

from __future__ import annotations

import pytest

from tests.flash import CUTS, ERASE_US, PROGRAM_US, NorFlash, PowerCut

ONES = b"\xff" * 256
SOME = bytes(range(256))


def read(flash: NorFlash, page: int, offset: int = 0, size: int = 256) -> bytes:
    buffer = bytearray(size)
    flash.read(page, offset, buffer)
    return bytes(buffer)


def test_bits_only_fall_until_the_page_is_erased() -> None:
    flash = NorFlash(pages=2)
    flash.program(1, 256, SOME)
    flash.program(1, 256, b"\x0f" * 256)
    assert read(flash, 1, 256) == bytes(value & 0x0F for value in SOME)
    assert read(flash, 0, 256) == read(flash, 1, 0) == ONES
    flash.erase(1)
    assert read(flash, 1, 256) == ONES
    assert (flash.programs, flash.erases) == ([0, 2], [0, 1])
    assert flash.stalled_us == 2 * PROGRAM_US + ERASE_US


@pytest.mark.parametrize(
    ("page", "offset", "size"), [(2, 0, 256), (-1, 0, 256), (0, 10, 256), (0, 0, 10), (0, 4096, 256)]
)
def test_a_program_of_another_size_or_place_is_refused(page: int, offset: int, size: int) -> None:
    flash = NorFlash(pages=2)
    with pytest.raises(AssertionError):
        flash.program(page, offset, bytes(size))
    assert flash.operations == 0


@pytest.mark.parametrize(("how", "fallen"), [("whole", 256), ("none", 0), ("30", 76), ("70", 179)])
def test_power_goes_at_a_program_of_which_so_much_is_done(how: str, fallen: int) -> None:
    flash = NorFlash()
    flash.cut(1, how)
    with pytest.raises(PowerCut):
        flash.program(0, 0, bytes(512))
    assert read(flash, 0, 0, 512) == bytes(256 + fallen) + b"\xff" * (256 - fallen)
    with pytest.raises(PowerCut):  # a board without power does nothing more
        flash.program(0, 512, bytes(256))
    assert read(flash, 0, 512) == ONES
    flash.power_on()
    flash.program(0, 512, bytes(256))
    assert read(flash, 0, 512) == bytes(256)


def test_a_garbled_program_lets_some_bits_fall_and_none_rise() -> None:
    flash = NorFlash()
    flash.program(0, 0, SOME)
    flash.cut(0, "garbled")
    with pytest.raises(PowerCut):
        flash.program(0, 0, bytes(256))
    left = read(flash, 0)
    assert left not in (SOME, bytes(256))
    assert all(value & ~before == 0 for value, before in zip(left, SOME, strict=True))


@pytest.mark.parametrize("how", CUTS)
def test_power_goes_at_an_erase_of_which_so_much_is_done(how: str) -> None:
    flash = NorFlash()
    flash.program(3, 0, bytes(4096))
    flash.cut(0, how)
    with pytest.raises(PowerCut):
        flash.erase(3)
    left = read(flash, 3, 0, 4096)
    risen = {"whole": 4096, "none": 0, "30": 1228, "70": 2867}.get(how)
    if risen is None:
        assert len(set(left)) > 100
    else:
        assert left == b"\xff" * risen + bytes(4096 - risen)


def test_worn_pages_read_back_other_than_they_were_written() -> None:
    flash = NorFlash()
    flash.fails_to_program.add(0)
    flash.fails_to_erase.add(1)
    flash.program(0, 0, bytes(256))
    flash.erase(1)
    assert sum(value.bit_count() for value in read(flash, 0)) == 1
    assert read(flash, 1, 0, 4096) == b"\xff" * 4095 + b"\xfe"
