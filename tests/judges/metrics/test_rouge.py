import csv
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from arena.errors import InvalidInput
from judges.metrics import rouge as module
from judges.metrics.base import Item
from judges.metrics.rouge import ROUGE_TYPES, make_rouge, rouge_pairs
from judges.metrics.words import Words
from tests.judges.metrics.texts import SCRIPTS, abstracts, data, few_words, odd_texts, xsum


def assert_as_rouge_score(pairs: list[tuple[str, str]], stemmer: str) -> None:
    """Every number of every pair of (reference, text) is the one of rouge_score, to the last bit."""
    ours = rouge_pairs([a for a, _ in pairs], [b for _, b in pairs], words=Words("ascii", stemmer))
    oracle = RougeScorer(list(ROUGE_TYPES), use_stemmer=stemmer == "porter")
    for place, (reference, text) in enumerate(pairs):
        for kind, score in oracle.score(reference, text).items():
            own = ours[kind]
            assert (own.precision[place], own.recall[place], own.f1[place]) == tuple(score), (kind, place)


@pytest.mark.parametrize("stemmer", ["porter", "none"])
@given(pairs=st.lists(st.tuples(odd_texts, odd_texts), max_size=6))
def test_any_pairs_have_the_numbers_of_rouge_score(stemmer, pairs):
    assert_as_rouge_score(pairs, stemmer)


@given(pairs=st.lists(st.tuples(few_words, few_words), max_size=6))
@settings(max_examples=300)
def test_pairs_with_many_equal_alignments_have_the_numbers_of_rouge_score(pairs):
    assert_as_rouge_score(pairs, "none")


@pytest.mark.parametrize("stemmer", ["porter", "none"])
def test_real_summaries_have_the_numbers_of_rouge_score(stemmer):
    summaries = xsum()
    pairs = [(summaries["Gold", article], text) for (system, article), text in summaries.items()]
    assert_as_rouge_score(pairs[:600], stemmer)


@pytest.mark.slow
def test_abstracts_of_many_lines_have_the_numbers_of_rouge_score():
    papers = abstracts()
    pairs = [("\n".join(targets), abstract) for targets, abstract in papers[:80]]
    pairs += [(papers[i][1], papers[i + 1][1]) for i in range(40)]
    assert_as_rouge_score(pairs, "porter")


def test_the_published_lines_of_rouge_1_5_5_come_out():
    texts = data("metrics", "google_rouge_testdata", "prediction.txt").read_text().splitlines()
    references = data("metrics", "google_rouge_testdata", "target.txt").read_text().splitlines()
    for tokenizer in ("ascii", "unicode"):
        scores = rouge_pairs(references, texts, words=Words(tokenizer, "none"))
        found = [[round(scores[kind].f1[line], 5) for kind in ROUGE_TYPES[:3]] for line in range(2)]
        assert found == [[0.51163, 0.39024, 0.51163], [0.5, 0.36364, 0.5]]


