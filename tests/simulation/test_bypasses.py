"""Paths that bypass the beacon, and cables that are sensed, on boards in memory: contact, direct agent, INVALID."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from hotspare_engine import words as w
from hotspare_firmware.board import Board
from hotspare_firmware.senses import REST_MS
from hotspare_wire import configuration as c
from hotspare_wire import messages as m
from tests.boards import CONTROLLER, Bench, Speaker

SETTLE_MS = 600
DEAD_MS = 500
BEAT_MS = 90
STEP_MS = 12  # how often an open contact is looked at, and a little


class Contacts(Bench):
    """A pair whose primary has a dry contact at the controller, closed."""

    def extras(self, address: int) -> tuple[Any, ...]:
        return (0, b"", 1) if address == CONTROLLER else ()

    def boot(self, address: int, cause: int = 0) -> Board:
        self.close(self.closed if self.boards else 1)
        return super().boot(address, cause)

    closed = 1

    def close(self, closed: int) -> None:
        """Close or open the contact."""
        self.closed = closed
        if CONTROLLER in self.hardware:
            self.hardware[CONTROLLER].input("contact").level = closed


class Direct(Bench):
    """A pair whose primary's agent speaks at the controller too, where the spare's agent uses the host port."""

    agent_port: ClassVar[dict[int, int]] = {CONTROLLER: c.AGENT_HOST}

    def __init__(self, folder: Path, **values: int) -> None:
        super().__init__(folder, **values)
        self.direct = Speaker(self.hardware[CONTROLLER].uarts[1], m.ADDRESS_AGENT_MIN, CONTROLLER, self.chance)
        self.agents = [self.agents[0], self.direct, self.spares_at_host()]

    def extras(self, address: int) -> tuple[Any, ...]:
        return (0, b"", 0, 1) if address == CONTROLLER else ()


class Sensed(Bench):
    """A pair of boards that both sense the cable of crosslink A."""

    def extras(self, address: int) -> tuple[Any, ...]:
        return (c.INPUT_INVALID_A,)

    def invalid(self, address: int, level: int) -> None:
        """Set the level of the receiver's output at a board."""
        self.hardware[address].input("invalid_a").level = level


def ready(made: Bench) -> Bench:
    made.arm()
    made.run(SETTLE_MS)
    assert made.engine.state == w.NORMAL
    assert made.engine.alarms == 0
    return made


@pytest.fixture
def contacts(tmp_path: Path) -> Contacts:
    made = Contacts(tmp_path)
    ready(made)
    return made


@pytest.fixture
def direct(tmp_path: Path) -> Direct:
    made = Direct(tmp_path)
    ready(made)
    return made


def relay(bench: Bench) -> int:
    return bench.hardware[CONTROLLER].pins["relay1"].level


def path(bench: Bench, kind: int, unit: int = 0) -> Any:
    (found,) = [it for it in bench.engine.health.paths if (it.kind, it.unit) == (kind, unit)]
    return found


def test_f33_a_dead_beacon_beside_a_closed_contact_is_an_alarm_and_no_failover(contacts: Contacts) -> None:
    contacts.cut()
    contacts.run(3 * DEAD_MS)
    assert relay(contacts) == 0
    unit = contacts.engine.health.units[0]
    assert (unit.health, unit.why) == (w.IMPAIRED, w.WHY_PATH_LOST)
    assert contacts.engine.alarms & w.A_PATH
    assert contacts.engine.alarms & w.A_PRIMARY_IMPAIRED


def test_a_contact_that_opens_after_the_beacon_died_is_a_failover_once_its_dead_time_has_passed(
    contacts: Contacts,
) -> None:
    contacts.cut()
    contacts.run(2 * DEAD_MS)
    contacts.close(0)
    contacts.run(DEAD_MS - BEAT_MS - 1)
    assert relay(contacts) == 0
    contacts.run(BEAT_MS + 2)
    assert relay(contacts) == 1


def test_an_open_contact_alone_impairs_and_moves_nothing(contacts: Contacts) -> None:
    contacts.close(0)
    contacts.run(3 * DEAD_MS)
    assert relay(contacts) == 0
    assert contacts.engine.health.units[0].why == w.WHY_PATH_LOST
    contacts.close(1)
    contacts.run(STEP_MS)
    assert contacts.engine.health.units[0].health == w.OK


