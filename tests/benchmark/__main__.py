"""`python -m tests.benchmark [PART...]`: prints each measured figure beside its limit, exits 1 if one is missed."""

from __future__ import annotations

import os
import platform
import sys

from tests.benchmark import crowd, laws, machine, mutation, pool, recording, resets, simulating, standby, takeover
from tests.benchmark.report import HEAD, Report
from tests.tools.arguments import Parser, whole_number

RUNS = 30
RUNS_MAX = 100_000
PARTS = {
    "board": lambda report, runs: machine.measure_board(report),
    "recorder": lambda report, runs: recording.measure(report),
    "takeover": takeover.measure,
    "pool": pool.measure,
    "standby": standby.measure,
    "resets": resets.measure,
    "commands": machine.measure_commands,
    "crowd": lambda report, runs: crowd.measure(report),
    "mutation": lambda report, runs: mutation.measure(report),
    "simulator": simulating.measure,
    "explorer": simulating.measure_explorer,
    "laws": laws.measure,
}
UNASKED = tuple(name for name in PARTS if name != "laws")  # which takes an hour with the 200 runs that it is meant for


def main() -> int:
    """Measure the parts that are named, or all of them."""
    parser = Parser(prog="make benchmark", description="Measure hotspare.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--runs", type=whole_number(RUNS_MAX), default=RUNS, help="trials of each timed figure")
    asked = parser.parse_args()
    report = Report()
    print(f"# {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(HEAD)
    for name in asked.parts or UNASKED:
        PARTS[name](report, asked.runs)
    missed = [row.what for row in report.rows if not row.holds]
    for what in missed:
        print(f"missed: {what}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
