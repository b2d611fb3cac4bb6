"""Interlocked and fenced lines and starts in virtual time: coils in series with mirrors, welds, wires lost or laid."""

import pytest

from hotspare.rig.circuits import LOST, OPEN
from hotspare.rig.contactors import AUXILIARY, FEED, FENCE, MIRROR_OF
from hotspare.rig.loop import Timeline
from hotspare.rig.plan import FencedRelay, InterlockedRelay, StartRelay, UnitPlan
from hotspare.rig.relay import BOTH, PRIMARY, SPARE, LineModel
from hotspare.rig.unit import Unit
from tests.relays import BOUNCE, OPERATE, RELEASE, SETTLED, TRANSFER, Bench, bounce

NAMES = ("relay", "board", "line", PRIMARY, SPARE)


@pytest.fixture
def interlocked() -> Bench:
    return Bench(InterlockedRelay(*NAMES))


@pytest.fixture
def fenced() -> Bench:
    return Bench(FencedRelay(*NAMES))


def sense(bench: Bench, side: str, fault: str | None) -> None:
    assert isinstance(bench.relay, LineModel)
    bench.relay.read_backs[side].set_fault(fault)


def proven_open(bench: Bench) -> tuple[int, int]:
    """Return what the wires say: (primary, spare), 1 for proven open."""
    return bench.read["sense1_primary"], bench.read["sense1_spare"]


# -- interlocked ----------------------------------------------------------------------------------------------------


def test_an_interlocked_line_at_rest_has_nobody_and_both_are_proven_open(interlocked: Bench) -> None:
    assert interlocked.on() == set()
    assert proven_open(interlocked) == (1, 1)
    assert interlocked.relay.position == OPEN
    assert not interlocked.relay.state()["energised"]


def test_a_contactor_opens_its_mirrors_before_its_main_contact_touches(interlocked: Bench) -> None:
    interlocked.drive(relay1_second=1)
    assert interlocked.told("coil") == [(0, PRIMARY, "energised")]
    assert interlocked.told("mirror") == [(OPERATE - TRANSFER, MIRROR_OF[PRIMARY], "open")]
    assert interlocked.told("contact") == bounce(OPERATE, PRIMARY)
    assert interlocked.told("line")[0] == (OPERATE, PRIMARY, "connected")
    assert (interlocked.on(), proven_open(interlocked)) == ({PRIMARY}, (0, 1))


def test_the_other_coil_gets_current_only_when_the_mirror_of_the_closed_contactor_has_closed(
    interlocked: Bench,
) -> None:
    interlocked.drive(relay1_second=1)
    interlocked.drive(relay1=1)
    assert interlocked.told("coil", SPARE) == []
    assert interlocked.relay.state()["coils"][SPARE] == {
        "driven": True, "fed": False, "broken": False, "shorted": False, "energised": False,
    }  # fmt: skip
    interlocked.drive(relay1_second=0)
    closes_us = 2 * SETTLED + RELEASE
    assert (closes_us - TRANSFER, PRIMARY, "open") in interlocked.told("contact", PRIMARY)
    assert interlocked.told("coil", SPARE)[0] == (closes_us, SPARE, "energised")
    # the mirror chatters, so the pull counts from its last touch
    assert interlocked.told("contact", SPARE) == bounce(closes_us + BOUNCE + OPERATE, SPARE)
    assert (interlocked.on(), interlocked.witness.seen) == ({SPARE}, [])


@pytest.mark.parametrize("later_us", [0, 1, 500, TRANSFER, OPERATE - TRANSFER - 1, OPERATE - TRANSFER, OPERATE])
@pytest.mark.parametrize("pins", [("relay1", "relay1_second"), ("relay1_second", "relay1")])
def test_f8_with_both_outputs_driven_the_first_that_moves_keeps_the_other_open(
    interlocked: Bench, pins: tuple[str, str], later_us: int
) -> None:
    interlocked.drive(later_us, **{pins[0]: 1})
    interlocked.drive(**{pins[1]: 1})
    assert interlocked.on() == {SPARE if pins[0] == "relay1" else PRIMARY}
    assert interlocked.witness.seen == []
    assert sorted(proven_open(interlocked)) == [0, 1]


