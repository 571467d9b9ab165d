"""One base in memory, one thread, one batch: whatever asks a base for text shares its forward passes.

Requests that wait are grouped into one `generate` call in which each row has its own adapter, sampling and end. A
`generate` call cannot take in rows while it runs, so it is a *round*: it ends early when someone waits, or when most of
its rows are done, and the next round goes on from the tokens so far with the newcomers added. That costs one prefill a
round, works for every architecture, and nobody waits for a stranger's long answer to end.
"""

import contextlib
import gc
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from arena.errors import ModelFailed
from arena.models.base import Delta, Finish
from arena.models.drawing import Draw, RowwiseDraw
from arena.models.loading import AdapterKey, Base, BaseKey, load_adapter, load_base
from arena.models.text import TextPieces
from arena.types import Message, Sampling

if TYPE_CHECKING:
    import torch

WINDOW = 0.005
"""Seconds an idle engine waits for more requests after the first, so that both sides of a battle share a batch."""

MAX_BATCH = 64
"""Rows of one round."""

ROUND_STEPS = 16
"""Tokens a round makes at least before it ends early, so that prefills stay a small part of the work."""

BASE_ADAPTER = "__base__"
"""PEFT's name for a row without an adapter."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one answer asks of an engine; `deliver` is called from the engine's thread and must not block."""

    messages: Sequence[Message]
    sampling: Sampling
    adapter: AdapterKey | None
    deliver: Callable[[Delta | Finish | ModelFailed], None]
    cancelled: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class Stats:
    """What an engine has done so far."""

    loads: int = 0
    rounds: int = 0
    largest_batch: int = 0
    tokens: int = 0


class Row:
    """A request on its way: its prompt, the tokens so far, and what ends it."""

    def __init__(self, request: Request, base: Base, prompt_ids: list[int], adapter: str) -> None:
        sampling = request.sampling
        self.request = request
        self.ids = prompt_ids
        self.adapter = adapter
        self.draw = Draw(sampling.temperature, sampling.top_p, np.random.default_rng(sampling.seed))
        room = sampling.max_tokens if base.context is None else base.context - len(prompt_ids)
        self.left = min(sampling.max_tokens, room)
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
        """End the row with an error."""
        self.done = True
        self.request.deliver(failure)

    def _finish(self, reason: str) -> None:
        self.done = True
        if rest := self._pieces.rest():
            self.request.deliver(Delta(rest))
        self.request.deliver(Finish(reason, self._made))


