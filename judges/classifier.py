"""Reward models and other sequence classifiers as scorers of answers.

A reward model gives one number, of which only differences mean something: under the model of its training, which is
Bradley and Terry's, answer A is better than B with probability sigmoid(a - b). Any other classifier gives the
probability of a label that is named; the same formula on its log-odds orders answers, but is no calibrated chance.

A model's folder, a LoRA adapter's, or a reward run's (its base and adapter) can be given.
"""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from arena.errors import InvalidInput, ModelFailed
from arena.judgments import ScorerInfo
from arena.models.classifier import Classifier, Tokens, load_classifier
from arena.models.identity import model_hash, model_settings
from arena.types import Message
from judges.metrics.base import BLANK_TEXT, Item, Result, scorer_info
from judges.metrics.files import read_json

READS = ("conversation", "answer")
NO_PROMPT = "There is no prompt that the text answers."
NOT_A_NUMBER = (
    "The model computes no number for the conversation: its weights are damaged or its dtype is too narrow."
)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a classifier's weights are: a base, and an adapter on it or none."""

    base: Path
    adapter: Path | None
    four_bit: bool = False


class SequenceScorer:
    """Scores answers by a reward model or classifier; a score does not depend on what else is scored with it."""

    name = "classifier"
    needs_reference = False

    def __init__(
        self,
        model: str,
        *,
        adapter: str | None = None,
        label: str | int | None = None,
        reads: str = "conversation",
        called: str | None = None,
        dtype: str = "auto",
        device: str = "auto",
    ) -> None:
        """Check the settings; the model is loaded when the first answer is scored.

        Args:
            model: the folder of a sequence classifier, of an adapter, or of a finished reward run.
            adapter: the folder of an adapter on `model`.
            label: which label's probability is the score, by name or place; a model of one number needs none.
            reads: `conversation`, or `answer` for classifiers of a text by itself.
            called: the name to report; by default that of the folder.
            dtype: `auto`, `float32`, `bfloat16` or `float16`.
            device: `auto`, `cpu`, `cuda`, ...

        Raises:
            ModelFailed: there is no model in the folder.
            InvalidInput: a run that made no reward model or has not finished; a value that is not possible.
        """
        if reads not in READS:
            raise InvalidInput(
                f"A classifier that reads {reads!r} is not known; choose one of {', '.join(READS)}."
            )
        folder = Path(model).expanduser().resolve()
        self.found = Found(folder, Path(adapter).expanduser().resolve()) if adapter else find(folder)
        self.reads = reads
        self.called = called or folder.name
        self._label = label
        self._dtype = dtype
        self._device = device
        self._lock = threading.Lock()
        self._loaded: tuple[Classifier, int | None] | None = None
        model_settings(self.found.base)

    @cached_property
    def info(self) -> ScorerInfo:
        """Model by name and hash of its weights, adapter, label and what it reads."""
        adapter = self.found.adapter
        depends = {
            "model": self.called,
            "weights": model_hash(self.found.base),
            "adapter": model_hash(adapter) if adapter is not None else None,
            "four_bit": self.found.four_bit,
            "dtype": self._dtype,
            "label": self._label,
            "reads": self.reads,
        }
        return scorer_info(self.name, depends)

    def score(self, items: Sequence[Item]) -> list[Result]:
        """Return the score of each item's text as the answer to its prompt.

        Raises:
            ModelFailed: the model cannot be loaded or fails.
            InvalidInput: it has several labels and none of them was chosen.
        """
        return self.score_conversations(
            [
                (*([Message("user", item.prompt)] if item.prompt else []), Message("assistant", item.text))
                for item in items
            ]
        )

    def score_conversations(self, conversations: Sequence[Sequence[Message]]) -> list[Result]:
        """Return the score of the last message of each conversation, which is an answer.

        The value is the reward of a model of one number, else the label's probability; `detail["logit"]` holds the
        reward or the log-odds, and `detail["label"]` the label.

        Raises:
            ModelFailed: the model cannot be loaded or fails.
            InvalidInput: a conversation does not end with an answer; no label was chosen of several.
        """
        classifier, label = self._parts()
        read = [self._read(classifier, messages) for messages in conversations]
        rows = [tokens for tokens in read if isinstance(tokens, Tokens)]
        logits = iter(classifier.logits(rows))
        return [
            self._result(classifier, label, next(logits))
            if isinstance(tokens, Tokens)
            else Result.missing(tokens)
            for tokens in read
        ]

    def _read(self, classifier: Classifier, messages: Sequence[Message]) -> Tokens | str:
        """Return a conversation's tokens, or why it cannot be scored."""
        if messages and not messages[-1].content.strip():
            return BLANK_TEXT
        if self.reads == "answer" and messages:
            tokens = classifier.tokens_of(messages[-1].content)
        elif len(messages) == 1:
            return NO_PROMPT
        else:
            tokens = classifier.tokens(messages)
        if classifier.context is not None and len(tokens.ids) > classifier.context:
            return f"The conversation has {len(tokens.ids)} tokens, and the model takes at most {classifier.context}."
        return tokens

    @staticmethod
    def _result(classifier: Classifier, label: int | None, logits: Sequence[float]) -> Result:
        if not all(map(math.isfinite, logits)):
            return Result.missing(NOT_A_NUMBER)
        if label is None:
            return Result(logits[0], detail={"logit": logits[0]})
        independent = classifier.model.config.problem_type == "multi_label_classification"
        others = [value for place, value in enumerate(logits) if place != label]
        odds = logits[label] if independent else logits[label] - _log_sum(others)
        return Result(sigmoid(odds), detail={"logit": odds, "label": classifier.labels[label]})

    def _parts(self) -> tuple[Classifier, int | None]:
        with self._lock:
            if self._loaded is None:
                found = self.found
                classifier = load_classifier(
                    str(found.base),
                    adapter=str(found.adapter) if found.adapter else None,
                    four_bit=found.four_bit,
                    dtype=self._dtype,
                    device=self._device,
                )
                self._loaded = (classifier, _place(classifier.labels, self._label, self.called))
            return self._loaded


