"""Which firmware this hotspare brings: read from the packages' files as data, never imported."""

from __future__ import annotations

import ast
import binascii
import importlib.util
from pathlib import Path

from hotspare.errors import HotspareError
from hotspare_wire.configuration import fold

PACKAGE = "hotspare_firmware"
PACKAGES = ("hotspare_engine", PACKAGE, "hotspare_wire")
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


def build() -> int:
    """Return the hash of the files of that firmware, as boards that hold them show it."""
    crc = binascii.crc32(version().encode())
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise HotspareError(f"package {package} is not installed: install hotspare again")
        crc = _folder(Path(spec.origin).parent, package, crc)
    return fold(crc)


def _folder(path: Path, name: str, crc: int) -> int:
    for entry in sorted(path.iterdir(), key=lambda entry: entry.name):
        said = f"{name}/{entry.name}"
        if entry.suffix in (".py", ".mpy"):
            crc = binascii.crc32(entry.read_bytes(), binascii.crc32(said.encode(), crc))
        elif entry.is_dir() and not entry.name.startswith("_"):
            crc = _folder(entry, said, crc)
    return crc
