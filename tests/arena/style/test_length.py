import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import NotFound
from arena.style.length import difficulties, length_controlled
from arena.style.meetings import Meetings

VICUNA = Path(__file__).parents[4] / "shared" / "data" / "vicuna_bench"


def sigmoid(odds):
    return 1.0 / (1.0 + np.exp(-np.asarray(odds)))


def met(rng, *, level=(0.0,), slope=(0.0,), hard=0.0, prompts=200, verbose=(0.0,)) -> Meetings:
    """Opponents `m0`, `m1`, ... that meet the baseline once on every prompt, so much longer on average (in std)."""
    size = len(level)
    model = np.repeat(np.arange(size, dtype=np.int32), prompts)
    prompt = np.tile(np.arange(prompts, dtype=np.int32), size)
    longer = np.round(300.0 * (rng.normal(size=size * prompts) + np.asarray(verbose)[model]))
    spread = np.array([longer[model == place].std() for place in range(size)])
    difficulty = rng.normal(0.0, hard, prompts) if hard else np.zeros(prompts)
    odds = np.asarray(level)[model] + np.asarray(slope)[model] * np.tanh(longer / spread[model])
    return Meetings(
        baseline="base",
        names=tuple(f"m{place}" for place in range(size)),
        prompts=tuple(f"p{place:04}" for place in range(prompts)),
        model=model,
        prompt=prompt,
        points=(rng.random(size * prompts) < sigmoid(odds + difficulty[prompt])).astype(float),
        votes=np.ones(size * prompts, dtype=np.int64),
        longer=longer,
    )


def test_a_model_that_wins_by_its_length_alone_wins_half_at_equal_length():
    found = length_controlled(met(np.random.default_rng(1), slope=(2.0,), verbose=(1.0,), prompts=4000), "m0")
    assert found.win_rate > 0.65 and found.longer > 0.8
    assert found.controlled == pytest.approx(0.5, abs=0.05)
    assert found.controlled_lower < 0.5 < found.controlled_upper
    assert found.length_lower < 2.0 < found.length_upper


def test_without_a_preference_for_length_both_rates_agree():
    found = length_controlled(met(np.random.default_rng(2), level=(0.8,), verbose=(1.0,), prompts=4000), "m0")
    assert found.controlled == pytest.approx(found.win_rate, abs=0.03)
    assert found.length_lower < 0.0 < found.length_upper


@given(st.integers(0, 2**32 - 1))
def test_both_sides_tell_the_same_rate(seed):
    rng = np.random.default_rng(seed)
    one = met(rng, level=(rng.normal(),), slope=(1.0,), prompts=60, verbose=(0.5,))
    other = replace(one, baseline="m0", names=("base",), points=1.0 - one.points, longer=-one.longer)
    found, back = length_controlled(one, "m0"), length_controlled(other, "base")
    assert back.controlled == pytest.approx(1.0 - found.controlled, abs=1e-8)
    assert back.controlled_lower == pytest.approx(1.0 - found.controlled_upper, abs=1e-8)
    assert back.win_rate == pytest.approx(1.0 - found.win_rate)
    assert back.length_weight == pytest.approx(found.length_weight, abs=1e-7)


@given(st.integers(0, 2**32 - 1))
def test_every_prompt_counts_once_however_many_votes_it_has(seed):
    one = met(np.random.default_rng(seed), slope=(1.0,), prompts=40)
    votes = np.where(one.prompt == 0, 50, 1)
    found, more = length_controlled(one, "m0"), length_controlled(replace(one, votes=votes), "m0")
    assert more.controlled == pytest.approx(found.controlled, abs=1e-9)
    assert (more.votes, more.prompts) == (found.votes + 49, found.prompts)


def test_hard_prompts_are_found_from_the_other_models_only():
    rng = np.random.default_rng(3)
    meetings = met(
        rng,
        level=(0.0, 0.3, -0.3, 0.1, 0.2, -0.1),
        slope=(0.5,) * 6,
        hard=1.0,
        verbose=(0.0,) * 6,
        prompts=800,
    )
    hard, others = difficulties(meetings, without="m0")
    assert others == 5 and abs(hard.mean()) < 0.1
    points = meetings.points[meetings.model == 0]
    assert np.corrcoef(hard, points)[0, 1] > 0.15
    changed = meetings.points.copy()
    changed[meetings.model == 0] = 1.0 - changed[meetings.model == 0]
    assert np.array_equal(difficulties(replace(meetings, points=changed), without="m0")[0], hard)
    assert length_controlled(meetings, "m0").others == 5


