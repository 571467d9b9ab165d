"""A home with as many votes as wanted, judges with verdicts and scores: made by SQL, as imports make theirs.

    python -P benchmarks/big_home.py FOLDER [--votes 1000000]

A fifth of the battles have texts, as a service keeps the latest; every judge has voted on the same battles.
"""

import argparse
import time
from pathlib import Path

import duckdb

from arena.judgments import JudgeKind, JudgeSpec
from arena.store import Store
from arena.types import ModelKind, ModelSpec, Prompt

MODELS, PROMPTS, JUDGES, VERDICTS, SCORERS, SCORED = 40, 20_000, 12, 9_800, 4, 60_000
CATEGORIES = ("maths", "code", "history", "letters", "travel", "cooking", "law", "sport")

_VOTES = """
CREATE OR REPLACE TEMP TABLE big AS
WITH drawn AS (
    SELECT range AS n, hash(range) AS h, (hash(range) % {models})::INTEGER AS a,
           (hash(range * 7 + 1) % {models})::INTEGER AS b FROM range({votes})
), pairs AS (SELECT *, CASE WHEN a = b THEN (b + 1) % {models} ELSE b END AS other FROM drawn)
SELECT n AS row_number, 'battle ' || n AS battle_key, 'model ' || a AS model_a, 'model ' || other AS model_b,
       CASE WHEN h % 100 < 18 THEN 'tie' WHEN h % 100 < 24 THEN 'both_bad'
            WHEN (h >> 8) % ({models} * 2) < {models} + a - other THEN 'model_a' ELSE 'model_b' END AS winner,
       'voter ' || (h >> 16) % 20000 AS voter, 'human' AS voter_kind, 'overall' AS criterion,
       TIMESTAMPTZ '2026-01-01' + to_seconds(n * 20) AS created_at,
       p.prompt_id, CASE WHEN n % 5 = 0 THEN 'Answer of model ' || a || ': ' || md5(h::VARCHAR) END AS text_a,
       CASE WHEN n % 5 = 0 THEN 'Answer of model ' || other || ': ' || md5((h + 1)::VARCHAR) END AS text_b
FROM pairs JOIN known p ON p.place = n % {prompts}
"""
_JUDGED = """
INSERT INTO {table} SELECT {columns} FROM (
    SELECT v.*, j.name AS judge, hash(v.seq, j.name) AS h FROM judges j, (
        SELECT v.* FROM votes v JOIN battles b USING (battle_id) WHERE b.votable LIMIT {verdicts}) v)
"""
_VERDICT = (
    "battle_id, judge, 'overall', 'big', CASE WHEN h % 10 < 7 THEN winner ELSE 'tie'::outcome END, NULL, NULL, "
    "h % 10 = 9, NULL, 1, CASE WHEN h % 10 < 8 THEN winner ELSE 'tie'::outcome END, winner, [], created_at"
)
_VOTE = (
    "{first} + row_number() OVER (), battle_id, model_a, model_b, CASE WHEN h % 10 < 7 THEN winner ELSE "
    "'tie'::outcome END, 'judge', judge, 'overall', 0, [], NULL, created_at"
)
_SCORE = """
INSERT INTO scores SELECT answer_id, 'metric {n}', 'metric {n}', (hash(answer_id, {n}) % 10000) / 10000.0, NULL, NULL,
       [], now() FROM (SELECT answer_id FROM answers ORDER BY answer_id LIMIT {scored})
"""


def make(home: Path, votes: int) -> None:
    """Make a home with so many votes of people, and judges and scores beside them."""
    path = home / "workbench.duckdb"
    with Store.open(path) as store:
        for number in range(MODELS):
            store.models.add(ModelSpec(f"model {number}", ModelKind.RECORDED))
        store.prompts.add("everything", [_prompt(number) for number in range(PROMPTS)])
        for number in range(JUDGES):
            words = {"min_words": number, "max_words": number + 100}
            store.judges.add(JudgeSpec(f"judge {number}", JudgeKind.RULE, words))
        store.bulk.run(lambda con: _import(con, store, votes))
    with duckdb.connect(str(path)) as con:
        first = con.execute("SELECT max(seq) + 1 FROM votes").fetchall()[0][0]
        for table, columns in (("verdicts", _VERDICT), ("votes", _VOTE.format(first=first))):
            con.execute(_JUDGED.format(table=table, columns=columns, verdicts=VERDICTS))
        for number in range(SCORERS):
            con.execute("INSERT INTO scorers VALUES (?, ?, '{}', true)", [f"metric {number}"] * 2)
            con.execute(_SCORE.format(n=number, scored=SCORED))


def _prompt(number: int) -> Prompt:
    category, language = CATEGORIES[number % len(CATEGORIES)], ("en", "de", "fr")[number % 3]
    return Prompt.from_text(
        f"What is known about topic {number}?",
        category=category,
        language=language,
        reference="A great deal.",
    )


def _import(con: duckdb.DuckDBPyConnection, store: Store, votes: int) -> None:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE known AS SELECT prompt_id, row_number() OVER () - 1 AS place FROM prompts"
    )
    con.execute(_VOTES.format(models=MODELS, votes=votes, prompts=PROMPTS))
    store.bulk.insert_staged_votes(con, "big")
    con.execute("DROP TABLE big")


def main() -> None:
    """Make the home that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--votes", type=int, default=1_000_000)
    options = parser.parse_args()
    begun = time.perf_counter()
    make(options.folder, options.votes)
    print(f"{options.folder}: {options.votes:,} votes in {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
