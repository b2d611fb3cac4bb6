"""Units in virtual time: power, boot, hang, failing, leaving, and what alters a heartbeat."""

import pytest

from hotspare.agent import AgentCore
from hotspare.rig.alteration import FAST, SHUFFLED, SLOW, Alteration
from hotspare.rig.direct import DirectPort
from hotspare.rig.loop import Timeline
from hotspare.rig.plan import UnitPlan
from hotspare.rig.unit import Unit
from hotspare.roles import Roles
from hotspare_engine import words
from tests.board_end import AGENT, BoardEnd, Nonces

BEAT_MS = 90


class Ticker:
    """An agent that sends its count every BEAT_MS, and what it is told at once."""

    def __init__(self) -> None:
        self.age_ms = BEAT_MS
        self.count = 0
        self.words: list[bytes] = []
        self.heard = b""

    def elapsed(self, ms: int) -> None:
        self.age_ms += ms

    def received(self, data: bytes) -> None:
        self.heard += data

    def checked(self, well: bool) -> None:
        self.words.append(b"well" if well else b"failing")

    def impaired(self) -> None:
        self.words.append(b"degraded")

    def leave(self, longest_s: int) -> None:
        self.words.append(b"leaving %d" % longest_s)

    def outgoing(self) -> bytes:
        out = b"".join(self.words)
        self.words.clear()
        if self.age_ms >= BEAT_MS:
            self.age_ms = 0
            self.count += 1
            out += b"%d" % self.count
        return out

    def wait_ms(self) -> int:
        return max(0, BEAT_MS - self.age_ms)