def test_f5_a_welded_main_contact_keeps_current_from_the_other_coil_and_says_not_isolated(interlocked: Bench) -> None:
    interlocked.drive(relay1_second=1)
    interlocked.relay.weld(PRIMARY)
    interlocked.drive(relay1_second=0)
    interlocked.drive(relay1=1)
    assert interlocked.told("coil", SPARE) == []
    assert (interlocked.on(), proven_open(interlocked)) == ({PRIMARY}, (0, 1))
    interlocked.relay.unweld()
    interlocked.let(SETTLED)
    assert (interlocked.on(), proven_open(interlocked)) == ({SPARE}, (1, 0))
    assert interlocked.witness.seen == []


def test_f5_a_welded_mirror_keeps_its_own_main_contact_open_and_says_the_truth(interlocked: Bench) -> None:
    interlocked.relay.weld(MIRROR_OF[SPARE])
    interlocked.drive(relay1=1)
    assert interlocked.told("coil", SPARE) == [(0, SPARE, "energised")]
    assert (interlocked.on(), proven_open(interlocked)) == (set(), (1, 1))
    interlocked.drive(relay1=0, relay1_second=1)
    assert interlocked.on() == {PRIMARY}


def test_f6_a_lost_wire_says_not_isolated_while_the_contact_is_open(interlocked: Bench) -> None:
    sense(interlocked, PRIMARY, LOST)
    assert proven_open(interlocked) == (0, 1)
    sense(interlocked, PRIMARY, OPEN)
    interlocked.drive(relay1_second=1)
    assert proven_open(interlocked) == (1, 1)
    sense(interlocked, PRIMARY, None)
    assert proven_open(interlocked) == (0, 1)


def test_f7_an_open_winding_leaves_its_contactor_open_and_the_other_one_as_it_is(interlocked: Bench) -> None:
    interlocked.relay.coils[0].set_broken(True)
    interlocked.drive(relay1=1)
    assert (interlocked.on(), proven_open(interlocked)) == (set(), (1, 1))
    interlocked.drive(relay1=0, relay1_second=1)
    assert interlocked.on() == {PRIMARY}


def test_f8_a_shorted_driver_closes_its_contactor_only_while_the_other_is_open(interlocked: Bench) -> None:
    interlocked.drive(relay1_second=1)
    interlocked.relay.coils[0].set_shorted(True)
    interlocked.let(SETTLED)
    assert (interlocked.on(), proven_open(interlocked)) == ({PRIMARY}, (0, 1))
    interlocked.drive(relay1_second=0)
    assert (interlocked.on(), proven_open(interlocked)) == ({SPARE}, (1, 0))
    interlocked.drive(relay1_second=1)
    assert (interlocked.on(), interlocked.witness.seen) == ({SPARE}, [])
    interlocked.relay.coils[0].set_shorted(False)
    interlocked.let(SETTLED)
    assert interlocked.on() == {PRIMARY}


def test_f36_without_supply_both_contactors_open_and_with_it_the_driven_one_closes(interlocked: Bench) -> None:
    interlocked.drive(relay1=1)
    interlocked.supply(False)
    assert (interlocked.on(), proven_open(interlocked)) == (set(), (1, 1))
    interlocked.supply(True)
    assert interlocked.on() == {SPARE}


def test_f5_a_wire_across_a_mirror_and_a_weld_of_the_same_contactor_connect_two_units(interlocked: Bench) -> None:
    interlocked.drive(relay1_second=1)
    interlocked.relay.weld(PRIMARY)
    interlocked.drive(relay1_second=0)
    interlocked.drive(relay1=1)
    assert interlocked.on() == {PRIMARY}, "the weld alone: the interlock holds"
    interlocked.relay.bridge(MIRROR_OF[PRIMARY])
    interlocked.let(SETTLED)
    assert interlocked.on() == {PRIMARY, SPARE}
    assert interlocked.relay.position == BOTH
    assert proven_open(interlocked) == (0, 0), "the read-backs have mirrors of their own"
    assert interlocked.witness.both_connected_us == SETTLED - OPERATE - BOUNCE


def test_f8_a_wire_across_a_mirror_and_a_stuck_output_connect_two_units_for_a_moment(interlocked: Bench) -> None:
    interlocked.relay.bridge(MIRROR_OF[PRIMARY])
    interlocked.drive(relay1_second=1)
    interlocked.drive(relay1=1)
    assert interlocked.on() == {SPARE}, "the other mirror is whole and takes the current from the first"
    assert interlocked.witness.seen
    assert 0 < interlocked.witness.both_connected_us < RELEASE - TRANSFER


