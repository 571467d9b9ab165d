from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput
from arena.matchmaking import able, choose_pair
from arena.types import ModelKind, ModelSpec, PairCount, Prompt


def models(*names: str, kind: ModelKind = ModelKind.ENDPOINT) -> list[ModelSpec]:
    return [ModelSpec(name, kind) for name in names]


def drawn(candidates, counts, times=2000, seed=0) -> Counter[tuple[str, str]]:
    rng = np.random.default_rng(seed)
    pairs = (choose_pair(candidates, counts, rng) for _ in range(times))
    return Counter((first.name, second.name) for first, second in pairs)


@given(st.integers(2, 6), st.lists(st.integers(0, 50), min_size=15, max_size=15), st.integers(0, 2**32))
def test_two_different_candidates_are_drawn_whatever_the_votes(size, votes, seed):
    names = "abcdef"[:size]
    pairs = [(a, b) for a in names for b in names if a < b]
    counts = [PairCount(a, b, n, 0, 0, 0) for (a, b), n in zip(pairs, votes, strict=False)]
    first, second = choose_pair(models(*names), counts, np.random.default_rng(seed))
    assert first.name != second.name and {first.name, second.name} <= set(names)


def test_the_same_generator_draws_the_same_pair():
    candidates = models("a", "b", "c", "d")
    assert drawn(candidates, [], 20, seed=4) == drawn(candidates, [], 20, seed=4)


def test_pairs_with_few_votes_come_first_by_one_over_one_plus_votes():
    counts = [PairCount("a", "b", 5, 4, 0, 0), PairCount("b", "c", 1, 1, 1, 0)]
    seen = drawn(models("a", "b", "c"), counts, 20_000)
    pairs = Counter({frozenset(pair): 0 for pair in seen})
    for pair, times in seen.items():
        pairs[frozenset(pair)] += times
    weights = {frozenset("ab"): 1 / 10, frozenset("bc"): 1 / 4, frozenset("ac"): 1.0}
    for pair, weight in weights.items():
        assert pairs[pair] / 20_000 == pytest.approx(weight / sum(weights.values()), abs=0.015)


def test_votes_count_for_a_pair_whichever_side_its_models_stood_on():
    one_way = drawn(models("a", "b", "c"), [PairCount("a", "b", 30, 30, 0, 0)], seed=1)
    both_ways = drawn(
        models("a", "b", "c"), [PairCount("a", "b", 30, 0, 0, 0), PairCount("b", "a", 30, 0, 0, 0)], seed=1
    )
    assert one_way == both_ways


def test_each_model_stands_on_each_side_equally_often():
    seen = drawn(models("a", "b"), [], 10_000)
    assert seen["a", "b"] / 10_000 == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("candidates", [[], models("lonely"), models("twice", "twice")])
def test_fewer_than_two_models_are_refused_with_what_to_do(candidates):
    with pytest.raises(InvalidInput, match="add another model"):
        choose_pair(candidates, [], np.random.default_rng(0))


def test_recorded_models_meet_only_on_prompts_they_have_answered():
    known, new = Prompt.from_text("Known?"), Prompt.from_text("New?")
    old, older, live = *models("old", "older", kind=ModelKind.RECORDED), *models("live")
    answered = {"old": {known.prompt_id}, "older": set()}
    assert able([old, older, live], known, answered.__getitem__) == [old, live]
    assert able([old, older, live], new, answered.__getitem__) == [live]
