import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import _lcs_table, _summary_level_lcs

from judges.metrics.lcs import Rows, lcs_lengths, union_hits

sequences = st.lists(st.integers(0, 4), max_size=12)
sentences = st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=9), max_size=5)


def rows(many: list[list[int]], shift: int = 0) -> Rows:
    flat = [number + shift for own in many for number in own]
    return Rows(np.asarray(flat, np.int64), np.asarray([len(own) for own in many], np.int64))


@given(st.lists(st.tuples(sequences, sequences), max_size=5))
def test_lengths_equal_those_of_the_textbook_table(pairs):
    left, right = [list(side) for side in zip(*pairs, strict=True)] or ([], [])
    expected = [_lcs_table(a, b)[-1][-1] for a, b in pairs]
    assert lcs_lengths(rows(left), rows(right)).tolist() == expected


@given(st.lists(st.tuples(sequences, sequences), min_size=1, max_size=5))
def test_lengths_are_the_same_for_numbers_that_no_sign_has(pairs):
    left, right = [list(side) for side in zip(*pairs, strict=True)]
    few = lcs_lengths(rows(left), rows(right))
    for shift in (0xD7FE, 0x10FFFD, 2**40):
        assert lcs_lengths(rows(left, shift), rows(right, shift)).tolist() == few.tolist()


@given(sentences, sentences)
def test_hits_of_many_sentences_equal_those_of_rouge_score(reference, text):
    score = _summary_level_lcs(reference, text)
    assert union_hits(reference, text) == round(score.recall * sum(map(len, reference)))
