"""Recorded answers, joined to their prompts: by the text of the prompt where the file has it, else by its number.

Numbers mean something only within a prompt set: one that is stored already and named, or the `question.jsonl` that
benchmarks keep beside their answers. A number found in neither is an error of its row, never a guess.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from arena.errors import InvalidInput
from arena.formats import llmfao
from arena.formats.detect import choose
from arena.formats.landing import Parcel, recorded_answer
from arena.formats.options import Options
from arena.formats.prompts import number_of, question_file, reader_of, turns_of
from arena.formats.records import records
from arena.formats.report import Reject, counted, refuse
from arena.formats.source import Source, open_source
from arena.formats.texts import UnreadableError, messages_of, prompt_of
from arena.store import Store
from arena.store.recorded import recorded_texts
from arena.types import Answer, Prompt

Row = Mapping[str, Any]
Known = Mapping[str, Prompt]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer with its prompt, and how many later turns of it were left out."""

    prompt: Prompt
    answer: Answer
    later: int = 0


def read_answers(
    store: Store, source: Source, options: Options, form: str
) -> tuple[Parcel, int, tuple[Reject, ...]]:
    """Read a file of recorded answers; return what it adds, the number of its rows, and those that cannot be used.

    Raises:
        InvalidInput: the file as a whole is broken, or its answers point at prompts that are not known.
        ImportRejected: rows cannot be used, and `options.skip_bad` is false or none is left.
    """
    parcel, rejects, found = Parcel(source, options.set_name), list[Reject](), dict[int, Found]()
    reader, known, rows = _READERS[form], _numbered_prompts(store, source, options, form), 0
    for record in records(source):
        rows += 1
        try:
            if record.problem is not None:
                raise UnreadableError(record.problem)
            found[record.line] = reader(record.fields, known, options.set_name)
        except UnreadableError as error:
            rejects.append(Reject(record.line, str(error)))
    rejects += _second_answers(store, found)
    refuse(source.path, rows, tuple(rejects), skip_bad=options.skip_bad)
    for prompt in _in_order(known, found):
        parcel.add_prompt(prompt)
    parcel.recorded += [(item.prompt.prompt_id, item.answer) for item in found.values()]
    _add_notes(parcel, list(found.values()))
    return parcel, rows, tuple(rejects)


def _numbered_prompts(store: Store, source: Source, options: Options, form: str) -> Known:
    """Return the prompts of the set that the answers belong to, by number."""
    if form == "simple":
        return {}
    mark = options.set_name + ":"
    stored = {
        prompt.source.removeprefix(mark): prompt
        for prompt in store.prompts.list(options.set_name)
        if prompt.source is not None and prompt.source.startswith(mark)
    }
    if stored and options.set_given:
        return stored
    beside = _prompts_beside(source, options.set_name, form)
    if not beside and not stored and form != "arena-hard":
        sets = ", ".join(store.prompts.sets()) or "none yet, import the questions first"
        raise InvalidInput(
            f"{source.name} names its prompts by number, and it is not known in which prompt set: "
            f"name the set (there are: {sets}), or put its question.jsonl beside the file."
        )
    return {**stored, **beside}


def _prompts_beside(source: Source, set_name: str, form: str) -> Known:
    if form == "llmfao":
        return llmfao.prompts_by_number(source.path.parent, set_name)
    path = question_file(source.path)
    if path is None:
        return {}
    questions = open_source(path)
    reader = reader_of(choose(questions, "prompts", None).name)
    prompts = {}
    for record in records(questions):
        try:
            if record.problem is not None:
                raise UnreadableError(record.problem)
            if number := number_of(record.fields):
                prompts[number] = reader(record.fields, set_name)
        except UnreadableError as error:
            raise InvalidInput(f"{path}, line {record.line}: {error}.") from error
    return prompts


def _second_answers(store: Store, found: dict[int, Found]) -> list[Reject]:
    """Take those answers out of `found` that differ from one of the same model to the same prompt, and say so."""
    texts = recorded_texts(store.read(), {item.prompt.prompt_id for item in found.values()})
    rejects = []
    for line, item in list(found.items()):
        first = texts.setdefault((item.answer.model, item.prompt.prompt_id), item.answer.text)
        if first != item.answer.text:
            rejects.append(
                Reject(line, f"another answer of {item.answer.model!r} to its prompt is recorded already")
            )
            del found[line]
    return rejects


def _in_order(known: Known, found: Mapping[int, Found]) -> list[Prompt]:
    """Return the prompts answered: those known by number in the order of their set, then the others as they came."""
    answered = {item.prompt.prompt_id: item.prompt for item in found.values()}
    ordered = {prompt.prompt_id: prompt for prompt in known.values() if prompt.prompt_id in answered}
    return list({**ordered, **answered}.values())


def _add_notes(parcel: Parcel, found: list[Found]) -> None:
    later, blank = sum(item.later for item in found), sum(not item.answer.text.strip() for item in found)
    if later:
        parcel.notes.append(
            f"{counted(later, 'later turns')} left out: a prompt is the first turn of its question."
        )
    if blank:
        parcel.notes.append(f"{counted(blank, 'blank answers')} kept as they are.")


def _by_number(row: Row, known: Known) -> Prompt:
    number = number_of(row)
    if number is None:
        raise UnreadableError("has no question_id")
    if number not in known:
        raise UnreadableError(f"the question {number!r} is not in the prompt set")
    return known[number]


def _model(row: Row, *names: str) -> str:
    value = next((row[name] for name in names if row.get(name)), None)
    if not isinstance(value, str) or not value.strip():
        raise UnreadableError(f"has no {names[0]}")
    return value.strip()


def _mt_bench(row: Row, known: Known, _set_name: str) -> Found:
    turns = turns_of(row)
    if not turns:
        raise UnreadableError("has no choices with turns")
    model = _model(row, "model_id", "model")
    return Found(_by_number(row, known), recorded_answer(model, turns[0]), len(turns) - 1)


def _vicuna(row: Row, known: Known, _set_name: str) -> Found:
    if not isinstance(row.get("text"), str):
        raise UnreadableError("has no text")
    return Found(_by_number(row, known), recorded_answer(_model(row, "model_id", "model"), row["text"]))


def _arena_hard(row: Row, known: Known, set_name: str) -> Found:
    messages = messages_of(row.get("messages"), "messages")
    if messages[-1].role != "assistant":
        raise UnreadableError("messages does not end with an answer")
    asked = prompt_of(messages[:-1], "messages")
    number = number_of(row)
    prompt = known.get(number or "")
    if prompt is None or prompt.messages != asked:
        prompt = Prompt(asked, source=f"{set_name}:{number}" if number else set_name)
    return Found(prompt, recorded_answer(_model(row, "model", "model_id"), messages[-1].content))


def _llmfao(row: Row, known: Known, _set_name: str) -> Found:
    number = str(row.get("prompt"))
    if number not in known:
        raise UnreadableError(f"the prompt {number!r} is not in the prompt set")
    return Found(known[number], llmfao.answer_of(row, {}))


def _simple(row: Row, _known: Known, set_name: str) -> Found:
    prompt = reader_of("simple")(row, set_name)
    if not isinstance(row.get("answer"), str):
        raise UnreadableError("has no answer")
    return Found(prompt, recorded_answer(_model(row, "model"), row["answer"]))


_READERS: Mapping[str, Callable[[Row, Known, str], Found]] = {
    "mt-bench": _mt_bench,
    "vicuna": _vicuna,
    "arena-hard": _arena_hard,
    "llmfao": _llmfao,
    "simple": _simple,
}
