"""The steps of a switch: every change in the table happens in seeded runs, and no other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hotspare_engine import names
from hotspare_engine import words as w
from hotspare_engine.switching import COIL_REST, DEAD_TIME, READYING, RETRY_REST, Switching
from tests.simulation.bench import Bench
from tests.simulation.chaos import Chaos

SEEDS = 40
SETTLED_MS = 300
WAIT_MS_MAX = 2000
KINDS = (w.CHANGEOVER, w.INTERLOCKED, w.FENCED_FEED)


class Watched(Switching):
    """A switch that keeps each change of its step."""

    def __init__(self, *seams: Any) -> None:
        self.changes: set[tuple[int, int]] = set()
        super().__init__(*seams)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "step" and hasattr(self, "step") and (value or self.step):
            self.changes.add((self.step, value))
        object.__setattr__(self, name, value)


class Watcher:
    """Puts a watched switch into each engine of a bench, and keeps what it saw."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.seen: list[Watched] = []
        bench.watchers = (*bench.watchers, self)
        self.rebooted()

    def rebooted(self) -> None:
        """The controller's board has booted."""
        engine = self.bench.engine
        engine.switching = Watched(engine.lines, engine.settings, engine._drive, engine.roles.is_ready)
        self.seen.append(engine.switching)

    def driven(self, line: int, position: int) -> None:
        """A relay is commanded."""

    def stepped(self, past_ms: int) -> None:
        """The engine has taken a step."""


def until(bench: Bench, step: int) -> None:
    """Let time pass until a switch is at a step."""
    for _ in range(WAIT_MS_MAX):
        if bench.engine.switching.step == step:
            return
        bench.run(1)
    raise AssertionError(f"{names.STEP_NAMES[step]} did not come")


def welded_on_the_spare(bench: Bench) -> None:
    bench.ask(w.MS, 1)
    bench.run(SETTLED_MS)
    bench.relays[0].welded = 1
    bench.ask(w.MS_P, 0)
    bench.run(1000)


def from_the_second_line_to_the_first(bench: Bench) -> None:
    bench.units[1] = w.FAILED
    bench.run(SETTLED_MS)
    bench.units[0] = w.FAILED
    bench.run(SETTLED_MS)
    assert bench.engine.selected == 0


def and_back_again_between_both(bench: Bench) -> None:
    bench.units[1] = w.FAILED
    bench.run(SETTLED_MS)
    bench.units[0] = w.FAILED
    until(bench, DEAD_TIME)
    bench.start(0)
    bench.start(1)
    bench.run(SETTLED_MS)


def mended_while_the_coil_rests(bench: Bench) -> None:
    bench.ask(w.MS, 1)
    bench.run(30)
    bench.ask(w.MS_P, 0)
    bench.run(20)
    bench.units[0] = w.FAILED
    until(bench, COIL_REST)
    bench.start(0)
    bench.run(SETTLED_MS)


def isolation_lost_while_it_gets_ready(bench: Bench) -> None:
    bench.role_ms[1] = 500
    bench.units[0] = w.FAILED
    until(bench, READYING)
    bench.relays[0].shown = w.AT_PRIMARY
    bench.run(SETTLED_MS)


def not_ready_any_more_at_the_second_try(bench: Bench) -> None:
    bench.relays[0].coil_open = 1
    bench.units[0] = w.FAILED
    until(bench, RETRY_REST)
    bench.role_failed[1] = 1
    bench.run(1000)


def tried_twice(bench: Bench) -> None:
    bench.relays[0].coil_open = 1
    bench.units[0] = w.FAILED
    bench.run(1000)


TALES: list[tuple[Callable[[], Bench], Callable[[Bench], None]]] = [
    (Bench, welded_on_the_spare),
    (Bench, tried_twice),
    (partial(Bench, primaries=2), from_the_second_line_to_the_first),
    (partial(Bench, primaries=2), and_back_again_between_both),
    (Bench, mended_while_the_coil_rests),
    (partial(Bench, standby=w.WARM, switch=w.INTERLOCKED), isolation_lost_while_it_gets_ready),
    (partial(Bench, standby=w.WARM), not_ready_any_more_at_the_second_try),
]


def named(changes: set[tuple[int, int]]) -> list[tuple[str, str]]:
    """Return changes as people read them."""
    return sorted((names.STEP_NAMES[a], names.STEP_NAMES[b]) for a, b in changes)


def test_every_change_of_step_in_the_table_happens_and_no_other() -> None:
    happened = set()
    for seed in range(SEEDS):
        for kind in KINDS:
            chaos = Chaos(seed, kind)
            watcher = Watcher(chaos.bench)
            chaos.run()
            for switch in watcher.seen:
                happened |= switch.changes
    for bench, tell in TALES:
        made = bench()
        watcher = Watcher(made)
        made.run(SETTLED_MS)
        made.ask(w.ARM)
        made.run(SETTLED_MS)
        tell(made)
        for switch in watcher.seen:
            happened |= switch.changes
    known = {row[:2] for row in names.STEPS}
    assert named(happened - known) == []
    assert named(known - happened) == []
