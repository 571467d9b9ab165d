"""Voters at the page itself: each sends the HTTP requests that a browser with the page open sends, and nothing else."""

import json
import random
import re
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

BUTTONS = {"model_a": "vote-a", "tie": "vote-tie", "both_bad": "vote-bad", "model_b": "vote-b"}


@dataclass
class PageVoter:
    """One voter with a cookie and an open page of their own."""

    client: httpx.AsyncClient
    session: str = field(default_factory=lambda: secrets.token_hex(6))
    name: str = ""
    standing: Counter[str] = field(default_factory=Counter)
    """Outcomes of the votes that were acknowledged and not taken back."""
    refused: int = 0
    heard: list[str] = field(default_factory=list)
    """Everything the server has sent before the vote on the battle at hand."""
    _functions: list[dict[str, Any]] = field(default_factory=list)
    _elements: dict[int, str] = field(default_factory=dict)

    async def open(self) -> None:
        """Load the page as a browser does."""
        self.heard.append((await self.client.get("/")).raise_for_status().text)
        self.name = (await self.client.get("/api/v1/me")).raise_for_status().json()["name"]
        config = (await self.client.get("/config")).raise_for_status()
        self.heard.append(config.text)
        page = config.json()
        self._functions = page["dependencies"]
        self._elements = {part["id"]: part["props"].get("elem_id") for part in page["components"]}
        self.heard.append((await self._run(self._number(None, "load"))).raise_for_status().text)

    async def surprise(self) -> str:
        """Press "Surprise me" and listen until both answers are complete; return all that was sent."""
        heard = await self._stream(self._number("surprise", "click"))
        assert "ready" in heard, heard[-2000:]
        self.heard.append(heard)
        return heard

    async def vote(self, winner: str) -> httpx.Response:
        """Press a vote button; a vote that is acknowledged stands."""
        answer = await self._run(self._number(BUTTONS[winner], "click"))
        if answer.status_code == 200 and '"voted\\"' in answer.text:
            self.standing[winner] += 1
        else:
            self.refused += 1
        return answer

    async def undo(self, winner: str) -> None:
        """Press "Undo"."""
        (await self._run(self._number("undo", "click"))).raise_for_status()
        self.standing[winner] -= 1

    async def spend(self, battles: int, rng: random.Random) -> None:
        """Vote on some battles, now and then twice, and now and then take a vote back."""
        await self.open()
        for _ in range(battles):
            await self.surprise()
            winner = rng.choice(list(BUTTONS))
            await self.vote(winner)
            if rng.random() < 0.25:
                before = self.standing.copy()
                await self.vote(rng.choice(list(BUTTONS)))
                assert self.standing == before, "a second vote on one battle was taken"
            if rng.random() < 0.25:
                await self.undo(winner)

    def _number(self, element: str | None, event: str) -> int:
        for function in self._functions:
            for part, name in function["targets"]:
                if name == event and (element is None or self._elements.get(part) == element):
                    return int(function["id"])
        raise LookupError(f"Nothing happens at {event} of {element}.")

    def _body(self, number: int) -> dict[str, Any]:
        inputs = self._functions[number]["inputs"]
        data = ["All prompt sets" if self._elements.get(i) == "prompt-set" else None for i in inputs]
        return {"fn_index": number, "data": data, "session_hash": self.session, "event_data": None}

    async def _run(self, number: int) -> httpx.Response:
        return await self.client.post("/gradio_api/run/predict", json=self._body(number))

    async def _stream(self, number: int) -> str:
        joined = await self.client.post("/gradio_api/queue/join", json=self._body(number))
        event = joined.raise_for_status().json()["event_id"]
        heard: list[str] = []
        path = f"/gradio_api/queue/data?session_hash={self.session}"
        async with self.client.stream("GET", path) as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data:"):
                    continue
                heard.append(line)
                said = json.loads(line[5:])
                if said.get("msg") == "process_completed" and said.get("event_id") == event:
                    assert said["success"], line[:2000]
                    break
        return "\n".join(heard)


def names_in(text: str, nonce: str) -> list[str]:
    """Return every name made of a nonce that a text holds, however it is escaped."""
    return re.findall(rf"[\w-]*{nonce}[\w-]*", text)
