"""One answer on its way through an engine: the request, and the row of the batch it becomes."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from arena.errors import ModelFailed
from arena.models.base import Delta, Finish
from arena.models.drawing import Draw
from arena.models.loading import AdapterKey, Base
from arena.models.text import TextPieces
from arena.types import Message, Sampling

NO_ADAPTER = "__base__"
"""PEFT's name for a row that is answered by the base alone."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one answer asks of an engine; `deliver` is called from the engine's thread and must not block."""

    messages: Sequence[Message]
    sampling: Sampling
    adapter: AdapterKey | None
    deliver: Callable[[Delta | Finish | ModelFailed], None]
    cancelled: threading.Event = field(default_factory=threading.Event)


class Row:
    """A request being answered: its tokens so far (prompt included), how it draws, and what ends it."""

    def __init__(self, request: Request, base: Base, adapter: str) -> None:
        """Ask with the base's chat template.

        Raises:
            ModelFailed: the template refuses the conversation, or it leaves no room for an answer.
        """
        sampling = request.sampling
        self.request = request
        self.adapter = adapter
        self.ids = _prompt_ids(base, request.messages)
        self.draw = Draw(sampling.temperature, sampling.top_p, np.random.default_rng(sampling.seed))
        self.left = sampling.max_tokens
        """Tokens that may still be made."""
        if base.context is not None:
            self.left = min(self.left, base.context - len(self.ids))
        self.done = False
        self._made = 0
        self._end_ids = base.end_ids
        self._pieces = TextPieces(base.decode)

    def accept(self, token: int) -> None:
        """Take the token made in this step: pass its text on, and see whether the row ends with it."""
        if self.done:
            return
        if self.request.cancelled.is_set():
            self.done = True
            return
        self._made += 1
        self.left -= 1
        if token in self._end_ids:
            self._finish("stop")
            return
        self.ids.append(token)
        if piece := self._pieces.push(token):
            self.request.deliver(Delta(piece))
        if self.left <= 0:
            self._finish("length")

    def fail(self, failure: ModelFailed) -> None:
        """End the row with an error, unless it has ended."""
        if not self.done:
            self.done = True
            self.request.deliver(failure)

    def _finish(self, reason: str) -> None:
        self.done = True
        if rest := self._pieces.rest():
            self.request.deliver(Delta(rest))
        self.request.deliver(Finish(reason, self._made))


def chat_ids(base: Base, messages: Sequence[Message]) -> list[int]:
    """Return the token ids of a conversation that the model is to answer, as its chat template writes it.

    Raises:
        ModelFailed: the template refuses the conversation.
    """
    try:
        ids = base.tokenizer.apply_chat_template(
            [message.as_dict() for message in messages], add_generation_prompt=True, return_dict=False
        )
    except Exception as error:
        # Templates are programs of their own and refuse with whatever they like, e.g. a system message.
        raise ModelFailed(f"The chat template in {base.path} refuses this conversation: {error}") from error
    return list(ids)


def _prompt_ids(base: Base, messages: Sequence[Message]) -> list[int]:
    ids = chat_ids(base, messages)
    if base.context is not None and len(ids) >= base.context:
        raise ModelFailed(
            f"The conversation has {len(ids)} tokens, but the model in {base.path} takes at most {base.context} "
            "with its answer; shorten it."
        )
    return ids
