"""`hotspare emulate`: runs the rig of a file on emulated boards until it is interrupted."""

from __future__ import annotations

from pathlib import Path

import click

from hotspare.cli.common import Seconds, config_option, directory_option
from hotspare.cli.signals import Interrupted, interruptible

DURATION_S_MAX = 365 * 86_400


@click.command(name="emulate")
@config_option
@directory_option
@click.option(
    "--duration",
    "duration_s",
    metavar="S",
    type=Seconds(0, DURATION_S_MAX),
    help="End after this time instead of never.",
)
@click.option("--disarmed", is_flag=True, help="Leave the groups disarmed, as new boards are.")
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0),
    help="Of everything that is drawn: ids, nonces, noise, where ticks start.",
)
def command(
    config_path: Path, directory: Path | None, duration_s: float | None, disarmed: bool, seed: int | None
) -> None:
    """Run the rig of the file on emulated boards.

    Each board is a process of the MicroPython VM that runs the firmware as it is; its host port is DIR/BOARD, where
    every other command finds it with the same --dir, or without where the file's ports say so. No other port is
    touched, whatever the file says. Boards are configured as the file says and groups armed, as a technician would do.
    Prints `ready` and runs until Ctrl-C or SIGTERM; leaves nothing behind.
    """
    from hotspare.configuration import load
    from hotspare.plan import plan_from
    from hotspare.rig import technician
    from hotspare.rig.process import RigProcess

    configuration = load(config_path, directory)
    ready = False
    try:
        with interruptible(), RigProcess(plan_from(configuration), configuration.rig_directory, seed=seed) as process:
            process.wait_answers()
            technician.look(configuration)
            if not disarmed:
                technician.arm(configuration)
            ready = True  # before it is said: who reads it may send the signal at once
            click.echo("ready")
            process.wait_end(duration_s)
    except Interrupted:
        if not ready:  # afterwards it is how this program is meant to end
            raise click.Abort from None
