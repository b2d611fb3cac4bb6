"""Whole boards under a key: what is forged or replayed changes no state, and who commanded what is recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hotspare import said, wording
from hotspare.history.events import Event
from hotspare_engine import words as w
from hotspare_engine.listener import REFUSED_ALARM
from hotspare_firmware.board import GREETINGS_MAX
from hotspare_firmware.hearing import LINKS_MAX
from hotspare_wire import link, trust
from hotspare_wire import messages as m
from tests import forged
from tests.boards import BEACON, CONTROLLER
from tests.forged import ALICE, SETTLED_MS, port_of
from tests.keyed import KEY, OTHER, Host, KeyedBench

FORGED_RUNS = 20_000


@pytest.fixture
def bench(tmp_path: Path) -> KeyedBench:
    return forged.settled(tmp_path)


def test_f19_f41_of_20000_forged_replayed_flipped_and_stale_frames_none_changes_a_boards_state(
    bench: KeyedBench,
) -> None:
    assert forged.Forgery(bench, seed=41).say(FORGED_RUNS) == dict.fromkeys(forged.SORTS, FORGED_RUNS // 5)


def test_a_forgery_that_is_let_in_is_found_with_what_replays_it(bench: KeyedBench) -> None:
    forgery = forged.Forgery(bench, seed=41)
    port_of(bench, CONTROLLER).link._is_tagged = lambda *values: True
    with pytest.raises(AssertionError, match=r"changed the board: 00[0-9a-f]+; replay: forged\([0-9]+, seed=41\)"):
        forgery.say(FORGED_RUNS)


def test_a_flood_on_one_path_hides_nothing_on_another_and_fills_no_record(bench: KeyedBench) -> None:
    board = bench.boards[CONTROLLER]
    stranger = link.Link(BEACON, CONTROLLER, lambda: bytes(8), keyring=trust.Keyring((OTHER,)))
    other = link.Link(101, CONTROLLER, lambda: bytes(8), keyring=trust.Keyring((OTHER,)))
    first = board.recorder.next
    for _ in range(300):
        bench.hardware[CONTROLLER].uarts[0].inbox += bytes(stranger.heartbeat(w.OK, 0, 1, 255, 0, 0, 0))
        bench.run(1)
    bench.hardware[CONTROLLER].uarts[1].inbox += bytes(other.report(w.FAILED, 0))
    bench.run(1)
    told = [(a, b) for number, _, kind, a, b in bench.events() if kind == w.E_REFUSED_FRAMES and number >= first]
    paths = [path.kind for path in bench.engine.health.paths]
    crosslink, agent = paths.index(w.PATH_CROSSLINK_A), paths.index(w.PATH_AGENT)
    assert told == [(crosslink, 1), (crosslink, REFUSED_ALARM), (agent, 1)]
    assert bench.engine.alarms & w.A_REFUSED
    assert bench.engine.state == w.NORMAL
    bench.run(60_000)
    sums = [(a, b) for number, _, kind, a, b in bench.events() if kind == w.E_REFUSED_FRAMES and number >= first][3:]
    assert sums == [(crosslink, 300)]


def test_a_flood_costs_few_tags_and_few_greetings_and_no_beat_is_lost_in_it(bench: KeyedBench) -> None:
    board = bench.boards[CONTROLLER]
    port = port_of(bench, CONTROLLER)
    macs = 0
    tagged = port.link._is_tagged

    def counted(*values: Any) -> bool:
        nonlocal macs
        macs += 1
        return tagged(*values)

    port.link._is_tagged = counted
    stranger = link.Link(BEACON, CONTROLLER, lambda: bytes(8), keyring=trust.Keyring((OTHER,)))
    stranger._tx_high = (port.link._rx_high + 7) & 0xFF
    sent = len(bench.heard[CONTROLLER])
    good = board.engine.health.paths[port.path].good
    beats = 10
    for _ in range(beats * bench.interval_ms):
        bench.hardware[CONTROLLER].uarts[0].inbox += bytes(stranger.heartbeat(w.FAILED, 0, 1, 255, 0, 0, 0))
        bench.hardware[CONTROLLER].uarts[0].inbox += bytes(stranger.hello())
        bench.run(1)
    assert macs <= (beats + 3) * (link.FORGED_LOOKED + GREETINGS_MAX + 2)
    assert len([event for event in bench.events() if event[2] == w.E_LINK]) <= LINKS_MAX * len(board.ports)
    hellos = len(bench.heard[CONTROLLER]) - sent
    assert hellos <= (beats + 3) * (GREETINGS_MAX + 2)
    assert board.engine.health.paths[port.path].good - good >= beats
    assert port.link.forged >= beats * bench.interval_ms - 1
    assert bench.engine.state == w.NORMAL


@pytest.mark.parametrize(
    ("beacon", "controller", "says"),
    [
        ((OTHER,), (KEY,), (m.KEY_OTHER, m.KEY_OTHER)),
        ((), (KEY,), (m.KEY_OURS, m.KEY_NONE)),
        ((KEY,), (KEY,), (1, 1)),
        ((OTHER, KEY), (KEY, OTHER), (2, 2)),
    ],
)
def test_a_board_whose_neighbour_holds_another_key_says_so_in_so_many_words(
    tmp_path: Path, beacon: tuple[bytes, ...], controller: tuple[bytes, ...], says: tuple[int, int]
) -> None:
    bench = KeyedBench(tmp_path, {BEACON: beacon, CONTROLLER: controller})
    bench.run(SETTLED_MS)
    for address, wanted in zip((BEACON, CONTROLLER), says, strict=True):
        host = Host(bench, bench.keys[address], address)
        paths = [bench.boards[address].engine.health.paths[at].kind for at in range(3)]
        ((_, row),) = host.say(m.QUERY, m.T_PATH, paths.index(w.PATH_CROSSLINK_A))
        assert row[-1] == wanted
        assert (wanted in wording.KEY_TROUBLES) == (wanted > 2)


# -- who, and why -----------------------------------------------------------------------------------------------------


def event(number: int, at_ms: int, kind: int, a: int, b: int, text: str) -> Event:
    """Return an event of the controller as a log has it."""
    place = wording.Place((), (), ())
    return Event("pair", "controller", 1, number, 1, at_ms, kind, a, b, None, 0.0, None, None, text, place)


def log(bench: KeyedBench) -> list[str]:
    """Return what a log says of the controller's commands."""
    place = wording.Place(("primary", "spare"), ("primary",), ())
    events = [
        event(number, at_ms, kind, a, b, wording.event_text(kind, a, b, place))
        for number, at_ms, kind, a, b in bench.events()
    ]
    return [it.text for it in said.told(events) if it.kind in said.COMMANDS]


