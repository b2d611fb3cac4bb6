"""Three primaries and a spare over a chain of boards on the emulated rig: contacts, alarms, records and commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hil.pair import UNHURRIED, Pair
from hil.pool import SPARE, Pool
from hotspare import cli
from hotspare.cli import exits
from hotspare_engine import words as w

BOUNCE_MS = 10
ONE, TWO, THREE = "primary-1", "primary-2", "primary-3"


@pytest.fixture(scope="module")
def running() -> Iterator[Pool]:
    with Pool(**UNHURRIED) as pool:
        yield pool


@pytest.fixture
def pool(running: Pool) -> Iterator[Pool]:
    """The module's pool, to be broken: it is put back after each test, in which no two units may ever meet."""
    yield running
    running.restore()
    assert running.rig.state()["both_connected_us"] == 0


def moves(pool: Pool, since: int) -> list[tuple[str, str, str]]:
    """Return what lines got and lost whom since a record."""
    return [(it.name, it.event, it.detail) for it in pool.rig.trace(since) if it.kind == "line"]


def newest(pool: Pool) -> int:
    return int(pool.rig.state()["trace_next"]) - 1


@pytest.mark.parametrize("line", [0, 1, 2])
def test_the_spare_takes_the_line_of_whichever_primary_loses_power(pool: Pool, line: int) -> None:
    unit = pool.group.primaries[line]
    pool.rig.stop(unit)
    carried: list[str | None] = [ONE, TWO, THREE]
    carried[line] = "spare"
    pool.until_carried(*carried)
    pool.until_status(lambda status: status["selected"] == line + 1)
    assert pool.carried() == carried


def test_f29_a_second_failure_is_uncovered_and_the_third_line_stays_as_it_is(pool: Pool) -> None:
    pool.rig.fail(ONE)
    pool.until_carried("spare", TWO, THREE)
    pool.pass_ms(BOUNCE_MS)
    since = newest(pool)
    pool.rig.fail(THREE)
    status = pool.until_alarm(w.A_UNCOVERED | w.A_PRIMARY_FAILED)
    assert status["inhibitors"] & w.I_UNCOVERED
    assert (status["selected"], status["winner"]) == (1, w.SF_W)
    assert (pool.carried(), moves(pool, since)) == (["spare", TWO, THREE], [])
    pool.rig.mend(THREE)
    pool.until_status(lambda status: not status["alarms"] & w.A_UNCOVERED)


def test_f29_a_primary_of_higher_priority_takes_the_spare_from_the_line_of_a_lower_one(pool: Pool) -> None:
    pool.rig.fail(THREE)
    pool.until_carried(ONE, TWO, "spare")
    since = newest(pool)
    pool.rig.fail(ONE)
    pool.until_carried("spare", TWO, THREE)
    order = [move for move in moves(pool, since) if move[2] == "spare"]
    assert order[0] == (THREE, "disconnected", "spare"), "it leaves one line before it has another"
    assert (ONE, "connected", "spare") in order[1:]
    pool.until_alarm(w.A_UNCOVERED)


def test_f44_while_the_spare_returns_another_primary_fails_and_no_line_is_left_open(pool: Pool) -> None:
    pool.rig.fail(THREE)
    pool.until_carried(ONE, TWO, "spare")
    pool.rig.mend(THREE)
    pool.settle(on_spare=True)
    since = newest(pool)
    with pool.board(pool.group.controller) as reached:
        reached.status()
        pool.rig.fail(TWO)
        reached.request(w.MS_P, 3, 0, 0, 0, 10_000)
    pool.until_carried(ONE, "spare", THREE)
    seen = moves(pool, since)
    assert seen[0] == (THREE, "disconnected", "spare")
    assert (THREE, "connected", THREE) in seen
    assert not pool.status()["alarms"] & (w.A_UNCOVERED | w.A_RELAY)


def test_f1_f33_a_cut_cable_silences_all_behind_it_the_first_is_covered_and_the_others_keep_their_lines(
    pool: Pool,
) -> None:
    since = newest(pool)
    pool.rig.cut("chain-beacon-2")
    pool.until_carried(ONE, "spare", THREE)
    silent = bytes((w.OK, w.FAILED, w.FAILED, w.OK))
    alarms = w.A_UNCOVERED | w.A_PRIMARY_FAILED | w.A_PATH
    pool.until_status(lambda status: status["health"][:4] == silent and status["alarms"] & alarms == alarms)
    for name in ("beacon-2", "beacon-3"):
        pool.until_alarm(w.A_CONTROLLER_SILENT, name)
    assert not any(name == THREE for name, _, _ in moves(pool, since))


def test_f33_a_board_that_hangs_in_the_chain_silences_all_behind_it_until_its_watchdog_resets_it(pool: Pool) -> None:
    pool.rig.freeze("beacon-1")
    pool.until_carried("spare", TWO, THREE)
    silent = bytes((w.FAILED, w.FAILED, w.FAILED, w.OK))
    pool.until_status(lambda status: status["health"][:4] == silent and status["alarms"] & w.A_UNCOVERED)
    # whether the spare stays depends on whose beat comes first: for a moment one primary is well again and others not
    pool.until_status(lambda status: status["health"][:4] == bytes([w.OK] * 4) and status["state"] != w.SWITCHING)
    assert pool.rig.state()["boards"]["beacon-1"]["resets"] == {"watchdog": 1}
    pool.until_status(lambda status: not status["alarms"] & w.A_UNCOVERED)
    assert None not in pool.carried()


