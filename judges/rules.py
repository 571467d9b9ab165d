"""Rules: what an answer must be like to pass, checked without any model. Unit tests for answers.

Patterns run in the `regex` library, which can be told when to give up: a pattern that takes for ever on some answer
makes that answer's check impossible, and stops nothing else.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from arena.errors import InvalidInput
from judges.spec import RuleOptions

PATTERN_SECONDS = 1.0
"""Longest time one pattern may take on one answer."""

_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class RuleNotDecidedError(Exception):
    """Whether the answer passes cannot be found out; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """Whether an answer passes, and in `reasons` one sentence for each check it fails."""

    passed: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """The checks of one rule, ready to be used from any thread."""

    options: RuleOptions

    def __post_init__(self) -> None:
        """Compile everything once, so that a mistake shows when the rule is made.

        Raises:
            InvalidInput: a pattern is no regular expression, or the schema no JSON schema.
        """
        _ = self._patterns
        _ = self._schema

    def check(self, text: str) -> RuleResult:
        """Return whether `text` passes every check.

        Raises:
            RuleNotDecidedError: a pattern took longer than `PATTERN_SECONDS`.
        """
        reasons = tuple(reason for reason in self._complaints(text) if reason)
        return RuleResult(not reasons, reasons)

    def _complaints(self, text: str) -> Iterator[str | None]:
        wanted, forbidden = self._patterns
        if wanted is not None and not _found(wanted, text):
            yield f"the pattern {self.options.pattern!r} is not found"
        if forbidden is not None and (match := _found(forbidden, text)):
            yield f"the forbidden pattern {self.options.forbidden!r} is found: {_short(match.group())!r}"
        yield self._schema_complaint(text)
        yield _length_complaint("words", words_in(text), self.options.min_words, self.options.max_words)
        yield _length_complaint(
            "characters", len(text), self.options.min_characters, self.options.max_characters
        )

    def _schema_complaint(self, text: str) -> str | None:
        if self._schema is None:
            return None
        try:
            value = json.loads(text)
        except ValueError as error:
            return f"it is not JSON: {error}"
        except RecursionError:
            return "it is not JSON that can be read: it is nested too deeply"
        faults = sorted(self._schema.iter_errors(value), key=lambda fault: [str(p) for p in fault.path])
        if not faults:
            return None
        where = "/".join(str(part) for part in faults[0].path)
        return (
            f"the JSON does not fit the schema{f' at {where}' if where else ''}: {_short(faults[0].message)}"
        )

    @cached_property
    def _patterns(self) -> tuple[Any, Any]:
        return self._compiled(self.options.pattern), self._compiled(self.options.forbidden)

    @cached_property
    def _schema(self) -> Any:
        if self.options.json_schema is None:
            return None
        from jsonschema import SchemaError, validators

        kind = validators.validator_for(self.options.json_schema)
        try:
            kind.check_schema(self.options.json_schema)
        except SchemaError as error:
            raise InvalidInput(f"json_schema is not a JSON schema: {_short(error.message)}.") from None
        return kind(self.options.json_schema)

    def _compiled(self, pattern: str | None) -> Any:
        if pattern is None:
            return None
        import regex

        flags = regex.IGNORECASE if self.options.ignore_case else 0
        try:
            return regex.compile(pattern, flags | regex.VERSION1)
        except regex.error as error:
            raise InvalidInput(f"{pattern!r} is not a regular expression: {error}.") from None


def words_in(text: str) -> int:
    """Return the number of words as people count them: what spaces part, and each Chinese or Japanese character."""
    return len(_IDEOGRAPH.sub(r" \g<0> ", text).split())


def _found(pattern: Any, text: str) -> Any:
    try:
        return pattern.search(text, timeout=PATTERN_SECONDS)
    except TimeoutError:
        raise RuleNotDecidedError(
            f"the pattern {pattern.pattern!r} took longer than {PATTERN_SECONDS:g} s on this answer; simplify it"
        ) from None


def _length_complaint(unit: str, length: int, low: int | None, high: int | None) -> str | None:
    if low is not None and length < low:
        return f"it has {length:,} {unit}, fewer than {low:,}"
    if high is not None and length > high:
        return f"it has {length:,} {unit}, more than {high:,}"
    return None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:119] + "…"
