"""The order in which boards are updated, what is said of it beforehand, and whose silence would be a failover."""

from __future__ import annotations

import pytest

from hotspare import blob, rollout
from hotspare.configuration import Configuration
from hotspare.rollout import Holding
from tests import files

Changes = dict[str, object]


def holdings(was: Configuration, now: Configuration, *names: str, bare: bool = False) -> list[Holding]:
    """Return what boards hold that were configured by one file and are to be by another."""
    group = now.groups[0]
    return [
        Holding(
            now.board(name),
            group,
            blob.of(now.board(name), group),
            b"" if bare else blob.of(was.board(name), was.groups[0]),
            {"boot": 1, "trial": 0, "trial_s": 0},
        )
        for name in names
    ]


def test_the_controller_comes_first_and_then_the_beacons_in_the_order_of_their_chain() -> None:
    pool = files.pool(primaries=3)
    chain = [board.name for board in pool.groups[0].chain]
    found = rollout.in_order(holdings(pool, pool, *reversed(chain), "controller"))
    assert [it.board.name for it in found] == ["controller", *chain]


@pytest.mark.parametrize(
    ("changes", "boards", "said"),
    [
        (
            {"group.pair.beats": 3},
            ("controller", "beacon"),
            (
                "pair: controller, then beacon; what its boards share changes: from the first restart until all hold "
                "the same and hear one another no failover happens by itself"
            ),
        ),
        (
            {"group.pair.watchdog_ms": 3000},
            ("controller", "beacon"),
            (
                "pair: controller, then beacon; what its boards share stays: no failover happens by itself while they "
                "restart one after the other"
            ),
        ),
        (
            {"group.pair.watchdog_ms": 3000},
            ("beacon",),
            (
                "pair: beacon; what its boards share stays: the spare is locked out while it restarts, as silence is a "
                "failover"
            ),
        ),
        (
            {"group.pair.watchdog_ms": 3000, "unit.primary.contact": True},
            ("beacon",),
            "pair: beacon; what its boards share stays, and units are heard past their beacons: it stays protected",
        ),
    ],
)
def test_for_which_span_a_group_is_not_protected_is_said_beforehand(
    changes: Changes, boards: tuple[str, ...], said: str
) -> None:
    found = rollout.in_order(holdings(files.pair(), files.pair(changes), *boards))
    assert rollout.outlook(found) == [said]


def test_a_board_without_a_configuration_protects_nobody_yet() -> None:
    pair = files.pair()
    (said,) = rollout.outlook(holdings(pair, pair, "beacon", bare=True))
    assert said == "pair: beacon; without a configuration it protects nobody yet: it restarts with its first one"


def test_a_beacon_of_a_chain_silences_those_behind_it_too() -> None:
    pool = files.pool(primaries=3)
    group = pool.groups[0]
    silenced = [[unit.name for unit in rollout.silenced(group, board)] for board in group.chain]
    assert silenced == [list(group.primaries), list(group.primaries[1:]), list(group.primaries[2:])]
    assert not any(rollout.is_heard_past(group, board) for board in group.chain)
