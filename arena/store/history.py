"""Standing votes in the order of time, for ratings as they were at some moment."""

import duckdb
import numpy as np

from arena.history import TimedVotes
from arena.store.counts import model_names, where
from arena.types import VoteColumns, VoteFilter


def timed(con: duckdb.DuckDBPyConnection, votes: VoteFilter) -> TimedVotes:
    """Return the votes by the time they were cast, those of one instant in the order they came in."""
    condition, parameters = where(votes)
    found = con.execute(
        "SELECT model_a, model_b, enum_code(winner)::TINYINT AS winner, seq, epoch_us(created_at) AS at "
        f"FROM standing_votes v WHERE {condition}",
        parameters,
    ).fetchnumpy()
    at, seq = np.asarray(found["at"]), np.asarray(found["seq"])
    order = np.lexsort((seq, at))
    ids = np.unique(np.concatenate([found["model_a"], found["model_b"]]))
    names = model_names(con)
    return TimedVotes(
        VoteColumns(
            names=tuple(names[int(model_id)] for model_id in ids),
            model_a=np.searchsorted(ids, found["model_a"])[order].astype(np.int32),
            model_b=np.searchsorted(ids, found["model_b"])[order].astype(np.int32),
            winner=np.asarray(found["winner"])[order].astype(np.int8),
        ),
        at[order].astype(np.int64),
    )
