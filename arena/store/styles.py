"""The style of answers: measured once an answer, kept beside it, and joined to the votes on it.

Counting tokens of a million answers takes the better part of a minute, so nothing is measured twice: answers are never
changed once stored, and those not measured yet are measured, a batch at a time, before the styles of votes are read.
A change to what is measured needs a migration that empties the table.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import numpy as np

from arena.ratings.grouped import By
from arena.store.counts import model_names, where
from arena.store.grouped import KEYS
from arena.store.recount import ALL_STANDING
from arena.store.writer import Writer
from arena.style.features import FEATURES
from arena.style.meetings import Meetings
from arena.style.rows import Key, StyleRows
from arena.types import VoteColumns, VoteFilter
from arena.until import TimedVotes

_BATCH = 20_000

_ONE_A_LETTER = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
TOKEN = rf"[{_ONE_A_LETTER}]|[\p{{L}}\p{{M}}\p{{N}}_]+|[^\s\p{{L}}\p{{M}}\p{{N}}_]"
"""A token: a run of letters and digits, one letter of a script written without spaces, or one mark."""
HEADER = r"(?m)^ {0,3}#{1,6}[ \t]+\S"
LIST_ITEM = r"(?m)^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S"
BOLD = r"(?m)\*\*[^*\s](?:[^*\n]*[^*\s])?\*\*|(?:^|[\s(])__[^_\s](?:[^_\n]*[^_\s])?__\b"
CODE = r"(?ms)^[ \t]*```.*?(?:^[ \t]*```|\z)"

_MEASURE = f"""
SELECT answer_id::VARCHAR, length(text), len(regexp_extract_all(text, '{TOKEN}')),
       len(regexp_extract_all(prose, '{HEADER}')), len(regexp_extract_all(prose, '{LIST_ITEM}')),
       len(regexp_extract_all(prose, '{BOLD}'))
FROM (
    SELECT answer_id, text,
           CASE WHEN contains(text, '```') THEN regexp_replace(text, '{CODE}', '', 'g') ELSE text END AS prose
    FROM answers a ANTI JOIN answer_styles s USING (answer_id)
)
"""

_KEEP = (
    "INSERT INTO answer_styles SELECT unnest($1::UUID[]), unnest($2::INTEGER[]), unnest($3::INTEGER[]), "
    "unnest($4::INTEGER[]), unnest($5::INTEGER[]), unnest($6::INTEGER[])"
)

_ROWS = f"""
WITH judged AS (
    SELECT v.battle_id, v.model_a, v.model_b, enum_code(v.winner)::TINYINT AS winner, count(*) AS votes {{keys}}
    FROM {ALL_STANDING} v {{joined}} WHERE {{condition}} GROUP BY ALL
), styled AS (
    SELECT t.battle_id, {{sums}}
    FROM turns t SEMI JOIN judged USING (battle_id)
    JOIN answer_styles x ON x.answer_id = t.answer_a JOIN answer_styles y ON y.answer_id = t.answer_b
    GROUP BY t.battle_id
)
SELECT j.*, s.* EXCLUDE (battle_id) FROM judged j JOIN styled s USING (battle_id) ORDER BY ALL
"""

_AGAINST = f"""
WITH judged AS (
    SELECT battle_id, model_a = place AS turned, CASE WHEN model_a = place THEN model_b ELSE model_a END AS opponent,
           CASE winner WHEN 'model_a' THEN 1.0 WHEN 'model_b' THEN 0.0 ELSE 0.5 END AS points_a, count(*) AS votes
    FROM (
        SELECT v.*, p.place
        FROM (SELECT v.* FROM {ALL_STANDING} v WHERE {{condition}}) v, (SELECT ?::INTEGER AS place) p
    )
    WHERE place IN (model_a, model_b) GROUP BY ALL
), lengths AS (
    SELECT t.battle_id, sum(x.characters - y.characters)::DOUBLE AS more_a
    FROM turns t SEMI JOIN judged USING (battle_id)
    JOIN answer_styles x ON x.answer_id = t.answer_a JOIN answer_styles y ON y.answer_id = t.answer_b
    GROUP BY t.battle_id
)
SELECT j.opponent, coalesce(b.prompt_id, j.battle_id::VARCHAR) AS prompt, j.votes,
       CASE WHEN turned THEN 1.0 - points_a ELSE points_a END AS points,
       CASE WHEN turned THEN -more_a ELSE more_a END AS longer
