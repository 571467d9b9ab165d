"""Scores of answers: which answers wait for one, every number with what it depends on, and their means.

Scores of one scorer with different fingerprints never meet in one mean. A score that could not be had is kept with
its reason and is asked for again the next time; a number is final.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import duckdb

from arena.judgments import (
    AnswerCoverage,
    AnswerFilter,
    ScorableAnswer,
    Score,
    ScoredAnswer,
    ScoreMean,
    ScorerInfo,
)
from arena.store.prompts import PROMPT_COLUMNS, as_prompt
from arena.store.rows import moment
from arena.store.spreads import Spread, spread
from arena.store.writer import Writer
from arena.types import Prompt

_SCORE_COLUMNS = (
    "s.answer_id::VARCHAR, s.scorer, s.fingerprint, s.value, s.reason, s.detail, s.calls, "
    "epoch_us(s.created_at)"
)


class Scores:
    """`store.scores`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read

    def add(self, info: ScorerInfo, scores: Sequence[Score]) -> None:
        """Store scores of one scorer in one transaction; a newer score of an answer takes the place of the older."""
        self.add_all([(info, scores)])

    def add_all(self, scored: Sequence[tuple[ScorerInfo, Sequence[Score]]]) -> None:
        """Store scores of several scorers in one transaction; see `add`."""

        def change(con: duckdb.DuckDBPyConnection) -> None:
            for info, scores in scored:
                insert_scores(con, info, scores)

        self._writer.run(change)

    def state(self) -> tuple[int, ...]:
        """Return numbers that change whenever answers, scores, prompt sets or models do."""
        return tuple(
            self._read()
            .execute(
                "SELECT (SELECT count(*) FROM scores), (SELECT coalesce(epoch_us(max(created_at)), 0) FROM scores), "
                "(SELECT count(*) FROM answers), (SELECT count(*) FROM turns), (SELECT count(*) FROM set_aside), "
                "(SELECT count(*) FROM prompt_sets), (SELECT count(*) FROM models WHERE removed_at IS NULL), "
                "(SELECT count(*) FROM scorers)"
            )
            .fetchall()[0]
        )

    def coverage(self, answers: AnswerFilter) -> list[AnswerCoverage]:
        """Return, for each model with answers that the filter lets through, how many there are to score."""
        scorable, parameters = _scorable(answers)
        rows = self._read().execute(
            f"WITH {scorable} SELECT name, count(*), count(DISTINCT prompt_id), count(reference), "
            "count(DISTINCT CASE WHEN reference IS NOT NULL THEN prompt_id END) "
            "FROM scorable JOIN prompts USING (prompt_id) GROUP BY name ORDER BY name",
            parameters,
        )
        return [AnswerCoverage(*row) for row in rows.fetchall()]

    def without_reference(self, answers: AnswerFilter) -> list[Prompt]:
        """Return the prompts of these answers that have no reference, in the order they were answered."""
        scorable, parameters = _scorable(answers)
        rows = self._read().execute(
            f"WITH {scorable} SELECT {PROMPT_COLUMNS} FROM prompts JOIN "
            "(SELECT prompt_id, min(created_at) AS first FROM scorable GROUP BY prompt_id) USING (prompt_id) "
            "WHERE reference IS NULL ORDER BY first, prompt_id",
            parameters,
        )
        return [as_prompt(row) for row in rows.fetchall()]

    def waiting(self, answers: AnswerFilter, info: ScorerInfo, *, failed_too: bool = True) -> list[UUID]:
        """Return the answers without a number by this scorer, in the order they came.

        Those that are known to have none, with the reason, are among them unless `failed_too` is false.
        """
        scorable, parameters = _scorable(answers)
        rows = self._read().execute(
            f"WITH {scorable} SELECT answer_id::VARCHAR FROM scorable ANTI JOIN "
            "(SELECT name, prompt_id, said FROM copies JOIN scores USING (answer_id) "
            "WHERE scorer = ? AND fingerprint = ? AND (value IS NOT NULL OR ?)) USING (name, prompt_id, said) "
            "ORDER BY created_at, name, answer_id",
            [*parameters, info.scorer, info.fingerprint, not failed_too],
        )
        return [UUID(answer_id) for (answer_id,) in rows.fetchall()]

    def answers(self, ids: Sequence[UUID]) -> list[ScorableAnswer]:
        """Return the answers of these ids with their prompts, in the order of `ids`; unknown ids are left out."""
        rows = self._read().execute(
            f"SELECT a.answer_id::VARCHAR, m.name, a.text, {PROMPT_COLUMNS} FROM answers a "
            "JOIN models m USING (model_id) JOIN prompts USING (prompt_id) "
            "WHERE a.answer_id IN (SELECT unnest($1::UUID[]))",
            [[str(answer_id) for answer_id in ids]],
        )
        found = {UUID(row[0]): _answer(row) for row in rows.fetchall()}
        return [found[answer_id] for answer_id in ids if answer_id in found]

    def of(self, ids: Sequence[UUID], scorer: str, fingerprint: str) -> dict[UUID, Score]:
        """Return the stored scores of these answers by one scorer, numbers and reasons alike."""
        rows = self._read().execute(
            f"SELECT {_SCORE_COLUMNS} FROM scores s WHERE scorer = $1 AND fingerprint = $2 "
            "AND answer_id IN (SELECT unnest($3::UUID[]))",
            [scorer, fingerprint, [str(answer_id) for answer_id in ids]],
        )
        scores = [_score(row) for row in rows.fetchall()]
        return {score.answer_id: score for score in scores}

    def scorers(self) -> list[ScorerInfo]:
        """Return every scorer that has scored, by name, with what its numbers depend on."""
        rows = self._read().execute(
            "SELECT scorer, fingerprint, depends, higher_is_better FROM scorers ORDER BY scorer, fingerprint"
        )
        return [ScorerInfo(name, key, json.loads(depends), up) for name, key, depends, up in rows.fetchall()]

    def means(self, answers: AnswerFilter, *, shared_prompts: bool = False) -> list[ScoreMean]:
        """Return the mean of each model by each scorer, by scorer and then model.

        With `shared_prompts` a scorer counts only prompts on which it has a number for every model it has scored
        here, so that means compare like with like. The standard error is the cluster-robust one, clustered by
        prompt: `sqrt(G/(G-1) * sum_g (sum_i (y_gi - mean))^2) / n` (Liang and Zeger 1986, for a mean).
        """
        scorable, parameters = _scorable(answers)
        rows = self._read().execute(
            f"WITH {scorable}, {_SCORED}, {_CELLS.format(kept=_SHARED if shared_prompts else 'TRUE')}, {_MEANS}",
            parameters,
        )
        found = {row[:3]: row[3:] for row in rows.fetchall()}
        reasons = self._reasons(answers)
        keys = sorted(found.keys() | reasons.keys(), key=lambda key: (key[1], key[2], key[0]))
        return [_mean(key, found.get(key, (None, None, 0, 0)), reasons.get(key, {})) for key in keys]

    def count(self, answers: AnswerFilter, scorer: str, fingerprint: str) -> int:
        """Return how many scores `page` can return."""
        scorable, parameters = _scorable(answers)
        rows = self._read().execute(
            f"WITH {scorable}, {_SCORED} SELECT count(*) FROM scored WHERE scorer = ? AND fingerprint = ?",
            [*parameters, scorer, fingerprint],
        )
        return int(rows.fetchall()[0][0])

    def page(
        self,
        answers: AnswerFilter,
        scorer: str,
        fingerprint: str,
        *,
        limit: int,
        offset: int = 0,
        descending: bool = False,
    ) -> list[ScoredAnswer]:
        """Return scores beside their answers, lowest first unless `descending`, those without a number last."""
        scorable, parameters = _scorable(answers)
        direction = "DESC" if descending else "ASC"
        con = self._read()
        rows = con.execute(
            f"WITH {scorable}, {_SCORED} SELECT {_SCORE_COLUMNS} FROM scored s "
            "WHERE s.scorer = ? AND s.fingerprint = ? "
            f"ORDER BY s.value {direction} NULLS LAST, s.answer_id LIMIT ? OFFSET ?",
            [*parameters, scorer, fingerprint, limit, offset],
        )
        scores = [_score(row) for row in rows.fetchall()]
        said = {answer.answer_id: answer for answer in self.answers([score.answer_id for score in scores])}
        return [ScoredAnswer(said[score.answer_id], score) for score in scores]

    def spread(self, answers: AnswerFilter, scorer: str, fingerprint: str, *, bins: int = 40) -> Spread:
        """Return how the scores of one scorer are spread over each model, in `bins` bins on one axis."""
        scorable, parameters = _scorable(answers)
        return spread(self._read(), scorable, parameters, scorer, fingerprint, bins)

    def _reasons(self, answers: AnswerFilter) -> dict[tuple[str, str, str], dict[str, int]]:
        scorable, parameters = _scorable(answers)
        rows = self._read().execute(
            f"WITH {scorable}, {_SCORED} SELECT name, scorer, fingerprint, reason, count(*) FROM scored "
            "WHERE reason IS NOT NULL GROUP BY ALL ORDER BY ALL",
            parameters,
        )
        reasons: defaultdict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
        for name, scorer, fingerprint, reason, answers_without in rows.fetchall():
            reasons[name, scorer, fingerprint][reason] = answers_without
        return dict(reasons)


