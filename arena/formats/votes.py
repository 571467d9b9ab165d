"""Votes in Chatbot Arena's columns, in any of the spellings that its releases and other people's tables use."""

from collections.abc import Mapping, Sequence
from typing import Any

from arena.formats.ballots import Ballots, check, take_out
from arena.formats.landing import Parcel
from arena.formats.options import Options
from arena.formats.report import Reject, counted, refuse
from arena.formats.scan import staging
from arena.formats.shown import Shown, lay_texts, staged
from arena.formats.source import Source
from arena.formats.texts import from_conversations, from_prompt, messages_of, prompt_of
from arena.types import Prompt, Winner

LABELS: Mapping[str, Winner] = {
    "model_a": Winner.MODEL_A,
    "model_b": Winner.MODEL_B,
    "tie": Winner.TIE,
    "both_bad": Winner.BOTH_BAD,
    "tie (bothbad)": Winner.BOTH_BAD,
    "bothbad": Winner.BOTH_BAD,
}
_FLAGS = ("winner_model_a", "winner_model_b", "winner_tie")
_VOTERS = ("voter", "judge", "annotator", "worker")
_TIMES = ("tstamp", "timestamp", "created_at")
_BATTLES = ("battle_id", "battle")
_SHOWINGS = ("question_id", "id")
_CONVERSATIONS = ("conversation_a", "conversation_b")
_ANSWERS = (("response_a", "response_b"), ("answer_a", "answer_b"))


def arena_ballots(fields: Sequence[str]) -> Ballots:
    """Return which of `fields` holds what, by Chatbot Arena's names and the usual others."""
    battle = _first(_BATTLES, fields)
    showing = None if battle else _first(_SHOWINGS, fields)
    return Ballots(
        model_a="model_a",
        model_b="model_b",
        winner="winner" if "winner" in fields else None,
        labels=LABELS,
        flags=() if "winner" in fields else tuple(flag for flag in _FLAGS if flag in fields),
        voter=_first(_VOTERS, fields),
        voter_kind=_first(("voter_kind",), fields),
        created=_first(_TIMES, fields),
        criterion=_first(("criterion",), fields),
        battle=battle,
        shown=tuple(name for name in (showing, "turn") if name in fields) if showing else (),
        texts=_texts(fields),
        extra=tuple(name for name in ("turn", "language", "category", "anony") if name in fields),
    )


def read_votes(source: Source, options: Options) -> tuple[Parcel, int, tuple[Reject, ...]]:
    """Read a file of votes; return what it adds, the number of its rows, and those that cannot be used.

    Raises:
        InvalidInput: the file as a whole is broken.
        ImportRejected: rows cannot be used, and `options.skip_bad` is false or none is left.
    """
    form = arena_ballots(options.fields)
    parcel = Parcel(source, options.set_name)
    with staging() as con:
        checked = check(con, source, form, options.voter_kind)
        rejects = checked.rejects
        if form.texts:
            texts = [f"t{i}" for i in range(len(form.texts))]
            cells = texts + [f"x{i}" for i in range(len(form.extra))]
            names = [*form.texts, *form.extra]
            reasons = lay_texts(
                con,
                parcel,
                cells,
                lambda _a, _b, found: _shown(dict(zip(names, found, strict=True)), options),
            )
            rejects += take_out(con, source, reasons)
        refuse(source.path, checked.rows, rejects, skip_bad=options.skip_bad)
        parcel.notes += _notes(con, form)
        parcel.staged = staged(con, parcel, texts=bool(form.texts))
    return parcel, checked.rows, rejects


def _texts(fields: Sequence[str]) -> tuple[str, ...]:
    if all(name in fields for name in _CONVERSATIONS):
        return _CONVERSATIONS
    if "prompt" not in fields:
        return ()
    for pair in _ANSWERS:
        if all(name in fields for name in pair):
            return ("prompt", *pair)
    return ("prompt",)


def _shown(cells: Mapping[str, Any], options: Options) -> Shown:
    known = {"language": cells.get("language"), "category": cells.get("category"), "source": options.set_name}
    texts = [cells[name] for name in cells if name not in ("turn", "language", "category", "anony")]
    if texts[0] is None:
        return None
    if not any(texts[1:]):
        return Prompt(prompt_of(texts[0]), **known), None
    if len(texts) == 3:
        exchange = from_prompt(texts[0], *(text or "" for text in texts[1:]))
    else:  # two conversations
        sides = [messages_of(text, name) for text, name in zip(texts, _CONVERSATIONS, strict=True)]
        turn = cells.get("turn")
        turns = int(turn) if turn is not None and turn.isdecimal() else None
        exchange = from_conversations(sides[0], sides[1], _CONVERSATIONS, turns)
    return Prompt(exchange.prompt, **known), exchange


def _notes(con: Any, form: Ballots) -> list[str]:
    notes = []
    if "anony" in form.extra:
        place = form.extra.index("anony")
        open_votes = con.execute(
            f"SELECT count(*) FROM ballots WHERE lower(x{place}) IN ('false', '0')"
        ).fetchall()[0][0]
        if open_votes:
            notes.append(
                f"{counted(open_votes, 'votes')} cast with the models' names in view (anony is false)."
            )
    if not form.texts:
        notes.append("The file has no texts: its votes rate models, but give no preference pairs.")
        if "language" in form.extra:
            notes.append("Languages were left out: they are kept with prompts, and the file has none.")
    if form.voter is None:
        notes.append("The file names no voters: its votes stand as cast by 'anonymous'.")
    return notes


def _first(names: Sequence[str], fields: Sequence[str]) -> str | None:
    return next((name for name in names if name in fields), None)
