"""`python -m tests.fuzz`: the fuzzing by hand: a stage of a given size, one target, or one input once more."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.fuzz import corpus, stage, targets

FRAMES, FRAMES_ON_VM, RUNS = 1_000_000, 200_000, 2000  # what CI runs


def parser() -> argparse.ArgumentParser:
    """Return what the command line may say."""
    it = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    it.add_argument("--frames", type=int, default=FRAMES, help="damaged frames, on CPython (%(default)s)")
    it.add_argument("--on-vm", type=int, default=FRAMES_ON_VM, help="of these on MicroPython too (%(default)s)")
    it.add_argument("--runs", type=int, default=RUNS, help="of each target, guided by coverage (%(default)s)")
    it.add_argument("--seed", type=int, default=1)
    it.add_argument("--jobs", type=int, default=1, help="processes at once")
    it.add_argument("--target", choices=targets.NAMES, help="this one alone, and no frames")
    it.add_argument("--replay", metavar="HEX|FILE", help="run this one input through the target; - is the empty one")
    it.add_argument("--keep", action="store_true", help="let the corpus of the target grow by what is new, minimised")
    return it


def main() -> int:
    """Run what was asked for; 1 if something was found."""
    asked = parser().parse_args()
    try:
        print(json.dumps(_run(asked), indent=2))
    except AssertionError as error:
        print(f"found: {error}", file=sys.stderr)
        return 1
    return 0


def _run(asked: argparse.Namespace) -> dict[str, object]:
    if asked.target is None:
        return stage.run(asked.frames, asked.on_vm, asked.runs, asked.seed, jobs=asked.jobs)
    target = targets.of(asked.target)
    if asked.replay is not None:
        return {"told": f"{target.function(_input(asked.replay)):08x}"}
    if asked.keep:
        with tempfile.TemporaryDirectory(prefix="hotspare-fuzz-") as folder:
            stage.guide(target.name, asked.runs, asked.seed, Path(folder))
            return corpus.take_in(target, [path.read_bytes() for path in (Path(folder) / "new").iterdir()])
    return stage.cover(asked.runs, asked.seed, names=[target.name])


def _input(text: str) -> bytes:
    if text == "-":
        return b""
    return Path(text).read_bytes() if Path(text).is_file() else bytes.fromhex(text)


if __name__ == "__main__":
    sys.exit(main())