_SCORED = """
scored AS (
    SELECT c.name, c.prompt_id, s.* FROM copies c JOIN scores s USING (answer_id)
    QUALIFY row_number() OVER (PARTITION BY c.name, c.prompt_id, c.said, s.scorer, s.fingerprint
                               ORDER BY s.value IS NULL, s.created_at DESC, s.answer_id) = 1
)
"""
"""The scores of answers, each once, whichever of its copies was scored."""

_CELLS = """
numbers AS (SELECT name, scorer, fingerprint, prompt_id, value FROM scored WHERE value IS NOT NULL),
kept AS (SELECT * FROM numbers n WHERE {kept})
"""
_SHARED = """
(scorer, fingerprint, prompt_id) IN (
    SELECT (p.scorer, p.fingerprint, p.prompt_id) FROM numbers p
    GROUP BY p.scorer, p.fingerprint, p.prompt_id
    HAVING count(DISTINCT p.name) =
        (SELECT count(DISTINCT q.name) FROM numbers q WHERE q.scorer = p.scorer AND q.fingerprint = p.fingerprint)
)
"""
# Sums of floats depend on their order, which DuckDB's threads do not keep: without ORDER BY the last digits change.
_MEANS = """
means AS (
    SELECT name, scorer, fingerprint, favg(value ORDER BY value) AS mean,
           count(*) AS answers, count(DISTINCT prompt_id) AS prompts
    FROM kept GROUP BY ALL
),
clusters AS (
    SELECT name, scorer, fingerprint, prompt_id, fsum(value - mean ORDER BY value) AS off
    FROM kept JOIN means USING (name, scorer, fingerprint) GROUP BY ALL
),
errors AS (SELECT name, scorer, fingerprint, fsum(off * off ORDER BY off) AS squares FROM clusters GROUP BY ALL)
SELECT name, scorer, fingerprint, mean,
       CASE WHEN prompts > 1 THEN sqrt(prompts / (prompts - 1.0) * squares) / answers END, answers, prompts
FROM means JOIN errors USING (name, scorer, fingerprint)
"""