def preference(a: Result, b: Result) -> float | None:
    """Return the probability that A is better than B: sigmoid of the difference of their rewards or log-odds.

    `None` where either has no number.
    """
    if a.value is None or b.value is None:
        return None
    return sigmoid(a.detail["logit"] - b.detail["logit"])


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)), for every finite x."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))


def find(folder: Path) -> Found:
    """Return where the weights are that a folder of a model, an adapter or a reward run stands for.

    Raises:
        ModelFailed: the folder is not there.
        InvalidInput: it is a run that made no reward model or has not finished, or an adapter without its base.
    """
    if not folder.is_dir():
        raise ModelFailed(f"There is no folder {folder}; give the folder of a model or of a reward run.")
    if (folder / "adapter" / "adapter_config.json").is_file() or (folder / "state.json").is_file():
        return _run(folder)
    adapter = read_json(folder / "adapter_config.json")
    if adapter is None:
        return Found(folder, None)
    base = Path(str(adapter.get("base_model_name_or_path") or "")).expanduser()
    if not (base.is_absolute() and base.is_dir()):
        raise InvalidInput(
            f"The base of the adapter in {folder} is not at {str(base)!r}; give the base as 'model' and this as "
            "'adapter'."
        )
    return Found(base.resolve(), folder)


def _run(folder: Path) -> Found:
    """Return what a training run made; its `config.json` names the base relative to its own folder."""
    config: Mapping[str, Any] = read_json(folder / "config.json") or {}
    state: Mapping[str, Any] = read_json(folder / "state.json") or {}
    if config.get("method") != "reward":
        raise InvalidInput(
            f"The run {folder.name} trained by {config.get('method')}, which makes no reward model; give a reward run."
        )
    if state.get("state") != "finished":
        raise InvalidInput(
            f"The run {folder.name} is {state.get('state')}: its reward model can be used once it has finished."
        )
    base = Path(str(config.get("base")))
    if not base.is_absolute():
        base = (folder / base).resolve()
    if not base.is_dir():
        raise ModelFailed(f"The base of the run {folder.name} is not at {base}; copy it there.")
    return Found(base, folder / "adapter", bool(config.get("four_bit")))


def _place(labels: Sequence[str], label: str | int | None, called: str) -> int | None:
    """Return the place of the label that is the score, `None` for a model of one number."""
    if len(labels) == 1 and (label in (None, 0) or label in labels):
        return None
    if isinstance(label, int) and 0 <= label < len(labels):
        return label
    if isinstance(label, str) and label in labels:
        return labels.index(label)
    chosen = "none was chosen" if label is None else f"{label!r} is none of them"
    raise InvalidInput(
        f"The classifier {called} has the labels {', '.join(labels)}, and {chosen}: give one as 'label'."
    )


def _log_sum(values: Sequence[float]) -> float:
    most = max(values)
    return most + math.log(sum(math.exp(value - most) for value in values))
