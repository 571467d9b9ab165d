"""The statements that check votes: rows as they were read, to rows judged each by itself, to rows settled together.

Nothing of a stranger's file becomes SQL here: fields are addressed by number, and the names quoted into reasons come
from the forms that this project defines.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from arena.types import DEFAULT_CRITERION, VoterKind, Winner

if TYPE_CHECKING:
    from arena.formats.ballots import Ballots

ANONYMOUS = "anonymous"
_MILLISECONDS_FROM = 100_000_000_000  # as Unix seconds the year 5138, as milliseconds 1973


def judged(form: "Ballots", kind: VoterKind) -> str:
    """Return the statement that makes the table `judged` of `raw`: cells trimmed and read, and what is wrong with them.

    It has the key of each row's battle and, in `reason`, the first thing wrong with the row in itself.
    """
    names = form.fields()
    trimmed = ", ".join(
        f"f{i}" if name in form.texts else f"nullif(trim(f{i}), '') AS f{i}" for i, name in enumerate(names)
    )
    label = _cell(form, form.winner) if form.winner else _flags_as_label(form)
    texts = "".join(f", {_cell(form, name)} AS t{i}" for i, name in enumerate(form.texts))
    extra = "".join(f", {_cell(form, name)} AS x{i}" for i, name in enumerate(form.extra))
    return (
        f"CREATE TABLE judged AS WITH trimmed AS (SELECT n, problem, {trimmed} FROM raw), "
        f"cells AS (SELECT n AS row_number, problem, {_battle_key(form)} AS battle_key, "
        f"{_cell(form, form.model_a)} AS model_a, {_cell(form, form.model_b)} AS model_b, {label} AS label, "
        f"{_cell(form, form.voter)} AS voter, "
        f"coalesce(lower({_cell(form, form.voter_kind)}), '{kind.value}') AS voter_kind, "
        f"{_cell(form, form.created)} AS moment, "
        f"coalesce({_cell(form, form.criterion)}, '{DEFAULT_CRITERION}') AS criterion{texts}{extra} FROM trimmed), "
        f"meant AS (SELECT *, {_winner(form.labels)} AS winner, {_CREATED} AS created_at FROM cells) "
        f"SELECT * EXCLUDE (problem, label, moment), {_reason(form)} AS reason FROM meant"
    )


SHARED_BATTLES = "SELECT count(*) > count(DISTINCT battle_key) FROM judged"
"""Whether two rows may be votes on one battle."""


def settled(*, shared: bool) -> str:
    """Return the statement that makes `settled` of `judged`: every voter named, clashes with an earlier row refused.

    `other_row` is that earlier row. Unless battles are `shared` by rows, nothing can clash.
    """
    if not shared:
        return (
            "CREATE TABLE settled AS SELECT * REPLACE "
            f"(coalesce(voter, '{ANONYMOUS}') AS voter), NULL::BIGINT AS other_row FROM judged"
        )
    return (
        "CREATE TABLE settled AS WITH good AS (SELECT row_number, "
        "first_value(row_number) OVER battle AS opened, first_value(model_a) OVER battle AS first_a, "
        "first_value(model_b) OVER battle AS first_b, row_number() OVER ballot AS place, "
        "first_value(row_number) OVER ballot AS before FROM judged WHERE reason IS NULL "
        "WINDOW battle AS (PARTITION BY battle_key ORDER BY row_number), ballot AS "
        f"(PARTITION BY battle_key, coalesce(voter, '{ANONYMOUS}'), voter_kind, criterion ORDER BY row_number)), "
        "marked AS (SELECT judged.*, model_a <> first_a OR model_b <> first_b AS other_models, "
        "voter IS NOT NULL AND place > 1 AS voted, place, first_a, first_b, opened, before "
        "FROM judged LEFT JOIN good USING (row_number)) "
        "SELECT * EXCLUDE (other_models, voted, place, first_a, first_b, opened, before) REPLACE ("
        f"coalesce(voter, CASE WHEN place > 1 THEN '{ANONYMOUS} ' || place ELSE '{ANONYMOUS}' END) AS voter, "
        "CASE WHEN reason IS NOT NULL THEN reason "
        "WHEN other_models THEN 'its battle is between ' || quoted(first_a) || ' and ' || quoted(first_b) "
        "WHEN voted THEN 'the voter ' || quoted(voter) || ' has voted on this battle already' END AS reason), "
        "CASE WHEN reason IS NOT NULL THEN NULL WHEN other_models THEN opened WHEN voted THEN before END AS other_row "
        "FROM marked"
    )


def _cell(form: "Ballots", name: str | None) -> str:
    return "NULL::VARCHAR" if name is None else f"f{form.fields().index(name)}"


def _battle_key(form: "Ballots") -> str:
    if form.battle is not None:
        return f"coalesce('b' || {_cell(form, form.battle)}, 'n' || n)"
    if not form.shown:
        return "'n' || n"
    parts = [f"coalesce({_cell(form, name)}, '')" for name in (*form.shown, form.model_a, form.model_b)]
    if form.texts:
        parts.append(f"md5(concat_ws(chr(30), {', '.join(_cell(form, name) for name in form.texts)}))")
    shown = f"concat_ws(chr(31), 's', {', '.join(parts)})"
    return f"CASE WHEN {_cell(form, form.shown[0])} IS NULL THEN 'n' || n ELSE {shown} END"


def _winner(labels: Mapping[str, Winner]) -> str:
    cases = " ".join(f"WHEN '{label}' THEN '{winner.value}'" for label, winner in labels.items())
    return f"CASE lower(label) {cases} END"


def _flags_as_label(form: "Ballots") -> str:
    """Return the label that flags of 0 and 1 spell, or the flags themselves where not exactly one is set."""
    flags = [_cell(form, name) for name in form.flags]
    on = [f"coalesce(lower({flag}) IN ('1', '1.0', 'true'), false)" for flag in flags]
    names = (Winner.MODEL_A, Winner.MODEL_B, Winner.TIE)
    cases = " ".join(f"WHEN {flag} THEN '{name.value}'" for flag, name in zip(on, names, strict=False))
    spelled = " || ', ' || ".join(f"coalesce({flag}, 'blank')" for flag in flags)
    return f"CASE WHEN {' + '.join(f'{flag}::INTEGER' for flag in on)} <> 1 THEN {spelled} {cases} END"


_NUMBER = "try_cast(moment AS DOUBLE)"
_CREATED = (
    f"CASE WHEN abs({_NUMBER}) < {_MILLISECONDS_FROM} THEN to_timestamp({_NUMBER}) "
    f"WHEN abs({_NUMBER}) < 1000.0 * {_MILLISECONDS_FROM} THEN to_timestamp({_NUMBER} / 1000) "
    f"WHEN {_NUMBER} IS NULL THEN try_cast(moment AS TIMESTAMPTZ) END"
)


def _reason(form: "Ballots") -> str:
    """Return the expression that says why a row cannot be used, NULL if it can; the first of several reasons."""
    if form.winner:
        missing = f"'has no {form.winner}'"
        labels = ", ".join(form.labels)
        unknown = f"'the {form.winner} ' || quoted(label) || ' is not known; known are {labels}'"
    else:
        missing = "'has no winner'"
        unknown = f"'of {', '.join(form.flags)} (' || label || ') exactly one must be 1'"
    return (
        "CASE WHEN problem IS NOT NULL THEN problem "
        f"WHEN model_a IS NULL THEN 'has no {form.model_a}' WHEN model_b IS NULL THEN 'has no {form.model_b}' "
        "WHEN model_a = model_b THEN 'the model ' || quoted(model_a) || ' cannot meet itself' "
        f"WHEN label IS NULL THEN {missing} WHEN winner IS NULL THEN {unknown} "
        f"WHEN voter_kind NOT IN ({', '.join(repr(kind.value) for kind in VoterKind)}) "
        f"THEN 'the {form.voter_kind} ' || quoted(voter_kind) || ' is none of {', '.join(VoterKind)}' "
        "WHEN moment IS NOT NULL AND created_at IS NULL "
        f"THEN 'the {form.created} ' || quoted(moment) || ' is neither a date nor a Unix time' END"
    )