def test_who_commands_and_why_stand_right_behind_the_command(bench: KeyedBench) -> None:
    host = Host(bench)
    host.say(m.BY, *ALICE)
    ((_, reply),) = host.say(m.REQUEST, 7, w.DISARM, 0, 0, 0, 0)
    assert reply[:2] == (7, w.DONE)
    kinds = [event[2] for event in bench.events()]
    at = max(place for place, kind in enumerate(kinds) if kind == w.E_ASKED)
    assert kinds[at : at + 6] == [w.E_ASKED, w.E_BY, w.E_WHY, w.E_WHY, w.E_WHY, w.E_ARMED]
    assert log(bench)[-1] == "disarm, by alice: replace PSU of rack 7"


def test_a_repeat_is_answered_again_and_records_nothing_new_even_in_another_session(bench: KeyedBench) -> None:
    host = Host(bench)
    host.say(m.BY, *ALICE)
    first = host.say(m.REQUEST, 7, w.DISARM, 0, 0, 0, 0)
    told = bench.boards[CONTROLLER].recorder.next
    assert host.say(m.REQUEST, 7, w.DISARM, 0, 0, 0, 0) == first
    again = Host(bench)
    again.say(m.BY, m.padded("mallory", 16), b"")
    assert again.say(m.REQUEST, 7, w.DISARM, 0, 0, 0, 0) == first
    assert bench.boards[CONTROLLER].recorder.next == told
    again.say(m.REQUEST, 8, w.ARM, 0, 0, 0, 0)
    assert log(bench)[-2:] == ["disarm, by alice: replace PSU of rack 7", "arm, by mallory"]


def test_in_a_new_session_a_command_is_by_nobody_until_somebody_is_named(bench: KeyedBench) -> None:
    host = Host(bench)
    host.say(m.BY, *ALICE)
    other = Host(bench)
    other.say(m.REQUEST, 9, w.DISARM, 0, 0, 0, 0)
    assert log(bench)[-1] == "disarm, by nobody"


def test_a_dry_run_records_nobody(bench: KeyedBench) -> None:
    host = Host(bench)
    told = bench.boards[CONTROLLER].recorder.next
    host.say(m.BY, *ALICE)
    host.say(m.REQUEST, 9, w.DISARM, 0, 0, 0, w.DRY)
    assert bench.boards[CONTROLLER].recorder.next == told


def test_a_change_of_keys_is_recorded_with_who_made_it_and_once(bench: KeyedBench) -> None:
    host = Host(bench, (KEY, OTHER))
    host.say(m.BY, *ALICE)
    for _ in range(2):
        ((_, ack),) = host.say(m.KEYS, 2, KEY, OTHER)
        assert ack == (m.KEYS, m.ACK_OK, 2)
    names = ", ".join(trust.Key(key).fingerprint.hex() for key in (KEY, OTHER))
    assert [text for text in log(bench) if "key" in text] == [f"holds key {names}, by alice: replace PSU of rack 7"]


def test_a_reason_is_cut_at_a_character_and_that_is_said() -> None:
    by = said.By.of("zoë von und zu Hohenfels", "ä" * 33 + " and more")
    assert by.operator.decode() == "zoë von und zu "
    assert by.reason == ("ä" * 32).encode()
    assert [line.split(" is longer")[0] for line in by.cut] == ["--operator", "--reason"]
    assert said.By.of("alice", "replace\nPSU").values == (m.padded("alice", 16), b"replace PSU")
    assert said.By.of("alice").cut == ()


def test_what_a_host_of_others_says_moves_no_cursor(bench: KeyedBench) -> None:
    host = Host(bench)
    host.say(m.BY, b"\x1b[2Jeve".ljust(16, b"\0"), b"\xff\x07why" + bytes(3) + b"x" * 100)
    host.say(m.REQUEST, 9, w.DISARM, 0, 0, 0, 0)
    (text,) = log(bench)[-1:]
    assert text.isprintable()
    assert text.startswith("disarm, by ?[2Jeve: ")
    assert text.count("x") == m.REASON_MAX - 8


def test_a_command_whose_asker_is_gone_from_the_record_is_by_nobody_known() -> None:
    at = event(5, 0, w.E_ASKED, w.MS, 1, "MS, unit spare")
    later = event(7, 0, w.E_ARMED, 1, 0, "armed")
    assert [it.text for it in said.told([at, later])] == ["MS, unit spare", "armed"]
