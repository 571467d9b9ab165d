import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import duckdb
import pytest

from arena.errors import AlreadyVoted, InvalidInput, NotFound, NotVotable, StoreFailed
from arena.store import Store
from arena.types import Battle, Message, Prompt, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle

BEN = Voter(VoterKind.HUMAN, "ben")


def test_a_vote_stands_with_revision_time_reasons_and_comment(store, battle):
    before = datetime.now(UTC)
    vote = store.votes.cast(
        Vote(battle.battle_id, Winner.MODEL_B, ANNA, reasons=("clear", "short"), comment="ü\x00\n'")
    )
    assert vote.revision == 0
    assert before <= vote.created_at <= datetime.now(UTC)
    assert store.votes.standing(battle.battle_id) == [vote]
    assert vote.comment == "ü\x00\n'"


def test_a_vote_keeps_the_time_it_was_given(store, battle):
    then = datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=UTC)
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA, created_at=then))
    assert store.votes.standing(battle.battle_id)[0].created_at == then


def test_a_second_vote_is_refused_and_the_first_stands(store, battle):
    first = store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA))
    with pytest.raises(AlreadyVoted, match=r"anna has voted on this battle already \(model_a\)"):
        store.votes.cast(Vote(battle.battle_id, Winner.MODEL_B, ANNA))
    assert store.votes.standing(battle.battle_id) == [first]


def test_one_battle_takes_a_vote_for_each_voter_kind_of_voter_and_criterion(store, battle):
    vote = Vote(battle.battle_id, Winner.MODEL_A, ANNA)
    for other in (
        vote,
        replace(vote, voter=BEN),
        replace(vote, voter=Voter(VoterKind.JUDGE, "anna")),
        replace(vote, criterion="safe"),
    ):
        store.votes.cast(other)
    assert len(store.votes.standing(battle.battle_id)) == 4
    assert store.votes.count(VoteFilter()) == 3
    assert store.votes.count() == 4
    assert store.votes.voters() == 3
    assert store.votes.voter_kinds() == {VoterKind.HUMAN: 3, VoterKind.JUDGE: 1}


def test_an_undone_vote_no_longer_counts_and_makes_room_for_another(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA))
    undone = store.votes.undo(battle.battle_id, ANNA)
    assert (undone.winner, undone.revision) == (None, 1)
    assert store.votes.standing(battle.battle_id) == []
    assert store.votes.pair_counts(VoteFilter()) == []
    again = store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))
    assert again.revision == 2
    assert store.votes.standing(battle.battle_id) == [again]
    assert [v.winner for v in store.votes.history(battle.battle_id)] == [Winner.MODEL_A, None, Winner.TIE]


def test_a_correction_changes_what_is_given_and_keeps_the_rest(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA, reasons=("clear",)))
    commented = store.votes.correct(battle.battle_id, ANNA, comment="so short")
    assert (commented.winner, commented.reasons, commented.comment) == (
        Winner.MODEL_A,
        ("clear",),
        "so short",
    )
    changed = store.votes.correct(battle.battle_id, ANNA, winner=Winner.BOTH_BAD, reasons=())
    assert (changed.winner, changed.reasons, changed.comment) == (Winner.BOTH_BAD, (), "so short")
    assert store.votes.standing(battle.battle_id) == [changed]
    assert changed.revision == 2


def test_undo_and_correct_need_a_standing_vote(store, battle):
    for change in (store.votes.undo, store.votes.correct):
        with pytest.raises(NotFound, match="anna has no vote on this battle"):
            change(battle.battle_id, ANNA)
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA))
    store.votes.undo(battle.battle_id, ANNA)
    with pytest.raises(NotFound):
        store.votes.undo(battle.battle_id, ANNA)


def test_a_vote_on_an_unknown_battle_is_not_found(store):
    with pytest.raises(NotFound, match="no battle"):
        store.votes.cast(Vote(uuid4(), Winner.MODEL_A, ANNA))


