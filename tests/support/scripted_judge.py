"""A judge behind an OpenAI-compatible server: it reads the question as a model would and replies by a rule.

The rule sees the prompt and the answers in the order shown. A prompt may ask for a bad day by a word of `BAD_DAYS`.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.scripted_endpoint import Reply, ScriptedEndpoint, Seen, completion, error

_BLOCK = re.compile(
    r"<(?P<name>[a-zA-Z ]+) (?P<code>[0-9a-f]{8})>\n(?P<text>.*?)\n</(?P=name) (?P=code)>", re.DOTALL
)


@dataclass(frozen=True)
class Asked:
    """A question as the judge understood it; `answers` are in the order shown."""

    code: str
    prompt: str
    answers: tuple[str, ...]
    structured: bool
    text: str
    """Everything that was sent."""


Rule = Callable[[Asked], str]
"""The label (`A`, `B`, `tie`, `neither`) or the score as written."""


def asked_in(seen: Seen) -> Asked:
    """Read a request."""
    text = "\n".join(message["content"] for message in seen.body["messages"])
    blocks = [
        (m["name"], m["code"], m["text"]) for m in _BLOCK.finditer(seen.body["messages"][-1]["content"])
    ]
    answers = tuple(found for name, _, found in blocks if name.startswith("answer"))
    prompt = next(found for name, _, found in blocks if name == "prompt")
    return Asked(blocks[0][1], prompt, answers, "response_format" in seen.body, text)


def longer(asked: Asked) -> str:
    """Prefer the longer answer, whichever side it is shown on."""
    a, b = map(len, asked.answers)
    return "A" if a > b else "B" if b > a else "tie"


def first_shown(asked: Asked) -> str:
    """Prefer what is shown first."""
    return "A"


def by_length(asked: Asked) -> str:
    """Score the one answer by its words, from 1 to 10."""
    return str(min(10, max(1, len(asked.answers[0].split()))))


def _unreadable(asked: Asked, said: str) -> Reply:
    return Reply(body=completion("I would rather talk about lighthouses."))


def _contradictory(asked: Asked, said: str) -> Reply:
    return Reply(body=completion(f"[[{asked.code}: A]] or rather [[{asked.code}: B]]"))


def _off_scale(asked: Asked, said: str) -> Reply:
    return Reply(body=completion(f"[[{asked.code}: C]]"))


def _truncated(asked: Asked, said: str) -> Reply:
    return Reply(body=completion("Let me think about it at leng", "length"))


def _refused(asked: Asked, said: str) -> Reply:
    return Reply(body=completion(None, "content_filter"))


def _no_reply(asked: Asked, said: str) -> Reply:
    return Reply(status=500, body=error("the worker died"))


BAD_DAYS = {
    "unreadable": _unreadable,
    "contradictory": _contradictory,
    "off_scale": _off_scale,
    "truncated": _truncated,
    "refused": _refused,
    "no_reply": _no_reply,
}
"""What the server does where the prompt holds one of these words; each is a kind of failure."""


def scripted_judge(
    rule: Rule = longer,
    *,
    bad_days: bool = True,
    usage: tuple[int, int] = (100, 10),
    after: float | Callable[[Seen], float] = 0.0,
) -> ScriptedEndpoint:
    """Return a server that judges by `rule`; a reply takes `after` seconds and counts `usage` tokens."""

    def compute(seen: Seen) -> Reply:
        asked = asked_in(seen)
        said = rule(asked)
        for word, day in BAD_DAYS.items():
            if bad_days and f"<{word}>" in asked.prompt:
                return day(asked, said)
        if asked.structured:
            number = said.isdecimal()
            reply = {"explanation": "because", "code": asked.code}
            text = json.dumps({**reply, "score": int(said)} if number else {**reply, "verdict": said})
        else:
            text = f"One is better.\n[[{asked.code}: {said}]]"
        return Reply(body=completion(text, usage=usage), after=after(seen) if callable(after) else after)

    return ScriptedEndpoint(compute=compute)
