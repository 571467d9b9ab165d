"""A judge's server that answers from a script, for `judges.py`: run as a process of its own, it prints its address.

    python benchmarks/scripted_judge.py [--median 1.0] [--spread 0.5] [--seed 11]

Each question carries a tag, `item-0017-a` and `item-0017-b` for the two orders of one pair. What a question gets, and
after how long, is drawn from the seed, the tag and how often that tag was asked since the last `/begin`: so every
contender meets the same latencies and the same faults, in whatever order it asks. 2 % of the requests are turned away
at once (429, `Retry-After: 1`), 1 % fail (500) and 1 % bring a body that is cut off, both after their latency; the
others get a verdict that prefers the same answer in both orders, in the form the question asks for. `/begin` forgets
what was asked, `/end` tells what was served.
"""

import argparse
import asyncio
import json
import random
import re
from collections import Counter
from typing import Any, NamedTuple

from aiohttp import web

SPREAD = 0.5
"""Nine latencies in ten are between 0.44 and 2.3 times the median."""

TAG = re.compile(rb"item-(\d+)-([ab])")
CODE = re.compile(r"\[\[([^\s\[\]:]+): A\]\]|\"code\": \"([^\"]+)\"")
REASON = "Both answers address the prompt; the better one names the cause and gives an example that can be checked. "


class Drawn(NamedTuple):
    """What one request gets: `fate` is `good`, `429`, `500` or `cut off`; a 429 comes at once."""

    latency: float
    fate: str


def draw(seed: int, tag: str, asked: int, median: float, spread: float) -> Drawn:
    """Draw what a question with this tag gets when it is asked for the `asked`th time."""
    drawn = random.Random(f"{seed} {tag} {asked}")
    latency, luck = median * drawn.lognormvariate(0.0, spread), drawn.random()
    if luck < 0.02:
        return Drawn(0.0, "429")
    return Drawn(latency, "500" if luck < 0.03 else "cut off" if luck < 0.04 else "good")


class Script:
    """What the server has served since the last beginning, and what it serves next."""

    def __init__(self, median: float, spread: float, seed: int) -> None:
        self._median, self._spread, self._seed = median, spread, seed
        self.begin()

    def begin(self) -> None:
        """Forget everything that was asked."""
        self._asked: Counter[str] = Counter()
        self._served: Counter[str] = Counter()
        self._latency = 0.0
        self._in_flight = 0
        self._most_in_flight = 0

    def told(self) -> dict[str, Any]:
        """Return what was served: requests by kind, distinct questions, the sum of latencies in seconds."""
        return {
            "latency": self._latency,
            "requests": dict(self._served),
            "questions": len(self._asked),
            "most_in_flight": self._most_in_flight,
        }

    async def answer(self, request: web.Request) -> web.Response:
        """Serve one request."""
        body = await request.read()
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            return await self._answer(body)
        finally:
            self._in_flight -= 1

    async def _answer(self, body: bytes) -> web.Response:
        found = TAG.search(body)
        tag = found[0].decode() if found else ""
        first = found[2].decode() if found else "a"
        self._asked[tag] += 1
        latency, fate = draw(self._seed, tag, self._asked[tag], self._median, self._spread)
        self._served[fate] += 1
        if fate == "429":
            return _error(429, "Rate limit reached", {"Retry-After": "1"})
        self._latency += latency
        await asyncio.sleep(latency)
        if fate == "500":
            return _error(500, "The server had an error")
        reply = _completion(_verdict(json.loads(body), first))
        if fate == "cut off":
            reply = reply[: len(reply) // 2]
        return web.Response(text=reply, content_type="application/json")


def _verdict(asked: dict[str, Any], first: str) -> str:
    label = "A" if first == "a" else "B"
    found = CODE.search(asked["messages"][-1]["content"])
    if found is None:
        return f"{REASON * 3}[[{label}]]"
    code = found[1] or found[2]
    if "response_format" in asked:
        return json.dumps({"explanation": REASON * 3, "code": code, "verdict": label})
    return f"{REASON * 3}\n[[{code}: {label}]]"


def _completion(text: str) -> str:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 700, "completion_tokens": 80, "total_tokens": 780}
    return json.dumps(
        {
            "id": "c",
            "object": "chat.completion",
            "created": 0,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
    )


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    told = {"error": {"message": message, "type": "error", "param": None, "code": None}}
    return web.json_response(told, status=status, headers=headers)


async def serve(script: Script) -> None:
    """Serve on a free port until the process is ended."""

    async def begin(_: web.Request) -> web.Response:
        script.begin()
        return web.json_response({})

    async def end(_: web.Request) -> web.Response:
        return web.json_response(script.told())

    app = web.Application(client_max_size=2**24)
    app.add_routes(
        [
            web.post("/v1/chat/completions", script.answer),
            web.post("/begin", begin),
            web.post("/end", end),
        ]
    )
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=75)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--median", type=float, default=1.0, help="median latency in seconds")
    parser.add_argument(
        "--spread", type=float, default=0.5, help="standard deviation of the latency's logarithm"
    )
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    asyncio.run(serve(Script(options.median, options.spread, options.seed)))


if __name__ == "__main__":
    main()
