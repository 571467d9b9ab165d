"""What voters add to a vote: further criteria, an answer of their own; and battles with names in sight."""

import asyncio
from dataclasses import replace

import pytest

from arena.errors import InvalidInput, NotFound, NotVotable
from arena.preferences import WRITTEN
from arena.types import Aside, ModelKind, ModelSpec, Prompt, VoteFilter, Voter, VoterKind, Winner
from workbench.bench import Workbench
from workbench.criteria import further_criteria, main_criterion, question
from workbench.settings import Settings

ANN = Voter(VoterKind.HUMAN, "ann")
BOB = Voter(VoterKind.HUMAN, "bob")
PEOPLE = VoteFilter(voter_kinds=(VoterKind.HUMAN,))


@pytest.fixture
def asking(bench: Workbench) -> Workbench:
    """The home with three recorded models, where two further criteria are set up."""
    bench.settings = bench.settings.model_copy(update={"criteria": ("overall", "helpful", "safe")})
    return bench


def fought(bench, opened=None):
    """Return a finished battle of ann's."""

    async def fight():
        battle = opened or bench.start_battle(ANN, bench.surprise(None, ANN))
        async for _ in battle.frames:
            pass
        return battle.battle_id

    return asyncio.run(fight())


def test_a_further_criterion_is_voted_on_after_the_vote_and_may_be_changed(asking):
    battle = fought(asking)
    with pytest.raises(NotVotable, match="first"):
        asking.vote_on(battle, "helpful", Winner.MODEL_A, ANN)
    asking.vote(battle, Winner.MODEL_B, ANN)
    for winner in (Winner.MODEL_A, Winner.TIE, Winner.TIE):
        asking.vote_on(battle, "helpful", winner, ANN)
    standing = {criterion: vote.winner for criterion, vote in asking.votes_by(battle, ANN).items()}
    assert standing == {"overall": Winner.MODEL_B, "helpful": Winner.TIE}
    assert asking.store.votes.count(replace(PEOPLE, criterion="helpful")) == 1
    asking.vote_on(battle, "helpful", None, ANN)
    assert set(asking.votes_by(battle, ANN)) == {"overall"}


def test_the_main_criterion_is_not_a_further_one_and_an_unknown_one_is_refused(asking):
    battle = fought(asking)
    asking.vote(battle, Winner.MODEL_B, ANN)
    for criterion in ("overall", "beauty"):
        with pytest.raises(InvalidInput, match="helpful, safe"):
            asking.vote_on(battle, criterion, Winner.MODEL_A, ANN)


def test_taking_a_vote_back_takes_the_further_ones_with_it(asking):
    battle = fought(asking)
    asking.vote(battle, Winner.MODEL_B, ANN)
    asking.vote_on(battle, "safe", Winner.MODEL_A, ANN)
    asking.take_back(battle, ANN)
    assert asking.votes_by(battle, ANN) == {}
    assert asking.open_battle(ANN).battle_id == battle
    with pytest.raises(NotFound):
        asking.take_back(battle, ANN)


def test_nobody_votes_or_writes_on_the_battle_of_somebody_else(asking):
    battle = fought(asking)
    asking.vote(battle, Winner.MODEL_B, ANN)
    with pytest.raises(NotVotable, match="somebody else"):
        asking.vote_on(battle, "safe", Winner.MODEL_A, BOB)
    with pytest.raises(NotVotable, match="somebody else"):
        asking.write_answer(battle, "Mine.", BOB)
    with pytest.raises(NotVotable, match="somebody else"):
        asking.answer_text(battle, "a", BOB)


def test_a_home_without_the_usual_criterion_asks_the_first_of_its_own(tmp_path):
    settings = Settings(criteria=("rhyme", "metre"))
    assert (main_criterion(settings), further_criteria(settings)) == ("rhyme", ("metre",))
    assert main_criterion(Settings(criteria=("safe", "overall"))) == "overall"
    assert (question("safe"), question("Rhyme")) == ("Safer", "Better: Rhyme")


