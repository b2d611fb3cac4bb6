"""Units in virtual time: power, boot, hang, failing, leaving, and what alters a heartbeat."""

import pytest

from hotspare.rig.alteration import FAST, SHUFFLED, SLOW, Alteration
from hotspare.rig.loop import Timeline
from hotspare.rig.plan import UnitPlan
from hotspare.rig.unit import Unit

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

    def degraded(self) -> None:
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
    def __init__(self) -> None:
        self.timeline = Timeline()
        self.told: list[tuple[int, str]] = []
        self.sent: list[tuple[int, bytes]] = []
        self.agents: list[Ticker] = []
        self.alteration = Alteration()
        self.alteration.connect(lambda data: self.sent.append((self.timeline.now_us() // 1000, data)))
        plan = UnitPlan("unit", 100, 100, "agent-unit", boot_ms=500, hold_up_us=20_000)
        self.unit = Unit(self.timeline, plan, self._agent, self._tell, self.alteration.send)
        self.power: list[tuple[int, bool]] = []
        self.unit.hears_power.append(lambda on: self.power.append((self.timeline.now_us() // 1000, on)))
        self.service: list[bool] = []
        self.unit.hears_service.append(self.service.append)

    def _agent(self, plan: UnitPlan):  # type: ignore[no-untyped-def]
        self.agents.append(Ticker())
        return self.alteration.around(self.agents[-1])

    def _tell(self, event: str, detail: str) -> None:
        self.told.append((self.timeline.now_us() // 1000, event))

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
