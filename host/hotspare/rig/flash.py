"""What stands on a new board: the firmware's files as they are in the package, read and never imported."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from hotspare import wiring
from hotspare.rig.errors import RigError

PACKAGES = ("hotspare_wire", "hotspare_engine", "hotspare_firmware")
START = ("hotspare_firmware", "start.py")  # what stands on the board as /main.py


def firmware_files() -> dict[str, bytes]:
    """Return the files of the firmware by their path on the board."""
    package, name = START
    files = {"/main.py": (package_folder(package) / name).read_bytes()}
    for package in PACKAGES:
        root = package_folder(package)
        for path in sorted(root.rglob("*.py")):
            files[f"/lib/{package}/{path.relative_to(root).as_posix()}"] = path.read_bytes()
    return files


def package_folder(package: str) -> Path:
    """Return where a board package is installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RigError(f"package {package} is not installed: install hotspare again")
    return Path(spec.submodule_search_locations[0])


def wiring_of(kind: str) -> dict[str, int]:
    """Return the pin numbers of a kind of board by the names in its wiring file."""
    try:
        it = wiring.of(kind)
    except ValueError as error:
        raise RigError(str(error)) from error
    return {name: it.number(pad) for name, pad in it.pins.items()}


def install(root: Path, files: dict[str, bytes]) -> None:
    """Write `files` under `root`, over what is there."""
    root.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = root.joinpath(*[part for part in name.split("/") if part not in ("", ".", "..")])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
