"""A pair under a key on the emulated rig: what strangers say moves nothing, and a key is changed while it works."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hil.pair import LOOK_AGAIN_S, SETTLE_S_MAX, UNHURRIED, Pair
from hil.story import Story
from hotspare import cli, keyfile, keying, said, view, wording
from hotspare.board import Board, open_board
from hotspare.configuration import Board as BoardFile
from hotspare.errors import HotspareError, Refused, Unreachable
from hotspare.keyfile import Keys
from hotspare.rig.place import FLASH
from hotspare_engine import words as w
from hotspare_wire import link, messages, trust

KEY, OTHER = bytes(range(32)), bytes(range(32, 64))


def _again(board: BoardFile, key: bytes) -> Board:
    """Open a board's port as soon as it is there again."""
    end_s = time.monotonic() + SETTLE_S_MAX
    while True:
        try:
            return open_board(board, (key,))
        except Unreachable:
            if time.monotonic() > end_s:
                raise
            time.sleep(LOOK_AGAIN_S)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    path = tmp_path / "pair.key"
    keyfile.create(path, Keys(KEY))
    with Pair(**UNHURRIED, key=str(path)) as made:
        yield made
        assert made.rig.state()["both_connected_us"] == 0


def stranger(keys: tuple[bytes, ...], address: int, peer: int) -> link.Link:
    return link.Link(address, peer, lambda: os.urandom(messages.NONCE_SIZE), keyring=trust.Keyring(keys))


def test_a_pair_under_a_key_fails_over_and_back(pair: Pair) -> None:
    pair.fail_over_and_back()
    with pair.board("controller") as reached:
        assert reached.identity()["keyed"] == 1


@pytest.mark.parametrize("keys", [(), (OTHER,)], ids=["no key", "another key"])
def test_f19_what_a_stranger_says_on_the_crosslink_is_refused_recorded_and_alarmed(
    pair: Pair, keys: tuple[bytes, ...]
) -> None:
    story = Story(pair)
    other = stranger(keys, 1, 2)
    for _ in range(20):
        said = bytes(other.heartbeat(w.FAILED, 0, 1, 255, 0, 0x1234, 0x5678))
        pair.rig.inject("crosslink-a", "beacon", said)
        pair.pass_ms(20)
    pair.until_alarm(w.A_REFUSED)
    assert story.moves() == []
    assert pair.status()["health"][0] in (w.OK, w.IMPAIRED)
    assert story.tells((w.E_REFUSED_FRAMES,))


@pytest.mark.parametrize("keys", [(), (OTHER,)], ids=["no key", "another key"])
def test_a_host_without_the_key_is_told_so_and_commands_nothing(pair: Pair, keys: tuple[bytes, ...]) -> None:
    board = pair.configuration.board("controller")
    with pytest.raises(Unreachable, match="holds a key" if not keys else "another key"), open_board(board, keys) as it:
        it.status()


def test_a_key_is_changed_while_the_pair_works_and_the_old_one_ends_when_agents_have_the_new(
    pair: Pair, tmp_path: Path
) -> None:
    story = Story(pair)
    path = pair.group.key
    assert path is not None
    keys = keying.rotate(pair.group, path)
    assert keys.current != KEY
    pair.settle()
    with pytest.raises(Refused, match="primary speaks to beacon under the old key"):
        keying.finish(pair.group, path)
    for unit in pair.group.units:
        file = tmp_path / f"{unit.name}.key"
        keyfile.create(file, keyfile.file_of_agent(keys, unit.index))
        pair.rig.key(unit.name, str(file))
    pair.until_all_heard()
    pair.settle()
    assert keying.finish(pair.group, path) == Keys(keys.current)
    pair.settle()
    assert story.moves() == []
    assert not pair.status()["alarms"] & (w.A_PRIMARY_FAILED | w.A_SPARE_FAILED | w.A_REFUSED)


def test_an_interrupted_change_goes_on_where_it_was(pair: Pair) -> None:
    path = pair.group.key
    assert path is not None
    pair.rig.power("beacon", False)
    with pytest.raises(HotspareError):
        keying.rotate(pair.group, path)
    begun = keyfile.read(path)
    assert (begun.current, begun.other) == (KEY, keyfile.NEXT)
    pair.rig.power("beacon", True)
    pair.until_status(bool, "beacon")
    assert keying.rotate(pair.group, path) == Keys(begun.all[1], KEY, keyfile.OLD)
    pair.settle()


