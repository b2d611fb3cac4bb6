"""The wheel, the source archive and the editable install each carry the firmware and start the command line.

Each is installed, without a network, into a fresh environment that borrows the dependencies of the tests' own.
"""

import json
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent
FIRMWARE = REPOSITORY / "firmware" / "hotspare_firmware"
PACKAGES = ("hotspare", "hotspare_engine", "hotspare_firmware", "hotspare_wire")
PROBE = f"""
import importlib, importlib.resources, json
root = importlib.resources.files("hotspare_firmware")
def walk(folder, prefix=""):
    for item in folder.iterdir():
        if item.is_dir():
            yield from walk(item, prefix + item.name + "/")
        elif item.name.endswith(".py"):
            yield prefix + item.name, len(item.read_bytes())
print(json.dumps([[importlib.import_module(name).__file__ for name in {PACKAGES}], dict(walk(root))]))
"""


def run(*command: object, cwd: Path) -> str:
    result = subprocess.run([str(it) for it in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def built(kind: str, source: Path, target: Path) -> Path:
    """Build one archive of `kind`, a target of hatchling, from `source`; return its path."""
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target, cwd=source)
    (archive,) = target.iterdir()
    return archive


def unpacked_sdist(folder: Path) -> Path:
    """Build the source archive, unpack it and return its root."""
    with tarfile.open(built("sdist", REPOSITORY, folder / "sdist")) as archive:
        # Debian's 3.11.2 knows no filter; newer ones warn when none is given
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(folder)
    (root,) = folder.glob("hotspare-*")
    return root


def wheel_of(kind: str, folder: Path) -> Path:
    """Build what is installed for `kind`."""
    if kind == "sdist":
        return built("wheel", unpacked_sdist(folder), folder / "dist")
    return built({"wheel": "wheel", "editable": "wheel:editable"}[kind], REPOSITORY, folder / "dist")


def installed(wheel: Path, folder: Path) -> Path:
    """Install `wheel` into a fresh environment; return the folder of its programs."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-index", "--no-deps", wheel, cwd=folder)
    (site,) = folder.glob("lib/python*/site-packages")
    # a plain path: the editable install of the borrowed environment does not come along
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin"


@pytest.mark.parametrize("kind", ["wheel", "sdist", "editable"])
def test_an_install_carries_the_firmware_and_starts_the_command_line(kind: str, tmp_path: Path) -> None:
    programs = installed(wheel_of(kind, tmp_path), tmp_path / "environment")

    places, firmware = json.loads(run(programs / "python", "-c", PROBE, cwd=tmp_path))
    home = REPOSITORY if kind == "editable" else tmp_path / "environment"
    assert [place for place in places if not Path(place).is_relative_to(home)] == []
    assert {"main.py", "hardware.py", "wiring/pico.py"} <= firmware.keys()
    assert firmware == {str(it.relative_to(FIRMWARE)): it.stat().st_size for it in FIRMWARE.rglob("*.py")}

    assert "hotspare" in run(programs / "hotspare", "--help", cwd=tmp_path).lower()


def test_the_source_archive_carries_what_it_takes_to_test_and_document(tmp_path: Path) -> None:
    root = unpacked_sdist(tmp_path)
    needed = [
        "LICENSE",
        "Makefile",
        "CHANGELOG.md",
        "protocol/vectors.json",
        "protocol/PROTOCOL.md",
        "conftest.py",
        "hil/conftest.py",
        "tests/rig/conftest.py",
    ]
    assert [name for name in needed if not (root / name).exists()] == []
