from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from arena.errors import InvalidInput
from judges.metrics.base import Item
from judges.metrics.overlap import (
    ExactMatch,
    WordF1,
    make_exact_match,
    make_f1,
    normalise_text,
)
from tests.judges.metrics.texts import SCRIPTS


def match(text: str, reference: str, normalise: str = "text") -> float:
    return ExactMatch(normalise).score([Item(text, (reference,))])[0].value


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("Paris.", "paris"),
        ("“Paris”!", "Paris"),
        ("  New   York\n", "new york"),
        ("¿Dónde?", "dónde"),
        ("好的。", "好的"),
        ("ＡＢＣ", "abc"),
        ("Straße", "STRASSE"),
        ("...", "..."),
        ("हाँ।", "हाँ"),
    ],
)
def test_case_spaces_quotes_and_the_end_of_a_sentence_do_not_count(text, reference):
    assert match(text, reference) == 1.0


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("3.5", "35"),
        ("-5", "5"),
        (".5", "5"),
        ("50%", "50"),
        ("C++", "C"),
        ("x<y", "x>y"),
        ("a cat", "cat"),
        ("...", "!"),
    ],
)
def test_signs_that_carry_meaning_count(text, reference):
    assert match(text, reference) == 0.0


@pytest.mark.parametrize(
    ("text", "reference"), [("The Cat!", "a cat"), ("an  apple, pie", "apple pie"), ("U.S.", "us")]
)
def test_squad_drops_articles_and_punctuation(text, reference):
    assert match(text, reference, "squad") == 1.0
    assert match(text, reference, "none") == 0.0


def test_without_normalisation_every_sign_counts():
    assert match("Paris", "Paris", "none") == 1.0
    assert match("Paris ", "Paris", "none") == 0.0


@given(st.text("aBß5 \n\"'“”.,!?¿¡…。-%"))
def test_what_is_normalised_stays_when_normalised_again(text):
    assert normalise_text(normalise_text(text)) == normalise_text(text)


def test_any_reference_may_match():
    assert ExactMatch().score([Item("two", ("one", "two"))])[0].value == 1.0


sentences = st.lists(st.sampled_from(["a", "b", "cat", "dog", "the"]), min_size=1, max_size=8).map(" ".join)


@given(sentences, sentences)
def test_f1_of_english_words_equals_rouge_1_without_stems(text, reference):
    oracle = RougeScorer(["rouge1"]).score(reference, text)["rouge1"]
    result = WordF1().score([Item(text, (reference,))])[0]
    assert result.value == pytest.approx(oracle.fmeasure)
    assert (result.detail["precision"], result.detail["recall"]) == (oracle.precision, oracle.recall)


@given(sentences, sentences)
def test_f1_as_squad_counts_it(text, reference):
    """The definition of the SQuAD evaluation, spelt out."""
    words, wanted = ([w for w in side.split() if w not in ("a", "an", "the")] for side in (text, reference))
    result = WordF1("squad").score([Item(text, (reference,))])[0]
    if not words or not wanted:
        assert result.value is None and "words" in result.reason
        return
    same = sum((Counter(words) & Counter(wanted)).values())
    assert result.value == pytest.approx(2 * same / (len(words) + len(wanted)))


def test_the_reference_with_the_highest_f1_counts():
    result = WordF1().score([Item("a b c", ("x", "a b c d", "a"))])[0]
    assert result.value == pytest.approx(6 / 7)
    assert result.detail["reference"] == 1


@pytest.mark.parametrize("script", SCRIPTS)
def test_text_of_every_script_scores(script):
    text, other = SCRIPTS[script]
    same, near = WordF1().score([Item(text, (text,)), Item(text, (other,))])
    assert same.value == 1.0
    assert 0 < near.value < 1
    assert match(text, text) == 1.0
    assert match(text, other) == 0.0


def test_a_text_without_words_gets_a_reason():
    no_text, no_reference = WordF1().score([Item("👍", ("yes",)), Item("yes", ("👍",))])
    assert no_text.reason == "The text has no words."
    assert no_reference.reason == "No reference has words."


def test_unknown_normalisations_are_refused():
    with pytest.raises(InvalidInput, match="choose one of text, squad, none"):
        make_exact_match("loose")
    with pytest.raises(InvalidInput, match="choose one of text, squad"):
        make_f1("none")
    with pytest.raises(InvalidInput, match="no normalisation"):
        make_f1(["text"])