def test_keys_are_installed_on_a_disarmed_group_only_and_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "pair.key"
    with Pair(**UNHURRIED) as pair:
        with pytest.raises(Refused, match="disarm"):
            keying.install(pair.group, Keys(KEY))
        pair.ask(w.DISARM)
        assert keying.install(pair.group, Keys(KEY)) == {"controller": True, "beacon": True}
        assert keying.install(pair.group, Keys(KEY)) == {"controller": False, "beacon": False}
        keyfile.create(path, Keys(KEY))
        board = pair.configuration.board("controller")
        with open_board(board, (KEY,)) as reached:
            before = reached.identity()["boot"]
        pair.rig.power("controller", False)
        pair.rig.power("controller", True)
        with _again(board, KEY) as reached:
            assert reached.identity()["boot"] == before + 1
            assert keying.held(reached.identity()) == [keyfile.fingerprint(KEY)]


@pytest.mark.parametrize(("theirs", "says"), [(OTHER, messages.KEY_OTHER), (None, messages.KEY_NONE)])
def test_boards_of_a_pair_with_different_keys_say_so_in_so_many_words(
    tmp_path: Path, theirs: bytes | None, says: int
) -> None:
    with Pair(**UNHURRIED) as pair:
        pair.ask(w.DISARM)
        for name, key in (("controller", KEY), ("beacon", theirs)):
            if key is not None:
                with pair.board(name) as reached:
                    reached.hold_keys((key,))
        board = pair.configuration.board("controller")
        end_s = time.monotonic() + SETTLE_S_MAX
        while time.monotonic() < end_s:
            with open_board(board, (KEY,)) as reached:
                (row,) = [it for it in reached.paths() if it["kind"] == w.PATH_CROSSLINK_A]
                if row["key"] == says:
                    break
            time.sleep(LOOK_AGAIN_S)
        assert row["key"] == says
        assert view.path_key(row) == wording.KEY_TROUBLES[says]


def test_who_commanded_and_why_is_in_the_record_of_the_board(pair: Pair, capfd: pytest.CaptureFixture[str]) -> None:
    with open_board(pair.configuration.board("controller"), (KEY,)) as reached:
        reached.by = said.By.of("alice", "replace the PSU").values
        reached.request(w.DISARM, 0, 0, 0, 0, 5000)
    assert cli.main(["log", "-c", str(pair.configuration.path), "--json"]) == 0
    events = json.loads(capfd.readouterr().out)["events"]
    assert [it["text"] for it in events if it["kind"] == w.E_ASKED][-1] == "disarm, by alice: replace the PSU"


def test_no_output_of_any_command_and_no_file_of_the_rig_shows_a_key(
    pair: Pair, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = pair.configuration.path
    secrets = [KEY, keyfile.of_agent([KEY], 0)[0], keyfile.of_agent([KEY], 1)[0]]
    told = ""
    where = ["-c", str(file), "--dir", str(pair.configuration.rig_directory)]
    for debug in (False, True):
        if debug:
            monkeypatch.setenv(cli.DEBUG_VARIABLE, "1")
        for command in (
            ["check", *where],
            ["status", *where],
            ["explain", *where],
            ["log", *where],
            ["configure", *where],
            ["disarm", *where, "--reason", "look for secrets"],
            ["key", "new", *where],
            ["key", "fingerprint", *where],
            ["key", "install", *where],
            ["key", "rotate", *where],
            ["key", "rotate", "--finish", *where],
            ["key", "agent", *where, "primary", str(tmp_path / "primary.key")],
        ):
            for as_json in ([], ["--json"]):
                cli.main([*command, *as_json])
                told += "".join(capfd.readouterr())
        current = keyfile.load(tmp_path / "pair.key")
        secrets += [*current, *keyfile.of_agent(current, 0), *keyfile.of_agent(current, 1)]
    assert keyfile.fingerprint(current[0]) in told
    for key in secrets:
        assert key.hex() not in told.lower()
        assert repr(key)[2:-1] not in told
        assert key.hex() not in repr(Keys(key, OTHER, keyfile.OLD))
    logs = [path for path in pair.configuration.rig_directory.parent.rglob("*") if path.is_file()]
    keyed = [
        path
        for path in logs
        if any(key in path.read_bytes() or key.hex().encode() in path.read_bytes() for key in secrets)
    ]
    assert {path.name for path in keyed} <= {"hotspare.keys", "pair.key", "primary.key", "spare.key"}
    flash = pair.configuration.rig_directory / FLASH
    assert all(flash in path.parents or path.stat().st_mode & 0o077 == 0 for path in keyed)
    assert flash.stat().st_mode & 0o077 == 0