def test_f3_what_comes_damaged_from_the_next_board_is_counted_and_goes_no_further(pool: Pool) -> None:
    with pool.board("beacon-1") as reached:
        before = reached.chain()
    damaged = damaged_at_controller(pool)
    pool.rig.inject("chain-beacon-2", "beacon-2", b"\0" + bytes(range(1, 40)) + b"\0")
    pool.pass_ms(100)
    with pool.board("beacon-1") as reached:
        after = reached.chain()
    assert before is not None
    assert after is not None
    assert after["damaged_down"] == before["damaged_down"] + 1
    assert after["up"] > before["up"] > 0
    assert (after["dropped_up"], after["dropped_down"]) == (0, 0)
    assert damaged_at_controller(pool) == damaged
    with pool.board(pool.group.controller) as reached:
        assert reached.chain() is None


def damaged_at_controller(pool: Pool) -> int:
    with pool.board(pool.group.controller) as reached:
        return sum(row["damage_crc"] + row["damage_broken"] for row in reached.paths(4))


# -- the commands -----------------------------------------------------------------------------------------------------


class Desk:
    """A person at the command line of a running pool."""

    def __init__(self, pool: Pool, capfd: pytest.CaptureFixture[str]) -> None:
        self._file = str(pool.configuration.path)
        self._capfd = capfd
        self.out = self.err = ""

    def run(self, *args: str) -> int:
        code = cli.main([args[0], "-c", self._file, *args[1:]])
        self.out, self.err = self._capfd.readouterr()
        return code

    def json(self, *args: str) -> Any:
        self.run(*args, "--json")
        return json.loads(self.out)


@pytest.fixture
def desk(pool: Pool, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(pool, capfd)


def test_a_switchover_names_its_line_and_a_failback_returns_the_one_that_is_carried(pool: Pool, desk: Desk) -> None:
    assert desk.run("switchover") == exits.USAGE
    assert f"--line says which one it is to take, {ONE}, {TWO}, {THREE}" in desk.err
    assert desk.run("switchover", "--line", TWO) == exits.OK
    assert f"line {TWO}: {TWO} -> spare" in desk.out
    assert pool.carried() == [ONE, "spare", THREE]
    assert desk.run("switchover", "--line", ONE) == exits.OK
    assert f"line {ONE}: {ONE} -> spare" in desk.out
    assert f"line {TWO}: spare -> {TWO}" in desk.out
    assert desk.run("switchover", "--to", TWO) == exits.OK
    assert "nothing to do" in desk.out
    assert desk.run("failback") == exits.OK
    assert pool.carried() == [ONE, TWO, THREE]
    assert desk.run("switchover", "--line", "spare") == exits.USAGE
    assert desk.run("switchover", "--to", ONE, "--line", ONE) == exits.USAGE


def test_status_explain_and_log_tell_the_lines_apart(pool: Pool, desk: Desk) -> None:
    pool.rig.cut("chain-beacon-3")
    pool.until_carried(ONE, TWO, "spare")
    pool.rig.fail(TWO)
    pool.until_carried(ONE, "spare", THREE)
    pool.until_alarm(w.A_UNCOVERED)
    group = desk.json("status")["groups"]["pool"]
    assert [group["lines"][line]["active"] for line in (ONE, TWO, THREE)] == [ONE, "spare", THREE]
    assert "uncovered" in group["alarms"]
    answer = desk.json("explain")
    assert (answer["spare_carries"], answer["uncovered"]) == (TWO, [THREE])
    would = {row["if"]: row for row in answer["would_change"]}
    assert would[f"{ONE} fails"]["spare_carries"] == ONE
    assert desk.run("explain") == exits.OK
    assert f"uncovered: line {THREE}" in desk.out
    said = [row["text"] for row in desk.json("log")["events"]]
    for text in (f"crosslink-a of {THREE} is silent", f"line {TWO} to spare", f"{TWO} is failed: its own report"):
        assert text in said, text


def test_a_unit_out_of_use_has_the_spare_and_keeps_it(pool: Pool, desk: Desk) -> None:
    assert desk.run("out", TWO, "--for", "90s") == exits.OK
    assert pool.carried() == [ONE, "spare", THREE]
    pool.rig.fail(ONE)
    pool.until_alarm(w.A_UNCOVERED)
    assert pool.carried() == [ONE, "spare", THREE]
    assert desk.run("switchover", "--line", ONE) == exits.FAILED
    assert "by OUT" in desk.err


def test_an_agent_at_the_host_port_is_heard_while_hosts_ask_there() -> None:
    at_beacon = {'[unit.primary]\nboard = "beacon"': '[unit.primary]\nagent = "host"\nboard = "beacon"'}
    with Pair(changes=at_beacon, **UNHURRIED) as pair:
        with pair.board("beacon") as reached:
            for _ in range(300):
                reached.status()
            assert reached.paths(1)[0]["damage_crc"] == 0
        assert pair.status()["health"][:2] == bytes((w.OK, w.OK))
        pair.rig.fail("primary")
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        pair.rig.cut("agent-primary")
        pair.rig.mend("primary")
        pair.pass_ms(500)
        pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
        pair.rig.heal("agent-primary")
        pair.settle(on_spare=True)


def test_a_pool_that_is_asked_without_pause_loses_no_beat(pool: Pool) -> None:
    with pool.board("beacon-1") as reached:
        for _ in range(300):
            reached.status()
        agent = reached.paths(1)[0]
    assert (agent["state"], agent["damage_crc"], agent["damage_broken"]) == (w.ALIVE, 0, 0)
    assert pool.carried() == [ONE, TWO, THREE]
    assert pool.status()["health"][SPARE] == w.OK
