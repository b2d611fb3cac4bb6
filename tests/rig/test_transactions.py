"""What a failover costs the clients of a line, on emulated boards: counted by the rig, timed by its trace."""

from __future__ import annotations

from hil.pair import Pair
from hotspare_engine import words as w

UNDER_WAY = 50  # one a millisecond, of which each needs 50 ms


def counts(pair: Pair) -> dict[str, int]:
    found: dict[str, int] = pair.rig.state()["lines"]["primary"]
    return found


def counts_at_work(pair: Pair) -> dict[str, int]:
    """Return the counts once as many are under way as there always are."""
    pair.pass_ms(2 * UNDER_WAY)
    return counts(pair)


def test_a_failover_loses_what_was_under_way_and_delays_for_as_long_as_the_line_was_without_a_unit(pair: Pair) -> None:
    before = counts_at_work(pair)
    assert before["served_by"] == "primary"
    lost_us = pair.rig.stop("primary")
    took_us = pair.rig.wait({"kind": "line", "name": "primary", "event": "connected", "detail": "spare"}).us - lost_us
    pair.settle(on_spare=True, healths=(w.FAILED, w.OK))
    after = counts(pair)
    assert after["served_by"] == "spare"
    assert after["lost"] - before["lost"] in (UNDER_WAY - 1, UNDER_WAY)
    assert abs(after["delayed"] - before["delayed"] - took_us / 1000) <= 1
    assert took_us - 1000 <= after["delay_us_last"] <= took_us
    assert after["refused"] == before["refused"]


def test_a_well_pair_loses_and_delays_nothing_and_all_that_is_sent_is_served(pair: Pair) -> None:
    before = counts_at_work(pair)
    pair.pass_ms(200)
    after = counts(pair)
    assert after["served"] - before["served"] >= 200
    assert [after[name] - before[name] for name in ("lost", "delayed", "refused")] == [0, 0, 0]
