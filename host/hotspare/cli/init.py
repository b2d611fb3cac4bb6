"""`hotspare init`: writes a commented configuration; touches that one file and never one that is there."""

from __future__ import annotations

import os
from pathlib import Path

import click

from hotspare import errors
from hotspare.cli import exits
from hotspare.cli.common import config_option, directory_option, json_option, print_json

EXAMPLES = ("pair", "interlocked", "fenced", "fenced-cold", "pool")


@click.command(name="init")
@config_option
@directory_option
@click.option("--example", type=click.Choice(EXAMPLES), help="Write an example that is ready for the emulated rig.")
@json_option
def command(config_path: Path, directory: Path | None, example: str | None, as_json: bool) -> int:
    """Write a commented hotspare.toml.

    Every key stands in the file with its meaning, its limits and its default. Without --example it is a template for
    two real boards, whose ports are to be filled in. A file that is there is never written over.
    """
    from hotspare.example import text

    try:
        with config_path.open("x", encoding="utf-8") as file:
            file.write(text(example))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        if not config_path.exists():
            raise errors.Refused(f"{config_path} is a link to nothing: correct or remove it") from None
        raise errors.Refused(
            f"{config_path} is there already and stays as it is: remove it, or name another with -c"
        ) from None
    except OSError as error:
        raise errors.Refused(f"{config_path} can not be written: {error.strerror}") from None
    if as_json:
        print_json({"wrote": str(config_path), "example": example})
        return exits.OK
    click.echo(f"wrote {config_path}")
    click.echo("next: hotspare emulate" if example else "next: set the ports in it, then hotspare check")
    return exits.OK
