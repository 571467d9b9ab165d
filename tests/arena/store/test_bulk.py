from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.errors import AlreadyVoted, Conflict, ImportRejected, NotVotable
from arena.store import STAGED_COLUMNS, BulkResult, Store
from arena.types import Message, ModelKind, ModelSpec, Prompt, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle

COLUMNS = (
    "row_number", "battle_key", "model_a", "model_b", "winner", "voter", "voter_kind", "criterion", "created_at",
    "prompt_id", "text_a", "text_b",
)  # fmt: skip


def staged(number: int, **columns: object) -> list[object]:
    row = {
        "row_number": number,
        "battle_key": None,
        "model_a": "ada",
        "model_b": "bob",
        "winner": "model_a",
        "voter": f"voter {number}",
        "voter_kind": "human",
        "criterion": "overall",
        "created_at": "2024-01-02 03:04:05+00",
    } | columns
    return [row.get(name) for name in COLUMNS]


def insert(store: Store, *rows: list[object]) -> BulkResult:
    def change(con):
        con.execute(f"CREATE OR REPLACE TEMP TABLE staging ({STAGED_COLUMNS})")
        con.executemany(f"INSERT INTO staging VALUES ({', '.join('?' * len(COLUMNS))})", rows)
        result = store.bulk.insert_staged_votes(con, "staging")
        con.execute("DROP TABLE staging")
        return result

    return store.bulk.run(change)


def test_staged_votes_are_stored_in_their_order_with_models_and_battles(store):
    store.models.add(ModelSpec("bob", ModelKind.ENDPOINT, {"base_url": "x"}))
    winners = ["tie", "model_b", "both_bad", "model_a"]
    rows = [
        staged(n, winner=winner, model_b="bob" if n % 2 else "cid") for n, winner in enumerate(winners, 5)
    ]
    assert insert(store, *reversed(rows)) == BulkResult(votes=4, battles=4, models=2)
    columns = store.votes.outcomes(VoteFilter())
    assert columns.winner.tolist() == [2, 1, 3, 0]
    assert [columns.names[code] for code in columns.model_b] == ["bob", "cid", "bob", "cid"]
    kinds = {spec.name: spec.kind for spec in store.models.list()}
    assert kinds == {"bob": ModelKind.ENDPOINT, "ada": ModelKind.RECORDED, "cid": ModelKind.RECORDED}


def test_votes_cast_before_and_after_keep_the_order(store, new_battle):
    store.votes.cast(Vote(new_battle(), Winner.BOTH_BAD, ANNA))
    insert(store, staged(1, winner="tie"), staged(2, winner="model_b"))
    store.votes.cast(Vote(new_battle(), Winner.MODEL_A, ANNA))
    assert store.votes.outcomes(VoteFilter()).winner.tolist() == [3, 2, 1, 0]


def test_rows_with_one_key_are_votes_on_one_battle(store):
    result = insert(
        store,
        staged(1, battle_key="x", voter="anna"),
        staged(2, battle_key="x", voter="ben", winner="model_b"),
        staged(3, battle_key="y", voter="anna"),
        staged(4, battle_key="x", voter="anna", criterion="safe"),
        staged(5, battle_key="x", voter="anna", voter_kind="judge"),
        staged(6),
    )
    assert (result.votes, result.battles) == (6, 3)
    sizes = sorted(pair.votes for pair in store.preferences.judged_pairs(VoteFilter()))
    assert sizes == [1, 1, 3]


def test_a_key_that_is_a_uuid_is_the_id_of_the_battle_and_is_refused_the_second_time(store):
    battle_id = uuid4()
    insert(store, staged(1, battle_key=str(battle_id)))
    (vote,) = store.votes.standing(battle_id)
    assert (vote.voter.name, vote.winner, vote.created_at.isoformat()) == (
        "voter 1", Winner.MODEL_A, "2024-01-02T03:04:05+00:00",
    )  # fmt: skip
    with pytest.raises(Conflict, match=f"stored already, the first is {battle_id}"):
        insert(store, staged(1), staged(2, battle_key=str(battle_id)))
    assert store.votes.count() == 1


def test_other_keys_are_new_battles_in_every_import(store):
    insert(store, staged(1, battle_key="x"))
    insert(store, staged(1, battle_key="x"))
    assert store.battles.count() == 2


def test_a_battle_with_texts_has_answers_and_takes_further_votes(store):
    prompt = Prompt.from_text("Why?")
    store.prompts.add("imported", [prompt])
    battle_id = uuid4()
    said = {"battle_key": str(battle_id), "prompt_id": prompt.prompt_id, "text_a": "So.", "text_b": ""}
    insert(store, staged(1, **said), staged(2, **said))
    stored = store.battles.get(battle_id)
    assert stored.prompt == prompt
    assert [message.content for message in stored.conversation("a")] == ["Why?", "So."]
    assert (stored.turns[0].answer_a.model, stored.turns[0].answer_b.model) == ("ada", "bob")
    assert stored.turns[0].answer_a.finish_reason == "recorded"
    store.votes.cast(Vote(battle_id, Winner.TIE, Voter(VoterKind.JUDGE, "hal")))
    with pytest.raises(AlreadyVoted):
        store.votes.cast(Vote(battle_id, Winner.TIE, Voter(VoterKind.HUMAN, "voter 1")))
    (pair,) = store.preferences.judged_pairs(VoteFilter())
    assert (pair.continuation_a, pair.continuation_b) == (
        (Message("assistant", "So."),),
        (Message("assistant", ""),),
    )
    assert (pair.wins_a, pair.ties) == (2, 1)


