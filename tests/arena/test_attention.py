"""Attention pairs: right answers beside answers to something else."""

import json
from uuid import uuid4

import numpy as np
import pytest

from arena.attention import AttentionPair, mismatched, read_pairs, written
from arena.errors import ImportRejected, InvalidInput
from arena.types import Answer, Battle, Prompt, Turn, Winner


def battle(topic: str, *, words: int = 8) -> Battle:
    prompt = Prompt.from_text(f"Tell me about the history of {topic} please.")
    texts = (
        f"The history of {topic} is long " + "and rich " * words,
        f"On {topic} there is " + "much " * words,
    )
    answers = [Answer(name, text, "stop") for name, text in zip(("owl", "crow"), texts, strict=True)]
    return Battle(uuid4(), prompt, "owl", "crow", (Turn(None, *answers),))


TOPICS = ("lighthouses", "printing", "chess", "sourdough", "velvet", "compasses")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_the_expected_side_answers_its_prompt_and_the_other_another_one(rng):
    battles = [battle(topic) for topic in TOPICS]
    made = mismatched(battles, 4, rng)
    assert len(made) == 4
    said = {(b.prompt.prompt_id, a.text) for b in battles for a in (b.turns[0].answer_a, b.turns[0].answer_b)}
    for check in made:
        turn, prompt_id = check.battle.turns[0], check.battle.prompt.prompt_id
        right, wrong = turn.answer_a, turn.answer_b
        if check.expected is Winner.MODEL_B:
            right, wrong = wrong, right
        assert (prompt_id, right.text) in said
        assert (prompt_id, wrong.text) not in said
        assert any(wrong.text == text for _, text in said)
        assert check.battle.votable and check.battle.started_by is None


def test_each_pair_has_a_prompt_of_its_own_and_answers_of_its_own(rng):
    made = mismatched([battle(topic) for topic in TOPICS], 6, rng)
    assert len({check.battle.prompt.prompt_id for check in made}) == len(made)
    ids = [a.answer_id for c in made for a in (c.battle.turns[0].answer_a, c.battle.turns[0].answer_b)]
    assert len(set(ids)) == len(ids)


def test_sides_are_shuffled(rng):
    battles = [battle(topic) for topic in TOPICS]
    sides = {check.expected for _ in range(8) for check in mismatched(battles, 3, rng)}
    assert sides == {Winner.MODEL_A, Winner.MODEL_B}


def test_the_right_answer_may_stand_under_either_model(rng):
    battles = [battle(topic) for topic in TOPICS]
    names = set()
    for check in mismatched(battles, 6, rng):
        turn = check.battle.turns[0]
        assert (turn.answer_a.model, turn.answer_b.model) == (check.battle.model_a, check.battle.model_b)
        names.add(check.battle.model_a)
    assert names == {"owl", "crow"}


@pytest.mark.parametrize("battles", [[], [battle("chess")], [battle("chess"), battle("chess")]])
def test_too_few_prompts_make_no_pair(battles, rng):
    assert mismatched(battles, 3, rng) == []


def test_answers_too_short_to_tell_are_left_alone(rng):
    prompts = [Prompt.from_text(f"Is {n} even?") for n in range(6)]
    short = [
        Battle(uuid4(), p, "owl", "crow", (Turn(None, Answer("owl", "Yes."), Answer("crow", "No.")),))
        for p in prompts
    ]
    assert mismatched(short, 2, rng) == []


def test_pairs_of_a_file_are_shown_as_answers_of_two_models(rng):
    pairs = [AttentionPair(f"What is {n} + {n}?", f"It is {2 * n}.", "Paris.") for n in range(12)]
    made = written(pairs, ("owl", "crow", "wren"), rng)
    assert len(made) == 12
    for pair, check in zip(pairs, made, strict=True):
        turn = check.battle.turns[0]
        right = turn.answer_a if check.expected is Winner.MODEL_A else turn.answer_b
        assert right.text == pair.better
        assert check.battle.model_a != check.battle.model_b
    assert {check.expected for check in made} == {Winner.MODEL_A, Winner.MODEL_B}


def test_one_model_is_not_enough_for_pairs_of_a_file(rng):
    with pytest.raises(InvalidInput, match="two models"):
        written([AttentionPair("p", "b", "w")], ("owl",), rng)


def test_a_file_gives_its_pairs(tmp_path):
    path = tmp_path / "pairs.jsonl"
    rows = [{"prompt": "Name a colour.", "better": "Blue.", "worse": "Seven.", "note": "kept out"}]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    assert read_pairs(path) == [AttentionPair("Name a colour.", "Blue.", "Seven.")]


def test_every_line_that_cannot_be_used_is_named(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text(
        '{"prompt": "p", "better": "b", "worse": "w"}\nnot json\n{"prompt": "p", "better": "b"}\n[1]\n'
        '{"prompt": "p", "better": "b", "worse": " b "}\n'
    )
    with pytest.raises(ImportRejected) as caught:
        read_pairs(path)
    assert [line for line, _ in caught.value.rejects] == [2, 3, 4, 5]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_is_refused(tmp_path, content):
    path = tmp_path / "pairs.jsonl"
    path.write_text(content)
    with pytest.raises(InvalidInput, match="no attention pair"):
        read_pairs(path)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_pairs(tmp_path / "nowhere.jsonl")
