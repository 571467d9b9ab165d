"""Counts kept up to date as votes land give what the query gives, whatever happens in whatever order."""

import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from arena.errors import AlreadyVoted, Conflict, NotFound
from arena.store import Store, counts, tallies
from arena.types import OUTCOMES, Aside, PairCount, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import ANNA, add_models, make_battle
from tests.arena.store.test_bulk import insert, staged

VOTERS = (
    *(Voter(VoterKind.HUMAN, name) for name in ("anna", "ben")),
    *(Voter(VoterKind.JUDGE, name) for name in ("gpt", "anna")),
    Voter(VoterKind.SIMULATED, "sim"),
)
CRITERIA = ("overall", "safe")
MODELS = ("zoe", "ada", "bob")
FILTERS = (
    VoteFilter(),
    VoteFilter(named=True),
    VoteFilter(criterion="safe"),
    VoteFilter(voter_kinds=(VoterKind.HUMAN,)),
    VoteFilter(voter_kinds=(VoterKind.JUDGE, VoterKind.SIMULATED)),
    VoteFilter(voter_kinds=()),
    VoteFilter(without_voters=(VOTERS[2],)),
    VoteFilter(without_voters=(VOTERS[2], VOTERS[3]), named=True, trusted=("gpt",)),
    VoteFilter(without_voters=(VOTERS[0],)),
    VoteFilter(models=("ada", "zoe")),
    VoteFilter(voters=("anna",)),
)
FINER = (VoteFilter(voters=("anna",)), VoteFilter(category="maths"), VoteFilter(without_voters=(ANNA,)))


def plainly(store: Store, votes: VoteFilter) -> list[PairCount]:
    """Count by the plainest query there is, one vote after the other."""
    condition, parameters = counts.where(votes)
    rows = store.read().execute(
        "SELECT a.name, b.name, winner::VARCHAR FROM standing_votes v JOIN models a ON a.model_id = v.model_a "
        f"JOIN models b ON b.model_id = v.model_b WHERE {condition}",
        parameters,
    )
    seen = defaultdict(Counter)
    for first, second, winner in rows.fetchall():
        turned = first > second
        pair = (second, first) if turned else (first, second)
        seen[pair][Winner(winner).swapped() if turned else Winner(winner)] += 1
    return [PairCount(*pair, *(seen[pair][winner] for winner in OUTCOMES)) for pair in sorted(seen)]


def assert_as_queried(store: Store) -> None:
    for votes in FILTERS:
        wanted = plainly(store, votes)
        assert store.votes.pair_counts(votes) == wanted, votes
        assert counts.pair_counts(store.read(), votes) == wanted, votes
    assert store.votes.voter_kinds() == counts.voter_kinds(store.read())


class Arena(RuleBasedStateMachine):
    """Everything that changes which votes count, in any order; now and then somebody looks."""

    @initialize(folder=st.builds(uuid4))
    def open(self, folder):
        self.path = Path(_folder) / f"{folder}.duckdb"
        self.store = Store.open(self.path)
        add_models(self.store, *MODELS)
        pairs = (("zoe", "ada"), ("ada", "zoe"), ("bob", "zoe"), ("ada", "bob"))
        self.battles = [make_battle(model_a=a, model_b=b) for a, b in pairs]
        self.store.battles.add_many(self.battles)

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()

    @rule(
        data=st.data(),
        winner=st.sampled_from(Winner),
        voter=st.sampled_from(VOTERS),
        on=st.sampled_from(CRITERIA),
    )
    def cast(self, data, winner, voter, on):
        battle = data.draw(st.sampled_from(self.battles))
        with suppress(AlreadyVoted):
            self.store.votes.cast(Vote(battle.battle_id, winner, voter, on))

    @rule(data=st.data(), voter=st.sampled_from(VOTERS), on=st.sampled_from(CRITERIA))
    def undo(self, data, voter, on):
        with suppress(NotFound):
            self.store.votes.undo(data.draw(st.sampled_from(self.battles)).battle_id, voter, on)

    @rule(data=st.data(), winner=st.sampled_from(Winner), voter=st.sampled_from(VOTERS))
    def correct(self, data, winner, voter):
        with suppress(NotFound):
            self.store.votes.correct(data.draw(st.sampled_from(self.battles)).battle_id, voter, winner=winner)

    @rule(data=st.data(), winner=st.sampled_from([None, *Winner]), voter=st.sampled_from(VOTERS))
    def settle_all(self, data, winner, voter):
        chosen = data.draw(st.lists(st.sampled_from(self.battles), unique_by=id))
        self.store.votes.settle_all([Vote(battle.battle_id, winner, voter) for battle in chosen])

    @rule(data=st.data(), reason=st.sampled_from(Aside))
    def set_aside(self, data, reason):
        with suppress(Conflict):
            self.store.set_aside.add(data.draw(st.sampled_from(self.battles)).battle_id, reason)

    @rule(reason=st.sampled_from([None, *Aside]))
    def fight(self, reason):
        self.battles.append(make_battle(model_a="bob", model_b="ada"))
        self.store.battles.add(self.battles[-1], aside=reason)

    @rule(winner=st.sampled_from(Winner), kind=st.sampled_from(VoterKind))
    def bulk(self, winner, kind):
        insert(self.store, staged(1, winner=winner.value, voter_kind=kind.value, model_a="zoe"), staged(2))

    @rule()
    def look(self):
        assert_as_queried(self.store)

    @rule()
    def reopen(self):
        self.store.close()
        self.store = Store.open(self.path)

    @invariant()
    def counts_are_kept(self):
        if hasattr(self, "store"):
            assert self.store.votes.pair_counts(VoteFilter()) == plainly(self.store, VoteFilter())