def test_a_battle_with_a_failed_answer_or_without_turns_takes_no_vote(store, battle):
    failed = make_battle(error="the endpoint is dead")
    unfinished = Battle(uuid4(), Prompt.from_text("Hello?"), "ada", "bob")
    store.battles.add_many([failed, unfinished])
    for untouched in (failed, unfinished):
        with pytest.raises(NotVotable, match="never finished or one of its answers failed"):
            store.votes.cast(Vote(untouched.battle_id, Winner.MODEL_A, ANNA))
    assert store.votes.count() == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"winner": None}, "needs a winner"),
        ({"voter": Voter(VoterKind.HUMAN, " ")}, "needs a voter"),
        ({"criterion": ""}, "needs a criterion"),
        ({"comment": "\ud800"}, "not Unicode"),
        ({"reasons": ("\udfff",)}, "not Unicode"),
        ({"created_at": datetime(2024, 1, 1)}, "needs a time zone"),
    ],
)
def test_a_vote_that_the_database_could_not_take_is_refused_at_once(store, battle, change, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        store.votes.cast(replace(Vote(battle.battle_id, Winner.MODEL_A, ANNA), **change))
    assert store.votes.count() == 0


def _insert(con: duckdb.DuckDBPyConnection, battle: Battle, **columns: object) -> None:
    values = {
        "seq": 10**6,
        "battle_id": str(battle.battle_id),
        "model_a": 1,
        "model_b": 2,
        "winner": "tie",
        "voter_kind": "human",
        "voter": "anna",
        "criterion": "overall",
        "revision": 0,
        "reasons": [],
        "comment": None,
        "created_at": datetime.now(UTC),
        **columns,
    }
    con.execute(f"INSERT INTO votes VALUES ({', '.join('?' * len(values))})", list(values.values()))


def test_the_database_itself_refuses_a_second_vote(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA))
    with pytest.raises(duckdb.ConstraintException, match="uplicate key"):
        _insert(store.read(), battle)
    assert store.votes.count() == 1


def test_whatever_is_inserted_at_most_one_vote_of_a_voter_stands(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA))
    _insert(store.read(), battle, revision=3)
    assert [vote.revision for vote in store.votes.standing(battle.battle_id)] == [3]


@pytest.mark.parametrize(
    "columns", [{"voter": ""}, {"voter": None}, {"criterion": "  "}, {"winner": "a"}, {"voter_kind": "robot"}]
)
def test_the_database_refuses_votes_without_voter_criterion_or_with_unknown_words(store, battle, columns):
    with pytest.raises((duckdb.ConstraintException, duckdb.ConversionException)):
        _insert(store.read(), battle, **columns)


def test_of_many_threads_voting_for_one_voter_exactly_one_gets_through(store, battle):
    start = threading.Barrier(16)

    def vote(i: int) -> str:
        start.wait()
        try:
            store.votes.cast(Vote(battle.battle_id, list(Winner)[i % 4], ANNA))
        except AlreadyVoted:
            return "refused"
        return "cast"

    with ThreadPoolExecutor(16) as pool:
        assert Counter(pool.map(vote, range(16))) == {"cast": 1, "refused": 15}
    assert store.votes.count() == 1


def test_every_vote_of_32_threads_is_there_once(store, battle):
    battles = [make_battle() for _ in range(40)]
    store.battles.add_many(battles)

    def vote(i: int) -> None:
        voter = Voter(VoterKind.HUMAN, f"voter {i}")
        for fought in battles:
            store.votes.cast(Vote(fought.battle_id, Winner.MODEL_A, voter))
            if i % 16 == 0:
                assert voter in {vote.voter for vote in store.votes.standing(fought.battle_id)}

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(vote, range(32)))
    assert store.votes.count() == 32 * 40
    assert store.votes.pair_counts(VoteFilter())[0].wins_a == 32 * 40


