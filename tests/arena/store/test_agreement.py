from uuid import uuid4

import numpy as np
import pytest

from arena.formats import import_file
from arena.judgments import Failure, Verdict
from arena.types import Answer, Battle, Prompt, Turn, Vote, VoteFilter, Voter, VoterKind, Winner
from tests.arena.store.conftest import add_models, make_battle

A, B, TIE, BAD = Winner.MODEL_A, Winner.MODEL_B, Winner.TIE, Winner.BOTH_BAD
GPT = Voter(VoterKind.JUDGE, "gpt")


def person(name):
    return Voter(VoterKind.HUMAN, name)


def fought(store, prompt="What is a lighthouse?", model_a="ada", model_b="bob"):
    battle = make_battle(prompt, model_a, model_b)
    store.battles.add(battle)
    return battle.battle_id


def votes(store, battle_id, voter, winner, criterion="overall"):
    store.votes.cast(Vote(battle_id, winner, voter, criterion))


@pytest.fixture
def arena(store):
    add_models(store, "ada", "bob", "cyd")
    return store


def test_a_row_holds_the_judges_vote_and_how_people_voted(arena):
    one, two, three = fought(arena), fought(arena, model_a="cyd"), fought(arena)
    for battle_id, winner in ((one, B), (two, BAD), (three, A)):
        votes(arena, battle_id, GPT, winner)
    for name, winner in (("ann", A), ("bea", B), ("cat", TIE), ("dan", BAD)):
        votes(arena, one, person(name), winner)
    votes(arena, two, person("ann"), B)
    rows = arena.agreement.battles(GPT, "overall")
    assert rows.judge.tolist() == [1, 2, 0]
    assert rows.people.tolist() == [[1, 1, 2], [0, 1, 0], [0, 0, 0]]
    assert [rows.names[i] for i in rows.model_a] == ["ada", "cyd", "ada"]
    assert [rows.names[i] for i in rows.model_b] == ["bob", "bob", "bob"]
    assert rows.backward.tolist() == [-1, -1, -1]


def test_only_standing_votes_of_people_on_that_criterion_count(arena):
    battle_id = fought(arena)
    votes(arena, battle_id, GPT, A)
    votes(arena, battle_id, person("ann"), A)
    arena.votes.undo(battle_id, person("ann"))
    votes(arena, battle_id, person("bea"), A, "safe")
    votes(arena, battle_id, Voter(VoterKind.JUDGE, "other"), A)
    votes(arena, battle_id, Voter(VoterKind.SIMULATED, "bot"), A)
    assert arena.agreement.battles(GPT, "overall").people.tolist() == [[0, 0, 0]]
    assert len(arena.agreement.battles(GPT, "safe").judge) == 0


def test_a_judge_and_a_simulated_voter_of_one_name_are_two(arena):
    battle_id = fought(arena)
    votes(arena, battle_id, Voter(VoterKind.SIMULATED, "gpt"), B)
    arena.verdicts.add([Verdict(battle_id, "gpt", "f", A, forward=A, backward=A)])
    simulated = arena.agreement.battles(Voter(VoterKind.SIMULATED, "gpt"), "overall")
    assert (simulated.judge.tolist(), simulated.forward.tolist()) == ([1], [-1])
    assert len(arena.agreement.battles(GPT, "overall").judge) == 0


def test_lengths_are_characters_over_all_turns(arena):
    turns = (
        Turn(None, Answer("ada", "灯台です"), Answer("bob", "A tower.")),
        Turn("More?", Answer("ada", "Yes."), Answer("bob", "")),
    )
    battle = Battle(uuid4(), Prompt.from_text("?"), "ada", "bob", turns)
    arena.battles.add(battle)
    votes(arena, battle.battle_id, GPT, A)
    rows = arena.agreement.battles(GPT, "overall")
    assert (rows.length_a.tolist(), rows.length_b.tolist()) == ([8], [8])


def test_an_imported_vote_without_texts_has_no_lengths_and_no_category(store, tmp_path):
    file = tmp_path / "votes.csv"
    file.write_text("model_a,model_b,winner,judge\nx,y,model_a,gpt\n", encoding="utf-8")
    import_file(store, file, "votes", voter_kind=VoterKind.JUDGE)
    rows = store.agreement.battles(GPT, "overall")
    assert rows.names == ("x", "y")
    assert (rows.length_a.tolist(), rows.category.tolist(), rows.language.tolist()) == ([-1], [""], [""])


def test_category_and_language_come_from_the_prompt(arena):
    battle_id = fought(arena, Prompt.from_text("Où ?", category="trivia", language="fr"))
    votes(arena, battle_id, GPT, A)
    rows = arena.agreement.battles(GPT, "overall")
    assert (rows.category.tolist(), rows.language.tolist()) == (["trivia"], ["fr"])


def test_the_orders_are_those_of_the_latest_verdict_that_has_an_outcome(arena):
    battle_id = fought(arena)
    votes(arena, battle_id, GPT, A)
    arena.verdicts.add([Verdict(battle_id, "gpt", "old", B, forward=B, backward=B)])
    arena.verdicts.add([Verdict(battle_id, "gpt", "new", TIE, inconsistent=True, forward=A, backward=BAD)])
    arena.verdicts.add([Verdict(battle_id, "gpt", "newer", None, failure=Failure.REFUSED)])
    rows = arena.agreement.battles(GPT, "overall")
    assert (rows.forward.tolist(), rows.backward.tolist()) == ([0], [2])
    assert arena.agreement.versions("gpt", "overall") == 1


