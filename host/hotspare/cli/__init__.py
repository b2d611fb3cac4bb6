"""The command line: loads the command that is asked for and no other; here errors become lines and exit codes."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import click
from click.shell_completion import CompletionItem

from hotspare import __version__
from hotspare.cli import exits
from hotspare.errors import HotspareError

PROGRAM = "hotspare"
COMPLETE_VARIABLE = "_HOTSPARE_COMPLETE"
DEBUG_VARIABLE = "HOTSPARE_DEBUG"
GC_THRESHOLDS = (50_000, 20, 20)  # a command is mostly imports, and collecting among them costs a tenth of its time

# heading, then name and help of each command: here, so that --help loads none of them; a test holds both to be the same
COMMANDS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Set up",
        (
            ("init", "Write a commented hotspare.toml."),
            ("check", "Validate the file; print timing budget and false failovers."),
            ("configure", "Show what differs on the boards and write it."),
            ("arm", "Let a group move its relays by itself."),
            ("disarm", "Keep a group from moving its relays by itself."),
        ),
    ),
    (
        "See",
        (
            ("status", "Show groups, units, lines, boards and alarms."),
            ("explain", "Say why a group is where it is and what would change it."),
            ("log", "Show the events of all boards in order of time."),
        ),
    ),
    (
        "Act",
        (
            ("switchover", "Put the spare, or the unit named, onto the line."),
            ("failback", "Return to the primary."),
            ("approve", "Let a pending request be done, by its id."),
            ("reject", "Keep a pending request from being done, by its id."),
            ("out", "Take a unit out of use."),
            ("lockout", "Keep the spare from being used."),
            ("clear", "End a standing request, or the hold after a relay fault."),
            ("unfence", "Say that a unit disconnected as failed may be used again."),
        ),
    ),
    (
        "Units and rigs",
        (
            ("agent", "Say to a unit's board that the unit is well."),
            ("emulate", "Run the rig of the file on emulated boards."),
            ("rig", "Reach into a rig: cables, units, relays, power."),
            ("demo", "Show a failover on emulated boards."),
        ),
    ),
    (
        "Tools",
        (
            ("dissect", "Print the frames of a capture or of a live port."),
            ("completion", "Print the shell's completion script."),
        ),
    ),
)
HELP: dict[str, str] = {name: text for _, rows in COMMANDS for name, text in rows}


class LazyGroup(click.Group):
    """Commands that are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, without importing any."""
        return list(HELP)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command that is asked for."""
        if cmd_name not in HELP:
            return None
        command = importlib.import_module(f"hotspare.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the closest."""
        if args and args[0] not in HELP and not args[0].startswith("-"):
            close = get_close_matches(args[0], HELP, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"{PROGRAM} --help lists all"
            raise click.UsageError(f"there is no command {args[0]!r}: {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table above, without importing any command."""
        for heading, rows in COMMANDS:
            with formatter.section(heading):
                formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name from the table."""
        found = [CompletionItem(name, help=text) for name, text in HELP.items() if name.startswith(incomplete)]
        return found or click.Command.shell_complete(self, ctx, incomplete)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader who went away is no reason for a word."""
        try:
            outcome = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            silence_stdout()
            return exits.PIPE_CLOSED
        return outcome


def silence_stdout() -> None:
    """Let what is still buffered go nowhere: the interpreter flushes once more at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # not a real file: nothing will be flushed
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it lives as long as the process


@click.command(cls=LazyGroup, name=PROGRAM, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def root() -> None:
    """Keep a service alive when the unit that carries it dies.

    Boards beside the units exchange heartbeats and drive a relay that gives the line to the unit that is well. One
    file, hotspare.toml, describes them.
    """


def complain(*lines: str) -> None:
    """Write one line on stderr for each thing that is wrong."""
    for line in lines:
        click.echo(f"{PROGRAM}: {line}", err=True)


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; no traceback reaches a person."""
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        outcome = root.main(args, prog_name=PROGRAM, complete_var=COMPLETE_VARIABLE, standalone_mode=False)
    except HotspareError as error:
        complain(*error.lines)
        return exits.code_of(error)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return exits.USAGE
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else PROGRAM
        complain(f"{one_line(error.format_message())} ({where} --help)")
        return exits.USAGE
    except click.ClickException as error:
        complain(one_line(error.format_message()))
        return exits.FAILED
    except (click.Abort, KeyboardInterrupt):
        return exits.INTERRUPTED
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        complain(
            f"a mistake of hotspare itself, {one_line(repr(error))}: please report it; {DEBUG_VARIABLE}=1 shows where"
        )
        return exits.MISTAKE
    return outcome if isinstance(outcome, int) else exits.OK


def one_line(text: str) -> str:
    """Return `text` on one line, without its full stop."""
    return " ".join(text.split()).rstrip(".")
