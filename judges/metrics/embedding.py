"""Embedding similarity: the cosine between one vector for the text and one for the reference.

A folder in the form of sentence-transformers says how its vectors are pooled and how long a text may be; any other
encoder is pooled by the mean over all tokens. Vectors are the same, up to rounding, as sentence-transformers makes.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arena.errors import InvalidInput
from arena.judgments import ScorerInfo
from arena.models.encoder import Encoder, Row, load_encoder
from arena.models.identity import model_hash, model_settings
from judges.metrics.base import Item, Result, score_computable, scorer_info
from judges.metrics.files import read_json

if TYPE_CHECKING:
    import torch

POOLINGS = ("mean", "cls", "max")
_UNDERSTOOD = ("Transformer", "Pooling", "Normalize")
_PORTION = 256
"""Texts encoded at once; only their pooled vectors are kept."""


@dataclass(frozen=True, slots=True)
class SentenceForm:
    """How a folder's model makes a vector of a text; `limit` is its own bound on tokens, if it states one."""

    pooling: str = "mean"
    limit: int | None = None
    lowercase: bool = False


class EmbeddingSimilarity:
    """Cosine similarity of sentence vectors, -1 to 1; of several references the most similar counts."""

    name = "embedding"
    needs_reference = True

    def __init__(
        self, model: str, *, called: str | None = None, pooling: str | None = None, device: str = "auto"
    ) -> None:
        """Check the settings; the model is loaded when the first text is scored.

        Args:
            model: the folder of a sentence model or of another encoder.
            called: the name to report; by default that of its folder.
            pooling: `mean`, `cls` or `max`, instead of what the folder says.
            device: `auto`, `cpu`, `cuda`, ...

        Raises:
            ModelFailed: there is no model in the folder.
            InvalidInput: the folder asks for a step that is not known here, or there is no such pooling.
        """
        self._folder = Path(model).expanduser().resolve()
        model_settings(self._folder)
        form = sentence_form(self._folder)
        if pooling is not None:
            if pooling not in POOLINGS:
                raise InvalidInput(f"There is no pooling {pooling!r}; choose one of {', '.join(POOLINGS)}.")
            form = SentenceForm(pooling, form.limit, form.lowercase)
        self.form = form
        self.called = called or self._folder.name
        self._device = device
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None

    @cached_property
    def info(self) -> ScorerInfo:
        """Model by name and hash of its weights, pooling, and the bound on tokens."""
        depends = {
            "model": self.called,
            "weights": model_hash(self._folder),
            "pooling": self.form.pooling,
            "limit": self.form.limit,
            "lowercase": self.form.lowercase,
        }
        return scorer_info(self.name, depends)

    def score(self, items: Sequence[Item]) -> list[Result]:
        """Return the cosine for each item, and in `detail` that a text was `truncated` to so many tokens.

        Raises:
            ModelFailed: the model cannot be loaded or fails.
        """
        return score_computable(items, self._score, needs_reference=True)

    def vectors(self, texts: Sequence[str]) -> "list[torch.Tensor]":
        """Return the unit vector of each text, (width,), float32; texts must not be blank."""
        found, _ = self._vectors(texts)
        return [found[text] for text in texts]

    def _score(self, items: list[Item]) -> list[Result]:
        vectors, cut = self._vectors(
            list(dict.fromkeys(text for item in items for text in (item.text, *item.references)))
        )
        results = []
        for item in items:
            own = vectors[item.text]
            value = max(float(own @ vectors[reference]) for reference in item.references)
            truncated = any(text in cut for text in (item.text, *item.references))
            results.append(Result(value, detail={"truncated": self._limit()} if truncated else {}))
        return results

    def _vectors(self, texts: Sequence[str]) -> "tuple[dict[str, torch.Tensor], set[str]]":
        """Return the vector of each text, and which texts were too long."""
        encoder = self._loaded()
        vectors: dict[str, torch.Tensor] = {}
        cut: set[str] = set()
        for begin in range(0, len(texts), _PORTION):
            portion = texts[begin : begin + _PORTION]
            rows = self._rows(encoder, portion)
            cut.update(text for text, row in zip(portion, rows, strict=True) if row.cut)
            for text, hidden in zip(portion, encoder.hidden([row.ids for row in rows]), strict=True):
                pooled = _POOL[self.form.pooling](hidden)
                vectors[text] = pooled / pooled.norm()
        return vectors, cut

    def _rows(self, encoder: Encoder, texts: Sequence[str]) -> list[Row]:
        plain = [text.strip().lower() if self.form.lowercase else text.strip() for text in texts]
        return encoder.tokens(plain, _encode, limit=self.form.limit)

    def _limit(self) -> int:
        limit = self._loaded().limit
        return limit if self.form.limit is None else min(limit, self.form.limit)

    def _loaded(self) -> Encoder:
        with self._lock:
            if self._encoder is None:
                self._encoder = load_encoder(str(self._folder), device=self._device)
            return self._encoder


def _encode(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, truncation=True, max_length=tokenizer.model_max_length)["input_ids"])


_POOL = {
    "mean": lambda hidden: hidden.mean(0),
    "cls": lambda hidden: hidden[0],
    "max": lambda hidden: hidden.amax(0),
}


def make_embedding(**options: Any) -> list[EmbeddingSimilarity]:
    """Return the scorer `embedding`; see `EmbeddingSimilarity` for the options."""
    return [EmbeddingSimilarity(**options)]


def sentence_form(folder: Path) -> SentenceForm:
    """Return how the model in `folder` makes vectors, as its sentence-transformers files say.

    Raises:
        InvalidInput: they name a step, a pooling or a standing prompt that is not known here.
    """
    modules = read_json(folder / "modules.json")
    if modules is None:
        return SentenceForm()
    form = SentenceForm()
    for module in modules:
        kind = str(module.get("type", "")).rsplit(".", 1)[-1]
        if kind not in _UNDERSTOOD:
            raise InvalidInput(
                f"The model in {folder} has a step {kind}, which is not known here; use a model of "
                f"{', '.join(_UNDERSTOOD)} only."
            )
        if kind == "Pooling":
            settings = read_json(folder / str(module.get("path", "")) / "config.json") or {}
            form = SentenceForm(_pooling(folder, settings))
    whole = read_json(folder / "config_sentence_transformers.json") or {}
    if whole.get("default_prompt_name"):
        raise InvalidInput(
            f"The model in {folder} puts a prompt before each text, which is not known here; use another."
        )
    own = read_json(folder / "sentence_bert_config.json") or {}
    limit = own.get("max_seq_length")
    return SentenceForm(
        form.pooling, int(limit) if limit is not None else None, bool(own.get("do_lower_case"))
    )


def _pooling(folder: Path, settings: Mapping[str, Any]) -> str:
    old_names = {"mean_tokens": "mean", "cls_token": "cls", "max_tokens": "max"}
    chosen = [
        old_names.get(name.removeprefix("pooling_mode_"), name)
        for name, on in settings.items()
        if name.startswith("pooling_mode_") and on is True
    ]
    if isinstance(settings.get("pooling_mode"), str):
        chosen = [settings["pooling_mode"]]
    if len(chosen) != 1 or chosen[0] not in POOLINGS:
        raise InvalidInput(
            f"The model in {folder} pools by {' and '.join(chosen) or 'nothing'}, which is not known here; "
            f"known are {', '.join(POOLINGS)}."
        )
    return chosen[0]
