"""Whatever fails and whatever persons answer: nothing moves without approval, and an id stands for one thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspare.simulator.laws import Laws
from hotspare_engine import names
from hotspare_engine import words as w
from tests.simulation.bench import SILENT, Bench

APPROVE_S = 5
ACTIONS_MAX = 25


class Ids:
    """Watches a bench: which id stood for what, step by step."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.stood_for: dict[int, tuple[int, int]] = {}
        self.before = (0, 0, 0, 0)  # id, winner, target, age

    def driven(self, line: int, position: int) -> None:
        """A command is no news about ids."""

    def rebooted(self) -> None:
        self.before = (0, 0, 0, 0)

    def stepped(self, past_ms: int) -> None:
        engine = self.bench.engine
        pending, s = engine.pending, engine.situation
        now = (pending.id, pending.winner, pending.target, pending.age_ms)
        before, self.before = self.before, now
        if not pending.id:
            return
        assert 1 <= pending.id <= 65535
        assert (pending.winner, pending.target) == (s.winner, s.target) != (s.winner, s.selected)
        if pending.id in self.stood_for:
            assert pending.id == before[0], "an id that ended does not come again"
            assert self.stood_for[pending.id] == now[1:3]
        elif before[0] and before[1:3] == now[1:3]:
            overdue = engine.settings.autonomy == w.ASK and before[3] + past_ms >= APPROVE_S * 1000
            assert overdue, "an id changes with winner or target, or because nobody answered"
        self.stood_for[pending.id] = now[1:3]


UNITS = st.sampled_from([SILENT, w.FAILED, w.OK, w.OK])
ACTIONS = st.one_of(
    st.tuples(st.just("unit"), st.integers(0, 1), UNITS),
    st.tuples(st.just("answer"), st.sampled_from([w.APPROVE, w.REJECT]), st.integers(-2, 2)),
    st.tuples(st.just("wait"), st.sampled_from([1, 40, 300, 3000]), st.just(0)),
    st.tuples(st.just("toggle"), st.sampled_from(["armed", "supply", "cut"]), st.just(0)),
)
SETTINGS = st.fixed_dictionaries(
    {
        "revertive": st.integers(0, 1),
        "wtr_s": st.sampled_from([0, 1]),
        "stay_min_s": st.sampled_from([0, 1]),
        "hold_off_ms": st.sampled_from([0, 100]),
        "attempts_max": st.sampled_from([1, 4]),
        "retention": st.sampled_from([w.FALLS, w.LATCHING]),
    }
)


def act(bench: Bench, what: str, first: Any, second: int) -> int:
    """Do one thing; return 1 if it was an approval that was taken."""
    if what == "unit":
        bench.units[first] = second
    elif what == "wait":
        bench.run(first)
    elif what == "answer":
        pending = bench.engine.pending.id
        token = bench.ask(first, number=max(0, pending + second))
        return int(first == w.APPROVE and bench.verdicts(token)[0] == w.ACCEPTED)
    elif first == "armed":
        bench.ask(w.DISARM if bench.engine.armed else w.ARM)
    elif first == "supply":
        bench.supply ^= 1
    else:
        bench.cables[0].cut ^= 1
    return 0


def tell(autonomy: int, values: dict[str, int], actions: list[tuple[str, Any, int]]) -> tuple[Bench, int]:
    """Let all of it happen under the laws; return the bench and how many approvals were taken."""
    bench = Laws().attach(Bench(autonomy=autonomy, approve_s=APPROVE_S, **values))
    bench.watchers += (Ids(bench),)
    bench.ask(w.ARM)
    bench.run(200)
    approved = 0
    for action in actions:
        approved += act(bench, *action)
        bench.run(20)
    bench.run(1000)
    return bench, approved


@pytest.mark.parametrize("autonomy", [w.ASK, w.MANUAL, w.SHADOW], ids=["ask", "manual", "shadow"])
@given(values=SETTINGS, actions=st.lists(ACTIONS, max_size=ACTIONS_MAX))
def test_nothing_moves_but_what_was_approved_and_once_for_each_approval(
    autonomy: int, values: dict[str, int], actions: list[tuple[str, Any, int]]
) -> None:
    bench, approved = tell(autonomy, values, actions)
    assert bench.engine.switches <= approved
    if not approved:
        assert bench.drives() == []


@pytest.mark.parametrize("autonomy", range(len(names.AUTONOMY_NAMES)), ids=names.AUTONOMY_NAMES)
@given(values=SETTINGS, actions=st.lists(ACTIONS, max_size=ACTIONS_MAX))
def test_an_id_stands_for_one_winner_and_one_target_and_changes_with_them(
    autonomy: int, values: dict[str, int], actions: list[tuple[str, Any, int]]
) -> None:
    bench, _ = tell(autonomy, values, actions)
    raised = [number for number, b in bench.events(w.E_PENDING) if b >> 16 in (w.P_RAISED, w.P_AGAIN)]
    assert len(raised) == len(set(raised)), "no id is raised twice"


@given(values=SETTINGS, actions=st.lists(ACTIONS, max_size=ACTIONS_MAX))
def test_what_a_person_approved_earlier_or_guessed_moves_nothing(
    values: dict[str, int], actions: list[tuple[str, Any, int]]
) -> None:
    wrong: Callable[[tuple[str, Any, int]], bool] = lambda it: it[0] != "answer" or it[2] != 0  # noqa: E731
    bench, approved = tell(w.ASK, values, [action for action in actions if wrong(action)])
    assert approved == 0
    assert bench.drives() == []
