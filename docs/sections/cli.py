"""The reference of the command line, from the commands themselves and the table of exit codes."""

from __future__ import annotations

import click

from docs.sections.markdown import table
from hotspare.cli import COMMANDS, PROGRAM, exits, root
from hotspare.cli.common import config_option, directory_option, json_option

INTRODUCTION = """
Names of groups, units and boards come from `hotspare.toml`; `GROUP` may be left out where the file has one group.
Errors are single lines on stderr: what, where, how to mend.

Commands that use the file or its boards take these options; the tables below leave them out:
""".strip()


def page() -> str:
    """Return the page on all commands."""
    context = click.Context(root, info_name=PROGRAM, **root.context_settings)
    parts = [
        "# Command line",
        INTRODUCTION,
        _options(shared(), context),
    ]
    for heading, rows in COMMANDS:
        parts.append(f"## {heading}")
        parts.append(table(("command", "what it does"), [(f"[`{name}`](#{name})", text) for name, text in rows]))
        parts += [_command(name, context) for name, _ in rows]
    parts += ["## Exit codes", exit_codes()]
    return "\n\n".join(parts)


def exit_codes() -> str:
    """Return the table of exit codes."""
    return table(("code", "meaning"), [(str(code), meaning) for code, meaning, _ in exits.TABLE])


def _command(name: str, parent: click.Context, depth: int = 3) -> str:
    group = parent.command
    assert isinstance(group, click.Group)
    command = group.get_command(parent, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"{'#' * depth} {name}", f"```\n{usage}\n```", _help(command)]
    left_out = {option.name for option in shared()} | {"help"}
    own = [it for it in command.params if isinstance(it, click.Option) and it.name not in left_out]
    parts.append(_options(own, context) if own else "")
    if isinstance(command, click.Group):
        parts += [_command(child, context, depth + 1) for child in command.list_commands(context)]
    return "\n\n".join(part for part in parts if part)


def shared() -> list[click.Option]:
    """Return the options that commands share."""

    @click.command
    @config_option
    @directory_option
    @json_option
    def example() -> None:
        pass

    return [it for it in example.params if isinstance(it, click.Option)]


def _options(options: list[click.Option], context: click.Context) -> str:
    records = [record for option in options if (record := option.get_help_record(context))]
    return table(("option", "meaning"), [(f"`{option}`", text) for option, text in records])


def _help(command: click.Command) -> str:
    paragraphs = (command.help or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
