"""`hotspare agent`: the program on a unit; turns options into a runner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hotspare import options
from hotspare.cli.common import FilePath, Seconds, Text
from hotspare.errors import UsageMistake
from hotspare.roles import HOOK_LIMIT_MS

CHECK_EVERY_S = 1.0
CHECK_LIMIT_S = 5.0
LEAVING_S = 60
CODE_MAX = 255
KEYS = {option.name: option for option in options.of("group")}
INTERVAL, BAUD = KEYS["agent_interval_ms"], KEYS["agent_baud"]

# hook, what it is for
HOOKS = (
    ("start", "A shell command that must succeed before the unit is said to be well; run again until it does."),
    ("active", "A shell command that is run when the unit is told to be active."),
    ("standby", "A shell command that is run when the unit is told to stand by."),
    (
        "drain",
        "A shell command that is run before the unit is planned to lose its line; success says that it is drained.",
    ),
)


def hook_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for each hook."""
    for name, text in reversed(HOOKS):
        function = click.option(f"--on-{name}", metavar="COMMAND", type=Text(), help=text)(function)
    return function


@click.command(name="agent")
@click.option(
    "--port",
    "ports",
    required=True,
    multiple=True,
    metavar="PORT",
    type=FilePath(),
    help="The serial port to the unit's board, best by its name under /dev/serial/by-id; once more for a direct agent.",
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
    "--impaired-code",
    metavar="CODE",
    type=click.IntRange(1, CODE_MAX),
    help="A check that ends with this code says that the unit works, but is impaired; all others but 0 fail.",
)
@hook_options
@click.option(
    "--hook-limit",
    "hook_limit_s",
    metavar="S",
    type=Seconds(0.05, 86_400),
    default=HOOK_LIMIT_MS / 1000,
    show_default=True,
    help="A hook that takes longer is ended and has failed.",
)
@click.option(
    "--hook-log",
    metavar="FILE",
    type=FilePath(),
    help="Append what hooks say and how they end to this file, with UTC times; at 1 MiB it becomes FILE.1.",
)
@click.option(
    "--key",
    "key_path",
    metavar="FILE",
    type=FilePath(),
    help="The file that hotspare key agent wrote for this unit; without it reports are not signed.",
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
    ports: tuple[Path, ...],
    check: str | None,
    every_s: float,
    limit_s: float,
    impaired_code: int | None,
    hook_limit_s: float,
    hook_log: Path | None,
    key_path: Path | None,
    interval_ms: int,
    baud: int,
    leaving_s: int,
    **hooks: str | None,
) -> None:
    """Say to a unit's board that the unit is well; run its hooks.

    Reports go to the board while the check succeeds, or all the time without one. A check that fails is said at once;
    SIGTERM and Ctrl-C are said as a planned stop. A port that vanishes is opened again. With --impaired-code a check
    can say that the unit works, and not as it should: an alarm, and with the group's on_degraded = "switch" a reason to
    switch to an ok spare.

    A hook is run when the board tells the unit a new role, and acknowledged when it has ended; a role without a hook is
    acknowledged at once. It finds HOTSPARE_ROLE, HOTSPARE_ROLE_BEFORE and HOTSPARE_LINE in its environment. What it
    says is said by the agent on stderr.
    """
    from hotspare import keyfile
    from hotspare.agent import AgentCore
    from hotspare.agent_check import CheckPlan
    from hotspare.agent_runner import AgentPlan, Runner
    from hotspare.hooks import HookPlan
    from hotspare.roles import Roles

    if len(set(ports)) < len(ports):
        raise UsageMistake(f"--port {max(ports, key=ports.count)} is given twice: each port of the unit once")
    if impaired_code is not None and check is None:
        raise UsageMistake("--impaired-code is the exit code of a check: give --check too, or leave it out")
    commands = {name: text for name, _ in HOOKS if (text := hooks[f"on_{name}"]) is not None}
    plan = AgentPlan(
        check=None if check is None else CheckPlan(check, ms(every_s), ms(limit_s), impaired_code),
        hooks=HookPlan(commands, ms(hook_limit_s)),
        log=hook_log,
        leaving_s=leaving_s,
        baud=baud,
    )
    roles = Roles(plan.hooks.roles)
    keys = keyfile.load(key_path) if key_path is not None else ()
    cores = {port: AgentCore(None, interval_ms, roles=roles, keys=keys) for port in ports}
    Runner(cores, roles, plan, lambda line: click.echo(f"agent: {line}", err=True)).run()


def ms(s: float) -> int:
    """Return seconds in milliseconds."""
    return round(s * 1000)
