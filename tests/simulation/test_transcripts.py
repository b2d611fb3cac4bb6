"""Whole conversations with an engine, word for word, on CPython and MicroPython; `--bless` takes them as they are."""

import subprocess
import sys
from pathlib import Path

import pytest

from hotspare.rig.vm import find_micropython
from tests.simulation import transcript
from tests.simulation.conversations import CONVERSATIONS


def golden(repository: Path, name: str) -> Path:
    return repository / "tests" / "golden" / f"{name}.txt"


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation_goes_as_it_is_written(name: str, repository: Path, request: pytest.FixtureRequest) -> None:
    text = "\n".join(transcript.of(CONVERSATIONS[name]())) + "\n"
    file = golden(repository, name)
    if request.config.getoption("--bless"):
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, "run with --bless if this is what is wanted"


def test_conversations_go_the_same_on_micropython(repository: Path) -> None:
    printed = []
    for python in (sys.executable, find_micropython()):
        command = [python, "tests/board/engine_conversations.py", str(repository), *CONVERSATIONS]
        result = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=50)
        assert result.returncode == 0, result.stdout + result.stderr
        printed.append(result.stdout)
    assert printed[0] == printed[1]
    assert printed[0].count("==") == len(CONVERSATIONS)
