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
_DEVICE = "`auto` (default), `cpu`, `cuda`, `cuda:1`, ..."


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
            bounds=(0.0, 1.0),
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
            bounds=(0.0, 100.0),
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
            bounds=(0.0, 100.0),
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
            bounds=(0.0, 1.0),
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
            bounds=(0.0, 1.0),
            options={"normalise": "`text` (default) or `squad` (drops a, an, the)"},
        ),
        "judges.metrics.overlap",
        "make_f1",
    ),
    _Entry(
        MetricInfo(
            "bertscore",
            "BERTScore",
            "Tokens matched with their nearest of the reference by an encoder's vectors, as F1.",
            ("bertscore",),
            needs_model=True,
            options={
                "model": "folder of an encoder, for example a copy of roberta-large",
                "layer": "which layer's vectors; default the one bert_score tuned, else three quarters of the depth",
                "called": "the model's published name; default that of its folder",
                "idf": "texts, or a file of one a line, on which rare tokens get their weight; default none",
                "rescale": "language of bert_score's baseline (`en`), or a file of baselines; default none",
                "device": _DEVICE,
            },
        ),
        "judges.metrics.bertscore",
        "make_bertscore",
    ),
    _Entry(
        MetricInfo(
            "embedding",
            "Embedding similarity",
            "Cosine between the answer's and the reference's vector of a sentence model.",
            ("embedding",),
            needs_model=True,
            options={
                "model": "folder of a sentence model or another encoder",
                "called": "name to report; default that of the folder",
                "pooling": "`mean`, `cls` or `max`; default what the folder says, else mean",
                "device": _DEVICE,
            },
        ),
        "judges.metrics.embedding",
        "make_embedding",
    ),
    _Entry(
        MetricInfo(
            "perplexity",
            "Perplexity",
            "How unlikely a local model finds the answer, per token, word or byte; lower is likelier.",
            ("perplexity",),
            needs_reference=False,
            needs_model=True,
            higher_is_better=False,
            options={
                "model": "folder of a causal model",
                "adapter": "folder of a LoRA adapter of it",
                "called": "name to report; default that of the folders",
                "per": "`token` (default), `word` or `byte`",
                "given_prompt": "score the answer after its prompt, in the model's chat template (default false)",
                "window": "most tokens read together; default what the model takes, at most 2048",
                "stride": "by how many tokens the window moves on; default half of it",
                "four_bit": "load the weights in 4 bits (default false)",
                "dtype": "`auto` (default), `float32`, `bfloat16` or `float16`",
                "device": _DEVICE,
            },
        ),
        "judges.metrics.perplexity",
        "make_perplexity",
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
    if info.needs_model and not options.get("model"):
        raise InvalidInput(
            f"The metric {info.name} needs a model: give its folder as the option `model`, "
            f"or under [metrics.{info.name}] in the settings."
        )
