"""People's standing votes beside one judge's, a row for each kind of battle, by one query.

How sure the judge was stands in place of its outcome where its verdict says so, in steps of a hundredth: the sums are
few then, and ratings that a judge only helps are unbiased whatever stands for its verdict.
"""

from dataclasses import replace

import duckdb
import numpy as np

from arena.ratings.joint import JointCounts, Strata
from arena.store.counts import model_names, where
from arena.store.recount import ALL_STANDING
from arena.types import VoteFilter, Voter, VoterKind

_ROWS = f"""
WITH people AS (
    SELECT v.battle_id, v.model_a, v.model_b, count(*)::DOUBLE AS votes,
        sum(CASE v.winner WHEN 'model_a' THEN 1.0 WHEN 'model_b' THEN 0.0 ELSE 0.5 END)::DOUBLE AS points
    FROM {ALL_STANDING} v WHERE {{of_people}} GROUP BY ALL
), latest AS (
    SELECT battle_id, criterion, winner, probability_a FROM verdicts WHERE judge = ? AND winner IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY battle_id, criterion ORDER BY created_at DESC, rowid DESC) = 1
), judged AS (
    SELECT v.battle_id, v.model_a, v.model_b, coalesce(
        0.5 + round(100.0 * (l.probability_a - 0.5)) / 100.0,
        CASE v.winner WHEN 'model_a' THEN 1.0 WHEN 'model_b' THEN 0.0 ELSE 0.5 END
    )::DOUBLE AS verdict
    FROM {ALL_STANDING} v LEFT JOIN latest l
        ON v.voter_kind = 'judge' AND l.battle_id = v.battle_id AND l.criterion = v.criterion AND l.winner = v.winner
    WHERE {{of_judge}}
), beside AS (
    SELECT battle_id, coalesce(p.model_a, j.model_a) AS model_a, coalesce(p.model_b, j.model_b) AS model_b,
        coalesce(p.votes, 0.0) AS votes, coalesce(p.points, 0.0) AS points, j.verdict
    FROM people p FULL JOIN judged j USING (battle_id)
), placed AS (
    SELECT least(s.model_a, s.model_b) AS model_a, greatest(s.model_a, s.model_b) AS model_b, s.votes,
        CASE WHEN s.model_a < s.model_b THEN s.points ELSE s.votes - s.points END AS points,
        CASE WHEN s.model_a < s.model_b THEN s.verdict ELSE round(1.0 - s.verdict, 2) END AS verdict,
        {{stratum}} AS kind, {{cluster}} AS cluster
    FROM beside s {{joined}}
)
SELECT * REPLACE (
    (dense_rank() OVER (ORDER BY kind) - 1)::INTEGER AS kind,
    (dense_rank() OVER (ORDER BY cluster) - 1)::INTEGER AS cluster
)
FROM (
    SELECT model_a, model_b, votes, points, coalesce(verdict, 'nan'::DOUBLE) AS verdict, kind, cluster,
        count(*)::DOUBLE AS battles
    FROM placed GROUP BY ALL
)
"""

_BATTLE = "JOIN battles b USING (battle_id)"
_PROMPT = f"{_BATTLE} LEFT JOIN prompts q USING (prompt_id)"
_CAPPED = (
    " QUALIFY s.votes > 0 OR row_number() OVER "
    "(PARTITION BY s.votes > 0, coalesce(b.prompt_id, s.battle_id::VARCHAR) ORDER BY s.battle_id) <= {most}"
)


def joint(
    con: duckdb.DuckDBPyConnection,
    votes: VoteFilter,
    judge: Voter,
    *,
    strata: Strata = "pair",
    by_prompt: bool = False,
) -> JointCounts:
    """Return people's votes that `votes` lets through, and the judge's on battles that it lets through.

    Whose votes `votes` asks for is read for people only. With `votes.per_prompt` the judge's further battles are capped
    as people's votes are. Battles in which nobody's vote counts are left out.
    """
    people = replace(votes, voter_kinds=(VoterKind.HUMAN,))
    others = replace(
        votes, voter_kinds=(judge.kind,), voters=(judge.name,), without_voters=(), per_prompt=None
    )
    of_people, people_parameters = where(people)
    of_judge, judge_parameters = where(others)
    needs_prompt = strata == "category"
    joined = _PROMPT if needs_prompt else _BATTLE if by_prompt or votes.per_prompt is not None else ""
    if votes.per_prompt is not None:
        joined += _CAPPED.format(most=int(votes.per_prompt))
    query = _ROWS.format(
        of_people=of_people,
        of_judge=of_judge,
        stratum="coalesce(q.category, '')" if needs_prompt else "''",
        cluster="coalesce(b.prompt_id, s.battle_id::VARCHAR)" if by_prompt else "''",
        joined=joined,
    )
    found = con.execute(query, [*people_parameters, judge.name, *judge_parameters]).fetchnumpy()
    return _placed(
        judge, {name: np.asarray(found[name]) for name in found}, model_names(con), by_prompt, strata == "all"
    )


def _placed(
    judge: Voter, found: dict[str, np.ndarray], names: dict[int, str], by_prompt: bool, pooled: bool
) -> JointCounts:
    ids = np.unique(np.concatenate([found["model_a"], found["model_b"]]))
    order = sorted(ids.tolist(), key=names.__getitem__)
    code = np.zeros(max(order, default=0) + 1, dtype=np.int32)
    code[order] = np.arange(len(order), dtype=np.int32)
    a, b = code[found["model_a"]], code[found["model_b"]]
    turned = a > b
    votes, points = found["votes"].astype(np.float64), found["points"].astype(np.float64)
    verdict = found["verdict"].astype(np.float64)
    first, second = np.where(turned, b, a), np.where(turned, a, b)
    kinds = int(found["kind"].max(initial=0)) + 1
    pair = first.astype(np.int64) * len(order) + second
    stratum = np.unique(pair * kinds + found["kind"], return_inverse=True)[1]
    return JointCounts(
        judge=judge,
        names=tuple(names[model_id] for model_id in order),
        model_a=first,
        model_b=second,
        stratum=stratum.astype(np.int32),
        votes=votes,
        points=np.where(turned, votes - points, points),
        verdict=np.where(turned, 1.0 - verdict, verdict),
        battles=found["battles"].astype(np.float64),
        cluster=found["cluster"].astype(np.int32) if by_prompt else None,
        pooled=pooled,
    )