def test_a_contact_that_bounces_within_its_dead_time_is_closed_and_no_beat_too_many(contacts: Contacts) -> None:
    for number in range(4 * DEAD_MS):
        contacts.close(number % 7 % 2)
        contacts.run(1)
    it = path(contacts, w.PATH_CONTACT)
    assert it.state == w.ALIVE
    assert not it.altered
    assert not it.altered_count
    assert contacts.engine.health.units[0].health in (w.OK, w.IMPAIRED)
    assert relay(contacts) == 0


def test_a_closed_contact_does_not_keep_a_unit_that_says_that_it_fails(contacts: Contacts) -> None:
    contacts.agents[0].report = w.FAILED
    contacts.run(100)
    assert relay(contacts) == 1, "it shows liveness only"


def test_a_lost_wire_reads_open_from_the_start(tmp_path: Path) -> None:
    made = Contacts(tmp_path)
    made.close(0)
    made.run(4000)
    assert path(made, w.PATH_CONTACT).state in (w.NEVER, w.SILENT)
    assert made.engine.alarms & w.A_PATH


def test_f33_a_dead_beacon_is_no_failover_while_the_unit_itself_says_ok(direct: Direct) -> None:
    direct.cut()
    direct.run(3 * DEAD_MS)
    assert relay(direct) == 0
    assert direct.engine.health.units[0].health == w.IMPAIRED
    assert direct.engine.alarms & w.A_PATH
    direct.direct.report = w.FAILED
    direct.run(100)
    assert relay(direct) == 1


def test_a_direct_ok_beats_what_the_beacon_infers(direct: Direct) -> None:
    direct.agents[0].report = None  # its cable to the beacon is broken
    direct.run(3 * DEAD_MS)
    assert relay(direct) == 0
    assert direct.engine.health.units[0].health == w.IMPAIRED
    direct.direct.report = None
    direct.run(DEAD_MS + BEAT_MS)
    assert relay(direct) == 1


def test_the_agents_of_both_units_are_told_apart_at_a_controller(direct: Direct) -> None:
    assert [(it.kind, it.unit) for it in direct.engine.health.paths if it.kind == w.PATH_AGENT] == [
        (w.PATH_AGENT, 1),
        (w.PATH_AGENT, 0),
    ]
    direct.agents[2].report = w.FAILED
    direct.run(2 * BEAT_MS)
    assert [unit.health for unit in direct.engine.health.units] == [w.OK, w.FAILED]
    assert relay(direct) == 0


def cables(bench: Bench) -> list[tuple[int, ...]]:
    return [event[3:] for event in bench.events() if event[2] == w.E_CABLE]


def test_a_cable_that_goes_and_comes_is_recorded_once_each_and_decides_nothing(tmp_path: Path) -> None:
    made = Sensed(tmp_path)
    for address in made.boards:
        made.invalid(address, 1)
    ready(made)
    crosslink = 1
    assert made.engine.health.paths[crosslink].cable == w.CABLE_THERE
    assert cables(made) == [], "a cable that is there at start is no news"
    made.invalid(CONTROLLER, 0)
    made.run(REST_MS - 5)
    made.invalid(CONTROLLER, 1)
    made.run(SETTLE_MS)
    assert cables(made) == [], "a dip is not believed"
    made.invalid(CONTROLLER, 0)
    for _ in range(SETTLE_MS):
        made.run(1)
        assert made.engine.health.paths[crosslink].state == w.ALIVE, "beats say whether it lives"
    assert cables(made) == [(crosslink, 0)]
    assert made.engine.alarms == 0
    made.invalid(CONTROLLER, 1)
    made.run(SETTLE_MS)
    assert cables(made) == [(crosslink, 0), (crosslink, 1)]


def test_a_cable_that_is_gone_at_start_is_news(tmp_path: Path) -> None:
    made = Sensed(tmp_path)
    made.run(SETTLE_MS)
    assert cables(made) == [(1, 0)]


def test_a_cable_that_nobody_senses_is_told_as_such(tmp_path: Path) -> None:
    made = Bench(tmp_path)
    made.run(SETTLE_MS)
    assert {it.cable for it in made.engine.health.paths} == {w.CABLE_NOT_SENSED}
