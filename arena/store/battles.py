"""Battles and their turns. A battle is stored when it is finished: prompt, answers and battle in one transaction."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import duckdb

from arena.errors import Conflict, InvalidInput, NotFound
from arena.judgments import BattleFilter, Failure
from arena.store import candidates
from arena.store.answers import ANSWER_COLUMNS, as_answer, insert_answers
from arena.store.aside import set_aside
from arena.store.ledger import Ledger
from arena.store.models import model_ids
from arena.store.prompts import PROMPT_COLUMNS, as_prompt, insert_prompts
from arena.store.rows import microseconds, moment
from arena.store.standings import BattleFacts
from arena.store.writer import Writer
from arena.types import DEFAULT_CRITERION, Answer, Aside, Battle, Turn, Voter, VoterKind


class Battles:
    """`store.battles`; every method may be called from any thread."""

    def __init__(self, writer: Writer, ledger: Ledger, read: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._writer = writer
        self._ledger = ledger
        self._read = read

    def add(self, battle: Battle, *, aside: Aside | None = None) -> None:
        """Store a battle with its prompt, turns and answers; see `add_many`."""
        self.add_many([battle], aside=aside)

    def add_many(self, battles: Sequence[Battle], *, aside: Aside | None = None) -> None:
        """Store battles with their prompts, turns and answers, all in one transaction; `aside` sets them aside.

        Raises:
            InvalidInput: a battle of a model against itself, or turns without a prompt.
            NotFound: a model is not registered.
            Conflict: a battle of that id is stored already.
        """
        for battle in battles:
            _check(battle)
        facts = self._writer.run(lambda con: insert_battles(con, battles, aside))
        self._ledger.learn(facts, new=True)

    def add_turn(self, battle_id: UUID, turn: Turn) -> None:
        """Add a follow-up to a battle that nobody has voted on; if it failed, the battle takes no vote.

        Raises:
            NotFound: there is no such battle.
            Conflict: a vote stands on it, and that vote is about the turns before.
        """
        self._read()
        self._ledger.learn([self._writer.run(lambda con: _append_turn(con, battle_id, turn))], new=False)

    def get(self, battle_id: UUID) -> Battle:
        """Return a battle with its prompt and turns.

        Raises:
            NotFound: there is no such battle.
        """
        con = self._read()
        if not (found := load_battles(con, [str(battle_id)])):
            raise NotFound(f"There is no battle {battle_id}: it was never stored.")
        return found[0]

    def open_for(self, voter: Voter, criterion: str = DEFAULT_CRITERION) -> Battle | None:
        """Return the latest battle this voter started that takes votes and that they have no standing vote on.

        Battles of review queues are left out: their queue hands them out.
        """
        con = self._read()
        found = con.execute(
            "WITH voted AS (SELECT battle_id FROM votes WHERE voter_kind = $kind AND voter = $voter "
            "AND criterion = $criterion GROUP BY battle_id "
            "HAVING max(revision) FILTER (winner IS NOT NULL) = max(revision)) "
            "SELECT battle_id::VARCHAR FROM battles WHERE started_by_kind = $kind AND started_by = $voter AND votable "
            "AND battle_id NOT IN (SELECT battle_id FROM set_aside) "
            "AND battle_id NOT IN (SELECT battle_id FROM voted) "
            "AND battle_id NOT IN (SELECT battle_id FROM review_items) "
            "ORDER BY created_at DESC, rowid DESC LIMIT 1",
            {"kind": voter.kind.value, "voter": voter.name, "criterion": criterion},
        ).fetchall()
        return load_battles(con, [found[0][0]])[0] if found else None

    def prompts_seen(self, voter: Voter) -> set[str]:
        """Return the ids of the prompts of all battles a voter has started."""
        rows = self._read().execute(
            "SELECT DISTINCT prompt_id FROM battles "
            "WHERE started_by_kind = ? AND started_by = ? AND prompt_id IS NOT NULL",
            [voter.kind.value, voter.name],
        )
        return {prompt_id for (prompt_id,) in rows.fetchall()}

    def load(self, battle_ids: Sequence[UUID]) -> list[Battle]:
        """Return those of the battles that are stored, with their prompts and turns, in the order of the ids."""
        found = {
            battle.battle_id: battle for battle in load_battles(self._read(), [str(i) for i in battle_ids])
        }
        return [found[battle_id] for battle_id in battle_ids if battle_id in found]

    def stored(self, battle_ids: Sequence[UUID]) -> dict[UUID, bool]:
        """Return those of the battles that are stored, with whether they take votes."""
        rows = self._read().execute(
            "SELECT battle_id::VARCHAR, votable FROM battles WHERE battle_id IN (SELECT unnest($1::UUID[]))",
            [[str(battle_id) for battle_id in battle_ids]],
        )
        return {UUID(battle_id): votable for battle_id, votable in rows.fetchall()}

    def chosen(self, battles: BattleFilter) -> list[UUID]:
        """Return the ids of the battles a filter lets through, in a fixed order that a limit may cut anywhere."""
        return candidates.chosen(self._read(), battles)

    def to_judge(
        self,
        battles: BattleFilter,
        judge: str,
        criterion: str,
        fingerprint: str,
        again: Collection[Failure] = (),
        *,
        limit: int | None = None,
    ) -> tuple[list[UUID], int, int]:
        """Return the first `limit` (or all) battles that a judge, as it is set up now, has no verdict on.

        Then how many those are in all, and how many battles it has a verdict on. A verdict that failed for one of the
        reasons `again` does not count as one. All are of the battles that `battles` lets through, its limit included.
        """
        return candidates.left_to_judge(self._read(), battles, judge, criterion, fingerprint, again, limit)

    def count(self) -> int:
        """Return the number of battles stored."""
        return int(self._read().execute("SELECT count(*) FROM battles").fetchall()[0][0])


def insert_battles(
    con: duckdb.DuckDBPyConnection, battles: Sequence[Battle], aside: Aside | None = None
) -> list[BattleFacts]:
    """Store battles within a change and return what the ledger must know of them."""
    if not battles:
        return []
    _refuse_known(con, battles)
    insert_prompts(con, [battle.prompt for battle in battles if battle.prompt is not None])
    ids = model_ids(con, {name for battle in battles for name in (battle.model_a, battle.model_b)})
    rows = [_battle_row(battle, ids) for battle in battles]
    columns = [list(column) for column in zip(*rows, strict=True)]
    con.execute(
        "INSERT INTO battles SELECT battle_id, prompt_id, a, b, kind, name, votable, coalesce(created, now()) "
        "FROM (SELECT unnest($1::UUID[]) AS battle_id, unnest($2::VARCHAR[]) AS prompt_id, "
        "unnest($3::INTEGER[]) AS a, unnest($4::INTEGER[]) AS b, unnest($5::voter_kind[]) AS kind, "
        "unnest($6::VARCHAR[]) AS name, unnest($7::BOOLEAN[]) AS votable, "
        "make_timestamptz(unnest($8::BIGINT[])) AS created)",
        columns,
    )
    insert_turns(con, [(b, place, turn) for b in battles for place, turn in enumerate(b.turns)])
    if aside is not None:
        set_aside(con, [str(battle.battle_id) for battle in battles], aside)
    return [_facts(battle, ids, battle.votable, aside) for battle in battles]


def insert_turns(con: duckdb.DuckDBPyConnection, turns: Sequence[tuple[Battle, int, Turn]]) -> None:
    """Store turns, each with its battle and place (from 0), and their answers within a change."""
    answers: list[tuple[str, Answer]] = []
    rows = []
    for battle, place, turn in turns:
        assert battle.prompt is not None
        prompt_id = battle.prompt.prompt_id
        answers += [(prompt_id, turn.answer_a), (prompt_id, turn.answer_b)]
        ids = [str(turn.answer_a.answer_id), str(turn.answer_b.answer_id)]
        rows.append([str(battle.battle_id), place, turn.user, *ids, turn.failed])
    insert_answers(con, answers, recorded=False)
    if rows:
        con.execute(
            "INSERT INTO turns SELECT unnest($1::UUID[]), unnest($2::INTEGER[]), unnest($3::VARCHAR[]), "
            "unnest($4::UUID[]), unnest($5::UUID[]), unnest($6::BOOLEAN[])",
            [list(column) for column in zip(*rows, strict=True)],
        )


def load_turns(con: duckdb.DuckDBPyConnection, battle_ids: Sequence[str]) -> dict[str, list[Turn]]:
    """Return the turns of battles in order, by battle id."""
    among, given = _among(battle_ids)
    rows = con.execute(
        f"WITH t AS (SELECT * FROM turns WHERE battle_id {among}), "
        "sides AS (SELECT battle_id, turn, user_text, 0 AS side, answer_a AS answer_id FROM t "
        "UNION ALL SELECT battle_id, turn, user_text, 1, answer_b FROM t) "
        f"SELECT t.battle_id::VARCHAR, t.user_text, t.side, {ANSWER_COLUMNS} "
        "FROM sides t JOIN answers a USING (answer_id) JOIN models m USING (model_id) "
        "ORDER BY t.battle_id, t.turn, t.side",
        given,
    ).fetchall()
    turns: defaultdict[str, list[Turn]] = defaultdict(list)
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        turns[first[0]].append(Turn(first[1], as_answer(first[3:]), as_answer(second[3:])))
    return turns


def _among(battle_ids: Sequence[str]) -> tuple[str, list[Any]]:
    """Return the condition on a battle's id, and its parameters: one battle is found by the index."""
    if len(battle_ids) == 1:
        return "= $1::UUID", [battle_ids[0]]
    return "IN (SELECT unnest($1::UUID[]))", [list(battle_ids)]


