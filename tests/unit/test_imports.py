"""What the board side may import, as an allow-list: a deny-list misses what nobody thought of."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PURE = {"struct", "binascii", "hashlib", "collections"}
ALLOWED = {
    "protocol/hotspare_engine": {"hotspare_engine", *PURE},
    "protocol/hotspare_wire": {"hotspare_wire", "hotspare_engine.words", "hotspare_engine.settings", *PURE},
    "firmware/hotspare_firmware": {
        *{"hotspare_firmware", "hotspare_wire", "hotspare_engine", *PURE},
        *{"machine", "time", "os", "select", "micropython", "sys", "gc", "socket", "io"},
        *{"rp2", "esp32", "stm", "uctypes"},
    },
}
HARDWARE = Path("firmware/hotspare_firmware/hardware.py")
FLASH = Path("firmware/hotspare_firmware/flash.py")
BACKUP = Path("firmware/hotspare_firmware/backup.py")
NETWORK = Path("firmware/hotspare_firmware/network.py")
FILES = [path.relative_to(ROOT) for package in ALLOWED for path in sorted((ROOT / package).rglob("*.py"))]


def imported(file: Path) -> Iterator[str]:
    """Yield the full name of everything that `file` imports; relative imports are the package's own."""
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = file.parts[1] if node.level else node.module
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Name) and node.id in {"__import__", "exec", "eval"}:
            yield node.id


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_board_file_imports_only_what_a_board_has(file: Path) -> None:
    allowed = ALLOWED["/".join(file.parts[:2])]
    assert [name for name in imported(file) if not any(f"{name}.".startswith(f"{it}.") for it in allowed)] == []


def test_exactly_one_module_imports_machine() -> None:
    assert [file for file in FILES if any(name.split(".")[0] == "machine" for name in imported(file))] == [HARDWARE]


@pytest.mark.parametrize(("module", "file"), [("rp2", FLASH), ("esp32", FLASH), ("stm", BACKUP), ("uctypes", BACKUP)])
def test_what_only_one_port_has_is_imported_where_its_flash_is(module: str, file: Path) -> None:
    assert [it for it in FILES if any(name.split(".")[0] == module for name in imported(it))] == [file]
    at_start = [node for node in ast.parse((ROOT / FLASH).read_text(encoding="utf-8")).body if "Import" in str(node)]
    assert [node.names[0].name for node in at_start if isinstance(node, ast.Import)] == ["os"]


def test_exactly_one_module_imports_socket_and_no_board_loads_it_without_need() -> None:
    assert [file for file in FILES if any(name.split(".")[0] == "socket" for name in imported(file))] == [NETWORK]
    at_start = [
        file
        for file in FILES
        for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom) and node.level and "network" in (node.module or "")
    ]
    assert at_start == []