def test_without_mirrors_nothing_keeps_two_contactors_apart_and_nothing_is_read_back() -> None:
    bench = Bench(InterlockedRelay(*NAMES, mirrors=False))
    assert bench.read == {}
    bench.drive(relay1_second=1)
    assert bench.on() == {PRIMARY}
    bench.drive(relay1=1)
    assert bench.on() == {PRIMARY, SPARE}
    assert bench.witness.both_connected_us == SETTLED - OPERATE - BOUNCE


# -- fenced ---------------------------------------------------------------------------------------------------------


def test_a_fenced_line_at_rest_has_the_primary_and_only_the_spares_contact_is_proven_open(fenced: Bench) -> None:
    assert fenced.on() == {PRIMARY}
    assert proven_open(fenced) == (0, 1)


def test_the_fence_opens_then_proves_it_and_only_then_the_spare_can_be_connected(fenced: Bench) -> None:
    fenced.drive(relay1_second=1)
    assert fenced.told("coil") == [(0, FENCE, "energised")]
    assert fenced.told("contact") == [(OPERATE - TRANSFER, PRIMARY, "open")]
    assert fenced.told("mirror") == bounce(OPERATE, AUXILIARY)
    assert (fenced.on(), proven_open(fenced)) == (set(), (1, 1))
    fenced.drive(relay1=1)
    assert fenced.told("contact", SPARE) == bounce(SETTLED + OPERATE, SPARE)
    assert (fenced.on(), proven_open(fenced)) == ({SPARE}, (1, 0))


def test_the_spares_contact_connects_nothing_while_the_fence_is_closed(fenced: Bench) -> None:
    fenced.drive(relay1=1)
    assert (fenced.on(), proven_open(fenced)) == ({PRIMARY}, (0, 0))
    assert fenced.relay.position == PRIMARY
    assert fenced.told("line") == []


def test_f40_an_unfence_disconnects_the_spare_whatever_its_own_contact_does(fenced: Bench) -> None:
    fenced.drive(relay1=1, relay1_second=1)
    assert fenced.on() == {SPARE}
    fenced.drive(relay1_second=0)
    lines = [row for row in fenced.told("line") if row[0] > SETTLED]
    assert lines[:2] == [
        (SETTLED + RELEASE - TRANSFER, SPARE, "disconnected"),
        (SETTLED + RELEASE, PRIMARY, "connected"),
    ]
    assert (fenced.on(), proven_open(fenced)) == ({PRIMARY}, (0, 0))
    assert fenced.witness.seen == []


@pytest.mark.parametrize("lost", ["supply", "outputs"])
def test_f40_a_reset_or_a_lost_supply_gives_the_line_back_to_the_primary(fenced: Bench, lost: str) -> None:
    fenced.drive(relay1=1, relay1_second=1)
    if lost == "supply":
        fenced.supply(False)
    else:
        fenced.drive(relay1=0, relay1_second=0)
    assert (fenced.on(), proven_open(fenced)) == ({PRIMARY}, (0, 1))
    assert fenced.witness.seen == []


def test_f5_a_welded_fence_keeps_the_spare_disconnected_whatever_is_driven(fenced: Bench) -> None:
    fenced.relay.weld(PRIMARY)
    fenced.drive(relay1=1, relay1_second=1)
    assert (fenced.on(), proven_open(fenced)) == ({PRIMARY}, (0, 0))
    assert fenced.witness.both_connected_us == 0


def test_f5_a_welded_auxiliary_keeps_the_primary_isolated_after_an_unfence(fenced: Bench) -> None:
    fenced.drive(relay1=1, relay1_second=1)
    fenced.relay.weld(AUXILIARY)
    fenced.drive(relay1_second=0)
    assert (fenced.on(), proven_open(fenced)) == ({SPARE}, (1, 0))
    fenced.drive(relay1=0)
    assert (fenced.on(), proven_open(fenced)) == (set(), (1, 1))
    assert fenced.witness.both_connected_us == 0


