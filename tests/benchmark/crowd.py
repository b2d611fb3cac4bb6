"""Many pairs at once: false failovers and lateness when 50 boards share this machine."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from hotspare import board, configuration, view
from hotspare.plan import plan_from
from hotspare.rig import technician
from hotspare.rig.process import RigProcess
from tests.benchmark.report import Report

PAIRS = 25
SECONDS = 60
SETTLE_S = 3
LATENESS_LIMIT_MS = 10.0
LIMIT_SHARE = 0.99
SHARES = (0.5, LIMIT_SHARE, 0.999)


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
        loaded = configuration.load(file).on_rig()
        with RigProcess(plan_from(loaded), loaded.rig_directory) as process:
            process.wait_answers()
            technician.look(loaded)
            technician.arm(loaded)
            time.sleep(SETTLE_S)
            before = process.rig.state()["trace_next"] - 1
            began = [loop_of(each) for each in loaded.boards]
            time.sleep(SECONDS)
            coils = [record for record in process.rig.trace(before) if record.kind == "coil"]
            ended = [loop_of(each) for each in loaded.boards]
    windows = [{name: end[name] - begin[name] for name in end} for begin, end in zip(began, ended, strict=True)]
    steps = {name: sum(window[name] for window in windows) for name in windows[0]}
    report.figure(f"false failovers of {PAIRS} pairs in {SECONDS} s", len(coils), "times", 0)
    report.note(
        "lateness of a loop is when a step began against when it was asked for, counted by the boards in classes"
    )
    for share in SHARES:
        report.figure(f"lateness that {share:.1%} of all steps kept", above(steps, share), "ms", limit_of(share))
    worst = max(above(window, 0.99) for window in windows)
    report.figure("lateness that 99.0% of its steps kept, of the worst board", worst, "ms", LATENESS_LIMIT_MS)


def loop_of(each: configuration.Board) -> dict[str, int]:
    """Return how late the steps of a board's loop were, as it counted them since boot."""
    with board.open_board(each) as reached:
        return reached.loop()


def above(steps: dict[str, int], share: float) -> float:
    """Return the upper end of the class in ms that holds this share of the steps."""
    found = view.late_ms(steps, share)
    return float("inf") if found is None else float(found)


def limit_of(share: float) -> float | None:
    """Return the limit that there is for a share."""
    return LATENESS_LIMIT_MS if share == LIMIT_SHARE else None
