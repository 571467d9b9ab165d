"""The metrics as classes of Hugging Face's evaluate library, with the numbers of the scorers.

    Rouge(stemmer="none").compute(predictions=[...], references=[...])
    evaluate.combine([Rouge(), Bleu()]).compute(predictions=[...], references=[...])

Nothing is downloaded and no file is written: rows stay in memory. `compute` with predictions works on a fresh
instance, so that one object may be used by several threads, which with the library's own metrics corrupts the rows
and can kill the process. `add` and `add_batch` collect rows in the object itself and belong to one thread.

The result has, for each scorer, the mean under its name and under `NAME_count` over how many texts it is taken; texts
that cannot be scored do not count, and the mean of none is `None`. With `each=True` it has instead, for each scorer,
the list of single numbers, `None` where there is none.
"""

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import datasets
import evaluate

from judges.metrics import bleu
from judges.metrics.base import Item, Result, Scorer
from judges.metrics.registry import find, make


class TextMetric(evaluate.Metric):
    """A metric of the registry; a subclass names it in `metric`. Its options are given when it is made."""

    metric: ClassVar[str]
    beside: ClassVar[tuple[str, ...]] = ()
    """Numbers in each result's detail that are summed up too, as `NAME_precision`."""

    def __init__(self, **options: Any) -> None:
        """Make the scorers once; options of `evaluate.Metric` itself are not taken, as they are about files.

        Raises `InvalidInput` for an option the metric does not have.
        """
        self._options = options
        self._scorers = make(self.metric, **options)
        super().__init__(keep_in_memory=True)

    def _build_data_dir(self) -> str:
        """Make no folder: nothing is written."""
        return self._data_dir_root

    def _info(self) -> evaluate.MetricInfo:
        info = find(self.metric)
        text = datasets.Value("string")
        prediction = {"predictions": text}
        one: Any = {**prediction, "references": text}
        several: Any = {**prediction, "references": datasets.Sequence(text)}
        forms = [several, one] if info.needs_reference else [prediction]
        about = [f"`{option}`: {line}" for option, line in info.options.items()]
        return evaluate.MetricInfo(
            description=info.description,
            citation="",
            inputs_description="\n".join(["", "", *about]),
            features=[datasets.Features(form) for form in forms],
        )

    def compute(
        self, *, predictions: Any = None, references: Any = None, **kwargs: Any
    ) -> dict[str, Any] | None:
        """Return the means, or with `each=True` the single numbers; safe between threads when given predictions.

        Args:
            predictions: the texts to score.
            references: for each text one reference, or a list of them.
            kwargs: `each`.
        """
        if predictions is None or len(self):
            return evaluate.Metric.compute(self, predictions=predictions, references=references, **kwargs)
        fresh = self._fresh()
        return evaluate.Metric.compute(fresh, predictions=predictions, references=references, **kwargs)

    def _fresh(self) -> "TextMetric":
        """Return an instance with the same scorers, which may be shared, and no rows."""
        fresh = type(self).__new__(type(self))
        fresh._options, fresh._scorers = self._options, self._scorers
        evaluate.Metric.__init__(fresh, keep_in_memory=True)
        return fresh

    def _compute(
        self, predictions: Sequence[str], references: Sequence[Any] | None = None, each: bool = False
    ) -> dict[str, Any]:
        items = [
            Item(
                text,
                () if reference is None else (reference,) if isinstance(reference, str) else tuple(reference),
            )
            for text, reference in zip(predictions, references or [None] * len(predictions), strict=True)
        ]
        found: dict[str, Any] = {}
        for scorer in self._scorers:
            found |= self._summary(scorer, items, each)
        return found

    def _summary(self, scorer: Scorer, items: list[Item], each: bool) -> dict[str, Any]:
        results = scorer.score(items)
        values = [result.value for result in results]
        columns = {scorer.name: values} | {
            f"{scorer.name}_{name}": [result.detail.get(name) for result in results] for name in self.beside
        }
        if each:
            return columns
        numbers = [value for value in values if value is not None]
        found: dict[str, Any] = {name: _mean(column) for name, column in columns.items()}
        found[f"{scorer.name}_count"] = len(numbers)
        found |= self._together(scorer, results)
        if isinstance(scorer, bleu.Bleu | bleu.Chrf) and numbers:
            fit = [
                Item(item.text, tuple(reference for reference in item.references if reference.strip()))
                for item, value in zip(items, values, strict=True)
                if value is not None
            ]
            found[f"corpus_{scorer.name}"] = scorer.corpus(fit)
        return found

    def _together(self, scorer: Scorer, results: Sequence[Result]) -> dict[str, Any]:
        """Return what else the results give when they are taken together."""
        return {}


def _mean(values: Sequence[float | None]) -> float | None:
    """Return the mean of the numbers, `None` where there is none."""
    numbers = [value for value in values if value is not None]
    return sum(numbers) / len(numbers) if numbers else None


class Rouge(TextMetric):
    """ROUGE-1, -2, -L and -Lsum: mean F1."""

    metric = "rouge"


class Bleu(TextMetric):
    """BLEU: the mean over the texts, and `corpus_bleu` of all together."""

    metric = "bleu"


class Chrf(TextMetric):
    """chrF: the mean over the texts, and `corpus_chrf` of all together."""

    metric = "chrf"


class ExactMatch(TextMetric):
    """Share of texts that equal a reference."""

    metric = "exact_match"


class F1(TextMetric):
    """Mean F1 of words."""

    metric = "f1"


class BertScore(TextMetric):
    """Mean BERTScore F1, with precision and recall beside it; `model` is the folder of an encoder."""

    metric = "bertscore"
    beside = ("precision", "recall")


class EmbeddingSimilarity(TextMetric):
    """Mean cosine of sentence vectors; `model` is the folder of a sentence model."""

    metric = "embedding"


class Perplexity(TextMetric):
    """Mean perplexity of the texts under a causal model, whose folder is `model`.

    A mean over texts is ruled by the least likely of them; `corpus_perplexity` is that of all texts as one, the
    exponential of the mean negative log-likelihood over all their tokens, words or bytes.
    """

    metric = "perplexity"
    beside = ("per_token", "per_word", "per_byte")

    def _together(self, scorer: Scorer, results: Sequence[Result]) -> dict[str, Any]:
        counted = f"{scorer.info.depends['per']}s"
        scored = [result.detail for result in results if result.value is not None]
        number = sum(detail[counted] for detail in scored)
        log_likelihood = sum(detail["log_likelihood"] for detail in scored)
        return {"corpus_perplexity": math.exp(-log_likelihood / number) if number else None}
