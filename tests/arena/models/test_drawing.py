import numpy as np
import pytest

from arena.models.drawing import Draw, RowwiseDraw


def chosen(rows, logits):
    import torch

    scores = RowwiseDraw(rows)(None, torch.tensor(logits, dtype=torch.float32))
    return scores.argmax(dim=-1).tolist()


def draw(temperature=1.0, top_p=1.0, seed=0) -> Draw:
    return Draw(temperature, top_p, np.random.default_rng(seed))


LOGITS = [2.0, 1.0, 0.0, -1.0]


def test_temperature_zero_takes_the_most_likely_token():
    assert chosen([draw(0.0), draw(0.0)], [LOGITS, LOGITS[::-1]]) == [0, 3]


def test_a_row_draws_the_same_tokens_whoever_shares_its_batch():
    alone, crowded = draw(seed=3), draw(seed=3)
    others = [draw(0.0), draw(5.0, 0.5, seed=9)]
    for _ in range(30):
        assert chosen([alone], [LOGITS])[0] == chosen([others[0], crowded, others[1]], [LOGITS] * 3)[1]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_come_as_often_as_softmax_says(temperature):
    rows = [draw(temperature, seed=seed) for seed in range(4000)]
    counts = np.bincount(chosen(rows, [LOGITS] * len(rows)), minlength=4) / len(rows)
    weights = np.exp(np.array(LOGITS) / temperature)
    assert counts == pytest.approx(weights / weights.sum(), abs=0.03)


@pytest.mark.parametrize(
    ("top_p", "kept"), [(0.5, {0}), (0.7, {0, 1}), (0.95, {0, 1, 2}), (1.0, {0, 1, 2, 3})]
)
def test_top_p_keeps_the_smallest_set_of_likely_tokens_that_reaches_it(top_p, kept):
    rows = [draw(1.0, top_p, seed) for seed in range(2000)]
    assert set(chosen(rows, [LOGITS] * len(rows))) == kept


def test_a_tiny_temperature_does_not_overflow():
    assert chosen([draw(1e-6)], [[1000.0, 999.0, -1000.0]]) == [0]


def test_forbidden_tokens_are_never_drawn():
    rows = [draw(1.0, top_p, seed) for seed in range(500) for top_p in (0.9, 1.0)]
    logits = [-np.inf, 0.0, -np.inf, 0.0, -np.inf]
    assert set(chosen(rows, [logits] * len(rows))) == {1, 3}


def test_rows_without_numbers_are_named_and_leave_the_others_alone():
    import torch

    nan = float("nan")
    draws = RowwiseDraw([draw(), draw(0.0), draw(seed=1)])
    scores = draws(None, torch.tensor([[nan, nan, nan], [0.0, 2.0, 1.0], [-torch.inf, 3.0, -torch.inf]]))
    assert draws.broken == [True, False, False]
    assert scores[1:].argmax(dim=-1).tolist() == [1, 1]
