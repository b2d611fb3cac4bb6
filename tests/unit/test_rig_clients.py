"""Transactions over a line, with numbers that anyone can count: what a switch, a failure and a drain cost."""

from dataclasses import asdict

import pytest

from hotspare.rig.clients import GAP_US, Clients
from hotspare.rig.ledger import Counts, Ledger
from hotspare.rig.loop import Timeline
from hotspare.rig.plan import ClientsPlan, UnitPlan
from hotspare.rig.unit import Unit
from hotspare.roles import Roles
from hotspare_engine import words

MS = 1_000


def ledger(takes_ms: int = 50, patience_ms: int = 10_000) -> Ledger:
    """Return the ledger of a line that somebody takes from 100 ms on: one every ms, the first at 100 ms."""
    made = Ledger(MS, takes_ms * MS, patience_ms * MS)
    made.take(100 * MS)
    return made


def test_nothing_is_sent_before_somebody_takes_it() -> None:
    assert Ledger(MS, 50 * MS, 1_000 * MS).counts(10**9) == Counts()


def test_what_is_sent_is_under_way_for_as_long_as_it_takes_and_then_served() -> None:
    it = ledger()
    assert asdict(it.counts(100 * MS)) | {"sent": 1, "under_way": 1, "served": 0} == asdict(it.counts(100 * MS))
    assert it.counts(149 * MS) == Counts(sent=50, under_way=50)
    assert it.counts(150 * MS) == Counts(sent=51, under_way=50, served=1)
    assert it.counts(1_100 * MS) == Counts(sent=1_001, under_way=50, served=951)


def test_a_failure_loses_what_is_under_way_and_delays_what_is_sent_until_another_takes_it() -> None:
    it = ledger()
    it.cut(1_100 * MS)  # 1000 were sent before, at 100 to 1099 ms; those from 1051 on are not finished
    assert it.counts(1_200 * MS) == Counts(sent=1_101, served=951, lost=49, waiting=101)
    it.take(1_300 * MS)  # 200 have waited, the first since 1100 ms
    assert it.counts(1_300 * MS) == Counts(
        sent=1_201, served=951, lost=49, delayed=200, under_way=201, delay_us_max=200 * MS, delay_us_last=200 * MS
    )
    assert it.counts(1_349 * MS).under_way == 250
    assert it.counts(1_350 * MS).under_way == 50, "those that have waited are finished together"


def test_a_planned_stop_that_waits_for_what_is_under_way_loses_nothing() -> None:
    it = ledger()
    it.stop(1_100 * MS)
    assert it.counts(1_120 * MS) == Counts(sent=1_021, served=971, under_way=29, waiting=21)
    it.cut(1_149 * MS)
    it.take(1_160 * MS)
    assert it.counts(2_000 * MS).lost == 0
    assert it.counts(2_000 * MS).delayed == 60


def test_a_planned_stop_that_does_not_wait_long_enough_loses_the_rest() -> None:
    it = ledger()
    it.stop(1_100 * MS)
    it.cut(1_110 * MS)  # sent at 1061 to 1099 ms
    assert it.counts(1_110 * MS).lost == 39


def test_who_waits_longer_than_clients_do_is_refused() -> None:
    it = ledger(patience_ms=150)
    it.cut(1_100 * MS)
    assert (it.counts(1_250 * MS).waiting, it.counts(1_250 * MS).refused) == (151, 0)
    assert (it.counts(1_251 * MS).waiting, it.counts(1_251 * MS).refused) == (151, 1)
    it.take(1_300 * MS)  # of 200 those sent at 1100 to 1149 ms have gone
    counts = it.counts(1_300 * MS)
    assert (counts.refused, counts.delayed, counts.delay_us_last) == (50, 150, 150 * MS)


def test_the_longest_wait_of_the_newest_interruption_is_told_apart_from_the_longest_ever() -> None:
    it = ledger()
    for begin_ms, end_ms in ((1_000, 1_300), (2_000, 2_010)):
        it.cut(begin_ms * MS)
        it.take(end_ms * MS)
    counts = it.counts(3_000 * MS)
    assert (counts.delay_us_max, counts.delay_us_last) == (300 * MS, 10 * MS)


def test_an_interruption_that_falls_between_two_transactions_delays_none() -> None:
    it = ledger()
    it.stop(1_000 * MS + 100)
    it.take(1_000 * MS + 900)
    assert it.counts(2_000 * MS) == Counts(sent=1_901, served=1_851, under_way=50)


