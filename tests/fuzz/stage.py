"""The fuzzing as stages with counts in and counts out: frames, targets guided by coverage, inputs on both Pythons.

Whatever is found is raised as AssertionError: what is wrong, the input as hexadecimal digits, the command that replays
it. Everything runs in processes of its own, over the files of `root`, so that a copy with a deliberate fault can be
fuzzed too.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hotspare.rig.vm import HEAP, find_micropython
from tests.fuzz import guided, targets

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SHARD = 50_000  # frames of one process and one seed
BY_CHANCE_BITS = 28  # one damaged frame in so many (2**32, and a margin) may pass its CRC for right
SECONDS_A_SHARD = 300
REPLAY_HEAP = "1M"  # three of a board's: the engines of both roles, all targets and their inputs
INPUT_SECONDS_MAX = 20
GUIDED_SECONDS_BASE = 120
GUIDED_A_SECOND_LEAST = 20  # runs of the slowest target
MEMORY_MB_MAX = 1024

_STORM = re.compile(r"heard (\d+), damage \[(.*)\], by chance (\d+), checksum [0-9a-f]{8}\Z")
_RAISED = re.compile(r"=== Uncaught Python exception: ===\n(.*)")
_ENDED = re.compile(r"^==\d+== ?(ERROR.*)$", re.MULTILINE)
DAMAGE = ("short", "oversize", "broken", "crc", "version")


def run(
    frames: int, frames_on_vm: int, atheris_runs: int, seed: int, root: Path = REPOSITORY, jobs: int = 1
) -> dict[str, Any]:
    """Run everything: so many damaged frames, of which so many on MicroPython too, and so many guided runs a target.

    Where atheris can not run `skipped` says why; under CI (the variable is set) that is an error.
    """
    begun = time.monotonic()
    counts = storm(frames, frames_on_vm, seed, root, jobs)
    counts |= replay(root)
    counts |= cover(atheris_runs, seed, root, jobs)
    return counts | {"seconds": round(time.monotonic() - begun, 1)}


# -- damaged frames --------------------------------------------------------------------------------------------------


def storm(frames: int, frames_on_vm: int, seed: int, root: Path = REPOSITORY, jobs: int = 1) -> dict[str, Any]:
    """Feed damaged frames to the decoder, a good one behind each; both Pythons must hear and count the same."""
    shards = list(_shards(frames, frames_on_vm, seed))
    with ThreadPoolExecutor(jobs) as pool:
        found = list(pool.map(lambda shard: _shard(root, *shard), shards))
    totals = [sum(values) for values in zip(*found, strict=True)] or [0] * (2 + len(DAMAGE))
    heard, chance, *damage = totals
    by_chance_max = frames >> BY_CHANCE_BITS
    assert chance <= by_chance_max, (
        f"{chance} damaged frames were taken for others, and chance explains {by_chance_max}; "
        f"replay: {_storm_command(root, shards[next(at for at, row in enumerate(found) if row[1])])}"
    )
    return {
        "frames": frames,
        "frames_on_vm": frames_on_vm,
        "accepted": heard,
        "refused": dict(zip(DAMAGE, damage, strict=True)),
    }


def _shards(frames: int, frames_on_vm: int, seed: int) -> Iterator[tuple[int, int, bool]]:
    """Yield (seed, frames, whether on the VM too)."""
    assert frames_on_vm <= frames
    left, left_on_vm = frames, frames_on_vm
    number = 0
    while left:
        size = min(SHARD, left_on_vm or left)
        yield (seed << 16) + number, size, left_on_vm > 0
        left -= size
        left_on_vm = max(0, left_on_vm - size)
        number += 1


def _storm_command(root: Path, shard: tuple[int, int, bool]) -> str:
    return f"python tests/fuzz/board/storm.py {root} plain {shard[0]} {shard[1]}"


def _shard(root: Path, seed: int, frames: int, on_vm: bool) -> list[int]:
    said = {}
    pythons = {"CPython": ([sys.executable], "plain")}
    if on_vm:
        pythons["MicroPython"] = ([find_micropython(), "-X", f"heapsize={HEAP}"], "both")
    for name, (python, codecs) in pythons.items():
        program = [str(root / "tests/fuzz/board/storm.py"), str(root), codecs, str(seed), str(frames)]
        status, out, wrong = _ran([*python, *program], root, SECONDS_A_SHARD)
        said[name] = out.strip()
        assert not status, f"{name}: {_last(wrong or out)}; replay: {_storm_command(root, (seed, frames, on_vm))}"
    assert len(set(said.values())) == 1, (
        f"CPython and MicroPython differ: {said}; replay: {_storm_command(root, (seed, frames, on_vm))}, and on both"
    )
    read = _STORM.match(said["CPython"])
    assert read, f"the storm says nothing: {said}"
    heard, damage, chance = read.groups()
    return [int(heard), int(chance), *(int(number) for number in damage.split(","))]


# -- the corpus on both Pythons --------------------------------------------------------------------------------------


def replay(
    root: Path = REPOSITORY, more: dict[str, list[bytes]] | None = None, names: Sequence[str] = targets.NAMES
) -> dict[str, Any]:
    """Run every seed through its target; those of the board's side must tell the same on both Pythons.

    `more` are inputs besides the corpus, by target.
    """
    wanted = [targets.of(name) for name in names]
    inputs = {target.name: target.seeds() + (more or {}).get(target.name, []) for target in wanted}
    of_board = [(it.name, data) for it in wanted if it.on_board for data in inputs[it.name]]
    rest = [(it.name, data) for it in wanted if not it.on_board for data in inputs[it.name]]
    here = told([sys.executable], "tests/fuzz/board/replay.py", root, of_board)
    there = told([find_micropython(), "-X", f"heapsize={REPLAY_HEAP}"], "tests/fuzz/board/replay.py", root, of_board)
    for (name, data), one, other in zip(of_board, here, there, strict=True):
        _sound(name, data, one)
        assert one == other, f"CPython tells {one}, MicroPython {other}; {command(name, data)}"
    for (name, data), one in zip(rest, told([sys.executable], "tests/fuzz/on_host.py", root, rest), strict=True):
        _sound(name, data, one)
    return {"corpus": len(of_board) + len(rest), "corpus_on_vm": len(of_board)}


def _sound(name: str, data: bytes, line: str) -> None:
    assert re.fullmatch(rf"{name} [0-9a-f]{{8}}", line), f"{line}; {command(name, data)}"


def told(python: Sequence[str], program: str, root: Path, inputs: Sequence[tuple[str, bytes]]) -> list[str]:
    """Return what a program says of each input."""
    lines = "".join(f"{name} {data.hex()}\n" for name, data in inputs)
    status, out, wrong = _ran([*python, str(root / program), str(root)], root, SECONDS_A_SHARD, lines)
    assert not status, f"{program}: {_last(wrong or out)}"
    return out.splitlines()


def command(name: str, data: bytes) -> str:
    """Return how an input is replayed."""
    return f"replay: python -m tests.fuzz --target {name} --replay {data.hex() or '-'}"


# -- guided by coverage ----------------------------------------------------------------------------------------------


def cover(
    runs: int,
    seed: int,
    root: Path = REPOSITORY,
    jobs: int = 1,
    names: Sequence[str] = targets.NAMES,
    missing: Callable[[], str] = guided.missing,
    must: bool = "CI" in os.environ,
) -> dict[str, Any]:
    """Run targets under atheris from their corpus on; what leads to new code runs on both Pythons afterwards.

    Where there is no atheris `skipped` says why; if it `must` be, as under CI, that is an error.
    """
    why = missing()
    assert not (why and must), f"this part of the fuzzing was skipped: {why}"
    if why or not runs:
        return {"guided_runs": 0, "new": {}, "skipped": why}
    wanted = list(names)
    with tempfile.TemporaryDirectory(prefix="hotspare-fuzz-") as folder, ThreadPoolExecutor(jobs) as pool:
        made = [Path(folder) / name for name in wanted]
        list(pool.map(lambda place: guide(place.name, runs, seed, place, root), made))
        new = {it.name: [path.read_bytes() for path in sorted((it / "new").iterdir())] for it in made}
    replay(root, new, wanted)
    return {"guided_runs": runs * len(wanted), "new": {name: len(it) for name, it in new.items()}, "skipped": ""}


def guide(name: str, runs: int, seed: int, folder: Path, root: Path = REPOSITORY) -> None:
    """Run one target under atheris; what is new comes into `folder`/new."""
    target = targets.of(name)
    for part in ("new", "found"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    arguments = [
        f"-runs={runs + len(target.seeds())}",
        f"-seed={seed % (1 << 31) + 1}",  # 0 draws one
        f"-max_len={target.size_max}",
        f"-timeout={INPUT_SECONDS_MAX}",
        f"-rss_limit_mb={MEMORY_MB_MAX}",
        f"-artifact_prefix={folder / 'found'}/",
        *(str(path) for path in (folder / "new", target.corpus)),
    ]
    program = [sys.executable, "-m", "tests.fuzz.guided", name, *arguments]
    status, out, wrong = _ran(program, root, GUIDED_SECONDS_BASE + runs / GUIDED_A_SECOND_LEAST)
    if status:
        inputs = sorted((folder / "found").iterdir())
        error = _RAISED.search(out + wrong) or _ENDED.search(wrong)
        what = error.group(1) if error else _last(wrong or out)
        raise AssertionError(
            f"{name}, seed {seed}: {what}; " + (command(name, inputs[0].read_bytes()) if inputs else "")
        )


# -- frames at whole boards -------------------------------------------------------------------------------------------


def forged(count: int, seed: int) -> dict[str, Any]:
    """Say so many forged, replayed, flipped and stale frames to a whole board under a key: none changes its state."""
    from tests import forged as forgery  # beside whole boards, for which a copy with a fault has no room

    return forgery.run(count, seed)


def talk(count: int, seed: int) -> dict[str, Any]:
    """Say messages of every kind with whatever values, under the right key: no board raises, and both answer on."""
    from tests.fuzz import talk as anybody  # the same

    return anybody.run(count, seed)


# -- processes -------------------------------------------------------------------------------------------------------


def _ran(program: list[str], root: Path, seconds: float, said: str = "") -> tuple[int, str, str]:
    """Run a program over the files of `root`; return its status and what it wrote."""
    roots = [root, *(root / name for name in ("host", "protocol", "firmware"))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots)), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(
            program, cwd=root, env=environment, input=said, capture_output=True, text=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise AssertionError(f"{' '.join(program[-4:])}: no end within {seconds:.0f} s") from None
    return ended.returncode, ended.stdout, ended.stderr


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it says nothing"
