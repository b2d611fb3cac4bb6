"""The explorer: it finds nothing in what claims safety, and what was broken on purpose or can not be safe."""

import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hotspare.simulator.explorer import __main__ as program
from hotspare.simulator.explorer import memory
from hotspare.simulator.explorer.report import LAWS, Report
from hotspare.simulator.explorer.run import explore_all
from hotspare.simulator.explorer.search import Search, explore
from hotspare.simulator.explorer.setups import BEACON, CONTROLLER, SAFE, SETUPS, UNPROVEN
from hotspare.simulator.explorer.world import World
from hotspare_engine import words as w

SECONDS = 1000.0  # never reached: a search ends by its states, however slow the machine is
STATES = 2000  # of a small search
SOON_TESTED = ("L1", "L2", "L3", "L4 at rest", "L5", "L6", "L8", "coil", "heard", "held", "firmware")
BUG_STATES = 6000
ACTS_BEFORE, ACTS = 40, 60

TWO_COILS = """        if position != w.AT_SPARE:
            self._coil.value(0)
        if position != w.AT_PRIMARY:
            self._coil_primary.value(0)
        if position == w.AT_SPARE:"""
BLOCKED = "self.held_back = held | (s.blocked if s.uncovered or s.winner < w.WTR or s.present >> w.SD & 1 else 0)"
# name, file, what stands there, what stands there instead, which setup shows it, which law
BUGS = [
    (
        "the spare is connected before the primary is seen disconnected",
        *("protocol/hotspare_engine/switching.py", "        return self.lines.settled[self.line] == w.BETWEEN and"),
        *("        return True or", "interlocked", "L2"),
    ),
    (
        "a contact is believed at once",
        *("protocol/hotspare_engine/lines.py", "if self.rest_ms[line] >= self.steady_ms:", "if True:"),
        *("changeover", "L2"),
    ),
    (
        "a coil is chopped",
        *("protocol/hotspare_engine/switching.py", "self._rest_ms = max(1, settings.coil_min_ms)"),
        *("self._rest_ms = 1", "fenced", "coil"),
    ),
    (
        "the load returns to a primary that is not well",
        *("protocol/hotspare_engine/resolver.py", "elif self.usable(line) or (even_dropping"),
        *("elif True or (even_dropping", "latching", "L3"),
    ),
    (
        "both coils of an interlocked line stay driven",
        *(
            "firmware/hotspare_firmware/contactors.py",
            TWO_COILS,
            "        if position == w.AT_SPARE:",
            "interlocked",
            "L1",
        ),
    ),
    (
        "what keeps a failover from happening has no name",
        *("protocol/hotspare_engine/group.py", BLOCKED, "self.held_back = held", "changeover", "L11"),
    ),
    (
        "nobody is asked",
        *(
            "protocol/hotspare_engine/approval.py",
            "return held | w.I_ASKING if held or s.autonomy else 0",
            "return held",
        ),
        *("changeover, asked", "L10"),
    ),
    (
        "a replayed beat counts",
        *(
            "protocol/hotspare_wire/link.py",
            "            if low <= self._rx_low:",
            "            if low < self._rx_low:",
        ),
        *("changeover", "L6"),
    ),
    (
        "a coil is energised while the board boots",
        *("firmware/hotspare_firmware/assemble.py", 'coil = hardware.output("relay%d" % line)'),
        *('coil = hardware.output("relay%d" % line, 1)', "fenced", "L8"),
    ),
    (
        "a warm spare is connected whatever it says",
        *(
            "protocol/hotspare_engine/roles.py",
            "self.told[self.spare] == w.ACTIVE and self._said(self.spare) == w.ACTIVE",
        ),
        *("True", "interlocked, warm", "warm"),
    ),
    (
        "a change of state that a fault makes is missing",
        *("protocol/hotspare_engine/words.py", "    (SWITCHING, HELD),\n", ""),
        *("interlocked", "firmware: AssertionError"),
    ),
]


def play(search: Search, chance: random.Random, acts: int) -> list[Any]:
    """Let `acts` things happen; return everything that can be seen of them."""
    world = search.world
    seen: list[Any] = []
    for _ in range(acts):
        choices = list(search.choices.now(chance.random() < 0.4, chance.random() < 0.3))
        action = chance.choice(choices)
        action.do(world)
        boards = [chip.board for chip in world.chips.values()]
        engines = [board.engine.snapshot() for board in boards]
        flights = [list(flight) for flight in world.crosslink.flights]
        rows = [bytes(board.recorder._rows) for board in boards]
        seen.append((action.name, world.now_ms, engines, flights, rows, list(world.line.coils), search.keys.make()))
    return seen


@pytest.mark.parametrize("setup", SAFE, ids=lambda setup: setup.name)
def test_a_small_search_breaks_no_law_in_what_claims_safety(setup: Any) -> None:
    found = explore(setup, STATES, SECONDS)
    assert found.broken == "", found.schedule
    assert found.states >= STATES
    assert found.whole >= 0
    untested = [law for law in SOON_TESTED if not found.laws.get(law)]
    assert untested == list(setup.idle), "what was never put to the test"


def test_one_fault_alone_is_searched_to_the_end_and_twice_the_same() -> None:
    setup = replace(SETUPS["changeover"], faults=1, asks=0)
    first, second = explore(setup, 50_000, SECONDS), explore(setup, 50_000, SECONDS)
    assert first.whole == 1, "nothing is left to search"
    assert first.depth > 30, "a failure, the switch, the recovery and the way back fit in"
    assert (first.states, first.refined, first.transitions) == (second.states, second.refined, second.transitions)
    assert first.laws == second.laws


