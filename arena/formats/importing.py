"""The door for files: what is it, which form has it, read it, store it, and say what was done."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from arena.errors import InvalidInput
from arena.formats import answers, llmfao, preferences, prompts, votes
from arena.formats.detect import Format, choose, fields_of, of_what
from arena.formats.landing import Landed, Parcel, land
from arena.formats.options import Options
from arena.formats.report import ImportReport, Reject
from arena.formats.source import Source, open_source
from arena.store import Store
from arena.types import VoterKind

if TYPE_CHECKING:
    import duckdb

_NAMELESS = {"question", "questions", "prompt", "prompts", "data", "train", "test", "results", "answers"}


def import_file(
    store: Store,
    path: Path,
    what: str,
    *,
    from_format: str | None = None,
    set_name: str | None = None,
    skip_bad: bool = False,
    voter_kind: VoterKind = VoterKind.HUMAN,
    voter: str | None = None,
    models: tuple[str, str] | None = None,
    on_read: Callable[[int], None] | None = None,
    keep: "Callable[[duckdb.DuckDBPyConnection, ImportReport], None] | None" = None,
) -> ImportReport:
    """Read a file of votes, answers, prompts or preferences into the store, all or nothing unless `skip_bad`.

    `from_format` names its form (see `arena.formats.FORMATS`), else the form is found by the fields of its rows.
    Prompts go into the set `set_name` (else named after the file or its folder); answers that point at prompts by
    number are joined to that set. Of preferences, `voter` is who preferred, and `models` are the names under which
    the chosen and the rejected sides compete where the rows do not name them. `on_read` is told the number of rows
    once they are read and before anything is stored; `keep` is called with the report within the transaction that
    stores them. What either raises leaves the store as it was.

    Raises:
        InvalidInput: the file cannot be read, its form is not known, or `what` is not.
        ImportRejected: rows cannot be used; it lists each with its line and reason. Nothing was stored.
        Conflict: the votes of this file are stored already.
        StoreFailed: the database could not be written; nothing was stored.
    """
    noun = of_what(what)
    source = open_source(path, plain=noun == "prompts")
    form = choose(source, noun, from_format)
    options = Options(
        set_name=(set_name or "").strip() or _set_name(source, form),
        set_given=bool((set_name or "").strip()),
        fields=fields_of(source),
        skip_bad=skip_bad,
        voter_kind=voter_kind,
        voter=voter,
        models=_two(models),
    )
    parcel, rows, rejects = _read(store, source, form, options)
    if on_read is not None:
        on_read(rows)

    def report(landed: Landed) -> ImportReport:
        new = {"answers": max(landed.answers, 0), "prompts": landed.prompts}.get(noun)
        known = 0 if new is None else max(0, rows - len(rejects) - new)
        return ImportReport(
            path=Path(path),
            what=noun,
            format=form.name,
            rows_read=rows,
            rows_added=rows - len(rejects) - known,
            rows_known=known,
            rejects=tuple(sorted(rejects, key=lambda reject: reject.line)),
            votes_added=landed.votes,
            battles_added=landed.battles,
            answers_added=landed.answers,
            prompts_added=landed.prompts,
            models_added=landed.models,
            set_name=options.set_name if parcel.prompts else None,
            notes=(*parcel.notes, *_leftovers(rejects)),
        )

    return report(land(store, parcel, None if keep is None else lambda con, done: keep(con, report(done))))


def _read(
    store: Store, source: Source, form: Format, options: Options
) -> tuple[Parcel, int, tuple[Reject, ...]]:
    match form.what, form.name:
        case "votes", "llmfao":
            return llmfao.read_votes(source, options)
        case "votes", _:
            return votes.read_votes(source, options)
        case "prompts", name:
            return prompts.read_prompts(source, options, name)
        case "answers", name:
            return answers.read_answers(store, source, options, name)
        case _, name:
            return preferences.read_preferences(source, options, name)


def _set_name(source: Source, form: Format) -> str:
    """Return a name for the prompts of a file: its own, or its folder's where its own says nothing."""
    if form.name == "llmfao":
        return "llmfao"
    if form.what == "answers" and form.name != "simple" and (questions := prompts.question_file(source.path)):
        return questions.parent.name
    return source.path.absolute().parent.name if source.stem.lower() in _NAMELESS else source.stem


def _two(models: tuple[str, str] | None) -> tuple[str, str] | None:
    if models is None:
        return None
    chosen, rejected = (name.strip() for name in models)
    if not chosen or not rejected or chosen == rejected:
        raise InvalidInput(
            f"Chosen and rejected sides need two different names, not {chosen!r} and {rejected!r}."
        )
    return chosen, rejected


def _leftovers(rejects: tuple[Reject, ...]) -> tuple[str, ...]:
    if not rejects:
        return ()
    return (
        "Import rows that were left out as a file of their own once they are corrected: "
        "the whole corrected file would be taken for a new one, and its other rows would count twice.",
    )
