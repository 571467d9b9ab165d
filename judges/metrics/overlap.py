"""Exact match and F1 of words, for short answers.

Two texts are compared after normalisation, by name:

* `text`, for every script: NFKC and case folding, one space between words, without quotes around the whole text or
  punctuation at its end. Signs inside stay: 3.5 is not 35, and -5 is not 5. F1 splits the text into the words of
  `judges.metrics.words`.
* `squad`: that of the SQuAD evaluation (P. Rajpurkar et al., "SQuAD: 100,000+ questions for machine comprehension of
  text", 2016): lower case, without ASCII punctuation and the articles a, an, the.
* `none`, for exact match alone: every sign counts.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from arena.errors import InvalidInput
from arena.judgments import ScorerInfo
from judges.metrics.base import Item, Result, score_computable, scorer_info
from judges.metrics.words import unicode_words

_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalise_text(text: str) -> str:
    """Return the text as `text` compares it; where nothing would be left, its signs as they are."""
    folded = " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())
    return _around().sub("", folded) or folded


@cache
def _around() -> Any:
    """Compile once: quotes and opening question marks at the start, quotes and punctuation at the end."""
    import regex

    quotes = r"\p{Pi}\p{Pf}\"'`\s"
    return regex.compile(rf"\A[{quotes}¿¡]+|[{quotes}\p{{Terminal_Punctuation}}…]+\Z")


def normalise_squad(text: str) -> str:
    """Return the text as the SQuAD evaluation compares it."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_ASCII_PUNCTUATION)).split())


_NORMALISE: dict[str, Callable[[str], str]] = {"text": normalise_text, "squad": normalise_squad, "none": str}
_WORDS: dict[str, Callable[[str], list[str]]] = {
    "text": unicode_words,
    "squad": lambda text: normalise_squad(text).split(),
}


@dataclass(frozen=True, slots=True)
class ExactMatch:
    """1 where the text equals one of the references after normalisation, else 0."""

    normalise: str = "text"
    name: str = "exact_match"
    needs_reference: bool = True

    @property
    def info(self) -> ScorerInfo:
        """Tell the normalisation."""
        return scorer_info(self.name, {"normalise": self.normalise, "references": "any"})

    def score(self, items: Sequence[Item]) -> list[Result]:
        """Return a result an item."""
        return score_computable(items, self._score, needs_reference=True)

    def _score(self, items: list[Item]) -> list[Result]:
        normalise = _NORMALISE[self.normalise]
        return [
            Result(float(normalise(item.text) in {normalise(reference) for reference in item.references}))
            for item in items
        ]


@dataclass(frozen=True, slots=True)
class WordF1:
    """F1 of the words shared with the reference where it is highest, whatever their order; 0 to 1."""

    normalise: str = "text"
    name: str = "f1"
    needs_reference: bool = True

    @property
    def info(self) -> ScorerInfo:
        """Tell the normalisation."""
        return scorer_info(self.name, {"normalise": self.normalise, "references": "best"})

    def score(self, items: Sequence[Item]) -> list[Result]:
        """Return a result an item; `detail` has precision and recall, and which reference it is, from 0."""
        return score_computable(items, lambda fit: [*map(self._one, fit)], needs_reference=True)

    def _one(self, item: Item) -> Result:
        split = _WORDS[self.normalise]
        words = split(item.text)
        if not words:
            return Result.missing("The text has no words.")
        results = [
            _word_f1(Counter(words), Counter(reference), place)
            for place, reference in enumerate(map(split, item.references))
            if reference
        ]
        if not results:
            return Result.missing("No reference has words.")
        return max(results, key=lambda result: result.value or 0.0)


def _word_f1(text: Counter[str], reference: Counter[str], place: int) -> Result:
    shared = (text & reference).total()
    precision, recall = shared / text.total(), shared / reference.total()
    f1 = 2 * precision * recall / (precision + recall) if shared else 0.0
    return Result(f1, detail={"precision": precision, "recall": recall, "reference": place})


def make_exact_match(normalise: str = "text") -> list[ExactMatch]:
    """Return the one scorer; raise `InvalidInput` for a normalisation there is not."""
    _check("Exact match", normalise, _NORMALISE)
    return [ExactMatch(normalise)]


def make_f1(normalise: str = "text") -> list[WordF1]:
    """Return the one scorer; raise `InvalidInput` for a normalisation there is not."""
    _check("F1 of words", normalise, _WORDS)
    return [WordF1(normalise)]


def _check(metric: str, normalise: str, known: dict[str, Any]) -> None:
    if normalise not in tuple(known):
        raise InvalidInput(f"{metric} has no normalisation {normalise!r}; choose one of {', '.join(known)}.")
