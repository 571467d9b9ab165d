"""LLMFAO: human votes on recorded answers, in files that point at each other by number.

`crowd-comparisons.csv` holds the votes: a pair of answers (`id`) to a prompt (by number), the two models by name as
they stood left and right, the worker, and left, right or tie. The texts are in `prompts.jsonl` and `results.jsonl`
beside it, and some names only in `models.jsonl`; the votes alone can be rated, but give no preference pairs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena.errors import InvalidInput
from arena.formats.ballots import Ballots, check
from arena.formats.landing import Parcel, recorded_answer
from arena.formats.options import Options
from arena.formats.records import records
from arena.formats.report import Reject, counted, refuse
from arena.formats.scan import staging
from arena.formats.shown import Shown, lay_texts, staged
from arena.formats.source import Source, open_source
from arena.formats.texts import Exchange, UnreadableError, prompt_of
from arena.types import Answer, Prompt, Winner

VOTES = Ballots(
    model_a="left",
    model_b="right",
    winner="winner",
    labels={"left": Winner.MODEL_A, "right": Winner.MODEL_B, "tie": Winner.TIE},
    voter="worker",
    battle="id",
    extra=("prompt",),
)


@dataclass(frozen=True, slots=True)
class Companions:
    """The files beside the votes: prompts by their number, answers by model name and prompt number."""

    prompts: Mapping[str, Prompt]
    answers: Mapping[tuple[str, str], Answer]


def read_votes(source: Source, options: Options) -> tuple[Parcel, int, tuple[Reject, ...]]:
    """Read the votes, with prompts and answers if their files stand beside.

    Raises:
        InvalidInput: a file as a whole is broken.
        ImportRejected: rows cannot be used, and `options.skip_bad` is false or none is left.
    """
    parcel = Parcel(source, options.set_name)
    beside = companions(source.path.parent, options.set_name)
    with staging() as con:
        checked = check(con, source, VOTES, options.voter_kind)
        refuse(source.path, checked.rows, checked.rejects, skip_bad=options.skip_bad)
        if beside is not None:
            lay_texts(con, parcel, ["x0"], lambda a, b, cells: _shown(beside, a, b, cells))
            voted = {
                name for row in con.execute("SELECT model_a, model_b FROM ballots").fetchall() for name in row
            }
            _add_answers(parcel, beside, voted)
        else:
            parcel.notes.append(
                "prompts.jsonl and results.jsonl do not stand beside the file: its votes rate models, "
                "but give no preference pairs."
            )
        parcel.staged = staged(con, parcel, texts=beside is not None)
    return parcel, checked.rows, checked.rejects


def companions(folder: Path, set_name: str) -> Companions | None:
    """Return what `prompts.jsonl` and `results.jsonl` in `folder` hold, `None` unless both are there.

    Raises:
        InvalidInput: one of them is broken, or has a row that is not what it should be.
    """
    paths = [folder / name for name in ("prompts.jsonl", "results.jsonl")]
    if not all(path.is_file() for path in paths):
        return None
    prompts = prompts_by_number(folder, set_name)
    names = _model_names(folder)
    answers: dict[tuple[str, str], Answer] = {}
    for path, line, row in _rows(paths[1]):
        try:
            answer = answer_of(row, names)
            answers[answer.model, str(row.get("prompt"))] = answer
        except UnreadableError as error:
            raise InvalidInput(f"{path}, line {line}: {error}.") from error
    return Companions(prompts, answers)


def prompts_by_number(folder: Path, set_name: str) -> dict[str, Prompt]:
    """Return the prompts of `prompts.jsonl` in `folder` by their number; none if there is no such file.

    Raises:
        InvalidInput: it is broken, or has a row that is not what it should be.
    """
    prompts = {}
    for path, line, row in _rows(folder / "prompts.jsonl"):
        try:
            prompts[str(row.get("id"))] = prompt_from(row, set_name)
        except UnreadableError as error:
            raise InvalidInput(f"{path}, line {line}: {error}.") from error
    return prompts


def prompt_from(row: Mapping[str, Any], set_name: str) -> Prompt:
    """Return the prompt of a row of `prompts.jsonl`; its source is the set and its number.

    Raises:
        UnreadableError: it is blank.
    """
    category = row.get("type")
    return Prompt(
        prompt_of(row.get("text"), "text"),
        category=str(category) if category else None,
        source=f"{set_name}:{row.get('id')}",
    )


def answer_of(row: Mapping[str, Any], names: Mapping[str, str]) -> Answer:
    """Return the answer of a row of `results.jsonl`, whose `duration` is in milliseconds.

    Raises:
        UnreadableError: its model or text is missing.
    """
    name, text, duration = (
        row.get("name") or names.get(str(row.get("model"))),
        row.get("result"),
        row.get("duration"),
    )
    if not isinstance(name, str) or not name.strip():
        raise UnreadableError(f"the model {row.get('model')!r} has no name")
    if not isinstance(text, str):
        raise UnreadableError("has no result")
    return recorded_answer(name.strip(), text, duration / 1000 if isinstance(duration, int | float) else None)


def _shown(beside: Companions, model_a: str, model_b: str, cells: Sequence[Any]) -> Shown:
    number = str(cells[0])
    prompt = beside.prompts.get(number)
    answers = [beside.answers.get((model, number)) for model in (model_a, model_b)]
    if prompt is None:
        return None
    if answers[0] is None or answers[1] is None:
        return prompt, None
    return prompt, Exchange(prompt.messages, ((None, answers[0].text, answers[1].text),))


def _add_answers(parcel: Parcel, beside: Companions, voted: set[str]) -> None:
    """Add every recorded answer of the models voted on, those to other prompts included."""
    left_out = {model for model, _ in beside.answers} - voted
    for (model, number), answer in beside.answers.items():
        if model in voted and number in beside.prompts:
            parcel.recorded.append((parcel.add_prompt(beside.prompts[number]), answer))
    parcel.notes.append(
        "Prompts and recorded answers came from prompts.jsonl and results.jsonl beside the file."
    )
    if left_out:
        parcel.notes.append(
            f"{counted(len(left_out), 'models')} of results.jsonl left out, without votes: "
            "import results.jsonl as answers to add them."
        )


def _model_names(folder: Path) -> dict[str, str]:
    return {
        str(row.get("id")): str(row["name"])
        for _, _, row in _rows(folder / "models.jsonl")
        if row.get("name")
    }


def _rows(path: Path) -> list[tuple[Path, int, Mapping[str, Any]]]:
    if not path.is_file():
        return []
    rows = []
    for record in records(open_source(path)):
        if record.problem is not None:
            raise InvalidInput(f"{path}, line {record.line}: {record.problem}.")
        rows.append((path, record.line, record.fields))
    return rows
