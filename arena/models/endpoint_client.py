"""The way to one server: its key, its clients, and the parameters it turned out not to take.

The OpenAI client runs over aiohttp here, which costs less than half the CPU of its own transport. Connections are kept
for less time than servers keep theirs, so that none is written to at the moment the server closes it.
"""

import asyncio
import importlib
import os
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from arena.errors import ModelFailed
from arena.models.endpoint_errors import AttemptError, tidy
from arena.models.endpoint_http import CONNECT_SECONDS, KEPT_SECONDS, JsonPosts
from arena.models.options import endpoint_options
from arena.models.per_loop import PerLoop
from arena.types import Message, ModelSpec, Sampling

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MOST_CONNECTIONS = 4096

WHOLE_SECONDS = 300.0
"""A whole reply is silent until it is finished, so the time without a byte is longer unless the option sets it."""

NO_KEY = "none"
"""Sent where a server asks for no key, so that the client does not go looking for OPENAI_API_KEY."""

_WITHOUT: Mapping[str, tuple[str | None, tuple[str, ...]]] = {
    "stream_options": (None, ("stream_options",)),
    "max_tokens": ("max_completion_tokens", ("max_tokens",)),
    "response_format": (None, ("response_format", "json_schema", "structured output", "guided")),
    "top_logprobs": (None, ("logprobs",)),
    "logprobs": (None, ("logprobs",)),
}
"""Parameters that can be left out or renamed: the other name if there is one, and the words a refusal uses."""


class EndpointClient:
    """What streams and whole replies of one endpoint share; safe to use from several event loops."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.options = endpoint_options(spec)
        self._clients: PerLoop[AsyncOpenAI] = PerLoop(_close)
        whole_seconds = self.options.timeout if spec.options.get("timeout") is not None else WHOLE_SECONDS
        self._posts = JsonPosts(f"{self.options.base_url}/chat/completions", whole_seconds)
        self._renamed: dict[str, str | None] = {}
        self._imported = False

    def key(self) -> str | None:
        """Return the API key, `None` where the server asks for none.

        Raises:
            ModelFailed: its environment variable is not set.
        """
        name = self.options.api_key_env
        if name is None:
            return None
        key = os.environ.get(name, "").strip()
        if not key:
            raise ModelFailed(
                f"{self.spec.name}: the environment variable {name} is not set; put the server's API key into it."
            )
        return key

    async def open(self, key: str | None) -> "AsyncOpenAI":
        """Return the client of the running event loop; it is closed together with the loop."""
        if not self._imported:
            # The import takes about a second, which no other stream of this event loop should wait for.
            await asyncio.to_thread(importlib.import_module, "openai")
            self._imported = True
        client = await self._clients.get(self._new, key)
        client.api_key = key or NO_KEY
        return client

    async def post(self, request: Mapping[str, Any], key: str | None) -> Mapping[str, Any]:
        """Send one request that is not streamed and return the completion; see `JsonPosts.post`."""
        return await self._posts.post(request, key or NO_KEY)

    def _new(self) -> "AsyncOpenAI":
        import httpx2
        from openai import AsyncOpenAI, DefaultAioHttpClient, omit

        timeout = httpx2.Timeout(
            self.options.timeout, connect=min(CONNECT_SECONDS, self.options.timeout), pool=None
        )
        limits = httpx2.Limits(max_connections=MOST_CONNECTIONS, keepalive_expiry=KEPT_SECONDS)
        client = AsyncOpenAI(
            base_url=self.options.base_url,
            api_key=NO_KEY,
            max_retries=0,
            timeout=timeout,
            http_client=DefaultAioHttpClient(timeout=timeout, limits=limits),
        )
        # What they tell of this machine is no server's business.
        unsent: Any = dict.fromkeys(client.platform_headers(), omit)
        client = client.with_options(default_headers=unsent)
        # The client reads these from OPENAI_* variables, which belong to one provider and to no other server.
        client.organization = client.project = None
        return client

    def request(self, messages: Sequence[Message], sampling: Sampling, **more: Any) -> dict[str, Any]:
        """Return the body of a request, `more` included, without what this server has refused before."""
        request: dict[str, Any] = {
            "model": self.options.model,
            "messages": [message.as_dict() for message in messages],
            "temperature": sampling.temperature,
            "max_tokens": sampling.max_tokens,
            **more,
        }
        if sampling.top_p != 1.0:
            request["top_p"] = sampling.top_p
        if sampling.seed is not None:
            request["seed"] = sampling.seed
        for name, other in self._renamed.items():
            if name in request:
                value = request.pop(name)
                if other is not None:
                    request[other] = value
        return request

    def adapts(self, fault: AttemptError, sent: Collection[str]) -> bool:
        """Learn from a refusal of parameters among those `sent` that can be left out or renamed."""
        refused = {
            name: other
            for name, (other, words) in _WITHOUT.items()
            if name in sent and any(fault.refuses(word) for word in words)
        }
        self._renamed.update(refused)
        return bool(refused)

    def sentence(self, fault: AttemptError, attempts: int, key: str | None) -> str:
        """Return what to tell the user about the last of `attempts`."""
        tries = f" ({attempts} attempts)" if attempts > 1 else ""
        return tidy(f"{self.spec.name}: {self.options.base_url} {fault}{tries}", key)


async def _close(client: "AsyncOpenAI") -> None:
    await client.close()
