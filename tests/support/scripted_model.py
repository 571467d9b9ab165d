"""A model that says what a script tells it, at the script's pace: for battles whose timing matters."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from arena.errors import ModelFailed
from arena.models import Delta, Finish
from arena.types import Message, ModelKind, ModelSpec, Sampling


@dataclass
class ScriptedModel:
    """Says `pieces` with `pause` seconds before each, then ends with `reason`, or fails with `failure`."""

    name: str
    pieces: Sequence[str] = ("Hello", " there.")
    pause: float = 0.0
    reason: str | None = "stop"
    failure: str | None = None
    options: dict[str, object] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    """Held before the first piece until it is set."""
    asked: list[tuple[Message, ...]] = field(default_factory=list)
    sampled: list[Sampling] = field(default_factory=list)
    stopped: int = 0
    """How many streams were left before their end."""

    @property
    def spec(self) -> ModelSpec:
        return ModelSpec(self.name, ModelKind.LOCAL, {"path": "scripted", **self.options})

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[Delta | Finish, None]:
        self.asked.append(tuple(messages))
        self.sampled.append(sampling)
        ended = False
        try:
            if self.gate is not None:
                await self.gate.wait()
            for piece in self.pieces:
                await asyncio.sleep(self.pause)
                yield Delta(piece)
            ended = True
            if self.failure is not None:
                raise ModelFailed(self.failure)
            if self.reason is not None:
                yield Finish(self.reason, len(self.pieces))
        finally:
            self.stopped += not ended
