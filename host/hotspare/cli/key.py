"""`hotspare key`: makes the key of a group, brings it to the boards and agents, and changes it; never shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotspare.cli import asker, complain, exits
from hotspare.cli.common import FilePath, Name, group_argument, json_option, print_json, with_configuration
from hotspare.errors import HotspareError

if TYPE_CHECKING:
    from hotspare.configuration import Configuration


@click.group(name="key")
def command() -> None:
    """Make, install and change the keys that sign frames.

    A group has one key, in the file that its `key` names; whoever can read that file can command its boards. Keys are
    never shown: what commands print is their fingerprint.
    """


@command.command(name="new")
@with_configuration
@group_argument
@json_option
def new(configuration: Configuration, group_name: str | None, as_json: bool) -> int:
    """Draw a key for a group and write its file.

    The file is made for its owner alone, and a file that is there is never written over. Keep a copy of it where the
    rack is not: without it the boards take no command, and their filesystems must be written anew.
    """
    from hotspare import keyfile, keying

    group = configuration.group(group_name)
    path = keying.path_of(group)
    keys = keyfile.Keys(keyfile.draw())
    keyfile.create(path, keys)
    name = keyfile.fingerprint(keys.current)
    if as_json:
        print_json({"group": group.name, "file": str(path), "fingerprint": name})
    else:
        click.echo(f"wrote {path}, key {name}\nnext: keep a copy elsewhere, then hotspare key install {group.name}")
    return exits.OK


@command.command(name="fingerprint")
@with_configuration
@group_argument
@json_option
def fingerprint(configuration: Configuration, group_name: str | None, as_json: bool) -> int:
    """Show which keys the file and the boards hold, by their fingerprints."""
    from hotspare import keyfile, keying, reach

    group = configuration.group(group_name)
    keys = keyfile.read(keying.path_of(group))
    found = reach.each(group.boards, lambda board, reached: keying.held(reach.known(board, reached)))
    wanted = keying.fingerprints(keys.all)
    errors = [line for held in found.values() if isinstance(held, HotspareError) for line in held.lines]
    boards = {name: None if isinstance(held, HotspareError) else held for name, held in found.items()}
    if as_json:
        print_json({"group": group.name, "file": wanted, "second_is": keys.other or None, "boards": boards})
    else:
        second = f", {keys.other} {wanted[1]}" if keys.other else ""
        click.echo(f"{group.key}: {wanted[0]}{second}")
        for name, held in boards.items():
            click.echo(f"{name}: {', '.join(held) or 'none' if held is not None else 'not known'}")
    complain(*errors)
    if errors:
        return exits.UNREACHABLE
    return exits.OK if all(held == wanted for held in boards.values()) else exits.INVALID


@command.command(name="install")
@with_configuration
@group_argument
@asker.options
@json_option
def install(configuration: Configuration, group_name: str | None, as_json: bool) -> int:
    """Give the key of a group to each of its boards that holds none.

    The group must be disarmed: until the last board has it, they do not hear one another. A board that holds another
    key is told of and left alone. Agents need theirs next: hotspare key agent.
    """
    from hotspare import keyfile, keying

    group = configuration.group(group_name)
    keys = keyfile.read(keying.path_of(group))
    given = keying.install(group, keys, asker.opening())
    if as_json:
        print_json({"group": group.name, "fingerprint": keyfile.fingerprint(keys.current), "installed": given})
        return exits.OK
    for name, was in given.items():
        click.echo(f"{name}: {'holds key' if was else 'held it already,'} {keyfile.fingerprint(keys.current)}")
    if any(given.values()):
        click.echo(f"next: hotspare key agent UNIT FILE for each unit, then hotspare arm {group.name}")
    return exits.OK


@command.command(name="rotate")
@with_configuration
@group_argument
@click.option("--finish", is_flag=True, help="Accept the old key no more: every agent has its new one.")
@asker.options
@json_option
def rotate(configuration: Configuration, group_name: str | None, finish: bool, as_json: bool) -> int:
    """Change the key of a group while its boards talk.

    Boards send under the new key at once and accept the old one until --finish, so that agents can be given theirs
    meanwhile. What was interrupted goes on where it was when it is said again. Nothing moves, and nobody is unheard.
    """
    from hotspare import keyfile, keying

    group = configuration.group(group_name)
    path = keying.path_of(group)
    keys = (keying.finish if finish else keying.rotate)(group, path, asker.opening())
    name = keyfile.fingerprint(keys.current)
    if as_json:
        print_json({"group": group.name, "fingerprint": name, "finished": finish})
    elif finish:
        click.echo(f"{group.name}: key {name} alone is accepted; keep a copy of {path}")
    else:
        click.echo(
            f"{group.name}: boards send under key {name} and accept the old one; keep a copy of {path}\n"
            f"next: hotspare key agent UNIT FILE for each unit, then hotspare key rotate --finish {group.name}"
        )
    return exits.OK


@command.command(name="agent")
@with_configuration
@click.argument("unit_name", metavar="UNIT", type=Name("unit"))
@click.argument("file", metavar="FILE", type=FilePath())
@json_option
def agent(configuration: Configuration, unit_name: str, file: Path, as_json: bool) -> int:
    """Write the key of a unit's agent into a file.

    It is made from the group's key and speaks for that unit alone. Bring the file to the unit, for its owner alone, and
    name it there: hotspare agent --key FILE. A file that is there is never written over.
    """
    from hotspare import keyfile, keying

    unit = configuration.unit(unit_name)
    keys = keyfile.file_of_agent(keyfile.read(keying.path_of(configuration.group(unit.group))), unit.index)
    keyfile.create(file, keys)
    if as_json:
        print_json({"unit": unit.name, "file": str(file), "fingerprint": keyfile.fingerprint(keys.current)})
    else:
        click.echo(f"wrote {file} for {unit.name}, key {keyfile.fingerprint(keys.current)}")
    return exits.OK
