"""The flash of a board as the rig sees it: what was done to which page, how long it stalls, when power goes in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hotspare.rig.pads import NO_CUT, Page

ERASE_MS = 45  # typical of the flash of a Pico
ERASE_MS_MAX = 400  # its worst
CUTS = ("whole", "none", "30", "70", "garbled")  # how much of the operation is done when power goes
NEVER = "never"  # in place of one of these: power stays
OPERATIONS_MAX = 1_000_000


class Nor:
    """Counts by page and the settings that the emulated chip reads; they outlive the board's process."""

    def __init__(self, page: Page) -> None:
        self.programs: Counter[int] = Counter()
        self.erases: Counter[int] = Counter()
        self.stalled_us = 0
        self.stall_us_max = 0
        self._page = page
        self.stall(ERASE_MS)

    def stall(self, erase_ms: float) -> None:
        """Let an erase take so long from now on."""
        self._page.stall_flash(round(erase_ms * 1000))

    def cut(self, operation: int, how: str) -> None:
        """Let power go at an operation of which so much is done, counted from 0 for the next one."""
        if how == NEVER:
            self.mend()
        else:
            self._page.cut_flash(self._page.flash_operations() + operation, CUTS.index(how))

    def mend(self) -> None:
        """Let power stay, whatever is done."""
        self._page.cut_flash(NO_CUT, 0)

    def done(self, page: int, erased: bool, stall_us: int) -> None:
        """The board has done an operation."""
        (self.erases if erased else self.programs)[page] += 1
        self.stalled_us += stall_us
        self.stall_us_max = max(self.stall_us_max, stall_us)

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the flash."""
        return {
            "operations": self._page.flash_operations(),
            "programs": {str(page): count for page, count in sorted(self.programs.items())},
            "erases": {str(page): count for page, count in sorted(self.erases.items())},
            "stalled_us": self.stalled_us,
            "stall_us_max": self.stall_us_max,
        }
