import asyncio
import uuid

import pytest

from arena.errors import AlreadyVoted, Conflict, InvalidInput, NotFound, NotVotable
from arena.types import ModelKind, ModelSpec, Prompt, VoteFilter, Voter, VoterKind, Winner

ANN = Voter(VoterKind.HUMAN, "ann")
BOB = Voter(VoterKind.HUMAN, "bob")
PEOPLE = VoteFilter(voter_kinds=(VoterKind.HUMAN,))


def fought(bench, voter=ANN, prompt=None):
    """Return a finished battle of `voter`."""

    async def fight():
        opened = bench.start_battle(voter, prompt or bench.surprise(None, voter))
        frames = [frame async for frame in opened.frames]
        assert frames[-1].done
        return opened.battle_id

    return asyncio.run(fight())


def test_a_battle_is_stored_once_both_answers_are_complete(bench):
    battle = bench.battle(fought(bench))
    assert battle.votable
    assert battle.model_a != battle.model_b
    assert battle.started_by == ANN
    assert bench.open_battle(ANN).battle_id == battle.battle_id


def test_a_vote_reveals_both_names_and_moves_their_ratings(bench):
    battle_id = fought(bench)
    revealed = bench.vote(battle_id, Winner.MODEL_A, ANN)
    battle = bench.battle(battle_id)
    assert (revealed.model_a.name, revealed.model_b.name) == (battle.model_a, battle.model_b)
    assert revealed.model_a.change > 0 > revealed.model_b.change
    assert bench.open_battle(ANN) is None
    assert bench.vote_count(ANN).today == 1


def test_an_undone_vote_counts_no_more_and_the_battle_is_open_again(bench):
    battle_id = fought(bench)
    bench.vote(battle_id, Winner.MODEL_A, ANN)
    bench.undo(battle_id, ANN)
    assert bench.leaderboard(PEOPLE).votes == 0
    assert bench.open_battle(ANN).battle_id == battle_id
    bench.vote(battle_id, Winner.MODEL_B, ANN)
    assert bench.leaderboard(PEOPLE).votes == 1


def test_nobody_votes_twice_on_a_battle(bench):
    battle_id = fought(bench)
    bench.vote(battle_id, Winner.TIE, ANN)
    with pytest.raises(AlreadyVoted):
        bench.vote(battle_id, Winner.MODEL_A, ANN)


def test_nobody_votes_on_a_battle_somebody_else_started(bench):
    with pytest.raises(NotVotable, match="somebody else"):
        bench.vote(fought(bench), Winner.MODEL_A, BOB)


def test_a_battle_that_never_finished_takes_no_vote(bench):
    with pytest.raises(NotVotable, match="never finished"):
        bench.vote(uuid.uuid4(), Winner.MODEL_A, ANN)


def test_a_follow_up_to_recorded_answers_is_refused_and_the_battle_keeps_its_vote(bench):
    battle_id = fought(bench)
    with pytest.raises(InvalidInput, match="vote"):
        bench.follow_up(battle_id, "And then?", ANN)
    assert bench.vote(battle_id, Winner.MODEL_B, ANN).vote.winner is Winner.MODEL_B


def test_an_unknown_criterion_is_refused_with_the_known_ones(bench):
    with pytest.raises(InvalidInput, match="overall"):
        bench.vote(fought(bench), Winner.MODEL_A, ANN, criterion="beauty")


def test_surprise_prefers_prompts_the_voter_has_not_met(bench):
    seen = {bench.battle(fought(bench)).prompt.prompt_id for _ in range(6)}
    assert len(seen) == 6


def test_a_prompt_nobody_recorded_says_what_to_do(bench):
    with pytest.raises(InvalidInput, match="add"):
        bench.start_battle(ANN, Prompt.from_text("What is new?"))


def test_a_model_is_paired_only_on_its_prompt_sets(bench):
    bench.store.prompts.add("other", [Prompt.from_text("Only for others.")])
    bench.add_model(
        ModelSpec(
            "far", ModelKind.ENDPOINT, {"base_url": "http://127.0.0.1:9/v1", "model": "m", "sets": ["other"]}
        )
    )
    pairs = {
        name
        for _ in range(12)
        for battle in [bench.battle(fought(bench))]
        for name in (battle.model_a, battle.model_b)
    }
    assert "far" not in pairs


def test_examples_come_from_each_set_in_turn(bench):
    texts = {prompt.text for prompt in bench.examples(3)}
    assert len(texts) == 3


def test_votes_become_an_export_and_its_name_is_taken_once(bench):
    for _ in range(4):
        bench.vote(fought(bench), Winner.MODEL_A, ANN)
    manifest = bench.export("first", PEOPLE)
    assert 1 <= manifest.pairs <= 4
    assert bench.export_file("first").exists()
    with pytest.raises(Conflict, match="first"):
        bench.export("first", PEOPLE)


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", " x", "nul\0"])
def test_a_name_that_cannot_be_a_folder_is_refused(bench, name):
    bench.vote(fought(bench), Winner.MODEL_A, ANN)
    with pytest.raises(InvalidInput):
        bench.export(name, PEOPLE)


def test_only_a_local_model_can_be_trained(bench):
    with pytest.raises(InvalidInput, match="recorded"):
        bench.train("run", "dpo", "owl", "none")


def test_a_key_is_never_stored(bench):
    options = {"base_url": "http://127.0.0.1:9/v1", "model": "m", "api_key": "sk-secret"}
    with pytest.raises(InvalidInput, match="environment variable") as caught:
        bench.add_model(ModelSpec("leaky", ModelKind.ENDPOINT, options))
    assert "sk-secret" not in str(caught.value)


def test_a_removed_model_keeps_its_votes_but_fights_no_more(bench):
    bench.vote(fought(bench), Winner.MODEL_A, ANN)
    before = bench.leaderboard(PEOPLE).votes
    bench.remove_model("wren")
    for _ in range(4):
        battle = bench.battle(fought(bench))
        assert "wren" not in (battle.model_a, battle.model_b)
    assert bench.leaderboard(PEOPLE).votes == before


def test_a_model_without_parent_has_no_standing(bench):
    with pytest.raises(InvalidInput, match="no parent"):
        bench.promote("owl")
    with pytest.raises(NotFound):
        bench.promote("nobody")
