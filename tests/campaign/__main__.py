"""`python -m tests.campaign [STAGE...]`: prints what each stage did and found, exits 1 if one found anything."""

from __future__ import annotations

import os
import platform
import sys
import time

from tests.campaign.sizes import SIZES
from tests.campaign.stages import STAGES
from tests.tools.arguments import Parser, whole_number

JOBS_MAX = 64


def main() -> int:
    """Do the stages that are named, or all of them."""
    parser = Parser(prog="make campaign", description="Survive faults by the thousand.")
    parser.add_argument("stages", nargs="*", choices=[*STAGES, []], metavar="STAGE", help=", ".join(STAGES))
    parser.add_argument("--size", choices=list(SIZES), default="ci", help="how much of each")
    parser.add_argument("--jobs", type=whole_number(JOBS_MAX), default=os.cpu_count() or 1, help="processes at once")
    asked = parser.parse_args()
    print(f"# {platform.system()} {platform.machine()}, {asked.jobs} at once, Python {platform.python_version()}")
    begun_s = time.monotonic()
    failed = []
    for name in asked.stages or STAGES:
        print(f"== {name}: {' '.join((STAGES[name].__doc__ or '').split())}", flush=True)
        at_s = time.monotonic()
        try:
            counts = STAGES[name](SIZES[asked.size], asked.jobs, lambda text: print(f"   {text}", flush=True))
        except AssertionError as found:
            failed.append(name)
            print(f"   FOUND: {found}", flush=True)
            counts = {}
        shown = ", ".join(f"{what} {count}" for what, count in counts.items())
        print(f"   {shown or '-'}; {time.monotonic() - at_s:.0f} s", flush=True)
    print(
        f"{'found something: ' + ', '.join(failed) if failed else 'nothing found'}; {time.monotonic() - begun_s:.0f} s"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
