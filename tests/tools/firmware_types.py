"""Checks the types of the board side against MicroPython's own library, on which only our files count.

mypy ignores MicroPython's stubs beside the standard library's, so they replace it (--custom-typeshed-dir); what mypy
then finds inside the stubs is theirs to mend and is dropped here. The compiled twin of the codec is left out: viper's
`ptr8` and casts are the compiler's own words, and its tests hold it to the plain one.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
OURS = ("firmware/", "protocol/")
PACKAGES = ("protocol/hotspare_engine", "protocol/hotspare_wire", "firmware/hotspare_firmware")
LEFT_OUT = r"codec_viper\.py$"
LEFT_OUT_LINE = r"codec_viper\.py:"  # it is checked after all where another module imports it
OPTIONS = (
    "--check-untyped-defs",
    "--explicit-package-bases",
    "--implicit-optional",
    "--no-error-summary",
    "--no-site-packages",
    "--warn-unreachable",
)


def run_mypy(stubs: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    """Run mypy over the board side with `stubs` in place of the standard library."""
    command = [sys.executable, "-m", "mypy", "--config-file", os.devnull, "--cache-dir", str(cache), *OPTIONS]
    command += ["--custom-typeshed-dir", str(stubs), "--exclude", LEFT_OUT, *PACKAGES]
    places = [str(stubs), str(REPOSITORY / "protocol"), str(REPOSITORY / "firmware")]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(places)}
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)


def main() -> int:
    """Print what is wrong in our files and fail if anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stubs", type=Path, required=True, help="folder with the MicroPython stubs")
    stubs = parser.parse_args().stubs.resolve()
    if not (stubs / "stdlib" / "VERSIONS").exists():
        print(f"no MicroPython stubs in {stubs}: run `make setup`", file=sys.stderr)
        return 1
    result = run_mypy(stubs, REPOSITORY / ".mypy_cache" / "firmware")
    ours = [line for line in result.stdout.splitlines() if line.startswith(OURS) and not re.search(LEFT_OUT_LINE, line)]
    for line in ours:
        print(line)
    if result.returncode not in (0, 1):
        print(result.stdout, result.stderr, "mypy could not check the firmware", sep="\n", file=sys.stderr)
        return 1
    print(f"{sum(': error:' in line for line in ours)} errors in our files")
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
