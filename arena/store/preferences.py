"""Judged battles with both conversations, read in portions: what preferences are derived from."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import duckdb

from arena.outline import Outline, outline
from arena.preferences import JudgedPair, WrittenText, derive
from arena.store.battles import load_battles, load_turns
from arena.store.counts import model_names, where
from arena.store.outline import gather
from arena.store.prompts import load_messages
from arena.store.recount import ALL_STANDING
from arena.store.written import texts_that_count
from arena.types import Battle, Preference, Turn, VoteFilter, VoterKind

_PORTION = 25_000
"""So many battles are read at once; each portion costs a scan of all turns and answers."""


class JudgedPairs:
    """`store.preferences`; every method may be called from any thread."""

    def __init__(self, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._read = read

    def outline(self, votes: VoteFilter, *, majority: float = 0.5) -> Outline:
        """Return what `derive` would make of `judged_pairs`, counted in the database and without the texts.

        Prompts with answers that voters wrote are read, whole: they are few, and their pairs depend on each other.

        Raises:
            InvalidInput: the majority is below 0.5, or 1 and more.
        """
        con = self._read()
        battles = [*texts_that_count(con, votes)]
        rows = con.execute(
            "SELECT DISTINCT prompt_id FROM battles "
            "WHERE battle_id IN (SELECT unnest(?::UUID[])) AND prompt_id IS NOT NULL ORDER BY 1",
            [battles],
        ).fetchall()
        prompts = [prompt_id for (prompt_id,) in rows]
        rest = derive(self._judged(votes, prompts) if prompts else (), majority=majority)
        return outline(*gather(con, votes, prompts), rest, majority=majority)

    def pair(self, found: Outline, index: int) -> Preference:
        """Return a pair of an outline, with its texts; `index` runs from 0 to below `found.pairs`."""
        place = found.find(index)
        if isinstance(place, Preference):
            return place
        con = self._read()
        rows = con.execute(
            "SELECT battle_id::VARCHAR FROM battles WHERE rowid = ?", [place.battle]
        ).fetchall()
        (battle,) = load_battles(con, [rows[0][0]])
        sides = [(battle.conversation("a"), battle.model_a), (battle.conversation("b"), battle.model_b)]
        (chosen, model_chosen), (rejected, model_rejected) = sides[::-1] if place.swapped else sides
        prompt = battle.prompt
        assert prompt is not None  # a battle without one gives no pair
        begin = len(prompt.messages)
        return Preference(
            prompt=prompt.messages,
            chosen=chosen[begin:],
            rejected=rejected[begin:],
            prompt_id=prompt.prompt_id,
            battle_id=battle.battle_id,
            model_chosen=model_chosen,
            model_rejected=model_rejected,
            votes=place.votes,
            agreement=place.agreement,
            voter_kinds=place.voter_kinds,
        )

    def judged_pairs(self, votes: VoteFilter) -> Iterator[JudgedPair]:
        """Yield every battle with standing votes that `votes` lets through, in the order of their first votes."""
        return self._judged(votes, None)

    def _judged(self, votes: VoteFilter, prompts: list[str] | None) -> Iterator[JudgedPair]:
        """Yield them on all prompts, or on some."""
        con = self._read()
        condition, parameters = where(votes)
        among = "" if prompts is None else "WHERE b.prompt_id IN (SELECT unnest(?::VARCHAR[])) "
        battles = con.execute(
            "WITH judged AS (SELECT battle_id, min(seq) AS first_seq, "
            "count(*) FILTER (winner = 'model_a') AS wins_a, count(*) FILTER (winner = 'model_b') AS wins_b, "
            "count(*) FILTER (winner = 'tie') AS ties, count(*) FILTER (winner = 'both_bad') AS both_bad, "
            "list_sort(list(DISTINCT voter_kind)) AS kinds "
            f"FROM {ALL_STANDING} v WHERE {condition} GROUP BY battle_id) "
            "SELECT j.battle_id::VARCHAR, b.prompt_id, b.model_a, b.model_b, j.wins_a, j.wins_b, j.ties, "
            "j.both_bad, j.kinds::VARCHAR[] FROM judged j JOIN battles b USING (battle_id) "
            f"{among}ORDER BY j.first_seq",
            parameters if prompts is None else [*parameters, prompts],
        ).fetchall()
        names = model_names(con)
        written = texts_that_count(con, votes)
        for start in range(0, len(battles), _PORTION):
            yield from _portion(con, battles[start : start + _PORTION], names, written)


def _portion(
    con: duckdb.DuckDBPyConnection,
    battles: list[tuple[Any, ...]],
    names: dict[int, str],
    written: dict[str, list[WrittenText]],
) -> list[JudgedPair]:
    turns = load_turns(con, [row[0] for row in battles])
    known = con.execute(
        "SELECT prompt_id, messages, language FROM prompts WHERE prompt_id IN (SELECT unnest(?::VARCHAR[]))",
        [list({row[1] for row in battles if row[1] is not None})],
    ).fetchall()
    prompts = {prompt_id: (load_messages(messages), language) for prompt_id, messages, language in known}
    return [
        _pair(row, turns.get(row[0], []), prompts, names, tuple(written.get(row[0], ()))) for row in battles
    ]


def _pair(
    row: tuple[Any, ...],
    turns: list[Turn],
    prompts: dict[str, tuple[Any, str | None]],
    names: dict[int, str],
    written: tuple[WrittenText, ...],
) -> JudgedPair:
    battle_id, prompt_id, model_a, model_b, wins_a, wins_b, ties, both_bad, kinds = row
    messages, language = prompts.get(prompt_id, ((), None))
    shown = Battle(UUID(battle_id), None, names[model_a], names[model_b], tuple(turns))
    return JudgedPair(
        battle_id=shown.battle_id,
        prompt_id=prompt_id,
        prompt=messages,
        continuation_a=shown.conversation("a"),
        continuation_b=shown.conversation("b"),
        model_a=shown.model_a,
        model_b=shown.model_b,
        failed=any(turn.failed for turn in turns),
        wins_a=wins_a,
        wins_b=wins_b,
        ties=ties,
        both_bad=both_bad,
        voter_kinds=tuple(VoterKind(kind) for kind in kinds),
        language=language,
        written=written,
    )
