"""A target under libFuzzer, which atheris brings: inputs that lead to new code are kept and changed further; a program.

Arguments: the name of a target, then those of libFuzzer. It needs Linux on x86-64 and CPython 3.11 to 3.13, for which
atheris has wheels; `missing` says so elsewhere.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

INSTRUMENTED = ["hotspare", "hotspare_engine", "hotspare_firmware", "hotspare_wire"]


def missing() -> str:
    """Return why nothing can be guided by coverage here; an empty text if it can."""
    if find_spec("atheris") is not None:
        return ""
    return (
        "atheris is not installed: it has wheels for Linux on x86-64 with CPython 3.11 to 3.13 alone; "
        "the other stages of the fuzzing run here too"
    )


def main() -> None:
    """Run until libFuzzer ends the program."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.fuzz import targets

    name, *arguments = sys.argv[1:]
    function = targets.of(name).function

    def test_one(data: bytes) -> None:
        function(data)

    atheris.Setup([sys.argv[0], *arguments], test_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
