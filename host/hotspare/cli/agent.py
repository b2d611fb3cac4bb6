"""`hotspare agent`: the program on a unit; turns options into a runner."""

from __future__ import annotations

from pathlib import Path

import click

from hotspare import options
from hotspare.cli.common import FilePath, Seconds, Text

CHECK_EVERY_S = 1.0
CHECK_LIMIT_S = 5.0
LEAVING_S = 60
KEYS = {option.name: option for option in options.of("group")}
INTERVAL, BAUD = KEYS["agent_interval_ms"], KEYS["agent_baud"]


@click.command(name="agent")
@click.option(
    "--port",
    required=True,
    metavar="PORT",
    type=FilePath(),
    help="The serial port to the unit's board, best by its name under /dev/serial/by-id.",
)
@click.option("--check", metavar="COMMAND", type=Text(), help="A shell command that succeeds while the unit is well.")
@click.option(
    "--every",
    "every_s",
    metavar="S",
    type=Seconds(0.05, 86_400),
    default=CHECK_EVERY_S,
    show_default=True,
    help="Time between two checks, from start to start.",
)
@click.option(
    "--limit",
    "limit_s",
    metavar="S",
    type=Seconds(0.05, 86_400),
    default=CHECK_LIMIT_S,
    show_default=True,
    help="A check that takes longer is ended and has failed.",
)
@click.option(
    "--degraded",
    "degraded_code",
    metavar="CODE",
    type=click.IntRange(1, 255),
    help="The exit code of the check by which the unit says that it serves, but is degraded.",
)
@click.option(
    "--interval",
    "interval_ms",
    metavar="MS",
    type=click.IntRange(INTERVAL.least, INTERVAL.most),
    default=INTERVAL.default,
    show_default=True,
    help="Time between two reports: the group's agent_interval_ms.",
)
@click.option(
    "--baud",
    metavar="RATE",
    type=click.IntRange(BAUD.least, BAUD.most),
    default=BAUD.default,
    show_default=True,
    help="Of a serial port: the group's agent_baud. USB has none.",
)
@click.option(
    "--leaving",
    "leaving_s",
    metavar="S",
    type=click.IntRange(0, 65_535),
    default=LEAVING_S,
    show_default=True,
    help="Longest planned stop that the unit announces on SIGTERM.",
)
def command(
    port: Path,
    check: str | None,
    every_s: float,
    limit_s: float,
    degraded_code: int | None,
    interval_ms: int,
    baud: int,
    leaving_s: int,
) -> None:
    """Say to a unit's board that the unit is well.

    Reports go to the board while the check succeeds, or all the time without one. A check that fails is said at once;
    SIGTERM and Ctrl-C are said as a planned stop. A port that vanishes is opened again. With --degraded a check can say
    that the unit is degraded: an alarm, and with the group's on_degraded = "switch" a reason to switch to an ok spare.
    """
    from hotspare.agent import AgentCore
    from hotspare.agent_runner import CheckPlan, Runner

    if degraded_code is not None and check is None:
        raise click.UsageError("--degraded is an exit code of the check: give --check too")
    plan = None
    if check is not None:
        plan = CheckPlan(check, round(every_s * 1000), round(limit_s * 1000), degraded_code)
    core = AgentCore(None, interval_ms)
    Runner(core, port, plan, leaving_s, lambda line: click.echo(f"agent: {line}", err=True), baud=baud).run()
