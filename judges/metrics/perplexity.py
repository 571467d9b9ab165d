"""Perplexity of texts under a local model, with one number's meaning fixed by what it is taken over.

With L the natural logarithm of the likelihood of a text, the number is exp(-L / n), n being the number of tokens,
words or bytes. Per token it depends on the tokenizer; only per word and per byte are models comparable. Every token is
counted once (see `arena.models.likelihood`). With a start token the whole text is scored; a model without one scores
all but the first token, which then counts neither as token nor in words or bytes.

A word is what judges.metrics.words calls one with its tokenizer `unicode`; bytes are those of UTF-8.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from arena.errors import InvalidInput
from arena.judgments import ScorerInfo
from arena.models.identity import context_of, model_hash, model_settings
from arena.models.likelihood import ScoredTokens, log_likelihoods
from arena.models.loading import Base, adapter_key, base_key, load_adapter, load_base
from arena.models.rows import NO_ADAPTER, chat_ids
from arena.types import Message
from judges.metrics.base import Item, Result, score_computable, scorer_info
from judges.metrics.words import unicode_words

UNITS = ("token", "word", "byte")
_ADAPTER = "scored"
LONGEST_WINDOW = 2048
"""Default window of models that take more; a longer one costs memory with its square."""

ONE_TOKEN = "The text is a single token, and the model has no start token that could be its context."
NO_TOKEN = "The text has no token for the model's tokenizer."
NO_PROMPT = "There is no prompt that the text answers."
NOT_A_NUMBER = (
    "The model computes no number for the text: its weights are damaged or its dtype is too narrow."
)
TOO_LARGE = "The perplexity is too large for a number; take it per token or per byte."
NO_WORD = "The text has no word; take it per token or per byte."


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as the model reads it, and how many tokens, words and bytes of it are scored."""

    tokens: ScoredTokens
    words: int
    bytes: int

    @property
    def scored(self) -> int:
        """Number of scored tokens."""
        return len(self.tokens.ids) - self.tokens.first


