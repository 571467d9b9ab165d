"""Prompts: questions of benchmarks and plain lists. A prompt's source is its set and the number it has there.

By that number recorded answers are joined to it later. Where a question has several turns the prompt is the first
one; the report counts the turns that are left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from arena.formats import llmfao
from arena.formats.landing import Parcel
from arena.formats.options import Options
from arena.formats.records import records
from arena.formats.report import Reject, counted, refuse
from arena.formats.source import Source, open_source
from arena.formats.texts import UnreadableError, messages_of, prompt_of, text_of
from arena.types import Prompt

Row = Mapping[str, Any]
_REFERENCES = ("reference_answer*.jsonl", "reference_answer/*.jsonl")


def read_prompts(source: Source, options: Options, form: str) -> tuple[Parcel, int, tuple[Reject, ...]]:
    """Read a file of prompts; return what it adds, the number of its rows, and those that cannot be used.

    Raises:
        InvalidInput: the file as a whole is broken.
        ImportRejected: rows cannot be used, and `options.skip_bad` is false or none is left.
    """
    parcel, rejects = Parcel(source, options.set_name), list[Reject]()
    rows = later = referred = 0
    reader = reader_of(form)
    references = _references(source.path.parent) if form == "mt-bench" else {}
    for record in records(source):
        rows += 1
        try:
            if record.problem is not None:
                raise UnreadableError(record.problem)
            prompt = reader(record.fields, options.set_name)
        except UnreadableError as error:
            rejects.append(Reject(record.line, str(error)))
            continue
        later += len(record.fields["turns"]) - 1 if form == "mt-bench" else 0
        reference = references.get(number_of(record.fields) or "")
        referred += reference is not None
        parcel.add_prompt(replace(prompt, reference=prompt.reference or reference))
    refuse(source.path, rows, tuple(rejects), skip_bad=options.skip_bad)
    if later:
        parcel.notes.append(
            f"{counted(later, 'later turns')} left out: a prompt is the first turn of its question."
        )
    if referred:
        parcel.notes.append(
            f"{counted(referred, 'references')} came from the reference answers beside the file (first turns)."
        )
    return parcel, rows, tuple(rejects)


def reader_of(form: str) -> Callable[[Row, str], Prompt]:
    """Return what reads one row of a form into a prompt of a set; it raises `UnreadableError`."""
    return {
        "mt-bench": _mt_bench,
        "vicuna": lambda row, name: _question(row, row.get("text"), "text", name),
        "arena-hard": lambda row, name: _question(row, row.get("prompt"), "prompt", name),
        "llmfao": llmfao.prompt_from,
        "simple": _simple,
        "lines": _simple,
    }[form]


def number_of(row: Row) -> str | None:
    """Return the number (or other id) that a question or an answer has in its benchmark."""
    value = row.get("question_id", row.get("uid", row.get("id")))
    return None if value is None or not str(value).strip() else str(value).strip()


def turns_of(row: Row) -> list[str]:
    """Return the texts of the first choice of an MT-Bench answer; none if it has no such thing."""
    choices = row.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    turns = first.get("turns") if isinstance(first, Mapping) else None
    texts = [text_of(turn) for turn in turns] if isinstance(turns, list) else []
    return [text or "" for text in texts] if texts and texts[0] is not None else []


def question_file(path: Path) -> Path | None:
    """Return the `question.jsonl` beside `path`, or in the folder above, as benchmarks lay out their files."""
    folder = path.absolute().parent
    return next(
        (f / "question.jsonl" for f in (folder, folder.parent) if (f / "question.jsonl").is_file()), None
    )


def _mt_bench(row: Row, set_name: str) -> Prompt:
    turns = row.get("turns")
    if not isinstance(turns, list) or not turns:
        raise UnreadableError("has no turns")
    first = turns[0] if isinstance(turns[0], str) else text_of(turns[0])
    return _question(row, first, "the first of turns", set_name)


def _question(row: Row, text: Any, name: str, set_name: str) -> Prompt:
    if not isinstance(text, str):
        raise UnreadableError(f"has no {name}")
    number = number_of(row)
    return Prompt(
        prompt_of(text, name),
        category=_known(row, "category"),
        language=_known(row, "language"),
        source=f"{set_name}:{number}" if number else set_name,
    )


def _simple(row: Row, set_name: str) -> Prompt:
    name = next((name for name in ("messages", "prompt") if row.get(name)), None)
    if name is None:
        raise UnreadableError("has no prompt")
    known = {key: _known(row, key) for key in ("reference", "category", "language")}
    source = _known(row, "source")
    number = number_of(row)
    value = messages_of(row[name], name) if name == "messages" else row[name]
    return Prompt(
        prompt_of(value, name), source=source or (f"{set_name}:{number}" if number else set_name), **known
    )


def _known(row: Row, name: str) -> str | None:
    value = row.get(name)
    return value.strip() if isinstance(value, str) and value.strip() else None


def _references(folder: Path) -> dict[str, str]:
    """Return the first turn of every reference answer beside the questions, by number."""
    found: dict[str, str] = {}
    for pattern in _REFERENCES:
        for path in sorted(folder.glob(pattern)):
            for record in records(open_source(path)):
                number, turns = number_of(record.fields), turns_of(record.fields)
                if number and turns:
                    found.setdefault(number, turns[0])
    return found
