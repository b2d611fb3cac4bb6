"""`hotspare rig`: reaches into a running rig; the commands follow from the rig's own table of verbs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from hotspare.cli import output
from hotspare.cli.common import FilePath, Text, config_option, console, directory_option, json_option, print_json
from hotspare.errors import HotspareError
from hotspare.rig.interface import WAIT_MS
from hotspare.rig.orders import VERBS, Param

if TYPE_CHECKING:
    from hotspare.rig.client import RigClient

RIG_FOLDER = "rig"
NAMED = ("cable", "relay", "unit", "board")
US = 1_000_000
RECORD_MAX = (1 << 53) - 1  # what JSON carries exactly

Runs = TypeVar("Runs", bound=Callable[..., Any] | click.Command)


class RigName(Text):
    """The name of a part of the rig; completes from the rig that runs."""

    def __init__(self, what: str) -> None:
        self.name = what

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin so; none when no rig runs."""
        try:
            with client(ctx) as rig:
                names = rig.state()[f"{self.name}s"]
        except HotspareError:
            return []
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def client(ctx: click.Context) -> RigClient:
    """Return the client of the rig that the command line means; raises NoRig."""
    from hotspare.rig.client import RigClient

    options = ctx.find_root().obj if ctx.obj is None else ctx.obj
    return RigClient(options)


def _moved(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.obj = value if param.name == "directory" else value.parent / RIG_FOLDER


def where(command: Runs) -> Runs:
    """Let -c and --dir stand behind the verb, too, as with every other command; --dir has the last word."""
    kept: dict[str, Any] = {"type": FilePath(), "expose_value": False, "callback": _moved}
    directory = click.option("--dir", "directory", metavar="DIR", help="The rig's directory.", **kept)
    config = click.option("-c", "--config", "config_path", metavar="FILE", help="Its file.", is_eager=True, **kept)
    return config(directory(command))


@click.group(name="rig")
@config_option
@directory_option
@click.pass_context
def command(ctx: click.Context, config_path: Path, directory: Path | None) -> None:
    """Reach into a rig: cables, units, relays, power.

    The rig is the one that `hotspare emulate` runs for the same file or directory. Times are by the rig's own clock,
    from its start.
    """
    ctx.obj = directory if directory is not None else config_path.parent / RIG_FOLDER


def seconds(us: int) -> str:
    """Return a time of the rig's clock for people."""
    return f"{us // US}.{us % US:06d} s"


def _parameter(param: Param) -> click.Parameter:
    kind: click.ParamType[Any] | None = None
    if param.kind in NAMED:
        kind = RigName(param.kind)
    elif param.kind == "number":
        kind = click.FLOAT
    elif param.name == "path":
        kind = FilePath()
    elif param.kind == "word":
        kind = Text()
    if not param.option:
        return click.Argument([param.name], required=param.required, type=kind, metavar=_metavar(param))
    help_text = param.meaning[0].upper() + param.meaning[1:] + "."
    return click.Option(
        [param.option, param.name],
        required=param.required,
        type=kind,
        # click takes an is_flag that is said to be false for an option whose value may be left out, as before a -5
        **({"is_flag": True} if param.kind == "flag" else {}),
        **({} if param.default is None else {"default": param.default}),
        show_default=param.kind == "number" and param.default is not None,
        metavar=None if param.kind == "flag" else _metavar(param),
        help=help_text,
    )


def _metavar(param: Param) -> str:
    name = "|".join(param.words) if param.words else {"direction": "END", "data": "HEX", "path": "FILE"}.get(param.name)
    name = name or param.name.upper().removesuffix("_MS").removesuffix("_S")
    return name if param.required or param.option else f"[{name}]"


def _verb(verb: str, params: tuple[Param, ...]) -> Callable[..., None]:
    @click.pass_context
    def run(ctx: click.Context, /, **given: Any) -> None:
        if given.get("path") is not None:
            given["path"] = str(Path(given["path"]).absolute())
        with client(ctx) as rig:
            us = rig.do([(verb, {name: value for name, value in given.items() if value is not None})])
        output.acted()
        click.echo(f"{verb}: done at {seconds(us)}")

    return run


for _name, (_help, _params) in VERBS.items():
    command.add_command(
        where(click.Command(_name, callback=_verb(_name, _params), params=[_parameter(p) for p in _params], help=_help))
    )


@command.command()
@where
@json_option
@click.pass_context
def state(ctx: click.Context, as_json: bool) -> None:
    """Show what the rig is like now."""
    with client(ctx) as rig:
        now = rig.state()
    if as_json:
        print_json(now)
        return
    from hotspare.rig.tables import state_tables

    out = console()
    for table in state_tables(now):
        out.print(table)
    out.print(f"both connected: {now['both_connected_us']} us at most; the rig runs for {seconds(now['us'])}")


@command.command()
@where
@json_option
@click.option(
    "--since", metavar="NUMBER", type=click.IntRange(0, RECORD_MAX), default=0, help="Only what follows this record."
)
@click.pass_context
def trace(ctx: click.Context, as_json: bool, since: int) -> None:
    """Show what contacts, coils, power, units and cables really did."""
    with client(ctx) as rig:
        records = rig.trace(since)
    if as_json:
        print_json([record.as_dict() for record in records])
        return
    for record in records:
        click.echo(
            f"{record.number:6d} {seconds(record.us):>14} {record.kind:8} {record.name:18} "
            f"{record.event} {record.detail}".rstrip()
        )


@command.command()
@where
@json_option
@click.option("--kind", metavar="KIND", type=Text(), help="As `trace` shows it: contact, coil, unit, ...")
@click.option("--name", metavar="NAME", type=Text(), help="Of the relay, unit, board or cable.")
@click.option("--event", metavar="EVENT", type=Text(), help="What is to happen to it.")
@click.option("--detail", metavar="DETAIL", help="Which contact, or why.")
@click.option(
    "--since", metavar="NUMBER", type=click.IntRange(0, RECORD_MAX), help="Records up to this one do not count."
)
@click.option(
    "--limit",
    "limit_ms",
    metavar="MS",
    type=click.IntRange(0, 86_400_000),
    default=WAIT_MS,
    show_default=True,
    help="Longest wait.",
)
@click.pass_context
def wait(ctx: click.Context, /, as_json: bool, since: int | None, limit_ms: int, **match: str | None) -> None:
    """Wait until the trace has a record that matches; without --since, one from now on."""
    with client(ctx) as rig:
        if since is None:
            since = int(rig.state()["trace_next"]) - 1
        record = rig.wait({field: text for field, text in match.items() if text is not None}, since, limit_ms)
    if as_json:
        print_json(record.as_dict())
    else:
        click.echo(f"{record.kind} {record.name} {record.event} {record.detail}".rstrip() + f" at {seconds(record.us)}")
