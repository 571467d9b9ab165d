"""The forms of files that can be imported, and which of them a file has.

A form is known by the names of its fields, so a renamed or trimmed file is still recognised. The first form of the
list whose fields are all there is taken: the more particular ones stand first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from arena.errors import InvalidInput
from arena.formats.records import sample_fields
from arena.formats.source import Container, Source

What = Literal["votes", "answers", "prompts", "preferences"]
WHATS: tuple[What, ...] = get_args(What)


@dataclass(frozen=True, slots=True)
class Format:
    """A form of file: what it holds, and the fields by which it is known (any one of the sets, all its fields)."""

    name: str
    what: What
    title: str
    fields: tuple[frozenset[str], ...]


def _any(*sets: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(names.split()) for names in sets)


FORMATS: tuple[Format, ...] = (
    Format(
        "arena",
        "votes",
        "Chatbot Arena's columns: model_a, model_b, winner",
        _any("model_a model_b winner", "model_a model_b winner_model_a winner_model_b"),
    ),
    Format(
        "llmfao",
        "votes",
        "LLMFAO's crowd-comparisons.csv: id, left, right, winner, worker",
        _any("left right winner worker"),
    ),
    Format(
        "mt-bench",
        "prompts",
        "MT-Bench questions: question_id, turns",
        _any("question_id turns", "uid turns"),
    ),
    Format("vicuna", "prompts", "Vicuna questions: question_id, text", _any("question_id text")),
    Format("arena-hard", "prompts", "Arena-Hard questions: uid, prompt", _any("uid prompt")),
    Format("llmfao", "prompts", "LLMFAO's prompts.jsonl: id, text, slug", _any("id text slug")),
    Format("simple", "prompts", "a field prompt or messages in every row", _any("messages", "prompt")),
    Format("lines", "prompts", "a .txt file, one prompt on each line", _any()),
    Format(
        "arena-hard",
        "answers",
        "Arena-Hard answers: uid, model, messages",
        _any("uid model messages", "question_id model messages"),
    ),
    Format(
        "mt-bench",
        "answers",
        "MT-Bench answers: question_id, model_id, choices",
        _any("question_id model_id choices"),
    ),
    Format(
        "vicuna", "answers", "Vicuna answers: question_id, model_id, text", _any("question_id model_id text")
    ),
    Format(
        "llmfao", "answers", "LLMFAO's results.jsonl: model, prompt, result", _any("model prompt result name")
    ),
    Format(
        "simple",
        "answers",
        "the fields model, prompt (or messages) and answer",
        _any("model prompt answer", "model messages answer"),
    ),
    Format(
        "llama-factory",
        "preferences",
        "LLaMA-Factory's conversations, chosen, rejected",
        _any("conversations chosen rejected"),
    ),
    Format(
        "pairs", "preferences", "prompt, chosen, rejected (texts or messages)", _any("prompt chosen rejected")
    ),
    Format(
        "hh-rlhf",
        "preferences",
        "chosen and rejected as whole dialogues (HH-RLHF's text, or messages)",
        _any("chosen rejected"),
    ),
)
"""Every form, the more particular before the more general."""


def of_what(what: str) -> What:
    """Return `what` if it is something that can be imported.

    Raises:
        InvalidInput: it is not.
    """
    for known in WHATS:
        if known == what:
            return known
    raise InvalidInput(f"{what!r} cannot be imported: choose one of {', '.join(WHATS)}.")


def choose(source: Source, what: What, wanted: str | None) -> Format:
    """Return the form named `wanted`, or the one that the file's first row has.

    Raises:
        InvalidInput: no form of that name holds `what`, the file lacks its fields, or it has none of the forms.
    """
    known = [form for form in FORMATS if form.what == what]
    if wanted is None:
        return _detect(source, what, known)
    for form in known:
        if form.name == wanted:
            _check_fields(source, form)
            return form
    raise InvalidInput(f"There is no form {wanted!r} of {what}: choose one of {_names(known)}.")


def fields_of(source: Source) -> tuple[str, ...]:
    """Return the names of the fields of the file's first rows."""
    return source.header or sample_fields(source)


def _detect(source: Source, what: What, known: list[Format]) -> Format:
    if source.container is Container.LINES:
        return next(form for form in known if form.name == "lines")
    fields = set(fields_of(source))
    for form in known:
        if any(names <= fields for names in form.fields):
            return form
    raise InvalidInput(
        f"{source.name} has no known form of {what} (its fields: {_listed(fields_of(source))}); "
        f"the forms are {'; '.join(f'{form.name} ({form.title})' for form in known)}."
    )


def _check_fields(source: Source, form: Format) -> None:
    """Raise `InvalidInput` naming what is missing, if the first row lacks fields of every set of the form."""
    fields = set(fields_of(source))
    if not form.fields or any(names <= fields for names in form.fields):
        return
    missing = min((sorted(names - fields) for names in form.fields), key=len)
    raise InvalidInput(
        f"{source.name} has no {_listed(missing)} (its fields: {_listed(fields_of(source))}): "
        f"the form {form.name} is {form.title}."
    )


def _listed(names: Mapping[str, Any] | tuple[str, ...] | list[str]) -> str:
    return ", ".join(list(names)[:12]) + (", ..." if len(names) > 12 else "") if names else "none"


def _names(known: list[Format]) -> str:
    return ", ".join(form.name for form in known)
