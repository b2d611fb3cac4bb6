"""Every target under its seeds and what hypothesis makes of them; the corpus is small and every seed adds something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz import corpus, targets
from tests.fuzz.board.given import Chance, Given
from tests.fuzz.targets import Target

CORPUS_BYTES_MAX = 300_000
BY_NAME = pytest.mark.parametrize("target", targets.TARGETS, ids=lambda it: it.name)


@st.composite
def altered(draw: st.DrawFn, target: Target) -> bytes:
    """Return a seed in which some bytes are others, are gone, or stand where none were."""
    seed = draw(st.sampled_from(target.seeds()))
    at = draw(st.integers(0, len(seed)))
    return seed[:at] + draw(st.binary(max_size=24)) + seed[at + draw(st.integers(0, 24)) :]


@BY_NAME
@given(data=st.data())
def test_f20_nothing_that_a_target_promises_breaks_whatever_bytes_come(target: Target, data: st.DataObject) -> None:
    said = data.draw(st.binary(max_size=target.size_max) | altered(target))
    assert 0 <= target.function(said) < 1 << 32
    assert target.function(said) == target.function(said), "it tells something else of the same bytes"


@BY_NAME
def test_every_target_has_seeds_that_lead_further_than_no_bytes_do(target: Target) -> None:
    seeds = target.seeds()
    assert 2 <= len(seeds) <= corpus.FILES_MAX
    assert max(map(len, seeds)) <= target.size_max
    assert len(set(map(target.function, seeds))) > 1
    assert (target.function.__doc__ or "").startswith("Whatever") or target.name == "tables"


def test_the_corpus_is_small() -> None:
    files = [path for path in targets.CORPUS.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == set(targets.NAMES)
    assert sum(path.stat().st_size for path in files) <= CORPUS_BYTES_MAX


def test_a_corpus_takes_in_what_runs_something_new_and_nothing_else() -> None:
    def function(data: bytes) -> int:
        return Given(data).left() and Given(data).byte()

    inputs = [b"", b"\x01", b"\x02", b"\x03\x04"]
    assert corpus.smallest(function, inputs) == [b"\x01", b""]
    assert corpus.smallest(function, inputs, named=[b""]) == [b"\x01"]
    assert corpus.smallest(function, inputs, named=[b"", b"\x05\x06"]) == []
    assert corpus.smallest(function, inputs, most=0) == []


def test_what_an_input_does_not_give_is_zeros() -> None:
    given = Given(b"\x02abc")
    assert given.piece(9) == b"ab"
    assert (given.byte(), given.left(), given.number(4), given.data(2)) == (ord("c"), 0, 0, bytes(2))


def test_chance_is_the_same_for_a_seed_and_another_for_each() -> None:
    first = [[Chance(seed).below(1000) for _ in range(3)] for seed in range(200)]
    assert first == [[Chance(seed).below(1000) for _ in range(3)] for seed in range(200)]
    chances = [Chance(seed) for seed in range(200)]
    assert len({tuple(chance.below(1 << 30) for _ in range(4)) for chance in chances}) == 200
    spread = [0] * 10
    for _ in range(10_000):
        spread[chances[0].below(10)] += 1
    assert min(spread) > 800
