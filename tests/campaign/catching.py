"""Catching a deliberate bug: a copy of its package with the change, and the stage that must notice it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from hotspare.rig.flash import package_folder
from tests.campaign.bugs import SEEDS, Bug

REPOSITORY = Path(__file__).parents[2]
RUNS_MAX = 80  # seeds that are tried for one bug
LIMIT_S = 240
FAILED = 1  # what a test run ends with when a test failed


class Uncaught(AssertionError):
    """A deliberate bug went through."""


def spoil(bug: Bug, folder: Path) -> None:
    """Copy the bug's package into `folder` with the bug in it."""
    package, _, file = bug.file.partition("/")
    copy = folder / package
    shutil.copytree(package_folder(package), copy, ignore=shutil.ignore_patterns("__pycache__"))
    text = (copy / file).read_text(encoding="utf-8")
    assert text.count(bug.old) == 1, f"{bug.file}: what is to be replaced stands there {text.count(bug.old)} times"
    (copy / file).write_text(text.replace(bug.old, bug.new), encoding="utf-8")


def catch(bug: Bug, folder: Path) -> str:
    """Return what noticed the bug; raises Uncaught."""
    spoil(bug, folder)
    if bug.by == SEEDS:
        package = bug.file.partition("/")[0]
        command = [sys.executable, "-m", "tests.campaign.seek", package, str(folder), "0", str(RUNS_MAX)]
    else:
        quiet = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
        command = [sys.executable, "-m", "pytest", *quiet, *bug.by.split()]
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{REPOSITORY}", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False, timeout=LIMIT_S
    )
    lines = (done.stdout + done.stderr).strip().splitlines() or [""]
    if done.returncode != FAILED:
        raise Uncaught(f"{bug.name}: {bug.by} noticed nothing: {lines[-1]}")
    if bug.by == SEEDS:
        if not lines[0].startswith("seed "):
            raise Uncaught(f"{bug.name}: the runs themselves failed: {lines[-1]}")
        return lines[0]
    return next((line for line in lines if line.startswith("FAILED ")), lines[-1])
