"""Exclusivity of every wiring, whatever is driven and whatever welds, sticks, breaks or loses its supply."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspare.rig.contactors import AUXILIARY, MIRROR_OF
from hotspare.rig.plan import LATCHING, ChangeoverRelay, FencedRelay, InterlockedRelay
from hotspare.rig.relay import CASCADE, PRIMARY, SPARE, LineModel
from tests.relays import SETTLED, Bench

KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "falling": (ChangeoverRelay, {}),
    "latching": (ChangeoverRelay, {"retention": LATCHING}),
    "two poles": (ChangeoverRelay, {"poles": 2}),
    "interlocked": (InterlockedRelay, {}),
    "fenced": (FencedRelay, {}),
}
LINES = (("a", None), ("b", "line-a"), ("c", "line-b"))

# relays are not alike: transfer, what comes before it on operate and release, chatter
TIMES = st.tuples(
    st.integers(1, 5_000), st.integers(0, 10_000), st.integers(0, 10_000), st.sampled_from([0, 700, 1_500, 6_000])
)
STEP = st.tuples(
    st.sampled_from(["drive", "drive", "drive", "release", "supply", "weld", "unweld", "stick", "unstick", "sense"]),
    st.integers(0, 1_000),
    st.sampled_from([0, 1, 1_000, 3_000, 5_500, 7_000, SETTLED]) | st.integers(0, 9_000),
)


def lines(kind: str, count: int, times: tuple[int, int, int, int]) -> Bench:
    """Return some lines of one kind that share a spare through a cascade."""
    cls, more = KINDS[kind]
    transfer_us, pull_us, hold_us, bounce_us = times
    more = {
        **more,
        "transfer_us": transfer_us,
        "operate_us": transfer_us + pull_us,
        "release_us": transfer_us + hold_us,
        "bounce_us": bounce_us,
    }
    return Bench(*(cls(f"line-{it}", "board", it, it, SPARE, through=through, **more) for it, through in LINES[:count]))


def take(bench: Bench, what: str, number: int) -> None:
    """Do one step to the relay, pin, coil or contact that `number` falls on."""
    relays = list(bench.cabinet.relays.values())
    relay = relays[number % len(relays)]
    assert isinstance(relay, LineModel)
    if what in ("drive", "release"):
        bench.drive(0, **{bench.pins[number % len(bench.pins)]: int(what == "drive")})
    elif what == "supply":
        bench.supply(bool(number & 1), 0)
    elif what == "weld":
        contacts = list(relay.contacts)
        relay.weld(contacts[number // 3 % len(contacts)], (None, 1, 2)[number % 3])
    elif what == "unweld":
        relay.unweld()
    elif what == "stick":
        coil = relay.coils[number // 3 % len(relay.coils)]
        (coil.set_broken if number & 1 else coil.set_shorted)(True)
    elif what == "unstick":
        for coil in relay.coils:
            coil.set_broken(False)
            coil.set_shorted(False)
    else:
        relay.read_backs[(PRIMARY, SPARE)[number & 1]].set_fault((None, "open", "closed", "lost")[number // 2 % 4])


@pytest.mark.parametrize("kind", KINDS)
@given(count=st.integers(1, 3), times=TIMES, steps=st.lists(STEP, max_size=40))
def test_whatever_is_driven_welds_sticks_or_breaks_no_line_has_two_units_and_no_spare_two_lines(
    kind: str, count: int, times: tuple[int, int, int, int], steps: list[tuple[str, int, int]]
) -> None:
    bench = lines(kind, count, times)
    for what, number, us in steps:
        take(bench, what, number)
        bench.let(us)
    bench.let(SETTLED)
    assert bench.witness.seen == []
    assert bench.witness.both_connected_us == 0


def polite(bench: Bench, kind: str, to_spare: bool, us: int) -> None:
    """Switch a line as a controller does: prove the one unit isolated, then connect the other."""
    if kind == "interlocked":
        bench.drive(us, relay1=0, relay1_second=0)
        if bench.read["sense1_primary"] and bench.read["sense1_spare"]:
            bench.drive(us, relay1=int(to_spare), relay1_second=int(not to_spare))
    elif to_spare:
        bench.drive(us, relay1_second=1)
        if bench.read["sense1_primary"]:
            bench.drive(us, relay1=1)
    else:
        bench.drive(us, relay1=0)
        if bench.read["sense1_spare"]:
            bench.drive(us, relay1_second=0)


ACROSS = {"interlocked": (MIRROR_OF[PRIMARY], MIRROR_OF[SPARE]), "fenced": (AUXILIARY,)}


@pytest.mark.parametrize("kind", ACROSS)
@given(times=TIMES, wire=st.integers(0, 1), targets=st.lists(st.tuples(st.booleans(), st.integers(0, 40_000))))
def test_a_wire_across_a_contact_alone_connects_nobody_while_isolation_is_proven_before_each_step(
    kind: str, times: tuple[int, int, int, int], wire: int, targets: list[tuple[bool, int]]
) -> None:
    bench = lines(kind, 1, times)
    bench.relay.bridge(ACROSS[kind][wire % len(ACROSS[kind])])
    for to_spare, us in targets:
        polite(bench, kind, to_spare, us)
    assert bench.witness.seen == []


# a wire across a contact, what is driven before, the weld that comes to it, and what is driven then
PAIRS = (
    ("interlocked", 1, MIRROR_OF[PRIMARY], {"relay1_second": 1}, PRIMARY, {"relay1": 1}),
    ("interlocked", 1, MIRROR_OF[SPARE], {"relay1": 1}, SPARE, {"relay1_second": 1}),
    ("fenced", 1, AUXILIARY, {"relay1_second": 1, "relay1": 1}, SPARE, {"relay1_second": 0}),
    ("falling", 2, CASCADE, {"relay1": 1}, SPARE, {"relay2": 1}),
)


@pytest.mark.parametrize(("kind", "count", "wire", "before", "weld", "after"), PAIRS)
@pytest.mark.parametrize("faults", ["none", "wire", "weld", "both"])
def test_f5_only_a_wire_across_a_contact_together_with_a_weld_connects_two_units(
    kind: str, count: int, wire: str, before: dict[str, int], weld: str, after: dict[str, int], faults: str
) -> None:
    bench = lines(kind, count, (2_500, 5_500, 3_500, 1_500))
    bench.drive(**before)
    if faults in ("wire", "both"):
        bench.relay.bridge(wire)
    if faults in ("weld", "both"):
        bench.relay.weld(weld)
    bench.drive(**{pin: 0 for pin in before if pin not in after})
    bench.drive(**after)
    assert bool(bench.witness.seen) == (faults == "both")
