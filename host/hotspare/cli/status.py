"""`hotspare status`: asks every board of the file and shows what they say; changes nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NoReturn

import click

from hotspare.cli import complain, exits
from hotspare.cli.common import console, group_argument, json_option, print_json, with_configuration

if TYPE_CHECKING:
    from rich.console import Group as Renderable

    from hotspare.configuration import Configuration, Group

WATCH_EVERY_S = 1.0


@click.command(name="status")
@with_configuration
@group_argument
@click.option("--watch", is_flag=True, help="Show it anew every second until interrupted; with --json, a line each.")
@json_option
def command(configuration: Configuration, group_name: str | None, watch: bool, as_json: bool) -> int:
    """Show groups, units, lines, boards and alarms.

    Ends with 0 when every board answered and holds what the file says, whatever the alarms are; a board that does not
    answer, or holds another configuration or firmware, is named on stderr. What waits for a person, and what the
    controller alarms because it soon ends by itself, is said on top; a beacon from which nothing comes any more is
    named with the health of its unit. `late ms` is how late the steps of a board's own loop began: what 99 % of them
    kept / the longest.
    """
    groups = configuration.groups if group_name is None else (configuration.group(group_name),)
    if watch:
        _watch(configuration, groups, as_json)
    view = gather(configuration, groups)
    if as_json:
        print_json(view)
    else:
        console().print(render(view))
    return verdict(view)


def gather(configuration: Configuration, groups: tuple[Group, ...]) -> dict[str, Any]:
    """Ask the boards of `groups`; return what they said as plain data."""
    from hotspare import reach, view

    boards = [board for group in groups for board in group.boards]
    answers = reach.each(boards, lambda board, reached: view.ask(reached, reach.known(board, reached)))
    return {
        "file": str(configuration.path),
        "groups": {group.name: view.group_view(group, answers) for group in groups},
        "boards": {
            board.name: view.board_view(board, group, answers[board.name]) for group in groups for board in group.boards
        },
    }


def verdict(view: dict[str, Any]) -> int:
    """Name on stderr what keeps the boards from being as the file says; return the exit code."""
    from hotspare import firmware
    from hotspare.view import FLASH, build_name

    ours = firmware.version(), build_name(firmware.build())
    code = exits.OK
    for name, board in view["boards"].items():
        if board["reachable"] and not board["as_file"]:
            what = "has another configuration than the file" if board["configured"] else "has no configuration"
            complain(f"{name} {what}: hotspare configure {name}")
            code = exits.INVALID
        if board["reachable"] and (board["firmware"], board["build"]) != ours:
            runs = f"firmware {board['firmware']} build {board['build']}"
            complain(f"{name} runs {runs}, this hotspare brings {ours[0]} build {ours[1]}: {FLASH}")
            code = exits.INVALID
    for board in view["boards"].values():
        if not board["reachable"]:
            complain(board["error"])
            code = exits.UNREACHABLE
    return code


def _watch(configuration: Configuration, groups: tuple[Group, ...], as_json: bool) -> NoReturn:
    if as_json:
        while True:
            print_json(gather(configuration, groups))
            time.sleep(WATCH_EVERY_S)
    out = console()
    if not out.is_terminal:
        while True:
            out.print(render(gather(configuration, groups)))
            time.sleep(WATCH_EVERY_S)
    from rich.live import Live

    # between two looks the ports are free, so that another command can act
    with Live(console=out, auto_refresh=False) as live:
        while True:
            live.update(render(gather(configuration, groups)), refresh=True)
            time.sleep(WATCH_EVERY_S)


def render(view: dict[str, Any]) -> Renderable:
    """Return what people see."""
    from rich.console import Group as Renderable

    from hotspare.cli import tables

    parts: list[Any] = [tables.group(name, group, view["boards"]) for name, group in view["groups"].items()]
    parts.append(tables.boards(view["boards"]))
    return Renderable(*parts)