def test_cast_undo_and_correct_from_many_threads_leave_one_unbroken_history(store, battle):
    def quarrel(i: int) -> None:
        for _ in range(30):
            try:
                match i % 3:
                    case 0:
                        store.votes.cast(Vote(battle.battle_id, Winner.MODEL_A, ANNA))
                    case 1:
                        store.votes.undo(battle.battle_id, ANNA)
                    case _:
                        store.votes.correct(battle.battle_id, ANNA, winner=Winner.MODEL_B)
            except (AlreadyVoted, NotFound):
                pass

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(quarrel, range(12)))
    history = store.votes.history(battle.battle_id)
    assert [vote.revision for vote in history] == list(range(len(history)))
    standing = False
    for vote in history:
        if vote.winner is Winner.MODEL_A:
            assert not standing
        else:
            assert standing
        standing = vote.winner is not None
    assert len(store.votes.standing(battle.battle_id)) == standing


def test_a_reader_sees_each_vote_as_soon_as_it_is_acknowledged(store, new_battle):
    for n in range(1, 20):
        store.votes.cast(Vote(new_battle(), Winner.MODEL_A, ANNA))
        assert store.votes.count() == n


def test_pair_counts_fold_both_orders_into_one_row(store):
    add_models(store, "zoe", "ada")
    for a, b, winner in (
        ("zoe", "ada", Winner.MODEL_A),
        ("ada", "zoe", Winner.MODEL_A),
        ("ada", "zoe", Winner.MODEL_B),
        ("zoe", "ada", Winner.TIE),
        ("ada", "zoe", Winner.BOTH_BAD),
    ):
        fought = make_battle("Why?", a, b)
        store.battles.add(fought)
        store.votes.cast(Vote(fought.battle_id, winner, ANNA))
    (pair,) = store.votes.pair_counts(VoteFilter())
    assert (pair.model_a, pair.model_b) == ("ada", "zoe")
    assert (pair.wins_a, pair.wins_b, pair.ties, pair.both_bad) == (1, 2, 1, 1)


def test_outcomes_come_in_the_order_of_the_votes(store):
    add_models(store, "cid", "ada", "bob")
    fights = [("cid", "ada", Winner.TIE), ("ada", "bob", Winner.BOTH_BAD), ("bob", "cid", Winner.MODEL_B)]
    for a, b, winner in fights:
        fought = make_battle("Why?", a, b)
        store.battles.add(fought)
        store.votes.cast(Vote(fought.battle_id, winner, ANNA))
    columns = store.votes.outcomes(VoteFilter())
    assert columns.names == ("ada", "bob", "cid")
    assert columns.model_a.tolist() == [2, 0, 1]
    assert columns.model_b.tolist() == [0, 1, 2]
    assert columns.winner.tolist() == [2, 3, 1]
    assert (str(columns.model_a.dtype), str(columns.winner.dtype)) == ("int32", "int8")


def test_outcomes_of_no_votes_are_empty_columns(store):
    columns = store.votes.outcomes(VoteFilter())
    assert (columns.names, len(columns.model_a), len(columns.winner)) == ((), 0, 0)


def test_a_filter_counts_only_what_it_names(store):
    add_models(store, "ada", "bob", "cid")
    german = Prompt((Message("user", "Warum?"),), category="why", language="de")
    english = Prompt((Message("user", "Why?"),), category="why", language="en")
    for prompt, pair, voter in (
        (german, ("ada", "bob"), ANNA),
        (english, ("ada", "cid"), BEN),
        (english, ("bob", "cid"), Voter(VoterKind.JUDGE, "hal")),
    ):
        fought = make_battle(prompt, *pair)
        store.battles.add(fought)
        store.votes.cast(Vote(fought.battle_id, Winner.MODEL_A, voter))
    for votes, expected in (
        (VoteFilter(), 3),
        (VoteFilter(voter_kinds=(VoterKind.HUMAN,)), 2),
        (VoteFilter(voter_kinds=()), 0),
        (VoteFilter(voters=("ben", "hal")), 2),
        (VoteFilter(language="de"), 1),
        (VoteFilter(category="why"), 3),
        (VoteFilter(category="how"), 0),
        (VoteFilter(models=("ada", "cid")), 1),
        (VoteFilter(criterion="safe"), 0),
        (VoteFilter(without_prompts=frozenset({english.prompt_id})), 1),
    ):
        assert store.votes.count(votes) == expected, votes
        assert sum(pair.votes for pair in store.votes.pair_counts(votes)) == expected
        assert len(store.votes.outcomes(votes).winner) == expected


