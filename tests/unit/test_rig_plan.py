"""Plans of rigs: they travel as JSON, and what can not be built is said in one line."""

import json
from dataclasses import replace

import pytest

from hotspare.rig.plan import (
    AlarmRelay,
    BoardPlan,
    ChangeoverRelay,
    ClientsPlan,
    ContactCable,
    FencedRelay,
    InterlockedRelay,
    PlanError,
    PulseCable,
    RigPlan,
    SerialCable,
    StartRelay,
    UnitPlan,
    from_plain,
    to_plain,
)
from hotspare.rig.verification import verify

PLAN = RigPlan(
    units=(UnitPlan("primary", 100, 100, "agent-primary"), UnitPlan("spare", 101, 100, None)),
    boards=(
        BoardPlan(
            "beacon", flash={"/hotspare.conf": bytes(range(256))}, fed_by="primary", ticks_start_ms=5, drift_ppm=-200
        ),
        BoardPlan("controller"),
    ),
    cables=(
        SerialCable("a", ("beacon", "uart0"), ("controller", "uart0")),
        PulseCable("b", "beacon", "controller"),
        SerialCable("agent-primary", ("primary", "agent"), ("beacon", "uart1"), 57_600),
    ),
    relays=(ChangeoverRelay("line", "controller", "line", "primary", "spare"), AlarmRelay("alarm", "beacon")),
    clients=(ClientsPlan("clients", "line", transaction_us=500),),
)

# three lines whose spare, cold, comes to each through the ones before
THREE = ("primary", "second", "third")
POOL = RigPlan(
    units=tuple(UnitPlan(name, 100 + place, 100, None) for place, name in enumerate((*THREE, "spare"))),
    boards=PLAN.boards,
    cables=(*PLAN.cables[:2], ContactCable("contact", "primary", "controller")),
    relays=(
        ChangeoverRelay("line", "controller", "line", "primary", "spare", poles=2),
        ChangeoverRelay("line-2", "controller", "line-2", "second", "spare", poles=2, through="line"),
        ChangeoverRelay("line-3", "controller", "line-3", "third", "spare", poles=2, through="line-2"),
        StartRelay("start", "controller", "spare"),
    ),
)
KINDS = (
    InterlockedRelay("line", "controller", "line", "primary", "spare", mirrors=False),
    FencedRelay("line", "controller", "line", "primary", "spare", bounce_us=0),
)


@pytest.mark.parametrize("plan", [PLAN, POOL, *(replace(PLAN, relays=(kind,)) for kind in KINDS)])
def test_a_plan_travels_as_json_and_comes_back_the_same(plan: RigPlan) -> None:
    verify(plan)
    assert from_plain(json.loads(json.dumps(to_plain(plan)))) == plan


@pytest.mark.parametrize(
    "plain", [{}, {"units": 3, "boards": [], "cables": [], "relays": []}, {"units": [{"is": "x"}]}]
)
def test_what_is_no_plan_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises(PlanError, match="not a plan"):
        from_plain(plain)


RELAY, SECOND = PLAN.relays[0], POOL.relays[1]
assert isinstance(RELAY, ChangeoverRelay)
assert isinstance(SECOND, ChangeoverRelay)


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        (replace(PLAN, units=PLAN.units + PLAN.units[:1]), "two units are called primary"),
        (replace(PLAN, boards=PLAN.boards + PLAN.boards[:1]), "two boards are called beacon"),
        (
            replace(PLAN, boards=(BoardPlan("beacon", fed_by="nobody"), PLAN.boards[1])),
            "fed by nobody, which is no unit",
        ),
        (replace(PLAN, cables=(SerialCable("a", ("x", "uart0"), ("beacon", "uart0")),)), "x has no port uart0"),
        (replace(PLAN, cables=(SerialCable("a", ("beacon", "uart7"), ("controller", "uart0")),)), "no port uart7"),
        (replace(PLAN, cables=(SerialCable("a", ("beacon", "agent"), ("controller", "uart0")),)), "no port agent"),
        (replace(PLAN, cables=(SerialCable("a", ("beacon", "uart0"), ("beacon", "uart0")),)), "has a cable already"),
        (replace(PLAN, cables=(SerialCable("a", ("beacon", "uart0"), ("controller", "uart0"), 0),)), "carries nothing"),
        (replace(PLAN, cables=PLAN.cables[:2]), "agent's cable agent-primary does not end at the unit"),
        (replace(PLAN, relays=(replace(RELAY, board="x"),)), "driven by x, which is no board"),
        (replace(PLAN, relays=(replace(RELAY, spare="x"),)), "connects x, which is no unit"),
        (replace(PLAN, relays=(replace(RELAY, retention="x"),)), "retention is falls or latching, not x"),
        (replace(PLAN, relays=(replace(RELAY, transfer_us=9_000),)), "the transfer takes part"),
        (replace(PLAN, relays=(replace(KINDS[0], transfer_us=0),)), "the transfer takes part"),
        (replace(PLAN, relays=(replace(KINDS[1], primary="x"),)), "connects x, which is no unit"),
        (replace(PLAN, relays=(replace(RELAY, poles=0),)), "has 1 to 4 poles, not 0"),
        (replace(PLAN, relays=(replace(RELAY, through="x"),)), "x is no earlier relay of that spare and as many poles"),
        (replace(POOL, relays=POOL.relays[1::-1]), "line is no earlier relay of that spare"),
        (replace(POOL, relays=(POOL.relays[0], replace(SECOND, poles=1))), "line is no earlier relay of that spare"),
        (replace(POOL, relays=(POOL.relays[0], replace(SECOND, spare="third"))), "line is no earlier relay of that"),
        (replace(POOL, relays=(*POOL.relays[:2], replace(SECOND, name="x"))), "feed goes on from line already"),
        (replace(POOL, relays=(StartRelay("start", "controller", "x"),)), "feeds x, which is no unit"),
        (replace(POOL, relays=(*POOL.relays, StartRelay("two", "beacon", "spare"))), "fed through another relay too"),
        (replace(POOL, relays=(StartRelay("start", "beacon", "primary"),)), "and could never start it"),
        (replace(POOL, relays=(StartRelay("start", "beacon", "spare", transfer_us=0),)), "the transfer takes part"),
        (replace(PLAN, clients=(ClientsPlan("c", "x"),)), "clients c are on x, which is no line"),
        (
            replace(PLAN, clients=(ClientsPlan("c", "line"), ClientsPlan("d", "line"))),
            "clients d: line has clients already",
        ),
        (replace(PLAN, clients=(ClientsPlan("c", "line", 0),)), "a transaction every 0 us is none"),
        (replace(POOL, cables=(ContactCable("c", "x", "beacon"),)), "x is no unit"),
        (replace(POOL, cables=(ContactCable("c", "primary", "x"),)), "x has no port contact"),
        (
            replace(POOL, cables=(POOL.cables[2], ContactCable("c", "spare", "controller"))),
            "contact of controller has a cable already",
        ),
    ],
)
def test_a_plan_that_can_not_be_built_is_refused_and_says_why(plan: RigPlan, complaint: str) -> None:
    with pytest.raises(PlanError, match=complaint):
        verify(plan)
