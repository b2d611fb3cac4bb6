"""The recorder on a flash in memory that counts its stalls: how long a step stands still, how long the flash lasts."""

from __future__ import annotations

import os
import time
from typing import Any

from hotspare_firmware.pages import Pages
from hotspare_firmware.recorder import Recorder
from tests.benchmark.report import Report
from tests.flash import NorFlash

RECORDS = 10_000
STALL_LIMIT_US = 1000
EVENTS_A_DAY = 100
STATES_A_DAY = 24 * 6  # while something stands, its time is saved every ten minutes
CYCLES = 100_000
YEARS_LEAST = 20


class _NoFile:
    def state(self) -> tuple[int, tuple[int, ...]]:
        return 0, ()

    def save_state(self, boot: int, values: Any) -> bool:
        return False


def measure(report: Report) -> None:
    """Record, save, and erase in quiet moments."""
    flash = NorFlash()
    recorder = Recorder(Pages(flash, lambda: os.urandom(8)), _NoFile())
    while recorder.pump():
        if recorder.pages.wants_erase():
            recorder.pages.erase()
    erased = sum(flash.erases)
    longest_us = states = 0
    times_us = []
    for number in range(RECORDS):
        recorder.add(number, 7, number, -number)
        if states * EVENTS_A_DAY < number * STATES_A_DAY:
            states += 1
            recorder.save((2, 1, -1, number & 0xFFFF, 0, 0, 1, 3, 1, 0, 86_400, 0))
        if recorder.pages.wants_erase():
            recorder.pages.erase()
        stalled_us = flash.stalled_us
        began = time.perf_counter()
        recorder.pump()
        times_us.append((time.perf_counter() - began) * 1e6)
        longest_us = max(longest_us, flash.stalled_us - stalled_us)
    report.note("the recorder on 16 pages of 4 KiB; a program of 256 bytes stalls for 700 us, erases wait for a moment")
    report.figure(f"longest stall of one step in {RECORDS} records", longest_us, "us", STALL_LIMIT_US)
    report.times("one record written, on CPython, without the flash's time", times_us, "us")
    erases_a_year = (sum(flash.erases) - erased) * EVENTS_A_DAY * 365 / RECORDS / flash.pages
    report.figure(
        "erases of one page a year, 100 events a day and a lockout that never ends",
        erases_a_year,
        "",
        CYCLES / YEARS_LEAST,
    )
