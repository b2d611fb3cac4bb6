"""`hotspare completion`: prints a script for the shell; touches nothing."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from hotspare.cli import COMPLETE_VARIABLE, PROGRAM, exits, root

SHELLS = ("bash", "zsh", "fish")


@click.command(name="completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the shell's completion script.

    For bash: eval "$(hotspare completion bash)" in ~/.bashrc. For zsh the same in ~/.zshrc. For fish: hotspare
    completion fish > ~/.config/fish/completions/hotspare.fish
    """
    found = get_completion_class(shell)
    assert found is not None, f"click does not know {shell}"
    click.echo(found(root, {}, PROGRAM, COMPLETE_VARIABLE).source())
    return exits.OK
