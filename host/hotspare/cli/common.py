"""What commands share: where the configuration is, names that complete, JSON on stdout and tables for people."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from hotspare.errors import HotspareError

if TYPE_CHECKING:
    from rich.console import Console

FILE_NAME = "hotspare.toml"
CONFIG_VARIABLE = "HOTSPARE_CONFIG"
DIRECTORY_VARIABLE = "HOTSPARE_DIR"
WIDTH_WITHOUT_TERMINAL = 160

Function = TypeVar("Function", bound=Callable[..., Any])

EMPTY = "it is empty: give it a value, or leave it out"


class Text(click.ParamType[str]):
    """Text that says something: an empty one is mostly a variable of a script that was never set."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text."""
        if not str(value).strip():
            self.fail(EMPTY, param, ctx)
        return str(value)


class FilePath(click.Path):
    """A path that says something."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path."""
        if not str(value).strip():
            self.fail(EMPTY, param, ctx)
        return super().convert(value, param, ctx)


class Seconds(click.FloatRange):
    """A span of time within its range: NaN, which no bound keeps out, and infinity are in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the seconds."""
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{found} is not in the range {self._describe_range()}.", param, ctx)
        return found


config_option = click.option(
    "-c",
    "--config",
    "config_path",
    metavar="FILE",
    type=FilePath(),
    default=FILE_NAME,
    envvar=CONFIG_VARIABLE,
    show_default=True,
    show_envvar=True,
    help="The configuration.",
)
directory_option = click.option(
    "--dir",
    "directory",
    metavar="DIR",
    type=FilePath(),
    envvar=DIRECTORY_VARIABLE,
    show_envvar=True,
    help="Find each board's port as DIR/BOARD: a rig's directory.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else on stdout.")


def with_configuration(function: Function) -> Function:
    """Give a command -c and --dir, and pass it the configuration that they lead to as its first argument."""

    @config_option
    @directory_option
    @wraps(function)
    def wrapper(*args: Any, config_path: Path, directory: Path | None, **options: Any) -> Any:
        from hotspare.configuration import load

        return function(load(config_path, directory), *args, **options)

    return wrapper  # type: ignore[return-value]


class Name(Text):
    """The name of a group, board or unit; completes from the configuration."""

    def __init__(self, what: str) -> None:
        self.name = what

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names in the file that begin so; none when it can not be read."""
        from hotspare.configuration import load

        try:
            configuration = load(Path(ctx.params.get("config_path") or FILE_NAME))
        except HotspareError:
            return []
        parts: tuple[Any, ...] = getattr(configuration, f"{self.name}s")
        return [CompletionItem(part.name) for part in parts if part.name.startswith(incomplete)]


group_argument = click.argument("group_name", metavar="[GROUP]", required=False, type=Name("group"))


def print_json(value: Any) -> None:
    """Print one JSON document on one line."""
    click.echo(json.dumps(value, allow_nan=False))


def console() -> Console:
    """Return where tables for people go."""
    from rich.console import Console

    class Output(Console):
        """A console that leaves a reader who went away to the command line, as every other output does."""

        def on_broken_pipe(self) -> None:
            """Let the error go on."""
            raise  # noqa: PLE0704 - rich calls it while it handles the error

    class Unpadded(Output):
        def print(self, *objects: Any, **options: Any) -> None:  # who reads a file wants no blanks at its lines' ends
            with self.capture() as printed:
                super().print(*objects, **options)
            click.echo("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()), nl=False)

    out = Output(highlight=False, markup=False)
    if out.is_terminal:
        return out
    out = Unpadded(highlight=False, markup=False)
    if "COLUMNS" not in os.environ:
        out.width = WIDTH_WITHOUT_TERMINAL
    return out