class Bench:
    def __init__(self, **plan_values: int) -> None:
        self.timeline = Timeline()
        self.told: list[tuple[int, str]] = []
        self.sent: list[tuple[int, bytes]] = []
        self.agents: list[Ticker] = []
        self.alteration = Alteration()
        self.alteration.connect(lambda data: self.sent.append((self.timeline.now_us() // 1000, data)))
        plan = UnitPlan("unit", 100, 100, "agent-unit", boot_ms=500, hold_up_us=20_000, **plan_values)
        self.unit = Unit(self.timeline, plan, self._agent, self._tell, self.alteration.send)
        self.power: list[tuple[int, bool]] = []
        self.unit.hears_power.append(lambda on: self.power.append((self.timeline.now_us() // 1000, on)))
        self.work: list[tuple[int, bool, bool]] = []
        self.unit.hears_work.append(self._look)
        self.service: list[bool] = []
        self.unit.hears_service.append(self.service.append)

    def _agent(self, plan: UnitPlan, roles: Roles):  # type: ignore[no-untyped-def]
        self.roles = roles
        self.agents.append(Ticker())
        return self.alteration.around(self.agents[-1])

    def _tell(self, event: str, detail: str) -> None:
        self.told.append((self.timeline.now_us() // 1000, f"{event} {detail}".rstrip()))

    def _look(self) -> None:
        now = (self.timeline.now_us() // 1000, self.unit.accepting, self.unit.answering)
        if not self.work or self.work[-1][1:] != now[1:]:
            self.work.append(now)

    def tell(self, role: int) -> None:
        """A heartbeat of the board tells a role."""
        self.roles.tell(role, 1, own=True)
        self.unit.received(b"", 1, 1)

    def run_ms(self, ms: int) -> None:
        self.timeline.run_for(ms * 1000)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_unit_boots_before_its_service_runs_and_its_agent_speaks(bench: Bench) -> None:
    bench.unit.start()
    assert bench.unit.powered
    bench.run_ms(499)
    assert not bench.unit.running
    assert not bench.sent
    bench.run_ms(1)
    assert bench.unit.running
    bench.run_ms(200)
    assert bench.sent == [(500, b"well1"), (590, b"2"), (680, b"3")]
    assert bench.told == [(0, "booting"), (500, "running")]


def test_power_that_goes_silences_the_agent_at_once_and_for_good(bench: Bench) -> None:
    bench.unit.start()
    bench.run_ms(550)
    bench.unit.stop()
    before = len(bench.sent)
    bench.run_ms(5_000)
    assert len(bench.sent) == before
    assert not bench.unit.powered
    assert bench.told[-1] == (550, "off")


def test_a_unit_stopped_while_it_boots_does_not_come_up(bench: Bench) -> None:
    bench.unit.start()
    bench.run_ms(100)
    bench.unit.stop()
    bench.run_ms(5_000)
    assert not bench.unit.running
    assert not bench.agents


def test_a_hung_unit_keeps_its_power_and_comes_back_with_a_new_agent(bench: Bench) -> None:
    bench.unit.start()
    bench.run_ms(600)
    bench.unit.hang()
    assert bench.unit.powered
    assert not bench.unit.running
    before = len(bench.sent)
    bench.run_ms(1_000)
    assert len(bench.sent) == before
    bench.unit.start()
    bench.run_ms(500)
    assert bench.unit.running
    assert len(bench.agents) == 2


def test_a_degraded_unit_says_so_runs_on_and_survives_a_restart_until_it_is_mended(bench: Bench) -> None:
    bench.unit.start()
    bench.run_ms(530)
    bench.unit.degrade()
    assert bench.sent[-1] == (530, b"degraded")
    assert bench.unit.running
    bench.unit.stop()
    bench.unit.start()
    bench.run_ms(500)
    assert bench.sent[-1] == (1030, b"degraded1")
    bench.unit.set_failing(False)
    assert bench.sent[-1] == (1030, b"well")


def test_a_failing_check_is_said_at_once_and_survives_a_restart(bench: Bench) -> None:
    bench.unit.start()
    bench.run_ms(530)
    bench.unit.set_failing(True)
    assert bench.sent[-1] == (530, b"failing")
    assert not bench.unit.running
    assert bench.unit.powered
    bench.unit.stop()
    bench.unit.start()
    bench.run_ms(500)
    assert bench.sent[-1] == (1030, b"failing1")
    bench.unit.set_failing(False)
    assert bench.unit.running


def test_a_unit_that_leaves_says_so_before_its_power_goes(bench: Bench) -> None:
    bench.unit.start()
    bench.run_ms(520)
    bench.unit.leave(30, 250_000, bench.unit.stop)
    assert bench.sent[-1] == (520, b"leaving 30")
    assert not bench.unit.running
    bench.run_ms(249)
    assert bench.unit.powered
    bench.run_ms(1)
    assert not bench.unit.powered


@pytest.mark.parametrize(("how", "beats"), [(SLOW, 4), (FAST, 30)])
def test_an_altered_rate_is_three_times_slower_or_faster(bench: Bench, how: str, beats: int) -> None:
    bench.alteration.how = how
    bench.unit.start()
    bench.run_ms(500 + 900)
    assert abs(len(bench.sent) - beats) <= 1


def test_a_shuffled_heartbeat_comes_in_pairs_in_the_wrong_order(bench: Bench) -> None:
    bench.unit.start()
    bench.run_ms(500)
    bench.alteration.how = SHUFFLED
    bench.run_ms(400)
    assert [data for _, data in bench.sent[1:]] == [b"32", b"54"]


def test_bytes_at_another_rate_than_the_agents_mean_nothing_to_it(bench: Bench) -> None:
    bench.unit.start()
    bench.run_ms(500)
    bench.unit.received(b"abc", baud=57_600, expected_baud=115_200)
    bench.unit.received(b"abc", baud=115_200, expected_baud=115_200)
    assert bench.agents[0].heard == b"\0\0\0abc"


@pytest.fixture
def cold(bench: Bench) -> Bench:
    """A unit with mains behind a start relay that is open."""
    bench.unit.fed = False
    bench.unit.start()
    return bench


def test_a_cold_unit_is_off_until_it_is_fed_and_boots_then(cold: Bench) -> None:
    cold.run_ms(5_000)
    assert (cold.unit.powered, cold.power, cold.sent) == (False, [], [])
    cold.unit.set_feed(True)
    cold.run_ms(499)
    assert (cold.unit.powered, cold.unit.running) == (True, False)
    cold.run_ms(1)
    assert cold.unit.running
    assert cold.told == [(0, "mains on"), (5_000, "booting"), (5_500, "running")]


def test_a_cold_unit_goes_off_when_its_hold_up_ends_and_not_for_a_contact_that_chatters(cold: Bench) -> None:
    for closed in (True, False, True, False, True):
        cold.unit.set_feed(closed)
        cold.run_ms(10)
    cold.run_ms(1_000)
    assert cold.power == [(0, True)]
    cold.unit.set_feed(False)
    cold.run_ms(19)
    assert cold.unit.running
    cold.run_ms(1)
    assert cold.power == [(0, True), (1_070, False)]
    cold.run_ms(1_000)
    cold.unit.set_feed(True)
    cold.run_ms(500)
    assert cold.unit.running


def test_a_cold_unit_without_mains_is_not_started_by_its_relay(cold: Bench) -> None:
    cold.unit.stop()
    cold.unit.set_feed(True)
    cold.run_ms(1_000)
    assert not cold.unit.powered
    cold.unit.start()
    cold.run_ms(500)
    assert cold.unit.running
    cold.unit.stop()
    cold.unit.set_feed(False)
    cold.run_ms(1_000)
    assert [event for _, event in cold.told] == ["mains on", "mains off", "booting", "running", "off"]


def test_who_hears_of_its_service_hears_every_end_and_every_beginning(bench: Bench) -> None:
    bench.unit.start()
    bench.run_ms(500)
    bench.unit.set_failing(True)
    bench.unit.set_failing(False)
    bench.unit.hang()
    bench.unit.stop()
    assert bench.service == [False, True, False, True, False, False]


# -- roles ------------------------------------------------------------------------------------------------------------


def booted(**plan_values: int) -> Bench:
    """Return a unit that has just booted, with times of its hooks."""
    bench = Bench(**plan_values)
    bench.unit.start()
    bench.run_ms(500)
    bench.told.clear()
    return bench


def test_hooks_take_their_time_and_are_acknowledged_then() -> None:
    bench = booted(drain_ms=2_000, active_ms=300)
    assert (bench.unit.state()["role"], bench.unit.state()["acknowledged"]) == ("", "")
    bench.tell(words.ACTIVE)
    assert (bench.unit.state()["role"], bench.unit.state()["acknowledged"]) == ("active", "")
    bench.run_ms(299)
    assert bench.roles.acknowledged == words.NOT_TOLD
    bench.run_ms(1)
    assert bench.roles.acknowledged == words.ACTIVE
    bench.tell(words.DRAIN)
    bench.run_ms(2_000)
    assert (bench.unit.state()["role"], bench.unit.state()["acknowledged"]) == ("drain", "drain")
    bench.tell(words.STANDBY)
    assert bench.told == [
        (500, "role active"),
        (800, "activated"),
        (800, "role drain"),
        (2_800, "drained"),
        (2_800, "role standby"),
        (2_800, "stood by"),
    ]


def test_a_role_without_a_time_is_acknowledged_at_once_and_a_repeated_one_does_nothing() -> None:
    bench = booted()
    bench.tell(words.DRAIN)
    bench.tell(words.DRAIN)
    assert bench.roles.acknowledged == words.DRAIN
    assert bench.told == [(500, "role drain"), (500, "drained")]


def test_a_hook_that_fails_says_so_after_its_time_and_one_that_hangs_after_the_limit() -> None:
    bench = booted(drain_ms=200, hook_limit_ms=5_000)
    bench.unit.endings["drain"] = "fails"
    bench.unit.endings["active"] = "hangs"
    bench.tell(words.DRAIN)
    bench.run_ms(200)
    assert bench.roles.acknowledged == words.DRAIN | words.ROLE_FAILED
    assert bench.unit.state()["acknowledged"] == "drain failed"
    bench.tell(words.ACTIVE)
    bench.run_ms(5_000)
    assert bench.roles.acknowledged == words.ACTIVE | words.ROLE_FAILED
    assert [it for it in bench.told if "failed" in it[1]] == [(700, "hook failed drain"), (5_700, "hook failed active")]


def test_a_hook_that_takes_longer_than_the_limit_has_failed_then() -> None:
    bench = booted(drain_ms=2_000, hook_limit_ms=1_000)
    bench.tell(words.DRAIN)
    bench.run_ms(3_000)
    assert bench.told == [(500, "role drain"), (1_500, "hook failed drain")]


def test_the_newest_role_ends_the_hook_that_runs() -> None:
    bench = booted(drain_ms=2_000, active_ms=100)
    bench.tell(words.DRAIN)
    bench.run_ms(1_000)
    bench.tell(words.ACTIVE)
    bench.run_ms(5_000)
    assert bench.told == [(500, "role drain"), (1_500, "role active"), (1_600, "activated")]
    assert bench.roles.acknowledged == words.ACTIVE


def test_a_unit_that_loses_power_forgets_its_role_and_ends_its_hook() -> None:
    bench = booted(drain_ms=2_000)
    bench.tell(words.DRAIN)
    bench.run_ms(100)
    bench.unit.stop()
    assert bench.unit.state()["role"] == ""
    bench.unit.start()
    bench.run_ms(5_000)
    assert [event for _, event in bench.told] == ["role drain", "off", "booting", "running"]
    assert bench.unit.accepting


def test_a_unit_takes_work_from_its_boot_until_it_is_told_to_drain_and_again_when_it_is_active() -> None:
    bench = booted(drain_ms=100)
    bench.tell(words.STANDBY)
    bench.tell(words.ACTIVE)
    bench.tell(words.DRAIN)
    bench.run_ms(500)
    bench.tell(words.STANDBY)
    bench.run_ms(500)
    bench.tell(words.ACTIVE)
    assert bench.work == [(0, False, False), (500, True, True), (500, False, True), (1_500, True, True)]


def test_a_unit_that_needs_time_to_become_active_takes_no_work_before() -> None:
    bench = booted(active_ms=300)
    bench.tell(words.STANDBY)
    bench.run_ms(100)
    bench.tell(words.ACTIVE)
    bench.run_ms(1_000)
    bench.unit.endings["active"] = "fails"
    bench.tell(words.STANDBY)
    bench.tell(words.ACTIVE)
    bench.run_ms(1_000)
    assert bench.work == [(0, False, False), (500, False, True), (900, True, True), (1_600, False, True)]


def test_a_unit_whose_drain_fails_goes_on_to_take_work_and_one_whose_drain_hangs_does_not() -> None:
    bench = booted(hook_limit_ms=100)
    bench.unit.endings["drain"] = "fails"
    bench.tell(words.DRAIN)
    bench.run_ms(1_000)
    assert bench.unit.accepting
    bench.tell(words.ACTIVE)
    bench.unit.endings["drain"] = "hangs"
    bench.tell(words.DRAIN)
    assert not bench.unit.accepting
    bench.run_ms(1_000)
    assert not bench.unit.accepting


def test_a_unit_that_leaves_finishes_its_work_and_one_that_fails_or_hangs_or_loses_power_does_not() -> None:
    bench = booted()
    bench.unit.leave(30, 250_000, bench.unit.stop)
    bench.run_ms(250)
    assert bench.work[2:] == [(500, False, True), (750, False, False)]
    for end in (lambda it: it.set_failing(True), lambda it: it.hang()):
        bench = booted()
        end(bench.unit)
        assert bench.work[2:] == [(500, False, False)]


def test_two_agents_of_a_unit_are_told_one_role_and_both_say_when_it_is_done() -> None:
    timeline = Timeline()
    alteration = Alteration()
    port = DirectPort(alteration)
    boards = BoardEnd(controller=False), BoardEnd(salt=44)
    told: list[str] = []

    def make(plan: UnitPlan, roles: Roles):  # type: ignore[no-untyped-def]
        first, second = (AgentCore(AGENT, 100, Nonces(salt), roles) for salt in (1, 2))
        return alteration.around(port.around(first, second))

    plan = UnitPlan("unit", AGENT, 100, "agent-unit", boot_ms=1, drain_ms=500)
    unit = Unit(timeline, plan, make, lambda event, detail: told.append(f"{event} {detail}".rstrip()), alteration.send)
    alteration.connect(boards[0].received)
    port.connect(boards[1].received)
    unit.start()

    def pass_ms(ms: int) -> None:
        for _ in range(0, ms, 10):
            timeline.run_for(10_000)
            unit.received(boards[0].outgoing() + boards[0].beat(), 1, 1)
            port.received(unit, 1, boards[1].outgoing() + boards[1].beat(), 1)

    pass_ms(200)
    boards[0].role = boards[1].role = words.DRAIN
    pass_ms(400)
    assert {*boards[0].acknowledged, *boards[1].acknowledged} == {words.NOT_TOLD}
    pass_ms(200)
    assert [board.acknowledged[-1] for board in boards] == [words.DRAIN, words.DRAIN]
    assert told == ["booting", "running", "role drain", "drained"]
