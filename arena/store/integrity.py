"""What the checks of the board read: votes by voter, attention pairs, prompts, answers that name their own model.

Answers are read once. Rows of answers are only ever added, so their place in the table (`rowid`) tells which ones are
new to a model's line in `self_named_read`; where its names have changed, all of its answers are read again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import duckdb
import numpy as np

from arena.integrity.ballots import Ballots
from arena.integrity.naming import OwnNames, Reader, any_of
from arena.integrity.report import AskedPrompt, Attention, NamedModel
from arena.store.counts import model_names, where
from arena.store.recount import ALL_STANDING
from arena.store.writer import Writer
from arena.types import VoteFilter, Voter, VoterKind

BATCH = 50_000
"""So many answers are looked at between two writes."""
_EXAMPLES = 3
_SHOWN = 160
"""So many characters of a prompt are shown."""


@dataclass(frozen=True, slots=True)
class _Unread:
    """From which place on the answers of a model are to be read."""

    name: str
    model_id: int
    names: OwnNames
    begin: int
    again: bool


class IntegrityRows:
    """`store.integrity`; every method may be called from any thread."""

    def __init__(self, writer: Writer, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._read = read
        self._changes = 0

    def readings(self) -> int:
        """Return how often answers were read since this was opened; a filter on them lets other votes through then."""
        return self._changes

    def state(self) -> tuple[int, int]:
        """Return what is another after answers came in or were read, while this is open."""
        return self._changes, int(self._read().execute("SELECT count(*) FROM answers").fetchall()[0][0])

    def ballots(self, votes: VoteFilter) -> Ballots:
        """Return the votes that `votes` lets through, voter by voter, each voter's in the order they were cast."""
        con = self._read()
        condition, parameters = where(votes)
        con.execute(
            "CREATE OR REPLACE TEMP TABLE asked_voters AS SELECT voter_kind, voter, "
            "(row_number() OVER (ORDER BY voter_kind, voter) - 1)::INTEGER AS place "
            "FROM (SELECT DISTINCT voter_kind, voter FROM votes)"
        )
        found = con.execute(
            "SELECT w.place, v.model_a, v.model_b, enum_code(v.winner)::TINYINT AS winner, v.seq "
            f"FROM {ALL_STANDING} v JOIN asked_voters w USING (voter_kind, voter) WHERE {condition}",
            parameters,
        ).fetchnumpy()
        voters = con.execute("SELECT voter_kind::VARCHAR, voter FROM asked_voters ORDER BY place").fetchall()
        con.execute("DROP TABLE asked_voters")
        return _ballots(found, [Voter(VoterKind(kind), name) for kind, name in voters], model_names(con))

    def attention(self) -> dict[Voter, Attention]:
        """Return how each voter did on the attention pairs of all review queues."""
        rows = self._read().execute(
            "SELECT v.voter_kind::VARCHAR, v.voter, count(*), count(*) FILTER (v.winner = i.expected) "
            "FROM standing_votes v JOIN review_items i USING (battle_id) JOIN review_queues q ON q.name = i.queue "
            "WHERE i.expected IS NOT NULL AND v.criterion = q.criterion GROUP BY ALL"
        )
        return {
            Voter(VoterKind(kind), name): Attention(met, passed)
            for kind, name, met, passed in rows.fetchall()
        }

    def prompts(self, votes: VoteFilter) -> tuple[np.ndarray, list[AskedPrompt]]:
        """Return how many votes each prompt has, most first, and the prompts with most of them (up to 20).

        Votes on battles without a prompt count as one prompt each.
        """
        condition, parameters = where(votes)
        con = self._read()
        found = con.execute(
            "SELECT coalesce(b.prompt_id, b.battle_id::VARCHAR) AS prompt, count(*) AS votes "
            f"FROM {ALL_STANDING} v JOIN battles b USING (battle_id) WHERE {condition} "
            "GROUP BY ALL ORDER BY votes DESC, prompt",
            parameters,
        ).fetchnumpy()
        counts = np.asarray(found["votes"]).astype(np.int64)
        top = np.asarray(found["prompt"], dtype=object)[:20].tolist()
        texts = dict(
            con.execute(
                "SELECT prompt_id, left(json_extract_string(messages, '$[#-1].content'), ?) FROM prompts "
                "WHERE prompt_id IN (SELECT unnest(?::VARCHAR[]))",
                [_SHOWN, top],
            ).fetchall()
        )
        voters = dict(
            con.execute(
                "SELECT coalesce(b.prompt_id, b.battle_id::VARCHAR) AS prompt, count(DISTINCT (v.voter_kind, v.voter)) "
                f"FROM {ALL_STANDING} v JOIN battles b USING (battle_id) WHERE {condition} "
                "AND coalesce(b.prompt_id, b.battle_id::VARCHAR) IN (SELECT unnest(?::VARCHAR[])) GROUP BY ALL",
                [*parameters, top],
            ).fetchall()
        )
        total = max(int(counts.sum()), 1)
        return counts, [
            AskedPrompt(prompt, texts.get(prompt), n, voters[prompt], n / total)
            for prompt, n in zip(top, counts[: len(top)].tolist(), strict=True)
        ]

    def unread(self, names: Mapping[str, OwnNames]) -> int:
        """Return how many answers of these models were not read yet, or not for the names they have now."""
        con = self._read()
        begins = {one.model_id: one.begin for one in self._waiting(con, names)}
        if not begins:
            return 0
        rows = con.execute(
            "SELECT count(*) FROM answers a "
            "JOIN (SELECT unnest(?::INTEGER[]) AS model_id, unnest(?::BIGINT[]) AS begin) USING (model_id) "
            "WHERE a.rowid >= begin",
            [list(begins), list(begins.values())],
        )
        return int(rows.fetchall()[0][0])

    def read_answers(self, names: Mapping[str, OwnNames]) -> int:
        """Look for a model's own names in every answer of it that was not read yet; return how many were read.

        `names` are those of each model, by its name; other models are left alone.
        """
        con = self._read()
        waiting = self._waiting(con, names)
        if not waiting:
            return 0
        end = int(con.execute("SELECT coalesce(max(rowid) + 1, 0) FROM answers").fetchall()[0][0])
        begun = self.unread(names)
        again = [one.name for one in waiting if one.again]
        if again:
            self._writer.run(lambda writing: _forget(writing, again))
        for found in self._matches(con, waiting, end):
            self._writer.run(partial(_keep, rows=found))
        lines = [(one.name, one.names.key, end) for one in waiting]
        self._writer.run(lambda writing: _note(writing, lines))
        self._changes += 1
        return begun

    def named(self, votes: VoteFilter) -> list[NamedModel]:
        """Return the models that name themselves, most often first, with the votes of `votes` on such battles."""
        condition, parameters = where(votes)
        rows = self._read().execute(
            "WITH own AS (SELECT a.answer_id, a.model_id, s.words FROM self_named s JOIN answers a USING (answer_id)), "
            "touched AS (SELECT DISTINCT o.model_id, t.battle_id FROM turns t JOIN own o "
            "ON o.answer_id IN (t.answer_a, t.answer_b)), "
            f"cast_on AS (SELECT t.model_id, count(*) AS votes FROM {ALL_STANDING} v JOIN touched t USING (battle_id) "
            f"WHERE {condition} GROUP BY t.model_id), "
            "answered AS (SELECT model_id, count(*) AS answers FROM answers GROUP BY model_id), "
            "phrases AS (SELECT model_id, words, count(*) AS n FROM own GROUP BY ALL) "
            "SELECT m.name, any_value(w.answers), sum(p.n)::BIGINT, coalesce(any_value(c.votes), 0), "
            f"list(p.words ORDER BY p.n DESC, p.words)[:{_EXAMPLES}] "
            "FROM phrases p JOIN models m USING (model_id) JOIN answered w USING (model_id) "
            "LEFT JOIN cast_on c USING (model_id) GROUP BY m.name ORDER BY 3 DESC, 1",
            parameters,
        )
        return [
            NamedModel(name, answers, n, cast, tuple(words))
            for name, answers, n, cast, words in rows.fetchall()
        ]

    def _waiting(self, con: duckdb.DuckDBPyConnection, names: Mapping[str, OwnNames]) -> list[_Unread]:
        rows = con.execute(
            "SELECT m.name, m.model_id, r.words, r.answers, a.first, a.last FROM models m "
            "JOIN (SELECT model_id, min(rowid) AS first, max(rowid) AS last FROM answers GROUP BY model_id) a "
            "USING (model_id) LEFT JOIN self_named_read r ON r.name = m.name"
        ).fetchall()
        waiting = []
        for name, model_id, key, until, first, last in rows:
            if name not in names:
                continue
            same = key == names[name].key
            begin = until if same else first
            if last >= begin:
                waiting.append(_Unread(name, model_id, names[name], begin, key is not None and not same))
        return waiting

    def _matches(
        self, con: duckdb.DuckDBPyConnection, waiting: Sequence[_Unread], end: int
    ) -> Iterator[list[tuple[str, str]]]:
        """Yield the answers found, as (answer id, words), batch by batch of the table."""
        readers = {one.model_id: (Reader(one.names), one.begin) for one in waiting}
        pattern = any_of(word for one in waiting for word in one.names.words)
        for begin in range(min(one.begin for one in waiting), end, BATCH):
            rows = con.execute(
                "SELECT a.answer_id::VARCHAR, a.model_id, a.rowid, a.text, coalesce(p.messages::VARCHAR, '') "
                "FROM answers a LEFT JOIN prompts p USING (prompt_id) "
                "WHERE a.rowid >= ? AND a.rowid < ? AND a.error IS NULL AND regexp_matches(a.text, ?, 'i')",
                [begin, min(begin + BATCH, end), pattern],
            ).fetchall()
            asked = _followed_up(con, [answer_id for answer_id, *_ in rows])
            found = []
            for answer_id, model_id, place, text, prompt in rows:
                reader, first = readers.get(model_id, (None, 0))
                said = f"{prompt}\n{asked.get(answer_id, '')}"
                if reader is not None and place >= first and (words := reader.found(text, said)):
                    found.append((answer_id, words))
            if found:
                yield found


