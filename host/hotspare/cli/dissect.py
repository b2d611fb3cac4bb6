"""hotspare dissect: prints the frames of a capture, of raw bytes, or of a live port; reads and never writes."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import click
from click.core import ParameterSource

from hotspare import options
from hotspare.cli.common import FilePath, Seconds
from hotspare.errors import UsageMistake

FOR_S_MAX = 365 * 86_400
BAUD = next(option for option in options.of("group") if option.name == "baud")


@click.command()
@click.argument("source", metavar="FILE|PORT", type=FilePath())
@click.option(
    "--for",
    "seconds",
    type=Seconds(0, FOR_S_MAX, min_open=True),
    metavar="SECONDS",
    help="Of a port; else until Ctrl-C.",
)
@click.option(
    "--baud",
    type=click.IntRange(BAUD.least, BAUD.most),
    metavar="BAUD",
    default=BAUD.default,
    show_default=True,
    help="Of a port: the group's baud, or agent_baud on an agent's cable. A USB port ignores it.",
)
@click.option("--json", "as_json", is_flag=True, help="An object a line.")
def command(source: Path, seconds: float | None, baud: int, as_json: bool) -> None:
    """Print the frames of a capture or of a live port.

    A line a frame: time in seconds, direction, kind, source>destination, sequence, fields. Damage is shown where it
    stands. `hotspare rig capture CABLE FILE` makes captures; any other file is taken as raw bytes. A port is only
    listened to: nobody else must have it open.
    """
    from hotspare import capture, dissect

    live = dissect.is_port(source)
    if not live and source.exists() and _is_said("baud"):
        raise UsageMistake(f"--baud {baud}: {source} is no port and has no baud rate: leave --baud out")
    pieces = dissect.listen(source, seconds, baud) if live else capture.read(source)
    dissector = dissect.Dissector()

    def show(line: dissect.Line) -> None:
        click.echo(json.dumps(line.json()) if as_json else line.text())

    with contextlib.closing(pieces), contextlib.suppress(KeyboardInterrupt):
        for piece in pieces:
            for line in dissector.take(piece):
                show(line)
    for line in dissector.end():
        show(line)


def _is_said(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE
