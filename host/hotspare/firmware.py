"""Which firmware this hotspare brings: read from the package's files as data, never imported."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

from hotspare.errors import HotspareError

PACKAGE = "hotspare_firmware"
NAME = "VERSION"


def version() -> str:
    """Return the version of the firmware that is installed with this hotspare."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise HotspareError(f"package {PACKAGE} is not installed: install hotspare again")
    for node in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [NAME]:
            return str(ast.literal_eval(node.value))
    raise HotspareError(f"{spec.origin} names no {NAME}: install hotspare again")