def _followed_up(con: duckdb.DuckDBPyConnection, answer_ids: Sequence[str]) -> dict[str, str]:
    """Return what the user wrote after the prompt, up to the turn of each answer; others are left out."""
    if not answer_ids:
        return {}
    rows = con.execute(
        "WITH wanted AS (SELECT unnest(?::UUID[]) AS answer_id), placed AS ("
        "SELECT w.answer_id, t.battle_id, t.turn FROM wanted w JOIN turns t ON t.answer_a = w.answer_id UNION ALL "
        "SELECT w.answer_id, t.battle_id, t.turn FROM wanted w JOIN turns t ON t.answer_b = w.answer_id) "
        "SELECT p.answer_id::VARCHAR, string_agg(t.user_text, chr(10)) FROM placed p JOIN turns t USING (battle_id) "
        "WHERE t.turn <= p.turn AND t.user_text IS NOT NULL GROUP BY p.answer_id",
        [list(answer_ids)],
    )
    return dict(rows.fetchall())


def _ballots(found: Mapping[str, Any], voters: Sequence[Voter], names: Mapping[int, str]) -> Ballots:
    place = np.asarray(found["place"])
    order = np.lexsort((np.asarray(found["seq"]), place))
    ids = [np.asarray(found[side])[order] for side in ("model_a", "model_b")]
    seen = sorted(np.union1d(*ids).tolist(), key=names.__getitem__)
    code = np.zeros(max(seen, default=0) + 1, dtype=np.int32)
    code[seen] = np.arange(len(seen), dtype=np.int32)
    who, voter = np.unique(place[order], return_inverse=True)
    return Ballots(
        names=tuple(names[model_id] for model_id in seen),
        voters=tuple(voters[i] for i in who.tolist()),
        voter=voter.astype(np.int32),
        model_a=code[ids[0]],
        model_b=code[ids[1]],
        winner=np.asarray(found["winner"])[order].astype(np.int8),
    )


def _forget(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    con.execute(
        "DELETE FROM self_named WHERE answer_id IN (SELECT a.answer_id FROM answers a JOIN models m USING (model_id) "
        "WHERE m.name IN (SELECT unnest(?::VARCHAR[])))",
        [list(names)],
    )
    con.execute("DELETE FROM self_named_read WHERE name IN (SELECT unnest(?::VARCHAR[]))", [list(names)])


def _keep(con: duckdb.DuckDBPyConnection, rows: Sequence[tuple[str, str]]) -> None:
    ids, words = zip(*rows, strict=True)
    con.execute(
        "INSERT INTO self_named SELECT unnest($1::UUID[]), unnest($2::VARCHAR[]) ON CONFLICT DO NOTHING",
        [list(ids), list(words)],
    )


def _note(con: duckdb.DuckDBPyConnection, lines: Sequence[tuple[str, str, int]]) -> None:
    names, keys, ends = (list(column) for column in zip(*lines, strict=True))
    con.execute(
        "INSERT OR REPLACE INTO self_named_read SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]), "
        "unnest($3::BIGINT[]), now()",
        [names, keys, ends],
    )
