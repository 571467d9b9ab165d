"""Templates as text files: their form, and the checks that a file goes through before a judge is asked by it.

A file is a head in TOML between two lines `+++`, then sections that each begin with a line of their own:

    [system]      optional: the rules
    [user]        the request; its last message must be the user's ([assistant] sections may stand between)
    [text reply]  optional: how to reply in plain text; it takes the place of {reply}
    [json reply]  optional: the same where the reply is one JSON object; without it no structured reply is asked for

Placeholders are names in braces. They are replaced in one pass, so a brace inside an answer is never looked at, and a
brace that holds no plain name (as in JSON) stands for itself; `{{name}}` writes `{name}`. Head and placeholders are
checked when a file is read, and an error names the file and the line: a judge that cannot be read would cost money.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

from arena.errors import InvalidInput
from judges.marks import Mark, Place, Scale
from judges.template import OUTCOMES, PLACEHOLDER, Role, Template, placeholders_in

_COMMON = ("reference", "criterion", "code", "reply", "prompt")
_PLACEHOLDERS: Mapping[str, tuple[str, ...]] = {
    "pairwise": (*_COMMON, "answer_a", "answer_b", "conversation_a", "conversation_b"),
    "single": (*_COMMON, "answer", "conversation"),
}
_SHOWN: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "pairwise": (("answer_a", "answer_b"), ("conversation_a", "conversation_b")),
    "single": (("answer",), ("conversation",)),
}
_SECTIONS = ("system", "user", "assistant", "text reply", "json reply")
_KEYS = ("kind", "title", "description", "mark", "place", "fence", "labels", "scale", "criteria")
_HEAD = "+++"


def read_template(path: Path) -> Template:
    """Return the template in a file, checked.

    Raises:
        InvalidInput: the file cannot be read or is not a template; the message names the file and the line.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The template {path} cannot be read: {error}.") from None
    return _Reader(path, text.split("\n"), hashlib.sha256(data).hexdigest()).template()


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    line: int
    text: str


