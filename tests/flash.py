"""NOR flash in memory for tests in one process, as `Flash` of the firmware shows it: strict, countable, breakable."""

from __future__ import annotations

import random

PROGRAM_US = 700  # of one piece of program_size
ERASE_US = 45_000
ERASE_US_WORST = 400_000
ERASED = 0xFF
WHOLE, NONE, PART_30, PART_70, GARBLED = "whole", "none", "30", "70", "garbled"
CUTS = (WHOLE, NONE, PART_30, PART_70, GARBLED)


class PowerCut(Exception):
    """Power went at an operation of the flash."""


class NorFlash:
    """Pages of NOR flash: bits only fall, an erase is the only way back; contents outlive every PowerCut.

    An operation is the program of one piece of `program_size`, or the erase of one page. After a PowerCut nothing is
    done any more until `power_on`: firmware that goes on after a cut has not lost its power.
    """

    def __init__(self, pages: int = 16, page_size: int = 4096, program_size: int = 256, seed: int = 0) -> None:
        self.pages, self.page_size, self.program_size = pages, page_size, program_size
        self.chance = random.Random(seed)
        self.contents = [bytearray([ERASED] * page_size) for _ in range(pages)]
        self.programs = [0] * pages
        self.erases = [0] * pages
        self.operations = 0
        self.stalled_us = 0
        self.stall_us_max = 0
        self.erase_us = ERASE_US
        self.fails_to_program: set[int] = set()  # pages in which a program leaves the first bit to fall standing
        self.fails_to_erase: set[int] = set()  # pages in which an erase leaves their last bit at 0
        self.powered = True
        self._cut_at = -1
        self._cut_how = WHOLE

    def read(self, page: int, offset: int, buffer: bytearray | memoryview) -> None:
        """Fill the buffer from a page."""
        self._check(page, offset, len(buffer))
        buffer[:] = self.contents[page][offset : offset + len(buffer)]

    def program(self, page: int, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Let bits fall; nothing is erased."""
        size = self.program_size
        self._check(page, offset, len(data))
        assert offset % size == 0, f"program at {offset}, which is no multiple of {size}"
        assert len(data) % size == 0, f"program of {len(data)} bytes, which is no multiple of {size}"
        for start in range(0, len(data), size):
            self._program(page, offset + start, bytes(data[start : start + size]))

    def erase(self, page: int) -> None:
        """Let all bits of a page rise."""
        self._check(page, 0, 0)
        how = self._begin(self.erase_us)
        self.erases[page] += 1
        content = self.contents[page]
        if how == GARBLED:
            content[:] = self.chance.randbytes(self.page_size)
        else:
            done = _part(how, self.page_size)
            content[:done] = bytes([ERASED] * done)
            if page in self.fails_to_erase and how == WHOLE:
                content[-1] &= 0xFE
        self._end()

    def cut(self, operation: int, how: str) -> None:
        """Let power go at an operation, counted from 0 for the next one, that is done so far; -1: at none."""
        assert how in CUTS
        self._cut_at = self.operations + operation if operation >= 0 else -1
        self._cut_how = how

    def power_on(self) -> None:
        """Power is back; what a cut left is there."""
        self.powered = True
        self._cut_at = -1

    def _program(self, page: int, offset: int, data: bytes) -> None:
        how = self._begin(PROGRAM_US)
        self.programs[page] += 1
        content = self.contents[page]
        done = len(data) if how == GARBLED else _part(how, len(data))
        failing = page in self.fails_to_program
        for at in range(done):
            falls = content[offset + at] & ~data[at] & 0xFF
            if how == GARBLED:
                falls &= self.chance.randrange(256)
            elif failing and falls:
                falls &= falls - 1
                failing = False
            content[offset + at] &= ~falls & 0xFF
        self._end()

    def _begin(self, stall_us: int) -> str:
        if not self.powered:
            raise PowerCut
        self.stalled_us += stall_us
        self.stall_us_max = max(self.stall_us_max, stall_us)
        return self._cut_how if self.operations == self._cut_at else WHOLE

    def _end(self) -> None:
        self.operations += 1
        if self.operations - 1 == self._cut_at:
            self.powered = False
            raise PowerCut

    def _check(self, page: int, offset: int, size: int) -> None:
        assert 0 <= page < self.pages, f"page {page} of {self.pages}"
        assert 0 <= offset <= self.page_size - size, f"{size} bytes at {offset} of a page of {self.page_size}"


def _part(how: str, size: int) -> int:
    return {WHOLE: size, NONE: 0, PART_30: size * 3 // 10, PART_70: size * 7 // 10}[how]
