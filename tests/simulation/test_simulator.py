"""The simulator: what a seed makes is the same every time, laws are put to the test, and what breaks one is found."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from hotspare.history.batch import Record
from hotspare.simulator import schedule, shrink, worlds
from hotspare.simulator.host import reach
from hotspare.simulator.hunt import Quarry, hunt, shorten
from hotspare.simulator.laws import Broken
from hotspare.simulator.puller import Puller
from hotspare.simulator.run import Run
from hotspare.simulator.schedule import Action
from hotspare.simulator.secrecy import Secrecy
from hotspare.simulator.story import Story
from hotspare_engine import words as w
from hotspare_wire import link
from tests.simulation.site import BASE, Site

SEEDS = range(24)
LAWS = {"L1", "L2", "L3", "L4", "L5", "L7", "L8", "L10", "L11", "L4 at the end", "coil", "outbox", "alarms", "held"}
BUDGET_MS = 600


@pytest.fixture(scope="module")
def bag() -> Any:
    return hunt(Quarry(), SEEDS)


# -- what is run -------------------------------------------------------------------------------------------------------


def test_no_law_is_broken_in_drawn_worlds_and_each_is_put_to_the_test(bag: Any) -> None:
    assert [result.broken for result in bag.broken] == []
    assert bag.runs == len(SEEDS)
    assert {law for law in LAWS if not bag.laws[law]} == set()


def test_every_change_of_state_is_one_of_the_table(bag: Any) -> None:
    assert set(bag.changes) <= set(w.TRANSITIONS)
    assert len(bag.changes) >= 8


@pytest.mark.parametrize("seed", [3, 8])
def test_the_same_seed_makes_the_same_run_to_the_microsecond(seed: int) -> None:
    first, second, other = (Run(it) for it in (seed, seed, seed + 1))
    results = [run.run() for run in (first, second, other)]
    assert results[0] == results[1] != results[2]
    assert first.rig.trace() == second.rig.trace() != other.rig.trace()


def test_what_a_seed_draws_is_legal_and_differs(bag: Any) -> None:
    found = [worlds.draw(seed).groups[0] for seed in range(60)]
    assert {group.switch for group in found} == {"changeover", "interlocked", "fenced"}
    assert {len(group.primaries) for group in found} == {1, 2, 3}
    assert len({group.settings for group in found}) > 50


def test_time_that_nothing_happens_in_is_skipped() -> None:
    site = Site()
    before = {name: board.steps for name, board in site.rig.boards.items()}
    site.run(9_000)
    beats = 100
    for name, board in site.rig.boards.items():
        assert board.steps - before[name] <= 6 * beats, "a step for a beat, for each frame and each edge, and no more"


def test_the_failover_of_a_simulated_pair_takes_what_the_budget_says() -> None:
    site = Site()
    began_ms = site.now_ms
    site.rig.stop("primary")
    site.run(BUDGET_MS)
    assert site.active == ["spare"]
    assert 400 <= site.contact_ms(since_ms=began_ms) - began_ms <= BUDGET_MS
    assert site.rig.exclusivity.both_connected_us == 0


def test_the_host_tool_works_on_a_simulated_board_as_on_a_real_one() -> None:
    site = Site()
    chance = random.Random(1)
    with reach(site.rig.timeline, site.rig.boards["controller"], lambda: chance.randbytes(8)) as board:
        reply = board.request(w.MS, 2, 0, 0, 0, 5_000)
        assert reply["verdict"] == w.DONE
        assert board.status()["state"] == w.ON_SPARE
    assert site.active == ["spare"]


# -- what a stranger says and a host is told (L6, L7) ------------------------------------------------------------------


def test_l6_a_stranger_at_the_cables_of_a_keyed_pair_changes_nothing() -> None:
    site = Site(keyed=True)
    stranger = site.run_of.performer.stranger
    before = site.engine.selected, site.engine.state
    for how in schedule.FORGERIES * 20:
        for cable in ("crosslink-a", "agent-primary", "agent-spare"):
            stranger.forge(cable, next(iter(site.rig.cables[cable].ways)), how)
        site.run(97)
    assert (site.engine.selected, site.engine.state) == before
    assert stranger.spoke == 20 * 3 * len(schedule.FORGERIES)
    assert site.run_of.secrecy is not None
    assert site.run_of.secrecy.judged > 500


def test_l6_a_frame_that_is_taken_twice_or_was_made_up_is_noticed() -> None:
    secrecy = Secrecy()

    class Speaker:
        def judge(self, payload: bytearray, size: int) -> int:
            return link.NEWS

    class Port:
        links = (Speaker(),)

    class Board:
        ports = ()
        host = Port()

    class Stranger:
        made = frozenset({b"forged"})

    board, stranger = Board(), Stranger()
    secrecy.watch(board, stranger)  # type: ignore[arg-type]
    judge = board.host.links[0].judge
    assert judge(bytearray(b"genuine"), 7) == link.NEWS
    with pytest.raises(Broken, match="L6: a frame was taken twice"):
        judge(bytearray(b"genuine"), 7)
    with pytest.raises(Broken, match="L6: a frame of a stranger was taken"):
        judge(bytearray(b"forged"), 6)


def test_l7_a_number_that_gets_another_content_is_noticed() -> None:
    puller = Puller("board")
    rows = b"".join(row(at_ms) for at_ms in (1, 2))
    assert puller.take({"recorder": 7, "number": 0, "boot": 1, "rows": rows}, 0) is not None
    assert puller.take({"recorder": 7, "number": 0, "boot": 1, "rows": rows}, 0) is not None
    assert puller.looked == 2
    with pytest.raises(Broken, match="L7: board tells"):
        puller.take({"recorder": 7, "number": 1, "boot": 1, "rows": row(3)}, 1)


def row(at_ms: int) -> bytes:
    """Return one record as a board tells it."""
    import struct

    from hotspare_wire import messages

    return struct.pack(messages.RECORD, *Record(0, 1, at_ms, w.E_ARMED, 1, 0)[2:])


def test_l8_a_pin_that_is_driven_though_the_engine_did_not_say_so_is_noticed() -> None:
    site = Site()
    with pytest.raises(Broken, match=r"L8 at .*: controller energises relay1"):
        site.rig.boards["controller"].hardware.pins["relay1"].value(1)  # type: ignore[union-attr]


# -- what is found ----------------------------------------------------------------------------------------------------


class Spoiled(Quarry):
    """Runs whose world is worse than it says: whenever the spare fails and the supply goes, a law is broken."""

    def run(self, seed: int, actions: Any = None) -> Run:
        run = super().run(seed, actions)
        disturb = run.performer._disturb

        def told() -> None:
            disturb()
            did = run.performer.did
            if did["fail"] and did["supply"]:
                raise Broken(f"L9 at {run.rig.timeline.now_us()} ms: planted")

        run.performer._disturb = told
        return run


def test_a_broken_law_is_told_with_the_shortest_schedule_that_still_shows_it() -> None:
    quarry = Spoiled()
    bag = hunt(quarry, range(10))
    assert bag.broken
    result = bag.broken[0]
    actions, said = shorten(quarry, result)
    assert said.startswith("L9 at ")
    assert sorted({action.verb for action in actions}) in (["fail", "supply"], ["fail", "mend all", "supply"])
    assert len(actions) <= 3
    again = quarry.run(result.seed, actions).run().broken
    assert again == said, "the short schedule replays from its seed"


def test_shrinking_keeps_only_what_breaks_the_same_law() -> None:
    actions = [Action(at_ms, "verb", {"number": at_ms}) for at_ms in range(100)]

    def breaks(kept: list[Action]) -> str:
        numbers = {action.at_ms for action in kept}
        if {17, 71} <= numbers:
            return f"L1 at {len(kept)} ms: both"
        return "L2 at 0 ms: another" if 17 in numbers else ""

    kept, said = shrink.shortest(actions, "L1 at 100 ms: both", breaks)
    assert [action.at_ms for action in kept] == [17, 71]
    assert said == "L1 at 2 ms: both"


def test_shrinking_ends_within_its_bound_of_runs() -> None:
    actions = [Action(at_ms, "verb") for at_ms in range(1000)]
    runs = []

    def breaks(kept: list[Action]) -> str:
        runs.append(len(kept))
        return "L1 at 0 ms: all of them" if len(kept) == len(actions) else ""

    shrink.shortest(actions, "L1 at 0 ms: all of them", breaks, runs_max=50)
    assert len(runs) == 50


def test_the_story_of_a_run_has_what_the_rig_did_and_what_the_boards_recorded_in_one_order() -> None:
    site = Site()
    site.rig.stop("primary")
    site.run(1_000)
    story = Story(site.run_of)
    lines = story.lines()
    at = [float(line.split(" ms")[0]) for line in lines]
    assert at == sorted(at)
    cause = next(number for number, line in enumerate(lines) if "unit primary off" in line)
    told = next(number for number, line in enumerate(lines) if "health: primary is failed" in line)
    switched = next(number for number, line in enumerate(lines) if "switched: spare on line primary" in line)
    assert cause < told < switched
    picture = story.picture()
    assert picture is not None
    assert "SF-W" in picture.title


def test_a_schedule_of_every_verb_is_drawn_and_told_in_a_line_each(bag: Any) -> None:
    verbs = {action.verb for seed in range(60) for action in Run(seed).actions}
    own = {"leave", "stall", "ask", "approve", "pull", "forge", "differ", "mend all", "clear all"}
    rigs = {
        "cut",
        "heal",
        "noise",
        "burst",
        "delay",
        "stop",
        "start",
        "hang",
        "fail",
        "mend",
        "degrade",
        "hook",
        "alter",
    }
    rigs |= {
        "weld",
        "unweld",
        "stick",
        "unstick",
        "sense",
        "supply",
        "power",
        "reset",
        "erase",
        "powercut",
        "keyswitch",
    }
    assert verbs == own | rigs
    assert str(Action(12, "cut", {"cable": "crosslink-a", "direction": None})) == "     12 ms  cut cable=crosslink-a"


def test_a_run_takes_a_configuration_and_a_key_in_place_of_the_seeds_own() -> None:
    tables = {**BASE, "group.pair": {**BASE["group.pair"], "interval_ms": 50}}
    run = Run(5, "rare", configuration=worlds.read(tables), keyed=True, beats=200)
    assert run.run().broken == ""
    assert run.keyed
    assert run.plan.boards[0].flash.keys() >= {"/hotspare.keys"}
    assert replace(run.plan).units[0].keys
