"""Keys brought to the boards of a group: installed where there is none, and changed while all of them talk; no output.

A key is changed in steps, each of which may be done again: the next key stands in the file; every board accepts both;
every board sends under the next one and still accepts the old one, for agents have theirs still; so the file says; at
the end nobody accepts the old one any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from hotspare import keyfile, view
from hotspare.board import Board, Fields, open_board, verify
from hotspare.configuration import Board as BoardFile
from hotspare.configuration import Group
from hotspare.errors import Refused, Unreachable, UsageMistake
from hotspare.keyfile import NEXT, OLD, Keys
from hotspare_engine import words
from hotspare_wire import messages, trust

WITHOUT_FRAMES = (words.PATH_PULSE, words.PATH_CONTACT)
LOOKS_MAX, LOOK_AGAIN_S = 20, 0.1  # an agent that was given its new key a moment ago is waited for

Open = Callable[[BoardFile, Sequence[bytes]], Board]


def path_of(group: Group) -> Path:
    """Return where the file of a group's keys is; raises UsageMistake."""
    if group.key is None:
        raise UsageMistake(
            f'group {group.name} names no file of keys: add key = "{group.name}.key" to [group.{group.name}]'
        )
    return group.key


def held(identity: Fields) -> list[str]:
    """Return the fingerprints of the keys that a board says it holds, the one that it sends under first."""
    return [identity[name].hex() for name in ("key_1", "key_2") if identity[name] != trust.NO_FINGERPRINT]


def fingerprints(keys: Iterable[bytes]) -> list[str]:
    """Return the fingerprints of keys."""
    return [keyfile.fingerprint(key) for key in keys]


def install(group: Group, keys: Keys, open_one: Open = open_board) -> dict[str, bool]:
    """Give the keys to each board that holds none; return by board whether it was given them. Raises Refused.

    Nothing is written to any board before all have answered and the controller has said that the group is disarmed.
    """
    without = []
    for board in group.boards:
        bare = _is_bare(board, keys, open_one)
        without += [board] if bare else []
        if board.name == group.controller:
            _must_be_disarmed(group, board, () if bare else keys.all, open_one)
    for board in without:
        with open_one(board, ()) as reached:
            reached.hold_keys(keys.all)
            _see(board, reached, keys.all)
    names = [board.name for board in without]
    return {board.name: board.name in names for board in group.boards}


def _is_bare(board: BoardFile, keys: Keys, open_one: Open) -> bool:
    with open_one(board, keys.all) as reached:
        try:
            verify(board, reached.identity())
        except Unreachable:
            if not reached.session.tagless:
                raise
        else:
            return False
    with open_one(board, ()) as reached:
        verify(board, reached.identity())
    return True


def _must_be_disarmed(group: Group, board: BoardFile, keys: Sequence[bytes], open_one: Open) -> None:
    with open_one(board, keys) as reached:
        if reached.status()["armed"]:
            raise Refused(
                f"group {group.name} is armed: between the first and the last board they do not hear one another: "
                f"hotspare disarm {group.name}"
            )


def rotate(group: Group, path: Path, open_one: Open = open_board, draw: Callable[[], bytes] = keyfile.draw) -> Keys:
    """Change the key of a group, or go on with it; return what the file holds then. Raises Refused, Unreachable."""
    keys = keyfile.read(path)
    if keys.other == OLD:
        raise Refused(f"{path} holds an old key still: give agents the new one, then hotspare key rotate --finish")
    if not keys.other:
        keys = Keys(keys.current, draw(), NEXT)
        keyfile.replace(path, keys)
    assert keys.second is not None
    _hold(group, keys.all, keys.all, open_one)
    swapped = Keys(keys.second, keys.current, OLD)
    _hold(group, keys.all, swapped.all, open_one)
    keyfile.replace(path, swapped)
    return swapped


def finish(group: Group, path: Path, open_one: Open = open_board) -> Keys:
    """Let nobody accept the old key any more; return what the file holds then. Raises Refused, Unreachable."""
    keys = keyfile.read(path)
    if keys.other != OLD:
        raise Refused(f"{path} holds no old key: there is nothing to finish")
    late = [text for board in group.boards for text in _late(group, board, keys, open_one)]
    if late:
        raise Refused(f"{', '.join(late)}: give them their new keys first: hotspare key agent UNIT FILE")
    alone = Keys(keys.current)
    _hold(group, keys.all, alone.all, open_one)
    keyfile.replace(path, alone)
    return alone


def _late(group: Group, board: BoardFile, keys: Keys, open_one: Open) -> list[str]:
    """Return who is heard by a board under its second key still."""
    with open_one(board, keys.all) as reached:
        paths = [row for row in _heard(reached) if row["key"] != 1]
    return [
        f"{view.unit_name(group, row['unit']) or 'the controller'} speaks to {board.name} under the old key "
        f"({view.path_name(group, board, row)})"
        for row in paths
    ]


def _heard(reached: Board) -> list[Fields]:
    """Return the paths with frames on which a board hears somebody, waited for until all speak under the new key."""
    for _ in range(LOOKS_MAX):
        paths = [row for row in reached.paths() if row["state"] == words.ALIVE and row["kind"] not in WITHOUT_FRAMES]
        if all(row["key"] == 1 for row in paths):
            break
        time.sleep(LOOK_AGAIN_S)
    return paths


def _hold(group: Group, speaking: Sequence[bytes], keys: Sequence[bytes], open_one: Open) -> None:
    # all boards are asked first: a key that one of them can not get is given to none
    for board in group.boards:
        with open_one(board, speaking) as reached:
            verify(board, reached.identity())
    for board in group.boards:
        with open_one(board, speaking) as reached:
            if held(reached.identity()) != fingerprints(keys):
                reached.hold_keys(keys)
                _see(board, reached, keys)


def _see(board: BoardFile, reached: Board, keys: Sequence[bytes]) -> None:
    says = held(reached.identity())
    if says != fingerprints(keys):
        raise Refused(f"{board.name} was given {', '.join(fingerprints(keys))} and holds {', '.join(says) or 'none'}")


assert {"key_1", "key_2"} <= {name for name, _ in messages.fields(messages.IDENTITY)}
