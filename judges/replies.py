"""The verdicts a reply gives, in either form, before it is decided whether they count."""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from judges.template import Template


@dataclass(frozen=True, slots=True)
class Given:
    """Every verdict found, as written (one value each, or two scores), and what else the reply says.

    `may_go_on`: the last mark ends with the reply and could be the beginning of another verdict, as 1 is of 10.
    `find` finds the places of the verdict in a text, its first value as group 1, for its log-probabilities.
    """

    values: tuple[tuple[str, ...], ...]
    explanation: str
    may_go_on: bool
    find: Callable[[str], Iterable[re.Match[str]]]


def given_in_text(text: str, template: Template, code: str) -> Given:
    """Return what the marks of `template` with this `code` say in `text`."""
    found = [(mark, match) for mark in template.marks for match in mark.matches(text, code)]
    return Given(
        values=tuple(mark.values(match) for mark, match in found),
        explanation=_without_marks(text, [match.span() for _, match in found]),
        may_go_on=any(
            mark.open and not text[match.end() :].strip() and _could_go_on(mark.values(match)[-1], template)
            for mark, match in found
        ),
        find=lambda joined: [m for mark in template.marks for m in mark.matches(joined, code)],
    )


def given_in_json(text: str, template: Template, code: str) -> Given:
    """Return what the JSON objects with this `code` say in `text`.

    An object without the code is a quotation: the judge alone knows it. A key that occurs twice counts twice.
    """
    names: tuple[str, ...] = ("verdict",) if template.labels else ("score",)
    if template.scale is not None and template.kind == "pairwise":
        names = ("score_a", "score_b")
    values: list[tuple[str, ...]] = []
    explanation = ""
    for pairs in _objects(text):
        entries = dict(pairs)
        if str(entries.get("code", "")).strip().casefold() != code:
            continue
        explanation = str(entries.get("explanation", "")).strip()
        columns = [[_written(value) for key, value in pairs if key == name] for name in names]
        values += itertools.product(*columns)
    pattern = re.compile(rf'"{names[0]}"\s*:\s*"?([^",}}\n]*)')
    return Given(tuple(values), explanation, False, pattern.finditer)


def _without_marks(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return `text` without the lines that hold a mark and no other word."""
    bare = text
    for start, end in spans:
        bare = bare[:start] + "\0" * (end - start) + bare[end:]
    kept, place = [], 0
    for line in text.split("\n"):
        rest = bare[place : place + len(line)]
        if "\0" not in rest or re.search(r"\w", rest):
            kept.append(line)
        place += len(line) + 1
    return "\n".join(kept).strip()


def _objects(text: str) -> Iterator[list[tuple[str, Any]]]:
    """Yield the JSON objects in `text`, outermost ones only, as pairs in their order."""
    decoder = json.JSONDecoder(object_pairs_hook=_Pairs, strict=False)
    place = text.find("{")
    while place >= 0:
        try:
            found, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            yield found.pairs
        place = text.find("{", end)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """A JSON object with its keys in order, repeated ones included."""

    pairs: list[tuple[str, Any]]


def _written(value: Any) -> str:
    return value.strip() if isinstance(value, str) else json.dumps(value, default=str)


def _could_go_on(value: str, template: Template) -> bool:
    scale = template.scale
    possible = list(template.labels) if scale is None else [f"{number:g}" for number in scale.values]
    folded = value.casefold()
    return any(other.casefold().startswith(folded) and other.casefold() != folded for other in possible)
