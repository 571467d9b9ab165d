"""One whole reply from an endpoint: the request that asks for it, and what stands in its body.

What is asked for beyond a text, a JSON schema or log-probabilities, is a wish that a server may refuse or ignore.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from arena.errors import ModelFailed
from arena.judgments import Failure
from arena.models.complete import CallFailed, Completion, TokenChoices, is_json_object
from arena.models.endpoint_client import EndpointClient
from arena.models.endpoint_errors import AttemptError
from arena.types import Message, Sampling

SAME_REASON: Mapping[str, str] = {
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
}
"""What some servers write for OpenAI's two good ends of an answer."""


async def whole_reply(
    server: EndpointClient,
    messages: Sequence[Message],
    sampling: Sampling,
    *,
    json_schema: Mapping[str, Any] | None = None,
    top_logprobs: int = 0,
) -> Completion:
    """Ask `server` once; a request refused for a parameter it does not know is sent again without it, at once.

    Raises:
        CallFailed: there is no reply to read; a reply that was lost on its way may be asked for again.
    """
    more = _wishes(json_schema, top_logprobs)
    try:
        key = server.key()
    except ModelFailed as missing:
        raise CallFailed(str(missing)) from None
    while True:
        request = server.request(messages, sampling, **more)
        started = time.monotonic()
        try:
            body = await server.post(request, key)
        except AttemptError as fault:
            if server.adapts(fault, request):
                continue
            raise CallFailed(
                server.sentence(fault, 1, key),
                transient=fault.transient or fault.charged,
                retry_after=fault.retry_after,
                charged=fault.charged,
                busy=fault.busy,
            ) from None
        completion = _completion(body, time.monotonic() - started, structured="response_format" in request)
        _check_given(body, completion, server.spec.name)
        return completion


def _wishes(json_schema: Mapping[str, Any] | None, top_logprobs: int) -> dict[str, Any]:
    wishes: dict[str, Any] = {}
    if json_schema is not None:
        schema = {"name": "reply", "strict": True, "schema": dict(json_schema)}
        wishes["response_format"] = {"type": "json_schema", "json_schema": schema}
    if top_logprobs:
        wishes |= {"logprobs": True, "top_logprobs": top_logprobs}
    return wishes


def _completion(body: Mapping[str, Any], seconds: float, *, structured: bool) -> Completion:
    choice = body["choices"][0]
    usage = body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    reason = choice.get("finish_reason") or "unknown"
    text = _text(choice)
    return Completion(
        text,
        SAME_REASON.get(reason, reason),
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
        seconds,
        _logprobs(choice.get("logprobs")),
        structured and is_json_object(text),
    )


def _check_given(body: Mapping[str, Any], completion: Completion, name: str) -> None:
    """Raise where the model or its server declined to answer."""
    declined = (body["choices"][0].get("message") or {}).get("refusal")
    if completion.finish_reason == "content_filter":
        said = "the server's content filter withheld the reply"
    elif isinstance(declined, str) and declined.strip() and not completion.text.strip():
        said = f"the model declined: {' '.join(declined.split())[:300]}"
    else:
        return
    raise CallFailed(f"{name}: {said}.", Failure.REFUSED, charged=True, completion=completion)


def _text(choice: Mapping[str, Any]) -> str:
    """Return the text of a message, whose content may be one string, parts, or nothing."""
    content = (choice.get("message") or {}).get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _logprobs(found: object) -> tuple[TokenChoices, ...] | None:
    """Return the log-probabilities of a choice in OpenAI's form; any other form counts as none."""
    content = found.get("content") if isinstance(found, dict) else None
    if not isinstance(content, list) or not content:
        return None
    places = []
    for place in content:
        alternatives: dict[str, float] = {}
        for one in [place, *(place.get("top_logprobs") or ())]:
            if isinstance(one.get("token"), str) and isinstance(one.get("logprob"), int | float):
                alternatives.setdefault(one["token"], float(one["logprob"]))
        places.append(TokenChoices(str(place.get("token")), alternatives))
    return tuple(places)
