"""The stages of the fuzzing at a small size: counts add up, both Pythons tell the same, what is missing is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import guided, stage, targets

FRAMES, FRAMES_ON_VM = 20_000, 10_000
SEED = 20


@pytest.fixture
def atheris() -> None:
    if guided.missing():
        pytest.skip(guided.missing())


def test_f20_every_damaged_frame_is_refused_by_kind_and_the_good_one_behind_it_heard_on_both_pythons() -> None:
    counts = stage.storm(FRAMES, FRAMES_ON_VM, SEED)
    assert (counts["frames"], counts["frames_on_vm"]) == (FRAMES, FRAMES_ON_VM)
    assert counts["accepted"] >= FRAMES
    assert all(counts["refused"][kind] > FRAMES / 100 for kind in stage.DAMAGE)
    assert counts == stage.storm(FRAMES, FRAMES_ON_VM, SEED, jobs=2)
    assert counts != stage.storm(FRAMES, FRAMES_ON_VM, SEED + 1)


def test_shards_are_as_many_frames_as_were_asked_for_each_with_a_seed_of_its_own() -> None:
    shards = list(stage._shards(1_000_000, 230_000, 3))
    assert sum(frames for _, frames, _ in shards) == 1_000_000
    assert sum(frames for _, frames, on_vm in shards if on_vm) == 230_000
    assert len({seed for seed, _, _ in shards}) == len(shards)
    assert {seed for seed, _, _ in shards}.isdisjoint(seed for seed, _, _ in stage._shards(1_000_000, 0, 4))


def test_every_seed_of_the_corpus_tells_the_same_on_both_pythons() -> None:
    counts = stage.replay()
    assert counts["corpus"] == sum(len(target.seeds()) for target in targets.TARGETS)
    assert counts["corpus_on_vm"] == sum(len(target.seeds()) for target in targets.TARGETS if target.on_board)


@pytest.mark.usefixtures("atheris")
def test_a_target_is_guided_by_coverage_to_inputs_that_the_corpus_has_not() -> None:
    counts = stage.cover(1500, SEED, names=["saved"])
    assert (counts["guided_runs"], counts["skipped"]) == (1500, "")
    assert counts["new"]["saved"] > 0


def test_where_atheris_is_not_the_stage_is_skipped_with_the_reason_and_under_ci_that_is_an_error() -> None:
    def missing() -> str:
        return "atheris is not installed"

    assert stage.cover(9, SEED, missing=missing, must=False) == {"guided_runs": 0, "new": {}, "skipped": missing()}
    with pytest.raises(AssertionError, match="skipped: atheris is not installed"):
        stage.cover(9, SEED, missing=missing, must=True)


def test_by_hand_one_input_is_replayed_and_a_stage_is_run(repository: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "tests.fuzz", *arguments]
        return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True, timeout=50).stdout

    seed = targets.of("message").seeds()[0]
    (tmp_path / "seed").write_bytes(seed)
    by_file, by_digits = (run("--target", "message", "--replay", it) for it in (str(tmp_path / "seed"), seed.hex()))
    assert by_file == by_digits
    assert f"{targets.of('message').function(seed):08x}" in by_file
    assert '"frames": 1000' in run("--frames", "1000", "--on-vm", "500", "--runs", "0")
