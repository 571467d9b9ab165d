"""ROUGE-1, ROUGE-2, ROUGE-L and ROUGE-Lsum with the numbers of rouge_score, many pairs at a time.

C.-Y. Lin, "ROUGE: a package for automatic evaluation of summaries" (2004). What rouge_score does for each pair in
Python is done here for thousands of pairs in arrays: words become numbers, n-grams are counted by sorting, and
subsequences are found in C++. A word is stemmed once, not each time it occurs.

Compiled packages with the same numbers exist. The one that was tried (rouge-score-rs 0.2.1) was a few weeks old, by one
author, with all its releases on one day: it is measured beside this module, and nothing here depends on it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from arena.judgments import ScorerInfo
from judges.metrics.base import Item, Result, score_computable, scorer_info
from judges.metrics.lcs import Rows, lcs_lengths, union_hits
from judges.metrics.words import Ids, Words

ROUGE_TYPES = ("rouge1", "rouge2", "rougeL", "rougeLsum")

_PAIRS = 2048
_SIGNS = 4_000_000
"""Most pairs and signs in one round: bounds the memory, and keeps the number of a pair and two words below 2^63."""

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class PairScores:
    """Precision, recall and F1 of each pair, from 0 to 1; 0 where a side has nothing to compare."""

    precision: Floats
    recall: Floats
    f1: Floats


def rouge_pairs(
    references: Sequence[str],
    texts: Sequence[str],
    types: Sequence[str] = ROUGE_TYPES,
    words: Words | None = None,
) -> dict[str, PairScores]:
    """Return each type's scores of `texts[i]` against `references[i]`, for all i.

    With `Words("ascii")` the numbers are those of rouge_score with its stemmer, bit for bit; with
    `Words("ascii", "none")` those without. Sentences for rougeLsum are lines, as there. Without `words`, every script
    counts and English words are stemmed.

    Raises `ValueError` for lengths that differ or an unknown type.
    """
    if len(references) != len(texts):
        raise ValueError(f"{len(references)} references for {len(texts)} texts")
    if unknown := set(types) - set(ROUGE_TYPES):
        raise ValueError(f"unknown types of ROUGE: {', '.join(sorted(unknown))}")
    words = words or Words()
    chunks = [
        _score_chunk(references[start:end], texts[start:end], types, words)
        for start, end in _rounds(references, texts)
    ]
    empty = np.zeros(0)
    return {
        kind: PairScores(
            *(
                np.concatenate([empty, *(getattr(chunk[kind], part) for chunk in chunks)])
                for part in ("precision", "recall", "f1")
            )
        )
        for kind in types
    }


def _rounds(references: Sequence[str], texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the bounds of the rounds; a pair that is too long stands alone."""
    start = signs = 0
    for place, (reference, text) in enumerate(zip(references, texts, strict=True)):
        signs += len(reference) + len(text)
        if place > start and (place - start == _PAIRS or signs > _SIGNS):
            yield start, place
            start, signs = place, len(reference) + len(text)
    if start < len(texts):
        yield start, len(texts)


def _score_chunk(
    references: Sequence[str], texts: Sequence[str], types: Sequence[str], words: Words
) -> dict[str, PairScores]:
    count = len(texts)
    ids, lengths = words.encode([*references, *texts])
    split = int(lengths[:count].sum())
    reference = Rows(ids[:split], lengths[:count])
    text = Rows(ids[split:], lengths[count:])
    scores: dict[str, PairScores] = {}
    for n in (1, 2):
        if f"rouge{n}" in types:
            hits = _shared_ngrams(reference, text, n)
            scores[f"rouge{n}"] = _scores(hits, reference.lengths - (n - 1), text.lengths - (n - 1))
    if "rougeL" in types or "rougeLsum" in types:
        lengths_l = lcs_lengths(reference, text)
        scores["rougeL"] = _scores(lengths_l, reference.lengths, text.lengths)
    if "rougeLsum" in types:
        hits = lengths_l.copy()  # of one line each, which is what most pairs have
        many = [i for i in range(count) if "\n" in references[i] or "\n" in texts[i]]
        hits[many] = _union_hits([references[i] for i in many], [texts[i] for i in many], words)
        scores["rougeLsum"] = _scores(hits, reference.lengths, text.lengths)
    return scores


