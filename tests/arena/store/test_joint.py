"""People beside a judge, row by row: each query of `joint` against the votes and verdicts themselves."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import numpy as np
import pytest

from arena.judgments import Verdict
from arena.store import Store
from arena.store.joint import joint
from arena.types import (
    Answer,
    Battle,
    ModelKind,
    ModelSpec,
    Prompt,
    Turn,
    Vote,
    VoteFilter,
    Voter,
    VoterKind,
    Winner,
)

JUDGE = Voter(VoterKind.JUDGE, "gpt")
PEOPLE = VoteFilter(voter_kinds=(VoterKind.HUMAN,))
A, B, TIE = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "votes.duckdb") as opened:
        for name in ("ant", "bee"):
            opened.models.add(ModelSpec(name, ModelKind.RECORDED))
        yield opened


def fight(store: Store, first: str, second: str, prompt: Prompt) -> UUID:
    turn = Turn(None, Answer(first, "one", "stop"), Answer(second, "two", "stop"))
    battle = Battle(uuid4(), prompt, first, second, (turn,))
    store.battles.add(battle)
    return battle.battle_id


def cast(
    store: Store, battle: UUID, winner: Winner, name: str = "ann", kind: VoterKind = VoterKind.HUMAN
) -> None:
    store.votes.cast(Vote(battle, winner, Voter(kind, name)))


def judged(store: Store, battle: UUID, winner: Winner) -> None:
    cast(store, battle, winner, "gpt", VoterKind.JUDGE)


@pytest.fixture
def battles(store) -> list[UUID]:
    """Two that people and the judge voted on (the second with sides turned), one of people's, one of the judge's."""
    prompts = [Prompt.from_text(f"Question {i}", category="odd" if i % 2 else "even") for i in range(4)]
    ids = [fight(store, *(("ant", "bee") if i != 1 else ("bee", "ant")), prompts[i]) for i in range(4)]
    for winner, name in ((A, "ann"), (TIE, "bob")):
        cast(store, ids[0], winner, name)
    judged(store, ids[0], A)
    cast(store, ids[1], A)
    judged(store, ids[1], A)
    cast(store, ids[2], B)
    judged(store, ids[3], TIE)
    return ids


def table(counts) -> list[tuple]:
    """Rows of (people's votes, their points for the ant, the judge's outcome for it, battles)."""
    assert counts.names == ("ant", "bee") and (counts.model_a == 0).all() and (counts.model_b == 1).all()
    columns = counts.votes, counts.points, counts.verdict, counts.battles
    rows = [tuple(None if np.isnan(x) else float(x) for x in row) for row in zip(*columns, strict=True)]
    return sorted(rows, key=lambda row: (row[0], row[1], row[2] is None, row[2]))


def test_each_battle_is_seen_from_the_model_first_by_name(store, battles):
    assert table(joint(store.read(), PEOPLE, JUDGE)) == [
        (0, 0, 0.5, 1),
        (1, 0, 0.0, 1),
        (1, 0, None, 1),
        (2, 1.5, 1.0, 1),
    ]


def test_equal_battles_share_a_row(store, battles):
    for _ in range(3):
        more = fight(store, "bee", "ant", Prompt.from_text("More"))
        judged(store, more, TIE)
    assert (0, 0, 0.5, 4) in table(joint(store.read(), PEOPLE, JUDGE))


def test_how_sure_the_judge_was_stands_for_its_outcome(store, battles):
    for battle, said, chance in ((battles[0], A, 0.731), (battles[1], B, 0.2), (battles[3], TIE, 0.555)):
        store.verdicts.add(
            [Verdict(battle, "gpt", "f" * 64, said, probability_a=chance, created_at=datetime.now(UTC))]
        )
    found = {row[2] for row in table(joint(store.read(), PEOPLE, JUDGE))}
    assert found == {0.73, 0.0, 0.56, None}, "a verdict that says otherwise than the vote is not read"


def test_only_people_count_and_only_those_asked_for(store, battles):
    cast(store, battles[3], A, "robot", VoterKind.SIMULATED)
    cast(store, battles[3], A, "other", VoterKind.JUDGE)
    assert (0, 0, 0.5, 1) in table(joint(store.read(), VoteFilter(), JUDGE))
    bob = table(joint(store.read(), replace(PEOPLE, voters=("bob",)), JUDGE))
    assert bob == [(0, 0, 0.0, 1), (0, 0, 0.5, 1), (1, 0.5, 1.0, 1)]


def test_what_the_filter_leaves_out_is_left_out_for_the_judge_too(store, battles):
    odd = table(joint(store.read(), replace(PEOPLE, category="odd"), JUDGE))
    assert odd == [(0, 0, 0.5, 1), (1, 0, 0.0, 1)]
    nothing = joint(store.read(), replace(PEOPLE, until=datetime(2020, 1, 1, tzinfo=UTC)), JUDGE)
    assert nothing.names == () and not len(nothing.votes)


def test_strata_are_pairs_or_pairs_within_categories(store, battles):
    assert len(set(joint(store.read(), PEOPLE, JUDGE).stratum.tolist())) == 1
    counts = joint(store.read(), PEOPLE, JUDGE, strata="category")
    assert len(set(counts.stratum.tolist())) == 2
    assert not counts.pooled and joint(store.read(), PEOPLE, JUDGE, strata="all").pooled
    halves = [counts.battles[counts.stratum == stratum].sum() for stratum in (0, 1)]
    assert halves == [2, 2]


def test_battles_of_one_prompt_share_a_cluster(store, battles):
    again = fight(store, "ant", "bee", Prompt.from_text("Question 0", category="even"))
    judged(store, again, B)
    counts = joint(store.read(), PEOPLE, JUDGE, by_prompt=True)
    assert len(counts.cluster) == 5 and len(set(counts.cluster.tolist())) == 4
    assert joint(store.read(), PEOPLE, JUDGE).cluster is None


def test_a_prompt_judged_again_and_again_is_capped_as_peoples_votes_are(store, battles):
    for _ in range(5):
        judged(store, fight(store, "ant", "bee", Prompt.from_text("Often")), A)
    capped = joint(store.read(), replace(PEOPLE, per_prompt=1), JUDGE)
    assert table(capped) == [(0, 0, 0.5, 1), (0, 0, 1.0, 1), (1, 0, 0.0, 1), (1, 0, None, 1), (1, 1, 1.0, 1)]


def test_battles_set_aside_and_votes_taken_back_do_not_count(store, battles):
    store.votes.undo(battles[2], Voter(VoterKind.HUMAN, "ann"))
    assert len(table(joint(store.read(), PEOPLE, JUDGE))) == 3