FROM judged j JOIN battles b USING (battle_id) LEFT JOIN lengths l USING (battle_id) ORDER BY ALL
"""


class Styles:
    """`store.styles`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read
        self._measuring = threading.Lock()

    def measure(self) -> int:
        """Measure the answers that are not measured yet; return how many there were.

        Raises:
            StoreFailed: the measures could not be saved; those of earlier batches are.
        """
        with self._measuring:
            con = self._read()
            stored, measured = con.execute(
                "SELECT (SELECT count(*) FROM answers), (SELECT count(*) FROM answer_styles)"
            ).fetchall()[0]
            if stored == measured:
                return 0
            con.execute(_MEASURE)
            done = 0
            while found := con.fetchmany(_BATCH):
                columns = [list(column) for column in zip(*found, strict=True)]
                self._writer.run(lambda con, columns=columns: con.execute(_KEEP, columns))  # type: ignore[misc]
                done += len(found)
            return done

    def rows(self, votes: VoteFilter, by: Sequence[By] = ()) -> StyleRows:
        """Return the votes with the styles of what they compared, and with the keys `by`; measure what is not yet."""
        return self._read_rows(votes, by)[0]

    def _read_rows(self, votes: VoteFilter, by: Sequence[By], *more: str) -> tuple[Any, ...]:
        """Return rows and what `more` was asked of each vote, which keeps votes apart that differ in it."""
        self.measure()
        condition, parameters = where(votes)
        features = [feature.name for feature in FEATURES]
        sums = [f"sum({side}.{name})::DOUBLE AS {name}_{side}" for side in ("x", "y") for name in features]
        query = _ROWS.format(
            keys="".join([*(f", {KEYS[key]} AS by_{key}" for key in by), *(f", {one}" for one in more)]),
            joined="JOIN battles b USING (battle_id)" if "prompt" in by else "",
            condition=condition,
            sums=", ".join(sums),
        )
        con = self._read()
        found = con.execute(query, parameters).fetchnumpy()
        standing = con.execute(f"SELECT count(*) FROM {ALL_STANDING} v WHERE {condition}", parameters)
        number = np.asarray(found["votes"]).astype(np.int64)
        unread = int(standing.fetchall()[0][0]) - int(number.sum())
        rows = _rows(found, model_names(con), features, by, number, unread)
        return rows, *(np.asarray(found[one.split(" AS ")[-1].removeprefix("v.")]) for one in more)

    def timed(self, votes: VoteFilter, by: Sequence[By] = ()) -> TimedVotes:
        """Return the votes on stored answers in the order of their times, with the styles of what they compared."""
        rows, at, seq = self._read_rows(votes, by, "epoch_us(v.created_at) AS at", "v.seq")
        order = np.lexsort((seq, at))
        style = rows.only(order)
        columns = VoteColumns(style.names, style.model_a, style.model_b, style.winner)
        return TimedVotes(columns, at[order].astype(np.int64), style.keys, style)

    def against(self, votes: VoteFilter, baseline: str) -> Meetings:
        """Return the votes between `baseline` and everybody it met, with the lengths of both answers."""
        self.measure()
        condition, parameters = where(votes)
        con = self._read()
        names = model_names(con)
        place = next((model_id for model_id, name in names.items() if name == baseline), -1)
        found = con.execute(_AGAINST.format(condition=condition), [*parameters, place]).fetchnumpy()
        votes_of, longer = np.asarray(found["votes"]).astype(np.int64), found["longer"]
        known = ~np.ma.getmaskarray(np.ma.asarray(longer))
        ids = np.asarray(found["opponent"])[known]
        order = sorted(np.unique(ids).tolist(), key=names.__getitem__)
        code = np.zeros(max(order, default=0) + 1, dtype=np.int32)
        code[order] = np.arange(len(order), dtype=np.int32)
        prompts, prompt = np.unique(np.asarray(found["prompt"])[known].astype(str), return_inverse=True)
        return Meetings(
            baseline=baseline,
            names=tuple(names[model_id] for model_id in order),
            prompts=tuple(prompts.tolist()),
            model=code[ids],
            prompt=prompt.astype(np.int32),
            points=np.asarray(found["points"])[known].astype(np.float64),
            votes=votes_of[known],
            longer=np.asarray(longer)[known].astype(np.float64),
            unread=int(votes_of[~known].sum()),
        )


def _rows(
    found: dict[str, Any],
    names: dict[int, str],
    features: Sequence[str],
    by: Sequence[By],
    votes: "np.ndarray[Any, np.dtype[np.int64]]",
    unread: int,
) -> StyleRows:
    ids = np.union1d(np.asarray(found["model_a"]), np.asarray(found["model_b"])).tolist()
    order = sorted(ids, key=names.__getitem__)
    code = np.zeros(max(order, default=0) + 1, dtype=np.int32)
    code[order] = np.arange(len(order), dtype=np.int32)
    keys = {}
    for key in by:
        groups, places = np.unique(np.asarray(found[f"by_{key}"]).astype(str), return_inverse=True)
        keys[key] = Key(tuple(groups.tolist()), places.astype(np.int32))
    of_a, of_b = (
        np.column_stack([np.asarray(found[f"{name}_{side}"], dtype=np.float64) for name in features])
        for side in ("x", "y")
    )
    return StyleRows(
        names=tuple(names[model_id] for model_id in order),
        model_a=code[np.asarray(found["model_a"])],
        model_b=code[np.asarray(found["model_b"])],
        winner=np.asarray(found["winner"]).astype(np.int8),
        votes=votes,
        style_a=of_a,
        style_b=of_b,
        keys=keys,
        unread=unread,
    )
