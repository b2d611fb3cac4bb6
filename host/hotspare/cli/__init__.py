"""The command line: loads the command that is asked for and no other; here errors become lines and exit codes."""

from __future__ import annotations

import gc
import importlib
import os
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

import click
from click.shell_completion import CompletionItem

from hotspare import __version__
from hotspare.cli import exits, output
from hotspare.errors import HotspareError

PROGRAM = "hotspare"
LISTS_ALL = f"{PROGRAM} --help lists all"
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
            ("simulate", "Simulate the rig of the file: failover times, false failovers, laws."),
            ("configure", "Show what differs on the boards and write it."),
            ("arm", "Let a group move its relays by itself."),
            ("disarm", "Keep a group from moving its relays by itself."),
            ("maintenance", "Restart a board into its REPL for maintenance, or out of it."),
            ("key", "Make, install and change the keys that sign frames."),
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
            ("clear", "End a standing request, or a latch: relay, spare, resets."),
            ("exercise", "Run the whole decision without moving a relay."),
            ("unfence", "Say that a unit disconnected as failed may be used again."),
        ),
    ),
    (
        "Units and rigs",
        (
            ("agent", "Say to a unit's board that the unit is well; run its hooks."),
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
            hint = f"did you mean {close[0]!r}?" if close else LISTS_ALL
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

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Parse; --help and --version are written here."""
        with output.guarded():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with output.guarded(ctx):
            return super().invoke(ctx)


@click.command(cls=LazyGroup, name=PROGRAM, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def root() -> None:
    """Keep a service alive when the unit that carries it dies.

    Boards beside the units exchange heartbeats and drive a relay that gives the line to the unit that is well. One
    file, hotspare.toml, describes them.
    """


def complain(*lines: str) -> None:
    """Write one line on stderr for each thing that is wrong; where nobody reads it, nobody misses it."""
    with suppress(OSError):
        for line in lines:
            click.echo(f"{PROGRAM}: {line}", err=True)


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; no traceback reaches a person."""
    gc.set_threshold(*GC_THRESHOLDS)
    output.hold_descriptors()
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
        text = one_line(error.format_message())
        complain(text if text.endswith(LISTS_ALL) else f"{text} ({where} --help)")
        return exits.USAGE
    except click.ClickException as error:
        complain(one_line(error.format_message()))
        return exits.FAILED
    except output.ReaderGone:
        return exits.PIPE_CLOSED
    except output.OutputFailed as error:
        complain(f"the output can not be written: {error}")
        return exits.OUTPUT_FAILED
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
