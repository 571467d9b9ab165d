"""A crowd of voters over HTTP: each keeps one connection, sends a vote, waits for the answer, sends the next.

The client does as little as it can (one write, one read, no objects for headers), so that what is measured on two
cores is the server; its own CPU seconds are measured too.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Way = Literal["route", "unqueued", "queue"]
"""How a vote is sent: to a route as JSON, to Gradio's handler, or through Gradio's queue and its stream of events."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """One vote to be sent: where to, with which headers of the voter, and what."""

    path: str
    headers: str
    body: bytes


@dataclass(slots=True)
class Load:
    """What a crowd saw: seconds of each vote that was acknowledged, and what else came back."""

    latencies: list[float] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    cpu: float = 0.0


class Connection:
    """One connection to a server, opened again whenever the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, ballot: Ballot) -> tuple[int, bytes]:
        """Send a ballot and return status and body."""
        head = (
            f"POST {ballot.path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"{ballot.headers}Content-Length: {len(ballot.body)}\r\n\r\n"
        )
        return await self._exchange(head.encode() + ballot.body)

    async def get(self, path: str, headers: str = "") -> tuple[int, bytes]:
        """Fetch an address and return status and body; a stream is read to its end."""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{headers}\r\n"
        return await self._exchange(request.encode())

    def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 22)
        assert self._reader is not None
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head[9:12])
        if b"transfer-encoding: chunked" in head:
            body = await self._chunks(self._reader)
        else:
            start = head.find(b"content-length: ") + 16
            body = await self._reader.readexactly(int(head[start : head.index(b"\r", start)]))
        if b"connection: close" in head:
            self._writer.close()
            self._writer = None
        return status, body

    async def _chunks(self, reader: asyncio.StreamReader) -> bytes:
        parts = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(parts)


async def crowd(port: int, ways: list[Iterator[Ballot]], way: Way, seconds: float) -> Load:
    """Let each of `ways` be a voter for so many seconds; a vote that is under way then is waited for."""
    load = Load()
    begun, cpu = time.perf_counter(), time.process_time()
    until = begun + seconds

    async def voter(ballots: Iterator[Ballot], number: int) -> None:
        connection = Connection(port)
        for ballot in ballots:
            sent = time.perf_counter()
            if sent > until:
                break
            trouble = await _vote(connection, ballot, way, f"s{number}x{int(sent * 1e6)}")
            if trouble is None:
                load.latencies.append(time.perf_counter() - sent)
            else:
                load.refused[trouble] = load.refused.get(trouble, 0) + 1
        connection.close()

    await asyncio.gather(*(voter(ballots, number) for number, ballots in enumerate(ways)))
    load.seconds, load.cpu = time.perf_counter() - begun, time.process_time() - cpu
    return load


async def _vote(connection: Connection, ballot: Ballot, way: Way, session: str) -> str | None:
    """Send one vote and return what is wrong with the answer, if anything is."""
    if way == "queue":
        asked = json.loads(ballot.body) | {"session_hash": session}
        status, body = await connection.post(Ballot(ballot.path, ballot.headers, json.dumps(asked).encode()))
        if status == 200:
            status, body = await connection.get(
                f"/gradio_api/queue/data?session_hash={session}", ballot.headers
            )
            if b'"success":true' not in body.replace(b'"success": true', b'"success":true'):
                return f"an event stream that says {body[-200:]!r}"
    else:
        status, body = await connection.post(ballot)
    return None if status in (200, 201) else f"{status} {body[:200]!r}"
