"""One whole reply from a model, for callers that read it rather than show it: what a judge's call is.

A call here is exactly one attempt. Whoever pays for calls decides about the next one, so nothing is retried inside;
what failed says whether asking again may help, how long to wait, and whether the server may have charged for it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from arena.errors import ModelFailed
from arena.judgments import Failure
from arena.models.base import Model, collect
from arena.types import FINISHED, Message, Sampling


@dataclass(frozen=True, slots=True)
class TokenChoices:
    """One token of a reply, and the log-probabilities (natural) of the likeliest tokens at its place."""

    token: str
    alternatives: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply.

    `finish_reason` is `stop`, `length` (cut at `max_tokens`), `recorded`, or whatever else the server wrote, `unknown`
    where it wrote nothing. `structured` says that a JSON schema was sent and that the reply is a JSON object, which a
    server that ignores schemas does not give.
    """

    text: str
    finish_reason: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = 0.0
    logprobs: tuple[TokenChoices, ...] | None = None
    structured: bool = False


class CallFailed(ModelFailed):
    """One attempt brought no reply that can be read.

    `transient`: asking again may help, after `retry_after` seconds where the server named them. `charged`: the server
    may have done the work, so that a ceiling must count it. `busy`: it only had no room for the request.
    `completion`: what came nevertheless, for example the tokens of a reply its filter withheld.
    """

    def __init__(
        self,
        message: str,
        failure: Failure = Failure.NO_REPLY,
        *,
        transient: bool = False,
        retry_after: float | None = None,
        charged: bool = False,
        busy: bool = False,
        completion: Completion | None = None,
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.transient = transient
        self.retry_after = retry_after
        self.charged = charged
        self.busy = busy
        self.completion = completion


@runtime_checkable
class WholeReplies(Protocol):
    """A model that can be asked for a reply in one piece, as endpoints can."""

    async def complete(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        *,
        json_schema: Mapping[str, Any] | None,
        top_logprobs: int,
    ) -> Completion:
        """Send one request, the model's own options applied; see `complete` for what it raises."""
        ...


async def complete(
    model: Model,
    messages: Sequence[Message],
    sampling: Sampling,
    *,
    json_schema: Mapping[str, Any] | None = None,
    top_logprobs: int = 0,
) -> Completion:
    """Ask `model` once and return its whole reply; its own system message and sampling come first, as in `collect`.

    `json_schema` and `top_logprobs` (how many alternatives a token) are wishes: a server that refuses one is asked
    without it from then on, and models that are no endpoints know neither.

    Raises:
        CallFailed: there is no reply to read.
        InvalidInput: a sampling setting is out of its range.
    """
    if isinstance(model, WholeReplies):
        return await model.complete(messages, sampling, json_schema=json_schema, top_logprobs=top_logprobs)
    answer = await collect(model, messages, sampling)
    if answer.error is not None and answer.finish_reason not in FINISHED:
        raise CallFailed(answer.error)
    return Completion(
        answer.text,
        answer.finish_reason or "unknown",
        completion_tokens=answer.tokens,
        seconds=answer.seconds or 0.0,
        structured=json_schema is not None and is_json_object(answer.text),
    )


def is_json_object(text: str) -> bool:
    """Whether `text` is one JSON object and nothing else."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