def test_failures_count_battles_whose_latest_verdict_failed(arena):
    one, two, three = fought(arena), fought(arena), fought(arena)
    arena.verdicts.add(
        [
            Verdict(one, "gpt", "f", None, failure=Failure.REFUSED),
            Verdict(two, "gpt", "f", None, failure=Failure.TRUNCATED),
            Verdict(three, "gpt", "f", None, failure=Failure.REFUSED),
        ]
    )
    arena.verdicts.add([Verdict(three, "gpt", "g", A)])
    assert arena.agreement.failures("gpt", "overall") == {Failure.REFUSED: 1, Failure.TRUNCATED: 1}
    assert arena.agreement.failures("gpt", "safe") == {}


def test_judges_are_all_voters_but_people_with_the_number_of_their_votes(arena):
    one, two = fought(arena), fought(arena)
    votes(arena, one, GPT, A)
    votes(arena, two, GPT, A)
    votes(arena, one, GPT, B, "safe")
    votes(arena, one, Voter(VoterKind.SIMULATED, "bot"), A)
    votes(arena, one, person("ann"), A)
    found = [(v.judge.name, v.criterion, v.votes) for v in arena.agreement.judges()]
    assert found == [("gpt", "overall", 2), ("gpt", "safe", 1), ("bot", "overall", 1)]


def test_the_state_changes_with_every_vote_and_verdict(arena):
    battle_id = fought(arena)
    states = [arena.agreement.state()]
    votes(arena, battle_id, GPT, A)
    states.append(arena.agreement.state())
    arena.votes.undo(battle_id, GPT)
    states.append(arena.agreement.state())
    arena.verdicts.add([Verdict(battle_id, "gpt", "f", A)])
    states.append(arena.agreement.state())
    assert len(set(states)) == 4


def test_votes_of_voters_that_are_left_out_count_nowhere(arena):
    battle_id = fought(arena)
    votes(arena, battle_id, GPT, A)
    votes(arena, battle_id, person("gpt"), B)
    votes(arena, battle_id, person("ann"), B)
    chosen = VoteFilter(without_voters=(GPT,))
    assert arena.votes.count(chosen) == 2
    assert arena.votes.pair_counts(chosen)[0].wins_a == 0
    assert np.asarray(arena.votes.outcomes(chosen).winner).tolist() == [1, 1]
    assert next(iter(arena.preferences.judged_pairs(chosen))).votes == 2
    both = VoteFilter(without_voters=(GPT, person("ann")))
    assert arena.votes.count(both) == 1


@pytest.mark.parametrize("seed", range(3))
def test_rows_are_what_counting_vote_by_vote_gives(arena, seed):
    rng = np.random.default_rng(seed)
    battles = [fought(arena, model_a="cyd" if rng.random() < 0.5 else "ada") for _ in range(12)]
    voters = [GPT, Voter(VoterKind.JUDGE, "other"), Voter(VoterKind.SIMULATED, "gpt"), *map(person, "xyz")]
    standing = {}
    for _ in range(90):
        battle_id, voter = battles[int(rng.integers(12))], voters[int(rng.integers(6))]
        if (battle_id, voter) in standing:
            del standing[battle_id, voter]
            arena.votes.undo(battle_id, voter)
        else:
            standing[battle_id, voter] = winner = list(Winner)[int(rng.integers(4))]
            votes(arena, battle_id, voter, winner)
    code = {A: 0, B: 1, TIE: 2, BAD: 2}
    expected = []
    for battle_id in battles:
        if (battle_id, GPT) in standing:
            people = [0, 0, 0]
            for name in "xyz":
                if winner := standing.get((battle_id, person(name))):
                    people[code[winner]] += 1
            expected.append((code[standing[battle_id, GPT]], *people))
    rows = arena.agreement.battles(GPT, "overall")
    assert sorted(zip(rows.judge.tolist(), *rows.people.T.tolist(), strict=True)) == sorted(expected)


def test_two_judges_meet_on_the_battles_both_voted_on(arena):
    rules = Voter(VoterKind.SIMULATED, "rules")
    one, two, three = fought(arena), fought(arena), fought(arena)
    for battle_id, by_gpt, by_rules in ((one, A, A), (two, BAD, B), (three, TIE, B)):
        votes(arena, battle_id, GPT, by_gpt)
        votes(arena, battle_id, rules, by_rules)
    alone = fought(arena)
    votes(arena, alone, GPT, A)
    votes(arena, alone, person("ann"), A)
    votes(arena, one, rules, B, "safe")
    (joint,) = arena.agreement.joint("overall")
    assert (joint.first, joint.second) == (GPT, rules)
    assert joint.counts == ((1, 0, 0), (0, 0, 0), (0, 2, 0))
    assert arena.agreement.joint("safe") == []


def test_battles_set_aside_bring_no_judges_together(arena):
    battle_id = fought(arena)
    for name in ("gpt", "claude"):
        votes(arena, battle_id, Voter(VoterKind.JUDGE, name), A)
    assert len(arena.agreement.joint("overall")) == 1
    arena.set_aside.add(battle_id, "named")
    assert arena.agreement.joint("overall") == []
