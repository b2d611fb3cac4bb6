"""The engine on the MicroPython VM: what a step allocates and, roughly, how long it takes."""

import re
import subprocess
from pathlib import Path

import pytest

from hotspare.rig.vm import find_micropython

STEP_US_MAX = 40  # a guard against a slip, on a machine that others use too; the figure itself is the benchmark's


@pytest.fixture(scope="module")
def lines(repository: Path) -> dict[str, str]:
    command = [find_micropython(), "-X", "heapsize=312K", "tests/board/engine_allocations.py", str(repository)]
    result = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=50)
    assert result.returncode == 0, result.stdout + result.stderr
    return dict(line.split(": ", 1) for line in result.stdout.splitlines())


@pytest.mark.parametrize("step", ["step", "elapsed", "watch", "pending"])
def test_a_step_that_changes_nothing_allocates_nothing_in_10_000(lines: dict[str, str], step: str) -> None:
    match = re.fullmatch(r"(\d+) bytes, ([\d.]+) us", lines[step])
    assert match is not None
    assert int(match[1]) == 0
    assert float(match[2]) < STEP_US_MAX


def test_the_dearest_step_of_a_failover_and_back_stays_within_its_named_bound(lines: dict[str, str]) -> None:
    match = re.fullmatch(r"(\d+) bytes of (\d+)", lines["dearest step"])
    assert match is not None
    assert 0 < int(match[1]) <= int(match[2])
