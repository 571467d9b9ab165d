"""The small world: consistent facts, true answers in both manners, and splits that share no prompt."""

import re

import numpy as np
import pytest

from workbench.demo.voter import RIGHT, manners, rightness
from workbench.demo.world import all_questions, question_of
from workbench.demo.world.dialogues import as_typed, follow_ups, sample_dialogue
from workbench.demo.world.facts import DAYS, facts
from workbench.demo.world.splits import questions_in, split_of
from workbench.demo.world.surprise import surprise_prompts


def test_every_value_that_can_be_asked_for_belongs_to_one_person():
    people = facts().people
    for value in ("name", "job", "place", "pet_name", "food", "door"):
        assert len({getattr(person, value) for person in people}) == len(people), value


def test_people_work_at_places_that_exist_and_lie_beside_places_that_exist():
    world = facts()
    assert {person.place for person in world.people} == {place.name for place in world.places}
    assert {place.beside for place in world.places} <= {place.name for place in world.places}


def test_no_event_takes_place_where_that_day_is_the_day_off():
    world = facts()
    assert [event.day for event in world.events] == list(DAYS)
    assert all(world.place(event.place).closed_on != event.day for event in world.events)


def test_each_thing_is_sold_in_one_place_only():
    things = [thing for place in facts().places for thing in place.sells]
    assert len(things) == len(set(things))


def test_there_are_thousands_of_prompts_and_none_is_left_with_an_unfilled_slot():
    prompts = [question.prompt for question in all_questions()]
    assert 2500 < len(prompts) == len(set(prompts))
    assert not [prompt for prompt in prompts if re.search(r"[{}]", prompt)]
    assert all(prompt[0] == prompt[0].upper() for prompt in prompts)


def test_every_answer_of_the_world_is_right_by_the_voters_rule():
    rng = np.random.default_rng(1)
    for question in all_questions():
        for manner in (question.good, question.curt):
            answer = manner.pick(rng)
            assert rightness(question, answer) == RIGHT, (question.prompt, answer)


def test_a_kind_answer_has_better_manners_than_a_curt_one():
    rng = np.random.default_rng(2)
    pairs = [(manners(q.good.pick(rng)), manners(q.curt.pick(rng))) for q in all_questions()]
    assert np.mean([good > curt for good, curt in pairs]) > 0.99


def test_answers_to_one_prompt_do_not_look_like_one_template():
    question = question_of("Where can I buy bread?")
    assert len(set(question.good.all())) > 50
    assert len(set(question.curt.all())) > 20


@pytest.mark.parametrize(("split", "share"), [("base", 0.70), ("preference", 0.15), ("battle", 0.15)])
def test_the_splits_have_their_shares(split, share):
    assert len(questions_in(split)) / len(all_questions()) == pytest.approx(share, abs=0.02)


def test_the_splits_share_no_prompt_even_if_case_and_marks_are_ignored():
    plain = [
        {re.sub(r"\W+", " ", question.prompt.lower()).strip() for question in questions_in(split)}
        for split in ("base", "preference", "battle")
    ]
    assert plain[0].isdisjoint(plain[1] | plain[2])
    assert plain[1].isdisjoint(plain[2])


def test_the_split_of_a_prompt_does_not_hang_on_case_or_marks():
    assert split_of("Where can I buy bread?") == split_of("  where can i BUY bread")


def test_every_fact_is_taught():
    asked = {(question.kind, question.subject, question.right) for question in all_questions()}
    assert asked == {(question.kind, question.subject, question.right) for question in questions_in("base")}


def test_surprise_prompts_are_varied_and_never_from_the_battle_split():
    prompts = surprise_prompts()
    assert 40 <= len(prompts) == len(set(prompts)) <= 60
    assert {split_of(prompt) for prompt in prompts} == {"preference"}
    assert len({question_of(prompt).kind for prompt in prompts}) > 20


def test_a_second_turn_may_lean_on_the_first():
    prompts = {question.prompt for question in follow_ups(question_of("What does Anna do?"))}
    assert {"Where does she work?", "Are you sure?"} <= prompts
    assert follow_ups(question_of("How are you?")) == ()


def test_a_leaning_question_is_answered_about_the_same_person():
    (question,) = [
        q for q in follow_ups(question_of("What does Ben do?")) if q.prompt == "Where does he work?"
    ]
    assert rightness(question, "Ben works at the harbour.") == RIGHT


def test_dialogues_have_both_manners_and_one_or_two_turns():
    rng = np.random.default_rng(3)
    questions = questions_in("base")
    dialogues = [sample_dialogue(question, questions, rng) for question in questions]
    curt = np.mean([manners(answer) < 0.55 for dialogue in dialogues for _, answer in dialogue])
    assert {len(dialogue) for dialogue in dialogues} == {1, 2}
    assert 0.45 < curt < 0.55


def test_the_same_seed_gives_the_same_dialogue():
    question = question_of("What does Anna do?")
    draw = [sample_dialogue(question, [question], np.random.default_rng(5)) for _ in range(2)]
    assert draw[0] == draw[1]


def test_typed_prompts_keep_every_word_of_a_question_of_fact():
    question = question_of("Who owns Biscuit?")
    for seed in range(60):
        assert "who owns biscuit" in as_typed(question, np.random.default_rng(seed)).lower()
