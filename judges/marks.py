"""Verdict marks: what a judge writes to give its verdict in text, found in a reply.

A mark such as `[[{code}: {label}]]` is searched as it is written, whatever its case, spaces, quotes or bold print. The
code is known to the judge alone, so a mark with another code, or with none, is a quotation and does not count. Marks of
other benchmarks (`[[{label}]]`, `Output ({label}) is better`) have no code and are found wherever they stand.
"""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_PART = re.compile(r"\{(code|label|score|score_a|score_b)\}")
_TOKEN = re.compile(r"\{(?:code|label|score|score_a|score_b)\}|\s+|[^\s{]+|\{")
_DECORATION = r"[*_`\"'“”‘’ \t\u00a0]*"
_NUMBER = r"[-+]?\d+(?:[.,]\d+)?"
_LONGEST = 40
_STAND_IN = "\ue0ff"
_EDGE = "*_`\"'“”‘’ \t\u00a0"


class Place(StrEnum):
    """Where a mark must stand in the reply."""

    ANYWHERE = "anywhere"
    FIRST_LINE = "first line"
    LAST_LINE = "last line"


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers a judge may give: from `low` to `high` in steps of `step`."""

    low: float
    high: float
    step: float = 1.0

    def holds(self, value: float) -> bool:
        """Whether `value` is one of the scale's numbers."""
        steps = (value - self.low) / self.step
        return self.low <= value <= self.high and math.isclose(steps, round(steps), abs_tol=1e-9)

    @property
    def values(self) -> tuple[float, ...]:
        """Return all numbers of the scale, ascending."""
        return tuple(self.low + i * self.step for i in range(round((self.high - self.low) / self.step) + 1))

    def number(self, text: str) -> float | None:
        """Return the number in `text` (as in `7`, `7.5`, `7/10`), whether on the scale or not; `None` for no number."""
        match = re.fullmatch(rf"({_NUMBER})(?:\s*(?:/|out of)\s*{self.high:g})?", text.strip(_EDGE))
        return float(match[1].replace(",", ".")) if match else None


@dataclass(frozen=True, slots=True)
class Mark:
    """The text of a mark with its placeholders, and where it must stand.

    A line break in a mark lets the rest of that line say more.
    """

    text: str
    place: Place = Place.ANYWHERE

    @property
    def coded(self) -> bool:
        """Whether the mark carries the code of its question."""
        return "{code}" in self.text

    @property
    def open(self) -> bool:
        """Whether nothing closes the mark, so that a cut reply may have lost the end of its value."""
        return bool(re.search(r"\{\w+\}\s*$", self.text))

    def written(self, code: str, **values: str) -> str:
        """Return the mark as a judge would write it."""
        return _PART.sub(lambda part: {"code": code, **values}[part[1]], self.text)

    def find(self, reply: str, code: str) -> list[tuple[str, ...]]:
        """Return the values of every mark in `reply`, without the quotes or bold print around them."""
        return [self.values(match) for match in self.matches(reply, code)]

    def values(self, match: re.Match[str]) -> tuple[str, ...]:
        """Return the values in one place that `matches` found."""
        return tuple(value.strip(_EDGE) for value in match.groups())

    def matches(self, reply: str, code: str) -> list[re.Match[str]]:
        """Return the places where the mark stands in `reply`."""
        pattern = _pattern(self)
        reply = _masked(reply, code)
        if self.place is Place.ANYWHERE:
            return list(pattern.finditer(reply))
        lines = [match for match in re.finditer(r"[^\n]+", reply) if match[0].strip()]
        if not lines:
            return []
        line = lines[0 if self.place is Place.FIRST_LINE else -1]
        start = line.start() + len(line[0]) - len(line[0].lstrip(_EDGE))
        end = line.start() + len(line[0].rstrip(_EDGE + "."))
        match = pattern.fullmatch(reply, start, max(start, end))
        return [match] if match else []


@lru_cache(maxsize=256)
def _pattern(mark: Mark) -> re.Pattern[str]:
    """Return what finds a mark in a masked reply; its groups are the values in the order of the text."""
    tokens = _TOKEN.findall(mark.text)
    pieces = []
    for before, token, after in zip(("", *tokens), tokens, (*tokens[1:], ""), strict=False):
        part = _PART.fullmatch(token)
        if token.isspace():
            pieces.append(_space(before, token, after))
        elif part is None:
            pieces.append(_literal(token, mark.coded))
        elif part[1] == "code":
            pieces.append(f"{_DECORATION}{_STAND_IN}+{_DECORATION}")
        else:
            pieces.append(_DECORATION + _value(mark, part[1], after[:1]))
    return re.compile("".join(pieces), re.IGNORECASE)


def _masked(reply: str, code: str) -> str:
    """Return `reply`, letter for letter as long, with a stand-in for the code, so that one pattern fits all codes."""
    reply = reply.replace(_STAND_IN, " ")
    if not code:
        return reply
    stand_in = _STAND_IN * len(code)
    return reply.replace(code, stand_in).replace(code.upper(), stand_in)


def _value(mark: Mark, name: str, following: str) -> str:
    if name != "label" and not mark.coded:
        return f"({_NUMBER})" + (r"(?:\s*/\s*\d+)?" if following in ("", "\n") else "")
    if following in ("", "\n"):
        return rf"([^\n]{{1,{_LONGEST}}})"
    closing = "\\]】］" if following == "]" else re.escape(following)
    return rf"([^\n{closing}]{{1,{_LONGEST}}}?)"


def _literal(text: str, coded: bool) -> str:
    """Return the pattern of fixed text; where the code proves who wrote it, a bracket may be missing or wide."""
    pattern = re.escape(text).replace(":", "[:：]")
    if coded:
        pattern = pattern.replace(r"\[\[", r"[\[【［]{1,2}").replace(r"\]\]", r"[\]】］]{1,2}")
    return pattern


def _space(before: str, space: str, after: str) -> str:
    if "\n" in space:
        return r"[^\n]*\n\s*"
    words = re.search(r"[\w}]$", before) and re.search(r"^[\w{]", after)
    return r"[^\S\n]+" if words else r"[^\S\n]*"
