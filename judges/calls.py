"""Asking a judge's model: many calls at once, none paid for twice, none lost.

`CallRunner.ask` takes groups of calls whose outcomes belong together (both orders of a battle) and gives each group
back once all its calls are settled and stored. A call has a key, the content hash of what is asked: a key with a
stored reading is not asked again, and equal keys in flight are asked once. What a run did not get to ask, because it
was stopped or its ceiling reached, is no failure: it is not given back at all, only counted.
"""

import random
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from arena.errors import InvalidInput
from arena.judgments import Failure
from arena.models import Completion, Model
from arena.models.options import own_sampling
from arena.store.judgments import Judgments
from arena.types import Message, Sampling
from judges.call_progress import CallProgress
from judges.spending import Estimator, Meter, prices_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CallRequest:
    """One call: its key, what is sent, and how the reply is read.

    `read` raises `judges.reading.Unreadable` for a reply without a verdict. `json_schema` and `top_logprobs` are asked
    for where the model's server offers them.
    """

    key: str
    messages: tuple[Message, ...]
    read: Callable[[Completion], Mapping[str, Any]]
    json_schema: Mapping[str, Any] | None = None
    top_logprobs: int = 0


@dataclass(frozen=True, slots=True)
class CallGroup(Generic[T]):
    """Calls whose outcomes are wanted together; `tag` is the caller's own and comes back with them."""

    tag: T
    requests: tuple[CallRequest, ...]


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What became of one call: its reading, or why there is none."""

    key: str
    reading: Mapping[str, Any] | None
    failure: Failure | None = None
    detail: str | None = None
    cached: bool = False
    """Whether it was answered from the store, or by an equal call of this run."""


@dataclass(frozen=True, slots=True)
class GroupOutcome(Generic[T]):
    """A group with the outcomes of its calls, in their order."""

    tag: T
    outcomes: tuple[CallOutcome, ...]


@dataclass(frozen=True, slots=True)
class CallSettings:
    """How a run asks; a model's own sampling options come before `sampling`.

    Prices are for a million tokens. `max_cost` and `max_tokens` bound what this run may spend.
    """

    slots: int = 64
    """Requests in flight at once."""
    attempts: int = 5
    """Most requests for one call in a run."""
    unreadable_attempts: int = 3
    """Of these, most that may bring a reply nobody can read."""
    busy_attempts: int = 12
    """Requests that a server without room turned away count apart: so many for one call."""
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.0))
    price_in: float | None = None
    price_out: float | None = None
    max_cost: float | None = None
    max_tokens: int | None = None
    first_pause: float = 0.25
    """Seconds before the first retry; doubled for each further one."""
    longest_pause: float = 60.0
    """Longest wait; a server that asks for a longer one ends the call."""
    give_up_after: int = 10
    """So many calls in a row that no reply came for end the run."""
    save_seconds: float = 0.3
    """Received replies are stored so often, in one transaction, which costs as much for one as for ten. A process that
    is killed loses those and the ones in flight, which are several times as many."""

    def __post_init__(self) -> None:
        for name in ("slots", "attempts", "unreadable_attempts", "busy_attempts", "give_up_after"):
            if getattr(self, name) < 1:
                raise InvalidInput(f"{name} is {getattr(self, name)}, but must be at least 1.")


class StopSign(Protocol):
    """Tells a run to stop: `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


class CallRunner:
    """Asks one judge's model; one runner for each run."""

    def __init__(
        self,
        model: Model,
        judge: str,
        fingerprint: str,
        store: Judgments,
        settings: CallSettings | None = None,
        *,
        stop: StopSign | None = None,
        on_progress: Callable[[CallProgress], None] | None = None,
        jitter: random.Random | None = None,
    ) -> None:
        """Ask `model` as `judge`; every call is stored in `store` under `fingerprint`.

        Once `stop` is set no call starts, those in flight are awaited and stored, and the run ends. `on_progress` is
        called in the event loop, a few times a second and at the end.

        Raises:
            InvalidInput: the prices, the ceilings or the sampling are impossible.
        """
        self.model = model
        self.judge = judge
        self.fingerprint = fingerprint
        self.store = store
        self.settings = settings or CallSettings()
        self.sampling = own_sampling(model.spec, self.settings.sampling)
        self.stop = stop
        self.on_progress = on_progress
        self.jitter = jitter or random.Random()
        self.meter = Meter(
            prices_of(self.settings.price_in, self.settings.price_out),
            self.settings.max_cost,
            self.settings.max_tokens,
        )
        self.estimator = Estimator(self.sampling.max_tokens, store.spent(judge))
        self.progress = CallProgress()
        self.ended: str | None = None
        """Why the run ended before everything was asked, in one sentence; `None` when it did not."""

    async def ask(
        self, groups: Iterable[CallGroup[T]] | AsyncIterable[CallGroup[T]], total: int | None = None
    ) -> AsyncGenerator[list[GroupOutcome[T]], None]:
        """Ask every call of `groups` and give groups back in portions, in the order they are settled.

        `groups` is read as the calls go out, never far ahead. `total` is the number of calls in it, if known, for the
        time left. A group comes back once every outcome in it is durable. After the end, `progress` and `ended` say how
        it went. Leaving the generator, or cancelling it, drops the calls in flight and stores what has arrived.

        Raises:
            StoreFailed: replies could not be stored.
        """
        from judges.call_run import CallRun

        async with aclosing(CallRun(self, groups, total).portions()) as portions:
            async for portion in portions:
                yield portion
