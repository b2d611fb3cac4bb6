"""The resolver over every combination of requests and health: 82,320 for one primary and 315,840 for two.

For one primary: every health of both units that the resolver tells apart, believed or not, impaired by its own report
or not, whether that moves the load, every set of units out, lockout, dropping, order and its line, wait to restore,
revertive, exercise and selection. For two primaries the same, without dropping and exercise and with half of the
orders. A spare may be cold and off besides.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest

from hotspare_engine import names, resolver
from hotspare_engine import words as w
from hotspare_engine.resolver import Situation, outranks, resolve

ONE, TWO = 82_320, 315_840
OK, IMPAIRED, DEGRADED = (w.OK, 0, 0), (w.IMPAIRED, 0, 0), (w.IMPAIRED, 0, 1)
# health, whether it is believed failed, whether it is believed degraded
STATES = (OK, IMPAIRED, DEGRADED, (w.UNKNOWN, 0, 0), (w.FAILED, 0, 0), (w.FAILED, 1, 0))
PRIORITY = [row[0] for row in resolver.ROWS]


def situation(primaries: int = 1, **values: Any) -> Situation:
    s = Situation(primaries)
    s.health = [w.OK] * (primaries + 1)
    for name, value in values.items():
        setattr(s, name, value)
    return s


def resolved(primaries: int = 1, **values: Any) -> Situation:
    s = situation(primaries, **values)
    resolve(s)
    return s


def combinations(primaries: int) -> Iterator[Situation]:
    """Yield every situation that can come about, unresolved."""
    units = primaries + 1
    lines = range(primaries)
    orders = [(0, w.NONE), *((w.MS, line) for line in lines), (w.MS_P, w.NONE)]
    orders += [(order, line) for order in (w.FX, w.FS) for line in (*lines, w.NONE)] if primaries == 1 else [(w.FS, 0)]
    drops = (0, resolver.DROP_LOCKOUT | (1 << units) - 1) if primaries == 1 else (0,)
    healths = product(*[STATES] * primaries, (*STATES, (w.OFF, 0, 0)))
    for (health, on_degraded), out, lockout, drop, order, wtr, revertive, exercise, selected in product(
        [(them, it) for them in healths for it in ((0, 1) if DEGRADED in them[:-1] else (0,))],
        range(1 << units),
        (0, 1),
        drops,
        orders,
        (0, 1),
        (0, 1),
        (0, 1) if primaries == 1 else (0,),
        (w.NONE, *lines),
    ):
        if drop and not (out or lockout):
            continue
        s = Situation(primaries)
        s.health = [state[0] for state in health]
        s.failed = sum(state[1] << unit for unit, state in enumerate(health))
        s.degraded = sum(state[2] << unit for unit, state in enumerate(health))
        s.on_degraded = on_degraded
        s.out, s.lockout, s.drop, s.selected = out, lockout, drop, selected
        s.order, s.order_line = order
        s.wtr, s.revertive, s.exercise = wtr, revertive, exercise
        yield s


def check_priorities(s: Situation) -> None:
    """The winner is the highest request that decides; what is present stays present whoever wins."""
    above = PRIORITY[: PRIORITY.index(s.winner)]
    for code in above:
        if s.present >> code & 1:
            # only these can pass the decision on: out and dropped, a failure that the spare can not cover, and SD
            assert code in (w.OUT, w.SF_W, w.SD)
            assert s.uncovered or code == w.SD
    assert s.present >> s.winner & 1
    assert bool(s.present >> w.SF_W & 1) == bool(s.failed & ((1 << s.primaries) - 1))
    assert bool(s.present >> w.SD & 1) == bool(s.on_degraded and s.degraded & ((1 << s.primaries) - 1))


def check_laws(s: Situation) -> None:
    """L1, L2 (one line at most), L3 and L10 hold for the target; what should move and stays is named."""
    spare = s.primaries
    assert s.target == w.NONE or 0 <= s.target < s.primaries
    if s.target not in (s.selected, w.NONE) and s.winner != w.FX:
        assert s.well(spare) or s.health[spare] == w.OFF, "L10: the spare is known well, or is started and heard first"
        assert not s.out >> spare & 1, "L3: the spare is not out"
        assert not s.lockout, "L3: the spare is not locked out"
    left = s.selected if s.target != s.selected else w.NONE
    by_priority = s.target != w.NONE and left > s.target and s.winner == w.SF_W
    if left != w.NONE and s.winner != w.FX and not by_priority:
        assert not s.out >> left & 1, "L3: the primary is not out"
        assert s.well(left) or s.drop, "L10: the primary is known well, or the service may be dropped"
    for line in range(s.primaries):
        if s.failed >> line & 1 and s.target != line:
            assert s.uncovered >> line & 1
            assert s.blocked, "L11: what keeps a failed primary from being covered is named"
    if s.target != w.NONE and s.failed >> spare & 1:
        assert s.blocked or s.target != s.selected, "L11: what keeps the load on a failed spare is named"


def check_degraded(s: Situation) -> None:
    """SD moves a load onto an ok spare only, takes it from no line but one whose primary is ok, and waits by name."""
    spare, decides = s.health[s.primaries], s.winner == w.SD
    if decides and s.target != s.selected:
        assert spare == w.OK
        assert s.selected == w.NONE or s.health[s.selected] == w.OK
    carried = s.selected if s.selected != w.NONE and s.degraded >> s.selected & 1 else w.NONE
    if decides and carried != w.NONE:
        assert s.target == carried, "a load that was taken from a degraded primary does not go back and forth"
    below = s.present >> w.SD & 1 and PRIORITY.index(s.winner) >= PRIORITY.index(w.SD)
    if below and carried == w.NONE and spare != w.IMPAIRED:
        assert decides or s.blocked, "L11: what keeps a degraded primary from being covered is named"


@pytest.mark.parametrize(("primaries", "count"), [(1, ONE), (2, TWO)])
def test_every_combination_of_requests_and_health_keeps_the_laws(primaries: int, count: int) -> None:
    seen = 0
    winners = set()
    for s in combinations(primaries):
        resolve(s)
        check_priorities(s)
        check_laws(s)
        check_degraded(s)
        winners.add(s.winner)
        seen += 1
    assert seen == count
    assert winners == set(PRIORITY) - (set() if primaries == 1 else {w.FX, w.EXER})


def test_a_situation_resolves_alike_after_it_travelled_as_numbers() -> None:
    for s in combinations(1):
        resolve(s)
        arrived = Situation(1)
        arrived.load(s.values())
        resolve(arrived)
        found = [(name, getattr(s, name)) for name in Situation.FOUND]
        assert [(name, getattr(arrived, name)) for name in Situation.FOUND] == found
        assert all(isinstance(value, int) and abs(value) < 1 << 29 for value in s.values())


def test_the_table_and_the_names_are_in_one_order() -> None:
    assert [row[0] for row in names.REQUESTS] == PRIORITY == sorted(PRIORITY)


def test_of_two_requests_the_higher_outranks_the_other_and_ms_and_ms_p_share_a_row() -> None:
    for a, b in product(PRIORITY, repeat=2):
        assert outranks(a, b) == (PRIORITY.index(a) < PRIORITY.index(b) and {a, b} != {w.MS, w.MS_P})
    assert not outranks(99, 98)


FAILED_0 = {"health": [w.FAILED, w.OK], "failed": 1}
FAILED_SPARE = {"health": [w.OK, w.FAILED], "failed": 2}
FAILED_BOTH = {"health": [w.FAILED, w.FAILED], "failed": 3}
DEGRADED_0 = {"health": [w.IMPAIRED, w.OK], "degraded": 1, "on_degraded": 1}
DEGRADED_BOTH = {"health": [w.IMPAIRED, w.IMPAIRED], "degraded": 3, "on_degraded": 1}

# name, what is seen, winner, target, blocked
CASES: list[tuple[str, dict[str, Any], int, int, int]] = [
    ("nothing", {}, w.NR, w.NONE, 0),
    ("a failed primary is covered", FAILED_0, w.SF_W, 0, 0),
    ("a failed spare covers nothing", FAILED_BOTH, w.SF_P, w.NONE, w.I_SPARE_NOT_WELL),
    ("both failed, on the spare: stay", {**FAILED_BOTH, "selected": 0}, w.SF_P, 0, w.I_PRIMARY_NOT_WELL),
    ("a failed spare is left for an ok primary", {**FAILED_SPARE, "selected": 0}, w.SF_P, w.NONE, 0),
    ("do not revert", {"selected": 0}, w.DNR, 0, 0),
    ("revert", {"selected": 0, "revertive": 1}, w.NR, w.NONE, 0),
    ("wait to restore", {"selected": 0, "revertive": 1, "wtr": 1}, w.WTR, 0, 0),
    ("a lockout keeps a failed primary waiting", {**FAILED_0, "lockout": 1}, w.LO, w.NONE, w.I_LOCKOUT),
    ("a forced switch to the primary, too", {**FAILED_0, "order": w.FS}, w.FS, w.NONE, w.I_FORCED),
    ("a lockout leaves the spare", {"selected": 0, "lockout": 1}, w.LO, w.NONE, 0),
    ("but not for a failed primary", {**FAILED_0, "selected": 0, "lockout": 1}, w.LO, 0, w.I_PRIMARY_NOT_WELL),
    ("dropping the service it does", {**FAILED_0, "selected": 0, "lockout": 1, "drop": 256}, w.LO, w.NONE, w.I_LOCKOUT),
    ("another's dropping does not count", {**FAILED_0, "selected": 0, "lockout": 1, "drop": 1}, w.LO, 0, 128 >> 1),
    ("an out primary is covered", {"out": 1}, w.OUT, 0, 0),
    ("but not by a spare that is locked out", {"out": 1, "lockout": 1}, w.LO, w.NONE, w.I_LOCKOUT),
    ("an out primary stays on a failed spare", {**FAILED_SPARE, "out": 1, "selected": 0}, w.OUT, 0, w.I_OUT),
    ("an out spare is left", {"out": 2, "selected": 0}, w.OUT, w.NONE, 0),
    ("forced onto a failed spare", {**FAILED_BOTH, "order": w.FX, "order_line": 0}, w.FX, 0, w.I_FORCED),
    ("a switchover", {"order": w.MS, "order_line": 0}, w.MS, 0, 0),
    ("a failback", {"order": w.MS_P, "selected": 0}, w.MS_P, w.NONE, 0),
    ("a failback to a failed primary", {**FAILED_0, "order": w.MS_P, "selected": 0}, w.SF_W, 0, 0),
    ("a degraded primary is covered", DEGRADED_0, w.SD, 0, 0),
    ("not where it only alarms", {**DEGRADED_0, "on_degraded": 0}, w.NR, w.NONE, 0),
    ("nor by a degraded spare", DEGRADED_BOTH, w.NR, w.NONE, 0),
    ("nor by an unknown one", {**DEGRADED_0, "health": [w.IMPAIRED, w.UNKNOWN]}, w.NR, w.NONE, w.I_SPARE_NOT_WELL),
    ("both degraded, on the spare: stay", {**DEGRADED_BOTH, "selected": 0, "revertive": 1}, w.SD, 0, 0),
    ("degraded and on the spare: no wait to restore", {**DEGRADED_0, "selected": 0, "wtr": 1}, w.SD, 0, 0),
    ("a failback to a degraded primary", {**DEGRADED_0, "order": w.MS_P, "selected": 0}, w.SD, 0, 0),
    ("a lockout keeps a degraded primary", {**DEGRADED_0, "lockout": 1}, w.LO, w.NONE, 0),
    ("an impaired primary that says nothing", {"health": [w.IMPAIRED, w.OK], "on_degraded": 1}, w.NR, w.NONE, 0),
]


@pytest.mark.parametrize(("seen", "winner", "target", "blocked"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_row_of_the_table(seen: dict[str, Any], winner: int, target: int, blocked: int) -> None:
    s = resolved(**seen)
    assert (s.winner, s.target, s.blocked) == (winner, target, blocked)


TWO_OK = [w.OK, w.OK, w.OK]
# name, what is seen of two primaries, winner, target, uncovered
POOLED: list[tuple[str, dict[str, Any], int, int, int]] = [
    ("F29 the first failed primary is covered", {"health": [w.FAILED, w.FAILED, w.OK], "failed": 3}, w.SF_W, 0, 2),
    (
        "F29 the spare leaves the second for the first",
        {"health": [w.FAILED, w.FAILED, w.OK], "failed": 3, "selected": 1},
        *(w.SF_W, 0, 2),
    ),
    (
        "F29 but not the first, still failed, for the second",
        {"health": [w.FAILED, w.FAILED, w.OK], "failed": 3, "selected": 0},
        *(w.SF_W, 0, 2),
    ),
    (
        "F44 it leaves the first, ok again, for the second",
        {"health": [w.OK, w.FAILED, w.OK], "failed": 2, "selected": 0},
        *(w.SF_W, 1, 0),
    ),
    (
        "a failed primary waits while the first is not known",
        {"health": [w.UNKNOWN, w.FAILED, w.OK], "failed": 2, "selected": 0},
        *(w.DNR, 0, 2),
    ),
]
IMPAIRED_0 = [w.IMPAIRED, w.OK, w.OK]
IMPAIRED_1 = [w.OK, w.IMPAIRED, w.OK]
IMPAIRED_01 = [w.IMPAIRED, w.IMPAIRED, w.OK]
# name, what is seen of two primaries, winner, target, blocked
DEGRADED_OF_TWO: list[tuple[str, dict[str, Any], int, int, int]] = [
    ("the first degraded one is covered", {"health": IMPAIRED_01, "degraded": 3}, w.SD, 0, w.I_UNCOVERED),
    (
        "the spare leaves no degraded one for another, be it of a higher priority",
        {"health": IMPAIRED_01, "degraded": 3, "selected": 1},
        *(w.SD, 1, w.I_UNCOVERED),
    ),
    ("it leaves one that is ok again", {"health": IMPAIRED_1, "degraded": 2, "selected": 0}, w.SD, 1, 0),
    ("and so by priority", {"health": IMPAIRED_0, "degraded": 1, "selected": 1}, w.SD, 0, 0),
    (
        "but none that only has lost a path",
        {"health": IMPAIRED_01, "degraded": 2, "selected": 0},
        *(w.DNR, 0, w.I_UNCOVERED),
    ),
    (
        "nor one that is failed",
        {"health": [w.IMPAIRED, w.FAILED, w.OK], "degraded": 1, "failed": 2, "selected": 1},
        *(w.SF_W, 1, 0),
    ),
    (
        "a failed one takes it from a degraded one",
        {"health": [w.FAILED, w.IMPAIRED, w.OK], "degraded": 2, "failed": 1, "selected": 1},
        *(w.SF_W, 0, 0),
    ),
]


@pytest.mark.parametrize(("seen", "winner", "target", "uncovered"), [c[1:] for c in POOLED], ids=[c[0] for c in POOLED])
def test_a_pooled_spare_goes_by_priority(seen: dict[str, Any], winner: int, target: int, uncovered: int) -> None:
    s = resolved(2, **seen)
    assert (s.winner, s.target, s.uncovered) == (winner, target, uncovered)
    assert bool(s.blocked) == bool(uncovered)


@pytest.mark.parametrize(
    ("seen", "winner", "target", "blocked"), [c[1:] for c in DEGRADED_OF_TWO], ids=[c[0] for c in DEGRADED_OF_TWO]
)
def test_a_pooled_spare_covers_a_degraded_primary_so_that_nobody_is_worse_off(
    seen: dict[str, Any], winner: int, target: int, blocked: int
) -> None:
    s = resolved(2, on_degraded=1, **seen)
    assert (s.winner, s.target, s.blocked) == (winner, target, blocked)


@pytest.mark.parametrize("change", [lambda s: None, lambda s: s.load(s.values())])
def test_resolving_again_finds_the_same(change: Callable[[Situation], None]) -> None:
    s = resolved(**FAILED_0)
    before = [getattr(s, name) for name in Situation.FOUND]
    change(s)
    resolve(s)
    assert [getattr(s, name) for name in Situation.FOUND] == before
