"""Collections: how often they come, and which intervals leave no time for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hotspare import chips, cli, garbage, wiretime
from hotspare.cli import exits
from hotspare_wire.heap import BEAT_BYTES, COLLECT_BYTES, TAG_BYTES
from tests import files


def test_a_keyed_board_collects_after_the_tags_of_the_beats_that_it_sends_and_hears() -> None:
    keyless, keyed = (files.pair(values).groups[0] for values in ({}, {"group.pair.key": "pair.key"}))
    for bare, board in zip(keyless.boards, keyed.boards, strict=True):
        assert garbage.collect_every_s(keyless, bare) == pytest.approx(COLLECT_BYTES / BEAT_BYTES * 0.09)
        tags = 4  # to the neighbour and from it, to the agent and from it
        assert garbage.collect_every_s(keyed, board) == pytest.approx(
            COLLECT_BYTES / (BEAT_BYTES + tags * TAG_BYTES) * 0.09
        )


@pytest.mark.parametrize("name", ["interval_ms", "agent_interval_ms"])
def test_check_refuses_an_interval_that_a_collection_does_not_fit_into(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    least = garbage.INTERVAL_LEAST_MS
    path = files.write(tmp_path, {f"group.pair.{name}": least - 1})
    assert cli.main(["check", "-c", str(path)]) == exits.INVALID
    told = capfd.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert f"group.pair.{name} = {least - 1}: a collection takes {chips.COLLECTION_MS} ms on an RP2040" in line
    assert line.endswith(f"raise it to {least} or more")
    assert cli.main(["check", "-c", str(path), "--json"]) == exits.INVALID
    assert json.loads(capfd.readouterr().out)["valid"] is False
    files.write(tmp_path, {f"group.pair.{name}": least})
    assert cli.main(["check", "-c", str(path), "--json"]) == exits.OK
    assert "collection_every_s" in json.loads(capfd.readouterr().out)["groups"]["pair"]


def test_check_prints_how_often_boards_collect(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = files.write(tmp_path)
    assert cli.main(["check", "-c", str(path)]) == exits.OK
    assert "on the chip: controller every 23.0 s, beacon every 23.0 s" in capfd.readouterr().out


def test_a_beat_and_a_collection_leave_time_before_the_next_beat() -> None:
    assert garbage.INTERVAL_LEAST_MS * wiretime.SENT_EVERY >= chips.COLLECTION_MS + chips.BEAT_STEP_MS
    assert (garbage.INTERVAL_LEAST_MS - 1) * wiretime.SENT_EVERY < chips.COLLECTION_MS + chips.BEAT_STEP_MS
