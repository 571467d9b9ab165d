"""Conversations as others write them, read into what a battle holds: a prompt, and turns with an answer of each side.

Both sides must have been asked the same things; a difference is an error of the row and never settled by a guess.
Errors here are `UnreadableError`, whose text is the reason a row is refused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from arena.types import Message

Role = Literal["system", "user", "assistant"]
_ROLES: Mapping[str, Role] = {
    "system": "system",
    "user": "user",
    "human": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
}


class UnreadableError(Exception):
    """A row whose texts are not what they should be; the message is the reason, without the row's place."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was shown in a battle: the prompt, and each turn as (what the user wrote, answer a, answer b).

    In the first turn what the user wrote is `None`: it is the prompt.
    """

    prompt: tuple[Message, ...]
    turns: tuple[tuple[str | None, str, str], ...]


def messages_of(value: Any, name: str) -> tuple[Message, ...]:
    """Return the messages in a list of `{role, content}` or `{from, value}` (or its JSON), content in parts joined.

    Raises:
        UnreadableError: it is not such a list; `name` is what the reason calls it.
    """
    entries = _loaded(value)
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        raise UnreadableError(f"{name} is not a list of messages with role and content")
    return tuple(message_of(entry, name) for entry in entries)


def message_of(value: Any, name: str) -> Message:
    """Return one message in any of the spellings that `messages_of` reads.

    Raises:
        UnreadableError: it is not one.
    """
    if not isinstance(value, Mapping):
        raise UnreadableError(f"{name} has an entry that is not a message with role and content")
    role = value.get("role", value.get("from"))
    content = text_of(value.get("content", value.get("value")))
    if role not in _ROLES:
        raise UnreadableError(
            f"{name} has a message of the role {role!r}, which is none of system, user, assistant"
        )
    if content is None:
        raise UnreadableError(f"{name} has a message without text")
    return Message(_ROLES[cast("str", role)], content)


def text_of(content: Any) -> str | None:
    """Return the text of a message's content: a text, `{"answer": text}`, or parts of which the texts are joined."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        return text_of(content.get("answer", content.get("text", content.get("content"))))
    if isinstance(content, Sequence):
        parts = [text_of(part) for part in content]
        return (
            "\n".join(part for part in parts if part is not None)
            if any(p is not None for p in parts)
            else None
        )
    return None


def prompt_of(value: Any, name: str = "prompt") -> tuple[Message, ...]:
    """Return a prompt: a text becomes one user message, messages are kept if they end with one of a user.

    Raises:
        UnreadableError: it is blank, or its last message is not the user's.
    """
    if isinstance(value, str):
        messages: tuple[Message, ...] = (Message("user", value),)
    elif isinstance(value, tuple) and all(isinstance(message, Message) for message in value):
        messages = value
    else:
        messages = messages_of(value, name)
    if not messages:
        raise UnreadableError(f"{name} is blank")
    if messages[-1].role != "user":
        raise UnreadableError(f"{name} does not end with a message of the user")
    if not messages[-1].content.strip():
        raise UnreadableError(f"{name} is blank")
    return messages


def from_conversations(
    side_a: Sequence[Message], side_b: Sequence[Message], names: tuple[str, str], turns: int | None = None
) -> Exchange:
    """Return what two conversations show, at most the first `turns` answers of each: all they share is the prompt.

    The prompt ends with the last user message before they part, so what is left are the answers that were compared.
    `names` are what reasons call the two.

    Raises:
        UnreadableError: one does not end with an answer, or the users do not say the same after the answers part.
    """
    side_a, side_b = _first_turns(side_a, turns), _first_turns(side_b, turns)
    for messages, name in zip((side_a, side_b), names, strict=True):
        if not messages or messages[-1].role != "assistant":
            raise UnreadableError(f"{name} does not end with an answer")
    shared = 0
    while shared < min(len(side_a), len(side_b)) - 1 and side_a[shared] == side_b[shared]:
        shared += 1
    while shared and side_a[shared - 1].role != "user":
        shared -= 1
    if not shared:
        raise UnreadableError(f"{names[0]} and {names[1]} do not begin with the same message of a user")
    return _joined(prompt_of(tuple(side_a[:shared])), side_a[shared:], side_b[shared:], names)


def from_prompt(prompt: Any, answer_a: Any, answer_b: Any) -> Exchange:
    """Return what a prompt and two answers show; each may also be a JSON list with one text for each turn.

    Raises:
        UnreadableError: the prompt is blank, or the lists are of different lengths.
    """
    lists = [_texts(value) for value in (prompt, answer_a, answer_b)]
    if all(texts is not None for texts in lists):
        asked, first, second = cast("list[list[str]]", lists)
        if not len(asked) == len(first) == len(second):
            raise UnreadableError(
                f"there are {len(asked)} prompts, but {len(first)} and {len(second)} answers: one of each a turn"
            )
        later = zip(asked[1:], first[1:], second[1:], strict=True)
        return Exchange(prompt_of(asked[0]), ((None, first[0], second[0]), *later))
    loaded = _loaded(prompt)
    messages = loaded if isinstance(loaded, list) and all(isinstance(m, dict) for m in loaded) else prompt
    return Exchange(prompt_of(messages), ((None, str(answer_a), str(answer_b)),))


def _first_turns(messages: Sequence[Message], turns: int | None) -> Sequence[Message]:
    answers = [place for place, message in enumerate(messages) if message.role == "assistant"]
    return messages if turns is None or not 0 < turns < len(answers) else messages[: answers[turns - 1] + 1]


def _joined(
    prompt: tuple[Message, ...], side_a: Sequence[Message], side_b: Sequence[Message], names: tuple[str, str]
) -> Exchange:
    turns_a, turns_b = _turns(side_a, names[0]), _turns(side_b, names[1])
    if [user for user, _ in turns_a] != [user for user, _ in turns_b]:
        raise UnreadableError(f"the user does not say the same in {names[0]} and {names[1]}")
    pairs = zip(turns_a, turns_b, strict=True)
    return Exchange(prompt, tuple((user, answer, other) for (user, answer), (_, other) in pairs))


def _turns(messages: Sequence[Message], name: str) -> list[tuple[str | None, str]]:
    """Return the turns of what follows a prompt: an answer, then a user message and an answer each time."""
    roles = [message.role for message in messages]
    if not roles or roles != ["assistant" if place % 2 == 0 else "user" for place in range(len(roles))]:
        raise UnreadableError(f"{name} is not a conversation of user and assistant in turn")
    if roles[-1] != "assistant":
        raise UnreadableError(f"{name} does not end with an answer")
    asked = [None, *(message.content for message in messages[1::2])]
    return list(zip(asked, (message.content for message in messages[::2]), strict=True))


def _loaded(value: Any) -> Any:
    """Return the list that a text spells as JSON, anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] == "[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _texts(value: Any) -> list[str] | None:
    """Return the texts of a JSON list of texts (a missing one is an empty text), `None` for anything else."""
    loaded = _loaded(value)
    if not isinstance(loaded, list) or not loaded or not all(isinstance(t, str) or t is None for t in loaded):
        return None
    return [text or "" for text in loaded]