def load_battles(con: duckdb.DuckDBPyConnection, battle_ids: list[str]) -> list[Battle]:
    """Return those of the battles that are stored, with their prompts and turns."""
    among, given = _among(battle_ids)
    rows = con.execute(
        "SELECT b.battle_id::VARCHAR, ma.name, mb.name, b.started_by_kind::VARCHAR, b.started_by, "
        f"epoch_us(b.created_at), b.prompt_id IS NOT NULL, {PROMPT_COLUMNS} "
        "FROM battles b JOIN models ma ON ma.model_id = b.model_a JOIN models mb ON mb.model_id = b.model_b "
        f"LEFT JOIN prompts USING (prompt_id) WHERE b.battle_id {among}",
        given,
    ).fetchall()
    turns = load_turns(con, battle_ids)
    return [_battle(row, turns.get(row[0], [])) for row in rows]


def _battle(row: tuple[Any, ...], turns: list[Turn]) -> Battle:
    battle_id, model_a, model_b, kind, name, created, has_prompt, *prompt = row
    return Battle(
        battle_id=UUID(battle_id),
        prompt=as_prompt(tuple(prompt)) if has_prompt else None,
        model_a=model_a,
        model_b=model_b,
        turns=tuple(turns),
        started_by=Voter(VoterKind(kind), name) if kind is not None else None,
        created_at=moment(created),
    )


