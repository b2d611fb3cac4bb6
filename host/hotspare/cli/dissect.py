"""hotspare dissect: prints the frames of a capture, of raw bytes, or of a live port; reads and never writes."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import click


@click.command()
@click.argument("source", metavar="FILE|PORT", type=click.Path(path_type=Path))
@click.option(
    "--for", "seconds", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="Of a port; else until Ctrl-C."
)
@click.option("--json", "as_json", is_flag=True, help="An object a line.")
def command(source: Path, seconds: float | None, as_json: bool) -> None:
    """Print the frames of a capture or of a live port.

    A line a frame: time in seconds, direction, kind, source>destination, sequence, fields. Damage is shown where it
    stands. `hotspare rig capture CABLE FILE` makes captures; any other file is taken as raw bytes. A port is only
    listened to: nobody else must have it open.
    """
    from hotspare import capture, dissect

    live = dissect.is_port(source)
    pieces = dissect.listen(source, seconds) if live else capture.read(source)
    dissector = dissect.Dissector()

    def show(line: dissect.Line) -> None:
        click.echo(json.dumps(line.json()) if as_json else line.text())

    with contextlib.closing(pieces), contextlib.suppress(KeyboardInterrupt):
        for piece in pieces:
            for line in dissector.take(piece):
                show(line)
    for line in dissector.end():
        show(line)
