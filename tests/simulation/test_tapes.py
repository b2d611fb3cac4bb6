"""One seed makes the same tapes of its boards on CPython and on MicroPython, and a difference is found and told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from hotspare.rig.vm import find_micropython
from hotspare.simulator import stand_ins, worlds
from hotspare.simulator.boards import Sight, SimulatedBoard
from hotspare.simulator.laws import Broken
from hotspare.simulator.replay import WORDS, Replay
from hotspare.simulator.world import SimulatedRig
from hotspare_firmware import bootrecord
from hotspare_firmware.board import Board
from tests.simulation.replays import difference, replayed, run_replay, whole
from tests.simulation.same_tapes import compared
from tests.simulation.tapes import RUNS, SECOND_US, UNPROVEN, Tapes, keeping, of_asks, of_run

ASKS = "unproven, keyed, asked for everything"
SEED, BEATS, SECONDS = 4, 200, 15
STEPS_MIN = 400  # of a board; fewer show little
ALONE = {"page", "gone", "blocked", "raised"}  # what comes in no run has tests of its own
OUT = ("uart", "host", "datagram", "drive", "program", "erase", "words", "file", "gone", "up", "repl", "cut", "raised")
OUT += ("restart", "done")
DRAWN, DRAWN_BEATS = range(2), 50
PAIR = RUNS["changeover, a pulse"]

INTERPRETERS = pytest.mark.parametrize(
    "python", [sys.executable, find_micropython()], ids=["on CPython", "on MicroPython"]
)


@cache
def taped(name: str) -> Tapes:
    if name == ASKS:
        return of_asks(UNPROVEN, SEED, SECONDS)[0]
    return of_run(RUNS[name], SEED, BEATS)[0]


def replay_here(tape: list[str]) -> list[str]:
    made: list[str] = []
    Replay(made.append).run(tape)
    return made


def altered(folder: Path, repository: Path, file: str, old: str, new: str) -> Path:
    """Return a root whose firmware is that of the repository with one line that is another."""
    for name in ("host", "protocol"):
        (folder / name).symlink_to(repository / name)
    shutil.copytree(repository / "firmware", folder / "firmware", ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "firmware" / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / "firmware" / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", [*RUNS, ASKS])
def test_one_seed_makes_the_same_tapes_on_cpython_and_micropython(name: str, repository: Path) -> None:
    made = taped(name)
    for python in (sys.executable, find_micropython()):
        again = replayed(python, list(made.values()), repository)
        assert [difference(one, other) for one, other in zip(made.values(), again, strict=True)] == [""] * len(made)
        assert again == list(made.values())
    assert all(sum(line.startswith("< step ") for line in tape) > STEPS_MIN for tape in made.values())


@INTERPRETERS
def test_drawn_worlds_make_the_same_tapes_too(python: str) -> None:
    counts, differences = compared(DRAWN, DRAWN_BEATS, python)
    assert differences == {}
    assert counts["tapes"] >= 2 * len(DRAWN)
    assert counts["< step"] > STEPS_MIN * len(DRAWN)


def test_between_them_the_tapes_have_all_that_can_cross_the_seam() -> None:
    lines = [line.split(" ") for name in (*RUNS, ASKS) for tape in taped(name).values() for line in tape]
    seen = Counter((way, word) for way, word, *_ in lines)
    wanted = {("<", word) for word in WORDS} | {(">", word) for word in OUT}
    assert {(way, word) for way, word in wanted if word not in ALONE} - set(seen) == set()
    assert set(seen) <= wanted
    driven = {(name, level) for way, word, name, level in (it for it in lines if len(it) == 4) if word == "drive"}
    assert driven >= {("relay1", "0"), ("relay1", "1"), ("relay1_second", "0"), ("relay1_second", "1"), ("start", "1")}


def test_one_seed_makes_the_same_tapes_in_every_process(repository: Path) -> None:
    program = (
        "from tests.simulation.tapes import *\n"
        f"for tape in of_asks(UNPROVEN, {SEED}, {SECONDS})[0].values(): print(*tape, sep='\\n')"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=True)
    assert difference([line for tape in taped(ASKS).values() for line in tape], result.stdout.splitlines()) == ""


def rig_with(tapes: Tapes | None) -> SimulatedRig:
    plan = worlds.plan_of(PAIR.configuration(), SEED, keyed=False)
    rig = SimulatedRig(plan, SEED) if tapes is None else SimulatedRig(plan, SEED, tape_of=keeping(tapes))
    rig.begin()
    return rig


def test_a_tape_changes_nothing_and_a_board_without_one_is_stepped_by_nothing_else() -> None:
    taped_rig, bare_rig = rig_with({}), rig_with(None)
    for rig in (taped_rig, bare_rig):
        rig.run_for(3 * SECOND_US)
    assert taped_rig.page(limit=1000) == bare_rig.page(limit=1000)
    for name, board in bare_rig.boards.items():
        assert board.steps == taped_rig.boards[name].steps > 100
        assert board.board is not None
        assert board.hardware is not None
        assert board.board.step.__func__ is Board.step
        assert board.hardware.show.__func__ is stand_ins.Hardware.show
        assert board.hardware.uarts[0].receive.__func__ is stand_ins.Uart.receive
    assert taped_rig.boards["beacon"].board.step is not Board.step


def test_what_comes_back_at_once_stands_within_its_step_and_is_replayed_there() -> None:
    tapes: Tapes = {}
    rig = rig_with(tapes)
    board = rig.boards["controller"]
    pins = {name: number for number, name in board.pads._names.items()}
    board.pads.listen(pins["pulse_out"], lambda level: board.pads.show(pins["supply"], int(not level)))
    rig.run_for(2 * SECOND_US)
    tape = tapes["controller"]
    at = tape.index("< level supply 0")
    assert tape[at - 1] == "> drive pulse_out 1"
    assert tape[at + 1].startswith("> "), "the step goes on"
    assert tape.count("< level supply 0") > 10
    assert difference(tape, replay_here(tape)) == ""


def test_what_others_do_to_flash_files_and_host_between_boots_is_replayed() -> None:
    tapes: Tapes = {}
    plan = worlds.plan_of(PAIR.configuration(), SEED, keyed=False)
    rig = SimulatedRig(plan, SEED, tape_of=keeping(tapes))
    board = rig.boards["controller"]
    board._flash.contents[3][:] = bytes(range(256)) * 16
    rig.begin()
    rig.run_for(SECOND_US)
    board.stream.blocked = True
    rig.run_for(SECOND_US)
    board.power_off()
    kept = board.files.pop("hotspare.conf1")
    board.power_on()
    rig.run_for(SECOND_US)
    board.power_off()
    board.files["hotspare.conf2"] = kept
    board.files["hotspare.keys"] = b"damaged"
    board.power_on()
    rig.run_for(2 * SECOND_US)
    tape = tapes["controller"]
    for line in (
        "< page 3 0001",
        "< blocked 1",
        "< gone hotspare.conf1",
        "< file hotspare.conf2",
        "< file hotspare.keys",
    ):
        assert sum(it.startswith(line) for it in tape) == 1, line
    assert [it.split()[2:4] for it in tape if it.startswith("> up")] == [["115200"] * 2, ["0"] * 2, ["115200"] * 2]
    assert difference(tape, replay_here(tape)) == ""


RAISES = """        line = 0
        if self.steps == 300:
            raise ZeroDivisionError("planted")
"""


def test_an_exception_that_ends_the_loop_is_replayed_with_the_boot_after_it(
    monkeypatch: pytest.MonkeyPatch, repository: Path, tmp_path: Path
) -> None:
    look = Board._look

    def raising(self: Board, ms: int) -> None:
        if self.steps == 300:
            raise ZeroDivisionError("planted")
        look(self, ms)

    monkeypatch.setattr(Board, "_look", raising)
    tapes: Tapes = {}
    rig_with(tapes).run_for(15 * SECOND_US)
    made = list(tapes.values())
    raised = bootrecord.kind_of(ZeroDivisionError())
    assert all(tape.count(f"> raised {raised}") >= 2 for tape in made)
    assert all(any(it.startswith("< file hotspare.fault ") for it in tape) for tape in made)
    root = altered(tmp_path, repository, "hotspare_firmware/board.py", "        line = 0\n", RAISES)
    for python in (sys.executable, find_micropython()):
        again = replayed(python, made, root)
        assert [difference(one, other) for one, other in zip(made, again, strict=True)] == ["", ""]


def test_a_law_that_is_broken_within_a_step_leaves_a_tape_that_is_replayed_up_to_it() -> None:
    tapes: Tapes = {}
    pulses = iter(range(60))

    def forbid(board: SimulatedBoard, name: str, level: int) -> None:
        if name == "pulse_out" and next(pulses, None) is None:
            raise Broken("no more pulses")

    plan = worlds.plan_of(PAIR.configuration(), SEED, keyed=False)
    rig = SimulatedRig(plan, SEED, Sight(drives=forbid), tape_of=keeping(tapes))
    rig.begin()
    with pytest.raises(Broken):
        rig.run_for(5 * SECOND_US)
    assert sum(whole(tape) != tape for tape in tapes.values()) == 1
    for tape in tapes.values():
        assert len(tape) > 100
        assert difference(whole(tape), replay_here(tape)) == ""


# -- differences ------------------------------------------------------------------------------------------------------


@INTERPRETERS
def test_firmware_with_one_altered_line_makes_another_tape_and_it_is_told_where(
    python: str, repository: Path, tmp_path: Path
) -> None:
    made = taped("changeover, a pulse")["beacon"]
    old, new = "self.beat_ms = settings.interval_ms * 9 // 10", "self.beat_ms = settings.interval_ms * 9 // 10 + 1"
    (again,) = replayed(python, [made], altered(tmp_path, repository, "hotspare_firmware/board.py", old, new))
    found = difference(made, again).splitlines()
    assert found[0].startswith("boot 1, step ")
    assert any(line.startswith("    < step ") for line in found[1:-2])
    one, other = (line.split() for line in found[-2:])
    assert [*one[:3], *other[:3]] == ["-", ">", "done", "+", ">", "done"]
    assert int(other[4]) == int(one[4]) + 1, "its next beat comes a millisecond later"


def test_one_bit_of_what_arrives_makes_another_tape_and_the_frames_are_told(repository: Path) -> None:
    made = taped("changeover, a pulse")["controller"]
    heartbeats = [at for at, line in enumerate(made) if line.startswith("< uart 0 0005")]
    at = heartbeats[len(heartbeats) // 2]
    way, word, number, data, stalled = made[at].split(" ")
    changed = bytearray.fromhex(data)
    changed[8] ^= 1
    other = [*made[:at], " ".join((way, word, number, changed.hex(), stalled)), *made[at + 1 :]]
    (again,) = replayed(find_micropython(), [other], repository)
    assert again[: at + 1] == other[: at + 1]
    found = difference(other, again)
    assert " > uart " in found
    told = [line.split() for line in found.splitlines() if "heartbeat" in line]
    assert [line[0] for line in told] == ["-", "+"], found
    assert told[0] != told[1]


def test_a_line_that_came_out_otherwise_is_told_with_its_step() -> None:
    made = taped("changeover, a pulse")["controller"]
    at = made.index("> drive alarm 1")
    other = [*made[:at], "> drive alarm 0", *made[at + 1 :]]
    found = difference(made, other).splitlines()
    steps = sum(line.startswith("< step ") for line in made[:at])
    assert found[0].startswith(f"boot 1, step {steps}, at ")
    assert found[-2:] == ["  - > drive alarm 1", "  + > drive alarm 0"]
    assert difference(made, made[:at]).splitlines()[-1] == "  + (nothing: the tape ends)"
    assert difference(made, made) == ""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("what is this", "what is this"),
        ("< sing 1", "< sing 1"),
        ("< step 12", "< step 12"),
        ("< uart 0 zz 0", ""),
        ("<", "<"),
    ],
)
@INTERPRETERS
def test_what_is_no_tape_is_refused_with_its_line(python: str, line: str, told: str, repository: Path) -> None:
    made = taped("changeover, a pulse")["controller"]
    until = next(at for at, it in enumerate(made) if it.startswith("> done ")) + 1
    result = run_replay(python, [*made[:until], line], repository)
    assert result.returncode == 1
    assert result.stderr.startswith(f"line {until + 1} is no line of a tape: {told}"), result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout.splitlines() == made[:until]
