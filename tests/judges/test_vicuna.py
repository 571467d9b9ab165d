"""Vicuna bench: GPT-4's reviews, read from their text, give the published totals.

The twelve reviews of mathematics give their scores after the working. In two of them (question 70, bard and llama-13b)
the text gives vicuna-13b a 4 where the published score is 2; the text says 4, and so do we. One review gives a 0,
off the scale that was asked for; the published totals count it, so the scale of these templates begins there.
"""

import json
from pathlib import Path

import pytest

from arena.models.complete import Completion
from judges.reading import read_pairwise
from judges.rendering import render_pairwise
from tests.judges.asked import battle, template

DATA = (
    Path(__file__).parents[3]
    / "shared"
    / "data"
    / "vicuna_bench"
    / "review"
    / "vicuna-13b_20230322-clean-lang"
)
TOTALS = {
    "alpaca-13b": (583.0, 704.0),
    "bard": (664.0, 655.5),
    "gpt35": (693.0, 638.0),
    "llama-13b": (513.0, 694.0),
}
EDITED = {("bard", 70): (4.0, 2.0), ("llama-13b", 70): (4.0, 2.0)}
"""Review to (score of vicuna-13b in the text, published score)."""

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the data folder ../shared/data is not here")


def reviews(model: str) -> list[dict]:
    lines = (DATA / f"review_{model}_vicuna-13b.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def scores(review: dict) -> list[float]:
    name = "vicuna-mathematics" if review["reviewer_id"] == "gpt-4-0328-math" else "vicuna-scores"
    question = render_pairwise(template(name), battle(("a", "b")))
    return read_pairwise(question, Completion(review["text"], "stop"))["scores"]


@pytest.mark.parametrize("model", TOTALS)
def test_the_reviews_give_the_published_totals(model):
    read = {review["question_id"]: scores(review) for review in reviews(model)}
    published = {review["question_id"]: review["score"] for review in reviews(model)}
    assert len(read) == 80
    different = {(model, number) for number in read if read[number] != published[number]}
    assert different == {key for key in EDITED if key[0] == model}
    edits = sum(theirs - ours for (name, _), (ours, theirs) in EDITED.items() if name == model)
    assert sum(first for first, _ in read.values()) == TOTALS[model][0]
    assert sum(second for _, second in read.values()) + edits == TOTALS[model][1]
