"""BLEU and chrF of sacrebleu, for each answer and for all of them together.

A single answer gets sentence BLEU with exponential smoothing and the effective order (runs longer than the answer are
left out), or sentence chrF. BLEU counts words, so it needs to know where they end: the tokenizer `auto` looks at the
script of the references, never at the answer, so that all answers to a prompt are split alike.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from arena.errors import InvalidInput
from arena.judgments import ScorerInfo
from judges.metrics.base import Item, Result, score_computable, scorer_info
from judges.metrics.signs import HAN, UNSPACED, script_of

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEUScore

BLEU_TOKENIZERS = ("auto", "13a", "intl", "char", "zh", "none")


def bleu_tokenizer(references: Sequence[str]) -> str:
    """Return sacrebleu's tokenizer for texts in the script that most letters of the references are in.

    `zh` for Han alone, `char` for other scripts without spaces (and for Han mixed with kana), `13a` for Latin, and
    `intl`, which knows the punctuation of every script, for the rest.
    """
    scripts: Counter[str] = Counter()
    for reference in references:
        scripts.update("LATIN" if sign.isascii() else script_of(sign) for sign in reference if sign.isalpha())
    by_letter = sum(scripts[script] for script in UNSPACED)
    unspaced = by_letter + sum(scripts[script] for script in HAN)
    if unspaced * 2 > scripts.total():
        return "char" if by_letter else "zh"
    return "13a" if scripts["LATIN"] * 2 >= scripts.total() else "intl"


@cache
def _sacrebleu() -> str:
    """Return the library's version, read once: what it is stored in takes milliseconds to read."""
    return version("sacrebleu")


@dataclass(frozen=True, slots=True)
class Bleu:
    """Sentence BLEU, 0 to 100, against all references at once."""

    tokenizer: str = "auto"
    lowercase: bool = False
    name: str = "bleu"
    needs_reference: bool = True

    @property
    def info(self) -> ScorerInfo:
        """Tell what sacrebleu's signature tells, and its version."""
        depends = {
            "tokenizer": self.tokenizer,
            "lowercase": self.lowercase,
            "smoothing": "exp",
            "effective_order": True,
            "references": "all",
            "sacrebleu": _sacrebleu(),
        }
        return scorer_info(self.name, depends)

    def score(self, items: Sequence[Item]) -> list[Result]:
        """Return a result an item; `detail` has the four precisions, the brevity penalty and the tokenizer."""
        return score_computable(items, self._score, needs_reference=True)

    def _score(self, items: list[Item]) -> list[Result]:
        return [
            Result(
                score.score,
                detail={"precisions": score.precisions, "brevity_penalty": score.bp, "tokenizer": tokenizer},
            )
            for score, tokenizer in self._sentences(items)
        ]

    def corpus(self, items: Sequence[Item]) -> float:
        """Return BLEU of all items together, as it is published: counts summed first, every order used.

        Each item is split by its own tokenizer. Items must have a text and references.
        """
        from sacrebleu.metrics.bleu import BLEU

        scores = [score for score, _ in self._sentences(items)]
        together = BLEU.compute_bleu(
            [sum(order) for order in zip(*(score.counts for score in scores), strict=True)],
            [sum(order) for order in zip(*(score.totals for score in scores), strict=True)],
            sum(score.sys_len for score in scores),
            sum(score.ref_len for score in scores),
            smooth_method="exp",
        )
        return float(together.score)

    def _sentences(self, items: Sequence[Item]) -> "list[tuple[BLEUScore, str]]":
        """Score each item with objects of this call: those of sacrebleu keep the last references in themselves."""
        from sacrebleu.metrics.bleu import BLEU

        metrics: dict[str, BLEU] = {}
        scores = []
        for item in items:
            tokenizer = bleu_tokenizer(item.references) if self.tokenizer == "auto" else self.tokenizer
            if tokenizer not in metrics:
                metrics[tokenizer] = BLEU(
                    tokenize=tokenizer, lowercase=self.lowercase, effective_order=True, force=True
                )
            scores.append((metrics[tokenizer].sentence_score(item.text, item.references), tokenizer))
        return scores


@dataclass(frozen=True, slots=True)
class Chrf:
    """Sentence chrF, or chrF++ with `word_order` 2; 0 to 100, against the reference where it is highest."""

    word_order: int = 0
    lowercase: bool = False
    name: str = "chrf"
    needs_reference: bool = True

    @property
    def info(self) -> ScorerInfo:
        """Tell what sacrebleu's signature tells, and its version."""
        depends = {
            "char_order": 6,
            "word_order": self.word_order,
            "beta": 2,
            "lowercase": self.lowercase,
            "references": "best",
            "sacrebleu": _sacrebleu(),
        }
        return scorer_info(self.name, depends)

    def score(self, items: Sequence[Item]) -> list[Result]:
        """Return a result an item."""
        return score_computable(items, self._score, needs_reference=True)

    def _score(self, items: list[Item]) -> list[Result]:
        metric = self._metric()
        return [Result(float(metric.sentence_score(item.text, item.references).score)) for item in items]

    def corpus(self, items: Sequence[Item]) -> float:
        """Return chrF of all items together, as it is published. Items must have a text and references."""
        most = max(len(item.references) for item in items)
        padded = [[*item.references, *[None] * (most - len(item.references))] for item in items]
        columns = [[row[place] for row in padded] for place in range(most)]
        return float(self._metric().corpus_score([item.text for item in items], columns).score)

    def _metric(self) -> Any:
        from sacrebleu.metrics.chrf import CHRF

        return CHRF(word_order=self.word_order, lowercase=self.lowercase)


def make_bleu(tokenizer: str = "auto", lowercase: bool = False) -> list[Bleu]:
    """Return the one scorer; raise `InvalidInput` for a tokenizer there is not."""
    if tokenizer not in BLEU_TOKENIZERS:
        raise InvalidInput(
            f"BLEU has no tokenizer {tokenizer!r}; choose one of {', '.join(BLEU_TOKENIZERS)}."
        )
    _check_flag("lowercase", lowercase)
    return [Bleu(tokenizer, lowercase)]


def make_chrf(word_order: int = 0, lowercase: bool = False) -> list[Chrf]:
    """Return the one scorer; raise `InvalidInput` for an order that is not a small number."""
    if not isinstance(word_order, int) or isinstance(word_order, bool) or not 0 <= word_order <= 4:
        raise InvalidInput(f"The word order of chrF is {word_order!r}; give a whole number from 0 to 4.")
    _check_flag("lowercase", lowercase)
    return [Chrf(word_order, lowercase)]


def _check_flag(option: str, value: object) -> None:
    if not isinstance(value, bool):
        raise InvalidInput(f"The option {option} is {value!r}; give true or false.")
