"""The metrics by name: what is offered, and how each is made.

The list stands here in full so that it can be shown without loading a library; a metric's module is imported when the
metric is made. A name is either a metric (`rouge`, which makes four scorers) or one scorer of it (`rougeL`).
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arena.errors import InvalidInput, NotFound
from judges.metrics.base import MetricInfo, Scorer

_TOKENIZER = (
    "`unicode` (default; words of every script) or `ascii` (that of rouge_score; a to z and digits only)"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """`factory` is a function of `module` that takes the options and returns a list of the metric's scorers."""

    info: MetricInfo
    module: str
    factory: str


_ENTRIES = (
    _Entry(
        MetricInfo(
            "rouge",
            "ROUGE",
            "Words, word pairs and longest common subsequences shared with the reference, as F1.",
            ("rouge1", "rouge2", "rougeL", "rougeLsum"),
            options={
                "stemmer": "`porter` (default; English words count as equal when their stems are) or `none`",
                "tokenizer": _TOKENIZER,
            },
        ),
        "judges.metrics.rouge",
        "make_rouge",
    ),
    _Entry(
        MetricInfo(
            "bleu",
            "BLEU",
            "Runs of one to four words shared with the references, per answer and with smoothing, 0 to 100.",
            ("bleu",),
            options={
                "tokenizer": "`auto` (default; by the script of the references) or one of sacrebleu: "
                "`13a`, `intl`, `char`, `zh`, `none`",
                "lowercase": "compare without upper and lower case (default false)",
            },
        ),
        "judges.metrics.bleu",
        "make_bleu",
    ),
    _Entry(
        MetricInfo(
            "chrf",
            "chrF",
            "Runs of one to six characters shared with the references, as F2, 0 to 100; good for every script.",
            ("chrf",),
            options={
                "word_order": "2 counts runs of words too (chrF++); default 0",
                "lowercase": "compare without upper and lower case (default false)",
            },
        ),
        "judges.metrics.bleu",
        "make_chrf",
    ),
    _Entry(
        MetricInfo(
            "exact_match",
            "Exact match",
            "1 when the answer equals a reference, apart from case, punctuation and spaces; else 0.",
            ("exact_match",),
            options={
                "normalise": "`text` (default), `squad` (drops a, an, the too) or `none` (every sign counts)"
            },
        ),
        "judges.metrics.overlap",
        "make_exact_match",
    ),
    _Entry(
        MetricInfo(
            "f1",
            "F1 of words",
            "Words shared with the closest reference, whatever their order, as F1.",
            ("f1",),
            options={"normalise": "`text` (default) or `squad` (drops a, an, the)"},
        ),
        "judges.metrics.overlap",
        "make_f1",
    ),
)


def describe() -> list[MetricInfo]:
    """Return what is offered, in the order of the list."""
    return [entry.info for entry in _ENTRIES]


def metric_names() -> list[str]:
    """Return the names of the metrics, without those of their single scorers."""
    return [entry.info.name for entry in _ENTRIES]


def find(name: str) -> MetricInfo:
    """Return the metric of that name, or the one a scorer of that name belongs to; `NotFound` if there is none."""
    return _entry(name).info


def make(name: str, **options: Any) -> list[Scorer]:
    """Return the scorers of a metric, or the one scorer of that name.

    Raises `NotFound` for a name that is not offered and `InvalidInput` for an option the metric does not have or a
    value it does not take.
    """
    entry = _entry(name)
    _check_options(entry.info, options)
    factory = getattr(importlib.import_module(entry.module), entry.factory)
    scorers: list[Scorer] = factory(**options)
    return scorers if name == entry.info.name else [scorer for scorer in scorers if scorer.name == name]


def _entry(name: str) -> _Entry:
    for entry in _ENTRIES:
        if name == entry.info.name:
            return entry
    for entry in _ENTRIES:
        if name in entry.info.scorers:
            return entry
    raise NotFound(f"There is no metric {name!r}; there are {', '.join(metric_names())}.")


def _check_options(info: MetricInfo, options: Mapping[str, Any]) -> None:
    for option in options:
        if option not in info.options:
            offered = ", ".join(info.options) or "none"
            raise InvalidInput(f"The metric {info.name} has no option {option!r}; it has: {offered}.")