def test_votes_of_a_voter_are_counted_by_battle_and_time(store, new_battle):
    store.votes.cast(Vote(new_battle(), Winner.TIE, ANNA, created_at=datetime.now(UTC) - timedelta(days=2)))
    twice = new_battle()
    store.votes.cast(Vote(twice, Winner.TIE, ANNA))
    store.votes.cast(Vote(twice, Winner.TIE, ANNA, criterion="safe"))
    assert store.votes.count_by_voter(ANNA) == 2
    assert store.votes.count_by_voter(ANNA, since=datetime.now(UTC) - timedelta(days=1)) == 1
    assert store.votes.count_by_voter(BEN) == 0


def test_votes_survive_closing_and_a_vote_can_be_undone_after_reopening(path):
    with Store.open(path) as store:
        add_models(store, "ada", "bob")
        fought = make_battle()
        store.battles.add(fought)
        cast = store.votes.cast(Vote(fought.battle_id, Winner.MODEL_A, ANNA))
    with Store.open(path) as store:
        assert store.votes.standing(fought.battle_id) == [cast]
        with pytest.raises(AlreadyVoted):
            store.votes.cast(Vote(fought.battle_id, Winner.MODEL_A, ANNA))
        assert store.votes.undo(fought.battle_id, ANNA).revision == 1
        assert store.votes.count() == 0


def judged(battle_id, winner=Winner.MODEL_A, name="judy"):
    return Vote(battle_id, winner, Voter(VoterKind.JUDGE, name))


def test_many_votes_are_settled_together_and_those_that_cannot_be_are_named(store, battle, new_battle):
    unfinished = make_battle(error="it broke")
    store.battles.add(unfinished)
    ids = [battle.battle_id, unfinished.battle_id, new_battle(), uuid4()]
    first, broken, second, unknown = store.votes.settle_all([judged(one) for one in ids])
    assert (first, second) == (None, None)
    assert isinstance(broken, NotVotable) and isinstance(unknown, NotFound)
    assert [vote.winner for vote in store.votes.standing(ids[0])] == [Winner.MODEL_A]
    assert store.votes.count() == 2


def test_settling_many_again_writes_only_what_changed(store, battle, new_battle):
    one, two, three = battle.battle_id, new_battle(), new_battle()
    store.votes.settle_all([judged(one), judged(two), judged(three)])
    store.votes.settle_all([judged(one), judged(two, Winner.TIE), judged(three, None)])
    assert [len(store.votes.history(each)) for each in (one, two, three)] == [1, 2, 2]
    assert [[v.winner for v in store.votes.standing(each)] for each in (one, two, three)] == [
        [Winner.MODEL_A],
        [Winner.TIE],
        [],
    ]


def test_the_last_of_several_settled_votes_of_one_voter_stands(store, battle):
    both = [judged(battle.battle_id), judged(battle.battle_id, Winner.TIE)]
    assert store.votes.settle_all(both) == [None, None]
    assert [vote.winner for vote in store.votes.standing(battle.battle_id)] == [Winner.TIE]
    assert store.votes.settle_all([]) == []


def test_votes_settled_together_survive_closing_the_store(path):
    with Store.open(path) as store:
        add_models(store, "ada", "bob")
        fought = [make_battle() for _ in range(50)]
        store.battles.add_many(fought)
        store.votes.settle_all([judged(one.battle_id) for one in fought])
    with Store.open(path) as store:
        assert store.votes.count() == 50


def test_a_closed_store_settles_nothing(path):
    store = Store.open(path)
    store.close()
    with pytest.raises(StoreFailed, match="closed"):
        store.votes.settle_all([judged(uuid4())])


def test_threads_that_settle_many_and_one_at_a_time_all_get_their_votes_in(store, battle, new_battle):
    ids = [battle.battle_id, *(new_battle() for _ in range(19))]
    errors = []

    def work(name):
        try:
            for _ in range(5):
                assert not any(store.votes.settle_all([judged(one, name=f"many {name}") for one in ids]))
                for one in ids:
                    store.votes.settle(judged(one, Winner.TIE, f"one {name}"))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert store.votes.count() == 20 * 12
