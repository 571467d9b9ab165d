"""What a word is: the tokenizers and stemmers that metrics on words share.

Two tokenizers, by name:

* `unicode`: letters, marks and digits that stand together, after NFKC and case folding. The scripts that put no spaces
  between words (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar) give one word a letter with its marks. Signs that
  only steer the layout (soft hyphens, joiners, marks of direction) are dropped. On ASCII text it equals `ascii`.
* `ascii`: that of rouge_score, letters a to z and digits of the lower-cased text. Everything else separates words, so
  that a text in another script has none.

The stemmer `porter` applies to words of more than three signs, all of them ASCII, as in rouge_score.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Final

import numpy as np

from arena.errors import InvalidInput
from judges.metrics.porter import porter_stem

Ids = np.ndarray[tuple[int], np.dtype[np.int64]]

STEMMERS: Final = ("porter", "none")
_KEPT = b"abcdefghijklmnopqrstuvwxyz0123456789"
_TO_SPACE: Final = bytes(code if code in _KEPT else 32 for code in range(256))
_UNSPACED = "Han Hira Kana Thai Lao Khmer Mymr"
_MANY_WORDS = 300_000


def ascii_words(text: str) -> list[str]:
    """Return the runs of a to z and 0 to 9 of the lower-cased text."""
    return text.lower().encode("utf-8", "replace").translate(_TO_SPACE).decode("ascii").split()


def unicode_words(text: str) -> list[str]:
    """Return the words of a text in any script; see the module's own description."""
    if text.isascii():
        return ascii_words(text)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    find_words, drop_layout = _patterns()
    return find_words(drop_layout("", folded))


@cache
def _patterns() -> tuple[Callable[[str], list[str]], Callable[[str, str], str]]:
    """Compile once: all words of a text, and a text without signs of layout (all but the zero-width space)."""
    import regex

    scripts = "".join(rf"\p{{scx={script}}}" for script in _UNSPACED.split())
    unspaced = rf"[[{scripts}]&&[\p{{L}}\p{{Nl}}]]"
    run = rf"[[\p{{L}}\p{{M}}\p{{N}}]--{unspaced}]"
    words = regex.compile(rf"{unspaced}\p{{M}}*+|(?!\p{{M}}){run}++", regex.V1)
    layout = regex.compile(r"[\p{Cf}--\u200B]+", regex.V1)
    return words.findall, layout.sub


TOKENIZERS: Final = {"unicode": unicode_words, "ascii": ascii_words}


class Words:
    """Splits texts into stems, and remembers the stem of each word it has met. Safe to share between threads."""

    def __init__(self, tokenizer: str = "unicode", stemmer: str = "porter") -> None:
        """Raise `InvalidInput` for a tokenizer or stemmer that is not one of `TOKENIZERS` and `STEMMERS`."""
        if tokenizer not in TOKENIZERS:
            raise InvalidInput(f"There is no tokenizer {tokenizer!r}; choose one of {', '.join(TOKENIZERS)}.")
        if stemmer not in STEMMERS:
            raise InvalidInput(f"There is no stemmer {stemmer!r}; choose one of {', '.join(STEMMERS)}.")
        self.tokenizer = tokenizer
        self.stemmer = stemmer
        self._split = TOKENIZERS[tokenizer]
        self._stems: dict[str, str] = {}

    def split(self, text: str) -> list[str]:
        """Return the stems of a text, in order."""
        words = self._split(text)
        return words if self.stemmer == "none" else [*map(self._known(words).__getitem__, words)]

    def encode(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """Return the stems of all texts in one row as numbers from zero, and how many each text has.

        Equal stems have equal numbers within one call.
        """
        split = [*map(self._split, texts)]
        words = [*chain.from_iterable(split)]
        distinct = set(words)
        if self.stemmer == "none":
            codes = {word: code for code, word in enumerate(distinct)}
        else:
            stems, numbers = self._known(distinct), dict[str, int]()
            codes = {word: numbers.setdefault(stems[word], len(numbers)) for word in distinct}
        ids = np.fromiter(map(codes.__getitem__, words), np.int64, len(words))
        return ids, np.fromiter(map(len, split), np.int64, len(split))

    def _known(self, words: Iterable[str]) -> dict[str, str]:
        """Return a table that has the stem of each of the words.

        The table only grows; when it is large a new one takes its place, so that a thread keeps the one it was given.
        """
        stems = self._stems
        if len(stems) > _MANY_WORDS:
            stems = self._stems = {}
        for word in words:
            if word not in stems:
                stems[word] = porter_stem(word) if len(word) > 3 and word.isascii() else word
        return stems