def test_prompts_nobody_else_met_are_as_hard_as_the_average():
    meetings = met(
        np.random.default_rng(4), level=(0.0, 0.0), slope=(0.0, 0.0), verbose=(0.0, 0.0), prompts=30
    )
    kept = (meetings.model == 0) | (meetings.prompt < 10)
    fewer = replace(
        meetings,
        **{name: getattr(meetings, name)[kept] for name in ("model", "prompt", "points", "votes", "longer")},
    )
    hard, others = difficulties(fewer, without="m0")
    assert others == 1 and not hard[10:].any() and hard[:10].any()


def test_a_clean_sweep_has_finite_rates_and_says_what_holds_them():
    one = met(np.random.default_rng(5), prompts=12)
    found = length_controlled(replace(one, points=np.ones(12)), "m0")
    assert found.win_rate == 1.0 and 0.5 < found.lower < 1.0
    assert 0.8 < found.controlled < 1.0 and found.controlled_lower < found.controlled
    assert "One side won everywhere" in found.notes[-1]


def test_one_prompt_has_a_rate_and_no_interval():
    many = met(np.random.default_rng(6), prompts=5)
    first = many.prompt == 0
    kept = {name: getattr(many, name)[first] for name in ("model", "prompt", "points", "votes", "longer")}
    found = length_controlled(replace(many, **kept), "m0")
    assert found.lower is found.controlled_upper is found.length_lower is None


def test_a_model_that_never_met_the_baseline_is_not_found():
    with pytest.raises(NotFound, match="'m9' and 'base' \\(3 votes have no stored answers\\)"):
        length_controlled(replace(met(np.random.default_rng(7)), unread=3), "m9")


def vicuna() -> Meetings:
    """GPT-4's scores of four models against vicuna-13b, with the answers' lengths."""
    if not VICUNA.exists():
        pytest.skip(f"{VICUNA} is not there")
    read = lambda path: [json.loads(line) for line in path.read_text().splitlines()]  # noqa: E731
    text = {row["answer_id"]: row["text"] for path in VICUNA.glob("answer/*.jsonl") for row in read(path)}
    rows, names = [], []
    for path in sorted(VICUNA.glob("review/*/*.jsonl")):
        names.append(path.stem.split("_")[1])
        for review in read(path):
            first, second = review["score"]
            longer = len(text[review["answer1_id"]]) - len(text[review["answer2_id"]])
            rows.append(
                (len(names) - 1, review["question_id"] - 1, (1 + np.sign(first - second)) / 2, longer)
            )
    model, prompt, points, longer = np.array(rows).T
    return Meetings(
        "vicuna-13b",
        tuple(names),
        tuple(str(place) for place in range(80)),
        model.astype(np.int32),
        prompt.astype(np.int32),
        points,
        np.ones(len(rows), dtype=np.int64),
        longer,
    )


def test_on_the_vicuna_bench_shorter_models_gain_once_length_is_held_equal():
    meetings = vicuna()
    found = {name: length_controlled(meetings, name) for name in meetings.names}
    assert {name: (one.prompts, one.others) for name, one in found.items()} == dict.fromkeys(found, (80, 3))
    for name in ("alpaca-13b", "llama-13b"):
        assert found[name].longer < 0.2 and found[name].controlled > found[name].win_rate
    assert max(found, key=lambda name: found[name].controlled) in ("bard", "gpt35")


@pytest.mark.slow
def test_intervals_at_equal_length_cover_the_truth_in_19_of_20_sets_of_prompts():
    inside = 0
    for seed in range(500):
        meetings = met(np.random.default_rng(seed), level=(0.4,), slope=(1.0,), verbose=(0.7,), prompts=150)
        found = length_controlled(meetings, "m0")
        inside += found.controlled_lower <= sigmoid(0.4) <= found.controlled_upper
    assert 0.93 <= inside / 500 <= 0.97