def test_what_nothing_keeps_apart_is_shown_with_two_units_on_a_line_by_a_shortest_schedule() -> None:
    found = explore(replace(UNPROVEN, asks=0), 20_000, SECONDS)
    assert found.broken.startswith("L1 ")
    assert "one unit at most" in found.broken
    assert any("welds" in line for line in found.schedule), "one contact does not let go"
    assert len(found.schedule) <= 10
    assert found.reached[1][0] > 0
    assert found.whole == 1, "no single fault does it: all of them were searched before"


@pytest.mark.parametrize("name", list(SETUPS))
def test_a_state_that_is_put_back_goes_on_as_it_did_byte_for_byte(name: str) -> None:
    search = Search(SETUPS[name])
    hung = 0
    for seed in range(4):
        chance = random.Random(seed)
        hung += any("hangs" in row[0] or "power" in row[0] for row in play(search, chance, ACTS_BEFORE))
        saved, drawn = search.memory.take(), chance.getstate()
        once = play(search, chance, ACTS)
        assert search.memory.take() != saved
        search.memory.give(saved)
        assert search.memory.take() == saved
        chance.setstate(drawn)
        assert play(search, chance, ACTS) == once
        assert search.memory.strangers() == [], "nothing is reached that would not be put back"
        assert search.memory.altered() == [], "what is taken for constant is"
    assert hung, "boards booted in between"


def test_what_a_boot_makes_is_moved_into_what_was_there() -> None:
    world = World(SETUPS["changeover"])
    board = world.chips[CONTROLLER].board
    parts = [id(thing) for thing in memory.reach([board], [world])]
    world.hang(CONTROLLER)
    world.flow(5000)
    assert world.chips[CONTROLLER].board is board
    assert [id(thing) for thing in memory.reach([board], [world])] == parts
    assert board.boots.resets == 1
    assert board.uptime_s < 5, "it booted"
    assert board.engine.armed, "and took up what was saved"
    assert board.engine.state == w.NORMAL


def test_a_boot_of_another_shape_is_refused() -> None:
    class Part:
        def __init__(self, **values: Any) -> None:
            self.__dict__.update(values)

    with pytest.raises(memory.Misfit, match="2 objects in place of 1"):
        memory.move(Part(a=[]), Part(a=1), [])
    with pytest.raises(memory.Misfit, match="b"):
        memory.move(Part(a=1, b=2), Part(a=1), [])


def test_states_that_differ_only_in_time_have_one_key_and_others_have_not() -> None:
    search = Search(SETUPS["changeover"])
    world = search.world
    key, finer = search.keys.make()
    world.flow(270 * 5)
    assert search.keys.make() == (key, finer), "beats later nothing is another state"
    world.pass_time()
    world.drop(world.crosslink.first())
    world.deliver(world.crosslink.first())
    assert search.keys.make()[0] == key, "a lost beat alone is no other state"
    assert search.keys.make()[1] != finer, "but the search goes on from it"
    world.power_off(BEACON)
    assert search.keys.make()[0] != key


def test_a_law_that_was_never_tested_and_a_counterexample_that_is_missing_are_wrong() -> None:
    found = explore(SETUPS["fenced"], 5, SECONDS)
    missing = replace(UNPROVEN, faults=0, asks=0)
    report = Report([found, explore(missing, 50, SECONDS)], 1.0, 1)
    wrong = report.faults()
    assert "fenced: L11 was never put to the test" in wrong
    assert any(one.startswith("unproven: no schedule was found") for one in wrong)
    assert "wrong: fenced: L11" in report.as_text()


def test_the_program_prints_figures_laws_and_assumptions_and_ends_with_1_where_something_is_wrong() -> None:
    result = CliRunner().invoke(program.main, ["--kind", "interlocked", "--states", "50", "--json", "--processes", "1"])
    said = json.loads(result.stdout)
    assert result.exit_code == 1, "so few states put not all laws to the test"
    assert said["findings"][0]["states"] >= 50
    assert said["faults"]
    assert any("differ only in how long" in one for one in said["assumptions"])
    text = explore_all(50, 20, 1, ["interlocked"]).as_text()
    assert "| interlocked | 5" in text
    assert all(f"| {law} |" in text for law, _ in LAWS)


@pytest.mark.parametrize(
    ("file", "old", "new", "setup", "law"), [bug[1:] for bug in BUGS], ids=[bug[0] for bug in BUGS]
)
def test_a_deliberate_bug_is_found(
    file: str, old: str, new: str, setup: str, law: str, repository: Path, tmp_path: Path
) -> None:
    package = tmp_path / Path(file).parent.name
    shutil.copytree(repository / Path(file).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    spoiled = package / Path(file).name
    text = spoiled.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file}: what the bug is to replace stands there {text.count(old)} times"
    spoiled.write_text(text.replace(old, new), encoding="utf-8")
    command = [sys.executable, "tests/simulation/exploring.py", str(repository), str(tmp_path), setup, str(BUG_STATES)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, check=False, timeout=50
    )
    assert result.returncode == 1, f"nothing found it: {result.stdout}{result.stderr}"
    assert result.stdout.startswith(law), result.stdout