def _battle_row(battle: Battle, ids: dict[str, int]) -> list[Any]:
    starter, created = battle.started_by, battle.created_at
    return [
        str(battle.battle_id),
        battle.prompt.prompt_id if battle.prompt else None,
        ids[battle.model_a],
        ids[battle.model_b],
        starter.kind.value if starter else None,
        starter.name if starter else None,
        battle.votable,
        _microseconds(created) if created else None,
    ]


def _microseconds(created: datetime) -> int:
    if created.tzinfo is None:
        raise InvalidInput(f"The time of a battle needs a time zone: {created.isoformat()} has none.")
    return microseconds(created)


def _check(battle: Battle) -> None:
    if battle.model_a == battle.model_b:
        raise InvalidInput(f"A battle needs two models: {battle.model_a!r} cannot meet itself.")
    if battle.turns and battle.prompt is None:
        raise InvalidInput(f"The battle {battle.battle_id} has answers but no prompt: give the prompt too.")


def _refuse_known(con: duckdb.DuckDBPyConnection, battles: Sequence[Battle]) -> None:
    known = con.execute(
        "SELECT battle_id::VARCHAR FROM battles WHERE battle_id IN (SELECT unnest(?::UUID[])) LIMIT 1",
        [[str(battle.battle_id) for battle in battles]],
    ).fetchall()
    if known:
        raise Conflict(f"The battle {known[0][0]} is stored already: it cannot be stored again.")


def _append_turn(con: duckdb.DuckDBPyConnection, battle_id: UUID, turn: Turn) -> BattleFacts:
    key = [str(battle_id)]
    if not (found := load_battles(con, key)):
        raise NotFound(f"There is no battle {battle_id}: it was never stored.")
    if con.execute("SELECT 1 FROM standing_votes WHERE battle_id = ? LIMIT 1", key).fetchall():
        raise Conflict("This battle has been voted on, so it takes no follow-up: start another battle.")
    battle = found[0]
    if battle.prompt is None:
        raise InvalidInput(
            f"The battle {battle_id} was imported without its prompt, so it takes no follow-up."
        )
    insert_turns(con, [(battle, len(battle.turns), turn)])
    votable = not turn.failed and not any(earlier.failed for earlier in battle.turns)
    con.execute("UPDATE battles SET votable = ? WHERE battle_id = ?", [votable, *key])
    ids = model_ids(con, (battle.model_a, battle.model_b))
    reason = con.execute("SELECT reason FROM set_aside WHERE battle_id = ?", key).fetchall()
    return _facts(battle, ids, votable, Aside(reason[0][0]) if reason else None)


def _facts(battle: Battle, ids: dict[str, int], votable: bool, aside: Aside | None) -> BattleFacts:
    starter = battle.started_by
    return BattleFacts(
        str(battle.battle_id),
        ids[battle.model_a],
        ids[battle.model_b],
        votable,
        (starter.kind.value, starter.name) if starter else None,
        aside.value if aside else None,
    )
