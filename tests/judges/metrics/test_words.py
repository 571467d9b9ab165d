import sys
import threading
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.tokenize import tokenize

from arena.errors import InvalidInput
from judges.metrics import words as module
from judges.metrics.porter import porter_stem
from judges.metrics.words import Words, ascii_words, unicode_words
from tests.judges.metrics.texts import SCRIPTS, odd_texts


@given(odd_texts)
def test_the_ascii_tokenizer_splits_any_text_as_rouge_score_does(text):
    assert ascii_words(text) == tokenize(text, None)


@given(st.text(st.characters(max_codepoint=127)))
def test_both_tokenizers_split_ascii_text_alike(text):
    assert unicode_words(text) == ascii_words(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ёлка, ёлка!", ["ёлка", "ёлка"]),
        ("हिन्दी में लिखो।", ["हिन्दी", "में", "लिखो"]),
        ("今天 3月14日很好", ["今", "天", "3", "月", "14", "日", "很", "好"]),
        ("カタカナとABC", ["カ", "タ", "カ", "ナ", "と", "abc"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("العربيّة، لغةٌ", ["العربيّة", "لغةٌ"]),
        ("고양이가 잔다.", ["고양이가", "잔다"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("don’t", ["don", "t"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("می‌خواهم", ["میخواهم"]),
        ("soft\u00adhyphen zero\u200bwidth", ["softhyphen", "zero", "width"]),
        ("👍 ★ —", []),
    ],
)
def test_words_of_every_script_are_found(text, words):
    assert unicode_words(text) == [unicodedata.normalize("NFKC", word) for word in words]


@given(st.text())
def test_composed_and_decomposed_text_have_the_same_words(text):
    assert unicode_words(unicodedata.normalize("NFC", text)) == unicode_words(
        unicodedata.normalize("NFD", text)
    )


def expected(text: str, tokenizer: str, stemmer: str) -> list[str]:
    """The stems of a text by the plain road: split, then stem each."""
    split = module.TOKENIZERS[tokenizer](text)
    if stemmer == "none":
        return split
    return [porter_stem(word) if len(word) > 3 and word.isascii() else word for word in split]


@pytest.mark.parametrize("stemmer", ["porter", "none"])
@pytest.mark.parametrize("tokenizer", ["ascii", "unicode"])
@given(texts=st.lists(odd_texts, max_size=6))
def test_numbers_of_words_are_equal_exactly_where_their_stems_are(tokenizer, stemmer, texts):
    ids, lengths = Words(tokenizer, stemmer).encode(texts)
    stems = [expected(text, tokenizer, stemmer) for text in texts]
    assert lengths.tolist() == [len(own) for own in stems]
    flat = [stem for own in stems for stem in own]
    assert len(set(ids.tolist())) == len(set(flat)) == len(set(zip(ids.tolist(), flat, strict=True)))


def test_a_lone_half_of_a_sign_separates_words():
    for tokenizer in ("ascii", "unicode"):
        assert Words(tokenizer).encode(["a\ud800b"])[1].tolist() == [2]


def test_a_table_that_has_grown_large_is_begun_anew_and_nothing_changes(monkeypatch):
    monkeypatch.setattr(module, "_MANY_WORDS", 3)
    words = Words()
    for text in ("one two three four five", "six two one two"):
        ids, _ = words.encode([text])
        assert len(set(ids.tolist())) == len(set(text.split()))
    assert ids[1] == ids[3]


def test_threads_that_meet_the_same_new_words_number_them_alike():
    texts = [" ".join(f"word{i % 700}ing{i % 13}" for i in range(start, start + 3000)) for start in range(8)]
    alone = [Words().encode([text])[0] for text in texts]
    shared = Words()
    found: dict[int, np.ndarray] = {}
    start = threading.Barrier(8)

    def encode(index: int) -> None:
        start.wait()
        found[index] = shared.encode([texts[index]])[0]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=encode, args=(index,)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    for index, ids in enumerate(alone):
        pairs = set(zip(ids.tolist(), found[index].tolist(), strict=True))
        assert len(pairs) == len(set(ids.tolist())) == len(set(found[index].tolist()))


@pytest.mark.parametrize("options", [{"tokenizer": "spaces"}, {"stemmer": "snowball"}, {"tokenizer": []}])
def test_an_unknown_tokenizer_or_stemmer_is_refused_with_those_there_are(options):
    with pytest.raises(InvalidInput, match="choose one of"):
        Words(**options)


@pytest.mark.parametrize("script", SCRIPTS)
def test_sentences_of_every_script_share_some_words_but_not_all(script):
    first, second = map(unicode_words, SCRIPTS[script])
    assert 0 < len(set(first) & set(second)) < len(set(first) | set(second))
