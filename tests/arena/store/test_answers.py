import pytest

from arena.errors import NotFound
from arena.types import Answer, Prompt
from tests.arena.store.conftest import add_models

WHY = Prompt.from_text("Why?")
HOW = Prompt.from_text("How?")


def test_a_recorded_answer_comes_back_with_all_that_is_known(store):
    add_models(store, "ada")
    answer = Answer("ada", "Because\n日本", "length", 7, 0.25, {"temperature": 0.1, "seed": None})
    store.answers.add(WHY, [answer], recorded=True)
    assert store.answers.recorded("ada", WHY.prompt_id) == answer
    assert store.prompts.get(WHY.prompt_id) == WHY


def test_the_newest_recorded_answer_is_the_one_given(store):
    add_models(store, "ada")
    for text in ("first", "second"):
        store.answers.add(WHY, [Answer("ada", text, "stop")], recorded=True)
    assert store.answers.recorded("ada", WHY.prompt_id).text == "second"


def test_failed_and_unrecorded_answers_are_not_given(store):
    add_models(store, "ada")
    store.answers.add(WHY, [Answer("ada", "", error="dead")], recorded=True)
    store.answers.add(HOW, [Answer("ada", "So.", "stop")], recorded=False)
    assert store.answers.recorded("ada", WHY.prompt_id) is None
    assert store.answers.recorded("ada", HOW.prompt_id) is None
    assert store.answers.prompts_answered_by("ada") == set()


def test_who_answered_what_is_known_by_model_and_by_set(store):
    add_models(store, "ada", "bob", "cid")
    store.prompts.add("set", [WHY, HOW])
    store.answers.add_many(
        [
            (WHY, [Answer("bob", "x", "stop"), Answer("ada", "y", "stop")]),
            (HOW.prompt_id, [Answer("cid", "z", "stop")]),
        ],
        recorded=True,
    )
    assert store.answers.prompts_answered_by("ada") == {WHY.prompt_id}
    assert store.answers.recorded_for_set("set") == {WHY.prompt_id: ["ada", "bob"], HOW.prompt_id: ["cid"]}
    store.models.remove("bob")
    assert store.answers.recorded_for_set("set")[WHY.prompt_id] == ["ada"]


def test_unknown_models_and_prompts_are_refused_and_nothing_is_stored(store):
    add_models(store, "ada")
    with pytest.raises(NotFound, match="no model called 'eve'"):
        store.answers.add(WHY, [Answer("ada", "x"), Answer("eve", "y")], recorded=True)
    with pytest.raises(NotFound, match="store the prompt before its answers"):
        store.answers.add("no-such-id", [Answer("ada", "x")], recorded=True)
    assert store.answers.prompts_answered_by("ada") == set()
    with pytest.raises(NotFound):
        store.prompts.get(WHY.prompt_id)
