"""The opened models of a process: each stored spec is opened once, and local models share their base weights."""

import threading
from typing import TYPE_CHECKING

from arena.errors import ModelFailed
from arena.models.base import Model, collect
from arena.models.recorded import Lookup, RecordedModel
from arena.types import Message, ModelKind, ModelSpec, Sampling

if TYPE_CHECKING:
    from arena.models.engine import Engine
    from arena.models.loading import BaseKey

CHECK_MESSAGES = (Message("user", "Say hello in one short sentence."),)


class ModelPool:
    """Opens specs lazily and keeps what they opened until `close`; safe to use from several threads and event loops."""

    def __init__(self, recorded: Lookup) -> None:
        """Keep `recorded`, which finds a recorded answer by model name and prompt id (`None` when there is none)."""
        self._recorded = recorded
        self._models: dict[str, Model] = {}
        self._engines: dict[BaseKey, Engine] = {}
        self._lock = threading.Lock()

    def open(self, spec: ModelSpec) -> Model:
        """Return the model of `spec`, at once: weights load and servers are called when it is first asked.

        The same spec gives the same model; a changed spec of the same name replaces it.

        Raises:
            InvalidInput: an option is unknown, missing or impossible.
        """
        with self._lock:
            model = self._models.get(spec.name)
            if model is None or model.spec != spec:
                model = self._models[spec.name] = self._make(spec)
            return model

    async def check(self, spec: ModelSpec) -> str:
        """Ask the model for a short answer and return one line about it.

        Raises:
            InvalidInput: an option is unknown, missing or impossible.
            ModelFailed: the model gave no usable answer.
        """
        model = self.open(spec)
        if not spec.live:
            return f"{spec.name}: recorded, it answers the prompts it has answers for."
        answer = await collect(model, CHECK_MESSAGES, Sampling(temperature=0.0, max_tokens=256))
        if answer.error is not None:
            raise ModelFailed(answer.error)
        words = " ".join(answer.text.split())
        shown = words if len(words) <= 60 else words[:59] + "…"
        return f"{spec.name}: answered in {answer.seconds:.1f} s: {shown}"

    def close(self) -> None:
        """Stop every engine and let go of all weights; answers under way fail with one sentence."""
        with self._lock:
            engines = list(self._engines.values())
            self._models.clear()
            self._engines.clear()
        for engine in engines:
            engine.close()

    def _make(self, spec: ModelSpec) -> Model:
        if spec.kind is ModelKind.RECORDED:
            return RecordedModel(spec, self._recorded)
        if spec.kind is ModelKind.ENDPOINT:
            from arena.models.endpoint import EndpointModel

            return EndpointModel(spec)
        from arena.models.local import LocalModel

        return LocalModel(spec, self._engine)

    def _engine(self, key: "BaseKey") -> "Engine":
        from arena.models.engine import Engine

        with self._lock:
            if key not in self._engines:
                self._engines[key] = Engine(key)
            return self._engines[key]
