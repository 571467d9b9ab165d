"""Standing votes in the order of time, for ratings as they were at some moment."""

from collections.abc import Sequence

import duckdb
import numpy as np
import numpy.typing as npt

from arena.ratings.grouped import By
from arena.store.counts import model_names, where
from arena.store.grouped import KEYS
from arena.store.recount import ALL_STANDING
from arena.style.rows import Key
from arena.types import VoteColumns, VoteFilter
from arena.until import TimedVotes


def timed(con: duckdb.DuckDBPyConnection, votes: VoteFilter, by: Sequence[By] = ()) -> TimedVotes:
    """Return the votes with the keys `by` in the order of their times, those of one instant in that they came in."""
    condition, parameters = where(votes)
    asked = "".join(f", {KEYS[key]} AS by_{key}" for key in by)
    joined = "JOIN battles b USING (battle_id)" if "prompt" in by else ""
    found = con.execute(
        "SELECT v.model_a, v.model_b, enum_code(v.winner)::TINYINT AS winner, v.seq, epoch_us(v.created_at) AS at "
        f"{asked} FROM {ALL_STANDING} v {joined} WHERE {condition}",
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
        {key: _key(np.asarray(found[f"by_{key}"])[order]) for key in by},
    )


def _key(values: npt.NDArray[np.object_]) -> Key:
    names, code = np.unique(values.astype(str), return_inverse=True)
    return Key(tuple(names.tolist()), code.astype(np.int32))
