"""Models behind an OpenAI-compatible server, over the official client.

Retries are ours, not the client's: a request is sent again only while no text has been shown, because a second answer
spliced onto a first would look like one. An answer counts as whole only with a finish reason, since a cut stream ends
without any error.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from arena.errors import ModelFailed
from arena.models.base import Delta, Finish, with_system
from arena.models.complete import Completion
from arena.models.endpoint_client import EndpointClient
from arena.models.endpoint_errors import AttemptError, attempt_error, completion_of_body
from arena.models.endpoint_reply import SAME_REASON, whole_reply
from arena.models.options import common_options, sampling_over
from arena.types import Message, ModelSpec, Sampling

if TYPE_CHECKING:
    from openai import AsyncOpenAI

FIRST_PAUSE = 0.5
"""Seconds before the first retry; doubled for each further one."""

LONGEST_PAUSE = 30.0
"""A server that asks for a longer wait is reported instead of waited for."""


class EndpointModel:
    """Streams chat completions from a server, or asks for one whole."""

    def __init__(self, spec: ModelSpec, jitter: random.Random | None = None) -> None:
        self.spec = spec
        self._own = common_options(spec)
        self._server = EndpointClient(spec)
        self._jitter = jitter or random.Random()

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[Delta | Finish, None]:
        """Stream the server's answer; see `Model.stream`."""
        key = self._server.key()
        client = await self._server.open(key)
        shown = False
        failures = 0
        while True:
            request = self._server.request(
                messages, sampling, stream=True, stream_options={"include_usage": True}
            )
            try:
                async with aclosing(self._attempt(client, request)) as events:
                    async for event in events:
                        shown = True
                        yield event
                return
            except AttemptError as fault:
                if not shown and self._server.adapts(fault, request):
                    continue
                failures += 1
                pause = self._pause(failures, fault)
                retries = self._server.options.retries
                if shown or not fault.transient or failures > retries or pause is None:
                    raise ModelFailed(self._server.sentence(fault, failures, key)) from None
            await asyncio.sleep(pause)

    async def complete(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        *,
        json_schema: Mapping[str, Any] | None,
        top_logprobs: int,
    ) -> Completion:
        """Ask for one whole reply; see `arena.models.complete.complete`."""
        return await whole_reply(
            self._server,
            with_system(self._own.system, messages),
            sampling_over(self._own, sampling),
            json_schema=json_schema,
            top_logprobs=top_logprobs,
        )

    async def _attempt(
        self, client: "AsyncOpenAI", request: Mapping[str, Any]
    ) -> AsyncGenerator[Delta | Finish, None]:
        """Send one request and stream its answer; any failure of server or network leaves as an `AttemptError`."""
        reason: str | None = None
        tokens: int | None = None
        try:
            raw = await client.chat.completions.with_raw_response.create(**request)
            kind = raw.headers.get("content-type", "text/event-stream")
            if "text/event-stream" not in kind:
                async for event in self._whole_body(raw, kind):
                    yield event
                return
            async with raw.parse() as chunks:
                async for chunk in chunks:
                    if chunk.usage is not None:
                        tokens = chunk.usage.completion_tokens
                    for choice in (chunk.choices or ())[:1]:
                        if choice.delta is not None and choice.delta.content:
                            yield Delta(choice.delta.content)
                        reason = choice.finish_reason or reason
        except AttemptError:
            raise
        except Exception as error:
            fault = attempt_error(error)
            if fault is None:
                raise
            if reason is None:
                raise fault from error
        yield Finish(_checked_reason(reason), tokens)

    async def _whole_body(self, raw: Any, kind: str) -> AsyncGenerator[Delta | Finish, None]:
        """Read the answer of a server that does not stream, or say what it sent instead."""
        body = await raw.http_response.aread()
        completion = completion_of_body(body, kind)
        choice = completion["choices"][0]
        text = (choice.get("message") or {}).get("content")
        if text:
            yield Delta(text)
        usage = completion.get("usage") or {}
        yield Finish(_checked_reason(choice.get("finish_reason")), usage.get("completion_tokens"))

    def _pause(self, failures: int, fault: AttemptError) -> float | None:
        """Return the seconds to wait before the next attempt, `None` when the server asks for too long a wait."""
        if fault.retry_after is not None:
            return fault.retry_after if fault.retry_after <= LONGEST_PAUSE else None
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)) * self._jitter.uniform(0.75, 1.25)


def _checked_reason(reason: str | None) -> str:
    if reason is None:
        raise AttemptError("cut the answer off (it came without a finish reason); ask again", transient=True)
    reason = SAME_REASON.get(reason, reason)
    if reason not in ("stop", "length"):
        what = "the server's content filter" if reason == "content_filter" else f"finish reason '{reason}'"
        raise AttemptError(f"ended the answer by {what}", transient=False)
    return reason