class Engine:
    """Answers requests to one base from its own thread; the weights load with the first request."""

    def __init__(self, key: BaseKey, *, max_batch: int = MAX_BATCH, window: float = WINDOW) -> None:
        self.key = key
        self.stats = Stats()
        self._limit = max_batch
        self._window = window
        self._base: Base | None = None
        self._adapters: dict[AdapterKey, str] = {}
        self._waiting: deque[Request] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def submit(self, request: Request) -> None:
        """Queue a request; from any thread."""
        with self._changed:
            if self._closed:
                raise ModelFailed(f"The model in {self.key.path} was closed; open it again.")
            self._waiting.append(request)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name=f"engine {self.key.path}", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop: requests under way fail with one sentence, and the weights are let go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _work(self) -> None:
        rows: list[Row] = []
        while True:
            requests = self._next(idle=not rows)
            if self._closed:
                break
            rows += self._rows_of(requests)
            batch, later = rows[: self._limit], rows[self._limit :]
            if batch:
                self._round(batch)
            rows = [row for row in batch if not row.done] + later
        closed = ModelFailed(f"The model in {self.key.path} was closed while it answered.")
        for request in (*requests, *(row.request for row in rows)):
            request.deliver(closed)
        self._base = None
        gc.collect()
        _empty_accelerator()

    def _next(self, *, idle: bool) -> list[Request]:
        """Take the requests that wait; an idle engine sleeps until there are some."""
        with self._changed:
            if idle:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._closed and len(self._waiting) < self._limit:
                    self._changed.wait_for(
                        lambda: len(self._waiting) >= self._limit or self._closed, timeout=self._window
                    )
            taken = list(self._waiting)
            self._waiting.clear()
            return taken

    def _rows_of(self, requests: Sequence[Request]) -> list[Row]:
        rows = []
        for request in requests:
            if request.cancelled.is_set():
                continue
            try:
                rows.append(self._row(request))
            except ModelFailed as failure:
                request.deliver(failure)
            except Exception as error:
                request.deliver(ModelFailed(f"The model in {self.key.path} could not be asked: {error}"))
        return rows

    def _row(self, request: Request) -> Row:
        if self._base is None:
            self._base = load_base(self.key)
            self.stats.loads += 1
        base = self._base
        adapter = self._adapter(base, request.adapter)
        try:
            ids = base.tokenizer.apply_chat_template(
                [message.as_dict() for message in request.messages],
                add_generation_prompt=True,
                return_dict=False,
            )
        except Exception as error:
            raise ModelFailed(
                f"The chat template in {self.key.path} refuses this conversation: {error}"
            ) from error
        if base.context is not None and len(ids) >= base.context:
            raise ModelFailed(
                f"The conversation has {len(ids)} tokens and the model in {self.key.path} reads at most "
                f"{base.context} with its answer; shorten it."
            )
        return Row(request, base, list(ids), adapter)

    def _adapter(self, base: Base, key: AdapterKey | None) -> str:
        if key is None:
            return BASE_ADAPTER
        if key not in self._adapters:
            name = f"adapter_{len(self._adapters)}"
            load_adapter(base, key, name)
            self._adapters[key] = name
        return self._adapters[key]

    def _round(self, rows: Sequence[Row]) -> None:
        """Write on at every row until all are done or the round ends early."""
        self.stats.rounds += 1
        self.stats.largest_batch = max(self.stats.largest_batch, len(rows))
        try:
            self._generate(rows)
        except Exception as error:
            if _out_of_memory(error) and len(rows) > 1:
                self._limit = max(1, len(rows) // 2)
                _empty_accelerator()
                return
            failure = ModelFailed(f"The model in {self.key.path} failed while writing: {error}")
            for row in rows:
                if not row.done:
                    row.fail(failure)

    def _generate(self, rows: Sequence[Row]) -> None:
        import torch
        from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

        base = self._base
        assert base is not None
        longest = max(len(row.ids) for row in rows)
        device = base.model.device
        ids = torch.tensor(
            [[base.pad_id] * (longest - len(row.ids)) + row.ids for row in rows], device=device
        )
        mask = torch.tensor(
            [[0] * (longest - len(row.ids)) + [1] * len(row.ids) for row in rows], device=device
        )
        adapters: dict[str, Any] = {"adapter_names": [row.adapter for row in rows]} if base.adapted else {}
        with torch.inference_mode():
            base.model.generate(
                input_ids=ids,
                attention_mask=mask,
                generation_config=GenerationConfig(
                    do_sample=False,
                    max_new_tokens=max(row.left for row in rows),
                    eos_token_id=list(base.end_ids) or None,
                    pad_token_id=base.pad_id,
                ),
                logits_processor=LogitsProcessorList([RowwiseDraw([row.draw for row in rows])]),
                stopping_criteria=StoppingCriteriaList([_Watch(self, rows)]),
                **adapters,
            )

    def _someone_waits(self) -> bool:
        return self._closed or bool(self._waiting)


class _Watch:
    """A stopping criterion that hands each row its new token and says which rows, or whether all, stop."""

    def __init__(self, engine: Engine, rows: Sequence[Row]) -> None:
        self._engine = engine
        self._rows = rows
        self._steps = 0

    def __call__(self, input_ids: "torch.Tensor", scores: Any, **unused: Any) -> "torch.Tensor":
        import torch

        self._steps += 1
        for row, token in zip(self._rows, input_ids[:, -1].tolist(), strict=True):
            row.accept(token)
        done = [row.done for row in self._rows]
        self._engine.stats.tokens += len(done) - sum(done)
        if self._ends_early(len(done) - sum(done)):
            done = [True] * len(done)
        return torch.tensor(done, device=input_ids.device)

    def _ends_early(self, writing: int) -> bool:
        engine = self._engine
        if engine._closed:
            return True
        if self._steps < ROUND_STEPS:
            return False
        return (bool(engine._waiting) and writing < engine._limit) or 2 * writing <= len(self._rows) >= 4


def _out_of_memory(error: Exception) -> bool:
    import torch

    return isinstance(error, torch.OutOfMemoryError)


def _empty_accelerator() -> None:
    with contextlib.suppress(ImportError):
        import torch

        if torch.cuda.is_available():
            torch.cuda.empty_cache()