def test_published_scores_of_summaries_come_out_but_for_the_irregular_words_of_the_perl_stemmer():
    summaries, systems = xsum(), {"ptgen": "PtGen", "tconvs2s": "TConvS2S"}
    with data("summarisation", "xsum_eval_scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [row["system_bbcid"].split("_") for row in rows]
    references = [summaries["Gold", article] for _, article in keys]
    texts = [summaries[systems[system], article] for system, article in keys]
    scores = rouge_pairs(references, texts, words=Words("ascii"))
    for kind, column, share in (("rouge1", "R1", 0.90), ("rouge2", "R2", 0.98), ("rougeL", "RL", 0.93)):
        published = np.asarray([float(row[column]) for row in rows])
        assert np.mean(np.abs(scores[kind].f1 - published) < 6e-5) > share
        assert abs(scores[kind].f1.mean() - published.mean()) < 0.004


def test_more_pairs_than_fit_into_a_round_are_scored_as_each_alone():
    pairs = list(islice(cycle([("a b c", "a c"), ("x\ny", "y x"), ("the cats", "a cat"), ("", "a")]), 5000))
    scores = rouge_pairs([a for a, _ in pairs], [b for _, b in pairs])
    for kind in ROUGE_TYPES:
        alone = [rouge_pairs([a], [b])[kind].f1[0] for a, b in pairs[:4]]
        assert scores[kind].f1.tolist() == list(islice(cycle(alone), 5000))


def test_long_pairs_are_scored_in_rounds_of_few(monkeypatch):
    pairs = [("a b c d", "a c"), ("x y z " * 5, "z"), ("p q", "q p r"), ("a", "a")]
    whole = rouge_pairs([a for a, _ in pairs], [b for _, b in pairs])
    monkeypatch.setattr(module, "_SIGNS", 12)
    few = rouge_pairs([a for a, _ in pairs], [b for _, b in pairs])
    assert [*module._rounds([a for a, _ in pairs], [b for _, b in pairs])] == [(0, 1), (1, 2), (2, 4)]
    assert all(few[kind].f1.tolist() == whole[kind].f1.tolist() for kind in ROUGE_TYPES)


@given(st.lists(st.tuples(odd_texts, st.lists(odd_texts, max_size=3)), max_size=6), st.randoms())
def test_a_result_depends_on_no_other_item_and_not_on_the_order(rows, shuffler):
    items = [Item(text, tuple(references)) for text, references in rows]
    order = list(range(len(items)))
    shuffler.shuffle(order)
    for scorer in make_rouge():
        alone = [scorer.score([item])[0] for item in items]
        assert scorer.score(items) == alone
        assert scorer.score([items[place] for place in order]) == [alone[place] for place in order]


@given(st.lists(few_words.filter(str.strip), min_size=1, max_size=4), few_words.filter(str.strip))
def test_of_several_references_the_best_counts_as_in_rouge_score(references, text):
    oracle = RougeScorer(list(ROUGE_TYPES), use_stemmer=True).score_multi(references, text)
    for scorer in make_rouge("ascii"):
        result = scorer.score([Item(text, tuple(references))])[0]
        if result.value is not None:
            found = (result.detail["precision"], result.detail["recall"], result.value)
            assert found == tuple(oracle[scorer.name])


@pytest.mark.parametrize("script", SCRIPTS)
def test_text_of_every_script_scores(script):
    text, other = SCRIPTS[script]
    for scorer in make_rouge():
        same, near = scorer.score([Item(text, (text,)), Item(text, (other,))])
        assert same.value == 1.0
        assert (0 < near.value < 1) if scorer.name != "rouge2" else (0 <= near.value < 1)


def test_text_that_the_ascii_tokenizer_does_not_know_gets_a_reason_and_no_zero():
    text, other = SCRIPTS["Russian"]
    for scorer in make_rouge("ascii"):
        cyrillic, latin = scorer.score([Item(text, (other,)), Item("a cat", (other,))])
        assert cyrillic.reason == "The text has no word that the ascii tokenizer knows."
        assert latin.reason == "No reference has a word that the ascii tokenizer knows."


def test_pairs_of_words_cannot_be_compared_with_a_single_word():
    results = {scorer.name: scorer.score([Item("Paris", ("Paris",))])[0] for scorer in make_rouge()}
    assert results["rouge1"].value == results["rougeL"].value == 1.0
    assert results["rouge2"].value is None
    assert "single word" in results["rouge2"].reason


def test_nothing_in_common_is_zero():
    for scorer in make_rouge():
        assert scorer.score([Item("red green", ("blue black",))])[0].value == 0.0


def test_eight_threads_with_one_scorer_get_what_one_thread_gets():
    summaries = xsum()
    items = [
        Item(text, (summaries["Gold", article],))
        for (system, article), text in summaries.items()
        if system != "Gold"
    ]
    expected = {scorer.name: scorer.score(items) for scorer in make_rouge()}
    shared, start = make_rouge(), threading.Barrier(8)

    def score(index: int) -> bool:
        start.wait()
        own = items[index * 17 :] + items[: index * 17]
        return all(
            scorer.score(own) == expected[scorer.name][index * 17 :] + expected[scorer.name][: index * 17]
            for scorer in shared
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(score, range(8)))


def test_the_fingerprint_tells_tokenizer_and_stemmer_apart():
    made = [
        make_rouge(tokenizer, stemmer) for tokenizer in ("ascii", "unicode") for stemmer in ("porter", "none")
    ]
    prints = [scorer.info.fingerprint for scorers in made for scorer in scorers]
    assert len(set(prints)) == 16
    assert made[0][0].info.depends["stemmer"] == "porter"


def test_pairs_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="2 references for 1 texts"):
        rouge_pairs(["a", "b"], ["a"])
    with pytest.raises(ValueError, match="rouge9"):
        rouge_pairs(["a"], ["a"], ["rouge9"])
    with pytest.raises(InvalidInput, match="snowball"):
        make_rouge(stemmer="snowball")


def test_no_pairs_give_no_scores():
    assert all(scores.f1.shape == (0,) for scores in rouge_pairs([], []).values())
