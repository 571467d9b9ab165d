"""A home with many votes between many models, made by SQL as imports make theirs: what ratings are timed on.

    python -P benchmarks/ratings_home.py FOLDER [--votes 10000000] [--models 300]

Every pair of models meets about equally often. Outcomes follow known ratings, with a share of ties and of both bad;
one vote in a thousand was corrected later, so that not every row of the log stands. All voters are people.
"""

import argparse
import time
from functools import partial
from pathlib import Path

import duckdb
import numpy as np

from arena.store import Store
from arena.types import ModelKind, ModelSpec

CHUNK = 1_000_000
"""Votes imported at once: a transaction of ten million keeps all of them in memory."""
VOTERS = 20_000
CORRECTED = 1000
"""One vote in so many has a later revision."""

_DRAWN = """
CREATE OR REPLACE TEMP TABLE big AS
WITH drawn AS (
    SELECT range AS n, (hash(range, 1) % {models})::INTEGER AS a,
           (hash(range, 2) % ({models} - 1))::INTEGER AS other, (hash(range, 3) % 1000000) / 1e6 AS u,
           (hash(range, 4) % 100)::INTEGER AS h, (hash(range, 5) % {voters})::INTEGER AS voter
    FROM range({first}, {last})
), pairs AS (SELECT * EXCLUDE other, other + (other >= a)::INTEGER AS b FROM drawn)
SELECT n AS row_number, NULL::VARCHAR AS battle_key, ma.name AS model_a, mb.name AS model_b,
       CASE WHEN h < 18 THEN 'tie' WHEN h < 24 THEN 'both_bad'
            WHEN u < 1 / (1 + exp(mb.strength - ma.strength)) THEN 'model_a' ELSE 'model_b' END AS winner,
       'voter ' || voter AS voter, 'human' AS voter_kind, 'overall' AS criterion,
       TIMESTAMPTZ '2025-01-01' + to_seconds(n * 3) AS created_at,
       NULL::VARCHAR AS prompt_id, NULL::VARCHAR AS text_a, NULL::VARCHAR AS text_b
FROM pairs JOIN known ma ON ma.place = a JOIN known mb ON mb.place = b
"""
_CORRECTIONS = """
INSERT INTO votes
SELECT $1 + row_number() OVER () - 1, battle_id, model_a, model_b, 'tie'::outcome, voter_kind, voter, criterion, 1, [],
       NULL, created_at + to_seconds(60)
FROM votes WHERE revision = 0 AND seq % $2 = 7
"""


def strengths(models: int) -> list[float]:
    """Return the true ratings in log-odds, spread as on public boards (about 500 points from end to end)."""
    return np.random.default_rng(1).normal(0.0, 0.6, models).tolist()


def make(home: Path, votes: int, models: int) -> Path:
    """Make a home with so many votes and return its database file; one that stands there is taken as it is."""
    path = home / "workbench.duckdb"
    if path.exists():
        return path
    making = home.with_name(home.name + ".part")
    names = [f"model {number:03d}" for number in range(models)]
    with Store.open(making / path.name) as store:
        for name in names:
            store.models.add(ModelSpec(name, ModelKind.RECORDED))
        for first in range(0, votes, CHUNK):
            last = min(first + CHUNK, votes)
            store.bulk.run(partial(_import, store=store, names=names, first=first, last=last))
    with duckdb.connect(str(making / path.name)) as con:
        newest = con.execute("SELECT max(seq) + 1 FROM votes").fetchall()[0][0]
        con.execute(_CORRECTIONS, [newest, CORRECTED])
        con.execute("CHECKPOINT")
    making.rename(home)
    return path


def _import(con: duckdb.DuckDBPyConnection, *, store: Store, names: list[str], first: int, last: int) -> None:
    con.execute("CREATE OR REPLACE TEMP TABLE known (place INTEGER, name VARCHAR, strength DOUBLE)")
    con.execute(
        "INSERT INTO known SELECT unnest(range(len($1)))::INTEGER, unnest($1), unnest($2::DOUBLE[])",
        [names, strengths(len(names))],
    )
    con.execute(_DRAWN.format(models=len(names), voters=VOTERS, first=first, last=last))
    store.bulk.insert_staged_votes(con, "big")
    con.execute("DROP TABLE big")
    con.execute("DROP TABLE known")


def main() -> None:
    """Make the home that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--votes", type=int, default=10_000_000)
    parser.add_argument("--models", type=int, default=300)
    options = parser.parse_args()
    begun = time.perf_counter()
    make(options.folder, options.votes, options.models)
    print(f"{options.folder}: {options.votes:,} votes in {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
