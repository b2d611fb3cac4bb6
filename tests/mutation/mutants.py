"""Mutants: mutmut makes them, here they get a name and a line, and are put into the loaded engine; writes no file.

mutmut's own runner calls every function through a trampoline, which makes the engine too slow for its tests, and wants
sources in `src`. What changes a function in the loaded module needs neither, and no copy of the sources.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

from mutmut.configuration import config
from mutmut.mutation.file_mutation import MutatedFile, mutate_file_contents
from mutmut.utils.format_utils import mangled_name_from_mutant_name, orig_function_and_class_names_from_key

ORIGINAL = "__mutmut_orig"


@dataclass(frozen=True)
class Mutant:
    """One function with one change: `lines` are those of the statement that is changed, `line` is the changed one."""

    module: str
    function: str
    number: int
    line: int
    lines: range
    before: str
    after: str
    made: FunctionType

    @property
    def name(self) -> str:
        """What it is called on the command line and in a report."""
        return f"{self.module}:{self.function}:{self.number}"

    def put_in(self) -> None:
        """Replace the function in the loaded engine, for the rest of this process."""
        loaded = importlib.import_module(f"hotspare_engine.{self.module}")
        holder_name, _, name = self.function.rpartition(".")
        holder: Any = getattr(loaded, holder_name) if holder_name else loaded
        there: FunctionType = vars(holder)[name]
        if holder is loaded:  # others have imported it by name: it is changed in place
            there.__code__ = self.made.__code__
            there.__defaults__ = self.made.__defaults__
        else:
            setattr(holder, name, _moved(self.made, there, holder))


def _moved(made: FunctionType, there: FunctionType, holder: type) -> FunctionType:
    # with the globals of the loaded module, and its class for `super`
    cells = tuple(CellType(holder) for _ in made.__code__.co_freevars)
    return FunctionType(made.__code__, there.__globals__, there.__name__, made.__defaults__, cells)


def sources() -> dict[str, Path]:
    """Return the file of each module that is to be mutated, by its name: pyproject.toml says which."""
    settings = config()
    found = [path for root in settings.source_paths for path in sorted(root.glob("*.py"))]
    return {path.stem: path for path in found if settings.should_mutate(path)}


def of(module: str, path: Path) -> list[Mutant]:
    """Return every mutant of a module, in the order of its text."""
    source = path.read_text(encoding="utf-8")
    made = mutate_file_contents(str(path), source)
    namespace = _loaded(module, compile(made.code, str(path), "exec"))
    text = made.code.splitlines()
    functions = dict(_functions(ast.parse(source)))
    found = []
    for name in made.mutant_names:
        function, class_name = orig_function_and_class_names_from_key(name)
        qualified = f"{class_name}.{function}" if class_name else function
        original = _span(made, text, mangled_name_from_mutant_name(name) + ORIGINAL)
        mutated = _span(made, text, name)
        offset = _first_difference(original, mutated)
        line = functions[qualified].lineno + offset
        holder = vars(namespace[class_name]) if class_name else namespace
        number = int(name.rpartition("_")[2])
        after = mutated[offset].strip() if offset < len(mutated) else ""
        lines = _statement(functions[qualified], line)
        found.append(Mutant(module, qualified, number, line, lines, original[offset].strip(), after, holder[name]))
    return found


def _loaded(module: str, code: CodeType) -> dict[str, Any]:
    # beside the engine that is tested: under its name, and not in sys.modules
    beside = ModuleType(f"hotspare_engine.{module}")
    beside.__package__ = "hotspare_engine"
    exec(code, vars(beside))
    return vars(beside)


def _span(made: MutatedFile, text: list[str], name: str) -> list[str]:
    span = made.line_span_by_function_name[name]
    lines = text[span.start - 1 : span.end]
    while not lines[0].lstrip().startswith("def "):  # comments and empty lines above it
        del lines[0]
    return lines


def _first_difference(original: list[str], mutated: list[str]) -> int:
    for offset in range(1, len(original)):  # the first line has the name
        if offset >= len(mutated) or original[offset] != mutated[offset]:
            return offset
    return 0


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner


def _statement(function: ast.FunctionDef, line: int) -> range:
    # the lines of the innermost statement; of one with a body those before the body. A default belongs to all of them
    least = range(function.lineno, (function.end_lineno or line) + 1)
    if line < function.body[0].lineno:
        return least
    for node in ast.walk(function):
        if isinstance(node, ast.stmt) and node is not function:
            body = getattr(node, "body", None)
            span = range(node.lineno, body[0].lineno if body else (node.end_lineno or line) + 1)
            if line in span and len(span) < len(least):
                least = span
    return least