def _shared_ngrams(reference: Rows, text: Rows, n: int) -> Ids:
    """Return for each pair how many n-grams both sides have, each as often as the side with fewer has it."""
    width = 1 + max(reference.highest, text.highest)
    keys = np.concatenate([_ngram_keys(reference, n, width) * 2, _ngram_keys(text, n, width) * 2 + 1])
    keys.sort()  # equal n-grams stand together, first those of the reference, then those of the text
    bounds = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    starts = np.concatenate([[0], bounds]) if len(keys) else bounds
    counts, heads = np.diff(starts, append=len(keys)), keys[starts]
    shared = np.flatnonzero(heads[:-1] ^ 1 == heads[1:])
    hits = np.minimum(counts[shared], counts[shared + 1])
    pairs = heads[shared] // (2 * width**n)
    return np.bincount(pairs, weights=hits, minlength=len(text.lengths)).astype(np.int64)


def _ngram_keys(side: Rows, n: int, width: int) -> Ids:
    """Return one number for each n-gram of each pair, equal for equal n-grams of the same pair."""
    owner = np.repeat(np.arange(len(side.lengths)), side.lengths)
    if n == 1:
        return owner * width + side.ids
    inside = owner[:-1] == owner[1:]
    return ((owner[:-1] * width + side.ids[:-1]) * width + side.ids[1:])[inside]


def _union_hits(references: Sequence[str], texts: Sequence[str], words: Words) -> Ids:
    """Return the hits of summary-level ROUGE-L of each pair, with lines as sentences."""
    lines = [text.split("\n") for text in (*references, *texts)]
    rows = [*Rows(*words.encode([line for own in lines for line in own]))]
    ends = np.cumsum([0, *map(len, lines)]).tolist()
    sentences = [[row for row in rows[start:end] if row] for start, end in pairwise(ends)]
    count = len(texts)
    hits = [union_hits(sentences[i], sentences[count + i]) for i in range(count)]
    return np.asarray(hits, np.int64)


def _scores(hits: Ids, in_reference: Ids, in_text: Ids) -> PairScores:
    precision = hits / np.maximum(in_text, 1)
    recall = hits / np.maximum(in_reference, 1)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros(len(hits)), where=total > 0)
    return PairScores(precision, recall, f1)


@dataclass(frozen=True, slots=True)
class Rouge:
    """One type of ROUGE as a scorer: F1 against the reference where it is highest."""

    name: str
    words: Words
    needs_reference: bool = True

    @property
    def info(self) -> ScorerInfo:
        """Tell tokenizer, stemmer and what is done with several references."""
        depends = {
            "tokenizer": self.words.tokenizer,
            "stemmer": self.words.stemmer,
            "value": "f1",
            "references": "best",
        }
        return scorer_info(self.name, depends | ({"sentences": "lines"} if self.name == "rougeLsum" else {}))

    def score(self, items: Sequence[Item]) -> list[Result]:
        """Return a result an item; `detail` has precision and recall, and which reference it is.

        References are counted from 0, without blank ones.
        """
        return score_computable(items, self._score, needs_reference=True)

    def _score(self, items: list[Item]) -> list[Result]:
        ends = np.cumsum([0, *(len(item.references) for item in items)]).tolist()
        references = [reference for item in items for reference in item.references]
        texts = [item.text for item in items for _ in item.references]
        scores = rouge_pairs(references, texts, [self.name], self.words)[self.name]
        return [
            self._best(item, scores, start, end)
            for item, (start, end) in zip(items, pairwise(ends), strict=True)
        ]

    def _best(self, item: Item, scores: PairScores, start: int, end: int) -> Result:
        best = start + int(np.argmax(scores.f1[start:end]))
        if scores.f1[best] == 0 and (reason := self._why_nothing(item)):
            return Result.missing(reason)
        detail: Mapping[str, float | int] = {
            "precision": float(scores.precision[best]),
            "recall": float(scores.recall[best]),
            "reference": best - start,
        }
        return Result(float(scores.f1[best]), detail=detail)

    def _why_nothing(self, item: Item) -> str | None:
        """Tell why a zero would say nothing, or `None` where it says that nothing is shared."""
        tokenizer = self.words.tokenizer
        needed = 2 if self.name == "rouge2" else 1
        longest = max(len(self.words.split(reference)) for reference in item.references)
        if not self.words.split(item.text):
            return f"The text has no word that the {tokenizer} tokenizer knows."
        if longest == 0:
            return f"No reference has a word that the {tokenizer} tokenizer knows."
        if longest < needed:
            return "Every reference is a single word: there are no word pairs to compare."
        return None


def make_rouge(tokenizer: str = "unicode", stemmer: str = "porter") -> list[Rouge]:
    """Return the four scorers; raise `InvalidInput` for a tokenizer or stemmer there is not."""
    words = Words(tokenizer, stemmer)
    return [Rouge(name, words) for name in ROUGE_TYPES]
