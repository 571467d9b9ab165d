"""An OpenAI-compatible server that answers from a script: what real servers do on bad days, on demand.

Each request takes the next `Reply`; the last one repeats. Where a `Compute` is given, it makes each reply from the
request instead, as judges need whose requests arrive in any order. Every request is kept in `requests`.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self


@dataclass(frozen=True)
class Reply:
    """What one request gets: by default a stream of `pieces` that ends well."""

    pieces: Sequence[str] = ("Hello", " there.")
    finish_reason: str | None = "stop"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    """Sent whole instead of a stream."""
    content_type: str = "application/json"
    """Type of `body`."""
    then: Literal["done", "end", "reset", "hang", "garbage", "error"] = "done"
    """After the pieces: end as the protocol says, end without its last line, break off, fall silent, send nonsense."""
    reasoning: str | None = None
    after: float = 0.0
    """Seconds before anything is sent."""


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


Compute = Callable[[Seen], Reply]


class ScriptedEndpoint:
    """Serves `replies`, or what `compute` makes of each request, on a free local port while it is open."""

    def __init__(self, *replies: Reply, compute: Compute | None = None) -> None:
        self.requests: list[Seen] = []
        self.most_in_flight = 0
        self.connections = 0
        self.gone = threading.Event()
        """Set once a client has gone away during a stream."""
        self._replies = list(replies) or [Reply()]
        self._compute = compute
        self._lock = threading.Lock()
        self._in_flight = 0
        self._release = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._release.set()
        self._server.shutdown()
        self._server.server_close()

    def script(self, *replies: Reply) -> None:
        """Answer the coming requests from these."""
        self._replies = list(replies)

    def _next(self, seen: Seen) -> Reply:
        with self._lock:
            self.requests.append(seen)
            if self._compute is None:
                return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        return self._compute(seen)

    def _worked_out(self, seen: Seen) -> Reply:
        self._count(1)
        try:
            reply = self._next(seen)
            time.sleep(reply.after)
        finally:
            self._count(-1)
        return reply

    def _count(self, change: int) -> None:
        with self._lock:
            self._in_flight += change
            self.most_in_flight = max(self.most_in_flight, self._in_flight)

    def _handler(endpoint) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                endpoint.connections += 1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                reply = endpoint._worked_out(Seen(self.path, _lower(self.headers), json.loads(body)))
                try:
                    endpoint._whole(self, reply) if reply.body is not None else endpoint._stream(self, reply)
                except (BrokenPipeError, ConnectionResetError):
                    endpoint.gone.set()
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        return Handler

    def _whole(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.then == "reset":
            handler.close_connection = True
            return
        if reply.then == "hang":
            self._release.wait()
            return
        data = (reply.body or "").encode()
        handler.send_response(reply.status)
        for name, value in {
            "content-type": reply.content_type,
            "content-length": str(len(data)),
            **reply.headers,
        }.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    def _stream(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        handler.send_response(reply.status)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        deltas: list[dict[str, Any]] = [{"role": "assistant"}]
        if reply.reasoning is not None:
            deltas.append({"reasoning_content": reply.reasoning})
        for delta in [*deltas, *({"content": piece} for piece in reply.pieces)]:
            self._event(handler, json.dumps(_chunk(delta, None)))
        if reply.then == "hang":
            self._wait_until_gone(handler)
            return
        if reply.then == "reset":
            handler.close_connection = True
            return
        if reply.then == "garbage":
            self._event(handler, "{not json")
        if reply.then == "error":
            self._event(
                handler, json.dumps({"error": {"message": "the worker died", "type": "server_error"}})
            )
        if reply.finish_reason is not None:
            self._event(handler, json.dumps(_chunk({}, reply.finish_reason)))
        if reply.then == "done":
            usage = {
                "prompt_tokens": 3,
                "completion_tokens": len(reply.pieces),
                "total_tokens": 3 + len(reply.pieces),
            }
            self._event(handler, json.dumps({**_chunk({}, None), "choices": [], "usage": usage}))
            self._event(handler, "[DONE]")
        handler.wfile.write(b"0\r\n\r\n")

    def _wait_until_gone(self, handler: BaseHTTPRequestHandler) -> None:
        """Send comments, which are no events, until the client hangs up or the server closes."""
        if not self.requests[-1].body.get("stream"):
            return
        handler.connection.settimeout(0.02)
        handler.close_connection = True
        while not self._release.wait(0.02):
            try:
                if handler.connection.recv(1) == b"":
                    self.gone.set()
                    return
            except TimeoutError:
                continue

    def _event(self, handler: BaseHTTPRequestHandler, data: str) -> None:
        line = f"data: {data}\n\n".encode()
        handler.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        handler.wfile.flush()


def completion(
    text: str | None,
    finish_reason: str | None = "stop",
    *,
    usage: tuple[int, int] | None = (3, 2),
    message: Mapping[str, Any] | None = None,
    logprobs: Mapping[str, Any] | None = None,
) -> str:
    """Return the body of an answer that is not streamed; `usage` counts prompt and new tokens."""
    said = {"role": "assistant", "content": text, **(message or {})}
    choice = {"index": 0, "message": said, "finish_reason": finish_reason, "logprobs": logprobs}
    body = {**_chunk({}, None), "object": "chat.completion", "choices": [choice]}
    if usage is not None:
        prompt, new = usage
        body["usage"] = {"prompt_tokens": prompt, "completion_tokens": new, "total_tokens": prompt + new}
    return json.dumps(body)


def error(message: str) -> str:
    """Return an error body in OpenAI's form."""
    return json.dumps({"error": {"message": message, "type": "error", "param": None, "code": None}})


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    """Many connections may come at once."""


def _chunk(delta: Mapping[str, Any], finish_reason: str | None) -> dict[str, Any]:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "scripted",
        "choices": choices,
    }


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
