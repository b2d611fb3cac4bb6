"""A configuration on trial on a board in memory, and its way into maintenance: who ends it, when, and what waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspare_engine import words as w
from hotspare_firmware.trial import Trial
from hotspare_wire import configuration
from hotspare_wire import messages as m
from tests.boards import BEACON, CONTROLLER, Bench
from tests.unit.test_firmware_parts import Host

TRIAL_S = 20
SETTLED_MS = 400


def meant(bench: Bench, beats: int = 6) -> int:
    """Return the number of the controller's configuration with so many beats."""
    group = tuple(beats if place == 4 else value for place, value in enumerate(bench.group))
    blob = bench.blob(CONTROLLER)
    return configuration.ident(blob if group == bench.group else _with(bench, group))


def _with(bench: Bench, group: tuple) -> bytes:
    right, bench.group = bench.group, group
    blob = bench.blob(CONTROLLER)
    bench.group = right
    return blob


def beats(bench: Bench) -> int:
    """Return for how many beats the controller waits: 5, and 6 with the configuration that is tried here."""
    return int(bench.engine.settings.beats)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A pair at work whose controller runs another configuration on trial."""
    made = Bench(tmp_path)
    made.arm()
    made.run(SETTLED_MS)
    made.group = tuple(6 if place == 4 else value for place, value in enumerate(made.group))
    assert Host(made).write(made.blob(CONTROLLER), TRIAL_S)[1][1] == m.ACK_OK
    assert not made.boards[CONTROLLER].restarts.is_due()
    made.run(300)
    assert made.boards[CONTROLLER].restarts.is_due()
    assert made.boards[CONTROLLER].restarts.intent == w.C_CONFIGURED
    made.boot(CONTROLLER)
    made.run(SETTLED_MS)
    assert beats(made) == 6
    return made


def trial(bench: Bench) -> tuple[int, int]:
    """Return what the identity says of a trial: whether one runs, and the seconds left."""
    identity = Host(bench).ask(m.QUERY, m.T_IDENTITY, 0)[1]
    return identity[-2], identity[-1]


def troubles(bench: Bench) -> int:
    return int(Host(bench).ask(m.QUERY, m.T_STATUS, 0)[1][-1])


def became(bench: Bench) -> list[int]:
    """Return what became of a trial, as the controller recorded it."""
    return [a for _, _, kind, a, _ in bench.events() if kind == w.E_TRIAL]


def test_a_trial_is_a_trouble_that_releases_the_alarm_relay_and_says_how_long_is_left(bench: Bench) -> None:
    assert troubles(bench) == w.B_UNCONFIRMED
    assert trial(bench) == (1, TRIAL_S)
    assert bench.hardware[CONTROLLER].pins["alarm"].level == 0
    bench.run(5000)
    assert trial(bench) == (1, TRIAL_S - 5)
    assert became(bench) == [w.T_BEGUN]


def test_a_trial_that_is_confirmed_is_no_trouble_any_more_and_outlives_resets(bench: Bench) -> None:
    host = Host(bench)
    assert host.ask(m.CONFIRM, 1, meant(bench, 5))[1][1] == m.ACK_NONE, "another configuration is meant"
    assert troubles(bench) == w.B_UNCONFIRMED
    host = Host(bench)
    assert host.ask(m.CONFIRM, 1, meant(bench))[1][1] == m.ACK_OK
    assert host.ask(m.CONFIRM, 1, meant(bench))[1][1] == m.ACK_OK, "a repeat is answered again"
    assert (troubles(bench), trial(bench)) == (0, (0, 0))
    assert became(bench) == [w.T_BEGUN, w.T_CONFIRMED]
    bench.run((TRIAL_S + 1) * 1000)
    assert not bench.boards[CONTROLLER].restarts.is_due()
    bench.boot(CONTROLLER)
    assert (beats(bench), trial(bench)) == (6, (0, 0))


def test_a_trial_that_nobody_confirms_ends_with_a_reset_into_the_one_before(bench: Bench) -> None:
    bench.run((TRIAL_S - 1) * 1000)
    assert not bench.boards[CONTROLLER].restarts.is_due()
    bench.run(1500)
    assert bench.boards[CONTROLLER].restarts.is_due()
    assert became(bench) == [w.T_BEGUN, w.T_OVER]
    bench.boot(CONTROLLER)
    assert beats(bench) == 5
    assert (troubles(bench), trial(bench)) == (0, (0, 0))


@pytest.mark.parametrize("cause", [w.C_POWER, w.C_WATCHDOG])
def test_f13_a_board_that_is_reset_within_a_trial_returns_to_the_one_before_and_says_so(
    bench: Bench, cause: int
) -> None:
    bench.boot(CONTROLLER, cause)
    assert beats(bench) == 5
    assert became(bench) == [w.T_LAPSED]
    bench.boot(CONTROLLER)
    assert (beats(bench), became(bench)) == (5, [])


def test_a_trial_that_is_over_waits_for_a_relay_that_would_fall_and_says_so(bench: Bench) -> None:
    for board in bench.boards.values():  # so that nothing but the trial is the matter
        board.config_hash = 1
    bench.arm()
    bench.run(SETTLED_MS)
    bench.engine.asked(5, w.FS, 1, 0, 0, 0)
    bench.run((TRIAL_S + 5) * 1000)
    assert bench.engine.state == w.ON_SPARE
    assert not bench.boards[CONTROLLER].restarts.is_due()
    assert (trial(bench), troubles(bench)) == ((1, 0), w.B_UNCONFIRMED)
    assert became(bench) == [w.T_BEGUN, w.T_WAITS]
    assert Host(bench).ask(m.CONFIRM, 0, meant(bench))[1][1] == m.ACK_ENERGISED
    bench.hosts[CONTROLLER].outbox.clear()
    bench.engine.asked(6, w.CLEAR, w.NONE, bench.engine.standing.id[0], 0, 0)
    bench.run(SETTLED_MS)
    bench.engine.asked(7, w.MS_P, 0, 0, 0, 0)
    for _ in range(30_000):
        bench.run(1)
        if bench.boards[CONTROLLER].restarts.reset_ms >= 0:
            break
        assert became(bench) == [w.T_BEGUN, w.T_WAITS]
    assert bench.engine.state == w.NORMAL
    assert bench.hardware[CONTROLLER].pins["relay1"].level == 0
    bench.run(SETTLED_MS)
    assert became(bench) == [w.T_BEGUN, w.T_WAITS, w.T_OVER]


def test_a_trial_is_given_up_when_a_person_says_so(bench: Bench) -> None:
    host = Host(bench)
    assert host.ask(m.CONFIRM, 0, meant(bench))[1][1] == m.ACK_OK
    bench.run(300)
    assert bench.boards[CONTROLLER].restarts.is_due()
    assert became(bench) == [w.T_BEGUN, w.T_RETURNS]
    assert beats(bench.boot(CONTROLLER) and bench) == 5
    assert Host(bench).ask(m.CONFIRM, 0, meant(bench, 5))[1][1] == m.ACK_NONE


def test_the_same_configuration_written_for_good_confirms_it(bench: Bench) -> None:
    assert Host(bench).write(bench.blob(CONTROLLER))[1][1] == m.ACK_OK
    assert trial(bench) == (0, 0)
    assert beats(bench.boot(CONTROLLER) and bench) == 6


def test_the_same_configuration_on_trial_again_gives_no_more_time(bench: Bench) -> None:
    bench.run(5000)
    assert Host(bench).write(bench.blob(CONTROLLER), 3600)[1][1] == m.ACK_OK
    assert trial(bench) == (1, TRIAL_S - 5)


def test_a_store_that_fails_leaves_the_trial_as_it_is(bench: Bench) -> None:
    slots = bench.boards[CONTROLLER].store.slots
    slots.files.folder = "/nowhere/"
    assert Host(bench).ask(m.CONFIRM, 1, meant(bench))[1][1] == m.ACK_STORE
    assert trial(bench)[0] == 1


def test_a_trial_says_once_that_it_waits_and_once_that_it_is_over() -> None:
    it = Trial(2)
    assert [it.elapsed(1000, held=True) for _ in range(4)] == [w.T_BEGUN, w.T_WAITS, w.T_BEGUN, w.T_BEGUN]
    assert it.left_s() == 0
    assert it.elapsed(1, held=False) == w.T_OVER


# -- maintenance ------------------------------------------------------------------------------------------------------


def pair(tmp_path: Path, **values: int) -> Bench:
    made = Bench(tmp_path, **values)
    made.arm()
    made.run(SETTLED_MS)
    return made


@pytest.mark.parametrize("accept", [0, 1])
def test_maintenance_is_refused_while_a_falling_relay_is_energised_unless_its_fall_is_accepted(
    tmp_path: Path, accept: int
) -> None:
    bench = pair(tmp_path)
    bench.engine.asked(5, w.MS, 1, 0, 0, 0)
    bench.run(200)
    bench.hosts[CONTROLLER].outbox.clear()
    assert Host(bench).ask(m.MAINTENANCE, accept)[1][1] == (m.ACK_OK if accept else m.ACK_ENERGISED)
    bench.run(300)
    board = bench.boards[CONTROLLER]
    assert board.restarts.is_due() == bool(accept)
    assert bool(board.troubles & w.B_MAINTENANCE) == bool(accept)
    assert [row[3] for row in bench.events() if row[2] == w.E_MAINTENANCE] == [1] * accept


def test_a_latching_relay_stays_where_it_is_and_keeps_no_board_from_maintenance(tmp_path: Path) -> None:
    bench = pair(tmp_path, retention=w.LATCHING)
    bench.engine.asked(5, w.MS, 1, 0, 0, 0)
    bench.run(300)
    bench.hosts[CONTROLLER].outbox.clear()
    assert Host(bench).ask(m.MAINTENANCE, 0)[1][1] == m.ACK_OK
    assert bench.boards[CONTROLLER].restarts.intent == w.C_MAINTENANCE


def test_contacts_that_hold_the_primary_on_its_line_are_falls_too(tmp_path: Path) -> None:
    bench = pair(tmp_path, switch=w.INTERLOCKED)
    bench.engine.lines.driven[0] = w.AT_PRIMARY
    assert Host(bench).ask(m.MAINTENANCE, 0)[1][1] == m.ACK_ENERGISED
    assert bench.boards[CONTROLLER].restarts.held_up() == m.ACK_OK, (
        "a restart is over soon, and is refused by no more than ever"
    )


def test_a_beacon_goes_into_maintenance_and_means_it(tmp_path: Path) -> None:
    bench = pair(tmp_path)
    board = bench.boards[BEACON]
    board.service.handle(m.MAINTENANCE, bytearray(8), 1)
    bench.run(300)
    assert (board.restarts.is_due(), board.restarts.intent) == (True, w.C_MAINTENANCE)
