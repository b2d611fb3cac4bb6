"""Explanations: the resolver's own answer, now and after each single change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspare import explaining
from hotspare_engine import words as w
from hotspare_engine.resolver import Situation
from tests import files

GROUP = files.pair().groups[0]


def values(**fields: Any) -> tuple[int, ...]:
    s = Situation(1)
    s.health = [w.OK, w.OK]
    for name, value in fields.items():
        assert hasattr(s, name), name
        setattr(s, name, value)
    found: tuple[int, ...] = s.values()
    return found


def changes(**fields: Any) -> dict[str, dict[str, Any]]:
    answer = explaining.explain(GROUP, values(**fields))
    return {row["if"]: row for row in answer["would_change"]}


def test_values_travel_as_signed_numbers() -> None:
    data = b"".join(value.to_bytes(4, "little", signed=True) for value in values())
    assert explaining.values_of(data) == values()


def test_a_well_pair_says_what_would_fail_over_and_what_a_person_could_ask() -> None:
    answer = explaining.explain(GROUP, values())
    assert (answer["winner"], answer["spare_carries"], answer["inhibitors"]) == ("NR", None, [])
    found = changes()
    assert (found["primary fails"]["winner"], found["primary fails"]["spare_carries"]) == ("SF-W", "primary")
    assert found["spare fails"]["spare_carries"] is None
    assert found["hotspare switchover"]["refused"] is None
    assert found["hotspare failback"]["refused"] == "nothing to do"


def test_a_disarmed_group_says_that_arming_would_let_it_act() -> None:
    fields = {"inhibited": w.I_DISARMED, "health": [w.FAILED, w.OK], "failed": 1}
    answer = explaining.explain(GROUP, values(**fields))
    assert (answer["winner"], answer["target"], answer["spare_carries"]) == ("SF-W", "primary", None)
    assert {"inhibitor": "disarmed", "ends": "hotspare arm"} in answer["inhibitors"]
    assert changes(**fields)["disarmed ends (hotspare arm)"]["spare_carries"] == "primary"


def test_a_lockout_is_the_winner_and_the_failed_primary_a_loser() -> None:
    fields = {"lockout": 1, "health": [w.FAILED, w.OK], "failed": 1}
    answer = explaining.explain(GROUP, values(**fields))
    assert answer["winner"] == "LO"
    assert [row["request"] for row in answer["losers"]] == ["SF-W"]
    assert answer["uncovered"] == ["primary"]
    found = changes(**fields)
    assert found["the lockout ends (clear LO)"]["spare_carries"] == "primary"
    assert found["hotspare switchover"]["refused"] == "refused: outranked by LO"


def test_the_lockout_switch_is_named_with_its_only_end() -> None:
    fields = {"lockout": 2, "inhibited": w.I_LOCAL, "health": [w.FAILED, w.OK], "failed": 1}
    answer = explaining.explain(GROUP, values(**fields))
    assert answer["winner"] == "LO"
    (row,) = answer["inhibitors"]
    assert row["inhibitor"] == "the lockout switch at the controller is on"
    assert row["ends"] == "turn the switch back: no host can end it"
    found = changes(**fields)
    assert found["the lockout switch is turned back"]["spare_carries"] == "primary"
    assert not [condition for condition in found if "clear LO" in condition or condition.endswith("end it)")]


def test_a_spare_that_is_not_well_inhibits_and_being_well_would_change_it() -> None:
    fields = {"health": [w.FAILED, w.FAILED], "failed": 1}
    answer = explaining.explain(GROUP, values(**fields))
    assert "the spare is not known well" in [row["inhibitor"] for row in answer["inhibitors"]]
    assert changes(**fields)["spare is well"]["spare_carries"] == "primary"


def test_a_unit_that_is_out_says_that_clearing_it_would_change_it() -> None:
    fields = {"selected": 0, "out": 1}
    answer = explaining.explain(GROUP, values(**fields))
    assert (answer["winner"], answer["about"], answer["spare_carries"]) == ("OUT", "primary", "primary")
    assert changes(**fields)["primary is in use again (clear OUT)"]["winner"] == "DNR"


@pytest.mark.parametrize(("order", "name"), [(w.FS, "FS"), (w.MS, "MS"), (w.FX, "FX")])
def test_a_standing_order_says_that_clearing_it_would_change_it(order: int, name: str) -> None:
    found = changes(selected=0, order=order, order_line=0)
    assert found[f"{name} is cleared"]["winner"] == "DNR"


def test_wait_to_restore_is_explained() -> None:
    fields = {"selected": 0, "wtr": 1, "revertive": 1}
    assert explaining.explain(GROUP, values(**fields))["winner"] == "WTR"
    over = changes(**fields)["wait to restore is over"]
    assert (over["winner"], over["spare_carries"]) == ("NR", None)


DEGRADED = {"health": [w.IMPAIRED, w.OK], "degraded": 1}


def test_a_unit_that_says_itself_that_it_is_degraded_is_named_and_moves_a_group_that_is_to_switch() -> None:
    alarmed, switched = (explaining.explain(GROUP, values(**DEGRADED, on_degraded=it)) for it in (0, 1))
    assert (alarmed["winner"], switched["winner"]) == ("NR", "SD")
    assert alarmed["degraded"] == switched["degraded"] == ["primary"]
    assert (alarmed["spare_carries"], switched["spare_carries"]) == (None, "primary")
    assert changes(**DEGRADED, on_degraded=1)["primary is ok"]["winner"] == "NR"
    assert changes(on_degraded=1)["primary says that it is degraded"]["spare_carries"] == "primary"
    assert not [condition for condition in changes() if "degraded" in condition]


def test_F28_a_return_to_a_flapping_unit_says_what_holds_it_back_and_what_would_let_it() -> None:
    flaps = {"selected": 0, "revertive": 1, "flapping": 1}
    answer = explaining.explain(GROUP, values(**flaps))
    assert (answer["flapping"], answer["spare_carries"]) == (["primary"], "primary")
    assert [row["inhibitor"] for row in answer["inhibitors"]] == ["a person is asked", "the unit fails again and again"]
    assert changes(**flaps)["primary has not failed for attempts_window_s"]["spare_carries"] is None


def test_a_group_that_asks_says_that_a_failure_would_be_put_to_a_person() -> None:
    fails = changes(autonomy=w.ASK)["primary fails"]
    assert (fails["winner"], fails["spare_carries"], fails["held_back_by"]) == ("SF-W", None, ["a person is asked"])


@pytest.mark.parametrize("autonomy", [w.ASK, w.ASK_THEN_AUTO, w.MANUAL, w.SHADOW])
def test_what_is_pending_says_that_approving_it_by_its_id_would_move_the_load(autonomy: int) -> None:
    pending = {"autonomy": autonomy, "pending_winner": w.SF_W, "pending_target": 0}
    seen = values(health=[w.FAILED, w.OK], failed=1, **pending)
    answer = explaining.explain(GROUP, seen, 7)
    assert answer["spare_carries"] is None
    assert ["hotspare approve 7" in row["ends"] for row in answer["inhibitors"]] == [True]
    (row,) = [row for row in answer["would_change"] if row["if"] == "hotspare approve 7"]
    assert (row["spare_carries"], row["held_back_by"]) == ("primary", [])


HEALTHS = st.sampled_from([w.UNKNOWN, w.OK, w.IMPAIRED, w.FAILED, w.LEAVING])
BOTH, ONE = st.integers(0, 3), st.integers(0, 1)
# an order and the line that it wants on the spare, as a person's ask makes them
ORDERS = st.sampled_from(
    [(0, w.NONE), (w.MS, 0), (w.MS_P, w.NONE), (w.FS, 0), (w.FS, w.NONE), (w.FX, 0), (w.FX, w.NONE)]
)
SEEN = st.fixed_dictionaries(
    {
        "health": st.lists(HEALTHS, min_size=2, max_size=2),
        "selected": st.sampled_from([w.NONE, 0]),
        **dict.fromkeys(("out", "failed"), BOTH),
        **dict.fromkeys(("lockout", "wtr", "revertive"), ONE),
        "inhibited": st.integers(0, (1 << 14) - 1),
        "autonomy": st.integers(0, 4),
        "pending_winner": st.sampled_from([0, w.SF_W, w.SF_P, w.NR, w.FS]),
        "pending_target": st.sampled_from([w.NONE, 0]),
        "pending_said": st.integers(0, 2),
        **dict.fromkeys(("degraded", "flapping"), BOTH),
        **dict.fromkeys(("on_degraded",), ONE),
    }
)


@given(SEEN, ORDERS)
def test_every_situation_can_be_explained(seen: dict[str, Any], order: tuple[int, int]) -> None:
    answer = explaining.explain(GROUP, values(**seen, order=order[0], order_line=order[1]))
    assert answer["winner"] != "none"
    if answer["target"] != answer["selected"]:
        assert answer["spare_carries"] == (answer["selected"] if answer["held_back_by"] else answer["target"])
