"""What the firmware costs a board and the command line a person: the VM's loop, heap and allocation; start-up times."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hil.pair import Pair
from hotspare.rig.vm import find_micropython
from hotspare_wire.heap import COLLECT_BYTES
from tests.benchmark.report import Report

ROOT = Path(__file__).parents[2]
HEAP = "322K"  # of a Pico, 240 KB, in words of 64 bits: docs/decisions/0021
BEAT_LIMIT_US = 20.0
KEYED_BEAT_LIMIT_US = 30.0
HEARTBEAT_LIMIT_BYTES = 32
BEAT_S = 0.09  # between two beats, at an interval of 100 ms
HEAP_LIMIT_BYTES = 100 * 1024
HELP_LIMIT_MS, STATUS_LIMIT_MS, READY_LIMIT_MS = 150.0, 400.0, 3000.0
DEMO_RUNS_MAX = 5


def measure_board(report: Report) -> None:
    """Measure one board's loop on the VM, without a key and with one."""
    report.note(f"on the unix VM, {HEAP} of heap, a controller with crosslink A, pulse and agent, keyless")
    got = on_vm("keyless")
    report.times("one heartbeat received, one sent, one engine step", got["bare_us"], "us", BEAT_LIMIT_US)
    report.times("the same with the whole of Board.step around it", got["board_us"], "us")
    steps = got["steady_steps"]
    report.figure(f"allocated in {steps} steps of the steady loop", got["allocated_bytes"], "bytes", 0)
    report.figure("heap after boot", got["heap_bytes"], "bytes", HEAP_LIMIT_BYTES)
    report.note("the same with a key: each frame that is sent or heard has a tag to be made")
    keyed = on_vm("keyed")
    report.times("one keyed heartbeat received, one sent, one step", keyed["bare_us"], "us", KEYED_BEAT_LIMIT_US)
    report.times("the same with the whole of Board.step around it", keyed["board_us"], "us")
    report.figure("a keyed heartbeat on the wire", keyed["wire_bytes"], "bytes", HEARTBEAT_LIMIT_BYTES)
    beat_bytes, counted_bytes = (keyed[name] / keyed["beats"] for name in ("allocated_bytes", "counted_bytes"))
    report.figure("allocated for each keyed beat: 1 heard, 2 sent", beat_bytes, "bytes", counted_bytes)
    interval_s = COLLECT_BYTES / counted_bytes * BEAT_S
    report.figure("so a collection comes every, at 100 ms", interval_s, "s")


def on_vm(keys: str) -> Any:
    """Return what one board's loop costs on the VM, `keyed` or `keyless`."""
    with tempfile.TemporaryDirectory(prefix="hotspare-") as folder:
        done = subprocess.run(
            [find_micropython(), "-X", f"heapsize={HEAP}", "tests/benchmark/on_vm.py", keys, "protocol", "firmware"],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": folder},
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(done.stdout)


def measure_commands(report: Report, runs: int) -> None:
    """Measure how long a person waits."""
    report.note("wall clock, from start to exit of the process; the demonstration until its boards are armed and ready")
    hotspare = str(Path(sys.executable).with_name("hotspare"))
    report.times("hotspare --help", [_ms([hotspare, "--help"]) for _ in range(runs)], "ms", HELP_LIMIT_MS)
    with Pair() as pair:
        file = pair.configuration.rig_directory.parent / "hotspare.toml"
        status = [hotspare, "status", "-c", str(file)]
        report.times("hotspare status on a running rig", [_ms(status) for _ in range(runs)], "ms", STATUS_LIMIT_MS)
    ready_ms = []
    for _ in range(min(runs, DEMO_RUNS_MAX)):
        told = subprocess.run([hotspare, "demo", "--json"], capture_output=True, text=True, check=True).stdout
        ready_ms.append(json.loads(told.splitlines()[-1])["ready_ms"])
    report.times("hotspare demo, start to boards ready", ready_ms, "ms", READY_LIMIT_MS)


def _ms(command: list[str]) -> float:
    begin_s = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - begin_s) * 1000
