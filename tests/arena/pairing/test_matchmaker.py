from collections import Counter

import numpy as np
import pytest

from arena.errors import InvalidInput
from arena.pairing.matchmaker import Matchmaker, Pairing
from arena.pairing.policies import EXPLORING, POLICIES
from arena.types import ModelKind, ModelSpec, PairCount
from tests.arena.pairing.arenas import expected, models, names, voted


def drawn(candidates, counts, times, seed=0, policy="few") -> Counter[tuple[str, str]]:
    rng = np.random.default_rng(seed)
    asked = {spec.name for spec in candidates}
    pairs = (Pairing(policy, counts, asked).draw(candidates, rng) for _ in range(times))
    return Counter((first.name, second.name) for first, second in pairs)


@pytest.mark.parametrize("policy", POLICIES)
def test_each_model_stands_on_each_side_equally_often(policy):
    seen = drawn(models("a", "b"), [], 1000, policy=policy)
    assert seen["a", "b"] / 1000 == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_same_generator_draws_the_same_pairs(policy):
    candidates = models("a", "b", "c", "d")
    assert drawn(candidates, [], 20, 4, policy) == drawn(candidates, [], 20, 4, policy)


@pytest.mark.parametrize("policy", POLICIES)
def test_votes_count_for_a_pair_whichever_side_its_models_stood_on(policy):
    one_way = drawn(models("a", "b", "c"), [PairCount("a", "b", 30, 30, 0, 0)], 50, 1, policy)
    both = [PairCount("a", "b", 30, 0, 0, 0), PairCount("b", "a", 30, 0, 0, 0)]
    assert one_way == drawn(models("a", "b", "c"), both, 50, 1, policy)


@pytest.mark.parametrize("candidates", [[], models("lonely"), models("twice", "twice")])
def test_fewer_than_two_models_are_refused_with_what_to_do(candidates):
    with pytest.raises(InvalidInput, match="add another model"):
        Pairing("active", [], {spec.name for spec in candidates}).draw(candidates, np.random.default_rng(0))


def test_pairs_drawn_count_as_votes_to_come_so_that_a_batch_is_spread():
    pairing = Pairing("active", [], names(5))
    rng = np.random.default_rng(0)
    seen = Counter(frozenset(s.name for s in pairing.draw(models(*names(5)), rng)) for _ in range(200))
    assert len(seen) == 10 and max(seen.values()) < 30
    assert pairing.standing.total == 200


def test_a_batch_comes_to_the_width_that_it_expects():
    rng = np.random.default_rng(3)
    strengths = rng.normal(0, 0.7, 8)
    before = voted(strengths, np.full((8, 8), 20), rng)
    pairing = Pairing("active", before, names(8))
    met = np.zeros((8, 8))
    for _ in range(3000):
        first, second = sorted(int(s.name[1:]) for s in pairing.draw(models(*names(8)), rng))
        met[first, second] += 1
    after = Pairing("active", before + voted(strengths, met, rng), names(8))
    assert after.half_width == pytest.approx(pairing.half_width, rel=0.05)


def test_models_that_only_answer_some_prompts_meet_there():
    pairing = Pairing("active", [], names(6))
    rng = np.random.default_rng(0)
    some = models(*names(6)[2:4])
    assert {s.name for s in pairing.draw(some, rng)} == {"m002", "m003"}


def test_people_who_start_at_one_moment_do_not_all_get_the_pair_that_lacks_most():
    votes = np.full((12, 12), 400)
    votes[0, 1] = 0
    matchmaker, rng = Matchmaker("active"), np.random.default_rng(0)
    counts = expected([0.0] * 12, votes)
    everyone = models(*names(12))
    pairs = [matchmaker.draw(everyone, names(12), counts, rng) for _ in range(300)]
    share = sum({a.name, b.name} == {"m000", "m001"} for a, b in pairs) / 300
    assert share < 0.7


def test_votes_that_land_take_the_place_of_those_that_were_expected():
    matchmaker, rng = Matchmaker("active"), np.random.default_rng(0)
    cast = Counter()
    for _ in range(120):
        counts = [PairCount(a, b, n // 2, n - n // 2, 0, 0) for (a, b), n in cast.items()]
        pair = matchmaker.draw(models("a", "b", "c"), "abc", counts, rng)
        cast[tuple(sorted(spec.name for spec in pair))] += 1
    assert max(cast.values()) - min(cast.values()) < 20


def test_a_model_that_keeps_failing_does_not_take_all_battles_and_comes_back_once_it_answers():
    matchmaker, rng = Matchmaker("active"), np.random.default_rng(0)
    everyone = models(*names(8))
    votes = np.full((8, 8), 100)
    votes[:, 7] = 0
    counts = expected([0.0] * 8, votes)

    def shares(times: int, answers: bool) -> float:
        met = 0
        for _ in range(times):
            pair = {spec.name for spec in matchmaker.draw(everyone, names(8), counts, rng)}
            if "m007" in pair:
                met += 1
                matchmaker.ended(set() if answers else {"m007"}, pair - {"m007"})
        return met / times

    shares(20, False)
    assert shares(200, False) < 3 * EXPLORING
    matchmaker.ended(set(), {"m007"})
    assert shares(100, True) > 0.5


def test_a_new_model_is_paired_as_soon_as_it_is_there():
    matchmaker, rng = Matchmaker("active"), np.random.default_rng(0)
    counts = expected([0.0] * 4, np.full((4, 4), 500))
    matchmaker.draw(models(*names(4)), names(4), counts, rng)
    more = [*models(*names(4)), ModelSpec("newcomer", ModelKind.ENDPOINT)]
    met = [matchmaker.draw(more, [*names(4), "newcomer"], counts, rng) for _ in range(40)]
    assert sum("newcomer" in {a.name, b.name} for a, b in met) > 30
