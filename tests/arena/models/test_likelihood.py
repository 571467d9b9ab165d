import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import InvalidInput, ModelFailed
from arena.models.likelihood import ScoredTokens, log_likelihoods, windows
from arena.models.loading import adapter_key, base_key, load_adapter, load_base
from tests.arena.models.conftest import make_adapter


@given(st.data(), st.integers(0, 300), st.integers(1, 300), st.integers(2, 50))
def test_windows_score_each_place_once_and_give_it_a_context(data, length, first, window):
    stride = data.draw(st.integers(1, window - 1))
    made = list(windows(length, first, window, stride))
    scored = [place for part in made for place in range(part.first, part.end)]
    assert scored == list(range(first, length))
    for part in made:
        assert part.begin < part.first < part.end <= part.begin + window
        # All but the first window give what they score at least the overlap as context.
        assert (
            part.begin == 0 or part.first - part.begin >= min(window - stride, first) or part.first == first
        )


@pytest.mark.parametrize(("window", "stride"), [(1, 1), (8, 8), (8, 0)])
def test_a_window_that_leaves_a_token_without_context_is_refused(window, stride):
    with pytest.raises(InvalidInput, match=r"must be from 1 to|leaves no context"):
        list(windows(20, 1, window, stride))


def test_rows_of_one_base_are_scored_by_the_adapter_that_is_named(tiny_model_dir, tmp_path):
    key = base_key(str(tiny_model_dir), four_bit=False, dtype="float32", device="cpu")
    rows = [ScoredTokens((10, 20, 30, 40)), ScoredTokens((50, 60), 1), ScoredTokens((7, 8, 9), 3)]
    plain = load_base(key)
    alone = log_likelihoods(plain, rows, window=8, stride=4)
    assert alone[2] == 0.0
    base = load_base(key)
    for name, seed in (("one", 1), ("two", 2)):
        folder = make_adapter(tiny_model_dir, tmp_path / name, seed)
        load_adapter(base, adapter_key(str(folder)), name)
    assert log_likelihoods(base, rows, window=8, stride=4) == pytest.approx(alone, abs=1e-5)
    one, two = (log_likelihoods(base, rows, window=8, stride=4, adapter=name) for name in ("one", "two"))
    assert len({round(values[0], 3) for values in (alone, one, two)}) == 3


def test_a_token_that_the_model_does_not_have_is_one_sentence(tiny_model_dir):
    base = load_base(base_key(str(tiny_model_dir), four_bit=False, dtype="float32", device="cpu"))
    with pytest.raises(ModelFailed, match="failed while it read"):
        log_likelihoods(base, [ScoredTokens((1, 10_000, 2))], window=8, stride=4)
