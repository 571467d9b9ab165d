import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.models.batches import batches, in_batches, padded

lengths = st.lists(st.integers(1, 40), max_size=60)


@given(lengths, st.integers(1, 100), st.integers(1, 9))
def test_each_place_is_in_one_batch_that_holds_what_it_may(lengths, tokens, rows):
    made = list(batches(lengths, tokens, rows))
    assert sorted(place for batch in made for place in batch) == list(range(len(lengths)))
    for batch in made:
        longest = max(lengths[place] for place in batch)
        assert len(batch) == 1 or (len(batch) <= rows and longest * len(batch) <= tokens)


@given(lengths, st.integers(1, 100))
def test_what_is_computed_comes_back_in_the_order_asked(lengths, tokens):
    found = in_batches(lengths, tokens, lambda places: [(place, lengths[place]) for place in places])
    assert found == list(enumerate(lengths))


def test_a_batch_that_does_not_fit_into_memory_is_halved():
    import torch

    sizes = []

    def compute(places):
        sizes.append(len(places))
        if len(places) > 2:
            raise torch.OutOfMemoryError("full")
        return [place * 10 for place in places]

    assert in_batches([5] * 7, 1000, compute) == [0, 10, 20, 30, 40, 50, 60]
    assert max(sizes) == 7 and sizes.count(2) + sizes.count(1) >= 4


def test_a_single_row_that_does_not_fit_is_an_error():
    import torch

    def compute(places):
        raise torch.OutOfMemoryError("full")

    with pytest.raises(torch.OutOfMemoryError):
        in_batches([5, 5], 1000, compute)


def test_padding_stands_on_the_right_and_is_masked():
    ids, mask = padded([[1, 2, 3], [4]], 9, "cpu")
    assert ids.tolist() == [[1, 2, 3], [4, 9, 9]] and mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    ids, mask = padded([[1, 2], [3, 4]], 9, "cpu")
    assert ids.tolist() == [[1, 2], [3, 4]] and mask is None
