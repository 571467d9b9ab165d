"""Models whose answers were given elsewhere and stand in the store; they know the first turn and nothing else."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from arena.errors import ModelFailed
from arena.models.base import Delta, Finish
from arena.models.options import check_options
from arena.types import Answer, Message, ModelSpec, Sampling, prompt_id_of

Lookup = Callable[[str, str], Answer | None]
"""Finds a recorded answer by model name and prompt id; called from threads of its own."""

CHUNKS = 8
"""Pieces an answer is handed over in; what a reader sees is paced by `arena.battles`, alike for all kinds."""


class RecordedModel:
    """Answers with the text recorded for the prompt; sampling does not touch it."""

    def __init__(self, spec: ModelSpec, lookup: Lookup) -> None:
        check_options(spec)
        self.spec = spec
        self._lookup = lookup

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[Delta | Finish, None]:
        """Stream the recorded answer to exactly these messages; see `Model.stream`."""
        # The lookup reads the database; the event loop has other streams to serve meanwhile.
        answer = await asyncio.to_thread(self._lookup, self.spec.name, prompt_id_of(messages))
        if answer is None:
            raise ModelFailed(self._why_missing(messages))
        if answer.error is not None:
            raise ModelFailed(f"{self.spec.name}: the recorded answer is a failed one: {answer.error}")
        size = max(1, -(-len(answer.text) // CHUNKS))
        for start in range(0, len(answer.text), size):
            yield Delta(answer.text[start : start + size])
        yield Finish("recorded", answer.tokens)

    def _why_missing(self, messages: Sequence[Message]) -> str:
        if any(message.role == "assistant" for message in messages):
            return (
                f"{self.spec.name} is a recorded model and has no answer to this conversation: recorded models "
                "cannot answer follow-ups; start a new battle instead."
            )
        return (
            f"{self.spec.name} has no recorded answer to this prompt; import one, "
            "or choose a prompt from a set it has answered."
        )