def test_a_battle_without_texts_takes_no_further_votes(store):
    battle_id = uuid4()
    insert(store, staged(1, battle_key=str(battle_id)))
    with pytest.raises(NotVotable):
        store.votes.cast(Vote(battle_id, Winner.TIE, ANNA))
    assert store.battles.get(battle_id).turns == ()


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"model_a": " "}, "a model is missing"),
        ({"model_b": None}, "a model is missing"),
        ({"model_b": "ada"}, "model_a and model_b are both ada"),
        ({"winner": "model_c"}, "the winner is model_c"),
        ({"winner": None}, "the winner is missing"),
        ({"voter": ""}, "the voter is missing"),
        ({"voter_kind": "robot"}, "the kind of voter is robot"),
        ({"criterion": None}, "the criterion is missing"),
        ({"battle_key": "x", "model_a": "cid"}, "the battle x is between other models in an earlier row"),
        ({"battle_key": "x", "voter": "voter 1"}, "voter 1 votes twice on the battle x"),
    ],
)
def test_a_row_that_cannot_be_stored_is_named_and_nothing_is_stored(store, columns, reason):
    with pytest.raises(ImportRejected, match=reason) as refused:
        insert(store, staged(1, battle_key="x"), staged(7, **columns))
    assert refused.value.rejects == ((7, reason),)
    assert (store.votes.count(), store.battles.count(), store.models.list()) == (0, 0, [])


def test_an_empty_table_stores_nothing(store):
    assert insert(store, staged(1)) == BulkResult(1, 1, 2)
    assert store.bulk.run(lambda con: _nothing(store, con)) == BulkResult(0, 0, 0)


def _nothing(store, con):
    con.execute(f"CREATE OR REPLACE TEMP TABLE staging ({STAGED_COLUMNS})")
    return store.bulk.insert_staged_votes(con, "staging")


def test_votes_may_be_cast_while_a_file_is_imported(store, new_battle):
    battle = new_battle()

    def change(con):
        con.execute(f"CREATE OR REPLACE TEMP TABLE staging ({STAGED_COLUMNS})")
        store.votes.cast(Vote(battle, Winner.TIE, ANNA))
        return store.bulk.insert_staged_votes(con, "staging")

    store.bulk.run(change)
    assert store.votes.count() == 1


def test_a_change_that_would_wait_for_itself_is_refused(store):
    with pytest.raises(RuntimeError, match="must not wait for another change"):
        store.bulk.run(lambda con: add_models(store, "ada"))
    assert store.models.list() == []


def test_what_a_change_does_to_battles_is_seen_by_the_next_vote(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))
    store.votes.undo(battle.battle_id, ANNA)
    store.bulk.run(lambda con: con.execute("UPDATE battles SET votable = false"))
    with pytest.raises(NotVotable):
        store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ada", "bob", "cid"]), st.sampled_from(["dan", "eve"]), st.sampled_from(Winner)
        ),
        max_size=30,
    )
)
def test_importing_and_casting_the_same_votes_give_the_same_counts(tmp_path_factory, votes):
    folder = tmp_path_factory.mktemp("both")
    with Store.open(folder / "bulk.duckdb") as bulk, Store.open(folder / "cast.duckdb") as cast:
        rows = [staged(n, model_a=a, model_b=b, winner=w.value) for n, (a, b, w) in enumerate(votes)]
        if rows:
            insert(bulk, *rows)
        add_models(cast, "ada", "bob", "cid", "dan", "eve")
        for a, b, winner in votes:
            fought = make_battle("Why?", a, b)
            cast.battles.add(fought)
            cast.votes.cast(Vote(fought.battle_id, winner, ANNA))
        assert bulk.votes.pair_counts(VoteFilter()) == cast.votes.pair_counts(VoteFilter())
        ours, theirs = bulk.votes.outcomes(VoteFilter()), cast.votes.outcomes(VoteFilter())
        assert ours.names == theirs.names
        assert ours.winner.tolist() == theirs.winner.tolist()


@pytest.mark.slow
def test_a_million_votes_go_in_by_one_statement_and_are_all_counted(store):
    def change(con):
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE staging ({STAGED_COLUMNS}); "
            "INSERT INTO staging SELECT i, md5(i::VARCHAR)::UUID, 'model ' || i % 50, 'model ' || (50 + i % 49), "
            "['model_a', 'model_b', 'tie', 'both_bad'][1 + i % 4], 'voter ' || i % 1000, 'human', 'overall', "
            "now(), NULL, NULL, NULL FROM range(1000000) t(i)"
        )
        return store.bulk.insert_staged_votes(con, "staging")

    assert store.bulk.run(change) == BulkResult(votes=1_000_000, battles=1_000_000, models=99)
    counts = store.votes.pair_counts(VoteFilter())
    assert sum(pair.votes for pair in counts) == 1_000_000
    assert sum(pair.both_bad for pair in counts) == 250_000
    assert len(store.votes.outcomes(VoteFilter()).winner) == 1_000_000
