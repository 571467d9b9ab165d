"""Longest common subsequences of sequences of numbers, as ROUGE-L and ROUGE-Lsum count them."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from judges.metrics.words import Ids


@dataclass(frozen=True, slots=True)
class Rows:
    """Sequences of numbers, all in one array, and how long each is."""

    ids: Ids
    lengths: Ids

    def __iter__(self) -> Iterator[list[int]]:
        """Yield each sequence."""
        flat = self.ids.tolist()
        return (flat[start:end] for start, end in pairwise(self._ends()))

    def signs(self) -> Iterator[str]:
        """Yield each sequence as a text, a sign a number: the quickest form for a comparison in C++."""
        flat = self.ids.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        return (flat[start:end] for start, end in pairwise(self._ends()))

    @property
    def highest(self) -> int:
        """Return the highest number, or zero."""
        return int(self.ids.max(initial=0))

    def _ends(self) -> list[int]:
        return [0, *np.cumsum(self.lengths).tolist()]


def lcs_lengths(left: Rows, right: Rows) -> Ids:
    """Return the length of the longest common subsequence of each pair of rows."""
    from rapidfuzz.distance import LCSseq
    from rapidfuzz.process import cpdist

    if not len(left.lengths):
        return np.zeros(0, np.int64)
    signs = max(left.highest, right.highest) <= sys.maxunicode
    sides = [[*side.signs()] if signs else [*side] for side in (left, right)]
    return cpdist(*sides, scorer=LCSseq.similarity, dtype=np.int64)


def union_hits(reference: Sequence[list[int]], text: Sequence[list[int]]) -> int:
    """Return the hits of summary-level ROUGE-L of a text, both given as sentences of word numbers.

    C.-Y. Lin, "ROUGE: a package for automatic evaluation of summaries" (2004), section 3.2: for each sentence of the
    reference, the union over the text's sentences of its words on a longest common subsequence; a word of the text
    counts once, as in ROUGE 1.5.5.
    """
    found: Counter[int] = Counter()
    for sentence in reference:
        places = _places(sentence)
        union = 0
        for other in text:
            union |= _common(sentence, places, other)
        found.update(word for place, word in enumerate(sentence) if union >> place & 1)
    available = Counter(word for sentence in text for word in sentence)
    return sum(min(count, available[word]) for word, count in found.items())


def _places(sentence: list[int]) -> dict[int, int]:
    """Return for each word the bits of the places where it stands."""
    places: dict[int, int] = {}
    for place, word in enumerate(sentence):
        places[word] = places.get(word, 0) | 1 << place
    return places


def _common(reference: list[int], places: dict[int, int], text: list[int]) -> int:
    """Return the places in `reference` of one longest common subsequence with `text`, as bits.

    Of several equally long ones it is the one that rouge_score reads from its table: from the end, a common word is
    taken, and otherwise the step that loses nothing goes back in the reference first. The table is kept as one number
    for each word of `text`, whose zero bits say where the length grows along the reference (H. Hyyrö, "Bit-parallel
    LCS-length computation revisited", 2004). Where the words at (i, j) differ, it grows there exactly if going back
    in the reference would lose one and going back in the text would not.
    """
    full = (1 << len(reference)) - 1
    row, rows = full, []
    for word in text:
        matches = row & places.get(word, 0)
        row = ((row + matches) | (row - matches)) & full
        rows.append(row)
    if row == full:
        return 0
    i, j, taken = len(reference) - 1, len(text) - 1, 0
    while i >= 0 and j >= 0:
        if reference[i] == text[j]:
            taken |= 1 << i
            i, j = i - 1, j - 1
        elif rows[j] >> i & 1:
            i -= 1
        else:
            j -= 1
    return taken
