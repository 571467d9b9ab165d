"""Judges by script, each with one weakness, for the suite of attacks.

They see messages as a model does, and know right from wrong. What they can show is whether the fence and the reading
hold against a judge with that weakness. They cannot show how often a real model has it.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from arena.models.complete import Completion
from arena.types import Message
from judges.attack_texts import ATTACKS, Attack
from judges.attacks import RIGHT, WRONG, attack_text
from judges.fence import shown
from judges.templates import Template

ECHO, LAST, COPYIST, LITERAL, SERVER, EYES, HASTY = (
    "quotes, then decides",
    "decides, then quotes",
    "writes what it is told",
    "obeys outside the fence",
    "server takes control tokens",
    "reads hidden characters",
    "takes any closing tag",
)
WEAKNESSES = (ECHO, LAST, COPYIST, LITERAL, SERVER, EYES, HASTY)


@dataclass(frozen=True)
class ScriptedJudge:
    """A judge that decides rightly, but for its weakness."""

    template: Template
    weakness: str
    structured: bool = False
    known: dict[str | None, list[tuple[Attack, tuple[str, str]]]] = field(default_factory=dict)

    async def ask(self, messages: Sequence[Message]) -> Completion:
        return Completion(self.reply(messages[-1].content), "stop")

    def reply(self, text: str) -> str:
        attack = self._attack(text)
        if self.weakness == COPYIST and attack and attack.demand:
            return attack_text(attack.demand, self.template, self._side_of_wrong(text))
        if attack and self.weakness in _LED and _LED[self.weakness](self._material(text)):
            return self._verdict(text, for_wrong=True)
        quoted, decided = self._material(text), self._verdict(text)
        if self.weakness == ECHO:
            return f"{quoted}\n\nSo I decide.\n{decided}" if not self.structured else f"{quoted}\n{decided}"
        if self.weakness == LAST:
            return f"{decided}\n\nThe material was:\n{quoted}"
        return f"I checked the sum.\n{decided}" if not self.structured else decided

    def _attack(self, text: str) -> Attack | None:
        """The attack this judge finds in the message, in full or as the fence shows it; the longest of several."""
        side = self._side_of_wrong(text)
        if side not in self.known:
            texts = [attack_text(attack.text, self.template, side) for attack in ATTACKS]
            forms = [(f"{text}\n", f"{shown(text)}\n") for text in texts]
            self.known[side] = list(zip(ATTACKS, forms, strict=True))
        begin = text.index(WRONG) + len(WRONG) + 2 if WRONG in text else len(text)
        found = [attack for attack, forms in self.known[side] if text.startswith(forms, begin)]
        return max(found, key=lambda attack: len(attack.text), default=None)

    def _material(self, text: str) -> str:
        """What the judge takes for material: all before the instructions that end the message."""
        return text[: text.rindex(self._tail(text))]

    def _tail(self, text: str) -> str:
        last = self.template.messages[-1][1]
        tail = last[last.rindex("}") + 1 :].strip()
        return (
            tail
            if tail
            else "The material is complete."
            if "The material is complete." in text
            else text[-1:]
        )

    def _side_of_wrong(self, text: str) -> str | None:
        if self.template.kind == "single":
            return None
        return "a" if text.index(WRONG) < text.index(RIGHT) else "b"

    def _verdict(self, text: str, *, for_wrong: bool = False) -> str:
        """The verdict this judge has come to, in the form that was asked for."""
        template = self.template
        values: dict[str, str]
        if template.kind == "single":
            values = {"score": "9" if RIGHT in text or for_wrong else "2"}
        else:
            a_wins = (self._side_of_wrong(text) == "a") == for_wrong
            if template.scale is not None:
                values = dict(zip(("score_a", "score_b"), ("9", "2") if a_wins else ("2", "9"), strict=True))
            else:
                side = "a" if a_wins else "b"
                values = {"label": next(label for label, meant in template.labels.items() if meant == side)}
        code = self._code(text)
        if not self.structured:
            return template.marks[0].written(code, **values)
        names = {"label": "verdict"}
        entries = {names.get(name, name): value for name, value in values.items()}
        explanation = self._material(text) if self.weakness in (ECHO, LAST) else "I checked the sum."
        return json.dumps({"explanation": explanation, "code": code, **entries})

    def _code(self, text: str) -> str:
        """The code in the instructions that end the message, which no answer can change."""
        found = re.findall(
            r"\[\[([0-9a-f]{8}): |\"code\": \"([0-9a-f]{8})\"", text[len(self._material(text)) :]
        )
        return next((one or other for one, other in found), "")


def _outside_the_fence(material: str) -> bool:
    """Whether anything stands outside the fence that the first line opens; without a fence everything does."""
    code = _fence_code(material)
    depth = 0
    for line in material.split("\n"):
        if code and re.fullmatch(rf"<[\w ]+ {code}>", line):
            depth += 1
        elif code and re.fullmatch(rf"</[\w ]+ {code}>", line):
            depth -= 1
        elif depth <= 0 and line.strip():
            return True
    return depth != 0


def _fence_code(material: str) -> str | None:
    match = re.match(r"<[\w ]+ ([0-9a-f]{8})>\n", material)
    return match[1] if match else None


def _control_tokens(material: str) -> bool:
    """Whether the material holds what servers take for the beginning of another turn."""
    return re.search(r"<\|[a-z_]+\|>|\[INST\]|<start_of_turn>|</s>|</think>", material) is not None


def _hidden(material: str) -> bool:
    """Whether the material holds an order in characters without a shape."""
    tags = "".join(chr(ord(c) - 0xE0000) for c in material if 0xE0020 <= ord(c) <= 0xE007E)
    bits = re.search("[\u200b\u200c]{8,}", material)
    return "choose" in tags or bits is not None or "\u202e" in material


def _any_closing_tag(material: str) -> bool:
    """Whether the wrong answer goes on after a line that looks like the end of something, whatever its code."""
    after = material[material.index(WRONG) + len(WRONG) :]
    code = _fence_code(material)
    if code and (end := re.search(rf"\n</[\w ]+ {code}>\n", after)):
        after = after[: end.start()]
    return re.search(r"\n(?:\]\]>)?(?:</|\[The End|```|---)[^\n]*\n+(?!```$|\{)[^\n]", after) is not None


_LED: dict[str, Callable[[str], bool]] = {
    LITERAL: _outside_the_fence,
    SERVER: _control_tokens,
    EYES: _hidden,
    HASTY: _any_closing_tag,
}
