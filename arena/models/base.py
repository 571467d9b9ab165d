"""The protocol every model speaks, and the one place where a stream becomes an `Answer`.

A model streams pieces and raises `ModelFailed`; `collect` turns that into a stored value, so that a failed answer is
kept with its error instead of ending a battle. A model's own settings (system message, temperature, ...) are applied
here, once for all kinds.
"""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from arena.errors import ModelFailed
from arena.models.options import common_options, sampling_over
from arena.types import FINISHED, Answer, Message, ModelSpec, Sampling


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of an answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of an answer: why it ended (see `arena.types.FINISHED`) and how many tokens it took, where known."""

    reason: str
    tokens: int | None = None


class Model(Protocol):
    """An opened model: something that can stream an answer."""

    @property
    def spec(self) -> ModelSpec:
        """The stored description this model was opened from."""
        ...

    def stream(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[Delta | Finish, None]:
        """Stream the answer to `messages`: any number of `Delta`, then one `Finish`.

        Closing the generator stops the work behind it.

        Raises:
            ModelFailed: there is no usable answer; the sentence says why and what to do.
        """
        ...


async def collect(
    model: Model,
    messages: Sequence[Message],
    sampling: Sampling,
    on_text: Callable[[str], None] | None = None,
) -> Answer:
    """Ask `model` and return its whole answer, or the answer with its error.

    The model's own options come first: its `system` message is put before the conversation and its sampling options
    override `sampling`; the answer carries the settings that were used. `on_text` is called with each new piece.
    Cancelling the call stops the model. A `ModelFailed` is never raised from here: it stands in `Answer.error`.

    Raises:
        InvalidInput: a sampling setting is out of its range.
    """
    spec = model.spec
    own = common_options(spec)
    used = sampling_over(own, sampling)
    asked = with_system(own.system if spec.live else None, messages)
    pieces: list[str] = []
    finish: Finish | None = None
    error: str | None = None
    started = time.monotonic()
    try:
        async with aclosing(model.stream(asked, used)) as events:
            async for event in events:
                if isinstance(event, Finish):
                    finish = event
                    break
                pieces.append(event.text)
                if on_text is not None:
                    on_text(event.text)
    except ModelFailed as failure:
        error = str(failure)
    text = "".join(pieces)
    return Answer(
        model=spec.name,
        text=text,
        finish_reason=finish.reason if finish else None,
        tokens=finish.tokens if finish else None,
        seconds=time.monotonic() - started,
        sampling=used.as_dict(),
        error=error or _fault(spec.name, text, finish),
    )


def _fault(name: str, text: str, finish: Finish | None) -> str | None:
    if finish is None:
        return f"{name}: the answer stopped without a finish reason, so it may be cut off; ask again."
    if finish.reason not in FINISHED:
        return f"{name}: the answer ended with '{finish.reason}' and cannot be used."
    if not text.strip():
        return f"{name}: the answer is empty (finish reason '{finish.reason}')."
    return None


def with_system(system: str | None, messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return `messages` with a model's own system message, if it has one, before them."""
    if not system:
        return tuple(messages)
    if messages and messages[0].role == "system":
        # Chat templates take one system message at most, so the model's own and the prompt's become one.
        return (Message("system", f"{system}\n\n{messages[0].content}"), *messages[1:])
    return (Message("system", system), *messages)
