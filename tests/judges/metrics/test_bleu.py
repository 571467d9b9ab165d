import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from arena.errors import InvalidInput
from judges.metrics.base import Item
from judges.metrics.bleu import Bleu, Chrf, bleu_tokenizer, make_bleu, make_chrf
from tests.judges.metrics.texts import SCRIPTS, data, odd_texts

filled = odd_texts.filter(str.strip)


def example(name: str) -> list[str]:
    return data("metrics", "bert_score_example", name).read_text(encoding="utf-8").splitlines()


def items() -> list[Item]:
    """Ten real sentences, each with two references."""
    rows = zip(example("hyps.txt"), example("refs.txt"), example("refs2.txt"), strict=True)
    return [Item(text, (first, second)) for text, first, second in rows]


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("tokenizer", ["13a", "intl", "char", "zh", "none"])
def test_bleu_has_the_numbers_of_sacrebleu(tokenizer, lowercase):
    ours, many = Bleu(tokenizer, lowercase), items()
    for item, result in zip(many, ours.score(many), strict=True):
        oracle = BLEU(tokenize=tokenizer, lowercase=lowercase, effective_order=True)
        assert result.value == oracle.sentence_score(item.text, item.references).score
    columns = [[item.references[place] for item in many] for place in (0, 1)]
    corpus = BLEU(tokenize=tokenizer, lowercase=lowercase).corpus_score([item.text for item in many], columns)
    assert ours.corpus(many) == pytest.approx(corpus.score, rel=1e-12)


@pytest.mark.parametrize("word_order", [0, 2])
def test_chrf_has_the_numbers_of_sacrebleu(word_order):
    ours, many = Chrf(word_order), items()
    for item, result in zip(many, ours.score(many), strict=True):
        assert result.value == CHRF(word_order=word_order).sentence_score(item.text, item.references).score
    columns = [[item.references[place] for item in many] for place in (0, 1)]
    corpus = CHRF(word_order=word_order).corpus_score([item.text for item in many], columns)
    assert ours.corpus(many) == corpus.score


def test_the_corpus_may_have_items_with_fewer_references_than_others():
    many = [Item("a b c d e", ("a b c d e", "x")), Item("f g h i j", ("f g h i k",))]
    expected = CHRF().corpus_score([item.text for item in many], [["a b c d e", "f g h i k"], ["x", None]])
    assert Chrf().corpus(many) == expected.score
    assert 0 < Bleu().corpus(many) < 100


@pytest.mark.parametrize(
    ("script", "tokenizer"),
    [
        ("Russian", "intl"),
        ("Greek", "intl"),
        ("Arabic", "intl"),
        ("Hindi", "intl"),
        ("Korean", "intl"),
        ("Chinese", "zh"),
        ("Japanese", "char"),
        ("Thai", "char"),
    ],
)
def test_the_script_of_the_references_chooses_how_words_are_told_apart(script, tokenizer):
    text, other = SCRIPTS[script]
    assert bleu_tokenizer([text]) == tokenizer
    result = Bleu().score([Item(other, (text,))])[0]
    assert result.detail["tokenizer"] == tokenizer
    assert 0 < result.value < 100
    assert Bleu().score([Item(text, (text,))])[0].value == pytest.approx(100)


@pytest.mark.parametrize("references", [["Ein schöner Tag"], ["123"], ["Paris (Париж)"], []])
def test_latin_text_and_text_without_letters_are_split_as_published(references):
    assert bleu_tokenizer(references) == "13a"


def test_the_answer_does_not_choose_how_it_is_split():
    assert Bleu().score([Item("今天天气很好", ("Nice weather today",))])[0].detail["tokenizer"] == "13a"


@given(st.lists(st.tuples(filled, st.lists(filled, min_size=1, max_size=2)), max_size=4))
def test_a_result_depends_on_no_other_item(rows):
    many = [Item(text, tuple(references)) for text, references in rows]
    for scorer in (Bleu(), Chrf()):
        assert scorer.score(many) == [scorer.score([item])[0] for item in many]


def test_eight_threads_with_one_scorer_get_what_one_thread_gets():
    many = items() * 20
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for scorer in (Bleu(), Chrf()):
            expected = scorer.score(many)
            with ThreadPoolExecutor(8) as pool:
                assert all(result == expected for result in pool.map(scorer.score, [many] * 8))
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (make_bleu, {"tokenizer": "spm"}),
        (make_bleu, {"lowercase": "yes"}),
        (make_chrf, {"word_order": -1}),
        (make_chrf, {"word_order": True}),
        (make_chrf, {"word_order": "2"}),
    ],
)
def test_options_that_cannot_be_are_refused(make, options):
    with pytest.raises(InvalidInput):
        make(**options)


def test_the_fingerprint_tells_the_settings_apart():
    made = [Bleu(), Bleu("13a"), Bleu(lowercase=True), Chrf(), Chrf(2), Chrf(lowercase=True)]
    assert len({scorer.info.fingerprint for scorer in made}) == len(made)
