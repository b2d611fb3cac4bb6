"""Relays in virtual time: every contact event, reversal in the middle of the travel, welds, broken coils, latching."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspare.rig.armature import BACK, BOUNCE_MILLE, FRONT
from hotspare.rig.circuits import OPEN
from hotspare.rig.loop import Timeline
from hotspare.rig.plan import LATCHING, ChangeoverRelay
from hotspare.rig.relay import PRIMARY, SPARE, Changeover
from hotspare.rig.trace import Exclusivity

OPERATE, RELEASE, BOUNCE, TRANSFER, PULSE_MIN = 8_000, 6_000, 1_500, 2_500, 10_000


class Bench:
    """One relay on a timeline, with what it did and what its read-backs say."""

    def __init__(self, retention: str = "falls", release_us: int = RELEASE) -> None:
        self.timeline = Timeline()
        self.events: list[tuple[int, str, str, str]] = []
        self.read = {PRIMARY: -1, SPARE: -1}
        self.exclusivity = Exclusivity(self.timeline)
        plan = ChangeoverRelay(
            "relay", "board", "line", "primary-unit", "spare-unit", retention,
            OPERATE, release_us, BOUNCE, TRANSFER, PULSE_MIN,
        )  # fmt: skip
        self.relay = Changeover(self.timeline, plan, self._tell)
        self.exclusivity.connect("line", "primary-unit")
        for contact in (PRIMARY, SPARE):
            self.relay.feed(contact).listen(self._joiner(contact))
        self.relay.attach({contact: self._reader(contact) for contact in (PRIMARY, SPARE)})

    def _tell(self, kind: str, event: str, detail: str) -> None:
        self.events.append((self.timeline.now_us(), kind, event, detail))

    def _joiner(self, contact: str):  # type: ignore[no-untyped-def]
        connect, disconnect = self.exclusivity.connect, self.exclusivity.disconnect
        return lambda closed: (connect if closed else disconnect)("line", f"{contact}-unit")

    def _reader(self, contact: str):  # type: ignore[no-untyped-def]
        return lambda level: self.read.__setitem__(contact, level)

    def contacts(self) -> list[tuple[int, str, str]]:
        """Return the contact events, and forget all events."""
        found = [(us, detail, event) for us, kind, event, detail in self.events if kind == "contact"]
        self.events.clear()
        return found


def bounce(at_us: int, contact: str) -> list[tuple[int, str, str]]:
    """Return the events of a contact touched at `at_us`."""
    words = {True: "closed", False: "open"}
    return [(at_us, contact, "closed")] + [
        (at_us + BOUNCE * mille // 1000, contact, words[closed]) for mille, closed in BOUNCE_MILLE
    ]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_energising_opens_the_primary_then_touches_the_spare_which_chatters(bench: Bench) -> None:
    bench.timeline.run_until(1_000)
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(100_000)
    assert bench.events[:2] == [(1_000, "drive", "on", ""), (1_000, "coil", "energised", "")]
    expected = [(1_000 + OPERATE - TRANSFER, PRIMARY, "open"), *bounce(1_000 + OPERATE, SPARE)]
    assert bench.contacts() == expected
    assert bench.relay.position == SPARE
    assert bench.read == {PRIMARY: 0, SPARE: 1}


def test_releasing_goes_back_the_same_way(bench: Bench) -> None:
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(100_000)
    bench.contacts()
    bench.relay.coils[0].drive(None)  # a pin that is not driven is pulled down outside
    bench.timeline.run_for(100_000)
    assert bench.contacts() == [(100_000 + RELEASE - TRANSFER, SPARE, "open"), *bounce(100_000 + RELEASE, PRIMARY)]


def test_a_pulse_that_ends_before_the_field_is_built_up_moves_nothing(bench: Bench) -> None:
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(OPERATE - TRANSFER - 1)
    bench.relay.coils[0].drive(0)
    bench.timeline.run_for(100_000)
    assert bench.contacts() == []


def test_a_release_in_the_middle_of_the_travel_turns_the_armature_round() -> None:
    bench = Bench(release_us=TRANSFER + 500)
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(6_000)
    bench.relay.coils[0].drive(0)  # acts at 6500, 1000 us after the armature set off
    bench.timeline.run_for(100_000)
    assert bench.contacts() == [(5_500, PRIMARY, "open"), *bounce(7_500, PRIMARY)]
    assert bench.relay.position == PRIMARY


def test_a_coil_that_comes_back_in_the_middle_of_the_return_turns_it_round_again() -> None:
    bench = Bench(release_us=TRANSFER + 500)
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(100_000)
    bench.contacts()
    bench.relay.coils[0].drive(0)  # sets off at 100500, would arrive at 103000
    bench.timeline.run_for(600)
    bench.relay.coils[0].drive(1)  # acts only at 106100: the primary is touched before
    bench.timeline.run_for(100_000)
    events = bench.contacts()
    assert events[0] == (100_500, SPARE, "open")
    assert (103_000, PRIMARY, "closed") in events
    assert events[-len(BOUNCE_MILLE) - 1 :] == bounce(106_100 + TRANSFER, SPARE)


def test_a_release_too_late_to_turn_it_lets_it_touch_the_spare_first(bench: Bench) -> None:
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(5_600)
    bench.relay.coils[0].drive(0)  # acts at 9100, after the touch at 8000, in the middle of the chatter
    bench.timeline.run_for(100_000)
    events = bench.contacts()
    touches = bounce(8_000, SPARE)
    assert events[:5] == [(5_500, PRIMARY, "open"), *touches[:4]]
    assert events[-len(BOUNCE_MILLE) - 1 :] == bounce(9_100 + TRANSFER, PRIMARY)
    assert bench.relay.position == PRIMARY


def test_the_supply_of_the_coil_lets_it_fall_as_its_pin_does(bench: Bench) -> None:
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(100_000)
    bench.relay.coils[0].supply(False)
    bench.timeline.run_for(100_000)
    assert bench.relay.position == PRIMARY
    assert bench.relay.coils[0].driven
    assert not bench.relay.coils[0].current
    bench.relay.coils[0].supply(True)
    bench.timeline.run_for(100_000)
    assert bench.relay.position == SPARE


def test_f8_a_shorted_driver_holds_the_spare_whatever_is_driven_while_there_is_supply(bench: Bench) -> None:
    bench.relay.coils[0].set_shorted(True)
    bench.timeline.run_for(100_000)
    bench.relay.coils[0].drive(0)
    bench.timeline.run_for(100_000)
    assert (bench.relay.position, bench.read) == (SPARE, {PRIMARY: 0, SPARE: 1})
    bench.relay.coils[0].supply(False)
    bench.timeline.run_for(100_000)
    assert bench.relay.position == PRIMARY


def test_an_open_winding_takes_no_current_and_moves_nothing(bench: Bench) -> None:
    bench.relay.coils[0].set_broken(True)
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(100_000)
    assert bench.events == [(0, "drive", "on", "")]
    bench.relay.coils[0].set_broken(False)
    bench.timeline.run_for(100_000)
    assert bench.relay.position == SPARE


def test_a_welded_primary_contact_keeps_the_spare_from_closing(bench: Bench) -> None:
    bench.relay.weld(PRIMARY)
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(100_000)
    assert bench.contacts() == []
    assert bench.read == {PRIMARY: 1, SPARE: 0}


def test_a_welded_spare_contact_keeps_the_primary_from_closing_until_the_weld_breaks(bench: Bench) -> None:
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(100_000)
    bench.contacts()
    bench.relay.weld(SPARE)
    bench.relay.coils[0].drive(0)
    bench.timeline.run_for(100_000)
    assert bench.contacts() == []
    bench.relay.unweld()
    bench.timeline.run_for(100_000)
    assert bench.contacts() == [(200_000, SPARE, "open"), *bounce(200_000 + TRANSFER, PRIMARY)]


def test_a_contact_can_be_made_to_weld_at_its_next_touch(bench: Bench) -> None:
    bench.relay.weld(SPARE)
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(100_000)
    assert bench.contacts() == [(OPERATE - TRANSFER, PRIMARY, "open"), (OPERATE, SPARE, "closed")]
    bench.relay.coils[0].drive(0)
    bench.timeline.run_for(100_000)
    assert bench.relay.position == SPARE


def test_a_weld_in_the_middle_of_the_chatter_closes_the_contact_for_good(bench: Bench) -> None:
    bench.relay.coils[0].drive(1)
    bench.timeline.run_until(OPERATE + BOUNCE * 200 // 1000)
    assert not bench.relay.contacts[SPARE][0].closed
    bench.relay.weld(SPARE)
    assert bench.relay.contacts[SPARE][0].closed
    bench.contacts()
    bench.timeline.run_for(100_000)
    assert bench.contacts() == []


def test_a_relay_that_was_unwelded_while_its_coil_agrees_stays(bench: Bench) -> None:
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(100_000)
    bench.relay.weld(SPARE)
    bench.relay.coils[0].drive(0)
    bench.timeline.run_for(100_000)
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(100_000)
    bench.contacts()
    bench.relay.unweld()
    bench.timeline.run_for(100_000)
    assert bench.contacts() == []


def test_a_broken_read_back_says_one_thing_whatever_the_contact_does(bench: Bench) -> None:
    bench.relay.read_backs[SPARE].set_fault(OPEN)
    bench.relay.coils[0].drive(1)
    bench.timeline.run_for(100_000)
    assert bench.read == {PRIMARY: 0, SPARE: 0}
    assert bench.relay.position == SPARE
    bench.relay.read_backs[SPARE].set_fault(None)
    assert bench.read[SPARE] == 1


def pulse(bench: Bench, coil: int, span_us: int) -> None:
    bench.relay.coils[coil].drive(1)
    bench.timeline.run_for(span_us)
    bench.relay.coils[coil].drive(0)
    bench.timeline.run_for(100_000)


def test_a_latching_relay_stays_where_a_long_enough_pulse_put_it() -> None:
    bench = Bench(LATCHING)
    pulse(bench, 0, PULSE_MIN)
    assert bench.contacts() == [(OPERATE - TRANSFER, PRIMARY, "open"), *bounce(OPERATE, SPARE)]
    for coil in bench.relay.coils:
        coil.supply(False)
    bench.timeline.run_for(1_000_000)
    assert bench.relay.position == SPARE
    for coil in bench.relay.coils:
        coil.supply(True)
    pulse(bench, 1, PULSE_MIN)
    assert bench.relay.position == PRIMARY


@pytest.mark.parametrize("span_us", [1, 5_000, 6_500, 8_100, PULSE_MIN - 1])
def test_a_latching_relay_returns_after_a_pulse_that_was_too_short(span_us: int) -> None:
    bench = Bench(LATCHING)
    pulse(bench, 0, span_us)
    assert bench.relay.position == PRIMARY
    assert bench.relay.armatures[0].closed == {BACK: True, FRONT: False}


def test_both_coils_of_a_latching_relay_at_once_move_nothing() -> None:
    bench = Bench(LATCHING)
    bench.relay.coils[0].drive(1)
    bench.relay.coils[1].drive(1)
    bench.timeline.run_for(100_000)
    bench.relay.coils[0].drive(0)
    bench.relay.coils[1].drive(0)
    bench.timeline.run_for(100_000)
    assert bench.contacts() == []
    assert bench.relay.position == PRIMARY


@given(
    retention=st.sampled_from(["falls", LATCHING]),
    steps=st.lists(
        st.tuples(st.sampled_from(["drive", "release", "supply", "weld", "unweld", "wait"]), st.integers(0, 9_000)),
        max_size=40,
    ),
)
def test_whatever_is_done_to_a_relay_its_contacts_are_never_closed_together(
    retention: str, steps: list[tuple[str, int]]
) -> None:
    bench = Bench(retention)
    for what, number in steps:
        coil = bench.relay.coils[number % len(bench.relay.coils)]
        contact = (PRIMARY, SPARE)[number % 2]
        if what == "drive":
            coil.drive(1)
        elif what == "release":
            coil.drive(None)
        elif what == "supply":
            coil.supply(bool(number % 2))
        elif what == "weld":
            bench.relay.weld(contact)
        elif what == "unweld":
            bench.relay.unweld()
        bench.timeline.run_for(number)
    closed = {PRIMARY: True, SPARE: False}
    for _, kind, event, contact in bench.events:
        if kind == "contact":
            assert closed[contact] != (event == "closed"), "each event is a change"
            closed[contact] = event == "closed"
            assert not all(closed.values())
    assert all(first[0] <= second[0] for first, second in pairwise(bench.events))
    assert bench.exclusivity.both_connected_us == 0
    assert bench.relay.position in (PRIMARY, SPARE, OPEN)