# -- a line, two units and a contact ----------------------------------------------------------------------------------


class NoAgent:
    def elapsed(self, ms: int) -> None: ...
    def received(self, data: bytes) -> None: ...
    def checked(self, well: bool) -> None: ...
    def leave(self, longest_s: int) -> None: ...

    def outgoing(self) -> bytes:
        return b""

    def wait_ms(self) -> int:
        return 1_000


class Line:
    """Two units that have booted, the line on the primary; clients send one transaction a millisecond from then on."""

    BOOT_MS = 100

    def __init__(self, transaction_ms: int = 50, **plan_values: int) -> None:
        self.timeline = Timeline()
        self.clients = Clients(self.timeline, ClientsPlan("clients", "line", 1_000, transaction_ms))
        self.roles: dict[str, Roles] = {}
        self.primary, self.spare = (self._unit(name, plan_values) for name in ("primary", "spare"))
        self.clients.join(self.primary, True)
        self.pass_ms(self.BOOT_MS)

    def _unit(self, name: str, values: dict[str, int]) -> Unit:
        def make(plan: UnitPlan, roles: Roles) -> NoAgent:
            self.roles[name] = roles
            return NoAgent()

        plan = UnitPlan(name, 100, 100, None, boot_ms=self.BOOT_MS, **values)
        unit = Unit(self.timeline, plan, make, lambda event, detail: None, lambda data: None)
        self.clients.watch(unit)
        unit.start()
        return unit

    def pass_ms(self, ms: float) -> None:
        self.timeline.run_for(round(ms * MS))

    def tell(self, unit: Unit, role: int) -> None:
        self.roles[unit.plan.name].tell(role, 1, own=False)
        unit.received(b"", 1, 1)

    def switch(self, away: Unit, to: Unit, ms: float = 10) -> None:
        """The contact leaves one unit and reaches another, where it chatters."""
        self.clients.join(away, False)
        self.pass_ms(ms)
        for _ in range(3):
            self.clients.join(to, True)
            self.pass_ms(0.3)
            self.clients.join(to, False)
            self.pass_ms(0.2)
        self.clients.join(to, True)

    def told(self, *what: str) -> tuple[object, ...]:
        state = self.clients.state()
        counted = state["served"] + state["lost"] + state["refused"] + state["under_way"] + state["waiting"]
        assert counted == state["sent"], "each is exactly one of these"
        return tuple(state[name] for name in what)


def test_a_planned_switchover_with_a_drain_hook_loses_nothing_and_delays_what_is_sent_meanwhile() -> None:
    line = Line(drain_ms=2_000)
    line.pass_ms(1_000)
    line.tell(line.spare, words.STANDBY)
    line.tell(line.primary, words.DRAIN)
    assert line.told("served_by", "lost", "under_way") == ("", 0, 49)
    line.pass_ms(2_000)
    assert line.roles["primary"].acknowledged == words.DRAIN
    line.tell(line.spare, words.ACTIVE)
    line.switch(line.primary, line.spare)
    line.pass_ms(1_000)
    # drain 2000 ms and contact 10 ms, one a ms
    assert line.told("served_by", "lost", "delayed", "delay_us_last") == ("spare", 0, 2_010, 2_010 * MS)


def test_a_planned_switchover_without_a_drain_hook_loses_what_is_under_way() -> None:
    line = Line()
    line.pass_ms(1_000)
    line.tell(line.primary, words.DRAIN)
    assert line.roles["primary"].acknowledged == words.DRAIN
    line.pass_ms(15)
    line.switch(line.primary, line.spare)
    line.pass_ms(1_000)
    # told at 1100 ms, open at 1115 ms: those sent at 1066 to 1099 ms
    assert line.told("lost", "delayed") == (34, 25)


def test_a_drain_hook_that_fails_lets_the_unit_go_on_and_so_loses() -> None:
    line = Line(drain_ms=2_000)
    line.primary.endings["drain"] = "fails"
    line.pass_ms(1_000)
    line.tell(line.primary, words.DRAIN)
    line.pass_ms(2_000)
    assert line.told("served_by") == ("primary",)
    line.switch(line.primary, line.spare)
    line.pass_ms(1_000)
    assert line.told("lost", "delayed") == (49, 10)


