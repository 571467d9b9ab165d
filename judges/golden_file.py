"""Golden sets as files people write: TOML or JSON with prompts and checks; strangers' data, so it is checked here.

    [[checks]]
    metric = "rougeL"
    at_least = 0.5

    [[prompts]]
    prompt = "Who bakes the bread?"
    references = ["Anna bakes the bread."]
    rules = [{ pattern = "anna", ignore_case = true }]

A check on the command line is written `rougeL>=0.5`, `rules>=1`, `perplexity<=40` or `judge:NAME>=6`.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from arena.errors import InvalidInput
from arena.golden import PROMPT_RULES, Check, CheckKind, GoldenPrompt, GoldenSet
from arena.judgments import JudgeKind, JudgeSpec
from arena.types import Message, Prompt
from judges.metrics import registry
from judges.rules import Rule
from judges.spec import rule_options


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Message(_Strict):
    role: Literal["system", "user", "assistant"]
    content: str


class _PromptEntry(_Strict):
    prompt: str | None = None
    messages: tuple[_Message, ...] = ()
    reference: str | None = None
    references: tuple[str, ...] = ()
    rules: tuple[dict[str, Any], ...] = ()
    category: str | None = None
    language: str | None = None

    def as_prompt(self) -> GoldenPrompt:
        if (self.prompt is None) == (not self.messages):
            raise InvalidInput("has both `prompt` and `messages`" if self.messages else "has no `prompt`")
        said = tuple(Message(m.role, m.content) for m in self.messages)
        said = said or (Message("user", self.prompt or ""),)
        if said[-1].role != "user" or not said[-1].content.strip():
            raise InvalidInput("does not end with something the user says")
        references = tuple(dict.fromkeys((*([self.reference] if self.reference else []), *self.references)))
        for rule in self.rules:
            check_rule("a rule", rule)
        first = references[0] if references else None
        return GoldenPrompt(Prompt(said, first, self.category, self.language), references, self.rules)


class _CheckEntry(_Strict):
    metric: str | None = None
    rule: str | None = None
    judge: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    at_least: float | None = None
    at_most: float | None = None
    tolerance: float = Field(0.0, ge=0)
    allow_missing: int = Field(0, ge=0)

    def as_checks(self) -> list[Check]:
        named = [
            (kind, name)
            for kind in CheckKind
            if (name := getattr(self, kind.value)) is not None and name.strip()
        ]
        if len(named) != 1:
            raise InvalidInput("names none or several of `metric`, `rule` and `judge`: give one")
        (kind, name) = named[0]
        return checks_of(
            kind,
            name,
            self.options,
            at_least=self.at_least,
            at_most=self.at_most,
            tolerance=self.tolerance,
            allow_missing=self.allow_missing,
        )


class _File(_Strict):
    prompts: tuple[_PromptEntry, ...] = Field(min_length=1)
    checks: tuple[_CheckEntry, ...] = ()


def read_golden(path: Path, name: str, checks: Iterable[Check] = ()) -> GoldenSet:
    """Read a golden set from a TOML or JSON file, or its prompts alone from JSONL; `checks` are added to its own.

    Raises:
        InvalidInput: the file cannot be read, or an entry in it cannot be used; the sentence says which.
    """
    content = _parsed(path)
    try:
        file = _File.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InvalidInput(f"{path}: `{where}` cannot be used: {first['msg'].lower()}.") from error
    prompts = [_told(path, f"prompt {n}", entry.as_prompt) for n, entry in enumerate(file.prompts, 1)]
    own = [c for n, e in enumerate(file.checks, 1) for c in _told(path, f"check {n}", e.as_checks)]
    try:
        return golden_set(name, prompts, [*own, *checks])
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from error


def golden_set(name: str, prompts: Sequence[GoldenPrompt], checks: Sequence[Check]) -> GoldenSet:
    """Return the golden set of these prompts and checks.

    Prompts with rules are checked for them even if no check says so.

    Raises:
        InvalidInput: there is no prompt or no check, or one stands twice.
    """
    if any(p.rules for p in prompts) and not any(check.name == PROMPT_RULES for check in checks):
        checks = [*checks, Check(PROMPT_RULES, CheckKind.RULE)]
    if not prompts:
        raise InvalidInput("A golden set needs prompts.")
    if not checks:
        raise InvalidInput("A golden set needs a check, such as rougeL>=0.5, or rules with its prompts.")
    _once([prompt.prompt.text for prompt in prompts], "prompt", [p.prompt.prompt_id for p in prompts])
    _once([check.name for check in checks], "check", [check.name for check in checks])
    if any(c.name == PROMPT_RULES and not c.options for c in checks) and not any(p.rules for p in prompts):
        raise InvalidInput(f"The check `{PROMPT_RULES}` needs prompts with rules, and none has one.")
    return GoldenSet(name, tuple(prompts), tuple(checks))


_CHECK = re.compile(r"(?P<name>.+?)\s*(?:(?P<sign>>=|<=)\s*(?P<bound>[^<>=]+))?")


def parse_check(text: str) -> list[Check]:
    """Return the checks that `rougeL>=0.5` and the like mean; `rouge` means one for each of its scorers.

    Raises:
        InvalidInput: it is not of that form, or there is no such metric.
    """
    found = _CHECK.fullmatch(text.strip())
    if not found:
        raise InvalidInput(
            f"{text!r} is no check: write rougeL>=0.5, perplexity<=40, rules>=1 or judge:NAME>=6."
        )
    bound = None
    if found["bound"] is not None:
        try:
            bound = float(found["bound"])
        except ValueError:
            raise InvalidInput(f"{found['bound']!r} in the check {text!r} is not a number.") from None
    name = found["name"]
    kind = CheckKind.RULE if name == PROMPT_RULES else CheckKind.METRIC
    if name.startswith("judge:"):
        kind, name = CheckKind.JUDGE, name.removeprefix("judge:")
    bounds = {"at_least" if found["sign"] == ">=" else "at_most": bound} if bound is not None else {}
    return checks_of(kind, name, {}, **bounds)


def checks_of(kind: CheckKind, name: str, options: dict[str, Any], **limits: Any) -> list[Check]:
    """Return one check, or for a metric of several scorers one for each.

    Raises:
        InvalidInput: the metric does not exist, or the rule's options cannot be used.
    """
    if kind is CheckKind.METRIC:
        info = registry.find(name)
        names = info.scorers if name == info.name else (name,)
        return [Check(scorer, kind, options, **limits) for scorer in names]
    if kind is CheckKind.RULE and (options or name != PROMPT_RULES):
        check_rule(name, options)
    return [Check(name, kind, options, **limits)]


def metric_of(scorer: str) -> str:
    """Return the name of the metric that a scorer belongs to; `NotFound` if there is none."""
    return registry.find(scorer).name


def needs_reference(scorer: str) -> bool:
    """Return whether a scorer needs a reference; `NotFound` if there is none of that name."""
    return registry.find(scorer).needs_reference


def check_rule(name: str, options: dict[str, Any]) -> None:
    """Raise `InvalidInput` where the options of a rule cannot be used."""
    Rule(rule_options(JudgeSpec(name, JudgeKind.RULE, options)))


def _parsed(path: Path) -> Any:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text: save it as UTF-8.") from error
    try:
        if path.suffix == ".toml":
            return tomllib.loads(text)
        if path.suffix == ".jsonl":
            return {"prompts": [json.loads(line) for line in text.splitlines() if line.strip()]}
        return json.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise InvalidInput(
            f"{path} is no valid {path.suffix.lstrip('.').upper() or 'JSON'}: {error}."
        ) from error


def _told(path: Path, what: str, make: Any) -> Any:
    try:
        return make()
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {what} {str(error).rstrip('.')}.") from error


def _once(shown: Sequence[str], what: str, keys: Sequence[str]) -> None:
    seen: set[str] = set()
    for text, key in zip(shown, keys, strict=True):
        if key in seen:
            raise InvalidInput(f"The {what} {text[:80]!r} stands twice in the golden set.")
        seen.add(key)