def test_f5_a_welded_contact_of_the_spare_stays_at_the_line_only_while_the_fence_is_open(fenced: Bench) -> None:
    fenced.drive(relay1=1, relay1_second=1)
    fenced.relay.weld(SPARE)
    fenced.drive(relay1=0)
    assert (fenced.on(), proven_open(fenced)) == ({SPARE}, (1, 0))
    fenced.drive(relay1_second=0)
    assert (fenced.on(), proven_open(fenced)) == ({PRIMARY}, (0, 0))
    assert fenced.witness.both_connected_us == 0


def test_f6_a_lost_wire_of_an_open_fence_says_not_isolated(fenced: Bench) -> None:
    fenced.drive(relay1_second=1)
    sense(fenced, PRIMARY, LOST)
    assert proven_open(fenced) == (0, 1)


def test_f7_a_fence_with_an_open_winding_isolates_nothing_and_says_so(fenced: Bench) -> None:
    fenced.relay.coils[1].set_broken(True)
    fenced.drive(relay1=1, relay1_second=1)
    assert (fenced.on(), proven_open(fenced)) == ({PRIMARY}, (0, 0))


@pytest.mark.parametrize("fault", ["weld", "output"])
def test_f40_a_wire_across_the_auxiliary_and_one_more_fault_connect_two_units_at_an_unfence(
    fenced: Bench, fault: str
) -> None:
    fenced.drive(relay1=1, relay1_second=1)
    fenced.relay.bridge(AUXILIARY)
    if fault == "weld":
        fenced.relay.weld(SPARE)
        fenced.drive(relay1=0)
    assert fenced.on() == {SPARE}
    fenced.drive(relay1_second=0)
    assert fenced.on() == {PRIMARY, SPARE}
    assert fenced.witness.both_connected_us == SETTLED - RELEASE - BOUNCE


def test_f40_a_wire_across_the_auxiliary_alone_connects_nobody_who_should_not_be(fenced: Bench) -> None:
    fenced.relay.bridge(AUXILIARY)
    fenced.drive(relay1_second=1)
    fenced.drive(relay1=1)
    fenced.drive(relay1=0)
    fenced.drive(relay1_second=0)
    assert (fenced.on(), fenced.witness.seen) == ({PRIMARY}, [])
    assert fenced.read["sense1_primary"] == 0, "the read-back has a contact of its own"


# -- start ----------------------------------------------------------------------------------------------------------


class Cold:
    """A unit without an agent behind a start relay."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        plan = UnitPlan(SPARE, 100, 100, None, boot_ms=500)
        self.timeline = Timeline()
        self.unit = Unit(self.timeline, plan, self._no_agent, lambda event, detail: None, lambda data: None)

    def _no_agent(self, plan: UnitPlan):  # type: ignore[no-untyped-def]
        raise AssertionError("booted by the bench's own timeline only")


def test_a_start_relay_feeds_its_unit_while_its_coil_has_current() -> None:
    cold = Cold()
    bench = Bench(StartRelay("start", "board", SPARE), units={SPARE: cold.unit})
    cold.unit.start()
    assert not cold.unit.powered
    bench.drive(start=1)
    assert bench.told("contact") == bounce(OPERATE, FEED)
    assert (cold.unit.powered, bench.relay.position) == (True, FEED)
    bench.drive(start=0)
    cold.timeline.run_for(cold.unit.plan.hold_up_us)
    assert (cold.unit.powered, bench.relay.position) == (False, OPEN)


def test_f30_a_start_relay_with_an_open_winding_or_without_supply_feeds_nothing() -> None:
    cold = Cold()
    bench = Bench(StartRelay("start", "board", SPARE), units={SPARE: cold.unit})
    cold.unit.start()
    bench.relay.coils[0].set_broken(True)
    bench.drive(start=1)
    assert not cold.unit.powered
    bench.relay.coils[0].set_broken(False)
    bench.supply(False)
    assert not cold.unit.powered
    bench.supply(True)
    assert cold.unit.powered


def test_a_welded_start_contact_keeps_its_unit_fed() -> None:
    cold = Cold()
    bench = Bench(StartRelay("start", "board", SPARE), units={SPARE: cold.unit})
    cold.unit.start()
    bench.drive(start=1)
    bench.relay.weld(FEED)
    bench.drive(start=0)
    cold.timeline.run_for(SETTLED)
    assert cold.unit.powered
