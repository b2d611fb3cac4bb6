"""Rigs for tests: worlds in this process whose boards run small firmware of the test's own, and a pair as in a rack."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hil.pair import UNHURRIED, Pair
from hil.restoration import restore
from hil.story import Story
from hotspare.rig.plan import BoardPlan, ChangeoverRelay, RigPlan, UnitPlan
from hotspare.rig.world import World

UNITS = (UnitPlan("primary", 100, 100, None, boot_ms=10), UnitPlan("spare", 101, 100, None, boot_ms=10))
RELAY = ChangeoverRelay("line", "board", "line", "primary", "spare")
LIMIT_MS = 10_000
SLICE_MS = 20

# what every test firmware may use: `tell` writes what the test reads with `told`
PRELUDE = """
import json, machine, micropython, os, select, sys, time
import utime as real
Pin = machine.Pin
def SLEEP():
    while True:
        time.sleep_ms(100000)
def tell(**said):
    with open("/told", "a") as file:
        file.write(json.dumps(said) + "\\n")
def boots():
    try:
        with open("/boots") as file:
            count = int(file.read())
    except OSError:
        count = 0
    with open("boots.new", "w") as file:
        file.write(str(count + 1))
    os.rename("boots.new", "boots")  # power that goes in between leaves the old count
    return count + 1
"""


def one_board(main: str, **board: Any) -> RigPlan:
    """Return a rig of one board with a relay that runs `main` after the prelude."""
    files = {"/main.py": (PRELUDE + main).encode()}
    return RigPlan(UNITS, (BoardPlan("board", flash=files, **board),), (), (RELAY,))


def told(world: World, board: str = "board") -> list[dict[str, Any]]:
    """Return what the firmware of a board told so far."""
    path = world.place.flash(board) / "told"
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def eventually(world: World, holds: Callable[[], Any], limit_ms: int = LIMIT_MS, slice_ms: int = SLICE_MS) -> Any:
    """Run the world until `holds()` is true and return it; fails after a generous limit."""
    # in slices: what the kernel does by itself, as with a PTY's bytes, wakes no loop
    for _ in range(limit_ms // slice_ms):
        if world.loop.run(lambda: bool(holds()), slice_ms * 1000):
            return holds()
    raise AssertionError(f"not within {limit_ms} ms: {holds()}")


def run_ms(world: World, ms: int) -> None:
    """Let time pass in the world."""
    world.loop.run(limit_us=ms * 1000)


def heard(world: World, count: int = 1) -> list[dict[str, Any]]:
    """Wait until the firmware has told `count` things, and return them."""
    return eventually(world, lambda: told(world) if len(told(world)) >= count else [])


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    """Worlds that have begun and end with the test."""
    worlds: list[World] = []

    def make(plan: RigPlan | str, *, powered: bool = True, **options: Any) -> World:
        if isinstance(plan, str):
            plan = one_board(plan)
        world = World(plan, tmp_path / f"rig{len(worlds)}", firmware={}, seed=1, **options)
        worlds.append(world)
        world.begin(powered)
        return world

    yield make
    for world in worlds:
        world.close()
        assert not world.place.root.exists(), "the rig's directory is given back as it was found"


@pytest.fixture(scope="module")
def running() -> Iterator[Pair]:
    """The pair of a module's tests; a module that needs another has a fixture of this name."""
    with Pair(**UNHURRIED) as pair:
        yield pair


@pytest.fixture
def pair(running: Pair) -> Iterator[Pair]:
    """The module's pair, to be broken: it is put back after each test, in which no two units may ever meet."""
    yield running
    restore(running)
    assert running.rig.state()["both_connected_us"] == 0


@pytest.fixture
def story(pair: Pair) -> Story:
    """What becomes of the pair in this test."""
    return Story(pair)
