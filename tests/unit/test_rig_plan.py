"""Plans of rigs: they travel as JSON, and what can not be built is said in one line."""

import json
from dataclasses import replace

import pytest

from hotspare.rig.plan import (
    AlarmRelay,
    BoardPlan,
    ChangeoverRelay,
    PlanError,
    PulseCable,
    RigPlan,
    SerialCable,
    UnitPlan,
    from_plain,
    to_plain,
    verify,
)

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
)


def test_a_plan_travels_as_json_and_comes_back_the_same() -> None:
    verify(PLAN)
    assert from_plain(json.loads(json.dumps(to_plain(PLAN)))) == PLAN


@pytest.mark.parametrize(
    "plain", [{}, {"units": 3, "boards": [], "cables": [], "relays": []}, {"units": [{"is": "x"}]}]
)
def test_what_is_no_plan_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises(PlanError, match="not a plan"):
        from_plain(plain)


RELAY = PLAN.relays[0]
assert isinstance(RELAY, ChangeoverRelay)


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
    ],
)
def test_a_plan_that_can_not_be_built_is_refused_and_says_why(plan: RigPlan, complaint: str) -> None:
    with pytest.raises(PlanError, match=complaint):
        verify(plan)