def insert_scores(con: duckdb.DuckDBPyConnection, info: ScorerInfo, scores: Sequence[Score]) -> None:
    """Store one scorer and scores of it within a change."""
    con.execute(
        "INSERT INTO scorers VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [info.fingerprint, info.scorer, json.dumps(dict(info.depends)), info.higher_is_better],
    )
    newest = {score.answer_id: score for score in scores}
    rows = [
        [str(s.answer_id), s.value, s.reason, json.dumps(dict(s.detail)) if s.detail else None, list(s.calls)]
        for s in newest.values()
    ]
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    con.execute(
        "INSERT INTO scores SELECT unnest($1::UUID[]), $6, $7, unnest($2::DOUBLE[]), unnest($3::VARCHAR[]), "
        "unnest($4::VARCHAR[]), unnest($5::VARCHAR[][]), now() "
        "ON CONFLICT DO UPDATE SET value = excluded.value, reason = excluded.reason, detail = excluded.detail, "
        "calls = excluded.calls, created_at = excluded.created_at",
        [*columns, info.scorer, info.fingerprint],
    )


def _scorable(answers: AnswerFilter) -> tuple[str, list[Any]]:
    """Return the answers that the filter lets through as tables of a WITH clause, and their parameters.

    `copies` holds all of them with what was said, `scorable` each once.
    """
    conditions = ["a.error IS NULL"]
    parameters: list[Any] = []
    if answers.models is None:
        conditions.append("m.removed_at IS NULL")
    else:
        conditions.append("m.name IN (SELECT unnest(?::VARCHAR[]))")
        parameters.append(list(answers.models))
    if answers.prompt_sets is not None:
        conditions.append(
            "a.prompt_id IN (SELECT prompt_id FROM prompt_sets WHERE set_name IN (SELECT unnest(?::VARCHAR[])))"
        )
        parameters.append(list(answers.prompt_sets))
    for column in ("category", "language"):
        if (value := getattr(answers, column)) is not None:
            conditions.append(f"a.prompt_id IN (SELECT prompt_id FROM prompts WHERE {column} = ?)")
            parameters.append(value)
    # A recorded answer is copied into every battle it is shown in; what a live model says twice was said twice.
    # An attention pair shows an answer to another prompt.
    return (
        "shown AS (SELECT answer_a, answer_b FROM turns WHERE turn = 0 "
        "AND battle_id NOT IN (SELECT battle_id FROM set_aside WHERE reason = 'attention')), "
        "first_answers AS (SELECT answer_a AS answer_id FROM shown UNION ALL SELECT answer_b FROM shown), "
        "copies AS (SELECT a.answer_id, a.prompt_id, a.created_at, a.recorded, m.name, "
        "CASE WHEN a.finish_reason = 'recorded' THEN md5(a.text) ELSE a.answer_id::VARCHAR END AS said "
        "FROM answers a JOIN models m USING (model_id) "
        "WHERE (a.recorded OR a.answer_id IN (SELECT answer_id FROM first_answers)) "
        f"AND {' AND '.join(conditions)}), "
        "scorable AS (SELECT * FROM copies QUALIFY row_number() OVER (PARTITION BY name, prompt_id, said "
        "ORDER BY recorded DESC, created_at, answer_id) = 1)",
        parameters,
    )


def _answer(row: tuple[Any, ...]) -> ScorableAnswer:
    answer_id, model, text, *prompt = row
    return ScorableAnswer(UUID(answer_id), model, text, as_prompt(tuple(prompt)))


def _mean(key: tuple[str, str, str], row: tuple[Any, ...], reasons: dict[str, int]) -> ScoreMean:
    mean, error, answers, prompts = row
    return ScoreMean(*key, mean, error, answers, prompts, reasons)


def _score(row: tuple[Any, ...]) -> Score:
    answer_id, scorer, fingerprint, value, reason, detail, calls, created = row
    return Score(
        UUID(answer_id),
        scorer,
        fingerprint,
        value,
        reason,
        json.loads(detail) if detail else {},
        tuple(calls),
        moment(created),
    )
