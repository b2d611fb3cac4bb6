"""The port layer: raw pages are found behind a filesystem by what is in them, and nothing else is ever written to."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspare_firmware import flash as firmware
from hotspare_firmware.flash import HEAD_BYTES, OFTEN, PAGE_BYTES, PAGES, Flash, find

BLOCKS = 64


class Device:
    """A block device of a board under a filesystem that is a folder: the files of a page stand in its blocks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scans = 0
        self.others: dict[int, bytes] = {}  # what else stands in blocks
        self.written: list[str] = []
        self.fails = False

    def file(self, block: int) -> Path | None:
        """Return the file in a block: they stand backwards, and not side by side."""
        path = self.folder / f"{PAGES - 1 - (block - 5) // 3:02d}"
        return path if (block - 5) % 3 == 0 and path.is_file() else None

    def block_of(self, page: int) -> int:
        return 5 + 3 * (PAGES - 1 - page)

    def readblocks(self, block: int, buffer: bytearray, offset: int) -> None:
        if self.fails:
            raise OSError(5)
        file = self.file(block)
        content = file.read_bytes() if file else self.others.get(block, bytes([block, 0xA5]) * (PAGE_BYTES // 2))
        buffer[:] = content[offset : offset + len(buffer)].ljust(len(buffer), b"\0")

    def writeblocks(self, block: int, data: bytes, offset: int) -> None:
        if self.fails:
            raise OSError(5)
        file = self.file(block)
        assert file, f"block {block} is none of ours"
        content = bytearray(file.read_bytes())
        for at, byte in enumerate(data, offset):
            content[at] &= byte
        file.write_bytes(content)
        self.written.append(file.name)

    def ioctl(self, request: int, block: int) -> int:
        if self.fails:
            raise OSError(5)
        if request == firmware.COUNT:
            self.scans += 1
            return BLOCKS
        assert request == firmware.ERASE
        file = self.file(block)
        assert file, f"block {block} is none of ours"
        file.write_bytes(b"\xff" * PAGE_BYTES)
        return 0


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path / "pages")


def boot(device: Device) -> Flash:
    """Return the pages as the firmware finds them when it starts."""
    device.scans = 0
    return Flash(device, find(device, str(device.folder)))


def read(flash: Flash, page: int, offset: int = 0, size: int = 256) -> bytes:
    buffer = bytearray(size)
    flash.read(page, offset, buffer)
    return bytes(buffer)


def fill(flash: Flash) -> None:
    """Write into every page what tells it from all the others."""
    for page in range(flash.pages):
        flash.erase(page)
        flash.program(page, 0, bytes([page]) * 256)


def test_a_new_board_gets_its_pages_with_one_scan_and_finds_them_again_with_one(device: Device) -> None:
    flash = boot(device)
    assert (flash.pages, flash.page_size, flash.program_size, device.scans) == (PAGES, 4096, 256, 1)
    fill(flash)
    again = boot(device)
    assert device.scans == 1
    assert [read(again, page) for page in range(again.pages)] == [bytes([page]) * 256 for page in range(PAGES)]


def test_what_is_written_to_a_page_stands_in_its_own_file(device: Device) -> None:
    flash = boot(device)
    flash.erase(3)
    flash.program(3, 512, b"\x0f" * 256)
    flash.program(3, 512, b"\xfe" * 256)
    content = (device.folder / "03").read_bytes()
    assert content == b"\xff" * 512 + b"\x0e" * 256 + b"\xff" * (PAGE_BYTES - 768)
    assert read(flash, 3, 500, 20) == b"\xff" * 12 + b"\x0e" * 8


def test_a_page_that_is_erased_is_made_anew_and_the_others_stay(device: Device) -> None:
    flash = boot(device)
    fill(flash)
    flash.erase(7)
    flash.erase(8)
    again = boot(device)
    kept = [page for page in range(PAGES) if read(again, page) == bytes([page]) * 256]
    assert kept == [page for page in range(PAGES) if page not in (7, 8)]
    assert device.scans == 2
    again.erase(7)
    again.program(7, 0, bytes(256))
    assert set((device.folder / "07").read_bytes()[:256]) == {0}


def test_a_head_that_stands_somewhere_else_too_proves_nothing(device: Device) -> None:
    flash = boot(device)
    fill(flash)
    device.others[1] = (device.folder / "04").read_bytes()[:HEAD_BYTES] + bytes(PAGE_BYTES - HEAD_BYTES)
    heads: list[bytes | None] = [None] * PAGES
    heads[4] = device.others[1][:HEAD_BYTES]
    assert firmware._scan(device, heads)[4] == OFTEN
    again = boot(device)
    assert again.pages == PAGES
    assert read(again, 4) != bytes([4]) * 256  # made anew, and so found
    again.program(4, 0, bytes(256))
    assert device.written[-1] == "04"


@pytest.mark.parametrize("size", [0, 1, 31, 4095, 4097])
def test_a_file_that_is_not_exactly_one_block_is_made_anew(device: Device, size: int) -> None:
    boot(device)
    (device.folder / "02").write_bytes(b"x" * size)
    assert boot(device).pages == PAGES
    assert (device.folder / "02").stat().st_size == PAGE_BYTES


def test_a_full_filesystem_gives_fewer_pages_and_a_hole_takes_nothing(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    device.folder.mkdir()
    (device.folder / "02").mkdir()  # stands for files that can not be written
    (device.folder / "15").mkdir()
    flash = boot(device)
    assert flash.pages == PAGES - 1
    flash.erase(2)
    flash.program(2, 0, b"\1" * 256)
    assert read(flash, 2) == bytes(256)  # neither erased nor what was written: as of a page that is worn
    assert device.written == []


def test_without_a_filesystem_there_are_no_pages_and_no_exception(tmp_path: Path) -> None:
    nowhere = Device(tmp_path / "is" / "not" / "there")
    assert boot(nowhere).pages == 0


def test_a_device_that_refuses_raises_nothing_and_shows_when_it_is_read_back(device: Device) -> None:
    flash = boot(device)
    fill(flash)
    device.fails = True
    flash.program(0, 256, bytes(256))
    flash.erase(1)
    assert read(flash, 0) == bytes(256)
    device.fails = False
    assert read(flash, 0, 256) == b"\xff" * 256
    assert read(flash, 1) == b"\1" * 256


def test_one_block_that_can_not_be_read_costs_no_page_but_its_own(device: Device) -> None:
    fill(boot(device))
    readblocks, bad = device.readblocks, device.block_of(6)

    def reads(block: int, buffer: bytearray, offset: int) -> None:
        if block == bad:
            raise OSError(5)
        readblocks(block, buffer, offset)

    device.readblocks = reads  # type: ignore[method-assign]
    again = boot(device)
    assert [read(again, page, 0, 1)[0] for page in range(PAGES)] == [page if page != 6 else 0 for page in range(PAGES)]


@pytest.mark.parametrize(("offset", "size"), [(10, 256), (0, 100), (4096, 256), (3840, 512)])
def test_a_program_of_another_size_or_place_is_our_own_mistake(device: Device, offset: int, size: int) -> None:
    flash = boot(device)
    with pytest.raises(AssertionError):
        flash.program(0, offset, bytes(size))
    assert device.written == []