class Perplexity:
    """Perplexity of each text, alone or as the answer to its prompt; lower is likelier."""

    name = "perplexity"
    needs_reference = False

    def __init__(
        self,
        model: str,
        *,
        adapter: str | None = None,
        called: str | None = None,
        per: str = "token",
        given_prompt: bool = False,
        window: int | None = None,
        stride: int | None = None,
        four_bit: bool = False,
        dtype: str = "auto",
        device: str = "auto",
    ) -> None:
        """Check the settings; the model is loaded when the first text is scored.

        Args:
            model: the folder of a causal model.
            adapter: the folder of a LoRA adapter of it.
            called: the model's name as reported; by default those of the folders.
            per: `token`, `word` or `byte`; the other two stand in each result's detail.
            given_prompt: score the text as the model's answer to the item's prompt, put in its chat template.
            window: most tokens read together; by default what the model takes, at most 2048.
            stride: by how many tokens the window moves on; by default half of it.
            four_bit: load the weights in 4 bits.
            dtype: `auto`, `float32`, `bfloat16` or `float16`.
            device: `auto`, `cpu`, `cuda`, ...

        Raises:
            ModelFailed: there is no model, or no adapter, in its folder.
            InvalidInput: a value that is not possible.
        """
        self._folder = Path(model).expanduser().resolve()
        context = context_of(model_settings(self._folder))
        if per not in UNITS:
            raise InvalidInput(f"Perplexity per {per!r} is not known; choose one of {', '.join(UNITS)}.")
        self.per = per
        self.given_prompt = given_prompt
        self.window = min(context or LONGEST_WINDOW, LONGEST_WINDOW) if window is None else window
        self.stride = max(1, self.window // 2) if stride is None else stride
        self._check_window(context)
        self._adapter = adapter_key(adapter) if adapter is not None else None
        adapted = f" + {Path(self._adapter.path).name}" if self._adapter else ""
        self.called = called or self._folder.name + adapted
        self._key = base_key(str(self._folder), four_bit=four_bit, dtype=dtype, device=device)
        self._lock = threading.Lock()
        self._base: Base | None = None

    @cached_property
    def info(self) -> ScorerInfo:
        """Model by name and hash of its weights, how they are loaded, window, stride, unit, and the prompt's part."""
        depends = {
            "model": self.called,
            "weights": model_hash(self._folder),
            "adapter": model_hash(Path(self._adapter.path)) if self._adapter else None,
            "four_bit": self._key.four_bit,
            "dtype": self._key.dtype,
            "window": self.window,
            "stride": self.stride,
            "per": self.per,
            "given_prompt": self.given_prompt,
        }
        return scorer_info(self.name, depends, higher_is_better=False)

    def score(self, items: Sequence[Item]) -> list[Result]:
        """Return the perplexity of each item's text.

        `detail` holds `log_likelihood` (natural), how many `tokens`, `words` and `bytes` it is over, and `per_token`,
        `per_word` and `per_byte`, as far as they are numbers.

        Raises:
            ModelFailed: the model cannot be loaded or fails.
        """
        return score_computable(items, self._score, needs_reference=False)

    def _score(self, items: list[Item]) -> list[Result]:
        with self._lock:
            base = self._loaded()
            texts = [self._text(base, item) for item in items]
            whole = [text for text in texts if isinstance(text, _Text)]
            logs = iter(
                log_likelihoods(
                    base,
                    [text.tokens for text in whole],
                    window=self.window,
                    stride=self.stride,
                    adapter=NO_ADAPTER if self._adapter is None else _ADAPTER,
                )
            )
        return [
            self._result(text, next(logs)) if isinstance(text, _Text) else Result.missing(text)
            for text in texts
        ]

    def _result(self, text: _Text, log_likelihood: float) -> Result:
        if not math.isfinite(log_likelihood):
            return Result.missing(NOT_A_NUMBER)
        counts = {"token": text.scored, "word": text.words, "byte": text.bytes}
        rates = {unit: _perplexity(log_likelihood, count) for unit, count in counts.items()}
        detail: dict[str, Any] = {f"{unit}s": count for unit, count in counts.items()}
        detail |= {f"per_{unit}": rate for unit, rate in rates.items() if rate is not None}
        detail["log_likelihood"] = log_likelihood
        value = rates[self.per]
        if value is None:
            return Result(None, NO_WORD if not counts[self.per] else TOO_LARGE, detail)
        return Result(value, detail=detail)

    def _text(self, base: Base, item: Item) -> _Text | str:
        """Return the item's text ready to be scored, or why it cannot be."""
        encoded = base.tokenizer(
            item.text, add_special_tokens=False, return_offsets_mapping=base.tokenizer.is_fast
        )
        ids = list(encoded["input_ids"])
        if not ids:
            return NO_TOKEN
        if self.given_prompt:
            if item.prompt is None or not item.prompt.strip():
                return NO_PROMPT
            before = chat_ids(base, [Message("user", item.prompt)])
        else:
            before = [base.tokenizer.bos_token_id] if base.tokenizer.bos_token_id is not None else []
        if before:
            return _counted(ScoredTokens((*before, *ids), len(before)), item.text)
        if len(ids) == 1:
            return ONE_TOKEN
        rest = (
            item.text[encoded["offset_mapping"][1][0] :] if base.tokenizer.is_fast else base.decode(ids[1:])
        )
        return _counted(ScoredTokens(tuple(ids), 1), rest)

    def _loaded(self) -> Base:
        if self._base is None:
            base = load_base(self._key, chat=self.given_prompt)
            if self._adapter is not None:
                load_adapter(base, self._adapter, _ADAPTER)
            self._base = base
        return self._base

    def _check_window(self, context: int | None) -> None:
        if context is not None and self.window > context:
            raise InvalidInput(
                f"The window is {self.window}, but the model takes at most {context} tokens; give a shorter one."
            )
        if self.window < 2 or not 1 <= self.stride < self.window:
            raise InvalidInput(
                f"A window of {self.window} tokens with a stride of {self.stride} cannot be used: give a window of at "
                "least 2 and a stride from 1 to less than the window."
            )


def make_perplexity(**options: Any) -> list[Perplexity]:
    """Return the scorer `perplexity`; see `Perplexity` for the options."""
    return [Perplexity(**options)]


def _counted(tokens: ScoredTokens, scored_text: str) -> _Text:
    return _Text(tokens, len(unicode_words(scored_text)), len(scored_text.encode("utf-8", "replace")))


def _perplexity(log_likelihood: float, count: int) -> float | None:
    if not count:
        return None
    try:
        return math.exp(-log_likelihood / count)
    except OverflowError:
        return None
