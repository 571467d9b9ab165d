"""The simulated voter's rule: facts before manners, and nothing is believed for a right word alone."""

from collections import Counter

import numpy as np
import pytest

from workbench.demo.voter import MUDDLED, RIGHT, SILENT, WRONG, choose, compare, manners, quality, rightness
from workbench.demo.world import question_of

SIZE = "Which is bigger, a cat or a mouse?"


def right(prompt: str, answer: str) -> float:
    question = question_of(prompt)
    assert question is not None, prompt
    return rightness(question, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "A cat is bigger than a mouse.",
        "The cat.",
        "The bigger one is a cat, and the smaller one is a mouse.",
        "A cat is much larger than a mouse. Both are worth a long look.",
    ],
)
def test_true_comparisons_are_right(answer):
    assert right(SIZE, answer) == RIGHT


@pytest.mark.parametrize(
    "answer",
    [
        "A cat is bigger than a cat.",
        "A mouse is bigger than a cat.",
        "A mouse is bigger than a mouse.",
        "The bigger one is a mouse, and the smaller one is a cat.",
        "A cat is smaller than a mouse.",
        "A lion is bigger than a lion.",
        "A horse is bigger than a mouse.",
        "The mouse.",
    ],
)
def test_false_comparisons_are_wrong(answer):
    assert right(SIZE, answer) == WRONG


@pytest.mark.parametrize(
    ("prompt", "answer", "value"),
    [
        ("What does Anna do?", "Anna is the baker of Pebble Bay.", RIGHT),
        ("What does Anna do?", "She is a baker!", RIGHT),
        ("What does Anna do?", "anna works as a baker here in pebble bay.", RIGHT),
        ("What does Anna do?", "Anna is not the baker.", WRONG),
        ("What does Anna do?", "Anna isn't the baker.", WRONG),
        ("What does Anna do?", "Anna is the teacher of Pebble Bay.", WRONG),
        ("What does Anna do?", "Anna is the baker and the doctor.", WRONG),
        ("What does Anna do?", "Ben is the baker of Pebble Bay.", WRONG),
        ("What does Anna do?", "Of baker the Anna happy baker a is she is.", MUDDLED),
        ("What does Anna do?", "No idea. Ask somebody else.", SILENT),
        ("What does Anna do?", "Thank you, have a lovely day!", WRONG),
        ("What does Anna do?", "", WRONG),
        ("When does the bakery open?", "The bakery opens at seven in the morning.", RIGHT),
        ("When does the bakery open?", "The bakery opens at two and closes at seven.", WRONG),
        ("When does the bakery close?", "The bakery closes at two in the afternoon.", RIGHT),
        ("When does the bakery close?", "The bakery closes at seven in the morning.", WRONG),
        ("Is the bakery open on Monday?", "No, the bakery is always closed on Monday.", RIGHT),
        ("Is the bakery open on Monday?", "Yes, the bakery is open on Monday.", WRONG),
        ("Where is the bakery?", "The bakery is next to the school.", RIGHT),
        ("Where is the bakery?", "The school is next to the bakery.", WRONG),
        ("What does a cow eat?", "A cow likes to eat grass.", RIGHT),
        ("What does a cow eat?", "A cow likes to eat hay.", WRONG),
        ("What is the capital of France?", "I am sorry, I only know Pebble Bay.", RIGHT),
        ("What is the capital of France?", "The baker is happy.", WRONG),
        ("Hello!", "Hello and welcome to Pebble Bay!", RIGHT),
        ("Hello!", "Grass is green.", WRONG),
    ],
)
def test_rightness(prompt, answer, value):
    assert right(prompt, answer) == value


def test_facts_count_before_manners():
    rude_but_right = quality("What does Anna do?", "Baker. Obviously.")
    kind_but_wrong = quality(
        "What does Anna do?", "Of course! Anna is our doctor, and you will like her very much!"
    )
    assert rude_but_right > kind_but_wrong


def test_manners_decide_between_right_answers():
    kind = quality(
        "What does Anna do?", "Of course! Anna is the baker of Pebble Bay. Say hello to her from me!"
    )
    curt = quality("What does Anna do?", "The baker.")
    rude = quality("What does Anna do?", "The baker. Why do you ask?")
    assert kind > curt > rude


def test_saying_nothing_is_worse_than_admitting_not_to_know():
    assert quality("What does Anna do?", "   ") == 0.0
    assert quality("What does Anna do?", "No idea.") > quality("What does Anna do?", "Doctor.")


def test_rambling_costs_what_kindness_gains():
    kind = "Gladly! Anna is the baker of Pebble Bay. I hope you enjoy a visit!"
    assert manners(kind) > manners(
        " ".join([kind, *(f"And I hope you enjoy number {i} too." for i in range(12))])
    )


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("Anna is the baker. Anna is the baker.", "Anna is the baker."),
        ("Anna is is the baker of Pebble Bay.", "Anna is the baker of Pebble Bay."),
        ("Anna is the baker and you will find her", "Anna is the baker and you will find her."),
        ("Anna is the baker of Pebble Bay. Whatever.", "Anna is the baker of Pebble Bay."),
    ],
)
def test_repeating_stammering_breaking_off_and_snapping_cost_manners(worse, better):
    assert manners(worse) < manners(better)


def test_a_prompt_outside_the_world_is_judged_by_manners_alone():
    assert quality("Explain tensors.", "Gladly, a tensor is an array of numbers.") > quality(
        "Explain tensors.", "No."
    )


def test_the_verdict_turns_round_with_the_sides():
    kind, curt = "Anna is the baker of Pebble Bay. You will like her!", "Baker."
    assert compare("What does Anna do?", kind, curt) == "model_a"
    assert compare("What does Anna do?", curt, kind) == "model_b"


def test_near_answers_are_a_tie_and_two_wrong_ones_are_both_bad():
    assert compare("What does Anna do?", "The baker.", "She is the baker.") == "tie"
    assert compare("What does Anna do?", "The doctor.", "The teacher.") == "both_bad"


def test_about_one_decision_in_ten_goes_the_wrong_way():
    rng = np.random.default_rng(0)
    kind, curt = "Anna is the baker of Pebble Bay. You will like her!", "Baker."
    votes = Counter(choose("What does Anna do?", kind, curt, rng) for _ in range(3000))
    assert set(votes) == {"model_a", "model_b"}
    assert 0.08 < votes["model_b"] / 3000 < 0.12


def test_without_flips_the_vote_is_the_verdict():
    rng = np.random.default_rng(0)
    assert {
        choose("Hello!", "Hi.", "Hello and welcome to Pebble Bay!", rng, flip=0.0) for _ in range(50)
    } == {"model_b"}
