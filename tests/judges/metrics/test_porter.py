import re

from hypothesis import example, given
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer

from judges.metrics.porter import porter_stem
from tests.judges.metrics.texts import abstracts, xsum

ENDINGS = re.findall(
    r"\w+",
    "ational tional enci anci izer bli abli alli entli eli ousli ization ation ator alism iveness fulness ousness "
    "aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al ance ence er ic able ible ant ement ment "
    "ent ion sion tion ou ism ate iti ous ive ize s es ies sses ed ied eed ing y e ll at bl iz",
)
words = st.builds(
    lambda start, endings: start + "".join(endings),
    st.text("aeiouybtlszwx7", max_size=5),
    st.lists(st.sampled_from(ENDINGS), max_size=3),
).filter(bool)


@given(words)
@example("yyyyyyying")
@example("innings")
@example("ionally")
def test_every_word_has_the_stem_that_nltk_gives_it(word):
    assert porter_stem(word) == PorterStemmer().stem(word)


def test_all_words_of_real_texts_have_the_stems_that_nltk_gives_them():
    real = " ".join([*xsum().values(), *(abstract for _, abstract in abstracts())])
    found = set(re.findall("[a-z0-9]+", real.lower()))
    assert len(found) > 10_000
    stem = PorterStemmer().stem
    assert [word for word in found if porter_stem(word) != stem(word)] == []
