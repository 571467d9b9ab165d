"""From a template and a battle (or one answer) to the messages a judge is sent.

Texts are put into the template in one pass and inside the fence (`judges.fence`), so nothing an answer says is
interpreted. A question carries its code, which reading its reply needs.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arena.judgments import Failure
from arena.types import DEFAULT_CRITERION, Battle, Message, Prompt, Turn
from judges.fence import code_for, fenced, unfenced
from judges.reading import Unreadable
from judges.template import PLACEHOLDER, Template


@dataclass(frozen=True, slots=True)
class Question:
    """What a judge is sent, and what is needed to read its reply (`judges.reading.read`).

    `structured` tells which way of replying the messages ask for: one JSON object, or marked text.
    """

    template: Template
    messages: tuple[Message, ...]
    code: str
    structured: bool = False


def render_pairwise(
    template: Template,
    battle: Battle,
    *,
    swapped: bool = False,
    criterion: str = DEFAULT_CRITERION,
    structured: bool = False,
) -> Question:
    """Return the question which answer of `battle` is better; `swapped` shows side B first, as answer A.

    With `structured` the judge is asked for JSON, where the template can (`Template.structured`). Battles of several
    turns are shown whole: `{answer_a}` then holds the answers of a side with the user's follow-ups between.

    Raises:
        Unreadable: NOT_APPLICABLE, because there is no prompt, no finished answer, or no reference where one is needed.
    """
    if battle.prompt is None or not battle.votable:
        raise Unreadable(Failure.NOT_APPLICABLE, "The battle has no prompt or no two finished answers.")
    first, second = ("b", "a") if swapped else ("a", "b")
    prompt = battle.prompt
    shown: dict[str, tuple[str, tuple[Message, ...]]] = {
        "prompt": ("prompt", prompt.messages),
        "answer_a": ("answer A", _answers(battle.turns, first)),
        "answer_b": ("answer B", _answers(battle.turns, second)),
        "conversation_a": ("conversation A", (*prompt.messages, *_answers(battle.turns, first))),
        "conversation_b": ("conversation B", (*prompt.messages, *_answers(battle.turns, second))),
    }
    return _question(template, shown, prompt.reference, criterion, structured)


def render_single(
    template: Template,
    prompt: Prompt,
    conversation: Sequence[Message],
    *,
    criterion: str = DEFAULT_CRITERION,
    structured: bool = False,
) -> Question:
    """Return the question how good the last message of `conversation` is, an assistant's.

    `conversation` begins with the prompt's messages (`Battle.conversation` gives it whole; cut it after an earlier
    answer to have that one judged). `{prompt}` shows everything before the last answer, `{conversation}` all of it.

    Raises:
        Unreadable: NOT_APPLICABLE, with the reason: no answer at the end, or no reference where one is needed.
    """
    messages = tuple(conversation)
    if len(messages) < 2 or messages[-1].role != "assistant":
        raise Unreadable(Failure.NOT_APPLICABLE, "The conversation does not end with an answer.")
    shown = {
        "prompt": ("prompt", messages[:-1]),
        "answer": ("answer", messages[-1:]),
        "conversation": ("conversation", messages),
    }
    return _question(template, shown, prompt.reference, criterion, structured)


def schema_for(template: Template) -> dict[str, Any] | None:
    """Return the JSON schema of a structured reply, the same for every question of a template; `None` without one.

    The explanation comes first, so that the verdict follows from it and not the other way round.
    """
    if not template.structured:
        return None
    properties: dict[str, Any] = {"explanation": {"type": "string"}, "code": {"type": "string"}}
    if template.labels:
        properties["verdict"] = {"type": "string", "enum": list(template.labels)}
    elif template.scale is not None:
        numbers = [int(v) if v.is_integer() else v for v in template.scale.values]
        names = ("score",) if template.kind == "single" else ("score_a", "score_b")
        properties |= {name: {"type": "number", "enum": numbers} for name in names}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def call_key(fingerprint: str, messages: Sequence[Message]) -> str:
    """Return the content hash (32 hex digits) of a request: equal requests to one judge share it.

    The key does not know which battle or order the messages came from. A cached reading may therefore stem from
    another battle with the sides exchanged, which is why readings stand in the order shown.
    """
    text = json.dumps([fingerprint, [m.as_dict() for m in messages]], ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _answers(turns: Sequence[Turn], side: str) -> tuple[Message, ...]:
    messages = []
    for turn in turns:
        if turn.user is not None:
            messages.append(Message("user", turn.user))
        messages.append(Message("assistant", (turn.answer_a if side == "a" else turn.answer_b).text))
    return tuple(messages)


def _question(
    template: Template,
    shown: Mapping[str, tuple[str, tuple[Message, ...]]],
    reference: str | None,
    criterion: str,
    structured: bool,
) -> Question:
    known = dict(shown)
    if reference is not None and reference.strip():
        known["reference"] = ("reference", (Message("assistant", reference),))
    elif template.needs_reference:
        raise Unreadable(Failure.NOT_APPLICABLE, "The prompt has no reference answer to judge against.")
    texts = [message.content for _, messages in known.values() for message in messages]
    code = code_for(template.digest, criterion, *texts)
    blocks = {
        name: fenced(title, messages, code) if template.fence else unfenced(messages)
        for name, (title, messages) in known.items()
    }
    structured = structured and template.structured
    words = {"code": code, "criterion": template.criterion_text(criterion)}
    reply = _filled((template.json_reply if structured else None) or template.text_reply, words)
    words = {**words, **blocks, "reply": reply}
    messages = tuple(Message(role, _filled(text, words)) for role, text in template.messages)
    return Question(template, messages, code, structured)


def _filled(text: str, words: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda m: f"{{{m[1]}}}" if m[1] else words[m[2]], text)
