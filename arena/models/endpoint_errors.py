"""What can go wrong at an endpoint, as one sentence each.

The translation from the client's exceptions stands here and nowhere else; a sentence never holds the key.
"""

import email.utils
import json
import re
import sys
import time
from collections.abc import Mapping
from typing import Any


class AttemptError(Exception):
    """One failed attempt: what the server did, and whether asking again may help."""

    def __init__(
        self,
        what: str,
        *,
        transient: bool,
        retry_after: float | None = None,
        refused: str | None = None,
        charged: bool = False,
        busy: bool = False,
    ) -> None:
        super().__init__(what)
        self.transient = transient
        self.retry_after = retry_after
        self.charged = charged
        """Whether the server may have done the work, so that asking again pays twice."""
        self.busy = busy
        """Whether the server only had no room for the request."""
        self._refused = refused

    def refuses(self, parameter: str) -> bool:
        """Whether the server turned the request down because of `parameter`."""
        return self._refused is not None and parameter in self._refused


def attempt_error(error: Exception) -> AttemptError | None:
    """Translate an exception of the client or of the network, `None` when it is neither."""
    import aiohttp

    network = _network_error(error)
    if network is not None:
        return _fault_of_network(network)
    if isinstance(error, aiohttp.ClientError):
        return AttemptError(f"could not be asked: {error}", transient=False)
    if "openai" not in sys.modules:
        return None
    import httpx2
    import openai

    if isinstance(error, openai.APIStatusError):
        return fault_of_status(error.status_code, error.body, error.response.headers)
    if isinstance(error, openai.APIError):
        return AttemptError(f"reported an error: {_told(error.body) or error.message}", transient=False)
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return AttemptError(
            "sent something that is not JSON; is it an OpenAI-compatible server?",
            transient=False,
            charged=True,
        )
    if isinstance(error, openai.OpenAIError | httpx2.HTTPError | httpx2.InvalidURL):
        return AttemptError(f"could not be asked: {error}", transient=False)
    return None


def _network_error(error: Exception) -> BaseException | None:
    """Return what the network library raised: the client's layers above it tell a reset from a timeout wrongly."""
    import aiohttp

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError | TimeoutError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None


def _fault_of_network(error: BaseException) -> AttemptError:
    import aiohttp

    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return AttemptError(
            "cannot be reached: the connection timed out; is the server running?", transient=True
        )
    if isinstance(error, TimeoutError):
        # Not sent again: a server that is still working on the first request would work on two.
        return AttemptError(
            "sent nothing within the time limit; raise the option 'timeout' or try later",
            transient=False,
            charged=True,
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        return AttemptError(
            f"cannot be reached ({_innermost(error)}); is the server running?", transient=True
        )
    return AttemptError(
        f"broke the connection off ({_innermost(error)}); ask again", transient=True, charged=True
    )


def completion_of_body(body: bytes, kind: str, *, transient: bool = False) -> Mapping[str, Any]:
    """Return the chat completion in a body that was not streamed, or raise what came instead, as `transient`."""
    if "json" not in kind:
        shown = "a web page" if "html" in kind else f"content of type {kind!r}"
        raise AttemptError(
            f"answered with {shown} instead of a chat completion; check 'base_url'", transient=transient
        )
    try:
        completion = json.loads(body)
    except ValueError:
        raise AttemptError(
            "sent something that is not JSON; is it an OpenAI-compatible server?",
            transient=transient,
            charged=True,
        ) from None
    told = _told(completion)
    choices = completion.get("choices") if isinstance(completion, dict) else None
    if told is not None or not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise AttemptError(
            f"sent no chat completion: {told or 'the answer has no choices'}", transient=transient
        )
    return dict(completion)


def tidy(sentence: str, key: str | None) -> str:
    """Return `sentence` on one line, of bounded length, without the key and without a password in an address."""
    if key:
        sentence = sentence.replace(key, "***")
    sentence = re.sub(r"(https?://)[^/\s@]+@", r"\1", sentence)
    sentence = " ".join(sentence.split())
    return sentence if len(sentence) <= 500 else sentence[:499] + "…"


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Return how long a server asks to wait: `Retry-After` in seconds or as a date, `None` without a readable one."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    parsed = email.utils.parsedate_tz(value)
    return None if parsed is None else max(0.0, email.utils.mktime_tz(parsed) - time.time())


_REMEDIES: Mapping[int, str] = {
    401: "refused the API key; check the variable named by 'api_key_env'",
    403: "does not allow this request; check the key's rights",
    404: "knows no such address or model; check 'base_url' (often ending in /v1) and 'model'",
}


def fault_of_status(status: int, body: object, headers: Mapping[str, str]) -> AttemptError:
    """Translate a status of 400 or more and what stands in its body, as JSON or text."""
    told = _told(body)
    detail = f"{status}" + (f": {told}" if told else "")
    retry_after = retry_after_seconds(headers)
    if status == 429:
        wait = f" and asks to wait {retry_after:.0f} s" if retry_after else ""
        return AttemptError(
            f"is out of capacity or quota{wait} ({detail})",
            transient=True,
            retry_after=retry_after,
            busy=True,
        )
    refused = told if status in (400, 403, 422) else None
    if status in _REMEDIES:
        return AttemptError(f"{_REMEDIES[status]} ({detail})", transient=False, refused=refused)
    if status >= 500 or status in (408, 409):
        return AttemptError(f"failed ({detail}); try later", transient=True, retry_after=retry_after)
    return AttemptError(f"refused the request ({detail})", transient=False, refused=refused)


def _told(body: object) -> str | None:
    """Find the server's own words in an error body, in the forms that servers use."""
    if isinstance(body, str):
        return None if body.lstrip().startswith("<") else body or None
    if not isinstance(body, dict):
        return None
    for name in ("error", "message", "detail"):
        inner = body.get(name)
        if isinstance(inner, str) and inner:
            return inner
        if isinstance(inner, dict | list) and inner:
            return _told(inner) or json.dumps(inner, ensure_ascii=False)
    return None


def _innermost(error: BaseException) -> str:
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return str(error) or type(error).__name__
