"""F16 on the rig: flash that is busy for 45 to 400 ms with all interrupts masked, on the emulated boards."""

from __future__ import annotations

import time

import pytest

from hil.pair import Pair
from hotspare.rig import flash

# a board that erases a page in every quiet moment that it gets; "{}" is what else is done to it
ERASES = """
import gc
import micropython
micropython.kbd_intr(-1)
gc.threshold(16384)  # as the firmware does before it imports: what stays of the imports lies together
import hotspare_firmware.main as main
from hotspare_firmware import assemble
assembled = assemble.board
def board(*seams):
    it = assembled(*seams)
    pages = it.recorder.pages
    def erase():
        pages.flash.erase(pages.dirty[-1])
    it.recorder.erase = erase
    it.recorder.wants_erase = lambda: True
    {}
    return it
assemble.board = board
main.main()
"""
SAYS_NOTHING = "it.quiet.bits = lambda path: 0; it.quiet.heard = lambda *said: None; it.quiet._echoed = 255"
ERASES_MIN = 3


def pair_that(extra: str, erase_ms: int, **values: int) -> Pair:
    """Return a pair whose boards erase as often as they may."""
    files = {**flash.firmware_files(), "/main.py": ERASES.format(extra).encode()}
    pair = Pair(firmware=files, agent_beats=15, boot_grace_s=5, **values)
    for name in ("beacon", "controller"):
        pair.rig.erase(name, erase_ms)
    return pair


def erases(pair: Pair) -> list[int]:
    return [sum(board["flash"]["erases"].values()) for board in pair.rig.state()["boards"].values()]


@pytest.mark.parametrize(("erase_ms", "beats"), [(45, 5), (400, 5), (400, 4)])
def test_f16_erases_in_quiet_moments_switch_nothing_and_alarm_nothing(erase_ms: int, beats: int) -> None:
    with pair_that("pass", erase_ms, interval_ms=100, beats=beats) as pair:
        since, before = pair.rig.state()["trace_next"], erases(pair)
        end_s = time.monotonic() + 60
        while min(now - then for now, then in zip(erases(pair), before, strict=True)) < ERASES_MIN:
            assert time.monotonic() < end_s, f"{before} to {erases(pair)}"
            time.sleep(0.1)
        moved = [it for it in pair.rig.trace(since) if it.kind in ("drive", "contact", "coil")]
        assert moved == []
        state = pair.rig.state()
        assert state["relays"]["line-primary"]["contact"] == "primary"
        assert max(board["flash"]["stall_us_max"] for board in state["boards"].values()) == erase_ms * 1000


def test_f16_the_same_erases_without_a_word_are_a_failover() -> None:
    with pair_that(SAYS_NOTHING, 45, interval_ms=100, beats=3) as pair:
        pair.rig.erase("beacon", 400)
        closed = pair.rig.wait({"kind": "contact", "event": "closed", "detail": "spare"}, limit_ms=30_000)
        assert closed.name == "line-primary"
