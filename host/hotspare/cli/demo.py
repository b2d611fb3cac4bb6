"""`hotspare demo`: shows a newcomer a failover on emulated boards; needs no file and no hardware."""

from __future__ import annotations

import json

import click

from hotspare.cli.signals import Interrupted, interruptible


@click.command(name="demo")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON object in the last line.")
def command(as_json: bool) -> None:
    """Show a failover on emulated boards.

    Starts a pair, kills its primary, repairs it and fails back, switches over by command, cuts every crosslink, and
    draws what the contacts did. Times are the rig's own, from cause to contact.
    """
    from hotspare.demo import Demonstration
    from hotspare.timeline import LEGEND

    try:
        with interruptible():
            click.echo(f"   {LEGEND}\n")
            figures = Demonstration(click.echo).run()
    except Interrupted:
        raise click.Abort from None
    if as_json:
        click.echo(json.dumps(figures.as_plain(), allow_nan=False))
    else:
        click.echo(
            "Next: hotspare init --example pair, hotspare emulate, and in a second terminal hotspare status --watch"
        )
