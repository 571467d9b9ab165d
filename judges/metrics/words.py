"""What a word is: the tokenizers and stemmers that metrics on words share.

Two tokenizers, by name:

* `unicode`: letters, marks and digits that stand together, after NFKC and case folding. The scripts that put no spaces
  between words (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar, Tai) give one word a letter with its marks. Signs
  that only steer the layout (soft hyphens, joiners, marks of direction) are dropped. On ASCII text it equals `ascii`.
* `ascii`: that of rouge_score, letters a to z and digits of the lower-cased text. Everything else separates words, so
  that a text in another script has none.

The stemmer `porter` applies to words of more than three signs, all of them ASCII, as in rouge_score.
"""

from collections.abc import Sequence
from itertools import count
from typing import Final

import numpy as np

from arena.errors import InvalidInput
from judges.metrics.porter import porter_stem
from judges.metrics.signs import spaced_words

Ids = np.ndarray[tuple[int], np.dtype[np.int64]]

STEMMERS: Final = ("porter", "none")
_KEPT = b"abcdefghijklmnopqrstuvwxyz0123456789"
_TO_SPACE: Final = bytes(code if code in _KEPT else 32 for code in range(256))
_ASCII_LOWER: Final = bytes(code if code in _KEPT else 0 for code in bytes(range(256)).lower())
_UNICODE_LOWER: Final = _ASCII_LOWER[:128] + bytes(range(128, 255)) + b"\0"
"""UTF-8 in lower case, with zeros between words; all that is not ASCII belongs to a word, apart from `_END`."""
_END: Final = b"\xff"
"""Stands between texts: a byte that UTF-8 has not."""
_MANY_WORDS = 300_000


def ascii_words(text: str) -> list[str]:
    """Return the runs of a to z and 0 to 9 of the lower-cased text."""
    return text.lower().encode("utf-8", "replace").translate(_TO_SPACE).decode("ascii").split()


def unicode_words(text: str) -> list[str]:
    """Return the words of a text in any script; see the module's own description."""
    return ascii_words(text) if text.isascii() else spaced_words([text])[0].split()


TOKENIZERS: Final = {"unicode": unicode_words, "ascii": ascii_words}


class Words:
    """Splits texts into stems, and remembers the stem of each word it has met. Safe to share between threads."""

    def __init__(self, tokenizer: str = "unicode", stemmer: str = "porter") -> None:
        """Raise `InvalidInput` for a tokenizer or stemmer that is not one of `TOKENIZERS` and `STEMMERS`."""
        if tokenizer not in tuple(TOKENIZERS):
            raise InvalidInput(f"There is no tokenizer {tokenizer!r}; choose one of {', '.join(TOKENIZERS)}.")
        if stemmer not in STEMMERS:
            raise InvalidInput(f"There is no stemmer {stemmer!r}; choose one of {', '.join(STEMMERS)}.")
        self.tokenizer = tokenizer
        self.stemmer = stemmer
        self.split = TOKENIZERS[tokenizer]
        self._lower = _ASCII_LOWER if tokenizer == "ascii" else _UNICODE_LOWER
        self._numbers = _Numbers(stemmer)

    def encode(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """Return the stems of all texts in one row as numbers from zero, and how many words each text has.

        Equal stems have equal numbers, and different stems different ones, within one call. Words become numbers
        without becoming Python objects first, all but one of each.
        """
        import pyarrow as pa

        signs = _END.join([b"", *self._bytes_of(texts), b""])
        lower = signs.translate(self._lower)
        inside = np.frombuffer(lower, np.uint8) != 0
        edges = np.flatnonzero(inside[1:] != inside[:-1])
        starts, ends = edges[::2], edges[1::2]
        offsets = np.concatenate([[0], np.cumsum(ends - starts)])
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(lower.translate(None, b"\0"))]
        words = pa.Array.from_buffers(pa.large_binary(), len(starts), buffers).dictionary_encode()
        distinct = words.dictionary.to_pylist()
        numbers = np.fromiter(map(self._table().__getitem__, distinct), np.int64, len(distinct))
        bounds = np.flatnonzero(np.frombuffer(signs, np.uint8) == _END[0])
        lengths = np.diff(np.searchsorted(starts, bounds))
        return numbers[words.indices.to_numpy()], lengths

    def _bytes_of(self, texts: Sequence[str]) -> list[bytes]:
        """Return UTF-8 in which the runs of bytes of a word are its words, apart from the case of ASCII letters."""
        if self.tokenizer == "ascii":
            return [(text if text.isascii() else text.lower()).encode("utf-8", "replace") for text in texts]
        others = iter(spaced_words([text for text in texts if not text.isascii()]))
        return [(text if text.isascii() else next(others)).encode() for text in texts]

    def _table(self) -> "_Numbers":
        """Return the table of this call: another thread may begin a new one meanwhile."""
        table = self._numbers
        if len(table) > _MANY_WORDS:
            table = self._numbers = _Numbers(self.stemmer)
        return table


class _Numbers(dict[bytes, int]):
    """From word to the number of its stem; made up when a word is met, by one thread for all."""

    def __init__(self, stemmer: str) -> None:
        super().__init__()
        self._stem = porter_stem if stemmer == "porter" else None
        self._stems: dict[str, int] = {}
        self._free = count()

    def __missing__(self, key: bytes) -> int:
        word = key.decode()
        stem = self._stem(word) if self._stem and len(word) > 3 and word.isascii() else word
        number = self._stems.get(stem)
        if number is None:  # of two threads that come here, one sets the number and both take it
            number = self._stems.setdefault(stem, next(self._free))
        self[key] = number
        return number