class _Reader:
    """One file on its way to a `Template`; `lines[0]` is line 1."""

    def __init__(self, path: Path, lines: Sequence[str], digest: str) -> None:
        self.path = path
        self.lines = lines
        self.digest = digest

    def fail(self, line: int, why: str) -> NoReturn:
        raise InvalidInput(f"The template {self.path}, line {line}: {why}")

    def template(self) -> Template:
        end = self._end_of_head()
        head = self._head(end)
        kind = self._kind(head)
        sections = self._sections(end + 1)
        labels, scale = self._labels(head, kind), self._scale(head, kind)
        if bool(labels) == (scale is not None):
            self.fail(1, "give either [labels] (the judge names one) or [scale] (the judge gives a number).")
        marks = self._marks(head, kind, labels, scale)
        messages = self._messages(sections)
        replies = {s.name: s for s in sections if s.name.endswith("reply")}
        template = Template(
            name=self.path.stem,
            kind=kind,
            title=self._text(head, "title", required=True),
            description=self._text(head, "description"),
            messages=messages,
            text_reply=replies["text reply"].text if "text reply" in replies else "",
            json_reply=replies["json reply"].text if "json reply" in replies else None,
            marks=marks,
            labels=labels,
            scale=scale,
            fence=self._flag(head, "fence"),
            criteria=self._table(head, "criteria"),
            digest=self.digest,
            path=self.path,
        )
        self._check_placeholders(template, sections)
        self._check_replies(template, sections)
        return template

    def _end_of_head(self) -> int:
        if self.lines[0].strip() != _HEAD:
            self.fail(1, f"a template begins with a head between two lines {_HEAD}.")
        for index, line in enumerate(self.lines[1:], start=1):
            if line.strip() == _HEAD:
                return index
        self.fail(1, f"the head has no closing line {_HEAD}.")

    def _head(self, end: int) -> dict[str, Any]:
        try:
            head = tomllib.loads("\n" + "\n".join(self.lines[1:end]))
        except tomllib.TOMLDecodeError as error:
            raise InvalidInput(f"The template {self.path}: the head is not TOML: {error}.") from None
        for key in head:
            if key not in _KEYS:
                self.fail(self._line(key), f"the head knows no {key!r}; valid are {', '.join(_KEYS)}.")
        return head

    def _line(self, key: str) -> int:
        pattern = re.compile(rf"\s*\[?\s*{re.escape(key)}\s*[\]=]")
        return next((i for i, line in enumerate(self.lines, start=1) if pattern.match(line)), 1)

    def _kind(self, head: Mapping[str, Any]) -> Literal["pairwise", "single"]:
        match head.get("kind"):
            case "pairwise":
                return "pairwise"
            case "single":
                return "single"
            case other:
                self.fail(self._line("kind"), f"kind is {other!r}, but must be 'pairwise' or 'single'.")

    def _text(self, head: Mapping[str, Any], key: str, *, required: bool = False) -> str:
        value = head.get(key, "")
        if not isinstance(value, str) or (required and not value.strip()):
            self.fail(self._line(key), f"{key} must be a text{' that is not empty' if required else ''}.")
        return value

    def _flag(self, head: Mapping[str, Any], key: str) -> bool:
        value = head.get(key, True)
        if not isinstance(value, bool):
            self.fail(self._line(key), f"{key} must be true or false.")
        return value

    def _table(self, head: Mapping[str, Any], key: str) -> dict[str, str]:
        table = head.get(key, {})
        if not isinstance(table, dict) or not all(isinstance(v, str) and v.strip() for v in table.values()):
            self.fail(self._line(key), f"[{key}] must hold texts that are not empty.")
        return table

    def _labels(self, head: Mapping[str, Any], kind: str) -> dict[str, str]:
        table, line = self._table(head, "labels"), self._line("labels")
        if not table:
            return {}
        if kind != "pairwise":
            self.fail(line, "only a pairwise template has labels; a single one needs a [scale].")
        if unknown := sorted(set(table) - set(OUTCOMES)):
            self.fail(self._line(unknown[0]), f"no label {unknown[0]!r}; valid are {', '.join(OUTCOMES)}.")
        if not {"a", "b"} <= set(table) or ("a_much" in table) != ("b_much" in table):
            self.fail(line, "labels need both a and b, and a_much and b_much together or not at all.")
        if len({label.strip().casefold() for label in table.values()}) < len(table):
            self.fail(line, "two labels are the same but for case; the verdict could not be told.")
        return {label.strip(): outcome for outcome, label in table.items()}

    def _scale(self, head: Mapping[str, Any], kind: str) -> Scale | None:
        table = head.get("scale")
        if table is None:
            return None
        line = self._line("scale")
        numbers = isinstance(table, dict) and all(
            isinstance(v, int | float) and not isinstance(v, bool) for v in table.values()
        )
        if not numbers or not {"low", "high"} <= set(table) <= {"low", "high", "step"}:
            self.fail(line, "[scale] needs the numbers low and high, and may have step (1 unless given).")
        scale = Scale(float(table["low"]), float(table["high"]), float(table.get("step", 1)))
        if not (scale.low < scale.high and scale.step > 0 and scale.holds(scale.high)):
            self.fail(line, "low must lie below high by a whole number of steps, and step above zero.")
        return scale

    def _marks(
        self, head: Mapping[str, Any], kind: str, labels: Mapping[str, str], scale: Scale | None
    ) -> tuple[Mark, ...]:
        line = self._line("mark")
        given = head.get("mark")
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, list) or not texts or not all(isinstance(t, str) and t for t in texts):
            self.fail(line, 'mark must be a text such as "[[{code}: {label}]]", or a list of such texts.')
        place = self._text(head, "place") or Place.ANYWHERE
        if place not in list(Place):
            self.fail(self._line("place"), f"place is {place!r}, but must be one of {', '.join(Place)}.")
        wanted = {"label"} if labels else {"score"} if kind == "single" else {"score_a", "score_b"}
        marks = []
        for text in texts:
            if placeholders_in(text) - {"code"} != wanted:
                names = " and ".join(f"{{{name}}}" for name in sorted(wanted))
                self.fail(
                    line, f"the mark {text!r} must hold {names}, and may hold {{code}}, and nothing else."
                )
            marks.append(Mark(text, Place(place)))
        for mark in marks:
            for label in labels:
                if mark.find(mark.written("0" * 8, label=label), "0" * 8) != [(label,)]:
                    self.fail(line, f"the label {label!r} cannot be read back from the mark {mark.text!r}.")
        return tuple(marks)

    def _sections(self, start: int) -> list[_Section]:
        found: list[tuple[str, int]] = []
        for index in range(start, len(self.lines)):
            name = self.lines[index].strip()
            if name.startswith("[") and name.endswith("]") and name[1:-1] in _SECTIONS:
                found.append((name[1:-1], index))
            elif not found and name:
                self.fail(index + 1, "after the head comes a section such as [system] or [user].")
        ends = [index for _, index in found[1:]] + [len(self.lines)]
        return [
            _Section(name, index + 2, "\n".join(self.lines[index + 1 : end]).strip("\n"))
            for (name, index), end in zip(found, ends, strict=True)
        ]

    def _messages(self, sections: Sequence[_Section]) -> tuple[tuple[Role, str], ...]:
        spoken = [s for s in sections if not s.name.endswith("reply")]
        roles = [s.name for s in spoken]
        if not roles or roles[-1] != "user":
            self.fail(
                len(self.lines), "the template needs a section [user], which comes last of the messages."
            )
        if "system" in roles[1:]:
            self.fail(spoken[roles.index("system", 1)].line - 1, "[system] must be the first section.")
        replies = [s for s in sections if s.name.endswith("reply")]
        if len({s.name for s in replies}) < len(replies):
            self.fail(replies[-1].line - 1, f"there is a second section [{replies[-1].name}].")
        return tuple((_role(s.name), s.text) for s in spoken)

    def _check_placeholders(self, template: Template, sections: Sequence[_Section]) -> None:
        valid = _PLACEHOLDERS[template.kind]
        for section in sections:
            allowed = ("code", "criterion") if section.name.endswith("reply") else valid
            for match in PLACEHOLDER.finditer(section.text):
                if match[2] and match[2] not in allowed:
                    line = section.line + section.text[: match.start()].count("\n")
                    names = ", ".join(f"{{{name}}}" for name in allowed)
                    self.fail(line, f"no placeholder {{{match[2]}}} here; valid are {names}.")
        used = set().union(*(placeholders_in(text) for _, text in template.messages))
        if not any(set(names) <= used for names in _SHOWN[template.kind]):
            ways = " or ".join(" and ".join(f"{{{n}}}" for n in names) for names in _SHOWN[template.kind])
            self.fail(self._line("kind"), f"a {template.kind} template must show {ways}.")

    def _check_replies(self, template: Template, sections: Sequence[_Section]) -> None:
        used = set().union(*(placeholders_in(text) for _, text in template.messages))
        has_replies = bool(template.text_reply) or template.structured
        if has_replies and not ("reply" in used and template.text_reply):
            self.fail(
                sections[-1].line, "a [json reply] needs a [text reply] beside it, and both a {reply} before."
            )
        if "reply" in used and not template.text_reply:
            self.fail(self._line("mark"), "{reply} is used, but there is no section [text reply].")
        said = "\n".join([text for _, text in template.messages] + [template.text_reply])
        missing = [mark.text for mark in template.marks if not _shows(said, mark, template)]
        if len(missing) == len(template.marks):
            self.fail(
                self._line("mark"),
                f"the text never shows the verdict mark {missing[0]!r} to the judge, so no reply could be read.",
            )
        if template.json_reply is not None and "{code}" not in template.json_reply:
            line = next(s.line for s in sections if s.name == "json reply")
            self.fail(
                line, "[json reply] must ask for the code: write {code} where the judge is to repeat it."
            )


def _role(name: str) -> Role:
    return "system" if name == "system" else "assistant" if name == "assistant" else "user"


def _shows(said: str, mark: Mark, template: Template) -> bool:
    """Whether the judge is told the mark: every label in it, or for numbers the ends of the scale."""
    if template.labels:
        return all(mark.text.replace("{label}", label) in said for label in template.labels)
    if "{code}" in mark.text and "{code}" not in said:
        return False
    scale = template.scale
    return scale is not None and all(f"{end:g}" in said for end in (scale.low, scale.high))
