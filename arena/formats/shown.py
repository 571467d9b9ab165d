"""The texts of voted battles: read once for each battle, and laid beside its votes in the staging tables."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from arena.formats.landing import BATTLE_ID_SQL, FollowUps, Parcel, battle_id
from arena.formats.texts import Exchange, UnreadableError
from arena.types import Prompt

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_PORTION = 5000

Shown = tuple[Prompt, Exchange | None] | None
"""What a battle showed: its prompt and turns, the prompt only, or nothing that is known."""


def lay_texts(
    con: "duckdb.DuckDBPyConnection",
    parcel: Parcel,
    columns: Sequence[str],
    read: Callable[[str, str, Sequence[Any]], Shown],
) -> dict[str, str]:
    """Fill the table `shown (battle_key, prompt_id, text_a, text_b)` from `columns` of the view `ballots`.

    `read` is given the two models and the cells of the battle's first row. Prompts and further turns go into `parcel`.
    Returns the reason why not for each battle, by key, that `read` found `UnreadableError`.
    """
    con.execute("CREATE TABLE shown (battle_key VARCHAR, prompt_id VARCHAR, text_a VARCHAR, text_b VARCHAR)")
    reasons: dict[str, str] = {}
    for portion in _portions(con, columns):
        rows: list[tuple[str, str, str | None, str | None]] = []
        for key, model_a, model_b, *cells in portion:
            try:
                shown = read(model_a, model_b, cells)
            except UnreadableError as error:
                reasons[key] = str(error)
                continue
            if shown is not None:
                rows.append((key, *_keep(parcel, key, model_a, model_b, *shown)))
        _append(con, rows)
    return reasons


def staged(con: "duckdb.DuckDBPyConnection", parcel: Parcel, *, texts: bool) -> "pa.Table":
    """Return the view `ballots`, with `shown` beside it if there are `texts`, as the store takes staged votes."""
    beside = (
        "prompt_id, text_a, text_b"
        if texts
        else "NULL::VARCHAR AS prompt_id, NULL::VARCHAR AS text_a, NULL::VARCHAR AS text_b"
    )
    join = "LEFT JOIN shown USING (battle_key)" if texts else ""
    return con.sql(
        f"SELECT row_number, {BATTLE_ID_SQL} AS battle_key, model_a, model_b, winner, voter, voter_kind, criterion, "
        f"created_at, {beside} FROM ballots {join}",
        params=[parcel.source.sha256],
    ).to_arrow_table()


def _portions(con: "duckdb.DuckDBPyConnection", columns: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
    firsts = "".join(f", arg_min({column}, row_number)" for column in ("model_a", "model_b", *columns))
    with con.cursor() as cursor:
        cursor.execute(f"SELECT battle_key{firsts} FROM ballots GROUP BY battle_key ORDER BY min(row_number)")
        while rows := cursor.fetchmany(_PORTION):
            yield rows


def _keep(
    parcel: Parcel, key: str, model_a: str, model_b: str, prompt: Prompt, exchange: Exchange | None
) -> tuple[str, str | None, str | None]:
    prompt_id = parcel.add_prompt(prompt)
    if exchange is None:
        return prompt_id, None, None
    if len(exchange.turns) > 1:
        parcel.follow_ups.append(FollowUps(battle_id(parcel.source, key), prompt, model_a, model_b, exchange))
    _, text_a, text_b = exchange.turns[0]
    return prompt_id, text_a, text_b


def _append(
    con: "duckdb.DuckDBPyConnection", rows: Sequence[tuple[str, str, str | None, str | None]]
) -> None:
    if rows:
        con.execute(
            "INSERT INTO shown SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]), unnest($3::VARCHAR[]), "
            "unnest($4::VARCHAR[])",
            [list(column) for column in zip(*rows, strict=True)],
        )
