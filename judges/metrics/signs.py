"""What each sign of Unicode is to a tokenizer, looked up for whole texts at once.

The data are those of Python's `unicodedata`. A script is told by the first word of a letter's name.
"""

import sys
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np

UNSPACED = frozenset(
    ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "THAI", "LAO", "KHMER", "MYANMAR", "TAI", "NEW", "AHOM")
)
"""Scripts that put no spaces between words, besides Han; `NEW` is New Tai Lue."""
HAN = frozenset(("CJK", "IDEOGRAPHIC"))

_BETWEEN, _LETTER, _MARK, _ALONE, _LAYOUT, _UNKNOWN = range(6)
_ZERO_WIDTH_SPACE = "\u200b"


def script_of(letter: str) -> str:
    """Return the first word of a sign's name, or nothing for a sign without a name."""
    return unicodedata.name(letter, "").split(" ", 1)[0]


def spaced_words(texts: Sequence[str]) -> list[str]:
    """Return each text with spaces between its words, and nothing else but words; see `judges.metrics.words`."""
    if not texts:
        return []
    folded = "\n".join([_folded(text).replace("\n", " ") for text in texts])
    codes = np.frombuffer(folded.encode("utf-32-le", "replace"), np.uint32)
    kinds = _signs().kinds(codes)
    shown = kinds != _LAYOUT
    codes, kinds = codes[shown], kinds[shown]
    bases = np.maximum.accumulate(np.where(kinds == _MARK, 0, np.arange(len(kinds))))
    belongs = kinds[bases]  # a mark belongs to the sign it stands on
    inside = (belongs == _LETTER) | (belongs == _ALONE)
    spaced = np.where(inside | (codes == ord("\n")), codes, np.uint32(ord(" ")))
    after_alone = np.concatenate([[False], belongs[:-1] == _ALONE])
    starts = np.flatnonzero((kinds == _ALONE) | ((kinds == _LETTER) & after_alone))
    whole = np.insert(spaced, starts, ord(" ")).tobytes().decode("utf-32-le")
    return whole.split("\n")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


class _Signs:
    """The kind of each sign that was met, found out once."""

    def __init__(self) -> None:
        self._kinds = np.full(sys.maxunicode + 1, _UNKNOWN, np.uint8)

    def kinds(self, codes: np.ndarray) -> np.ndarray:
        kinds = self._kinds[codes]
        if (kinds == _UNKNOWN).any():
            for code in np.unique(codes[kinds == _UNKNOWN]).tolist():
                self._kinds[code] = _kind(chr(code))
            kinds = self._kinds[codes]
        return kinds


@cache
def _signs() -> _Signs:
    return _Signs()


def _kind(sign: str) -> int:
    category = unicodedata.category(sign)
    if category[0] in "LN":
        alone = category != "Nd" and category != "No" and script_of(sign) in UNSPACED | HAN
        return _ALONE if alone else _LETTER
    if category[0] == "M":
        return _MARK
    return _LAYOUT if category == "Cf" and sign != _ZERO_WIDTH_SPACE else _BETWEEN
