"""Models behind an OpenAI-compatible server, over the official client.

Retries are ours, not the client's: a request is sent again only while no text has been shown, because a second answer
spliced onto a first would look like one. An answer counts as whole only with a finish reason, since a cut stream ends
without any error.
"""

import asyncio
import importlib
import os
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from arena.errors import ModelFailed
from arena.models.base import Delta, Finish
from arena.models.endpoint_errors import AttemptError, attempt_error, completion_of_body, tidy
from arena.models.options import check_options, endpoint_options
from arena.types import Message, ModelSpec, Sampling

if TYPE_CHECKING:
    from openai import AsyncOpenAI

CONNECT_SECONDS = 10.0
"""Longest wait for a connection."""

FIRST_PAUSE = 0.5
"""Seconds before the first retry; doubled for each further one."""

LONGEST_PAUSE = 30.0
"""A server that asks for a longer wait is reported instead of waited for."""


class EndpointModel:
    """Streams chat completions from a server; one client for each event loop, made when first asked."""

    def __init__(self, spec: ModelSpec, jitter: random.Random | None = None) -> None:
        check_options(spec)
        self.spec = spec
        self._options = endpoint_options(spec)
        self._jitter = jitter or random.Random()
        self._clients: dict[asyncio.AbstractEventLoop, AsyncOpenAI] = {}
        self._renamed: dict[str, str | None] = {}

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[Delta | Finish, None]:
        """Stream the server's answer; see `Model.stream`."""
        key = self._key()
        client = await self._client(key)
        shown = False
        failures = 0
        while True:
            try:
                async with aclosing(self._attempt(client, messages, sampling)) as events:
                    async for event in events:
                        shown = True
                        yield event
                return
            except AttemptError as fault:
                if not shown and self._adapts(fault):
                    continue
                failures += 1
                pause = self._pause(failures, fault)
                if shown or not fault.transient or failures > self._options.retries or pause is None:
                    raise ModelFailed(self._sentence(fault, failures, key)) from None
            await asyncio.sleep(pause)

    async def _attempt(
        self, client: "AsyncOpenAI", messages: Sequence[Message], sampling: Sampling
    ) -> AsyncGenerator[Delta | Finish, None]:
        """Send one request and stream its answer; any failure of server or network leaves as an `AttemptError`."""
        reason: str | None = None
        tokens: int | None = None
        try:
            raw = await client.chat.completions.with_raw_response.create(**self._request(messages, sampling))
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

    def _request(self, messages: Sequence[Message], sampling: Sampling) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._options.model,
            "messages": [message.as_dict() for message in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": sampling.temperature,
            "max_tokens": sampling.max_tokens,
        }
        if sampling.top_p != 1.0:
            request["top_p"] = sampling.top_p
        if sampling.seed is not None:
            request["seed"] = sampling.seed
        for name, other in self._renamed.items():
            value = request.pop(name)
            if other is not None:
                request[other] = value
        return request

    def _adapts(self, fault: AttemptError) -> bool:
        """Learn from a refusal of a parameter that can be left out or renamed without changing the answer."""
        alternatives: Mapping[str, str | None] = {
            "stream_options": None,
            "max_tokens": "max_completion_tokens",
        }
        for name, other in alternatives.items():
            if name not in self._renamed and fault.refuses(name):
                self._renamed[name] = other
                return True
        return False

    def _pause(self, failures: int, fault: AttemptError) -> float | None:
        """Return the seconds to wait before the next attempt, `None` when the server asks for too long a wait."""
        if fault.retry_after is not None:
            return fault.retry_after if fault.retry_after <= LONGEST_PAUSE else None
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)) * self._jitter.uniform(0.75, 1.25)

    def _sentence(self, fault: AttemptError, failures: int, key: str | None) -> str:
        tries = f" ({failures} attempts)" if failures > 1 else ""
        return tidy(f"{self.spec.name}: {self._options.base_url} {fault}{tries}", key)

    def _key(self) -> str | None:
        name = self._options.api_key_env
        if name is None:
            return None
        key = os.environ.get(name, "").strip()
        if not key:
            raise ModelFailed(
                f"{self.spec.name}: the environment variable {name} is not set; put the server's API key into it."
            )
        return key

    async def _client(self, key: str | None) -> "AsyncOpenAI":
        # The import takes about a second, which no other stream of this event loop should wait for.
        await asyncio.to_thread(importlib.import_module, "openai")
        import httpx2
        from openai import AsyncOpenAI

        loop = asyncio.get_running_loop()
        self._clients = {known: client for known, client in self._clients.items() if not known.is_closed()}
        client = self._clients.get(loop)
        if client is None or client.api_key != (key or NO_KEY):
            client = AsyncOpenAI(
                base_url=self._options.base_url,
                api_key=key or NO_KEY,
                max_retries=0,
                timeout=httpx2.Timeout(
                    self._options.timeout, connect=min(CONNECT_SECONDS, self._options.timeout)
                ),
            )
            # The client reads these from OPENAI_* variables, which belong to one provider and to no other server.
            client.organization = client.project = None
            self._clients[loop] = client
        return client


NO_KEY = "none"
"""Sent where a server asks for no key, so that the client does not go looking for OPENAI_API_KEY."""


_SAME_REASON: Mapping[str, str] = {
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
}
"""What some servers write for OpenAI's two good ends of an answer."""


def _checked_reason(reason: str | None) -> str:
    if reason is None:
        raise AttemptError("cut the answer off (it came without a finish reason); ask again", transient=True)
    reason = _SAME_REASON.get(reason, reason)
    if reason not in ("stop", "length"):
        what = "the server's content filter" if reason == "content_filter" else f"finish reason '{reason}'"
        raise AttemptError(f"ended the answer by {what}", transient=False)
    return reason