def test_a_drain_shorter_than_a_transaction_loses_what_it_does_not_wait_for() -> None:
    line = Line(drain_ms=20, transaction_ms=50)
    line.pass_ms(1_000)
    line.tell(line.primary, words.DRAIN)
    line.pass_ms(20)
    line.switch(line.primary, line.spare)
    assert line.told("lost") == (29,)


def test_a_failover_loses_what_is_under_way_and_delays_for_as_long_as_it_takes() -> None:
    line = Line()
    line.pass_ms(1_000)
    line.primary.stop()
    line.pass_ms(490)
    assert line.told("served_by", "waiting") == ("", 491)
    line.switch(line.primary, line.spare)
    line.pass_ms(1_000)
    assert line.told("served_by", "lost", "delayed", "delay_us_last") == ("spare", 49, 500, 500 * MS)


@pytest.mark.parametrize("fault", ["hang", "fail"])
def test_a_unit_that_hangs_or_fails_loses_what_it_has_and_one_that_leaves_does_not(fault: str) -> None:
    line = Line()
    line.pass_ms(1_000)
    if fault == "hang":
        line.primary.hang()
    else:
        line.primary.set_failing(True)
    line.pass_ms(100)
    assert line.told("lost", "under_way", "waiting") == (49, 0, 101)
    left = Line()
    left.pass_ms(1_000)
    left.primary.leave(60, 500 * MS, left.primary.stop)
    left.pass_ms(100)
    assert left.told("lost", "under_way", "waiting") == (0, 0, 101)


def test_a_spare_that_needs_time_to_become_active_serves_once_it_is() -> None:
    line = Line(active_ms=300)
    for unit, role in ((line.primary, words.ACTIVE), (line.spare, words.STANDBY)):
        line.tell(unit, role)
    line.pass_ms(300)
    line.pass_ms(1_000)
    line.primary.stop()
    line.pass_ms(100)
    line.switch(line.primary, line.spare)
    line.tell(line.spare, words.ACTIVE)
    line.pass_ms(1_000)
    # 100 ms, the contact 10 ms, its chatter 1.5 ms, the hook 300 ms
    assert line.told("served_by", "lost", "delay_us_last") == ("spare", 49, 411_500)


def test_a_contact_that_chatters_interrupts_nobody_and_one_that_opens_for_longer_does() -> None:
    line = Line()
    line.pass_ms(1_000)
    line.clients.join(line.primary, False)
    line.timeline.run_for(GAP_US)
    assert line.told("served_by", "lost", "waiting") == ("", 0, 6), "it is open what becomes of them"
    line.clients.join(line.primary, True)
    line.pass_ms(1_000)
    assert line.told("served_by", "lost", "delayed") == ("primary", 0, 0)
    line.clients.join(line.primary, False)
    line.timeline.run_for(GAP_US + 1)
    assert line.told("served_by", "lost") == ("", 49)
    line.clients.join(line.primary, True)
    line.pass_ms(1_000)
    assert line.told("lost", "delayed") == (49, 6)


def test_a_longer_gap_loses_the_same_whether_anyone_looks_meanwhile_or_not() -> None:
    looked, unseen = Line(), Line()
    for line in (looked, unseen):
        line.pass_ms(1_000)
        line.clients.join(line.primary, False)
        for _ in range(20):
            line.pass_ms(1)
            if line is looked:
                line.clients.state()
        line.clients.join(line.primary, True)
        line.pass_ms(100)
    assert looked.clients.state() == unseen.clients.state()


def test_a_line_with_two_units_serves_nobody() -> None:
    line = Line()
    line.pass_ms(1_000)
    line.clients.join(line.spare, True)
    assert line.told("served_by", "lost") == ("", 49)
    line.pass_ms(100)
    line.clients.join(line.primary, False)
    assert line.told("served_by", "delayed") == ("spare", 100)


def test_a_unit_that_fails_while_its_contact_chatters_has_lost_its_line_first() -> None:
    line = Line()
    line.pass_ms(1_000)
    line.clients.join(line.primary, False)
    line.pass_ms(2)
    line.primary.stop()
    line.pass_ms(2)
    line.clients.join(line.primary, True)
    assert line.told("lost", "waiting") == (49, 5)


def test_transactions_cost_no_timer() -> None:
    line = Line()
    for unit in (line.primary, line.spare):
        unit.stop()
    assert line.timeline.next_due_us() is None
    line.pass_ms(3_600_000)
    assert line.told("waiting", "refused") == (30_001, 3_600_000 - 30_000)