def test_a_written_answer_needs_the_vote_first(bench):
    battle = fought(bench)
    with pytest.raises(NotVotable, match="Vote on the battle first"):
        bench.write_answer(battle, "Mine.", ANN)
    with pytest.raises(NotVotable):
        bench.answer_text(battle, "a", ANN)
    bench.vote(battle, Winner.BOTH_BAD, ANN)
    bench.write_answer(battle, " Mine.\n", ANN)
    assert bench.written_answer(battle, ANN).text == "Mine."


def test_a_written_answer_is_exported_as_chosen_over_both(bench, tmp_path):
    battle = fought(bench)
    bench.vote(battle, Winner.BOTH_BAD, ANN)
    assert bench.preview_export(PEOPLE).kept == ()
    bench.write_answer(battle, "Mine.", ANN)
    kept = bench.preview_export(PEOPLE).kept
    shown = bench.battle(battle)
    assert {pair.chosen[-1].content for pair in kept} == {"Mine."}
    assert {pair.model_rejected for pair in kept} == {shown.model_a, shown.model_b}
    assert {pair.model_chosen for pair in kept} == {WRITTEN}
    manifest = bench.export("mine", PEOPLE)
    assert (manifest.pairs, manifest.written) == (2, {"answers": 1, "pairs": 2})
    bench.undo(battle, ANN)
    assert bench.preview_export(PEOPLE).kept == ()
    bench.vote(battle, Winner.TIE, ANN)
    assert len(bench.preview_export(PEOPLE).kept) == 2
    bench.withdraw_answer(battle, ANN)
    assert bench.preview_export(PEOPLE).kept == ()


def test_an_answer_copied_as_it_stands_is_no_better_one(bench):
    battle = fought(bench)
    bench.vote(battle, Winner.TIE, ANN)
    for side in "ab":
        with pytest.raises(InvalidInput, match=f"answer {side.upper()} as it stands"):
            bench.write_answer(battle, bench.answer_text(battle, side, ANN) + "\n", ANN)
    with pytest.raises(InvalidInput, match="empty"):
        bench.write_answer(battle, "  ", ANN)
    with pytest.raises(InvalidInput, match="at most 20,000"):
        bench.write_answer(battle, "x" * 20_001, ANN)


def test_a_battle_with_names_counts_nowhere_unless_it_is_asked_for(bench):
    prompt = bench.common_prompt("owl", "crow", ANN)
    battle = fought(bench, bench.start_named_battle(ANN, prompt, "owl", "crow"))
    shown = bench.battle(battle)
    assert (shown.model_a, shown.model_b, shown.started_by) == ("owl", "crow", ANN)
    assert bench.store.set_aside.reasons([battle]) == {battle: Aside.NAMED}
    revealed = bench.vote(battle, Winner.MODEL_A, ANN)
    assert (revealed.model_a.name, revealed.model_a.change) == ("owl", None)
    assert bench.leaderboard(PEOPLE).votes == 0
    assert bench.preview_export(PEOPLE).kept == ()
    assert bench.leaderboard(replace(PEOPLE, named=True)).votes == 1
    assert len(bench.preview_export(replace(PEOPLE, named=True)).kept) == 1


def test_a_battle_with_names_is_never_given_back_as_a_blind_one(bench):
    prompt = bench.common_prompt("owl", "crow", ANN)
    fought(bench, bench.start_named_battle(ANN, prompt, "owl", "crow"))
    assert bench.open_battle(ANN) is None


def test_side_by_side_needs_two_models_that_can_answer(bench):
    prompt = bench.common_prompt("owl", "crow", ANN)
    with pytest.raises(InvalidInput, match="two different"):
        bench.start_named_battle(ANN, prompt, "owl", "owl")
    with pytest.raises(NotFound, match="dodo"):
        bench.start_named_battle(ANN, prompt, "owl", "dodo")
    with pytest.raises(InvalidInput, match="'owl' only has recorded answers"):
        bench.start_named_battle(ANN, Prompt.from_text("Something new?"), "owl", "crow")
    met = {
        fought(bench, bench.start_named_battle(ANN, bench.common_prompt("owl", "crow", ANN), "owl", "crow"))
        for _ in range(6)
    }
    assert len({bench.battle(battle).prompt.text for battle in met}) == 6
    bench.add_model(ModelSpec("finch", ModelKind.RECORDED))
    with pytest.raises(NotFound, match="no prompt here"):
        bench.common_prompt("owl", "finch", ANN)
