"""The whole firmware of a pair while power goes at every single operation of the controller's flash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hotspare_engine import words as w
from tests.boards import CONTROLLER, Bench
from tests.flash import CUTS, PowerCut

PRIMARY, SPARE = 0, 1
INTERVAL_MS, BEATS = 20, 3
SETTLE_MS = 4 * INTERVAL_MS * BEATS
GRACE_S = 1
HOUR_S = 3600


class Story:
    """A pair that is armed, locked out, cleared, fails over and is switched back; power may go anywhere in it."""

    def __init__(self, folder: Path, operation: int, how: str) -> None:
        self.bench = Bench(
            folder, interval_ms=INTERVAL_MS, beats=BEATS, boot_grace_s=GRACE_S, stay_min_s=0, wtr_s=1, revertive=0
        )
        self.flash = self.bench.hardware[CONTROLLER].nor
        self.cuts = 0
        self.token = 0
        self.durable: tuple[int, ...] = ()
        self.operations_before = self.flash.operations
        self.flash.cut(operation, how)

    def relay(self) -> int:
        return self.bench.hardware[CONTROLLER].pins["relay1"].level

    def run(self, ms: int) -> None:
        for _ in range(ms):
            recorder = self.bench.boards[CONTROLLER].recorder
            if not recorder.unsaved:
                self.durable = recorder.saved
            try:
                self.bench.run(1)
            except PowerCut:
                self.restart({self.durable, recorder.saved})

    def restart(self, states: set[tuple[int, ...]]) -> None:
        self.cuts += 1
        self.flash.power_on()
        board = self.bench.boot(CONTROLLER)
        assert self.relay() == 0, "a boot energises nothing"
        assert board.recorder.saved in states, "a state that never was"
        assert board.engine.saved()[1] == (board.recorder.saved or (0, 0))[1]
        self.run((GRACE_S * 1000) + SETTLE_MS)

    def ask(self, request: int, unit: int = w.NONE, number: int = 0, seconds: int = 0, flags: int = 0) -> None:
        self.token += 1
        self.bench.engine.asked(self.token, request, unit, number, seconds, flags)
        self.run(SETTLE_MS)

    def tell(self) -> None:
        """Live the story; a command that a cut swallowed is given again, as a person would."""
        bench = self.bench
        self.run(SETTLE_MS)
        self.until(lambda: bench.engine.armed == 1, lambda: self.ask(w.ARM))
        self.until(lambda: w.LO in bench.engine.standing.request, lambda: self.ask(w.LO, SPARE, 0, HOUR_S))
        self.until(lambda: w.LO not in bench.engine.standing.request, lambda: self.ask(w.CLEAR, w.NONE, self.ident()))
        bench.agents[PRIMARY].report = w.FAILED
        self.until(lambda: self.relay() == 1, lambda: self.run(SETTLE_MS))
        assert bench.engine.state == w.ON_SPARE
        bench.agents[PRIMARY].report = w.OK
        self.run(SETTLE_MS)
        self.until(lambda: self.relay() == 0, lambda: self.ask(w.MS_P, PRIMARY))
        assert bench.engine.state == w.NORMAL
        assert bench.engine.armed == 1

    def ident(self) -> int:
        return max(self.bench.engine.standing.id)

    @staticmethod
    def until(done: Callable[[], bool], act: Callable[[], None]) -> None:
        for _ in range(4):
            if done():
                return
            act()
        assert done()


def operations(folder: Path) -> int:
    """Return how many operations the flash does in a story that nothing interrupts."""
    story = Story(folder, -1, "none")
    story.tell()
    assert story.cuts == 0
    return story.flash.operations - story.operations_before


@pytest.mark.parametrize("how", CUTS)
def test_f13_power_that_goes_at_any_operation_energises_nothing_and_the_group_goes_on(tmp_path: Path, how: str) -> None:
    (tmp_path / "whole").mkdir()
    count = operations(tmp_path / "whole")
    cases = 0
    for operation in range(count):
        folder = tmp_path / str(operation)
        folder.mkdir()
        story = Story(folder, operation, how)
        story.tell()
        cases += story.cuts
    assert cases == count > 15


def test_f13_what_a_person_was_told_is_done_outlives_a_cut_right_after(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.arm()
    bench.run(SETTLE_MS)
    flash = bench.hardware[CONTROLLER].nor
    told_at: list[int] = []
    service = bench.boards[CONTROLLER].service
    service.reply = lambda row: told_at.append(flash.operations)
    before = flash.operations
    bench.engine.asked(77, w.LO, SPARE, 0, HOUR_S, 0)
    bench.run(5)
    assert told_at, "it was told"
    assert told_at[0] > before, "and saved before that"
    bench.boot(CONTROLLER)
    assert w.LO in bench.engine.standing.request


def test_what_stands_keeps_the_time_that_it_has_left_to_ten_minutes_over_a_power_loss(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.arm()
    bench.run(SETTLE_MS)
    bench.engine.asked(78, w.LO, SPARE, 0, HOUR_S, 0)
    bench.run(5)
    board = bench.boards[CONTROLLER]
    for _ in range(25 * 60):
        board.uptime_ms = 999  # the clock alone goes fast: nothing else of the pair is asked about
        board.engine.standing.elapsed(1000)
        board.step(1)
    again = bench.boot(CONTROLLER)
    slot = again.engine.standing.find(w.LO)
    assert 40 * 60 - 1 <= again.engine.standing.left_s[slot] <= 40 * 60 + 1
