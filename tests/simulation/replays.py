"""Replays of tapes on both interpreters, and where two tapes differ first, told so that a person sees it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from pathlib import Path

import construct

from hotspare import layouts
from hotspare.simulator.tape import ENDS
from hotspare_wire import frame, messages

HEAP = "4M"  # words of 64 bits, and boards of both roles in one process
REPLAY_S_MAX = 50
FOLDERS = ("host", "protocol", "firmware")
ENDED = tuple(f"> {it}" for it in ENDS)
BEGINS = ("< boot ", "< step ")
NOTHING = "(nothing: the tape ends)"


def run_replay(python: str, lines: Iterable[str], root: Path) -> subprocess.CompletedProcess[str]:
    """Replay the lines of tapes with the firmware and the simulator under `root`, by an interpreter."""
    options = [] if python == sys.executable else ["-X", f"heapsize={HEAP}"]
    path = ":".join(str(root / folder) for folder in FOLDERS)
    return subprocess.run(
        [python, *options, "-m", "hotspare.simulator.replay"],
        input="".join(f"{line}\n" for line in lines),
        env={**os.environ, "PYTHONPATH": path, "MICROPYPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=REPLAY_S_MAX,
    )


def replayed(python: str, tapes: Sequence[Sequence[str]], root: Path) -> list[list[str]]:
    """Return the tapes that are made of what went in on tapes."""
    result = run_replay(python, chain.from_iterable(tapes), root)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr
    made: list[list[str]] = []
    for line in result.stdout.splitlines():
        if line.startswith("< chip "):
            made.append([])
        made[-1].append(line)
    return made


def whole(tape: Sequence[str]) -> list[str]:
    """Return a tape without the step in which it ends, if it ends in one: a law was broken there."""
    for at in range(len(tape) - 1, -1, -1):
        if tape[at].startswith(ENDED):
            break
        if tape[at].startswith(BEGINS):
            return list(tape[:at])
    return list(tape)


def difference(one: Sequence[str], other: Sequence[str]) -> str:
    """Return where two tapes differ first, with the lines of that step before it; nothing when they do not."""
    begun: list[str] = []  # since the last step or boot ended
    boots = steps = 0
    now = ""
    for line, other_line in zip_longest(one, other, fillvalue=NOTHING):
        way, word, *rest = line.split(" ")
        if (way, word) == ("<", "boot"):
            boots, steps, now = boots + 1, 0, rest[0]
        elif (way, word) == ("<", "step"):
            steps, now = steps + 1, rest[0]
        if line != other_line:
            where = f"boot {boots}, step {steps}, at {now} us:"
            return "\n".join([where, *(f"    {it}" for it in begun), *told("-", line), *told("+", other_line)])
        begun = [line] if not begun or begun[-1].startswith(ENDED) else [*begun, line]
    return ""


def told(mark: str, line: str) -> list[str]:
    """Return a line that differs, and what the frame in it says, if there is one."""
    lines = [f"  {mark} {line}"]
    decoder = frame.Decoder()
    for word in line.split(" ")[2:]:
        try:
            data = bytes.fromhex(word)
        except ValueError:
            continue
        place = 0
        while place < len(data):
            place = decoder.feed(data, place, len(data))
            if decoder.size:
                lines.append(f"  {mark}   {_said(bytes(decoder.payload[: decoder.size]))}")
    return lines


def _said(payload: bytes) -> str:
    try:
        header, fields = layouts.parse(payload)
    except (construct.ConstructError, KeyError):
        return f"a frame that is not right: {payload.hex()}"
    name = next(name for kind, name, _ in messages.MESSAGES if kind == header.first.kind)
    values = " ".join(f"{key}={value.hex() if isinstance(value, bytes) else value}" for key, value in fields.items())
    return f"{name} {header.source} to {header.destination} sequence={header.sequence:#x} {values}"