_folder = ""


@pytest.mark.slow
def test_counts_kept_are_those_of_the_query_after_any_history(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "_folder", str(tmp_path))
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Arena, settings=settings(max_examples=12, stateful_step_count=25, deadline=None)
    )


def test_counts_kept_are_those_of_the_query_while_many_vote_import_and_set_aside(store):
    add_models(store, "ada", "bob")
    battles = [make_battle() for _ in range(24)]
    store.battles.add_many(battles)
    start = threading.Barrier(7)

    def vote(place: int) -> None:
        voter = VOTERS[place]
        start.wait()
        for turn, battle in enumerate(battles * 2):
            winner = list(Winner)[(place + turn) % 4]
            if turn >= len(battles):
                store.votes.undo(battle.battle_id, voter)
            store.votes.cast(Vote(battle.battle_id, winner, voter))

    def disturb() -> None:
        start.wait()
        for turn in range(4):
            insert(store, staged(1), staged(2, winner="tie"))
            store.set_aside.add(battles[turn].battle_id, Aside.NAMED)

    def look() -> None:
        start.wait()
        for _ in range(30):
            seen = sum(pair.votes for pair in store.votes.pair_counts(VoteFilter()))
            assert 0 <= seen <= len(battles) * len(VOTERS) + 8

    with ThreadPoolExecutor(7) as pool:
        work = [*(pool.submit(vote, place) for place in range(5)), pool.submit(disturb), pool.submit(look)]
        for job in work:
            job.result(60)
    assert_as_queried(store)
    assert sum(pair.votes for pair in store.votes.pair_counts(VoteFilter())) == 20 * 5 + 8


def test_a_vote_is_counted_as_soon_as_it_is_cast(store, new_battle):
    store.votes.pair_counts(VoteFilter())
    for number in range(1, 6):
        store.votes.cast(Vote(new_battle(), Winner.MODEL_B, ANNA))
        assert store.votes.pair_counts(VoteFilter())[0].wins_b == number


def test_a_vote_that_could_not_be_logged_is_not_counted(store, new_battle, monkeypatch):
    from arena.errors import StoreFailed

    store.votes.pair_counts(VoteFilter())
    battle_id = new_battle()

    def fail(group: str, last_seq: int) -> None:
        raise StoreFailed("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(store._journal, "append", fail)
        with pytest.raises(StoreFailed):
            store.votes.cast(Vote(battle_id, Winner.TIE, ANNA))
    assert store.votes.pair_counts(VoteFilter()) == []
    store.votes.cast(Vote(battle_id, Winner.TIE, ANNA))
    assert store.votes.pair_counts(VoteFilter())[0].ties == 1


def test_counts_given_out_stay_as_they_were_when_more_votes_come(store, new_battle):
    store.votes.cast(Vote(new_battle(), Winner.TIE, ANNA))
    before = store.votes.pair_counts(VoteFilter())
    store.votes.cast(Vote(new_battle(), Winner.TIE, ANNA))
    assert before[0].ties == 1
    assert store.votes.pair_counts(VoteFilter())[0].ties == 2


@pytest.mark.parametrize("votes", FINER)
def test_filters_finer_than_the_cells_are_left_to_the_query(votes):
    assert not tallies.is_coarse(votes)


def test_votes_of_too_many_judges_are_counted_by_the_query(store, new_battle, monkeypatch):
    monkeypatch.setattr(tallies, "MOST_CELLS", 3)
    battle_id = new_battle()
    for number in range(8):
        store.votes.cast(Vote(battle_id, Winner.TIE, Voter(VoterKind.JUDGE, f"judge {number}")))
        assert_as_queried(store)


def test_counts_are_read_from_an_interrupted_store(store, battle):
    store.votes.cast(Vote(battle.battle_id, Winner.TIE, ANNA))
    store._ledger._refusal = "interrupted"
    assert store.votes.pair_counts(VoteFilter())[0].ties == 1
