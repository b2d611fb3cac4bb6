"""Seeded runs of faults and asks under the laws: none is broken, and nothing is left when all is mended."""

from collections import Counter
from typing import Any

import pytest

from hotspare_engine import names
from hotspare_engine import words as w
from tests.simulation.chaos import Chaos
from tests.simulation.conversations import CONVERSATIONS

RUNS = 200
CHUNK = 50
TWINS = 8
LAWS = {
    "L1",
    "L2",
    "L3",
    "L4",
    "L5",
    "L5 SD",
    "L8",
    "L10",
    "L11",
    "hold-off",
    "coil",
    "outbox",
    "alarms",
    "held",
    "lockout",
    "id",
}
ROLES = {"slow", "fails", "mended", "exercise", "clear spare", "in haste"}
HARMS = {
    "unit",
    "beacon",
    "cable",
    "altered",
    "damage",
    "relay",
    "supply",
    "stall",
    "reset",
    "mend",
    "ask",
    "switch",
    "degrade",
}
MET = {w.ACCEPTED, w.DONE, w.NOTHING, w.OUTRANKED, w.NOT_WELL, w.IS_OUT, w.WOULD_DROP, w.UNKNOWN_UNIT, w.HELD_BACK}

ANSWERED = {w.ACCEPTED, w.DONE, w.NOTHING, w.NOT_PENDING, w.HELD_BACK}  # approvals and rejections
BECAME = {w.P_RAISED, w.P_APPROVED, w.P_REJECTED, w.P_WITHDRAWN}


def runs(seeds: range, **options: Any) -> tuple[Counter[str], Counter[str], Counter[int]]:
    """Run so many seeds; return how often laws were put to the test, what was done, what became of pending requests."""
    laws: Counter[str] = Counter()
    did: Counter[str] = Counter()
    became: Counter[int] = Counter()
    for seed in seeds:
        chaos = Chaos(seed, **options)
        try:
            chaos.run()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        laws.update(chaos.laws.counts)
        did += chaos.did
        became.update(b >> 16 for _, b in chaos.bench.events(w.E_PENDING))
    return laws, did, became


@pytest.mark.parametrize("switch", [w.CHANGEOVER, w.INTERLOCKED, w.FENCED_FEED], ids=names.SWITCH_NAMES[:3])
def test_every_law_holds_in_seeded_runs_of_faults_and_asks(switch: int) -> None:
    laws, did, _ = runs(range(RUNS), switch=switch)
    assert {law for law in LAWS if not laws[law]} == set(), "a law that was never put to the test shows nothing"
    assert {harm for harm in HARMS if not did[harm]} == set()
    assert {verdict for verdict in MET if not did[f"verdict {verdict}"]} == set()


@pytest.mark.parametrize("standby", [w.WARM, w.COLD], ids=names.STANDBY_NAMES[1:])
@pytest.mark.parametrize("switch", [w.CHANGEOVER, w.INTERLOCKED, w.FENCED_FEED], ids=names.SWITCH_NAMES[:3])
def test_every_law_holds_where_the_spare_gets_ready_first(switch: int, standby: int) -> None:
    laws, did, _ = runs(range(3 * RUNS, 3 * RUNS + CHUNK), switch=switch, standbys=(standby,))
    unheard = {"L5 SD"} if standby == w.COLD else set()  # a spare at rest is not known to be ok
    assert {law for law in LAWS - unheard if not laws[law]} == set()
    assert {role for role in ROLES if not did[f"role {role}"]} == set()
    began = w.ACCEPTED if standby == w.COLD else w.DONE
    assert {verdict for verdict in (began, w.OUTRANKED, w.HELD_BACK) if not did[f"exercise {verdict}"]} == set()


@pytest.mark.parametrize(
    ("autonomy", "became"),
    [(w.ASK, {w.P_AGAIN}), (w.ASK_THEN_AUTO, {w.P_TIMED_OUT}), (w.MANUAL, set()), (w.SHADOW, set())],
    ids=names.AUTONOMY_NAMES[1:],
)
def test_every_law_holds_where_persons_approve_reject_and_let_wait(autonomy: int, became: set[int]) -> None:
    laws, did, found = runs(range(RUNS, RUNS + 2 * CHUNK), autonomies=(autonomy,))
    unbounded = set() if autonomy == w.ASK_THEN_AUTO else {"L5", "L5 SD"}  # a person has no budget
    assert {law for law in LAWS - unbounded if not laws[law]} == set()
    assert {verdict for verdict in ANSWERED if not did[f"answer {verdict}"]} == set()
    assert {one for one in BECAME | became if not found[one]} == set()


def changes(rows: list[tuple[int, tuple[int, ...]]]) -> set[tuple[int, int]]:
    """Return every change of state in what came out of a bench."""
    state, found = w.STARTING, set()
    for _, row in rows:
        if row[:1] == ("reset",):
            state = w.STARTING
        elif row[:2] == (w.RECORD, w.E_STATE):
            found.add((state, row[2]))
            state = row[2]
    return found


def test_every_change_of_state_in_the_table_happens_and_no_other() -> None:
    happened = set()
    for tell in CONVERSATIONS.values():
        happened |= changes(tell().rows)
    for seed in range(CHUNK):
        chaos = Chaos(seed)
        chaos.run()
        happened |= changes(chaos.bench.rows)
    assert happened == set(w.TRANSITIONS)


def rows(seed: int, how: str) -> list[tuple[int, tuple[int, ...]]]:
    """Return all that came out of a run: as it is, by steps of 1 ms, or with the engine replaced again and again."""
    chaos = Chaos(seed)
    chaos.bench.fine = how == "fine"
    chaos.replacing = how == "restored"
    chaos.run()
    return list(chaos.bench.rows)


@pytest.mark.parametrize("seed", range(TWINS))
def test_stepping_by_next_ms_decides_what_stepping_by_1_ms_decides(seed: int) -> None:
    assert rows(seed, "coarse") == rows(seed, "fine")


@pytest.mark.parametrize("seed", range(TWINS))
def test_an_engine_restored_from_a_snapshot_has_the_same_future(seed: int) -> None:
    assert rows(seed, "as it is") == rows(seed, "restored")


def test_a_run_replays_from_its_seed() -> None:
    assert rows(7, "as it is") == rows(7, "as it is") != rows(8, "as it is")
