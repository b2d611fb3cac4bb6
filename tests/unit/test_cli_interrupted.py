"""What a command says when a signal or a vanished port ends it while it imports, or while an order is under way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hotspare.cli import exits
from hotspare_engine import words as w
from tests import fakes, files, terminals

LIMIT_S = 20.0
PROGRAM = "import sys; from hotspare.program import main; sys.exit(main())"
MAY_BE_DONE = "the order may have been carried out: hotspare status"


def test_ctrl_c_during_imports_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def test_ctrl_c_while_pydantic_builds_the_schema_is_no_mistake_of_ours(tmp_path: Path) -> None:
    whole = (
        "import importlib.machinery as m, importlib.util as u, sys\n"
        "_spec = m.PathFinder.find_spec('pydantic_core', [p for p in sys.path if p != {!r}])\n"
        "_real = u.module_from_spec(_spec); sys.modules['pydantic_core'] = _real\n"
        "_spec.loader.exec_module(_real)\n"
        "def _interrupted(schema):\n"
        "    raise _real.SchemaError('Error building: KeyboardInterrupt: ')\n"
        "_real.SchemaValidator = _interrupted\n"
    )
    (tmp_path / "pydantic_core.py").write_text(whole.format(str(tmp_path)))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "check", "-c", str(files.write(tmp_path))],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (exits.INTERRUPTED, "", "")


def ordered(tmp_path: Path, args: list[str], number: int) -> tuple[int, str]:
    """Give an order to a controller that tells no outcome, and a signal once it has it; return the code and stderr."""
    path = files.write(tmp_path)
    boards = fakes.pair_of(files.read(path))
    controller = next(board for board in boards.values() if board.name == "controller")

    def undecided(values: tuple[int, ...]) -> list[tuple[int, ...]]:
        controller.asked.append(values)
        return [(values[0], w.ACCEPTED, 0, 0, 0, 0, 0)]

    controller.reply = undecided
    with terminals.behind(boards):
        argv = [sys.executable, "-c", PROGRAM, args[0], "-c", str(path), *args[1:]]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        end_s = time.monotonic() + LIMIT_S
        while not controller.asked and process.poll() is None:
            assert time.monotonic() < end_s
            time.sleep(0.01)
        process.send_signal(number)
        _, err = process.communicate(timeout=LIMIT_S)
    return process.returncode, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_an_order_is_under_way_is_one_line_that_says_so(tmp_path: Path, number: int) -> None:
    code, err = ordered(tmp_path, ["switchover"], number)
    assert code == exits.INTERRUPTED
    assert err.strip() == f"hotspare: controller: interrupted; {MAY_BE_DONE}"
