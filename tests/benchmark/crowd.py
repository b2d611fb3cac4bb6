"""Many pairs at once: false failovers and lateness when 50 boards share this machine."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from hotspare import board, configuration
from hotspare.plan import plan_from
from hotspare.rig import technician
from hotspare.rig.process import RigProcess
from tests.benchmark.report import Report

PAIRS = 25
SECONDS = 60
SETTLE_S = 3
LATENESS_LIMIT_MS = 10.0


def file_of(pairs: int) -> str:
    """Return a configuration of many pairs at 100 ms x 5."""
    parts = []
    for number in range(1, pairs + 1):
        n = f"{number:02}"
        parts.append(
            f"""
[group.pair-{n}]
primaries = ["primary-{n}"]
spare = "spare-{n}"
controller = "controller-{n}"
[unit.primary-{n}]
board = "beacon-{n}"
[unit.spare-{n}]
board = "controller-{n}"
[board.beacon-{n}]
port = "rig/beacon-{n}"
address = 1
crosslink_b = "pulse"
[board.controller-{n}]
port = "rig/controller-{n}"
address = 2
crosslink_b = "pulse"
"""
        )
    return "".join(parts)


def measure(report: Report) -> None:
    """Run the crowd and look at what it did."""
    report.note(f"{PAIRS} pairs, {2 * PAIRS} boards, {SECONDS} s at 100 ms x 5, each board a process of its own")
    with TemporaryDirectory(prefix="hotspare-") as folder:
        file = Path(folder) / configuration.FILE_NAME
        file.write_text(file_of(PAIRS))
        loaded = configuration.load(file)
        with RigProcess(plan_from(loaded), loaded.rig_directory) as process:
            process.wait_answers()
            technician.look(loaded)
            technician.arm(loaded)
            time.sleep(SETTLE_S)
            before = process.rig.state()["trace_next"] - 1
            time.sleep(SECONDS)
            coils = [record for record in process.rig.trace(before) if record.kind == "coil"]
            late_ms = []
            for each in loaded.boards:
                with board.open_board(each) as reached:
                    late_ms.append(float(reached.status()["loop_max_ms"]))
    report.figure(f"false failovers of {PAIRS} pairs in {SECONDS} s", len(coils), "times", 0)
    report.times("a board's longest lateness since boot, one value a board", late_ms, "ms", None, LATENESS_LIMIT_MS)
