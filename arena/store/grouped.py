"""Standing votes summed by pair, outcome and voter, prompt or battle, by one query."""

import duckdb
import numpy as np

from arena.ratings.grouped import SEPARATOR, By, GroupedCounts
from arena.store.counts import model_names, where
from arena.store.recount import ALL_STANDING
from arena.types import VoteFilter

KEYS: dict[By, str] = {
    "voter": "v.voter_kind::VARCHAR || ':' || v.voter",
    "prompt": "coalesce(b.prompt_id, v.battle_id::VARCHAR)",
    "battle": "v.battle_id::VARCHAR",
}
KEYS["prompt+voter"] = f"{KEYS['prompt']} || chr({ord(SEPARATOR)}) || {KEYS['voter']}"
"""What names the group of a row of `standing_votes AS v`, a prompt's with `battles AS b` joined."""


def grouped(con: duckdb.DuckDBPyConnection, votes: VoteFilter, by: By) -> GroupedCounts:
    """Return the votes that `votes` lets through, summed; see `GroupedCounts`."""
    condition, parameters = where(votes)
    joined = "JOIN battles b USING (battle_id)" if by.startswith("prompt") else ""
    found = con.execute(
        f"WITH sums AS (SELECT {KEYS[by]} AS name, v.model_a, v.model_b, enum_code(v.winner)::TINYINT AS winner, "
        f"count(*) AS votes FROM {ALL_STANDING} v {joined} WHERE {condition} GROUP BY ALL) "
        "SELECT *, (dense_rank() OVER (ORDER BY name) - 1)::INTEGER AS place FROM sums "
        "ORDER BY place, model_a, model_b",
        parameters,
    ).fetchnumpy()
    names = model_names(con)
    ids = np.concatenate([np.asarray(found["model_a"]), np.asarray(found["model_b"])])
    order = sorted(np.unique(ids).tolist(), key=names.__getitem__)
    code = np.zeros(max(order, default=0) + 1, dtype=np.int32)
    code[order] = np.arange(len(order), dtype=np.int32)
    model_a, model_b = code[np.asarray(found["model_a"])], code[np.asarray(found["model_b"])]
    winner = np.asarray(found["winner"]).astype(np.int8)
    turned = model_a > model_b
    model_a, model_b = np.where(turned, model_b, model_a), np.where(turned, model_a, model_b)
    winner = np.where(turned & (winner < 2), 1 - winner, winner).astype(np.int8)
    place = np.asarray(found["place"]).astype(np.int32)
    return _summed(
        GroupedCounts(
            names=tuple(names[model_id] for model_id in order),
            groups=tuple(
                np.asarray(found["name"], dtype=object)[np.unique(place, return_index=True)[1]].tolist()
            ),
            group=place,
            model_a=model_a,
            model_b=model_b,
            winner=winner,
            votes=np.asarray(found["votes"]).astype(np.int64),
        )
    )


def _summed(counts: GroupedCounts) -> GroupedCounts:
    """Return `counts` with rows that became equal by turning the sides put together."""
    size = len(counts.names)
    pair = (counts.model_a.astype(np.int64) * size + counts.model_b) * 4 + counts.winner
    key = counts.group.astype(np.int64) * (size * size * 4) + pair
    kept, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    votes = np.zeros(len(kept), dtype=np.int64)
    np.add.at(votes, inverse, counts.votes)
    return GroupedCounts(
        counts.names,
        counts.groups,
        counts.group[first],
        counts.model_a[first],
        counts.model_b[first],
        counts.winner[first],
        votes,
    )
